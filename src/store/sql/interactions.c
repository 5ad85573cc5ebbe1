/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of actions and occurrences of events: one table for both, because they share their life.
 *
 * Beside it are the affordances of actions and events, one row for each, so that a value can be
 * checked without reading the whole description of the thing.
 */
#include "store/sql/parts.h"

/* $1 to $4 of every statement about one name. */
#define KEY_ARGS(key) \
    db_text((key)->space), db_text((key)->thing), db_int((key)->kind), db_text((key)->name)

/* ---- affordances ---- */

static bool affordances_add(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                            interaction_kind kind, const ix_json *affordances)
{
    static const char sql[] = "INSERT INTO affordances (space, thing, kind, name, affordance)"
                              " VALUES ($1, $2, $3, $4, $5)";
    for (ix_member m = ix_members(affordances); m.name; m = ix_members_next(m)) {
        const interaction_key key = {space, uid, kind, m.name};
        const char *text = ix_json_text(cx, m.value);
        if (!text || !sql_do(cx, store, sql, ARGS(KEY_ARGS(&key), db_text(text))))
            return false;
    }
    return true;
}

bool affordances_drop(ix_ctx *cx, store_handle *store, const char *space, const char *uid)
{
    static const char sql[] = "DELETE FROM affordances WHERE space = $1 AND thing = $2";
    return sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid)));
}

bool affordances_put(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row,
                     bool is_new)
{
    return (is_new || affordances_drop(cx, store, space, row->uid)) &&
           affordances_add(cx, store, space, row->uid, INTERACTION_ACTION, row->actions) &&
           affordances_add(cx, store, space, row->uid, INTERACTION_EVENT, row->events);
}

/* The text in the first column of the first row, in cx. */
static bool find_text(ix_ctx *cx, store_handle *store, const char *sql, const db_value *args,
                      size_t nargs, ix_str *ret, bool *found)
{
    db_rows *row;
    if (!sql_first(cx, store, sql, args, nargs, &row))
        return false;
    *found = row != NULL;
    if (row)
        *ret = (ix_str){sql_text(cx, store, row, 0), sql_str(store, row, 0).len};
    sql_done(store, row);
    return !ix_failed(cx);
}

bool store_affordance_find(ix_ctx *cx, store_handle *store, const interaction_key *key,
                           const char *category, ix_str *ret, bool *found)
{
    static const char sql[] = "SELECT affordance FROM affordances"
                              " WHERE space = $1 AND thing = $2 AND kind = $3 AND name = $4" //
        SQL_IN_CATEGORY("$2", "$5");
    return find_text(cx, store, sql, ARGS(KEY_ARGS(key), db_text(category)), ret, found);
}

/* ---- one interaction ---- */

/* Removes all but the newest INTERACTIONS_KEPT. */
static bool trim(ix_ctx *cx, store_handle *store, const interaction_key *key)
{
    static const char sql[] =
        "DELETE FROM entries WHERE space = $1 AND thing = $2 AND kind = $3 AND name = $4"
        " AND id <= (SELECT id FROM entries WHERE space = $1 AND thing = $2 AND kind = $3"
        " AND name = $4 ORDER BY id DESC LIMIT 1 OFFSET $5)";
    return sql_do(cx, store, sql, ARGS(KEY_ARGS(key), db_int(INTERACTIONS_KEPT)));
}

bool store_interaction_preserve(ix_ctx *cx, store_handle *store, const interaction_key *key,
                                const char *id, const char *doc)
{
    static const char sql[] = "INSERT INTO entries (space, thing, kind, name, id, doc)"
                              " VALUES ($1, $2, $3, $4, $5, $6)";
    return sql_do(cx, store, sql, ARGS(KEY_ARGS(key), db_text(id), db_text(doc))) &&
           trim(cx, store, key);
}

static bool note(ix_ctx *cx, store_handle *store, change_kind kind, const interaction_key *key,
                 const char *id, const char *doc)
{
    const change made = {.kind = kind,
                         .space = key->space,
                         .thing = key->thing,
                         .name = key->name,
                         .id = id,
                         .json = doc};
    return changes_note(cx, store, &made);
}

static bool note_written(ix_ctx *cx, store_handle *store, const interaction_key *key,
                         const char *id, const char *doc)
{
    const change_kind kind = key->kind == INTERACTION_ACTION ? CHANGE_ACTION : CHANGE_EVENT;
    return note(cx, store, kind, key, id, doc);
}

bool store_interaction_add(ix_ctx *cx, store_handle *store, const interaction_key *key,
                           const char *id, const char *doc)
{
    return store_interaction_preserve(cx, store, key, id, doc) &&
           note_written(cx, store, key, id, doc);
}

bool store_interaction_set(ix_ctx *cx, store_handle *store, const interaction_key *key,
                           const char *id, const char *doc)
{
    static const char sql[] =
        "UPDATE entries SET doc = $6"
        " WHERE space = $1 AND thing = $2 AND kind = $3 AND name = $4 AND id = $5";
    return sql_do(cx, store, sql, ARGS(KEY_ARGS(key), db_text(id), db_text(doc))) &&
           note_written(cx, store, key, id, doc);
}

