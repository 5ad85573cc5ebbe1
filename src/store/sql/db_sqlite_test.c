/* SPDX-License-Identifier: Apache-2.0 */
/* What only SQLite does. The promises of every driver are asked in tests/store. */
#include "store/store_test.h"

static void ask(ix_ctx *cx, store_handle *store, const char *sql)
{
    CHECK_OK(cx, store->db->driver->run_once(cx, store->db, sql, NULL, 0, NULL));
}

static int64_t number(ix_ctx *cx, store_handle *store, const char *sql)
{
    db_rows *rows;
    CHECK_OK(cx, store->db->driver->run_once(cx, store->db, sql, NULL, 0, &rows));
    CHECK(sql_next(cx, store, rows));
    const int64_t value = sql_int(store, rows, 0);
    sql_done(store, rows);
    return value;
}

/* A store that cannot grow by a single page. */
static store_handle *full_disk(ix_ctx *cx)
{
    store_handle *store = fresh_store(cx);
    CHECK_OK(cx, store_commit(cx, store));
    const int64_t pages = number(cx, store, "PRAGMA page_count");
    ask(cx, store, ix_format(cx, "PRAGMA max_page_count = %d", (int)pages));
    return store;
}

static bool add_large(ix_ctx *cx, store_handle *store)
{
    char *title = ix_alloc(cx, 100001);
    memset(title, 'x', 100000);
    const thing_row row = {.uid = uid_of(cx, 1), .title = title, .doc = ""};
    return store_thing_add(cx, store, "farm", &row);
}

TEST("a full disk is no room, and when there is room again writing goes on")
{
    store_handle *store = full_disk(cx);
    bool found;
    CHECK_OK(cx, store_begin(cx, store));
    CHECK(!add_large(cx, store));
    CHECK_INT(cx->error.code, IOTS_NO_ROOM);
    CHECK_TEXT(cx->error.message, "No room left to store this");
    ix_ctx_clear_error(cx);
    store_rollback(store);

    CHECK_OK(cx, store_thing_exists(cx, store, "farm", NULL, uid_of(cx, 1), &found));
    CHECK(!found);
    ask(cx, store, "PRAGMA max_page_count = 1000000");
    CHECK_OK(cx, store_begin(cx, store));
    CHECK_OK(cx, add_large(cx, store));
    CHECK_OK(cx, store_commit(cx, store));
}

TEST("a transaction that is gone takes no savepoint for a new one")
{
    store_handle *store = fresh_store(cx);
    store_rollback(store);
    CHECK_FAILS(cx, store_savepoint(cx, store), IOTS_UNAVAILABLE);
    CHECK_FAILS(cx, store_release(cx, store), IOTS_UNAVAILABLE);
    CHECK_FAILS(cx, store_commit(cx, store), IOTS_UNAVAILABLE);
    store_rollback_to(store);
    CHECK(!store_in_transaction(store));
}

TEST("a commit is on disk when it returns")
{
    store_handle *store = fresh_store(cx);
    CHECK_OK(cx, store_commit(cx, store));
    CHECK_INT(number(cx, store, "PRAGMA synchronous"), 2);
    CHECK_INT(number(cx, store, "PRAGMA foreign_keys"), 0);
    CHECK_INT(number(cx, store, "PRAGMA trusted_schema"), 0);
    CHECK_INT(number(cx, store,
                     "SELECT count(*) FROM pragma_journal_mode"
                     " WHERE journal_mode = 'wal'"),
              1);
}

TEST("a database of another program is left alone")
{
    const char *folder = fresh_folder(cx);
    const char *url = ix_format(cx, "sqlite:%s", folder);
    store_handle *other = open_store(cx, url, STORE_CREATE);
    store_handle *opened;
    ask(cx, other, "PRAGMA application_id = 7");
    CHECK(!store_open(cx, url, STORE_CREATE, &opened));
    CHECK_TEXT(cx->error.message, ix_format(cx, "%s/iots.db is not a store of iotsd", folder));
}

TEST("readers and the writer do not wait for each other")
{
    const char *url = fresh_url(cx);
    store_handle *writer = open_store(cx, url, STORE_CREATE);
    store_handle *reader = open_store(cx, url, STORE_READ);
    const int64_t start_us = ix_monotonic_us();

    CHECK_OK(cx, store_begin(cx, reader));
    CHECK_INT(number(cx, reader, "SELECT count(*) FROM spaces"), 0);
    CHECK_OK(cx, store_begin(cx, writer));
    CHECK_OK(cx, store_space_add(cx, writer, "farm", 1));
    CHECK_OK(cx, store_commit(cx, writer));
    CHECK_INT(number(cx, reader, "SELECT count(*) FROM spaces"), 0);
    store_rollback(reader);
    CHECK_INT(number(cx, reader, "SELECT count(*) FROM spaces"), 1);
    CHECK(ix_monotonic_us() - start_us < 4 * IX_SECOND_US);
}

/* ---- room that is free ---- */

/* A store out of which much has gone. */
static store_handle *hollow_store(ix_ctx *cx)
{
    store_handle *store = fresh_store(cx);
    ask(cx, store, "CREATE TABLE ballast (bytes BLOB)");
    ask(cx, store, "INSERT INTO ballast VALUES (zeroblob(40000000))");
    CHECK_OK(cx, store_commit(cx, store));
    ask(cx, store, "DROP TABLE ballast");
    CHECK(number(cx, store, "PRAGMA freelist_count") > 9000);
    return store;
}

TEST("what is free is given back a little at a time, as long as it is much")
{
    store_handle *store = hollow_store(cx);
    bool more = true;
    int steps = 0;
    for (; more; steps++) {
        const int64_t before = number(cx, store, "PRAGMA page_count");
        CHECK_OK(cx, store_begin(cx, store));
        CHECK_OK(cx, store_give_back(cx, store, 100, &more));
        CHECK_OK(cx, store_commit(cx, store));
        CHECK(number(cx, store, "PRAGMA page_count") <= before - 100);
    }
    CHECK(steps > 40);
    CHECK(number(cx, store, "PRAGMA freelist_count") <= 4096);
    CHECK_OK(cx, store_check(cx, store));
}

TEST("a store that is compacted has nothing free, one of an older iotsd only when it is alone")
{
    store_handle *store = hollow_store(cx);
    bool done;
    CHECK_OK(cx, store_compact(cx, store, false, &done));
    CHECK(done);
    CHECK_INT(number(cx, store, "PRAGMA freelist_count"), 0);

    ask(cx, store, "PRAGMA auto_vacuum = NONE");
    ask(cx, store, "VACUUM");
    CHECK_INT(number(cx, store, "PRAGMA auto_vacuum"), 0);
    ask(cx, store, "PRAGMA auto_vacuum = INCREMENTAL"); /* as every writer says when it opens */
    CHECK_OK(cx, store_compact(cx, store, false, &done));
    CHECK(!done);
    CHECK_OK(cx, store_compact(cx, store, true, &done));
    CHECK(done);
    CHECK_INT(number(cx, store, "PRAGMA auto_vacuum"), 2);
    CHECK_OK(cx, store_check(cx, store));
}
