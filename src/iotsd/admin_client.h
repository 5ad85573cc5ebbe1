/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command that was given: handed to the server that runs on the store, by its socket, or carried out here
 * if none runs. It prints the same either way.
 */
#ifndef ADMIN_CLIENT_H
#define ADMIN_CLIENT_H

#include "iotsd/commands.h"

/* False: the sentence is in cx. */
bool admin_client_run(ix_ctx *cx, const admin_command *command);

#endif
