/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a document a check is at: a chain on the stack, from the value in hand up to the whole.
 * Costs nothing until something is at fault; then it becomes a JSON Pointer.
 */
#ifndef IX_PLACE_H
#define IX_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/ctx.h"

typedef struct ix_place {
    const struct ix_place *up; /* NULL: the whole */
    const char *name;          /* of a member; NULL: an item, or a whole without a name. The name of
                                  the whole is written as it is. */
    size_t index;              /* of an item */
} ix_place;

/* Adds the place as a JSON Pointer: nothing for the whole, "/model/version". */
void ix_place_pointer(ix_buf *buf, const ix_place *at);

/* Records IOTS_INVALID with the place as field ("model/version", without a leading slash) and the
 * reason. `message` NULL: the sentence is made of both. `reason` NULL: memory was out; passed on.
 * Always false. */
bool ix_place_fail(ix_ctx *cx, const ix_place *at, const char *message, const char *reason);

#endif
