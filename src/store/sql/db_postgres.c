/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver for PostgreSQL. The only file that includes its header.
 *
 * A store is the current schema of a database, with one table beside those of schema.def: iots_store,
 * whose only row has the number of the schema and counts the transactions that wrote. Whoever writes
 * adds to that count first, and by that holds the row: as in SQLite there is one writer at a time, and
 * everyone can see whether others have committed.
 *
 * The rows of a kept statement arrive all at once. Those of a statement that is used once may be as
 * many as there are things, so inside a transaction they are fetched through a cursor.
 *
 * A server that is stopped, or cut off without a word, keeps its connections and says nothing, so
 * libpq's blocking functions are not used after connecting: everything goes through `answer`, which
 * waits no longer than a deadline. A connection that has missed one is lost.
 *
 * When the answer to COMMIT is lost, only the server knows what became of the transaction. Each one
 * that writes is therefore known by its number and its place in the count (db_txid), and another
 * connection can ask (pg_outcome).
 */
#include <errno.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/number.h"
#include "base/time.h"
#include "store/sql/db.h"
#include "store/sql/statement_cache.h"

enum {
    NEEDED_VERSION = 140000, /* of the server */
    ROWS_FETCHED = 256,      /* through a cursor, at a time */
    LARGE_ROWS_FETCHED = 16, /* of rows that may be large, if they are not */
    FETCHED_BYTES = 1 << 18, /* about so many of them, if they are */
    NAME_TEXT = 32,          /* of a statement or cursor, with terminator */
    INT_TEXT = 24,
    REAL_TEXT = 320, /* the largest double has 309 digits */
};

/* How long the server may say nothing. What iotsd's setting store_timeout says (db_driver.limit) is
 * the limit of all other statements. Texts are those of libpq and of the server. */
#define CONNECT_S    "5"                   /* for each address of the host */
#define LOCK_MS      "5000"                /* the server gives up waiting for another writer */
#define OPEN_US      (10 * IX_SECOND_US)   /* each statement of the opening */
#define IMMEDIATE_US (3 * IX_SECOND_US)    /* statements that neither wait nor work */
#define BEGIN_US     (6 * IX_SECOND_US)    /* beginning to write: longer than LOCK_MS */
#define STOP_LOOK_US (INT64_C(250) * 1000) /* between two looks whether it is time to stop */
#define GRACE_US     (2 * IX_SECOND_US)    /* the server keeps the limit itself and says so */
#define NO_LIMIT     INT64_MAX

/* A peer that has vanished without a word, for the side that waits for it: kernel's keepalives begin
 * after IDLE_S without traffic, and after these times the connection is at its end. */
#define KEEPALIVE_IDLE_S     "10"
#define KEEPALIVE_INTERVAL_S "5"
#define KEEPALIVE_COUNT      "3"
#define USER_TIMEOUT_MS      "15000"

/* The types that we speak; their numbers are the same in every PostgreSQL (its pg_type.dat). */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_NUMERIC = 1700,
};

/* Advisory locks have two numbers. The first says that they are ours and what for, the second is made
 * of the schema's name. */
#define LOCK_SERVER "1229935699"
#define LOCK_MAKE   "1229935700"
#define LOCK_SCHEMA "hashtext(current_schema())"

typedef struct pg_db {
    db_conn base;
    PGconn *conn;
    char *place;
    bool is_reader;
    bool is_counting;               /* the transaction is one that counts itself */
    bool is_lost;                   /* what it is in the middle of, nobody knows */
    bool is_silent;                 /* lost because the server did not answer in time */
    bool is_in_doubt;               /* lost while it committed `txid` */
    db_txid txid;                   /* of the transaction, if it counts itself */
    int64_t limit_us;               /* of a statement */
    const _Atomic int64_t *stop_us; /* pg_stop_at */
    statement_cache statements;     /* their names are made of their addresses */
    unsigned cursors;               /* opened so far */
    int64_t changes;                /* of the last statement */
    int64_t commits;                /* by this connection, of those counted in iots_store */
    ix_buf numbers;                 /* as text, while a statement is sent */
} pg_db;

typedef struct pg_rows {
    pg_db *db;
    PGresult *result;
    int row, count;         /* the current one; how many of them are here */
    int asked;              /* how many were to come: fewer are the last ones */
    bool is_large;          /* rows may be large */
    char cursor[NAME_TEXT]; /* where more come from; "": all are here */
    bool is_over;
    ix_arena *blobs; /* those of the current row; NULL: none was asked for yet */
} pg_rows;

/* ---- failures ---- */

/* What a SQLSTATE begins with, and what that means to us. */
static const struct {
    const char *state;
    iots_code code;
} states[] = {
    {"23505", IOTS_CONFLICT},    /* unique_violation */
    {"53100", IOTS_NO_ROOM},     /* disk_full */
    {"08", IOTS_UNAVAILABLE},    /* connection exception */
    {"25006", IOTS_UNAVAILABLE}, /* read_only_sql_transaction */
    {"28", IOTS_UNAVAILABLE},    /* not let in */
    {"40", IOTS_UNAVAILABLE},    /* transaction rolled back for the sake of others */
    {"42501", IOTS_UNAVAILABLE}, /* insufficient_privilege */
    {"53", IOTS_UNAVAILABLE},    /* insufficient resources */
    {"55P03", IOTS_UNAVAILABLE}, /* lock_not_available */
    {"57", IOTS_UNAVAILABLE},    /* operator intervention: shut down, cancelled */
    {"58", IOTS_UNAVAILABLE},    /* system error */
};

