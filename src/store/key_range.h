/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of keys: where the values lie that a condition of a filter asks for.
 *
 * Values sort by their key (key.h), so most conditions speak of a few ranges of keys, whoever keeps the
 * values. What is inside arrays and objects has no key of its own: about that a range says only "perhaps".
 */
#ifndef KEY_RANGE_H
#define KEY_RANGE_H

#include "domain/filter.h"
#include "store/key.h"

enum { CONDITION_RANGES_MAX = 3 };

/* Keys from `from` up to `to`, which is not among them. */
typedef struct key_range {
    ix_str from, to;
} key_range;

typedef struct key_ranges {
    key_range *list; /* ascending, none empty, in cx */
    size_t count;
} key_ranges;

/* Does it hold one key only? */
bool key_range_is_point(const key_range *range);

/* Where values lie that may meet the condition, which is about a value: at most CONDITION_RANGES_MAX
 * ranges. A name with a dot may also speak of what is inside an object: that is not in them. False when
 * there is no memory. */
bool condition_ranges(ix_ctx *cx, const filter_condition *condition, key_ranges *ret);

/* Do the ranges, and an index of times, say only "perhaps", so that filter_holds must be asked about each
 * Thing? */
bool condition_needs_recheck(ix_ctx *cx, const filter_condition *condition);

/* Is the name one that may speak of a member inside a value? */
bool condition_has_dot(const filter_condition *condition);

/* Where the values of `name` lie that may meet all conditions on it. *ret_lacking: Things without a
 * value, or with null, may meet them too. False when out of memory. */
bool conditions_ranges(ix_ctx *cx, const filter_condition *conditions, const char *name,
                       key_ranges *ret, bool *ret_lacking);

/* Leaves only what is beyond a key: above it, or below. False when out of memory. */
bool key_ranges_beyond(ix_ctx *cx, key_ranges *ranges, ix_str key, bool is_below);

#endif
