/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/wall_time.h"

#include "base/test.h"
#include "base/time.h"

/* A text, read: the time on the clock, with the offset or name of its zone, or what is wrong. */
static const char *read_as(ix_ctx *cx, const time_format *format, const char *text)
{
    wall_time wall;
    if (!wall_time_read(cx, format, ix_str_of(text), &wall)) {
        CHECK_INT(cx->error.code, IOTS_INVALID);
        const char *message = ix_strdup(cx, cx->error.message);
        ix_ctx_clear_error(cx);
        return message;
    }
    char at[IX_TIME_TEXT];
    const int len = ix_time_write(wall.us, at);
    at[len - 1] = '\0'; /* Z */
    if (!wall.has_offset)
        return ix_format(cx, "%s%s%s", at, *wall.zone_name ? " " : "", wall.zone_name);
    return ix_format(cx, "%s%+d", at, wall.offset_s);
}

static const char *recognised(ix_ctx *cx, const char *text)
{
    return read_as(cx, &(time_format){0}, text);
}

static const char *by(ix_ctx *cx, const char *pattern, const char *text)
{
    time_format format;
    CHECK_OK(cx, time_format_parse(cx, pattern, &format));
    return read_as(cx, &format, text);
}

TEST("times as databases, loggers and spreadsheets write them are recognised")
{
    // clang-format off
    static const struct { const char *text, *is; } cases[] = {
        {"2024-01-01T00:00:00Z", "2024-01-01T00:00:00+0"},
        {"2024-01-01 00:00:00", "2024-01-01T00:00:00"},
        {"2024-01-01", "2024-01-01T00:00:00"},
        {"2024-01-01T00:00:00,5", "2024-01-01T00:00:00.5"},
        {"2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00.123456+0"},
        {"2024-01-01 00:00:00.5+00", "2024-01-01T00:00:00.5+0"},      /* PostgreSQL */
        {"2024-01-01 01:00:00+05:30", "2024-01-01T01:00:00+19800"},
        {"1890-01-01 00:00:00+00:53:28", "1890-01-01T00:00:00+3208"},
        {"2024-01-01 01:00:00 +0100", "2024-01-01T01:00:00+3600"},
        {"2024-01-01 01:00:00 -03", "2024-01-01T01:00:00-10800"},
        {"2024-01-01 01:00:00 UTC", "2024-01-01T01:00:00+0"},
        {"2024-01-01 01:00 GMT+1", "2024-01-01T01:00:00+3600"},
        {"2024-01-01 01:00:00 CET", "2024-01-01T01:00:00 CET"},
        {"2024-01-01T01:00+01:00[Europe/Berlin]", "2024-01-01T01:00:00+3600"},
        {"20240101T010203Z", "2024-01-01T01:02:03+0"},
        {"2024/1/2 3:04", "2024-01-02T03:04:00"},
        {"31.12.2025 14:05", "2025-12-31T14:05:00"},
        {"1.2.25", "2025-02-01T00:00:00"},
        {"31.12.69", "1969-12-31T00:00:00"},
        {"01.01.2024, 00:00:01", "2024-01-01T00:00:01"},
        {"1/1/2024 12:00 AM", "2024-01-01T00:00:00"},
        {"1/1/2024 12:00 PM", "2024-01-01T12:00:00"},
        {"05/14/14 01:00:00 PM", "2014-05-14T13:00:00"},
        {"14/05/2014 1:00:00 p.m.", "2014-05-14T13:00:00"},
        {"01-Jan-2024 10:00", "2024-01-01T10:00:00"},
        {"1 January 2024", "2024-01-01T00:00:00"},
        {"Jan 2, 2024, 3:04:05 PM", "2024-01-02T15:04:05"},
        {"Mon, 01 Jan 2024 00:00:00 GMT", "2024-01-01T00:00:00+0"},
        {"2024-01-01 24:00", "2024-01-02T00:00:00"},
        {" 2024-01-01 ", "2024-01-01T00:00:00"},
        {"1704067200", "2024-01-01T00:00:00+0"},
        {"1704067200.25", "2024-01-01T00:00:00.25+0"},
        {"1704067200123", "2024-01-01T00:00:00.123+0"},
        {"1704067200123456", "2024-01-01T00:00:00.123456+0"},
        {"1704067200123456789", "2024-01-01T00:00:00.123456+0"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(recognised(cx, cases[i].text), cases[i].is);
}

TEST("what is not a time is refused, and so is a date that is not in the calendar")
{
    static const char *const cases[] = {"",
                                        "soon",
                                        "2024",
                                        "2024-13-01",
                                        "2024-02-30",
                                        "31.11.2024",
                                        "13/13/2024",
                                        "2024-01-01T",
                                        "25:00",
                                        "2024-01-01 25:00",
                                        "00:10:00",
                                        "1/1/2024 13 X",
                                        "1/1/2024 13:00 PM",
                                        "2024-01-01 24:01",
                                        "1.2.345",
                                        "2024-1-01-1",
                                        "0000-01-01",
                                        "1 1 2024",
                                        "2024-01-01 00:00:00+1"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wall_time wall;
        if (wall_time_read(cx, &(time_format){0}, ix_str_of(cases[i]), &wall))
            print_error("%s\n", cases[i]);
        CHECK(ix_failed(cx));
        ix_ctx_clear_error(cx);
    }
    CHECK_TEXT(recognised(cx, "soon"),
               "'soon' is not a time that is recognised; --time-format says how it is written: "
               "'%d.%m.%Y %H:%M', epoch, excel, ...");
}

TEST("a date that may be two is refused, and the advice reads it")
{
    CHECK_TEXT(recognised(cx, "3/4/2024 5:06:07.8 PM"),
               "'3/4/2024 5:06:07.8 PM' may be day 3 of month 4 or day 4 of month 3; say which: "
               "--time-format '%d/%m/%Y %I:%M:%S.%f %p' or '%m/%d/%Y %I:%M:%S.%f %p'");
    CHECK_TEXT(by(cx, "%d/%m/%Y %I:%M:%S.%f %p", "3/4/2024 5:06:07.8 PM"), "2024-04-03T17:06:07.8");
    CHECK_TEXT(by(cx, "%m/%d/%Y %I:%M:%S.%f %p", "3/4/2024 5:06:07.8 PM"), "2024-03-04T17:06:07.8");
    CHECK_TEXT(recognised(cx, "03-04-24"),
               "'03-04-24' may be day 3 of month 4 or day 4 of month 3; say which: --time-format "
               "'%d-%m-%y' or '%m-%d-%y'");
    CHECK_TEXT(recognised(cx, "20240101"),
               "'20240101' may be a date or a number of seconds or days; say which: --time-format "
               "'%Y%m%d', epoch, epoch_ms or excel");
    const time_format day = {.day_order = DAY_FIRST}, month = {.day_order = MONTH_FIRST};
    CHECK_TEXT(read_as(cx, &day, "3/4/2024"), "2024-04-03T00:00:00");
    CHECK_TEXT(read_as(cx, &month, "3/4/2024"), "2024-03-04T00:00:00");
    CHECK(strstr(read_as(cx, &month, "13/4/2024"), "is not a time"));
}

TEST("some dates prove which number is the day")
{
    CHECK_INT(day_order_of(IX_STR("13/4/2024 10:00")), DAY_FIRST);
    CHECK_INT(day_order_of(IX_STR(" 4/13/2024")), MONTH_FIRST);
    CHECK_INT(day_order_of(IX_STR("4-13-24")), MONTH_FIRST);
    CHECK_INT(day_order_of(IX_STR("4/4/2024")), DAY_ORDER_UNKNOWN);
    CHECK_INT(day_order_of(IX_STR("3/4/2024")), DAY_ORDER_UNKNOWN);
    CHECK_INT(day_order_of(IX_STR("13.4.2024")), DAY_ORDER_UNKNOWN);
    CHECK_INT(day_order_of(IX_STR("2024-04-13")), DAY_ORDER_UNKNOWN);
    CHECK_INT(day_order_of(IX_STR("soon")), DAY_ORDER_UNKNOWN);
}

TEST("a pattern says how times are written, and a number what it counts")
{
    // clang-format off
    static const struct { const char *pattern, *text, *is; } cases[] = {
        {"%d.%m.%Y %H:%M", "31.12.2025 14:05", "2025-12-31T14:05:00"},
        {"%m/%d/%y %I:%M:%S %p", "05/14/14 12:00:00 AM", "2014-05-14T00:00:00"},
        {"%Y%m%d%H%M%S", "20250304050607", "2025-03-04T05:06:07"},
        {"%Y-%j %T.%f", "2024-366 01:02:03.25", "2024-12-31T01:02:03.25"},
        {"%Y-%j", "2023-366", "'2023-366' is not a time of the form '%Y-%j'"},
        {"%d %b %Y", "4 March 2025", "2025-03-04T00:00:00"},
        {"%A, %e %B %Y %R", "Tuesday,  4 Mar 2025 05:06", "2025-03-04T05:06:00"},
        {"%F %T%z", "2025-03-04 05:06:07+01", "2025-03-04T05:06:07+3600"},
        {"%F %T %Z", "2025-03-04 05:06:07 CEST", "2025-03-04T05:06:07 CEST"},
        {"%D", "12/31/25", "2025-12-31T00:00:00"},
        {"%s", "0", "1970-01-01T00:00:00+0"},
        {"%d.%m.%Y", "31.12.2025 14:05", "'31.12.2025 14:05' is not a time of the form '%d.%m.%Y'"},
        {"%d.%m.%Y", "31.02.2025", "'31.02.2025' is not a time of the form '%d.%m.%Y'"},
        {"100%% %F", "100% 2025-03-04", "2025-03-04T00:00:00"},
        {"epoch", "0", "1970-01-01T00:00:00+0"},
        {"epoch", "-1.5", "1969-12-31T23:59:58.5+0"},
        {"epoch", "1704067200.123456", "2024-01-01T00:00:00.123456+0"},
        {"epoch_ms", "1", "1970-01-01T00:00:00.001+0"},
        {"epoch_ms", "1.5", "1970-01-01T00:00:00.0015+0"},
        {"epoch_us", "1704067200123456", "2024-01-01T00:00:00.123456+0"},
        {"epoch_ns", "1704067200123456789", "2024-01-01T00:00:00.123456+0"},
        {"epoch", "99999999999999999999", "'99999999999999999999' is not a number of time units since 1970"},
        {"epoch", "9223372036854775807", "'9223372036854775807' is not a number of time units since 1970"},
        {"epoch", "x", "'x' is not a number of time units since 1970"},
        {"excel", "25569", "1970-01-01T00:00:00"},
        {"excel", "45292.5", "2024-01-01T12:00:00"},
        {"excel", "45292,506944444444", "2024-01-01T12:10:00"},
        {"excel", "61", "1900-03-01T00:00:00"},
        {"excel", "60", "'60' is a day before March 1900"},
        {"excel", "-1", "'-1' is not a number of days"},
        {"excel_1904", "0", "1904-01-01T00:00:00"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(by(cx, cases[i].pattern, cases[i].text), cases[i].is);
}

TEST("a pattern that cannot give a time is refused before anything is read")
{
    // clang-format off
    static const struct { const char *pattern, *sentence; } cases[] = {
        {"%H:%M", "lacks the year, month or day; several columns are joined by blanks"},
        {"%Y-%m", "lacks the year, month or day"},
        {"%d.%m.%Y %I:%M", "%I needs %p"},
        {"%Q", "'%Q' is not known"},
        {"%", "is not known"},
        {"iso", "expected a pattern such as"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        time_format format;
        CHECK(!time_format_parse(cx, cases[i].pattern, &format));
        CHECK_INT(cx->error.code, IOTS_USAGE);
        CHECK(strstr(cx->error.message, cases[i].sentence));
        ix_ctx_clear_error(cx);
    }
}
