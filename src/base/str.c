/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include "base/number.h"

bool ix_str_equal(ix_str a, ix_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool ix_str_is(ix_str a, const char *text)
{
    return ix_str_equal(a, ix_str_of(text));
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    return c;
}

bool ix_str_is_nocase(ix_str a, const char *text)
{
    for (size_t i = 0; i < a.len; i++)
        if (text[i] == '\0' || lower(a.at[i]) != lower(text[i]))
            return false;
    return text[a.len] == '\0';
}

bool ix_str_starts(ix_str a, const char *prefix)
{
    const size_t len = strlen(prefix);
    return a.len >= len && (len == 0 || memcmp(a.at, prefix, len) == 0);
}

ix_str ix_str_cut(ix_str text, char mark, ix_str *head)
{
    const char *found = text.len ? memchr(text.at, mark, text.len) : NULL;
    if (!found) {
        *head = text;
        return (ix_str){NULL, 0};
    }
    const size_t before = (size_t)(found - text.at);
    *head = (ix_str){text.at, before};
    return (ix_str){found + 1, text.len - before - 1};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

ix_str ix_str_trim(ix_str text)
{
    while (text.len > 0 && is_blank(text.at[0])) {
        text.at++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ix_str_int(ix_str text, int64_t *ret)
{
    const bool negative = text.len > 0 && text.at[0] == '-';
    const uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    size_t i = negative ? 1 : 0;
    if (i == text.len)
        return false;
    uint64_t value = 0;
    for (; i < text.len; i++) {
        if (!is_digit(text.at[i]))
            return false;
        const uint64_t digit = (uint64_t)(text.at[i] - '0');
        if (value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (!negative)
        *ret = (int64_t)value;
    else
        *ret = value == 0 ? 0 : -(int64_t)(value - 1) - 1;
    return true;
}

bool ix_str_number(ix_str text, double *ret)
{
    return ix_number_parse(text, ret) == IX_NUMBER_READ;
}

/* Bytes of the character at `at`, of which `left` bytes are there; 0 if it is none. Table 3-7 of
 * the Unicode standard. */
static size_t utf8_character(const unsigned char *at, size_t left)
{
    const unsigned char lead = at[0];
    if (lead < 0x80)
        return 1;
    const size_t len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || left < len)
        return 0;
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

bool ix_str_is_utf8(ix_str text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t left = text.len;
    while (left > 0) {
        uint64_t eight;
        if (left >= sizeof eight) { /* mostly ASCII: eight at once */
            memcpy(&eight, at, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof eight;
                left -= sizeof eight;
                continue;
            }
        }
        const size_t len = utf8_character(at, left);
        if (len == 0)
            return false;
        at += len;
        left -= len;
    }
    return true;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

ptrdiff_t ix_percent_decode(ix_str text, bool plus_is_blank, char *out)
{
    char *to = out;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '+' && plus_is_blank) {
            c = ' ';
        } else if (c == '%') {
            if (text.len - i < 3)
                return -1;
            const int high = hex_digit(text.at[i + 1]);
            const int low = hex_digit(text.at[i + 2]);
            if (high < 0 || low < 0)
                return -1;
            c = (char)(high * 16 + low);
            i += 2;
        }
        *to++ = c;
    }
    return to - out;
}
