/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql/sql.h"

bool sql_first(ix_ctx *cx, store_handle *store, const char *sql, const db_value *args, size_t nargs,
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

bool sql_any(ix_ctx *cx, store_handle *store, const char *sql, const db_value *args, size_t nargs,
             bool *ret)
{
    db_rows *row;
    if (!sql_first(cx, store, sql, args, nargs, &row))
        return false;
    *ret = row != NULL;
    sql_done(store, row);
    return true;
}

int64_t sql_int(store_handle *store, db_rows *row, int i)
{
    const db_value value = store->db->driver->column(row, i);
    return value.type == DB_INT ? value.number : 0;
}

bool sql_is_null(store_handle *store, db_rows *row, int i)
{
    return store->db->driver->column(row, i).type == DB_NULL;
}

ix_str sql_str(store_handle *store, db_rows *row, int i)
{
    const db_value value = store->db->driver->column(row, i);
    return value.type == DB_TEXT || value.type == DB_BLOB ? value.text : (ix_str){0};
}

char *sql_text(ix_ctx *cx, store_handle *store, db_rows *row, int i)
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
    return ix_buf_take_in(cx, &buf, &list) ? list.at : NULL;
}

bool snapshot_begin(ix_ctx *cx, store_handle *store, bool *ret_own)
{
    *ret_own = !store->db->driver->in_transaction(store->db);
    return !*ret_own || store->db->driver->begin_read(cx, store->db);
}

void snapshot_end(store_handle *store, bool is_own)
{
    if (is_own)
        store->db->driver->rollback(store->db);
}

/* ---- pages of lists by name ---- */

/* Sorts after every name there can be. */
static const char past_all[] = "~";

enum { ROW_BYTES_MAX = 64 << 20 };

typedef struct emitting {
    row_emitter *emit;
    void *arg;
} emitting;

/* Each row in memory of its own, because many rows may be large. */
static bool emit_row(ix_ctx *cx, store_handle *store, const emitting *emitting, ix_ctx *of_row,
                     db_rows *row)
{
    const bool goes_on = emitting->emit(emitting->arg, of_row, store, row);
    if (ix_failed(of_row))
        ix_ctx_forward_error(cx, of_row);
    ix_arena_reset(of_row->arena);
    return goes_on && !ix_failed(cx);
}

bool sql_page(ix_ctx *cx, store_handle *store, const name_list *list, const char *space,
              const page_range *page, row_emitter *emit, void *arg, bool *more)
{
    const emitting emitting = {emit, arg};
    const char *boundary = page->is_backward ? past_all : "";
    if (page->boundary && !(boundary = ix_json_string(ix_json_item(page->boundary, 0))))
        return ix_fail(cx, IOTS_INVALID, "invalid cursor");

    ix_ctx of_row;
    db_rows *rows;
    if (!ix_ctx_init(&of_row, ROW_BYTES_MAX))
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    *more = false;
    if (sql_stream(cx, store, page->is_backward ? list->backward : list->forward,
                   ARGS(db_text(space), db_text(boundary), db_int(page->limit + 1)), &rows)) {
        for (int count = 0; !*more && sql_next(cx, store, rows); count++)
            *more = count == page->limit || !emit_row(cx, store, &emitting, &of_row, rows);
        sql_done(store, rows);
    }
    ix_ctx_done(&of_row);
    return !ix_failed(cx);
}
