/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers by the C library, made safe for JSON: its grammar is checked first, since strtod takes
 * more than JSON does, and the locale's decimal point never gets in the way.
 */
#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* RFC 8259 section 6. *has_value: some digit before the exponent is not zero. */
static bool is_number(ix_str text, bool *has_value)
{
    const char *at = text.at, *const end = text.at + text.len;
    if (at < end && *at == '-')
        at++;
    const char *const whole = at;
    at = skip_digits(at, end);
    if (at == whole || (*whole == '0' && at - whole > 1))
        return false;
    if (at < end && *at == '.') {
        const char *const fraction = ++at;
        at = skip_digits(at, end);
        if (at == fraction)
            return false;
    }
    *has_value = false;
    for (const char *c = whole; c < at; c++)
        *has_value = *has_value || (*c >= '1' && *c <= '9');
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        const char *const exponent = at;
        at = skip_digits(at, end);
        if (at == exponent)
            return false;
    }
    return at == end;
}

/* The decimal point of the program's locale: a program that uses the library may have set one. */
static char locale_point(void)
{
    return localeconv()->decimal_point[0];
}

static void replace(char *text, char from, char to)
{
    char *const at = from == to ? NULL : strchr(text, from);
    if (at)
        *at = to;
}

ix_number_result ix_number_parse(ix_str text, double *ret)
{
    bool has_value;
    if (text.len == 0 || !is_number(text, &has_value))
        return IX_NUMBER_BAD;
    char small[64];
    char *const copy = text.len < sizeof small ? small : malloc(text.len + 1);
    if (!copy)
        return IX_NUMBER_BAD;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    replace(copy, '.', locale_point());
    const double value = strtod(copy, NULL);
    if (copy != small)
        free(copy);
    if (isinf(value))
        return IX_NUMBER_TOO_LARGE;
    if (value == 0 && has_value)
        return IX_NUMBER_TOO_SMALL;
    *ret = value;
    return IX_NUMBER_READ;
}

int ix_number_write(double value, char out[IX_NUMBER_TEXT])
{
    /* 15 digits are always true, 17 always enough (IEEE 754 binary64); subnormals have fewer. */
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(out, IX_NUMBER_TEXT, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    replace(out, locale_point(), '.');
    const size_t len = strlen(out);
    if (strpbrk(out, ".e"))
        return (int)len;
    memcpy(out + len, ".0", sizeof ".0");
    return (int)len + 2;
}
