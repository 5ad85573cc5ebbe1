/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a document by its field table: one walk that checks and cleans.
 *
 * Each object with rows is rebuilt from its members; values without rows are shared. The way down
 * is a chain of places, so that a fault can be pointed at.
 */
#include "contract/schema.h"

#include "base/time.h"
#include "contract/json_path.h"
#include "contract/placeholder.h"

enum { STEPS_PER_MEMBER = 4 }; /* of ix_spend: its row is looked for by name */

/* Recursion below ends with the document: base/json.h refuses what is nested deeper than
 * IX_JSON_DEPTH. */
static bool object_read(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const ix_place *at,
                        const ix_json *object, ix_json **ret);

/* ---- failures ---- */

/* A value of the wrong type, or none where one is needed. */
static bool malformed(ix_ctx *cx, const ix_place *at, const char *reason)
{
    return ix_place_fail(cx, at, "malformed body", reason);
}

/* A value of the right type that breaks another rule. */
static bool refused(ix_ctx *cx, const ix_place *at, const char *reason)
{
    return ix_place_fail(cx, at, NULL, reason);
}

/* ---- types ---- */

typedef struct type_row {
    unsigned bit;
    const char *name;
} type_row;

// clang-format off
static const type_row type_rows[] = {
    {IX_T_STRING, "a string"},
    {IX_T_INT,    "an integer"},
    {IX_T_NUMBER, "a number"},
    {IX_T_BOOL,   "true or false"},
    {IX_T_OBJECT, "an object"},
    {IX_T_ARRAY,  "an array"},
    {IX_T_TIME,   "a time (RFC 3339)"},
};
// clang-format on

enum { TYPE_COUNT = sizeof(type_rows) / sizeof(type_rows[0]) };

static bool is_time(const ix_json *value)
{
    int64_t time_us;
    return ix_json_kind(value) == IX_TEXT && ix_time_parse(ix_json_str(value), &time_us);
}

/* The integer that a number is, written with a fraction of zero or not (JSON Schema validation, 6.1.1). */
static bool integer_of(const ix_json *value, int64_t *ret)
{
    const double number = ix_json_number(value, 0.5);
    if (ix_json_kind(value) != IX_REAL || number < -0x1p63 || number >= 0x1p63 ||
        number != (double)(int64_t)number)
        return false;
    *ret = (int64_t)number;
    return true;
}

static bool type_takes(unsigned types, const ix_json *value)
{
    int64_t integer;
    if (types & IX_T_ANY)
        return true;
    switch (ix_json_kind(value)) {
    case IX_NONE:
    case IX_NULL:
        return false;
    case IX_BOOL:
        return types & IX_T_BOOL;
    case IX_INT:
        return types & (IX_T_INT | IX_T_NUMBER);
    case IX_REAL:
        return types & IX_T_NUMBER || (types & IX_T_INT && integer_of(value, &integer));
    case IX_TEXT:
        return types & IX_T_STRING || (types & IX_T_TIME && is_time(value));
    case IX_ARRAY:
        return types & IX_T_ARRAY;
    case IX_OBJECT:
        return types & IX_T_OBJECT;
    }
    return false;
}

static bool type_check(ix_ctx *cx, unsigned types, const ix_place *at, const ix_json *value)
{
    if (type_takes(types, value))
        return true;

    const char *reason = NULL;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (!(types & type_rows[i].bit))
            continue;
        reason = reason ? ix_format(cx, "%s or %s", reason, type_rows[i].name)
                        : ix_format(cx, "expected %s", type_rows[i].name);
        if (!reason)
            return false;
    }
    return malformed(cx, at, reason ? reason : "unexpected");
}

/* ---- further rules of a value ---- */

static size_t characters_count(ix_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return count;
}

static bool size_check(ix_ctx *cx, const ix_field *field, const ix_place *at, size_t size,
                       const char *what)
{
    if (size < field->min)
        return refused(cx, at, ix_format(cx, "expected at least %zu %s", field->min, what));
    if (field->max && size > field->max)
        return refused(cx, at, ix_format(cx, "expected at most %zu %s", field->max, what));
    return true;
}

