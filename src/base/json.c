/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ix_json is a json_t of the JSON library under another name. Each value made through this file
 * is counted once for the arena of its cx, which lets go of it at its end; trees count their parts
 * as usual.
 *
 * Reading is the library's, between two looks at the text of our own: one for depth before it, one
 * for numbers too small after it. Writing is ours, and so is comparing (json_order.c).
 */
#include "base/json.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "base/number.h"

static json_t *to_jansson(const ix_json *json)
{
    return (json_t *)ix_json_mutable(json);
}

static const ix_json *from_jansson(const json_t *json)
{
    return (const ix_json *)json;
}

void ix_json_init(void)
{
    json_object_seed(0); /* 0: chosen by chance */
}

/* ---- text in ---- */

/* Bytes at the start of `at` that stand for themselves in a JSON string. */
static size_t plain_run(const char *at, size_t len)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones << 7;
    size_t i = 0;
    for (; len - i >= 8; i += 8) { /* eight at once, while none of them is special */
        uint64_t eight;
        memcpy(&eight, at + i, 8);
        const uint64_t quote = eight ^ (ones * '"');
        const uint64_t backslash = eight ^ (ones * '\\');
        const uint64_t special = ((eight - ones * 0x20) & ~eight) | ((quote - ones) & ~quote) |
                                 ((backslash - ones) & ~backslash);
        if (special & highs)
            break;
    }
    while (i < len && (unsigned char)at[i] >= 0x20 && at[i] != '"' && at[i] != '\\')
        i++;
    return i;
}

/* What follows the string that begins at `at`, or `end` if it does not end. */
static const char *skip_string(const char *at, const char *end)
{
    at++;
    while (at < end) {
        at += plain_run(at, (size_t)(end - at));
        if (at < end && *at == '"')
            return at + 1;
        at += at < end && *at == '\\' ? 2 : 1;
    }
    return end;
}

static bool is_of_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static const char *skip_number(const char *at, const char *end)
{
    while (at < end && is_of_number(*at))
        at++;
    return at;
}

static bool fail_at(ix_ctx *cx, const char *text, const char *at, const char *what)
{
    int line = 1;
    int column = 1;
    for (const char *c = text; c < at; c++) {
        if (*c == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*c & 0xC0) != 0x80) {
            column++;
        }
    }
    return ix_fail(cx, IOTS_INVALID, "line %d, column %d: %s", line, column, what);
}

/* Refuses what is too deep, and zero bytes, some of which the library overlooks. *has_tiny: there
 * may be numbers that are too small. Understands no more of JSON than that; what is wrong otherwise
 * is for the library to find. */
static bool survey(ix_ctx *cx, const char *text, const char *end, int deepest, bool *has_tiny)
{
    const char *const zero = memchr(text, '\0', (size_t)(end - text));
    if (zero)
        return fail_at(cx, text, zero, "a zero byte is not allowed");
    int depth = 0;
    *has_tiny = false;
    for (const char *at = text; at < end;) {
        const char c = *at;
        if (c == '"') {
            at = skip_string(at, end);
            continue;
        }
        if ((c >= '0' && c <= '9') || c == '-') {
            const char *const number = at;
            at = skip_number(at, end);
            const size_t len = (size_t)(at - number);
            *has_tiny = *has_tiny || len > DBL_DIG * 16 || memchr(number, 'e', len) ||
                        memchr(number, 'E', len);
            continue;
        }
        if ((c == '{' || c == '[') && ++depth > deepest)
            return fail_at(cx, text, at, "nested too deeply");
        if (c == '}' || c == ']')
            depth--;
        at++;
    }
    return true;
}

/* Refuses numbers other than zero that became zero. `text` is known to be JSON. */
static bool check_tiny(ix_ctx *cx, const char *text, const char *end)
{
    for (const char *at = text; at < end;) {
        if (*at == '"') {
            at = skip_string(at, end);
            continue;
        }
        const char *const number = at;
        if ((*at >= '0' && *at <= '9') || *at == '-')
            at = skip_number(at, end);
        else
            at++;
        double value;
        const ix_str digits = {number, (size_t)(at - number)};
        if (digits.len > 1 && !ix_str_number(digits, &value))
            return fail_at(cx, text, number, "this number is too small");
    }
    return true;
}

