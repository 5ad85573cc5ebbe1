/* SPDX-License-Identifier: Apache-2.0 */
#include "conforms.h"

#include <string.h>
#include <strings.h>

#include "match.h"

/* Where in the answer, for sentences. */
typedef struct place {
    const ix_json *document;
    const char *pointer;
} place;

static bool conforms(ix_ctx *cx, const place *at, const ix_json *schema, const ix_json *value);

static bool wrong(ix_ctx *cx, const place *at, const char *keyword, const ix_json *want)
{
    return ix_fail(cx, IOTS_UNEXPECTED, "%s: the schema has %s %s", at->pointer, keyword,
                   ix_json_text(cx, want));
}

static const char *type_of(const ix_json *value)
{
    static const char *const names[] = {
        [IX_NONE] = "nothing", [IX_NULL] = "null",   [IX_BOOL] = "boolean", [IX_INT] = "integer",
        [IX_REAL] = "number",  [IX_TEXT] = "string", [IX_ARRAY] = "array",  [IX_OBJECT] = "object",
    };
    return names[ix_json_kind(value)];
}

static bool is_type(const char *want, const ix_json *value)
{
    const char *type = type_of(value);
    return strcmp(want, type) == 0 || (strcmp(want, "number") == 0 && strcmp(type, "integer") == 0);
}

static bool check_type(const ix_json *want, const ix_json *value)
{
    if (ix_json_kind(want) == IX_TEXT)
        return is_type(ix_json_string(want), value);
    for (size_t i = 0; i < ix_json_count(want); i++)
        if (is_type(ix_json_string(ix_json_item(want, i)), value))
            return true;
    return false;
}

static int64_t characters(const char *text)
{
    int64_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static bool check_each(ix_ctx *cx, const place *at, const ix_json *schema, const ix_json *value)
{
    for (size_t i = 0; ix_json_kind(value) == IX_ARRAY && i < ix_json_count(value); i++) {
        const place inner = {at->document, ix_format(cx, "%s/%zu", at->pointer, i)};
        if (!conforms(cx, &inner, schema, ix_json_item(value, i)))
            return false;
    }
    return true;
}

/* `properties` and `additionalProperties`, one of which may be NULL. */
static bool check_members(ix_ctx *cx, const place *at, const ix_json *named, const ix_json *others,
                          const ix_json *value)
{
    for (ix_member m = ix_members(value); m.name; m = ix_members_next(m)) {
        const ix_json *schema = ix_json_member(named, m.name);
        schema = schema ? schema : others;
        const place inner = {at->document, ix_format(cx, "%s/%s", at->pointer, m.name)};
        if (schema && !conforms(cx, &inner, schema, m.value))
            return false;
    }
    return true;
}

static bool check_required(const ix_json *names, const ix_json *value)
{
    for (size_t i = 0; ix_json_kind(value) == IX_OBJECT && i < ix_json_count(names); i++)
        if (!ix_json_member(value, ix_json_string(ix_json_item(names, i))))
            return false;
    return true;
}

static bool check_choices(ix_ctx *cx, const place *at, const ix_json *choices, const ix_json *value)
{
    for (size_t i = 0; i < ix_json_count(choices); i++) {
        if (conforms(cx, at, ix_json_item(choices, i), value))
            return true;
        if (i + 1 < ix_json_count(choices))
            ix_ctx_clear_error(cx);
    }
    return false;
}

static bool is_listed(const ix_json *list, const ix_json *value)
{
    for (size_t i = 0; i < ix_json_count(list); i++)
        if (ix_json_equal(ix_json_item(list, i), value))
            return true;
    return false;
}

/* What a bound is about: the size of one kind of value, or a number itself. */
static const struct bound {
    const char *keyword;
    ix_kind kind;
    int sign; /* 1: at least, -1: at most */
} bounds[] = {
    {"minLength", IX_TEXT, 1},        {"maxLength", IX_TEXT, -1},      {"minItems", IX_ARRAY, 1},
    {"maxItems", IX_ARRAY, -1},       {"minimum", IX_INT, 1},          {"maximum", IX_INT, -1},
    {"maxProperties", IX_OBJECT, -1}, {"minProperties", IX_OBJECT, 1},
};

/* True if `keyword` is a bound; *ret_holds says whether it holds. */
static bool check_bound(const char *keyword, const ix_json *want, const ix_json *value,
                        bool *ret_holds)
{
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        if (strcmp(bounds[i].keyword, keyword) != 0)
            continue;
        const ix_kind kind = ix_json_kind(value);
        const double size = kind == IX_TEXT  ? (double)characters(ix_json_string(value))
                            : kind == IX_INT ? ix_json_number(value, 0)
                                             : (double)ix_json_count(value);
        *ret_holds =
            kind != bounds[i].kind || (size - ix_json_number(want, 0)) * bounds[i].sign >= 0;
        return true;
    }
    return false;
}

