/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options as programs hand them in: structs that begin with their size as the program knows it. A
 * program compiled against an older header has a smaller one; what it lacks is zero, "as usual".
 */
#ifndef CLIENT_OPTS_H
#define CLIENT_OPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "iots/iots.h"

/* Copies the options at `given` (NULL: all zero) over `ret`, which has `size` bytes. IOTS_USAGE if
 * their size is not set, or if they ask for what this library does not know. `name`: the type, for
 * the sentence. */
bool opts_take(ix_ctx *cx, const char *name, const void *given, void *ret, size_t size);

/* Pairs in a list; 0 for NULL. */
size_t opts_count(const iots_param *list);

/* A copy of a list in cx, pairs without a value left out. NULL only on failure. */
iots_param *opts_copy(ix_ctx *cx, const iots_param *list);

#endif
