/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"

#define NOBODY "01JM000000000000000000ZZZZ"

static const char things[] = "/spaces/farm/things";
static const char boiler_things[] = "/spaces/farm/categories/Boilers/things";

static void add_category(const char *name)
{
    CHECK_INT(ask("POST", "/spaces/farm/categories", ix_format(world.cx, "{\"name\":\"%s\"}", name))
                  .status,
              201);
}

static const char *uid_of(const char *thing)
{
    return strrchr(thing, '/') + 1;
}

static const char *by_boilers(const char *thing)
{
    return ix_format(world.cx, "%s/%s", boiler_things, uid_of(thing));
}

/* ---- making one ---- */

TEST("a new Thing is shown as it is stored, with the place where it is")
{
    farm(cx);
    const answer made = ask("POST", things, JSON({
                                "title" : "Probe",
                                "id" : "urn:dev:probe-4",
                                "base" : "coap://x",
                                "properties" : {"moisture" : {"type" : "number"}, "valve" : {}},
                                "status" : {"moisture" : 41.5}
                            }));
    CHECK_INT(made.status, 201);
    const char *href = text_at(made, "/href");
    CHECK_TEXT(header_of(made, "Location"), href);
    CHECK_TEXT(text_at(made, "/id"), ix_format(cx, "https://iot.example.org%s", href));
    CHECK_TEXT(text_at(made, "/uid"), uid_of(href));
    CHECK_TEXT(text_at(made, "/title"), "Probe");
    CHECK_TEXT(text_at(made, "/description"), "");
    CHECK_TEXT(text_at(made, "/base"), "coap://x");
    CHECK_TEXT(json_at(made, "/categories"), "[]");
    CHECK_TEXT(json_at(made, "/model"), "null");
    CHECK_TEXT(json_at(made, "/actions"), "{}");
    CHECK_TEXT(json_at(made, "/links"), "[]");
    CHECK_TEXT(json_at(made, "/status/moisture"), "41.5");
    CHECK_TEXT(json_at(made, "/status/valve"), "null");
    CHECK_TEXT(json_at(made, "/client_id"), "nothing");
    CHECK_TEXT(ask("GET", href, NULL).text, made.text);
}

/* A description of so many properties, each with a value. */
static const char *wide(int count)
{
    ix_buf properties = {0}, status = {0};
    for (int i = 0; i < count; i++) {
        ix_buf_format(&properties, "%s\"p%d\":{}", i ? "," : "", i);
        ix_buf_format(&status, "%s\"p%d\":%d", i ? "," : "", i, i);
    }
    const char *text = ix_format(world.cx, "{\"properties\":{%s},\"status\":{%s}}",
                                 ix_buf_cstr(&properties), ix_buf_cstr(&status));
    ix_buf_done(&properties);
    ix_buf_done(&status);
    return text;
}

TEST("a Thing has ten thousand properties at most, and is served with as many")
{
    farm_with(cx, (api_settings){.body_limit = 1 << 20});
    const answer made = ask("POST", things, wide(10000));
    CHECK_INT(made.status, 201);
    const char *href = text_at(made, "/href");
    CHECK_TEXT(json_at(ask("GET", path_to(href, "/properties"), NULL), "/p9999"), "9999");
    CHECK_ASK("200", "PUT", path_to(href, "/properties/p9999"), "{\"p9999\":1}");
    CHECK_ASK("200", "PATCH", href, "[{\"op\":\"replace\",\"path\":\"/status/p7\",\"value\":0}]");
    CHECK_TEXT(json_at(ask("GET", path_to(href, "/properties?times=1"), NULL), "/p7/value"), "0");
    CHECK_ASK("400 properties: expected at most 10000 members", "POST", things, wide(10001));
}

TEST("ids follow the request where no public URL is set")
{
    farm_with(cx, (api_settings){.body_limit = 1000});
    const answer made = ask("POST", things, "{}");
    CHECK_TEXT(text_at(made, "/id"),
               ix_format(cx, "http://iot.example.net:8080%s", text_at(made, "/href")));
}