// clang-format off
/* The library's complaints in our words. Its own sentences may end in the middle of a character. */
static const struct complaint {
    enum json_error_code code;
    const char *sentence;
} complaints[] = {
    {json_error_invalid_syntax,            "this is not JSON"},
    {json_error_invalid_utf8,              "this is not UTF-8"},
    {json_error_premature_end_of_input,    "the text ends too early"},
    {json_error_end_of_input_expected,     "the value is complete, but more follows"},
    {json_error_null_character,            "\\u0000 is not allowed"},
    {json_error_null_byte_in_key,          "\\u0000 is not allowed"},
    {json_error_duplicate_key,             "the same member twice"},
    {json_error_numeric_overflow,          "this number is too large"},
    {json_error_stack_overflow,            "nested too deeply"},
};
// clang-format on

static bool fail_parse(ix_ctx *cx, const json_error_t *error)
{
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++)
        if (complaints[i].code == json_error_code(error) && error->text[0])
            return ix_fail(cx, IOTS_INVALID, "line %d, column %d: %s", error->line,
                           error->column > 0 ? error->column : 1, complaints[i].sentence);
    return ix_fail(cx, IOTS_NO_MEMORY, NULL); /* it says nothing when out of memory */
}

static void release_json(void *json)
{
    json_decref(json);
}

/* Hands `made` to the arena. NULL stands for memory that ran out. */
static ix_json *json_keep(ix_ctx *cx, json_t *made)
{
    if (made && ix_arena_defer(cx->arena, release_json, made))
        return (ix_json *)made;
    ix_fail(cx, IOTS_NO_MEMORY, NULL);
    return NULL;
}

static ix_json *json_parse(ix_ctx *cx, const char *text, size_t len, int deepest)
{
    if (len == 0)
        text = "";
    if (!ix_spend(cx, len / IX_JSON_BYTES_PER_STEP)) {
        ix_fail(cx, IOTS_TOO_LARGE, "it takes too long to read so much JSON");
        return NULL;
    }
    bool has_tiny = false;
    if (!survey(cx, text, text + len, deepest, &has_tiny))
        return NULL;
    json_error_t error;
    json_t *made = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (!made) {
        fail_parse(cx, &error);
        return NULL;
    }
    if (has_tiny && !check_tiny(cx, text, text + len)) {
        json_decref(made);
        return NULL;
    }
    return json_keep(cx, made);
}

ix_json *ix_json_parse(ix_ctx *cx, const char *text, size_t len)
{
    return json_parse(cx, text, len, IX_JSON_DEPTH);
}

ix_json *ix_json_parse_wrapped(ix_ctx *cx, const char *text, size_t len)
{
    return json_parse(cx, text, len, IX_JSON_DEPTH + IX_JSON_WRAPPING);
}

/* ---- text out ---- */

/* One character, without a call as long as there is room. */
static inline void json_put(ix_buf *buf, char c)
{
    if (buf->failed || buf->size - buf->len < 2) {
        ix_buf_char(buf, c);
        return;
    }
    buf->at[buf->len++] = c;
    buf->at[buf->len] = '\0';
}

