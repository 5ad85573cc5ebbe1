/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "vars.h"

static vars *boiler(ix_ctx *cx)
{
    vars *vars = ix_new(cx, struct vars, 1);
    CHECK_OK(cx, vars_set(cx, vars, "boiler", "01JM"));
    return vars;
}

TEST("a variable is replaced wherever it stands")
{
    CHECK_TEXT(vars_expand(cx, boiler(cx), VARS_DOLLAR, "/things/$boiler/x$boiler"),
               "/things/01JM/x01JM");
    CHECK_TEXT(vars_expand(cx, boiler(cx), VARS_BRACES, "/things/{{boiler}}?a=$b"),
               "/things/01JM?a=$b");
}

TEST("two dollars are one, and $repeat writes a text many times")
{
    CHECK_TEXT(vars_expand(cx, boiler(cx), VARS_DOLLAR, "5$$"), "5$");
    CHECK_TEXT(vars_expand(cx, boiler(cx), VARS_DOLLAR, "[$repeat(3,ab)]"), "[ababab]");
}

TEST("an unknown variable is an error that names it")
{
    CHECK(!vars_expand(cx, boiler(cx), VARS_DOLLAR, "/things/$kettle"));
    CHECK_TEXT(cx->error.message, "the variable kettle has no value");
}

TEST("a name said again takes the new value, and many names fit")
{
    vars *vars = boiler(cx);
    for (int i = 0; i < 100; i++)
        CHECK_OK(cx, vars_set(cx, vars, ix_format(cx, "v%d", i), ix_format(cx, "%d", i)));
    CHECK_OK(cx, vars_set(cx, vars, "boiler", "new"));
    CHECK_TEXT(vars_find(vars, "boiler"), "new");
    CHECK_TEXT(vars_find(vars, "v99"), "99");
    CHECK(!vars_find(vars, "v100"));
}

TEST("what an answer says can be kept, whole or the last segment of it")
{
    vars *vars = boiler(cx);
    const ix_json *answer =
        json_of(cx, JSON({"uid" : "A1", "n" : [7], "href" : "/spaces/farm/x/B2"}));
    CHECK_OK(cx, vars_capture(cx, vars, "uid", "/uid", answer));
    CHECK_OK(cx, vars_capture(cx, vars, "n", "/n", answer));
    CHECK_OK(cx, vars_capture(cx, vars, "last", "/href#last-segment", answer));
    CHECK_TEXT(vars_find(vars, "uid"), "A1");
    CHECK_TEXT(vars_find(vars, "n"), "[7]");
    CHECK_TEXT(vars_find(vars, "last"), "B2");
    CHECK_FAILS(cx, vars_capture(cx, vars, "x", "/nope", answer), IOTS_UNEXPECTED);
}
