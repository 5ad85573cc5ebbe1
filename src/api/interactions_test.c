/* SPDX-License-Identifier: Apache-2.0 */
/* What actions and events have beyond the conversations about them (tests/talk). */
#include "api/api_test.h"

/* ---- words ---- */

static const char *pump(void)
{
    return thing_made(JSON({
        "actions" : {
            "flush" : {"input" : {"type" : "integer"}, "output" : {"minimum" : 3}},
            "a b" : {},
            ".." : {}
        },
        "events" : {"dry" : {"data" : {"type" : "number", "minimum" : 3}}}
    }));
}

static answer flush(const char *thing, const char *input)
{
    return ask("POST", path_to(thing, "/actions/flush"),
               ix_format(world.cx, "{\"flush\":{\"input\":%s}}", input));
}

static const char *inputs(const char *path)
{
    const ix_json *data = ix_json_member(ask("GET", path, NULL).json, "data");
    const char *text = "";
    for (size_t i = 0; i < ix_json_count(data); i++)
        text = ix_format(world.cx, "%s%s%s", text, *text ? " " : "",
                         ix_json_text(world.cx, ix_json_at(ix_json_item(data, i), "/flush/input")));
    return text;
}

/* ---- places ---- */

TEST("Location is the href of what was made, by the route by which it was made")
{
    farm(cx);
    const char *thing = pump();
    CHECK_ASK("201", "POST", "/spaces/farm/categories", JSON({"name" : "Pumps"}));
    const answer direct = flush(thing, "5");
    CHECK_TEXT(header_of(direct, "Location"), text_at(direct, "/flush/href"));
    CHECK(strstr(text_at(direct, "/flush/href"), thing) == text_at(direct, "/flush/href"));

    CHECK_ASK("200", "PUT", thing,
              JSON({"categories" : ["Pumps"], "events" : {"dry" : {}}, "actions" : {}}));
    const char *uid = strrchr(thing, '/') + 1;
    const char *path = ix_format(cx, "/spaces/farm/categories/Pumps/things/%s/events/dry", uid);
    const answer by_category = ask("POST", path, JSON({"dry" : {}}));
    CHECK_TEXT(header_of(by_category, "Location"), text_at(by_category, "/dry/href"));
    CHECK(strstr(text_at(by_category, "/dry/href"), path) == text_at(by_category, "/dry/href"));
}

TEST("an href leads to what it belongs to, whatever the name")
{
    farm(cx);
    const char *thing = pump();
    static const char *const bodies[] = {JSON({"a b" : {}}), JSON({".." : {}})};
    static const char *const paths[] = {"/actions/a%20b", "/actions/%2E%2E"};
    for (size_t i = 0; i < 2; i++) {
        const answer made = ask("POST", path_to(thing, paths[i]), bodies[i]);
        const char *href = ix_json_string(ix_json_member(ix_members(made.json).value, "href"));
        CHECK(strstr(href, paths[i]) != NULL);
        CHECK_TEXT(ask("GET", href, NULL).text, made.text);
    }
}

/* ---- retention ---- */

TEST("of more than 100 requests of an action the oldest is forgotten")
{
    farm(cx);
    const char *thing = pump();
    const char *list = path_to(thing, "/actions/flush");
    for (int i = 0; i < INTERACTIONS_KEPT; i++)
        CHECK_INT(flush(thing, ix_format(cx, "%d", i)).status, 201);
    const char *oldest = text_at(ask("GET", list, NULL), "/data/0/flush/href");
    CHECK_TEXT(inputs(path_to(list, "?limit=2")), "0 1");
    CHECK_INT(flush(thing, "100").status, 201);
    CHECK_TEXT(inputs(path_to(list, "?limit=2")), "1 2");
    CHECK_INT(ix_json_count(
                  ix_json_member(ask("GET", path_to(list, "?limit=1000"), NULL).json, "data")),
              INTERACTIONS_KEPT);
    CHECK_ASK("404 Item not found", "GET", oldest, NULL);
}

TEST("after a start an interaction comes after those that are there, also those of a later clock")
{
    farm(cx);
    const char *thing = pump();
    ix_ulid late = api_id_next(world.api, ix_now_us() + 3600 * IX_SECOND_US);
    const interaction_key key = {"farm", strrchr(thing, '/') + 1, INTERACTION_ACTION, "flush"};
    CHECK_OK(cx, store_begin(cx, world.store));
    CHECK_OK(cx, store_interaction_add(cx, world.store, &key, late.text,
                                       JSON({"input" : 1, "timeRequested" : ""})));
    CHECK_OK(cx, store_commit(cx, world.store));
    api_free(world.api);
    world.api = api_new(cx, &world.settings, world.store);
    CHECK_OK(cx, world.api != NULL);
    CHECK_INT(flush(thing, "2").status, 201);
    CHECK_TEXT(inputs(path_to(thing, "/actions")), "1 2");
}

/* ---- values ---- */

/* Values of a wrong type, and values that are too small, as input, output and data: "400 201" if only
 * the former are refused. */
