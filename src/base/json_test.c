/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <math.h>

#include "base/test.h"

/* ---- vocabulary ---- */

/* The document, written again. */
static const char *rewritten(ix_ctx *cx, const char *text)
{
    return ix_json_text(cx, json_of(cx, text));
}

/* What is wrong with the text. */
static const char *complaint(ix_ctx *cx, ix_str text)
{
    CHECK(!ix_json_parse(cx, text.at, text.len));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    const char *message = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    return message;
}

static const char *complaint_of(ix_ctx *cx, const char *text)
{
    return complaint(cx, ix_str_of(text));
}

static bool is_refused(ix_ctx *cx, const char *text)
{
    const ix_json *json = ix_json_parse(cx, text, strlen(text));
    ix_ctx_clear_error(cx);
    return !json;
}

/* `depth` arrays inside each other. */
static const char *nested(ix_ctx *cx, size_t depth)
{
    char *text = ix_alloc(cx, depth * 2 + 1);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    return text;
}

/* ---- text in ---- */

TEST("a document comes out as it went in, without blanks")
{
    CHECK_TEXT(rewritten(cx, " { \"b\" : [ 1 , -2.5 , true , false , null ] ,\n\t\"a\" : { } } "),
               "{\"b\":[1,-2.5,true,false,null],\"a\":{}}");
    CHECK_TEXT(rewritten(cx, "\"text\""), "\"text\"");
    CHECK_TEXT(rewritten(cx, "null"), "null");
    CHECK_TEXT(rewritten(cx, "[]"), "[]");
}

TEST("integers stay integers, to the ends of int64")
{
    CHECK_TEXT(rewritten(cx, "[9223372036854775807,-9223372036854775808,0,7]"),
               "[9223372036854775807,-9223372036854775808,0,7]");
    CHECK_INT(ix_json_kind(json_of(cx, "7")), IX_INT);
}

TEST("integers beyond int64 are refused")
{
    CHECK_TEXT(complaint_of(cx, "9223372036854775808"),
               "line 1, column 19: this number is too large");
    CHECK(is_refused(cx, "-9223372036854775809"));
    CHECK(is_refused(cx, "123456789012345678901234567890"));
}

TEST("numbers beyond double are refused, on both sides")
{
    CHECK(is_refused(cx, "1e309"));
    CHECK(is_refused(cx, "-1e309"));
    CHECK_TEXT(complaint_of(cx, "{\"a\": \"1e-400\",\n \"b\": [1, -1.5e-400]}"),
               "line 2, column 11: this number is too small");
    CHECK(is_refused(cx, "2E-324"));
    char zeros[1000];
    memset(zeros, '0', sizeof zeros);
    zeros[1] = '.';
    zeros[990] = '1';
    zeros[991] = '\0';
    CHECK(is_refused(cx, zeros));
}

TEST("zero may be written with any exponent, and the smallest numbers are kept")
{
    CHECK_TEXT(rewritten(cx, "[0e-999,0.0e99,-0.0,5e-324]"), "[0.0,0.0,-0.0,5e-324]");
}

TEST("minus zero is the integer zero, unless it has a point")
{
    CHECK_TEXT(rewritten(cx, "[-0,-0.0]"), "[0,-0.0]");
}

TEST("a number with a fraction or an exponent is a double")
{
    CHECK_TEXT(rewritten(cx, "[1.0,1e2,1E+2,100e-2,1.50]"), "[1.0,100.0,100.0,1.0,1.5]");
    CHECK_INT(ix_json_kind(json_of(cx, "1.0")), IX_REAL);
}

TEST("a member twice is refused")
{
    CHECK_TEXT(complaint_of(cx, "{\"a\":1,\"b\":2,\"a\":3}"),
               "line 1, column 16: the same member twice");
    CHECK(is_refused(cx, "{\"a\":1,\"\\u0061\":3}"));
}

