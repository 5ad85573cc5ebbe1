/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever is read as a time of a clock is a moment within bounds or has none, and is the same when it
 * is written and read again. An input is a format, as --time-format takes it, a line break, and the time;
 * without a format ("", or D or M for the order of day and month) the time is recognised.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cli/transfer/time_zone.h"

enum { DAY_S = 24 * 60 * 60 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not an assert: it must hold in every build. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A zone whose clock is put forward and back, if the system knows one. */
static const time_zone *changing_zone(ix_ctx *cx)
{
    static time_zone zone;
    if (!zone.name && !time_zone_open(cx, "Europe/Berlin", &zone)) {
        ix_ctx_clear_error(cx);
        must(time_zone_open(cx, "UTC", &zone));
    }
    return &zone;
}

static bool read_format(ix_ctx *cx, ix_str text, time_format *ret)
{
    *ret = (time_format){.day_order = ix_str_is(text, "D")   ? DAY_FIRST
                                      : ix_str_is(text, "M") ? MONTH_FIRST
                                                             : DAY_ORDER_UNKNOWN};
    if (text.len == 0 || ret->day_order != DAY_ORDER_UNKNOWN)
        return true;
    const char *copy = ix_strndup(cx, text.at, text.len);
    must(copy != NULL);
    if (time_format_parse(cx, copy, ret))
        return true;
    must(cx->error.code == IOTS_USAGE && *cx->error.message);
    return false;
}

/* Which moment it is, by this clock and in every order of times. */
static void check_timestamps(ix_ctx *cx, const time_zone *zone, const wall_time *wall, ix_str text)
{
    const time_order orders[] = {TIMES_UNORDERED, TIMES_ASCEND, TIMES_DESCEND};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        time_track track = {0};
        int64_t at_us;
        clock_round round;
        for (int times = 0; times < 3; times++) { /* a clock may show the same time twice */
            if (!time_zone_read(cx, zone, wall, text, orders[i], &track, &at_us, &round)) {
                must(cx->error.code == IOTS_INVALID && *cx->error.message);
                ix_ctx_clear_error(cx);
                continue;
            }
            must(at_us >= ix_time_first_us && at_us <= ix_time_last_us);
            must(track.has_last && track.last_us == at_us);
            must(!wall->has_offset || at_us == wall->us - wall->offset_s * IX_SECOND_US);
            must(llabs(wall->us - at_us) <= DAY_S * IX_SECOND_US);
            must(round == CLOCK_ONCE || time_zone_is_twice(zone, wall) || *wall->zone_name);
        }
    }
}

static void check_reread(ix_ctx *cx, const wall_time *wall)
{
    char text[IX_TIME_TEXT];
    wall_time again;
    if (wall->us < ix_time_first_us || wall->us > ix_time_last_us)
        return;
    const size_t len = (size_t)ix_time_write(wall->us, text) - 1; /* without Z */
    must(wall_time_read(cx, &(time_format){0}, (ix_str){text, len}, &again));
    must(again.us == wall->us && !again.has_offset && !again.is_date);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ix_ctx cx;
    time_format format;
    wall_time wall;
    ix_str format_text;
    const ix_str text = ix_str_cut((ix_str){(const char *)data, size}, '\n', &format_text);
    must(ix_ctx_init(&cx, 0));
    const time_zone fixed = {.name = "+05:30", .is_fixed = true, .offset_s = 19800};
    const time_zone *changing = changing_zone(&cx);
    day_order_of(text);
    if (read_format(&cx, format_text, &format)) {
        if (wall_time_read(&cx, &format, text, &wall)) {
            check_timestamps(&cx, &fixed, &wall, text);
            check_timestamps(&cx, changing, &wall, text);
            check_reread(&cx, &wall);
        } else {
            must(cx.error.code == IOTS_INVALID && *cx.error.message);
        }
    }
    ix_ctx_done(&cx);
    return 0;
}
