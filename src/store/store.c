/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store as a whole: opened, locked, copied, checked; transactions.
 *
 * Everything here is asked of the driver; what is kept in a store is in the files of the nouns.
 */
#include "store/store.h"

#include <stdlib.h>

#include "store/sql/migrate.h"
#include "store/sql/sql.h"

/* The driver for a url and what is left of the url. NULL: IOTS_UNAVAILABLE. */
static const db_driver *driver_of(ix_ctx *cx, const char *url, const char **ret_rest)
{
    const db_driver *driver = db_driver_for(url, ret_rest);
    if (!driver)
        ix_fail(cx, IOTS_UNAVAILABLE, "%s: no such kind of store", url);
    return driver;
}

/* On opening, a full disk is one of the reasons why a store is out of reach. */
static bool fail_open(ix_ctx *cx, const char *place)
{
    if (cx->error.code == IOTS_INTERNAL || cx->error.code == IOTS_NO_ROOM) {
        const char *reason = cx->error.reason;
        const bool is_full = cx->error.code == IOTS_NO_ROOM;
        ix_ctx_clear_error(cx);
        ix_fail(cx, IOTS_UNAVAILABLE, "%s: %s", place,
                is_full ? "the disk is full" : "the store is damaged");
        cx->error.reason = reason;
    }
    return false;
}

const char *store_name(ix_ctx *cx, const char *url)
{
    const char *rest;
    const db_driver *driver = driver_of(cx, url, &rest);
    const char *place = driver ? driver->place(cx, rest) : NULL;
    /* A folder does not say what kind of store it is. */
    return !place || ix_str_starts(ix_str_of(place), driver->name)
               ? place
               : ix_format(cx, "%s:%s", driver->name, place);
}

bool store_open(ix_ctx *cx, const char *url, store_mode mode, store_handle **ret)
{
    static const db_mode modes[] = {
        [STORE_READ] = DB_READ, [STORE_WRITE] = DB_WRITE, [STORE_CREATE] = DB_CREATE};

    const char *rest;
    const db_driver *driver = driver_of(cx, url, &rest);
    const char *place = driver ? driver->place(cx, rest) : NULL;
    if (!place)
        return false;

    store_handle *opened = calloc(1, sizeof(*opened));
    if (!opened)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    if (driver->open(cx, rest, modes[mode], &opened->db) &&
        (mode == STORE_CREATE ? migrate_run(cx, opened->db, place)
                              : migrate_check(cx, opened->db, place))) {
        *ret = opened;
        return true;
    }
    store_close(opened);
    return fail_open(cx, place);
}

void store_close(store_handle *store)
{
    if (!store)
        return;
    if (store->db)
        store->db->driver->close(store->db);
    free(store);
}

bool store_is_alive(store_handle *store)
{
    return store->db->driver->is_alive(store->db);
}

bool store_limit(ix_ctx *cx, store_handle *store, int64_t statement_us)
{
    return store->db->driver->limit(cx, store->db, statement_us);
}

void store_stop_at(store_handle *store, const _Atomic int64_t *until_us)
{
    store->db->driver->stop_at(store->db, until_us);
}

bool store_is_silent(store_handle *store)
{
    return store->db->driver->is_silent(store->db);
}

bool store_is_remote(const char *url)
{
    const char *rest;
    const db_driver *driver = db_driver_for(url, &rest);
    return driver && driver->is_remote;
}

db_lock *store_lock(ix_ctx *cx, const char *url)
{
    const char *rest;
    const db_driver *driver = driver_of(cx, url, &rest);
    return driver ? driver->lock(cx, rest) : NULL;
}

void store_unlock(db_lock *lock)
{
    if (lock)
        lock->driver->unlock(lock);
}

bool store_begin(ix_ctx *cx, store_handle *store)
{
    return store->db->driver->begin(cx, store->db);
}

bool store_commit(ix_ctx *cx, store_handle *store)
{
    return store->db->driver->commit(cx, store->db);
}

bool store_in_doubt(store_handle *store, db_txid *ret)
{
    return store->db->driver->in_doubt(store->db, ret);
}

bool store_outcome(ix_ctx *cx, store_handle *store, const db_txid *txid, bool *ret_committed)
{
    return store->db->driver->outcome(cx, store->db, txid, ret_committed);
}

