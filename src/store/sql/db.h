/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver: what a database must offer. The SQL above it is written once for all drivers, with
 * $1, $2 ... as parameters.
 *
 * A connection belongs to one thread at a time. Statements are prepared once per connection and
 * kept, found again by the address of their SQL text: pass constants, or text that outlives the
 * connection, to `run`; pass text made in passing to `run_once`.
 */
#ifndef DB_H
#define DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

typedef struct db_conn db_conn;
typedef struct db_rows db_rows;
typedef struct db_lock db_lock;

enum { DB_ARGS_MAX = 600 }; /* of one statement */

typedef enum db_type { DB_NULL, DB_INT, DB_REAL, DB_TEXT, DB_BLOB } db_type;

typedef struct db_value {
    db_type type;
    union {
        int64_t number;
        double real;
        ix_str text; /* of DB_TEXT and DB_BLOB */
    };
} db_value;

static inline db_value db_null(void)
{
    return (db_value){.type = DB_NULL, .text = {NULL, 0}};
}
static inline db_value db_int(int64_t number)
{
    return (db_value){.type = DB_INT, .number = number};
}
static inline db_value db_real(double real)
{
    return (db_value){.type = DB_REAL, .real = real};
}
static inline db_value db_str(ix_str text)
{
    return (db_value){.type = DB_TEXT, .text = text};
}
/* NULL text is NULL. */
static inline db_value db_text(const char *text)
{
    return text ? db_str(ix_str_of(text)) : db_null();
}
static inline db_value db_blob(const void *bytes, size_t len)
{
    return (db_value){.type = DB_BLOB, .text = {bytes, len}};
}

typedef enum db_mode {
    DB_READ,   /* only reads; fails if the store does not exist */
    DB_WRITE,  /* reads and writes */
    DB_CREATE, /* as DB_WRITE; makes what is missing */
} db_mode;

/* Names a transaction that was committed, or was to be. */
typedef struct db_txid {
    int64_t id;    /* the database's own number for it */
    int64_t count; /* how many had written, with it */
} db_txid;

