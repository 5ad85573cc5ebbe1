/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calendar arithmetic of our own: the C library's is slow, and depends on TZ. The year is taken to
 * begin in March, so that the leap day comes last and the lengths of months follow one formula.
 */
#include "base/time.h"

#include <string.h>
#include <time.h>

#define DAY_S INT64_C(86400)

const int64_t ix_time_first_us = INT64_C(-62135596800) * 1000000;
const int64_t ix_time_last_us = INT64_C(253402300799) * 1000000 + 999999;

static int64_t clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * IX_SECOND_US + now.tv_nsec / 1000;
}

int64_t ix_now_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

int64_t ix_monotonic_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t ix_uptime_us(void)
{
    return clock_us(CLOCK_BOOTTIME);
}

/* Days from 1970-01-01 to a date of the years 1 to 9999. */
static int64_t days_of(int year, int month, int day)
{
    if (month <= 2)
        year--;
    const int era = year / 400; /* 400 years always have 146097 days */
    const int year_of_era = year - era * 400;
    const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * 146097 + day_of_era - 719468;
}

static void date_of(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    const int era = (int)(days / 146097);
    const int day_of_era = (int)(days % 146097);
    const int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int march_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = era * 400 + year_of_era + (*month <= 2);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : days[month - 1];
}

bool ix_date_days(int year, int month, int day, int64_t *ret_days)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return false;
    *ret_days = days_of(year, month, day);
    return true;
}

/* ---- text in ---- */

/* Exactly `n` digits, taken off the front of `text`. */
static bool take_digits(ix_str *text, size_t n, int *ret)
{
    if (text->len < n)
        return false;
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        value = value * 10 + (text->at[i] - '0');
    }
    text->at += n;
    text->len -= n;
    *ret = value;
    return true;
}

static bool take_range(ix_str *text, int least, int most, int *ret)
{
    return take_digits(text, 2, ret) && *ret >= least && *ret <= most;
}

static bool take_char(ix_str *text, const char *any_of)
{
    if (text->len == 0 || text->at[0] == '\0' || !strchr(any_of, text->at[0]))
        return false;
    text->at++;
    text->len--;
    return true;
}

/* One to nine digits of a second, cut to microseconds. */
static bool take_fraction(ix_str *text, int *us)
{
    int value = 0;
    size_t n = 0;
    for (int digit; n < 9 && take_digits(text, 1, &digit); n++)
        if (n < 6)
            value = value * 10 + digit;
    for (size_t i = n; i < 6; i++)
        value *= 10;
    *us = value;
    return n > 0;
}

/* Z, +hh:mm, +hhmm or nothing, which is UTC; and then the end. */
static bool take_zone(ix_str *text, int *offset_s)
{
    *offset_s = 0;
    if (text->len == 0)
        return true;
    if (take_char(text, "Zz"))
        return text->len == 0;
    const bool is_west = text->at[0] == '-';
    int hours, minutes;
    if (!take_char(text, "+-") || !take_range(text, 0, 23, &hours))
        return false;
    take_char(text, ":");
    if (!take_range(text, 0, 59, &minutes) || text->len > 0)
        return false;
    *offset_s = (hours * 60 + minutes) * 60;
    if (is_west)
        *offset_s = -*offset_s;
    return true;
}

typedef struct timestamp {
    int year, month, day, hour, minute, second, us, offset_s;
} timestamp;

/* A leap second is the first instant of the day that follows it: we count none. It is believed only
 * where it can be, at the end of a day of UTC. */
static bool timestamp_us(const timestamp *m, int64_t *ret_us)
{
    if (m->day > days_in_month(m->year, m->month))
        return false;
    const int second_of_day = (m->hour * 60 + m->minute) * 60 + m->second;
    const int64_t time_s = days_of(m->year, m->month, m->day) * DAY_S + second_of_day - m->offset_s;
    if (m->second == 60 && time_s % DAY_S != 0)
        return false;
    const int64_t time_us = time_s * IX_SECOND_US + m->us;
    if (time_us < ix_time_first_us || time_us > ix_time_last_us)
        return false;
    *ret_us = time_us;
    return true;
}

/* The part from the hour on. */
static bool take_clock(ix_str *text, bool may_be_short, timestamp *m)
{
    if (!take_range(text, 0, 23, &m->hour) || !take_char(text, ":") ||
        !take_range(text, 0, 59, &m->minute))
        return false;
    if (!take_char(text, ":"))
        return may_be_short && take_zone(text, &m->offset_s);
    if (!take_range(text, 0, 60, &m->second))
        return false;
    if (take_char(text, ".") && !take_fraction(text, &m->us))
        return false;
    return take_zone(text, &m->offset_s);
}

