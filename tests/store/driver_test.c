/* SPDX-License-Identifier: Apache-2.0 */
/* What db.h promises, asked of the driver itself. */
#include <stdatomic.h>

#include "base/time.h"
#include "store/store_test.h"

/* A database with one table. */
static db_conn *fresh_db(ix_ctx *cx)
{
    store_handle *store = open_store(cx, fresh_url(cx), STORE_CREATE);
    const db_driver *driver = store->db->driver;
    const char *sql =
        ix_format(cx,
                  "CREATE TABLE pets (name %s NOT NULL PRIMARY KEY, age BIGINT, weight NUMERIC)",
                  driver->text);
    CHECK_OK(cx, driver->run_once(cx, store->db, sql, NULL, 0, NULL));
    return store->db;
}

static const char insert_sql[] = "INSERT INTO pets (name, age) VALUES ($1, $2)";
static const char names_sql[] = "SELECT name FROM pets ORDER BY name";

static bool add_pet(ix_ctx *cx, db_conn *db, const char *name, db_value age)
{
    return db->driver->run(cx, db, insert_sql, ARGS(db_text(name), age), NULL);
}

/* The names in the table, with blanks between. */
static const char *pets(ix_ctx *cx, db_conn *db)
{
    heard heard = {.cx = cx};
    db_rows *rows;
    CHECK_OK(cx, db->driver->run(cx, db, names_sql, NULL, 0, &rows));
    while (db->driver->next(cx, rows)) {
        const ix_str name = db->driver->column(rows, 0).text;
        hear_word(&heard, ix_strndup(cx, name.at, name.len));
    }
    db->driver->done(rows);
    CHECK(!ix_failed(cx));
    return words_of(cx, &heard);
}

/* The value of an expression over $1. */
static db_value value_of(ix_ctx *cx, db_conn *db, const char *sql, db_value arg)
{
    db_rows *rows;
    CHECK_OK(cx, db->driver->run_once(cx, db, sql, ARGS(arg), &rows));
    CHECK_OK(cx, db->driver->next(cx, rows));
    db_value value = db->driver->column(rows, 0);
    if (value.type == DB_TEXT || value.type == DB_BLOB)
        value.text.at = ix_strndup(cx, value.text.at, value.text.len);
    db->driver->done(rows);
    return value;
}

TEST("values come back as they went in")
{
    db_conn *db = fresh_db(cx);
    const int64_t largest = INT64_MAX;
    CHECK(value_of(cx, db, "SELECT $1", db_int(largest)).number == largest);
    CHECK(value_of(cx, db, "SELECT $1", db_real(0.1)).real == 0.1);
    CHECK(value_of(cx, db, "SELECT $1", db_null()).type == DB_NULL);
    CHECK(value_of(cx, db, "SELECT $1", db_text("")).type == DB_TEXT);
    CHECK_TEXT(value_of(cx, db, "SELECT $1", db_text("größe")).text.at, "größe");
    CHECK(value_of(cx, db, "SELECT $1", db_blob("a\0b", 3)).text.len == 3);
}

TEST("texts come in the order of their bytes")
{
    static const char *const names[] = {"b", "A", "\xc3\xa4", "a b", "B", "a-b", "ab"};
    db_conn *db = fresh_db(cx);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        CHECK_OK(cx, add_pet(cx, db, names[i], db_null()));
    CHECK_TEXT(pets(cx, db), "A B a b a-b ab b \xc3\xa4");
}

static bool add_weight(ix_ctx *cx, db_conn *db, const char *name, db_value weight)
{
    static const char sql[] = "INSERT INTO pets (name, weight) VALUES ($1, $2)";
    return db->driver->run(cx, db, sql, ARGS(db_text(name), weight), NULL);
}

