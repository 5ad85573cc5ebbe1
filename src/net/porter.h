/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The porter: one thread that lets connections in and shows out those that dawdle.
 *
 * It listens on all addresses and hands each new connection over. A listener tells it of every
 * connection it has (a `wire`), and by when it expects the other side to have got on; who has not is
 * cut off, however busy he looks. So nobody can keep a connection by sending a byte now and then.
 */
#ifndef PORTER_H
#define PORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/ctx.h"

enum {
    PORTER_SLOWEST_BYTES_PER_S = 8192, /* who is slower than this for longer than his time is cut */
};

typedef struct porter porter;
typedef struct wire wire;

typedef struct porter_settings {
    const char *const *listen; /* addresses (address.h) */
    size_t listen_count;
    unsigned connections_max; /* at one time; more wait in the kernel's queue */
    unsigned patience_ms;
    /* Takes the connection over, whether or not it succeeds. On the porter's thread. */
    bool (*let_in)(void *arg, int fd, const struct sockaddr *from, socklen_t from_len);
    void *arg;
} porter_settings;

/* Listens, but lets nobody in before porter_open. The settings' strings are borrowed until then. */
porter *porter_start(ix_ctx *cx, const porter_settings *settings);
void porter_open(porter *porter);

/* "127.0.0.1:8080", with the real port; NULL from listen_count on. */
const char *porter_address(const porter *porter, size_t index);

/* Connections that were let in and are not gone. Any thread. */
unsigned porter_count(porter *porter);

/* Lets nobody in any more, except those who wait already. */
void porter_close(porter *porter);

/* Ends the thread and frees; every wire must be gone. NULL is fine. */
void porter_stop(porter *porter);

/* ---- wires; any thread ---- */

/* A connection that was let in; NULL when memory is out. Its owner has to say when it goes, before it
 * closes `fd`. */
wire *wire_new(porter *porter, int fd);
void wire_free(wire *wire); /* NULL is fine */

/* The other side has `patience_ms` from now on, and the time that `bytes` take at the slowest. */
void wire_expect(wire *wire, size_t bytes);

/* Some of them came: adds the time they take at the slowest. */
void wire_credit(wire *wire, size_t bytes);

/* It is our turn. */
void wire_excuse(wire *wire);

#endif