static bool time_parse(ix_str text, bool may_be_short, int64_t *ret_us)
{
    timestamp m = {.month = 1, .day = 1};
    if (!take_digits(&text, 4, &m.year) || m.year == 0)
        return false;
    if (text.len == 0)
        return may_be_short && timestamp_us(&m, ret_us);
    if (!take_char(&text, "-") || !take_range(&text, 1, 12, &m.month))
        return false;
    if (text.len == 0)
        return may_be_short && timestamp_us(&m, ret_us);
    if (!take_char(&text, "-") || !take_range(&text, 1, 31, &m.day))
        return false;
    if (text.len == 0)
        return may_be_short && timestamp_us(&m, ret_us);
    return take_char(&text, "Tt ") && take_clock(&text, may_be_short, &m) &&
           timestamp_us(&m, ret_us);
}

bool ix_time_parse(ix_str text, int64_t *ret_us)
{
    return time_parse(text, false, ret_us);
}

bool ix_time_parse_short(ix_str text, int64_t *ret_us)
{
    return time_parse(text, true, ret_us);
}

/* ---- text out ---- */

static char *put_two(char *out, int value)
{
    out[0] = (char)('0' + value / 10 % 10);
    out[1] = (char)('0' + value % 10);
    return out + 2;
}

int ix_time_write(int64_t time_us, char out[IX_TIME_TEXT])
{
    if (time_us < ix_time_first_us)
        time_us = ix_time_first_us;
    if (time_us > ix_time_last_us)
        time_us = ix_time_last_us;
    const int64_t since_us = time_us - ix_time_first_us; /* never negative: / and % round down */
    const int64_t since_s = since_us / IX_SECOND_US;
    const int second = (int)(since_s % DAY_S);
    int us = (int)(since_us % IX_SECOND_US);
    int year, month, day;
    date_of(since_s / DAY_S + ix_time_first_us / IX_SECOND_US / DAY_S, &year, &month, &day);

    char *at = put_two(out, year / 100);
    at = put_two(at, year % 100);
    *at++ = '-';
    at = put_two(at, month);
    *at++ = '-';
    at = put_two(at, day);
    *at++ = 'T';
    at = put_two(at, second / 3600);
    *at++ = ':';
    at = put_two(at, second / 60 % 60);
    *at++ = ':';
    at = put_two(at, second % 60);
    if (us > 0)
        *at++ = '.';
    for (int unit = 100000; us > 0; unit /= 10) {
        *at++ = (char)('0' + us / unit);
        us %= unit;
    }
    *at++ = 'Z';
    *at = '\0';
    return (int)(at - out);
}

void ix_buf_time(ix_buf *buf, int64_t time_us)
{
    char text[IX_TIME_TEXT];
    const int len = ix_time_write(time_us, text);
    ix_buf_add(buf, text, (size_t)len);
}

/* ---- durations ---- */

enum { DURATION_DAYS_MAX = 36500, DURATION_DIGITS_MAX = 12 };

typedef struct duration_unit {
    char letter;
    int64_t seconds;
} duration_unit;

// clang-format off
static const duration_unit short_units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}, {0, 0}};
static const duration_unit date_units[] = {{'W', 604800}, {'D', 86400}, {0, 0}};
static const duration_unit clock_units[] = {{'H', 3600}, {'M', 60}, {'S', 1}, {0, 0}};
// clang-format on

/* Takes a number and its unit off the front. *units goes on behind the unit, because they come in order. */
static bool take_part(ix_str *text, const duration_unit **units, int64_t *seconds)
{
    int64_t number = 0;
    size_t digits = 0;
    for (; digits < text->len && text->at[digits] >= '0' && text->at[digits] <= '9'; digits++)
        number = digits < DURATION_DIGITS_MAX ? number * 10 + (text->at[digits] - '0') : number;
    if (digits == 0 || digits > DURATION_DIGITS_MAX || digits == text->len)
        return false;
    const char letter = text->at[digits];
    const duration_unit *unit = *units;
    while (unit->letter && unit->letter != letter)
        unit++;
    if (!unit->letter)
        return false;
    *seconds += number * unit->seconds;
    *units = unit + 1;
    *text = (ix_str){text->at + digits + 1, text->len - digits - 1};
    return true;
}

static bool iso_parse(ix_str text, int64_t *seconds)
{
    const duration_unit *units = date_units;
    while (text.len && text.at[0] != 'T') {
        if (!take_part(&text, &units, seconds))
            return false;
    }
    if (!text.len)
        return true;
    text = (ix_str){text.at + 1, text.len - 1};
    units = clock_units;
    do {
        if (!take_part(&text, &units, seconds))
            return false;
    } while (text.len);
    return true;
}

bool ix_duration_parse(ix_str text, int64_t *ret_us)
{
    const duration_unit *units = short_units;
    int64_t seconds = 0;
    const bool ok = text.len && text.at[0] == 'P'
                        ? iso_parse((ix_str){text.at + 1, text.len - 1}, &seconds)
                        : take_part(&text, &units, &seconds) && !text.len;
    if (!ok || seconds <= 0 || seconds > (int64_t)DURATION_DAYS_MAX * 86400)
        return false;
    *ret_us = seconds * IX_SECOND_US;
    return true;
}

bool ix_duration_is_valid(ix_str text)
{
    int64_t us;
    return ix_duration_parse(text, &us);
}