/* How many pets weigh less, just as much, and more, as digits. */
static const char *compared(ix_ctx *cx, db_conn *db, db_value weight)
{
    const int64_t less =
        value_of(cx, db, "SELECT count(*) FROM pets WHERE weight < $1", weight).number;
    const int64_t same =
        value_of(cx, db, "SELECT count(*) FROM pets WHERE weight = $1", weight).number;
    const int64_t more =
        value_of(cx, db, "SELECT count(*) FROM pets WHERE weight > $1", weight).number;
    return ix_format(cx, "%d%d%d", (int)less, (int)same, (int)more);
}

TEST("numbers compare exactly, whole or not, however large")
{
    db_conn *db = fresh_db(cx);
    CHECK_OK(cx, add_weight(cx, db, "a", db_int(INT64_MIN)));
    CHECK_OK(cx, add_weight(cx, db, "b", db_real(-1e300)));
    CHECK_OK(cx, add_weight(cx, db, "c", db_real(0.1)));
    CHECK_OK(cx, add_weight(cx, db, "d", db_int(9007199254740993)));
    CHECK_OK(cx, add_weight(cx, db, "e", db_int(INT64_MAX)));
    CHECK_OK(cx, add_weight(cx, db, "f", db_real(0x1p63)));
    CHECK_OK(cx, add_weight(cx, db, "g", db_real(1e-300)));
    CHECK_OK(cx, add_weight(cx, db, "h", db_null()));

    CHECK_TEXT(compared(cx, db, db_int(INT64_MIN)), "115");
    CHECK_TEXT(compared(cx, db, db_real(-0x1p63)), "115");
    CHECK_TEXT(compared(cx, db, db_real(-1e300)), "016");
    CHECK_TEXT(compared(cx, db, db_real(-0.0)), "205");
    CHECK_TEXT(compared(cx, db, db_real(1e-300)), "214");
    CHECK_TEXT(compared(cx, db, db_real(0.1)), "313");
    CHECK_TEXT(compared(cx, db, db_real(0.1 + 1e-17)), "403");
    CHECK_TEXT(compared(cx, db, db_real(9007199254740992.0)), "403");
    CHECK_TEXT(compared(cx, db, db_int(9007199254740993)), "412");
    CHECK_TEXT(compared(cx, db, db_real(9007199254740994.0)), "502");
    CHECK_TEXT(compared(cx, db, db_int(INT64_MAX)), "511");
    CHECK_TEXT(compared(cx, db, db_real(0x1p63)), "610");
    CHECK_TEXT(compared(cx, db, db_real(1e308)), "700");
}

TEST("an argument that is nowhere in a statement that is used once does no harm")
{
    db_conn *db = fresh_db(cx);
    db_rows *rows;
    CHECK_OK(cx,
             db->driver->run_once(cx, db, "SELECT $2", ARGS(db_text("a"), db_text("b")), &rows));
    CHECK(db->driver->next(cx, rows));
    CHECK(ix_str_is(db->driver->column(rows, 0).text, "b"));
    db->driver->done(rows);
}

TEST("however many rows there are, they are stepped one by one, and other queries go between")
{
    enum { MANY = 1000 };
    db_conn *db = fresh_db(cx);
    db_rows *rows;
    CHECK_OK(cx, db->driver->begin(cx, db));
    for (int i = 0; i < MANY; i++)
        CHECK_OK(cx, add_pet(cx, db, ix_format(cx, "pet %04d", i), db_int(i)));
    for (int most = MANY; most > 0; most -= 256) {
        CHECK_OK(cx, db->driver->run_once(cx, db, "SELECT age FROM pets ORDER BY name LIMIT $1",
                                          ARGS(db_int(most)), &rows));
        int count = 0;
        for (; db->driver->next(cx, rows); count++) {
            CHECK_INT(db->driver->column(rows, 0).number, count);
            if (count % 100 == 0)
                CHECK(value_of(cx, db, "SELECT count(*) FROM pets WHERE age < $1", db_int(count))
                          .number == count);
        }
        CHECK_INT(count, most);
        CHECK(!db->driver->next(cx, rows) && !ix_failed(cx));
        db->driver->done(rows);
    }
    CHECK_OK(cx, db->driver->run_once(cx, db, "SELECT age FROM pets", NULL, 0, &rows));
    CHECK(db->driver->next(cx, rows));
    db->driver->done(rows);
    CHECK_OK(cx, db->driver->commit(cx, db));
}

