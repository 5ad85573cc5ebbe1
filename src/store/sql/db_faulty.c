/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database that goes away on request.
 *
 * Everything is passed on to the wrapped database, and the calls that can fail in life are counted;
 * the Nth of them fails without reaching it.
 */
#include <stdlib.h>

#include "store/sql/db.h"

typedef struct faulty_db {
    db_conn base;
    db_driver driver; /* its own, because it speaks the wrapped one's dialect */
    db_conn *inner;
    int calls_left; /* until the one that fails; 0: none does */
    iots_code code;
} faulty_db;

typedef struct faulty_rows {
    faulty_db *db;
    db_rows *inner;
} faulty_rows;

static db_conn *inner_of(db_conn *db)
{
    return ((faulty_db *)db)->inner;
}

/* Is this the call that fails? */
static bool fails(ix_ctx *cx, faulty_db *faulty)
{
    if (faulty->calls_left == 0 || --faulty->calls_left > 0)
        return false;
    ix_fail(cx, faulty->code, NULL);
    return true;
}

static void faulty_close(db_conn *db)
{
    if (!db)
        return;
    inner_of(db)->driver->close(inner_of(db));
    free(db);
}

static bool faulty_is_alive(db_conn *db)
{
    return inner_of(db)->driver->is_alive(inner_of(db));
}

static bool faulty_limit(ix_ctx *cx, db_conn *db, int64_t statement_us)
{
    return inner_of(db)->driver->limit(cx, inner_of(db), statement_us);
}

static void faulty_stop_at(db_conn *db, const _Atomic int64_t *until_us)
{
    inner_of(db)->driver->stop_at(inner_of(db), until_us);
}

static bool faulty_is_silent(db_conn *db)
{
    return inner_of(db)->driver->is_silent(inner_of(db));
}

static bool faulty_in_doubt(db_conn *db, db_txid *ret)
{
    return inner_of(db)->driver->in_doubt(inner_of(db), ret);
}

static bool faulty_outcome(ix_ctx *cx, db_conn *db, const db_txid *txid, bool *ret_committed)
{
    return inner_of(db)->driver->outcome(cx, inner_of(db), txid, ret_committed);
}

static bool faulty_begin(ix_ctx *cx, db_conn *db)
{
    return !fails(cx, (faulty_db *)db) && inner_of(db)->driver->begin(cx, inner_of(db));
}

static bool faulty_begin_read(ix_ctx *cx, db_conn *db)
{
    return !fails(cx, (faulty_db *)db) && inner_of(db)->driver->begin_read(cx, inner_of(db));
}

static bool faulty_commit(ix_ctx *cx, db_conn *db)
{
    return !fails(cx, (faulty_db *)db) && inner_of(db)->driver->commit(cx, inner_of(db));
}

static void faulty_rollback(db_conn *db)
{
    inner_of(db)->driver->rollback(inner_of(db));
}

static bool faulty_savepoint(ix_ctx *cx, db_conn *db)
{
    return !fails(cx, (faulty_db *)db) && inner_of(db)->driver->savepoint(cx, inner_of(db));
}

static bool faulty_release(ix_ctx *cx, db_conn *db)
{
    return !fails(cx, (faulty_db *)db) && inner_of(db)->driver->release(cx, inner_of(db));
}

static void faulty_rollback_to(db_conn *db)
{
    inner_of(db)->driver->rollback_to(inner_of(db));
}

static bool faulty_in_transaction(db_conn *db)
{
    return inner_of(db)->driver->in_transaction(inner_of(db));
}

/* Runs by `run`, wrapping the rows, so that stepping them can fail too. */
static bool
run_by(bool (*run)(ix_ctx *, db_conn *, const char *, const db_value *, size_t, db_rows **),
       ix_ctx *cx, db_conn *db, const char *sql, const db_value *args, size_t nargs, db_rows **ret)
{
    if (fails(cx, (faulty_db *)db))
        return false;
    if (!ret)
        return run(cx, inner_of(db), sql, args, nargs, NULL);

    faulty_rows *rows = malloc(sizeof(*rows));
    if (!rows)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    rows->db = (faulty_db *)db;
    if (!run(cx, inner_of(db), sql, args, nargs, &rows->inner)) {
        free(rows);
        return false;
    }
    *ret = (db_rows *)rows;
    return true;
}

static bool faulty_run(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args, size_t nargs,
                       db_rows **ret)
{
    return run_by(inner_of(db)->driver->run, cx, db, sql, args, nargs, ret);
}

static bool faulty_run_once(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args,
                            size_t nargs, db_rows **ret)
{
    return run_by(inner_of(db)->driver->run_once, cx, db, sql, args, nargs, ret);
}

