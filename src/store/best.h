/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The best of many: of things that are offered in any order, those that come first in the order of a
 * page, as many as it has room for. Things are known by their keys alone, as page marks hold them.
 */
#ifndef BEST_H
#define BEST_H

#include "base/ctx.h"
#include "base/json.h"
#include "domain/sort.h"

/* To be made with the first members set, then best_init. `keys` live in `memory`, and so do those that
 * were pushed out, until there are too many of them. */
typedef struct best {
    const sort_list *sort;
    bool is_backward;    /* the order is turned */
    const ix_json *edge; /* keys that all must be beyond; NULL: none */
    size_t size;         /* how many are kept */

    const ix_json **keys; /* the best so far, in order; the array is in cx */
    size_t count;
    ix_ctx memory;
    size_t made; /* copies in memory */
} best;

/* False when memory is out. To be ended with best_done if it succeeded; fine if it failed. */
bool best_init(ix_ctx *cx, best *best);
void best_done(best *best);

/* Are these keys beyond the edge? When memory is out cx tells. */
bool best_is_beyond(ix_ctx *cx, const best *best, const ix_json *keys);

/* Copies the keys if they are among the best. They may be offered again. */
bool best_offer(ix_ctx *cx, best *best, const ix_json *keys);

#endif