void store_rollback(store_handle *store)
{
    store->db->driver->rollback(store->db);
}

bool store_savepoint(ix_ctx *cx, store_handle *store)
{
    return store->db->driver->savepoint(cx, store->db);
}

bool store_release(ix_ctx *cx, store_handle *store)
{
    return store->db->driver->release(cx, store->db);
}

void store_rollback_to(store_handle *store)
{
    store->db->driver->rollback_to(store->db);
}

bool store_in_transaction(store_handle *store)
{
    return store->db->driver->in_transaction(store->db);
}

bool store_version(ix_ctx *cx, store_handle *store, int64_t *ret)
{
    return store->db->driver->version(cx, store->db, ret);
}

bool store_backup(ix_ctx *cx, store_handle *store, const char *path)
{
    return store->db->driver->backup(cx, store->db, path);
}

bool store_restore(ix_ctx *cx, const char *url, const char *path)
{
    const char *rest;
    const db_driver *driver = driver_of(cx, url, &rest);
    return driver && driver->restore(cx, rest, path, migrate_newest());
}

int store_schema_version(void)
{
    return migrate_newest();
}

bool store_give_back(ix_ctx *cx, store_handle *store, int most, bool *ret_more)
{
    return store->db->driver->give_back(cx, store->db, most, ret_more);
}

bool store_compact(ix_ctx *cx, store_handle *store, bool is_alone, bool *ret_done)
{
    return store->db->driver->compact(cx, store->db, is_alone, ret_done);
}

bool store_reserve(ix_ctx *cx, store_handle *store, int64_t bytes, bool *ret_is_held)
{
    return store->db->driver->reserve(cx, store->db, bytes, ret_is_held);
}

void store_spend_reserve(store_handle *store)
{
    store->db->driver->spend_reserve(store->db);
}

bool store_size(ix_ctx *cx, store_handle *store, int64_t *ret_bytes)
{
    return store->db->driver->size(cx, store->db, ret_bytes);
}

/* It was removed, and is only still to be deleted (removals.c). */
#define UNLESS_REMOVED(space, thing) \
    " AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.space = " space " AND r.thing = " thing ")"

