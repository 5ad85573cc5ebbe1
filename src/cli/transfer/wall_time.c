/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/wall_time.h"

#include <ctype.h>
#include <math.h>
#include <strings.h>

#include "base/buf.h"
#include "base/time.h"

enum {
    NS_PER_US = 1000,
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400,
    FRACTION_DIGITS = 9,
    SHOWN_MAX = 60, /* bytes of a text in a message */
};

/* What is left of a text. */
typedef struct scan {
    const char *at, *end;
} scan;

/* A text that is absent (at == NULL) is an empty one. */
static scan scan_of(ix_str text)
{
    const char *at = text.at ? text.at : "";
    return (scan){at, at + text.len};
}

/* What was read of a time. */
typedef struct parts {
    int year, month, day, day_of_year;
    int hour, minute, second, us;
    bool has_clock, is_12_hours, is_pm;
    bool has_epoch;
    int64_t epoch_s;
    bool has_offset;
    int offset_s;
    char zone_name[12];

    /* How it was written, for advice. */
    char separator;
    bool has_short_year, has_seconds, has_fraction;
    bool is_ambiguous; /* the day may be the month */
} parts;

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const weekdays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};

/* ---- scanning ---- */

static bool is_over(const scan *scan)
{
    return scan->at == scan->end;
}

static char next_char(const scan *scan)
{
    if (is_over(scan))
        return '\0';
    return *scan->at;
}

static bool take_char(scan *scan, char c)
{
    if (next_char(scan) != c || c == '\0')
        return false;
    scan->at++;
    return true;
}

static bool take_any(scan *scan, const char *any_of, char *ret)
{
    const char c = next_char(scan);
    if (c == '\0' || !strchr(any_of, c))
        return false;
    *ret = c;
    scan->at++;
    return true;
}

static void skip_blanks(scan *scan)
{
    while (take_char(scan, ' ') || take_char(scan, '\t'))
        continue;
}

static bool at_digit(const scan *scan)
{
    return isdigit((unsigned char)next_char(scan)) != 0;
}

static bool at_letter(const scan *scan)
{
    return isalpha((unsigned char)next_char(scan)) != 0;
}

/* From `least` to `most` digits; how many, or 0. */
static int take_digits(scan *scan, int least, int most, int64_t *ret)
{
    const char *begin = scan->at;
    int64_t value = 0;
    int count = 0;
    for (; count < most && at_digit(scan); count++)
        value = value * 10 + (*scan->at++ - '0');
    if (count < least) {
        scan->at = begin;
        return 0;
    }
    *ret = value;
    return count;
}

static bool take_number(scan *scan, int digits, int least, int most, int *ret)
{
    int64_t value;
    if (!take_digits(scan, 1, digits, &value) || value < least || value > most)
        return false;
    *ret = (int)value;
    return true;
}

/* Exactly two digits. */
static bool take_two(scan *scan, int least, int most, int *ret)
{
    int64_t value;
    if (!take_digits(scan, 2, 2, &value) || value < least || value > most)
        return false;
    *ret = (int)value;
    return true;
}

/* The rest of a word's letters, or all of it; false, and nothing taken, if it is not that word. At
 * least three letters of a name stand for it. */
static bool take_name(scan *scan, const char *const *names, int count, int *ret)
{
    enum { LEAST = 3 };
    const char *end = scan->at;
    while (end < scan->end && isalpha((unsigned char)*end))
        end++;
    const size_t len = (size_t)(end - scan->at);
    for (int i = 0; len >= LEAST && i < count; i++) {
        if (strncasecmp(scan->at, names[i], len) != 0 || len > strlen(names[i]))
            continue;
        *ret = i;
        scan->at = end;
        return true;
    }
    return false;
}

static bool take_month(scan *scan, int *ret)
{
    int month;
    if (!take_name(scan, months, 12, &month))
        return false;
    *ret = month + 1;
    return true;
}

/* Digits after the point, cut to microseconds. */
static bool take_fraction(scan *scan, int *ret_us)
{
    int64_t value;
    int digits = take_digits(scan, 1, FRACTION_DIGITS, &value);
    if (digits == 0 || at_digit(scan))
        return false;
    for (; digits < 6; digits++)
        value *= 10;
    for (; digits > 6; digits--)
        value /= 10;
    *ret_us = (int)value;
    return true;
}

