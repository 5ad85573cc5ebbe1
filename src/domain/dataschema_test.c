/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/dataschema.h"

#include "base/test.h"

/* ---- words ---- */

static bool check(ix_ctx *cx, const char *schema, const char *value, validate_mode mode)
{
    return dataschema_check(cx, json_of(cx, schema), json_of(cx, value), mode, "v");
}

/* NULL if the value fits, else "field: reason". */
static const char *fault(ix_ctx *cx, const char *schema, const char *value)
{
    if (check(cx, schema, value, VALIDATE_STRICT))
        return NULL;
    CHECK_INT(cx->error.code, IOTS_INVALID);
    const char *fault = ix_format(cx, "%s: %s", cx->error.field, cx->error.reason);
    ix_ctx_clear_error(cx);
    return fault;
}

typedef struct value_case {
    const char *schema;
    const char *value;
    const char *fault; /* NULL: it fits */
} value_case;

static void check_cases(ix_ctx *cx, const value_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_message("%s %s\n", cases[i].schema, cases[i].value);
        const char *got = fault(cx, cases[i].schema, cases[i].value);
        CHECK_TEXT(got ? got : "fits", cases[i].fault ? cases[i].fault : "fits");
    }
}

#define CHECK_CASES(cases) check_cases(cx, (cases), sizeof(cases) / sizeof((cases)[0]))

/* ---- rules ---- */

// clang-format off
TEST("types are those of JSON, and an integer may be written with a fraction of zero")
{
    static const value_case cases[] = {
        {JSON({"type": "boolean"}), "true",    NULL},
        {JSON({"type": "boolean"}), "1",       "v: expected true or false"},
        {JSON({"type": "integer"}), "5",       NULL},
        {JSON({"type": "integer"}), "5.0",     NULL},
        {JSON({"type": "integer"}), "1e20",    NULL},
        {JSON({"type": "integer"}), "5.5",     "v: expected an integer"},
        {JSON({"type": "integer"}), "\"5\"",   "v: expected an integer"},
        {JSON({"type": "number"}),  "5",       NULL},
        {JSON({"type": "number"}),  "5.5",     NULL},
        {JSON({"type": "number"}),  "true",    "v: expected a number"},
        {JSON({"type": "string"}),  "\"\"",    NULL},
        {JSON({"type": "string"}),  "5",       "v: expected a string"},
        {JSON({"type": "object"}),  "{}",      NULL},
        {JSON({"type": "object"}),  "[]",      "v: expected an object"},
        {JSON({"type": "array"}),   "[]",      NULL},
        {JSON({"type": "array"}),   "{}",      "v: expected an array"},
        {JSON({"type": "null"}),    "null",    NULL},
        {JSON({"type": "null"}),    "0",       "v: expected null"},
        {JSON({"type": "string"}),  "null",    "v: expected a string"},
        {JSON({"type": "float"}),   "\"x\"",   NULL},
        {JSON({}),                  "[null]",  NULL},
    };
    CHECK_CASES(cases);
}

TEST("enum and const are compared as JSON values")
{
    static const value_case cases[] = {
        {JSON({"enum": ["a", 1, null, {"b": [2]}]}), "1.0",           NULL},
        {JSON({"enum": ["a", 1, null, {"b": [2]}]}), "{\"b\":[2.0]}", NULL},
        {JSON({"enum": ["a", 1, null]}), "null",      NULL},
        {JSON({"enum": ["a", 1]}),       "\"b\"",     "v: expected one of [\"a\",1]"},
        {JSON({"enum": ["a", 1]}),       "\"1\"",     "v: expected one of [\"a\",1]"},
        {JSON({"const": {"a": 1}}),      "{\"a\":1}", NULL},
        {JSON({"const": 5}),             "6",         "v: expected 5"},
        {JSON({"const": null}),          "6",         NULL},
        {JSON({"const": false}),         "0",         "v: expected false"},
    };
    CHECK_CASES(cases);
}

