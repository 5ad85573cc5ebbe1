/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

void query_init(query *query, ix_ctx *cx, store *store, const char *space)
{
    query->cx = cx;
    query->store = store;
    query->count = 0;
    query_arg(query, db_text(space));
}

int query_arg(query *query, db_value value)
{
    if (query->count == QUERY_ARGS_MAX) {
        ix_fail(query->cx, IOTS_INVALID, "the filter asks for too much at once");
        return query->count;
    }
    query->args[query->count] = value;
    return ++query->count;
}

const char *query_items(query *query, const char *const *texts, size_t count)
{
    const char *list = sql_list(query->cx, texts, count);
    const char *name = list ? ix_format(query->cx, "$%d", query_arg(query, db_text(list))) : NULL;
    return name ? ix_format(query->cx, query->store->db->driver->items, name) : NULL;
}

bool query_run(query *query, const char *sql, db_rows **ret)
{
    db *db = query->store->db;
    return !ix_failed(query->cx) &&
           db->driver->run_once(query->cx, db, sql, query->args, (size_t)query->count, ret);
}

bool query_stream(query *query, const char *sql, db_rows **ret)
{
    db *db = query->store->db;
    return !ix_failed(query->cx) &&
           db->driver->stream(query->cx, db, sql, false, query->args, (size_t)query->count, ret);
}

bool query_count(query *query, const char *sql, int64_t most, int64_t *ret)
{
    const char *count =
        ix_format(query->cx, "SELECT count(*) FROM (%s LIMIT %lld) few", sql, (long long)most);
    db_rows *rows;
    if (!count || !query_run(query, count, &rows))
        return false;
    if (sql_next(query->cx, query->store, rows))
        *ret = sql_int(query->store, rows, 0);
    sql_done(query->store, rows);
    return !ix_failed(query->cx);
}
