/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library reads and writes doubles rightly, but with the decimal point of the locale, and
 * slowly. So the usual numbers are done here in exact integer arithmetic, and for the others the
 * library gets digits and an exponent, without a point to stumble over.
 */
#include "base/number.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char *put_bytes(char *out, const char *bytes, int n)
{
    memcpy(out, bytes, (size_t)n);
    return out + n;
}

/* e+22, e-7; of at most four digits. */
static char *put_exponent(char *out, int exponent)
{
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    const int size = abs(exponent);
    for (int unit = size >= 1000 ? 1000 : size >= 100 ? 100 : size >= 10 ? 10 : 1; unit; unit /= 10)
        *out++ = (char)('0' + size / unit % 10);
    return out;
}

/* ---- text in ---- */

enum {
    DIGITS_MOST = 800,      /* what follows cannot matter, but for being zero or not */
    EXPONENT_MOST = 1 << 28 /* where exponents stop being told apart */
};

typedef struct number {
    bool negative;
    int64_t exponent; /* the value is DIGITS * 10^exponent */
    size_t ndigits;   /* without leading zeros; 0 for zero */
    bool more;        /* other than zeros were left out */
    char digits[DIGITS_MOST];
} number;

/* Takes the digits at `at`; returns what follows them. Counts in the exponent what is behind the
 * point, and what did not fit in front of it. */
static const char *take_digits(number *n, const char *at, const char *end, bool behind_point)
{
    for (; at < end && is_digit(*at); at++) {
        if (n->ndigits == 0 && *at == '0') {
            n->exponent -= behind_point;
        } else if (n->ndigits < DIGITS_MOST) {
            n->digits[n->ndigits++] = *at;
            n->exponent -= behind_point;
        } else {
            n->more = n->more || *at != '0';
            n->exponent += !behind_point;
        }
    }
    return at;
}

/* [eE][+-]?[0-9]+ up to the end. */
static bool take_exponent(number *n, const char *at, const char *end)
{
    at++;
    const bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    int64_t exponent = 0;
    for (; at < end; at++) {
        if (!is_digit(*at))
            return false;
        if (exponent < EXPONENT_MOST)
            exponent = exponent * 10 + (*at - '0');
    }
    n->exponent += negative ? -exponent : exponent;
    return true;
}

/* The grammar of RFC 8259 section 6. */
static bool number_parse(ix_str text, number *n)
{
    const char *at = text.at;
    const char *const end = text.len ? text.at + text.len : text.at;
    n->negative = at < end && *at == '-';
    n->exponent = 0;
    n->ndigits = 0;
    n->more = false;
    if (n->negative)
        at++;
    if (at == end || !is_digit(*at) || (*at == '0' && at + 1 < end && is_digit(at[1])))
        return false;
    at = take_digits(n, at, end, false);
    if (at < end && *at == '.') {
        at++;
        if (at == end || !is_digit(*at))
            return false;
        at = take_digits(n, at, end, true);
    }
    if (at < end && (*at == 'e' || *at == 'E'))
        return take_exponent(n, at, end);
    return at == end;
}

/* Up to 15 digits and a power of ten up to 22 are exact doubles, so that one multiplication or
 * division rounds once, and rightly (Clinger 1990). */
static bool number_value_short(const number *n, double *ret)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (FLT_EVAL_METHOD != 0 || n->ndigits > 15 || n->exponent < -22 || n->exponent > 22)
        return false;
    uint64_t whole = 0;
    for (size_t i = 0; i < n->ndigits; i++)
        whole = whole * 10 + (uint64_t)(n->digits[i] - '0');
    *ret =
        n->exponent < 0 ? (double)whole / power[-n->exponent] : (double)whole * power[n->exponent];
    return true;
}

static ix_number_result number_value(const number *n, double *ret)
{
    *ret = 0;
    if (n->ndigits == 0 || number_value_short(n, ret))
        return IX_NUMBER_READ;
    const int64_t magnitude = n->exponent + (int64_t)n->ndigits;
    if (magnitude > 400)
        return IX_NUMBER_TOO_LARGE;
    if (magnitude < -400)
        return IX_NUMBER_TOO_SMALL;
    char text[DIGITS_MOST + 32];
    char *out = put_bytes(text, n->digits, (int)n->ndigits);
    if (n->more)
        *out++ = '1';
    *put_exponent(out, (int)n->exponent - n->more) = '\0';
    *ret = strtod(text, NULL);
    if (!isfinite(*ret))
        return IX_NUMBER_TOO_LARGE;
    return *ret > 0 ? IX_NUMBER_READ : IX_NUMBER_TOO_SMALL;
}

ix_number_result ix_number_parse(ix_str text, double *ret)
{
    number n;
    if (!number_parse(text, &n))
        return IX_NUMBER_BAD;
    double value;
    const ix_number_result result = number_value(&n, &value);
    if (result == IX_NUMBER_READ)
        *ret = n.negative ? -value : value;
    return result;
}

