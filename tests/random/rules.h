/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which Things a filter keeps and in which order they come: docs/api/http.md 10.2 to 10.4 and 11.3 once more, over
 * the documents as the API shows them, sharing nothing with the server but JSON itself.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

/* Does `thing` meet property:<name>=<text>? */
bool rules_keep(ix_ctx *cx, const ix_json *thing, const char *name, const char *text);

/* Does it meet property_at:<name>=<text>? It has its times (status_at). The text is a time in UTC, or so long
 * ago that it makes no difference when that is asked: long before all values, or "-0s", after them. */
bool rules_keep_time(ix_ctx *cx, const ix_json *thing, const char *name, const char *text);

/* Does it meet search=<text>? */
bool rules_find(ix_ctx *cx, const ix_json *thing, const char *text);

typedef struct rules_key {
    const char *path; /* "status.t" */
    bool descending;
} rules_key;

/* Sorts Things by these keys, then by uid. */
void rules_sort(const ix_json **things, size_t count, const rules_key *keys, size_t key_count);

#endif
