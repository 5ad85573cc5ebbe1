/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies from the command line: --body JSON, --body @file, --body - (standard input), or words.
 *
 * What words mean depends on the operation. Most take name=value pairs, which become members. A
 * value that is JSON is taken as such (21.5, true, null, "21", [1, 2]), anything else is text; but
 * what begins like JSON, with a brace, bracket or quote, has to be JSON.
 */
#ifndef CLI_BODY_H
#define CLI_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/json.h"
#include "contract/ops.h"

enum { BODY_MAX = 64 * 1024 * 1024 };

/* What the words are, for the help: "NAME=VALUE...". "" if the operation has no body. */
const char *body_words(const ix_op *op);

/* The value a word stands for. IOTS_INVALID for a number that cannot be kept exactly. */
ix_json *value_of_word(ix_ctx *cx, const char *word);

/* An object of name=value words. Members that `schema` (may be NULL) says are text stay text.
 * IOTS_USAGE for a word without '=', and for a name that is given twice. */
ix_json *object_of_words(ix_ctx *cx, const ix_schema *schema, const char *const *words,
                         size_t count);

/* The body that words make for an operation, with these path variables. */
ix_json *body_of_words(ix_ctx *cx, const ix_op *op, const char *const vars[IX_VAR_COUNT],
                       const char *const *words, size_t count);

/* The text that --body names. `is_json`: it has to be JSON. */
const char *body_of_flag(ix_ctx *cx, const char *flag, bool is_json);

#endif
