/* SPDX-License-Identifier: Apache-2.0 */
#include "client/value.h"

#include <math.h>
#include <string.h>

#include "client/doc.h"
#include "client/models.h"
#include "client/reply.h"

enum { NONE, NULL_VALUE, BOOL, INTEGER, NUMBER, TEXT, RAW, BYTES, DOC, JSON, MODEL };

static iots_value pointing(int kind, const void *pointer)
{
    return (iots_value){.kind = pointer ? kind : NULL_VALUE, .as.pointer = pointer};
}

iots_value iots_none(void)
{
    return (iots_value){.kind = NONE};
}

iots_value iots_null(void)
{
    return (iots_value){.kind = NULL_VALUE};
}

iots_value iots_bool(bool value)
{
    return (iots_value){.kind = BOOL, .as.boolean = value};
}

iots_value iots_integer(int64_t value)
{
    return (iots_value){.kind = INTEGER, .as.integer = value};
}

iots_value iots_number(double value)
{
    return (iots_value){.kind = NUMBER, .as.number = value};
}

iots_value iots_text(const char *text)
{
    return pointing(TEXT, text);
}

iots_value iots_raw(const char *json)
{
    return (iots_value){.kind = RAW, .as.pointer = json ? json : ""};
}

iots_value iots_bytes(const void *bytes, size_t size)
{
    return (iots_value){.kind = BYTES, .as.pointer = bytes, .size = bytes ? size : 0};
}

iots_value iots_doc_value(const iots_doc *doc)
{
    return pointing(DOC, doc);
}

iots_value iots_json_value(const iots_json *json)
{
    return pointing(JSON, json);
}

iots_value value_of_model(const void *model, const void *typed)
{
    return (iots_value){.kind = MODEL, .as.pointer = model, .of = typed};
}

bool value_is_model(iots_value value)
{
    return value.kind == MODEL;
}

bool value_is_none(iots_value value)
{
    return value.kind == NONE;
}

bool value_is_json(iots_value value)
{
    return value.kind != NONE && value.kind != BYTES;
}

static ix_str text_of(iots_value value)
{
    if (value.kind == BYTES)
        return (ix_str){value.as.pointer, value.size};
    return ix_str_of(value.as.pointer);
}

static ix_json *value_parse(ix_ctx *cx, ix_str text)
{
    ix_json *json = ix_json_parse_wrapped(cx, text.at ? text.at : "", text.len);
    if (!json && cx->error.code == IOTS_INVALID) {
        const char *why = ix_strdup(cx, cx->error.message);
        ix_ctx_clear_error(cx);
        ix_fail(cx, IOTS_USAGE, "Unexpected data format: %s", why ? why : "no JSON");
    }
    return json;
}

ix_json *value_json(ix_ctx *cx, iots_value value)
{
    switch (value.kind) {
    case NULL_VALUE:
        return ix_json_new_null(cx);
    case BOOL:
        return ix_json_new_bool(cx, value.as.boolean);
    case INTEGER:
        return ix_json_new_int(cx, value.as.integer);
    case NUMBER:
        if (isfinite(value.as.number))
            return ix_json_new_real(cx, value.as.number);
        ix_fail(cx, IOTS_USAGE, "a number that is not finite cannot be sent");
        return NULL;
    case TEXT:
        if (ix_str_is_utf8(text_of(value)))
            return ix_json_new_text(cx, text_of(value));
        ix_fail(cx, IOTS_USAGE, "a text that is not UTF-8 cannot be sent");
        return NULL;
    case RAW:
    case BYTES:
        return value_parse(cx, text_of(value));
    case DOC:
        return doc_check(cx, value.as.pointer) ? ix_json_copy(cx, doc_root(value.as.pointer))
                                               : NULL;
    case JSON:
        return ix_json_copy(cx, json_known(value.as.pointer));
    case MODEL:
        return ix_json_copy(cx, model_json(cx, value));
    default:
        ix_fail(cx, IOTS_USAGE, "a value is missing");
        return NULL;
    }
}

/* The JSON of a value as text, in cx. */
static bool value_write_one(ix_ctx *cx, const ix_json *json, ix_str *ret)
{
    const char *text = json ? ix_json_text(cx, json) : NULL;
    *ret = ix_str_of(text);
    return text != NULL;
}

bool value_body(ix_ctx *cx, iots_value value, bool check, ix_str *ret)
{
    switch (value.kind) {
    case RAW:
    case BYTES:
        *ret = text_of(value);
        return !check || value_parse(cx, *ret);
    case DOC: /* these are written as they stand, without a copy */
        return doc_check(cx, value.as.pointer) &&
               value_write_one(cx, doc_root(value.as.pointer), ret);
    case JSON:
        return value_write_one(cx, json_known(value.as.pointer), ret);
    case MODEL:
        return value_write_one(cx, model_json(cx, value), ret);
    default:
        return value_write_one(cx, value_json(cx, value), ret);
    }
}
