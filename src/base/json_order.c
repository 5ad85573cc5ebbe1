/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of JSON values, and with it what is equal. Total and exact: an integer and a double are
 * compared as the numbers they are, not as doubles.
 */
#include <string.h>

#include "base/json.h"

static int order(bool less, bool more)
{
    return (int)more - (int)less;
}

static int compare_int_real(int64_t a, double b)
{
    if (b >= 0x1p63)
        return -1;
    if (b < -0x1p63)
        return 1;
    const int64_t whole = (int64_t)b; /* cut towards zero, exactly */
    if (a != whole)
        return order(a<whole, a> whole);
    return order((double)whole<b, (double)whole> b);
}

static int compare_numbers(const ix_json *a, const ix_json *b)
{
    const bool a_is_int = ix_json_kind(a) == IX_INT;
    const bool b_is_int = ix_json_kind(b) == IX_INT;
    if (a_is_int && b_is_int)
        return order(ix_json_int(a, 0) < ix_json_int(b, 0), ix_json_int(a, 0) > ix_json_int(b, 0));
    if (a_is_int)
        return compare_int_real(ix_json_int(a, 0), ix_json_number(b, 0));
    if (b_is_int)
        return -compare_int_real(ix_json_int(b, 0), ix_json_number(a, 0));
    return order(ix_json_number(a, 0) < ix_json_number(b, 0),
                 ix_json_number(a, 0) > ix_json_number(b, 0));
}

/* By byte, which for UTF-8 is by code point. */
static int compare_texts(ix_str a, ix_str b)
{
    const size_t both = a.len < b.len ? a.len : b.len;
    const int first = both ? memcmp(a.at, b.at, both) : 0;
    return first ? order(first<0, first> 0) : order(a.len<b.len, a.len> b.len);
}

static int compare_arrays(const ix_json *a, const ix_json *b)
{
    const size_t na = ix_json_count(a);
    const size_t nb = ix_json_count(b);
    for (size_t i = 0; i < na && i < nb; i++) {
        const int item = ix_json_compare(ix_json_item(a, i), ix_json_item(b, i));
        if (item)
            return item;
    }
    return order(na<nb, na> nb);
}

static bool has_name_after(const ix_json *object, const char *name)
{
    for (ix_member m = ix_members(object); m.name; m = ix_members_next(m))
        if (strcmp(m.name, name) > 0)
            return true;
    return false;
}

/*
 * As if both were lists of members sorted by name, without sorting them: all before the first
 * difference is equal, so that alone decides. Where only one has that name, the other list goes on
 * with a later name, and is larger, or ends, and is smaller. No value is compared twice, or the
 * work would double with each level.
 */
static int compare_objects(const ix_json *a, const ix_json *b)
{
    const char *first = NULL; /* the smallest name that makes a difference so far */
    int result = 0;           /* of comparing what both have under it; 0: one of them has nothing */
    for (ix_member m = ix_members(a); m.name; m = ix_members_next(m)) {
        if (first && strcmp(m.name, first) > 0)
            continue;
        const ix_json *other = ix_json_member(b, m.name);
        const int here = other ? ix_json_compare(m.value, other) : 0;
        if (other && here == 0)
            continue;
        first = m.name;
        result = here;
    }
    for (ix_member m = ix_members(b); m.name; m = ix_members_next(m)) {
        if ((first && strcmp(m.name, first) >= 0) || ix_json_member(a, m.name))
            continue;
        first = m.name;
        result = 0;
    }
    if (!first || result)
        return result;
    if (ix_json_member(a, first))
        return has_name_after(b, first) ? -1 : 1;
    return has_name_after(a, first) ? 1 : -1;
}

int ix_json_compare(const ix_json *a, const ix_json *b)
{
    if (a == b)
        return 0;
    const ix_kind ka = ix_json_kind(a);
    const ix_kind kb = ix_json_kind(b);
    if (ix_json_is_number(a) && ix_json_is_number(b))
        return compare_numbers(a, b);
    if (ka != kb)
        return order(ka<kb, ka> kb);
    switch (ka) {
    case IX_BOOL:
        return order(!ix_json_bool(a, false) && ix_json_bool(b, false),
                     ix_json_bool(a, false) && !ix_json_bool(b, false));
    case IX_TEXT:
        return compare_texts(ix_json_str(a), ix_json_str(b));
    case IX_ARRAY:
        return compare_arrays(a, b);
    case IX_OBJECT:
        return compare_objects(a, b);
    default:
        return 0;
    }
}

bool ix_json_equal(const ix_json *a, const ix_json *b)
{
    return ix_json_count(a) == ix_json_count(b) && ix_json_compare(a, b) == 0;
}
