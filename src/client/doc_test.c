/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/test.h"
#include "iots/iots.h"

/* The document as text, which is then gone; in cx. */
static const char *text_of(ix_ctx *cx, iots_doc *doc)
{
    char *text = iots_json_text(iots_doc_json(doc), 0);
    const char *copy = ix_strdup(cx, *iots_doc_error(doc) ? iots_doc_error(doc) : text);
    free(text);
    iots_doc_free(doc);
    return copy;
}

TEST("a document is {} until something is set")
{
    CHECK_TEXT(text_of(cx, iots_doc_new()), "{}");
}

TEST("what is missing on the way is made")
{
    iots_doc *doc = iots_doc_new();
    CHECK(iots_doc_set(doc, "/title", iots_text("Boiler 7")));
    CHECK(iots_doc_set(doc, "/properties/temperature/type", iots_text("number")));
    CHECK(iots_doc_set(doc, "/properties/temperature/minimum", iots_integer(0)));
    CHECK(iots_doc_set(doc, "/@type/-", iots_text("Boiler")));
    CHECK(iots_doc_set(doc, "/@type/-", iots_text("Sensor")));
    CHECK(iots_doc_set(doc, "/links/-/href", iots_text("/x")));
    CHECK(iots_doc_set(doc, "/links/0/rel", iots_text("next")));
    CHECK_TEXT(text_of(cx, doc),
               "{\"title\":\"Boiler 7\",\"properties\":{\"temperature\":{\"type\":\"number\","
               "\"minimum\":0}},\"@type\":[\"Boiler\",\"Sensor\"],"
               "\"links\":[{\"href\":\"/x\",\"rel\":\"next\"}]}");
}

TEST("a document may be an array, or any value")
{
    iots_doc *doc = iots_doc_new();
    iots_doc_set(doc, "/-/at", iots_text("2025"));
    iots_doc_set(doc, "/0/properties/t", iots_number(2));
    iots_doc_set(doc, "/-", iots_null());
    CHECK_TEXT(text_of(cx, doc), "[{\"at\":\"2025\",\"properties\":{\"t\":2.0}},null]");
    doc = iots_doc_new();
    iots_doc_set(doc, "", iots_bool(true));
    CHECK_TEXT(text_of(cx, doc), "true");
}

TEST("names are unescaped, and an index replaces")
{
    iots_doc *doc = iots_doc_parse("{\"a\": [1, 2]}");
    iots_doc_set(doc, "/a/1", iots_integer(3));
    iots_doc_set(doc, "/x~1y~0z~2", iots_integer(1));
    iots_doc_set(doc, "/", iots_integer(0));
    iots_doc_set(doc, "/a/0", iots_none());
    CHECK_TEXT(text_of(cx, doc), "{\"a\":[1,3],\"x/y~z~2\":1,\"\":0}");
}

TEST("things can be taken out, and it does not matter if they are not there")
{
    iots_doc *doc = iots_doc_parse("{\"a\": {\"b\": 1, \"c\": 2}, \"d\": [1, 2, 3]}");
    CHECK(iots_doc_remove(doc, "/a/b"));
    CHECK(iots_doc_remove(doc, "/d/1"));
    CHECK(iots_doc_remove(doc, "/d/9"));
    CHECK(iots_doc_remove(doc, "/x/y"));
    CHECK_TEXT(text_of(cx, doc), "{\"a\":{\"c\":2},\"d\":[1,3]}");
    doc = iots_doc_parse("[1]");
    CHECK(iots_doc_remove(doc, ""));
    CHECK_TEXT(text_of(cx, doc), "{}");
}