TEST("initial values go into the history and are announced")
{
    farm(cx);
    const answer made =
        ask("POST", things, JSON({"properties" : {"n" : {}}, "status" : {"n" : 1}}));
    CHECK_INT(made.changes, 1);
    const char *history = path_to(text_at(made, "/href"), "/properties-history");
    CHECK_TEXT(json_at(ask("GET", history, NULL), "/data/0/properties"), "{\"n\":1}");
    CHECK_INT(ask("POST", things, "{}").changes, 0);
}

TEST("initial values must be of defined properties and fit")
{
    farm(cx);
    const answer wrong =
        ask("POST", things,
            JSON({"properties" : {"n" : {"type" : "integer"}}, "status" : {"n" : "three"}}));
    CHECK_INT(wrong.status, 400);
    CHECK(text_at(wrong, "/error/details/field"));
    CHECK(text_at(wrong, "/error/details/reason"));
    CHECK_INT(ask("POST", things, JSON({"status" : {"n" : 1}})).status, 400);
    CHECK_TEXT(json_at(ask("GET", things, NULL), "/data"), "[]");
}

TEST("a Thing joins the Categories it names, which must be there")
{
    farm(cx);
    add_category("Boilers");
    add_category("Attic");
    const char *thing = thing_made(JSON({"categories" : [ "Boilers", "Attic", "Boilers" ]}));
    CHECK_TEXT(json_at(ask("GET", thing, NULL), "/categories"), "[\"Attic\",\"Boilers\"]");
    const answer refused = ask("POST", things, JSON({"categories" : ["Nope"]}));
    CHECK_TEXT(outcome(refused), "404 Item not found");
    CHECK_TEXT(text_at(refused, "/error/details/field"), "categories");
}

TEST("by way of a Category a Thing joins just that one, and its ids go that way")
{
    farm(cx);
    add_category("Boilers");
    const answer made = ask("POST", boiler_things, "{}");
    CHECK_INT(made.status, 201);
    CHECK_TEXT(json_at(made, "/categories"), "nothing");
    const char *uid = text_at(made, "/uid");
    CHECK_TEXT(text_at(made, "/href"), ix_format(cx, "%s/%s", boiler_things, uid));
    CHECK_TEXT(header_of(made, "Location"), text_at(made, "/href"));
    const answer direct = ask("GET", ix_format(cx, "%s/%s", things, uid), NULL);
    CHECK_TEXT(json_at(direct, "/categories"), "[\"Boilers\"]");
    CHECK_INT(ask("POST", boiler_things, JSON({"categories" : ["Boilers"]})).status, 400);
}

TEST("an unknown Model is not found")
{
    farm(cx);
    CHECK_ASK("404 Item not found", "POST", things, JSON({"model" : {"name" : "Pump"}}));
    const char *thing = thing_made(JSON({"model" : null}));
    CHECK_ASK("404 Item not found", "PUT", thing, JSON({"model" : {"name" : "Pump"}}));
}

TEST("uid and creation are taken from the body only if that is asked for")
{
    farm(cx);
    const char *body =
        JSON({"uid" : "01H00000000000000000000000", "created" : "2020-01-01T00:00:00Z"});
    const answer ignored = ask("POST", things, body);
    CHECK(strcmp(text_at(ignored, "/uid"), "01H00000000000000000000000") != 0);

    const char *preserving = "/spaces/farm/things?preserve_uid=true";
    const answer taken = ask("POST", preserving, body);
    CHECK_TEXT(text_at(taken, "/uid"), "01H00000000000000000000000");
    CHECK_TEXT(text_at(taken, "/created"), "2020-01-01T00:00:00Z");
    CHECK_ASK("409 This item already exists", "POST", preserving, body);
    CHECK_ASK("400 uid: a ULID from the future", "POST", preserving,
              JSON({"uid" : "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"}));
    CHECK_ASK("400 uid: expected a ULID", "POST", preserving, "{\"uid\":\"x\"}");
    CHECK_ASK("201", "POST", preserving, "{}");
}

