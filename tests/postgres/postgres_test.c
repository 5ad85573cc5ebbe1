/* SPDX-License-Identifier: Apache-2.0 */
/* What only PostgreSQL does. The promises of every driver are asked in tests/store. */
#include "store/store_test.h"

static db_conn *fresh_db(ix_ctx *cx)
{
    return open_store(cx, fresh_url(cx), STORE_CREATE)->db;
}

static bool ask(ix_ctx *cx, db_conn *db, const char *sql)
{
    return db->driver->run_once(cx, db, sql, NULL, 0, NULL);
}

static int64_t number(ix_ctx *cx, db_conn *db, const char *sql)
{
    db_rows *rows;
    CHECK_OK(cx, db->driver->run_once(cx, db, sql, NULL, 0, &rows));
    CHECK_OK(cx, db->driver->next(cx, rows));
    const int64_t value = db->driver->column(rows, 0).number;
    db->driver->done(rows);
    return value;
}

/* The server lets go of the connection, as when it is shut down. */
static void cut_off(ix_ctx *cx, db_conn *db)
{
    const int64_t pid = number(cx, db, "SELECT pg_backend_pid()");
    postgres_do(cx, ix_format(cx, "DO $$ BEGIN PERFORM pg_terminate_backend(%d, 10000); END $$",
                              (int)pid));
}

TEST("what the server reports is known by its code")
{
    static const struct {
        const char *state;
        iots_code code;
    } cases[] = {
        {"23505", IOTS_CONFLICT},    {"53100", IOTS_NO_ROOM},     {"23502", IOTS_INTERNAL},
        {"57P01", IOTS_UNAVAILABLE}, {"57014", IOTS_UNAVAILABLE}, {"08006", IOTS_UNAVAILABLE},
        {"40001", IOTS_UNAVAILABLE}, {"55P03", IOTS_UNAVAILABLE}, {"53300", IOTS_UNAVAILABLE},
        {"58030", IOTS_UNAVAILABLE}, {"42501", IOTS_UNAVAILABLE}, {"42601", IOTS_INTERNAL},
    };
    db_conn *db = fresh_db(cx);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *sql =
            ix_format(cx, "DO $$ BEGIN RAISE EXCEPTION 'thus' USING ERRCODE = '%s'; END $$",
                      cases[i].state);
        CHECK(!ask(cx, db, sql));
        CHECK_INT(cx->error.code, cases[i].code);
        CHECK(strstr(cx->error.reason, ix_format(cx, ": thus (%s)", cases[i].state)));
        ix_ctx_clear_error(cx);
    }
}

TEST("a connection that is cut off says so, has no transaction, and another one is in order")
{
    const char *url = fresh_url(cx);
    store_handle *store = open_store(cx, url, STORE_CREATE);
    db_conn *db = store->db;
    bool found;
    CHECK_OK(cx, store_begin(cx, store));
    CHECK_OK(cx, store_space_add(cx, store, "farm", 1));
    cut_off(cx, db);
    CHECK_FAILS(cx, store_space_add(cx, store, "barn", 1), IOTS_UNAVAILABLE);
    CHECK(!store_in_transaction(store));
    CHECK_FAILS(cx, store_savepoint(cx, store), IOTS_UNAVAILABLE);
    CHECK_FAILS(cx, store_commit(cx, store), IOTS_UNAVAILABLE);
    CHECK_FAILS(cx, store_begin(cx, store), IOTS_UNAVAILABLE);
    store_rollback_to(store);
    store_rollback(store);

    struct store_handle *again = open_store(cx, url, STORE_WRITE);
    CHECK_OK(cx, store_begin(cx, again));
    CHECK_OK(cx, store_space_remove(cx, again, "farm", &found));
    CHECK(!found);
}

