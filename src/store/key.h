/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts and values as indexes hold them.
 *
 * What people write may be long; an entry of an index may not (PostgreSQL: a third of a page). So where
 * something is searched or sorted by, a long one is kept as its beginning and its digest. Equal keys are
 * equal things, and keys are in the order of what they stand for, but for what begins alike for KEY_MAX
 * bytes. Whoever compares with such a column compares with a key.
 */
#ifndef KEY_H
#define KEY_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"
#include "base/str.h"
#include "store/sql/db.h"

enum {
    KEY_MAX = 1000,            /* bytes; longer ones are cut, their keys are longer than this */
    VALUE_KEY_CUT_LEN = 1032,  /* of the key of a value that is cut */
    VALUE_NUMBER_KEY_LEN = 11, /* of that of a number */
};

/* The key of a text: a text, which is not cut inside a letter. In cx, or the text itself. {NULL, 0}
 * when out of memory. */
ix_str key_of(ix_ctx *cx, ix_str text);

/* The same as an argument; NULL text is NULL, and when out of memory cx says so. */
db_value key_arg(ix_ctx *cx, const char *text);

/* The key of a JSON value, in cx: bytes, in whose order values sort (docs/api/http.md 10.3: by kind, then
 * as ix_json_compare has it). The first byte is the kind, IX_INT for every number. {NULL, 0} when
 * there is no memory. */
ix_str value_key(ix_ctx *cx, const ix_json *value);

/* The key below those of all values of a kind, and above those of lesser kinds; of null it is the key.
 * IX_OBJECT + 1: above all values. */
ix_str key_of_kind(ix_kind kind);

/* Does key `a` come before `b`? */
bool key_is_before(ix_str a, ix_str b);

#endif
