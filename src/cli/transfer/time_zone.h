/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which moment a clock on a wall shows.
 *
 * Once a year the clocks of many zones are put back: then an hour is shown twice, and only the order in
 * which times come says which of the two is meant. Once a year they are put forward: then an hour is
 * never shown.
 */
#ifndef CLI_TIME_ZONE_H
#define CLI_TIME_ZONE_H

#include "base/ctx.h"
#include "cli/transfer/wall_time.h"

/* Of which clocks without offset are. */
typedef struct time_zone {
    const char *name; /* for people, borrowed */
    bool is_fixed;    /* then it is so far east of UTC at any time */
    int offset_s;
} time_zone;

/* The order in which times come. */
typedef enum time_order { TIMES_UNORDERED, TIMES_ASCEND, TIMES_DESCEND } time_order;

/* What came before: one of these for each row of times that are in order among themselves. */
typedef struct time_track {
    bool has_last;
    int64_t last_us;
} time_track;

/* Which showing of a time by a clock is meant. */
typedef enum clock_round {
    CLOCK_ONCE, /* there is only one */
    CLOCK_FIRST,
    CLOCK_SECOND,
} clock_round;

/* A zone of the system's tz database ("Europe/Berlin"), "UTC", an offset as "+01:00", or "local".
 * IOTS_USAGE if there is none of this name. There is one zone of the database in a process: the last
 * one that was opened is in force for all. Call it before threads start. */
bool time_zone_open(ix_ctx *cx, const char *name, time_zone *ret);

/* The moment that is meant by what a clock showed, after what came before in the track, which is moved
 * on. `text` is what stood there, for messages. IOTS_INVALID if the clock never showed it, or if it is
 * not known which moment is meant. */
bool time_zone_read(ix_ctx *cx, const time_zone *zone, const wall_time *wall, ix_str text,
                    time_order order, time_track *track, int64_t *ret_us, clock_round *ret_round);

/* Does the clock show this time twice? */
bool time_zone_is_twice(const time_zone *zone, const wall_time *wall);

#endif
