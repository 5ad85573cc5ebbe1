/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/placeholder.h"

#include "base/ctx.h"
#include "base/test.h"

/* What is before, in and behind the first placeholder; "none". */
static const char *found(ix_ctx *cx, const char *text)
{
    ix_placeholder it;
    if (!ix_placeholder_find(ix_str_of(text), &it))
        return "none";
    return ix_format(cx, "%.*s|%.*s|%.*s", (int)it.before.len, it.before.at, (int)it.name.len,
                     it.name.at, (int)it.behind.len, it.behind.at);
}

TEST("a placeholder is a name in two pairs of braces, anywhere in a text")
{
    CHECK_TEXT(found(cx, "{{MAX}}"), "|MAX|");
    CHECK_TEXT(found(cx, "at most {{MAX}} of {{MIN}}"), "at most |MAX| of {{MIN}}");
    CHECK_TEXT(found(cx, "{{{MAX}}}"), "{|MAX|}");
    CHECK_TEXT(found(cx, "{{a b}} {{"), "|a b| {{");
}

TEST("other braces are text")
{
    CHECK_TEXT(found(cx, ""), "none");
    CHECK_TEXT(found(cx, "{{}}"), "none");
    CHECK_TEXT(found(cx, "{MAX}"), "none");
    CHECK_TEXT(found(cx, "{{MAX}"), "none");
    CHECK_TEXT(found(cx, "{{MAX"), "none");
    CHECK_TEXT(found(cx, "{{a{b}}"), "none");
    CHECK_TEXT(found(cx, "{{a\nb}}"), "none");
}

TEST("names have 1 to 128 bytes without braces and control characters")
{
    char name[IX_PLACEHOLDER_MAX + 2] = "";
    memset(name, 'N', IX_PLACEHOLDER_MAX);
    CHECK(ix_placeholder_is_valid(ix_str_of(name)));
    CHECK_TEXT(found(cx, ix_format(cx, "{{%s}}", name)), ix_format(cx, "|%s|", name));
    name[IX_PLACEHOLDER_MAX] = 'N';
    CHECK(!ix_placeholder_is_valid(ix_str_of(name)));
    CHECK_TEXT(found(cx, ix_format(cx, "{{%s}}", name)), "none");
    CHECK(!ix_placeholder_is_valid(ix_str_of("")));
    CHECK(!ix_placeholder_is_valid(ix_str_of("a}b")));
}
