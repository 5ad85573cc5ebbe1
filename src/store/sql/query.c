/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql/query.h"

void query_init(sql_query *query, ix_ctx *cx, store_handle *store, const char *space)
{
    query->cx = cx;
    query->store = store;
    query->count = 0;
    query->sql = (ix_buf){0};
    query_arg(query, db_text(space));
}

int query_arg(sql_query *query, db_value value)
{
    if (query->count == QUERY_ARGS_MAX) {
        ix_fail(query->cx, IOTS_INVALID, "the filter asks for too much at once");
        return query->count;
    }
    query->args[query->count] = value;
    return ++query->count;
}

void query_items(sql_query *query, const char *const *texts, size_t count)
{
    const char *list = sql_list(query->cx, texts, count);
    const char *name = list ? ix_format(query->cx, "$%d", query_arg(query, db_text(list))) : NULL;
    const char *items = name ? ix_format(query->cx, query->store->db->driver->items, name) : NULL;
    ix_buf_text(&query->sql, items ? items : "");
}

/* The text, in cx; releases it. NULL if anything failed before. */
static const char *query_take(sql_query *query)
{
    ix_str sql;
    return ix_buf_take_in(query->cx, &query->sql, &sql) && !ix_failed(query->cx) ? sql.at : NULL;
}

bool query_run(sql_query *query, db_rows **ret)
{
    db_conn *db = query->store->db;
    const char *sql = query_take(query);
    return sql && db->driver->run_once(query->cx, db, sql, query->args, (size_t)query->count, ret);
}

bool query_stream(sql_query *query, db_rows **ret)
{
    db_conn *db = query->store->db;
    const char *sql = query_take(query);
    return sql &&
           db->driver->stream(query->cx, db, sql, false, query->args, (size_t)query->count, ret);
}

bool query_count(sql_query *query, int64_t *ret)
{
    db_rows *rows;
    if (!query_run(query, &rows))
        return false;
    *ret = sql_next(query->cx, query->store, rows) ? sql_int(query->store, rows, 0) : 0;
    sql_done(query->store, rows);
    return !ix_failed(query->cx);
}