/* Four digits, or the last two of a year from 1969 to 2068, as POSIX has it. */
static bool take_year(scan *scan, parts *parts)
{
    int64_t value;
    const int digits = take_digits(scan, 2, 4, &value);
    if (digits == 3 || digits == 0 || at_digit(scan))
        return false;
    parts->has_short_year = digits == 2;
    parts->year = (int)value;
    if (digits == 2)
        parts->year += value < 69 ? 2000 : 1900;
    return true;
}

/* AM or PM, also a.m. and p.m. */
static bool take_half_day(scan *scan, parts *parts)
{
    char half;
    if (!take_any(scan, "AaPp", &half))
        return false;
    take_char(scan, '.');
    char m;
    if (!take_any(scan, "Mm", &m))
        return false;
    take_char(scan, '.');
    parts->is_12_hours = true;
    parts->is_pm = half == 'P' || half == 'p';
    return !at_letter(scan);
}

/* +01, +0100, +01:00, +01:00:00; a single digit where UTC or GMT stands before it. */
static bool take_offset(scan *scan, bool is_lenient, parts *parts)
{
    char sign;
    int hours, minutes = 0, seconds = 0;
    if (!take_any(scan, "+-", &sign))
        return false;
    if (!take_two(scan, 0, 23, &hours) && !(is_lenient && take_number(scan, 1, 0, 9, &hours)))
        return false;
    const bool has_colon = take_char(scan, ':');
    if ((has_colon || at_digit(scan)) && !take_two(scan, 0, 59, &minutes))
        return false;
    if (has_colon && take_char(scan, ':') && !take_two(scan, 0, 59, &seconds))
        return false;
    const int offset_s = hours * HOUR_S + minutes * MINUTE_S + seconds;
    parts->offset_s = sign == '-' ? -offset_s : offset_s;
    parts->has_offset = true;
    return true;
}

/* The name of a zone. That of UTC is known; others are for who knows the zone that is meant. */
static bool take_zone_name(scan *scan, parts *parts)
{
    static const char *const utc[] = {"Z", "UTC", "GMT", "UT"};
    size_t len = 0;
    while (at_letter(scan) && len + 1 < sizeof parts->zone_name)
        parts->zone_name[len++] = *scan->at++;
    parts->zone_name[len] = '\0';
    for (size_t i = 0; i < sizeof utc / sizeof utc[0]; i++) {
        if (strcasecmp(parts->zone_name, utc[i]) != 0)
            continue;
        parts->zone_name[0] = '\0';
        parts->has_offset = true;
        return i == 0 || !next_char(scan) || !strchr("+-", next_char(scan)) ||
               take_offset(scan, true, parts);
    }
    return len > 0 && !at_letter(scan);
}

/* ---- what was read ---- */

static const char *shown(ix_ctx *cx, ix_str text)
{
    const char *cut =
        ix_format(cx, "%.*s", (int)(text.len > SHOWN_MAX ? SHOWN_MAX : text.len), text.at);
    return cut ? cut : "";
}

/* Puts the parts together. False if there is no such date or time. */
static bool parts_join(parts *parts, wall_time *ret)
{
    int64_t day;
    *ret = (wall_time){.has_offset = parts->has_offset, .offset_s = parts->offset_s};
    memcpy(ret->zone_name, parts->zone_name, sizeof ret->zone_name);
    if (parts->has_epoch) {
        ret->us = parts->epoch_s * IX_SECOND_US + parts->us;
        ret->has_offset = true;
        ret->offset_s = 0;
        return true;
    }
    if (parts->day_of_year > 0) {
        int64_t next;
        if (!ix_date_days(parts->year, 1, 1, &day) ||
            (parts->day_of_year == 366 &&
             (!ix_date_days(parts->year, 12, 31, &next) || next - day != 365)))
            return false;
        day += parts->day_of_year - 1;
    } else if (!ix_date_days(parts->year, parts->month, parts->day, &day)) {
        return false;
    }
    int hour = parts->hour;
    if (parts->is_12_hours) {
        if (hour < 1 || hour > 12)
            return false;
        hour = hour % 12 + (parts->is_pm ? 12 : 0);
    }
    if (hour == 24 && (parts->minute || parts->second || parts->us))
        return false;
    ret->is_leap = parts->second == 60;
    ret->is_date = !parts->has_clock;
    const int second_of_day = hour * HOUR_S + parts->minute * MINUTE_S + parts->second;
    ret->us = (day * DAY_S + second_of_day) * IX_SECOND_US + parts->us;
    return true;
}

