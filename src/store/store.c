/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store as a whole: opened, locked, copied, checked; transactions.
 *
 * Everything here is asked of the driver; what is kept in a store is in the files of the nouns.
 */
#include "store/store.h"

#include <stdlib.h>

#include "store/participant.h"
#include "store/sql/migrate.h"
#include "store/sql/parts.h"
#include "store/sql/sql.h"

static const store_participant *const participants[] = {&changes_participant};

/* Calls the function of each participant that has one. */
#define EACH_PARTICIPANT(store, function)                                       \
    for (size_t i = 0; i < sizeof(participants) / sizeof(participants[0]); i++) \
        if (participants[i]->function)                                          \
    participants[i]->function(store)

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
    EACH_PARTICIPANT(store, closed);
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
    if (!store->db->driver->begin(cx, store->db))
        return false;
    EACH_PARTICIPANT(store, begun);
    return true;
}

bool store_commit(ix_ctx *cx, store_handle *store)
{
    for (size_t i = 0; i < sizeof(participants) / sizeof(participants[0]); i++)
        if (participants[i]->prepare && !participants[i]->prepare(cx, store))
            return false;
    if (!store->db->driver->commit(cx, store->db))
        return false;
    EACH_PARTICIPANT(store, committed);
    return true;
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
    EACH_PARTICIPANT(store, rolled_back);
}

bool store_savepoint(ix_ctx *cx, store_handle *store)
{
    if (!store->db->driver->savepoint(cx, store->db))
        return false;
    EACH_PARTICIPANT(store, savepoint);
    return true;
}

bool store_release(ix_ctx *cx, store_handle *store)
{
    if (!store->db->driver->release(cx, store->db))
        return false;
    EACH_PARTICIPANT(store, released);
    return true;
}

void store_rollback_to(store_handle *store)
{
    store->db->driver->rollback_to(store->db);
    EACH_PARTICIPANT(store, rolled_back_to);
}

bool store_in_transaction(store_handle *store)
{
    return store->db->driver->in_transaction(store->db);
}

bool store_version(ix_ctx *cx, store_handle *store, int64_t *ret)
{
    return store->db->driver->version(cx, store->db, ret);
}

bool store_backup(ix_ctx *cx, store_handle *store, int fd)
{
    return store->db->driver->backup(cx, store->db, fd);
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

bool store_check(ix_ctx *cx, store_handle *store)
{
    bool is_own;
    if (!snapshot_begin(cx, store, &is_own))
        return false;
    const bool ok = store->db->driver->check(cx, store->db) && invariants_check(cx, store);
    snapshot_end(store, is_own);
    return ok;
}
