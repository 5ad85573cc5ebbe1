/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON: reading, writing, looking, building. The only header of ours over the JSON library.
 *
 * Values made here live as long as the cx they were made with; nobody frees them. Looking never
 * fails: a missing member of a missing object is NULL, and NULL has kind IX_NONE. Nothing is lost
 * silently: integers that do not fit int64, numbers beyond double (overflow, or underflow of a
 * non-zero number to zero), repeated member names, U+0000 and bad UTF-8 are refused.
 *
 * Not thread-safe: a tree belongs to one thread at a time.
 */
#ifndef IX_JSON_H
#define IX_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/str.h"

typedef struct ix_json ix_json;

enum {
    IX_JSON_DEPTH = 64,   /* arrays and objects inside each other (docs/api/http.md section 1) */
    IX_JSON_WRAPPING = 8, /* more of them, where what was taken stands inside a page or an item */
};

/* In the order in which unlike types sort (docs/api/http.md 10.3): null < bool < number < string < array
 * < object. */
typedef enum ix_kind {
    IX_NONE, /* no value at all */
    IX_NULL,
    IX_BOOL,
    IX_INT,
    IX_REAL,
    IX_TEXT,
    IX_ARRAY,
    IX_OBJECT,
} ix_kind;

/* Call once before threads start. */
void ix_json_init(void);

/* ---- text in ---- */

enum { IX_JSON_BYTES_PER_STEP = 8 }; /* read for one step of ix_spend */

/* NULL on failure: IOTS_INVALID with line and column in the sentence; IOTS_TOO_LARGE if it takes more
 * work than is left. */
ix_json *ix_json_parse(ix_ctx *cx, const char *text, size_t len);

/* The same for answers, and for what is put back: what was taken by ix_json_parse() may stand inside of
 * IX_JSON_WRAPPING arrays and objects more. */
ix_json *ix_json_parse_wrapped(ix_ctx *cx, const char *text, size_t len);

/* ---- text out ---- */

/* Compact, members in their order, numbers in shortest round-trip form, an integral double with
 * ".0". NULL writes null. */
void ix_json_write(ix_buf *buf, const ix_json *json);
void ix_json_write_pretty(ix_buf *buf, const ix_json *json, int indent);
void ix_json_write_text(ix_buf *buf, ix_str text); /* quoted and escaped */
void ix_json_write_real(ix_buf *buf, double value);

/* The compact text, in cx. NULL on failure. */
char *ix_json_text(ix_ctx *cx, const ix_json *json);

/* ---- looking ---- */

ix_kind ix_json_kind(const ix_json *json);
bool ix_json_is_number(const ix_json *json); /* IX_INT or IX_REAL */

/* NULL if there is no such member, or `json` is not an object. */
const ix_json *ix_json_member(const ix_json *json, const char *name);
const ix_json *ix_json_member_str(const ix_json *json, ix_str name);

/* Items of an array or members of an object; 0 for anything else. */
size_t ix_json_count(const ix_json *json);
const ix_json *ix_json_item(const ix_json *json, size_t index);

/* By JSON Pointer (RFC 6901); "" is the value itself; NULL if absent. */
const ix_json *ix_json_at(const ix_json *json, const char *pointer);

const char *ix_json_string(const ix_json *json);              /* NULL if it is not a string */
ix_str ix_json_str(const ix_json *json);                      /* empty, at NULL, if no string */
bool ix_json_bool(const ix_json *json, bool otherwise);       /* otherwise: if no bool */
int64_t ix_json_int(const ix_json *json, int64_t otherwise);  /* otherwise: if no IX_INT */
double ix_json_number(const ix_json *json, double otherwise); /* of IX_INT or IX_REAL */

/* for (ix_member m = ix_members(obj); m.name; m = ix_members_next(m)) ... m.value ...
 * The object must not be changed meanwhile. */
typedef struct ix_member {
    const char *name; /* NULL at the end */
    const ix_json *value;
    const ix_json *object; /* private */
    void *iter;            /* private */
} ix_member;
ix_member ix_members(const ix_json *object);
ix_member ix_members_next(ix_member member);

/* Equal as JSON values: members in any order, 1 equals 1.0. */
bool ix_json_equal(const ix_json *a, const ix_json *b);

/* How long it takes to look at all of it, in steps of ix_spend: one for each value in it, and one for
 * each IX_STEP_BYTES of text. */
size_t ix_json_weight(const ix_json *json);

/* -1, 0, 1 in the order of docs/api/http.md 10.3: by kind, then numbers by value (int64 and double
 * exactly), strings by code point, arrays by item, objects by sorted members. */
int ix_json_compare(const ix_json *a, const ix_json *b);

/* ---- building ---- */

/* NULL when out of memory. */
ix_json *ix_json_new_object(ix_ctx *cx);
ix_json *ix_json_new_array(ix_ctx *cx);
ix_json *ix_json_new_text(ix_ctx *cx, ix_str text); /* must be UTF-8 */
ix_json *ix_json_new_string(ix_ctx *cx, const char *text);
ix_json *ix_json_new_int(ix_ctx *cx, int64_t value);
ix_json *ix_json_new_real(ix_ctx *cx, double value); /* IOTS_INVALID if it is not finite */
ix_json *ix_json_new_bool(ix_ctx *cx, bool value);
ix_json *ix_json_new_null(ix_ctx *cx);
ix_json *ix_json_copy(ix_ctx *cx, const ix_json *json); /* deep */

/* The tree keeps its own hold of `value`; a NULL value is a failure passed on (returns false, with
 * cx as it is). A member that exists keeps its place. What is not an object, not an array or has no such
 * place is left alone: IOTS_INTERNAL. */
bool ix_json_set(ix_ctx *cx, ix_json *object, const char *name, const ix_json *value);
bool ix_json_append(ix_ctx *cx, ix_json *array, const ix_json *value);
bool ix_json_insert(ix_ctx *cx, ix_json *array, size_t index, const ix_json *value);
bool ix_json_put(ix_ctx *cx, ix_json *array, size_t index, const ix_json *value); /* replaces */
void ix_json_remove(ix_json *object, const char *name);
void ix_json_remove_item(ix_json *array, size_t index);

/* For code that changes a tree it found by looking. The tree must be ours to change. */
static inline ix_json *ix_json_mutable(const ix_json *json)
{
    union {
        const ix_json *from;
        ix_json *to;
    } hold = {.from = json};
    return hold.to;
}

#endif
