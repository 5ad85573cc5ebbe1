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
    bool is_vague;     /* conditions_hold must be asked as well */
} where;

/* Turns `filter` into SQL, its arguments added to `query`. `by_uid`: the caller wants the order of
 * uids. Asks the database a little, to find out what is rare. */
bool where_make(query *query, const thing_filter *filter, bool by_uid, where *ret);

#endif
