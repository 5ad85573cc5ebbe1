/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"

#define NOBODY "/spaces/farm/things/01JM000000000000000000ZZZZ"

/* A Thing with a number from 0 to 100, a word and something. */
static const char *probe(void)
{
    return thing_made(JSON({
        "properties" : {
            "moisture" : {"type" : "number", "minimum" : 0, "maximum" : 100},
            "valve" : {"type" : "string", "enum" : [ "open", "closed" ]},
            "any" : {}
        }
    }));
}

static const char *history_of(const char *thing)
{
    return json_at(ask("GET", path_to(thing, "/properties-history"), NULL), "/data");
}

TEST("a value is set and read back")
{
    farm(cx);
    const char *valve = path_to(probe(), "/properties/valve");
    CHECK_TEXT(ask("GET", valve, NULL).text, "{\"valve\":null}");
    const answer put = ask("PUT", valve, "{\"valve\":\"open\"}");
    CHECK_INT(put.status, 200);
    CHECK_TEXT(put.text, "{\"valve\":\"open\"}");
    CHECK_TEXT(put.type, "application/json");
    CHECK_INT(put.changes, 1);
    CHECK_TEXT(ask("GET", valve, NULL).text, "{\"valve\":\"open\"}");
}

TEST("several values are set at once, and only they are shown")
{
    farm(cx);
    const char *all = path_to(probe(), "/properties");
    const answer put = ask("PUT", all, "{\"moisture\":33.25,\"any\":[{\"a\":null}]}");
    CHECK_TEXT(put.text, "{\"moisture\":33.25,\"any\":[{\"a\":null}]}");
    CHECK_INT(put.changes, 1);
    const answer got = ask("GET", all, NULL);
    CHECK_INT(ix_json_count(got.json), 3);
    CHECK_TEXT(json_at(got, "/valve"), "null");
    CHECK_TEXT(json_at(got, "/moisture"), "33.25");
    CHECK_TEXT(json_at(got, "/any"), "[{\"a\":null}]");
}

TEST("null clears a value whatever its type")
{
    farm(cx);
    const char *valve = path_to(probe(), "/properties/valve");
    CHECK_ASK("200", "PUT", valve, "{\"valve\":\"open\"}");
    CHECK_TEXT(ask("PUT", valve, "{\"valve\":null}").text, "{\"valve\":null}");
    CHECK_TEXT(ask("GET", valve, NULL).text, "{\"valve\":null}");
}

TEST("a property that is not defined is not found by path and refused in a body")
{
    farm(cx);
    const char *thing = probe();
    CHECK_ASK("404 Item not found", "GET", path_to(thing, "/properties/nope"), NULL);
    CHECK_ASK("404 Item not found", "PUT", path_to(thing, "/properties/nope"), "{\"nope\":1}");
    const answer refused = ask("PUT", path_to(thing, "/properties"), "{\"any\":1,\"nope\":1}");
    CHECK_TEXT(outcome(refused), "400 nope: no such property");
    CHECK_TEXT(text_at(refused, "/error/details/field"), "nope");
    CHECK_TEXT(ask("GET", path_to(thing, "/properties/any"), NULL).text, "{\"any\":null}");
}

TEST("a Thing that is not there has no properties")
{
    farm(cx);
    CHECK_ASK("404 Item not found", "GET", NOBODY "/properties", NULL);
    CHECK_ASK("404 Item not found", "PUT", NOBODY "/properties", "{\"n\":1}");
    CHECK_ASK("404 Item not found", "GET", NOBODY "/properties/n", NULL);
    CHECK_ASK("404 Item not found", "PUT", NOBODY "/properties/n", "{\"n\":1}");
}

TEST("a value that does not fit is refused with field and reason, and the old one stays")
{
    farm(cx);
    const char *thing = probe();
    const char *moisture = path_to(thing, "/properties/moisture");
    CHECK_ASK("200", "PUT", moisture, "{\"moisture\":30}");
    const answer refused = ask("PUT", moisture, "{\"moisture\":101}");
    CHECK_INT(refused.status, 400);
    CHECK_TEXT(text_at(refused, "/error/details/field"), "moisture");
    CHECK(text_at(refused, "/error/details/reason"));
    CHECK_INT(ask("PUT", path_to(thing, "/properties"), "{\"any\":1,\"moisture\":\"x\"}").status,
              400);
    CHECK_TEXT(ask("GET", moisture, NULL).text, "{\"moisture\":30}");
    CHECK_TEXT(ask("GET", path_to(thing, "/properties/any"), NULL).text, "{\"any\":null}");
}

