/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times as other systems write them into files, and what of them a text says.
 *
 * What is read is the time on a wall clock, and the offset of that clock from UTC if the text has one.
 * Which moment a clock without offset shows is another question: time_zone.h.
 */
#ifndef CLI_WALL_TIME_H
#define CLI_WALL_TIME_H

#include "base/ctx.h"
#include "base/str.h"

/* Which of two numbers is the day, in 3/4/2025. */
typedef enum day_order {
    DAY_ORDER_UNKNOWN,
    DAY_FIRST,
    MONTH_FIRST,
} day_order;

typedef struct wall_time {
    int64_t us; /* since 1970-01-01T00:00:00 on that clock */
    bool has_offset;
    int offset_s;       /* of that clock, east of UTC */
    bool is_leap;       /* it showed 23:59:60: counted as the second that follows */
    bool is_date;       /* it showed no time of day: midnight */
    char zone_name[12]; /* what stood there as the name of a zone, as "CEST"; "" if nothing did */
} wall_time;

/* How times are written. */
typedef struct time_format {
    enum {
        TIME_RECOGNISED, /* it is found out for each time: dates with names or numbers, epoch times */
        TIME_PATTERN,    /* as strptime(3) has it */
        TIME_EPOCH,      /* a number of units since 1970-01-01T00:00:00Z */
        TIME_SERIAL,     /* a number of days, as in spreadsheets */
    } kind;
    const char *pattern;
    int64_t unit_ns;        /* of an epoch time */
    int64_t first_day;      /* of serial days: day 0, in days since 1970-01-01 */
    bool has_1900_leap_day; /* they count a 29th of February in 1900, which there was not */
    day_order day_order;    /* of recognised times */
} time_format;

/* The format that a text names: a pattern with %, or epoch, epoch_ms, epoch_us, epoch_ns, excel,
 * excel_1904. The pattern is borrowed. IOTS_USAGE for what is none, or lacks a part of the date. */
bool time_format_parse(ix_ctx *cx, const char *text, time_format *ret);

/* The time that a text shows. IOTS_INVALID for what is no such time, or may be two. */
bool wall_time_read(ix_ctx *cx, const time_format *format, ix_str text, wall_time *ret);

/* Which order a text proves, if it is a date in numbers of which one is the day: 13/4/2025. */
day_order day_order_of(ix_str text);

#endif
