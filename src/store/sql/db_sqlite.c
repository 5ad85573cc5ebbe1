/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver for SQLite. The only file that includes its header, beside sqlite_fd.c.
 *
 * A store is a folder: the database `iots.db` with SQLite's two companions, `lock`, which a server
 * holds while it runs, and `reserve`, which keeps room for when the disk is full. The database is in WAL mode, so that readers and the one writer do not
 * wait for each other, and a commit returns when its pages in the log are on disk.
 *
 * SQLite sees $1 as a name, not as a number, so each statement keeps a list of which argument goes
 * where.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/time.h"
#include "store/sql/db.h"
#include "store/sql/reserve.h"
#include "store/sql/sqlite_fd.h"
#include "store/sql/statement_cache.h"

/* Marks a database as ours in its header: "IOTS". */
#define APPLICATION_ID   0x494f5453
#define APPLICATION_TEXT "1229935699"

enum {
    BUSY_TIMEOUT_MS = 5000,
    STOP_LOOK_OPS =
        4096, /* of SQLite's virtual machine, between two looks whether it is time to stop */
    APPLICATION_AT = 68, /* place of the application's number in a database file */
    PAGE_BYTES = 4096,
    LOG_PAGES = 4000,            /* in the log before they are brought into the database */
    LOG_PAGES_LEAST = 64,        /* the same, if the reserve is small */
    OPEN_ROOM_BYTES = 256 << 10, /* without so much room on the disk nothing can be opened */
};

typedef struct sqlite_db sqlite_db;

/* A statement and, while it runs, its rows. */
typedef struct statement {
    sqlite_db *db;
    sqlite3_stmt *stmt;
    const char *sql; /* by whose address it is found again; NULL: used once */
    bool is_running; /* from run to done */
    bool is_over;    /* no row is left */
    int count;       /* of parameters */
    int args[];      /* args[i]: the argument for parameter i + 1 */
} statement;

struct sqlite_db {
    db_conn base;
    sqlite3 *handle;
    char *path;
    char *reserve; /* its path; NULL: none of ours */
    bool is_short; /* of room: the disk is full */
    statement_cache statements;
};

static const char begin_write_sql[] = "BEGIN IMMEDIATE";
static const char begin_read_sql[] = "BEGIN";
static const char commit_sql[] = "COMMIT";
static const char rollback_sql[] = "ROLLBACK";
static const char savepoint_sql[] = "SAVEPOINT here";
static const char release_sql[] = "RELEASE here";
static const char rollback_to_sql[] = "ROLLBACK TO here";
static const char version_sql[] = "PRAGMA data_version";

/* ---- failures ---- */

/* The code for a result of SQLite's, and for the trouble below it. */
static iots_code code_of(sqlite3 *handle, int rc)
{
    const int trouble = sqlite3_system_errno(handle);

    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return rc == SQLITE_CONSTRAINT_PRIMARYKEY || rc == SQLITE_CONSTRAINT_UNIQUE ||
                       rc == SQLITE_CONSTRAINT_ROWID
                   ? IOTS_CONFLICT
                   : IOTS_INTERNAL;
    case SQLITE_FULL:
        return IOTS_NO_ROOM;
    case SQLITE_IOERR:
        if (rc == SQLITE_IOERR_NOMEM)
            return IOTS_NO_MEMORY;
        return trouble == ENOSPC || trouble == EDQUOT ? IOTS_NO_ROOM : IOTS_UNAVAILABLE;
    case SQLITE_CANTOPEN:
        return trouble == ENOSPC || trouble == EDQUOT ? IOTS_NO_ROOM : IOTS_UNAVAILABLE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_INTERRUPT: /* sqlite_stop_at */
        return IOTS_UNAVAILABLE;
    case SQLITE_NOMEM:
        return IOTS_NO_MEMORY;
    default:
        return IOTS_INTERNAL;
    }
}

/* Records the code with its usual sentence; what SQLite says goes to error.reason, for the log. */
static bool sqlite_fail(ix_ctx *cx, sqlite_db *db, int rc)
{
    if (ix_failed(cx))
        return false;
    ix_fail(cx, code_of(db->handle, rc), NULL);
    cx->error.reason = ix_format(cx, "%s: %s (%d)", db->path, sqlite3_errmsg(db->handle), rc);
    return false;
}

