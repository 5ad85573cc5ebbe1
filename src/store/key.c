/* SPDX-License-Identifier: Apache-2.0 */
#include "store/key.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"

/* ---- texts ---- */

ix_str key_of(ix_ctx *cx, ix_str text)
{
    uint8_t digest[IX_DIGEST_LEN];
    if (text.len <= KEY_MAX)
        return text;
    size_t head = KEY_MAX;
    while (((unsigned char)text.at[head] & 0xC0) == 0x80)
        head--; /* not inside a letter */
    ix_digest(text, digest);
    const char *tail = ix_base64url(cx, digest, sizeof(digest));
    const char *key = tail ? ix_format(cx, "%.*s%s", (int)head, text.at, tail) : NULL;
    return ix_str_of(key);
}

db_value key_arg(ix_ctx *cx, const char *text)
{
    const ix_str key = text ? key_of(cx, ix_str_of(text)) : (ix_str){0};
    return key.at ? db_str(key) : db_null();
}

/* ---- values ---- */

enum { NUMBER_BYTES = 10 };

_Static_assert((int)VALUE_NUMBER_KEY_LEN == 1 + (int)NUMBER_BYTES, "its kind, and the number");
_Static_assert((int)VALUE_KEY_CUT_LEN == (int)KEY_MAX + (int)IX_DIGEST_LEN,
               "its beginning, and a digest");

/* A whole number need not be a double: it is the largest double that is not above it, and what is
 * missing, which is less than the distance between doubles. */
static double double_below(int64_t number)
{
    const double nearest = (double)number;
    const bool is_above = nearest >= 0x1p63 || (int64_t)nearest > number;
    return is_above ? nextafter(nearest, -INFINITY) : nearest;
}

/* The bits of a double, turned so that they sort as numbers; then the rest, big end first. */
static void write_number(ix_buf *buf, const ix_json *value)
{
    const bool is_int = ix_json_kind(value) == IX_INT;
    const int64_t whole = ix_json_int(value, 0);
    double number = is_int ? double_below(whole) : ix_json_number(value, 0);
    const uint64_t missing = is_int ? (uint64_t)(whole - (int64_t)number) : 0;
    uint64_t bits;
    char bytes[NUMBER_BYTES];
    if (number == 0)
        number = 0; /* there is no negative zero */
    memcpy(&bits, &number, sizeof(bits));
    bits = bits >> 63 ? ~bits : bits | 1ULL << 63;
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(bits >> (56 - 8 * i));
    bytes[8] = (char)(missing >> 8);
    bytes[9] = (char)missing;
    ix_buf_add(buf, bytes, sizeof(bytes));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void write_value(ix_ctx *cx, ix_buf *buf, const ix_json *value);

/* Names have an order of their own in objects, and none in their key. */
static void write_members(ix_ctx *cx, ix_buf *buf, const ix_json *object)
{
    size_t count = 0;
    const char **names = ix_new(cx, const char *, ix_json_count(object) + 1);
    if (!names)
        return;
    for (ix_member m = ix_members(object); m.name; m = ix_members_next(m))
        names[count++] = m.name;
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 0; i < count; i++) {
        ix_buf_char(buf, IX_TEXT);
        ix_buf_text(buf, names[i]);
        ix_buf_char(buf, 0);
        write_value(cx, buf, ix_json_member(object, names[i]));
    }
}

/* A value inside another is followed by something, so texts, arrays and objects end with a zero,
 * which is below every kind and occurs in no text. */
static void write_value(ix_ctx *cx, ix_buf *buf, const ix_json *value)
{
    const ix_kind kind = ix_json_is_number(value) ? IX_INT : ix_json_kind(value);
    ix_buf_char(buf, (char)kind);
    switch (kind) {
    case IX_BOOL:
        ix_buf_char(buf, (char)ix_json_bool(value, false));
        break;
    case IX_INT:
        write_number(buf, value);
        break;
    case IX_TEXT:
        ix_buf_str(buf, ix_json_str(value));
        ix_buf_char(buf, 0);
        break;
    case IX_ARRAY:
        for (size_t i = 0; i < ix_json_count(value); i++)
            write_value(cx, buf, ix_json_item(value, i));
        ix_buf_char(buf, 0);
        break;
    case IX_OBJECT:
        write_members(cx, buf, value);
        ix_buf_char(buf, 0);
        break;
    default:
        break;
    }
}

ix_str value_key(ix_ctx *cx, const ix_json *value)
{
    ix_buf buf = {0};
    uint8_t digest[IX_DIGEST_LEN];
    write_value(cx, &buf, value);
    if (!buf.failed && buf.len > KEY_MAX) {
        ix_digest((ix_str){ix_buf_cstr(&buf), buf.len}, digest);
        buf.len = KEY_MAX;
        ix_buf_add(&buf, (const char *)digest, sizeof(digest));
    }
    if (buf.failed)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    const ix_str key = {ix_failed(cx) ? NULL : ix_strndup(cx, ix_buf_cstr(&buf), buf.len), buf.len};
    ix_buf_done(&buf);
    return key.at ? key : (ix_str){0};
}

ix_str key_of_kind(ix_kind kind)
{
    static const char kinds[] = {IX_NONE, IX_NULL,  IX_BOOL,   IX_INT,       IX_REAL,
                                 IX_TEXT, IX_ARRAY, IX_OBJECT, IX_OBJECT + 1};
    return (ix_str){&kinds[kind], 1};
}

bool key_is_before(ix_str a, ix_str b)
{
    const int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
    return order < 0 || (order == 0 && a.len < b.len);
}
