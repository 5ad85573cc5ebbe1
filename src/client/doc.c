/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents, built by JSON Pointer. A pointer is walked step by step; at each step `step_into` finds
 * the container for the next one, and makes it if it is missing. The first failure stays in the cx
 * of the document.
 */
#include "client/doc.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "client/reply.h"
#include "client/start.h"
#include "client/value.h"

struct iots_doc {
    ix_ctx cx;     /* the memory of the document, and why it could not be built */
    ix_json *root; /* an object, unless set otherwise */
    bool is_fresh; /* nothing was set: the object may still become an array */
};

static const iots_doc no_memory = {
    .cx = {.error = {.code = IOTS_NO_MEMORY, .message = "Out of memory"}},
};

static iots_doc *doc_no_memory(void)
{
    union {
        const iots_doc *from;
        iots_doc *to;
    } hold = {.from = &no_memory}; /* nothing writes to it: it has failed already */
    return hold.to;
}

iots_doc *iots_doc_new(void)
{
    library_start();
    iots_doc *doc = calloc(1, sizeof *doc);
    if (!doc)
        return doc_no_memory();
    if (!ix_ctx_init(&doc->cx, 0) || !(doc->root = ix_json_new_object(&doc->cx))) {
        iots_doc_free(doc);
        return doc_no_memory();
    }
    doc->is_fresh = true;
    return doc;
}

static iots_doc *doc_of(iots_value value)
{
    iots_doc *doc = iots_doc_new();
    iots_doc_set(doc, "", value);
    return doc;
}

iots_doc *iots_doc_parse(const char *text)
{
    return doc_of(iots_raw(text));
}

iots_doc *iots_doc_copy(const iots_json *json)
{
    return doc_of(iots_json_value(json));
}

void iots_doc_free(iots_doc *doc)
{
    if (!doc || doc == &no_memory)
        return;
    ix_ctx_done(&doc->cx);
    free(doc);
}

void doc_fail(iots_doc *doc, iots_code code)
{
    ix_fail(&doc->cx, code, NULL);
}

const char *iots_doc_error(const iots_doc *doc)
{
    return doc ? doc->cx.error.message : "no document at all";
}

const iots_json *iots_doc_json(const iots_doc *doc)
{
    return doc ? json_shown(doc->root) : NULL;
}

ix_ctx *doc_cx(iots_doc *doc)
{
    return doc && !ix_failed(&doc->cx) ? &doc->cx : NULL;
}

const ix_json *doc_root(const iots_doc *doc)
{
    return doc->root;
}

bool doc_check(ix_ctx *cx, const iots_doc *doc)
{
    const ix_error *error = &doc->cx.error;
    return error->code == IOTS_OK || ix_fail(cx, error->code, "%s", error->message);
}

/* ---- walking ---- */

/* Takes the next token off `*rest` ("/a~1b/c" gives "a/b" and leaves "/c"), decoded, in cx. */
static char *next_token(ix_ctx *cx, const char **rest)
{
    const char *from = *rest + 1;
    const size_t len = strcspn(from, "/");
    *rest = from + len;
    char *token = ix_strndup(cx, from, len);
    if (!token)
        return NULL;
    char *out = token;
    for (const char *in = token; *in; in++) {
        if (*in == '~' && (in[1] == '0' || in[1] == '1'))
            *out++ = *++in == '0' ? '~' : '/';
        else
            *out++ = *in;
    }
    *out = '\0';
    return token;
}

/* Where in an array a token points; "-" is behind the last item. */
static bool index_of(ix_ctx *cx, const ix_json *array, const char *token, const char *pointer,
                     size_t *ret)
{
    const size_t count = ix_json_count(array);
    int64_t index;
    if (strcmp(token, "-") == 0)
        *ret = count;
    else if (!ix_str_int(ix_str_of(token), &index) || index < 0)
        return ix_fail(cx, IOTS_USAGE, "%s: '%s' is not an index of an array", pointer, token);
    else if ((uint64_t)index >= count)
        return ix_fail(cx, IOTS_USAGE, "%s: the array has no item %s", pointer, token);
    else
        *ret = (size_t)index;
    return true;
}

