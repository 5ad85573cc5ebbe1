/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does this answer look as expected?
 *
 * An expectation is a JSON document in which objects match if each listed member matches, arrays
 * match item by item with equal length, and some strings stand for more than themselves:
 *
 *     <any>       whatever it is, as long as it is there       <int>       an integer
 *     <nonempty>  text of one character or more                <string>    text
 *     <ulid>      26 characters of Crockford base 32           <time>      RFC 3339, UTC, "Z"
 *     <absent>    the member must be missing
 *
 * "<others>": "<absent>" as a member says that there are no members but the listed ones. Any other
 * text in angle brackets stands for itself.
 */
#ifndef MATCH_H
#define MATCH_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"

/* False with a sentence that begins with the JSON Pointer at which they differ. `got` NULL: absent. */
bool match_json(ix_ctx *cx, const ix_json *want, const ix_json *got);

/* The same for two texts, of which `want` may be a matcher; `got` NULL: absent. `what` is the subject
 * of the sentence. */
bool match_text(ix_ctx *cx, const char *what, const char *want, const char *got);

/* A time as the server writes it: RFC 3339 with "Z", a fraction only when non-zero, at most six
 * digits, none of them a trailing zero. */
bool match_is_time(const char *text);

/* 26 characters of Crockford base 32 in upper case. */
bool match_is_ulid(const char *text);

#endif
