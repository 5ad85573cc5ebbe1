/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The login throttle: slows down whoever guesses secrets, and nobody else.
 *
 * Wrong secrets are counted where they come from: by address and name together, so that nobody who
 * knows a name can lock its owner out from elsewhere. The same wrong secret again is not a guess: it is
 * refused without being counted or hashed, so one device with an old secret harms none of those beside
 * it. Many addresses together are counted by name, and many names from one address by address, which
 * bounds the hashing that an address can cause; neither holds up a name where it has succeeded before.
 * The right secret of a program, once seen, is known again without hashing, and
 * is let through also where others must wait.
 *
 * Nobody's thread waits: the caller hears for how long. The memory is fixed. Names and addresses
 * share it by chance, unknown to those who ask; where it is full, what was not asked about for longest
 * is forgotten. The clock is the monotonic one. Every function may be called from any thread.
 */
#ifndef THROTTLE_H
#define THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

enum {
    THROTTLE_PAIR_FREE = 5, /* wrong secrets in a row, of one name from one address, are free; */
    THROTTLE_PAIR_WAIT_MAX_S = 30, /* then the wait doubles from one second up to this */
    THROTTLE_NAME_FREE = 100,      /* the same for one name from anywhere new, */
    THROTTLE_NAME_WAIT_MAX_S = 2,
    THROTTLE_PEER_FREE = 100, /* and for one address with any names */
    THROTTLE_PEER_WAIT_MAX_S = 1,
    THROTTLE_FORGET_S = 900,   /* after this time without a failure all is forgotten */
    THROTTLE_KNOWN_PER_S = 10, /* secrets compared with the known right one while its pair waits, */
    THROTTLE_KNOWN_BURST = 20, /* and at once after a pause */
    THROTTLE_WRONG_KEPT = 8,   /* wrong secrets that are remembered, of each pair */
    THROTTLE_PLACES = 1 << 9,  /* in each of three tables ... */
    THROTTLE_WAYS = 4,         /* ... and how many names, addresses or pairs each place holds */
};

typedef struct throttle throttle;

/* `monotonic_us` is the clock; NULL: ix_monotonic_us. NULL when out of memory. */
throttle *throttle_new(ix_ctx *cx, int64_t (*monotonic_us)(void));
void throttle_free(throttle *throttle); /* NULL is fine */

/* Who wants to be what, from where, with which secret. */
typedef struct throttle_try {
    ix_str peer;     /* bytes that stand for the address; empty if it is not known */
    ix_str name;     /* such as "client app::x" or "user ada" */
    ix_str hash;     /* of the right secret: what was seen under another one counts no more */
    ix_str secret;   /* as given */
    bool is_program; /* its secret is not of the kind that people think up */
} throttle_try;

typedef enum throttle_verdict {
    THROTTLE_CHECK, /* hash it; if it was right, say so with throttle_worked, else throttle_failed */
    THROTTLE_RIGHT, /* it is the one that worked before */
    THROTTLE_WRONG, /* it is one that failed before */
    THROTTLE_WAIT,  /* not now */
} throttle_verdict;

/* *ret_wait_s: whole seconds until a try may be checked, if it is THROTTLE_WAIT. A try that is to be
 * checked counts as a failure until it has worked, so that tries at one time are counted as well. */
throttle_verdict throttle_ask(throttle *throttle, const throttle_try *try, int *ret_wait_s);
void throttle_failed(throttle *throttle, const throttle_try *try);
void throttle_worked(throttle *throttle, const throttle_try *try);

#endif
