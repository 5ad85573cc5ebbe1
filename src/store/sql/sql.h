/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the database, in as few words as possible. */
#ifndef SQL_H
#define SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/sql/changes.h"
#include "store/sql/db.h"
#include "store/store.h"

/* Names the history of one property of one thing. */
typedef struct retention_position {
    char space[64], thing[IX_ULID_LEN + 1], name[132];
} retention_position;

struct store_handle {
    db_conn *db;
    retention_position purged; /* store_history_purge has looked at all up to here */
    bool purge_is_cut;         /* and has left something of one of them */
    retention_position purged_property, purged_member; /* likewise store_history_purge_narrower */
    bool has_removals;                                 /* see store_removals_noted */
    change_notes *changes;                             /* NULL: nobody asked for them */
};

/* ARGS(db_text(space), db_int(7)): the arguments for $1 and $2, and their number. */
#define ARGS(...) \
    (const db_value[]){__VA_ARGS__}, sizeof((const db_value[]){__VA_ARGS__}) / sizeof(db_value)

/* Runs a statement whose rows nobody wants. `sql` is a constant. */
static inline bool sql_do(ix_ctx *cx, store_handle *store, const char *sql, const db_value *args,
                          size_t nargs)
{
    return store->db->driver->run(cx, store->db, sql, args, nargs, NULL);
}

/* Runs a query. The rows must be let go with sql_done. `sql` is a constant. */
static inline bool sql_rows(ix_ctx *cx, store_handle *store, const char *sql, const db_value *args,
                            size_t nargs, db_rows **ret)
{
    return store->db->driver->run(cx, store->db, sql, args, nargs, ret);
}

/* The same for rows that may be large: inside a transaction few of them are in memory at a time. */
static inline bool sql_stream(ix_ctx *cx, store_handle *store, const char *sql,
                              const db_value *args, size_t nargs, db_rows **ret)
{
    return store->db->driver->stream(cx, store->db, sql, true, args, nargs, ret);
}

static inline bool sql_next(ix_ctx *cx, store_handle *store, db_rows *rows)
{
    return store->db->driver->next(cx, rows);
}

static inline void sql_done(store_handle *store, db_rows *rows)
{
    store->db->driver->done(rows);
}

static inline int64_t sql_changes(store_handle *store)
{
    return store->db->driver->changes(store->db);
}

/* Runs a query and steps to its first row. No row: *ret is NULL. Else let go with sql_done. */
bool sql_first(ix_ctx *cx, store_handle *store, const char *sql, const db_value *args, size_t nargs,
               db_rows **ret);

/* Does the query have a row? */
bool sql_any(ix_ctx *cx, store_handle *store, const char *sql, const db_value *args, size_t nargs,
             bool *ret);

/* Column `i` of the row: 0 for NULL. */
int64_t sql_int(store_handle *store, db_rows *row, int i);

bool sql_is_null(store_handle *store, db_rows *row, int i);

/* Column `i` of the row, good until the next step; empty for NULL. */
ix_str sql_str(store_handle *store, db_rows *row, int i);

/* Column `i` of the row, copied into cx. NULL for NULL, and when out of memory (cx says so). */
char *sql_text(ix_ctx *cx, store_handle *store, db_rows *row, int i);

/* The texts as a JSON array, in cx: an argument for db_driver.items. NULL when out of memory. */
const char *sql_list(ix_ctx *cx, const char *const *texts, size_t count);

/* A list of a space in the byte order of names. Both statements have the space as $1, a name as $2 and
 * how many rows are wanted as $3. */
typedef struct name_list {
    const char *forward;  /* the rows after the name, ascending */
    const char *backward; /* the rows before it, descending */
} name_list;

/* Says of a row, with a cx for this row alone; false to stop early. */
typedef bool row_emitter(void *arg, ix_ctx *cx, store_handle *store, db_rows *row);

/* Says of the rows of one page, from its boundary on. */
bool sql_page(ix_ctx *cx, store_handle *store, const name_list *list, const char *space,
              const page_range *page, row_emitter *tell, void *arg, bool *more);

/* A query that holds if the thing $`thing` of the space $1 is in the Category $`category`, which may
 * be NULL: then it holds for all. */
#define SQL_IN_CATEGORY(thing, category)                                          \
    " AND (CAST(" category " AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM members m" \
    " WHERE m.space = $1 AND m.category = " category " AND m.thing = " thing "))"

/* Makes what is read until the end see one moment. Nests: *ret_own says whether to end it. */
bool snapshot_begin(ix_ctx *cx, store_handle *store, bool *ret_own);
void snapshot_end(store_handle *store, bool is_own);

#endif
