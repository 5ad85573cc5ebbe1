/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties that the server does not take values of for now (offline.c), and when to try again: after
 * a while, which doubles each time. Not thread-safe.
 */
#ifndef CLIENT_HELD_H
#define CLIENT_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { HELD_MAX = 1000, HELD_LONGEST_S = 3600 };

typedef struct held {
    char *key;
    size_t len;
    int64_t wait_us;
    int64_t next_us; /* on the monotonic clock: then it may be tried again */
    unsigned pass;   /* in which it was tried last */
} held;

typedef struct held_list {
    held *all; /* on the heap, and each key */
    size_t count, room;
} held_list;

void held_done(held_list *list);

/* NULL: this property is not held back. */
const held *held_find(const held_list *list, ix_str key);

/* It was tried in this pass, and not taken. wait_us: until the first further try; negative: none is
 * due, ever. False without memory, or if there are too many. */
bool held_put(held_list *list, ix_str key, unsigned pass, int64_t wait_us);
void held_remove(held_list *list, ix_str key);

/* Is one of them due? And: nothing waits of those that were due at that time. On the monotonic clock. */
bool held_any_due(const held_list *list, int64_t now_us);
void held_remove_due(held_list *list, int64_t now_us);

#endif