TEST("U+0000 is refused, in texts and in names, raw and escaped")
{
    CHECK(is_refused(cx, "\"\\u0000\""));
    CHECK(is_refused(cx, "{\"a\\u0000b\":1}"));
    complaint(cx, (ix_str){"\"a\0b\"", 5});
    complaint(cx, (ix_str){"1\0", 2});
    complaint(cx, (ix_str){"\0", 1});
}

TEST("text that is not UTF-8 is refused")
{
    CHECK_TEXT(complaint_of(cx, "[\"\xFF\"]"), "line 1, column 2: this is not UTF-8");
    CHECK(is_refused(cx, "\"\xC0\x80\""));
    CHECK(is_refused(cx, "\"\xED\xA0\x80\""));
    CHECK(is_refused(cx, "\"\\ud800\""));
    CHECK(is_refused(cx, "\"\\udc00\\ud800\""));
    CHECK(is_refused(cx, "{\"\xFF\":1}"));
}

TEST("what is not JSON is refused")
{
    static const char *const others[] = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":}",
        "{\"a\" 1}",
        "{a:1}",
        "'a'",
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "nul",
        "True",
        "NaN",
        "1 2",
        "[1]]",
        "\"a",
        "\"\\x\"",
        "\"\t\"",
        "// c\n1",
        "[1 2]",
        "-",
        "[}",
        "Infinity",
        "\"\\u12\"",
        "{\"a\":1,}",
        "\xEF\xBB\xBF{}",
        "\f1",
        "-Infinity",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(is_refused(cx, others[i]));
    CHECK(!ix_json_parse(cx, NULL, 0));
}

TEST("a complaint names line, column and fault")
{
    CHECK_TEXT(complaint_of(cx, ""), "line 1, column 1: the text ends too early");
    CHECK_TEXT(complaint_of(cx, "{\n  \"a\": [1, 2"), "line 2, column 12: the text ends too early");
    CHECK_TEXT(complaint_of(cx, "{} {}"),
               "line 1, column 4: the value is complete, but more follows");
    CHECK_TEXT(complaint_of(cx, "{\n\"a\": nul}"), "line 2, column 8: this is not JSON");
    CHECK_TEXT(complaint_of(cx, "\"\\u0000\""), "line 1, column 8: \\u0000 is not allowed");
}

TEST("nesting has a limit, and brackets in texts do not count")
{
    CHECK(!is_refused(cx, nested(cx, IX_JSON_DEPTH)));
    CHECK_TEXT(complaint_of(cx, nested(cx, IX_JSON_DEPTH + 1)),
               "line 1, column 65: nested too deeply");
    CHECK(is_refused(cx, nested(cx, 100000)));
    char text[300] = "\"\\\"";
    memset(text + 3, '[', 200);
    text[203] = '"';
    CHECK(!is_refused(cx, text));
}

/* ---- text out ---- */

TEST("texts are escaped where they must be, and only there")
{
    CHECK_TEXT(
        rewritten(cx, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u00f6\\ud83d\\udd25\""),
        "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\xC3\xB6\xF0\x9F\x94\xA5\"");
    CHECK_TEXT(rewritten(cx, "\"a long text, in which \\\" is not at \\\\ any round place\""),
               "\"a long text, in which \\\" is not at \\\\ any round place\"");
}

TEST("every character is escaped wherever it is in a text")
{
    for (char c = 1; c > 0; c++) {
        for (size_t place = 0; place < 20; place++) {
            char text[21] = "aaaaaaaaaaaaaaaaaaaa";
            text[place] = c;
            ix_buf buf = {0};
            ix_json_write_text(&buf, ix_str_of(text));
            CHECK_TEXT(ix_json_string(json_of(cx, buf.at)), text);
            ix_buf_done(&buf);
        }
    }
}

TEST("doubles are written so that they are doubles again")
{
    CHECK_TEXT(rewritten(cx, "[100.0,1e22,21.530,-1e-09]"), "[100.0,1e+22,21.53,-1e-09]");
    ix_buf buf = {0};
    ix_json_write_real(&buf, 2);
    CHECK_TEXT(ix_buf_cstr(&buf), "2.0");
    ix_buf_done(&buf);
}

