/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include "base/buf.h"

/* The longest member whose name is the beginning of the path, up to a dot or its end; then the rest in
 * there. */
static const ix_json *find(const ix_json *object, const char *path)
{
    const size_t len = strlen(path);
    for (size_t part = len + 1; part-- > 0;) {
        if (part != len && path[part] != '.')
            continue;
        const ix_json *member = ix_json_member_str(object, (ix_str){path, part});
        if (member)
            return part == len ? member : find(member, path + part + 1);
    }
    return NULL;
}

typedef enum relation { EQ, NEQ, GT, GTE, LT, LTE, CONTAINS, RELATIONS } relation;

/* The relation in front of `*text`, which then begins behind it. */
static relation relation_of(const char **text)
{
    static const char *const names[RELATIONS] = {"eq:", "neq:", "gt:",      "gte:",
                                                 "lt:", "lte:", "contains:"};
    for (int i = 0; i < RELATIONS; i++) {
        if (strncmp(*text, names[i], strlen(names[i])) == 0) {
            *text += strlen(names[i]);
            return (relation)i;
        }
    }
    return EQ;
}

static bool is_order(relation relation, int order)
{
    switch (relation) {
    case EQ:
        return order == 0;
    case NEQ:
        return order != 0;
    case GT:
        return order > 0;
    case GTE:
        return order >= 0;
    case LT:
        return order < 0;
    case LTE:
        return order <= 0;
    default:
        return false;
    }
}

static const ix_json *parse(ix_ctx *cx, const char *text)
{
    const ix_json *json = ix_json_parse(cx, text, strlen(text));
    if (!json)
        ix_ctx_clear_error(cx);
    return json;
}

static bool equals(ix_ctx *cx, const ix_json *value, const char *text)
{
    if (ix_json_kind(value) == IX_TEXT)
        return strcmp(ix_json_string(value), text) == 0;
    const ix_json *json = parse(cx, text);
    return json && ix_json_equal(value, json);
}

static bool contains(ix_ctx *cx, const ix_json *value, const char *text)
{
    switch (ix_json_kind(value)) {
    case IX_TEXT:
        return strstr(ix_json_string(value), text) != NULL;
    case IX_OBJECT:
        return ix_json_member(value, text) != NULL;
    case IX_ARRAY:
        for (size_t i = 0; i < ix_json_count(value); i++)
            if (equals(cx, ix_json_item(value, i), text))
                return true;
        return false;
    default:
        return false;
    }
}

bool rules_keep(ix_ctx *cx, const ix_json *thing, const char *name, const char *text)
{
    const ix_json *value = find(ix_json_member(thing, "status"), name);
    const relation relation = relation_of(&text);
    if (!value)
        return false;
    if (ix_json_kind(value) == IX_NULL)
        return relation == EQ && strcmp(text, "null") == 0;
    if (relation == CONTAINS)
        return contains(cx, value, text);
    if (ix_json_kind(value) == IX_TEXT)
        return is_order(relation, strcmp(ix_json_string(value), text));
    if (relation == EQ || relation == NEQ)
        return equals(cx, value, text) == (relation == EQ);
    const ix_json *number = ix_json_is_number(value) ? parse(cx, text) : NULL;
    return number && ix_json_is_number(number) &&
           is_order(relation, ix_json_compare(value, number));
}

/* A time is not a text: its fraction ends with its last digit, so the Z behind it must not count. */
static int compare_times(ix_str one, ix_str other)
{
    const size_t len = one.len < other.len ? one.len : other.len;
    const int order = memcmp(one.at, other.at, len - 1);
    return order || one.len == other.len ? order : one.len < other.len ? -1 : 1;
}

bool rules_keep_time(ix_ctx *cx, const ix_json *thing, const char *name, const char *text)
{
    (void)cx;
    const ix_json *at = ix_json_member(ix_json_member(thing, "status_at"), name);
    const relation relation = relation_of(&text);
    if (ix_json_kind(at) != IX_TEXT)
        return false;
    if (*text == '-')
        return is_order(relation, strcmp(text, "-0s") == 0 ? -1 : 1);
    return is_order(relation, compare_times(ix_json_str(at), ix_str_of(text)));
}

