/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Things one at a time: written, read, removed. Lists are in things_list.c.
 *
 * A thing is one row with its description as text, and rows beside it for all that things are found
 * by: Categories, types, links, and the properties, which are kept by properties.c.
 */
#include "store/sql/things.h"

#include <string.h>

#include "store/key.h"
#include "store/sql/parts.h"

/* ---- what things are found by ---- */

static bool type_add(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                     const ix_json *type)
{
    static const char sql[] = "INSERT INTO types (space, type, thing) VALUES ($1, $2, $3)"
                              " ON CONFLICT DO NOTHING";
    if (ix_json_kind(type) != IX_TEXT)
        return true;
    const ix_str key = key_of(cx, ix_json_str(type));
    return !ix_failed(cx) &&
           sql_do(cx, store, sql, ARGS(db_text(space), db_str(key), db_text(uid)));
}

static bool types_add(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row)
{
    if (ix_json_kind(row->types) == IX_TEXT)
        return type_add(cx, store, space, row->uid, row->types);
    for (size_t i = 0; i < ix_json_count(row->types); i++) {
        if (!type_add(cx, store, space, row->uid, ix_json_item(row->types, i)))
            return false;
    }
    return true;
}

static bool links_add(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row)
{
    static const char sql[] = "INSERT INTO links (space, thing, ord, rel, href)"
                              " VALUES ($1, $2, $3, $4, $5)";
    for (size_t i = 0; i < ix_json_count(row->links); i++) {
        const ix_json *link = ix_json_item(row->links, i);
        const db_value rel = key_arg(cx, ix_json_string(ix_json_member(link, "rel")));
        const db_value href = key_arg(cx, ix_json_string(ix_json_member(link, "href")));
        if (ix_failed(cx) ||
            !sql_do(cx, store, sql,
                    ARGS(db_text(space), db_text(row->uid), db_int((int64_t)i), rel, href)))
            return false;
    }
    return true;
}

static bool members_add(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row)
{
    static const char sql[] = "INSERT INTO members (space, category, thing) VALUES ($1, $2, $3)";
    for (size_t i = 0; i < row->category_count; i++) {
        if (!sql_do(cx, store, sql,
                    ARGS(db_text(space), db_text(row->categories[i]), db_text(row->uid))))
            return false;
    }
    return true;
}

static bool types_and_links_drop(ix_ctx *cx, store_handle *store, const char *space,
                                 const char *uid)
{
    static const char types_sql[] = "DELETE FROM types WHERE space = $1 AND thing = $2";
    static const char links_sql[] = "DELETE FROM links WHERE space = $1 AND thing = $2";
    return sql_do(cx, store, types_sql, ARGS(db_text(space), db_text(uid))) &&
           sql_do(cx, store, links_sql, ARGS(db_text(space), db_text(uid)));
}

static bool members_drop(ix_ctx *cx, store_handle *store, const char *space, const char *uid)
{
    static const char sql[] = "DELETE FROM members WHERE space = $1 AND thing = $2";
    return sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid)));
}

/* ---- writing ---- */

/* What a thing of this uid has left behind must not turn up in the new one. */
static bool removal_finish(ix_ctx *cx, store_handle *store, const char *space, const char *uid)
{
    enum { STEP = 1000 };
    bool more = true;
    while (more)
        if (!store_removal_finish(cx, store, space, uid, STEP, &more))
            return false;
    return true;
}

bool store_thing_add(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row)
{
    static const char sql[] =
        "INSERT INTO things (space, uid, title, categories, model, version, created, modified, doc)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    const db_value title = key_arg(cx, row->title);
    const char *categories = sql_list(cx, row->categories, row->category_count);
    return categories && !ix_failed(cx) && removal_finish(cx, store, space, row->uid) &&
           sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(row->uid), title, db_text(categories),
                       db_text(row->model), db_int(row->version), db_int(row->created_us),
                       db_int(row->modified_us), db_text(row->doc))) &&
           types_add(cx, store, space, row) && links_add(cx, store, space, row) &&
           members_add(cx, store, space, row) && search_put(cx, store, space, row, true) &&
           properties_put(cx, store, space, row->uid, row->properties, true) &&
           affordances_put(cx, store, space, row, true) &&
           changes_note_thing(cx, store, CHANGE_THING_CREATED, space, row->uid);
}

