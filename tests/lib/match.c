/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "base/ulid.h"

enum { WHERE_MAX = 512 };

/* The JSON Pointer to what is compared just now. */
typedef struct where {
    char text[WHERE_MAX];
    size_t len;
} where;

static void where_add(where *where, const char *step)
{
    int n = snprintf(where->text + where->len, WHERE_MAX - where->len, "/%s", step);
    if (n > 0)
        where->len += (size_t)n;
    if (where->len >= WHERE_MAX)
        where->len = WHERE_MAX - 1;
}

static void where_cut(where *where, size_t len)
{
    where->len = len;
    where->text[len] = '\0';
}

bool match_is_time(const char *text)
{
    int64_t time_us;
    char again[IX_TIME_TEXT];
    if (!ix_time_parse(ix_str_of(text), &time_us))
        return false;
    ix_time_write(time_us, again);
    return strcmp(again, text) == 0;
}

bool match_is_ulid(const char *text)
{
    ix_ulid id;
    return ix_ulid_parse(ix_str_of(text), &id) && strcmp(id.text, text) == 0;
}

static bool is_any(const ix_json *json)
{
    return ix_json_kind(json) != IX_NONE;
}

static bool is_int(const ix_json *json)
{
    return ix_json_kind(json) == IX_INT;
}

static bool is_string(const ix_json *json)
{
    return ix_json_kind(json) == IX_TEXT;
}

static bool is_nonempty(const ix_json *json)
{
    return ix_json_str(json).len > 0;
}

static bool is_ulid(const ix_json *json)
{
    const char *text = ix_json_string(json);
    return text && match_is_ulid(text);
}

static bool is_time(const ix_json *json)
{
    const char *text = ix_json_string(json);
    return text && match_is_time(text);
}

static bool is_absent(const ix_json *json)
{
    return ix_json_kind(json) == IX_NONE;
}

typedef struct matcher {
    const char *name;
    bool (*accepts)(const ix_json *json);
} matcher;

// clang-format off
static const matcher matchers[] = {
    {"<any>",      is_any},
    {"<int>",      is_int},
    {"<string>",   is_string},
    {"<nonempty>", is_nonempty},
    {"<ulid>",     is_ulid},
    {"<time>",     is_time},
    {"<absent>",   is_absent},
};
// clang-format on

static const matcher *matcher_find(const char *text)
{
    for (size_t i = 0; text && i < sizeof(matchers) / sizeof(matchers[0]); i++) {
        if (strcmp(matchers[i].name, text) == 0)
            return &matchers[i];
    }
    return NULL;
}

static bool differ(ix_ctx *cx, const where *where, const ix_json *want, const ix_json *got)
{
    return ix_fail(cx, IOTS_UNEXPECTED, "%s: expected %s, got %s",
                   where->len ? where->text : "the document", ix_json_text(cx, want),
                   got ? ix_json_text(cx, got) : "nothing");
}

static bool match_at(ix_ctx *cx, where *where, const ix_json *want, const ix_json *got);

static bool match_no_others(ix_ctx *cx, const where *where, const ix_json *want, const ix_json *got)
{
    for (ix_member m = ix_members(got); m.name; m = ix_members_next(m)) {
        if (!ix_json_member(want, m.name))
            return ix_fail(cx, IOTS_UNEXPECTED, "%s/%s: is there, and should not be", where->text,
                           m.name);
    }
    return true;
}

static bool match_object(ix_ctx *cx, where *where, const ix_json *want, const ix_json *got)
{
    if (ix_json_kind(got) != IX_OBJECT)
        return differ(cx, where, want, got);
    for (ix_member m = ix_members(want); m.name; m = ix_members_next(m)) {
        if (strcmp(m.name, "<others>") == 0) {
            if (!match_no_others(cx, where, want, got))
                return false;
            continue;
        }
        const size_t len = where->len;
        where_add(where, m.name);
        if (!match_at(cx, where, m.value, ix_json_member(got, m.name)))
            return false;
        where_cut(where, len);
    }
    return true;
}

static bool match_array(ix_ctx *cx, where *where, const ix_json *want, const ix_json *got)
{
    if (ix_json_kind(got) != IX_ARRAY || ix_json_count(want) != ix_json_count(got))
        return differ(cx, where, want, got);
    for (size_t i = 0; i < ix_json_count(want); i++) {
        char step[32];
        snprintf(step, sizeof(step), "%zu", i);
        const size_t len = where->len;
        where_add(where, step);
        if (!match_at(cx, where, ix_json_item(want, i), ix_json_item(got, i)))
            return false;
        where_cut(where, len);
    }
    return true;
}

static bool match_at(ix_ctx *cx, where *where, const ix_json *want, const ix_json *got)
{
    const matcher *matcher = matcher_find(ix_json_string(want));
    if (matcher)
        return matcher->accepts(got) || differ(cx, where, want, got);
    if (ix_json_kind(want) == IX_OBJECT)
        return match_object(cx, where, want, got);
    if (ix_json_kind(want) == IX_ARRAY)
        return match_array(cx, where, want, got);
    return (got && ix_json_equal(want, got)) || differ(cx, where, want, got);
}

bool match_json(ix_ctx *cx, const ix_json *want, const ix_json *got)
{
    where where = {0};
    return match_at(cx, &where, want, got);
}

bool match_text(ix_ctx *cx, const char *what, const char *want, const char *got)
{
    const matcher *matcher = matcher_find(want);
    const ix_json *json = got ? ix_json_new_string(cx, got) : NULL;
    const bool ok = matcher ? matcher->accepts(json) : got && strcmp(want, got) == 0;
    return ok || ix_fail(cx, IOTS_UNEXPECTED, "%s: expected %s, got %s", what, want,
                         got ? got : "nothing");
}
