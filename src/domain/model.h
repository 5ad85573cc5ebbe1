/* SPDX-License-Identifier: Apache-2.0 */
/* Which Model a Thing follows (docs/api/http.md 7.3, rules 1 to 3). */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"

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

/* The Model for a Thing that wishes `wanted` and has `present`. *ret: no name if it has none; version 0
 * means the newest. IOTS_CONFLICT if the Categories do not agree with the wish or with one another;
 * IOTS_INVALID for a version of no Model. */
bool model_choose(ix_ctx *cx, const model_ref *wanted, const model_ref *present,
                  const model_need *needs, size_t count, model_ref *ret);

#endif
