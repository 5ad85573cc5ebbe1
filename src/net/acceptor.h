/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acceptor: one thread that listens on all addresses and hands each new connection over.
 *
 * There are at most so many connections. When there are, the one that has been idle for longest makes
 * room for the next (acceptor_settings.make_room); if none is idle, who connects waits in the kernel's
 * queue.
 */
#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/ctx.h"

typedef struct net_acceptor net_acceptor;

typedef struct acceptor_settings {
    const char *const *listen; /* addresses (address.h) */
    size_t listen_count;
    unsigned connections_max; /* open at one time */
    /* Takes the connection over, which does not block. False: it is closed already. On the acceptor's
     * thread. */
    bool (*on_accept)(void *arg, int fd, const struct sockaddr *from, socklen_t from_len);
    /* Has an idle connection closed, soon. False: there is none. On the acceptor's thread. */
    bool (*make_room)(void *arg);
    void *arg;
} acceptor_settings;

/* Listens, but accepts nothing before acceptor_open. The settings' strings are borrowed until then. */
net_acceptor *acceptor_start(ix_ctx *cx, const acceptor_settings *settings);
void acceptor_open(net_acceptor *acceptor);

/* "127.0.0.1:8080", with the real port; NULL from listen_count on. */
const char *acceptor_address(const net_acceptor *acceptor, size_t index);

/* Connections that were accepted and are not closed. Any thread. */
unsigned acceptor_count(net_acceptor *acceptor);

/* One of them is closed. Any thread. */
void acceptor_note_closed(net_acceptor *acceptor);

/* Accepts nothing more, except those who wait already. */
void acceptor_close(net_acceptor *acceptor);

/* After acceptor_close: waits until those who waited are accepted and every connection is closed. False:
 * it was `until_us` (ix_monotonic_us) first. Any thread. */
bool acceptor_wait(net_acceptor *acceptor, int64_t until_us);

/* Ends the thread: on_accept is not called any more. NULL is fine. */
void acceptor_stop(net_acceptor *acceptor);

/* Stopped first, and every connection closed. NULL is fine. */
void acceptor_free(net_acceptor *acceptor);

#endif
