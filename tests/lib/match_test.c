/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "match.h"

static bool matches(ix_ctx *cx, const char *want, const char *got)
{
    const bool ok = match_json(cx, json_of(cx, want), got ? json_of(cx, got) : NULL);
    if (ok)
        ix_ctx_clear_error(cx);
    return ok;
}

typedef struct match_case {
    const char *want, *got;
    bool matches;
} match_case;

// clang-format off
static const match_case cases[] = {
    {"1",                              "1",                                  true },
    {"1",                              "1.0",                                true },
    {"1",                              "\"1\"",                              false},
    {"null",                           "null",                               true },
    {"null",                           "0",                                  false},
    {"null",                           NULL,                                 false},
    {"\"<any>\"",                      "null",                               true },
    {"\"<any>\"",                      NULL,                                 false},
    {"\"<int>\"",                      "5",                                  true },
    {"\"<int>\"",                      "5.5",                                false},
    {"\"<string>\"",                   "\"\"",                               true },
    {"\"<string>\"",                   "7",                                  false},
    {"\"<nonempty>\"",                 "\"x\"",                              true },
    {"\"<nonempty>\"",                 "\"\"",                               false},
    {"\"<nonempty>\"",                 "[1]",                                false},
    {"\"<ulid>\"",                     "\"01JM2Q8V5T7XK3E9A4B6C8D0EF\"",     true },
    {"\"<ulid>\"",                     "\"01jm2q8v5t7xk3e9a4b6c8d0ef\"",     false},
    {"\"<ulid>\"",                     "\"01JM2Q8V5T7XK3E9A4B6C8D0E\"",      false},
    {"\"<ulid>\"",                     "\"01JM2Q8V5T7XK3E9A4B6C8D0EU\"",     false},
    {"\"<time>\"",                     "\"2025-03-04T05:06:07Z\"",           true },
    {"\"<time>\"",                     "\"2025-03-04T05:06:07.089Z\"",       true },
    {"\"<time>\"",                     "\"2025-03-04T05:06:07.0890Z\"",      false},
    {"\"<time>\"",                     "\"2025-03-04T05:06:07+00:00\"",      false},
    {"\"<time>\"",                     "\"2025-03-04 05:06:07Z\"",           false},
    {"\"<time>\"",                     "1741064767",                         false},
    {"\"<hidden_secret>\"",            "\"<hidden_secret>\"",                true },
    {"\"<hidden_secret>\"",            "\"x\"",                              false},
    {"{\"a\":1}",                      "{\"a\":1,\"b\":2}",                  true },
    {"{\"a\":1}",                      "{\"b\":2}",                          false},
    {"{\"a\":1}",                      "[1]",                                false},
    {"{\"a\":\"<absent>\"}",           "{\"b\":2}",                          true },
    {"{\"a\":\"<absent>\"}",           "{\"a\":null}",                       false},
    {"{\"a\":null}",                   "{}",                                 false},
    {"{\"a\":1,\"<others>\":\"<absent>\"}", "{\"a\":1}",                     true },
    {"{\"a\":1,\"<others>\":\"<absent>\"}", "{\"a\":1,\"b\":2}",             false},
    {"[1,\"<any>\"]",                  "[1,2]",                              true },
    {"[1]",                            "[1,2]",                              false},
    {"[]",                             "[]",                                 true },
    {"[]",                             "{}",                                 false},
    {"{\"a\":{\"b\":[{\"c\":1}]}}",    "{\"a\":{\"b\":[{\"c\":1,\"d\":2}]}}", true},
    {"{\"a\":{\"b\":[{\"c\":1}]}}",    "{\"a\":{\"b\":[{\"c\":2}]}}",        false},
};
// clang-format on

TEST("an expectation accepts what it describes and nothing else")
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (matches(cx, cases[i].want, cases[i].got) != cases[i].matches) {
            print_error("want %s\ngot  %s\n", cases[i].want,
                        cases[i].got ? cases[i].got : "nothing");
            CHECK(false);
        }
        ix_ctx_clear_error(cx);
    }
}

TEST("a difference is reported with the place where it is")
{
    CHECK(!matches(cx, JSON({"a" : {"b" : [ 1, 2 ]}}), JSON({"a" : {"b" : [ 1, 3 ]}})));
    CHECK_TEXT(cx->error.message, "/a/b/1: expected 2, got 3");
}

TEST("a member that should not be there is named")
{
    CHECK(!matches(cx, JSON({"a" : 1, "<others>" : "<absent>"}), JSON({"a" : 1, "b" : 2})));
    CHECK_TEXT(cx->error.message, "/b: is there, and should not be");
}

TEST("a text may be compared by the same words")
{
    CHECK(match_text(cx, "Allow", "<nonempty>", "GET"));
    CHECK(match_text(cx, "Allow", "<absent>", NULL));
    CHECK(match_text(cx, "Allow", "GET", "GET"));
    CHECK(!match_text(cx, "Allow", "GET", NULL));
    CHECK_TEXT(cx->error.message, "Allow: expected GET, got nothing");
}