/* ---- recognised times ---- */

/* 2025-03-04, 2025/3/4, 2025.03.04, 20250304 before a T. */
static bool year_first_read(scan *scan, int64_t number, int digits, parts *parts)
{
    char separator;
    if (digits == 8 && (next_char(scan) == 'T' || next_char(scan) == 't')) {
        parts->year = (int)(number / 10000);
        parts->month = (int)(number / 100 % 100);
        parts->day = (int)(number % 100);
        return true;
    }
    parts->year = (int)number;
    return digits == 4 && take_any(scan, "-/.", &separator) &&
           take_number(scan, 2, 1, 12, &parts->month) && take_char(scan, separator) &&
           take_number(scan, 2, 1, 31, &parts->day) && !at_digit(scan);
}

/* The rest of 4.3.2025, 4/3/25, 4-Mar-2025, 4 March 2025. */
static bool year_last_read(scan *scan, int first, day_order order, parts *parts)
{
    int second;
    if (!take_any(scan, "./- ", &parts->separator))
        return false;
    skip_blanks(scan);
    if (at_letter(scan)) {
        parts->day = first;
        if (!take_month(scan, &parts->month))
            return false;
        take_char(scan, '.');
        take_char(scan, ',');
        if (!take_char(scan, parts->separator) || parts->separator == ' ')
            skip_blanks(scan);
        return take_year(scan, parts);
    }
    if (!take_number(scan, 2, 1, 31, &second) || !take_char(scan, parts->separator) ||
        !take_year(scan, parts))
        return false;
    if (parts->separator == '.' || (order == DAY_ORDER_UNKNOWN && first > 12))
        order = DAY_FIRST;
    else if (order == DAY_ORDER_UNKNOWN && second > 12)
        order = MONTH_FIRST;
    parts->is_ambiguous = order == DAY_ORDER_UNKNOWN && first != second;
    parts->day = order == MONTH_FIRST ? second : first;
    parts->month = order == MONTH_FIRST ? first : second;
    return parts->month <= 12 && parts->separator != ' ';
}

/* March 4, 2025; Mar 4 2025. */
static bool month_name_read(scan *scan, parts *parts)
{
    if (!take_month(scan, &parts->month))
        return false;
    take_char(scan, '.');
    skip_blanks(scan);
    if (!take_number(scan, 2, 1, 31, &parts->day))
        return false;
    take_char(scan, ',');
    skip_blanks(scan);
    return take_year(scan, parts);
}

static bool date_read(scan *scan, day_order order, parts *parts)
{
    int64_t number;
    int weekday;
    if (at_letter(scan) && take_name(scan, weekdays, 7, &weekday)) {
        take_char(scan, '.');
        take_char(scan, ',');
        skip_blanks(scan);
    }
    if (at_letter(scan))
        return month_name_read(scan, parts);
    const int digits = take_digits(scan, 1, 8, &number);
    if (digits == 4 || digits == 8)
        return year_first_read(scan, number, digits, parts);
    return (digits == 1 || digits == 2) && number >= 1 && number <= 31 &&
           year_last_read(scan, (int)number, order, parts);
}