TEST("a statement beyond its limit fails, and the connection goes on")
{
    store_handle *store = open_store(cx, fresh_url(cx), STORE_CREATE);
    db_conn *db = store->db;
    CHECK_OK(cx, store_limit(cx, store, 1000));
    CHECK(!ask(cx, db, "SELECT pg_sleep(60)"));
    CHECK_INT(cx->error.code, IOTS_UNAVAILABLE);
    ix_ctx_clear_error(cx);
    CHECK(!store_is_silent(store));
    CHECK_OK(cx, store_limit(cx, store, 0));
    CHECK_INT(number(cx, db, "SELECT 7"), 7);
}

TEST("what became of a transaction is known to other connections")
{
    const char *url = fresh_url(cx);
    store_handle *one = open_store(cx, url, STORE_CREATE),
                 *other = open_store(cx, url, STORE_WRITE);
    db_txid kept, dropped;
    bool is_committed;
    CHECK_OK(cx, store_begin(cx, one));
    CHECK_OK(cx, store_commit(cx, one));
    CHECK(!store_in_doubt(one, &kept));
    CHECK_OK(cx, store_begin(cx, one));
    store_rollback(one);
    CHECK(!store_in_doubt(one, &dropped));
    CHECK_INT(dropped.count, kept.count + 1);
    CHECK_OK(cx, store_outcome(cx, other, &kept, &is_committed));
    CHECK(is_committed);
    CHECK_OK(cx, store_outcome(cx, other, &dropped, &is_committed));
    CHECK(!is_committed);

    /* Another one in the place of the one that was dropped is not that one. */
    CHECK_OK(cx, store_begin(cx, other));
    CHECK_OK(cx, store_commit(cx, other));
    CHECK_OK(cx, store_outcome(cx, one, &dropped, &is_committed));
    CHECK(!is_committed);
    CHECK_OK(cx, store_outcome(cx, one, &kept, &is_committed));
    CHECK(is_committed);

    /* A copy of the database where others have written since, and which never saw this one. */
    const db_txid elsewhere = {kept.id + (INT64_C(1) << 40), kept.count};
    CHECK_OK(cx, store_outcome(cx, one, &elsewhere, &is_committed));
    CHECK(!is_committed);
}

TEST("a transaction that was left open is ended by who asks about it")
{
    const char *url = fresh_url(cx);
    store_handle *one = open_store(cx, url, STORE_CREATE),
                 *other = open_store(cx, url, STORE_WRITE);
    db_txid txid;
    bool is_committed;
    CHECK_OK(cx, store_begin(cx, one));
    store_in_doubt(one, &txid);
    CHECK_OK(cx, store_outcome(cx, other, &txid, &is_committed));
    CHECK(!is_committed);
    CHECK(!store_commit(cx, one));
}

TEST("rows that come through a cursor end when the connection does")
{
    db_conn *db = fresh_db(cx);
    db_rows *rows;
    int count = 0;
    CHECK_OK(cx, db->driver->begin_read(cx, db));
    CHECK_OK(cx, db->driver->run_once(cx, db, "SELECT generate_series(1, 1000)", NULL, 0, &rows));
    CHECK(db->driver->next(cx, rows));
    cut_off(cx, db);
    while (db->driver->next(cx, rows))
        count++;
    CHECK(count < 999);
    CHECK_INT(cx->error.code, IOTS_UNAVAILABLE);
    db->driver->done(rows);
    ix_ctx_clear_error(cx);
}

TEST("a transaction with a failure in it cannot be committed")
{
    const char *url = fresh_url(cx);
    store_handle *store = open_store(cx, url, STORE_CREATE);
    bool found;
    CHECK_OK(cx, store_begin(cx, store));
    CHECK_OK(cx, store_space_add(cx, store, "farm", 1));
    CHECK_FAILS(cx, store_space_add(cx, store, "farm", 1), IOTS_CONFLICT);
    CHECK(store_in_transaction(store));
    CHECK_FAILS(cx, store_commit(cx, store), IOTS_INTERNAL);
    CHECK(!store_in_transaction(store));
    CHECK_OK(cx, store_begin(cx, store));
    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    CHECK(!found);
}