static bool string_check(ix_ctx *cx, const ix_field *field, const ix_place *at, ix_str text)
{
    return !field->is_valid || field->is_valid(text) || refused(cx, at, field->rule);
}

static bool items_check(ix_ctx *cx, const ix_field *field, const ix_place *at, const ix_json *array)
{
    if (!size_check(cx, field, at, ix_json_count(array), "items"))
        return false;
    if (!field->items)
        return true;
    for (size_t i = 0; i < ix_json_count(array); i++) {
        const ix_place inner = {at, NULL, i};
        const ix_json *item = ix_json_item(array, i);
        if (!type_check(cx, field->items, &inner, item))
            return false;
        if (ix_json_kind(item) == IX_TEXT && !string_check(cx, field, &inner, ix_json_str(item)))
            return false;
    }
    return true;
}

static bool rules_check(ix_ctx *cx, const ix_field *field, const ix_place *at, const ix_json *value)
{
    const ix_str text = ix_json_str(value);
    switch (ix_json_kind(value)) {
    case IX_INT:
        if (field->type & IX_T_INT && ix_json_int(value, 0) < (int64_t)field->min)
            return refused(cx, at, ix_format(cx, "expected at least %zu", field->min));
        return true;
    case IX_TEXT:
        return ((!field->min && !field->max) ||
                size_check(cx, field, at, characters_count(text), "characters")) &&
               string_check(cx, field, at, text);
    case IX_ARRAY:
        return items_check(cx, field, at, value);
    case IX_OBJECT:
        return size_check(cx, field, at, ix_json_count(value), "members");
    default:
        return true;
    }
}

/* Does it become something else when it is filled in? */
static bool is_filled_later(ix_purpose purpose, const ix_json *value)
{
    ix_placeholder placeholder;
    return purpose == IX_FILL_LATER && ix_placeholder_find(ix_json_str(value), &placeholder);
}

/* ---- values with rows of their own ---- */

static bool array_read(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const ix_place *at,
                       const ix_json *array, const ix_json **ret)
{
    ix_json *clean = ix_json_new_array(cx);
    if (!clean)
        return false;
    for (size_t i = 0; i < ix_json_count(array); i++) {
        const ix_place inner = {at, NULL, i};
        const ix_json *given = ix_json_item(array, i);
        ix_json *item = ix_json_mutable(given);
        if (!(is_filled_later(purpose, given) ||
              object_read(cx, schema, purpose, &inner, given, &item)) ||
            !ix_json_append(cx, clean, item))
            return false;
    }
    *ret = clean;
    return true;
}

/* Are values of this document taken as they are? */
static bool is_open(const ix_schema *schema)
{
    return schema->count == 1 && strcmp(schema->fields[0].name, "*") == 0 &&
           schema->fields[0].type == IX_T_ANY && schema->fields[0].flags & IX_NULLABLE &&
           !schema->is_name_valid;
}

static bool value_read(ix_ctx *cx, const ix_field *field, ix_purpose purpose, const ix_place *at,
                       const ix_json *value, const ix_json **ret)
{
    int64_t integer;
    if (field->flags & IX_TEMPLATE)
        purpose = IX_FILL_LATER;
    if (is_filled_later(purpose, value)) {
        *ret = value;
        return true;
    }
    if (field->type & IX_T_INT && integer_of(value, &integer) &&
        !(value = ix_json_new_int(cx, integer)))
        return false;
    if (!type_check(cx, field->type, at, value) || !rules_check(cx, field, at, value))
        return false;

    *ret = value;
    if (!field->inside)
        return true;
    if (ix_json_kind(value) == IX_ARRAY)
        return array_read(cx, field->inside, purpose, at, value, ret);
    if (ix_json_kind(value) != IX_OBJECT || is_open(field->inside))
        return true;
    ix_json *object;
    if (!object_read(cx, field->inside, purpose, at, value, &object))
        return false;
    *ret = object;
    return true;
}

/* ---- objects ---- */

const ix_field *ix_schema_field(const ix_schema *schema, const char *name)
{
    const ix_field *other = NULL;
    for (size_t i = 0; i < schema->count; i++) {
        if (strcmp(schema->fields[i].name, name) == 0)
            return &schema->fields[i];
        if (strcmp(schema->fields[i].name, "*") == 0)
            other = &schema->fields[i];
    }
    return other;
}

