/* SPDX-License-Identifier: Apache-2.0 */
/* The spaces a token may see: those it names, as far as they are there. In order of name. */
#include <stdlib.h>

#include "api/api.h"
#include "api/list.h"
#include "api/name_list.h"

typedef struct names {
    ix_str *at;
    size_t count;
} names;

static int compare_names(const void *a, const void *b)
{
    const ix_str *one = a, *other = b;
    const size_t len = one->len < other->len ? one->len : other->len;
    const int order = memcmp(one->at, other->at, len);
    return order ? order : (one->len > other->len) - (one->len < other->len);
}

static bool names_read(api_call *call, names *ret)
{
    const ix_str spaces = ix_str_of(call->who.spaces);
    names names = {.at = ix_new(call->cx, ix_str, spaces.len / 2 + 1)};
    if (!names.at)
        return false;
    ix_str rest = spaces, word;
    while (name_list_next(&rest, &word)) {
        const char *name = ix_strndup(call->cx, word.at, word.len);
        if (!name)
            return false;
        if (auth_has_space(call->api->auth, name))
            names.at[names.count++] = word;
    }
    if (names.count)
        qsort(names.at, names.count, sizeof *names.at, compare_names);
    *ret = names;
    return true;
}

static bool write_space(api_list *list, ix_str name)
{
    ix_buf *item = list_item(list);
    ix_buf_text(item, "{\"name\":");
    ix_json_write_text(item, name);
    ix_buf_char(item, '}');
    return list_end_name(list, name);
}

/* Which of the names stand on the page: [*from, *to). */
static void cut_page(const names *names, const page_range *page, size_t *from, size_t *to)
{
    const ix_str boundary = ix_json_str(ix_json_item(page->boundary, 0));
    const size_t limit = (size_t)page->limit;
    size_t before = page->boundary ? 0 : names->count; /* names before the boundary */
    size_t until = 0;                                  /* names up to it */
    for (size_t i = 0; i < names->count && page->boundary; i++) {
        const int order = compare_names(&names->at[i], &boundary);
        before += order < 0;
        until += order <= 0;
    }
    if (page->is_backward) {
        *to = before;
        *from = before > limit ? before - limit : 0;
    } else {
        *from = until;
        *to = names->count - until > limit ? until + limit : names->count;
    }
}

static bool ask(api_list *list, bool *more)
{
    const names *names = list->query;
    size_t from, to;
    cut_page(names, &list->page, &from, &to);
    const bool is_backward = list->page.is_backward;
    *more = is_backward ? from > 0 : to < names->count;
    for (size_t i = from; i < to; i++) {
        if (!write_space(list, names->at[is_backward ? to - 1 - (i - from) : i]))
            break;
    }
    return true;
}

bool on_spaces_list(api_call *call)
{
    names names;
    if (!names_read(call, &names))
        return false;
    return list_reply(
        &(api_list){.call = call, .tag = "spaces", .keys = 1, .ask = ask, .query = &names});
}
