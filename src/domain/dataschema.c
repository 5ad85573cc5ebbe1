/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value rules, one row each: a keyword and the function that holds a value against it.
 *
 * A rule says nothing about values of other types than its own (JSON Schema validation, section 6),
 * and a keyword whose own value makes no sense is not a rule. Descriptions are checked when they come
 * in (contract/doc_affordance.c), values whenever they come in.
 */
#include "domain/dataschema.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "contract/json_path.h"
#include "domain/pattern.h"

enum { PATTERNS_AT_HAND = 4 }; /* compiled */

typedef struct work {
    ix_ctx *cx;    /* its steps pay for all that is looked at */
    bool is_quiet; /* inside oneOf: failures are counted, not reported */
    /* Patterns compiled last, by the rules that hold them: items of an array share one. */
    struct {
        const ix_json *rule;
        pattern *pattern;
    } patterns[PATTERNS_AT_HAND];
    size_t next_pattern;
} work;

static bool value_check(work *work, const ix_place *at, const ix_json *schema,
                        const ix_json *value);

/* ---- failures ---- */

__attribute__((format(printf, 3, 4))) static bool refuse(work *work, const ix_place *at,
                                                         const char *format, ...)
{
    if (work->is_quiet)
        return false;
    char reason[IX_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return ix_place_fail(work->cx, at, NULL, reason);
}

/* Refuses with the JSON text of what was expected, as long as that is short. */
static bool refuse_json(work *work, const ix_place *at, const char *before, const ix_json *json,
                        const char *otherwise)
{
    enum { READABLE = 200 };
    ix_buf text = {0};
    if (!work->is_quiet)
        ix_json_write(&text, json);
    const bool is_readable = !text.failed && text.len <= READABLE;
    const bool ok = refuse(work, at, "expected %s%s", is_readable ? before : "",
                           is_readable ? ix_buf_cstr(&text) : otherwise);
    ix_buf_done(&text);
    return ok;
}

/* A value that takes too much work is refused even in a quiet place. */
static bool spend(work *work, size_t steps)
{
    return ix_spend(work->cx, steps) ||
           ix_fail(work->cx, IOTS_INVALID, "this value takes too long to check");
}

static bool dataschema_step(work *work)
{
    return spend(work, 1);
}

/* Is it what the rule holds? *ret is the answer; false when that takes too long. */
static bool compare_whole(work *work, const ix_json *rule, const ix_json *value, bool *ret)
{
    *ret = false;
    if (!ix_json_is_number(value) && (ix_json_kind(rule) != ix_json_kind(value) ||
                                      ix_json_str(rule).len != ix_json_str(value).len ||
                                      ix_json_count(rule) != ix_json_count(value)))
        return dataschema_step(work);
    if (!spend(work, ix_json_weight(value)))
        return false;
    *ret = ix_json_equal(rule, value);
    return true;
}

/* ---- type ---- */

static bool is_integer(const ix_json *value)
{
    const double number = ix_json_number(value, 0.5);
    return ix_json_kind(value) == IX_INT ||
           (ix_json_kind(value) == IX_REAL && number == floor(number));
}

typedef struct type_row {
    const char *name;
    const char *words;
    ix_kind kinds[2];
} type_row;

// clang-format off
static const type_row type_rows[] = {
    {"boolean", "true or false", {IX_BOOL}},
    {"integer", "an integer",    {IX_INT, IX_REAL}}, /* 5.0 as well */
    {"number",  "a number",      {IX_INT, IX_REAL}},
    {"string",  "a string",      {IX_TEXT}},
    {"object",  "an object",     {IX_OBJECT}},
    {"array",   "an array",      {IX_ARRAY}},
    {"null",    "null",          {IX_NULL}},
};
// clang-format on

static bool type_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    const ix_str name = ix_json_str(rule);
    const ix_kind kind = ix_json_kind(value);
    for (size_t i = 0; i < sizeof type_rows / sizeof type_rows[0]; i++) {
        const type_row *row = &type_rows[i];
        if (!ix_str_is(name, row->name))
            continue;
        if ((kind == row->kinds[0] || kind == row->kinds[1]) &&
            (!ix_str_is(name, "integer") || is_integer(value)))
            return true;
        return refuse(work, at, "expected %s", row->words);
    }
    return true;
}

