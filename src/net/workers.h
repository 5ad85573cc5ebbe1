/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers: a few threads for calls that take their time (PHASE_OFFLOAD: hashing a secret, a large
 * export), so that the threads which serve many connections never wait for them. What is
 * read (PHASE_READ) and is not quick, or comes from another machine, has threads of its own.
 */
#ifndef WORKERS_H
#define WORKERS_H

#include <stdbool.h>

#include "net/committer.h"
#include "net/readers.h"

enum {
    WORKERS_COUNT = 2,
    WORKERS_READERS = 8,      /* for PHASE_READ */
    WORKERS_QUEUE_MAX = 256,  /* calls that may wait; more are refused with 503 */
    WORKERS_READS_MAX = 4096, /* the same for PHASE_READ */
};

typedef struct net_workers net_workers;

/* All are borrowed and must outlive the workers. */
net_workers *workers_start(ix_ctx *cx, net_readers *readers, net_committer *committer,
                           breaker *breaker);

/* How many calls wait that take their time. Any thread. */
size_t workers_queue_length(net_workers *workers);

/* From this moment on (ix_monotonic_us) no call is begun any more: it is refused. Any thread. NULL is
 * fine. */
void workers_quiesce(net_workers *workers, int64_t until_us);

/* Finishes what is in hand and ends the threads; what waits, and what is put from now on, is refused. NULL
 * is fine. */
void workers_stop(net_workers *workers);

/* Stopped first. NULL is fine. */
void workers_free(net_workers *workers);

/* Hands a call to the phase that readers_run left it in, saying its front end at once if there is no
 * room, nothing to do, or no use in asking the store. The front end must be prepared to hear so before this returns. */
void workers_pass(net_workers *workers, api_call *call, call_phase phase);

#endif