/* What must be true of our tables together. A query finds one row that breaks the rule. */
static const struct {
    const char *rule, *sql;
} invariants[] = {
    {"a thing without a space",
     "SELECT space, uid FROM things t WHERE NOT EXISTS (SELECT 1 FROM spaces s"
     " WHERE s.name = t.space)" UNLESS_REMOVED("t.space", "'~'") " LIMIT 1"},
    {"a Category without a space",
     "SELECT space, name FROM categories c WHERE NOT EXISTS (SELECT 1 FROM spaces s"
     " WHERE s.name = c.space)" UNLESS_REMOVED("c.space", "'~'") " LIMIT 1"},
    {"an e-mail without a space", "SELECT space, id FROM mail m WHERE NOT EXISTS"
                                  " (SELECT 1 FROM spaces s WHERE s.name = m.space) LIMIT 1"},
    {"a property without a thing",
     "SELECT space, thing FROM properties p WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = p.space AND t.uid = p.thing) LIMIT 1"},
    {"a value whose time is not the one in the index",
     "SELECT thing, name FROM properties WHERE (at IS NULL) <> (at_floor IS NULL)"
     " OR at_floor > at OR at_floor < at - 10000000 LIMIT 1"}, /* VALUE_TIME_SLACK_US */
    {"history without a thing",
     "SELECT space, thing FROM history h WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = h.space AND t.uid = h.thing)" UNLESS_REMOVED(
         "h.space", "h.thing") " LIMIT 1"},
    {"an action or event without a thing",
     "SELECT space, thing FROM affordances a WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = a.space AND t.uid = a.thing) LIMIT 1"},
    {"an interaction without a thing",
     "SELECT space, thing FROM entries e WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = e.space AND t.uid = e.thing)" UNLESS_REMOVED(
         "e.space", "e.thing") " LIMIT 1"},
    {"an @type without a thing",
     "SELECT space, thing FROM types y WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = y.space AND t.uid = y.thing) LIMIT 1"},
    {"a link without a thing",
     "SELECT space, thing FROM links l WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = l.space AND t.uid = l.thing) LIMIT 1"},
    {"a member without a thing",
     "SELECT space, thing FROM members m WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = m.space AND t.uid = m.thing) LIMIT 1"},
    {"a member without a Category",
     "SELECT space, category FROM members m WHERE NOT EXISTS"
     " (SELECT 1 FROM categories c WHERE c.space = m.space AND c.name = m.category) LIMIT 1"},
    {"a text to search without a thing",
     "SELECT space, thing FROM search_texts x WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = x.space AND t.uid = x.thing) LIMIT 1"},
    {"a thing without a text to search",
     "SELECT space, uid FROM things t WHERE NOT EXISTS"
     " (SELECT 1 FROM search_texts x WHERE x.space = t.space AND x.thing = t.uid) LIMIT 1"},
    {"a thing that names Categories and is in none",
     "SELECT space, uid FROM things t WHERE (categories <> '[]') <> EXISTS"
     " (SELECT 1 FROM members m WHERE m.space = t.space AND m.thing = t.uid) LIMIT 1"},
    {"credentials without a thing",
     "SELECT space, owner FROM credentials o WHERE kind = 'thing' AND NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = o.space AND t.uid = o.owner) LIMIT 1"},
    {"credentials without a Category",
     "SELECT space, owner FROM credentials o WHERE kind = 'category' AND NOT EXISTS"
     " (SELECT 1 FROM categories c WHERE c.space = o.space AND c.name = o.owner) LIMIT 1"},
    {"a grant without a client", "SELECT client, username FROM grants g WHERE NOT EXISTS"
                                 " (SELECT 1 FROM clients c WHERE c.id = g.client) LIMIT 1"},
    {"a grant without a user", "SELECT client, username FROM grants g WHERE NOT EXISTS"
                               " (SELECT 1 FROM users u WHERE u.name = g.username) LIMIT 1"},
    {"a token without its grant",
     "SELECT client, scopes FROM tokens t WHERE grant_id IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM grants g WHERE g.id = t.grant_id) LIMIT 1"},
    {"a version without a Model",
     "SELECT space, model FROM versions v WHERE NOT EXISTS"
     " (SELECT 1 FROM models m WHERE m.space = v.space AND m.name = v.model) LIMIT 1"},
    {"a Category of a Model that is not there",
     "SELECT space, name FROM categories c WHERE model IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM models m WHERE m.space = c.space AND m.name = c.model) LIMIT 1"},
    {"a thing of a Model version that is not there",
     "SELECT space, uid FROM things t WHERE model IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM versions v WHERE v.space = t.space AND v.model = t.model"
     " AND v.version = t.version) LIMIT 1"},
    {"a token without a client", "SELECT client, scopes FROM tokens t WHERE NOT EXISTS"
                                 " (SELECT 1 FROM clients c WHERE c.id = t.client) LIMIT 1"},
    {"a thing without its client",
     "SELECT space, uid FROM things t WHERE client_id IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM clients c WHERE c.id = t.client_id) LIMIT 1"},
};

_Static_assert(VALUE_TIME_SLACK_US == 10000000, "as above");

static bool check_invariants(ix_ctx *cx, store_handle *store)
{
    for (size_t i = 0; i < sizeof(invariants) / sizeof(invariants[0]); i++) {
        db_rows *row;
        if (!sql_first(cx, store, invariants[i].sql, NULL, 0, &row))
            return false;
        if (!row)
            continue;
        const ix_str first = sql_str(store, row, 0);
        const ix_str second = sql_str(store, row, 1);
        ix_fail(cx, IOTS_INTERNAL, "the store is damaged: %s (%.*s, %.*s)", invariants[i].rule,
                (int)first.len, first.at, (int)second.len, second.at);
        sql_done(store, row);
        return false;
    }
    return true;
}

bool store_check(ix_ctx *cx, store_handle *store)
{
    bool is_own;
    if (!snapshot_begin(cx, store, &is_own))
        return false;
    const bool ok = store->db->driver->check(cx, store->db) && check_invariants(cx, store);
    snapshot_end(store, is_own);
    return ok;
}