/* ---- any value ---- */

static bool enum_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    if (ix_json_kind(rule) != IX_ARRAY)
        return true;
    for (size_t i = 0; i < ix_json_count(rule); i++) {
        bool is_same;
        if (!compare_whole(work, ix_json_item(rule, i), value, &is_same))
            return false;
        if (is_same)
            return true;
    }
    return refuse_json(work, at, "one of ", rule, "one of the values of enum");
}

static bool const_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    bool is_same;
    if (ix_json_kind(rule) == IX_NULL)
        return true;
    return compare_whole(work, rule, value, &is_same) &&
           (is_same || refuse_json(work, at, "", rule, "the value of const"));
}

/* ---- numbers ---- */

/* How a number lies to a bound: -1, 0, 1; 0 with *applies false if one of them is not a number. */
static int dataschema_compare(const ix_json *value, const ix_json *bound, bool *applies)
{
    *applies = ix_json_is_number(value) && ix_json_is_number(bound);
    return *applies ? ix_json_compare(value, bound) : 0;
}

static bool minimum_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    bool applies;
    return dataschema_compare(value, rule, &applies) >= 0 ||
           refuse_json(work, at, "at least ", rule, "more");
}

static bool maximum_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    bool applies;
    return dataschema_compare(value, rule, &applies) <= 0 ||
           refuse_json(work, at, "at most ", rule, "less");
}

static bool above_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    bool applies;
    return dataschema_compare(value, rule, &applies) > 0 || !applies ||
           refuse_json(work, at, "more than ", rule, "more");
}

static bool below_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    bool applies;
    return dataschema_compare(value, rule, &applies) < 0 || !applies ||
           refuse_json(work, at, "less than ", rule, "less");
}

/* A number as it is written: digits * 10^exponent, without its sign. */
typedef struct decimal {
    uint64_t digits; /* at most 19 of them */
    int exponent;
} decimal;

/* The shortest that is read back as the same number. */
static decimal decimal_of(const ix_json *json)
{
    if (ix_json_kind(json) == IX_INT) {
        const int64_t number = ix_json_int(json, 0);
        return (decimal){number < 0 ? -(uint64_t)number : (uint64_t)number, 0};
    }
    char text[IX_NUMBER_TEXT];
    ix_number_write(ix_json_number(json, 0), text);
    decimal made = {0};
    int after_point = 0;
    const char *at = text + (*text == '-');
    for (bool is_after = false; *at && *at != 'e'; at++) {
        is_after = is_after || *at == '.';
        if (*at == '.')
            continue;
        made.digits = made.digits * 10 + (uint64_t)(*at - '0');
        after_point += is_after;
    }
    made.exponent = (*at ? atoi(at + 1) : 0) - after_point;
    return made;
}

/* a + b mod m, of numbers below m; the sum may be too large for 64 bits. */
static uint64_t sum_mod(uint64_t a, uint64_t b, uint64_t m)
{
    return a >= m - b ? a - (m - b) : a + b;
}

static uint64_t ten_times_mod(uint64_t a, uint64_t m)
{
    const uint64_t twice = sum_mod(a, a, m), four = sum_mod(twice, twice, m);
    return sum_mod(sum_mod(four, four, m), twice, m);
}

static bool is_decimal_multiple(decimal value, decimal of)
{
    for (; value.exponent < of.exponent; of.exponent--) {
        if (of.digits > value.digits / 10)
            return value.digits == 0; /* it is larger than the value */
        of.digits *= 10;
    }
    if (of.digits == 0)
        return false;
    uint64_t rest = value.digits % of.digits;
    for (; rest && value.exponent > of.exponent; value.exponent--)
        rest = ten_times_mod(rest, of.digits);
    return rest == 0;
}

/* Is the quotient whole but for a few units in its last place, as 0.1 + 0.2 by 0.1 is? Of larger ones
 * that says nothing. */
static bool is_nearly_multiple(double value, double of)
{
    const double times = value / of;
    return fabs(times) < 0x1p30 && fabs(times - round(times)) <= fabs(times) * 4 * DBL_EPSILON;
}

