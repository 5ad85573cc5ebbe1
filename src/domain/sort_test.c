/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/sort.h"

#include "base/test.h"
#include "contract/ops.h"

/* ---- words ---- */

static bool read(ix_ctx *cx, const char *query, sort_list *ret)
{
    ix_arg args[IX_PARAM_COUNT];
    CHECK_OK(cx, ix_args_parse(cx, IX_PARAM_BIT(sort), ix_str_of(query), args));
    return sort_parse(cx, args[IX_PARAM_sort].list, ret);
}

static sort_list order(ix_ctx *cx, const char *query)
{
    sort_list list;
    CHECK_OK(cx, read(cx, query, &list));
    return list;
}

static const char *text_of(ix_ctx *cx, const char *query)
{
    const sort_list list = order(cx, query);
    return sort_text(cx, &list);
}

/* The uids of Things in the order of the list: "acb". */
static const char *sorted(ix_ctx *cx, const char *query, const char *things_text)
{
    const sort_list list = order(cx, query);
    const ix_json *things = json_of(cx, things_text);
    const size_t count = ix_json_count(things);
    const ix_json *sorted[16];
    CHECK(count <= 16);
    for (size_t i = 0; i < count; i++) { /* by insertion */
        size_t at = i;
        for (; at > 0 && sort_compare(&list, sorted[at - 1], ix_json_item(things, i)) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = ix_json_item(things, i);
    }
    const char *uids = "";
    for (size_t i = 0; i < count; i++)
        uids = ix_format(cx, "%s%s", uids, ix_json_string(ix_json_member(sorted[i], "uid")));
    return uids;
}

/* ---- parsing ---- */

TEST("keys have signs, and none means ascending")
{
    CHECK_TEXT(text_of(cx, "sort=uid,%2Btitle,-created"), "+uid,+title,-created");
}

TEST("a raw plus arrives as a blank and is a plus all the same")
{
    CHECK_TEXT(text_of(cx, "sort=+title,+uid"), "+title,+uid");
    CHECK_TEXT(text_of(cx, "sort=-title, -uid"), "-title,-uid");
}

TEST("repeated parameters are concatenated")
{
    CHECK_TEXT(text_of(cx, "sort=title&sort=-created,uid"), "+title,-created,+uid");
}

TEST("no parameter is not a key")
{
    CHECK_TEXT(text_of(cx, ""), "");
}

TEST("empty keys and more than eight are refused")
{
    static const char *const bad[] = {"sort=",
                                      "sort=a,,b",
                                      "sort=a,",
                                      "sort=-",
                                      "sort=%2B",
                                      "sort=+",
                                      "sort=a,b,c,d,e,f,g,h,i",
                                      "sort=a&sort="};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sort_list list;
        CHECK(!read(cx, bad[i], &list));
        CHECK_INT(cx->error.code, IOTS_INVALID);
        CHECK_TEXT(cx->error.message, "invalid sort");
        CHECK_TEXT(cx->error.field, "sort");
        ix_ctx_clear_error(cx);
    }
    CHECK_INT(order(cx, "sort=a,b,c,d,e,f,g,h").count, 8);
}

/* ---- comparing ---- */

TEST("without keys Things are in the order of their uids")
{
    CHECK_TEXT(sorted(cx, "", JSON([ {"uid" : "c"}, {"uid" : "a"}, {"uid" : "b"} ])), "abc");
}

TEST("the first key has priority, the uid decides last and upwards")
{
    const char *things = JSON([
        {"uid" : "a", "title" : "y", "n" : 1}, {"uid" : "b", "title" : "x", "n" : 1},
        {"uid" : "c", "title" : "x", "n" : 2}, {"uid" : "d", "title" : "y", "n" : 1}
    ]);
    CHECK_TEXT(sorted(cx, "sort=title,-n", things), "cbad");
    CHECK_TEXT(sorted(cx, "sort=-title,n", things), "adbc");
    CHECK_TEXT(sorted(cx, "sort=n", things), "abdc");
}

TEST("what is missing or null comes last in both directions")
{
    const char *things = JSON([
        {"uid" : "a", "status" : {"t" : null}}, {"uid" : "b", "status" : {"t" : 2}},
        {"uid" : "c", "status" : {}}, {"uid" : "d", "status" : {"t" : 1}}
    ]);
    CHECK_TEXT(sorted(cx, "sort=status.t", things), "dbac");
    CHECK_TEXT(sorted(cx, "sort=-status.t", things), "bdac");
}

TEST("unlike types stand in the order bool, number, string, array, object")
{
    const char *things = JSON([
        {"uid" : "a", "v" : {}}, {"uid" : "b", "v" : []}, {"uid" : "c", "v" : "0"},
        {"uid" : "d", "v" : 1.5}, {"uid" : "e", "v" : true}, {"uid" : "f", "v" : 1},
        {"uid" : "g", "v" : null}, {"uid" : "h", "v" : false}
    ]);
    CHECK_TEXT(sorted(cx, "sort=v", things), "hefdcbag");
    CHECK_TEXT(sorted(cx, "sort=-v", things), "abcdfehg");
}

TEST("strings are in the order of their code points")
{
    CHECK_TEXT(sorted(cx, "sort=v", JSON([
                          {"uid" : "a", "v" : "é"}, {"uid" : "b", "v" : "a"},
                          {"uid" : "c", "v" : "Z"}, {"uid" : "d", "v" : "ab"},
                          {"uid" : "e", "v" : ""}
                      ])),
               "ecbda");
}

TEST("names with dots are found as they are written")
{
    CHECK_TEXT(sorted(cx, "sort=status.a.b", JSON([
                          {"uid" : "a", "status" : {"a.b" : 2}},
                          {"uid" : "b", "status" : {"a" : {"b" : 1}}}
                      ])),
               "ba");
}
