/* SPDX-License-Identifier: Apache-2.0 */
/* Which Model a Thing follows (docs/api/http.md 7.3, rules 1 to 3). */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/json.h"

/* A Model, or one version of it. */
typedef struct model_ref {
    const char *name; /* NULL: none */
    int64_t version;  /* 0: not fixed */
} model_ref;

/* What a Category of the Thing asks for. */
typedef struct model_need {
    const char *category;
    model_ref model; /* with a name */
} model_need;

/* The Model for a Thing that inputs `wanted` and has `present`. *ret: no name if it has none; version 0
 * means the newest. IOTS_CONFLICT if the Categories do not agree with the input or with one another;
 * IOTS_INVALID for a version of no Model. */
bool model_choose(ix_ctx *cx, const model_ref *wanted, const model_ref *present,
                  const model_need *needs, size_t count, model_ref *ret);

enum { MODEL_FILLED_MAX = 1 << 20 }; /* bytes of JSON that are put in place of placeholders */

/* The template with its placeholders {{NAME}} filled in (contract/placeholder.h): one that is all of a
 * string by its value, one in a longer text by the value's text. NULL on failure: IOTS_INVALID if one of
 * `values` (an object, or NULL) is missing, or all is nested too deep; IOTS_TOO_LARGE. */
const ix_json *model_fill(ix_ctx *cx, const ix_json *template, const ix_json *values);

#endif
