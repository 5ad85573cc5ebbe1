/* SPDX-License-Identifier: Apache-2.0 */
/* What a body wants of a Thing, made true: what POST, PUT and PATCH have in common. */
#ifndef WISHES_H
#define WISHES_H

#include <stdbool.h>

#include "api/values.h"
#include "domain/thing.h"

/* Checks a wish against what else there is, and fills in the rest of a row that has its uid and
 * times. `before` is the Thing as it is, or NULL for a new one. */
bool wish_settle(call *call, const thing_view *before, thing_wish *wish, thing_row *row);

/* Makes the Thing `before` what is wished, values included. */
bool wish_replace(call *call, const thing_view *before, thing_wish *wish);

/* The values alone. */
bool wish_check_values(call *call, const thing_wish *wish);
bool wish_set_values(call *call, const thing_wish *wish, const char *uid);

/* Makes a Thing follow a Model that a Category of it has begun to ask for (7.3). */
bool thing_follow(call *call, const char *uid, const char *model);

/* Appends a Thing to `buf` as this call shows it: this one, or that of the path as it is stored now. */
bool view_append(call *call, const thing_view *view, ix_buf *buf);
bool thing_append(call *call, ix_buf *buf);

#endif