TEST("the first mistake is kept, and later steps do nothing")
{
    static const struct {
        const char *pointer, *sentence;
    } cases[] = {
        {"title", "title: a pointer is empty or begins with /"},
        {NULL, "(none): a pointer is empty or begins with /"},
        {"/s/x", "/s/x: there is no object or array around 'x'"},
        {"/a/1", "/a/1: the array has no item 1"},
        {"/a/x", "/a/x: 'x' is not an index of an array"},
        {"/a/7/x", "/a/7/x: the array has no item 7"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        iots_doc *doc = iots_doc_parse("{\"s\": \"text\", \"a\": [1]}");
        CHECK(!iots_doc_set(doc, cases[i].pointer, iots_integer(1)));
        CHECK(!iots_doc_set(doc, "/fine", iots_integer(1)));
        CHECK(!iots_doc_remove(doc, "/s"));
        CHECK_TEXT(text_of(cx, doc), cases[i].sentence);
    }
}

TEST("a document made of bad text says why, and so does one made of such a document")
{
    iots_doc *bad = iots_doc_parse("{ oops");
    iots_doc *outer = iots_doc_new();
    CHECK(strstr(iots_doc_error(bad), "Unexpected data format: line 1"));
    CHECK(!iots_doc_set(outer, "/inner", iots_doc_value(bad)));
    CHECK_TEXT(iots_doc_error(outer), iots_doc_error(bad));
    iots_doc_free(bad);
    iots_doc_free(outer);
}

TEST("a document put into another, or into itself, is copied")
{
    iots_doc *inner = iots_doc_parse("{\"a\": 1}");
    iots_doc *outer = iots_doc_new();
    iots_doc_set(outer, "/in", iots_doc_value(inner));
    iots_doc_set(inner, "/a", iots_integer(2));
    iots_doc_set(outer, "/self", iots_doc_value(outer));
    iots_doc_free(inner);
    iots_doc *copy = iots_doc_copy(iots_json_at(iots_doc_json(outer), "/self"));
    iots_doc_set(copy, "/in/a", iots_null());
    CHECK_TEXT(text_of(cx, outer), "{\"in\":{\"a\":1},\"self\":{\"in\":{\"a\":1}}}");
    CHECK_TEXT(text_of(cx, copy), "{\"in\":{\"a\":null}}");
}

TEST("looking never fails")
{
    iots_doc *doc = iots_doc_parse("{\"n\": 1.5, \"i\": 7, \"t\": \"x\", \"b\": true, \"z\": null,"
                                   " \"a\": [10, 20], \"o\": {\"k\": 1}}");
    const iots_json *json = iots_doc_json(doc);
    CHECK(iots_json_number(json, "/n", 0) == 1.5);
    CHECK(iots_json_number(json, "/i", 0) == 7);
    CHECK(iots_json_number(json, "/t", -1) == -1);
    CHECK_INT(iots_json_integer(json, "/i", 0), 7);
    CHECK_INT(iots_json_integer(json, "/n", -1), -1);
    CHECK(iots_json_bool(json, "/b", false));
    CHECK_TEXT(iots_json_string(json, "/t"), "x");
    CHECK(!iots_json_string(json, "/i"));
    CHECK_INT(iots_json_kind(json, "/z"), IOTS_KIND_NULL);
    CHECK_INT(iots_json_kind(json, "/none/at/all"), IOTS_KIND_NONE);
    CHECK_INT(iots_json_count(json, "/a"), 2);
    CHECK_INT(iots_json_count(json, "/t"), 0);
    CHECK_INT(iots_json_integer(iots_json_item(iots_json_at(json, "/a"), 1), "", 0), 20);
    CHECK(!iots_json_item(iots_json_at(json, "/a"), 2));
    CHECK(!iots_json_at(NULL, "/a"));
    CHECK_INT(iots_json_count(NULL, ""), 0);
    iots_doc_free(doc);
}

TEST("the members of an object can be gone through in order")
{
    iots_doc *doc = iots_doc_parse("{\"b\": 1, \"a\": 2}");
    const char *names = "";
    for (iots_member m = iots_json_members(iots_doc_json(doc)); m.name;
         m = iots_json_members_next(m))
        names = ix_format(cx, "%s%s=%d ", names, m.name, (int)iots_json_integer(m.value, "", 0));
    CHECK_TEXT(names, "b=1 a=2 ");
    CHECK(!iots_json_members(NULL).name);
    iots_doc_free(doc);
}

TEST("JSON comes as text, on one line or indented")
{
    iots_doc *doc = iots_doc_parse("{\"a\":[1]}");
    char *flat = iots_json_text(iots_doc_json(doc), 0);
    char *tall = iots_json_text(iots_doc_json(doc), 2);
    CHECK_TEXT(flat, "{\"a\":[1]}");
    CHECK(strstr(tall, "\n  \"a\": ["));
    free(flat);
    free(tall);
    iots_doc_free(doc);
}
