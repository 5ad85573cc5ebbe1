/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses to listen on: "127.0.0.1:8080", "[::]:8080". Port 0: the kernel chooses. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

#include "base/ctx.h"

enum { ADDRESS_TEXT = 320 }; /* room for a written address, with terminator */

/* Is it written like an address? Asks no name server. IOTS_USAGE with the reason. */
bool address_check(ix_ctx *cx, const char *text);

/* A listening socket that does not block, the caller's to close; `actual` gets the address with its
 * real port. -1 on failure, with the address in the sentence. */
int address_listen(ix_ctx *cx, const char *text, char actual[ADDRESS_TEXT]);

#endif
