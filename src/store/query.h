/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A query put together in passing: text and arguments.
 *
 * $1 is always the space. Pieces of text are made with query_text and may be used in any order,
 * because each argument got its number when it was added.
 */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "store/sql.h"

enum { QUERY_ARGS_MAX = DB_ARGS_MAX };

typedef struct query {
    ix_ctx *cx;
    store *store;
    db_value args[QUERY_ARGS_MAX];
    int count;
} query;

void query_init(query *query, ix_ctx *cx, store *store, const char *space);

/* Adds an argument, whose text must outlive the query. Returns its number. Beyond QUERY_ARGS_MAX the
 * failure is in cx, and query_run fails. */
int query_arg(query *query, db_value value);

/* Adds an argument that is a list of texts. Returns a query of its items as text, in cx; NULL when
 * memory is out. */
const char *query_items(query *query, const char *const *texts, size_t count);

/* Counts the rows of a query of the arguments so far, up to `most`. */
bool query_count(query *query, const char *sql, int64_t most, int64_t *ret);

/* Runs the text with the arguments so far. Fails if anything failed before. query_stream is for rows
 * that may be large. */
bool query_run(query *query, const char *sql, db_rows **ret);
bool query_stream(query *query, const char *sql, db_rows **ret);

#endif