/* The decimal digits decide, since they are what people write: 0.3 is a multiple of 0.1. */
static bool is_multiple(const ix_json *value, const ix_json *of)
{
    return is_decimal_multiple(decimal_of(value), decimal_of(of)) ||
           is_nearly_multiple(ix_json_number(value, 0), ix_json_number(of, 1));
}

static bool multiple_check(work *work, const ix_place *at, const ix_json *rule,
                           const ix_json *value)
{
    if (!ix_json_is_number(value) || !(ix_json_number(rule, 0) > 0))
        return true;
    return is_multiple(value, rule) ||
           refuse_json(work, at, "a multiple of ", rule, "a multiple of multipleOf");
}

/* ---- strings and arrays: how long ---- */

/* A bound of this rule, or `otherwise` if it is none. */
static size_t bound(const ix_json *rule, size_t otherwise)
{
    const int64_t number = ix_json_int(rule, -1);
    return number >= 0 ? (size_t)number : otherwise;
}

/* Characters, as JSON counts them: code points. They are between a quarter of the bytes and all of them,
 * so that they are seldom counted one by one: false when that takes too long. */
static bool length(work *work, ix_str text, size_t *ret)
{
    size_t count = 0;
    if (!spend(work, text.len / IX_STEP_BYTES))
        return false;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    *ret = count;
    return true;
}

static bool min_length_check(work *work, const ix_place *at, const ix_json *rule,
                             const ix_json *value)
{
    const size_t least = bound(rule, 0);
    const ix_str text = ix_json_str(value);
    size_t count = text.len; /* at most so many */
    if (ix_json_kind(value) != IX_TEXT || text.len / 4 >= least)
        return true;
    if (count >= least && !length(work, text, &count))
        return false;
    return count >= least || refuse(work, at, "expected at least %zu characters", least);
}

static bool max_length_check(work *work, const ix_place *at, const ix_json *rule,
                             const ix_json *value)
{
    const size_t most = bound(rule, SIZE_MAX);
    const ix_str text = ix_json_str(value);
    size_t count = text.len / 4; /* at least so many */
    if (ix_json_kind(value) != IX_TEXT || text.len <= most)
        return true;
    if (count <= most && !length(work, text, &count))
        return false;
    return count <= most || refuse(work, at, "expected at most %zu characters", most);
}

static bool min_items_check(work *work, const ix_place *at, const ix_json *rule,
                            const ix_json *value)
{
    const size_t least = bound(rule, 0);
    return ix_json_kind(value) != IX_ARRAY || ix_json_count(value) >= least ||
           refuse(work, at, "expected at least %zu items", least);
}

static bool max_items_check(work *work, const ix_place *at, const ix_json *rule,
                            const ix_json *value)
{
    const size_t most = bound(rule, SIZE_MAX);
    return ix_json_kind(value) != IX_ARRAY || ix_json_count(value) <= most ||
           refuse(work, at, "expected at most %zu items", most);
}

/* The pattern of a rule. NULL if it is none: one of a description from before patterns were checked. */
static const pattern *pattern_of(work *work, const ix_json *rule)
{
    for (size_t i = 0; i < PATTERNS_AT_HAND; i++) {
        if (work->patterns[i].rule == rule)
            return work->patterns[i].pattern;
    }
    const size_t slot = work->next_pattern++ % PATTERNS_AT_HAND;
    pattern_free(work->patterns[slot].pattern);
    work->patterns[slot].rule = rule;
    work->patterns[slot].pattern = pattern_new(work->cx, ix_json_str(rule));
    if (!work->patterns[slot].pattern && work->cx->error.code == IOTS_INVALID)
        ix_ctx_clear_error(work->cx);
    return work->patterns[slot].pattern;
}

static void patterns_done(work *work)
{
    for (size_t i = 0; i < PATTERNS_AT_HAND; i++)
        pattern_free(work->patterns[i].pattern);
}

static bool pattern_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    bool is_match = true;
    if (ix_json_kind(value) != IX_TEXT || ix_json_kind(rule) != IX_TEXT)
        return true;
    if (!spend(work, PATTERN_STEPS))
        return false;
    const pattern *pattern = pattern_of(work, rule);
    if (pattern && !pattern_match(work->cx, pattern, ix_json_str(value), &is_match))
        return false;
    return !ix_failed(work->cx) && (is_match || refuse_json(work, at, "a text that matches ", rule,
                                                            "a text that matches the pattern"));
}

