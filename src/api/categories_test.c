/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"

static const char categories[] = "/spaces/farm/categories";
static const char boilers[] = "/spaces/farm/categories/Boilers";

static void add_category(const char *name)
{
    CHECK_INT(ask("POST", categories, ix_format(world.cx, "{\"name\":\"%s\"}", name)).status, 201);
}

TEST("a new Category is shown as it is stored, with the place where it is")
{
    farm(cx);
    const answer made =
        ask("POST", categories, JSON({"name" : "Boilers", "description" : "Hot", "other" : 1}));
    CHECK_INT(made.status, 201);
    CHECK_TEXT(header_of(made, "Location"), boilers);
    CHECK_TEXT(text_at(made, "/name"), "Boilers");
    CHECK_TEXT(text_at(made, "/description"), "Hot");
    CHECK_TEXT(json_at(made, "/model"), "null");
    CHECK_TEXT(text_at(made, "/created"), text_at(made, "/modified"));
    CHECK_INT(ix_json_count(made.json), 5);
    CHECK_TEXT(ask("GET", boilers, NULL).text, made.text);
}

TEST("what is left out of a Category, or null, takes its default")
{
    farm(cx);
    const answer made =
        ask("POST", categories, JSON({"name" : "Boilers", "description" : null, "model" : null}));
    CHECK_TEXT(text_at(made, "/description"), "");
    CHECK_TEXT(json_at(made, "/model"), "null");
}

TEST("a name is taken once in a space, and letter case matters")
{
    farm(cx);
    add_category("Boilers");
    add_category("boilers");
    CHECK_ASK("409 This item already exists", "POST", categories, "{\"name\":\"Boilers\"}");
}

TEST("a bad name is refused with field and reason")
{
    farm(cx);
    const answer refused = ask("POST", categories, "{\"name\":\"has blank\"}");
    CHECK_INT(refused.status, 400);
    CHECK_TEXT(text_at(refused, "/error/details/field"), "name");
    CHECK(text_at(refused, "/error/details/reason"));
    CHECK_TEXT(json_at(ask("POST", categories, "{}"), "/error/details"),
               "{\"field\":\"name\",\"reason\":\"required\"}");
    CHECK_ASK("400 invalid name", "GET", "/spaces/farm/categories/has%20blank", NULL);
}

TEST("an unknown Model is refused")
{
    farm(cx);
    add_category("Boilers");
    const char *body = JSON({"name" : "Boilers", "model" : {"name" : "Pump"}});
    CHECK_ASK("400 model/name: no Model 'Pump'", "PUT", boilers, body);
    CHECK_ASK("400 model/name: no Model 'Pump'", "POST", categories, body);
    CHECK_TEXT(json_at(ask("GET", boilers, NULL), "/model"), "null");

    CHECK_ASK("201", "POST", "/spaces/farm/models", JSON({"name" : "Pump"}));
    CHECK_ASK("200", "PUT", boilers, body);
    CHECK_TEXT(json_at(ask("GET", boilers, NULL), "/model"), "{\"name\":\"Pump\"}");
    CHECK_ASK("400 model/version: no version 1 of Model 'Pump'", "PUT", boilers,
              JSON({"model" : {"name" : "Pump", "version" : 1}}));
    CHECK_ASK("201", "POST", "/spaces/farm/models/Pump/versions", "{}");
    const answer put = ask("PUT", boilers, JSON({"model" : {"name" : "Pump", "version" : 1}}));
    CHECK_TEXT(json_at(put, "/model"), "{\"name\":\"Pump\",\"version\":1}");
    CHECK_TEXT(ask("GET", boilers, NULL).text, put.text);
}

TEST("a PUT replaces the description and keeps name and creation")
{
    farm(cx);
    const answer made = ask("POST", categories, JSON({"name" : "Boilers", "description" : "Hot"}));
    const answer put = ask("PUT", boilers, JSON({"name" : "Boilers", "description" : "Cold"}));
    CHECK_INT(put.status, 200);
    CHECK_TEXT(text_at(put, "/description"), "Cold");
    CHECK_TEXT(text_at(put, "/created"), text_at(made, "/created"));
    CHECK(strcmp(text_at(put, "/modified"), text_at(made, "/modified")) != 0);
    CHECK_TEXT(text_at(ask("PUT", boilers, "{}"), "/description"), "");
}

TEST("a Category cannot be renamed")
{
    farm(cx);
    add_category("Boilers");
    CHECK_ASK("400 name: a Category keeps its name", "PUT", boilers, "{\"name\":\"Other\"}");
}

TEST("a deleted Category is gone, its Things stay")
{
    farm(cx);
    add_category("Boilers");
    const char *thing = thing_made(JSON({"categories" : ["Boilers"]}));
    const answer deleted = ask("DELETE", boilers, NULL);
    CHECK_INT(deleted.status, 204);
    CHECK_TEXT(deleted.text, "");
    CHECK_ASK("404 Item not found", "GET", boilers, NULL);
    CHECK_ASK("404 Item not found", "PUT", boilers, "{}");
    CHECK_ASK("404 Item not found", "DELETE", boilers, NULL);
    CHECK_TEXT(json_at(ask("GET", thing, NULL), "/categories"), "[]");
}