TEST("arguments go by their number, not by the order in which they appear")
{
    db_conn *db = fresh_db(cx);
    CHECK_OK(cx, db->driver->run(cx, db, "INSERT INTO pets (age, name) VALUES ($2, $1)",
                                 ARGS(db_text("Rex"), db_int(3)), NULL));
    CHECK(value_of(cx, db, "SELECT age FROM pets WHERE name = $1 AND name = $1", db_text("Rex"))
              .number == 3);
}

TEST("a key taken twice is a conflict, and the transaction goes on")
{
    db_conn *db = fresh_db(cx);
    CHECK_OK(cx, db->driver->begin(cx, db));
    CHECK_OK(cx, add_pet(cx, db, "Rex", db_int(1)));
    CHECK_OK(cx, db->driver->savepoint(cx, db));
    CHECK_FAILS(cx, add_pet(cx, db, "Rex", db_int(2)), IOTS_CONFLICT);
    db->driver->rollback_to(db);
    CHECK_OK(cx, add_pet(cx, db, "Tom", db_null()));
    CHECK_OK(cx, db->driver->commit(cx, db));
    CHECK_TEXT(pets(cx, db), "Rex Tom");
}

TEST("a failure says nothing of SQL to people, and everything to the log")
{
    db_conn *db = fresh_db(cx);
    CHECK(!db->driver->run_once(cx, db, "SELECT secret FROM nowhere", NULL, 0, NULL));
    CHECK_INT(cx->error.code, IOTS_INTERNAL);
    CHECK_TEXT(cx->error.message, "Something went wrong");
    CHECK(strstr(cx->error.reason, "nowhere"));
}

TEST("a statement that takes long ends when it is time to stop, and says that the store is away")
{
    static _Atomic int64_t until_us = INT64_MAX;
    db_conn *db = fresh_db(cx);
    const char *sql = strcmp(db->driver->name, "sqlite") == 0
                          ? "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                            " SELECT count(*) FROM n" /* it has no end */
                          : "SELECT pg_sleep(60)";
    db->driver->stop_at(db, &until_us);
    CHECK_OK(cx, add_pet(cx, db, "Rex", db_null()));
    until_us = ix_monotonic_us();
    CHECK(!db->driver->run_once(cx, db, sql, NULL, 0, NULL));
    CHECK_INT(cx->error.code, IOTS_UNAVAILABLE);
    ix_ctx_clear_error(cx);
    until_us = INT64_MAX;
}

TEST("what is rolled back was never there")
{
    db_conn *db = fresh_db(cx);
    CHECK(!db->driver->in_transaction(db));
    CHECK_OK(cx, db->driver->begin(cx, db));
    CHECK(db->driver->in_transaction(db));
    CHECK_OK(cx, add_pet(cx, db, "Rex", db_int(1)));
    db->driver->rollback(db);
    CHECK(!db->driver->in_transaction(db));
    db->driver->rollback(db);
    CHECK_TEXT(pets(cx, db), "");
}

TEST("a savepoint undoes what came after it, and no more")
{
    db_conn *db = fresh_db(cx);
    CHECK_OK(cx, db->driver->begin(cx, db));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(cx, db->driver->savepoint(cx, db));
        CHECK_OK(cx, add_pet(cx, db, i == 0 ? "Rex" : i == 1 ? "Tom" : "Zoe", db_null()));
        if (i == 1)
            db->driver->rollback_to(db);
        else
            CHECK_OK(cx, db->driver->release(cx, db));
    }
    CHECK_OK(cx, db->driver->commit(cx, db));
    CHECK_TEXT(pets(cx, db), "Rex Zoe");
}

