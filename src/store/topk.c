/* SPDX-License-Identifier: Apache-2.0 */
#include "store/topk.h"

#include <stdlib.h>
#include <string.h>

/* A key and the memory it lives in, which goes to another one when this one is pushed out. */
typedef struct topk_item {
    thing_key key;
    ix_buf bytes;
} topk_item;

bool topk_init(ix_ctx *cx, topk *topk, size_t size, bool is_backward, const thing_key *boundary)
{
    *topk = (struct topk){.is_backward = is_backward, .boundary = boundary, .size = size};
    topk->items = ix_new(cx, topk_item *, size);
    return topk->items != NULL;
}

void topk_done(topk *topk)
{
    for (size_t i = 0; i < topk->count; i++) {
        ix_buf_done(&topk->items[i]->bytes);
        free(topk->items[i]);
    }
    topk->count = 0;
}

static int topk_compare(const topk *topk, const thing_key *a, const thing_key *b)
{
    const int order = thing_key_compare(a, b);
    return topk->is_backward ? -order : order;
}

bool topk_is_beyond(const topk *topk, const thing_key *key)
{
    return !topk->boundary || topk_compare(topk, key, topk->boundary) > 0;
}

const thing_key *topk_at(const topk *topk, size_t i)
{
    return &topk->items[i]->key;
}

static bool item_set(topk_item *item, const thing_key *key)
{
    ix_buf *bytes = &item->bytes;
    ix_buf_clear(bytes);
    ix_buf_str(bytes, key->first);
    ix_buf_str(bytes, key->rest);
    ix_buf_str(bytes, key->uid);
    const char *at = ix_buf_cstr(bytes);
    item->key = (thing_key){{at, key->first.len},
                            {at + key->first.len, key->rest.len},
                            {at + key->first.len + key->rest.len, key->uid.len}};
    return !bytes->failed;
}

/* The item for one more key: a new one, or the last one, which is pushed out. */
static topk_item *item_take(topk *topk)
{
    return topk->count < topk->size ? calloc(1, sizeof(topk_item)) : topk->items[--topk->count];
}

bool topk_offer(ix_ctx *cx, topk *topk, const thing_key *key)
{
    if (topk->count == topk->size && topk_compare(topk, key, topk_at(topk, topk->count - 1)) >= 0)
        return true;
    size_t low = 0;
    size_t high = topk->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (topk_compare(topk, key, topk_at(topk, middle)) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    if (low > 0 && topk_compare(topk, key, topk_at(topk, low - 1)) == 0)
        return true;

    topk_item *item = item_take(topk);
    if (!item || !item_set(item, key)) {
        if (item)
            ix_buf_done(&item->bytes);
        free(item);
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    }
    for (size_t i = topk->count; i > low; i--)
        topk->items[i] = topk->items[i - 1];
    topk->items[low] = item;
    topk->count++;
    return true;
}
