/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlines, the next one first: a heap of pointers into the structs that have them. None of these
 * functions but deadlines_reserve can fail.
 */
#ifndef CLIENT_DEADLINES_H
#define CLIENT_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct client_deadline {
    int64_t at_us; /* by the monotonic clock */
    size_t place;  /* in the heap, from 1; 0: not in it */
} client_deadline;

typedef struct client_deadlines {
    client_deadline **heap; /* from 1 */
    size_t count;
    size_t room;
} client_deadlines;

/* Room for so many. False without memory; what was reserved before stays. */
bool deadlines_reserve(client_deadlines *all, size_t count);
void deadlines_done(client_deadlines *all);

/* Puts one in, or moves it to another time. */
void deadlines_set(client_deadlines *all, client_deadline *one, int64_t at_us);
void deadlines_remove(client_deadlines *all, client_deadline *one);

/* The next one; NULL if there is none. */
client_deadline *deadlines_next(const client_deadlines *all);

#endif
