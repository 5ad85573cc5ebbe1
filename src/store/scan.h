/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scans: ordered pull iterators over the Things of a space.
 *
 * A scan is described by data: which Things it starts from (all of the space, or a candidate set that an
 * index finds), the order they come in and between which bounds, the filters that each must meet, and
 * what is to be known of each. Whoever plans a list or a query chooses; what is behind this header
 * chooses nothing, and may fuse all of a description into one statement, as scan_sql.c does.
 *
 *     What a scan starts from        Order it comes in          Costs, of n Things it passes
 *     all Things                     uid                        n entries of an index
 *     all Things                     title, created, modified   n entries of an index
 *     Things with a value of one     that value, then uid       n entries of an index; a range of
 *     property                                                  values reads only what is in it
 *     a candidate set, SCAN_SORTED   uid                        n entries of an index
 *     SCAN_MERGED, with `most` and   uid                        `most` entries of each part
 *       without filters
 *     another candidate set          any; uid: sorted first     all of the set
 *     beside each: a filter          -                          a look-up or two for each Thing
 *     beside each: the whole Thing   -                          a row; without it and without filters
 *                                                               the index alone is read (covering)
 *
 * Consistency: what is opened between snapshot_begin and snapshot_end (sql.h), or in a transaction, sees
 * one moment, and is closed before its end. Several scans may be open at once.
 * Ownership: a description and all it points to outlive what is made of it. A row is good until the
 * next call on its scan. Scans belong to the thread of their store.
 * Errors: functions that can fail return false and leave why in cx: that the database failed or memory ran
 * out, or IOTS_INVALID that more is asked for than fits into one statement.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/filter.h"
#include "domain/sort.h"
#include "store/key_range.h"
#include "store/store.h"

/* ---- members of Things that scans know ---- */

typedef enum scan_member {
    SCAN_UID,
    SCAN_TITLE,      /* as a key (key.h) */
    SCAN_CREATED,    /* microseconds since 1970, as the other times */
    SCAN_MODIFIED,   /* */
    SCAN_VALUE,      /* of one property, as a value_key; not set: none, or null */
    SCAN_VALUE_TIME, /* when it was last written. No scan comes in this order */
} scan_member;

typedef struct scan_key {
    scan_member member;
    const char *property; /* of SCAN_VALUE and SCAN_VALUE_TIME */
} scan_key;

typedef struct scan_value {
    bool is_set;
    int64_t number; /* of times */
    ix_str bytes;   /* of the others */
} scan_value;

/* ---- filters ---- */

typedef enum scan_filter_kind {
    SCAN_HAS_ID,       /* one of `texts` */
    SCAN_HAS_CATEGORY, /* is in one of `texts` */
    SCAN_IN_CATEGORY,  /* is in any Category, or in none */
    SCAN_HAS_TITLE,    /* exactly `text` */
    SCAN_HAS_TYPE,     /* `text` among its types */
    SCAN_HAS_MODEL,    /* Model `text`, of the version `number` (0: any; negative: none) */
    SCAN_HAS_LINK,     /* one with the rel `text` and the href `other`; NULL: any */
    SCAN_SEARCH,       /* has the folded `text` in what is searched */
    SCAN_CONDITION,    /* meets the first of `conditions`, as far as `ranges` tell */
    SCAN_ANY_OF,       /* meets at least one of `conditions`, as far as their ranges tell */
    SCAN_KEY_IS,       /* `key` has the value `is` */
    SCAN_LACKS,        /* has no value of the property `text`, or null */
} scan_filter_kind;

/* One thing that is asked about each Thing. */
typedef struct scan_filter {
    scan_filter_kind kind;
    const char *text, *other;
    int64_t number;
    bool is_in; /* of SCAN_IN_CATEGORY */
    const char *const *texts;
    size_t text_count;
    const filter_condition *conditions;
    const key_ranges *ranges; /* of each of the conditions; of one about a time there are none */
    scan_key key;
    scan_value is;
} scan_filter;

/* Makes a filter of the first of `conditions` (SCAN_CONDITION) or of all of them (SCAN_ANY_OF). False when
 * there is no memory. The others are made by hand. */