/* The row whose alias this is, or NULL. */
static const ix_field *alias_find(const ix_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->fields[i].alias && strcmp(schema->fields[i].alias, name) == 0)
            return &schema->fields[i];
    }
    return NULL;
}

static bool is_absent(const ix_json *value)
{
    return ix_json_kind(value) == IX_NONE || ix_json_kind(value) == IX_NULL;
}

static bool is_ignored(const ix_field *field, ix_purpose purpose)
{
    return field->flags & IX_READ_ONLY || (purpose == IX_UPDATE && field->flags & IX_IN_CREATE) ||
           (purpose != IX_UPDATE && field->flags & IX_IN_UPDATE);
}

/* Puts one member into the clean object, or leaves it out. */
static bool member_read(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const ix_place *at,
                        const ix_json *object, ix_member member, ix_json *clean)
{
    const char *name = member.name;
    if (!ix_spend(cx, STEPS_PER_MEMBER))
        return ix_fail(cx, IOTS_TOO_LARGE, "it takes too long to read so many members");
    const ix_field *field = alias_find(schema, name);
    if (field) {
        if (!is_absent(ix_json_member(object, field->name)))
            return true; /* the real key is there as well */
        name = field->name;
    } else {
        field = ix_schema_field(schema, name);
    }

    if (is_absent(member.value) && !(field && field->flags & IX_NULLABLE))
        return true;
    if (!field)
        return !schema->has_additional_members || ix_json_set(cx, clean, name, member.value);
    if (is_ignored(field, purpose))
        return !(field->flags & IX_PASS_THROUGH) || ix_json_set(cx, clean, name, member.value);

    const ix_place inner = {at, member.name, 0};
    if (schema->is_name_valid && !schema->is_name_valid(ix_str_of(name)))
        return refused(cx, &inner, schema->name_rule);
    const ix_json *value;
    return value_read(cx, field, purpose, &inner, member.value, &value) &&
           ix_json_set(cx, clean, name, value);
}

static bool required_check(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose,
                           const ix_place *at, const ix_json *clean)
{
    if (purpose == IX_UPDATE && !at->up)
        return true;
    for (size_t i = 0; i < schema->count; i++) {
        const ix_field *field = &schema->fields[i];
        if (!(field->flags & IX_REQUIRED) || ix_json_member(clean, field->name))
            continue;
        const ix_place missing = {at, field->name, 0};
        return malformed(cx, &missing, "required");
    }
    return true;
}

static bool object_read(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const ix_place *at,
                        const ix_json *object, ix_json **ret)
{
    if (!type_check(cx, IX_T_OBJECT, at, object))
        return false;
    ix_json *clean = ix_json_new_object(cx);
    if (!clean)
        return false;
    for (ix_member m = ix_members(object); m.name; m = ix_members_next(m)) {
        if (!member_read(cx, schema, purpose, at, object, m, clean))
            return false;
    }
    if (!required_check(cx, schema, purpose, at, clean))
        return false;
    *ret = clean;
    return true;
}

/* ---- whole bodies ---- */

static bool many_read(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const ix_place *at,
                      const ix_json *body, ix_json **ret)
{
    const size_t count = ix_json_count(body);
    if (schema->max_items && count > schema->max_items)
        return refused(cx, at, ix_format(cx, "expected at most %zu items", schema->max_items));
    if (schema->shape == IX_EACH) {
        *ret = ix_json_mutable(body);
        return true;
    }
    if (count == 0)
        return refused(cx, at, "expected at least 1 item");
    const ix_json *clean;
    if (!array_read(cx, schema, purpose, at, body, &clean))
        return false;
    *ret = ix_json_mutable(clean);
    return true;
}

bool ix_schema_read(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const ix_json *body,
                    ix_json **ret)
{
    const ix_place top = {0};
    if (schema->shape == IX_EACH && !type_check(cx, IX_T_ARRAY, &top, body))
        return false;
    if (schema->shape != IX_ONE && ix_json_kind(body) == IX_ARRAY)
        return many_read(cx, schema, purpose, &top, body, ret);
    return object_read(cx, schema, purpose, &top, body, ret);
}
