/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of a list (http-api.md section 4): asks the store, writes the items, sets the marks.
 *
 * A page holds at most `limit` items and about PAGE_BYTES_MAX bytes. When it gets too large after
 * some items, the store is asked again for just so many: then the marks come out right in both
 * directions, because the page ends where the store says it does.
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "api/call.h"
#include "domain/page.h"

enum { PAGE_BYTES_MAX = 16 << 20 };

typedef struct list {
    call *call;
    const char *tag;  /* names the list and its order, for the marks */
    size_t keys;      /* how many values its marks hold */
    size_t bytes_max; /* 0: PAGE_BYTES_MAX */
    /* Asks the store for `page`, with an each function that says list_item before writing an item
     * into call->reply. */
    bool (*ask)(struct list *list, bool *more);
    const void *query; /* the asker's own */

    /* the page under way */
    page page;
    size_t count;
    bool is_too_large;
    const ix_json *first, *last; /* keys of the items at its edges */
} list;

/* The whole reply, or the reason why not in cx. */
bool list_reply(list *list);

/* An item comes next. False: the page is too large, do not write it and stop. */
bool list_item(list *list);

/* May the item just announced turn out to be at an edge, so that its keys are needed? */
bool list_wants_keys(const list *list);
void list_keys(list *list, const ix_json *keys);
/* The same for a list whose only key is a name, or a number; does nothing where no keys are wanted. */
bool list_name_key(list *list, ix_str name);
bool list_number_key(list *list, int64_t number);

#endif