static void write_escape(ix_buf *buf, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* the character, then its letter */
    for (size_t i = 0; i < sizeof letters - 1; i += 2) {
        if ((unsigned char)letters[i] == c) {
            ix_buf_add(buf, (const char[]){'\\', letters[i + 1]}, 2);
            return;
        }
    }
    ix_buf_add(buf, (const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

void ix_json_write_text(ix_buf *buf, ix_str text)
{
    if (text.len > SIZE_MAX / 8) {
        buf->failed = true;
        return;
    }
    if (!ix_buf_reserve(buf, text.len + 2)) /* nearly always enough */
        return;
    json_put(buf, '"');
    for (size_t i = 0; i < text.len;) {
        const size_t run = plain_run(text.at + i, text.len - i);
        ix_buf_add(buf, text.at + i, run);
        i += run;
        if (i < text.len)
            write_escape(buf, (unsigned char)text.at[i++]);
    }
    json_put(buf, '"');
}

void ix_json_write_real(ix_buf *buf, double value)
{
    char text[IX_NUMBER_TEXT];
    if (isfinite(value))
        ix_buf_add(buf, text, (size_t)ix_number_write(value, text));
    else
        ix_buf_add(buf, "null", 4);
}

/* A new line, if lines are wanted at all. */
static void write_break(ix_buf *buf, int indent, int depth)
{
    if (indent < 0)
        return;
    json_put(buf, '\n');
    for (int i = 0; i < indent * depth; i++)
        json_put(buf, ' ');
}

/* indent < 0: compact. */
static void write_value(ix_buf *buf, json_t *json, int indent, int depth);

static void write_array(ix_buf *buf, json_t *array, int indent, int depth)
{
    const size_t count = json_array_size(array);
    json_put(buf, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            json_put(buf, ',');
        write_break(buf, indent, depth + 1);
        write_value(buf, json_array_get(array, i), indent, depth + 1);
    }
    if (count > 0)
        write_break(buf, indent, depth);
    json_put(buf, ']');
}

static void write_object(ix_buf *buf, json_t *object, int indent, int depth)
{
    void *const first = json_object_iter(object);
    json_put(buf, '{');
    for (void *at = first; at; at = json_object_iter_next(object, at)) {
        if (at != first)
            json_put(buf, ',');
        write_break(buf, indent, depth + 1);
        ix_json_write_text(buf, (ix_str){json_object_iter_key(at), json_object_iter_key_len(at)});
        json_put(buf, ':');
        if (indent >= 0)
            json_put(buf, ' ');
        write_value(buf, json_object_iter_value(at), indent, depth + 1);
    }
    if (first)
        write_break(buf, indent, depth);
    json_put(buf, '}');
}

static void write_value(ix_buf *buf, json_t *json, int indent, int depth)
{
    if (!json) {
        ix_buf_add(buf, "null", 4);
        return;
    }
    switch (json_typeof(json)) {
    case JSON_NULL:
        ix_buf_add(buf, "null", 4);
        break;
    case JSON_FALSE:
        ix_buf_add(buf, "false", 5);
        break;
    case JSON_TRUE:
        ix_buf_add(buf, "true", 4);
        break;
    case JSON_INTEGER:
        ix_buf_int(buf, json_integer_value(json));
        break;
    case JSON_REAL:
        ix_json_write_real(buf, json_real_value(json));
        break;
    case JSON_STRING:
        ix_json_write_text(buf, (ix_str){json_string_value(json), json_string_length(json)});
        break;
    case JSON_ARRAY:
        write_array(buf, json, indent, depth);
        break;
    case JSON_OBJECT:
        write_object(buf, json, indent, depth);
        break;
    }
}

void ix_json_write(ix_buf *buf, const ix_json *json)
{
    write_value(buf, to_jansson(json), -1, 0);
}

void ix_json_write_pretty(ix_buf *buf, const ix_json *json, int indent)
{
    write_value(buf, to_jansson(json), indent, 0);
}

char *ix_json_text(ix_ctx *cx, const ix_json *json)
{
    ix_buf buf = {0};
    ix_json_write(&buf, json);
    char *text = NULL;
    if (buf.failed)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    else
        text = ix_strndup(cx, buf.at, buf.len);
    ix_buf_done(&buf);
    return text;
}

/* ---- looking ---- */

ix_kind ix_json_kind(const ix_json *json)
{
    static const ix_kind kinds[] = {
        [JSON_OBJECT] = IX_OBJECT, [JSON_ARRAY] = IX_ARRAY, [JSON_STRING] = IX_TEXT,
        [JSON_INTEGER] = IX_INT,   [JSON_REAL] = IX_REAL,   [JSON_TRUE] = IX_BOOL,
        [JSON_FALSE] = IX_BOOL,    [JSON_NULL] = IX_NULL,
    };
    return json ? kinds[json_typeof(to_jansson(json))] : IX_NONE;
}

bool ix_json_is_number(const ix_json *json)
{
    return json_is_number(to_jansson(json));
}

const ix_json *ix_json_member(const ix_json *json, const char *name)
{
    return from_jansson(json_object_get(to_jansson(json), name));
}

const ix_json *ix_json_member_str(const ix_json *json, ix_str name)
{
    return from_jansson(json_object_getn(to_jansson(json), name.len ? name.at : "", name.len));
}

size_t ix_json_count(const ix_json *json)
{
    const json_t *value = to_jansson(json);
    return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

const ix_json *ix_json_item(const ix_json *json, size_t index)
{
    return from_jansson(json_array_get(to_jansson(json), index));
}

/* Is `token`, in which ~0 stands for ~ and ~1 for /, this name? */
static bool token_is(ix_str token, ix_str name)
{
    size_t at = 0;
    for (size_t i = 0; i < token.len; i++, at++) {
        char c = token.at[i];
        if (c == '~') {
            i++;
            if (i == token.len || (token.at[i] != '0' && token.at[i] != '1'))
                return false;
            c = "~/"[token.at[i] - '0'];
        }
        if (at == name.len || name.at[at] != c)
            return false;
    }
    return at == name.len;
}

static const ix_json *member_of_token(const ix_json *object, ix_str token)
{
    if (token.len == 0 || !memchr(token.at, '~', token.len))
        return ix_json_member_str(object, token);
    for (ix_member m = ix_members(object); m.name; m = ix_members_next(m))
        if (token_is(token, ix_str_of(m.name)))
            return m.value;
    return NULL;
}

/* RFC 6901: digits without leading zeros. */
static const ix_json *item_of_token(const ix_json *array, ix_str token)
{
    int64_t index;
    if (token.len == 0 || token.at[0] == '-' || (token.len > 1 && token.at[0] == '0') ||
        !ix_str_int(token, &index) || (uint64_t)index >= ix_json_count(array))
        return NULL;
    return ix_json_item(array, (size_t)index);
}

const ix_json *ix_json_at(const ix_json *json, const char *pointer)
{
    ix_str rest = ix_str_of(pointer);
    if (rest.len == 0)
        return json;
    ix_str token;
    rest = ix_str_cut(rest, '/', &token);
    if (token.len > 0)
        return NULL; /* a pointer begins with a slash */
    while (json && rest.at) {
        rest = ix_str_cut(rest, '/', &token);
        json = ix_json_kind(json) == IX_ARRAY ? item_of_token(json, token)
                                              : member_of_token(json, token);
    }
    return json;
}

const char *ix_json_string(const ix_json *json)
{
    return json_string_value(to_jansson(json));
}

ix_str ix_json_str(const ix_json *json)
{
    const json_t *value = to_jansson(json);
    return (ix_str){json_string_value(value), json_string_length(value)};
}

bool ix_json_bool(const ix_json *json, bool otherwise)
{
    return ix_json_kind(json) == IX_BOOL ? json_is_true(to_jansson(json)) : otherwise;
}

int64_t ix_json_int(const ix_json *json, int64_t otherwise)
{
    return ix_json_kind(json) == IX_INT ? json_integer_value(to_jansson(json)) : otherwise;
}

double ix_json_number(const ix_json *json, double otherwise)
{
    return ix_json_is_number(json) ? json_number_value(to_jansson(json)) : otherwise;
}

static ix_member member_at(const ix_json *object, void *iter)
{
    if (!iter)
        return (ix_member){0};
    return (ix_member){
        .name = json_object_iter_key(iter),
        .value = from_jansson(json_object_iter_value(iter)),
        .object = object,
        .iter = iter,
    };
}

ix_member ix_members(const ix_json *object)
{
    return member_at(object, json_object_iter(to_jansson(object)));
}

ix_member ix_members_next(ix_member member)
{
    return member_at(member.object, json_object_iter_next(to_jansson(member.object), member.iter));
}

size_t ix_json_weight(const ix_json *json)
{
    const bool is_array = ix_json_kind(json) == IX_ARRAY;
    size_t weight = 1 + ix_json_str(json).len / IX_STEP_BYTES;
    for (size_t i = 0; is_array && i < ix_json_count(json); i++)
        weight += ix_json_weight(ix_json_item(json, i));
    for (ix_member m = ix_members(json); m.name; m = ix_members_next(m))
        weight += strlen(m.name) / IX_STEP_BYTES + ix_json_weight(m.value);
    return weight;
}

/* ---- building ---- */

/* Nothing that could not be read again may get into a tree. */
static bool check_text(ix_ctx *cx, ix_str text)
{
    if (!ix_str_is_utf8(text))
        return ix_fail(cx, IOTS_INVALID, "the text is not UTF-8");
    if (text.len && memchr(text.at, '\0', text.len))
        return ix_fail(cx, IOTS_INVALID, "\\u0000 is not allowed");
    return true;
}

ix_json *ix_json_new_object(ix_ctx *cx)
{
    return json_keep(cx, json_object());
}

ix_json *ix_json_new_array(ix_ctx *cx)
{
    return json_keep(cx, json_array());
}

ix_json *ix_json_new_text(ix_ctx *cx, ix_str text)
{
    if (!check_text(cx, text))
        return NULL;
    return json_keep(cx, json_stringn_nocheck(text.len ? text.at : "", text.len));
}

ix_json *ix_json_new_string(ix_ctx *cx, const char *text)
{
    return ix_json_new_text(cx, ix_str_of(text));
}

ix_json *ix_json_new_int(ix_ctx *cx, int64_t value)
{
    return json_keep(cx, json_integer(value));
}

ix_json *ix_json_new_real(ix_ctx *cx, double value)
{
    if (!isfinite(value)) {
        ix_fail(cx, IOTS_INVALID, "a number that is not finite has no JSON");
        return NULL;
    }
    return json_keep(cx, json_real(value));
}

ix_json *ix_json_new_bool(ix_ctx *cx, bool value)
{
    (void)cx; /* there is only one of each, and it stays */
    return (ix_json *)json_boolean(value);
}

ix_json *ix_json_new_null(ix_ctx *cx)
{
    (void)cx;
    return (ix_json *)json_null();
}

ix_json *ix_json_copy(ix_ctx *cx, const ix_json *json)
{
    if (!json)
        return NULL;
    return json_keep(cx, json_deep_copy(to_jansson(json)));
}

/* What a caller took for something else, such as an array for an object, is not written into. */
static bool check_place(ix_ctx *cx, bool fits)
{
    return fits || ix_fail(cx, IOTS_INTERNAL, "there is no such place in this JSON");
}

/* The library's result, which says no more than that memory ran out. */
static bool done(ix_ctx *cx, int result)
{
    return result == 0 || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

bool ix_json_set(ix_ctx *cx, ix_json *object, const char *name, const ix_json *value)
{
    if (!object || !value)
        return false;
    if (!check_place(cx, ix_json_kind(object) == IX_OBJECT && object != value) ||
        !check_text(cx, ix_str_of(name)))
        return false;
    return done(cx, json_object_set_nocheck(to_jansson(object), name, to_jansson(value)));
}

bool ix_json_append(ix_ctx *cx, ix_json *array, const ix_json *value)
{
    if (!array || !value)
        return false;
    return check_place(cx, ix_json_kind(array) == IX_ARRAY && array != value) &&
           done(cx, json_array_append(to_jansson(array), to_jansson(value)));
}

bool ix_json_insert(ix_ctx *cx, ix_json *array, size_t index, const ix_json *value)
{
    if (!array || !value)
        return false;
    return check_place(cx, ix_json_kind(array) == IX_ARRAY && array != value &&
                               index <= ix_json_count(array)) &&
           done(cx, json_array_insert(to_jansson(array), index, to_jansson(value)));
}

bool ix_json_put(ix_ctx *cx, ix_json *array, size_t index, const ix_json *value)
{
    if (!array || !value)
        return false;
    return check_place(cx, ix_json_kind(array) == IX_ARRAY && array != value &&
                               index < ix_json_count(array)) &&
           done(cx, json_array_set(to_jansson(array), index, to_jansson(value)));
}

void ix_json_remove(ix_json *object, const char *name)
{
    json_object_del(to_jansson(object), name);
}

void ix_json_remove_item(ix_json *array, size_t index)
{
    json_array_remove(to_jansson(array), index);
}