/* ---- what is inside ---- */

/* One schema for all items, or an array of schemas for the first ones. */
static bool items_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    if (ix_json_kind(value) != IX_ARRAY)
        return true;
    const bool is_one = ix_json_kind(rule) == IX_OBJECT;
    for (size_t i = 0; i < ix_json_count(value); i++) {
        const ix_place inner = {at, NULL, i};
        const ix_json *schema = is_one ? rule : ix_json_item(rule, i);
        if (!schema)
            return true;
        if (!value_check(work, &inner, schema, ix_json_item(value, i)))
            return false;
    }
    return true;
}

static bool properties_check(work *work, const ix_place *at, const ix_json *rule,
                             const ix_json *value)
{
    if (ix_json_kind(value) != IX_OBJECT)
        return true;
    for (ix_member m = ix_members(rule); m.name; m = ix_members_next(m)) {
        const ix_place inner = {at, m.name, 0};
        const ix_json *member = ix_json_member(value, m.name);
        if (!dataschema_step(work) || (member && !value_check(work, &inner, m.value, member)))
            return false;
    }
    return true;
}

static bool required_check(work *work, const ix_place *at, const ix_json *rule,
                           const ix_json *value)
{
    if (ix_json_kind(value) != IX_OBJECT)
        return true;
    for (size_t i = 0; i < ix_json_count(rule); i++) {
        const char *name = ix_json_string(ix_json_item(rule, i));
        const ix_place missing = {at, name, 0};
        if (!dataschema_step(work))
            return false;
        if (name && !ix_json_member(value, name))
            return refuse(work, &missing, "required");
    }
    return true;
}

static bool one_of_check(work *work, const ix_place *at, const ix_json *rule, const ix_json *value)
{
    if (ix_json_kind(rule) != IX_ARRAY)
        return true;
    const bool was_quiet = work->is_quiet;
    size_t fitting = 0;
    work->is_quiet = true;
    for (size_t i = 0; i < ix_json_count(rule); i++)
        fitting += value_check(work, at, ix_json_item(rule, i), value);
    work->is_quiet = was_quiet;
    if (ix_failed(work->cx)) /* too long */
        return false;
    return fitting == 1 ||
           refuse(work, at, "expected to fit exactly one of oneOf, fits %zu", fitting);
}

/* ---- the table ---- */

typedef struct rule {
    const char *keyword;
    bool (*check)(work *work, const ix_place *at, const ix_json *rule, const ix_json *value);
} rule;

// clang-format off
static const rule rules[] = { /* in the order in which one wants to hear about them */
    {"type",             type_check},
    {"enum",             enum_check},
    {"const",            const_check},
    {"minimum",          minimum_check},
    {"maximum",          maximum_check},
    {"exclusiveMinimum", above_check},
    {"exclusiveMaximum", below_check},
    {"multipleOf",       multiple_check},
    {"minLength",        min_length_check},
    {"maxLength",        max_length_check},
    {"pattern",          pattern_check},
    {"minItems",         min_items_check},
    {"maxItems",         max_items_check},
    {"items",            items_check},
    {"required",         required_check},
    {"properties",       properties_check},
    {"oneOf",            one_of_check},
};
// clang-format on

static bool value_check(work *work, const ix_place *at, const ix_json *schema, const ix_json *value)
{
    if (!dataschema_step(work))
        return false;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const ix_json *of = ix_json_member(schema, rules[i].keyword);
        if (of && !rules[i].check(work, at, of, value))
            return false;
    }
    return true;
}

bool dataschema_check(ix_ctx *cx, const ix_json *schema, const ix_json *value, validate_mode mode,
                      const char *field)
{
    const ix_place top = {.name = field};
    work work = {.cx = cx};
    switch (mode) {
    case VALIDATE_OFF:
        return true;
    case VALIDATE_TYPE: {
        const ix_json *type = ix_json_member(schema, "type");
        return !type || type_check(&work, &top, type, value);
    }
    case VALIDATE_STRICT:
        break;
    }
    const bool ok = value_check(&work, &top, schema, value);
    patterns_done(&work);
    return ok;
}
