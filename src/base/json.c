/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ix_json is a json_t of the JSON library under another name. Each value made through this file
 * is counted once for the arena of its cx, which lets go of it at its end; trees count their parts
 * as usual.
 *
 * Reading is the library's, between two looks at the text of our own: one for depth before it, one
 * for numbers too small after it. Writing, comparing and finding are ours.
 */
#include "base/json.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

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
static bool survey(ix_ctx *cx, const char *text, const char *end, bool *has_tiny)
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
        if ((c == '{' || c == '[') && ++depth > IX_JSON_DEPTH)
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

/* The library's complaint in our words: its sentence says where the code alone does not suffice. */
static bool fail_parse(ix_ctx *cx, const json_error_t *error)
{
    const char *near = strstr(error->text, " near '");
    const char *what = NULL;
    switch (json_error_code(error)) {
    case json_error_out_of_memory:
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    case json_error_invalid_utf8:
        what = "this is not UTF-8";
        near = NULL;
        break;
    case json_error_premature_end_of_input:
        what = "the text ends too early";
        near = NULL;
        break;
    case json_error_end_of_input_expected:
        what = "the value is complete, but more follows";
        break;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        what = "\\u0000 is not allowed";
        near = NULL;
        break;
    case json_error_duplicate_key:
        what = "the same member twice";
        break;
    case json_error_numeric_overflow:
        what = "this number is too large";
        near = NULL;
        break;
    default:
        if (error->text[0] == '\0') /* it says nothing when memory is out */
            return ix_fail(cx, IOTS_NO_MEMORY, NULL);
        what = error->text;
        near = NULL;
    }
    return ix_fail(cx, IOTS_INVALID, "line %d, column %d: %s%s", error->line,
                   error->column > 0 ? error->column : 1, what, near ? near : "");
}

static void let_go(void *json)
{
    json_decref(json);
}

/* Hands `made` to the arena. NULL stands for memory that ran out. */
static ix_json *keep(ix_ctx *cx, json_t *made)
{
    if (made && ix_arena_defer(cx->arena, let_go, made))
        return (ix_json *)made;
    ix_fail(cx, IOTS_NO_MEMORY, NULL);
    return NULL;
}

