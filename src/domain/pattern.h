/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions of DataSchemas (`pattern`): ECMA-262 in spirit, as JSON Schema wants them, and not
 * anchored. Whatever they are, they end: matching is paid for with the steps of the cx, and bounded in
 * memory.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"
#include "base/str.h"

enum {
    PATTERN_BYTES_MAX = 4096,
    PATTERN_STEPS = 50,            /* of work that compiling one takes, see ix_spend */
    PATTERN_MATCH_LIMIT = 1000000, /* backtracking points from one place of the text */
    PATTERN_DEPTH_LIMIT = 100000,  /* of them inside one another */
    PATTERN_HEAP_KIB = 16 << 10,   /* of memory for one match */
};

typedef struct pattern pattern;

/* Caller frees. NULL on failure: IOTS_INVALID, whose message says what is wrong and where. */
pattern *pattern_new(ix_ctx *cx, ix_str text);
void pattern_free(pattern *pattern); /* NULL is fine */

/* Does some part of the text match? False on failure: IOTS_INVALID when that takes too much. */
bool pattern_match(ix_ctx *cx, const pattern *pattern, ix_str text, bool *ret);

/* Do all patterns of a description (a Thing, a Model's template) compile? IOTS_INVALID that names the
 * field, behind `field` unless that is NULL. */
bool pattern_check_all(ix_ctx *cx, const char *field, const ix_json *description);

#endif