TEST("bounds hold numbers only, and exactly")
{
    static const value_case cases[] = {
        {JSON({"minimum": 0}),           "0",     NULL},
        {JSON({"minimum": 0}),           "-0.1",  "v: expected at least 0"},
        {JSON({"maximum": 100.5}),       "100.5", NULL},
        {JSON({"maximum": 100.5}),       "101",   "v: expected at most 100.5"},
        {JSON({"exclusiveMinimum": 0}),  "0.1",   NULL},
        {JSON({"exclusiveMinimum": 0}),  "0",     "v: expected more than 0"},
        {JSON({"exclusiveMaximum": 10}), "9.9",   NULL},
        {JSON({"exclusiveMaximum": 10}), "10.0",  "v: expected less than 10"},
        {JSON({"exclusiveMaximum": 10}), "11",    "v: expected less than 10"},
        {JSON({"minimum": 5, "maximum": 1, "exclusiveMinimum": 9}), "\"x\"", NULL},
        {JSON({"exclusiveMinimum": true}), "0",   NULL},
        {JSON({"maximum": 9007199254740992}), "9007199254740993", "v: expected at most 9007199254740992"},
    };
    CHECK_CASES(cases);
}

TEST("a multiple is one in the digits that are written, or a rounding away from one")
{
    static const value_case cases[] = {
        {JSON({"multipleOf": 5}),    "10",    NULL},
        {JSON({"multipleOf": 5}),    "0",     NULL},
        {JSON({"multipleOf": 5}),    "-15",   NULL},
        {JSON({"multipleOf": 5}),    "12",    "v: expected a multiple of 5"},
        {JSON({"multipleOf": 0.1}),  "0.3",   NULL},
        {JSON({"multipleOf": 0.01}), "19.99", NULL},
        {JSON({"multipleOf": 0.1}),  "0.35",  "v: expected a multiple of 0.1"},
        {JSON({"multipleOf": 2}),    "9007199254740993", "v: expected a multiple of 2"},
        {JSON({"multipleOf": 1e-300}), "1e300", NULL},
        {JSON({"multipleOf": 3e-300}), "1e300", "v: expected a multiple of 3e-300"},
        {JSON({"multipleOf": 0.123456789}), "1e308", "v: expected a multiple of 0.123456789"},
        {JSON({"multipleOf": 0.123456789}), "-1.7976931348623157e308", "v: expected a multiple of 0.123456789"},
        {JSON({"multipleOf": 0.25}), "1e308", NULL},
        {JSON({"multipleOf": 0.25}), "-4.75", NULL},
        {JSON({"multipleOf": 2.5}),  "5", NULL},
        {JSON({"multipleOf": 2.5}),  "9223372036854775805", NULL},
        {JSON({"multipleOf": 2.5}),  "-9223372036854775808", "v: expected a multiple of 2.5"},
        {JSON({"multipleOf": 50}),   "100.0", NULL},
        {JSON({"multipleOf": 1e3}),  "100.0", "v: expected a multiple of 1000.0"},
        {JSON({"multipleOf": 1e3}),  "0.0", NULL},
        {JSON({"multipleOf": 1e3}),  "5e22", NULL},
        {JSON({"multipleOf": 1e22}), "5e21", "v: expected a multiple of 1e+22"},
        {JSON({"multipleOf": 0.1}),  "0.30000000000000004", NULL},
        {JSON({"multipleOf": 0.1}),  "0.3000000000001", "v: expected a multiple of 0.1"},
        {JSON({"multipleOf": 5e-324}), "1.5e-323", NULL},
        {JSON({"multipleOf": 0.01}), "123456789012.34", NULL},
        {JSON({"multipleOf": 0.01}), "123456789012.345", "v: expected a multiple of 0.01"},
        {JSON({"multipleOf": 0}),    "1",     NULL},
        {JSON({"multipleOf": -1}),   "1.5",   NULL},
        {JSON({"multipleOf": "x"}),  "1.5",   NULL},
        {JSON({"multipleOf": 5}),    "\"x\"", NULL},
    };
    CHECK_CASES(cases);
}

TEST("lengths are counted in characters and in items")
{
    static const value_case cases[] = {
        {JSON({"minLength": 2}), "\"äö\"",  NULL},
        {JSON({"minLength": 3}), "\"äö\"",  "v: expected at least 3 characters"},
        {JSON({"maxLength": 2}), "\"😀ö\"", NULL},
        {JSON({"maxLength": 1}), "\"😀ö\"", "v: expected at most 1 characters"},
        {JSON({"maxLength": 1}), "[1,2]",   NULL},
        {JSON({"minItems": 1}),  "[]",      "v: expected at least 1 items"},
        {JSON({"minItems": 1}),  "[null]",  NULL},
        {JSON({"maxItems": 1}),  "[1,2]",   "v: expected at most 1 items"},
        {JSON({"maxItems": 1}),  "\"ab\"",  NULL},
        {JSON({"maxItems": -1, "minLength": "x"}), "[1,2]", NULL},
    };
    CHECK_CASES(cases);
}