/* ---- text out ---- */

/* A positive number as 0.DIGITS * 10^point. */
typedef struct decimal {
    char digits[24]; /* no zeros at either end; not terminated */
    int ndigits;
    int point;
} decimal;

static void drop_zeros(decimal *d)
{
    while (d->ndigits > 1 && d->digits[d->ndigits - 1] == '0')
        d->ndigits--;
}

/* whole * 10^exponent. */
static void decimal_set(decimal *d, uint64_t whole, int exponent)
{
    char reversed[24];
    int n = 0;
    for (; whole > 0; whole /= 10)
        reversed[n++] = (char)('0' + whole % 10);
    d->point = n + exponent;
    d->ndigits = n;
    for (int i = 0; i < n; i++)
        d->digits[i] = reversed[n - 1 - i];
    drop_zeros(d);
}

#define HALF (UINT64_C(1) << 63) /* as the fraction of a `fixed` */

static const uint64_t power_of_five[] = {
    UINT64_C(1),
    UINT64_C(5),
    UINT64_C(25),
    UINT64_C(125),
    UINT64_C(625),
    UINT64_C(3125),
    UINT64_C(15625),
    UINT64_C(78125),
    UINT64_C(390625),
    UINT64_C(1953125),
    UINT64_C(9765625),
    UINT64_C(48828125),
    UINT64_C(244140625),
    UINT64_C(1220703125),
    UINT64_C(6103515625),
    UINT64_C(30517578125),
    UINT64_C(152587890625),
    UINT64_C(762939453125),
    UINT64_C(3814697265625),
    UINT64_C(19073486328125),
    UINT64_C(95367431640625),
    UINT64_C(476837158203125),
    UINT64_C(2384185791015625),
    UINT64_C(11920928955078125),
    UINT64_C(59604644775390625),
    UINT64_C(298023223876953125),
    UINT64_C(1490116119384765625),
    UINT64_C(7450580596923828125),
};

/* A product of 128 bits, seen as whole part and fraction. */
typedef struct fixed {
    uint64_t whole;
    uint64_t fraction; /* of 2^64 */
} fixed;

/* a * b / 2^shift, for a shift between 1 and 64 and a result below 2^64. What falls off the end of
 * the fraction leaves a one there, so that "more than" stays so. */
static fixed multiply(uint64_t a, uint64_t b, int shift)
{
    const uint64_t half = UINT64_C(0xFFFFFFFF);
    const uint64_t low = (a & half) * (b & half);
    const uint64_t mid1 = (a >> 32) * (b & half) + (low >> 32);
    const uint64_t mid2 = (a & half) * (b >> 32) + (mid1 & half);
    const uint64_t high64 = (a >> 32) * (b >> 32) + (mid1 >> 32) + (mid2 >> 32);
    const uint64_t low64 = mid2 << 32 | (low & half);
    if (shift == 64)
        return (fixed){high64, low64};
    return (fixed){high64 << (64 - shift) | low64 >> shift, low64 << (64 - shift)};
}

/* Whole numbers, all of which will do, and the one right below the number meant. */
typedef struct range {
    uint64_t low, high; /* both included */
    uint64_t best;
    enum { NOTHING, BELOW, AT_HALF, ABOVE } rest; /* by what `best` is too small, in halves */
} range;

/* Divides by `unit`, unless nothing would remain. */
static inline bool range_divide(range *r, uint64_t unit)
{
    const uint64_t low = (r->low + unit - 1) / unit;
    const uint64_t high = r->high / unit;
    if (low > high)
        return false;
    const uint64_t cut = r->best % unit;
    if (cut == unit / 2)
        r->rest = r->rest == NOTHING ? AT_HALF : ABOVE;
    else if (cut > unit / 2)
        r->rest = ABOVE;
    else if (cut > 0 || r->rest != NOTHING)
        r->rest = BELOW;
    r->low = low;
    r->high = high;
    r->best /= unit;
    return true;
}

/* The one in the range that is nearest; of two as near, the even one. */
static uint64_t range_nearest(const range *r)
{
    uint64_t best = r->best;
    if (r->rest == ABOVE || (r->rest == AT_HALF && best % 2 == 1))
        best++;
    if (best < r->low)
        return r->low;
    return best > r->high ? r->high : best;
}

/*
 * The shortest digits for a number between 10^-10 and 10^15, exactly. With value = m * 2^e, all
 * that reads back as `value` lies within half of 2^e of it. Scaled by 10^k so that the value has 17
 * or 18 digits in front of the point, that is at least one whole number; dividing by ten as long as
 * one remains leaves the shortest. False where this does not work.
 */
