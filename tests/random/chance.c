/* SPDX-License-Identifier: Apache-2.0 */
#include "chance.h"

#include <string.h>

enum {
    LONG_TEXT = 6000, /* bytes, at most about */
    DEEPEST = 12,     /* of what is nested on purpose */
};

#define PICK(chance, list) ((list)[chance_below((chance), sizeof(list) / sizeof((list)[0]))])

/* splitmix64 */
uint64_t chance_next(chance *chance)
{
    uint64_t mixed = chance->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

size_t chance_below(chance *chance, size_t below)
{
    return (size_t)(chance_next(chance) % below);
}

bool chance_once_in(chance *chance, size_t times)
{
    return chance_below(chance, times) == 0;
}

const char *chance_name(chance *chance)
{
    static const char *const names[] = {"t",    "t",  "n", "on", "a",  "a.b",  "a.b.c", "b c",
                                        "null", "id", "'", "\"", "$.", "[0]",  "ü",     "-",
                                        "%",    "?&", "*", "0",  "\\", "🌡", "a'b--", "@type"};
    return PICK(chance, names);
}

const char *chance_label(chance *chance)
{
    static const char *const labels[] = {"A",     "a", "B-1",
                                         "c_d:e", "0", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"};
    return chance_once_in(chance, 2) ? labels[0] : PICK(chance, labels);
}

const char *chance_text(ix_ctx *cx, chance *chance)
{
    static const char *const texts[] = {"",
                                        "a",
                                        "b",
                                        "on",
                                        "off",
                                        "A",
                                        "é",
                                        "e\xcc\x81",
                                        "É",
                                        "ß",
                                        "ẞ",
                                        "ﬁ 5 \xe2\x84\xab",
                                        "Über ÜBER",
                                        "1",
                                        "-0.0",
                                        "true",
                                        "null",
                                        "%",
                                        "_",
                                        "a%b_c",
                                        "\\",
                                        "'",
                                        "\"",
                                        "--",
                                        "\t\n",
                                        "/",
                                        "a.b",
                                        "[1]",
                                        "{}",
                                        "gt:1",
                                        "eq:",
                                        ":",
                                        "+",
                                        "?",
                                        "\x7f",
                                        " a ",
                                        "\xef\xbf\xbf",
                                        "🌡🌡",
                                        "<b>&",
                                        "$name",
                                        "2024-02-30T00:00:00Z"};
    if (!chance_once_in(chance, 25))
        return PICK(chance, texts);
    const size_t len = 1 + chance_below(chance, LONG_TEXT);
    char *made = ix_new(cx, char, len + 1);
    for (size_t i = 0; made && i < len; i++)
        made[i] = (char)('a' + chance_below(chance, 26));
    return made;
}

static ix_json *value_number(ix_ctx *cx, chance *chance)
{
    static const int64_t integers[] = {0, 1, -1, 2, 20, INT64_MAX, INT64_MIN, 9007199254740993};
    static const double reals[] = {0.0,    -0.0, 0.5,  -1.5,  1e308,  5e-324,
                                   1e-300, 0.1,  20.0, 1e100, -1e308, 9007199254740992.0};
    return chance_once_in(chance, 2) ? ix_json_new_int(cx, PICK(chance, integers))
                                     : ix_json_new_real(cx, PICK(chance, reals));
}

static ix_json *nested(ix_ctx *cx, chance *chance, size_t depth)
{
    ix_json *value = value_number(cx, chance);
    for (size_t i = 0; value && i < depth; i++) {
        const bool is_array = chance_once_in(chance, 2);
        ix_json *outer = is_array ? ix_json_new_array(cx) : ix_json_new_object(cx);
        if (!outer || !(is_array ? ix_json_append(cx, outer, value)
                                 : ix_json_set(cx, outer, chance_name(chance), value)))
            return NULL;
        value = outer;
    }
    return value;
}

ix_json *chance_value(ix_ctx *cx, chance *chance, size_t depth)
{
    if (chance_once_in(chance, 100))
        return nested(cx, chance, chance_below(chance, DEEPEST));
    ix_json *made;
    const size_t count = chance_below(chance, 4);
    switch (chance_below(chance, depth ? 7 : 5)) {
    case 0:
        return ix_json_new_null(cx);
    case 1:
        return ix_json_new_bool(cx, chance_once_in(chance, 2));
    case 2:
    case 3:
        return value_number(cx, chance);
    case 4:
        return ix_json_new_string(cx, chance_text(cx, chance));
    case 5:
        made = ix_json_new_array(cx);
        for (size_t i = 0; made && i < count; i++)
            ix_json_append(cx, made, chance_value(cx, chance, depth - 1));
        return made;
    default:
        made = ix_json_new_object(cx);
        for (size_t i = 0; made && i < count; i++)
            ix_json_set(cx, made, chance_name(chance), chance_value(cx, chance, depth - 1));
        return made;
    }
}

static ix_json *text_for(ix_ctx *cx, chance *chance, const ix_field *field)
{
    static const char *const types[] = {"boolean", "integer", "number", "string",
                                        "object",  "array",   "null"};
    static const char *const operations[] = {"add", "remove", "replace", "move", "copy", "test"};
    static const char *const words[] = {"pending",     "completed",       "running",
                                        "a@b.example", "M <c@d.example>", "A"};
    if (strcmp(field->name, "type") == 0)
        return ix_json_new_string(cx, PICK(chance, types));
    if (strcmp(field->name, "op") == 0)
        return ix_json_new_string(cx, PICK(chance, operations));
    if (strcmp(field->name, "name") == 0 || strcmp(field->name, "categories") == 0)
        return ix_json_new_string(cx, chance_label(chance));
    if (strcmp(field->name, "to") == 0 || strcmp(field->name, "cc") == 0)
        return ix_json_new_string(cx, "a@b.example");
    if (field->is_valid || field->max || field->min)
        return ix_json_new_string(cx, PICK(chance, words));
    return ix_json_new_string(cx, chance_text(cx, chance));
}

static ix_json *field_value(ix_ctx *cx, chance *chance, const ix_field *field, const char *name,
                            size_t depth)
{
    unsigned type = field->type;
    if (chance_once_in(chance, 60) || type & IX_T_ANY)
        return chance_value(cx, chance, 2);
    /* Of several types one. */
    for (unsigned rest = type; rest; rest &= rest - 1)
        if (chance_once_in(chance, 2)) {
            type = rest & (~rest + 1);
            break;
        }
    if (type & IX_T_TIME)
        return ix_json_new_string(
            cx, ix_format(cx, "20%02zu-0%zu-01T00:00:%02zuZ", 20 + chance_below(chance, 10),
                          1 + chance_below(chance, 9), chance_below(chance, 60)));
    if (type & IX_T_STRING)
        return text_for(cx, chance, field);
    if (type & IX_T_BOOL)
        return ix_json_new_bool(cx, chance_once_in(chance, 2));
    if (type & IX_T_INT)
        return ix_json_new_int(cx, (int64_t)(field->min + chance_below(chance, 4)));
    if (type & IX_T_NUMBER)
        return value_number(cx, chance);
    if (type & IX_T_OBJECT)
        return field->inside ? chance_document(cx, chance, field->inside, name, depth)
                             : chance_value(cx, chance, 1);
    ix_json *list = ix_json_new_array(cx);
    for (size_t n = field->min + chance_below(chance, 3); list && n > 0; n--)
        ix_json_append(cx, list,
                       field->inside ? chance_document(cx, chance, field->inside, name, depth)
                                     : text_for(cx, chance, field));
    return list;
}

ix_json *chance_document(ix_ctx *cx, chance *chance, const ix_schema *schema, const char *name,
                         size_t depth)
{
    ix_json *made = ix_json_new_object(cx);
    if (depth == 0)
        return made;
    const size_t sparse = depth == 1 ? 6 : 3;
    for (size_t i = 0; made && i < schema->count; i++) {
        const ix_field *field = &schema->fields[i];
        if (strcmp(field->name, "*") == 0) {
            const bool is_named = name && !chance_once_in(chance, 3);
            for (size_t n = is_named ? 1 : chance_below(chance, 4); n > 0; n--)
                ix_json_set(cx, made, is_named ? name : chance_name(chance),
                            field_value(cx, chance, field, NULL, depth - 1));
        } else if (field->flags & IX_REQUIRED ? !chance_once_in(chance, 40)
                                              : chance_once_in(chance, sparse)) {
            ix_json_set(cx, made, field->name, field_value(cx, chance, field, name, depth - 1));
        }
    }
    if (schema->has_additional_members && chance_once_in(chance, 8))
        ix_json_set(cx, made, "x:own", chance_value(cx, chance, 2));
    return made;
}
