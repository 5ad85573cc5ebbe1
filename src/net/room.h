/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be written while the disk is full.
 *
 * A write that finds no room spends the reserve of the store (store_reserve). From then on only operations
 * that make room or let someone in (api/run.def) are carried out, and what is free in the store goes back
 * to the disk. As soon as the reserve is held again, everything is written as before. Whether it is held is
 * looked up on the disk, so a server that starts on a full one knows.
 */
#ifndef ROOM_H
#define ROOM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/call.h"
#include "store/store.h"

typedef struct room {
    int64_t reserve_bytes; /* 0: none, and then the disk never counts as full */
    _Atomic bool is_full;  /* any thread may read it */
    bool has_failed;       /* the last look */
} room;

/* Takes the reserve if there is room for it, and says whether the disk is full. What goes wrong is
 * logged. */
void room_look(ix_ctx *cx, room *room, store_handle *writer);

/* A write has found no room. False: that is no news, or there is no reserve. */
bool room_is_lost(room *room, store_handle *writer);

/* May the operation of this call be carried out now? */
bool room_admits(const room *room, const api_call *call);

bool room_is_full(const room *room);

#endif
