/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <stdlib.h>
#include <time.h>

#include "base/test.h"

static const char *written(ix_ctx *cx, int64_t time_us)
{
    char *text = ix_alloc(cx, IX_TIME_TEXT);
    const int len = ix_time_write(time_us, text);
    CHECK_INT(len, strlen(text));
    return text;
}

/* What was read, written again; "unreadable" if it could not be. */
static const char *read_full(ix_ctx *cx, const char *text)
{
    int64_t time_us;
    return ix_time_parse(ix_str_of(text), &time_us) ? written(cx, time_us) : "unreadable";
}

static const char *read_short(ix_ctx *cx, const char *text)
{
    int64_t time_us;
    return ix_time_parse_short(ix_str_of(text), &time_us) ? written(cx, time_us) : "unreadable";
}

TEST("1970 is zero")
{
    int64_t time_us;
    CHECK(ix_time_parse(IX_STR("1970-01-01T00:00:00Z"), &time_us));
    CHECK(time_us == 0);
    CHECK(ix_time_parse(IX_STR("2025-03-04T05:06:07.089Z"), &time_us));
    CHECK(time_us == INT64_C(1741064767089000));
}

TEST("a fraction is written only if there is one, without zeros at its end")
{
    CHECK_TEXT(written(cx, 0), "1970-01-01T00:00:00Z");
    CHECK_TEXT(written(cx, 89000), "1970-01-01T00:00:00.089Z");
    CHECK_TEXT(written(cx, 100000), "1970-01-01T00:00:00.1Z");
    CHECK_TEXT(written(cx, 1), "1970-01-01T00:00:00.000001Z");
    CHECK_TEXT(written(cx, -1), "1969-12-31T23:59:59.999999Z");
    CHECK_TEXT(written(cx, ix_time_first_us), "0001-01-01T00:00:00Z");
    CHECK_TEXT(written(cx, ix_time_last_us), "9999-12-31T23:59:59.999999Z");
}

TEST("a time beyond the calendar, as a damaged store may have it, is written as its end")
{
    CHECK_TEXT(written(cx, INT64_MIN), "0001-01-01T00:00:00Z");
    CHECK_TEXT(written(cx, INT64_MAX), "9999-12-31T23:59:59.999999Z");
}

