/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/test.h"

/* The order of the documents, both ways round. */
static int order_of(ix_ctx *cx, const char *a, const char *b)
{
    const ix_json *ja = json_of(cx, a);
    const ix_json *jb = json_of(cx, b);
    const int order = ix_json_compare(ja, jb);
    CHECK_INT(ix_json_compare(jb, ja), -order);
    CHECK(ix_json_equal(ja, jb) == (order == 0));
    return order;
}

TEST("unlike kinds sort by kind")
{
    static const char *const sorted[] = {"null", "false", "true", "-1", "1.5", "\"a\"", "[]", "{}"};
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++)
            CHECK_INT(order_of(cx, sorted[i], sorted[j]), i < j ? -1 : i > j ? 1 : 0);
    CHECK_INT(ix_json_compare(NULL, json_of(cx, "null")), -1);
    CHECK_INT(ix_json_compare(NULL, NULL), 0);
    CHECK(ix_json_equal(NULL, NULL));
    CHECK(!ix_json_equal(NULL, json_of(cx, "null")));
}

TEST("integers and doubles compare exactly")
{
    CHECK_INT(order_of(cx, "1", "1.0"), 0);
    CHECK_INT(order_of(cx, "0", "-0.0"), 0);
    CHECK_INT(order_of(cx, "9007199254740993", "9007199254740992.0"), 1);
    CHECK_INT(order_of(cx, "9223372036854775807", "9223372036854775808.0"), -1);
    CHECK_INT(order_of(cx, "-9223372036854775808", "-9223372036854775808.0"), 0);
    CHECK_INT(order_of(cx, "-9223372036854775808", "-1e300"), 1);
    CHECK_INT(order_of(cx, "2", "2.5"), -1);
    CHECK_INT(order_of(cx, "-2", "-2.5"), 1);
    CHECK_INT(order_of(cx, "0", "5e-324"), -1);
    CHECK_INT(order_of(cx, "1.5", "2.5"), -1);
    CHECK_INT(order_of(cx, "3", "2"), 1);
}

TEST("texts compare by code point")
{
    CHECK_INT(order_of(cx, "\"a\"", "\"b\""), -1);
    CHECK_INT(order_of(cx, "\"a\"", "\"ab\""), -1);
    CHECK_INT(order_of(cx, "\"\"", "\"a\""), -1);
    CHECK_INT(order_of(cx, "\"z\"", "\"\\u00e4\""), -1);
    CHECK_INT(order_of(cx, "\"\\uffff\"", "\"\\ud83d\\udd25\""), -1);
}

TEST("arrays compare item by item, objects by sorted members")
{
    CHECK_INT(order_of(cx, "[1,2]", "[1,3]"), -1);
    CHECK_INT(order_of(cx, "[1,2]", "[1,2,0]"), -1);
    CHECK_INT(order_of(cx, "[2]", "[1,2,0]"), 1);
    CHECK_INT(order_of(cx, JSON({"a" : 1, "b" : 2}), JSON({"b" : 2.0, "a" : 1.0})), 0);
    CHECK_INT(order_of(cx, JSON({"b" : 9, "a" : 1}), JSON({"a" : 2, "b" : 0})), -1);
    CHECK_INT(order_of(cx, JSON({"a" : 1}), JSON({"a" : 1, "b" : 0})), -1);
    CHECK_INT(order_of(cx, JSON({"a" : 1}), JSON({"b" : 0})), -1);
    CHECK_INT(order_of(cx, JSON({"a" : 1, "c" : 0}), JSON({"a" : 1, "b" : 0})), 1);
    CHECK_INT(order_of(cx, JSON({"a" : 1, "c" : 0}), JSON({"b" : 0, "c" : 1})), -1);
    CHECK_INT(order_of(cx, "{}", JSON({"a" : 0})), -1);
}

TEST("deep documents are compared in no more than their size")
{
    ix_buf buf = {0};
    for (int i = 0; i < IX_JSON_DEPTH; i++)
        ix_buf_text(&buf, "{\"a\":");
    ix_buf_char(&buf, '1');
    for (int i = 0; i < IX_JSON_DEPTH; i++)
        ix_buf_char(&buf, '}');
    CHECK_INT(order_of(cx, buf.at, buf.at), 0);
    const char *other = ix_strdup(cx, buf.at);
    *strchr(buf.at, '1') = '2';
    CHECK_INT(order_of(cx, other, buf.at), -1);
    ix_buf_done(&buf);
}