TEST("pretty text has a line for each member")
{
    ix_buf buf = {0};
    ix_json_write_pretty(&buf, json_of(cx, JSON({"a" : [ 1, {} ], "b" : {"c" : []}})), 2);
    CHECK_TEXT(ix_buf_cstr(&buf), "{\n"
                                  "  \"a\": [\n"
                                  "    1,\n"
                                  "    {}\n"
                                  "  ],\n"
                                  "  \"b\": {\n"
                                  "    \"c\": []\n"
                                  "  }\n"
                                  "}");
    ix_buf_done(&buf);
}

TEST("no value is written as null")
{
    CHECK_TEXT(ix_json_text(cx, NULL), "null");
}

/* ---- looking ---- */

TEST("looking never fails")
{
    const ix_json *doc = json_of(cx, JSON({"a" : {"b" : [ 10, "x" ]}, "t" : true, "r" : 1.5}));
    CHECK(!ix_json_member(ix_json_member(doc, "none"), "b"));
    CHECK_INT(ix_json_kind(NULL), IX_NONE);
    CHECK_INT(ix_json_count(NULL), 0);
    CHECK(!ix_json_item(doc, 0));
    CHECK(!ix_json_member(ix_json_at(doc, "/a/b"), "b"));
    CHECK(!ix_json_string(doc) && !ix_json_str(doc).at);
    CHECK(ix_json_bool(ix_json_member(doc, "t"), false));
    CHECK(ix_json_bool(doc, true));
    CHECK_INT(ix_json_int(ix_json_at(doc, "/a/b/0"), -1), 10);
    CHECK_INT(ix_json_int(ix_json_member(doc, "r"), -1), -1);
    CHECK(ix_json_number(ix_json_member(doc, "r"), 0) == 1.5);
    CHECK(ix_json_number(ix_json_at(doc, "/a/b/0"), 0) == 10.0);
    CHECK(isnan(ix_json_number(NULL, NAN)));
    CHECK_INT(ix_json_count(ix_json_at(doc, "/a/b")), 2);
    CHECK_INT(ix_json_count(doc), 3);
    CHECK(ix_json_member_str(doc, (ix_str){"tail", 1}) == ix_json_member(doc, "t"));
    CHECK(!ix_members(NULL).name && !ix_members(json_of(cx, "[1]")).name);
}

TEST("each value has its kind")
{
    static const ix_kind kinds[] = {IX_NULL, IX_BOOL, IX_BOOL,  IX_INT,
                                    IX_REAL, IX_TEXT, IX_ARRAY, IX_OBJECT};
    const ix_json *all = json_of(cx, "[null,true,false,1,1.0,\"\",[],{}]");
    for (size_t i = 0; i < 8; i++)
        CHECK_INT(ix_json_kind(ix_json_item(all, i)), kinds[i]);
}

TEST("pointers are those of RFC 6901")
{
    const ix_json *doc = json_of(
        cx,
        "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"m~n\":8,\"~1\":9,\"/\":{\"\":{\"~/\":5}}}");
    CHECK(ix_json_at(doc, "") == doc);
    CHECK_TEXT(ix_json_string(ix_json_at(doc, "/foo/1")), "baz");
    CHECK_INT(ix_json_int(ix_json_at(doc, "/"), -1), 0);
    CHECK_INT(ix_json_int(ix_json_at(doc, "/a~1b"), -1), 1);
    CHECK_INT(ix_json_int(ix_json_at(doc, "/m~0n"), -1), 8);
    CHECK_INT(ix_json_int(ix_json_at(doc, "/~01"), -1), 9);
    CHECK_INT(ix_json_int(ix_json_at(doc, "/~1//~0~1"), -1), 5);
    static const char *const absent[] = {
        "foo",     "/foo/2",   "/foo/-",  "/foo/01",
        "/foo/00", "/foo/",    "/foo/-0", "/foo/+1",
        "/foo/1x", "/foo/0/x", "/m~2n",   "/m~n",
        "/m~",     "/none/x",  "/a/b",    "/foo/99999999999999999999",
        "/foo/1/", "/ "};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        CHECK(!ix_json_at(doc, absent[i]));
    CHECK(!ix_json_at(NULL, "/a"));
}