/* 14:05, 2:05 PM, 14:05:06.789, 140506 in a compact time; and the zone behind it. */
static bool clock_read(scan *scan, parts *parts)
{
    char point;
    parts->has_clock = true;
    if (!take_number(scan, 2, 0, 24, &parts->hour))
        return false;
    const bool is_compact = at_digit(scan);
    if ((!is_compact && !take_char(scan, ':')) || !take_two(scan, 0, 59, &parts->minute))
        return false;
    if (is_compact ? at_digit(scan) : take_char(scan, ':')) {
        parts->has_seconds = true;
        if (!take_two(scan, 0, 60, &parts->second))
            return false;
        if (take_any(scan, ".,", &point)) {
            parts->has_fraction = true;
            if (!take_fraction(scan, &parts->us))
                return false;
        }
    }
    const struct scan before = *scan;
    skip_blanks(scan);
    if (!take_half_day(scan, parts)) {
        parts->is_12_hours = false;
        *scan = before;
    }
    return true;
}

static bool zone_read(scan *scan, parts *parts)
{
    skip_blanks(scan);
    if (at_letter(scan)
            ? !take_zone_name(scan, parts)
            : !is_over(scan) && next_char(scan) != '[' && !take_offset(scan, false, parts))
        return false;
    /* Java writes the region behind the offset. */
    if (parts->has_offset && take_char(scan, '[')) {
        while (!is_over(scan) && next_char(scan) != ']')
            scan->at++;
        return take_char(scan, ']');
    }
    return true;
}

static bool parts_read(ix_str text, day_order order, parts *ret)
{
    scan scan = scan_of(text);
    *ret = (parts){0};
    if (!date_read(&scan, order, ret))
        return false;
    if (is_over(&scan))
        return true;
    if (!take_char(&scan, 'T') && !take_char(&scan, 't')) {
        const char *begin = scan.at;
        take_char(&scan, ',');
        skip_blanks(&scan);
        if (scan.at == begin)
            return false;
    }
    return clock_read(&scan, ret) && zone_read(&scan, ret) && is_over(&scan);
}

/* The pattern that a time in numbers is written by, with `first` where the day or month stands. */
static void pattern_write(ix_buf *buf, const parts *parts, const char *first, const char *second)
{
    ix_buf_format(buf, "'%s%c%s%c%s", first, parts->separator, second, parts->separator,
                  parts->has_short_year ? "%y" : "%Y");
    if (parts->has_clock)
        ix_buf_text(buf, parts->is_12_hours ? " %I:%M" : " %H:%M");
    ix_buf_text(buf, parts->has_seconds ? ":%S" : "");
    ix_buf_text(buf, parts->has_fraction ? ".%f" : "");
    ix_buf_text(buf, parts->is_12_hours ? " %p" : "");
    ix_buf_text(buf, parts->has_offset ? " %z" : "");
    ix_buf_char(buf, '\'');
}

static bool fail_ambiguous(ix_ctx *cx, ix_str text, const parts *parts)
{
    ix_buf patterns = {0};
    pattern_write(&patterns, parts, "%d", "%m");
    ix_buf_text(&patterns, " or ");
    pattern_write(&patterns, parts, "%m", "%d");
    ix_fail(cx, IOTS_INVALID,
            "'%s' may be day %d of month %d or day %d of month %d; say which: --time-format %s",
            shown(cx, text), parts->day, parts->month, parts->month, parts->day,
            ix_buf_cstr(&patterns));
    ix_buf_done(&patterns);
    return false;
}

/* ---- numbers ---- */

/* A decimal number: digits, and those behind the point. */
typedef struct decimal {
    bool is_negative;
    int digits; /* before the point, leading zeros included */
    int64_t whole;
    int fraction_digits;
    int64_t fraction; /* as an integer */
} decimal;

/* Digits beyond what counts are dropped from the fraction. */
static bool decimal_read(ix_str text, decimal *ret)
{
    enum { INT64_DIGITS = 19 };
    char point;
    scan scan = scan_of(text);
    *ret = (decimal){.is_negative = take_char(&scan, '-')};
    for (; at_digit(&scan); ret->digits++) {
        const int digit = *scan.at++ - '0';
        if (ret->digits == INT64_DIGITS || ret->whole > (INT64_MAX - digit) / 10)
            return false;
        ret->whole = ret->whole * 10 + digit;
    }
    if (ret->digits == 0)
        return false;
    if (take_any(&scan, ".,", &point)) {
        ret->fraction_digits = take_digits(&scan, 1, 15, &ret->fraction);
        if (ret->fraction_digits == 0)
            return false;
        while (at_digit(&scan))
            scan.at++;
    }
    return is_over(&scan);
}

