/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the nouns of this floor ask of each other. A noun's tables are known to its own file only:
 * properties.c and history.c may change how they keep things without anyone noticing.
 */
#ifndef PARTS_H
#define PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/sql/sql.h"

/* Everything of a space, as a space goes. */
bool things_drop_space(ix_ctx *cx, store_handle *store, const char *space);
bool properties_drop_space(ix_ctx *cx, store_handle *store, const char *space);
bool history_drop_space(ix_ctx *cx, store_handle *store, const char *space);
bool interactions_drop_space(ix_ctx *cx, store_handle *store, const char *space);
bool search_drop_space(ix_ctx *cx, store_handle *store, const char *space);
bool models_drop_space(ix_ctx *cx, store_handle *store, const char *space);
bool credentials_drop_space(ix_ctx *cx, store_handle *store, const char *space);
bool mail_drop_space(ix_ctx *cx, store_handle *store, const char *space);
/* Clients of its things go; others lose the space, as do users and grants. */
bool clients_drop_space(ix_ctx *cx, store_handle *store, const char *space);
/* Those that are no things' lose it. */
bool clients_leave_space(ix_ctx *cx, store_handle *store, const char *space);
bool users_drop_space(ix_ctx *cx, store_handle *store, const char *space);
bool grants_drop_space(ix_ctx *cx, store_handle *store, const char *space);

/* Everything of a thing, as a thing goes. */
bool properties_drop_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid);
bool search_drop_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid);
bool affordances_drop(ix_ctx *cx, store_handle *store, const char *space, const char *uid);

/* Notes that what the thing leaves behind is to be deleted, if there is anything, and the same for all of a
 * space (removals.c). */
bool removals_add_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid);
bool removals_add_space(ix_ctx *cx, store_handle *store, const char *space);
/* IOTS_UNAVAILABLE if something of a space of this name is still to be deleted. */
bool removals_check_space(ix_ctx *cx, store_handle *store, const char *space);

/* Deletes what is left of a thing that was removed, until *rows, which they add to, is `most`. */
bool history_purge_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                         int64_t most, int64_t *rows);
bool interactions_purge_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                              int64_t most, int64_t *rows);

/* Everything of a client, as the client goes or is revoked. */
bool grants_drop_client(ix_ctx *cx, store_handle *store, const char *client);
bool grants_purge(ix_ctx *cx, store_handle *store, int64_t now_us, int most);

/* Is everything in the tables true that must be? IOTS_INTERNAL names the first that is not. */
bool invariants_check(ix_ctx *cx, store_handle *store);

/* A list of names without one of them: SQL for the new value of `spaces`, and which rows have it.
 * Blanks around the list make every name in it a word between blanks. */
#define SQL_SPACES_WITHOUT_1 "trim(replace(' ' || spaces || ' ', ' ' || $1 || ' ', ' '))"
#define SQL_SPACES_HAVE_1 \
    "replace(' ' || spaces || ' ', ' ' || $1 || ' ', '') <> ' ' || spaces || ' '"

/* Things of a Category forget it, at most `most` of them. *more: others may be left. */
bool things_drop_category(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                          int most, bool *more);

/* Makes the thing have exactly these properties; those it keeps keep their values. `is_new`: the
 * thing had none. */
bool properties_put(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                    const ix_json *properties, bool is_new);

/* Makes the thing be found by the texts of this row. `is_new`: it had none. */
bool search_put(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row,
                bool is_new);

/* Makes the thing have exactly these actions and events. `is_new`: it had none. */
bool affordances_put(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row,
                     bool is_new);

/* The largest ID of an interaction up to `most`. *found false: there are none. */
bool interactions_last_id(ix_ctx *cx, store_handle *store, const ix_ulid *most, ix_ulid *ret,
                          bool *found);

/* Appends the JSON object of a thing's values, and unless `times` is NULL that of their times to it. */
bool values_write(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                  ix_buf *values, ix_buf *times);

/* Reads the values of many things in few statements. The things are named in ascending order, hardly any
 * left out. */
typedef struct value_reader {
    store_handle *store;
    const char *space;
    db_rows *rows;             /* NULL: not begun */
    char uid[IX_ULID_LEN + 1]; /* of the first thing of `rows` */
    bool has_row;              /* one is in hand, of a thing not asked for yet */
    int left;                  /* rows that `rows` may still have */
} value_reader;

enum { VALUE_READER_ROWS = 256 }; /* rows of a statement */

/* As values_write. */
bool value_reader_write(ix_ctx *cx, value_reader *run, const char *uid, ix_buf *values,
                        ix_buf *times);
void value_reader_end(value_reader *run);

/* Values that several properties took at one moment. */
typedef struct timestamp_value {
    const char *name;
    ix_str value; /* JSON text */
} timestamp_value;

/* Adds them at *at_us, or the first later microsecond at which none of them has history: then *at_us is
 * that one. */
bool history_add_timestamp(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                           const timestamp_value *values, size_t count, int64_t *at_us);

#endif
