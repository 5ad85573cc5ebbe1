/* SPDX-License-Identifier: Apache-2.0 */
#include "net/workers.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/time.h"
#include "net/completion.h"
#include "net/queue.h"

/* Threads that run what waits for them: calls of one phase. */
typedef struct pool {
    net_workers *workers;
    call_phase phase;
    readers_pace pace;
    net_queue queue;
    bool has_queue;
    pthread_t threads[WORKERS_READERS];
    int thread_count;
} pool;

struct net_workers {
    net_readers *readers;
    net_committer *committer;
    breaker *breaker;
    pool slow, reading;
    _Atomic int64_t until_us; /* afterwards calls are refused */
};

/* What a call does that waited in a pool: the context. */
static void run_call(ix_task *task)
{
    static const ix_error over = {.code = IOTS_UNAVAILABLE, .message = "the server stops"};
    const pool *pool = task->context;
    net_workers *workers = pool->workers;
    api_call *call = call_of_task(task);
    if (ix_monotonic_us() < atomic_load(&workers->until_us)) {
        const call_phase next = readers_run(workers->readers, call, pool->phase, pool->pace);
        if (next == PHASE_REPLY)
            completion_pack(call);
        workers_pass(workers, call, next);
    } else {
        call_not_committed(call, &over);
        completion_done(call);
    }
}

static void *workers_run(void *arg)
{
    pool *pool = arg;
    for (ix_task *task; (task = queue_take(&pool->queue, 1, QUEUE_NEVER));)
        task->run(task);
    return NULL;
}

static bool pool_put(pool *pool, api_call *call)
{
    call->task = (ix_task){.run = run_call, .context = pool};
    return queue_put(&pool->queue, &call->task);
}

static bool pool_start(ix_ctx *cx, pool *pool, size_t queue_max, int threads)
{
    pool->has_queue = queue_init(cx, &pool->queue, queue_max);
    if (!pool->has_queue)
        return false;
    while (pool->thread_count < threads) {
        if (pthread_create(&pool->threads[pool->thread_count], NULL, workers_run, pool) != 0)
            return ix_fail(cx, IOTS_UNAVAILABLE, "cannot start a thread for calls that wait");
        pool->thread_count++;
    }
    return true;
}

static void pool_stop(pool *pool)
{
    if (pool->has_queue)
        queue_close(&pool->queue);
    for (int i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
}

static void pool_done(pool *pool)
{
    if (pool->has_queue)
        queue_done(&pool->queue);
}

/* For committer_offload_to. */
static void take_back(void *arg, api_call *call)
{
    workers_pass(arg, call, PHASE_OFFLOAD);
}

net_workers *workers_start(ix_ctx *cx, net_readers *readers, net_committer *committer,
                           breaker *breaker)
{
    net_workers *workers = calloc(1, sizeof *workers);
    if (!workers) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    *workers = (struct net_workers){
        .readers = readers,
        .committer = committer,
        .breaker = breaker,
        .until_us = INT64_MAX,
        .slow = {.workers = workers, .phase = PHASE_OFFLOAD, .pace = READERS_OFFLOAD},
        .reading = {.workers = workers, .phase = PHASE_READ, .pace = READERS_QUICK},
    };
    if (pool_start(cx, &workers->slow, WORKERS_QUEUE_MAX, WORKERS_COUNT) &&
        pool_start(cx, &workers->reading, WORKERS_READS_MAX, WORKERS_READERS)) {
        committer_offload_to(committer, take_back, workers);
        return workers;
    }
    workers_stop(workers);
    workers_free(workers);
    return NULL;
}

size_t workers_queue_length(net_workers *workers)
{
    return queue_length(&workers->slow.queue);
}

/* Takes the call over until its front end hears that it is done. False: there is no room, or we stop. */
static bool take_over(net_workers *workers, api_call *call, call_phase phase)
{
    switch (phase) {
    case PHASE_READ:
        return pool_put(&workers->reading, call);
    case PHASE_OFFLOAD:
        return pool_put(&workers->slow, call);
    case PHASE_WRITE:
        return committer_put(workers->committer, call);
    case PHASE_REPLY:
        break;
    }
    assert(false);
    return false;
}

void workers_pass(net_workers *workers, api_call *call, call_phase phase)
{
    static const ix_error silent = {.code = IOTS_UNAVAILABLE,
                                    .message = "the database does not answer"};
    static const ix_error busy = {.code = IOTS_UNAVAILABLE,
                                  .message = "the server has too much to do: try again"};
    if (phase != PHASE_REPLY && call_needs_store(call) && breaker_is_open(workers->breaker)) {
        call_not_committed(call, &silent);
    } else if (phase != PHASE_REPLY) {
        if (take_over(workers, call, phase))
            return;
        call_not_committed(call, &busy);
    }
    completion_done(call);
}

void workers_quiesce(net_workers *workers, int64_t until_us)
{
    if (workers)
        atomic_store(&workers->until_us, until_us);
}

void workers_stop(net_workers *workers)
{
    if (!workers)
        return;
    workers_quiesce(workers, 0);
    pool_stop(&workers->slow);
    pool_stop(&workers->reading);
}

void workers_free(net_workers *workers)
{
    if (!workers)
        return;
    pool_done(&workers->slow);
    pool_done(&workers->reading);
    free(workers);
}