bool store_interaction_find(ix_ctx *cx, store_handle *store, const interaction_key *key,
                            const char *category, const char *id, ix_str *ret, bool *found)
{
    static const char sql[] =
        "SELECT doc FROM entries"
        " WHERE space = $1 AND thing = $2 AND kind = $3 AND name = $4 AND id = $5"
        " AND EXISTS (SELECT 1 FROM things t WHERE t.space = $1 AND t.uid = $2)" //
        SQL_IN_CATEGORY("$2", "$6");
    return find_text(cx, store, sql, ARGS(KEY_ARGS(key), db_text(id), db_text(category)), ret,
                     found);
}

bool store_interaction_remove(ix_ctx *cx, store_handle *store, const interaction_key *key,
                              const char *id)
{
    static const char sql[] =
        "DELETE FROM entries"
        " WHERE space = $1 AND thing = $2 AND kind = $3 AND name = $4 AND id = $5";
    if (!sql_do(cx, store, sql, ARGS(KEY_ARGS(key), db_text(id))))
        return false;
    return key->kind == INTERACTION_EVENT || sql_changes(store) == 0 ||
           note(cx, store, CHANGE_ACTION_DELETED, key, id, NULL);
}

/* ---- many ---- */

bool store_interactions_any(ix_ctx *cx, store_handle *store, const interaction_key *key,
                            bool *found)
{
    static const char sql[] = "SELECT 1 FROM entries"
                              " WHERE space = $1 AND thing = $2 AND kind = $3 AND name = $4"
                              " LIMIT 1";
    return sql_any(cx, store, sql, ARGS(KEY_ARGS(key)), found);
}

/* Sorts after every ULID. */
static const char past_all[] = "8";

/* Two statements that ask the same of one name and of all names. */
typedef struct sql_pair {
    const char *of_name, *of_all;
} sql_pair;

/* The interactions with IDs between $5 and $6, in the order of their IDs if `way` is "" or backwards if it
 * is " DESC", at most $7. Rows are compared as a whole, so that the database goes by the index that
 * begins like them: by ID alone it would go through those of the whole space. $4 is the name; of all
 * names it is an argument all the same. */
#define SQL_BETWEEN(way)                                                                      \
    {                                                                                         \
        "SELECT id, name, doc FROM entries WHERE space = $1"                                  \
        " AND (thing, kind, name, id) > ($2, $3, $4, $5)"                                     \
        " AND (thing, kind, name, id) < ($2, $3, $4, $6)"                                     \
        " ORDER BY thing" way ", kind" way ", name" way ", id" way " LIMIT $7",               \
            "SELECT id, name, doc FROM entries WHERE space = $1 AND CAST($4 AS TEXT) IS NULL" \
            " AND (thing, kind, id) > ($2, $3, $5) AND (thing, kind, id) < ($2, $3, $6)"      \
            " ORDER BY thing" way ", kind" way ", id" way " LIMIT $7"                         \
    }

bool store_interactions_list(ix_ctx *cx, store_handle *store, const interaction_key *key,
                             const page_range *page,
                             bool (*each)(void *arg, ix_str id, ix_str name, ix_str doc), void *arg,
                             bool *more)
{
    static const sql_pair forward = SQL_BETWEEN(""), backward = SQL_BETWEEN(" DESC");
    const sql_pair *pair = page->is_backward ? &backward : &forward;
    const char *boundary = ix_json_string(ix_json_item(page->boundary, 0));
    db_rows *rows;
    if (page->boundary && !boundary)
        return ix_fail(cx, IOTS_INVALID, "invalid cursor");
    const char *after = page->is_backward || !boundary ? "" : boundary;
    const char *before = page->is_backward && boundary ? boundary : past_all;
    if (!sql_stream(cx, store, key->name ? pair->of_name : pair->of_all,
                    ARGS(KEY_ARGS(key), db_text(after), db_text(before), db_int(page->limit + 1)),
                    &rows))
        return false;
    *more = false;
    for (int count = 0; !*more && sql_next(cx, store, rows); count++)
        *more = count == page->limit || !each(arg, sql_str(store, rows, 0), sql_str(store, rows, 1),
                                              sql_str(store, rows, 2));
    sql_done(store, rows);
    return !ix_failed(cx);
}

bool interactions_purge_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                              int64_t most, int64_t *rows)
{
    static const char sql[] =
        "DELETE FROM entries WHERE space = $1 AND id IN (SELECT id FROM entries WHERE space = $1"
        " AND thing = $2 ORDER BY kind, id LIMIT $3)";
    if (!sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid), db_int(most - *rows))))
        return false;
    *rows += sql_changes(store);
    return true;
}

bool interactions_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char affordances_sql[] = "DELETE FROM affordances WHERE space = $1";
    static const char interactions_sql[] = "DELETE FROM entries WHERE space = $1";
    return sql_do(cx, store, affordances_sql, ARGS(db_text(space))) &&
           sql_do(cx, store, interactions_sql, ARGS(db_text(space)));
}

bool interactions_last_id(ix_ctx *cx, store_handle *store, const ix_ulid *most, ix_ulid *ret,
                          bool *found)
{
    static const char sql[] = "SELECT max(id) FROM (SELECT"
                              " (SELECT max(id) FROM entries e"
                              " WHERE e.space = s.name AND e.id <= $1) AS id"
                              " FROM spaces s) last_ones";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(most->text)), &row))
        return false;
    *found = row && ix_ulid_parse(sql_str(store, row, 0), ret);
    sql_done(store, row);
    return true;
}
