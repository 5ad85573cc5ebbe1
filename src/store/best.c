/* SPDX-License-Identifier: Apache-2.0 */
#include "store/best.h"

#include "store/key.h"

bool best_init(ix_ctx *cx, best *best)
{
    best->keys = ix_new(cx, const ix_json *, best->size);
    if (!best->keys)
        return false;
    return ix_ctx_init(&best->memory, 0) || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

void best_done(best *best)
{
    ix_ctx_done(&best->memory);
}

/* As sort_compare has it, but values in the order of their keys, as the index has them. */
static int compare_keys(ix_ctx *cx, const best *best, const ix_json *a, const ix_json *b)
{
    int order = 0;
    for (size_t i = 0; i < best->sort->count && order == 0; i++) {
        const ix_json *x = ix_json_item(a, i);
        const ix_json *y = ix_json_item(b, i);
        const bool x_last = ix_json_kind(x) <= IX_NULL;
        const bool y_last = ix_json_kind(y) <= IX_NULL;
        if (x_last || y_last)
            order = x_last - y_last;
        else
            order = value_order(cx, x, y) * (best->sort->keys[i].descending ? -1 : 1);
    }
    if (order == 0)
        order =
            ix_json_compare(ix_json_item(a, best->sort->count), ix_json_item(b, best->sort->count));
    return best->is_backward ? -order : order;
}

/* Copies the keys that are still wanted into new memory and lets the old one go. */
static bool best_tidy(ix_ctx *cx, best *best)
{
    ix_ctx fresh;
    if (!ix_ctx_init(&fresh, 0))
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    for (size_t i = 0; i < best->count; i++)
        best->keys[i] = ix_json_copy(&fresh, best->keys[i]);
    const bool ok = !ix_failed(&fresh) || ix_fail(cx, IOTS_NO_MEMORY, NULL);
    ix_ctx_done(&best->memory);
    best->memory = fresh;
    best->made = best->count;
    return ok;
}

bool best_offer(ix_ctx *cx, best *best, const ix_json *keys)
{
    if (best->count == best->size && compare_keys(cx, best, keys, best->keys[best->count - 1]) >= 0)
        return true;
    size_t low = 0;
    size_t high = best->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_keys(cx, best, keys, best->keys[middle]) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    if (low > 0 && compare_keys(cx, best, keys, best->keys[low - 1]) == 0)
        return true;

    if (ix_failed(cx) || (best->made >= 4 * best->size && !best_tidy(cx, best)))
        return false;
    const ix_json *kept = ix_json_copy(&best->memory, keys);
    if (!kept)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    best->made++;
    if (best->count < best->size)
        best->count++;
    for (size_t i = best->count - 1; i > low; i--)
        best->keys[i] = best->keys[i - 1];
    best->keys[low] = kept;
    return true;
}

bool best_is_beyond(ix_ctx *cx, const best *best, const ix_json *keys)
{
    return !best->edge || compare_keys(cx, best, keys, best->edge) > 0;
}
