/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library knows the tz database, but only one zone of it at a time, for the whole process (TZ).
 * That is enough here: one file is read, with one zone, by one thread, and nothing else in this program
 * looks at local time.
 */
#include "cli/transfer/time_zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

enum { DAY_S = 86400, SHOWN_MAX = 60 };

/* ---- opening ---- */

/* +01, +0100, +01:00. */
static bool offset_parse(const char *name, time_zone *ret)
{
    enum { HOURS_LEN = 3 };
    char text[64];
    int64_t here_us, there_us;
    if (!*name || !strchr("+-", *name))
        return false;
    snprintf(text, sizeof text, "2000-01-02T00:00:00%.20s%s", name,
             strlen(name) == HOURS_LEN ? "00" : "");
    if (!ix_time_parse(IX_STR("2000-01-02T00:00:00Z"), &here_us) ||
        !ix_time_parse(ix_str_of(text), &there_us))
        return false;
    *ret = (time_zone){.name = name,
                       .is_fixed = true,
                       .offset_s = (int)((here_us - there_us) / IX_SECOND_US)};
    return true;
}

/* The C library takes any name, and one that it does not know for UTC. So it is looked for first. */
static bool database_has(ix_ctx *cx, const char *name)
{
    static const char magic[] = {'T', 'Z', 'i', 'f'};
    char begin[sizeof magic];
    const char *folder = getenv("TZDIR");
    if (!folder || !*folder)
        folder = "/usr/share/zoneinfo";
    const char *path = ix_format(cx, "%s/%s", folder, name);
    if (!path)
        return false;
    const int fd = name[0] == '/' || strstr(name, "..") ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    const bool ok = fd >= 0 && read(fd, begin, sizeof begin) == (ssize_t)sizeof begin &&
                    memcmp(begin, magic, sizeof magic) == 0;
    if (fd >= 0)
        close(fd);
    if (ok)
        return true;
    return access(folder, X_OK) == 0
               ? ix_fail(cx, IOTS_USAGE,
                         "--tz %.60s: no such time zone in %.100s; expected a name such as "
                         "Europe/Berlin, an offset such as +01:00, UTC or local",
                         name, folder)
               : ix_fail(cx, IOTS_USAGE,
                         "--tz %.60s: the time zones of this system are not in %.100s (Debian's "
                         "package tzdata); an offset such as +01:00 needs none",
                         name, folder);
}

bool time_zone_open(ix_ctx *cx, const char *name, time_zone *ret)
{
    if (strcmp(name, "UTC") == 0) {
        *ret = (time_zone){.name = "UTC", .is_fixed = true};
        return true;
    }
    if (offset_parse(name, ret))
        return true;
    if (strcmp(name, "local") != 0) {
        if (!database_has(cx, name))
            return false;
        const char *value = ix_format(cx, ":%s", name);
        if (!value || setenv("TZ", value, 1) != 0)
            return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    }
    tzset();
    *ret = (time_zone){.name = name};
    return true;
}

/* ---- reading ---- */

/* How far the clock is ahead of UTC at a moment. */
static int offset_at(const time_zone *zone, int64_t time_s)
{
    struct tm tm;
    const time_t at = (time_t)time_s;
    if (zone->is_fixed)
        return zone->offset_s;
    return localtime_r(&at, &tm) ? (int)tm.tm_gmtoff : 0;
}

/* The seconds of UTC at which the clock shows this: none, one or two, in order. The offsets of the day
 * before and of the day after are those that come into question. */
static int timestamps_of(const time_zone *zone, int64_t wall_s, int64_t ret_s[2])
{
    const int offsets[] = {offset_at(zone, wall_s - DAY_S), offset_at(zone, wall_s + DAY_S)};
    int count = 0;
    for (int i = 0; i < 2; i++) {
        const int64_t time_s = wall_s - offsets[i];
        if (offset_at(zone, time_s) == offsets[i] && (count == 0 || ret_s[0] != time_s))
            ret_s[count++] = time_s;
    }
    if (count == 2 && ret_s[0] > ret_s[1]) {
        const int64_t later_s = ret_s[0];
        ret_s[0] = ret_s[1];
        ret_s[1] = later_s;
    }
    return count;
}