TEST("members come in their order")
{
    const ix_json *doc = json_of(cx, JSON({"z" : 1, "a" : 2, "m" : 3}));
    char names[8] = "";
    int64_t sum = 0;
    for (ix_member m = ix_members(doc); m.name; m = ix_members_next(m)) {
        strncat(names, m.name, 1);
        sum = sum * 10 + ix_json_int(m.value, 0);
    }
    CHECK_TEXT(names, "zam");
    CHECK_INT(sum, 123);
}

/* ---- building ---- */

TEST("documents are built, changed and copied")
{
    ix_json *doc = ix_json_new_object(cx);
    ix_json *list = ix_json_new_array(cx);
    CHECK_OK(cx, ix_json_set(cx, doc, "list", list));
    CHECK_OK(cx, ix_json_append(cx, list, ix_json_new_int(cx, 2)));
    CHECK_OK(cx, ix_json_insert(cx, list, 0, ix_json_new_real(cx, 1)));
    CHECK_OK(cx, ix_json_insert(cx, list, 2, ix_json_new_null(cx)));
    CHECK_OK(cx, ix_json_set(cx, doc, "text", ix_json_new_string(cx, "a")));
    CHECK_OK(cx, ix_json_set(cx, doc, "flag", ix_json_new_bool(cx, true)));
    const ix_json *copy = ix_json_copy(cx, doc);
    CHECK_OK(cx, ix_json_put(cx, list, 1, ix_json_new_text(cx, (ix_str){"xyz", 1})));
    CHECK_OK(cx, ix_json_set(cx, doc, "list", ix_json_new_int(cx, 0)));
    CHECK_TEXT(ix_json_text(cx, doc), "{\"list\":0,\"text\":\"a\",\"flag\":true}");
    CHECK_TEXT(ix_json_text(cx, list), "[1.0,\"x\",null]");
    CHECK_TEXT(ix_json_text(cx, copy), "{\"list\":[1.0,2,null],\"text\":\"a\",\"flag\":true}");
    ix_json_remove(doc, "text");
    ix_json_remove(doc, "none");
    ix_json_remove_item(list, 0);
    ix_json_remove_item(list, 9);
    CHECK_TEXT(ix_json_text(cx, doc), "{\"list\":0,\"flag\":true}");
    CHECK_TEXT(ix_json_text(cx, list), "[\"x\",null]");
}

TEST("a value that could not be made is a failure passed on")
{
    ix_json *doc = ix_json_new_object(cx);
    CHECK(!ix_json_set(cx, doc, "a", NULL));
    CHECK(!ix_json_set(cx, NULL, "a", doc));
    CHECK(!ix_json_append(cx, ix_json_new_array(cx), NULL));
    CHECK(!ix_json_copy(cx, NULL));
    CHECK_TEXT(ix_json_text(cx, doc), "{}");
}

TEST("a value outlives the tree it was taken out of")
{
    ix_json *doc = json_of(cx, JSON({"a" : {"b" : "text"}}));
    ix_json *other = ix_json_new_object(cx);
    CHECK_OK(cx, ix_json_set(cx, other, "kept", ix_json_member(doc, "a")));
    ix_json_remove(doc, "a");
    CHECK_TEXT(ix_json_text(cx, other), "{\"kept\":{\"b\":\"text\"}}");
}

TEST("what could not be read again does not get into a tree")
{
    CHECK_FAILS(cx, ix_json_new_string(cx, "\xFF"), IOTS_INVALID);
    CHECK_FAILS(cx, ix_json_new_text(cx, (ix_str){"a\0b", 3}), IOTS_INVALID);
    CHECK_FAILS(cx, ix_json_set(cx, ix_json_new_object(cx), "\xC3", ix_json_new_null(cx)),
                IOTS_INVALID);
}

