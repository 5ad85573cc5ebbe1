/* SPDX-License-Identifier: Apache-2.0 */
#include "store/key_range.h"

#include <string.h>

static const key_ranges no_ranges;

/* The least key above this one. {NULL, 0} when out of memory. */
static ix_str key_after(ix_ctx *cx, ix_str key)
{
    const char *copy = ix_strndup(cx, key.at, key.len);
    return copy ? (ix_str){copy, key.len + 1} : (ix_str){0}; /* a zero follows the copy */
}

bool key_range_is_point(const key_range *range)
{
    return range->to.len == range->from.len + 1 && range->to.at[range->from.len] == '\0' &&
           memcmp(range->from.at, range->to.at, range->from.len) == 0;
}

/* Adds to a list that has room, unless there is nothing in it. */
static void add_range(key_ranges *ranges, ix_str from, ix_str to)
{
    if (key_is_before(from, to))
        ranges->list[ranges->count++] = (key_range){from, to};
}

/* What is in both. */
static bool intersect(ix_ctx *cx, const key_ranges *a, const key_ranges *b, key_ranges *ret)
{
    key_ranges both = {.list = ix_new(cx, key_range, a->count + b->count + 1)};
    if (!both.list)
        return false;
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        const key_range *x = &a->list[i];
        const key_range *y = &b->list[k];
        add_range(&both, key_is_before(x->from, y->from) ? y->from : x->from,
                  key_is_before(x->to, y->to) ? x->to : y->to);
        if (key_is_before(x->to, y->to))
            i++;
        else
            k++;
    }
    *ret = both;
    return true;
}

bool key_ranges_beyond(ix_ctx *cx, key_ranges *ranges, ix_str key, bool is_below)
{
    key_range beyond = {key_of_kind(IX_NONE), key};
    if (!is_below)
        beyond = (key_range){key_after(cx, key), key_of_kind(IX_OBJECT + 1)};
    return beyond.from.at &&
           intersect(cx, ranges, &(key_ranges){.list = &beyond, .count = 1}, ranges);
}

/* ---- where values lie that meet a condition ---- */

static bool is_container(const ix_json *json)
{
    return ix_json_kind(json) == IX_ARRAY || ix_json_kind(json) == IX_OBJECT;
}

bool condition_has_dot(const filter_condition *condition)
{
    return strchr(condition->name, '.') != NULL;
}

static bool is_about_order(const filter_condition *condition)
{
    return condition->op >= FILTER_GT && condition->op <= FILTER_LTE;
}

/* The key of a condition's text as a string, and as what else it may be read: only a number has an
 * order. {NULL, 0} if it cannot be read so, and when out of memory. */
static ix_str text_key(ix_ctx *cx, const filter_condition *condition)
{
    const ix_json *text = ix_json_new_text(cx, condition->text);
    return text ? value_key(cx, text) : (ix_str){0};
}

static ix_str other_key(ix_ctx *cx, const filter_condition *condition)
{
    const ix_str text = condition->text;
    const bool is_word = ix_str_is(text, "true") || ix_str_is(text, "false") ||
                         (ix_str_is(text, "null") && condition->op == FILTER_EQ);
    const bool is_read = ix_json_is_number(condition->json) ||
                         (!is_about_order(condition) && (is_word || is_container(condition->json)));
    return is_read ? value_key(cx, condition->json) : (ix_str){0};
}

/* The values of the key's kind that stand in this order to it. */
static void add_ordered(ix_ctx *cx, key_ranges *ranges, filter_op op, ix_str key)
{
    const ix_kind kind = (ix_kind)key.at[0];
    const ix_kind next = kind == IX_INT ? IX_TEXT : kind + 1;
    const ix_str after = key_after(cx, key);
    if (!after.at)
        return;
    if (op == FILTER_GT || op == FILTER_GTE)
        add_range(ranges, op == FILTER_GT ? after : key, key_of_kind(next));
    else
        add_range(ranges, key_of_kind(kind), op == FILTER_LT ? key : after);
}

bool condition_ranges(ix_ctx *cx, const filter_condition *condition, key_ranges *ret)
{
    key_ranges ranges = {.list = ix_new(cx, key_range, CONDITION_RANGES_MAX)};
    const ix_str text = text_key(cx, condition);
    const ix_str other = other_key(cx, condition);
    ix_str keys[] = {other, text};
    if (ix_failed(cx) || !text.at || !ranges.list)
        return false;
    if (other.at && key_is_before(text, other)) {
        keys[0] = text;
        keys[1] = other;
    }

    ix_str from = key_of_kind(IX_BOOL); /* of what is between the keys, for neq */
    for (size_t i = 0; i < 2; i++) {
        const ix_str key = keys[i];
        if (!key.at || condition->op == FILTER_CONTAINS)
            continue;
        const ix_str after = key_after(cx, key);
        if (!after.at)
            return false;
        if (condition->op == FILTER_EQ) {
            add_range(&ranges, key, after);
        } else if (condition->op == FILTER_NEQ) {
            add_range(&ranges, from, key);
            from = after;
        } else if (key.at[0] == IX_TEXT && key.len > KEY_MAX) {
            add_range(&ranges, key_of_kind(IX_TEXT), key_of_kind(IX_ARRAY));
        } else {
            add_ordered(cx, &ranges, condition->op, key);
        }
    }
    if (condition->op == FILTER_NEQ)
        add_range(&ranges, from, key_of_kind(IX_OBJECT + 1));
    if (condition->op == FILTER_CONTAINS)
        add_range(&ranges, key_of_kind(IX_TEXT), key_of_kind(IX_OBJECT + 1));
    *ret = ranges;
    return !ix_failed(cx);
}

bool conditions_ranges(ix_ctx *cx, const filter_condition *conditions, const char *name,
                       key_ranges *ret, bool *ret_lacking)
{
    key_ranges all = {.list = ix_new(cx, key_range, 1)};
    if (!all.list)
        return false;
    add_range(&all, key_of_kind(IX_NULL), key_of_kind(IX_OBJECT + 1));
    bool is_asked = false;
    for (const filter_condition *c = conditions; c; c = c->next) {
        key_ranges own = no_ranges;
        if (c->is_time || strcmp(c->name, name) != 0)
            continue;
        if (!condition_ranges(cx, c, &own) || !intersect(cx, &all, &own, &all))
            return false;
        is_asked = true;
    }
    *ret_lacking = !is_asked || (all.count > 0 && all.list[0].from.at[0] == IX_NULL);

    key_range value = {key_of_kind(IX_BOOL), key_of_kind(IX_OBJECT + 1)};
    return intersect(cx, &all, &(key_ranges){.list = &value, .count = 1}, ret);
}

bool condition_needs_recheck(ix_ctx *cx, const filter_condition *condition)
{
    if (condition->is_time)
        return false;
    return condition->op == FILTER_CONTAINS || condition_has_dot(condition) ||
           (is_about_order(condition) && text_key(cx, condition).len > KEY_MAX);
}
