/* SPDX-License-Identifier: Apache-2.0 */
#include "store/thing_key.h"

#include <string.h>

#include "base/crypto.h"

/* Above the kinds of all values, turned over or not: what has no value comes last in both directions. */
static const char none[] = "\xFF";

enum { INT_BYTES = 8 };

/* Turns the bits of what was added after the first `at` bytes, if that is wanted. */
static void turn(ix_buf *buf, size_t at, bool is_descending)
{
    for (size_t i = at; is_descending && i < buf->len; i++)
        buf->at[i] = (char)~buf->at[i];
}

void thing_key_add(ix_buf *buf, ix_str value, bool is_descending)
{
    const size_t at = buf->len;
    ix_buf_str(buf, value);
    turn(buf, at, is_descending);
}

void thing_key_add_text(ix_buf *buf, ix_str text, bool is_descending)
{
    const size_t at = buf->len;
    ix_buf_char(buf, IX_TEXT);
    ix_buf_str(buf, text);
    ix_buf_char(buf, 0);
    turn(buf, at, is_descending);
}

void thing_key_add_int(ix_buf *buf, int64_t number, bool is_descending)
{
    const size_t at = buf->len;
    const uint64_t bits = (uint64_t)number ^ 1ULL << 63; /* negative numbers first */
    ix_buf_char(buf, IX_INT);
    for (int i = 0; i < INT_BYTES; i++)
        ix_buf_char(buf, (char)(bits >> (56 - 8 * i)));
    turn(buf, at, is_descending);
}

void thing_key_add_none(ix_buf *buf)
{
    ix_buf_text(buf, none);
}

/* What joined components are shortened to, before their digest. */
static size_t room_after(size_t first_len)
{
    return first_len < THING_KEY_FIRST_MAX ? THING_KEY_FIRST_MAX - first_len : 0;
}

bool thing_key_cut(ix_buf *rest, size_t first_len)
{
    const size_t room = room_after(first_len);
    uint8_t digest[IX_DIGEST_LEN];
    const bool is_long = rest->len > room;
    if (rest->len <= room + THING_KEY_DIGEST_BYTES)
        return is_long;
    ix_digest((ix_str){ix_buf_cstr(rest), rest->len}, digest);
    ix_buf_cut(rest, room);
    ix_buf_add(rest, (const char *)digest, THING_KEY_DIGEST_BYTES);
    return true;
}

bool thing_key_may_be_cut(const thing_key *key)
{
    return key->rest.len >= room_after(key->first.len) + THING_KEY_DIGEST_BYTES;
}

/* How long the text is that joined components begin with. */
static size_t text_len(ix_str joined, bool is_value, bool is_descending)
{
    const char end = is_descending ? '\xFF' : '\0';
    const char *at = memchr(joined.at, end, joined.len);
    const bool is_whole = at && (!is_value || at - joined.at < KEY_MAX);
    return is_whole ? (size_t)(at - joined.at) + 1 : (size_t)VALUE_KEY_CUT_LEN;
}

bool thing_key_split(ix_str joined, bool is_value, bool is_descending, ix_str *ret,
                     ix_str *ret_rest)
{
    if (joined.len == 0)
        return false;
    const unsigned char kind = (unsigned char)(is_descending ? ~joined.at[0] : joined.at[0]);
    size_t len = 0;
    if (joined.at[0] == none[0])
        len = 1;
    else if (kind == IX_BOOL)
        len = 2;
    else if (kind == IX_INT)
        len = is_value ? (size_t)VALUE_NUMBER_KEY_LEN : 1 + (size_t)INT_BYTES;
    else if (kind == IX_TEXT)
        len = text_len(joined, is_value, is_descending);
    if (len == 0 || len > joined.len)
        return false;
    *ret = (ix_str){joined.at, len};
    *ret_rest = (ix_str){joined.at + len, joined.len - len};
    return true;
}

bool thing_key_is_none(ix_str component)
{
    return ix_str_is(component, none);
}

