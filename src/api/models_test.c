/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"

static const char models[] = "/spaces/farm/models";
static const char pump[] = "/spaces/farm/models/Pump";
static const char pump_versions[] = "/spaces/farm/models/Pump/versions";

static void add_model(const char *name)
{
    CHECK_INT(ask("POST", models, ix_format(world.cx, "{\"name\":\"%s\"}", name)).status, 201);
}

static void add_version(const char *template)
{
    CHECK_INT(ask("POST", pump_versions, ix_format(world.cx, "{\"template\":%s}", template)).status,
              201);
}

/* ---- Models ---- */

TEST("a new Model is shown as it is stored, with the place where it is")
{
    farm(cx);
    const answer made =
        ask("POST", models, JSON({"name" : "Pump", "description" : "Pumps", "id" : "mine"}));
    CHECK_INT(made.status, 201);
    CHECK_TEXT(header_of(made, "Location"), pump);
    CHECK_INT(strlen(text_at(made, "/id")), IX_ULID_LEN);
    CHECK_TEXT(text_at(made, "/name"), "Pump");
    CHECK_TEXT(text_at(made, "/description"), "Pumps");
    CHECK_TEXT(text_at(made, "/created"), text_at(made, "/modified"));
    CHECK_INT(ix_json_count(made.json), 5);
    CHECK_TEXT(ask("GET", pump, NULL).text, made.text);
    CHECK_ASK("409 This item already exists", "POST", models, "{\"name\":\"Pump\"}");
}

TEST("a Model's name is checked")
{
    farm(cx);
    CHECK_ASK("400 malformed body", "POST", models, "{}");
    CHECK_TEXT(text_at(ask("POST", models, "{\"name\":\"a b\"}"), "/error/details/field"), "name");
    CHECK_ASK("400 invalid name", "GET", "/spaces/farm/models/a%20b", NULL);
    CHECK_ASK("404 Item not found", "GET", pump, NULL);
}

TEST("a PUT replaces a Model's description and nothing else")
{
    farm(cx);
    const answer made = ask("POST", models, JSON({"name" : "Pump", "description" : "x"}));
    const answer put = ask("PUT", pump, "{}");
    CHECK_INT(put.status, 200);
    CHECK_TEXT(text_at(put, "/description"), "");
    CHECK_TEXT(text_at(put, "/id"), text_at(made, "/id"));
    CHECK_TEXT(text_at(put, "/created"), text_at(made, "/created"));
    CHECK(strcmp(text_at(put, "/modified"), text_at(made, "/modified")) != 0);
    CHECK_TEXT(ask("GET", pump, NULL).text, put.text);
    CHECK_ASK("400 name: a Model keeps its name", "PUT", pump, "{\"name\":\"Fan\"}");
    CHECK_ASK("404 Item not found", "PUT", "/spaces/farm/models/Fan", "[");
}

TEST("Models are listed by name")
{
    farm(cx);
    static const char *const names[] = {"b", "C", "a"};
    for (size_t i = 0; i < 3; i++)
        add_model(names[i]);
    const answer page = ask("GET", "/spaces/farm/models?limit=2", NULL);
    CHECK_TEXT(text_at(page, "/data/0/name"), "C");
    CHECK_TEXT(text_at(page, "/data/1/name"), "a");
    const answer next = ask("GET",
                            ix_format(cx, "/spaces/farm/models?limit=2&next_cursor=%s",
                                      text_at(page, "/paging/next_cursor")),
                            NULL);
    CHECK_TEXT(text_at(next, "/data/0/name"), "b");
    CHECK_TEXT(text_at(next, "/paging/next_cursor"), "");
    const answer back = ask("GET",
                            ix_format(cx, "/spaces/farm/models?limit=2&previous_cursor=%s",
                                      text_at(next, "/paging/previous_cursor")),
                            NULL);
    CHECK_TEXT(json_at(back, "/data"), json_at(page, "/data"));
    CHECK_ASK("400 invalid cursor", "GET",
              ix_format(cx, "/spaces/farm/categories?next_cursor=%s",
                        text_at(page, "/paging/next_cursor")),
              NULL);
}

TEST("a Model that is in use cannot be deleted")
{
    farm(cx);
    add_model("Pump");
    add_version("{}");
    const char *category = "/spaces/farm/categories/Pumps";
    CHECK_ASK("201", "POST", "/spaces/farm/categories",
              JSON({"name" : "Pumps", "model" : {"name" : "Pump"}}));
    const char *thing = thing_made(JSON({"model" : {"name" : "Pump"}}));
    CHECK_ASK("403 model is in use by categories", "DELETE", pump, NULL);
    CHECK_ASK("204", "DELETE", category, NULL);
    CHECK_ASK("403 model is in use by things", "DELETE", pump, NULL);
    CHECK_ASK("204", "DELETE", thing, NULL);
    CHECK_ASK("204", "DELETE", pump, NULL);
    CHECK_ASK("404 Item not found", "DELETE", pump, NULL);
    CHECK_ASK("404 Item not found", "GET", pump_versions, NULL);
}

