/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an iots_offline is made of: offline.c puts values into it, drain.c sends them.
 *
 * A record is a stamp (clock.h), the address of a property and a value: 0x01, 4 bytes of the boot, 8 of
 * the offset, in little-endian order; then space, Category ("" for none), Thing, property and JSON, as
 * texts with a zero byte after each but the last. The four texts are the key by which records are of
 * one property.
 *
 * Records are sent in their order. Those of a property that the server does not take for now are held
 * back, and the others pass them by: behind `fresh` are the ones that have not been tried yet, before
 * it only those held back are left.
 */
#ifndef CLIENT_BUFFER_H
#define CLIENT_BUFFER_H

#include <pthread.h>

#include "base/ctx.h"
#include "client/clock.h"
#include "client/held.h"
#include "client/ring.h"
#include "iots/offline.h"

enum {
    KEY_TEXTS = 4,
    STAMP_BYTES = 13,
};

struct iots_offline {
    iots_api *api;
    ix_ctx cx; /* its error: why the file could not be opened */
    iots_offline_opts opts;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t has_sent;
    client_ring *ring;
    device_clock clock;
    held_list held;
    ring_place fresh;
    uint64_t held_records; /* before `fresh` */
    unsigned pass;         /* over what waits; counted */
    int64_t pass_us; /* when it began, on the monotonic clock: who is due later is not due in it */
    bool is_from_first; /* it began with the first record */
    bool is_sending;
    bool is_away;        /* the server could not be reached, or takes nothing from us */
    bool has_asked_time; /* of the server */
    int64_t next_try_us; /* on the monotonic clock: then it may be asked again */
};

/* A record taken apart; borrowed from it. The key of one that is none of ours is empty. */
typedef struct entry {
    ix_str key;
    const char *json;
    stamp stamp;
} entry;

entry entry_of(ring_record record);

/* The address that a key, not empty, is. */
iots_thing key_thing(iots_api *api, ix_str key, const char **ret_property);

/* What an answer means for a value that was sent. */
typedef enum verdict {
    VERDICT_TAKEN,
    VERDICT_AWAY,     /* the server cannot be reached, is in trouble, or knows us not */
    VERDICT_HELD,     /* it does not take values of this property, or fails at them */
    VERDICT_CONFLICT, /* there is a value at that time */
    VERDICT_REFUSED,  /* it will never take it */
    VERDICT_STOP,     /* we cannot ask */
} verdict;

verdict verdict_on(const iots_reply *reply);

/* Hears the time that an answer says. The lock is not held. */
void time_hear(iots_offline *buffer, const iots_reply *reply);

/* Notes whether the server could be reached. The lock is not held, and so below. */
void note_away(iots_offline *buffer, bool is_away);
bool is_due(const iots_offline *buffer); /* may it be asked? The lock is held */

/* Holds a property back, and says so if it is news. False: too many are. */
bool property_hold(iots_offline *buffer, ix_str key, const iots_reply *reply);

/* Reports to the program what became of a value. reply: why, or NULL. */
void report(const iots_offline *buffer, iots_offline_what what, const entry *entry,
            const iots_reply *reply);

/* Sends what waits and may be sent: all, or as much as goes at once. Never NULL. */
iots_reply *drain(iots_offline *buffer, bool all);

#endif
