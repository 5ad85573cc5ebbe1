/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/body.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/op_show.h"

/* ---- values ---- */

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* RFC 8259 section 6. */
static bool is_json_number(const char *text)
{
    text += *text == '-';
    size_t count = digits(text);
    if (count == 0 || (*text == '0' && count > 1))
        return false;
    text += count;
    if (*text == '.') {
        count = digits(++text);
        if (count == 0)
            return false;
        text += count;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        count = digits(text);
        if (count == 0)
            return false;
        text += count;
    }
    return *text == '\0';
}

ix_json *value_of_word(ix_ctx *cx, const char *word)
{
    ix_json *value = ix_json_parse(cx, word, strlen(word));
    if (value)
        return value;
    /* What was meant as JSON does not quietly become a text. */
    const ix_error error = cx->error;
    if (error.code != IOTS_INVALID)
        return NULL;
    ix_ctx_clear_error(cx);
    if (is_json_number(word))
        ix_fail(cx, IOTS_INVALID, "%s cannot be kept exactly as a number; as text: '\"%s\"'", word,
                word);
    else if (strchr("{[\"", word[0]) && word[0])
        ix_fail(cx, IOTS_INVALID, "'%.200s' is not JSON: %.250s", word, error.message);
    else if (!ix_str_is_utf8(ix_str_of(word)))
        ix_fail(cx, IOTS_INVALID, "a value is not UTF-8");
    return ix_failed(cx) ? NULL : ix_json_new_string(cx, word);
}

/* Does the table of the document say that this member can be nothing but text? */
static bool is_text_member(const ix_schema *schema, const char *name)
{
    const ix_field *field = schema ? ix_schema_field(schema, name) : NULL;
    return field && (field->type & ~(unsigned)(IX_T_STRING | IX_T_TIME)) == 0 && field->type != 0;
}

static bool pair_set(ix_ctx *cx, ix_json *object, const ix_schema *schema, const char *word)
{
    const char *equals = strchr(word, '=');
    if (!equals || equals == word)
        return ix_fail(cx, IOTS_USAGE, "'%s': expected NAME=VALUE", word);
    const char *name = ix_strndup(cx, word, (size_t)(equals - word));
    if (!name)
        return false;
    if (ix_json_member(object, name))
        return ix_fail(cx, IOTS_USAGE, "'%s' is given twice", name);
    const ix_json *value = is_text_member(schema, name) && strcmp(equals + 1, "null") != 0
                               ? ix_json_new_string(cx, equals + 1)
                               : value_of_word(cx, equals + 1);
    return ix_json_set(cx, object, name, value);
}

ix_json *object_of_words(ix_ctx *cx, const ix_schema *schema, const char *const *words,
                         size_t count)
{
    ix_json *object = ix_json_new_object(cx);
    for (size_t i = 0; object && i < count; i++) {
        if (!pair_set(cx, object, schema, words[i]))
            return NULL;
    }
    return object;
}

/* ---- shapes ---- */

const char *body_words(const ix_op *op)
{
    if (show_of(op)->words)
        return show_of(op)->words;
    switch (op->body_kind) {
    case IX_BODY_NONE:
        return "";
    case IX_BODY_OPTIONAL:
        return "[NAME=VALUE...]";
    case IX_BODY_JSON:
    case IX_BODY_TD:
    case IX_BODY_PATCH:
    case IX_BODY_FORM:
        break;
    }
    return op->body && op->body->shape == IX_EACH ? "--body JSON" : "NAME=VALUE...";
}

/* {outer: {inner: value}}, or {outer: {}} without a value. */
static ix_json *nested(ix_ctx *cx, const char *outer, const char *inner, const ix_json *value)
{
    ix_json *object = ix_json_new_object(cx), *within = ix_json_new_object(cx);
    if (!object || !within || (value && !ix_json_set(cx, within, inner, value)) ||
        !ix_json_set(cx, object, outer, within))
        return NULL;
    return object;
}

/* What an action or event is given: nothing, one value, or pairs. */
static ix_json *affordance_of_words(ix_ctx *cx, const char *name, const char *member,
                                    const char *const *words, size_t count)
{
    const bool is_pairs =
        count > 1 || (count == 1 && strchr(words[0], '=') && !strchr("[{\"", words[0][0]));
    const ix_json *value = NULL;
    if (is_pairs)
        value = object_of_words(cx, NULL, words, count);
    else if (count == 1)
        value = value_of_word(cx, words[0]);
    return ix_failed(cx) ? NULL : nested(cx, name, member, value);
}

static ix_json *progress_of_words(ix_ctx *cx, const char *action, const char *const *words,
                                  size_t count)
{
    static const ix_field fields[] = {{.name = "status", .type = IX_T_STRING}};
    static const ix_schema schema = IX_SCHEMA("Progress", fields, .doc = "");
    const ix_json *members = object_of_words(cx, &schema, words, count);
    ix_json *object = ix_json_new_object(cx);
    return members && object && ix_json_set(cx, object, action, members) ? object : NULL;
}

