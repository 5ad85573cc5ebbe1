/* SPDX-License-Identifier: Apache-2.0 */
#include "net/queue.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/time.h"

bool queue_init(ix_ctx *cx, net_queue *queue, size_t most)
{
    *queue = (struct net_queue){.most = most, .last = &queue->first};
    pthread_condattr_t attr;
    if (pthread_mutex_init(&queue->lock, NULL) != 0)
        return ix_fail(cx, IOTS_NO_MEMORY, "no memory for a queue");
    pthread_condattr_init(&attr);
    /* Waiting must not depend on what happens to the wall clock. */
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    const bool ok = pthread_cond_init(&queue->changed, &attr) == 0;
    pthread_condattr_destroy(&attr);
    if (ok)
        return true;
    pthread_mutex_destroy(&queue->lock);
    return ix_fail(cx, IOTS_NO_MEMORY, "no memory for a queue");
}

void queue_done(net_queue *queue)
{
    assert(!queue->first);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
}

bool queue_put(net_queue *queue, ix_task *task)
{
    pthread_mutex_lock(&queue->lock);
    const bool has_room = !queue->is_closed && queue->count < queue->most;
    if (has_room) {
        task->next = NULL;
        *queue->last = task;
        queue->last = &task->next;
        queue->count++;
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    return has_room;
}

/* With the lock held: false when the time is up. */
static bool wait_until(net_queue *queue, int64_t until_us)
{
    if (until_us == QUEUE_NEVER) {
        pthread_cond_wait(&queue->changed, &queue->lock);
        return true;
    }
    const struct timespec until = {
        .tv_sec = (time_t)(until_us / IX_SECOND_US),
        .tv_nsec = (long)(until_us % IX_SECOND_US) * 1000,
    };
    return pthread_cond_timedwait(&queue->changed, &queue->lock, &until) != ETIMEDOUT;
}

ix_task *queue_take(net_queue *queue, size_t most, int64_t until_us)
{
    pthread_mutex_lock(&queue->lock);
    while (!queue->first && !queue->is_closed && !queue->is_woken && wait_until(queue, until_us))
        continue;
    queue->is_woken = false;
    ix_task *taken = queue->first;
    ix_task **end = &queue->first;
    for (size_t i = 0; i < most && *end; i++) {
        end = &(*end)->next;
        queue->count--;
    }
    ix_task *rest = *end;
    *end = NULL;
    queue->first = rest;
    if (!rest)
        queue->last = &queue->first;
    pthread_mutex_unlock(&queue->lock);
    return taken;
}

void queue_wake(net_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_woken = true;
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

void queue_close(net_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_closed = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

size_t queue_length(net_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    const size_t count = queue->count;
    pthread_mutex_unlock(&queue->lock);
    return count;
}

bool queue_is_over(net_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    const bool is_over = queue->is_closed && !queue->first;
    pthread_mutex_unlock(&queue->lock);
    return is_over;
}
