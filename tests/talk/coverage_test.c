/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "coverage.h"

/* What is missing of an operation if this were the only conversation. */
static const char *missing(ix_ctx *cx, const char *name, const char *text)
{
    coverage coverage = {0};
    const talk *talk = talk_parse(cx, "x.talk", text);
    CHECK_OK(cx, talk != NULL);
    CHECK_OK(cx, coverage_note(cx, &coverage, talk));
    return coverage_missing(cx, &coverage, ix_op_find(name));
}

#define CATEGORY "category_get (GET /spaces/{space}/categories/{category}): "
#define VALUES   "properties_update (PUT /spaces/{space}/things/{thing}/properties): "

TEST("an operation that nobody speaks of is reported with all that it can do")
{
    CHECK_TEXT(missing(cx, "category_get", ""), CATEGORY
               "never answers 200\n" CATEGORY "never answers 400\n" CATEGORY "never answers 404\n");
    CHECK_TEXT(missing(cx, "health_get", ""), "health_get (GET /health): never answers 200\n");
}

TEST("nothing is missing of an operation that was seen to work and to fail in each way")
{
    CHECK_TEXT(missing(cx, "category_get",
                       "GET /spaces/farm/categories/Pumps\n200\n"
                       "GET /spaces/farm/categories/a%20b\n400\n"
                       "GET /spaces/farm/categories/Fans/\n404\n"),
               "");
}

TEST("another status, another method or another address is not a sign of its working")
{
    CHECK_TEXT(missing(cx, "health_get",
                       "GET /health\n503\n"
                       "HEAD /health\n200\n"
                       "GET /healthz\n200\n"),
               "health_get (GET /health): never answers 200\n");
}

TEST("an operation must not fail in a way that its row does not list")
{
    CHECK_TEXT(missing(cx, "category_get",
                       "GET /spaces/farm/categories/Pumps\n200\n"
                       "GET /spaces/farm/categories/a%20b\n400\n"
                       "GET /spaces/farm/categories/Fans\n404\n"
                       "GET /spaces/farm/categories/Fans\n403\n"
                       "GET /spaces/farm/categories/Fans\n409\n"),
               CATEGORY "answers 409, which its row does not list\n");
}

TEST("an operation must work at both its addresses")
{
    CHECK_TEXT(missing(cx, "properties_get",
                       "GET /spaces/farm/things/$x/properties?times=1\n200\n"
                       "GET /spaces/farm/things/$x/properties?times=x\n400\n"
                       "GET /spaces/farm/categories/A/things/$x/properties\n404\n"
                       "GET /spaces/farm/things/x/properties\n400\n"),
               "properties_get (GET /spaces/{space}/things/{thing}/properties): "
               "never answers 200 below a Category\n");
}

TEST("a parameter must be taken once and be refused once")
{
    static const char rest[] = "PUT /spaces/farm/things/$x/properties\n{}\n404\n"
                               "PUT /spaces/farm/categories/A/things/$x/properties\n{}\n200\n";
    CHECK_TEXT(
        missing(cx, "properties_update",
                ix_format(cx, "%s%s", rest,
                          "PUT /spaces/farm/things/$x/properties?update_history=2\n{}\n400\n"
                          "PUT /spaces/farm/things/$x/properties?update_histor=1\n{}\n200\n")),
        VALUES "never takes update_history\n");
    CHECK_TEXT(missing(cx, "properties_update",
                       ix_format(cx, "%s%s", rest,
                                 "PUT /spaces/farm/things/$x/properties?update_history=1\n{}\n200\n"
                                 "PUT /spaces/farm/things/$x/properties?update_history=2&a=b\n"
                                 "{}\n400\n")),
               VALUES "never refuses update_history\n");
}

TEST("a parameter that takes anything need not be refused")
{
    const char *text = missing(cx, "things_list", "GET /spaces/farm/things?title=$x\n200\n");
    CHECK(!strstr(text, "title"));
    CHECK(strstr(text, ": never takes property:\n"));
    CHECK(strstr(text, ": never refuses limit\n"));
}