TEST("what is not an object or an array, or has no such place, is not written into")
{
    ix_json *array = ix_json_new_array(cx), *object = ix_json_new_object(cx);
    ix_json *null = ix_json_new_null(cx);
    CHECK_FAILS(cx, ix_json_set(cx, array, "a", null), IOTS_INTERNAL);
    CHECK_FAILS(cx, ix_json_set(cx, object, "a", object), IOTS_INTERNAL);
    CHECK_FAILS(cx, ix_json_append(cx, object, null), IOTS_INTERNAL);
    CHECK_FAILS(cx, ix_json_append(cx, array, array), IOTS_INTERNAL);
    CHECK_FAILS(cx, ix_json_insert(cx, array, 1, null), IOTS_INTERNAL);
    CHECK_FAILS(cx, ix_json_put(cx, array, 0, null), IOTS_INTERNAL);
    CHECK_TEXT(ix_json_text(cx, array), "[]");
    CHECK_TEXT(ix_json_text(cx, object), "{}");
}

TEST("a number that is not finite has no JSON")
{
    ix_buf buf = {0};
    CHECK_FAILS(cx, ix_json_new_real(cx, NAN), IOTS_INVALID);
    CHECK_FAILS(cx, ix_json_new_real(cx, -INFINITY), IOTS_INVALID);
    ix_json_write_real(&buf, NAN);
    CHECK_TEXT(ix_buf_cstr(&buf), "null");
    ix_buf_done(&buf);
}

TEST("an arena at its ceiling is not a place for values")
{
    ix_ctx small;
    CHECK(ix_ctx_init(&small, 16));
    CHECK_FAILS(&small, ix_json_parse(&small, "[1]", 3), IOTS_NO_MEMORY);
    CHECK_FAILS(&small, ix_json_new_int(&small, 1), IOTS_NO_MEMORY);
    CHECK_FAILS(&small, ix_json_text(&small, json_of(cx, "\"a text of some length\"")),
                IOTS_NO_MEMORY);
    ix_ctx_done(&small);
}

TEST("the weight of a value counts what is in it, and long texts more")
{
    CHECK_INT(ix_json_weight(NULL), 1);
    CHECK_INT(ix_json_weight(json_of(cx, "[1,[2],{\"a\":null}]")), 6);
    char text[6 * IX_STEP_BYTES + 1];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    CHECK_INT(ix_json_weight(ix_json_new_string(cx, text)), 7);
}

TEST("text that takes too long to read is refused")
{
    ix_ctx_limit(cx, 100 / IX_JSON_BYTES_PER_STEP);
    CHECK(ix_json_parse(cx, "[1,2,3,4,5,6,7]", 15) != NULL);
    char text[101];
    memset(text, ' ', sizeof text);
    text[0] = '0';
    CHECK_FAILS(cx, ix_json_parse(cx, text, sizeof text), IOTS_TOO_LARGE);
    CHECK_FAILS(cx, ix_json_parse(cx, "[1,2,3,4,5,6,7]", 15), IOTS_TOO_LARGE);
}

TEST("what stands inside of something more may be a little deeper")
{
    enum { DEEPEST = IX_JSON_DEPTH + IX_JSON_WRAPPING };
    char text[2 * DEEPEST + 2];
    memset(text, '[', DEEPEST);
    memset(text + DEEPEST, ']', DEEPEST);
    CHECK_OK(cx, ix_json_parse_wrapped(cx, text, (size_t)2 * DEEPEST) != NULL);
    CHECK_FAILS(cx, ix_json_parse(cx, text, (size_t)2 * DEEPEST), IOTS_INVALID);
    memset(text, '[', DEEPEST + 1);
    memset(text + DEEPEST + 1, ']', DEEPEST + 1);
    CHECK_FAILS(cx, ix_json_parse_wrapped(cx, text, (size_t)2 * DEEPEST + 2), IOTS_INVALID);
}
