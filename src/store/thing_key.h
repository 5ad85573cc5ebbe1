/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sort key of a Thing: bytes in whose order a list has its Things, whatever it is sorted by.
 *
 * Each key of the list's order adds a component, which is the value as an index has it (key.h), or says
 * that there is none; of a descending key its bits are turned over. No component is the beginning of
 * another. The first one is kept apart, because lists are read along its index; the others are joined,
 * and if all are too long together the end of the joined ones is a digest. So a key is short, whatever
 * people write, and a cursor has room for it.
 */
#ifndef THING_KEY_H
#define THING_KEY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/json.h"
#include "store/key.h"

enum {
    THING_KEY_FIRST_MAX = KEY_MAX + 45, /* the longest component: a title, cut (key.h) */
    THING_KEY_DIGEST_BYTES = 16,
};

typedef struct thing_key {
    ix_str first; /* empty where things are in the order of uids */
    ix_str rest;
    ix_str uid;
} thing_key;

/* Appends a component: a value_key, a text without zeros, a whole number, or none. */
void thing_key_add(ix_buf *buf, ix_str value, bool is_descending);
void thing_key_add_text(ix_buf *buf, ix_str text, bool is_descending);
void thing_key_add_int(ix_buf *buf, int64_t number, bool is_descending);
void thing_key_add_none(ix_buf *buf);

/* Shortens the joined components after a first one of this length, if need be. True: they are so long that
 * others, which are shortened, may not be in the order of their components to them. */
bool thing_key_cut(ix_buf *rest, size_t first_len);

/* May the joined components of the key have been shortened? */
bool thing_key_may_be_cut(const thing_key *key);

/* Cuts the first one off joined components, which were not shortened. False: where it ends is not known, as
 * of an array or object. `is_value`: of a value_key, else of a text or a whole number. */
bool thing_key_split(ix_str joined, bool is_value, bool is_descending, ix_str *ret,
                     ix_str *ret_rest);

bool thing_key_is_none(ix_str component);

/* What a component was made of, in cx. False: it was not made so, or memory ran out, and cx says so. */
bool thing_key_value(ix_ctx *cx, ix_str component, bool is_descending, ix_str *ret);
bool thing_key_text(ix_ctx *cx, ix_str component, bool is_descending, ix_str *ret);
bool thing_key_int(ix_ctx *cx, ix_str component, bool is_descending, int64_t *ret);

/* Before, alike, behind: -1, 0, 1. */
int thing_key_compare(const thing_key *a, const thing_key *b);

/* How many values a cursor holds where there is a first component, and where there is none. */
enum { THING_KEY_VALUES = 3, THING_KEY_UID_VALUES = 1 };

/* The keys of a cursor (page.h), in cx. {NULL, 0} when out of memory. */
ix_str thing_key_write(ix_ctx *cx, const thing_key *key);
/* The same read, in cx. IOTS_INVALID "invalid cursor". */
bool thing_key_read(ix_ctx *cx, const ix_json *boundary, bool has_first, thing_key *ret);

#endif
