/* SPDX-License-Identifier: Apache-2.0 */
/* What db.h promises, asked of the driver itself. */
#include "store/testing.h"

/* A database with one table. */
static db *fresh_db(ix_ctx *cx)
{
    store *store = open_store(cx, fresh_url(cx), STORE_CREATE);
    CHECK_OK(cx,
             store->db->driver->run_once(
                 cx, store->db, "CREATE TABLE pets (name TEXT NOT NULL PRIMARY KEY, age BIGINT)",
                 NULL, 0, NULL));
    return store->db;
}

static const char insert_sql[] = "INSERT INTO pets (name, age) VALUES ($1, $2)";
static const char names_sql[] = "SELECT name FROM pets ORDER BY name";

static bool add_pet(ix_ctx *cx, db *db, const char *name, db_value age)
{
    return db->driver->run(cx, db, insert_sql, ARGS(db_text(name), age), NULL);
}

/* The names in the table, with blanks between. */
static const char *pets(ix_ctx *cx, db *db)
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
static db_value value_of(ix_ctx *cx, db *db, const char *sql, db_value arg)
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
    db *db = fresh_db(cx);
    const int64_t largest = INT64_MAX;
    CHECK(value_of(cx, db, "SELECT $1", db_int(largest)).number == largest);
    CHECK(value_of(cx, db, "SELECT $1", db_real(0.1)).real == 0.1);
    CHECK(value_of(cx, db, "SELECT $1", db_null()).type == DB_NULL);
    CHECK(value_of(cx, db, "SELECT $1", db_text("")).type == DB_TEXT);
    CHECK_TEXT(value_of(cx, db, "SELECT $1", db_text("größe")).text.at, "größe");
    CHECK(value_of(cx, db, "SELECT $1", db_blob("a\0b", 3)).text.len == 3);
}

TEST("arguments go by their number, not by the order in which they appear")
{
    db *db = fresh_db(cx);
    CHECK_OK(cx, db->driver->run(cx, db, "INSERT INTO pets (age, name) VALUES ($2, $1)",
                                 ARGS(db_text("Rex"), db_int(3)), NULL));
    CHECK(value_of(cx, db, "SELECT age FROM pets WHERE name = $1 AND name = $1", db_text("Rex"))
              .number == 3);
}

TEST("a key taken twice is a conflict, and the transaction goes on")
{
    db *db = fresh_db(cx);
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
    db *db = fresh_db(cx);
    CHECK(!db->driver->run_once(cx, db, "SELECT secret FROM nowhere", NULL, 0, NULL));
    CHECK_INT(cx->error.code, IOTS_INTERNAL);
    CHECK_TEXT(cx->error.message, "Something went wrong");
    CHECK(strstr(cx->error.reason, "nowhere"));
}

TEST("what is rolled back was never there")
{
    db *db = fresh_db(cx);
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
    db *db = fresh_db(cx);
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
    db *db = fresh_db(cx);
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
    db *db = fresh_db(cx);
    CHECK_OK(cx, add_pet(cx, db, "Rex", db_int(1)));
    CHECK_OK(cx, add_pet(cx, db, "Tom", db_int(1)));
    CHECK_OK(cx, db->driver->run(cx, db, "UPDATE pets SET age = 2", NULL, 0, NULL));
    CHECK_INT(db->driver->changes(db), 2);
    CHECK_OK(cx, db->driver->run(cx, db, "DELETE FROM pets WHERE name = 'x'", NULL, 0, NULL));
    CHECK_INT(db->driver->changes(db), 0);
}

TEST("a query may be run again while its rows are stepped")
{
    db *db = fresh_db(cx);
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
    db *db = fresh_db(cx);
    db->driver->done(NULL);
    db->driver->close(NULL);
}

TEST("many statements are kept apart")
{
    db *db = fresh_db(cx);
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
    db *db = fresh_db(cx);
    const char *sql = ix_format(cx, "SELECT count(*) FROM (%s) x WHERE item = 'a''b'",
                                ix_format(cx, db->driver->items, "$1"));
    CHECK(value_of(cx, db, sql, db_text("[\"a'b\",\"c\"]")).number == 1);
}