bool store_thing_set(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row)
{
    static const char sql[] =
        "UPDATE things SET title = $3, model = $4, version = $5, created = $6, modified = $7,"
        " doc = $8 WHERE space = $1 AND uid = $2";
    static const char categories_sql[] =
        "UPDATE things SET categories = $3 WHERE space = $1 AND uid = $2";

    const db_value title = key_arg(cx, row->title);
    if (ix_failed(cx) ||
        !sql_do(cx, store, sql,
                ARGS(db_text(space), db_text(row->uid), title, db_text(row->model),
                     db_int(row->version), db_int(row->created_us), db_int(row->modified_us),
                     db_text(row->doc))) ||
        !types_and_links_drop(cx, store, space, row->uid) || !types_add(cx, store, space, row) ||
        !links_add(cx, store, space, row) || !search_put(cx, store, space, row, false) ||
        !properties_put(cx, store, space, row->uid, row->properties, false) ||
        !affordances_put(cx, store, space, row, false))
        return false;
    if (row->keep_categories)
        return changes_note_thing(cx, store, CHANGE_THING_UPDATED, space, row->uid);

    const char *categories = sql_list(cx, row->categories, row->category_count);
    return categories &&
           sql_do(cx, store, categories_sql,
                  ARGS(db_text(space), db_text(row->uid), db_text(categories))) &&
           members_drop(cx, store, space, row->uid) && members_add(cx, store, space, row) &&
           changes_note_thing(cx, store, CHANGE_THING_UPDATED, space, row->uid);
}

bool store_thing_set_client(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                            const char *client_id)
{
    static const char sql[] = "UPDATE things SET client_id = $3 WHERE space = $1 AND uid = $2";
    return sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid), db_text(client_id)));
}

/* The thing's own client, if it has one, goes with its tokens. */
static bool client_drop(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                        bool *found)
{
    static const char sql[] = "SELECT client_id FROM things WHERE space = $1 AND uid = $2";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(space), db_text(uid)), &row))
        return false;
    *found = row != NULL;
    if (!row)
        return true;
    const char *client = sql_text(cx, store, row, 0);
    sql_done(store, row);
    bool had_client;
    return client ? store_client_remove(cx, store, client, &had_client) : !ix_failed(cx);
}

bool store_thing_remove(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                        bool *found)
{
    static const char sql[] = "DELETE FROM things WHERE space = $1 AND uid = $2";
    if (!client_drop(cx, store, space, uid, found))
        return false;
    if (!*found)
        return true;
    const credentials_owner owner = {.space = space, .thing = uid};
    const change deleted = {.kind = CHANGE_THING_DELETED, .space = space, .thing = uid};
    bool had_credentials;
    return changes_note(cx, store, &deleted) &&
           sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid))) &&
           store_credentials_remove(cx, store, &owner, &had_credentials) &&
           types_and_links_drop(cx, store, space, uid) && members_drop(cx, store, space, uid) &&
           search_drop_thing(cx, store, space, uid) &&
           properties_drop_thing(cx, store, space, uid) &&
           affordances_drop(cx, store, space, uid) && removals_add_thing(cx, store, space, uid);
}

bool things_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char *const sql[] = {
        "DELETE FROM members WHERE space = $1",
        "DELETE FROM types WHERE space = $1",
        "DELETE FROM links WHERE space = $1",
        "DELETE FROM things WHERE space = $1",
    };
    for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
        if (!sql_do(cx, store, sql[i], ARGS(db_text(space))))
            return false;
    }
    return search_drop_space(cx, store, space);
}

/* Writes anew which Categories a thing is in. */
static bool categories_refresh(ix_ctx *cx, store_handle *store, const char *space, const char *uid)
{
    static const char list_sql[] =
        "SELECT category FROM members WHERE space = $1 AND thing = $2 ORDER BY category";
    static const char set_sql[] = "UPDATE things SET categories = $3 WHERE space = $1 AND uid = $2";

    ix_buf buf = {0};
    db_rows *rows;
    if (!sql_rows(cx, store, list_sql, ARGS(db_text(space), db_text(uid)), &rows))
        return false;
    ix_buf_char(&buf, '[');
    while (sql_next(cx, store, rows)) {
        if (buf.len > 1)
            ix_buf_char(&buf, ',');
        ix_json_write_text(&buf, sql_str(store, rows, 0));
    }
    ix_buf_char(&buf, ']');
    sql_done(store, rows);

    ix_str list;
    return ix_buf_take_in(cx, &buf, &list) && !ix_failed(cx) &&
           sql_do(cx, store, set_sql, ARGS(db_text(space), db_text(uid), db_str(list)));
}

