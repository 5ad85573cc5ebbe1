/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/dotted.h"

#include "base/test.h"

/* What a path leads to, as text. */
static const char *at(ix_ctx *cx, const char *document, const char *path)
{
    const ix_json *value = dotted_find(json_of(cx, document), ix_str_of(path));
    return value ? ix_json_text(cx, value) : "nothing";
}

TEST("dots lead into objects")
{
    CHECK_TEXT(at(cx, JSON({"a" : {"b" : {"c" : 1}}}), "a.b.c"), "1");
    CHECK_TEXT(at(cx, JSON({"a" : {"b" : {"c" : 1}}}), "a.b"), "{\"c\":1}");
    CHECK_TEXT(at(cx, JSON({"a" : {"b" : null}}), "a.b"), "null");
}

TEST("the longest literal name wins, and there is no way back")
{
    const char *document = JSON({"a.b" : 1, "a" : {"b" : 2, "b.c" : 3, "d" : 4}});
    CHECK_TEXT(at(cx, document, "a.b"), "1");
    CHECK_TEXT(at(cx, document, "a.d"), "4");
    CHECK_TEXT(at(cx, document, "a.b.c"), "nothing");
    CHECK_TEXT(at(cx, JSON({"a" : {"b" : 2, "b.c" : 3}}), "a.b.c"), "3");
}

TEST("what is not an object has nothing inside")
{
    CHECK_TEXT(at(cx, JSON({"a" : [1]}), "a.0"), "nothing");
    CHECK_TEXT(at(cx, JSON({"a" : "x"}), "a.b"), "nothing");
    CHECK_TEXT(at(cx, "5", "a"), "nothing");
    CHECK_TEXT(at(cx, JSON({"a" : 1}), "b"), "nothing");
    CHECK(!dotted_find(NULL, IX_STR("a")));
}

TEST("odd paths are names like any other")
{
    CHECK_TEXT(at(cx, JSON({"" : {"" : 1}}), "."), "1");
    CHECK_TEXT(at(cx, JSON({"" : 1}), ""), "1");
    CHECK_TEXT(at(cx, JSON({"a." : 1}), "a."), "1");
    CHECK_TEXT(at(cx, JSON({"a" : 1}), "a."), "nothing");
}

TEST("a path beyond the limit leads nowhere")
{
    char path[DOTTED_MAX + 1];
    memset(path, '.', sizeof path);
    CHECK(!dotted_find(json_of(cx, "{}"), (ix_str){path, sizeof path}));
}
