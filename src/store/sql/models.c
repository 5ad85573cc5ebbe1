/* SPDX-License-Identifier: Apache-2.0 */
/* Models and their versions. A version never changes and goes only with its Model. */
#include "store/sql/parts.h"

#define MODEL_COLUMNS   "id, name, description, created, modified"
#define VERSION_COLUMNS "version, title, description, template, created"

/* ---- Models ---- */

bool store_model_add(ix_ctx *cx, store_handle *store, const char *space, const model_row *row)
{
    static const char sql[] =
        "INSERT INTO models (space, " MODEL_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)";
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(row->id), db_text(row->name),
                       db_text(row->description), db_int(row->created_us),
                       db_int(row->modified_us)));
}

bool store_model_set(ix_ctx *cx, store_handle *store, const char *space, const model_row *row)
{
    static const char sql[] =
        "UPDATE models SET description = $3, modified = $4 WHERE space = $1 AND name = $2";
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(row->name), db_text(row->description),
                       db_int(row->modified_us)));
}

/* Reads a row of MODEL_COLUMNS into cx. */
static bool model_read(ix_ctx *cx, store_handle *store, db_rows *row, model_row *ret)
{
    *ret = (model_row){
        .id = sql_text(cx, store, row, 0),
        .name = sql_text(cx, store, row, 1),
        .description = sql_text(cx, store, row, 2),
        .created_us = sql_int(store, row, 3),
        .modified_us = sql_int(store, row, 4),
    };
    return !ix_failed(cx);
}

bool store_model_find(ix_ctx *cx, store_handle *store, const char *space, const char *name,
                      model_row *ret, bool *found)
{
    static const char sql[] = "SELECT " MODEL_COLUMNS " FROM models WHERE space = $1 AND name = $2";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(space), db_text(name)), &row))
        return false;
    *found = row != NULL;
    const bool ok = !row || model_read(cx, store, row, ret);
    sql_done(store, row);
    return ok;
}

bool store_model_remove(ix_ctx *cx, store_handle *store, const char *space, const char *name)
{
    static const char versions_sql[] = "DELETE FROM versions WHERE space = $1 AND model = $2";
    static const char model_sql[] = "DELETE FROM models WHERE space = $1 AND name = $2";
    return sql_do(cx, store, versions_sql, ARGS(db_text(space), db_text(name))) &&
           sql_do(cx, store, model_sql, ARGS(db_text(space), db_text(name)));
}

bool store_model_used(ix_ctx *cx, store_handle *store, const char *space, const char *name,
                      bool *ret_by_categories, bool *ret_by_things)
{
    static const char categories_sql[] =
        "SELECT 1 FROM categories WHERE space = $1 AND model = $2 LIMIT 1";
    static const char things_sql[] = "SELECT 1 FROM things WHERE space = $1 AND model = $2 LIMIT 1";
    return sql_any(cx, store, categories_sql, ARGS(db_text(space), db_text(name)),
                   ret_by_categories) &&
           sql_any(cx, store, things_sql, ARGS(db_text(space), db_text(name)), ret_by_things);
}

bool models_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char versions_sql[] = "DELETE FROM versions WHERE space = $1";
    static const char models_sql[] = "DELETE FROM models WHERE space = $1";
    return sql_do(cx, store, versions_sql, ARGS(db_text(space))) &&
           sql_do(cx, store, models_sql, ARGS(db_text(space)));
}

/* Whoever asked for the list. */
typedef struct visitor {
    bool (*each)(void *arg, const model_row *row);
    void *arg;
} visitor;

static bool emit_model(void *arg, ix_ctx *cx, store_handle *store, db_rows *row)
{
    const visitor *visitor = arg;
    model_row model;
    return model_read(cx, store, row, &model) && visitor->each(visitor->arg, &model);
}

