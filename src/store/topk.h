/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first of many: of things whose keys are offered in any order, those that come first in the order
 * of a page, as many as it has room for. What it takes in memory depends on the page alone.
 */
#ifndef TOPK_H
#define TOPK_H

#include "base/ctx.h"
#include "store/thing_key.h"

typedef struct topk {
    bool is_backward;          /* the last come first */
    const thing_key *boundary; /* all must lie beyond it; NULL: there is none */
    size_t size;               /* how many are kept */
    size_t count;              /* so far */
    struct topk_item **items;  /* in order */
} topk;

/* False when out of memory. `size` is 1 or more. To be ended with topk_done in either case. */
bool topk_init(ix_ctx *cx, topk *topk, size_t size, bool is_backward, const thing_key *boundary);
void topk_done(topk *topk);

/* Is this key beyond the boundary? */
bool topk_is_beyond(const topk *topk, const thing_key *key);

/* Copies the key if it is among the first. It may be offered again. False when out of memory. */
bool topk_offer(ix_ctx *cx, topk *topk, const thing_key *key);

/* The key at place `i`, good until the next offer. */
const thing_key *topk_at(const topk *topk, size_t i);

#endif