TEST("a Model that is made anew has none of the versions of its namesake")
{
    farm(cx);
    add_model("Pump");
    add_version("{}");
    CHECK_ASK("204", "DELETE", pump, NULL);
    add_model("Pump");
    CHECK_TEXT(json_at(ask("GET", pump_versions, NULL), "/data"), "[]");
    CHECK_TEXT(json_at(ask("POST", pump_versions, "{}"), "/version"), "1");
}

/* ---- versions ---- */

TEST("a version has the next number, and what was given")
{
    farm(cx);
    add_model("Pump");
    const answer first = ask("POST", pump_versions, "{}");
    CHECK_INT(first.status, 201);
    CHECK_TEXT(header_of(first, "Location"), "/spaces/farm/models/Pump/versions/1");
    CHECK_TEXT(json_at(first, "/version"), "1");
    CHECK_TEXT(text_at(first, "/title"), "");
    CHECK_TEXT(json_at(first, "/template"), "{}");
    CHECK_INT(ix_json_count(first.json), 5);
    const answer second = ask("POST", pump_versions, JSON({
                                  "version" : 7,
                                  "title" : "Second",
                                  "description" : "more",
                                  "template" : {
                                      "title" : "Pump",
                                      "description" : null,
                                      "properties" : {"on" : {"type" : "boolean", "unit" : null}},
                                      "@type" : "dropped",
                                      "model" : {}
                                  }
                              }));
    CHECK_TEXT(json_at(second, "/version"), "2");
    CHECK_TEXT(json_at(second, "/template"),
               "{\"title\":\"Pump\",\"properties\":{\"on\":{\"type\":\"boolean\"}}}");
    CHECK_TEXT(ask("GET", "/spaces/farm/models/Pump/versions/2", NULL).text, second.text);
    CHECK_ASK("404 Item not found", "GET", "/spaces/farm/models/Pump/versions/3", NULL);
    CHECK_ASK("404 Item not found", "POST", "/spaces/farm/models/Fan/versions", "[");
}

TEST("a template is checked as a Thing is")
{
    farm(cx);
    add_model("Pump");
    static const char *const templates[] = {
        "[]",
        "{\"title\":5}",
        "{\"properties\":{\"a\":{\"type\":\"float\"}}}",
        "{\"properties\":{\"\":{}}}",
        "{\"actions\":{\"a\":{\"input\":5}}}",
        "{\"events\":[]}",
        "{\"links\":[{\"href\":5}]}",
    };
    for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++) {
        const answer refused =
            ask("POST", pump_versions, ix_format(cx, "{\"template\":%s}", templates[i]));
        CHECK_INT(refused.status, 400);
        CHECK(strncmp(text_at(refused, "/error/details/field"), "template", 8) == 0);
    }
    CHECK_TEXT(json_at(ask("GET", pump_versions, NULL), "/data"), "[]");
}

TEST("versions cannot be changed or deleted, and their numbers are 1, 2, 3")
{
    farm(cx);
    add_model("Pump");
    add_version("{}");
    CHECK_ASK("405 Method not allowed", "PUT", "/spaces/farm/models/Pump/versions/1", "{}");
    CHECK_ASK("405 Method not allowed", "DELETE", "/spaces/farm/models/Pump/versions/1", NULL);
    CHECK_ASK("400 invalid version", "GET", "/spaces/farm/models/Pump/versions/0", NULL);
    CHECK_ASK("400 invalid version", "GET", "/spaces/farm/models/Pump/versions/x", NULL);
    CHECK_ASK("400 invalid version", "GET", "/spaces/farm/models/Pump/versions/-1", NULL);
}

TEST("versions are listed by number, however large the pages")
{
    farm(cx);
    add_model("Pump");
    for (int i = 0; i < 11; i++)
        add_version("{}");
    const char *seen = "", *cursor = "";
    do {
        const answer page =
            ask("GET", ix_format(cx, "%s?limit=4&next_cursor=%s", pump_versions, cursor), NULL);
        const ix_json *data = ix_json_member(page.json, "data");
        for (size_t i = 0; i < ix_json_count(data); i++)
            seen = ix_format(cx, "%s %d", seen,
                             (int)ix_json_int(ix_json_member(ix_json_item(data, i), "version"), 0));
        cursor = text_at(page, "/paging/next_cursor");
    } while (*cursor);
    CHECK_TEXT(seen, " 1 2 3 4 5 6 7 8 9 10 11");
    const answer last = ask("GET", ix_format(cx, "%s?limit=9", pump_versions), NULL);
    const answer rest =
        ask("GET",
            ix_format(cx, "%s?next_cursor=%s", pump_versions, text_at(last, "/paging/next_cursor")),
            NULL);
    const answer back = ask("GET",
                            ix_format(cx, "%s?limit=3&previous_cursor=%s", pump_versions,
                                      text_at(rest, "/paging/previous_cursor")),
                            NULL);
    CHECK_TEXT(json_at(back, "/data/0/version"), "7");
    CHECK_TEXT(json_at(back, "/data/2/version"), "9");
    CHECK_ASK("400 invalid limit", "GET", ix_format(cx, "%s?limit=0", pump_versions), NULL);
    CHECK_ASK("404 Item not found", "GET", "/spaces/farm/models/Fan/versions?limit=0", NULL);
}