TEST("a savepoint inside another ends alone")
{
    db_conn *db = fresh_db(cx);
    CHECK_OK(cx, db->driver->begin(cx, db));
    for (int outer = 0; outer < 2; outer++) {
        CHECK_OK(cx, db->driver->savepoint(cx, db));
        CHECK_OK(cx, add_pet(cx, db, outer ? "Ada" : "Rex", db_null()));
        for (int inner = 0; inner < 3; inner++) {
            CHECK_OK(cx, db->driver->savepoint(cx, db));
            CHECK_OK(cx, add_pet(cx, db, ix_format(cx, "Cub %d.%d", outer, inner), db_null()));
            if (inner == 1)
                db->driver->rollback_to(db);
            else
                CHECK_OK(cx, db->driver->release(cx, db));
        }
        if (outer == 1)
            db->driver->rollback_to(db);
        else
            CHECK_OK(cx, db->driver->release(cx, db));
    }
    CHECK_OK(cx, db->driver->commit(cx, db));
    CHECK_TEXT(pets(cx, db), "Cub 0.0 Cub 0.2 Rex");
}

TEST("changes counts the rows of the last statement")
{
    db_conn *db = fresh_db(cx);
    CHECK_OK(cx, add_pet(cx, db, "Rex", db_int(1)));
    CHECK_OK(cx, add_pet(cx, db, "Tom", db_int(1)));
    CHECK_OK(cx, db->driver->run(cx, db, "UPDATE pets SET age = 2", NULL, 0, NULL));
    CHECK_INT(db->driver->changes(db), 2);
    CHECK_OK(cx, db->driver->run(cx, db, "DELETE FROM pets WHERE name = 'x'", NULL, 0, NULL));
    CHECK_INT(db->driver->changes(db), 0);
}

TEST("a query may be run again while its rows are stepped")
{
    db_conn *db = fresh_db(cx);
    db_rows *rows;
    CHECK_OK(cx, add_pet(cx, db, "Rex", db_null()));
    CHECK_OK(cx, add_pet(cx, db, "Tom", db_null()));
    CHECK_OK(cx, db->driver->run(cx, db, names_sql, NULL, 0, &rows));
    CHECK(db->driver->next(cx, rows));
    CHECK_TEXT(pets(cx, db), "Rex Tom");
    CHECK(db->driver->next(cx, rows));
    CHECK(ix_str_is(db->driver->column(rows, 0).text, "Tom"));
    CHECK(!db->driver->next(cx, rows));
    CHECK(!db->driver->next(cx, rows));
    db->driver->done(rows);
}

TEST("letting go of no rows is fine")
{
    db_conn *db = fresh_db(cx);
    db->driver->done(NULL);
    db->driver->close(NULL);
}

TEST("many statements are kept apart")
{
    db_conn *db = fresh_db(cx);
    for (int round = 0; round < 2; round++) {
        static char sql[500][32];
        for (int i = 0; i < 500; i++) {
            db_rows *rows;
            snprintf(sql[i], sizeof(sql[i]), "SELECT %d", i);
            CHECK_OK(cx, db->driver->run(cx, db, sql[i], NULL, 0, &rows));
            CHECK(db->driver->next(cx, rows));
            CHECK_INT(db->driver->column(rows, 0).number, i);
            db->driver->done(rows);
        }
    }
}

TEST("the items of a list are rows")
{
    db_conn *db = fresh_db(cx);
    const char *sql = ix_format(cx, "SELECT count(*) FROM (%s) x WHERE item = 'a''b'",
                                ix_format(cx, db->driver->items, "$1"));
    CHECK(value_of(cx, db, sql, db_text("[\"a'b\",\"c\"]")).number == 1);
}