/* How rows are fetched makes no difference to what may fail. */
static bool faulty_stream(ix_ctx *cx, db_conn *db, const char *sql, bool is_kept,
                          const db_value *args, size_t nargs, db_rows **ret)
{
    return (is_kept ? faulty_run : faulty_run_once)(cx, db, sql, args, nargs, ret);
}

static bool faulty_next(ix_ctx *cx, db_rows *rows)
{
    faulty_rows *faulty = (faulty_rows *)rows;
    return !fails(cx, faulty->db) && faulty->db->inner->driver->next(cx, faulty->inner);
}

static db_value faulty_column(db_rows *rows, int i)
{
    faulty_rows *faulty = (faulty_rows *)rows;
    return faulty->db->inner->driver->column(faulty->inner, i);
}

static void faulty_done(db_rows *rows)
{
    if (!rows)
        return;
    faulty_rows *faulty = (faulty_rows *)rows;
    faulty->db->inner->driver->done(faulty->inner);
    free(faulty);
}

static int64_t faulty_changes(db_conn *db)
{
    return inner_of(db)->driver->changes(inner_of(db));
}

static bool faulty_version(ix_ctx *cx, db_conn *db, int64_t *ret)
{
    return inner_of(db)->driver->version(cx, inner_of(db), ret);
}

static bool faulty_backup(ix_ctx *cx, db_conn *db, int fd)
{
    return inner_of(db)->driver->backup(cx, inner_of(db), fd);
}

static bool faulty_check(ix_ctx *cx, db_conn *db)
{
    return inner_of(db)->driver->check(cx, inner_of(db));
}

static bool faulty_give_back(ix_ctx *cx, db_conn *db, int most, bool *ret_more)
{
    return inner_of(db)->driver->give_back(cx, inner_of(db), most, ret_more);
}

static bool faulty_compact(ix_ctx *cx, db_conn *db, bool is_alone, bool *ret_done)
{
    return inner_of(db)->driver->compact(cx, inner_of(db), is_alone, ret_done);
}

static bool faulty_reserve(ix_ctx *cx, db_conn *db, int64_t bytes, bool *ret_is_held)
{
    return inner_of(db)->driver->reserve(cx, inner_of(db), bytes, ret_is_held);
}

static void faulty_spend_reserve(db_conn *db)
{
    inner_of(db)->driver->spend_reserve(inner_of(db));
}

static bool faulty_size(ix_ctx *cx, db_conn *db, int64_t *ret_bytes)
{
    return inner_of(db)->driver->size(cx, inner_of(db), ret_bytes);
}

static bool faulty_schema_get(ix_ctx *cx, db_conn *db, int *ret)
{
    return inner_of(db)->driver->schema_get(cx, inner_of(db), ret);
}

static bool faulty_schema_set(ix_ctx *cx, db_conn *db, int version)
{
    return inner_of(db)->driver->schema_set(cx, inner_of(db), version);
}

/* It wraps what is open already, so nothing here opens, locks or restores. */
static const db_driver passing_on = {
    .name = "faulty",
    .close = faulty_close,
    .is_alive = faulty_is_alive,
    .limit = faulty_limit,
    .stop_at = faulty_stop_at,
    .is_silent = faulty_is_silent,
    .begin = faulty_begin,
    .begin_read = faulty_begin_read,
    .commit = faulty_commit,
    .in_doubt = faulty_in_doubt,
    .outcome = faulty_outcome,
    .rollback = faulty_rollback,
    .savepoint = faulty_savepoint,
    .release = faulty_release,
    .rollback_to = faulty_rollback_to,
    .in_transaction = faulty_in_transaction,
    .run = faulty_run,
    .run_once = faulty_run_once,
    .stream = faulty_stream,
    .next = faulty_next,
    .column = faulty_column,
    .done = faulty_done,
    .changes = faulty_changes,
    .version = faulty_version,
    .backup = faulty_backup,
    .check = faulty_check,
    .give_back = faulty_give_back,
    .compact = faulty_compact,
    .reserve = faulty_reserve,
    .spend_reserve = faulty_spend_reserve,
    .size = faulty_size,
    .schema_get = faulty_schema_get,
    .schema_set = faulty_schema_set,
};

db_conn *db_faulty_new(db_conn *inner)
{
    faulty_db *faulty = calloc(1, sizeof(*faulty));
    if (!faulty)
        return NULL;
    faulty->driver = passing_on;
    faulty->driver.clustered = inner->driver->clustered;
    faulty->driver.text = inner->driver->text;
    faulty->driver.blob = inner->driver->blob;
    faulty->driver.has_fts = inner->driver->has_fts;
    faulty->driver.items = inner->driver->items;
    faulty->base.driver = &faulty->driver;
    faulty->inner = inner;
    return &faulty->base;
}

void db_faulty_set(db_conn *faulty, int nth, iots_code code)
{
    ((faulty_db *)faulty)->calls_left = nth;
    ((faulty_db *)faulty)->code = code;
}
