/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters: property:temp=gt:20 and its friends (docs/api/http.md 10.1, 10.2).
 *
 * A filter is parsed once. The same filter is either asked about a thing in memory (here) or turned
 * into SQL (store/sql/scan_sql.c); filter_cases.h holds the examples both must agree on.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/json.h"
#include "contract/params.h"

typedef enum filter_op {
    FILTER_EQ,
    FILTER_NEQ,
    FILTER_GT,
    FILTER_GTE,
    FILTER_LT,
    FILTER_LTE,
    FILTER_CONTAINS,
} filter_op;

/* One property:<name>=[<op>:]<value>. */
typedef struct filter_condition {
    const char *name;
    filter_op op;
    ix_str text;         /* the value as written, zero-terminated */
    const ix_json *json; /* the value read as JSON, or NULL if it is none */
    bool is_time;        /* property_at: about when the value was last written */
    bool
        is_relative; /* at_us counts from now until filter_set_now has been reported when that is */
    int64_t at_us;
    struct filter_condition *next;
} filter_condition;

enum { FILTER_CONDITIONS_MAX = 32, FILTER_IDS_MAX = 1000, FILTER_SEARCH_MAX = 256 /* bytes */ };

typedef struct thing_filter {
    const char *title, *type, *model; /* NULL: any */
    int64_t version;                  /* 0: any; only with model */
    const char **ids;                 /* upper case; NULL: any; a given empty set cannot occur */
    size_t id_count;
    const char **categories; /* in any of these; NULL: any */
    size_t category_count;
    const bool *in_category; /* NULL: any */
    const char *links_rel, *links_href;
    const char *search;           /* folded (fold.h), never empty; NULL: any */
    filter_condition *conditions; /* all must hold, or one of them if any_of */
    bool any_of;
    const char *route_category; /* the Category of the path, or NULL; does not count as a filter */
} thing_filter;

/* From parsed arguments. `route_category` NULL unless the path goes by a Category (category[] and
 * in_category are then ignored). IOTS_INVALID: bad ID, version without model, too many. */
bool filter_parse(ix_ctx *cx, const ix_arg args[IX_PARAM_COUNT], const char *route_category,
                  thing_filter *ret);

/* Is anything asked for that counts as a filter of a bulk delete (8.2)? */
bool filter_may_delete(const thing_filter *filter);

/* Reads "[<op>:]<value>". */
bool condition_parse(ix_ctx *cx, ix_str name, ix_str text, filter_condition *ret);

/* Does it hold for a stored value (NULL or IX_NULL: never, but for eq:null on a null value)? */
bool condition_holds(const filter_condition *condition, const ix_json *value);

/* The value a condition's name speaks of in a status object: the literal name, else dots descend
 * into an object. NULL if there is none. */
const ix_json *condition_value(const filter_condition *condition, const ix_json *status);

/* Reads "[<op>:]<time>": a time, or how long ago, as -10m (s m h d w). */
bool condition_parse_time(ix_ctx *cx, ix_str name, ix_str text, filter_condition *ret);

/* Says a filter when "ago" begins. */
void filter_set_now(thing_filter *filter, int64_t now_us);

/* Do the conditions of the filter hold, together or one of them? `times` is an object of times by name;
 * NULL: what is asked about times holds already. */
bool filter_holds(const thing_filter *filter, const ix_json *status, const ix_json *times);
bool filter_asks_times(const thing_filter *filter);

/* Do all conditions hold for this status object? */
bool conditions_hold(const filter_condition *conditions, const ix_json *status);

#endif