bool scan_filter_conditions(ix_ctx *cx, scan_filter_kind kind, const filter_condition *conditions,
                            scan_filter *ret);

/* ---- candidate sets ---- */

typedef enum scan_set_order {
    SCAN_REPEATING, /* in no order, and Things may come twice, or be none any more */
    SCAN_UNIQUE,    /* in no order, each Thing once */
    SCAN_MERGED,    /* in no order, but each part is, by uid; each Thing once */
    SCAN_SORTED,    /* in the order of uids, each Thing once */
} scan_set_order;

enum { SCAN_PARTS_MAX = 16 };

/* Things that an index finds: those that meet a filter, or at least all of them. It has parts, each of
 * which is one range of the index; no Thing of a condition is in two of them. */
typedef struct scan_set {
    const scan_filter *filter;
    unsigned parts; /* which of them, bit by bit */
    int64_t most;   /* it has not more Things than this; 0: it may have any number */
} scan_set;

/* How many parts the candidate set of a filter has. 0: no index finds it. Of a search each part alone has
 * all Things that meet it, and others; of the others all parts together. */
size_t scan_parts(const store_handle *store, const scan_filter *filter);

scan_set_order scan_order(const scan_set *set);

/* Makes each part of a condition's candidate set one value, if Things have 1 to SCAN_PARTS_MAX values there;
 * that is true until the snapshot ends. *ret false: they have none, or more, and the filter is as before. Costs
 * a look-up in an index for each value. */
bool scan_split(ix_ctx *cx, store_handle *store, const char *space, scan_filter *filter, bool *ret);

/* Does the set have Things that do not meet its filter, so that they must be asked as well? */
bool scan_is_hint(const scan_set *set);

/* Counts a set, up to `most`: the cost is that of reading so many entries of an index. */
bool scan_estimate(ix_ctx *cx, store_handle *store, const char *space, const scan_set *set,
                   int64_t most, int64_t *ret);

/* ---- scans ---- */

/* Bounds of the first key. `from` and `to` not set: none. */
typedef struct scan_range {
    scan_value from, to;
    bool is_after_from; /* `from` itself is not in it */
    bool is_to_in;      /* `to` itself is in it */
} scan_range;

typedef struct scan_spec {
    const char *space;
    const scan_set *driving; /* what it starts from; NULL: all Things */

    bool is_ordered; /* by `order`, and then by uid; else as they come */
    scan_key order;  /* SCAN_UID, or no driving set. SCAN_VALUE: only Things that have one come */
    bool is_descending; /* `order`, and uids with it */
    scan_range range;   /* of `order`. If it holds one value alone, Things come by uid */
    ix_str beyond_uid;  /* only uids after this one, or before it if descending. {NULL, 0}: all */

    const scan_filter *filters; /* all of which must hold */
    size_t filter_count;

    bool with_views;      /* rows have the whole Thing */
    const scan_key *keys; /* of which rows have the values */
    size_t key_count;     /* at most SORT_KEYS_MAX */
    int64_t most;         /* rows; 0: all */
} scan_spec;

typedef struct scan_row {
    thing_view view; /* without status; only the uid, unless with_views */
    scan_value keys[SORT_KEYS_MAX];
} scan_row;

typedef struct scan scan;

/* The scan lives in cx and is to be closed. */
bool scan_open(ix_ctx *cx, store_handle *store, const scan_spec *spec, scan **ret);

/* The next row. False at the end and on failure. */
bool scan_next(ix_ctx *cx, scan *scan, scan_row *ret);

void scan_close(scan *scan); /* NULL is fine, and so is a second time before cx goes */

/* Of the next `window` Things of an ordered scan without a driving set: how many meet its filters, counted up
 * to `most`. */
bool scan_look_ahead(ix_ctx *cx, store_handle *store, const scan_spec *spec, int window,
                     int64_t most, int64_t *ret);

/* Has the space a Thing with a member of its own whose name begins with "status."? Then a sort key that
 * begins so may speak of that member. */
bool scan_has_status_members(ix_ctx *cx, store_handle *store, const char *space, bool *ret);

#endif