TEST("every full form of the contract is read")
{
    static const char *const forms[] = {
        "2025-03-04T05:06:07Z",      "2025-03-04t05:06:07z",           "2025-03-04 05:06:07Z",
        "2025-03-04T05:06:07",       "2025-03-04T05:06:07+00:00",      "2025-03-04T05:06:07+0000",
        "2025-03-04T05:06:07-00:00", "2025-03-04T07:36:07+02:30",      "2025-03-03T23:36:07-0530",
        "2025-03-04T05:06:07.0Z",    "2025-03-04T05:06:07.000000999Z",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        CHECK_TEXT(read_full(cx, forms[i]), "2025-03-04T05:06:07Z");
}

TEST("a fraction is cut to microseconds")
{
    CHECK_TEXT(read_full(cx, "2025-03-04T05:06:07.123456789+01:00"), "2025-03-04T04:06:07.123456Z");
    CHECK_TEXT(read_full(cx, "1969-12-31T23:59:59.9999999Z"), "1969-12-31T23:59:59.999999Z");
    CHECK_TEXT(read_full(cx, "2025-03-04T05:06:07.5"), "2025-03-04T05:06:07.5Z");
}

TEST("a leap second is the first instant of the next day, and nowhere else")
{
    CHECK_TEXT(read_full(cx, "2016-12-31T23:59:60Z"), "2017-01-01T00:00:00Z");
    CHECK_TEXT(read_full(cx, "2016-12-31T18:59:60.5-05:00"), "2017-01-01T00:00:00.5Z");
    CHECK_TEXT(read_full(cx, "2016-12-31T23:58:60Z"), "unreadable");
    CHECK_TEXT(read_full(cx, "2016-12-31T23:59:60+01:00"), "unreadable");
    CHECK_TEXT(read_full(cx, "2016-12-31T23:59:61Z"), "unreadable");
}

TEST("months have their days")
{
    CHECK_TEXT(read_full(cx, "2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
    CHECK_TEXT(read_full(cx, "2000-02-29T00:00:00Z"), "2000-02-29T00:00:00Z");
    CHECK_TEXT(read_full(cx, "2023-02-29T00:00:00Z"), "unreadable");
    CHECK_TEXT(read_full(cx, "1900-02-29T00:00:00Z"), "unreadable");
    CHECK_TEXT(read_full(cx, "2025-04-31T00:00:00Z"), "unreadable");
    CHECK_TEXT(read_full(cx, "2025-00-10T00:00:00Z"), "unreadable");
    CHECK_TEXT(read_full(cx, "2025-13-10T00:00:00Z"), "unreadable");
    CHECK_TEXT(read_full(cx, "2025-01-00T00:00:00Z"), "unreadable");
}

TEST("what is not a time is refused")
{
    static const char *const others[] = {
        "",
        "now",
        "2025",
        "2025-03-15",
        "2025-03-15T10:20",
        "2025-03-15T10:20Z",
        "25-03-04T05:06:07Z",
        "2025-3-4T05:06:07Z",
        "2025-03-04T24:00:00Z",
        "2025-03-04T05:60:07Z",
        "2025-03-04T05:06:07.Z",
        "2025-03-04T05:06:07.1234567890Z",
        "2025-03-04T05:06:07,5Z",
        "2025-03-04T05:06:07 Z",
        "2025-03-04T05:06:07ZZ",
        "2025-03-04T05:06:07+1:00",
        "2025-03-04T05:06:07+24:00",
        "2025-03-04T05:06:07+01:60",
        "2025-03-04T05:06:07+01",
        "2025-03-04T05:06:07+01:",
        " 2025-03-04T05:06:07Z",
        "2025-03-04T05:06:07Z ",
        "2025-03-04  05:06:07Z",
        "+2025-03-04T05:06:07Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:60Z",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK_TEXT(read_full(cx, others[i]), "unreadable");
    int64_t time_us;
    CHECK(!ix_time_parse((ix_str){"2025-03-04\0"
                                  "05:06:07Z",
                                  20},
                         &time_us));
    CHECK(!ix_time_parse((ix_str){NULL, 0}, &time_us));
}

TEST("short forms stand for their first instant")
{
    CHECK_TEXT(read_short(cx, "2025"), "2025-01-01T00:00:00Z");
    CHECK_TEXT(read_short(cx, "2025-03"), "2025-03-01T00:00:00Z");
    CHECK_TEXT(read_short(cx, "2025-03-15"), "2025-03-15T00:00:00Z");
    CHECK_TEXT(read_short(cx, "2025-03-15T10:20"), "2025-03-15T10:20:00Z");
    CHECK_TEXT(read_short(cx, "2025-03-15 10:20+01:00"), "2025-03-15T09:20:00Z");
    CHECK_TEXT(read_short(cx, "2025-03-15T10:20:30.5Z"), "2025-03-15T10:20:30.5Z");
}

TEST("what is not a short form is refused")
{
    static const char *const others[] = {"",           "202",         "20255",
                                         "2025-",      "2025-3",      "2025-03-",
                                         "2025-02-30", "2025-03-15T", "2025Z",
                                         "2025-03Z",   "0000",        "2025-03-15T10",
                                         "2025-W01",   "2025-03-15Z", "2025-03-15T10:"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK_TEXT(read_short(cx, others[i]), "unreadable");
}

TEST("our calendar is the C library's, on every day of ten thousand years")
{
    for (int64_t s = ix_time_first_us / IX_SECOND_US; s < ix_time_last_us / IX_SECOND_US;
         s += 86400 + 3607 * 5) {
        const time_t clock = (time_t)s;
        struct tm tm;
        char want[64], got[IX_TIME_TEXT];
        gmtime_r(&clock, &tm);
        snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        ix_time_write(s * IX_SECOND_US, got);
        CHECK_TEXT(got, want);
        int64_t back_us;
        CHECK(ix_time_parse(ix_str_of(got), &back_us));
        CHECK(back_us == s * IX_SECOND_US);
    }
}

TEST("the zone of the machine makes no difference")
{
    setenv("TZ", "America/New_York", 1);
    tzset();
    CHECK_TEXT(read_full(cx, "2025-03-04T05:06:07"), "2025-03-04T05:06:07Z");
    unsetenv("TZ");
    tzset();
}

TEST("clocks go on")
{
    const int64_t before_us = ix_monotonic_us();
    CHECK(ix_monotonic_us() >= before_us);
    CHECK(ix_now_us() > INT64_C(1700000000) * IX_SECOND_US);
}

TEST("days are counted from 1970, and a date that is not in the calendar is none")
{
    int64_t days;
    CHECK(ix_date_days(1970, 1, 1, &days) && days == 0);
    CHECK(ix_date_days(1969, 12, 31, &days) && days == -1);
    CHECK(ix_date_days(2024, 2, 29, &days) && days == 19782);
    CHECK(ix_date_days(1, 1, 1, &days) && days == -719162);
    CHECK(!ix_date_days(2023, 2, 29, &days) && !ix_date_days(2024, 13, 1, &days) &&
          !ix_date_days(2024, 0, 1, &days) && !ix_date_days(0, 1, 1, &days) &&
          !ix_date_days(10000, 1, 1, &days) && !ix_date_days(2024, 4, 31, &days));
}

TEST("a duration is a number with a unit, or one of ISO 8601")
{
    static const struct {
        const char *text;
        int64_t seconds; /* 0: none */
    } cases[] = {
        {"90d", 90 * 86400},
        {"12h", 43200},
        {"30m", 1800},
        {"45s", 45},
        {"2w", 1209600},
        {"P90D", 7776000},
        {"PT12H", 43200},
        {"P1DT30M", 88200},
        {"P1W", 604800},
        {"PT90S", 90},
        {"36500d", INT64_C(36500) * 86400},
        {"36501d", 0},
        {"0d", 0},
        {"", 0},
        {"d", 0},
        {"5", 0},
        {"5x", 0},
        {"-5d", 0},
        {"1d2h", 0},
        {"P", 0},
        {"PT", 0},
        {"P1M", 0},
        {"P1Y", 0},
        {"P1H", 0},
        {"PT1H1D", 0},
        {"PT1S1H", 0},
        {"P1D T1H", 0},
        {"999999999999w", 0},
        {"9999999999999999999999d", 0},
        {"1.5h", 0},
        {" 1h", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t us = 0;
        print_message("%s\n", cases[i].text);
        CHECK(ix_duration_parse(ix_str_of(cases[i].text), &us) == (cases[i].seconds > 0));
        CHECK_INT(us, cases[i].seconds * IX_SECOND_US);
    }
}
