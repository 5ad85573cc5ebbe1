/* SPDX-License-Identifier: Apache-2.0 */
/* The usual transport. */
#ifndef CLIENT_TRANSPORT_H
#define CLIENT_TRANSPORT_H

#include <stdbool.h>

#include "base/ctx.h"
#include "iots/iots.h"

/* Over libcurl, with connections that are kept alive and shared by threads. `done` closes them. */
bool transport_curl(ix_ctx *cx, iots_transport *ret);

/* Is it that one? */
bool transport_is_curl(const iots_transport *transport);

#endif
