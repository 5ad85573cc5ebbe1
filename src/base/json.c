/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ix_json is a json_t of the JSON library under another name. Each value made through this file
 * is counted once for the arena of its cx, which lets go of it at its end; trees count their parts
 * as usual. The library keeps the trees; reading
 * and writing are ours, as is comparing (json_order.c).
 */
#include "base/json.h"

#include <assert.h>
#include <math.h>
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

/*
 * A text being read. The library's own reader is not used: when memory runs out inside it, bytes
 * are dropped from texts and the result is handed out all the same.
 */
typedef struct reader {
    ix_ctx *cx;
    const char *text;
    const char *at;
    const char *end;
    int depth;
} reader;

/* What is wrong at `at`, by line and column, and with what name. Always false. */
static bool fail_at(reader *r, const char *at, const char *what, ix_str name)
{
    int line = 1;
    int column = 1;
    for (const char *c = r->text; c < at; c++) {
        if (*c == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*c & 0xC0) != 0x80) {
            column++;
        }
    }
    const bool is_named = name.at && name.len < IX_ERROR_TEXT / 4;
    ix_fail(r->cx, IOTS_INVALID, "line %d, column %d: %s%s%.*s%s", line, column, what,
            is_named ? " '" : "", is_named ? (int)name.len : 0, is_named ? name.at : "",
            is_named ? "'" : "");
    return false;
}

/* Something else than what was wanted is here, as `complaint` says, or nothing. Always false. */
static bool fail_here(reader *r, const char *complaint)
{
    return fail_at(r, r->at, r->at < r->end ? complaint : "the text ends too early", (ix_str){0});
}

static bool fail_memory(reader *r)
{
    return ix_fail(r->cx, IOTS_NO_MEMORY, NULL);
}

/* Hands out what the library made, if it could. */
static bool give(reader *r, json_t *json, json_t **ret)
{
    *ret = json;
    return json || fail_memory(r);
}

static void skip_blanks(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

/* Takes `c`, with blanks before it, if it is here. */
static bool take(reader *r, char c)
{
    skip_blanks(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* The four hexadecimal digits at `at`, or -1. */
static int hex4(const char *at, const char *end)
{
    int value = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const char c = at[i];
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static char *put_utf8(char *out, int c)
{
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *out++ = (char)(0xE0 | c >> 12);
        } else {
            *out++ = (char)(0xF0 | c >> 18);
            *out++ = (char)(0x80 | (c >> 12 & 0x3F));
        }
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (c & 0x3F));
    return out;
}

/* Reads \uXXXX, or two of them, to *out. */
static bool read_unicode(reader *r, char **out)
{
    const char *const start = r->at;
    int c = hex4(start + 2, r->end);
    if (c < 0)
        return fail_at(r, start, "\\u wants four hexadecimal digits", (ix_str){0});
    if (c == 0)
        return fail_at(r, start, "\\u0000 is not allowed", (ix_str){0});
    r->at += 6;
    if (c >= 0xD800 && c <= 0xDBFF && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
        const int low = hex4(r->at + 2, r->end);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            c = 0x10000 + (c - 0xD800) * 0x400 + (low - 0xDC00);
            r->at += 6;
        }
    }
    if (c >= 0xD800 && c <= 0xDFFF)
        return fail_at(r, start, "half a surrogate pair", (ix_str){0});
    *out = put_utf8(*out, c);
    return true;
}

/* Reads one escape to *out. */
static bool read_escape(reader *r, char **out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char letter = r->at[1]; /* the closing quote is yet to come */
    if (letter == 'u')
        return read_unicode(r, out);
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found)
        return fail_here(r, "there is no such escape");
    *(*out)++ = meanings[found - letters];
    r->at += 2;
    return true;
}

/* Behind the opening quote, having met an escape: reads on into memory of the arena. What is read
 * is never longer than what it is read from. */
static bool read_escaped(reader *r, ix_str *ret)
{
    const char *close = r->at;
    while (close < r->end && *close != '"') {
        close += *close == '\\' ? 2 : 1;
        if (close < r->end)
            close += plain_run(close, (size_t)(r->end - close));
    }
    if (close >= r->end)
        return fail_at(r, r->end, "the text ends too early", (ix_str){0});
    char *const start = ix_alloc(r->cx, (size_t)(close - r->at) + 1);
    if (!start)
        return false;
    char *out = start;
    for (;;) {
        const size_t run = plain_run(r->at, (size_t)(close - r->at));
        memcpy(out, r->at, run);
        out += run;
        r->at += run;
        if (r->at == close)
            break;
        if (*r->at != '\\')
            return fail_here(r, "a control character must be escaped");
        if (!read_escape(r, &out))
            return false;
    }
    r->at = close + 1;
    *ret = (ix_str){start, (size_t)(out - start)};
    return true;
}

/* A string, opening quote at hand. Borrowed from the text, or from the arena. */
static bool read_string(reader *r, ix_str *ret)
{
    const char *const start = ++r->at;
    const size_t run = plain_run(start, (size_t)(r->end - start));
    if (start + run < r->end && start[run] == '"') {
        *ret = (ix_str){start, run};
        r->at += run + 1;
        return true;
    }
    return read_escaped(r, ret);
}

