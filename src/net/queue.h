/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that wait, in the order in which they came. Bounded: who finds it full is told so, and
 * nobody waits for ever. Thread-safe: many put, many take.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/call.h"

#define QUEUE_NEVER INT64_MAX

typedef struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    call *first, **last;
    size_t count, most;
    bool is_closed, is_poked;
} queue;

bool queue_init(ix_ctx *cx, queue *queue, size_t most);
void queue_done(queue *queue);

/* Takes the call over. False: full or closed, and the call stays with the one who brought it. */
bool queue_put(queue *queue, call *call);

/* Waits for calls, at most until `until_us` (ix_monotonic_us). Up to `most` of them, linked by next,
 * oldest first; NULL when the time is up, when someone has poked, or when the queue is closed and
 * empty. */
call *queue_take(queue *queue, size_t most, int64_t until_us);

/* Ends the wait of one who takes, now or the next time. */
void queue_poke(queue *queue);

/* Takes no more calls; those that wait are still handed out. */
void queue_close(queue *queue);

/* How many wait in it. */
size_t queue_length(queue *queue);

/* Closed, and nobody waits in it any more? */
bool queue_is_over(queue *queue);

#endif
