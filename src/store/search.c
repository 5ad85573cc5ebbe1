/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts that Things are searched by.
 *
 * Of each Thing there is one folded text: title, description, types and uid, with FOLD_BETWEEN between
 * them. It tells whether the Thing holds what is searched; which Things to ask is told by grams, the
 * three letters that begin at each letter of a text, fewer at its end. A text that is searched is wherever
 * its grams are; one of less than three letters is wherever a gram begins so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/fold.h"
#include "store/parts.h"
#include "store/search.h"

enum {
    /* Of a Thing, repeated ones counted. One with more has the empty gram alone: it is asked by every
     * search. */
    GRAMS_MAX = 4096,
    GRAM_LETTERS = 3,
};

static size_t letter_len(const char *at)
{
    size_t len = 1;
    while (((unsigned char)at[len] & 0xC0) == 0x80)
        len++;
    return len;
}

ix_str search_gram(const char *at)
{
    const char *end = at;
    for (int i = 0; i < GRAM_LETTERS && *end; i++) {
        if (strncmp(end, FOLD_BETWEEN, strlen(FOLD_BETWEEN)) == 0)
            break;
        end += letter_len(end);
    }
    return (ix_str){at, (size_t)(end - at)};
}

bool search_is_whole(ix_str gram)
{
    int letters = 0;
    for (size_t at = 0; at < gram.len; at += letter_len(gram.at + at))
        letters++;
    return letters == GRAM_LETTERS;
}

const char *search_next(const char *at)
{
    return at + letter_len(at);
}

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
    return sql_take(cx, &buf, &text) && !ix_failed(cx) ? text.at : NULL;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Puts texts in order, each once; returns how many that are. */
static size_t sort_texts(const char **texts, size_t count)
{
    size_t kept = 0;
    qsort(texts, count, sizeof(*texts), compare_texts);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    }
    return kept;
}

/* The grams of a text as a JSON array, in the order of the table. NULL when memory is out. */
static const char *grams_of(ix_ctx *cx, const char *text)
{
    static const char *const of_long_text[] = {""};
    const char *grams[GRAMS_MAX];
    size_t count = 0;
    for (const char *at = text; *at; at = search_next(at)) {
        const ix_str gram = search_gram(at);
        if (gram.len == 0)
            continue;
        if (count == GRAMS_MAX)
            return sql_list(cx, of_long_text, 1);
        if (!(grams[count++] = ix_strndup(cx, gram.at, gram.len)))
            return NULL;
    }
    return sql_list(cx, grams, sort_texts(grams, count));
}

/* Runs SQL about the grams of a thing's text. %s in it is a query of them. */
static bool grams_do(ix_ctx *cx, store *store, const char *sql, const char *space, const char *uid,
                     const char *text)
{
    const db_driver *driver = store->db->driver;
    const char *grams = grams_of(cx, text);
    const char *items = grams ? ix_format(cx, driver->items, "$3") : NULL;
    const char *made = items ? ix_format(cx, sql, items) : NULL;
    return made && driver->run_once(cx, store->db, made,
                                    ARGS(db_text(space), db_text(uid), db_text(grams)), NULL);
}

static bool grams_add(ix_ctx *cx, store *store, const char *space, const char *uid,
                      const char *text)
{
    return grams_do(cx, store,
                    "INSERT INTO search_grams (space, gram, thing)"
                    " SELECT CAST($1 AS TEXT), item, CAST($2 AS TEXT) FROM (%s) grams",
                    space, uid, text);
}

static bool grams_drop(ix_ctx *cx, store *store, const char *space, const char *uid,
                       const char *text)
{
    return grams_do(cx, store,
                    "DELETE FROM search_grams WHERE space = $1 AND thing = $2 AND gram IN (%s)",
                    space, uid, text);
}