TEST("a uid from the future is taken, and those made after it are of their own time")
{
    farm(cx);
    ix_ulid_maker ahead = {{0}};
    const uint8_t chance[10] = {0};
    const int64_t now_us = ix_now_us(), hour_us = 3600 * IX_SECOND_US;
    const char *uid = ix_ulid_next(&ahead, now_us + 23 * hour_us, chance).text;
    CHECK_ASK("201", "POST", "/spaces/farm/things?preserve_uid=true",
              ix_format(cx, "{\"uid\":\"%s\"}", uid));
    for (int i = 0; i < 2; i++) {
        ix_ulid made;
        CHECK(ix_ulid_parse(ix_str_of(text_at(ask("POST", things, "{}"), "/uid")), &made));
        CHECK(ix_ulid_time_us(&made) < now_us + hour_us);
        CHECK_OK(cx, api_refresh(cx, world.api, world.store));
    }
}

static int64_t test_clock_us;

static int64_t told_time(void)
{
    return test_clock_us;
}

static const char *uid_made(void)
{
    return text_at(ask("POST", things, "{}"), "/uid");
}

static void start_again(ix_ctx *cx)
{
    api_free(world.api);
    world.api = api_new(cx, &world.settings, world.store);
    CHECK_OK(cx, world.api != NULL);
}

TEST("a uid is larger than those before, also if the clock was set back while nobody served")
{
    const int64_t late_us = ix_now_us();
    test_clock_us = late_us;
    farm_with(cx, (api_settings){.body_limit = 1 << 20, .now_us = told_time});
    const char *first = uid_made();
    test_clock_us = 0; /* as of a machine without a battery */
    start_again(cx);
    const char *second = uid_made();
    CHECK(strcmp(first, second) < 0);
    test_clock_us = late_us + IX_SECOND_US;
    start_again(cx);
    CHECK(strcmp(second, uid_made()) < 0);
}

/* ---- changing one ---- */

TEST("a PUT replaces the description; values of properties that stay, stay")
{
    farm(cx);
    const char *thing = thing_made(JSON({
        "title" : "Old",
        "support" : "x",
        "properties" : {"a" : {}, "b" : {}, "c" : {}},
        "status" : {"a" : 1, "b" : 2, "c" : 3}
    }));
    const answer before = ask("GET", thing, NULL);
    const answer put =
        ask("PUT", thing,
            JSON({"properties" : {"a" : {}, "b" : {}, "d" : {}}, "status" : {"b" : 7}}));
    CHECK_INT(put.status, 200);
    CHECK_TEXT(text_at(put, "/title"), "");
    CHECK_TEXT(json_at(put, "/support"), "nothing");
    CHECK_TEXT(json_at(put, "/status"), "{\"a\":1,\"b\":7,\"d\":null}");
    CHECK_TEXT(text_at(put, "/created"), text_at(before, "/created"));
    CHECK(strcmp(text_at(put, "/modified"), text_at(before, "/modified")) != 0);
    CHECK_INT(put.changes, 1);
    CHECK_TEXT(ask("GET", thing, NULL).text, put.text);
}

TEST("a PUT without categories leaves them; an empty list clears them")
{
    farm(cx);
    add_category("Boilers");
    add_category("Attic");
    const char *thing = thing_made(JSON({"categories" : ["Boilers"]}));
    CHECK_TEXT(json_at(ask("PUT", thing, "{}"), "/categories"), "[\"Boilers\"]");
    CHECK_TEXT(json_at(ask("PUT", thing, "{\"categories\":null}"), "/categories"), "[\"Boilers\"]");
    CHECK_TEXT(json_at(ask("PUT", thing, "{\"categories\":[\"Attic\"]}"), "/categories"),
               "[\"Attic\"]");
    CHECK_TEXT(json_at(ask("PUT", thing, "{\"categories\":[]}"), "/categories"), "[]");
    CHECK_ASK("404 Item not found", "PUT", thing, "{\"categories\":[\"Nope\"]}");
}

