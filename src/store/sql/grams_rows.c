/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grams as rows, for a database that can do no better: the three letters that begin at each letter of a
 * text, fewer at its end. Less than three letters are wherever a gram begins so. The rarest gram of what
 * is searched leads. A long text has the empty gram alone.
 */
#include <string.h>

#include "domain/fold.h"
#include "store/sql/grams.h"

static bool grams_rows_make(ix_ctx *cx, db_conn *db)
{
    return db->driver->run_once(cx, db, "DELETE FROM search_grams", NULL, 0, NULL);
}

/* The grams of a text as a JSON array, in the order of the table. NULL when out of memory. */
static const char *list_of(ix_ctx *cx, const char *text)
{
    static const char *const of_long_text[] = {""};
    const char *grams[GRAMS_MAX];
    size_t count = 0;
    int letters;
    if (gram_is_long(text))
        return sql_list(cx, of_long_text, 1);
    for (const char *at = text; *at; at = gram_next(at)) {
        const ix_str gram = gram_at(at, GRAM_LETTERS, &letters);
        if (letters > 0 && !(grams[count++] = ix_strndup(cx, gram.at, gram.len)))
            return NULL;
    }
    return sql_list(cx, grams, gram_sort(grams, count));
}

/* Runs SQL about the grams of a thing's text. %s in it is a query of them. */
static bool grams_rows_run(ix_ctx *cx, store_handle *store, const char *sql, const char *space,
                           const char *uid, const char *text)
{
    const db_driver *driver = store->db->driver;
    const char *list = list_of(cx, text);
    const char *items = list ? ix_format(cx, driver->items, "$3") : NULL;
    const char *made = items ? ix_format(cx, sql, items) : NULL;
    return made && driver->run_once(cx, store->db, made,
                                    ARGS(db_text(space), db_text(uid), db_text(list)), NULL);
}

static bool grams_rows_add(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                           const char *text)
{
    return grams_rows_run(cx, store,
                          "INSERT INTO search_grams (space, gram, thing)"
                          " SELECT CAST($1 AS TEXT), item, CAST($2 AS TEXT) FROM (%s) grams",
                          space, uid, text);
}

static bool grams_rows_drop(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                            const char *text)
{
    return grams_rows_run(
        cx, store, "DELETE FROM search_grams WHERE space = $1 AND thing = $2 AND gram IN (%s)",
        space, uid, text);
}

/* Each of the grams that are asked for. */
static size_t parts(const char *text)
{
    ix_str grams[GRAMS_ASKED];
    return gram_choose(text, grams);
}

/* The things that have one gram, and those that have none because their texts are long. */
static void grams_rows_put(sql_query *query, const char *text, size_t part)
{
    ix_str grams[GRAMS_ASKED];
    int letters;
    gram_choose(text, grams);
    const ix_str gram = grams[part];
    const int from = query_arg(query, db_str(gram));
    if (gram_at(gram.at, GRAM_LETTERS, &letters).len == gram.len && letters == GRAM_LETTERS) {
        ix_buf_format(&query->sql,
                      "SELECT thing FROM search_grams WHERE space = $1 AND gram IN ('', $%d)",
                      from);
        return;
    }
    const char *end = ix_format(query->cx, "%.*s" FOLD_ABOVE_ALL, (int)gram.len, gram.at);
    ix_buf_format(&query->sql,
                  "SELECT thing FROM search_grams WHERE space = $1 AND gram >= $%d"
                  " AND gram < $%d UNION ALL"
                  " SELECT thing FROM search_grams WHERE space = $1 AND gram = ''",
                  from, query_arg(query, db_text(end)));
}

const grams grams_rows = {.make = grams_rows_make,
                          .add = grams_rows_add,
                          .drop = grams_rows_drop,
                          .parts = parts,
                          .put = grams_rows_put,
                          .put_ids = grams_rows_put};
