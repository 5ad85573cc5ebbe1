/* SPDX-License-Identifier: Apache-2.0 */
/* A filter as SQL over `things t`. */
#ifndef WHERE_H
#define WHERE_H

#include "domain/filter.h"
#include "store/query.h"

typedef struct where {
    const char *from;  /* "things t", or a narrower set joined with it */
    const char *holds; /* what must hold: never empty */
    const char *uid;   /* the column to sort by for the order of uids */
    const char *alone; /* may stand for `from` and `holds` if only `uid` is wanted; or NULL */
    bool is_all;       /* nothing must hold but that a thing is of the space */
    bool is_few;       /* so few things are gone through that all of them may be */
    bool is_sorted;    /* those few, or many, come in the order of uids */
    bool is_vague;     /* conditions_hold must be asked as well */
} where;

/* Where a page of things by uid begins, for a look at those that come next. */
typedef struct nearby {
    const char *beyond; /* " AND uid > $2", or "" */
    bool is_descending;
    int limit; /* things on the page */
} nearby;

/* Turns `filter` into SQL, its arguments added to `query`. Asks the database a little, to find out
 * what is rare. `in_order`: the caller has an order to go through things by, so that only few things
 * may stand in place of "things t"; else, what comes in the order of uids may, too. `nearby`: things
 * are wanted by uid from here, so that nothing need be counted if the page is likely to be filled soon;
 * NULL: no look. */
bool where_make(query *query, const thing_filter *filter, bool in_order, const nearby *nearby,
                where *ret);

#endif