bool things_drop_category(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                          int most, bool *more)
{
    static const char first_sql[] =
        "SELECT thing FROM members WHERE space = $1 AND category = $2 LIMIT 1";
    static const char drop_sql[] =
        "DELETE FROM members WHERE space = $1 AND category = $2 AND thing = $3";
    *more = true;
    for (int i = 0; i < most; i++) {
        db_rows *row;
        if (!sql_first(cx, store, first_sql, ARGS(db_text(space), db_text(category)), &row))
            return false;
        *more = row != NULL;
        if (!row)
            return true;
        const char *uid = sql_text(cx, store, row, 0);
        sql_done(store, row);
        if (!uid ||
            !sql_do(cx, store, drop_sql, ARGS(db_text(space), db_text(category), db_text(uid))) ||
            !categories_refresh(cx, store, space, uid) ||
            !changes_note_thing(cx, store, CHANGE_THING_UPDATED, space, uid))
            return false;
    }
    return true;
}

/* ---- reading ---- */

bool store_members_each(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                        bool (*each)(void *arg, ix_str uid), void *arg)
{
    static const char sql[] =
        "SELECT thing FROM members WHERE space = $1 AND category = $2 ORDER BY thing";
    db_rows *rows;
    if (!sql_rows(cx, store, sql, ARGS(db_text(space), db_text(category)), &rows))
        return false;
    while (sql_next(cx, store, rows) && each(arg, sql_str(store, rows, 0)))
        continue;
    sql_done(store, rows);
    return !ix_failed(cx);
}

thing_view thing_view_of(store_handle *store, db_rows *row)
{
    return (thing_view){
        .uid = sql_str(store, row, 0),
        .categories = sql_str(store, row, 1),
        .model = sql_str(store, row, 2),
        .version = sql_int(store, row, 3),
        .client_id = sql_str(store, row, 4),
        .created_us = sql_int(store, row, 5),
        .modified_us = sql_int(store, row, 6),
        .doc = sql_str(store, row, 7),
    };
}

bool thing_view_keep(ix_ctx *cx, thing_view *view)
{
    ix_str *const texts[] = {&view->uid, &view->categories, &view->model,    &view->client_id,
                             &view->doc, &view->status,     &view->status_at};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        texts[i]->at = ix_strndup(cx, texts[i]->at ? texts[i]->at : "", texts[i]->len);
        if (!texts[i]->at)
            return false;
    }
    return true;
}

bool store_thing_find(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                      const char *uid, bool with_times, thing_view *ret, bool *found)
{
    static const char sql[] = "SELECT " THING_COLUMNS " FROM things t"
                              " WHERE t.space = $1 AND t.uid = $2" //
        SQL_IN_CATEGORY("$2", "$3");

    bool is_own;
    db_rows *row;
    ix_buf status = {0}, times = {0};
    if (!snapshot_begin(cx, store, &is_own))
        return false;
    bool ok =
        sql_first(cx, store, sql, ARGS(db_text(space), db_text(uid), db_text(category)), &row);
    *found = ok && row;
    if (ok && row) {
        thing_view view = thing_view_of(store, row);
        ok = values_write(cx, store, space, uid, &status, with_times ? &times : NULL);
        view.status = (ix_str){ix_buf_cstr(&status), status.len};
        view.status_at = (ix_str){ix_buf_cstr(&times), times.len};
        ok = ok && thing_view_keep(cx, &view);
        *ret = view;
        sql_done(store, row);
    }
    ix_buf_done(&status);
    ix_buf_done(&times);
    snapshot_end(store, is_own);
    return ok;
}

bool store_thing_exists(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                        const char *uid, bool *found)
{
    static const char sql[] = "SELECT 1 FROM things WHERE space = $1 AND uid = $2" //
        SQL_IN_CATEGORY("$2", "$3");
    return sql_any(cx, store, sql, ARGS(db_text(space), db_text(uid), db_text(category)), found);
}

/* The largest of that moment. */
static ix_ulid last_of(int64_t time_us)
{
    ix_ulid_maker maker = {{0}};
    uint8_t ones[10];
    memset(ones, 0xff, sizeof ones);
    return ix_ulid_next(&maker, time_us, ones);
}

bool store_last_uid(ix_ctx *cx, store_handle *store, int64_t until_us, ix_ulid *ret, bool *found)
{
    static const char sql[] = "SELECT max(uid) FROM (SELECT"
                              " (SELECT max(uid) FROM things t"
                              " WHERE t.space = s.name AND t.uid <= $1) AS uid"
                              " FROM spaces s) last_ones";
    const ix_ulid most = last_of(until_us);
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(most.text)), &row))
        return false;
    *found = row && ix_ulid_parse(sql_str(store, row, 0), ret);
    sql_done(store, row);

    ix_ulid interaction;
    bool has_interaction;
    if (!interactions_last_id(cx, store, &most, &interaction, &has_interaction))
        return false;
    if (has_interaction && (!*found || strcmp(interaction.text, ret->text) > 0))
        *ret = interaction;
    *found = *found || has_interaction;
    return true;
}
