/* SPDX-License-Identifier: Apache-2.0 */
#include "api/list.h"

static bool ask_once(list *list, bool *more)
{
    list->count = 0;
    list->is_too_large = false;
    list->first = list->last = NULL;
    page_begin(list->call);
    return list->ask(list, more) && !ix_failed(list->call->cx);
}

/* "" where the list ends. A page that is empty, because what was there has gone meanwhile, has no keys:
 * from it one comes back to the end (or the start) of the list, not to its edge, since then the item at
 * the edge would be on neither page. */
static bool mark(const list *list, bool is_there, const ix_json *keys, const char **ret)
{
    *ret = is_there ? page_mark(list->call->cx, list->tag, keys) : "";
    return *ret != NULL;
}

static bool list_end(const list *list, bool more)
{
    /* There is something behind us wherever we came from. */
    const bool is_inside = list->page.edge != NULL;
    const bool has_next = list->page.is_backward ? is_inside : more;
    const bool has_previous = list->page.is_backward ? more : is_inside;
    const char *next, *previous;
    return mark(list, has_next, list->last, &next) &&
           mark(list, has_previous, list->first, &previous) && page_end(list->call, next, previous);
}

bool list_reply(list *list)
{
    if (!page_parse(list->call->cx, list->call->args, list->tag, list->keys, &list->page))
        return false;
    if (!list->bytes_max)
        list->bytes_max = PAGE_BYTES_MAX;

    bool more = false;
    if (!ask_once(list, &more))
        return false;
    while (list->is_too_large) {
        list->page.limit = (int)list->count;
        if (!ask_once(list, &more))
            return false;
    }
    return list_end(list, more);
}

bool list_item(list *list)
{
    if (list->count > 0 && list->call->reply.len > list->bytes_max) {
        list->is_too_large = true;
        return false;
    }
    list->count++;
    page_item(list->call);
    return true;
}

bool list_wants_keys(const list *list)
{
    return list->count == 1 || list->count == (size_t)list->page.limit || list->page.is_backward;
}

void list_keys(list *list, const ix_json *keys)
{
    if (list->count == 1)
        list->first = keys;
    list->last = keys;
}

/* A list whose marks hold `key` alone. */
static bool sole_key(list *list, const ix_json *key)
{
    ix_json *keys = ix_json_new_array(list->call->cx);
    if (!keys || !ix_json_append(list->call->cx, keys, key))
        return false;
    list_keys(list, keys);
    return true;
}

bool list_name_key(list *list, ix_str name)
{
    return !list_wants_keys(list) || sole_key(list, ix_json_new_text(list->call->cx, name));
}

bool list_number_key(list *list, int64_t number)
{
    return !list_wants_keys(list) || sole_key(list, ix_json_new_int(list->call->cx, number));
}