static double fraction_of(const decimal *decimal)
{
    return (double)decimal->fraction / pow(10, decimal->fraction_digits);
}

static bool epoch_read(const decimal *decimal, int64_t unit_ns, wall_time *ret)
{
    int64_t us;
    if (unit_ns < NS_PER_US)
        us = decimal->whole / (NS_PER_US / unit_ns);
    else if (__builtin_mul_overflow(decimal->whole, unit_ns / NS_PER_US, &us))
        return false;
    if (us > INT64_MAX - IX_SECOND_US)
        return false;
    /* The fraction in microseconds, cut, but for what binary digits lack. */
    const int64_t unit_us = unit_ns / NS_PER_US;
    if (unit_us > 0)
        us += (int64_t)(fraction_of(decimal) * (double)unit_us + 1e-3);
    *ret = (wall_time){.us = decimal->is_negative ? -us : us, .has_offset = true};
    return true;
}

/* Rounded to milliseconds: a day has more of them than the digits of a double can hold apart. */
static bool serial_read(ix_ctx *cx, const time_format *format, ix_str text, wall_time *ret)
{
    enum { DAYS_MAX = 4000 * 1000, LEAST_1900 = 61, DAY_MS = DAY_S * 1000 };
    decimal decimal;
    if (!decimal_read(text, &decimal) || decimal.is_negative || decimal.whole > DAYS_MAX)
        return ix_fail(cx, IOTS_INVALID, "'%s' is not a number of days", shown(cx, text));
    /* Spreadsheets count a 29th of February in 1900; before it the days are off by one. */
    if (format->has_1900_leap_day && decimal.whole < LEAST_1900)
        return ix_fail(cx, IOTS_INVALID, "'%s' is a day before March 1900", shown(cx, text));
    const int64_t ms = llround(fraction_of(&decimal) * DAY_MS);
    *ret = (wall_time){.us = ((format->first_day + decimal.whole) * DAY_MS + ms) * 1000,
                       .is_date = decimal.fraction == 0};
    return true;
}

/* Digits alone: their number says the unit, for moments of the years 2001 to 2286. */
static bool number_recognise(ix_ctx *cx, ix_str text, const decimal *decimal, wall_time *ret)
{
    static const struct {
        int digits;
        int64_t unit_ns;
    } units[] = {{10, 1000000000}, {13, 1000000}, {16, 1000}, {19, 1}};
    for (size_t i = 0; i < sizeof units / sizeof units[0] && !decimal->is_negative; i++) {
        if (decimal->digits == units[i].digits && decimal->whole > 0 && text.at[0] != '0')
            return epoch_read(decimal, units[i].unit_ns, ret);
    }
    return ix_fail(cx, IOTS_INVALID,
                   "'%s' may be a date or a number of seconds or days; say which: --time-format "
                   "'%%Y%%m%%d', epoch, epoch_ms or excel",
                   shown(cx, text));
}

static bool recognise(ix_ctx *cx, day_order order, ix_str text, wall_time *ret)
{
    parts parts;
    decimal decimal;
    if (decimal_read(text, &decimal))
        return number_recognise(cx, text, &decimal, ret);
    if (!parts_read(text, order, &parts) || !parts_join(&parts, ret))
        return ix_fail(cx, IOTS_INVALID,
                       "'%s' is not a time that is recognised; --time-format says how it is "
                       "written: '%%d.%%m.%%Y %%H:%%M', epoch, excel, ...",
                       shown(cx, text));
    return !parts.is_ambiguous || fail_ambiguous(cx, text, &parts);
}

/* The number of one or two digits that the text begins with; -1: none. */
static int leading_number(ix_str text)
{
    int number = -1;
    for (size_t i = 0; i < text.len && i < 2 && isdigit((unsigned char)text.at[i]); i++)
        number = (i ? number * 10 : 0) + (text.at[i] - '0');
    return number;
}

