/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/time_zone.h"

#include <unistd.h>

#include "base/test.h"
#include "base/time.h"

static void skip_without_database(void)
{
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
        SKIP("no tz database");
}

/* Texts with blanks between, as minutes of UTC; "?" for what is refused. */
static const char *read_all(ix_ctx *cx, const time_zone *zone, time_order order, const char *texts)
{
    ix_buf all = {0};
    time_track track = {0};
    for (ix_str rest = ix_str_of(texts), text; rest.len > 0;) {
        wall_time wall;
        int64_t us;
        char at[IX_TIME_TEXT];
        rest = ix_str_cut(rest, ' ', &text);
        CHECK_OK(cx, wall_time_read(cx, &(time_format){0}, text, &wall));
        ix_buf_text(&all, all.len ? " " : "");
        clock_round round;
        if (!time_zone_read(cx, zone, &wall, text, order, &track, &us, &round)) {
            ix_ctx_clear_error(cx);
            ix_buf_char(&all, '?');
            continue;
        }
        ix_time_write(us, at);
        ix_buf_add(&all, at + 8, 8);
    }
    const char *copy = ix_strdup(cx, ix_buf_cstr(&all));
    ix_buf_done(&all);
    return copy;
}

#define OCTOBER(clock) "2023-10-29T" clock

TEST("a clock of a zone is ahead of UTC by what the zone has then")
{
    time_zone zone;
    skip_without_database();
    CHECK_OK(cx, time_zone_open(cx, "Europe/Berlin", &zone));
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND,
                        "2023-01-01T12:00 2023-07-01T12:00 1850-01-01T00:53:28 2199-07-01T02:00 "
                        "2023-07-01T12:00Z 2023-07-01T12:00+05:00"),
               "01T11:00 01T10:00 01T00:00 01T00:00 01T12:00 01T07:00");
}

TEST("the order of the lines says which of two hours is meant")
{
    time_zone zone;
    skip_without_database();
    CHECK_OK(cx, time_zone_open(cx, "Europe/Berlin", &zone));
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND,
                        OCTOBER("01:30") " " OCTOBER("02:00") " " OCTOBER("02:30") " " OCTOBER(
                            "02:00") " " OCTOBER("02:30") " " OCTOBER("03:00")),
               "28T23:30 29T00:00 29T00:30 29T01:00 29T01:30 29T02:00");
    CHECK_TEXT(read_all(cx, &zone, TIMES_DESCEND,
                        OCTOBER("03:00") " " OCTOBER("02:30") " " OCTOBER("02:00") " " OCTOBER(
                            "02:30") " " OCTOBER("02:00") " " OCTOBER("01:30")),
               "29T02:00 29T01:30 29T01:00 29T00:30 29T00:00 28T23:30");
    /* Each hour. */
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND,
                        OCTOBER("02:00") " " OCTOBER("02:00") " " OCTOBER("03:00")),
               "29T00:00 29T01:00 29T02:00");
    /* A third time. */
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND,
                        OCTOBER("02:00") " " OCTOBER("02:00") " " OCTOBER("02:00")),
               "29T00:00 29T01:00 ?");
    /* Lines in no order. */
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND, OCTOBER("03:00") " " OCTOBER("02:00")),
               "29T02:00 ?");
}

TEST("a time that no clock showed is refused by name")
{
    time_zone zone;
    wall_time wall;
    int64_t us;
    clock_round round;
    time_track track = {0};
    const ix_str text = IX_STR("2023-03-26 02:30");
    skip_without_database();
    CHECK_OK(cx, time_zone_open(cx, "Europe/Berlin", &zone));
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND,
                        "2023-03-26T01:59 2023-03-26T02:00 2023-03-26T02:59 2023-03-26T03:00"),
               "26T00:59 ? ? 26T01:00");
    CHECK_OK(cx, wall_time_read(cx, &(time_format){0}, text, &wall));
    CHECK(!time_zone_read(cx, &zone, &wall, text, TIMES_ASCEND, &track, &us, &round));
    CHECK_TEXT(cx->error.message, "'2023-03-26 02:30' is never shown by the clock of "
                                  "Europe/Berlin, which is put forward then");
    ix_ctx_clear_error(cx);
    /* A day that was left out. */
    CHECK_OK(cx, time_zone_open(cx, "Pacific/Apia", &zone));
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND,
                        "2011-12-29T12:00 2011-12-30T12:00 2011-12-31T12:00"),
               "29T22:00 ? 30T22:00");
}

TEST("the name of a zone says as well, once it is known where")
{
    time_zone zone;
    wall_time wall;
    int64_t us;
    clock_round round;
    time_track track = {0};
    static const struct {
        const char *text;
        int64_t minute; /* of the day in UTC */
    } cases[] = {{"2023-10-29 02:30 CEST", 30},
                 {"2023-10-29 02:30 CET", 90},
                 {"2023-10-29 02:30 EST", -1}};
    skip_without_database();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_OK(cx, time_zone_open(cx, "Europe/Berlin", &zone));
        CHECK_OK(cx, wall_time_read(cx, &(time_format){0}, ix_str_of(cases[i].text), &wall));
        const bool ok = time_zone_read(cx, &zone, &wall, ix_str_of(cases[i].text), TIMES_ASCEND,
                                       &track, &us, &round);
        CHECK_INT(ok ? us / IX_SECOND_US / 60 % INT64_C(1440) : -1, cases[i].minute);
        ix_ctx_clear_error(cx);
    }
    CHECK_OK(cx, time_zone_open(cx, "UTC", &zone));
    CHECK(!time_zone_read(cx, &zone, &wall, IX_STR("EST"), TIMES_ASCEND, &track, &us, &round));
    CHECK(strstr(cx->error.message, "in more than one place: --tz says which"));
}

TEST("offsets are zones, and names that are none are refused")
{
    static const char *const none[] = {"Europe/Berln", "",   "../etc/passwd", "/etc/passwd",
                                       "Europe",       "+1", "+25:00",        "CET-1CEST"};
    time_zone zone;
    CHECK_OK(cx, time_zone_open(cx, "+05:30", &zone));
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND, "2023-01-01T12:00"), "01T06:30");
    CHECK_OK(cx, time_zone_open(cx, "-03", &zone));
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND, "2023-01-01T12:00"), "01T15:00");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CHECK(!time_zone_open(cx, none[i], &zone));
        CHECK_INT(cx->error.code, IOTS_USAGE);
        CHECK(strstr(cx->error.message, "no such time zone"));
        ix_ctx_clear_error(cx);
    }
    CHECK_OK(cx, time_zone_open(cx, "local", &zone));
}

TEST("what lies outside of what can be stored is refused, and so is a leap second that was none")
{
    const time_zone zone = {.name = "UTC", .is_fixed = true};
    CHECK_TEXT(read_all(cx, &zone, TIMES_ASCEND,
                        "2016-12-31T23:59:60Z 2016-12-31T22:59:60Z 0001-01-01T00:00+01:00 "
                        "9999-12-31T23:59:59-01:00"),
               "01T00:00 ? ? ?");
}