TEST("by way of a Category membership never changes")
{
    farm(cx);
    add_category("Boilers");
    const char *thing = thing_made(JSON({"categories" : ["Boilers"]}));
    const answer put = ask("PUT", by_boilers(thing), "{\"title\":\"New\"}");
    CHECK_INT(put.status, 200);
    CHECK_TEXT(json_at(put, "/categories"), "nothing");
    CHECK_TEXT(json_at(ask("GET", thing, NULL), "/categories"), "[\"Boilers\"]");
    CHECK_INT(ask("PUT", by_boilers(thing), "{\"categories\":[]}").status, 400);
}

TEST("a PUT may repeat the uid and nothing else")
{
    farm(cx);
    const char *thing = thing_made("{}");
    CHECK_ASK("200", "PUT", thing, ix_format(cx, "{\"uid\":\"%s\"}", uid_of(thing)));
    CHECK_ASK("400 uid: a Thing keeps its uid", "PUT", thing, "{\"uid\":\"" NOBODY "\"}");
}

TEST("a refused PUT changes nothing")
{
    farm(cx);
    const char *thing = thing_made(JSON({"title" : "Old", "properties" : {"n" : {}}}));
    const answer before = ask("GET", thing, NULL);
    CHECK_INT(ask("PUT", thing, JSON({"properties" : {"n" : 1}})).status, 400);
    CHECK_INT(ask("PUT", thing, JSON({"title" : "New", "status" : {"x" : 1}})).status, 400);
    CHECK_INT(ask("PUT", thing, "[]").status, 400);
    CHECK_TEXT(ask("GET", thing, NULL).text, before.text);
}

/* ---- finding one ---- */

TEST("a Thing that is not in the Category of the path is not found")
{
    farm(cx);
    add_category("Boilers");
    const char *thing = thing_made(JSON({"properties" : {"n" : {}}}));
    const char *way = by_boilers(thing);
    CHECK_ASK("404 Item not found", "GET", way, NULL);
    CHECK_ASK("404 Item not found", "PUT", way, "{}");
    CHECK_ASK("404 Item not found", "GET", path_to(way, "/properties/n"), NULL);
    CHECK_ASK("404 Item not found", "GET", path_to(way, "/properties"), NULL);
    CHECK_ASK("404 Item not found", "PUT", path_to(way, "/properties"), "{\"n\":1}");
    CHECK_ASK("404 Item not found", "GET", path_to(way, "/properties-history"), NULL);
    CHECK_ASK("404 Item not found", "DELETE", way, NULL);
    CHECK_ASK("200", "GET", thing, NULL);
}

TEST("what is not a ULID is an invalid id, one that is unknown is not found")
{
    farm(cx);
    CHECK_ASK("400 invalid id", "GET", "/spaces/farm/things/short", NULL);
    CHECK_ASK("404 Item not found", "GET", "/spaces/farm/things/" NOBODY, NULL);
}

/* ---- deleting ---- */

TEST("a deleted Thing is gone with all that is below it, and its client's tokens")
{
    farm(cx);
    const char *thing = thing_made(JSON({"properties" : {"n" : {}}, "status" : {"n" : 1}}));
    const char *uid = uid_of(thing);
    const char *own = token_for("own", ix_format(cx, "farm::%s", uid), "thing", "farm", uid);
    CHECK_ASK("204", "DELETE", thing, NULL);
    CHECK_ASK("404 Item not found", "GET", thing, NULL);
    CHECK_ASK("404 Item not found", "GET", path_to(thing, "/properties"), NULL);
    CHECK_ASK("404 Item not found", "GET", path_to(thing, "/properties-history/n"), NULL);
    CHECK_ASK("404 Item not found", "DELETE", thing, NULL);
    world.token = own;
    CHECK_ASK("401 Unauthenticated", "GET", thing, NULL);
}

