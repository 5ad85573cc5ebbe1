/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters, parsed; and conditions, asked about values in memory.
 *
 * How a stored value is compared depends on its own type, not on how the condition is written:
 * there is one function per kind of value. The store's SQL must give the same answers
 * (filter_cases.h).
 */
#include "domain/filter.h"

#include <float.h>
#include <string.h>

#include "base/number.h"
#include "base/time.h"
#include "base/ulid.h"
#include "domain/dotted.h"
#include "domain/fold.h"

/* ---- one condition ---- */

// clang-format off
static const char *const op_names[] = {
    [FILTER_EQ]       = "eq",
    [FILTER_NEQ]      = "neq",
    [FILTER_GT]       = "gt",
    [FILTER_GTE]      = "gte",
    [FILTER_LT]       = "lt",
    [FILTER_LTE]      = "lte",
    [FILTER_CONTAINS] = "contains",
};
// clang-format on

/* The operator of this name; false if there is none. */
static bool op_parse(ix_str name, filter_op *ret)
{
    for (size_t i = 0; i < sizeof op_names / sizeof op_names[0]; i++) {
        if (ix_str_is(name, op_names[i])) {
            *ret = (filter_op)i;
            return true;
        }
    }
    return false;
}

/* The text read as JSON, or NULL if it is none. False only when out of memory. */
static bool json_try(ix_ctx *cx, ix_str text, const ix_json **ret)
{
    *ret = ix_json_parse(cx, text.at, text.len);
    if (!*ret && cx->error.code == IOTS_INVALID)
        ix_ctx_clear_error(cx);
    return !ix_failed(cx);
}

/* An integer that int64 does not hold is a number all the same: stored ones are compared with the double
 * next to it, which lies on the same side of all of them. */
static bool is_integer(ix_str text)
{
    const bool is_negative = text.len > 0 && text.at[0] == '-';
    const ix_str digits = {text.at + is_negative, text.len - is_negative};
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return false;
    }
    return digits.len > 0 && (digits.len == 1 || digits.at[0] != '0');
}

/* So is one that no double holds, but only where it lies matters: no stored one equals it. */
static bool is_limit(const filter_condition *condition, ix_number_result read)
{
    return (read == IX_NUMBER_TOO_LARGE || read == IX_NUMBER_TOO_SMALL) &&
           condition->op >= FILTER_GT && condition->op <= FILTER_LTE;
}

static bool number_try(ix_ctx *cx, filter_condition *condition)
{
    double number = 0;
    if (condition->json)
        return true;
    const ix_number_result read = ix_number_parse(condition->text, &number);
    if (read == IX_NUMBER_TOO_LARGE)
        number = condition->text.at[0] == '-' ? -DBL_MAX : DBL_MAX;
    if (!is_limit(condition, read) && (read != IX_NUMBER_READ || !is_integer(condition->text)))
        return true;
    condition->json = ix_json_new_real(cx, number);
    return condition->json != NULL;
}

/* Name, operator and text of a condition. */
static bool condition_read(ix_ctx *cx, const char *param, ix_str name, ix_str text,
                           filter_condition *ret)
{
    if (name.len > DOTTED_MAX)
        return ix_fail_field(cx, IOTS_INVALID, ix_format(cx, "invalid %s", param), param,
                             "expected a shorter name");
    filter_condition made = {.op = FILTER_EQ};
    ix_str op;
    const ix_str behind = ix_str_cut(text, ':', &op);
    if (behind.at && op_parse(op, &made.op))
        text = behind;
    made.name = ix_strndup(cx, name.at, name.len);
    made.text = (ix_str){ix_strndup(cx, text.at, text.len), text.len};
    *ret = made;
    return made.name && made.text.at;
}

bool condition_parse(ix_ctx *cx, ix_str name, ix_str text, filter_condition *ret)
{
    return condition_read(cx, "property:", name, text, ret) &&
           json_try(cx, ret->text, &ret->json) && number_try(cx, ret);
}

