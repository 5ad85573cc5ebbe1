/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a document: JSON Patch (RFC 6902) and merge patch (RFC 7396); http-api.md section 9. */
#ifndef PATCH_H
#define PATCH_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"

enum { PATCH_OPERATIONS_MAX = 10000 };

/* A copy of `doc` after all operations; `doc` stays as it is. IOTS_INVALID: "malformed body" when
 * `operations` is no list of operations; else error.details holds index, op, path and reason of the
 * operation that failed. */
bool patch_apply(ix_ctx *cx, const ix_json *doc, const ix_json *operations, ix_json **ret);

/* A copy of `doc` with `patch` merged into it (RFC 7396 section 2). */
bool patch_merge(ix_ctx *cx, const ix_json *doc, const ix_json *patch, ix_json **ret);

#endif
