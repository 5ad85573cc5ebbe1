/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time: microseconds since 1970-01-01T00:00:00Z (no leap seconds), in an int64. RFC 3339 in and out
 * (docs/api/http.md section 1).
 */
#ifndef IX_TIME_H
#define IX_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define IX_SECOND_US INT64_C(1000000)

enum { IX_TIME_TEXT = 32 }; /* room for a written time, with terminator */

/* Bounds of what can be written: years 0001 to 9999. */
extern const int64_t ix_time_first_us, ix_time_last_us;

int64_t ix_now_us(void);       /* wall clock */
int64_t ix_monotonic_us(void); /* never goes back; for waiting and measuring */
int64_t ix_uptime_us(void);    /* as that, and goes on while the machine sleeps; for what ends */

/* Days from 1970-01-01 to a date; false if there is no such date in the years 1 to 9999. */
bool ix_date_days(int year, int month, int day, int64_t *ret_days);

/* Accepts every form of docs/api/http.md section 1, "Timestamps in": a full date and time, T or a blank
 * between, optional fraction (cut to microseconds) and zone. False if unreadable. */
bool ix_time_parse(ix_str text, int64_t *ret_us);

/* As above and the short forms 2025, 2025-03, 2025-03-15, 2025-03-15T10:20: the first instant. */
bool ix_time_parse_short(ix_str text, int64_t *ret_us);

/* 2025-03-04T05:06:07.089Z; fraction only when non-zero, no trailing zeros. Returns the length. What
 * lies beyond ix_time_first_us and ix_time_last_us is written as they are. */
int ix_time_write(int64_t time_us, char out[IX_TIME_TEXT]);
void ix_buf_time(ix_buf *buf, int64_t time_us);

/* A length of time: 90d, 12h, 30m, 45s, 2w, or as ISO 8601 has it (P90D, PT12H, P1DT30M; no months and years,
 * which are not always as long). More than nothing, at most 36500 days. */
bool ix_duration_parse(ix_str text, int64_t *ret_us);
bool ix_duration_is_valid(ix_str text);
#define IX_DURATION_RULE "expected a duration such as 90d, 12h or P90D"

#endif
