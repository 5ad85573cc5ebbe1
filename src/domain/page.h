/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages and their cursors (docs/api/http.md section 4).
 *
 * A cursor is base64url of a JSON array: the list's tag, then the sort keys and ID of the item at the
 * boundary. It stays good when that item is deleted, and another list refuses it. A cursor of the tag alone
 * stands for the end of the list, or for its start: the way back from a page that turned out empty.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/json.h"
#include "contract/params.h"

/* The longest cursor, in letters: 1,536 bytes of JSON. Keys must leave room for 36 bytes of tag. */
enum { CURSOR_MAX = 2048 };

typedef struct page_range {
    int limit;        /* 1 to 1000 */
    bool is_backward; /* towards the beginning, from before `boundary` */
    const ix_json
        *boundary;   /* array of the boundary item's keys, without the tag; NULL: from the start, or
                          * backwards from the end */
    bool with_times; /* Things are shown with the times of their values */
} page_range;

/* From limit and cursors; next_cursor wins over previous_cursor. `tag` names the list and its
 * order; `keys` is how many values its cursors hold. IOTS_INVALID "invalid cursor". */
bool page_parse(ix_ctx *cx, const ix_arg args[IX_PARAM_COUNT], const char *tag, size_t keys,
                page_range *ret);

/* The cursor for an item with these keys: the items of a JSON array as text, such as `"a",5`. Without
 * any it stands for the end of the list where it is a previous_cursor, for its start where it is a
 * next_cursor. NULL when out of memory. */
const char *page_cursor(ix_ctx *cx, const char *tag, ix_str keys);

#endif
