/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/test.h"

/* The number in `text`, or NAN. */
static double number_in(const char *text)
{
    double value;
    return ix_number_parse(ix_str_of(text), &value) == IX_NUMBER_READ ? value : NAN;
}

/* `start`, then zeros up to `nzeros` characters, then `end`. */
static const char *long_text(ix_ctx *cx, const char *start, int nzeros, const char *end)
{
    return ix_format(cx, "%s%0*d%s", start, nzeros - (int)strlen(start), 0, end);
}

static const char *text_of(ix_ctx *cx, double value)
{
    char *text = ix_alloc(cx, IX_NUMBER_TEXT);
    const int len = ix_number_write(value, text);
    CHECK_INT(len, strlen(text));
    return text;
}

TEST("numbers are read as JSON writes them")
{
    CHECK(number_in("0") == 0.0);
    CHECK(signbit(number_in("-0.0")));
    CHECK(number_in("17.5") == 17.5);
    CHECK(number_in("-1.5e2") == -150.0);
    CHECK(number_in("1E+22") == 1e22);
    CHECK(number_in("0.1") == 0.1);
    CHECK(number_in("123456789012345678") == 123456789012345678.0);
    CHECK(number_in("9007199254740993") == 9007199254740992.0);
    CHECK(number_in("9007199254740993.00000000000000000000000000001") == 9007199254740994.0);
    CHECK(number_in("1.7976931348623157e308") == DBL_MAX);
    CHECK(number_in("5e-324") == 5e-324);
    CHECK(number_in("2.2250738585072011e-308") == 0x0.fffffffffffffp-1022);
    CHECK(number_in("0e999999999999999999999") == 0.0);
}

TEST("a number may be written with thousands of digits")
{
    CHECK(number_in(long_text(cx, "1.", 4000, "1e0")) == 1.0);
    CHECK(number_in(long_text(cx, "0.", 4000, "25e4000")) == 25.0);
    CHECK(number_in(long_text(cx, "1", 300, "e-299")) == 1.0);
    CHECK(number_in(long_text(cx, "1", 4000, "e-3999")) == 1.0);

    /* Half way between two doubles, but for the last of a thousand digits. */
    CHECK(number_in(long_text(cx, "9007199254740993.", 1000, "1")) == 9007199254740994.0);
    CHECK(number_in(long_text(cx, "9007199254740993.", 1000, "0")) == 9007199254740992.0);
}

TEST("numbers that are too large or too small are refused, and distinguished")
{
    // clang-format off
    static const struct { const char *text; ix_number_result result; } rows[] = {
        {"1.8e308",                 IX_NUMBER_TOO_LARGE},
        {"-1e400",                  IX_NUMBER_TOO_LARGE},
        {"1e99999999999999999999",  IX_NUMBER_TOO_LARGE},
        {"2e-324",                  IX_NUMBER_TOO_SMALL},
        {"-2e-324",                 IX_NUMBER_TOO_SMALL},
        {"1e-99999999999999999999", IX_NUMBER_TOO_SMALL},
        {"1e",                      IX_NUMBER_BAD},
        {"3e-324",                  IX_NUMBER_READ},
    };
    // clang-format on
    double value;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_INT(ix_number_parse(ix_str_of(rows[i].text), &value), rows[i].result);
}

TEST("what is not wholly a number is none")
{
    static const char *const others[] = {"",    "-",   "+1",  ".5",  "1.",   "1.e1", "1e",
                                         "1e+", "01",  "1,5", "0x1", "inf",  "nan",  "1 ",
                                         " 1",  "-01", "1f",  "--1", "1e5.", "1.2.3"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(isnan(number_in(others[i])));
    double value;
    CHECK_INT(ix_number_parse((ix_str){NULL, 0}, &value), IX_NUMBER_BAD);
}

TEST("doubles are written in the shortest form that reads back")
{
    // clang-format off
    static const struct { double value; const char *text; } rows[] = {
        {0.0, "0.0"},              {1.0, "1.0"},                {-1.5, "-1.5"},
        {0.1, "0.1"},              {21.53, "21.53"},            {100.0, "100.0"},
        {0.1 + 0.2, "0.30000000000000004"},                     {1.0 / 3, "0.3333333333333333"},
        {123456.789, "123456.789"},{1e15, "1e+15"},
        {9007199254740993.0, "9007199254740992.0"},             {1e16, "1e+16"},
        {1e22, "1e+22"},           {1.5e300, "1.5e+300"},       {0.000001, "1e-06"},
        {1e-7, "1e-07"},            {1.25e-10, "1.25e-10"},      {5e-324, "5e-324"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {0x1p-1074 * 3, "1.5e-323"},
        {299792458.0, "299792458.0"},        {1e15 + 0.5, "1000000000000000.5"},
        {4.35, "4.35"},            {1e14 + 0.1, "100000000000000.1"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_TEXT(text_of(cx, rows[i].value), rows[i].text);
}

TEST("any double reads back as itself, and as a double")
{
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        double value;
        bits ^= bits << 13; /* xorshift: always the same numbers */
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&value, &bits, sizeof value);
        if (i % 2)
            value = (double)(int32_t)(uint32_t)bits / (i % 3 ? 1000 : 4096);
        if (!isfinite(value))
            continue;
        const char *text = text_of(cx, value);
        double back;
        CHECK(ix_number_parse(ix_str_of(text), &back) == IX_NUMBER_READ);
        CHECK(back == value && signbit(back) == signbit(value));
        CHECK(strpbrk(text, ".e") != NULL);
        CHECK(strtod(text, NULL) == value);
        if (i % 100 == 0)
            ix_arena_reset(cx->arena);
    }
}

TEST("a locale with commas changes nothing")
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    bool has_comma = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && !has_comma; i++)
        has_comma = setlocale(LC_ALL, names[i]) && localeconv()->decimal_point[0] == ',';
    if (!has_comma)
        SKIP("no locale with commas is installed");
    const char *usual = text_of(cx, 0.30000000000000004);
    const char *large = text_of(cx, 1.2345678901234567e+300);
    const double read = number_in("1.2345678901234567e-10");
    setlocale(LC_ALL, "C");
    CHECK_TEXT(usual, "0.30000000000000004");
    CHECK_TEXT(large, "1.2345678901234567e+300");
    CHECK(read == 1.2345678901234567e-10);
}
