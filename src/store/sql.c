/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

bool sql_first(ix_ctx *cx, store *store, const char *sql, const db_value *args, size_t nargs,
               db_rows **ret)
{
    db_rows *rows;
    if (!sql_rows(cx, store, sql, args, nargs, &rows))
        return false;
    if (sql_next(cx, store, rows)) {
        *ret = rows;
        return true;
    }
    sql_done(store, rows);
    *ret = NULL;
    return !ix_failed(cx);
}

bool sql_any(ix_ctx *cx, store *store, const char *sql, const db_value *args, size_t nargs,
             bool *ret)
{
    db_rows *row;
    if (!sql_first(cx, store, sql, args, nargs, &row))
        return false;
    *ret = row != NULL;
    sql_done(store, row);
    return true;
}

int64_t sql_int(store *store, db_rows *row, int i)
{
    const db_value value = store->db->driver->column(row, i);
    return value.type == DB_INT ? value.number : 0;
}

ix_str sql_str(store *store, db_rows *row, int i)
{
    const db_value value = store->db->driver->column(row, i);
    return value.type == DB_TEXT || value.type == DB_BLOB ? value.text : (ix_str){0};
}

char *sql_text(ix_ctx *cx, store *store, db_rows *row, int i)
{
    const db_value value = store->db->driver->column(row, i);
    return value.type == DB_TEXT ? ix_strndup(cx, value.text.at, value.text.len) : NULL;
}

const char *sql_list(ix_ctx *cx, const char *const *texts, size_t count)
{
    ix_buf buf = {0};
    ix_buf_char(&buf, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            ix_buf_char(&buf, ',');
        ix_json_write_text(&buf, ix_str_of(texts[i]));
    }
    ix_buf_char(&buf, ']');

    ix_str list;
    return sql_take(cx, &buf, &list) ? list.at : NULL;
}

bool sql_take(ix_ctx *cx, ix_buf *buf, ix_str *ret)
{
    const char *copy = NULL;
    if (buf->failed)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    else
        copy = ix_strndup(cx, ix_buf_cstr(buf), buf->len);
    *ret = (ix_str){copy, copy ? buf->len : 0};
    ix_buf_done(buf);
    return copy != NULL;
}

bool snapshot_begin(ix_ctx *cx, store *store, bool *ret_own)
{
    *ret_own = !store->db->driver->in_transaction(store->db);
    return !*ret_own || store->db->driver->begin_read(cx, store->db);
}

void snapshot_end(store *store, bool is_own)
{
    if (is_own)
        store->db->driver->rollback(store->db);
}