static bool read_text(reader *r, json_t **ret)
{
    ix_str text = {0};
    return read_string(r, &text) && give(r, json_stringn_nocheck(text.at, text.len), ret);
}

/* Digits with a sign at most are an integer; -0 is the integer 0. */
static bool read_integer(reader *r, ix_str digits, json_t **ret)
{
    const size_t sign = digits.at[0] == '-' ? 1 : 0;
    int64_t value;
    if (digits.len == sign || (digits.at[sign] == '0' && digits.len > sign + 1))
        return fail_at(r, digits.at, "this is no number", (ix_str){0});
    if (!ix_str_int(digits, &value))
        return fail_at(r, digits.at, "this number is too large", (ix_str){0});
    return give(r, json_integer(value), ret);
}

static bool read_number(reader *r, json_t **ret)
{
    const char *const start = r->at;
    bool is_integer = true;
    for (; r->at < r->end; r->at++) {
        const char c = *r->at;
        if (c == '.' || c == 'e' || c == 'E' || c == '+' || (c == '-' && r->at > start))
            is_integer = false;
        else if ((c < '0' || c > '9') && c != '-')
            break;
    }
    const ix_str digits = {start, (size_t)(r->at - start)};
    if (is_integer)
        return read_integer(r, digits, ret);
    double value;
    switch (ix_number_parse(digits, &value)) {
    case IX_NUMBER_READ:
        return give(r, json_real(value), ret);
    case IX_NUMBER_TOO_LARGE:
        return fail_at(r, start, "this number is too large", (ix_str){0});
    case IX_NUMBER_TOO_SMALL:
        return fail_at(r, start, "this number is too small", (ix_str){0});
    case IX_NUMBER_BAD:
        break;
    }
    return fail_at(r, start, "this is no number", (ix_str){0});
}

static bool read_word(reader *r, const char *word, json_t *value, json_t **ret)
{
    const size_t len = strlen(word);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return fail_here(r, "a value was expected");
    r->at += len;
    *ret = value;
    return true;
}

static bool read_value(reader *r, json_t **ret);

/* The items, opening bracket taken, into `array`. */
static bool read_items(reader *r, json_t *array)
{
    if (take(r, ']'))
        return true;
    do {
        json_t *item = NULL;
        if (!read_value(r, &item))
            return false;
        if (json_array_append_new(array, item) != 0)
            return fail_memory(r);
    } while (take(r, ','));
    return take(r, ']') || fail_here(r, "',' or ']' was expected");
}

static bool read_member(reader *r, json_t *object)
{
    skip_blanks(r);
    if (r->at == r->end || *r->at != '"')
        return fail_here(r, "a member name was expected");
    const char *const start = r->at;
    ix_str name;
    if (!read_string(r, &name))
        return false;
    if (json_object_getn(object, name.at, name.len))
        return fail_at(r, start, "a second member", name);
    if (!take(r, ':'))
        return fail_here(r, "':' was expected");
    json_t *value = NULL;
    if (!read_value(r, &value))
        return false;
    return json_object_setn_new_nocheck(object, name.at, name.len, value) == 0 || fail_memory(r);
}

/* The members, opening brace taken, into `object`. */
static bool read_members(reader *r, json_t *object)
{
    if (take(r, '}'))
        return true;
    do {
        if (!read_member(r, object))
            return false;
    } while (take(r, ','));
    return take(r, '}') || fail_here(r, "',' or '}' was expected");
}

/* An array or object, opening bracket at hand: `read` fills it. */
static bool read_inside(reader *r, json_t *empty, bool (*read)(reader *r, json_t *into),
                        json_t **ret)
{
    if (!empty)
        return fail_memory(r);
    if (r->depth == IX_JSON_DEPTH) {
        json_decref(empty);
        return fail_here(r, "nested too deeply");
    }
    r->at++;
    r->depth++;
    const bool is_read = read(r, empty);
    r->depth--;
    if (is_read)
        *ret = empty;
    else
        json_decref(empty);
    return is_read;
}

static bool read_value(reader *r, json_t **ret)
{
    skip_blanks(r);
    switch (r->at < r->end ? *r->at : '\0') {
    case '{':
        return read_inside(r, json_object(), read_members, ret);
    case '[':
        return read_inside(r, json_array(), read_items, ret);
    case '"':
        return read_text(r, ret);
    case 't':
        return read_word(r, "true", json_true(), ret);
    case 'f':
        return read_word(r, "false", json_false(), ret);
    case 'n':
        return read_word(r, "null", json_null(), ret);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(r, ret);
    default:
        return fail_here(r, "a value was expected");
    }
}

/* Texts are taken over as they are, so all must be UTF-8 before. */
static bool check_utf8(reader *r)
{
    if (ix_str_is_utf8((ix_str){r->text, (size_t)(r->end - r->text)}))
        return true;
    const char *bad = r->text;
    for (size_t len = 1; len <= 4 && bad + len <= r->end;) {
        if (ix_str_is_utf8((ix_str){bad, len})) {
            bad += len;
            len = 0;
        }
        len++;
    }
    return fail_at(r, bad, "this is not UTF-8", (ix_str){0});
}