static ix_json *history_of_words(ix_ctx *cx, const char *property, const char *const *words,
                                 size_t count)
{
    ix_json *item = ix_json_new_object(cx), *values = ix_json_new_object(cx);
    for (size_t i = 0; i < count && item && values; i++) {
        const bool is_time = strncmp(words[i], "at=", 3) == 0;
        bool ok;
        if (is_time && !ix_json_member(item, "at"))
            ok = ix_json_set(cx, item, "at", ix_json_new_string(cx, words[i] + 3));
        else if (!property)
            ok = pair_set(cx, values, NULL, words[i]);
        else if (ix_json_count(values) > 0)
            ok = ix_fail(cx, IOTS_USAGE, "'%s' is one word too many", words[i]);
        else
            ok = ix_json_set(cx, values, property, value_of_word(cx, words[i]));
        if (!ok)
            return NULL;
    }
    if (item && !ix_json_member(item, "at")) {
        ix_fail(cx, IOTS_USAGE, "the time is missing: at=2025-03-04T05:06:07Z");
        return NULL;
    }
    return values && ix_json_set(cx, item, "properties", values) ? item : NULL;
}

static ix_json *value_body(ix_ctx *cx, const char *property, const char *const *words, size_t count)
{
    if (count > 1) {
        ix_fail(cx, IOTS_USAGE, "'%s' is one word too many; a property takes one value", words[1]);
        return NULL;
    }
    /* `property update THING target=21` says the same twice over. */
    const char *word = words[0];
    const size_t len = strlen(property);
    if (strncmp(word, property, len) == 0 && word[len] == '=')
        word += len + 1;
    ix_json *object = ix_json_new_object(cx);
    return object && ix_json_set(cx, object, property, value_of_word(cx, word)) ? object : NULL;
}

ix_json *body_of_words(ix_ctx *cx, const ix_op *op, const char *const vars[IX_VAR_COUNT],
                       const char *const *words, size_t count)
{
    switch (show_of(op)->shape) {
    case SHAPE_VALUE:
        return value_body(cx, vars[IX_VAR_property], words, count);
    case SHAPE_INPUT:
        return affordance_of_words(cx, vars[IX_VAR_action], "input", words, count);
    case SHAPE_DATA:
        return affordance_of_words(cx, vars[IX_VAR_event], "data", words, count);
    case SHAPE_PROGRESS:
        return progress_of_words(cx, vars[IX_VAR_action], words, count);
    case SHAPE_HISTORY:
        return history_of_words(cx, vars[IX_VAR_property], words, count);
    case SHAPE_QUERY:
        if (count == 1 && strchr(words[0], ' ')) {
            ix_json *query = ix_json_new_object(cx);
            return query && ix_json_set(cx, query, "query", ix_json_new_string(cx, words[0]))
                       ? query
                       : NULL;
        }
        break;
    case SHAPE_PAIRS:
        break;
    }
    return object_of_words(cx, op->body, words, count);
}

/* ---- files ---- */

static bool read_all(ix_ctx *cx, FILE *in, const char *name, ix_buf *buf)
{
    char part[16 * 1024];
    for (size_t got; (got = fread(part, 1, sizeof part, in)) > 0;) {
        ix_buf_add(buf, part, got);
        if (buf->len > BODY_MAX)
            return ix_fail(cx, IOTS_TOO_LARGE, "%s: larger than %d MiB", name,
                           BODY_MAX / (1024 * 1024));
    }
    if (ferror(in))
        return ix_fail(cx, IOTS_USAGE, "%s: %s", name, strerror(errno));
    return !buf->failed || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

static const char *body_of_file(ix_ctx *cx, const char *path, bool is_json)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    const char *name = is_stdin ? "standard input" : path;
    FILE *in = is_stdin ? stdin : fopen(path, "rbe");
    if (!in) {
        ix_fail(cx, IOTS_USAGE, "%s: %s", path, strerror(errno));
        return NULL;
    }
    ix_buf text = {0};
    const char *copy = NULL;
    if (read_all(cx, in, name, &text)) {
        /* As the server would, but with the name of the file. */
        if (!is_json || ix_json_parse(cx, ix_buf_cstr(&text), text.len)) {
            copy = ix_strndup(cx, ix_buf_cstr(&text), text.len);
        } else {
            const ix_error error = cx->error;
            ix_ctx_clear_error(cx);
            ix_fail(cx, error.code, "%s: %.400s", name, error.message);
        }
    }
    ix_buf_done(&text);
    if (!is_stdin)
        fclose(in);
    return copy;
}

const char *body_of_flag(ix_ctx *cx, const char *flag, bool is_json)
{
    if (strcmp(flag, "-") == 0)
        return body_of_file(cx, "-", is_json);
    if (flag[0] == '@')
        return body_of_file(cx, flag + 1, is_json);
    if (!is_json || ix_json_parse(cx, flag, strlen(flag)))
        return flag;
    const ix_error error = cx->error;
    ix_ctx_clear_error(cx);
    ix_fail(cx, error.code, "--body: %.400s; a file is named as @file", error.message);
    return NULL;
}