TEST("a schema with tables of somebody else is left alone")
{
    const char *url = fresh_url(cx);
    const char *name = strstr(url, "%3D") + 3;
    store_handle *store;
    postgres_do(cx, ix_format(cx, "CREATE TABLE %s.things (a TEXT)", name));
    CHECK(!store_open(cx, url, STORE_CREATE, &store));
    CHECK_TEXT(cx->error.message,
               ix_format(cx, "postgres://%s/postgres is not a store of iotsd", postgres_folder()));
    CHECK_INT(cx->error.code, IOTS_UNAVAILABLE);
}

TEST("a database that cannot hold every letter is refused")
{
    const char *name = ix_format(cx, "latin%d", (int)getpid());
    const char *url = postgres_url(cx);
    const char *rest = strstr(url, "/postgres?") + 9;
    store_handle *store;
    postgres_do(cx, ix_format(cx,
                              "CREATE DATABASE %s TEMPLATE template0 ENCODING 'LATIN1'"
                              " LOCALE_PROVIDER libc LOCALE 'C'",
                              name));
    const bool opened =
        store_open(cx, ix_format(cx, "postgres://iots@/%s%s", name, rest), STORE_CREATE, &store);
    postgres_do(cx, ix_format(cx, "DROP DATABASE %s", name));
    CHECK(!opened);
    CHECK_TEXT(cx->error.message, ix_format(cx, "postgres://%s/%s is not in UTF8 but in LATIN1",
                                            postgres_folder(), name));
}

TEST("a schema that is not there is one sentence")
{
    const char *url = ix_format(cx, "%s&options=-csearch_path%%3Dnowhere", postgres_url(cx));
    store_handle *store;
    CHECK(!store_open(cx, url, STORE_CREATE, &store));
    CHECK_TEXT(cx->error.message, ix_format(cx,
                                            "postgres://%s/postgres cannot be opened: no schema has"
                                            " been selected to create in",
                                            postgres_folder()));
    ix_ctx_clear_error(cx);
    CHECK(!store_lock(cx, url));
    CHECK_TEXT(cx->error.message,
               ix_format(cx, "postgres://%s/postgres: the search path names no schema",
                         postgres_folder()));
}

TEST("who has a store locked does not keep a store beside it from being locked")
{
    db_lock *one = store_lock(cx, fresh_url(cx));
    db_lock *other = store_lock(cx, fresh_url(cx));
    CHECK(one && other);
    store_unlock(one);
    store_unlock(other);
}

TEST("backups are made with the tools of PostgreSQL")
{
    const char *url = fresh_url(cx);
    const char *place = ix_format(cx, "postgres://%s/postgres", postgres_folder());
    store_handle *store = open_store(cx, url, STORE_CREATE);
    CHECK(!store_backup(cx, store, -1));
    CHECK_TEXT(cx->error.message,
               ix_format(cx, "%s is backed up with pg_dump, not with iotsd", place));
    ix_ctx_clear_error(cx);
    CHECK(!store_restore(cx, url, "/nowhere"));
    CHECK_TEXT(cx->error.message,
               ix_format(cx, "%s is restored with pg_restore, not with iotsd", place));
}

TEST("a commit is on disk whatever the database's default is")
{
    const char *url = fresh_url(cx);
    db_rows *rows;
    postgres_do(cx, "ALTER ROLE iots SET synchronous_commit = off");
    db_conn *db = open_store(cx, url, STORE_CREATE)->db;
    postgres_do(cx, "ALTER ROLE iots RESET synchronous_commit");
    CHECK_OK(cx, db->driver->run_once(cx, db, "SHOW synchronous_commit", NULL, 0, &rows));
    CHECK(db->driver->next(cx, rows));
    CHECK(ix_str_is(db->driver->column(rows, 0).text, "on"));
    db->driver->done(rows);
}