TEST("some part of a string matches the pattern")
{
    static const value_case cases[] = {
        {JSON({"pattern": "^[a-z]+$"}), "\"abc\"", NULL},
        {JSON({"pattern": "^[a-z]+$"}), "\"ab1\"", "v: expected a text that matches \"^[a-z]+$\""},
        {JSON({"pattern": "b"}), "\"abc\"", NULL},
        {JSON({"pattern": "b"}), "5", NULL},
        {JSON({"pattern": "("}), "\"abc\"", NULL},
        {JSON({"pattern": 5}), "\"abc\"", NULL},
        {JSON({"items": {"pattern": "b"}}), "[\"b\", \"ab\", \"a\"]", "v/2: expected a text that matches \"b\""},
        {JSON({"oneOf": [{"pattern": "a"}, {"pattern": "b"}, {"pattern": "c"}, {"pattern": "d"}, {"pattern": "e"}]}), "\"e\"", NULL},
    };
    CHECK_CASES(cases);
}

TEST("a schema goes for all items, an array of schemas for the first ones")
{
    static const value_case cases[] = {
        {JSON({"items": {"type": "number"}}), "[1,2.5]",       NULL},
        {JSON({"items": {"type": "number"}}), "[1,\"x\",null]", "v/1: expected a number"},
        {JSON({"items": {"type": "number"}}), "\"x\"",         NULL},
        {JSON({"items": [{"type": "number"}, {"type": "string"}]}), "[1,\"x\",true]", NULL},
        {JSON({"items": [{"type": "number"}, {"type": "string"}]}), "[1]",   NULL},
        {JSON({"items": [{"type": "number"}, {"type": "string"}]}), "[1,2]", "v/1: expected a string"},
        {JSON({"items": {"items": {"maximum": 1}}}), "[[1],[0,2]]", "v/1/1: expected at most 1"},
    };
    CHECK_CASES(cases);
}

TEST("members are held against their schemas, and the required ones must be there")
{
    static const value_case cases[] = {
        {JSON({"properties": {"a": {"type": "number"}}}), "{\"a\":1,\"b\":\"x\"}", NULL},
        {JSON({"properties": {"a": {"type": "number"}}}), "{}",            NULL},
        {JSON({"properties": {"a": {"type": "number"}}}), "{\"a\":null}",  "v/a: expected a number"},
        {JSON({"properties": {"a": {"type": "number"}}}), "[1]",           NULL},
        {JSON({"properties": {"a/~": {"maximum": 1}}}),   "{\"a/~\":2}",   "v/a~1~0: expected at most 1"},
        {JSON({"required": ["a"]}),                       "{\"a\":null}",  NULL},
        {JSON({"required": ["a", "b"]}),                  "{\"a\":1}",     "v/b: required"},
        {JSON({"required": ["a"]}),                       "5",             NULL},
        {JSON({"required": true}),                        "{}",            NULL},
        {JSON({"properties": {"a": {"required": ["b"]}}}), "{\"a\":{}}",   "v/a/b: required"},
    };
    CHECK_CASES(cases);
}

TEST("exactly one of oneOf must fit")
{
    static const value_case cases[] = {
        {JSON({"oneOf": [{"type": "string"}, {"maximum": 5}]}), "3",     NULL},
        {JSON({"oneOf": [{"type": "string"}, {"type": "number"}]}), "[]", "v: expected to fit exactly one of oneOf, fits 0"},
        {JSON({"oneOf": [{"minimum": 1}, {"maximum": 5}]}), "3",         "v: expected to fit exactly one of oneOf, fits 2"},
        {JSON({"oneOf": [{"oneOf": [{"type": "null"}]}, {"type": "string"}]}), "null", NULL},
        {JSON({"oneOf": []}),                               "3",         "v: expected to fit exactly one of oneOf, fits 0"},
        {JSON({"oneOf": {}}),                               "3",         NULL},
    };
    CHECK_CASES(cases);
}

