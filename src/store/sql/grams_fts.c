/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grams as words of SQLite's full-text index, which gathers what is written and sorts it into the rest bit
 * by bit: a fifth of the time of a row for each gram, or less, and a tenth of the room (docs/lists.md).
 *
 * The words of a text are its parts of one, two and three letters, so that whatever is searched is asked
 * for by whole words: words that only begin so would all be read before the first Thing is known. A word
 * is the space, a dot and the letters in hexadecimal, so that no tokenizer has an opinion of it. A long
 * text has the word without letters alone.
 *
 * The index keeps no texts, so whatever goes must be named as it came. It knows Things by their id in
 * search_texts, and all words of what is searched must be there: it goes along the rarest.
 */
#include "domain/fold.h"
#include "store/sql/grams.h"

static bool grams_fts_make(ix_ctx *cx, db_conn *db)
{
    static const char *const sql[] = {
        "DROP TABLE search_grams",
        "CREATE TABLE search_texts_8 ("
        " id INTEGER PRIMARY KEY,"
        " space TEXT NOT NULL,"
        " thing TEXT NOT NULL,"
        " text TEXT NOT NULL,"
        " UNIQUE (space, thing))",
        "INSERT INTO search_texts_8 (space, thing, text)"
        " SELECT space, thing, text FROM search_texts ORDER BY space, thing",
        "DROP TABLE search_texts",
        "ALTER TABLE search_texts_8 RENAME TO search_texts",
        "CREATE VIRTUAL TABLE search_index USING fts5 (grams, content = '', columnsize = 0,"
        " detail = none, tokenize = \"ascii tokenchars '-_.'\")",
    };
    for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
        if (!db->driver->run_once(cx, db, sql[i], NULL, 0, NULL))
            return false;
    }
    return true;
}

static void add_word(ix_buf *buf, ix_str space, ix_str gram)
{
    static const char digits[] = "0123456789abcdef";
    ix_buf_str(buf, space);
    ix_buf_char(buf, '.');
    for (size_t i = 0; i < gram.len; i++) {
        ix_buf_char(buf, digits[(unsigned char)gram.at[i] >> 4]);
        ix_buf_char(buf, digits[(unsigned char)gram.at[i] & 0xF]);
    }
}

/* The words of a text, in cx. A word that comes again makes no difference. NULL when out of memory. */
static const char *words_of(ix_ctx *cx, const char *space, const char *text)
{
    const ix_str prefix = ix_str_of(space);
    ix_buf buf = {0};
    ix_str words;
    if (gram_is_long(text)) {
        add_word(&buf, prefix, IX_STR(""));
        return ix_buf_take_in(cx, &buf, &words) ? words.at : NULL;
    }
    for (const char *at = text; *at; at = gram_next(at)) {
        for (int most = 1; most <= GRAM_LETTERS; most++) {
            int letters;
            const ix_str gram = gram_at(at, most, &letters);
            if (letters < most)
                break;
            if (buf.len > 0)
                ix_buf_char(&buf, ' ');
            add_word(&buf, prefix, gram);
        }
    }
    return ix_buf_take_in(cx, &buf, &words) ? words.at : NULL;
}

static bool grams_fts_add(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                          const char *text)
{
    static const char sql[] =
        "INSERT INTO search_index (rowid, grams) VALUES"
        " ((SELECT id FROM search_texts WHERE space = $1 AND thing = $2), $3)";
    const char *words = words_of(cx, space, text);
    return words && sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid), db_text(words)));
}

static bool grams_fts_drop(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                           const char *text)
{
    static const char sql[] =
        "INSERT INTO search_index (search_index, rowid, grams) VALUES"
        " ('delete', (SELECT id FROM search_texts WHERE space = $1 AND thing = $2), $3)";
    const char *words = words_of(cx, space, text);
    return words && sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid), db_text(words)));
}

/* What the index is asked for: "farm." OR ("farm.707574" AND "farm.6d70"). */
static const char *match_of(sql_query *query, const char *text)
{
    const ix_str space = query->args[0].text;
    ix_str grams[GRAMS_ASKED], match;
    const size_t count = gram_choose(text, grams);
    ix_buf buf = {0};
    ix_buf_char(&buf, '"');
    add_word(&buf, space, IX_STR(""));
    ix_buf_text(&buf, "\" OR (");
    for (size_t i = 0; i < count; i++) {
        ix_buf_text(&buf, i > 0 ? " AND \"" : "\"");
        add_word(&buf, space, grams[i]);
        ix_buf_char(&buf, '"');
    }
    ix_buf_char(&buf, ')');
    return ix_buf_take_in(query->cx, &buf, &match) ? match.at : NULL;
}

/* All words of what is searched are asked for at once. */
static size_t parts(const char *text)
{
    (void)text;
    return 1;
}

static void grams_fts_put(sql_query *query, const char *text, size_t part)
{
    (void)part;
    const char *match = match_of(query, text);
    ix_buf_format(&query->sql,
                  "SELECT x.thing FROM search_index i CROSS JOIN search_texts x ON x.id = i.rowid"
                  " WHERE i.search_index MATCH $%d",
                  query_arg(query, db_text(match)));
}

static void put_ids(sql_query *query, const char *text, size_t part)
{
    (void)part;
    const char *match = match_of(query, text);
    ix_buf_format(&query->sql, "SELECT rowid FROM search_index WHERE search_index MATCH $%d",
                  query_arg(query, db_text(match)));
}

const grams grams_fts = {.make = grams_fts_make,
                         .add = grams_fts_add,
                         .drop = grams_fts_drop,
                         .parts = parts,
                         .put = grams_fts_put,
                         .put_ids = put_ids};
