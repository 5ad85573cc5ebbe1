/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The committer: all calls that write go through one thread, in groups.
 *
 * It takes the calls that wait, opens one transaction, plans each call, runs it inside a savepoint (a
 * call that fails rolls back to its savepoint and no further), commits once, and only then releases the
 * replies. Calls that refuse only before they write go without a savepoint: should the store fail one
 * of them afterwards, all of the transaction is rolled back. One fsync serves everyone who waited: a
 * reply of 2xx means on disk. Nobody waits for long: a call whose plan takes its time is sent to the
 * workers first, and no call joins a group that has taken its time. If the answer to a commit is lost, the
 * replies of its group wait until a new connection shows what became of it. A call that is not done yet
 * (a PATCH of many) goes on with the next group. Between groups it forgets what is too old and deletes what
 * was removed. While the disk is full it writes only what makes room or lets someone in (room.h).
 */
#ifndef COMMITTER_H
#define COMMITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dispatch.h"
#include "net/breaker.h"
#include "net/metrics.h"
#include "store/change.h"
#include "store/store.h"

enum {
    COMMITTER_QUEUE_MAX = 4096, /* calls that may wait; more are refused with 503 */
    COMMITTER_GROUP_MAX = 256,  /* calls of one transaction */
    COMMITTER_DOUBT_S = 60, /* how long replies wait for the outcome of a commit without answer */
};

typedef struct net_committer net_committer;

typedef struct committer_settings {
    breaker *breaker;       /* opens the writer again when it was lost; borrowed */
    size_t queue_max;       /* 0: COMMITTER_QUEUE_MAX */
    int64_t purge_every_us; /* 0: once a minute */
    int64_t retention_us;   /* history older than this goes; 0: all of it stays */
    int64_t reserve_bytes;  /* kept on the disk for when it is full (room.h); 0: none */
    net_metrics *metrics;   /* counts groups; borrowed; NULL: nobody does */
    /* Hears the changes of each transaction that has any, in the order of storing, when it is on disk and
     * before its calls are answered; they are good during the call. On the thread that writes, which it must
     * not keep waiting. NULL: nobody follows, and no changes are noted. */
    void (*changed)(void *changed_arg, const change *first);
    void *changed_arg;
} committer_settings;

/* Takes `writer`, also on failure. */
net_committer *committer_start(ix_ctx *cx, const committer_settings *settings, api_state *api,
                               store_handle *writer);

/* Has calls whose plan takes too long here handed to `offload`, which takes them over and brings them
 * back when they are prepared. Before the first call is put. */
void committer_offload_to(net_committer *committer, void (*offload)(void *arg, api_call *call),
                          void *arg);

/* Takes the call over until its front end hears that it is done. False: the queue is full or the
 * committer stops. Any thread. */
bool committer_put(net_committer *committer, api_call *call);

/* How many calls wait. Any thread. */
size_t committer_queue_length(net_committer *committer);

/* What a thread of ours wants written that is not a call: true, or false with the reason in cx. */
typedef bool committer_job(ix_ctx *cx, store_handle *writer, void *arg);

/* Runs the job once on the thread that writes, in a transaction of its own, and returns when that is
 * on disk or undone. `cx` is lent to that thread meanwhile. Any thread but that one. */
bool committer_do(ix_ctx *cx, net_committer *committer, committer_job *run, void *arg);

/* From this moment on (ix_monotonic_us) no call is begun any more, nor the next part of one: it is
 * refused, or cut off behind what is on disk. Jobs still run. Any thread. NULL is fine. */
void committer_quiesce(net_committer *committer, int64_t until_us);

/* Commits what waits and ends the thread; what is put from now on is refused. NULL is fine. */
void committer_stop(net_committer *committer);

/* Stopped first. NULL is fine. */
void committer_free(net_committer *committer);

/* Is the disk full, so that most writes are refused? Any thread. */
bool committer_is_full(const net_committer *committer);

/* Counted since the start. Any thread. */
typedef struct committer_counts {
    uint64_t groups; /* transactions, whether committed or not */
    uint64_t calls;  /* calls in them */
} committer_counts;
committer_counts committer_count(const net_committer *committer);

#endif