/* Why a store cannot be opened, in one sentence that names the place. */
static bool fail_open(ix_ctx *cx, const char *path, sqlite3 *handle, int rc)
{
    const int trouble = handle ? sqlite3_system_errno(handle) : 0;
    const char *why = trouble ? strerror(trouble) : sqlite3_errstr(rc);

    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return ix_fail(cx, IOTS_UNAVAILABLE, "%s is damaged, or no store of iotsd", path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return ix_fail(cx, IOTS_UNAVAILABLE, "%s is not writable", path);
    case SQLITE_FULL:
        return ix_fail(cx, IOTS_UNAVAILABLE, "%s: the disk is full", path);
    case SQLITE_BUSY:
        return ix_fail(cx, IOTS_UNAVAILABLE, "%s is busy", path);
    default:
        return ix_fail(cx, IOTS_UNAVAILABLE, "%s cannot be opened: %s", path, why);
    }
}

/* ---- statements ---- */

static void statement_free(statement *statement)
{
    if (!statement)
        return;
    sqlite3_finalize(statement->stmt);
    free(statement);
}

static statement *statement_new(ix_ctx *cx, sqlite_db *db, const char *sql, bool is_kept)
{
    sqlite3_stmt *stmt;
    const unsigned flags = is_kept ? SQLITE_PREPARE_PERSISTENT : 0;
    const int rc = sqlite3_prepare_v3(db->handle, sql, -1, flags, &stmt, NULL);
    if (rc != SQLITE_OK) {
        sqlite_fail(cx, db, rc);
        return NULL;
    }

    const int count = sqlite3_bind_parameter_count(stmt);
    statement *made = calloc(1, sizeof(*made) + (size_t)count * sizeof(int));
    if (!made) {
        sqlite3_finalize(stmt);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    made->db = db;
    made->stmt = stmt;
    made->sql = is_kept ? sql : NULL;
    made->count = count;
    for (int i = 0; i < count; i++)
        made->args[i] = atoi(sqlite3_bind_parameter_name(stmt, i + 1) + 1) - 1;
    return made;
}

/* The kept statement for this text; a fresh one for use once if that one is under way. */
static statement *statement_of(ix_ctx *cx, sqlite_db *db, const char *sql)
{
    statement *kept = statement_cache_find(&db->statements, sql);
    if (kept)
        return kept->is_running ? statement_new(cx, db, sql, false) : kept;
    if (!statement_cache_reserve(cx, &db->statements))
        return NULL;
    kept = statement_new(cx, db, sql, true);
    if (kept)
        statement_cache_put(&db->statements, sql, kept);
    return kept;
}

static int bind(sqlite3_stmt *stmt, int at, const db_value *value)
{
    switch (value->type) {
    case DB_NULL:
        return sqlite3_bind_null(stmt, at);
    case DB_INT:
        return sqlite3_bind_int64(stmt, at, value->number);
    case DB_REAL:
        return sqlite3_bind_double(stmt, at, value->real);
    case DB_TEXT:
        return sqlite3_bind_text64(stmt, at, value->text.at ? value->text.at : "", value->text.len,
                                   SQLITE_STATIC, SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(stmt, at, value->text.at, value->text.len, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static void statement_done(statement *statement)
{
    statement->is_running = false;
    if (statement->sql)
        sqlite3_reset(statement->stmt);
    else
        statement_free(statement);
}

static bool statement_run(ix_ctx *cx, statement *statement, const db_value *args, size_t nargs,
                          db_rows **ret)
{
    int rc = SQLITE_OK;
    for (int i = 0; i < statement->count && rc == SQLITE_OK; i++) {
        const int arg = statement->args[i];
        rc = arg >= 0 && (size_t)arg < nargs ? bind(statement->stmt, i + 1, &args[arg])
                                             : SQLITE_RANGE;
    }
    statement->is_running = true;
    statement->is_over = false;

    if (rc == SQLITE_OK && ret) {
        *ret = (db_rows *)statement;
        return true;
    }
    while (rc == SQLITE_OK || rc == SQLITE_ROW)
        rc = sqlite3_step(statement->stmt);
    const bool ok = rc == SQLITE_DONE || sqlite_fail(cx, statement->db, rc);
    statement_done(statement);
    return ok;
}

static bool sqlite_run(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args, size_t nargs,
                       db_rows **ret)
{
    statement *statement = statement_of(cx, (sqlite_db *)db, sql);
    return statement && statement_run(cx, statement, args, nargs, ret);
}

static bool sqlite_run_once(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args,
                            size_t nargs, db_rows **ret)
{
    statement *statement = statement_new(cx, (sqlite_db *)db, sql, false);
    return statement && statement_run(cx, statement, args, nargs, ret);
}

/* SQLite reads rows as they are stepped. */
static bool sqlite_stream(ix_ctx *cx, db_conn *db, const char *sql, bool is_kept,
                          const db_value *args, size_t nargs, db_rows **ret)
{
    return (is_kept ? sqlite_run : sqlite_run_once)(cx, db, sql, args, nargs, ret);
}

static bool sqlite_next(ix_ctx *cx, db_rows *rows)
{
    statement *running = (statement *)rows;
    if (running->is_over)
        return false;
    const int rc = sqlite3_step(running->stmt);
    if (rc == SQLITE_ROW)
        return true;
    running->is_over = true;
    return rc == SQLITE_DONE ? false : sqlite_fail(cx, running->db, rc);
}

static db_value sqlite_column(db_rows *rows, int i)
{
    sqlite3_stmt *stmt = ((statement *)rows)->stmt;
    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_INTEGER:
        return db_int(sqlite3_column_int64(stmt, i));
    case SQLITE_FLOAT:
        return db_real(sqlite3_column_double(stmt, i));
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(stmt, i);
        return db_str((ix_str){text, (size_t)sqlite3_column_bytes(stmt, i)});
    }
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_column_blob(stmt, i);
        return db_blob(bytes, (size_t)sqlite3_column_bytes(stmt, i));
    }
    default:
        return db_null();
    }
}

static void sqlite_done(db_rows *rows)
{
    if (rows)
        statement_done((statement *)rows);
}

static int64_t sqlite_changes(db_conn *db)
{
    return sqlite3_changes64(((sqlite_db *)db)->handle);
}

/* The number in the first column of the first row. */
static bool ask_number(ix_ctx *cx, db_conn *db, const char *sql, int64_t *ret)
{
    db_rows *rows = NULL;
    if (!sqlite_run(cx, db, sql, NULL, 0, &rows) || !rows)
        return false;
    if (sqlite_next(cx, rows))
        *ret = sqlite_column(rows, 0).number;
    sqlite_done(rows);
    return !ix_failed(cx);
}

static bool sqlite_version(ix_ctx *cx, db_conn *db, int64_t *ret)
{
    return ask_number(cx, db, version_sql, ret);
}

/* ---- transactions ---- */

static bool sqlite_in_transaction(db_conn *db)
{
    return sqlite3_get_autocommit(((sqlite_db *)db)->handle) == 0;
}

static bool sqlite_begin_read(ix_ctx *cx, db_conn *db)
{
    return sqlite_run(cx, db, begin_read_sql, NULL, 0, NULL);
}

static bool sqlite_begin(ix_ctx *cx, db_conn *db)
{
    if (sqlite3_db_readonly(((sqlite_db *)db)->handle, "main"))
        return sqlite_begin_read(cx, db);
    return sqlite_run(cx, db, begin_write_sql, NULL, 0, NULL);
}

/* Without a transaction SQLite would take a savepoint for the beginning of one. */
static bool check_transaction(ix_ctx *cx, db_conn *db)
{
    return sqlite_in_transaction(db) || ix_fail(cx, IOTS_UNAVAILABLE, NULL);
}

static bool sqlite_commit(ix_ctx *cx, db_conn *db)
{
    return check_transaction(cx, db) && sqlite_run(cx, db, commit_sql, NULL, 0, NULL);
}

/* Runs what cannot fail in a way anyone could answer. Its statement was prepared on opening, so no
 * memory is asked for. */
static void run_quietly(db_conn *db, const char *sql)
{
    sqlite_db *self = (sqlite_db *)db;
    const statement *kept = statement_cache_find(&self->statements, sql);
    sqlite3_step(kept->stmt);
    sqlite3_reset(kept->stmt);
}

static void sqlite_rollback(db_conn *db)
{
    if (sqlite_in_transaction(db))
        run_quietly(db, rollback_sql);
}

static bool sqlite_savepoint(ix_ctx *cx, db_conn *db)
{
    return check_transaction(cx, db) && sqlite_run(cx, db, savepoint_sql, NULL, 0, NULL);
}

static bool sqlite_release(ix_ctx *cx, db_conn *db)
{
    return check_transaction(cx, db) && sqlite_run(cx, db, release_sql, NULL, 0, NULL);
}

static void sqlite_rollback_to(db_conn *db)
{
    if (!sqlite_in_transaction(db))
        return;
    run_quietly(db, rollback_to_sql);
    run_quietly(db, release_sql);
}

/* ---- opening and closing ---- */

/* Nobody asks SQLite how much memory it has, so it need not count, which takes a lock each time. */
static void configure_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite_fd_register();
}

static void sqlite_close(db_conn *db)
{
    if (!db)
        return;
    sqlite_db *self = (sqlite_db *)db;
    for (size_t i = 0; i < self->statements.size; i++)
        statement_free(self->statements.slots[i].statement);
    statement_cache_done(&self->statements);
    sqlite3_close_v2(self->handle);
    free(self->path);
    free(self->reserve);
    free(self);
}

/* There is nobody at the other end who could let go. */
static bool sqlite_is_alive(db_conn *db)
{
    (void)db;
    return true;
}

/* A connection to the file at `path`, nothing asked of it yet. */
static sqlite_db *connect(ix_ctx *cx, const char *path, db_mode mode)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_library);

    sqlite_db *self = calloc(1, sizeof(*self));
    char *own_path = strdup(path);
    if (!self || !own_path) {
        free(self);
        free(own_path);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    self->base.driver = &db_sqlite;
    self->path = own_path;

    const int flags = mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    const int rc =
        sqlite3_open_v2(path, &self->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
    if (rc != SQLITE_OK) {
        fail_open(cx, path, self->handle, rc);
        sqlite_close(&self->base);
        return NULL;
    }
    sqlite3_extended_result_codes(self->handle, 1);
    sqlite3_busy_timeout(self->handle, BUSY_TIMEOUT_MS);
    sqlite3_db_config(self->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(self->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    return self;
}

/* Runs statements without parameters or rows worth having. */
static bool set_up(ix_ctx *cx, sqlite_db *self, const char *sql)
{
    const int rc = sqlite3_exec(self->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK || fail_open(cx, self->path, self->handle, rc);
}

static int take_number(void *arg, int count, char **columns, char **names)
{
    (void)count;
    (void)names;
    *(int *)arg = atoi(columns[0]);
    return 0;
}

/* Refuses a file that some other program made, before anything in it is touched. */
static bool check_is_ours(ix_ctx *cx, sqlite_db *self)
{
    int application = 0;
    int tables = 0;
    int rc = sqlite3_exec(self->handle, "PRAGMA application_id", take_number, &application, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(self->handle, "SELECT count(*) FROM sqlite_master", take_number, &tables,
                          NULL);
    if (rc != SQLITE_OK)
        return fail_open(cx, self->path, self->handle, rc);
    if (application != APPLICATION_ID && (application != 0 || tables != 0))
        return ix_fail(cx, IOTS_UNAVAILABLE, "%s is not a store of iotsd", self->path);
    return true;
}

/* The statements that roll back must be at hand when out of memory. */
static bool prepare_early(ix_ctx *cx, sqlite_db *self)
{
    static const char *const early[] = {rollback_sql, rollback_to_sql, release_sql};
    for (size_t i = 0; i < sizeof(early) / sizeof(early[0]); i++) {
        if (!statement_of(cx, self, early[i]))
            return false;
    }
    return true;
}

static bool open_file(ix_ctx *cx, const char *path, db_mode mode, db_conn **ret)
{
    /* Nothing of the file is mapped into memory: there, a page that the disk cannot read, or a file that
     * somebody cut short, would end the program instead of failing one statement. */
    static const char common_sql[] = "PRAGMA trusted_schema = OFF;"
                                     "PRAGMA cell_size_check = ON;"
                                     "PRAGMA mmap_size = 0;";
    static const char reader_sql[] = "PRAGMA cache_size = -2048;"
                                     "PRAGMA query_only = ON;";
    /* A log of 4000 pages (LOG_PAGES) is 16 MiB: rarely enough brought home that writers seldom wait for
     * it. */
    static const char writer_sql[] = "PRAGMA cache_size = -8192;"
                                     /* Of a new file; later it takes a VACUUM. */
                                     "PRAGMA auto_vacuum = INCREMENTAL;"
                                     "PRAGMA journal_mode = WAL;"
                                     "PRAGMA synchronous = FULL;"
                                     "PRAGMA wal_autocheckpoint = 4000;"
                                     "PRAGMA journal_size_limit = 67108864;"
                                     "PRAGMA secure_delete = OFF;"
                                     "PRAGMA foreign_keys = OFF;";

    sqlite_db *self = connect(cx, path, mode);
    if (!self)
        return false;
    if (!check_is_ours(cx, self) || !set_up(cx, self, common_sql) ||
        !set_up(cx, self, mode == DB_READ ? reader_sql : writer_sql) || !prepare_early(cx, self)) {
        sqlite_close(&self->base);
        return false;
    }
    *ret = &self->base;
    return true;
}

static const char *sqlite_place(ix_ctx *cx, const char *folder)
{
    (void)cx;
    return folder;
}

static const char *file_of(ix_ctx *cx, const char *folder, const char *name)
{
    return ix_format(cx, "%s/%s", folder, name);
}

static bool sqlite_open(ix_ctx *cx, const char *folder, db_mode mode, db_conn **ret)
{
    const char *path = file_of(cx, folder, "iots.db");
    if (!path)
        return false;

    bool existed;
    if (mode == DB_CREATE) {
        if (!ix_folder_make(cx, folder) || !ix_file_make(cx, path, &existed))
            return false;
    } else if (access(path, F_OK) != 0) {
        if (errno == ENOENT)
            return ix_fail(cx, IOTS_UNAVAILABLE,
                           "%s: there is no store here; 'iotsd run' makes one", folder);
        return ix_file_fail(cx, path);
    }
    if (mode == DB_READ)
        return open_file(cx, path, mode, ret);

    const char *reserve = file_of(cx, folder, "reserve");
    if (!reserve)
        return false;
    const int64_t free_bytes = disk_free_bytes(folder);
    if (free_bytes >= 0 && free_bytes < OPEN_ROOM_BYTES)
        reserve_release(reserve);
    db_conn *opened;
    if (!open_file(cx, path, mode, &opened))
        return false;
    if (!(((sqlite_db *)opened)->reserve = strdup(reserve))) {
        sqlite_close(opened);
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    }
    *ret = opened;
    return true;
}

/* ---- whole databases ---- */

static bool sqlite_schema_get(ix_ctx *cx, db_conn *db, int *ret)
{
    static const char sql[] = "PRAGMA user_version";
    int64_t version = 0;
    if (!ask_number(cx, db, sql, &version))
        return false;
    *ret = (int)version;
    return true;
}

static bool sqlite_schema_set(ix_ctx *cx, db_conn *db, int version)
{
    static const char ours[] = "PRAGMA application_id = " APPLICATION_TEXT;
    const char *sql = ix_format(cx, "PRAGMA user_version = %d", version);
    return sql && sqlite_run_once(cx, db, ours, NULL, 0, NULL) &&
           sqlite_run_once(cx, db, sql, NULL, 0, NULL);
}

static bool sqlite_check(ix_ctx *cx, db_conn *db)
{
    static const char sql[] = "PRAGMA integrity_check(5)";
    db_rows *rows = NULL;
    if (!sqlite_run(cx, db, sql, NULL, 0, &rows) || !rows)
        return false;

    ix_buf findings = {0};
    while (sqlite_next(cx, rows)) {
        const ix_str finding = sqlite_column(rows, 0).text;
        if (ix_str_is(finding, "ok"))
            continue;
        ix_buf_text(&findings, findings.len ? "; " : "");
        ix_buf_str(&findings, finding);
    }
    sqlite_done(rows);
    if (findings.len > 0)
        ix_fail(cx, IOTS_INTERNAL, "the store is damaged: %s", ix_buf_cstr(&findings));
    ix_buf_done(&findings);
    return !ix_failed(cx);
}

static bool sqlite_size(ix_ctx *cx, db_conn *db, int64_t *ret_bytes)
{
    const char *path = ((sqlite_db *)db)->path;
    const char *log = ix_format(cx, "%s-wal", path);
    if (!log)
        return false;
    *ret_bytes = ix_file_size(path) + ix_file_size(log);
    return true;
}

/* ---- room that is free ---- */

/* Can pages that are free be taken off the end of this file? */
static bool can_shrink(ix_ctx *cx, db_conn *db, bool *ret)
{
    static const char sql[] = "PRAGMA auto_vacuum";
    int64_t mode = 0;
    if (!ask_number(cx, db, sql, &mode))
        return false;
    *ret = mode == 2;
    return true;
}

static bool count_pages(ix_ctx *cx, db_conn *db, int64_t *ret_free, int64_t *ret_all)
{
    static const char free_sql[] = "PRAGMA freelist_count";
    static const char all_sql[] = "PRAGMA page_count";
    return ask_number(cx, db, free_sql, ret_free) && ask_number(cx, db, all_sql, ret_all);
}

static bool shrink(ix_ctx *cx, db_conn *db, int most)
{
    const char *sql = ix_format(cx, "PRAGMA incremental_vacuum(%d)", most);
    return sql && sqlite_run_once(cx, db, sql, NULL, 0, NULL);
}

/* What is free is used first by what is written next, so some of it may stay, unless others need it. */
static bool is_much(const sqlite_db *self, int64_t free, int64_t all)
{
    enum { MUCH_PAGES = 4096, MUCH_SHARE = 4 };
    return self->is_short ? free > 0 : free > MUCH_PAGES && free > all / MUCH_SHARE;
}

static bool sqlite_give_back(ix_ctx *cx, db_conn *db, int most, bool *ret_more)
{
    int64_t free = 0, all = 0;
    bool can = false;
    *ret_more = false;
    if (!can_shrink(cx, db, &can) || !count_pages(cx, db, &free, &all))
        return false;
    if (!can || !is_much((sqlite_db *)db, free, all))
        return true;
    if (!shrink(cx, db, most) || !count_pages(cx, db, &free, &all))
        return false;
    *ret_more = is_much((sqlite_db *)db, free, all);
    return true;
}

/* One step, in a transaction of its own. */
static bool shrink_step(ix_ctx *cx, db_conn *db)
{
    enum { STEP_PAGES = 500 };
    if (!sqlite_begin(cx, db))
        return false;
    if (shrink(cx, db, STEP_PAGES) && sqlite_commit(cx, db))
        return true;
    sqlite_rollback(db);
    return false;
}

static bool sqlite_compact(ix_ctx *cx, db_conn *db, bool is_alone, bool *ret_done)
{
    static const char vacuum_sql[] = "VACUUM";
    static const char bring_home_sql[] = "PRAGMA wal_checkpoint(TRUNCATE)";
    int64_t free = 0, all = 0, is_busy = 0;
    if (!can_shrink(cx, db, ret_done))
        return false;
    if (!*ret_done && !is_alone)
        return true;
    if (!*ret_done && !sqlite_run_once(cx, db, vacuum_sql, NULL, 0, NULL))
        return false;
    *ret_done = true;
    if (!count_pages(cx, db, &free, &all))
        return false;
    while (free > 0)
        if (!shrink_step(cx, db) || !count_pages(cx, db, &free, &all))
            return false;
    /* The file is cut when the log is brought home; a server that is busy does it later. */
    return ask_number(cx, db, bring_home_sql, &is_busy);
}

/* What is in the log may need as much room again in the database. So it is brought there before the log has
 * half of the reserve, and the other half is left for what is written while the disk is full. */
static int log_pages(int64_t reserve_bytes)
{
    const int64_t pages = reserve_bytes / 2 / PAGE_BYTES;
    if (reserve_bytes == 0 || pages > LOG_PAGES)
        return LOG_PAGES;
    return pages < LOG_PAGES_LEAST ? LOG_PAGES_LEAST : (int)pages;
}

static void set_short(sqlite_db *self, bool is_short, int pages)
{
    self->is_short = is_short;
    sqlite3_wal_autocheckpoint(self->handle, is_short ? 1 : pages);
}

static bool sqlite_reserve(ix_ctx *cx, db_conn *db, int64_t bytes, bool *ret_is_held)
{
    sqlite_db *self = (sqlite_db *)db;
    const int64_t size = reserve_size(self->path, bytes);
    if (!reserve_take(cx, self->reserve, self->path, size, ret_is_held))
        return false;
    set_short(self, !*ret_is_held, log_pages(size));
    return true;
}

static void sqlite_spend_reserve(db_conn *db)
{
    sqlite_db *self = (sqlite_db *)db;
    reserve_release(self->reserve);
    set_short(self, true, 0);
}

static bool sqlite_backup(ix_ctx *cx, db_conn *db, int fd)
{
    static const char copy_sql[] = "VACUUM INTO $1";
    static const char unbar_sql[] = "PRAGMA query_only = OFF";
    static const char bar_sql[] = "PRAGMA query_only = ON";

    char uri[SQLITE_FD_URI];
    sqlite_fd_uri(fd, uri);
    const bool is_reader = sqlite3_db_readonly(((sqlite_db *)db)->handle, "main");
    const db_value to = db_text(uri);
    bool ok = !is_reader || sqlite_run(cx, db, unbar_sql, NULL, 0, NULL);
    ok = ok && sqlite_run_once(cx, db, copy_sql, &to, 1, NULL);
    ok = ok && (fsync(fd) == 0 || ix_file_fail(cx, "the backup"));
    if (is_reader)
        ok = sqlite_run(cx, db, bar_sql, NULL, 0, NULL) && ok;
    return ok;
}

typedef struct sqlite_lock {
    db_lock base;
    int fd;
} sqlite_lock;

static db_lock *sqlite_lock_take(ix_ctx *cx, const char *folder)
{
    int fd = -1;
    const char *path = file_of(cx, folder, "lock");
    if (!path || !ix_folder_make(cx, folder) || !ix_file_lock(cx, path, &fd))
        return NULL;
    if (fd < 0) {
        ix_fail(cx, IOTS_UNAVAILABLE, "%s is in use by another iotsd", folder);
        return NULL;
    }
    sqlite_lock *lock = malloc(sizeof(*lock));
    if (!lock) {
        close(fd);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    *lock = (sqlite_lock){{&db_sqlite}, fd};
    return &lock->base;
}

static void sqlite_unlock(db_lock *lock)
{
    if (!lock)
        return;
    close(((sqlite_lock *)lock)->fd);
    free(lock);
}

/* Does the file begin as a database of ours does? Asked before a large file is copied for nothing. */
static bool check_header(ix_ctx *cx, const char *path)
{
    unsigned char head[APPLICATION_AT + 4] = {0};
    FILE *in = fopen(path, "rbe");
    if (!in)
        return ix_file_fail(cx, path);
    const size_t len = fread(head, 1, sizeof(head), in);
    fclose(in);

    const unsigned char *at = head + APPLICATION_AT;
    const uint32_t application =
        (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    if (len != sizeof(head) || memcmp(head, "SQLite format 3", 16) != 0 ||
        application != APPLICATION_ID)
        return ix_fail(cx, IOTS_INVALID, "%s is not a backup of iotsd", path);
    return true;
}

/* Is this copy of a backup whole, and of a schema we know? `name` is what people call it. */
static bool check_copy(ix_ctx *cx, const char *path, const char *name, int newest)
{
    sqlite_db *copy = connect(cx, path, DB_READ);
    if (!copy)
        return false;
    int version;
    bool ok = sqlite_schema_get(cx, &copy->base, &version) && sqlite_check(cx, &copy->base);
    sqlite_close(&copy->base);

    if (!ok) {
        ix_ctx_clear_error(cx);
        return ix_fail(cx, IOTS_INVALID, "%s is damaged", name);
    }
    if (version < 1 || version > newest)
        return ix_fail(cx, IOTS_INVALID,
                       "%s is the backup of a newer iotsd (schema %d, this one knows %d)", name,
                       version, newest);
    return true;
}

/* Brings everything in the log into the database and empties the log, so that replacing the database
 * is one step. A database too damaged for that has nothing to lose. */
static bool settle(ix_ctx *cx, const char *path)
{
    db_conn *old;
    if (access(path, F_OK) != 0)
        return true;
    if (!open_file(cx, path, DB_WRITE, &old)) {
        ix_ctx_clear_error(cx);
        return true;
    }
    static const char sql[] = "PRAGMA wal_checkpoint(TRUNCATE)";
    int64_t is_busy = 0;
    const bool ok = ask_number(cx, old, sql, &is_busy);
    sqlite_close(old);
    if (!ok)
        ix_ctx_clear_error(cx);
    else if (is_busy)
        return ix_fail(cx, IOTS_UNAVAILABLE, "%s is in use", path);
    return true;
}

static bool sqlite_restore(ix_ctx *cx, const char *folder, const char *path, int newest)
{
    const char *to = file_of(cx, folder, "iots.db");
    const char *copy = file_of(cx, folder, "restore.tmp");
    const char *log = file_of(cx, folder, "iots.db-wal");
    const char *index = file_of(cx, folder, "iots.db-shm");
    if (!to || !copy || !log || !index || !check_header(cx, path) || !ix_folder_make(cx, folder))
        return false;

    bool ok = ix_file_copy(cx, path, copy) && check_copy(cx, copy, path, newest) && settle(cx, to);
    if (ok) {
        unlink(log);
        unlink(index);
        ok = ix_file_rename(cx, copy, to);
    }
    if (!ok)
        unlink(copy);
    return ok;
}

/* ---- stopping ---- */

/* SQLite asks once in a while; other than 0: the statement ends. */
static int is_stopping(void *until_us)
{
    const _Atomic int64_t *until = until_us;
    const int64_t stop_us = atomic_load_explicit(until, memory_order_relaxed);
    return stop_us != INT64_MAX && ix_monotonic_us() >= stop_us;
}

static void sqlite_stop_at(db_conn *db, const _Atomic int64_t *until_us)
{
    union {
        const _Atomic int64_t *from;
        void *to; /* is_stopping only reads */
    } arg = {.from = until_us};
    sqlite3_progress_handler(((sqlite_db *)db)->handle, until_us ? STOP_LOOK_OPS : 0, is_stopping,
                             arg.to);
}

/* ---- what a file has no need of ---- */

static bool sqlite_limit(ix_ctx *cx, db_conn *db, int64_t statement_us)
{
    (void)cx;
    (void)db;
    (void)statement_us;
    return true;
}

static bool sqlite_is_silent(db_conn *db)
{
    (void)db;
    return false;
}

/* A commit that fails has not been made. */
static bool sqlite_in_doubt(db_conn *db, db_txid *ret)
{
    (void)db;
    (void)ret;
    return false;
}

static bool sqlite_outcome(ix_ctx *cx, db_conn *db, const db_txid *txid, bool *ret_committed)
{
    (void)db;
    (void)txid;
    (void)ret_committed;
    return ix_fail(cx, IOTS_INTERNAL, "no transaction is in doubt");
}

const db_driver db_sqlite = {
    .name = "sqlite",
    .place = sqlite_place,
    .open = sqlite_open,
    .close = sqlite_close,
    .is_alive = sqlite_is_alive,
    .limit = sqlite_limit,
    .stop_at = sqlite_stop_at,
    .is_silent = sqlite_is_silent,
    .begin = sqlite_begin,
    .begin_read = sqlite_begin_read,
    .commit = sqlite_commit,
    .in_doubt = sqlite_in_doubt,
    .outcome = sqlite_outcome,
    .rollback = sqlite_rollback,
    .savepoint = sqlite_savepoint,
    .release = sqlite_release,
    .rollback_to = sqlite_rollback_to,
    .in_transaction = sqlite_in_transaction,
    .run = sqlite_run,
    .run_once = sqlite_run_once,
    .stream = sqlite_stream,
    .next = sqlite_next,
    .column = sqlite_column,
    .done = sqlite_done,
    .changes = sqlite_changes,
    .version = sqlite_version,
    .backup = sqlite_backup,
    .check = sqlite_check,
    .give_back = sqlite_give_back,
    .compact = sqlite_compact,
    .reserve = sqlite_reserve,
    .spend_reserve = sqlite_spend_reserve,
    .size = sqlite_size,
    .schema_get = sqlite_schema_get,
    .schema_set = sqlite_schema_set,
    .lock = sqlite_lock_take,
    .unlock = sqlite_unlock,
    .restore = sqlite_restore,
    .clustered = " WITHOUT ROWID",
    .text = "TEXT",
    .blob = "BLOB",
    .has_fts = true,
    .items = "SELECT value AS item FROM json_each(%s)",
};
