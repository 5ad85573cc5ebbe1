/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is removed for everyone and still takes room.
 *
 * A Thing may have millions of values, and a space as many Things. Removing either is one short
 * transaction: nobody finds it any more, and a row here says that what belonged to it is to be deleted.
 * That is done in small steps afterwards (store_removals_purge), also after a restart. Nothing new gets
 * the name of what is listed here before that is finished.
 *
 * The rows of a space are in the order of its Things, and that of the space itself comes last.
 */
#include <string.h>

#include "store/sql/parts.h"

/* In place of a uid: the space itself. Sorts after every ULID. */
static const char whole_space[] = "~";

enum {
    THING_ROWS = 20
}; /* what a Thing without its history counts for, or a Category, or a Model */

static bool removals_add(ix_ctx *cx, store_handle *store, const char *space, const char *thing)
{
    static const char sql[] = "INSERT INTO removals (space, thing) VALUES ($1, $2)"
                              " ON CONFLICT DO NOTHING";
    store->has_removals = true;
    return sql_do(cx, store, sql, ARGS(db_text(space), db_text(thing)));
}

bool removals_add_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid)
{
    static const char *const sql[] = {
        "SELECT 1 FROM history WHERE space = $1 AND thing = $2 LIMIT 1",
        "SELECT 1 FROM entries WHERE space = $1 AND thing = $2 LIMIT 1",
    };
    bool found = false;
    for (size_t i = 0; i < 2 && !found; i++)
        if (!sql_any(cx, store, sql[i], ARGS(db_text(space), db_text(uid)), &found))
            return false;
    return !found || removals_add(cx, store, space, uid);
}

bool removals_add_space(ix_ctx *cx, store_handle *store, const char *space)
{
    return removals_add(cx, store, space, whole_space);
}

bool removals_check_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char sql[] = "SELECT 1 FROM removals WHERE space = $1 LIMIT 1";
    bool found;
    return sql_any(cx, store, sql, ARGS(db_text(space)), &found) &&
           (!found || ix_fail(cx, IOTS_UNAVAILABLE,
                              "what was in the space '%s' is still being deleted: try again in a"
                              " moment",
                              space));
}

bool store_removals_noted(store_handle *store)
{
    const bool noted = store->has_removals;
    store->has_removals = false;
    return noted;
}

/* ---- deleting ---- */

static bool finish(ix_ctx *cx, store_handle *store, const char *space, const char *thing)
{
    static const char sql[] = "DELETE FROM removals WHERE space = $1 AND thing = $2";
    return sql_do(cx, store, sql, ARGS(db_text(space), db_text(thing)));
}

/* Deletes what a Thing has left behind, about `most` rows of it. */
static bool purge_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                        int most, int *done)
{
    int64_t rows = 0;
    if (!history_purge_thing(cx, store, space, uid, most, &rows) ||
        (rows < most && !interactions_purge_thing(cx, store, space, uid, most, &rows)))
        return false;
    *done += (int)rows + 1;
    return rows >= most || finish(cx, store, space, uid);
}

/* The first name that the statement finds in the space, in cx. NULL: there is none, or it failed. */
static const char *first_name(ix_ctx *cx, store_handle *store, const char *sql, const char *space)
{
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(space)), &row) || !row)
        return NULL;
    const char *name = sql_text(cx, store, row, 0);
    sql_done(store, row);
    return name;
}

/* Removes a Thing of a space that is gone, or if there is none a Category, a Model, or all that is left. */
static bool purge_named(ix_ctx *cx, store_handle *store, const char *space)
{
    bool found, more;
    const char *name =
        first_name(cx, store, "SELECT uid FROM things WHERE space = $1 ORDER BY uid LIMIT 1",
                   space);
    if (name)
        return store_thing_remove(cx, store, space, name, &found);
    name = first_name(cx, store,
                      "SELECT name FROM categories WHERE space = $1 ORDER BY name LIMIT 1", space);
    if (name)
        return store_category_remove(cx, store, space, name, THING_ROWS, &found, &more);
    name = first_name(cx, store, "SELECT name FROM models WHERE space = $1 ORDER BY name LIMIT 1",
                      space);
    if (name)
        return store_model_remove(cx, store, space, name);
    return !ix_failed(cx) && clients_drop_space(cx, store, space) &&
           history_drop_space(cx, store, space) && interactions_drop_space(cx, store, space) &&
           properties_drop_space(cx, store, space) && things_drop_space(cx, store, space) &&
           models_drop_space(cx, store, space) && credentials_drop_space(cx, store, space) &&
           finish(cx, store, space, whole_space);
}

/* That the space was removed is all there is to say of it, and was said. */
static bool purge_one(ix_ctx *cx, store_handle *store, const char *space)
{
    change_notes *notes = store->changes;
    store->changes = NULL;
    const bool ok = purge_named(cx, store, space);
    store->changes = notes;
    return ok;
}

bool store_removals_purge(ix_ctx *cx, store_handle *store, int most, bool *more)
{
    static const char sql[] = "SELECT space, thing FROM removals WHERE space > ''"
                              " ORDER BY space, thing LIMIT 1";
    *more = true;
    for (int done = 0; *more && done < most;) {
        db_rows *row;
        if (!sql_first(cx, store, sql, NULL, 0, &row))
            return false;
        *more = row != NULL;
        if (!row)
            return true;
        const char *space = sql_text(cx, store, row, 0), *thing = sql_text(cx, store, row, 1);
        sql_done(store, row);
        if (!space || !thing)
            return false;
        const bool is_space = strcmp(thing, whole_space) == 0;
        done += is_space ? THING_ROWS : 0;
        if (is_space ? !purge_one(cx, store, space)
                     : !purge_thing(cx, store, space, thing, most - done, &done))
            return false;
    }
    return true;
}

bool store_removal_finish(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                          int most, bool *more)
{
    static const char sql[] = "SELECT 1 FROM removals WHERE space = $1 AND thing = $2";
    int done = 0;
    if (!sql_any(cx, store, sql, ARGS(db_text(space), db_text(uid)), more) || !*more)
        return !ix_failed(cx);
    return purge_thing(cx, store, space, uid, most, &done) &&
           sql_any(cx, store, sql, ARGS(db_text(space), db_text(uid)), more);
}