day_order day_order_of(ix_str text)
{
    const ix_str trimmed = ix_str_trim(text);
    parts parts;
    if (!parts_read(trimmed, DAY_ORDER_UNKNOWN, &parts) || parts.separator == '.' ||
        !parts.separator || parts.day == parts.month || parts.is_ambiguous)
        return DAY_ORDER_UNKNOWN;
    return leading_number(trimmed) == parts.day ? DAY_FIRST : MONTH_FIRST;
}

/* ---- patterns ---- */

// clang-format off
static const struct numeral { char directive; int digits, least, most; size_t at; } numerals[] = {
    {'m', 2, 1, 12, offsetof(parts, month)},  {'d', 2, 1, 31, offsetof(parts, day)},
    {'e', 2, 1, 31, offsetof(parts, day)},    {'j', 3, 1, 366, offsetof(parts, day_of_year)},
    {'H', 2, 0, 24, offsetof(parts, hour)},   {'I', 2, 1, 12, offsetof(parts, hour)},
    {'M', 2, 0, 59, offsetof(parts, minute)}, {'S', 2, 0, 60, offsetof(parts, second)},
};

static const struct shorthand { char directive; const char *pattern; } shorthands[] = {
    {'F', "%Y-%m-%d"}, {'T', "%H:%M:%S"}, {'R', "%H:%M"}, {'D', "%m/%d/%y"},
};
// clang-format on

static const char *shorthand_of(char directive)
{
    for (size_t i = 0; i < sizeof shorthands / sizeof shorthands[0]; i++) {
        if (shorthands[i].directive == directive)
            return shorthands[i].pattern;
    }
    return NULL;
}

static const struct numeral *numeral_of(char directive)
{
    for (size_t i = 0; i < sizeof numerals / sizeof numerals[0]; i++) {
        if (numerals[i].directive == directive)
            return &numerals[i];
    }
    return NULL;
}

static bool pattern_read(scan *scan, const char *pattern, parts *parts);

static bool directive_read(scan *scan, char directive, parts *parts)
{
    int64_t number;
    int name;
    const struct numeral *numeral = numeral_of(directive);
    if (shorthand_of(directive))
        return pattern_read(scan, shorthand_of(directive), parts);
    parts->has_clock = parts->has_clock || strchr("HIMS", directive) != NULL;
    parts->is_12_hours = parts->is_12_hours || directive == 'I';
    if (numeral) {
        if (directive == 'e')
            skip_blanks(scan);
        return take_number(scan, numeral->digits, numeral->least, numeral->most,
                           (int *)(void *)((char *)parts + numeral->at));
    }
    switch (directive) {
    case 'Y':
        if (!take_digits(scan, 4, 4, &number))
            return false;
        parts->year = (int)number;
        return true;
    case 'y':
        if (!take_digits(scan, 2, 2, &number))
            return false;
        parts->year = (int)number + (number < 69 ? 2000 : 1900);
        return true;
    case 'b':
    case 'B':
    case 'h':
        return take_month(scan, &parts->month);
    case 'a':
    case 'A':
        return take_name(scan, weekdays, 7, &name);
    case 'p':
        return take_half_day(scan, parts);
    case 'f':
        return take_fraction(scan, &parts->us);
    case 's':
        parts->has_epoch = true;
        return take_digits(scan, 1, 12, &parts->epoch_s) > 0;
    case 'z':
        if (take_char(scan, 'Z')) {
            parts->has_offset = true;
            return true;
        }
        return take_offset(scan, false, parts);
    case 'Z':
        return take_zone_name(scan, parts);
    default: /* %%, %n, %t: pattern_check() knows no others */
        if (directive == '%')
            return take_char(scan, '%');
        skip_blanks(scan);
        return true;
    }
}

static bool pattern_read(scan *scan, const char *pattern, parts *parts)
{
    for (; *pattern; pattern++) {
        if (*pattern == '%') {
            if (!directive_read(scan, *++pattern, parts))
                return false;
        } else if (*pattern == ' ' || *pattern == '\t') {
            skip_blanks(scan);
        } else if (!take_char(scan, *pattern)) {
            return false;
        }
    }
    return true;
}