static bool is_usable(const pg_db *db)
{
    return !db->is_lost && PQstatus(db->conn) == CONNECTION_OK;
}

static iots_code code_of(const pg_db *db, const char *state)
{
    if (!state && is_usable(db))
        return IOTS_NO_MEMORY; /* libpq fails by itself for no other reason */
    if (!state)
        return IOTS_UNAVAILABLE;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (ix_str_starts(ix_str_of(state), states[i].state))
            return states[i].code;
    }
    return IOTS_INTERNAL;
}

/* What the server said, or the first line of what libpq says. In cx. */
static const char *words_of(ix_ctx *cx, const PGconn *conn, const PGresult *result)
{
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!words)
        words = PQerrorMessage(conn);
    return ix_strndup(cx, words, strcspn(words, "\r\n"));
}

/* Records the code with `sentence`, or its usual one for NULL; what PostgreSQL says goes to
 * error.reason, for the log. */
static bool fail_with(ix_ctx *cx, const pg_db *db, const PGresult *result, const char *sentence)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words =
        db->is_silent ? "the server does not answer in time" : words_of(cx, db->conn, result);
    if (ix_failed(cx))
        return false;
    ix_fail(cx, code_of(db, state), sentence ? "%s" : NULL, sentence);
    cx->error.reason = ix_format(cx, "%s: %s (%s)", db->place, words, state ? state : "no answer");
    return false;
}

static bool postgres_fail(ix_ctx *cx, const pg_db *db, const PGresult *result)
{
    return fail_with(cx, db, result, NULL);
}

/* Why a store cannot be opened, in one sentence that names the place. */
static bool fail_open(ix_ctx *cx, const pg_db *db, const PGresult *result)
{
    const char *words =
        db->is_silent ? "the server does not answer in time" : words_of(cx, db->conn, result);
    return words && ix_fail(cx, IOTS_UNAVAILABLE, "%s cannot be opened: %s", db->place, words);
}

