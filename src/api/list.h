/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of a list (docs/api/http.md section 4): asks the store, collects the items, writes the cursors.
 *
 * A page holds at most `limit` items and bytes_max bytes: an item that has no room any more begins the
 * next page, however large it is. The store gives items from the boundary of the page on, so that of a page
 * towards the beginning those are kept that are next to the boundary; they are turned around in the end.
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "api/call.h"
#include "domain/page.h"

/* Of all the items of a page; the cursors bring the whole to 4 MiB at most. */
enum { PAGE_BYTES_MAX = (4 << 20) - 2 * CURSOR_MAX - 256 };

typedef struct api_list {
    api_call *call;
    const char *tag;  /* names the list and its order, for the cursors */
    size_t keys;      /* how many values its cursors hold */
    size_t bytes_max; /* 0: PAGE_BYTES_MAX */
    /* Asks the store for `page`, with an `each` function that writes each item between list_item and
     * list_end. */
    bool (*ask)(struct api_list *list, bool *more);
    const void *query; /* the asker's own */

    /* the page under way */
    page_range page;
    size_t count;       /* of the items so far */
    size_t item_at;     /* where the last one begins in the reply */
    size_t *items_at;   /* where each begins, of a page towards the beginning */
    bool is_full;       /* an item had no room */
    ix_buf first, last; /* keys of the first and the last item that came, for the cursors */
} api_list;

/* The whole reply, or the reason why not in cx. */
bool list_reply(api_list *list);

/* Begins an item, which is to be written into the buffer. */
ix_buf *list_item(api_list *list);

/* The item is written; its keys are the items of a JSON array, as text. False: it has no room on this
 * page and is taken back; stop. */
bool list_end(api_list *list, ix_str keys);
/* The same in a list whose only key is a name, or a number. */
bool list_end_name(api_list *list, ix_str name);
bool list_end_number(api_list *list, int64_t number);

#endif
