/* SPDX-License-Identifier: Apache-2.0 */
/* What a body wants of a Thing, made true: what POST, PUT and PATCH have in common. */
#ifndef WISHES_H
#define WISHES_H

#include <stdbool.h>

#include "api/values.h"
#include "domain/thing.h"
#include "domain/thing_patch.h"

handler plan_things_create, plan_thing_update, plan_thing_patch, plan_things_patch;

enum { THING_BYTES_MAX = 12 << 20 }; /* of a Thing with its values that is written */

/* What a write is going to make of a Thing. */
typedef struct thing_plan {
    const thing_view *before; /* NULL: a new Thing */
    thing_wish wish;
    thing_row row;          /* lacks uid and times */
    bool is_only_of_values; /* the row stays as it is */
} thing_plan;

/* Says what is wished, of the body alone or of a patch of `shown`: the Thing as GET shows it, or {NULL, 0}
 * if the wish does not depend on it. */
typedef bool wish_reader(call *call, ix_str shown, thing_change *ret);

/* Checks a wish against what else there is, and fills in the rest. In the committer, what was found out
 * before is used as long as it was made from the same. */
bool thing_plan_make(call *call, const thing_view *before, ix_str shown, wish_reader *read,
                     thing_plan *ret);

/* Makes the Thing of the path what is planned, values included. */
bool thing_plan_write(call *call, thing_plan *plan);
bool wish_set_values(call *call, const thing_wish *wish, const char *uid);

/* Makes a Thing follow a Model that a Category of it has begun to ask for (7.3). *ret_changed: it did not
 * do so before. */
bool thing_follow(call *call, const char *uid, const char *model, bool *ret_changed);

/* Appends a Thing to `buf` as this call shows it: this one, or that of the path as it is stored now. */
bool view_append(call *call, const thing_view *view, ix_buf *buf);
bool thing_append(call *call, ix_buf *buf);

#endif
