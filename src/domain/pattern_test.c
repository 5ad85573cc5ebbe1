/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/pattern.h"

#include "base/test.h"

static void free_pattern(void *made)
{
    pattern_free(made);
}

static pattern *made(ix_ctx *cx, const char *text)
{
    pattern *made = pattern_new(cx, ix_str_of(text));
    CHECK_OK(cx, made != NULL);
    CHECK(ix_arena_defer(cx->arena, free_pattern, made));
    return made;
}

static bool matches(ix_ctx *cx, const char *text, const char *value)
{
    bool is_match;
    CHECK_OK(cx, pattern_match(cx, made(cx, text), ix_str_of(value), &is_match));
    return is_match;
}

TEST("a pattern is not anchored, and knows letters of all scripts")
{
    CHECK(matches(cx, "b+", "abbbc"));
    CHECK(!matches(cx, "^b+$", "abbbc"));
    CHECK(matches(cx, "^.$", "\xc3\xa4"));
    CHECK(matches(cx, "^.$", "\xf0\x9f\x8c\xa1"));
    CHECK(matches(cx, "", ""));
}

TEST("a pattern is read as ECMA-262 has it")
{
    CHECK(matches(cx, "^\\u00e4$", "\xc3\xa4"));
    CHECK(matches(cx, "^\\u{1F321}$", "\xf0\x9f\x8c\xa1"));
    CHECK(!matches(cx, "^a$", "a\n"));
    CHECK(!matches(cx, "[]", "a"));
    CHECK(matches(cx, "a[^]b", "a\nb"));
    CHECK(!matches(cx, "\\d", "\xd9\xa3"));
    CHECK(matches(cx, "^(?:[0-9A-F]{2}:){5}[0-9A-F]{2}$", "00:1B:44:11:3A:B7"));
}

TEST("what does not compile is refused with a reason and a place")
{
    CHECK(!pattern_new(cx, IX_STR("a(b")));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    CHECK_TEXT(cx->error.message,
               "expected a regular expression: missing closing parenthesis, at character 3");
    ix_ctx_clear_error(cx);
    ix_buf long_one = {0};
    for (int i = 0; i <= PATTERN_BYTES_MAX; i++)
        ix_buf_char(&long_one, 'a');
    CHECK(!pattern_new(cx, (ix_str){long_one.at, long_one.len}));
    CHECK_TEXT(cx->error.message, "expected at most 4096 bytes");
    ix_buf_done(&long_one);
}

TEST("whatever the pattern and the text, matching ends with the steps that are left")
{
    static const char *const patterns[] = {
        "(a+)+$",   "(a|aa)+$", "(.*)*x", "a*a*a*a*b",
        "(?:a*)*c", "(a*)\\1b", "[ab]*c", "(?=(a+))a*b\\1",
    };
    ix_buf text = {0};
    for (int i = 0; i < 200000; i++)
        ix_buf_char(&text, 'a');
    ix_buf_char(&text, '!');
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        bool is_match;
        const pattern *hard = made(cx, patterns[i]);
        ix_ctx_limit(cx, 200000);
        if (pattern_match(cx, hard, (ix_str){text.at, text.len}, &is_match))
            CHECK(!is_match && i > 0); /* seen at once: what it needs is not there */
        else
            CHECK_TEXT(cx->error.message, "this value takes too long to check against its pattern");
        ix_ctx_clear_error(cx);
    }
    ix_buf_done(&text);
}

TEST("all patterns of a description are looked at, and the one at fault is named")
{
    static const char *const docs[][2] = {
        {JSON({"properties" : {"a" : {"pattern" : "("}}}), "properties/a/pattern"},
        {JSON({"properties" : {"a" : {"items" : [ {}, {"pattern" : "("} ]}}}),
         "properties/a/items/1/pattern"},
        {JSON({"properties" : {"a" : {"properties" : {"b" : {"oneOf" : [ {"pattern" : "("} ]}}}}}),
         "properties/a/properties/b/oneOf/0/pattern"},
        {JSON({"actions" : {"a" : {"input" : {"pattern" : "("}}}}), "actions/a/input/pattern"},
        {JSON({"actions" : {"a" : {"uriVariables" : {"v" : {"pattern" : "("}}}}}),
         "actions/a/uriVariables/v/pattern"},
        {JSON({"events" : {"a" : {"dataResponse" : {"pattern" : "("}}}}),
         "events/a/dataResponse/pattern"},
    };
    for (size_t i = 0; i < sizeof docs / sizeof docs[0]; i++) {
        CHECK(!pattern_check_all(cx, NULL, json_of(cx, docs[i][0])));
        CHECK_TEXT(cx->error.field, docs[i][1]);
        ix_ctx_clear_error(cx);
    }
    CHECK_OK(
        cx, pattern_check_all(cx, NULL,
                              json_of(cx, JSON({"properties" : {"pattern" : {"pattern" : "a"}}}))));
}