ix_json *ix_json_parse(ix_ctx *cx, const char *text, size_t len)
{
    if (len == 0)
        text = "";
    bool has_tiny;
    if (!survey(cx, text, text + len, &has_tiny))
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
    return keep(cx, made);
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

/* A positive number as 0.DIGITS * 10^point. */
typedef struct decimal {
    char digits[24]; /* no zeros at either end; not terminated */
    int ndigits;
    int point;
} decimal;

static void decimal_set(decimal *d, uint64_t whole, int decimals)
{
    char reversed[24];
    int n = 0;
    for (; whole > 0; whole /= 10)
        reversed[n++] = (char)('0' + whole % 10);
    d->point = n - decimals;
    d->ndigits = n;
    for (int i = 0; i < n; i++)
        d->digits[i] = reversed[n - 1 - i];
    while (d->ndigits > 1 && d->digits[d->ndigits - 1] == '0')
        d->ndigits--;
}

/*
 * Measured values rarely have more than a few decimals. So try whole numbers below 10^15 over
 * growing powers of ten: the first such quotient that is `value` is the shortest text for it, as
 * the division rounds exactly as reading does. False if there is none.
 */
static bool decimal_of_short(double value, decimal *d)
{
    double power = 1;
    for (int decimals = 0; decimals <= 22; decimals++, power *= 10) {
        const double scaled = value * power;
        if (FLT_EVAL_METHOD != 0 || scaled >= 1e15)
            return false;
        const uint64_t whole = (uint64_t)(scaled + 0.5);
        if ((double)whole / power == value) {
            decimal_set(d, whole, decimals);
            return true;
        }
    }
    return false;
}

/* Digits and exponent out of what %e made; the only other thing in it is a point, of any shape. */
static void decimal_read(decimal *d, const char *text)
{
    d->ndigits = 0;
    for (; *text != 'e'; text++)
        if (*text >= '0' && *text <= '9')
            d->digits[d->ndigits++] = *text;
    d->point = (int)strtol(text + 1, NULL, 10) + 1;
    while (d->ndigits > 1 && d->digits[d->ndigits - 1] == '0')
        d->ndigits--;
}

static double decimal_value(const decimal *d)
{
    char text[48];
    snprintf(text, sizeof text, "%.*se%d", d->ndigits, d->digits, d->point - d->ndigits);
    return strtod(text, NULL); /* without a point, the same in every locale */
}

/* The next decimal of as many digits. */
static void decimal_step(decimal *d)
{
    while (d->ndigits > 0 && d->digits[d->ndigits - 1] == '9')
        d->ndigits--;
    if (d->ndigits > 0) {
        d->digits[d->ndigits - 1]++;
        return;
    }
    d->digits[d->ndigits++] = '1';
    d->point++;
}

/*
 * The fewest digits that read back as `value`. Any number of 15 digits survives a double, so fewer
 * need not be tried, but for the subnormal numbers. The step up is for powers of two: below them
 * doubles lie closer than above, and the nearest decimal may be below and miss.
 */
static void decimal_of(double value, decimal *d)
{
    if (decimal_of_short(value, d))
        return;
    int exponent;
    const bool is_power_of_two = frexp(value, &exponent) == 0.5;
    for (int digits = value < DBL_MIN ? 1 : DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        char text[64];
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        decimal_read(d, text);
        if (decimal_value(d) == value)
            return;
        if (is_power_of_two && d->ndigits == digits) {
            decimal_step(d);
            if (decimal_value(d) == value)
                return;
        }
    }
}

static char *put_bytes(char *out, const char *bytes, int n)
{
    memcpy(out, bytes, (size_t)n);
    return out + n;
}

static char *put_zeros(char *out, int n)
{
    memset(out, '0', (size_t)n);
    return out + n;
}

static void write_fixed(ix_buf *buf, const decimal *d)
{
    char text[48];
    char *out = text;
    if (d->point <= 0) {
        out = put_bytes(out, "0.", 2);
        out = put_zeros(out, -d->point);
        out = put_bytes(out, d->digits, d->ndigits);
    } else if (d->ndigits <= d->point) {
        out = put_bytes(out, d->digits, d->ndigits);
        out = put_zeros(out, d->point - d->ndigits);
        out = put_bytes(out, ".0", 2);
    } else {
        out = put_bytes(out, d->digits, d->point);
        *out++ = '.';
        out = put_bytes(out, d->digits + d->point, d->ndigits - d->point);
    }
    ix_buf_add(buf, text, (size_t)(out - text));
}

static void write_scientific(ix_buf *buf, const decimal *d)
{
    ix_buf_char(buf, d->digits[0]);
    if (d->ndigits > 1) {
        ix_buf_char(buf, '.');
        ix_buf_add(buf, d->digits + 1, (size_t)d->ndigits - 1);
    }
    ix_buf_text(buf, d->point > 0 ? "e+" : "e");
    ix_buf_int(buf, d->point - 1);
}

void ix_json_write_real(ix_buf *buf, double value)
{
    assert(isfinite(value));
    if (!isfinite(value)) {
        ix_buf_text(buf, "null");
        return;
    }
    if (signbit(value)) {
        ix_buf_char(buf, '-');
        value = -value;
    }
    if (value == 0) {
        ix_buf_add(buf, "0.0", 3);
        return;
    }
    decimal d;
    decimal_of(value, &d);
    if (d.point > -6 && d.point <= 16)
        write_fixed(buf, &d);
    else
        write_scientific(buf, &d);
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
            const char escape = i + 1 < token.len ? token.at[++i] : '\0';
            if (escape != '0' && escape != '1')
                return false;
            c = escape == '0' ? '~' : '/';
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

/* ---- comparing ---- */

static int order(bool less, bool more)
{
    return (int)more - (int)less;
}

static int compare_int_real(int64_t a, double b)
{
    if (b >= 0x1p63)
        return -1;
    if (b < -0x1p63)
        return 1;
    const int64_t whole = (int64_t)b; /* cut towards zero, exactly */
    if (a != whole)
        return order(a<whole, a> whole);
    return order((double)whole<b, (double)whole> b);
}

static int compare_numbers(const ix_json *a, const ix_json *b)
{
    const bool a_is_int = ix_json_kind(a) == IX_INT;
    const bool b_is_int = ix_json_kind(b) == IX_INT;
    if (a_is_int && b_is_int)
        return order(ix_json_int(a, 0) < ix_json_int(b, 0), ix_json_int(a, 0) > ix_json_int(b, 0));
    if (a_is_int)
        return compare_int_real(ix_json_int(a, 0), ix_json_number(b, 0));
    if (b_is_int)
        return -compare_int_real(ix_json_int(b, 0), ix_json_number(a, 0));
    return order(ix_json_number(a, 0) < ix_json_number(b, 0),
                 ix_json_number(a, 0) > ix_json_number(b, 0));
}

/* By byte, which for UTF-8 is by code point. */
static int compare_texts(ix_str a, ix_str b)
{
    const size_t both = a.len < b.len ? a.len : b.len;
    const int first = both ? memcmp(a.at, b.at, both) : 0;
    return first ? order(first<0, first> 0) : order(a.len<b.len, a.len> b.len);
}

static int compare_arrays(const ix_json *a, const ix_json *b)
{
    const size_t na = ix_json_count(a);
    const size_t nb = ix_json_count(b);
    for (size_t i = 0; i < na && i < nb; i++) {
        const int item = ix_json_compare(ix_json_item(a, i), ix_json_item(b, i));
        if (item)
            return item;
    }
    return order(na<nb, na> nb);
}

static bool has_name_after(const ix_json *object, const char *name)
{
    for (ix_member m = ix_members(object); m.name; m = ix_members_next(m))
        if (strcmp(m.name, name) > 0)
            return true;
    return false;
}

/*
 * As if both were lists of members sorted by name, without sorting them: all before the first
 * difference is equal, so that alone decides. Where only one has that name, the other list goes on
 * with a later name, and is larger, or ends, and is smaller. No value is compared twice, or the
 * work would double with each level.
 */
static int compare_objects(const ix_json *a, const ix_json *b)
{
    const char *first = NULL; /* the smallest name that makes a difference so far */
    int result = 0;           /* of comparing what both have under it; 0: one of them has nothing */
    for (ix_member m = ix_members(a); m.name; m = ix_members_next(m)) {
        if (first && strcmp(m.name, first) > 0)
            continue;
        const ix_json *other = ix_json_member(b, m.name);
        const int here = other ? ix_json_compare(m.value, other) : 0;
        if (other && here == 0)
            continue;
        first = m.name;
        result = here;
    }
    for (ix_member m = ix_members(b); m.name; m = ix_members_next(m)) {
        if ((first && strcmp(m.name, first) >= 0) || ix_json_member(a, m.name))
            continue;
        first = m.name;
        result = 0;
    }
    if (!first || result)
        return result;
    if (ix_json_member(a, first))
        return has_name_after(b, first) ? -1 : 1;
    return has_name_after(a, first) ? 1 : -1;
}

int ix_json_compare(const ix_json *a, const ix_json *b)
{
    if (a == b)
        return 0;
    const ix_kind ka = ix_json_kind(a);
    const ix_kind kb = ix_json_kind(b);
    if (ix_json_is_number(a) && ix_json_is_number(b))
        return compare_numbers(a, b);
    if (ka != kb)
        return order(ka<kb, ka> kb);
    switch (ka) {
    case IX_BOOL:
        return order(!ix_json_bool(a, false) && ix_json_bool(b, false),
                     ix_json_bool(a, false) && !ix_json_bool(b, false));
    case IX_TEXT:
        return compare_texts(ix_json_str(a), ix_json_str(b));
    case IX_ARRAY:
        return compare_arrays(a, b);
    case IX_OBJECT:
        return compare_objects(a, b);
    default:
        return 0;
    }
}

bool ix_json_equal(const ix_json *a, const ix_json *b)
{
    return ix_json_count(a) == ix_json_count(b) && ix_json_compare(a, b) == 0;
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