/* Leaves those at which the zone has this name. */
static int timestamps_named(const time_zone *zone, const char *name, int64_t times_s[2], int count)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        struct tm tm;
        const time_t at = (time_t)times_s[i];
        const bool is_named =
            !zone->is_fixed && localtime_r(&at, &tm) && tm.tm_zone && strcmp(tm.tm_zone, name) == 0;
        if (is_named)
            times_s[kept++] = times_s[i];
    }
    return kept;
}

static int64_t floor_s(int64_t us)
{
    return us / IX_SECOND_US - (us % IX_SECOND_US < 0);
}

/* Of the moments that are possible, the next one of the track; -1 if there is none. A clock that shows
 * the same time again has gone round. */
static int choose(const int64_t times_us[2], time_order order, const time_track *track)
{
    if (order == TIMES_DESCEND) {
        for (int i = 1; i >= 0; i--) {
            if (!track->has_last || times_us[i] < track->last_us)
                return i;
        }
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        if (!track->has_last || times_us[i] > track->last_us)
            return i;
    }
    return -1;
}

bool time_zone_is_twice(const time_zone *zone, const wall_time *wall)
{
    int64_t times_s[2];
    return !wall->has_offset && !zone->is_fixed && !*wall->zone_name &&
           timestamps_of(zone, floor_s(wall->us), times_s) == 2;
}

static bool fail_named(ix_ctx *cx, const time_zone *zone, const wall_time *wall, int len,
                       const char *text)
{
    return zone->is_fixed
               ? ix_fail(cx, IOTS_INVALID,
                         "'%.*s': '%s' is the name of a time zone in more than one place: --tz "
                         "says which, as --tz Europe/Berlin",
                         len, text, wall->zone_name)
               : ix_fail(cx, IOTS_INVALID, "'%.*s': the clock of %.60s does not show '%s' then",
                         len, text, zone->name, wall->zone_name);
}

bool time_zone_read(ix_ctx *cx, const time_zone *zone, const wall_time *wall, ix_str text,
                    time_order order, time_track *track, int64_t *ret_us, clock_round *ret_round)
{
    const int len = (int)(text.len > SHOWN_MAX ? SHOWN_MAX : text.len);
    const int64_t wall_s = floor_s(wall->us), rest_us = wall->us - wall_s * IX_SECOND_US;
    int64_t times_s[2] = {wall_s - wall->offset_s, 0}, times_us[2] = {0, 0};
    int count = wall->has_offset ? 1 : timestamps_of(zone, wall_s, times_s);
    if (count == 0)
        return ix_fail(cx, IOTS_INVALID,
                       "'%.*s' is never shown by the clock of %.60s, which is put forward then",
                       len, text.at, zone->name);
    if (!wall->has_offset && *wall->zone_name) {
        count = timestamps_named(zone, wall->zone_name, times_s, count);
        if (count == 0)
            return fail_named(cx, zone, wall, len, text.at);
    }
    for (int i = 0; i < count; i++)
        times_us[i] = times_s[i] * IX_SECOND_US + rest_us;
    const int chosen = count == 2 ? choose(times_us, order, track) : 0;
    if (chosen < 0)
        return ix_fail(cx, IOTS_INVALID,
                       "'%.*s' is shown twice by the clock of %.60s, and the order of the lines "
                       "does not say which is meant",
                       len, text.at, zone->name);
    if (times_us[chosen] < ix_time_first_us || times_us[chosen] > ix_time_last_us ||
        (wall->is_leap && times_s[chosen] % DAY_S != 0))
        return ix_fail(cx, IOTS_INVALID, "'%.*s' is outside the years 1 to 9999, or no leap second",
                       len, text.at);
    *track = (time_track){true, times_us[chosen]};
    *ret_us = times_us[chosen];
    *ret_round = count < 2 ? CLOCK_ONCE : chosen == 0 ? CLOCK_FIRST : CLOCK_SECOND;
    return true;
}