/* *ret NULL: it has none. */
static bool text_find(ix_ctx *cx, store *store, const char *space, const char *uid,
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

bool search_put(ix_ctx *cx, store *store, const char *space, const thing_row *row, bool is_new)
{
    static const char sql[] = "INSERT INTO search_texts (space, thing, text) VALUES ($1, $2, $3)";
    const char *text = text_of(cx, row), *before = NULL;
    if (!text || (!is_new && !text_find(cx, store, space, row->uid, &before)))
        return false;
    if (before && strcmp(before, text) == 0)
        return true;
    return (!before || search_drop_thing(cx, store, space, row->uid)) &&
           sql_do(cx, store, sql, ARGS(db_text(space), db_text(row->uid), db_text(text))) &&
           grams_add(cx, store, space, row->uid, text);
}

bool search_drop_thing(ix_ctx *cx, store *store, const char *space, const char *uid)
{
    static const char sql[] = "DELETE FROM search_texts WHERE space = $1 AND thing = $2";
    const char *text;
    if (!text_find(cx, store, space, uid, &text))
        return false;
    return !text || (grams_drop(cx, store, space, uid, text) &&
                     sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid))));
}

bool search_drop_space(ix_ctx *cx, store *store, const char *space)
{
    return sql_do(cx, store, "DELETE FROM search_grams WHERE space = $1", ARGS(db_text(space))) &&
           sql_do(cx, store, "DELETE FROM search_texts WHERE space = $1", ARGS(db_text(space)));
}

/* ---- things of a store that had no texts ---- */

enum { FILL_MOST = 100 }; /* things read at a time */

/* Where the reading of things goes on. */
typedef struct place {
    char space[64], uid[IX_ULID_LEN + 1];
} place;

static bool fill_thing(ix_ctx *cx, store *store, db_rows *rows, place *place)
{
    const char *space = sql_text(cx, store, rows, 0), *uid = sql_text(cx, store, rows, 1);
    const ix_str doc = sql_str(store, rows, 2);
    const char *text = ix_format(cx, "{%.*s}", (int)doc.len, doc.at);
    const ix_json *json = text ? ix_json_parse(cx, text, strlen(text)) : NULL;
    if (!json || !space || !uid)
        return false;
    const char *title = ix_json_string(ix_json_member(json, "title"));
    const thing_row row = {
        .uid = uid,
        .title = title ? title : "",
        .description = ix_json_string(ix_json_member(json, "description")),
        .types = ix_json_member(json, "@type"),
    };
    snprintf(place->space, sizeof(place->space), "%s", space);
    snprintf(place->uid, sizeof(place->uid), "%s", uid);
    return search_put(cx, store, space, &row, true);
}

/* Some things after `place`; *ret_count says how many. */
static bool fill_some(ix_ctx *cx, store *store, place *place, int *ret_count)
{
    static const char sql[] = "SELECT space, uid, doc FROM things WHERE (space, uid) > ($1, $2)"
                              " ORDER BY space, uid LIMIT $3";
    db_rows *rows;
    *ret_count = 0;
    const struct place from = *place;
    if (!sql_rows(cx, store, sql, ARGS(db_text(from.space), db_text(from.uid), db_int(FILL_MOST)),
                  &rows))
        return false;
    while (sql_next(cx, store, rows) && fill_thing(cx, store, rows, place))
        ++*ret_count;
    sql_done(store, rows);
    return !ix_failed(cx);
}

bool search_fill(ix_ctx *cx, db *db)
{
    store store = {.db = db};
    place place = {0};
    ix_ctx scratch;
    int count = FILL_MOST;
    bool ok = ix_ctx_init(&scratch, 0);
    while (ok && count == FILL_MOST) {
        ok = fill_some(&scratch, &store, &place, &count);
        ix_arena_reset(scratch.arena);
    }
    if (!ok)
        ix_fail(cx, scratch.error.code, "%s", scratch.error.message);
    ix_ctx_done(&scratch);
    return ok;
}