/* Notes the directives of a pattern in `seen`, by their letters. */
static bool pattern_check(ix_ctx *cx, const char *pattern, bool seen[128])
{
    static const char known[] = "YymdejHIMSpbBhaAfszZFTRD%nt";
    for (; *pattern; pattern++) {
        if (*pattern != '%')
            continue;
        const char directive = *++pattern;
        if (directive == '\0' || !strchr(known, directive))
            return ix_fail(cx, IOTS_USAGE,
                           "--time-format: '%%%c' is not known; there are %%Y %%y %%m %%b %%d %%j "
                           "%%H %%I %%p %%M %%S %%f %%s %%z %%Z %%a %%F %%T %%R %%D",
                           directive ? directive : ' ');
        seen[(unsigned char)directive] = true;
        if (shorthand_of(directive) && !pattern_check(cx, shorthand_of(directive), seen))
            return false;
    }
    return true;
}

static bool pattern_take(ix_ctx *cx, const char *pattern, time_format *ret)
{
    bool seen[128] = {false};
    if (!pattern_check(cx, pattern, seen))
        return false;
    const bool has_month = seen['m'] || seen['b'] || seen['B'] || seen['h'];
    const bool has_day = seen['d'] || seen['e'];
    if (!seen['s'] && !((seen['Y'] || seen['y']) && (seen['j'] || (has_month && has_day))))
        return ix_fail(cx, IOTS_USAGE,
                       "--time-format '%.100s' lacks the year, month or day; several columns are "
                       "joined by blanks: --time date --time time",
                       pattern);
    if (seen['I'] && !seen['p'])
        return ix_fail(cx, IOTS_USAGE, "--time-format '%.100s': %%I needs %%p, for AM and PM",
                       pattern);
    *ret = (time_format){.kind = TIME_PATTERN, .pattern = pattern};
    return true;
}

bool time_format_parse(ix_ctx *cx, const char *text, time_format *ret)
{
    // clang-format off
    static const struct { const char *name; time_format format; } named[] = {
        {"epoch",      {.kind = TIME_EPOCH, .unit_ns = 1000000000}},
        {"epoch_s",    {.kind = TIME_EPOCH, .unit_ns = 1000000000}},
        {"epoch_ms",   {.kind = TIME_EPOCH, .unit_ns = 1000000}},
        {"epoch_us",   {.kind = TIME_EPOCH, .unit_ns = 1000}},
        {"epoch_ns",   {.kind = TIME_EPOCH, .unit_ns = 1}},
        {"excel",      {.kind = TIME_SERIAL, .first_day = -25569, .has_1900_leap_day = true}},
        {"excel_1904", {.kind = TIME_SERIAL, .first_day = -24107}},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (strcmp(text, named[i].name) != 0)
            continue;
        *ret = named[i].format;
        return true;
    }
    return strchr(text, '%') ? pattern_take(cx, text, ret)
                             : ix_fail(cx, IOTS_USAGE,
                                       "--time-format '%.100s': expected a pattern such as "
                                       "'%%d.%%m.%%Y %%H:%%M', or epoch, epoch_ms, epoch_us, "
                                       "epoch_ns, excel, excel_1904",
                                       text);
}

bool wall_time_read(ix_ctx *cx, const time_format *format, ix_str text, wall_time *ret)
{
    parts parts = {0};
    decimal decimal;
    text = ix_str_trim(text);
    scan scan = scan_of(text);
    switch (format->kind) {
    case TIME_RECOGNISED:
        return recognise(cx, format->day_order, text, ret);
    case TIME_EPOCH:
        return (decimal_read(text, &decimal) && epoch_read(&decimal, format->unit_ns, ret)) ||
               ix_fail(cx, IOTS_INVALID, "'%s' is not a number of time units since 1970",
                       shown(cx, text));
    case TIME_SERIAL:
        return serial_read(cx, format, text, ret);
    case TIME_PATTERN:
        break;
    }
    if (pattern_read(&scan, format->pattern, &parts)) {
        skip_blanks(&scan);
        if (is_over(&scan) && parts_join(&parts, ret))
            return true;
    }
    return ix_fail(cx, IOTS_INVALID, "'%s' is not a time of the form '%.100s'", shown(cx, text),
                   format->pattern);
}
