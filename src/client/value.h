/* SPDX-License-Identifier: Apache-2.0 */
/* Values going out: from the small struct of a program to JSON or bytes. */
#ifndef CLIENT_VALUE_H
#define CLIENT_VALUE_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"
#include "base/str.h"
#include "iots/iots.h"

bool value_is_none(iots_value value);

/* A model, and what it is: a row of the program's iots_typed_all. NULL: there is none. */
iots_value value_of_model(const void *model, const void *typed);
bool value_is_model(iots_value value);

/* The value as JSON, in cx and free to be changed. NULL on failure: IOTS_USAGE if it is none, or
 * cannot be JSON; the failure of a document that could not be built. */
ix_json *value_json(ix_ctx *cx, iots_value value);

/* The value as the bytes of a body. Text that is given as such (raw, bytes) stays as it is to the
 * byte; `check` has it looked at: is it JSON? The caller keeps what the value points at meanwhile. */
bool value_body(ix_ctx *cx, iots_value value, bool check, ix_str *ret);

/* Is this a value that says of itself that it is JSON? Bytes do not. */
bool value_is_json(iots_value value);

#endif
