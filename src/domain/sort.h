/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting: uid,+title,-status.moisture (docs/api/http.md 10.3). */
#ifndef SORT_H
#define SORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/json.h"
#include "contract/params.h"

enum { SORT_KEYS_MAX = 8 };

typedef struct sort_key {
    const char *path; /* as written, without sign */
    bool descending;
} sort_key;

typedef struct sort_list {
    sort_key keys[SORT_KEYS_MAX];
    size_t count; /* 0: by uid */
} sort_list;

/* From the values of the sort parameter (repeated ones are concatenated; a leading blank is +).
 * IOTS_INVALID "invalid sort": an empty key, more than SORT_KEYS_MAX. */
bool sort_parse(ix_ctx *cx, const ix_pair *values, sort_list *ret);

/* "-status.moisture,+title": the same list gives the same text. For cursors. NULL: no memory. */
const char *sort_text(ix_ctx *cx, const sort_list *list);

/* The value of a dotted path in a Thing; the longest literal member name wins. NULL if absent. */
const ix_json *sort_value(const ix_json *thing, const char *path);

/* Missing and null last in both directions; then by type and value; then uid ascending. */
int sort_compare(const sort_list *list, const ix_json *thing_a, const ix_json *thing_b);

#endif
