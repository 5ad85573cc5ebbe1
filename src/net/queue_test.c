/* SPDX-License-Identifier: Apache-2.0 */
#include "net/queue.h"

#include "base/test.h"

/* A piece of work of our own, which is no call. */
typedef struct sum {
    int number;
    ix_task task;
} sum;

static void add(ix_task *task)
{
    const sum *sum = (const struct sum *)((const char *)task - offsetof(struct sum, task));
    int *total = task->context;
    *total = *total * 10 + sum->number;
}

static void queue_end(void *queue)
{
    queue_done(queue);
}

static net_queue *queue_of(ix_ctx *cx, size_t most)
{
    net_queue *queue = ix_new(cx, net_queue, 1);
    CHECK_OK(cx, queue && queue_init(cx, queue, most));
    ix_arena_defer(cx->arena, queue_end, queue);
    return queue;
}

TEST("whatever has a task can wait in a queue, and is run in the order in which it came")
{
    int total = 0;
    net_queue *queue = queue_of(cx, 3);
    sum sums[4];
    for (int i = 0; i < 4; i++) {
        sums[i] = (sum){.number = i + 1, .task = {.run = add, .context = &total}};
        CHECK(queue_put(queue, &sums[i].task) == (i < 3)); /* then it is full */
    }
    CHECK_INT(queue_length(queue), 3);
    ix_task *two = queue_take(queue, 2, QUEUE_NEVER);
    for (ix_task *next; two; two = next) {
        next = two->next;
        two->run(two);
    }
    CHECK_INT(total, 12);
    CHECK(queue_put(queue, &sums[3].task));
    queue_close(queue);
    CHECK(!queue_put(queue, &sums[0].task));
    CHECK(!queue_is_over(queue));
    for (ix_task *one; (one = queue_take(queue, 1, QUEUE_NEVER));)
        one->run(one);
    CHECK_INT(total, 1234);
    CHECK(queue_is_over(queue));
}

TEST("who waits for tasks waits no longer than asked, or until woken")
{
    net_queue *queue = queue_of(cx, 1);
    CHECK(!queue_take(queue, 1, 0));
    queue_wake(queue);
    CHECK(!queue_take(queue, 1, QUEUE_NEVER));
}