/* The bytes of a component as they were before they were turned, in cx. */
static bool turn_back(ix_ctx *cx, ix_str component, bool is_descending, ix_str *ret)
{
    char *bytes = ix_strndup(cx, component.at, component.len);
    for (size_t i = 0; bytes && is_descending && i < component.len; i++)
        bytes[i] = (char)~bytes[i];
    *ret = (ix_str){bytes, bytes ? component.len : 0};
    return bytes != NULL;
}

bool thing_key_value(ix_ctx *cx, ix_str component, bool is_descending, ix_str *ret)
{
    return turn_back(cx, component, is_descending, ret) && ret->len > 0 &&
           ret->len <= KEY_MAX + IX_DIGEST_LEN && ret->at[0] > IX_NULL && ret->at[0] <= IX_OBJECT;
}

bool thing_key_text(ix_ctx *cx, ix_str component, bool is_descending, ix_str *ret)
{
    ix_str bytes;
    if (!turn_back(cx, component, is_descending, &bytes) || bytes.len < 2 || bytes.at[0] != IX_TEXT)
        return false;
    *ret = (ix_str){bytes.at + 1, bytes.len - 2};
    return bytes.at[bytes.len - 1] == '\0' && strlen(ret->at) == ret->len && ix_str_is_utf8(*ret);
}

bool thing_key_int(ix_ctx *cx, ix_str component, bool is_descending, int64_t *ret)
{
    ix_str bytes;
    uint64_t bits = 0;
    if (!thing_key_value(cx, component, is_descending, &bytes) || bytes.at[0] != IX_INT ||
        bytes.len != 1 + INT_BYTES)
        return false;
    for (int i = 1; i <= INT_BYTES; i++)
        bits = bits << 8 | (unsigned char)bytes.at[i];
    *ret = (int64_t)(bits ^ 1ULL << 63);
    return true;
}

static int thing_key_compare_one(ix_str a, ix_str b)
{
    const size_t len = a.len < b.len ? a.len : b.len;
    const int order = len ? memcmp(a.at, b.at, len) : 0;
    return order ? (order < 0 ? -1 : 1) : (a.len > b.len) - (a.len < b.len);
}

int thing_key_compare(const thing_key *a, const thing_key *b)
{
    int order = thing_key_compare_one(a->first, b->first);
    if (order == 0)
        order = thing_key_compare_one(a->rest, b->rest);
    return order ? order : thing_key_compare_one(a->uid, b->uid);
}

/* ---- in cursors ---- */

ix_str thing_key_write(ix_ctx *cx, const thing_key *key)
{
    const char *text;
    if (key->first.len == 0) {
        text = ix_format(cx, "\"%.*s\"", (int)key->uid.len, key->uid.at);
    } else {
        const char *first = ix_base64url(cx, key->first.at, key->first.len);
        const char *rest =
            first ? ix_base64url(cx, key->rest.at ? key->rest.at : "", key->rest.len) : NULL;
        text = rest ? ix_format(cx, "\"%s\",\"%s\",\"%.*s\"", first, rest, (int)key->uid.len,
                                key->uid.at)
                    : NULL;
    }
    return text ? ix_str_of(text) : (ix_str){0};
}

static bool bytes_read(ix_ctx *cx, const ix_json *text, ix_str *ret)
{
    return ix_json_kind(text) == IX_TEXT && ix_base64url_decode(cx, ix_json_str(text), ret);
}

bool thing_key_read(ix_ctx *cx, const ix_json *boundary, bool has_first, thing_key *ret)
{
    const size_t last = (has_first ? THING_KEY_VALUES : THING_KEY_UID_VALUES) - 1;
    thing_key key = {.uid = ix_json_str(ix_json_item(boundary, last))};
    const bool ok =
        ix_json_count(boundary) == last + 1 &&
        ix_json_kind(ix_json_item(boundary, last)) == IX_TEXT &&
        (!has_first || (bytes_read(cx, ix_json_item(boundary, 0), &key.first) &&
                        key.first.len > 0 && bytes_read(cx, ix_json_item(boundary, 1), &key.rest)));
    *ret = key;
    if (!ok && cx->error.code == IOTS_INVALID)
        ix_ctx_clear_error(cx); /* of what is not a base64 */
    return ok || ix_fail(cx, IOTS_INVALID, "invalid cursor");
}
