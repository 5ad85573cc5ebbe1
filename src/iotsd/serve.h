/* SPDX-License-Identifier: Apache-2.0 */
/* Serving: from the settings to a running server, signals, and the end. */
#ifndef SERVE_H
#define SERVE_H

#include "iotsd/commands.h"

/* Returns when a signal asked the server to stop, and it did. */
bool serve_run(ix_ctx *cx, const admin_command *command, admin_host *host);

#endif