TEST("other keywords are not checked")
{
    static const value_case cases[] = {
        {JSON({"format": "date", "allOf": [{"type": "number"}], "uniqueItems": true}), "\"b\"", NULL},
    };
    CHECK_CASES(cases);
}
// clang-format on

/* ---- modes and limits ---- */

TEST("a mode checks everything, the type alone, or nothing")
{
    const char *schema = JSON({"type" : "array", "maxItems" : 1, "items" : {"type" : "number"}});
    CHECK(check(cx, schema, "[\"x\",2]", VALIDATE_TYPE));
    CHECK(check(cx, schema, "5", VALIDATE_OFF));
    CHECK_FAILS(cx, check(cx, schema, "5", VALIDATE_TYPE), IOTS_INVALID);
    CHECK_FAILS(cx, check(cx, schema, "[1,2]", VALIDATE_STRICT), IOTS_INVALID);
    CHECK(check(cx, "{}", "5", VALIDATE_TYPE));
}

TEST("no schema takes anything")
{
    CHECK(dataschema_check(cx, NULL, json_of(cx, "{}"), VALIDATE_STRICT, "v"));
    CHECK(dataschema_check(cx, NULL, json_of(cx, "{}"), VALIDATE_TYPE, "v"));
}

TEST("a long enum is not spelled out")
{
    ix_buf schema = {0};
    ix_buf_text(&schema, "{\"enum\":[0");
    for (int i = 1; i < 1000; i++)
        ix_buf_format(&schema, ",%d", i);
    ix_buf_text(&schema, "]}");
    CHECK_TEXT(fault(cx, ix_buf_cstr(&schema), "-1"), "v: expected one of the values of enum");
    ix_buf_done(&schema);
}

/* So many times `part` as the items of an array behind `head`, and `tail`. */
static const char *repeated(ix_ctx *cx, const char *head, const char *part, int times,
                            const char *tail)
{
    ix_buf text = {0};
    ix_buf_text(&text, head);
    for (int i = 0; i < times; i++) {
        ix_buf_text(&text, i > 0 ? "," : "");
        ix_buf_text(&text, part);
    }
    ix_buf_text(&text, tail);
    const char *made = ix_strdup(cx, ix_buf_cstr(&text));
    ix_buf_done(&text);
    return made;
}

/* A string of so many letters, as JSON. */
static const char *letters(ix_ctx *cx, size_t count)
{
    char *text = ix_alloc(cx, count + 3);
    memset(text, 'x', count + 2);
    text[0] = text[count + 1] = '"';
    return text;
}

TEST("a value that takes too long is refused, inside oneOf as well")
{
    enum { MANY = 2000 };
    const struct {
        const char *schema, *value;
    } cases[] = {
        {repeated(cx, "{\"oneOf\":[{\"items\":{\"enum\":[", "1", MANY, ",2]}}]}"),
         repeated(cx, "[", "2", MANY, "]")},
        {repeated(cx, "{\"oneOf\":[", "{\"minLength\":30000}", MANY, "]}"), letters(cx, 100000)},
        {repeated(cx, "{\"enum\":[", letters(cx, 10000), MANY, "]}"),
         ix_format(cx, "\"y%s", letters(cx, 9999) + 1)},
        {repeated(cx, "{\"items\":{\"const\":[", "1", MANY, "]}}"),
         repeated(cx, "[", repeated(cx, "[", "1", MANY, "]"), 500, "]")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const ix_json *schema = json_of(cx, cases[i].schema), *value = json_of(cx, cases[i].value);
        ix_ctx_limit(cx, 100000);
        CHECK(!dataschema_check(cx, schema, value, VALIDATE_STRICT, "v"));
        CHECK_TEXT(cx->error.message, "this value takes too long to check");
        CHECK_INT(cx->error.code, IOTS_INVALID);
        ix_ctx_clear_error(cx);
        ix_ctx_limit(cx, SIZE_MAX);
    }
}

TEST("letters of a long text are not counted where its bytes say enough")
{
    const ix_json *schema = json_of(cx, repeated(cx, "{\"oneOf\":[", "{\"minLength\":9000000}",
                                                 40000, ",{\"maxLength\":900000}]}"));
    const ix_json *value = json_of(cx, letters(cx, 900000));
    ix_ctx_limit(cx, 100000);
    CHECK_OK(cx, dataschema_check(cx, schema, value, VALIDATE_STRICT, "v"));
}
