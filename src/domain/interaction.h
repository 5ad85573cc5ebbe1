/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries: requests of actions and occurrences of events (docs/api/http.md sections 13 and 14).
 *
 * An interaction is one member of an object, named after the action or event. Its value is stored as JSON
 * text without href, because href depends on the way one came; a reply is put together by copying
 * this text, it is not parsed on the way out.
 */
#ifndef INTERACTION_H
#define INTERACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/json.h"
#include "domain/dataschema.h"

/* The value of the body's only member, which must be `name`: IOTS_INVALID. */
bool interaction_read(ix_ctx *cx, const ix_json *body, const char *name, const ix_json **ret);

/* Does the member ("input", "output", "data") of `value` fit what the affordance says of it? An absent
 * one does, and so does any where the affordance says nothing of it (NULL: nothing at all). */
bool interaction_check(ix_ctx *cx, const ix_json *affordance, const char *name, const char *member,
                       const ix_json *value, validate_mode mode);

/* What is stored when an action is requested, when a request is updated (`before` is what was stored),
 * and when an event is reported; `value` is that of the body. NULL when out of memory. */
ix_json *action_new(ix_ctx *cx, const ix_json *value, int64_t now_us);
ix_json *action_updated(ix_ctx *cx, const ix_json *before, const ix_json *value, int64_t now_us);
ix_json *event_new(ix_ctx *cx, const ix_json *value, int64_t now_us);

/* The same for one that another server had: with its own times and status. IOTS_INVALID. */
ix_json *action_preserved(ix_ctx *cx, const ix_json *value, int64_t now_us);
ix_json *event_preserved(ix_ctx *cx, const ix_json *value, int64_t now_us);

/* Appends {"<name>": <stored>} with the href "<path>/<id>"; path and id need no escaping. */
void interaction_write(ix_buf *buf, ix_str name, ix_str stored, const char *path, ix_str id);

#endif