/* -10m: so long ago. */
static bool ago_parse(ix_str text, int64_t *ret_us)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    enum { AGO_MAX = 1000000000 };
    int64_t number = 0;
    if (text.len < 3 || text.at[0] != '-' ||
        !ix_str_int((ix_str){text.at + 1, text.len - 2}, &number) || number < 0 ||
        number > AGO_MAX || text.at[1] == '-')
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (text.at[text.len - 1] == units[i].letter) {
            *ret_us = -number * units[i].seconds * IX_SECOND_US;
            return true;
        }
    }
    return false;
}

bool condition_parse_time(ix_ctx *cx, ix_str name, ix_str text, filter_condition *ret)
{
    static const char param[] = "property_at:";
    filter_condition made = {0};
    if (!condition_read(cx, param, name, text, &made))
        return false;
    made.is_time = true;
    made.is_relative = ago_parse(made.text, &made.at_us);
    if (made.op == FILTER_CONTAINS || (!made.is_relative && !ix_time_parse(made.text, &made.at_us)))
        return ix_fail_field(
            cx, IOTS_INVALID, "invalid property_at:", param,
            "expected eq, neq, gt, gte, lt or lte, and a time or -<number> with one "
            "of s m h d w");
    *ret = made;
    return true;
}

void filter_set_now(thing_filter *filter, int64_t now_us)
{
    for (filter_condition *c = filter->conditions; c; c = c->next) {
        if (c->is_relative)
            c->at_us += now_us;
        c->is_relative = false;
        if (c->is_time && c->at_us < ix_time_first_us)
            c->at_us = ix_time_first_us;
    }
}

/* Is what follows from comparing (-1, 0, 1) what the operator asks for? */
static bool op_takes(filter_op op, int order)
{
    switch (op) {
    case FILTER_EQ:
        return order == 0;
    case FILTER_NEQ:
        return order != 0;
    case FILTER_GT:
        return order > 0;
    case FILTER_GTE:
        return order >= 0;
    case FILTER_LT:
        return order < 0;
    case FILTER_LTE:
        return order <= 0;
    case FILTER_CONTAINS:
        return false;
    }
    return false;
}

static bool number_holds(const filter_condition *condition, const ix_json *value)
{
    if (!ix_json_is_number(condition->json))
        return condition->op == FILTER_NEQ;
    return op_takes(condition->op, ix_json_compare(value, condition->json));
}

static bool bool_holds(const filter_condition *condition, const ix_json *value)
{
    const bool is_equal = ix_str_is(condition->text, ix_json_bool(value, false) ? "true" : "false");
    return condition->op == FILTER_EQ ? is_equal : condition->op == FILTER_NEQ && !is_equal;
}

/* The first of two texts by code points, which is by bytes in UTF-8: -1, 0, 1. */
static int text_compare(ix_str a, ix_str b)
{
    const size_t len = a.len < b.len ? a.len : b.len;
    const int order = len ? memcmp(a.at, b.at, len) : 0;
    if (order)
        return order < 0 ? -1 : 1;
    return (a.len > b.len) - (a.len < b.len);
}

static bool text_contains(ix_str text, ix_str part)
{
    return part.len == 0 || memmem(text.at, text.len, part.at, part.len) != NULL;
}

static bool text_holds(const filter_condition *condition, const ix_json *value)
{
    const ix_str text = ix_json_str(value);
    if (condition->op == FILTER_CONTAINS)
        return text_contains(text, condition->text);
    return op_takes(condition->op, text_compare(text, condition->text));
}

/* eq and neq of arrays and objects. What is not JSON equals none of them. */
static bool whole_holds(const filter_condition *condition, const ix_json *value)
{
    const bool is_equal = condition->json && ix_json_equal(value, condition->json);
    return condition->op == FILTER_EQ ? is_equal : condition->op == FILTER_NEQ && !is_equal;
}

