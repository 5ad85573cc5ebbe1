/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of a list of Things: which scans (scan.h) make a page of it.
 *
 * Everything a list asks for becomes a filter. One filter may have a candidate set that drives: its Things
 * are gone through, in place of all Things, and the other filters are asked about each. A set may drive if
 * it is selective, which is to have at most SELECTIVE_MAX Things, or if it comes in the order of uids and
 * that is the order that is wanted, so that no more of it is read than a page needs. The smallest drives;
 * so that this is known without statistics, sets are counted, up to SELECTIVE_MAX. Where none drives, what
 * is asked for is common, or no index knows it, and filters are asked about Things in the order that is
 * wanted. For a page by uid a look at the Things that come next (LOOKAHEAD) may show that it is filled
 * soon: then nothing is counted. What it finds fills the page, so it promises no more than it has seen. If it
 * does not fill the page it says how many look-ups that may take, and that is what a set is worth.
 *
 *     Sorted by             Driving set                   Way              Costs
 *     uid                   in the order of uids          ordered scan     what the page needs of the set
 *     uid                   of one range, in which there  ordered scan     the page, once for each value
 *                           are few values; no other
 *                           filter
 *     uid                   none                          ordered scan     the page, divided by how often
 *                                                                          Things meet the filters
 *     uid                   selective, in no order        top-k scan       the set
 *     title, created,       selective                     top-k scan       the set
 *       modified, status.x
 *     the same              none                          index scan       as an ordered scan
 *     more keys             none                          index scan       along the index of the next key too,
 *                                                                          where many Things have those
 *                                                                          before it in common
 *     anything else first   selective, or in any order    top-k scan       the set, or all Things
 */
#ifndef THINGS_PLAN_H
#define THINGS_PLAN_H

#include "store/scan.h"

enum {
    /* More would cost each page with a common filter the time to count so far, 0.1 ms per 1,000. Less
     * would cost those with a rarer one their look-ups: of a million Things a page of 50 needs up to
     * 50,000,000 / SELECTIVE_MAX, which takes 10 ms; with 2,000 it would be 30. */
    SELECTIVE_MAX = 5000,
    LOOKAHEAD = 5, /* times the Things of a page are looked at, whether they fill it */
    /* Where an index has all that is asked for, an entry of a set costs a fifth of a look-up, so a set may
     * drive that has so many times the Things that would be looked up, within these limits. */
    COVERED_COST = 5,
    COVERED_LEAST = 500,
    COVERED_MAX = 20000,
    VALUES_FEW = 4, /* values of a range that need no look ahead */
    PLAN_FIELDS_MAX = 9,
    PLAN_FILTERS_MAX = PLAN_FIELDS_MAX + FILTER_CONDITIONS_MAX,
};

typedef enum plan_way {
    PLAN_ORDERED_SCAN, /* Things come in the order of uids, and are the page as they come */
    PLAN_INDEX_SCAN, /* an index has the first sort key, and is gone along until the page is full */
    PLAN_TOP_K,      /* all that match are looked at, and the first are kept */
} plan_way;

/* What a list asks for. */
typedef struct plan_query {
    const char *space;
    const thing_filter *filter;
    bool is_by_uid;     /* it is sorted by uid */
    bool has_index;     /* or by what an index has first */
    bool is_descending; /* by uid, in the direction of the page */
    ix_str beyond_uid;  /* where the page begins, by uid; {NULL, 0}: at the boundary of the list */
    int limit;          /* Things on the page; 0: all that match are wanted */
} plan_query;

typedef struct plan {
    plan_way way;
    bool is_driven;
    scan_set driving;
    int64_t
        selective;    /* so many Things a set may have that is selective: as a rule SELECTIVE_MAX */
    int64_t estimate; /* Things in the driving set; selective + 1: more; -1: not counted */
    bool needs_recheck;  /* filter_holds must be asked about each Thing */
    bool is_near;        /* the next Things were found to fill the page */
    bool is_merged;      /* the driving set has few values, of each of which Things come by uid */
    size_t filter_count; /* filters that are asked about each Thing */
    scan_filter filters[PLAN_FILTERS_MAX + 1]; /* and, after them, that of the driving set */
} plan;

/* Asks the database a little, to find out what is selective. The plan must stay where it is. False: the
 * reason is in cx. */
bool plan_make(ix_ctx *cx, store_handle *store, const plan_query *query, plan *ret);

/* Appends the plan as text for people, in lines. */
void plan_write(const plan *plan, ix_buf *buf);

#endif