typedef struct db_driver {
    const char *name; /* as in the setting `store` */

    /* What people call the database at `url`: nothing in it is secret. Lives in cx, or as long as the
     * url. NULL if the url is malformed: IOTS_UNAVAILABLE, without repeating it. */
    const char *(*place)(ix_ctx *cx, const char *url);

    /* Opens the database at `url`. The caller closes it. Sets *ret only on success. IOTS_UNAVAILABLE
     * with one sentence that names the place. */
    bool (*open)(ix_ctx *cx, const char *url, db_mode mode, db_conn **ret);

    /* Closes it, rolling back whatever is open. NULL is fine. */
    void (*close)(db_conn *db);

    /* Can it still be asked, as far as one can know without asking? A server may have let go of the
     * connection, and then nothing is left to do with it but closing it. */
    bool (*is_alive)(db_conn *db);

    /* From now on a statement may take so long, and then fails with IOTS_UNAVAILABLE; 0: as long as it
     * takes, which is how a connection begins. Of a database in a file this means nothing. */
    bool (*limit)(ix_ctx *cx, db_conn *db, int64_t statement_us);

    /* From the moment on that `until_us` holds (ix_monotonic_us), which another thread may change, a
     * statement that takes long fails with IOTS_UNAVAILABLE. Borrowed; NULL, as at first: never. */
    void (*stop_at)(db_conn *db, const _Atomic int64_t *until_us);

    /* Has the server not answered in time, not even to say that a limit was reached? Then the
     * connection is of no use any more. */
    bool (*is_silent)(db_conn *db);

    /* One transaction at a time per connection. `begin_read` is a snapshot: all that follows sees one
     * moment and nothing may be written; for a reader `begin` is the same. Rolling back cannot fail:
     * nobody could do anything about it. */
    bool (*begin)(ix_ctx *cx, db_conn *db);
    bool (*begin_read)(ix_ctx *cx, db_conn *db);
    bool (*commit)(ix_ctx *cx, db_conn *db);
    void (*rollback)(db_conn *db);

    /* True: the connection was lost in the last `commit`, and nobody here knows whether it was made.
     * *ret names it, for `outcome`. */
    bool (*in_doubt)(db_conn *db, db_txid *ret);

    /* Finds out, on another connection and outside a transaction, what became of it. Afterwards that
     * does not change any more. IOTS_UNAVAILABLE: it is not known yet. */
    bool (*outcome)(ix_ctx *cx, db_conn *db, const db_txid *txid, bool *ret_committed);

    /* Inside a transaction: undo to here without losing what came before. Savepoints nest; `release`
     * and `rollback_to` end the innermost one, which a failed release leaves open. */
    bool (*savepoint)(ix_ctx *cx, db_conn *db);
    bool (*release)(ix_ctx *cx, db_conn *db);
    void (*rollback_to)(db_conn *db);

    /* Is the transaction that was begun still there? A full disk or an I/O failure may end it, and
     * then `commit`, `savepoint` and `release` fail with IOTS_UNAVAILABLE. */
    bool (*in_transaction)(db_conn *db);

    /* Runs `sql`, binding args[0] to $1 and so on. With `run`, every argument must appear in it, and
     * where the database can know its type (CAST it if nothing else does). Text arguments are read
     * during the call and while the rows are stepped. With `ret` NULL the statement is run to its end
     * and its rows are dropped. Failure: IOTS_CONFLICT for a uniqueness constraint, IOTS_NO_ROOM for a
     * full disk, IOTS_UNAVAILABLE when the store is out of reach or busy for too long, else
     * IOTS_INTERNAL. A failure may spoil the transaction: then nothing works but rolling back, to a
     * savepoint or altogether. */
    bool (*run)(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args, size_t nargs,
                db_rows **ret);
    bool (*run_once)(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args, size_t nargs,
                     db_rows **ret);

    /* As `run` if `is_kept`, else as `run_once`, for rows that may be large: inside a transaction few of
     * them are in memory at a time. */
    bool (*stream)(ix_ctx *cx, db_conn *db, const char *sql, bool is_kept, const db_value *args,
                   size_t nargs, db_rows **ret);

    /* Steps to the next row. False at the end, and on failure; cx says which. */
    bool (*next)(ix_ctx *cx, db_rows *rows);

    /* Column `i` of the current row. Text is a view that is good until the next step. */
    db_value (*column)(db_rows *rows, int i);

    /* Lets go of the rows before their end. Needed after every `run` with `ret`; NULL is fine. */
    void (*done)(db_rows *rows);

    /* Rows changed by the last statement that was run to its end. */
    int64_t (*changes)(db_conn *db);

    /* A number that differs whenever someone else has committed since the last time it was asked. */
    bool (*version)(ix_ctx *cx, db_conn *db, int64_t *ret);

    /* A consistent copy into an open file, which is empty, while others go on. On return it is on disk. */
    bool (*backup)(ix_ctx *cx, db_conn *db, int fd);

    /* Verifies the store's inner consistency; IOTS_INTERNAL with what was found. */
    bool (*check)(ix_ctx *cx, db_conn *db);

    /* Inside a transaction: gives `most` pages that are free back to the disk, if much is free; *ret_more:
     * and still is. Does nothing where the database sees to that itself, or cannot. */
    bool (*give_back)(ix_ctx *cx, db_conn *db, int most, bool *ret_more);

    /* Gives all that is free back to the disk, in steps between which others can write. *ret_done false:
     * this file has to be written anew for that, which happens if nobody else uses it (`is_alone`). */
    bool (*compact)(ix_ctx *cx, db_conn *db, bool is_alone, bool *ret_done);

    /* Has `bytes` of room kept on the disk, beside the database, for when it is full (reserve.h); 0: none.
     * *ret_is_held false: it is not, because the disk is full. Does nothing where the disk is another
     * machine's. From then on, until it is held, and after `spend_reserve`, which gives the room back to
     * the disk: what is committed is brought into the database at once, so that the log does not grow,
     * and `give_back` gives back all that is free. */
    bool (*reserve)(ix_ctx *cx, db_conn *db, int64_t bytes, bool *ret_is_held);
    void (*spend_reserve)(db_conn *db);

    /* Bytes on disk, as far as known. */
    bool (*size)(ix_ctx *cx, db_conn *db, int64_t *ret_bytes);

    /* The number of the schema in it; 0: it is empty. `schema_set` belongs in a transaction. */
    bool (*schema_get)(ix_ctx *cx, db_conn *db, int *ret);
    bool (*schema_set)(ix_ctx *cx, db_conn *db, int version);

    /* Keeps other servers out of the database at `url` until it is let go with `unlock`. NULL on
     * failure: IOTS_UNAVAILABLE if another one has it. */
    db_lock *(*lock)(ix_ctx *cx, const char *url);
    void (*unlock)(db_lock *lock); /* NULL is fine */

    /* Puts the backup `path` in the place of the database at `url`, which nobody uses. IOTS_INVALID if
     * it is not a backup of ours, or of a schema beyond `newest`. */
    bool (*restore)(ix_ctx *cx, const char *url, const char *path, int newest);

    bool has_fts;   /* SQLite's full-text index, FTS5, is there */
    bool is_remote; /* asking takes a trip, and waiting for somebody else */

    /* Where the two databases' SQL differs. */
    const char *clustered; /* follows CREATE TABLE (...) if rows are small and live in key order */
    const char *text;      /* what columns of TEXT are: their order is that of their bytes */
    const char *blob;      /* and those of BLOB */
    const char *items;     /* printf format over a parameter that holds a JSON array of strings: a
                              query of each `item` */
} db_driver;

struct db_conn {
    const db_driver *driver;
};

struct db_lock {
    const db_driver *driver;
};

extern const db_driver db_sqlite;
extern const db_driver db_postgres;

/* The driver for a url ("sqlite:PATH", "postgres://..."), or NULL. *ret_rest is what follows the name
 * and its colon. */
const db_driver *db_driver_for(const char *url, const char **ret_rest);

/* A driver that passes everything on to another and fails the Nth call (begin, commit, savepoint,
 * release, run and next counted) with `code`; 0 never fails. For the question "what if the database
 * goes away here?". Takes `inner`, and closes it when it is closed. NULL when out of memory. */
db_conn *db_faulty_new(db_conn *inner);
void db_faulty_set(db_conn *faulty, int nth, iots_code code);

#endif
