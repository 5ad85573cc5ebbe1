/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Thing changed by a patch (docs/api/http.md 9.1): what a patch of the Thing as GET shows it means as a
 * PUT.
 *
 * Two things differ from a PUT. Only the values that the patch speaks of are set: the others are in
 * the document because GET shows them. And a member that was taken out is gone, `categories` too,
 * which a PUT may leave out to keep.
 */
#ifndef THING_PATCH_H
#define THING_PATCH_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"
#include "domain/thing.h"

typedef enum patch_form {
    PATCH_OPERATIONS, /* JSON Patch (RFC 6902) */
    PATCH_MERGE,      /* RFC 7396 */
} patch_form;

typedef struct thing_change {
    thing_input input;      /* as of a PUT; status: the values to be set, or NULL */
    bool is_only_of_values; /* the description stays as it is */
} thing_change;

/* `before` is the Thing as GET shows it on this route. IOTS_INVALID as of patch_apply, patch_merge
 * and thing_read, and for members that cannot be changed. */
bool thing_patch(ix_ctx *cx, bool in_category, const ix_json *before, patch_form form,
                 const ix_json *patch, thing_change *ret);

#endif