static bool check_keyword(ix_ctx *cx, const place *at, const ix_json *schema, const char *keyword,
                          const ix_json *want, const ix_json *value)
{
    static const char *const remarks[] = {"description", "readOnly", "writeOnly", "title",
                                          "default",     "example",  "examples"};
    bool holds = true;
    for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++)
        if (strcmp(keyword, remarks[i]) == 0)
            return true;
    if (check_bound(keyword, want, value, &holds))
        return holds || wrong(cx, at, keyword, want);
    if (strcmp(keyword, "$ref") == 0)
        return conforms(cx, at, ix_json_at(at->document, ix_json_string(want) + 1), value);
    if (strcmp(keyword, "type") == 0)
        return check_type(want, value) || wrong(cx, at, keyword, want);
    if (strcmp(keyword, "items") == 0)
        return check_each(cx, at, want, value);
    if (strcmp(keyword, "properties") == 0)
        return check_members(cx, at, want, NULL, value);
    if (strcmp(keyword, "additionalProperties") == 0) {
        const bool is_schema = ix_json_kind(want) == IX_OBJECT;
        return !is_schema ||
               check_members(cx, at, ix_json_member(schema, "properties"), want, value);
    }
    if (strcmp(keyword, "required") == 0)
        return check_required(want, value) || wrong(cx, at, keyword, want);
    if (strcmp(keyword, "anyOf") == 0 || strcmp(keyword, "oneOf") == 0)
        return check_choices(cx, at, want, value);
    if (strcmp(keyword, "enum") == 0)
        return is_listed(want, value) || wrong(cx, at, keyword, want);
    if (strcmp(keyword, "format") == 0)
        return ix_json_kind(value) != IX_TEXT || strcmp(ix_json_string(want), "date-time") != 0 ||
               match_is_time(ix_json_string(value)) || wrong(cx, at, keyword, want);
    return ix_fail(cx, IOTS_UNEXPECTED, "the test does not know the keyword %s", keyword);
}

static bool conforms(ix_ctx *cx, const place *at, const ix_json *schema, const ix_json *value)
{
    if (!schema)
        return ix_fail(cx, IOTS_UNEXPECTED, "%s: a reference leads nowhere", at->pointer);
    for (ix_member m = ix_members(schema); m.name; m = ix_members_next(m))
        if (!check_keyword(cx, at, schema, m.name, m.value, value))
            return false;
    return true;
}

/* The response of this status, references followed. */
static const ix_json *response_of(ix_ctx *cx, const ix_json *document, const ix_json *operation,
                                  int status)
{
    const ix_json *found =
        ix_json_member(ix_json_member(operation, "responses"), ix_format(cx, "%d", status));
    const char *target = ix_json_string(ix_json_member(found, "$ref"));
    return target ? ix_json_at(document, target + 1) : found;
}

bool conforms_reply(ix_ctx *cx, const ix_json *document, const char *path, const char *method,
                    const http_reply *reply)
{
    char lower[16] = "";
    for (size_t i = 0; method[i] && i + 1 < sizeof lower; i++)
        lower[i] = (char)(method[i] | 0x20);
    const ix_json *operation =
        ix_json_member(ix_json_member(ix_json_member(document, "paths"), path), lower);
    if (!operation)
        return true;
    const ix_json *response = response_of(cx, document, operation, reply->status);
    if (!response)
        return ix_fail(cx, IOTS_UNEXPECTED, "OpenAPI knows no status %d here", reply->status);
    const ix_json *types = ix_json_member(response, "content");
    if (reply->body_len == 0)
        return !types || ix_fail(cx, IOTS_UNEXPECTED, "OpenAPI has a body here");
    const char *type = http_reply_header(reply, "Content-Type");
    const ix_json *media = ix_json_member(types, type ? type : "");
    if (!media)
        return ix_fail(cx, IOTS_UNEXPECTED, "OpenAPI has no content of type %s here",
                       type ? type : "(none)");
    const ix_json *body = ix_json_parse(cx, reply->body, reply->body_len);
    const place at = {document, ""};
    return body && conforms(cx, &at, ix_json_member(media, "schema"), body);
}