static bool is_good(const PGresult *result)
{
    const ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* ---- asking and waiting ---- */

/* Sends what is to be sent and takes in what has come. False: nothing moved until the deadline. */
static bool exchange_some(PGconn *conn, int64_t until_us)
{
    const bool has_more = PQflush(conn) > 0;
    struct pollfd socket = {.fd = PQsocket(conn),
                            .events = (short)(has_more ? POLLIN | POLLOUT : POLLIN)};
    const int64_t wait_us = until_us == NO_LIMIT ? -1 : until_us - ix_monotonic_us();
    if (until_us != NO_LIMIT && wait_us <= 0)
        return false;
    const int64_t wait_ms = wait_us < 0 ? -1 : wait_us / 1000 + 1;
    const int count = poll(&socket, 1, wait_ms > INT_MAX ? INT_MAX : (int)wait_ms);
    if (count == 0 || (count < 0 && errno != EINTR))
        return false;
    /* A failure to read is the connection's end, which its status says. */
    if (count > 0 && socket.revents & ~POLLOUT)
        (void)PQconsumeInput(conn);
    return true;
}

static bool is_stopping(const pg_db *db)
{
    return db->stop_us &&
           ix_monotonic_us() >= atomic_load_explicit(db->stop_us, memory_order_relaxed);
}

/* The same, but not for long once it is time to stop. */
static bool exchange_unless_stopping(const pg_db *db, int64_t until_us)
{
    for (;;) {
        const int64_t look_us = ix_monotonic_us() + STOP_LOOK_US;
        const bool is_last = until_us != NO_LIMIT && until_us <= look_us;
        if (exchange_some(db->conn, is_last ? until_us : look_us))
            return true;
        if (is_last || is_stopping(db))
            return false;
    }
}

/* What has been sent (`is_sent`) comes to: the last of its results. NULL: there is none, and libpq or
 * is_silent says why. The limit is on silence: it begins anew with whatever arrives. */
static PGresult *answer(pg_db *db, bool is_sent, int64_t limit_us)
{
    PGresult *last = NULL;
    while (is_sent) {
        while (PQstatus(db->conn) == CONNECTION_OK && PQisBusy(db->conn)) {
            const int64_t until_us = limit_us == NO_LIMIT ? NO_LIMIT : ix_monotonic_us() + limit_us;
            if (!exchange_unless_stopping(db, until_us)) {
                db->is_lost = true;
                db->is_silent = !is_stopping(db);
                PQclear(last);
                return NULL;
            }
        }
        PGresult *result = PQgetResult(db->conn);
        if (!result)
            break;
        PQclear(last);
        last = result;
    }
    return last;
}

static PGresult *execute(pg_db *db, const char *sql, int64_t limit_us)
{
    return answer(db, PQsendQuery(db->conn, sql), limit_us);
}

/* ---- arguments ---- */

/* The arguments of a statement in the form that libpq takes. */
typedef struct params {
    Oid types[DB_ARGS_MAX];
    const char *values[DB_ARGS_MAX];
    int lengths[DB_ARGS_MAX], formats[DB_ARGS_MAX];
} params;

enum { AS_TEXT, AS_BYTES }; /* formats */

/* So that numbers compare exactly with whole numbers of any size, a double beyond 2^53, which is a
 * whole number itself, is written with all its digits. */
static int write_real(double real, char out[REAL_TEXT])
{
    return fabs(real) < 0x1p53 ? ix_number_write(real, out)
                               : snprintf(out, REAL_TEXT, "%.0f", real);
}

static char *write_number(ix_buf *numbers, const db_value *value)
{
    char *at = numbers->at + numbers->len;
    const int len = value->type == DB_INT ? snprintf(at, INT_TEXT, "%" PRId64, value->number)
                                          : write_real(value->real, at);
    numbers->len += (size_t)len + 1;
    return at;
}

static bool params_make(ix_ctx *cx, pg_db *db, const db_value *args, size_t nargs, params *ret)
{
    static const Oid types[] = {[DB_NULL] = OID_TEXT,
                                [DB_INT] = OID_INT8,
                                [DB_REAL] = OID_NUMERIC,
                                [DB_TEXT] = OID_TEXT,
                                [DB_BLOB] = OID_BYTEA};
    size_t room = 0;
    if (nargs > DB_ARGS_MAX)
        return ix_fail(cx, IOTS_INTERNAL, NULL);
    for (size_t i = 0; i < nargs; i++)
        room += args[i].type == DB_INT ? INT_TEXT : args[i].type == DB_REAL ? REAL_TEXT : 0;
    ix_buf_clear(&db->numbers);
    if (!ix_buf_reserve(&db->numbers, room)) {
        ix_buf_done(&db->numbers);
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    }

    for (size_t i = 0; i < nargs; i++) {
        const db_value *value = &args[i];
        const bool is_bytes = value->type == DB_TEXT || value->type == DB_BLOB;
        if (is_bytes && value->text.len > INT_MAX)
            return ix_fail(cx, IOTS_TOO_LARGE, NULL);
        ret->types[i] = types[value->type];
        ret->formats[i] = is_bytes ? AS_BYTES : AS_TEXT;
        ret->lengths[i] = is_bytes ? (int)value->text.len : 0;
        if (is_bytes)
            ret->values[i] = value->text.at ? value->text.at : "";
        else
            ret->values[i] = value->type == DB_NULL ? NULL : write_number(&db->numbers, value);
    }
    return true;
}

/* ---- statements ---- */

/* Runs commands without arguments or rows worth having. */
static bool command(ix_ctx *cx, pg_db *db, const char *sql, int64_t limit_us)
{
    PGresult *result = execute(db, sql, limit_us);
    const bool ok = is_good(result) || postgres_fail(cx, db, result);
    PQclear(result);
    return ok;
}

/* Prepares a statement unless that was done before. Types of arguments are those of the columns they
 * meet: what is a number in one call may be NULL in the next. */
static bool prepare(ix_ctx *cx, pg_db *db, const char *sql, char name[NAME_TEXT])
{
    snprintf(name, NAME_TEXT, "s%" PRIxPTR, (uintptr_t)sql);
    if (statement_cache_find(&db->statements, sql))
        return true;
    if (!statement_cache_reserve(cx, &db->statements))
        return false;
    PGresult *result = answer(db, PQsendPrepare(db->conn, name, sql, 0, NULL), db->limit_us);
    const bool ok = is_good(result) || postgres_fail(cx, db, result);
    PQclear(result);
    if (ok)
        statement_cache_put(&db->statements, sql, db);
    return ok;
}

/* Takes `result`. */
static bool rows_new(ix_ctx *cx, pg_db *db, PGresult *result, pg_rows **ret)
{
    pg_rows *rows = calloc(1, sizeof(*rows));
    if (!rows) {
        PQclear(result);
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    }
    rows->db = db;
    rows->result = result;
    rows->row = -1;
    rows->count = PQntuples(result);
    *ret = rows;
    return true;
}

/* Takes what a statement came to; with `ret` its rows go there. */
static bool take_result(ix_ctx *cx, pg_db *db, PGresult *result, db_rows **ret)
{
    if (!is_good(result)) {
        postgres_fail(cx, db, result);
        PQclear(result);
        return false;
    }
    if (PQresultStatus(result) == PGRES_COMMAND_OK)
        db->changes = atoll(PQcmdTuples(result));
    if (!ret) {
        PQclear(result);
        return true;
    }
    pg_rows *rows = NULL;
    if (!rows_new(cx, db, result, &rows))
        return false;
    *ret = (db_rows *)rows;
    return true;
}

static bool check_usable(ix_ctx *cx, const pg_db *db)
{
    return is_usable(db) || ix_fail(cx, IOTS_UNAVAILABLE, NULL);
}

static bool run_kept(ix_ctx *cx, pg_db *db, const char *sql, const db_value *args, size_t nargs,
                     int64_t limit_us, db_rows **ret)
{
    char name[NAME_TEXT];
    params params;
    if (!check_usable(cx, db) || !prepare(cx, db, sql, name) ||
        !params_make(cx, db, args, nargs, &params))
        return false;
    const bool is_sent = PQsendQueryPrepared(db->conn, name, (int)nargs, params.values,
                                             params.lengths, params.formats, AS_TEXT);
    return take_result(cx, db, answer(db, is_sent, limit_us), ret);
}

static bool pg_run(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args, size_t nargs,
                   db_rows **ret)
{
    return run_kept(cx, (pg_db *)db, sql, args, nargs, ((pg_db *)db)->limit_us, ret);
}

static bool pg_in_transaction(db_conn *db)
{
    const pg_db *self = (const pg_db *)db;
    const PGTransactionStatusType status = PQtransactionStatus(self->conn);
    return is_usable(self) && (status == PQTRANS_INTRANS || status == PQTRANS_INERROR);
}

/* A statement used once says the types of its arguments, some of which may not appear in it. */
static bool run_text(ix_ctx *cx, pg_db *db, const char *sql, const db_value *args, size_t nargs,
                     db_rows **ret)
{
    params params;
    if (!params_make(cx, db, args, nargs, &params))
        return false;
    const bool is_sent = PQsendQueryParams(db->conn, sql, (int)nargs, params.types, params.values,
                                           params.lengths, params.formats, AS_TEXT);
    return take_result(cx, db, answer(db, is_sent, db->limit_us), ret);
}

static bool pg_run_once(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args,
                        size_t nargs, db_rows **ret)
{
    pg_db *self = (pg_db *)db;
    if (!check_usable(cx, self))
        return false;
    if (!ret || !pg_in_transaction(db))
        return run_text(cx, self, sql, args, nargs, ret);

    char name[NAME_TEXT];
    snprintf(name, sizeof(name), "c%u", ++self->cursors);
    const char *declare = ix_format(cx, "DECLARE %s NO SCROLL CURSOR FOR %s", name, sql);
    *ret = NULL;
    if (!declare || !run_text(cx, self, declare, args, nargs, ret) || !*ret)
        return false;
    memcpy(((pg_rows *)*ret)->cursor, name, sizeof(name));
    return true;
}

static bool pg_stream(ix_ctx *cx, db_conn *db, const char *sql, bool is_kept, const db_value *args,
                      size_t nargs, db_rows **ret)
{
    (void)is_kept;
    if (!pg_run_once(cx, db, sql, args, nargs, ret) || !*ret)
        return false;
    ((pg_rows *)*ret)->is_large = true;
    return true;
}

/* ---- rows ---- */

/* How many rows to fetch next: large ones so that they take about FETCHED_BYTES if they are like those
 * before. */
static int rows_wanted(const pg_rows *rows)
{
    size_t bytes = 0;
    if (!rows->is_large)
        return ROWS_FETCHED;
    if (rows->count == 0)
        return LARGE_ROWS_FETCHED;
    for (int row = 0; row < rows->count; row++) {
        for (int i = 0; i < PQnfields(rows->result); i++)
            bytes += (size_t)PQgetlength(rows->result, row, i);
    }
    const size_t most = (size_t)FETCHED_BYTES * (size_t)rows->count / (bytes + 1) + 1;
    return most < (size_t)4 * LARGE_ROWS_FETCHED ? (int)most : 4 * LARGE_ROWS_FETCHED;
}

/* The next rows of a cursor, the first of them current. False if there are none, and on failure. */
static bool rows_fetch(ix_ctx *cx, pg_rows *rows)
{
    char sql[2 * NAME_TEXT];
    rows->asked = rows_wanted(rows);
    snprintf(sql, sizeof(sql), "FETCH %d FROM %s", rows->asked, rows->cursor);
    PQclear(rows->result);
    rows->result = NULL;
    rows->row = 0;
    rows->count = 0;
    if (!check_usable(cx, rows->db))
        return false;
    rows->result = execute(rows->db, sql, rows->db->limit_us);
    if (!is_good(rows->result))
        return postgres_fail(cx, rows->db, rows->result);
    rows->count = PQntuples(rows->result);
    return rows->count > 0;
}

static bool pg_next(ix_ctx *cx, db_rows *rows)
{
    pg_rows *self = (pg_rows *)rows;
    if (self->is_over)
        return false;
    ix_arena_free(self->blobs);
    self->blobs = NULL;
    const bool has_more = self->cursor[0] && self->count == self->asked;
    if (++self->row == self->count)
        self->is_over = !has_more || !rows_fetch(cx, self);
    return !self->is_over;
}

/* PostgreSQL writes small letters. */
static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Bytes come as \x and two digits each. Without memory for them they are NULL. */
static db_value blob_of(pg_rows *rows, ix_str hex)
{
    const size_t len = hex.len > 2 ? (hex.len - 2) / 2 : 0;
    if (!rows->blobs)
        rows->blobs = ix_arena_new(0);
    char *bytes = rows->blobs ? ix_arena_alloc(rows->blobs, len + 1) : NULL;
    if (!bytes)
        return db_null();
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(hex_digit(hex.at[2 + 2 * i]) << 4 | hex_digit(hex.at[3 + 2 * i]));
    return db_blob(bytes, len);
}

static db_value number_of(ix_str text)
{
    db_value value = db_int(0);
    if (!ix_str_int(text, &value.number)) {
        value = db_real(0);
        ix_str_number(text, &value.real);
    }
    return value;
}

static db_value pg_column(db_rows *rows, int i)
{
    pg_rows *self = (pg_rows *)rows;
    if (PQgetisnull(self->result, self->row, i))
        return db_null();
    const ix_str text = {PQgetvalue(self->result, self->row, i),
                         (size_t)PQgetlength(self->result, self->row, i)};
    switch (PQftype(self->result, i)) {
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_NUMERIC:
        return number_of(text);
    case OID_FLOAT4:
    case OID_FLOAT8: {
        db_value value = db_real(0);
        ix_str_number(text, &value.real);
        return value;
    }
    case OID_BOOL:
        return db_int(text.at[0] == 't');
    case OID_BYTEA:
        return blob_of(self, text);
    default:
        return db_str(text);
    }
}

static void pg_done(db_rows *rows)
{
    pg_rows *self = (pg_rows *)rows;
    if (!self)
        return;
    if (self->cursor[0] && is_usable(self->db) &&
        PQtransactionStatus(self->db->conn) == PQTRANS_INTRANS) {
        char sql[2 * NAME_TEXT];
        snprintf(sql, sizeof(sql), "CLOSE %s", self->cursor);
        PQclear(execute(self->db, sql, IMMEDIATE_US));
    }
    PQclear(self->result);
    ix_arena_free(self->blobs);
    free(self);
}

static int64_t pg_changes(db_conn *db)
{
    return ((pg_db *)db)->changes;
}

/* The number in the first column of the first row. */
static bool ask_number(ix_ctx *cx, db_conn *db, const char *sql, int64_t limit_us, int64_t *ret)
{
    db_rows *rows = NULL;
    if (!run_kept(cx, (pg_db *)db, sql, NULL, 0, limit_us, &rows) || !rows)
        return false;
    if (pg_next(cx, rows))
        *ret = pg_column(rows, 0).number;
    pg_done(rows);
    return !ix_failed(cx);
}

/* Not asked within transactions that write: they have counted themselves already. */
static bool pg_version(ix_ctx *cx, db_conn *db, int64_t *ret)
{
    static const char sql[] = "SELECT commits FROM iots_store";
    int64_t commits = 0;
    if (!ask_number(cx, db, sql, IMMEDIATE_US, &commits))
        return false;
    *ret = commits - ((pg_db *)db)->commits;
    return true;
}

/* ---- transactions ---- */

static void pg_rollback(db_conn *db)
{
    pg_db *self = (pg_db *)db;
    if (!pg_in_transaction(db))
        return;
    PQclear(execute(self, "ROLLBACK", self->limit_us));
    self->is_lost = self->is_lost || pg_in_transaction(db);
}

/* `ret`: what the last command came to, or NULL. */
static bool begin_by(ix_ctx *cx, db_conn *db, const char *sql, int64_t limit_us, PGresult **ret)
{
    pg_db *self = (pg_db *)db;
    if (!check_usable(cx, self))
        return false;
    PGresult *result = execute(self, sql, limit_us);
    const bool ok = is_good(result) || postgres_fail(cx, self, result);
    if (ok && ret)
        *ret = result;
    else
        PQclear(result);
    if (!ok)
        pg_rollback(db);
    return ok;
}

static bool pg_begin_read(ix_ctx *cx, db_conn *db)
{
    ((pg_db *)db)->is_counting = false;
    return begin_by(cx, db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", IMMEDIATE_US, NULL);
}

static int64_t integer_of(const PGresult *result, int column)
{
    int64_t number = 0;
    if (PQntuples(result) == 1 && !PQgetisnull(result, 0, column))
        (void)ix_str_int(ix_str_of(PQgetvalue(result, 0, column)), &number);
    return number;
}

/* Each statement sees what was committed before it, and nobody commits while we hold the row. */
static bool pg_begin(ix_ctx *cx, db_conn *db)
{
    pg_db *self = (pg_db *)db;
    PGresult *counted = NULL;
    if (self->is_reader)
        return pg_begin_read(cx, db);
    self->is_counting = begin_by(cx, db,
                                 "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
                                 "UPDATE iots_store SET commits = commits + 1"
                                 " RETURNING pg_current_xact_id(), commits",
                                 BEGIN_US, &counted);
    self->txid = (db_txid){integer_of(counted, 0), integer_of(counted, 1)};
    PQclear(counted);
    return self->is_counting;
}

static bool command_inside(ix_ctx *cx, db_conn *db, const char *sql)
{
    if (!pg_in_transaction(db))
        return ix_fail(cx, IOTS_UNAVAILABLE, NULL);
    return command(cx, (pg_db *)db, sql, ((pg_db *)db)->limit_us);
}

/* A transaction in which a statement has failed is rolled back when it should be committed. Whatever
 * the server said as it went away, it may have committed before. */
static bool pg_commit(ix_ctx *cx, db_conn *db)
{
    pg_db *self = (pg_db *)db;
    if (PQtransactionStatus(self->conn) == PQTRANS_INERROR) {
        pg_rollback(db);
        return ix_fail(cx, IOTS_INTERNAL, NULL);
    }
    if (!pg_in_transaction(db))
        return ix_fail(cx, IOTS_UNAVAILABLE, NULL);
    PGresult *result = execute(self, "COMMIT", self->limit_us);
    const bool ok = is_good(result);
    self->commits += ok && self->is_counting;
    self->is_in_doubt = !ok && self->is_counting && !is_usable(self);
    if (self->is_in_doubt)
        fail_with(
            cx, self, result,
            "the connection to the database was lost: it is not known whether this is stored");
    else if (!ok)
        postgres_fail(cx, self, result);
    PQclear(result);
    return ok;
}

static bool pg_in_doubt(db_conn *db, db_txid *ret)
{
    const pg_db *self = (const pg_db *)db;
    *ret = self->txid;
    return self->is_in_doubt;
}

/* The session of a transaction that waits for its client, which is us and has lost it, would go on
 * waiting, and COMMIT might still be on its way to it. */
static bool end_session_of(ix_ctx *cx, pg_db *db, const db_txid *txid)
{
    static const char sql[] =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE backend_xid = CAST(CAST($1 AS TEXT) AS XID8)::XID AND state LIKE 'idle in %'";
    const db_value id = db_text(ix_format(cx, "%" PRId64, txid->id));
    return run_kept(cx, db, sql, &id, 1, IMMEDIATE_US, NULL);
}

/* With the row held, the transaction asked about has ended. If the count is behind its place, it is
 * not here: it was rolled back, or this is a copy of the database that it never came to. Numbers that
 * no transaction had yet must not be asked about. */
static bool read_outcome(ix_ctx *cx, pg_db *db, const db_txid *txid, bool *ret_committed)
{
    static const char sql[] =
        "SELECT CASE WHEN CAST($1 AS TEXT)::XID8 < pg_snapshot_xmax(pg_current_snapshot())"
        " THEN pg_xact_status(CAST($1 AS TEXT)::XID8) END";
    *ret_committed = false;
    if (db->txid.count <= txid->count)
        return true;
    const db_value id = db_text(ix_format(cx, "%" PRId64, txid->id));
    db_rows *rows = NULL;
    if (!run_kept(cx, db, sql, &id, 1, IMMEDIATE_US, &rows) || !rows)
        return false;
    if (pg_next(cx, rows)) {
        const db_value status = pg_column(rows, 0);
        *ret_committed = status.type == DB_TEXT && ix_str_is(status.text, "committed");
    }
    pg_done(rows);
    return !ix_failed(cx);
}

static bool pg_outcome(ix_ctx *cx, db_conn *db, const db_txid *txid, bool *ret_committed)
{
    pg_db *self = (pg_db *)db;
    if (!end_session_of(cx, self, txid) || !pg_begin(cx, db))
        return false;
    const bool ok = read_outcome(cx, self, txid, ret_committed);
    pg_rollback(db);
    return ok;
}

static bool pg_savepoint(ix_ctx *cx, db_conn *db)
{
    return command_inside(cx, db, "SAVEPOINT here");
}

static bool pg_release(ix_ctx *cx, db_conn *db)
{
    return command_inside(cx, db, "RELEASE here");
}

static void pg_rollback_to(db_conn *db)
{
    pg_db *self = (pg_db *)db;
    if (!pg_in_transaction(db))
        return;
    PGresult *result = execute(self, "ROLLBACK TO here; RELEASE here", self->limit_us);
    self->is_lost = !is_good(result);
    PQclear(result);
}

/* ---- the place ---- */

/* The value of an option of a url; "" if it is not given. */
static const char *option_of(const PQconninfoOption *options, const char *name)
{
    for (; options->keyword; options++) {
        if (strcmp(options->keyword, name) == 0)
            return options->val ? options->val : "";
    }
    return "";
}

/* In a url whose password was not percent-encoded, a part of the password is taken for the host, its
 * port or the database, and must not be shown. */
static const char *place_of(ix_ctx *cx, const PQconninfoOption *options)
{
    const char *host = option_of(options, "host");
    const char *port = option_of(options, "port");
    const char *name = option_of(options, "dbname");
    if (!*host)
        host = option_of(options, "hostaddr");
    if (strchr(host, '@') || strchr(name, '@') || port[strspn(port, "0123456789,")])
        return NULL;
    return ix_format(cx, "postgres://%s%s%s/%s", host, *port ? ":" : "", port, name);
}

static const char *pg_place(ix_ctx *cx, const char *url)
{
    const char *whole = ix_format(cx, "postgres:%s", url);
    PQconninfoOption *options = whole ? PQconninfoParse(whole, NULL) : NULL;
    const char *place = options ? place_of(cx, options) : NULL;
    PQconninfoFree(options);
    if (!place)
        ix_fail(cx, IOTS_UNAVAILABLE,
                "the postgres:// address of the store is malformed"
                " (in a user or password, letters such as @ : / are written %%40 %%3A %%2F)");
    return place;
}

/* ---- opening and closing ---- */

static void pg_close(db_conn *db)
{
    if (!db)
        return;
    pg_db *self = (pg_db *)db;
    PQfinish(self->conn);
    statement_cache_done(&self->statements);
    ix_buf_done(&self->numbers);
    free(self->place);
    free(self);
}

/* A connection that the server has closed while it rested is known by its socket. */
static bool pg_is_alive(db_conn *db)
{
    const pg_db *self = (const pg_db *)db;
    struct pollfd socket = {.fd = PQsocket(self->conn), .events = POLLRDHUP};
    return is_usable(self) && poll(&socket, 1, 0) == 0;
}

/* Notices are for people who type SQL. */
static void ignore_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

/* So that a server that has vanished is not waited for for ever. The url may say otherwise. */
static PGconn *connect_to(const char *url)
{
    static const char *const names[] = {
        "connect_timeout",  "keepalives_idle",  "keepalives_interval",
        "keepalives_count", "tcp_user_timeout", "fallback_application_name",
        "dbname",           "client_encoding",  NULL};
    const char *const values[] = {CONNECT_S,
                                  KEEPALIVE_IDLE_S,
                                  KEEPALIVE_INTERVAL_S,
                                  KEEPALIVE_COUNT,
                                  USER_TIMEOUT_MS,
                                  "iotsd",
                                  url,
                                  "UTF8",
                                  NULL};
    return PQconnectdbParams(names, values, 1);
}

/* A connection to the server, nothing asked of it yet. */
static pg_db *connect(ix_ctx *cx, const char *url)
{
    const char *whole = ix_format(cx, "postgres:%s", url);
    const char *place = pg_place(cx, url);
    if (!whole || !place)
        return NULL;
    pg_db *self = calloc(1, sizeof(*self));
    if (self) {
        self->base.driver = &db_postgres;
        self->limit_us = OPEN_US;
        self->place = strdup(place);
        self->conn = self->place ? connect_to(whole) : NULL;
    }
    if (!self || !self->conn) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    } else if (PQstatus(self->conn) != CONNECTION_OK) {
        fail_open(cx, self, NULL);
    } else if (PQserverVersion(self->conn) < NEEDED_VERSION) {
        ix_fail(cx, IOTS_UNAVAILABLE, "%s is older than PostgreSQL %d", place,
                NEEDED_VERSION / 10000);
    } else {
        PQsetNoticeReceiver(self->conn, ignore_notice, NULL);
        PQsetnonblocking(self->conn, 1);
        return self;
    }
    if (self)
        pg_close(&self->base);
    return NULL;
}

/* Runs commands of the opening. */
static bool set_up(ix_ctx *cx, pg_db *self, const char *sql)
{
    PGresult *result = execute(self, sql, self->limit_us);
    const bool ok = is_good(result) || fail_open(cx, self, result);
    PQclear(result);
    return ok;
}

/* Is there a store, and if not, are there other tables, which are somebody else's? */
static bool find_store(ix_ctx *cx, pg_db *self, bool *ret_exists, bool *ret_foreign)
{
    static const char sql[] =
        "SELECT to_regclass('iots_store') IS NOT NULL, EXISTS (SELECT 1 FROM pg_class c"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d"
        " WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";
    PGresult *result = execute(self, sql, self->limit_us);
    const bool ok = is_good(result) || fail_open(cx, self, result);
    *ret_exists = ok && PQgetvalue(result, 0, 0)[0] == 't';
    *ret_foreign = ok && PQgetvalue(result, 0, 1)[0] == 't';
    PQclear(result);
    return ok;
}

static bool find_or_make(ix_ctx *cx, pg_db *self, db_mode mode)
{
    static const char make_sql[] =
        "BEGIN; SELECT pg_advisory_xact_lock(" LOCK_MAKE ", " LOCK_SCHEMA ");"
        "CREATE TABLE IF NOT EXISTS iots_store (schema INTEGER NOT NULL, commits BIGINT NOT NULL);"
        "INSERT INTO iots_store SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM iots_store);"
        "COMMIT";
    bool exists, is_foreign;
    if (!find_store(cx, self, &exists, &is_foreign))
        return false;
    if (exists)
        return true;
    if (is_foreign)
        return ix_fail(cx, IOTS_UNAVAILABLE, "%s is not a store of iotsd", self->place);
    if (mode != DB_CREATE)
        return ix_fail(cx, IOTS_UNAVAILABLE, "%s: there is no store here; 'iotsd run' makes one",
                       self->place);
    return set_up(cx, self, make_sql);
}

static bool check_encoding(ix_ctx *cx, const pg_db *self)
{
    const char *encoding = PQparameterStatus(self->conn, "server_encoding");
    return (encoding && strcmp(encoding, "UTF8") == 0) ||
           ix_fail(cx, IOTS_UNAVAILABLE, "%s is not in UTF8 but in %s", self->place,
                   encoding ? encoding : "an unknown encoding");
}

static bool pg_open(ix_ctx *cx, const char *url, db_mode mode, db_conn **ret)
{
    /* A commit returns when it is on disk, unless even more is asked for. Joins go in the order in which
     * they are written, as SQLite's CROSS JOIN does: the plan (things_plan.h) knows which side is small, also when the
     * server has no statistics yet. Compiling what takes a millisecond would take longer than that. If
     * we vanish without a word, the server must not hold the row for hours. */
    static const char common_sql[] =
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') IN ('off', 'local');"
        "SET lock_timeout = " LOCK_MS "; SET idle_session_timeout = 0; SET jit = off;"
        "SET statement_timeout = 0; SET tcp_keepalives_idle = " KEEPALIVE_IDLE_S ";"
        "SET tcp_keepalives_interval = " KEEPALIVE_INTERVAL_S ";"
        "SET tcp_keepalives_count = " KEEPALIVE_COUNT "; SET tcp_user_timeout = " USER_TIMEOUT_MS
        ";"
        "SET join_collapse_limit = 1; SET bytea_output = hex";
    static const char reader_sql[] = "SET default_transaction_read_only = on";

    pg_db *self = connect(cx, url);
    if (!self)
        return false;
    self->is_reader = mode == DB_READ;
    if (check_encoding(cx, self) && set_up(cx, self, common_sql) && find_or_make(cx, self, mode) &&
        (!self->is_reader || set_up(cx, self, reader_sql))) {
        self->limit_us = NO_LIMIT;
        *ret = &self->base;
        return true;
    }
    pg_close(&self->base);
    return false;
}

/* The server ends a statement that takes too long and keeps the connection; only if it does not, is the
 * connection given up. */
static bool pg_limit(ix_ctx *cx, db_conn *db, int64_t statement_us)
{
    pg_db *self = (pg_db *)db;
    const int64_t limit_ms = statement_us / 1000 > INT_MAX ? INT_MAX : statement_us / 1000;
    const char *sql = ix_format(cx, "SET statement_timeout = %" PRId64, limit_ms);
    if (!sql || !command(cx, self, sql, IMMEDIATE_US))
        return false;
    self->limit_us = limit_ms > 0 ? limit_ms * 1000 + GRACE_US : NO_LIMIT;
    return true;
}

static void pg_stop_at(db_conn *db, const _Atomic int64_t *until_us)
{
    ((pg_db *)db)->stop_us = until_us;
}

static bool pg_is_silent(db_conn *db)
{
    return ((const pg_db *)db)->is_silent;
}

/* ---- whole databases ---- */

static bool pg_schema_get(ix_ctx *cx, db_conn *db, int *ret)
{
    static const char sql[] = "SELECT schema FROM iots_store";
    int64_t version = 0;
    if (!ask_number(cx, db, sql, ((pg_db *)db)->limit_us, &version))
        return false;
    *ret = (int)version;
    return true;
}

static bool pg_schema_set(ix_ctx *cx, db_conn *db, int version)
{
    static const char sql[] = "UPDATE iots_store SET schema = $1";
    const db_value number = db_int(version);
    return pg_run(cx, db, sql, &number, 1, NULL);
}

/* The server watches over its pages itself. */
static bool pg_check(ix_ctx *cx, db_conn *db)
{
    (void)cx;
    (void)db;
    return true;
}

/* Autovacuum does it. */
static bool pg_give_back(ix_ctx *cx, db_conn *db, int most, bool *ret_more)
{
    (void)cx, (void)db, (void)most;
    *ret_more = false;
    return true;
}

/* Its disk is its own affair. */
static bool pg_reserve(ix_ctx *cx, db_conn *db, int64_t bytes, bool *ret_is_held)
{
    (void)cx;
    (void)db;
    (void)bytes;
    *ret_is_held = true;
    return true;
}

static void pg_spend_reserve(db_conn *db)
{
    (void)db;
}

static bool pg_compact(ix_ctx *cx, db_conn *db, bool is_alone, bool *ret_done)
{
    (void)is_alone, (void)ret_done;
    return ix_fail(cx, IOTS_INVALID,
                   "%s is compacted by PostgreSQL (autovacuum, VACUUM FULL), not by iotsd",
                   ((pg_db *)db)->place);
}

static bool pg_size(ix_ctx *cx, db_conn *db, int64_t *ret_bytes)
{
    static const char sql[] = "SELECT pg_database_size(current_database())";
    return ask_number(cx, db, sql, ((pg_db *)db)->limit_us, ret_bytes);
}

static bool pg_backup(ix_ctx *cx, db_conn *db, int fd)
{
    (void)fd;
    return ix_fail(cx, IOTS_INVALID, "%s is backed up with pg_dump, not with iotsd",
                   ((pg_db *)db)->place);
}

static bool pg_restore(ix_ctx *cx, const char *url, const char *path, int newest)
{
    (void)path;
    (void)newest;
    const char *place = pg_place(cx, url);
    return place &&
           ix_fail(cx, IOTS_INVALID, "%s is restored with pg_restore, not with iotsd", place);
}

/* A lock is a connection that does nothing but hold it. */
typedef struct pg_lock {
    db_lock base;
    pg_db *db;
} pg_lock;

static void pg_unlock(db_lock *lock)
{
    if (!lock)
        return;
    pg_close(&((pg_lock *)lock)->db->base);
    free(lock);
}

static db_lock *pg_lock_take(ix_ctx *cx, const char *url)
{
    static const char sql[] = "SET idle_session_timeout = 0;"
                              "SELECT pg_try_advisory_lock(" LOCK_SERVER ", " LOCK_SCHEMA ")";
    pg_db *db = connect(cx, url);
    if (!db)
        return NULL;
    pg_lock *lock = malloc(sizeof(*lock));
    if (!lock) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        pg_close(&db->base);
        return NULL;
    }
    *lock = (pg_lock){{&db_postgres}, db};
    PGresult *result = execute(db, sql, db->limit_us);
    if (!is_good(result))
        fail_open(cx, db, result);
    else if (PQgetisnull(result, 0, 0))
        ix_fail(cx, IOTS_UNAVAILABLE, "%s: the search path names no schema", db->place);
    else if (PQgetvalue(result, 0, 0)[0] != 't')
        ix_fail(cx, IOTS_UNAVAILABLE, "%s is in use by another iotsd", db->place);
    PQclear(result);
    if (!ix_failed(cx))
        return &lock->base;
    pg_unlock(&lock->base);
    return NULL;
}

