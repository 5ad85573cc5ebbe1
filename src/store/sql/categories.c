/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "store/sql/parts.h"

#define COLUMNS \
    "name, description, model, version, created, modified, history_retention, silent_after"

/* NULL: no limit. */
static db_value keep_of(const category_row *row)
{
    int64_t keep_us;
    const bool has_limit =
        row->history_retention && ix_duration_parse(ix_str_of(row->history_retention), &keep_us);
    return has_limit ? db_int(keep_us) : db_null();
}

bool store_category_add(ix_ctx *cx, store_handle *store, const char *space, const category_row *row)
{
    static const char sql[] = "INSERT INTO categories (space, " COLUMNS ", keep_us)"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(row->name), db_text(row->description),
                       db_text(row->model), db_int(row->version), db_int(row->created_us),
                       db_int(row->modified_us), db_text(row->history_retention),
                       db_text(row->silent_after), keep_of(row)));
}

bool store_category_set(ix_ctx *cx, store_handle *store, const char *space, const category_row *row)
{
    static const char sql[] = "UPDATE categories SET description = $3, model = $4, version = $5,"
                              " created = $6, modified = $7, history_retention = $8,"
                              " silent_after = $9, keep_us = $10"
                              " WHERE space = $1 AND name = $2";
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(row->name), db_text(row->description),
                       db_text(row->model), db_int(row->version), db_int(row->created_us),
                       db_int(row->modified_us), db_text(row->history_retention),
                       db_text(row->silent_after), keep_of(row)));
}

/* Reads a row of COLUMNS into cx. */
static bool category_read(ix_ctx *cx, store_handle *store, db_rows *row, category_row *ret)
{
    *ret = (category_row){
        .name = sql_text(cx, store, row, 0),
        .description = sql_text(cx, store, row, 1),
        .model = sql_text(cx, store, row, 2),
        .version = sql_int(store, row, 3),
        .created_us = sql_int(store, row, 4),
        .modified_us = sql_int(store, row, 5),
        .history_retention = sql_text(cx, store, row, 6),
        .silent_after = sql_text(cx, store, row, 7),
    };
    return !ix_failed(cx);
}

bool store_category_find(ix_ctx *cx, store_handle *store, const char *space, const char *name,
                         category_row *ret, bool *found)
{
    static const char sql[] = "SELECT " COLUMNS " FROM categories WHERE space = $1 AND name = $2";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(space), db_text(name)), &row))
        return false;
    *found = row != NULL;
    const bool ok = !row || category_read(cx, store, row, ret);
    sql_done(store, row);
    return ok;
}

bool store_category_remove(ix_ctx *cx, store_handle *store, const char *space, const char *name,
                           int most, bool *found, bool *more)
{
    static const char find_sql[] = "SELECT 1 FROM categories WHERE space = $1 AND name = $2";
    static const char sql[] = "DELETE FROM categories WHERE space = $1 AND name = $2";
    const credentials_owner owner = {.space = space, .category = name};
    bool had_credentials;
    *more = false;
    if (!sql_any(cx, store, find_sql, ARGS(db_text(space), db_text(name)), found))
        return false;
    if (!*found)
        return true;
    if (!things_drop_category(cx, store, space, name, most, more))
        return false;
    return *more || (sql_do(cx, store, sql, ARGS(db_text(space), db_text(name))) &&
                     store_credentials_remove(cx, store, &owner, &had_credentials));
}

/* Whoever asked for the list. */
typedef struct visitor {
    bool (*each)(void *arg, const category_row *row);
    void *arg;
} visitor;

static bool emit_category(void *arg, ix_ctx *cx, store_handle *store, db_rows *row)
{
    const visitor *visitor = arg;
    category_row category;
    return category_read(cx, store, row, &category) && visitor->each(visitor->arg, &category);
}

bool store_categories_list(ix_ctx *cx, store_handle *store, const char *space,
                           const page_range *page, bool (*each)(void *arg, const category_row *row),
                           void *arg, bool *more)
{
    static const name_list list = {
        .forward = "SELECT " COLUMNS " FROM categories"
                   " WHERE space = $1 AND name > $2 ORDER BY name LIMIT $3",
        .backward = "SELECT " COLUMNS " FROM categories"
                    " WHERE space = $1 AND name < $2 ORDER BY name DESC LIMIT $3",
    };
    return sql_page(cx, store, &list, space, page, emit_category, &(visitor){each, arg}, more);
}
