/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorting. A list of keys is parsed once; it is either asked about two Things in memory (here) or
 * turned into SQL by the store.
 */
#include "domain/sort.h"

#include <string.h>

#include "domain/dotted.h"

static bool sort_fail(ix_ctx *cx, const char *reason)
{
    return ix_fail_field(cx, IOTS_INVALID, "invalid sort", "sort", "%s", reason);
}

/* A sign and a path. Form decoding has turned a raw + into a blank. */
static bool key_parse(ix_ctx *cx, ix_str text, sort_key *ret)
{
    while (text.len && text.at[0] == ' ')
        text = (ix_str){text.at + 1, text.len - 1};
    const bool has_sign = text.len && (text.at[0] == '+' || text.at[0] == '-');
    const bool descending = text.len && text.at[0] == '-';
    if (has_sign)
        text = (ix_str){text.at + 1, text.len - 1};
    if (!text.len)
        return sort_fail(cx, "expected a member's name");
    if (text.len > DOTTED_MAX)
        return sort_fail(cx, "expected shorter names");

    ret->descending = descending;
    return (ret->path = ix_strndup(cx, text.at, text.len)) != NULL;
}

bool sort_parse(ix_ctx *cx, const ix_pair *values, sort_list *ret)
{
    sort_list list = {0};
    for (; values; values = values->next) {
        ix_str rest = values->value;
        do {
            ix_str key;
            rest = ix_str_cut(rest, ',', &key);
            if (list.count == SORT_KEYS_MAX)
                return sort_fail(cx, "expected at most 8 keys");
            if (!key_parse(cx, key, &list.keys[list.count]))
                return false;
            list.count++;
        } while (rest.at);
    }
    *ret = list;
    return true;
}

const char *sort_text(ix_ctx *cx, const sort_list *list)
{
    const char *text = "";
    for (size_t i = 0; text && i < list->count; i++)
        text = ix_format(cx, "%s%s%c%s", text, i ? "," : "", list->keys[i].descending ? '-' : '+',
                         list->keys[i].path);
    return text;
}

const ix_json *sort_value(const ix_json *thing, const char *path)
{
    return dotted_find(thing, ix_str_of(path));
}

static bool is_missing(const ix_json *value)
{
    return ix_json_kind(value) == IX_NONE || ix_json_kind(value) == IX_NULL;
}

static int key_compare(const sort_key *key, const ix_json *thing_a, const ix_json *thing_b)
{
    const ix_json *a = sort_value(thing_a, key->path);
    const ix_json *b = sort_value(thing_b, key->path);
    if (is_missing(a) || is_missing(b))
        return is_missing(a) - is_missing(b);
    return key->descending ? ix_json_compare(b, a) : ix_json_compare(a, b);
}

int sort_compare(const sort_list *list, const ix_json *thing_a, const ix_json *thing_b)
{
    for (size_t i = 0; i < list->count; i++) {
        const int order = key_compare(&list->keys[i], thing_a, thing_b);
        if (order)
            return order;
    }
    return ix_json_compare(ix_json_member(thing_a, "uid"), ix_json_member(thing_b, "uid"));
}