/* What the letters are read as that chance has, but those of ASCII. The longest come first. */
static const char *const folded[][2] = {
    {"e\xcc\x81", "é"},
    {"E\xcc\x81", "é"},
    {"É", "é"},
    {"Ü", "ü"},
    {"ẞ", "ß"},
    {"ﬁ", "fi"},
    {"\xe2\x84\xab", "å"}, /* the sign of the Ångström */
    {"\xef\xbf\xbf", "\xef\xbf\xbd"},
};

static const char *fold(ix_ctx *cx, const char *text)
{
    static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
    ix_buf buf = {0};
    while (*text) {
        size_t i = 0;
        while (i < sizeof folded / sizeof folded[0] &&
               strncmp(text, folded[i][0], strlen(folded[i][0])) != 0)
            i++;
        if (i < sizeof folded / sizeof folded[0]) {
            ix_buf_text(&buf, folded[i][1]);
            text += strlen(folded[i][0]);
        } else {
            ix_buf_add(&buf, *text >= 'A' && *text <= 'Z' ? &lower[*text - 'A'] : text, 1);
            text++;
        }
    }
    const char *made = ix_strdup(cx, ix_buf_cstr(&buf));
    ix_buf_done(&buf);
    return made;
}

/* Is it in the text, which may be absent or something else? */
static bool is_in(ix_ctx *cx, const ix_json *text, const char *part)
{
    const char *whole = ix_json_kind(text) == IX_TEXT ? fold(cx, ix_json_string(text)) : NULL;
    return whole && strstr(whole, part) != NULL;
}

bool rules_find(ix_ctx *cx, const ix_json *thing, const char *text)
{
    const ix_json *type = ix_json_member(thing, "@type");
    const char *wanted = fold(cx, text);
    bool is_found = is_in(cx, type, wanted) || is_in(cx, ix_json_member(thing, "title"), wanted) ||
                    is_in(cx, ix_json_member(thing, "description"), wanted) ||
                    is_in(cx, ix_json_member(thing, "uid"), wanted);
    for (size_t i = 0; ix_json_kind(type) == IX_ARRAY && i < ix_json_count(type); i++)
        is_found |= is_in(cx, ix_json_item(type, i), wanted);
    return is_found;
}

static int compare_keys(const char *path, const ix_json *a, const ix_json *b)
{
    const bool is_time = strcmp(path, "created") == 0 || strcmp(path, "modified") == 0 ||
                         strncmp(path, "status_at.", 10) == 0;
    return is_time ? compare_times(ix_json_str(a), ix_json_str(b)) : ix_json_compare(a, b);
}

/* Below 0, 0, above 0; what is missing or null comes last either way. */
static int compare(const ix_json *a, const ix_json *b, const rules_key *keys, size_t key_count)
{
    for (size_t i = 0; i < key_count; i++) {
        const ix_json *one = find(a, keys[i].path), *other = find(b, keys[i].path);
        const bool has_one = ix_json_kind(one) > IX_NULL, has_other = ix_json_kind(other) > IX_NULL;
        int order = 0;
        if (has_one != has_other)
            return has_one ? -1 : 1;
        if (has_one)
            order = keys[i].descending ? compare_keys(keys[i].path, other, one)
                                       : compare_keys(keys[i].path, one, other);
        if (order)
            return order;
    }
    return strcmp(ix_json_string(ix_json_member(a, "uid")),
                  ix_json_string(ix_json_member(b, "uid")));
}

void rules_sort(const ix_json **things, size_t count, const rules_key *keys, size_t key_count)
{
    for (size_t i = 1; i < count; i++) {
        const ix_json *thing = things[i];
        size_t to = i;
        for (; to > 0 && compare(thing, things[to - 1], keys, key_count) < 0; to--)
            things[to] = things[to - 1];
        things[to] = thing;
    }
}
