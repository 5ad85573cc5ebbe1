/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do the conversations speak of everything? For each row of ops.def: that it works, at each of its
 * addresses; each query parameter, taken and, unless it takes anything, refused; each failure of its
 * column `errors`, and no other failure. What all rows have in common (401, 415 ...) is asked row by
 * row in everywhere_test.c.
 *
 * A request that is refused with 400 speaks of the last parameter of its query: the faulty one comes
 * last.
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#include "contract/ops.h"
#include "talk.h"

typedef struct coverage {
    struct coverage_row {
        bool works[2];    /* by ix_match.in_category */
        uint64_t taken;   /* IX_PARAM_BIT of those with which it worked */
        uint64_t refused; /* of those for which it did not */
        unsigned failed;  /* bit i: the i-th of the row's errors */
        int unlisted;     /* a failure that the row may not have; 0: there was none */
    } rows[IX_OP_COUNT];
} coverage;

/* Adds what a conversation shows. False only when out of memory. */
bool coverage_note(ix_ctx *cx, coverage *coverage, const talk *talk);

/* What is not shown of a row, or should not be, one line for each, as text in cx; "" if all is well, NULL
 * when out of memory. */
const char *coverage_missing(ix_ctx *cx, const coverage *coverage, const ix_op *op);

#endif
