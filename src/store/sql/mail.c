/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail that waits to be sent: a queue, in the order in which it is due. */
#include "store/sql/parts.h"

bool store_mail_add(ix_ctx *cx, store_handle *store, const mail_row *row)
{
    static const char sql[] =
        "INSERT INTO mail (space, id, due, attempts, created, recipients, doc)"
        " VALUES ($1, $2, $3, 0, $3, $4, $5)";
    return sql_do(cx, store, sql,
                  ARGS(db_text(row->space), db_text(row->id), db_int(row->created_us),
                       db_text(row->recipients), db_text(row->doc)));
}

bool store_mail_count(ix_ctx *cx, store_handle *store, int64_t *ret)
{
    static const char sql[] = "SELECT count(*) FROM mail";
    db_rows *row;
    if (!sql_first(cx, store, sql, NULL, 0, &row))
        return false;
    *ret = sql_int(store, row, 0);
    sql_done(store, row);
    return true;
}

bool store_mail_is_full(ix_ctx *cx, store_handle *store, int most, bool *ret)
{
    static const char sql[] =
        "SELECT id FROM mail WHERE due >= 0 ORDER BY due, id LIMIT 1 OFFSET $1";
    return sql_any(cx, store, sql, ARGS(db_int(most - 1)), ret);
}

/* Reads a row of (space, id, recipients, doc, attempts, created) into cx. */
static bool mail_row_read(ix_ctx *cx, store_handle *store, db_rows *row, mail_row *ret)
{
    *ret = (mail_row){
        .space = sql_text(cx, store, row, 0),
        .id = sql_text(cx, store, row, 1),
        .recipients = sql_text(cx, store, row, 2),
        .doc = sql_text(cx, store, row, 3),
        .attempts = sql_int(store, row, 4),
        .created_us = sql_int(store, row, 5),
    };
    return !ix_failed(cx);
}

bool store_mail_take(ix_ctx *cx, store_handle *store, int64_t now_us, int64_t again_us,
                     mail_row *ret, bool *found)
{
    static const char find_sql[] =
        "SELECT space, id, recipients, doc, attempts, created, due FROM mail"
        " WHERE due <= $1 ORDER BY due, id LIMIT 1";
    static const char take_sql[] =
        "UPDATE mail SET due = $1, attempts = $2 WHERE space = $3 AND id = $4 AND due = $5";
    db_rows *row;
    if (!sql_first(cx, store, find_sql, ARGS(db_int(now_us)), &row))
        return false;
    *found = row != NULL;
    const int64_t due_us = row ? sql_int(store, row, 6) : 0;
    const bool ok = !row || mail_row_read(cx, store, row, ret);
    sql_done(store, row);
    if (!ok || !*found)
        return ok;
    ret->attempts++;
    if (!sql_do(cx, store, take_sql,
                ARGS(db_int(again_us), db_int(ret->attempts), db_text(ret->space), db_text(ret->id),
                     db_int(due_us))))
        return false;
    *found = sql_changes(store) > 0; /* unless another server on this store was quicker */
    return true;
}

bool store_mail_due(ix_ctx *cx, store_handle *store, int64_t *ret_us, bool *found)
{
    static const char sql[] = "SELECT min(due) FROM mail";
    db_rows *row;
    if (!sql_first(cx, store, sql, NULL, 0, &row))
        return false;
    const db_value due = store->db->driver->column(row, 0); /* NULL if nothing waits */
    *found = due.type == DB_INT;
    *ret_us = *found ? due.number : 0;
    sql_done(store, row);
    return true;
}

bool store_mail_postpone(ix_ctx *cx, store_handle *store, const char *space, const char *id,
                         const char *recipients, int64_t due_us)
{
    static const char sql[] =
        "UPDATE mail SET recipients = $1, due = $2 WHERE space = $3 AND id = $4";
    return sql_do(cx, store, sql,
                  ARGS(db_text(recipients), db_int(due_us), db_text(space), db_text(id)));
}

bool store_mail_remove(ix_ctx *cx, store_handle *store, const char *space, const char *id)
{
    static const char sql[] = "DELETE FROM mail WHERE space = $1 AND id = $2";
    return sql_do(cx, store, sql, ARGS(db_text(space), db_text(id)));
}

bool store_mail_hurry(ix_ctx *cx, store_handle *store, int64_t now_us)
{
    static const char sql[] = "UPDATE mail SET due = $1 WHERE due > $1";
    return sql_do(cx, store, sql, ARGS(db_int(now_us)));
}

bool mail_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char sql[] = "DELETE FROM mail WHERE space = $1";
    return sql_do(cx, store, sql, ARGS(db_text(space)));
}