TEST("a Category of many Things goes in parts")
{
    farm(cx);
    add_category("Boilers");
    CHECK_OK(cx, store_begin(cx, world.store));
    for (int i = 0; i < PART_ROWS + 1; i++) {
        const thing_row row = {.uid = ix_format(cx, "01JM2Q8V5T7XK3E9A4B6%06d", i),
                               .title = "",
                               .doc = "\"title\":\"\"",
                               .categories = (const char *[]){"Boilers"},
                               .category_count = 1};
        CHECK_OK(cx, store_thing_add(cx, world.store, "farm", &row));
    }
    CHECK_OK(cx, store_commit(cx, world.store));

    api_call *call = call_for("DELETE", boilers);
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, (ix_str){0}), PHASE_WRITE);
    CHECK_INT(write_part(call), PHASE_WRITE);
    CHECK_INT(ask("GET", boilers, NULL).status, 200); /* it is there as long as Things are in it */
    write_phase(call);
    CHECK_INT(call->status, 204);
    call_free(call);
    CHECK_INT(ask("GET", boilers, NULL).status, 404);
    CHECK_TEXT(json_at(ask("GET", "/spaces/farm/things?category[]=Boilers", NULL), "/data"), "[]");
    CHECK_TEXT(json_at(ask("GET", "/spaces/farm/things?limit=1", NULL), "/data/0/categories"),
               "[]");
}

TEST("an empty list is a page without items or cursors")
{
    farm(cx);
    CHECK_TEXT(ask("GET", categories, NULL).text,
               "{\"data\":[],\"paging\":{\"next_cursor\":\"\",\"previous_cursor\":\"\"}}");
}

/* The names on a page, joined. */
static const char *names_on(answer page)
{
    CHECK_INT(page.status, 200);
    const ix_json *data = ix_json_member(page.json, "data");
    const char *names = "";
    for (size_t i = 0; i < ix_json_count(data); i++)
        names = ix_format(world.cx, "%s%s", names,
                          ix_json_string(ix_json_member(ix_json_item(data, i), "name")));
    return names;
}

static answer page_at(const char *parameter, const char *cursor)
{
    CHECK(cursor && *cursor);
    return ask("GET", ix_format(world.cx, "%s?limit=2&%s=%s", categories, parameter, cursor), NULL);
}

static const char *next_of(answer page)
{
    return text_at(page, "/paging/next_cursor");
}

static const char *previous_of(answer page)
{
    return text_at(page, "/paging/previous_cursor");
}

TEST("pages lead from one end to the other and back, each item once, in order of name")
{
    farm(cx);
    const char *all[] = {"d", "b", "e", "a", "c"};
    for (size_t i = 0; i < 5; i++)
        add_category(all[i]);

    const answer one = ask("GET", "/spaces/farm/categories?limit=2", NULL);
    CHECK_TEXT(names_on(one), "ab");
    CHECK_TEXT(previous_of(one), "");
    const answer two = page_at("next_cursor", next_of(one));
    CHECK_TEXT(names_on(two), "cd");
    const answer three = page_at("next_cursor", next_of(two));
    CHECK_TEXT(names_on(three), "e");
    CHECK_TEXT(next_of(three), "");

    const answer two_again = page_at("previous_cursor", previous_of(three));
    CHECK_TEXT(names_on(two_again), "cd");
    const answer one_again = page_at("previous_cursor", previous_of(two_again));
    CHECK_TEXT(names_on(one_again), "ab");
    CHECK_TEXT(previous_of(one_again), "");
    CHECK_TEXT(names_on(page_at("next_cursor", next_of(one_again))), "cd");
}

TEST("a cursor stays good when its item is deleted")
{
    farm(cx);
    const char *all[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++)
        add_category(all[i]);
    const answer one = ask("GET", "/spaces/farm/categories?limit=2", NULL);
    CHECK_INT(ask("DELETE", "/spaces/farm/categories/b", NULL).status, 204);
    CHECK_TEXT(names_on(page_at("next_cursor", next_of(one))), "cd");
}

TEST("if both cursors are given the next one wins; an empty one is none")
{
    farm(cx);
    const char *all[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++)
        add_category(all[i]);
    const answer one = ask("GET", "/spaces/farm/categories?limit=2", NULL);
    const answer two = page_at("next_cursor", next_of(one));
    CHECK_TEXT(names_on(page_at(ix_format(cx, "previous_cursor=%s&next_cursor", previous_of(two)),
                                next_of(one))),
               "cd");
    CHECK_TEXT(names_on(ask("GET", "/spaces/farm/categories?next_cursor=", NULL)), "abcd");
}

TEST("a cursor of another list is refused")
{
    farm(cx);
    add_category("a");
    add_category("b");
    const answer one = ask("GET", "/spaces/farm/categories?limit=1", NULL);
    CHECK_ASK("400 invalid cursor", "GET",
              ix_format(cx, "/spaces/farm/things?next_cursor=%s", next_of(one)), NULL);
    CHECK_ASK("400 invalid cursor", "GET", "/spaces/farm/categories?next_cursor=zzz", NULL);
}

/* ---- spaces ---- */

TEST("the spaces of a token are listed, as far as they are there")
{
    farm(cx);
    CHECK_TEXT(names_on(ask("GET", "/spaces", NULL)), "farm");
    world.token = token_for("both", "app::a", "thing.read", "mill attic farm", NULL);
    CHECK_TEXT(names_on(ask("GET", "/spaces", NULL)), "farmmill");
    const answer one = ask("GET", "/spaces?limit=1", NULL);
    CHECK_TEXT(names_on(one), "farm");
    const answer two =
        ask("GET", ix_format(cx, "/spaces?limit=1&next_cursor=%s", next_of(one)), NULL);
    CHECK_TEXT(names_on(two), "mill");
    CHECK_TEXT(next_of(two), "");
    const answer back =
        ask("GET", ix_format(cx, "/spaces?previous_cursor=%s", previous_of(two)), NULL);
    CHECK_TEXT(names_on(back), "farm");
    CHECK_TEXT(previous_of(back), "");
}