static void let_go(void *json)
{
    json_decref(json);
}

/* Hands `json` to the arena. NULL stands for memory that ran out. */
static ix_json *keep(ix_ctx *cx, json_t *json)
{
    if (json && ix_arena_defer(cx->arena, let_go, json))
        return (ix_json *)json;
    ix_fail(cx, IOTS_NO_MEMORY, NULL);
    return NULL;
}

ix_json *ix_json_parse(ix_ctx *cx, const char *text, size_t len)
{
    if (len == 0)
        text = "";
    reader r = {cx, text, text, text + len, 0};
    if (!check_utf8(&r))
        return NULL;
    json_t *json = NULL;
    if (!read_value(&r, &json))
        return NULL;
    skip_blanks(&r);
    if (r.at == r.end)
        return keep(cx, json);
    json_decref(json);
    fail_here(&r, "the value is complete, but more follows");
    return NULL;
}

/* ---- text out ---- */

/* One character, without a call as long as there is room. */
static inline void put(ix_buf *buf, char c)
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
    put(buf, '"');
    for (size_t i = 0; i < text.len;) {
        const size_t run = plain_run(text.at + i, text.len - i);
        ix_buf_add(buf, text.at + i, run);
        i += run;
        if (i < text.len)
            write_escape(buf, (unsigned char)text.at[i++]);
    }
    put(buf, '"');
}

void ix_json_write_real(ix_buf *buf, double value)
{
    assert(isfinite(value));
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
    put(buf, '\n');
    for (int i = 0; i < indent * depth; i++)
        put(buf, ' ');
}

/* indent < 0: compact. */
static void write_value(ix_buf *buf, json_t *json, int indent, int depth);

static void write_array(ix_buf *buf, json_t *array, int indent, int depth)
{
    const size_t count = json_array_size(array);
    put(buf, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put(buf, ',');
        write_break(buf, indent, depth + 1);
        write_value(buf, json_array_get(array, i), indent, depth + 1);
    }
    if (count > 0)
        write_break(buf, indent, depth);
    put(buf, ']');
}

static void write_object(ix_buf *buf, json_t *object, int indent, int depth)
{
    void *const first = json_object_iter(object);
    put(buf, '{');
    for (void *at = first; at; at = json_object_iter_next(object, at)) {
        if (at != first)
            put(buf, ',');
        write_break(buf, indent, depth + 1);
        ix_json_write_text(buf, (ix_str){json_object_iter_key(at), json_object_iter_key_len(at)});
        put(buf, ':');
        if (indent >= 0)
            put(buf, ' ');
        write_value(buf, json_object_iter_value(at), indent, depth + 1);
    }
    if (first)
        write_break(buf, indent, depth);
    put(buf, '}');
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
    return keep(cx, json_object());
}

ix_json *ix_json_new_array(ix_ctx *cx)
{
    return keep(cx, json_array());
}

ix_json *ix_json_new_text(ix_ctx *cx, ix_str text)
{
    if (!check_text(cx, text))
        return NULL;
    return keep(cx, json_stringn_nocheck(text.len ? text.at : "", text.len));
}

ix_json *ix_json_new_string(ix_ctx *cx, const char *text)
{
    return ix_json_new_text(cx, ix_str_of(text));
}

ix_json *ix_json_new_int(ix_ctx *cx, int64_t value)
{
    return keep(cx, json_integer(value));
}

ix_json *ix_json_new_real(ix_ctx *cx, double value)
{
    assert(isfinite(value));
    return keep(cx, json_real(value));
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
    return keep(cx, json_deep_copy(to_jansson(json)));
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
    assert(ix_json_kind(object) == IX_OBJECT && object != value);
    if (!check_text(cx, ix_str_of(name)))
        return false;
    return done(cx, json_object_set_nocheck(to_jansson(object), name, to_jansson(value)));
}

bool ix_json_append(ix_ctx *cx, ix_json *array, const ix_json *value)
{
    if (!array || !value)
        return false;
    assert(ix_json_kind(array) == IX_ARRAY && array != value);
    return done(cx, json_array_append(to_jansson(array), to_jansson(value)));
}

bool ix_json_insert(ix_ctx *cx, ix_json *array, size_t index, const ix_json *value)
{
    if (!array || !value)
        return false;
    assert(ix_json_kind(array) == IX_ARRAY && array != value && index <= ix_json_count(array));
    return done(cx, json_array_insert(to_jansson(array), index, to_jansson(value)));
}

bool ix_json_put(ix_ctx *cx, ix_json *array, size_t index, const ix_json *value)
{
    if (!array || !value)
        return false;
    assert(ix_json_kind(array) == IX_ARRAY && array != value && index < ix_json_count(array));
    return done(cx, json_array_set(to_jansson(array), index, to_jansson(value)));
}

void ix_json_remove(ix_json *object, const char *name)
{
    json_object_del(to_jansson(object), name);
}

void ix_json_remove_item(ix_json *array, size_t index)
{
    json_array_remove(to_jansson(array), index);
}