TEST("a bulk delete needs a filter, and says what it deleted")
{
    farm(cx);
    add_category("Boilers");
    const char *a = thing_made(JSON({"@type" : "Pump"}));
    const char *b = thing_made(JSON({"@type" : "Pump", "categories" : ["Boilers"]}));
    const char *own =
        token_for("own", ix_format(cx, "farm::%s", uid_of(b)), "thing", "farm", uid_of(b));
    const char *c = thing_made("{}");
    const char *reason = "400 a bulk delete needs @type, thingID[], category[] or property:<name>";
    CHECK_ASK(reason, "DELETE", things, NULL);
    CHECK_ASK(reason, "DELETE", boiler_things, NULL);
    CHECK_ASK(reason, "DELETE", "/spaces/farm/things?title=x", NULL);

    CHECK_TEXT(ask("DELETE", "/spaces/farm/categories/Boilers/things?@type=Pump", NULL).text,
               ix_format(cx, "[\"%s\"]", uid_of(b)));
    const char *all =
        ix_format(cx, "/spaces/farm/things?thingID[]=%s&thingID%%5B%%5D=%s&thingID[]=%s", uid_of(c),
                  uid_of(a), NOBODY);
    const answer deleted = ask("DELETE", all, NULL);
    CHECK_INT(deleted.status, 200);
    CHECK_TEXT(deleted.text, ix_format(cx, "[\"%s\",\"%s\"]", uid_of(a), uid_of(c)));
    CHECK_TEXT(ask("DELETE", all, NULL).text, "[]");
    world.token = own;
    CHECK_ASK("401 Unauthenticated", "GET", b, NULL);
}

/* ---- lists ---- */

/* The titles on a page, joined. */
static const char *titles_on(answer page)
{
    if (page.status != 200)
        print_error("%s\n", page.text);
    CHECK_INT(page.status, 200);
    const ix_json *data = ix_json_member(page.json, "data");
    const char *titles = "";
    for (size_t i = 0; i < ix_json_count(data); i++)
        titles = ix_format(world.cx, "%s%s", titles,
                           ix_json_string(ix_json_member(ix_json_item(data, i), "title")));
    return titles;
}

static const char *listed(const char *query)
{
    return titles_on(ask("GET", ix_format(world.cx, "%s?%s", things, query), NULL));
}

/* Things with the given titles, in order of age. */
static void add_titles(const char *titles)
{
    for (; *titles; titles++)
        thing_made(ix_format(world.cx, "{\"title\":\"%c\"}", *titles));
}

/* Walks to the end and back; the titles seen, each page ended by a bar. */
static const char *walk(const char *query)
{
    ix_ctx *cx = world.cx;
    const char *seen = "", *cursor = "";
    answer page;
    do {
        page = ask("GET", ix_format(cx, "%s?%s&next_cursor=%s", things, query, cursor), NULL);
        seen = ix_format(cx, "%s%s|", seen, titles_on(page));
        cursor = text_at(page, "/paging/next_cursor");
    } while (*cursor);
    while (*(cursor = text_at(page, "/paging/previous_cursor"))) {
        page = ask("GET", ix_format(cx, "%s?%s&previous_cursor=%s", things, query, cursor), NULL);
        seen = ix_format(cx, "%s%s|", seen, titles_on(page));
    }
    return seen;
}

TEST("Things are listed by age, in pages that lead both ways")
{
    farm(cx);
    add_titles("cabed");
    CHECK_TEXT(listed(""), "cabed");
    CHECK_TEXT(walk("limit=2"), "ca|be|d|be|ca|");
    CHECK_TEXT(walk("limit=5"), "cabed|");
}