static const char *strictness(ix_ctx *cx, enum validate_mode mode)
{
    farm_with(cx, (api_settings){.validate_values = mode});
    const char *thing = pump();
    const char *dry = path_to(thing, "/events/dry");
    const char *request = text_at(flush(thing, "1"), "/flush/href");
    const int wrong = ask("POST", dry, JSON({"dry" : {"data" : "x"}})).status;
    const int small = ask("POST", dry, JSON({"dry" : {"data" : 2}})).status;
    CHECK_INT(flush(thing, "1.5").status, wrong);
    CHECK_INT(ask("PUT", request, JSON({"flush" : {"output" : 2}})).status,
              small == 400 ? 400 : 200);
    return ix_format(cx, "%d %d", wrong, small);
}

/* OUR CHOICE (docs/api/http.md 8.4) */
TEST("input, output and data are checked in full")
{
    CHECK_TEXT(strictness(cx, VALIDATE_STRICT), "400 400");
}

TEST("input, output and data are checked for their type only, if the settings say so")
{
    CHECK_TEXT(strictness(cx, VALIDATE_TYPE), "400 201");
}

TEST("input, output and data are not checked, if the settings say so")
{
    CHECK_TEXT(strictness(cx, VALIDATE_OFF), "201 201");
}

TEST("numbers come back as they were given, also after an update")
{
    farm(cx);
    const char *thing = pump();
    const char *request = text_at(flush(thing, "5.0"), "/flush/href");
    CHECK_ASK("200", "PUT", request, JSON({"flush" : {"status" : "running"}}));
    CHECK_TEXT(json_at(ask("GET", request, NULL), "/flush/input"), "5.0");
}

/* ---- who hears of it ---- */

TEST("what is requested, updated or reported is a change, as it is stored")
{
    farm(cx);
    const char *thing = pump();
    CHECK_ASK("201", "POST", "/spaces/farm/categories", JSON({"name" : "Pumps"}));
    const answer made = flush(thing, "5");
    CHECK_INT(made.changes, 1);
    const char *href = text_at(made, "/flush/href");
    const char *id = strrchr(href, '/') + 1;
    CHECK(ix_str_starts(ix_str_of(made.reported),
                        ix_format(cx, "action %s flush %s {\"input\":5", thing, id)));

    const answer put = ask("PUT", href, JSON({"flush" : {"status" : "running"}}));
    CHECK(ix_str_starts(ix_str_of(put.reported), ix_format(cx, "action %s flush %s {", thing, id)));
    CHECK(strstr(put.reported, "\"status\":\"running\"") != NULL);
    CHECK_INT(ask("PUT", href, JSON({"flush" : {"status" : 7}})).changes, 0);
    CHECK_TEXT(ask("DELETE", href, NULL).feed, "action-gone");

    CHECK_ASK("200", "PUT", thing, JSON({"categories" : ["Pumps"], "events" : {"dry" : {}}}));
    const answer event = ask("POST",
                             ix_format(cx, "/spaces/farm/categories/Pumps/things/%s/events/dry",
                                       strrchr(thing, '/') + 1),
                             JSON({"dry" : {}}));
    CHECK_TEXT(event.reported, ix_format(cx, "event %s dry %s {\"timestamp\":\"%s\"}", thing,
                                         strrchr(text_at(event, "/dry/href"), '/') + 1,
                                         text_at(event, "/dry/timestamp")));
}

/* ---- who may ---- */

TEST("requests and reports need the scope of what they do")
{
    farm(cx);
    const char *thing = pump();
    const char *request = text_at(flush(thing, "5"), "/flush/href");
    static const struct {
        const char *scope, *get, *post, *put, *delete;
    } cases[] = {
        {"thing.read", "200", "403 Unauthorized", "403 Unauthorized", "403 Unauthorized"},
        {"thing.create", "403 Unauthorized", "201", "403 Unauthorized", "403 Unauthorized"},
        {"thing.update", "403 Unauthorized", "403 Unauthorized", "200", "403 Unauthorized"},
        {"thing.delete", "403 Unauthorized", "403 Unauthorized", "403 Unauthorized", "204"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world.token = token_for(cases[i].scope, "app::a", cases[i].scope, "farm", NULL);
        CHECK_ASK(cases[i].get, "GET", request, NULL);
        CHECK_ASK(cases[i].post, "POST", path_to(thing, "/events/dry"), JSON({"dry" : {}}));
        CHECK_ASK(cases[i].put, "PUT", request, JSON({"flush" : {}}));
        CHECK_ASK(cases[i].delete, "DELETE", request, NULL);
    }
}

TEST("the client of a Thing works on its own requests and events only")
{
    farm(cx);
    const char *own = pump();
    const char *other = pump();
    const char *request = text_at(flush(own, "5"), "/flush/href");
    world.token = token_for("thing", "farm::x", "thing", "farm", strrchr(own, '/') + 1);
    CHECK_ASK("200", "PUT", request, JSON({"flush" : {"status" : "completed"}}));
    CHECK_ASK("201", "POST", path_to(own, "/events/dry"), JSON({"dry" : {}}));
    CHECK_ASK("403 Unauthorized", "POST", path_to(other, "/events/dry"), JSON({"dry" : {}}));
    CHECK_ASK("403 Unauthorized", "GET", path_to(other, "/actions"), NULL);
}
