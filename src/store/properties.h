/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of properties, as SQL to filter and to sort by: others ask, only properties.c knows the
 * table.
 */
#ifndef PROPERTIES_H
#define PROPERTIES_H

#include "domain/filter.h"
#include "store/query.h"

enum { CONDITION_SETS_MAX = 3 };

/* A condition in SQL. */
typedef struct condition_sql {
    const char *probe; /* holds for a thing `t` of the space $1 if the condition may */
    const char
        *sets[CONDITION_SETS_MAX];      /* queries of the things, as `thing`, for which it may hold:
                                             each answered by an index, and no thing in two of them */
    bool is_sorted[CONDITION_SETS_MAX]; /* the set comes in the order of uids */
    size_t count;                       /* of the sets; 0: an index cannot tell */
} condition_sql;

/* False when memory is out. */
bool condition_write(query *query, const condition *condition, condition_sql *ret);

/* Is SQL's answer only "perhaps", so that conditions_hold must be asked about each thing? */
bool condition_is_vague(ix_ctx *cx, const condition *condition);

/* The value_key of what the property with the name $`name` of the thing `uid` has: NULL, or that of
 * null, if it has nothing. NULL when memory is out. */
const char *value_key_column(query *query, const char *uid, int name);

/* The same for when the value was last written: NULL if it never was. */
const char *value_time_column(query *query, const char *uid, int name);

/* Everything that has a value of one property, in the order of values and then uids. */
typedef struct value_walk {
    const char *from, *holds; /* rows `s` of the property, of the space $1 */
    const char *uid, *key;    /* their columns; the key is a value_key */
    const char *lacks;        /* holds for a thing `t` that has no value, or null */
} value_walk;

/* `name`: the number of the argument that names the property. False when memory is out. */
bool value_walk_make(query *query, int name, value_walk *ret);

/* Keys from `from` up to `to`, which is not among them. */
typedef struct key_range {
    ix_str from, to;
} key_range;

typedef struct key_ranges {
    key_range *list; /* ascending, none empty, in cx */
    size_t count;
} key_ranges;

/* Where the values of `name` lie that may meet all conditions on it. *ret_lacking: things without a
 * value, or with null, may meet them too. False when memory is out. */
bool values_bound(ix_ctx *cx, const condition *conditions, const char *name, key_ranges *ret,
                  bool *ret_lacking);

/* Leaves only what is beyond a key: above it, or below. False when memory is out. */
bool key_ranges_beyond(ix_ctx *cx, key_ranges *ranges, ix_str key, bool is_below);

#endif
