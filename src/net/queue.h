/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks that wait (calls, mostly), in the order in which they came. Bounded: who finds it full hears so, and
 * nobody waits for ever. Thread-safe: many put, many take.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/task.h"

#define QUEUE_NEVER INT64_MAX

typedef struct net_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ix_task *first, **last;
    size_t count, most;
    bool is_closed, is_woken;
} net_queue;

bool queue_init(ix_ctx *cx, net_queue *queue, size_t most);
void queue_done(net_queue *queue);

/* Takes the task over. False: full or closed, and the task stays with the one who brought it. */
bool queue_put(net_queue *queue, ix_task *task);

/* Waits for tasks, at most until `until_us` (ix_monotonic_us). Up to `most` of them, linked by next,
 * oldest first; NULL when the time is up, after queue_wake, or when the queue is closed and
 * empty. */
ix_task *queue_take(net_queue *queue, size_t most, int64_t until_us);

/* Ends the wait of one who takes, now or the next time. */
void queue_wake(net_queue *queue);

/* Takes no more tasks; those that wait are still handed out. */
void queue_close(net_queue *queue);

/* How many wait in it. */
size_t queue_length(net_queue *queue);

/* Closed, and nobody waits in it any more? */
bool queue_is_over(net_queue *queue);

#endif
