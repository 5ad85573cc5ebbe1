/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often a client may ask: so many requests a second, and after a pause some more at once.
 *
 * Each client has a bucket, of which only the moment is kept at which it is full again. A bucket
 * that is full is as good as none. The memory is fixed: clients share it by chance, unknown to
 * them, and where there is no room the one whose bucket will be full first, so that it loses least,
 * is forgotten. Every function may be called from any thread.
 */
#ifndef RATE_H
#define RATE_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/ctx.h"
#include "base/str.h"

enum {
    RATE_BURST_S = 2,      /* a full bucket holds the requests of this time */
    RATE_PLACES = 1 << 11, /* in the table ... */
    RATE_WAYS = 8,         /* ... and how many clients each holds: 16384 in all */
    RATE_LOCKS = 64,       /* so that hardly ever anybody waits */
    RATE_PEER_MAX = 16,    /* bytes of a peer's name */
};

typedef struct rate_limiter rate_limiter;

/* From 1 to 1,000,000 requests a second for each client. */
rate_limiter *rate_new(ix_ctx *cx, int64_t per_second);
void rate_free(rate_limiter *rate); /* NULL is fine */

/* A request of this client, at a moment of the monotonic clock. 0: it may go on. Else it was one
 * too many, was not counted, and the next may come after so many whole seconds, at least 1. */
int rate_take(rate_limiter *rate, ix_str who, int64_t now_us);

/* The name, written into `name`, of a client of whom nothing is known but his address. Of IPv6 that
 * is the network (/64), because one machine has all of it; IPv4 within IPv6 is IPv4. It is no
 * client ID. `address` NULL: not known; all such share one. */
ix_str rate_peer(const struct sockaddr *address, char name[RATE_PEER_MAX]);

#endif