bool store_models_list(ix_ctx *cx, store_handle *store, const char *space, const page_range *page,
                       bool (*each)(void *arg, const model_row *row), void *arg, bool *more)
{
    static const name_list list = {
        .forward = "SELECT " MODEL_COLUMNS " FROM models"
                   " WHERE space = $1 AND name > $2 ORDER BY name LIMIT $3",
        .backward = "SELECT " MODEL_COLUMNS " FROM models"
                    " WHERE space = $1 AND name < $2 ORDER BY name DESC LIMIT $3",
    };
    return sql_page(cx, store, &list, space, page, emit_model, &(visitor){each, arg}, more);
}

/* ---- versions ---- */

bool store_version_newest(ix_ctx *cx, store_handle *store, const char *space, const char *model,
                          int64_t *ret)
{
    static const char sql[] = "SELECT version FROM versions WHERE space = $1 AND model = $2"
                              " ORDER BY version DESC LIMIT 1";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(space), db_text(model)), &row))
        return false;
    *ret = row ? sql_int(store, row, 0) : 0;
    sql_done(store, row);
    return true;
}

bool store_version_add(ix_ctx *cx, store_handle *store, const char *space, const char *model,
                       const version_row *row)
{
    static const char sql[] = "INSERT INTO versions (space, model, " VERSION_COLUMNS ")"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7)";
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(model), db_int(row->version), db_str(row->title),
                       db_str(row->description), db_str(row->template), db_int(row->created_us)));
}

/* The view of a row of VERSION_COLUMNS, good until the next step. */
static version_row version_of(store_handle *store, db_rows *row)
{
    return (version_row){
        .version = sql_int(store, row, 0),
        .title = sql_str(store, row, 1),
        .description = sql_str(store, row, 2),
        .template = sql_str(store, row, 3),
        .created_us = sql_int(store, row, 4),
    };
}

static bool version_keep(ix_ctx *cx, version_row *row)
{
    ix_str *const texts[] = {&row->title, &row->description, &row->template};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        texts[i]->at = ix_strndup(cx, texts[i]->len ? texts[i]->at : "", texts[i]->len);
        if (!texts[i]->at)
            return false;
    }
    return true;
}

bool store_version_find(ix_ctx *cx, store_handle *store, const char *space, const char *model,
                        int64_t version, version_row *ret, bool *found)
{
    static const char sql[] = "SELECT " VERSION_COLUMNS " FROM versions"
                              " WHERE space = $1 AND model = $2 AND version = $3";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(space), db_text(model), db_int(version)), &row))
        return false;
    *found = row != NULL;
    if (!row)
        return true;
    *ret = version_of(store, row);
    const bool ok = version_keep(cx, ret);
    sql_done(store, row);
    return ok;
}

bool store_versions_list(ix_ctx *cx, store_handle *store, const char *space, const char *model,
                         const page_range *page, bool (*each)(void *arg, const version_row *row),
                         void *arg, bool *more)
{
    static const char forward_sql[] = "SELECT " VERSION_COLUMNS " FROM versions"
                                      " WHERE space = $1 AND model = $2 AND version > $3"
                                      " ORDER BY version LIMIT $4";
    static const char backward_sql[] = "SELECT " VERSION_COLUMNS " FROM versions"
                                       " WHERE space = $1 AND model = $2 AND version < $3"
                                       " ORDER BY version DESC LIMIT $4";
    int64_t boundary = page->is_backward ? INT64_MAX : 0;
    db_rows *rows;
    if (page->boundary && (boundary = ix_json_int(ix_json_item(page->boundary, 0), 0)) < 1)
        return ix_fail(cx, IOTS_INVALID, "invalid cursor");
    if (!sql_stream(cx, store, page->is_backward ? backward_sql : forward_sql,
                    ARGS(db_text(space), db_text(model), db_int(boundary), db_int(page->limit + 1)),
                    &rows))
        return false;
    *more = false;
    for (int count = 0; !*more && sql_next(cx, store, rows); count++) {
        const version_row row = version_of(store, rows);
        *more = count == page->limit || !each(arg, &row);
    }
    sql_done(store, rows);
    return !ix_failed(cx);
}
