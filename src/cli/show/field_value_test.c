/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/field_value.h"

#include "base/test.h"

TEST("cells become what the property is declared to be")
{
    // clang-format off
    static const struct { const char *type, *cell, *value; } cases[] = {
        {"number", "21.5", "21.5"},         {"number", " 21 ", "21"},       {"number", "+5", "5"},
        {"number", "-0.25", "-0.25"},       {"number", "007.5", "7.5"},     {"number", ".5", "0.5"},
        {"number", "-.5", "-0.5"},          {"number", "5.", "5.0"},        {"number", "1e3", "1000.0"},
        {"number", "5.e2", "500.0"},        {"number", "0", "0"},           {"number", "00", "0"},
        {"number", "9007199254740993", "9007199254740993"},
        {"integer", "9223372036854775807", "9223372036854775807"},
        {"integer", "-12", "-12"},
        {"string", "21.5", "\"21.5\""},     {"string", " a\"b ", "\" a\\\"b \""},
        {"boolean", "TRUE", "true"},        {"boolean", "0", "false"},      {"boolean", "1", "true"},
        {"array", "[1,2]", "[1,2]"},        {"object", "{\"a\":1}", "{\"a\":1}"},
        {NULL, "21", "21"},                 {NULL, "true", "true"},         {NULL, "open", "\"open\""},
        {NULL, "2025-01-01", "\"2025-01-01\""}, {NULL, "1.2.3", "\"1.2.3\""},
        {NULL, "[1, 2]", "[1,2]"},          {NULL, "{}", "{}"},             {NULL, "[1", "\"[1\""},
        {"number", "null", "null"},         {"string", "null", "null"},     {NULL, "null", "null"},
        {"string", "\"null\"", "\"null\""}, {NULL, "\"007\"", "\"007\""}, {"string", "\"007\"", "\"007\""},
        {NULL, "\"\"", "\"\""},             {NULL, "\"a\"", "\"\\\"a\\\"\""}, {NULL, "NULL", "\"NULL\""},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(cell_value(cx, ix_str_of(cases[i].cell), cases[i].type, 0), cases[i].value);
}

TEST("an empty cell is not a value, and no failure")
{
    CHECK(!cell_value(cx, IX_STR(""), "number", 0));
    CHECK(!cell_value(cx, IX_STR("  "), "string", 0));
    CHECK(!ix_failed(cx));
}

TEST("what cannot be a value of the type is refused by name")
{
    CHECK(!cell_value(cx, IX_STR("n/a"), "number", 0));
    CHECK_TEXT(cx->error.message, "'n/a' is not a number");
    ix_ctx_clear_error(cx);
    static const struct {
        const char *type, *cell;
    } cases[] = {{"number", "1,5"},  {"number", "--1"}, {"number", "1e999"},
                 {"number", "."},    {"number", "-"},   {"number", "0x10"},
                 {"boolean", "yes"}, {"object", "{"},   {"number", "1e"},
                 {"integer", "12a"}, {"number", "NaN"}, {"integer", "92233720368547758070"},
                 {"null", "x"},      {"array", "{}"},   {"object", "[]"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_FAILS(cx, cell_value(cx, ix_str_of(cases[i].cell), cases[i].type, 0), IOTS_INVALID);
}

TEST("a comma is a decimal mark only where that is said, and a number that may be one is not "
     "guessed")
{
    // clang-format off
    static const struct { const char *type, *cell; decimal_mark mark; const char *value; } cases[] = {
        {"number", "21,5", DECIMAL_COMMA, "21.5"},  {"number", "-,5", DECIMAL_COMMA, "-0.5"},
        {"number", "21", DECIMAL_COMMA, "21"},      {NULL, "21,5", DECIMAL_COMMA, "21.5"},
        {"string", "21,5", DECIMAL_COMMA, "\"21,5\""}, {NULL, "21,5", DECIMAL_POINT, "\"21,5\""},
        {NULL, "1.2.2025", DECIMAL_COMMA, "\"1.2.2025\""}, {NULL, "a,b", DECIMAL_POINT_PERHAPS, "\"a,b\""},
        {NULL, "1,2,3", DECIMAL_POINT_PERHAPS, "\"1,2,3\""}, {"string", "21,5", DECIMAL_POINT_PERHAPS, "\"21,5\""},
    };
    static const struct { const char *type, *cell; decimal_mark mark; const char *sentence; } none[] = {
        {"number", "21,5", DECIMAL_POINT_PERHAPS, "'21,5' is not a number, unless the comma is a decimal mark: --decimal ,"},
        {"number", "21,5", DECIMAL_POINT, "'21,5' is not a number"},
        {NULL, "21,5", DECIMAL_POINT_PERHAPS, "'21,5' is not plainly a number or a text: --decimal , or --decimal . says which"},
        {"number", "21.5", DECIMAL_COMMA, "'21.5' is not a number where the decimal mark is a comma"},
        {NULL, "21.5", DECIMAL_COMMA, "'21.5' is not a number where the decimal mark is a comma"},
        {"number", "1.234,5", DECIMAL_COMMA, "'1.234,5' is not a number"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(cell_value(cx, ix_str_of(cases[i].cell), cases[i].type, cases[i].mark),
                   cases[i].value);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CHECK(!cell_value(cx, ix_str_of(none[i].cell), none[i].type, none[i].mark));
        CHECK_TEXT(cx->error.message, none[i].sentence);
        ix_ctx_clear_error(cx);
    }
}

TEST("what is written is read as the same value, where no type is declared and where it is")
{
    // clang-format off
    static const struct { const char *json, *cell, *type; } cases[] = {
        {"21", "21", "integer"}, {"21.0", "21.0", "number"}, {"-0.0", "-0.0", NULL}, {"1e+300", "1e+300", NULL},
        {"9007199254740993", "9007199254740993", NULL}, {"true", "true", "boolean"}, {"null", "null", "number"},
        {"[1,\"a\",null]", "[1,\"a\",null]", "array"}, {"{\"a\":{}}", "{\"a\":{}}", "object"},
        {"\"open\"", "open", "string"}, {"\"\"", "\"\"", "string"}, {"\" \"", "\" \"", "string"},
        {"\"007\"", "\"007\"", "string"}, {"\"1.50\"", "\"1.50\"", "string"}, {"\"+5\"", "\"+5\"", NULL},
        {"\" 5\"", "\" 5\"", NULL}, {"\"1,5\"", "\"1,5\"", NULL}, {"\"null\"", "\"null\"", NULL},
        {"\"True\"", "\"True\"", NULL}, {"\"[1]\"", "\"[1]\"", NULL}, {"\"{\"", "{", NULL},
        {"\"\\\"\"", "\"", NULL}, {"\"\\\"a\\\"\"", "\"a\"", NULL}, {"\"\\\"7\\\"\"", "\"\\\"7\\\"\"", NULL},
        {"\" \\\"7\\\" \"", "\" \\\"7\\\" \"", NULL}, {"\" a \"", " a ", NULL}, {"\"5\\n\"", "\"5\\n\"", NULL},
        {"\"na\"", "na", NULL}, {"\"1e999\"", "1e999", NULL}, {"\"-\"", "-", NULL}, {"\"1.2.3\"", "1.2.3", NULL},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        iots_doc *doc = iots_doc_parse(cases[i].json);
        ix_buf cell = {0};
        cell_write(&cell, iots_doc_json(doc));
        CHECK_TEXT(ix_buf_cstr(&cell), cases[i].cell);
        const ix_str text = {ix_buf_cstr(&cell), cell.len};
        CHECK_TEXT(cell_value(cx, text, NULL, 0), cases[i].json);
        if (cases[i].type)
            CHECK_TEXT(cell_value(cx, text, cases[i].type, 0), cases[i].json);
        ix_buf_done(&cell);
        iots_doc_free(doc);
    }
}