TEST("a PUT of one property holds its value and nothing else")
{
    farm(cx);
    const char *any = path_to(probe(), "/properties/any");
    CHECK_INT(ask("PUT", any, "{}").status, 400);
    CHECK_INT(ask("PUT", any, "{\"other\":1}").status, 400);
    CHECK_INT(ask("PUT", any, "{\"any\":1,\"valve\":\"open\"}").status, 400);
    CHECK_ASK("400 malformed body", "PUT", any, "7");
    CHECK_TEXT(ask("GET", any, NULL).text, "{\"any\":null}");
}

TEST("a PUT without values is refused")
{
    farm(cx);
    const char *all = path_to(probe(), "/properties");
    CHECK_ASK("400 the body has no values", "PUT", all, "{}");
    CHECK_ASK("400 malformed body", "PUT", all, "[]");
}

TEST("values go into the history unless that is not wanted")
{
    farm(cx);
    const char *thing = probe();
    CHECK_ASK("200", "PUT", path_to(thing, "/properties/any?update_history=false"), "{\"any\":1}");
    CHECK_ASK("200", "PUT", path_to(thing, "/properties?update_history=False"), "{\"any\":2}");
    CHECK_TEXT(history_of(thing), "[]");
    CHECK_ASK("200", "PUT", path_to(thing, "/properties/any?update_history=1"), "{\"any\":3}");
    CHECK_ASK("400 invalid update_history", "PUT",
              path_to(thing, "/properties/any?update_history=no"), "{\"any\":4}");
    CHECK_TEXT(json_at(ask("GET", path_to(thing, "/properties-history"), NULL),
                       "/data/0/properties"),
               "{\"any\":3}");
}

static int64_t clock_stopped(void)
{
    return INT64_C(1700000000000000);
}

TEST("values of one PUT share a moment; a moment that is taken moves on by a microsecond")
{
    farm_with(cx, (api_settings){.now_us = clock_stopped});
    const char *thing = probe();
    CHECK_ASK("200", "PUT", path_to(thing, "/properties"), "{\"any\":1,\"valve\":\"open\"}");
    CHECK_ASK("200", "PUT", path_to(thing, "/properties"), "{\"any\":2,\"moisture\":5}");
    CHECK_TEXT(
        json_at(ask("GET", path_to(thing, "/properties-history?group=true"), NULL), "/data"),
        "[{\"at\":\"2023-11-14T22:13:20.000001Z\",\"properties\":{\"any\":2,\"moisture\":5}},"
        "{\"at\":\"2023-11-14T22:13:20Z\",\"properties\":{\"any\":1,\"valve\":\"open\"}}]");
}

TEST("how strictly values are checked is a setting")
{
    farm_with(cx, (api_settings){.validate_values = VALIDATE_TYPE});
    const char *moisture = path_to(probe(), "/properties/moisture");
    CHECK_ASK("200", "PUT", moisture, "{\"moisture\":101}");
    CHECK_INT(ask("PUT", moisture, "{\"moisture\":\"wet\"}").status, 400);
}

TEST("values may go unchecked altogether")
{
    farm_with(cx, (api_settings){.validate_values = VALIDATE_OFF});
    const char *moisture = path_to(probe(), "/properties/moisture");
    CHECK_ASK("200", "PUT", moisture, "{\"moisture\":\"wet\"}");
}

static const char *sealed(void)
{
    return thing_made(JSON({"properties" : {"n" : {"readOnly" : true}, "m" : {}}}));
}

TEST("a property that is read-only can be set by anyone, as devices do")
{
    farm(cx);
    CHECK_ASK("200", "PUT", path_to(sealed(), "/properties/n"), "{\"n\":1}");
}

TEST("if read-only is enforced, only the Thing's own client can set it")
{
    farm_with(cx, (api_settings){.enforce_read_only = true});
    const char *thing = sealed();
    CHECK_ASK("403 n: the property is read-only", "PUT", path_to(thing, "/properties/n"),
              "{\"n\":1}");
    CHECK_ASK("403 n: the property is read-only", "PUT", path_to(thing, "/properties"),
              "{\"m\":1,\"n\":1}");
    CHECK_ASK("200", "PUT", path_to(thing, "/properties/m"), "{\"m\":1}");
    world.token = token_for("own", "farm::own", "thing", "farm", strrchr(thing, '/') + 1);
    CHECK_ASK("200", "PUT", path_to(thing, "/properties/n"), "{\"n\":1}");
}

TEST("a name may be any text without control characters")
{
    farm(cx);
    const char *thing = thing_made("{\"properties\":{\"W\\u00e4rme \\\"1\\\"\":{}}}");
    const char *path = path_to(thing, "/properties/W%C3%A4rme%20%221%22");
    CHECK_ASK("200", "PUT", path, "{\"W\\u00e4rme \\\"1\\\"\":2}");
    CHECK_TEXT(ask("GET", path, NULL).text, "{\"W\xc3\xa4rme \\\"1\\\"\":2}");
    CHECK_ASK("400 invalid name", "GET", path_to(thing, "/properties/a%0Ab"), NULL);
}
