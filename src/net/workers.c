/* SPDX-License-Identifier: Apache-2.0 */
#include "net/workers.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "net/listener.h"
#include "net/queue.h"

struct workers {
    queue queue;
    readers *readers;
    committer *committer;
    pthread_t threads[WORKERS_COUNT];
    int thread_count;
};

static void *run(void *arg)
{
    workers *workers = arg;
    for (call *call; (call = queue_take(&workers->queue, 1, QUEUE_NEVER));)
        workers_pass(workers, call, readers_run(workers->readers, call, LANE_SLOW, READERS_SLOW));
    return NULL;
}

workers *workers_start(ix_ctx *cx, readers *readers, committer *committer)
{
    workers *workers = calloc(1, sizeof *workers);
    if (!workers) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    workers->readers = readers;
    workers->committer = committer;
    if (!queue_init(cx, &workers->queue, WORKERS_QUEUE_MAX)) {
        free(workers);
        return NULL;
    }
    while (workers->thread_count < WORKERS_COUNT) {
        if (pthread_create(&workers->threads[workers->thread_count], NULL, run, workers) != 0) {
            ix_fail(cx, IOTS_UNAVAILABLE, "cannot start a thread for slow calls");
            workers_stop(workers);
            workers_free(workers);
            return NULL;
        }
        workers->thread_count++;
    }
    return workers;
}

bool workers_put(workers *workers, call *call)
{
    return queue_put(&workers->queue, call);
}

size_t workers_queue_length(workers *workers)
{
    return queue_length(&workers->queue);
}

void workers_pass(workers *workers, call *call, lane lane)
{
    assert(lane != LANE_READ);
    if (lane == LANE_WRITE && committer_put(workers->committer, call))
        return;
    if (lane == LANE_SLOW && workers_put(workers, call))
        return;
    if (lane != LANE_REPLY) {
        const ix_error busy = {IOTS_UNAVAILABLE, "the server has too much to do: try again", NULL,
                               NULL, NULL};
        call_not_committed(call, &busy);
    }
    listener_done(call);
}

void workers_stop(workers *workers)
{
    if (!workers)
        return;
    queue_close(&workers->queue);
    for (int i = 0; i < workers->thread_count; i++)
        pthread_join(workers->threads[i], NULL);
}

void workers_free(workers *workers)
{
    if (!workers)
        return;
    queue_done(&workers->queue);
    free(workers);
}
