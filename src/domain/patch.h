/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a document: JSON Patch (RFC 6902) and merge patch (RFC 7396); docs/api/http.md section 9. */
#ifndef PATCH_H
#define PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/json.h"

enum { PATCH_OPERATIONS_MAX = 10000 };

/* A copy of `doc` after all operations; `doc` stays as it is. IOTS_INVALID: "malformed body" when
 * `operations` is not a list of operations; else error.details holds index, op, path and reason of the
 * operation that failed. */
bool patch_apply(ix_ctx *cx, const ix_json *doc, const ix_json *operations, ix_json **ret);

/* Of operations that patch_apply has carried out: the last one, tests apart, that writes at `pointer`,
 * inside it or around it. Their number if none does. */
size_t patch_writer(const ix_json *operations, const char *pointer);

/* Of the same: sets in `names` a member for each member of the document's member `of` that they write,
 * tests apart; *ret_all if they write `of` as a whole. */
bool patch_names_written(ix_ctx *cx, const ix_json *operations, const char *of, ix_json *names,
                         bool *ret_all);

/* Records, as patch_apply does, why operation `index` cannot be done. Always false. */
bool patch_refuse(ix_ctx *cx, const ix_json *operations, size_t index, const char *reason);

/* A copy of `doc` with `patch` merged into it (RFC 7396 section 2). */
bool patch_merge(ix_ctx *cx, const ix_json *doc, const ix_json *patch, ix_json **ret);

#endif
