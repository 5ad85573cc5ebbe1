/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/page.h"

#include "base/buf.h"
#include "base/crypto.h"

enum { TAG_MAX = 32, TAG_DIGEST_BYTES = 16 };

static bool cursor_fail(ix_ctx *cx, ix_param param)
{
    return ix_fail_field(cx, IOTS_INVALID, "invalid cursor", ix_params[param].name,
                         "expected a cursor from a page of this list");
}

/* What stands for the tag in a cursor, as JSON text: the tag, or the digest of a long one. NULL when
 * there is no memory. */
static const char *tag_text(ix_ctx *cx, const char *tag)
{
    uint8_t digest[IX_DIGEST_LEN];
    const char *text = ix_json_text(cx, ix_json_new_string(cx, tag));
    if (!text || strlen(text) <= TAG_MAX)
        return text;
    ix_digest(ix_str_of(tag), digest);
    const char *short_tag = ix_base64url(cx, digest, TAG_DIGEST_BYTES);
    return short_tag ? ix_format(cx, "\"#%s\"", short_tag) : NULL;
}

/* The array in a cursor, or NULL if there is none; memory may have run out too, then cx says so. */
static const ix_json *cursor_read(ix_ctx *cx, ix_str text)
{
    ix_str bytes;
    const ix_json *cursor = NULL;
    if (ix_base64url_decode(cx, text, &bytes))
        cursor = ix_json_parse(cx, bytes.at, bytes.len);
    if (cx->error.code == IOTS_INVALID)
        ix_ctx_clear_error(cx);
    return cursor;
}

static bool cursor_parse(ix_ctx *cx, ix_param param, ix_str text, const char *tag, size_t keys,
                         const ix_json **ret)
{
    if (text.len > CURSOR_MAX)
        return cursor_fail(cx, param);
    const char *want = tag_text(cx, tag);
    const ix_json *cursor = want ? cursor_read(cx, text) : NULL;
    if (ix_failed(cx))
        return false;
    const size_t count = ix_json_kind(cursor) == IX_ARRAY ? ix_json_count(cursor) : 0;
    const ix_json *given = ix_json_item(cursor, 0);
    if ((count != keys + 1 && count != 1) || ix_json_kind(given) != IX_TEXT)
        return cursor_fail(cx, param);
    const char *have = ix_json_text(cx, given);
    if (!have)
        return false;
    if (strcmp(have, want) != 0)
        return cursor_fail(cx, param);
    *ret = NULL;
    if (count == 1)
        return true;

    ix_json *boundary = ix_json_new_array(cx);
    for (size_t i = 1; i <= keys; i++) {
        if (!boundary || !ix_json_append(cx, boundary, ix_json_item(cursor, i)))
            return false;
    }
    *ret = boundary;
    return boundary != NULL;
}

bool page_parse(ix_ctx *cx, const ix_arg args[IX_PARAM_COUNT], const char *tag, size_t keys,
                page_range *ret)
{
    const ix_arg *next = &args[IX_PARAM_next_cursor];
    const ix_arg *previous = &args[IX_PARAM_previous_cursor];
    page_range page = {.limit = (int)args[IX_PARAM_limit].number,
                       .is_backward = previous->given && !next->given,
                       .with_times = args[IX_PARAM_times].flag};
    const ix_param param = page.is_backward ? IX_PARAM_previous_cursor : IX_PARAM_next_cursor;
    if (args[param].given && !cursor_parse(cx, param, args[param].text, tag, keys, &page.boundary))
        return false;
    *ret = page;
    return true;
}

const char *page_cursor(ix_ctx *cx, const char *tag, ix_str keys)
{
    const char *first = tag_text(cx, tag);
    const char *text = first ? ix_format(cx, "[%s%s%.*s]", first, keys.len > 0 ? "," : "",
                                         (int)keys.len, keys.len > 0 ? keys.at : "")
                             : NULL;
    return text ? ix_base64url(cx, text, strlen(text)) : NULL;
}