static bool decimal_of_usual(double value, decimal *d)
{
    if (value < 1e-10 || value >= 1e15)
        return false;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t hidden_bit = UINT64_C(1) << 52;
    const uint64_t m = (bits & (hidden_bit - 1)) | hidden_bit;
    const int e = (int)(bits >> 52) - 1075;
    if (m == hidden_bit) /* a power of two: the neighbour below is nearer than the one above */
        return false;
    const int k = 16 - (((e + 52) * 1233) >> 12); /* 1233 / 4096 is about log10(2) */
    const int shift = 1 - e - k;                  /* 10^k is 5^k * 2^k */
    const uint64_t fives = power_of_five[k];
    const fixed least = multiply(2 * m - 1, fives, shift);
    const fixed exact = multiply(2 * m, fives, shift);
    const fixed most = multiply(2 * m + 1, fives, shift);

    const bool with_ends = m % 2 == 0; /* half way, reading goes to the even one */
    range r = {
        .low = least.whole + (least.fraction > 0 || !with_ends),
        .high = most.whole - (most.fraction == 0 && !with_ends),
        .best = exact.whole,
        .rest = exact.fraction > HALF    ? ABOVE
                : exact.fraction == HALF ? AT_HALF
                : exact.fraction > 0     ? BELOW
                                         : NOTHING,
    };
    int zeros = 0;
    if (range_divide(&r, 100000000)) /* often, as most numbers are short */
        zeros += 8;
    while (range_divide(&r, 10))
        zeros++;
    decimal_set(d, range_nearest(&r), zeros - k);
    return true;
}

/* Digits and exponent out of what %e made; the only other thing in it is a point, of any shape. */
static void decimal_read(decimal *d, const char *text)
{
    d->ndigits = 0;
    for (; *text != 'e'; text++)
        if (is_digit(*text))
            d->digits[d->ndigits++] = *text;
    d->point = (int)strtol(text + 1, NULL, 10) + 1;
}

static double decimal_value(const decimal *d)
{
    char text[48];
    *put_exponent(put_bytes(text, d->digits, d->ndigits), d->point - d->ndigits) = '\0';
    return strtod(text, NULL);
}

/* The next decimal of as many digits. */
static void decimal_step(decimal *d)
{
    while (d->ndigits > 0 && d->digits[d->ndigits - 1] == '9')
        d->ndigits--;
    if (d->ndigits > 0) {
        d->digits[d->ndigits - 1]++;
        return;
    }
    d->digits[d->ndigits++] = '1';
    d->point++;
}

/*
 * By trying. Any number of 15 digits survives a double, so fewer need not be tried, but for the
 * subnormal numbers. The step up is for powers of two: below them doubles lie closer than above,
 * and the nearest decimal may be below and miss.
 */
static void decimal_of_any(double value, decimal *d)
{
    int exponent;
    const bool is_power_of_two = frexp(value, &exponent) == 0.5;
    for (int digits = value < DBL_MIN ? 1 : DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        char text[64];
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        decimal_read(d, text);
        if (decimal_value(d) == value)
            break;
        if (is_power_of_two) {
            decimal_step(d);
            if (decimal_value(d) == value)
                break;
        }
    }
    drop_zeros(d);
}

static void decimal_of(double value, decimal *d)
{
    if (value < 0x1p53 && value == (double)(uint64_t)value)
        decimal_set(d, (uint64_t)value, 0);
    else if (!decimal_of_usual(value, d))
        decimal_of_any(value, d);
}

static char *put_zeros(char *out, int n)
{
    memset(out, '0', (size_t)n);
    return out + n;
}

static char *write_fixed(char *out, const decimal *d)
{
    if (d->point <= 0) {
        out = put_bytes(out, "0.", 2);
        out = put_zeros(out, -d->point);
        return put_bytes(out, d->digits, d->ndigits);
    }
    if (d->ndigits <= d->point) {
        out = put_bytes(out, d->digits, d->ndigits);
        out = put_zeros(out, d->point - d->ndigits);
        return put_bytes(out, ".0", 2);
    }
    out = put_bytes(out, d->digits, d->point);
    *out++ = '.';
    return put_bytes(out, d->digits + d->point, d->ndigits - d->point);
}

static char *write_scientific(char *out, const decimal *d)
{
    *out++ = d->digits[0];
    if (d->ndigits > 1) {
        *out++ = '.';
        out = put_bytes(out, d->digits + 1, d->ndigits - 1);
    }
    return put_exponent(out, d->point - 1);
}

int ix_number_write(double value, char out[IX_NUMBER_TEXT])
{
    assert(isfinite(value));
    char *at = out;
    if (signbit(value)) {
        *at++ = '-';
        value = -value;
    }
    decimal d = {.ndigits = 0};
    if (value == 0) {
        at = put_bytes(at, "0.0", 3);
    } else {
        decimal_of(value, &d);
        at = d.point > -6 && d.point <= 16 ? write_fixed(at, &d) : write_scientific(at, &d);
    }
    *at = '\0';
    return (int)(at - out);
}
