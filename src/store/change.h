/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has changed: the feed for those who follow the store (SSE, MQTT, streams).
 *
 * The store notes each change in the transaction that makes it, and what is rolled back takes its changes
 * with it. After a commit they are there to be taken, in the order of storing. Nothing is noted, and
 * nothing spent on it, before somebody asks for it with store_note_changes. History that is written or
 * deleted by itself, and interactions that come from elsewhere, are not changes.
 *
 * A change has a number: strictly rising in the order of storing and never given twice, also not after a
 * restart. Numbers are taken from the store in blocks, so that they cost no write of their own; a block
 * begins no lower than the time of day in microseconds, so that a store that was put back from a backup
 * gives no number again either. There are gaps.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"

typedef struct store_handle store_handle;

typedef enum change_kind {
    CHANGE_PROPERTIES,     /* json: all values of one write, by name */
    CHANGE_ACTION,         /* json: the request, new or updated */
    CHANGE_ACTION_DELETED, /* no json */
    CHANGE_EVENT,          /* json: the occurrence */
    CHANGE_THING_CREATED,  /* json: the description as it is stored, without values */
    CHANGE_THING_UPDATED,  /* the same; also when it joins or leaves a Category */
    CHANGE_THING_DELETED,  /* no json */
    CHANGE_SPACE_DELETED,  /* with all that was in it; neither thing nor json */
    CHANGE_KIND_COUNT
} change_kind;

typedef struct change {
    int64_t number;
    int64_t at_us; /* when */
    change_kind kind;
    const char *space, *thing;
    const char *name, *id;  /* of an action or event, and of its interaction; else NULL */
    const char *categories; /* of the Thing at that moment: a JSON array of names, sorted */
    const char *json;       /* or NULL */
    const struct change *next;
} change;

/* The changes of one transaction. */
typedef struct change_batch change_batch;

enum { CHANGES_BYTES = 64 << 20 }; /* most memory that the changes of one transaction may take */

/* From now on changes are noted. Outside a transaction. */
bool store_note_changes(ix_ctx *cx, store_handle *store);

/* Takes the changes of the transaction whose commit was asked for last, whether it was made or is in doubt;
 * NULL: there are none. The next store_begin drops what was not taken. Caller frees. */
change_batch *store_take_changes(store_handle *store);
const change *change_batch_first(const change_batch *batch);
void change_batch_free(change_batch *batch); /* NULL is fine */

#endif
