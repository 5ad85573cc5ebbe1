/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/page.h"

#include "base/crypto.h"

static bool cursor_fail(ix_ctx *cx, ix_param param)
{
    return ix_fail_field(cx, IOTS_INVALID, "invalid cursor", ix_params[param].name,
                         "expected a cursor from a page of this list");
}

/* The array in a mark, or NULL if it is none; memory may have run out too, then cx says so. */
static const ix_json *mark_read(ix_ctx *cx, ix_str text)
{
    ix_str bytes;
    const ix_json *mark = NULL;
    if (ix_base64url_decode(cx, text, &bytes))
        mark = ix_json_parse(cx, bytes.at, bytes.len);
    if (cx->error.code == IOTS_INVALID)
        ix_ctx_forgive(cx);
    return mark;
}

static bool mark_parse(ix_ctx *cx, ix_param param, ix_str text, const char *tag, size_t keys,
                       const ix_json **ret)
{
    const ix_json *mark = mark_read(cx, text);
    if (ix_failed(cx))
        return false;
    const size_t count = ix_json_kind(mark) == IX_ARRAY ? ix_json_count(mark) : 0;
    if ((count != keys + 1 && count != 1) ||
        !ix_str_equal(ix_json_str(ix_json_item(mark, 0)), ix_str_of(tag)))
        return cursor_fail(cx, param);
    *ret = NULL;
    if (count == 1)
        return true;

    ix_json *edge = ix_json_new_array(cx);
    for (size_t i = 1; i <= keys; i++) {
        if (!edge || !ix_json_append(cx, edge, ix_json_item(mark, i)))
            return false;
    }
    *ret = edge;
    return edge != NULL;
}

bool page_parse(ix_ctx *cx, const ix_arg args[IX_PARAM_COUNT], const char *tag, size_t keys,
                page *ret)
{
    const ix_arg *next = &args[IX_PARAM_next_cursor];
    const ix_arg *previous = &args[IX_PARAM_previous_cursor];
    page page = {.limit = (int)args[IX_PARAM_limit].number,
                 .is_backward = previous->given && !next->given,
                 .with_times = args[IX_PARAM_times].flag};
    const ix_param param = page.is_backward ? IX_PARAM_previous_cursor : IX_PARAM_next_cursor;
    if (args[param].given && !mark_parse(cx, param, args[param].text, tag, keys, &page.edge))
        return false;
    *ret = page;
    return true;
}

const char *page_mark(ix_ctx *cx, const char *tag, const ix_json *keys)
{
    ix_json *mark = ix_json_new_array(cx);
    if (!mark || !ix_json_append(cx, mark, ix_json_new_string(cx, tag)))
        return NULL;
    for (size_t i = 0; i < ix_json_count(keys); i++) {
        if (!ix_json_append(cx, mark, ix_json_item(keys, i)))
            return NULL;
    }
    const char *text = ix_json_text(cx, mark);
    return text ? ix_base64url(cx, text, strlen(text)) : NULL;
}
