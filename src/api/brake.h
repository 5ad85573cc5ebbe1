/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slowing down whoever guesses secrets: after some failures in a row a name must wait before it may
 * try again, longer each time. Nobody's thread waits: the caller is told for how long.
 *
 * The memory is fixed. Names share it by chance, unknown to those who ask; where it is full, the name
 * that failed longest ago is forgotten. Every function may be called from any thread.
 */
#ifndef BRAKE_H
#define BRAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

enum {
    BRAKE_FREE = 5,         /* failures in a row that cost nothing */
    BRAKE_WAIT_MAX_S = 30,  /* the wait doubles from one second up to this */
    BRAKE_FORGET_S = 900,   /* after this time without a failure all is forgiven */
    BRAKE_PLACES = 1 << 10, /* in the table ... */
    BRAKE_WAYS = 4,         /* ... and how many names each holds */
};

typedef struct brake brake;

brake *brake_new(ix_ctx *cx);
void brake_free(brake *brake);

/* How many seconds this name must wait; 0: it may try now. */
int brake_wait_s(brake *brake, ix_str name, int64_t now_us);

void brake_failed(brake *brake, ix_str name, int64_t now_us);
void brake_worked(brake *brake, ix_str name);

#endif
