/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts as indexes hold them.
 *
 * What people write may be long; an entry of an index may not (PostgreSQL: a third of a page). So where
 * text is searched or sorted by, a long one is kept as its beginning and its digest. Equal keys are
 * equal texts, and keys are in the order of their texts, but for texts that begin alike for KEY_MAX
 * bytes. Whoever compares with such a column compares with a key.
 */
#ifndef KEY_H
#define KEY_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/str.h"
#include "store/db.h"

enum {
    KEY_MAX = 1000, /* bytes; longer texts are cut, their keys are longer than this */
    KEY_CUT_LETTERS = KEY_MAX / 4,  /* the key of a cut text has more letters than this */
    KEY_IN_ORDER_MAX = KEY_MAX - 4, /* bytes of a text whose place among all others its key has */
};

/* In cx, or the text itself. {NULL, 0} when memory is out. */
ix_str key_of(ix_ctx *cx, ix_str text);

/* The same as an argument; NULL text is NULL, and when memory is out cx tells. */
db_value key_arg(ix_ctx *cx, const char *text);

#endif
