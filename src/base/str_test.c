/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <math.h>

#include "base/test.h"

/* The number in `text`, or NAN. */
static double number_in(const char *text)
{
    double value;
    return ix_str_number(ix_str_of(text), &value) ? value : NAN;
}

/* The integer in `text`, or -42. */
static int64_t int_in(const char *text)
{
    int64_t value;
    return ix_str_int(ix_str_of(text), &value) ? value : -42;
}

static bool is_utf8(const char *text)
{
    return ix_str_is_utf8(ix_str_of(text));
}

static const char *decoded(ix_ctx *cx, const char *text, bool plus_is_blank)
{
    char *copy = ix_strdup(cx, text);
    const ptrdiff_t len = ix_percent_decode(ix_str_of(copy), plus_is_blank, copy);
    if (len < 0)
        return "bad";
    copy[len] = '\0';
    return copy;
}

TEST("texts are equal if their bytes are")
{
    CHECK(ix_str_equal(IX_STR("abc"), ix_str_of("abc")));
    CHECK(!ix_str_equal(IX_STR("abc"), IX_STR("abd")));
    CHECK(!ix_str_equal(IX_STR("abc"), IX_STR("ab")));
    CHECK(ix_str_equal(IX_STR(""), (ix_str){NULL, 0}));
    CHECK(ix_str_is(IX_STR("abc"), "abc"));
    CHECK(!ix_str_is(IX_STR("abc"), "ABC"));
}

TEST("letter case may be overlooked, of ASCII letters only")
{
    CHECK(ix_str_is_nocase(IX_STR("Content-TYPE"), "content-type"));
    CHECK(!ix_str_is_nocase(IX_STR("content-typ"), "content-type"));
    CHECK(!ix_str_is_nocase(IX_STR("content-type2"), "content-type"));
    CHECK(!ix_str_is_nocase(IX_STR("@"), "`"));
    CHECK(!ix_str_is_nocase((ix_str){"a\0b", 3}, "a"));
}

TEST("a text starts with any of its beginnings")
{
    CHECK(ix_str_starts(IX_STR("property:temp"), "property:"));
    CHECK(ix_str_starts(IX_STR("property:"), "property:"));
    CHECK(!ix_str_starts(IX_STR("prop"), "property:"));
    CHECK(ix_str_starts((ix_str){NULL, 0}, ""));
}

TEST("cutting at a mark gives what is before it and what is after it")
{
    ix_str head;
    ix_str rest = ix_str_cut(IX_STR("a,b,"), ',', &head);
    CHECK(ix_str_is(head, "a") && ix_str_is(rest, "b,"));
    rest = ix_str_cut(rest, ',', &head);
    CHECK(ix_str_is(head, "b") && rest.len == 0 && rest.at);
    rest = ix_str_cut(rest, ',', &head);
    CHECK(head.len == 0 && !rest.at);
    rest = ix_str_cut((ix_str){NULL, 0}, ',', &head);
    CHECK(head.len == 0 && !rest.at);
}

TEST("trimming takes blanks and tabs off both ends")
{
    CHECK(ix_str_is(ix_str_trim(IX_STR(" \t a b\t ")), "a b"));
    CHECK(ix_str_is(ix_str_trim(IX_STR(" \t")), ""));
    CHECK(ix_str_is(ix_str_trim(IX_STR("\na")), "\na"));
}

TEST("integers are read up to the ends of int64, and no further")
{
    CHECK(int_in("9223372036854775807") == INT64_MAX);
    CHECK(int_in("-9223372036854775808") == INT64_MIN);
    CHECK(int_in("9223372036854775808") == -42);
    CHECK(int_in("-9223372036854775809") == -42);
    CHECK(int_in("99999999999999999999") == -42);
    CHECK(int_in("-0") == 0);
    CHECK(int_in("007") == 7);
}

TEST("what is not wholly an integer is none")
{
    static const char *const others[] = {"", "-", "+1", "1.0", "1 ", " 1", "1e3", "0x1", "--1"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(int_in(others[i]) == -42);
}

TEST("numbers are finite, and all of the text")
{
    CHECK(number_in("-17.5e1") == -175.0);
    CHECK(isnan(number_in("1e999")));
    CHECK(isnan(number_in("1e-999")));
    CHECK(isnan(number_in("17.5 ")));
    CHECK(isnan(number_in("")));
}

TEST("UTF-8 is distinguished from what is not")
{
    CHECK(is_utf8(""));
    CHECK(is_utf8("plain text of more than eight letters"));
    CHECK(is_utf8("K\xC3\xB6ln, \xE2\x82\xAC, \xF0\x9F\x94\xA5, \xEF\xBF\xBF, \xF4\x8F\xBF\xBF"));
    CHECK(!is_utf8("\x80"));
    CHECK(!is_utf8("\xC0\x80"));
    CHECK(!is_utf8("\xC1\xBF"));
    CHECK(!is_utf8("\xE0\x9F\xBF"));
    CHECK(!is_utf8("\xED\xA0\x80"));
    CHECK(!is_utf8("\xF0\x8F\xBF\xBF"));
    CHECK(!is_utf8("\xF4\x90\x80\x80"));
    CHECK(!is_utf8("\xF5\x80\x80\x80"));
    CHECK(!is_utf8("\xE2\x82"));
    CHECK(!is_utf8("eight letters and then\xE2\x28\xA1"));
}

TEST("percent signs are decoded in place")
{
    CHECK_TEXT(decoded(cx, "a%20b%2Fc%c3%B6", false), "a b/c\xC3\xB6");
    CHECK_TEXT(decoded(cx, "a+b", false), "a+b");
    CHECK_TEXT(decoded(cx, "a+b%2B", true), "a b+");
    CHECK_TEXT(decoded(cx, "%", false), "bad");
    CHECK_TEXT(decoded(cx, "%4", false), "bad");
    CHECK_TEXT(decoded(cx, "%4g", false), "bad");
    CHECK_TEXT(decoded(cx, "", false), "");
}
