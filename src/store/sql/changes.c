/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes are noted in memory, each with the depth of savepoints at which it was made, which never falls
 * along the list: a rollback cuts off its end.
 */
#include "store/sql/changes.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/time.h"
#include "store/participant.h"
#include "store/sql/parts.h"

#define NUMBERS_BLOCK (INT64_C(1) << 20)

typedef struct noted {
    change change;
    int depth;
    struct noted *before;
} noted;

struct change_batch {
    ix_ctx cx; /* whose memory they are in */
    noted *first, *last;
};

struct change_notes {
    change_batch *batch; /* NULL: nothing was noted in this transaction */
    int depth;
    int64_t next_number, end_number; /* of the block in hand */
    bool is_tentative; /* it was taken in a transaction that is not known to be made */
};

bool store_note_changes(ix_ctx *cx, store_handle *store)
{
    if (!store->changes)
        store->changes = calloc(1, sizeof *store->changes);
    return store->changes || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

void change_batch_free(change_batch *batch)
{
    if (!batch)
        return;
    ix_ctx_done(&batch->cx);
    free(batch);
}

const change *change_batch_first(const change_batch *batch)
{
    return batch && batch->first ? &batch->first->change : NULL;
}

change_batch *store_take_changes(store_handle *store)
{
    change_batch *batch = store->changes ? store->changes->batch : NULL;
    if (!batch)
        return NULL;
    store->changes->batch = NULL;
    if (batch->first)
        return batch;
    change_batch_free(batch);
    return NULL;
}

/* ---- noting ---- */

static change_batch *batch_of(ix_ctx *cx, change_notes *notes)
{
    if (notes->batch)
        return notes->batch;
    change_batch *batch = calloc(1, sizeof *batch);
    if (batch && ix_ctx_init(&batch->cx, CHANGES_BYTES)) {
        notes->batch = batch;
        return batch;
    }
    free(batch);
    ix_fail(cx, IOTS_NO_MEMORY, NULL);
    return NULL;
}

static bool change_add(ix_ctx *cx, change_notes *notes, const change *seen)
{
    change_batch *batch = batch_of(cx, notes);
    noted *made = batch ? ix_new(&batch->cx, noted, 1) : NULL;
    if (made) {
        *made = (noted){.change = *seen, .depth = notes->depth, .before = batch->last};
        const char **const texts[] = {&made->change.space, &made->change.thing,
                                      &made->change.name,  &made->change.id,
                                      &made->change.json,  &made->change.categories};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            if (*texts[i])
                *texts[i] = ix_strdup(&batch->cx, *texts[i]);
    }
    if (!made || ix_failed(&batch->cx)) {
        if (batch)
            ix_ctx_clear_error(&batch->cx);
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    }
    if (batch->last)
        batch->last->change.next = &made->change;
    else
        batch->first = made;
    batch->last = made;
    return true;
}

bool changes_note(ix_ctx *cx, store_handle *store, const change *seen)
{
    static const char sql[] = "SELECT categories FROM things WHERE space = $1 AND uid = $2";
    if (!store->changes)
        return true;
    change made = *seen;
    if (!made.at_us)
        made.at_us = ix_now_us();
    if (!made.thing || made.categories)
        return change_add(cx, store->changes, &made);
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(made.space), db_text(made.thing)), &row))
        return false;
    made.categories = row ? sql_text(cx, store, row, 0) : "[]";
    sql_done(store, row);
    return !ix_failed(cx) && change_add(cx, store->changes, &made);
}

bool changes_note_thing(ix_ctx *cx, store_handle *store, change_kind kind, const char *space,
                        const char *uid)
{
    static const char sql[] = "SELECT categories, doc FROM things WHERE space = $1 AND uid = $2";
    db_rows *row;
    if (!store->changes)
        return true;
    if (!sql_first(cx, store, sql, ARGS(db_text(space), db_text(uid)), &row))
        return false;
    const change made = {.kind = kind,
                         .at_us = ix_now_us(),
                         .space = space,
                         .thing = uid,
                         .categories = row ? sql_text(cx, store, row, 0) : "[]",
                         .json = row ? sql_text(cx, store, row, 1) : NULL};
    sql_done(store, row);
    return !ix_failed(cx) && change_add(cx, store->changes, &made);
}

/* ---- numbers ---- */

/* Takes a block of numbers. Should the transaction not be made, the next one takes another. */
static bool numbers_take(ix_ctx *cx, store_handle *store, int64_t least)
{
    static const char sql[] =
        "UPDATE change_numbers SET next ="
        " (CASE WHEN next > $1 THEN next ELSE CAST($1 AS BIGINT) END) + $2 WHERE id = 1";
    static const char read_sql[] = "SELECT next FROM change_numbers WHERE id = 1";
    const int64_t size = NUMBERS_BLOCK > least ? NUMBERS_BLOCK : least;
    db_rows *row;
    if (!sql_do(cx, store, sql, ARGS(db_int(ix_now_us()), db_int(size))) ||
        !sql_first(cx, store, read_sql, NULL, 0, &row))
        return false;
    const int64_t end = row ? sql_int(store, row, 0) : 0;
    sql_done(store, row);
    if (!row)
        return ix_fail(cx, IOTS_INTERNAL, "the store is damaged: it has no number for changes");
    store->changes->next_number = end - size;
    store->changes->end_number = end;
    store->changes->is_tentative = true;
    return true;
}

/* ---- in transactions ---- */

/* Forgets what there is of the transaction before. */
static void notes_begun(store_handle *store)
{
    change_notes *notes = store->changes;
    if (!notes)
        return;
    change_batch_free(notes->batch);
    notes->batch = NULL;
    notes->depth = 0;
    if (notes->is_tentative)
        notes->next_number = notes->end_number = 0;
    notes->is_tentative = false;
}

static bool notes_prepare(ix_ctx *cx, store_handle *store)
{
    change_notes *notes = store->changes;
    int64_t count = 0;
    if (!notes || !notes->batch)
        return true;
    for (noted *at = notes->batch->last; at; at = at->before)
        count++;
    if (count > notes->end_number - notes->next_number && !numbers_take(cx, store, count))
        return false;
    int64_t number = notes->next_number += count;
    for (noted *at = notes->batch->last; at; at = at->before)
        at->change.number = --number;
    return true;
}

static void notes_committed(store_handle *store)
{
    if (store->changes)
        store->changes->is_tentative = false;
}

static void notes_savepoint(store_handle *store)
{
    if (store->changes)
        store->changes->depth++;
}

static void notes_released(store_handle *store)
{
    change_notes *notes = store->changes;
    if (!notes)
        return;
    notes->depth--;
    for (noted *at = notes->batch ? notes->batch->last : NULL; at && at->depth > notes->depth;
         at = at->before)
        at->depth = notes->depth;
}

static void notes_rolled_back_to(store_handle *store)
{
    change_notes *notes = store->changes;
    if (!notes)
        return;
    notes->depth--;
    change_batch *batch = notes->batch;
    while (batch && batch->last && batch->last->depth > notes->depth)
        batch->last = batch->last->before;
    if (batch && batch->last)
        batch->last->change.next = NULL;
    else if (batch)
        batch->first = NULL;
}

static void notes_closed(store_handle *store)
{
    notes_begun(store);
    free(store->changes);
    store->changes = NULL;
}

const store_participant changes_participant = {
    .begun = notes_begun,
    .prepare = notes_prepare,
    .committed = notes_committed,
    .rolled_back = notes_begun,
    .savepoint = notes_savepoint,
    .released = notes_released,
    .rolled_back_to = notes_rolled_back_to,
    .closed = notes_closed,
};