/* Does some item equal the text, each by its own type? */
static bool array_contains(const filter_condition *wanted, const ix_json *array)
{
    filter_condition equal = *wanted;
    equal.op = FILTER_EQ;
    for (size_t i = 0; i < ix_json_count(array); i++) {
        if (condition_holds(&equal, ix_json_item(array, i)))
            return true;
    }
    return false;
}

bool condition_holds(const filter_condition *condition, const ix_json *value)
{
    switch (ix_json_kind(value)) {
    case IX_NONE:
        return false;
    case IX_NULL:
        return condition->op == FILTER_EQ && ix_str_is(condition->text, "null");
    case IX_BOOL:
        return bool_holds(condition, value);
    case IX_INT:
    case IX_REAL:
        return number_holds(condition, value);
    case IX_TEXT:
        return text_holds(condition, value);
    case IX_ARRAY:
        return condition->op == FILTER_CONTAINS ? array_contains(condition, value)
                                                : whole_holds(condition, value);
    case IX_OBJECT:
        return condition->op == FILTER_CONTAINS ? ix_json_member_str(value, condition->text) != NULL
                                                : whole_holds(condition, value);
    }
    return false;
}

const ix_json *condition_value(const filter_condition *condition, const ix_json *status)
{
    return dotted_find(status, ix_str_of(condition->name));
}

bool conditions_hold(const filter_condition *conditions, const ix_json *status)
{
    for (; conditions; conditions = conditions->next) {
        if (!condition_holds(conditions, condition_value(conditions, status)))
            return false;
    }
    return true;
}

bool filter_asks_times(const thing_filter *filter)
{
    for (const filter_condition *c = filter->conditions; c; c = c->next) {
        if (c->is_time)
            return true;
    }
    return false;
}

static bool time_holds(const filter_condition *condition, const ix_json *times)
{
    int64_t at_us;
    const ix_json *at = ix_json_member(times, condition->name);
    if (!times)
        return true;
    return ix_json_kind(at) == IX_TEXT && ix_time_parse(ix_json_str(at), &at_us) &&
           op_takes(condition->op, (at_us > condition->at_us) - (at_us < condition->at_us));
}

bool filter_holds(const thing_filter *filter, const ix_json *status, const ix_json *times)
{
    for (const filter_condition *c = filter->conditions; c; c = c->next) {
        const bool holds =
            c->is_time ? time_holds(c, times) : condition_holds(c, condition_value(c, status));
        if (holds == filter->any_of)
            return holds;
    }
    return !filter->any_of || !filter->conditions;
}

/* ---- a whole filter ---- */

static bool arg_fail(ix_ctx *cx, ix_param param, const char *reason)
{
    const char *message = ix_format(cx, "invalid %s", ix_params[param].name);
    return message && ix_fail_field(cx, IOTS_INVALID, message, ix_params[param].name, "%s", reason);
}

static const char *text_of(const ix_arg *arg)
{
    return arg->given ? arg->text.at : NULL;
}

static size_t pairs_count(const ix_pair *pair)
{
    size_t count = 0;
    for (; pair; pair = pair->next)
        count++;
    return count;
}

static bool ids_read(ix_ctx *cx, const ix_arg *arg, thing_filter *filter)
{
    const size_t count = pairs_count(arg->list);
    if (count > FILTER_IDS_MAX)
        return arg_fail(cx, IX_PARAM_thing_ids, "expected at most 1000 IDs");
    if (!arg->given)
        return true;
    filter->ids = ix_new(cx, const char *, count);
    if (!filter->ids)
        return false;
    for (const ix_pair *pair = arg->list; pair; pair = pair->next) {
        ix_ulid id;
        if (!ix_ulid_parse(pair->value, &id))
            return arg_fail(cx, IX_PARAM_thing_ids, "expected a ULID");
        if (!(filter->ids[filter->id_count++] = ix_strdup(cx, id.text)))
            return false;
    }
    return true;
}