TEST("a sorted list is walked by its own cursors")
{
    farm(cx);
    add_titles("cabab");
    CHECK_TEXT(walk("limit=2&sort=title"), "aa|bb|c|bb|aa|");
    CHECK_TEXT(walk("limit=2&sort=-title"), "cb|ba|a|ba|cb|");
    const answer page = ask("GET", "/spaces/farm/things?limit=2&sort=title", NULL);
    CHECK_ASK("400 invalid cursor", "GET",
              ix_format(cx, "%s?sort=-title&next_cursor=%s", things,
                        text_at(page, "/paging/next_cursor")),
              NULL);
    CHECK_ASK("400 invalid sort", "GET", "/spaces/farm/things?sort=,", NULL);
}

TEST("filters narrow the list")
{
    farm(cx);
    add_category("Boilers");
    thing_made(JSON({"title" : "a", "categories" : ["Boilers"], "@type" : [ "X", "Y" ]}));
    thing_made(JSON({"title" : "b", "properties" : {"n" : {}}, "status" : {"n" : 5}}));
    CHECK_TEXT(listed("title=b"), "b");
    CHECK_TEXT(listed("@type=Y"), "a");
    CHECK_TEXT(listed("in_category=False"), "b");
    CHECK_TEXT(listed("category%5B%5D=Boilers"), "a");
    CHECK_TEXT(listed("property%3An=gt%3A4"), "b");
    CHECK_TEXT(titles_on(ask("GET", boiler_things, NULL)), "a");
    CHECK_ASK("400 invalid in_category", "GET", "/spaces/farm/things?in_category=maybe", NULL);
    CHECK_ASK("400 invalid limit", "GET", "/spaces/farm/things?limit=1001", NULL);
    CHECK_INT(ask("GET", "/spaces/farm/things?version=1", NULL).status, 400);
}

TEST("on the way through a Category items are shown as on that way")
{
    farm(cx);
    add_category("Boilers");
    const char *thing = thing_made(JSON({"categories" : ["Boilers"]}));
    const answer page = ask("GET", boiler_things, NULL);
    CHECK_TEXT(text_at(page, "/data/0/href"), by_boilers(thing));
    CHECK_TEXT(json_at(page, "/data/0/categories"), "nothing");
}

/* ---- read-only properties ---- */

TEST("if read-only is enforced, a PUT of a Thing cannot set such a property either")
{
    farm_with(cx, (api_settings){.enforce_read_only = true});
    const char *body = JSON({"properties" : {"n" : {"readOnly" : true}}, "status" : {"n" : 1}});
    const char *thing = thing_made(body);
    CHECK_ASK("403 n: the property is read-only", "PUT", thing, body);
    CHECK_ASK("200", "PUT", thing, JSON({"properties" : {"n" : {"readOnly" : true}}}));
}

TEST("of Things that are too many at once none is deleted")
{
    farm(cx);
    CHECK_OK(cx, store_begin(cx, world.store));
    for (int i = 0; i <= THINGS_REMOVED_MAX; i++) {
        const ix_ulid uid = api_id_next(world.api, ix_now_us());
        const ix_json *none = ix_json_new_object(cx);
        const thing_row row = {.uid = uid.text,
                               .title = "",
                               .doc = "\"title\":\"\"",
                               .types = ix_json_new_string(cx, "Lamp"),
                               .properties = none,
                               .links = ix_json_new_array(cx)};
        CHECK_OK(cx, store_thing_add(cx, world.store, "farm", &row));
    }
    CHECK_OK(cx, store_commit(cx, world.store));
    CHECK_ASK("400 more than 2000 Things match: delete them in smaller parts, such as by thingID[]",
              "DELETE", "/spaces/farm/things?@type=Lamp", NULL);
    const answer left = ask("GET", "/spaces/farm/things?@type=Lamp&limit=1", NULL);
    const char *one = text_at(left, "/data/0/href");
    CHECK_ASK("204", "DELETE", one, NULL);
    CHECK_INT(ix_json_count(ask("DELETE", "/spaces/farm/things?@type=Lamp", NULL).json),
              THINGS_REMOVED_MAX);
}