const db_driver db_postgres = {
    .name = "postgres",
    .place = pg_place,
    .open = pg_open,
    .close = pg_close,
    .is_alive = pg_is_alive,
    .limit = pg_limit,
    .stop_at = pg_stop_at,
    .is_silent = pg_is_silent,
    .begin = pg_begin,
    .begin_read = pg_begin_read,
    .commit = pg_commit,
    .in_doubt = pg_in_doubt,
    .outcome = pg_outcome,
    .rollback = pg_rollback,
    .savepoint = pg_savepoint,
    .release = pg_release,
    .rollback_to = pg_rollback_to,
    .in_transaction = pg_in_transaction,
    .run = pg_run,
    .run_once = pg_run_once,
    .stream = pg_stream,
    .next = pg_next,
    .column = pg_column,
    .done = pg_done,
    .changes = pg_changes,
    .version = pg_version,
    .backup = pg_backup,
    .check = pg_check,
    .give_back = pg_give_back,
    .compact = pg_compact,
    .reserve = pg_reserve,
    .spend_reserve = pg_spend_reserve,
    .size = pg_size,
    .schema_get = pg_schema_get,
    .schema_set = pg_schema_set,
    .lock = pg_lock_take,
    .unlock = pg_unlock,
    .restore = pg_restore,
    .is_remote = true,
    .clustered = "",
    .text = "TEXT COLLATE \"C\"",
    .blob = "BYTEA",
    .items = "SELECT value AS item FROM json_array_elements_text(CAST(%s AS JSON))",
};
