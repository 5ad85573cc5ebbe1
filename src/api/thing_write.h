/* SPDX-License-Identifier: Apache-2.0 */
/* What a body wants of a Thing, made true: what POST, PUT and PATCH have in common. */
#ifndef THING_WRITE_H
#define THING_WRITE_H

#include <stdbool.h>

#include "api/values.h"
#include "domain/thing.h"
#include "domain/thing_patch.h"

handler plan_things_create, plan_thing_update, plan_thing_patch, plan_things_patch;

enum { THING_BYTES_MAX = 12 << 20 }; /* of a Thing with its values that is written */

/* What a write is going to make of a Thing. */
typedef struct thing_plan {
    const thing_view *before; /* NULL: a new Thing */
    thing_input input;
    thing_row row;          /* lacks uid and times */
    bool is_only_of_values; /* the row stays as it is */
} thing_plan;

/* Says what is asked for, of the body alone or of a patch of `shown`: the Thing as GET shows it, or {NULL, 0}
 * if the input does not depend on it. */
typedef bool input_reader(api_call *call, ix_str shown, thing_change *ret);

/* Checks an input against what else there is, and fills in the rest. In the committer, what was found out
 * before is used as long as it was made from the same. */
bool thing_plan_make(api_call *call, const thing_view *before, ix_str shown, input_reader *read,
                     thing_plan *ret);

/* Makes the Thing of the path what is planned, values included. */
bool thing_plan_write(api_call *call, thing_plan *plan);
bool thing_input_set_values(api_call *call, const thing_input *input, const char *uid);

/* Makes a Thing follow a Model that a Category of it has begun to ask for (7.3). *ret_changed: it did not
 * do so before. */
bool thing_apply_model(api_call *call, const char *uid, const char *model, bool *ret_changed);

/* Appends a Thing to `buf` as this call shows it: this one, or that of the path as it is stored now. */
bool view_append(api_call *call, const thing_view *view, ix_buf *buf);
bool thing_append(api_call *call, ix_buf *buf);

#endif