/* Puts `value` at `token` of a container. */
static bool doc_put(ix_ctx *cx, ix_json *container, const char *token, const char *pointer,
                    const ix_json *value)
{
    if (ix_json_kind(container) == IX_OBJECT)
        return ix_json_set(cx, container, token, value);
    if (ix_json_kind(container) != IX_ARRAY)
        return ix_fail(cx, IOTS_USAGE, "%s: there is no object or array around '%s'", pointer,
                       token);
    size_t index = 0;
    if (!index_of(cx, container, token, pointer, &index))
        return false;
    if (index == ix_json_count(container))
        return ix_json_append(cx, container, value);
    return ix_json_put(cx, container, index, value);
}

/* What is at `token` of a container; NULL if nothing is. */
static ix_json *look(const ix_json *container, const char *token)
{
    int64_t index;
    if (ix_json_kind(container) == IX_OBJECT)
        return ix_json_mutable(ix_json_member(container, token));
    if (!ix_str_int(ix_str_of(token), &index) || index < 0)
        return NULL;
    return ix_json_mutable(ix_json_item(container, (size_t)index));
}

/* A container such as the rest of the pointer needs. */
static ix_json *new_container(ix_ctx *cx, const char *rest)
{
    const bool appends = strncmp(rest, "/-", 2) == 0 && (rest[2] == '\0' || rest[2] == '/');
    return appends ? ix_json_new_array(cx) : ix_json_new_object(cx);
}

/* The container at `token`, made if it is missing. NULL on failure. */
static ix_json *step_into(ix_ctx *cx, ix_json *container, const char *token, const char *pointer,
                          const char *rest)
{
    ix_json *inner = look(container, token);
    if (inner)
        return inner;
    inner = new_container(cx, rest);
    return inner && doc_put(cx, container, token, pointer, inner) ? inner : NULL;
}

static bool set_below(iots_doc *doc, const char *pointer, const ix_json *value)
{
    ix_ctx *cx = &doc->cx;
    const char *rest = pointer;
    if (doc->is_fresh)
        doc->root = new_container(cx, rest);
    doc->is_fresh = false;

    ix_json *container = doc->root;
    int depth = 0;
    for (char *token; container && (token = next_token(cx, &rest));) {
        if (!*rest)
            return doc_put(cx, container, token, pointer, value);
        if (++depth >= IX_JSON_DEPTH)
            return ix_fail(cx, IOTS_USAGE, "%s: nested too deeply", pointer);
        container = step_into(cx, container, token, pointer, rest);
    }
    return false;
}

static bool can_change(iots_doc *doc, const char *pointer)
{
    if (!doc || ix_failed(&doc->cx))
        return false;
    if (!pointer || (*pointer && *pointer != '/'))
        return ix_fail(&doc->cx, IOTS_USAGE, "%s: a pointer is empty or begins with /",
                       pointer ? pointer : "(none)");
    return ix_str_is_utf8(ix_str_of(pointer)) ||
           ix_fail(&doc->cx, IOTS_USAGE, "a pointer that is not UTF-8");
}

bool iots_doc_set(iots_doc *doc, const char *pointer, iots_value value)
{
    if (!can_change(doc, pointer))
        return false;
    if (value_is_none(value))
        return true;
    ix_json *json = value_json(&doc->cx, value);
    if (!json)
        return false;
    if (*pointer)
        return set_below(doc, pointer, json);
    doc->root = json;
    doc->is_fresh = false;
    return true;
}

bool iots_doc_remove(iots_doc *doc, const char *pointer)
{
    if (!can_change(doc, pointer))
        return false;
    ix_ctx *cx = &doc->cx;
    if (!*pointer) {
        doc->root = ix_json_new_object(cx);
        doc->is_fresh = true;
        return doc->root != NULL;
    }
    const char *rest = pointer;
    ix_json *container = doc->root;
    for (char *token; container && (token = next_token(cx, &rest));
         container = look(container, token)) {
        int64_t index;
        if (*rest)
            continue;
        if (ix_json_kind(container) == IX_OBJECT)
            ix_json_remove(container, token);
        else if (ix_str_int(ix_str_of(token), &index) && index >= 0 &&
                 (uint64_t)index < ix_json_count(container))
            ix_json_remove_item(container, (size_t)index);
        return true;
    }
    return !ix_failed(cx);
}
