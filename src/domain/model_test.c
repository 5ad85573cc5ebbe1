/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/model.h"

#include <stdlib.h>

#include "base/test.h"

/* "M", "M 2", or "" for none. */
static model_ref model_of(ix_ctx *cx, const char *text)
{
    const char *blank = strchr(text, ' ');
    const size_t len = blank ? (size_t)(blank - text) : strlen(text);
    return (model_ref){len ? ix_strndup(cx, text, len) : NULL, blank ? atoi(blank + 1) : 0};
}

/* What is chosen, written likewise; the sentence if nothing is. Needs have Categories A, B, C. */
static const char *chosen(ix_ctx *cx, const char *wanted, const char *present, const char *a,
                          const char *b)
{
    const model_ref want = model_of(cx, wanted), have = model_of(cx, present);
    model_need needs[2];
    size_t count = 0;
    if (*a)
        needs[count++] = (model_need){"A", model_of(cx, a)};
    if (*b)
        needs[count++] = (model_need){"B", model_of(cx, b)};
    model_ref model;
    if (model_choose(cx, &want, &have, needs, count, &model))
        return model.name ? ix_format(cx, "%s %d", model.name, (int)model.version) : "none";
    const char *said =
        ix_format(cx, "%d %s", cx->error.code == IOTS_CONFLICT ? 409 : 400, cx->error.message);
    ix_ctx_clear_error(cx);
    return said;
}

TEST("the Model of a Thing is the one it asks for, else the one its Categories ask for, else none")
{
    CHECK_TEXT(chosen(cx, "", "", "", ""), "none");
    CHECK_TEXT(chosen(cx, "", "M 3", "", ""), "none");
    CHECK_TEXT(chosen(cx, "M", "", "", ""), "M 0");
    CHECK_TEXT(chosen(cx, "", "", "M", ""), "M 0");
    CHECK_TEXT(chosen(cx, "M", "", "M", "M"), "M 0");
}

TEST("the version is the one asked for, else the one a Category fixes, else the present one, else "
     "the "
     "newest")
{
    CHECK_TEXT(chosen(cx, "M 4", "M 3", "M 4", ""), "M 4");
    CHECK_TEXT(chosen(cx, "M 4", "M 3", "M", ""), "M 4");
    CHECK_TEXT(chosen(cx, "M", "M 3", "M", "M 5"), "M 5");
    CHECK_TEXT(chosen(cx, "M", "M 3", "M", ""), "M 3");
    CHECK_TEXT(chosen(cx, "", "M 3", "M", ""), "M 3");
    CHECK_TEXT(chosen(cx, "M", "N 3", "", ""), "M 0");
    CHECK_TEXT(chosen(cx, " 2", "", "M", ""), "M 2");
}

TEST("Categories that disagree, with the input or with one another, are a conflict")
{
    CHECK_TEXT(chosen(cx, "", "", "M", "N"), "409 the Category 'B' asks for Model 'N'");
    CHECK_TEXT(chosen(cx, "N", "", "M", "N"), "409 the Category 'A' asks for Model 'M'");
    CHECK_TEXT(chosen(cx, "", "", "M 1", "M 2"),
               "409 the Category 'B' asks for version 2 of Model 'M'");
    CHECK_TEXT(chosen(cx, "M 1", "", "M", "M 2"),
               "409 the Category 'B' asks for version 2 of Model 'M'");
    CHECK_TEXT(chosen(cx, "", "M 1", "M", "M 2"), "M 2");
}

TEST("a version of no Model is refused")
{
    CHECK_TEXT(chosen(cx, " 2", "M 1", "", ""), "400 model/name: required with a version");
}

/* The template filled with values, as text; the sentence if it cannot be. */
static const char *filled(ix_ctx *cx, const char *template, const char *values)
{
    const ix_json *json = ix_json_parse(cx, template, strlen(template));
    const ix_json *given = values ? ix_json_parse(cx, values, strlen(values)) : NULL;
    const ix_json *ret = model_fill(cx, json, given);
    if (ret)
        return ix_json_text(cx, ret);
    const char *said = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    return said;
}

TEST("a placeholder that is a whole string becomes its value, one in a text the value's text")
{
    static const char values[] =
        JSON({"A" : 1.5, "B" : "b", "C" : [ true, null ], "D" : "{{A}}", "E" : null});
    CHECK_TEXT(filled(cx, JSON({"x" : "{{A}}", "y" : [ "{{B}}", {"z" : "{{C}}"} ], "w" : 3}),
                      values),
               "{\"x\":1.5,\"y\":[\"b\",{\"z\":[true,null]}],\"w\":3}");
    CHECK_TEXT(filled(cx, "{\"x\":\"<{{A}} {{B}}{{C}} {{E}}>\"}", values),
               "{\"x\":\"<1.5 b[true,null] null>\"}");
    /* What is put in is not filled in itself, and members' names are no places for it. */
    CHECK_TEXT(filled(cx, "{\"x\":\"{{D}}\",\"{{A}}\":\"{{E}}\"}", values),
               "{\"x\":\"{{A}}\",\"{{A}}\":null}");
}

TEST("a placeholder without a value is named")
{
    CHECK_TEXT(filled(cx, "{\"x\":\"{{A}}\"}", NULL), "model/values/A: required by the Model");
    CHECK_TEXT(filled(cx, "{\"x\":\"to {{A}} and {{B}}\"}", "{\"A\":1}"),
               "model/values/B: required by the Model");
}

TEST("what is put in has a size and a depth")
{
    enum { SIZE = MODEL_FILLED_MAX / 2, DEPTH = IX_JSON_DEPTH - 1 };
    char *value = ix_new(cx, char, SIZE + 1), *deep = ix_new(cx, char, 2 * DEPTH + 1);
    memset(value, 'v', SIZE - 2);
    memset(deep, '[', DEPTH);
    memset(deep + DEPTH, ']', DEPTH);
    const char *values = ix_format(cx, "{\"A\":\"%s\",\"B\":%s}", value, deep);
    CHECK(strlen(filled(cx, "{\"x\":\"{{A}} {{A}}\"}", values)) > 2 * (SIZE - 2));
    CHECK_TEXT(filled(cx, "{\"x\":\"{{A}} {{A}} {{A}}\"}", values),
               "the values of the Model come to more than 1048576 bytes");
    CHECK(strlen(filled(cx, "{\"x\":\"{{B}}\"}", values)) == sizeof "{'x':}" - 1 + 2 * DEPTH);
    const char *said = filled(cx, "{\"x\":[\"{{B}}\"]}", values);
    CHECK(strstr(said, "deep") || strstr(said, "nest"));
}
