/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers: a few threads for calls that take their time (LANE_SLOW: hashing a secret, a large
 * export), so that the threads which serve many connections never wait for them. What is
 * read (LANE_READ) and is not quick, or comes from another machine, has threads of its own.
 */
#ifndef WORKERS_H
#define WORKERS_H

#include <stdbool.h>

#include "net/committer.h"
#include "net/readers.h"

enum {
    WORKERS_COUNT = 2,
    WORKERS_READERS = 8,      /* for LANE_READ */
    WORKERS_QUEUE_MAX = 256,  /* calls that may wait; more are told to come back */
    WORKERS_READS_MAX = 4096, /* the same for LANE_READ */
};

typedef struct workers workers;

/* All are borrowed and must outlive the workers. */
workers *workers_start(ix_ctx *cx, readers *readers, committer *committer, breaker *breaker);

/* How many calls wait that take their time. Any thread. */
size_t workers_queue_length(workers *workers);

/* From this moment on (ix_monotonic_us) no call is begun any more: it is refused. Any thread. NULL is
 * fine. */
void workers_quiesce(workers *workers, int64_t until_us);

/* Finishes what is in hand and ends the threads; what waits, and what is put from now on, is refused. NULL
 * is fine. */
void workers_stop(workers *workers);

/* Stopped first. NULL is fine. */
void workers_free(workers *workers);

/* Hands a call to the lane that readers_run left it in, telling its listener at once if there is no
 * room, nothing to do, or no use in asking the store. The listener must be prepared to hear so before this returns. */
void workers_pass(workers *workers, call *call, lane lane);

#endif
