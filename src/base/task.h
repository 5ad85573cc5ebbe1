/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A piece of work that waits for its turn: a function and what it needs. Whatever is to be done later, on
 * another thread, has one in it, so that waiting takes no memory and cannot fail.
 */
#ifndef IX_TASK_H
#define IX_TASK_H

typedef struct ix_task {
    void (*run)(struct ix_task
                    *task); /* by the thread whose turn it is; the task is its own from here on */
    void *context;          /* for run */
    struct ix_task *next;   /* in a queue: of the thread that holds the task */
} ix_task;

#endif
