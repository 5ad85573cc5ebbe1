/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of fixed size that holds records in the order in which they came, and what it holds
 * survives its program (offline.c keeps values in one). One program at a time has it open; not
 * thread-safe.
 *
 * A place counts bytes from the beginning of time; what is at place p lies p modulo the size of the
 * ring behind the head of the file. So places only grow, also where the ring begins anew.
 */
#ifndef CLIENT_RING_H
#define CLIENT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

typedef struct client_ring client_ring;

enum {
    RING_FILE_MIN = 12 << 10, /* bytes of the smallest file: two heads and 4 KiB of records */
    RING_RECORD_MAX = 64 << 10,
};

#define RING_FILE_MAX ((size_t)1 << 30)

/* Between two records. */
typedef struct ring_place {
    uint64_t place;
    uint64_t number; /* of the record behind it: records are numbered */
} ring_place;

typedef struct ring_record {
    ring_place at;
    int64_t at_us; /* as it was given */
    ix_str bytes;  /* in cx, with a zero byte behind it that is not counted */
} ring_record;

typedef struct ring_counts {
    uint64_t records;  /* in the ring, but for those that are settled */
    uint64_t dropped;  /* as ring_drop was reported, since the file was made */
    uint64_t refused;  /* as ring_drop and ring_settle were reported, since the file was made */
    uint64_t damaged;  /* that could not be read any more when the file was opened */
    int64_t newest_us; /* of the last record, if there is one */
    /* Of all records since the file was opened or had none: */
    int64_t least_us;
    bool is_ordered; /* none has a time before that of the one before it */
} ring_counts;

/*
 * Opens a file, or makes one of `file_bytes` with all its room taken from the disk. One that holds
 * records keeps its size. `is_synced`: what is written has reached the disk when a function returns;
 * without it, only the system.
 *
 * NULL on failure: IOTS_CONFLICT (another program has it open), IOTS_NO_ROOM, IOTS_USAGE (the path is
 * none, the file is another's). What was there is as it was; a file that was made may remain, empty.
 */
client_ring *ring_open(ix_ctx *cx, const char *path, size_t file_bytes, bool is_synced);
void ring_close(client_ring *ring); /* NULL is fine */

ring_counts ring_count(const client_ring *ring);

/* Would a record of so many bytes find room if all before `first` were gone? And could it ever? */
bool ring_has_room(const client_ring *ring, ring_place first, size_t bytes);
bool ring_could_hold(const client_ring *ring, size_t bytes);

/* Adds a record, for which there is room. On failure it is not there, as far as anyone can say:
 * IOTS_NO_ROOM if a file system that promised room has none. After a failure to reach the disk the
 * ring takes nothing any more (IOTS_INTERNAL), since what the disk has is not known then. */
bool ring_append(ix_ctx *cx, client_ring *ring, int64_t at_us, ix_str bytes);

/* Before the first record, and behind the last. */
ring_place ring_first(const client_ring *ring);
ring_place ring_behind(const client_ring *ring);

/* The record behind `place`, which moves on; bytes.at is NULL if there is none. Settled ones are passed
 * over. A place whose record was dropped meanwhile moves to the first one. */
bool ring_next(ix_ctx *cx, const client_ring *ring, ring_place *place, ring_record *ret);

/* These records, which were found in this order, are settled: nobody needs them any more. Those that
 * were dropped meanwhile are passed over. Their room is free once all before them are settled, too.
 * `refused` of them were of no use. */
bool ring_settle(ix_ctx *cx, client_ring *ring, const ring_place *settled, size_t count,
                 uint64_t refused);

/* Lets go of all records before `place`, settled or not. */
bool ring_drop(ix_ctx *cx, client_ring *ring, ring_place place, uint64_t dropped, uint64_t refused);

#endif
