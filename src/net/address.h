/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses: to listen on, "127.0.0.1:8080", "[::]:8080" (port 0: the kernel chooses), and of those
 * who connect. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/ctx.h"

enum { ADDRESS_TEXT = 320 }; /* room for a written address, with terminator */

/* Is it written like an address? Asks no name server. IOTS_USAGE with the reason. */
bool address_check(ix_ctx *cx, const char *text);

/* A listening socket that does not block, the caller's to close; `actual` gets the address with its
 * real port. -1 on failure, with the address in the sentence. */
int address_listen(ix_ctx *cx, const char *text, char actual[ADDRESS_TEXT]);

/* Writes an address of IPv4 or IPv6 as above, with its port. False if it is of another kind. */
bool address_write(const struct sockaddr *address, char text[ADDRESS_TEXT]);

/* Is it one of this machine's own, by which nobody else can come? */
bool address_is_loopback(const struct sockaddr *address);

#endif