static bool categories_read(ix_ctx *cx, const ix_arg *arg, thing_filter *filter)
{
    const size_t count = pairs_count(arg->list);
    if (count > FILTER_IDS_MAX)
        return arg_fail(cx, IX_PARAM_categories, "expected at most 1000 Categories");
    if (!arg->given)
        return true;
    filter->categories = ix_new(cx, const char *, count);
    if (!filter->categories)
        return false;
    for (const ix_pair *pair = arg->list; pair; pair = pair->next)
        filter->categories[filter->category_count++] = pair->value.at;
    return true;
}

/* Reads conditions by `parse`, and puts them behind those there are. */
static bool conditions_read(ix_ctx *cx, const ix_arg *arg,
                            bool (*parse)(ix_ctx *, ix_str, ix_str, filter_condition *),
                            thing_filter *filter)
{
    filter_condition **end = &filter->conditions;
    while (*end)
        end = &(*end)->next;
    for (const ix_pair *pair = arg->list; pair; pair = pair->next) {
        filter_condition *made = ix_new(cx, filter_condition, 1);
        if (!made || !parse(cx, pair->name, pair->value, made))
            return false;
        *end = made;
        end = &made->next;
    }
    return true;
}

static bool all_conditions_read(ix_ctx *cx, const ix_arg args[IX_PARAM_COUNT], thing_filter *filter)
{
    const ix_arg *values = &args[IX_PARAM_property], *times = &args[IX_PARAM_property_at];
    if (pairs_count(values->list) + pairs_count(times->list) > FILTER_CONDITIONS_MAX)
        return arg_fail(cx, IX_PARAM_property, "expected at most 32 conditions");
    filter->any_of = args[IX_PARAM_any_of].flag;
    return conditions_read(cx, values, condition_parse, filter) &&
           conditions_read(cx, times, condition_parse_time, filter);
}

static bool version_read(ix_ctx *cx, const ix_arg args[IX_PARAM_COUNT], thing_filter *filter)
{
    const ix_arg *version = &args[IX_PARAM_version];
    if (!version->given)
        return true;
    if (!args[IX_PARAM_model].given)
        return arg_fail(cx, IX_PARAM_version, "expected a model with it");
    filter->version =
        version->number > 0 ? version->number : -1; /* 0 is given, and is not a version */
    return true;
}

static bool in_category_read(ix_ctx *cx, const ix_arg *arg, thing_filter *filter)
{
    if (!arg->given)
        return true;
    bool *wanted = ix_new(cx, bool, 1);
    if (!wanted)
        return false;
    *wanted = arg->flag;
    filter->in_category = wanted;
    return true;
}

static bool search_read(ix_ctx *cx, const ix_arg *arg, thing_filter *filter)
{
    if (!arg->given || arg->text.len == 0)
        return true;
    if (arg->text.len > FILTER_SEARCH_MAX)
        return arg_fail(cx, IX_PARAM_search,
                        ix_format(cx, "expected at most %d bytes", FILTER_SEARCH_MAX));
    filter->search = text_fold(cx, arg->text).at;
    return filter->search != NULL;
}

bool filter_parse(ix_ctx *cx, const ix_arg args[IX_PARAM_COUNT], const char *route_category,
                  thing_filter *ret)
{
    thing_filter filter = {
        .title = text_of(&args[IX_PARAM_title]),
        .type = text_of(&args[IX_PARAM_type]),
        .model = text_of(&args[IX_PARAM_model]),
        .links_rel = text_of(&args[IX_PARAM_links_rel]),
        .links_href = text_of(&args[IX_PARAM_links_href]),
        .route_category = route_category,
    };
    if (!version_read(cx, args, &filter) || !ids_read(cx, &args[IX_PARAM_thing_ids], &filter) ||
        !search_read(cx, &args[IX_PARAM_search], &filter) ||
        !all_conditions_read(cx, args, &filter))
        return false;
    if (!route_category && (!categories_read(cx, &args[IX_PARAM_categories], &filter) ||
                            !in_category_read(cx, &args[IX_PARAM_in_category], &filter)))
        return false;
    *ret = filter;
    return true;
}

bool filter_may_delete(const thing_filter *filter)
{
    return filter->type || filter->ids || filter->categories || filter->conditions;
}
