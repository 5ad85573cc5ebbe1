/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops: a few threads that read and write many connections, none of which can hold up another.
 *
 * A connection belongs to one loop for all its life. Its loop reads what comes and hands it to the
 * protocol, sends what the protocol gives it, and closes it when the other side is too slow. All that
 * concerns a connection happens on its loop's thread, so a protocol needs no locks; another thread can
 * only wake it (connection_wake).
 *
 * A connection that waits for a request costs some hundred bytes: memory for what comes and goes is
 * there only while there is something in it.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "net/tls.h"

enum {
    LOOP_SLOWEST_BYTES_PER_S = 8192, /* the least that a progress timeout expects */
    LOOP_LINGER_MS = 5000,           /* how long a closed connection is still read ... */
    LOOP_LINGER_BYTES = 8 << 20, /* ... and how much of it, so that its last reply gets through */
    /* Once loops_quiesce was called: */
    LOOP_STOP_RECEIVE_MS = 1000, /* from then on: the rest of a request has to come in */
    LOOP_STOP_STALLED_MS = 2000, /* the longest that a reply may stand still */
    LOOP_STOP_LINGER_MS = 500,   /* in place of LOOP_LINGER_MS */
};

typedef struct loops loops;
typedef struct connection connection;

/* What is spoken on the connections. Everything is called on the connection's thread. */
typedef struct protocol {
    size_t state_size; /* bytes for the protocol in each connection; zero at first */
    /* Bytes have come. Returns how many are done with; the others come again with what follows them.
     * Not called while the connection is paused. */
    size_t (*take)(connection *connection, ix_str bytes);
    /* All that was given to connection_send is with the system. */
    void (*sent)(connection *connection);
    /* connection_wake was called. The other side may be gone: connection_is_broken. */
    void (*woken)(connection *connection);
    /* The other side will send no more, and what it sent is taken as far as it can be. Whoever has
     * nothing to do for it closes the connection. */
    void (*ended)(connection *connection);
    /* It is about to be closed; nobody may wake it any more. */
    void (*closed)(connection *connection);
} protocol;

typedef struct loops_settings {
    unsigned count; /* threads; at least 1 */
    const protocol *protocol;
    net_tls *tls;         /* borrowed; NULL: clear text */
    unsigned idle_s;      /* a connection that waits for a request is closed after this */
    unsigned stalled_s;   /* one on which nothing moves although something should, after this */
    unsigned progress_ms; /* and one that is too slow after this: connection_set_deadline */
    void *arg;            /* the protocol's: connection_arg */
    /* A connection was closed. On its loop's thread. */
    void (*on_closed)(void *arg);
} loops_settings;

/* Settings are copied. */
loops *loops_start(ix_ctx *cx, const loops_settings *settings);

/* Takes over a connected socket, whatever happens. False: it is closed already, without on_closed.
 * Any thread. */
bool loops_add(loops *loops, int fd, const struct sockaddr *peer, socklen_t peer_len);

/* Has the connection closed that has waited longest for a request. False: none waits. Any thread. */
bool loops_make_room(loops *loops);

/* Closes the connections that wait for a request, all others as soon as the protocol or a limit above
 * says so. Any thread. */
void loops_quiesce(loops *loops);

/* Closes all connections and ends the threads. None may be with another thread any more. NULL is
 * fine. */
void loops_stop(loops *loops);

/* ---- connections; on their own thread ---- */

void *connection_state(connection *connection);
void *connection_arg(const connection *connection);
const struct sockaddr *connection_peer(const connection *connection);
bool connection_is_tls(const connection *connection);
/* By the monotonic clock, when the loop woke. */
int64_t connection_now_us(const connection *connection);

/* Sends `head`, then `body` of `len` bytes, which is taken (free()). What was sent before must be out:
 * see protocol.sent. */
void connection_send(connection *connection, ix_str head, char *body, size_t len);

/* No more of what comes is taken, or: it is again. */
void connection_pause(connection *connection);
void connection_go_on(connection *connection);

/* Closes it once everything is sent, but not so that what is still coming in could keep the other side
 * from reading that (RFC 9112 9.6). */
void connection_close(connection *connection);

/* The other side is gone: whatever is sent reaches nobody. */
bool connection_is_broken(const connection *connection);

/* Whose turn is it? At first the other side's, as after connection_idle. */

/* A request is next: it may take `idle_s`, and the connection may be closed to make room for others. */
void connection_idle(connection *connection);
/* One has begun: it must be through within `progress_ms`. May still be closed to make room. */
void connection_begin(connection *connection);
/* The other side has `progress_ms` from now on, and the time that `bytes` take at the slowest. */
void connection_set_deadline(connection *connection, size_t bytes);
/* Some of them came: adds the time they take at the slowest. */
void connection_extend_deadline(connection *connection, size_t bytes);
/* It is ours. The connection is not closed before one of the above is called, even if it breaks. */
void connection_clear_deadline(connection *connection);

/* ---- any thread, while the protocol can be sure that the connection is there ---- */

/* Has protocol.woken called on its thread, soon. Several calls may become one. */
void connection_wake(connection *connection);

#endif
