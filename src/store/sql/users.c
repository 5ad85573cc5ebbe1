/* SPDX-License-Identifier: Apache-2.0 */
/* People. What they have allowed never outlives them. */
#include "store/sql/parts.h"

#define COLUMNS "name, password, scopes, spaces, created"

bool store_user_put(ix_ctx *cx, store_handle *store, const user_row *user)
{
    static const char sql[] =
        "INSERT INTO users (" COLUMNS ") VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (name) DO UPDATE SET password = excluded.password, scopes = excluded.scopes,"
        " spaces = excluded.spaces, created = excluded.created";
    return sql_do(cx, store, sql,
                  ARGS(db_text(user->name), db_text(user->password_hash), db_text(user->scopes),
                       db_text(user->spaces), db_int(user->created_us)));
}

/* Reads a row of COLUMNS into cx. */
static bool user_read(ix_ctx *cx, store_handle *store, db_rows *row, user_row *ret)
{
    *ret = (user_row){
        .name = sql_text(cx, store, row, 0),
        .password_hash = sql_text(cx, store, row, 1),
        .scopes = sql_text(cx, store, row, 2),
        .spaces = sql_text(cx, store, row, 3),
        .created_us = sql_int(store, row, 4),
    };
    return !ix_failed(cx);
}

bool store_user_find(ix_ctx *cx, store_handle *store, const char *name, user_row *ret, bool *found)
{
    static const char sql[] = "SELECT " COLUMNS " FROM users WHERE name = $1";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(name)), &row))
        return false;
    *found = row != NULL;
    const bool ok = !row || user_read(cx, store, row, ret);
    sql_done(store, row);
    return ok;
}

bool store_user_remove(ix_ctx *cx, store_handle *store, const char *name, bool *found)
{
    static const char sql[] = "DELETE FROM users WHERE name = $1";
    if (!sql_do(cx, store, sql, ARGS(db_text(name))))
        return false;
    *found = sql_changes(store) > 0;
    return store_grants_remove_of(cx, store, name);
}

bool store_users_each(ix_ctx *cx, store_handle *store, bool (*each)(void *arg, const user_row *row),
                      void *arg)
{
    static const char sql[] = "SELECT " COLUMNS " FROM users ORDER BY name";
    db_rows *rows;
    if (!sql_rows(cx, store, sql, NULL, 0, &rows))
        return false;
    user_row user;
    while (sql_next(cx, store, rows) && user_read(cx, store, rows, &user) && each(arg, &user))
        continue;
    sql_done(store, rows);
    return !ix_failed(cx);
}

bool users_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char sql[] =
        "UPDATE users SET spaces = " SQL_SPACES_WITHOUT_1 " WHERE " SQL_SPACES_HAVE_1;
    return sql_do(cx, store, sql, ARGS(db_text(space)));
}
