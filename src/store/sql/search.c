/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts that Things are searched by.
 *
 * Of each Thing there is one folded text: title, description, types and uid, with FOLD_BETWEEN between
 * them. It says whether the Thing holds what is searched; which Things to ask is reported by their grams
 * (grams.h).
 */
#include <stdio.h>
#include <string.h>

#include "domain/fold.h"
#include "store/sql/grams.h"
#include "store/sql/parts.h"
#include "store/sql/search.h"

/* ---- what is written ---- */

static void add_text(ix_ctx *cx, ix_buf *buf, ix_str text)
{
    ix_buf_str(buf, text_fold(cx, text));
    ix_buf_text(buf, FOLD_BETWEEN);
}

/* The text of a Thing, in cx. */
static const char *text_of(ix_ctx *cx, const thing_row *row)
{
    ix_buf buf = {0};
    ix_str text;
    add_text(cx, &buf, ix_str_of(row->title));
    if (row->description)
        add_text(cx, &buf, ix_str_of(row->description));
    if (ix_json_kind(row->types) == IX_TEXT)
        add_text(cx, &buf, ix_json_str(row->types));
    for (size_t i = 0; i < ix_json_count(row->types); i++) {
        if (ix_json_kind(ix_json_item(row->types, i)) == IX_TEXT)
            add_text(cx, &buf, ix_json_str(ix_json_item(row->types, i)));
    }
    add_text(cx, &buf, ix_str_of(row->uid));
    return ix_buf_take_in(cx, &buf, &text) && !ix_failed(cx) ? text.at : NULL;
}

/* *ret NULL: it has none. */
static bool text_find(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                      const char **ret)
{
    static const char sql[] = "SELECT text FROM search_texts WHERE space = $1 AND thing = $2";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(space), db_text(uid)), &row))
        return false;
    *ret = row ? sql_text(cx, store, row, 0) : NULL;
    sql_done(store, row);
    return !ix_failed(cx);
}

/* Adds the text of a thing that has none. */
static bool text_add(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                     const char *text)
{
    static const char sql[] = "INSERT INTO search_texts (space, thing, text) VALUES ($1, $2, $3)";
    return sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid), db_text(text)));
}

bool search_put(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row,
                bool is_new)
{
    const char *text = text_of(cx, row), *before = NULL;
    if (!text || (!is_new && !text_find(cx, store, space, row->uid, &before)))
        return false;
    if (before && strcmp(before, text) == 0)
        return true;
    return (!before || search_drop_thing(cx, store, space, row->uid)) &&
           text_add(cx, store, space, row->uid, text) &&
           grams_of(store->db)->add(cx, store, space, row->uid, text);
}

bool search_drop_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid)
{
    static const char sql[] = "DELETE FROM search_texts WHERE space = $1 AND thing = $2";
    const char *text;
    if (!text_find(cx, store, space, uid, &text))
        return false;
    return !text || (grams_of(store->db)->drop(cx, store, space, uid, text) &&
                     sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid))));
}

/* ---- many texts ---- */

enum { SOME = 100 }; /* things read at a time */

/* Where the reading of things goes on. */
typedef struct place {
    char space[64], uid[IX_ULID_LEN + 1];
} place;

/* Says of a thing and what stands in the row behind its space and uid. */
typedef bool thing_teller(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                          const char *text);

/* Says of some rows of `sql` after `place`; *ret_count says how many. */
static bool tell_some(ix_ctx *cx, store_handle *store, const char *sql, place *place,
                      thing_teller *emit, int *ret_count)
{
    const struct place from = *place;
    db_rows *rows;
    bool ok = true;
    *ret_count = 0;
    if (!sql_rows(cx, store, sql, ARGS(db_text(from.space), db_text(from.uid), db_int(SOME)),
                  &rows))
        return false;
    while (ok && sql_next(cx, store, rows)) {
        const char *space = sql_text(cx, store, rows, 0), *uid = sql_text(cx, store, rows, 1);
        const char *text = sql_text(cx, store, rows, 2);
        ok = space && uid && text && emit(cx, store, space, uid, text);
        if (!ok)
            break;
        snprintf(place->space, sizeof(place->space), "%s", space);
        snprintf(place->uid, sizeof(place->uid), "%s", uid);
        ++*ret_count;
    }
    sql_done(store, rows);
    return ok && !ix_failed(cx);
}

/* Says of all rows of `sql`, which gives $3 of them beyond the space $1 and uid $2. */
static bool run_all_scenarios(ix_ctx *cx, store_handle *store, const char *sql, const char *space,
                              thing_teller *emit)
{
    place place = {0};
    ix_ctx scratch;
    int count = SOME;
    bool ok = ix_ctx_init(&scratch, 0);
    snprintf(place.space, sizeof(place.space), "%s", space);
    while (ok && count == SOME) {
        ok = tell_some(&scratch, store, sql, &place, emit, &count);
        ix_arena_reset(scratch.arena);
    }
    if (!ok)
        ix_fail(cx, scratch.error.code, "%s", scratch.error.message);
    ix_ctx_done(&scratch);
    return ok;
}

bool search_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char list_sql[] =
        "SELECT space, thing, text FROM search_texts WHERE space = $1 AND thing > $2"
        " ORDER BY thing LIMIT $3";
    static const char sql[] = "DELETE FROM search_texts WHERE space = $1";
    return run_all_scenarios(cx, store, list_sql, space, grams_of(store->db)->drop) &&
           sql_do(cx, store, sql, ARGS(db_text(space)));
}

/* ---- steps of the schema ---- */

static bool fill_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                       const char *doc)
{
    const char *text = ix_format(cx, "{%s}", doc);
    const ix_json *json = text ? ix_json_parse(cx, text, strlen(text)) : NULL;
    if (!json)
        return false;
    const char *title = ix_json_string(ix_json_member(json, "title"));
    const thing_row row = {
        .uid = uid,
        .title = title ? title : "",
        .description = ix_json_string(ix_json_member(json, "description")),
        .types = ix_json_member(json, "@type"),
    };
    const char *made = text_of(cx, &row);
    return made && text_add(cx, store, space, uid, made);
}

bool search_fill(ix_ctx *cx, db_conn *db)
{
    static const char sql[] = "SELECT space, uid, doc FROM things WHERE (space, uid) > ($1, $2)"
                              " ORDER BY space, uid LIMIT $3";
    return run_all_scenarios(cx, &(store_handle){.db = db}, sql, "", fill_thing);
}

bool search_index(ix_ctx *cx, db_conn *db)
{
    static const char sql[] = "SELECT space, thing, text FROM search_texts"
                              " WHERE (space, thing) > ($1, $2) ORDER BY space, thing LIMIT $3";
    return grams_of(db)->make(cx, db) &&
           run_all_scenarios(cx, &(store_handle){.db = db}, sql, "", grams_of(db)->add);
}
