/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers that sort by age: 26 characters of Crockford base 32 (the ULID specification). */
#ifndef IX_ULID_H
#define IX_ULID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { IX_ULID_LEN = 26 };

#define IX_ULID_LAST_US (((INT64_C(1) << 48) - 1) * 1000) /* the latest time in one */

typedef struct ix_ulid {
    char text[IX_ULID_LEN + 1]; /* upper case, zero-terminated */
} ix_ulid;

/* Any letter case in, upper case out. False if it is not a ULID (wrong length, a letter outside the
 * alphabet, or beyond 128 bits: first character above 7). */
bool ix_ulid_parse(ix_str text, ix_ulid *ret);

/* Makes identifiers that only grow. Not thread-safe: one per thread, or a lock around it. */
typedef struct ix_ulid_maker {
    uint8_t last[16]; /* the last identifier made or seen */
} ix_ulid_maker;

/* The next identifier for this time: time in milliseconds and `random` bytes, or the last one plus
 * one if that would not be larger. */
ix_ulid ix_ulid_next(ix_ulid_maker *maker, int64_t now_us, const uint8_t random[10]);

/* Later identifiers will be larger than `seen`. For a start on a store made under a later clock. */
void ix_ulid_seen(ix_ulid_maker *maker, const ix_ulid *seen);

/* The time in an identifier, to the millisecond. */
int64_t ix_ulid_time_us(const ix_ulid *id);

#endif
