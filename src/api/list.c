/* SPDX-License-Identifier: Apache-2.0 */
#include "api/list.h"

/* ---- items ---- */

ix_buf *list_item(api_list *list)
{
    list->item_at = list->call->reply.len;
    page_item(list->call);
    return &list->call->reply;
}

/* Keeps the item that was written last, if there is room. A single item has room. */
static bool keep_item(api_list *list)
{
    ix_buf *reply = &list->call->reply;
    if (list->count > 0 && reply->len > list->bytes_max) {
        ix_buf_cut(reply, list->item_at);
        list->is_full = true;
        return false;
    }
    if (list->items_at)
        list->items_at[list->count] = list->item_at;
    list->count++;
    ix_buf_clear(&list->last);
    return true;
}

/* The keys of the item are in `last`. */
static bool keep_keys(api_list *list)
{
    if (list->count == 1)
        ix_buf_str(&list->first, (ix_str){ix_buf_cstr(&list->last), list->last.len});
    return true;
}

bool list_end(api_list *list, ix_str keys)
{
    if (!keep_item(list))
        return false;
    ix_buf_str(&list->last, keys);
    return keep_keys(list);
}

bool list_end_name(api_list *list, ix_str name)
{
    if (!keep_item(list))
        return false;
    ix_json_write_text(&list->last, name);
    return keep_keys(list);
}

bool list_end_number(api_list *list, int64_t number)
{
    if (!keep_item(list))
        return false;
    ix_buf_int(&list->last, number);
    return keep_keys(list);
}

/* ---- the page ---- */

/* Items came from the boundary on; in the reply they have the order of the list. */
static bool turn_items(api_list *list)
{
    ix_buf *reply = &list->call->reply;
    ix_buf turned = {0};
    size_t end = reply->len;
    ix_buf_reserve(&turned, reply->len);
    ix_buf_str(&turned, (ix_str){ix_buf_cstr(reply), list->count > 0 ? list->items_at[0] : end});
    for (size_t i = list->count; i-- > 0;) {
        const size_t at = list->items_at[i] + (i > 0); /* without the comma before it */
        if (i + 1 < list->count)
            ix_buf_char(&turned, ',');
        ix_buf_str(&turned, (ix_str){reply->at + at, end - at});
        end = list->items_at[i];
    }
    const bool ok = !turned.failed || ix_fail(list->call->cx, IOTS_NO_MEMORY, NULL);
    ix_buf_done(reply);
    *reply = turned;
    return ok;
}

/* "" where the list ends. A page that is empty, because what was there has gone meanwhile, has no keys:
 * from it one comes back to the end (or the start) of the list, not to its boundary, since then the item at
 * the boundary would be on neither page. */
static bool cursor(const api_list *list, bool is_there, const ix_buf *keys, const char **ret)
{
    if (keys->failed)
        return ix_fail(list->call->cx, IOTS_NO_MEMORY, NULL);
    *ret = is_there ? page_cursor(list->call->cx, list->tag, (ix_str){ix_buf_cstr(keys), keys->len})
                    : "";
    return *ret != NULL;
}

static bool end_page(api_list *list, bool more)
{
    /* There is something behind us wherever we came from. */
    const bool is_backward = list->page.is_backward, is_inside = list->page.boundary != NULL;
    const char *ahead = "", *behind = "";
    return cursor(list, more || list->is_full, &list->last, &ahead) &&
           cursor(list, is_inside, &list->first, &behind) &&
           page_end(list->call, is_backward ? behind : ahead, is_backward ? ahead : behind);
}

bool list_reply(api_list *list)
{
    api_call *call = list->call;
    bool more = false;
    if (!page_parse(call->cx, call->args, list->tag, list->keys, &list->page))
        return false;
    if (!list->bytes_max)
        list->bytes_max = PAGE_BYTES_MAX;
    if (list->page.is_backward) {
        list->items_at = ix_new(call->cx, size_t, (size_t)list->page.limit);
        if (!list->items_at)
            return false;
    }

    page_begin(call);
    const bool ok = list->ask(list, &more) && !ix_failed(call->cx) &&
                    (!list->page.is_backward || turn_items(list)) && end_page(list, more);
    ix_buf_done(&list->first);
    ix_buf_done(&list->last);
    return ok;
}
