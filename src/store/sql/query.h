/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A query put together in passing: text and arguments.
 *
 * $1 is always the space. Text is added at the end; arguments may be added at any time, because each gets
 * its number as it is added. What fails on the way is remembered, and then running it fails.
 */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "store/sql/sql.h"

enum { QUERY_ARGS_MAX = DB_ARGS_MAX };

typedef struct sql_query {
    ix_ctx *cx;
    store_handle *store;
    db_value args[QUERY_ARGS_MAX];
    int count;
    ix_buf sql; /* the text so far, to be added to */
} sql_query;

/* To be run once, which releases it. */
void query_init(sql_query *query, ix_ctx *cx, store_handle *store, const char *space);

/* Adds an argument, whose text must outlive the query and its rows. Returns its number. Beyond
 * QUERY_ARGS_MAX the failure is in cx. */
int query_arg(sql_query *query, db_value value);

/* Adds a query of the items of a list of texts, which is an argument. */
void query_items(sql_query *query, const char *const *texts, size_t count);

/* Runs the text with the arguments. query_stream is for rows that may be large. */
bool query_run(sql_query *query, db_rows **ret);
bool query_stream(sql_query *query, db_rows **ret);

/* Runs it, and takes the number in its only row. */
bool query_count(sql_query *query, int64_t *ret);

#endif
