/* SPDX-License-Identifier: Apache-2.0 */
#include "net/room.h"

#include "api/dispatch.h"
#include "base/log.h"

bool room_is_full(const room *room)
{
    return atomic_load_explicit(&room->is_full, memory_order_relaxed);
}

bool room_admits(const room *room, const api_call *call)
{
    return !room_is_full(room) || call_goes_when_full(call);
}

static void set_full(room *room, bool is_full)
{
    if (atomic_exchange(&room->is_full, is_full) == is_full)
        return;
    if (is_full)
        ix_log(IX_LOG_ERROR,
               "the disk is full: until there is room for the reserve again, tokens are "
               "given and deletions carried out, and all other writes refused");
    else
        ix_log(IX_LOG_INFO, "the disk has room again: everything is written");
}

void room_look(ix_ctx *cx, room *room, store_handle *writer)
{
    bool is_held;
    const bool ok = store_reserve(cx, writer, room->reserve_bytes, &is_held);
    if (ok)
        set_full(room, !is_held);
    else if (!room->has_failed)
        ix_log(IX_LOG_WARN, "no room can be reserved for when the disk is full: %s",
               cx->error.message);
    room->has_failed = !ok;
    ix_ctx_clear_error(cx);
}

bool room_is_lost(room *room, store_handle *writer)
{
    if (room->reserve_bytes == 0 || room_is_full(room))
        return false;
    store_spend_reserve(writer);
    set_full(room, true);
    return true;
}
