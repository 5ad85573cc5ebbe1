/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql/parts.h"

bool store_space_add(ix_ctx *cx, store_handle *store, const char *name, int64_t now_us)
{
    static const char sql[] = "INSERT INTO spaces (name, created) VALUES ($1, $2)";
    return removals_check_space(cx, store, name) &&
           sql_do(cx, store, sql, ARGS(db_text(name), db_int(now_us)));
}

bool store_space_remove(ix_ctx *cx, store_handle *store, const char *name, bool *found)
{
    static const char sql[] = "DELETE FROM spaces WHERE name = $1";
    if (!sql_do(cx, store, sql, ARGS(db_text(name))))
        return false;
    *found = sql_changes(store) > 0;
    const change deleted = {.kind = CHANGE_SPACE_DELETED, .space = name};
    return !*found || (clients_leave_space(cx, store, name) && users_drop_space(cx, store, name) &&
                       grants_drop_space(cx, store, name) && mail_drop_space(cx, store, name) &&
                       removals_add_space(cx, store, name) && changes_note(cx, store, &deleted));
}

bool store_spaces_each(ix_ctx *cx, store_handle *store, bool (*each)(void *arg, ix_str name),
                       void *arg)
{
    static const char sql[] = "SELECT name FROM spaces ORDER BY name";
    db_rows *rows;
    if (!sql_rows(cx, store, sql, NULL, 0, &rows))
        return false;
    while (sql_next(cx, store, rows) && each(arg, sql_str(store, rows, 0)))
        continue;
    sql_done(store, rows);
    return !ix_failed(cx);
}
