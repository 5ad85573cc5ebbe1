/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cell.h"

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
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(cell_value(cx, ix_str_of(cases[i].cell), cases[i].type), cases[i].value);
}

TEST("an empty cell is no value, and no failure")
{
    CHECK(!cell_value(cx, IX_STR(""), "number"));
    CHECK(!cell_value(cx, IX_STR("  "), "string"));
    CHECK(!ix_failed(cx));
}

TEST("what cannot be a value of the type is refused by name")
{
    CHECK(!cell_value(cx, IX_STR("n/a"), "number"));
    CHECK_TEXT(cx->error.message, "'n/a' is no number");
    ix_ctx_forgive(cx);
    static const struct {
        const char *type, *cell;
    } cases[] = {{"number", "1,5"},  {"number", "--1"}, {"number", "1e999"},
                 {"number", "."},    {"number", "-"},   {"number", "0x10"},
                 {"boolean", "yes"}, {"object", "{"},   {"number", "1e"},
                 {"integer", "12a"}, {"number", "NaN"}, {"integer", "92233720368547758070"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_FAILS(cx, cell_value(cx, ix_str_of(cases[i].cell), cases[i].type), IOTS_INVALID);
}
