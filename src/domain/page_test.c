/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/page.h"

#include "base/crypto.h"
#include "base/test.h"

static bool read(ix_ctx *cx, const char *query, const char *tag, size_t keys, page_range *ret)
{
    ix_arg args[IX_PARAM_COUNT];
    CHECK_OK(cx, ix_args_parse(cx, UINT64_MAX, ix_str_of(query), args));
    return page_parse(cx, args, tag, keys, ret);
}

static page_range page_of(ix_ctx *cx, const char *query, const char *tag, size_t keys)
{
    page_range page;
    CHECK_OK(cx, read(cx, query, tag, keys, &page));
    return page;
}

/* `keys` is a JSON array. */
static const char *cursor(ix_ctx *cx, const char *tag, const char *keys)
{
    const char *text = ix_json_text(cx, json_of(cx, keys));
    const char *cursor = page_cursor(cx, tag, (ix_str){text + 1, strlen(text) - 2});
    CHECK_OK(cx, cursor != NULL);
    return cursor;
}

TEST("without a cursor a page begins at the start")
{
    const page_range page = page_of(cx, "limit=7", "things", 1);
    CHECK_INT(page.limit, 7);
    CHECK(!page.boundary && !page.is_backward);
    CHECK_INT(page_of(cx, "", "things", 1).limit, 50);
}

TEST("a cursor brings back the keys of the item at the boundary")
{
    const char *keys = JSON([ null, 20.5, "Boiler", "01JM2Q8V5T7XK3E9A4B6C8D0EF" ]);
    const char *text = cursor(cx, "things +a", keys);
    CHECK(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          strlen(text));

    const page_range next = page_of(cx, ix_format(cx, "next_cursor=%s", text), "things +a", 4);
    CHECK(!next.is_backward);
    CHECK(ix_json_equal(next.boundary, json_of(cx, keys)));

    const page_range previous =
        page_of(cx, ix_format(cx, "previous_cursor=%s", text), "things +a", 4);
    CHECK(previous.is_backward);
    CHECK(ix_json_equal(previous.boundary, json_of(cx, keys)));
}

TEST("a cursor is a JSON array in base64url: the tag of its list and the keys")
{
    ix_str json;
    const char *text = cursor(cx, "things +a", JSON([ "Boiler", "01JM2Q8V5T7XK3E9A4B6C8D0EF" ]));
    CHECK(ix_base64url_decode(cx, ix_str_of(text), &json));
    CHECK_TEXT(ix_strndup(cx, json.at, json.len),
               "[\"things +a\",\"Boiler\",\"01JM2Q8V5T7XK3E9A4B6C8D0EF\"]");
}

TEST("a cursor without keys leads to the end of its list backwards, and to its start forwards")
{
    const char *text = page_cursor(cx, "things", (ix_str){0});
    CHECK_OK(cx, text != NULL);
    const page_range last = page_of(cx, ix_format(cx, "previous_cursor=%s", text), "things", 1);
    CHECK(last.is_backward && !last.boundary);
    const page_range first = page_of(cx, ix_format(cx, "next_cursor=%s", text), "things", 1);
    CHECK(!first.is_backward && !first.boundary);
}

TEST("a long tag is the tag of its list all the same, and takes little room")
{
    const char *a = ix_format(cx, "things +%0900d", 1), *b = ix_format(cx, "things +%0900d", 2);
    const char *text = cursor(cx, a, "[5]");
    CHECK(strlen(text) < 64);
    CHECK_INT(ix_json_int(ix_json_item(
                              page_of(cx, ix_format(cx, "next_cursor=%s", text), a, 1).boundary, 0),
                          0),
              5);
    page_range page;
    CHECK_FAILS(cx, read(cx, ix_format(cx, "next_cursor=%s", text), b, 1, &page), IOTS_INVALID);
}

TEST("the next page wins over the previous one")
{
    const page_range page = page_of(cx,
                                    ix_format(cx, "previous_cursor=%s&next_cursor=%s",
                                              cursor(cx, "t", "[1]"), cursor(cx, "t", "[2]")),
                                    "t", 1);
    CHECK(!page.is_backward);
    CHECK_INT(ix_json_int(ix_json_item(page.boundary, 0), 0), 2);
}

TEST("an empty cursor is none")
{
    CHECK(!page_of(cx, "next_cursor=", "t", 1).boundary);
    CHECK(page_of(cx, ix_format(cx, "next_cursor=&previous_cursor=%s", cursor(cx, "t", "[1]")), "t",
                  1)
              .is_backward);
}

TEST("a cursor of another list, or none of ours, is refused")
{
    const char *const bad[] = {
        cursor(cx, "categories", "[\"A\"]"),
        cursor(cx, "things +b", "[\"A\"]"),
        cursor(cx, "things", "[\"A\", 1]"),
        cursor(cx, "things +b", "[]"),
        ix_base64url(cx, "{}", 2),
        ix_base64url(cx, "[5,1]", 5),
        ix_base64url(cx, "nonsense", 8),
        ix_base64url(cx, "\xff\xff", 2),
        "A",
        "*",
        "%20",
        "W10=",
        ix_format(cx, "%0*d", CURSOR_MAX + 1, 0),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        page_range page;
        CHECK(!read(cx, ix_format(cx, "next_cursor=%s", bad[i]), "things", 1, &page));
        CHECK_INT(cx->error.code, IOTS_INVALID);
        CHECK_TEXT(cx->error.message, "invalid cursor");
        CHECK_TEXT(cx->error.field, "next_cursor");
        ix_ctx_clear_error(cx);
    }
    page_range page;
    CHECK(!read(cx, "previous_cursor=x", "things", 1, &page));
    CHECK_TEXT(cx->error.field, "previous_cursor");
}
