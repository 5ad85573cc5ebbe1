/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The administration socket of a running server: commands of iotsd come in by it.
 *
 * One thread accepts connections and watches them; each has a thread of its own, since a command may take
 * minutes, and there are few. Only root and the user that the server runs as are listened to. When the
 * other side goes away, or the server stops, what is under way for it is stopped, too.
 */
#ifndef NET_ADMIN_H
#define NET_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "net/admin_frame.h"

enum {
    ADMIN_SESSIONS_MAX = 8, /* commands under way; more wait */
    ADMIN_SILENT_S = 30,    /* who neither sends nor reads for so long is given up */
};

typedef struct net_admin net_admin;

/* One command under way. */
typedef struct admin_session {
    admin_wire wire;
    _Atomic int64_t until_us; /* for store_stop_at: what is done for it ends then */
} admin_session;

typedef struct admin_settings {
    const char *path; /* of the socket; borrowed */
    /* Reads one request and does what it asks. False: the sentence in cx is sent. On a thread of the
     * session. */
    bool (*run)(ix_ctx *cx, admin_session *session, void *arg);
    void *arg;
} admin_settings;

/* Listens; who connects waits until admin_serve. */
net_admin *admin_open(ix_ctx *cx, const admin_settings *settings);
bool admin_serve(ix_ctx *cx, net_admin *admin);

/* Accepts nobody any more, and has what is under way end. Any thread. NULL is fine. */
void admin_quiesce(net_admin *admin);

/* The same, waits until it has ended, removes the socket and frees. NULL is fine. */
void admin_stop(net_admin *admin);

#endif
