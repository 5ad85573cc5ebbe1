/* SPDX-License-Identifier: Apache-2.0 */
/* What each of the typed functions asks of the server: one line for each. What an answer means is the
 * matter of call_test.c, who may ask that of auth_test.c. */
#include "base/test.h"
#include "client/fake_transport_test.h"

#define ID    "01GQ2E9M2Y45BX9EW0F2BM032Q"
#define FARM  "http://iots.test/spaces/farm"
#define THING FARM "/things/" ID

/* ---- words ---- */

/* Every answer of this fake is good. */
static iots_space farm_begin(fake *fake)
{
    *fake = (struct fake){0};
    for (int i = 0; i < STAGE_MAX; i++)
        fake->answers[i] = (answer){.status = 204};
    return fake_farm(fake);
}

static iots_thing thing_begin(fake *fake)
{
    return iots_space_thing(farm_begin(fake), ID);
}

/* Was this the last that was asked, with this body ("": none)? Frees the reply. */
static bool asks(const fake *fake, iots_reply *reply, const char *what, const char *body)
{
    iots_reply_free(reply);
    const size_t last = fake->count - 1;
    const bool ok = fake->count > 0 && strcmp(asked(fake, last), what) == 0 &&
                    strcmp(sent_body(fake, last), body) == 0;
    if (!ok)
        print_error("asked %s\n%s\nwant  %s\n%s\n", asked(fake, last), sent_body(fake, last), what,
                    body);
    return ok;
}

static bool lists(const fake *fake, iots_pager *pager, const char *what)
{
    iots_pager_next(pager);
    iots_pager_free(pager);
    return asks(fake, NULL, what, "");
}

#define CHECK_ASKS(call, what, body) CHECK(asks(&fake, (call), (what), (body)))
#define CHECK_LISTS(call, what)      CHECK(lists(&fake, (call), (what)))

/* ---- the functions ---- */

TEST("spaces, and whether the server serves")
{
    fake fake;
    farm_begin(&fake);
    CHECK_LISTS(iots_spaces_list(fake.api, NULL), "GET http://iots.test/spaces");
    CHECK_ASKS(iots_health_get(fake.api, NULL), "GET http://iots.test/health", "");
    fake_done(&fake);
}

TEST("Categories are created, listed, read, replaced and deleted")
{
    fake fake;
    iots_space farm = farm_begin(&fake);
    iots_category boilers = iots_space_category(farm, "Boilers");
    CHECK_ASKS(iots_categories_create(farm, iots_raw("{\"name\":\"Boilers\"}"), NULL),
               "POST " FARM "/categories", "{\"name\":\"Boilers\"}");
    CHECK_LISTS(iots_categories_list(farm, NULL), "GET " FARM "/categories");
    CHECK_ASKS(iots_category_get(boilers, NULL), "GET " FARM "/categories/Boilers", "");
    CHECK_ASKS(iots_category_update(boilers, iots_raw("{}"), NULL),
               "PUT " FARM "/categories/Boilers", "{}");
    CHECK_ASKS(iots_category_delete(boilers, NULL), "DELETE " FARM "/categories/Boilers", "");
    fake_done(&fake);
}

TEST("Models and their versions are created, listed, read, and Models replaced and deleted")
{
    fake fake;
    iots_space farm = farm_begin(&fake);
    iots_model model = iots_space_model(farm, "boiler");
    CHECK_ASKS(iots_models_create(farm, iots_raw("{}"), NULL), "POST " FARM "/models", "{}");
    CHECK_LISTS(iots_models_list(farm, NULL), "GET " FARM "/models");
    CHECK_ASKS(iots_model_get(model, NULL), "GET " FARM "/models/boiler", "");
    CHECK_ASKS(iots_model_update(model, iots_raw("{}"), NULL), "PUT " FARM "/models/boiler", "{}");
    CHECK_ASKS(iots_model_delete(model, NULL), "DELETE " FARM "/models/boiler", "");
    CHECK_ASKS(iots_versions_create(model, iots_raw("{}"), NULL),
               "POST " FARM "/models/boiler/versions", "{}");
    CHECK_LISTS(iots_versions_list(model, NULL), "GET " FARM "/models/boiler/versions");
    CHECK_ASKS(iots_version_get(model, 2, NULL), "GET " FARM "/models/boiler/versions/2", "");
    fake_done(&fake);
}

TEST("Things are created, listed, patched and deleted, in a space or in a Category")
{
    fake fake;
    iots_space farm = farm_begin(&fake);
    iots_things all = iots_space_things(farm);
    iots_things boilers = iots_category_things(iots_space_category(farm, "Boilers"));
    CHECK_ASKS(iots_things_create(all, iots_raw("{}"), NULL), "POST " FARM "/things", "{}");
    CHECK_ASKS(iots_things_create(boilers, iots_raw("{}"), NULL),
               "POST " FARM "/categories/Boilers/things", "{}");
    CHECK_LISTS(iots_things_list(all, NULL), "GET " FARM "/things");
    CHECK_LISTS(iots_things_list(boilers, NULL), "GET " FARM "/categories/Boilers/things");
    CHECK_ASKS(iots_things_patch(all, iots_raw("[]"), NULL), "PATCH " FARM "/things", "[]");
    CHECK_ASKS(iots_things_delete(boilers, IOTS_CALL(.params = IOTS_PARAMS({"@type", "Heater"},
                                                                           {"thingID[]", ID},
                                                                           {"thingID[]", ID}))),
               "DELETE " FARM "/categories/Boilers/things?%40type=Heater&thingID%5B%5D=" ID
               "&thingID%5B%5D=" ID,
               "");
    fake_done(&fake);
}

TEST("a list of Things takes all the filters there are")
{
    fake fake;
    iots_things all = iots_space_things(farm_begin(&fake));
    CHECK_LISTS(
        iots_things_list(
            all, IOTS_LIST(.limit = 5, .next_cursor = "n",
                           .params = IOTS_PARAMS({"title", "a b"}, {"@type", "T"}, {"model", "m"},
                                                 {"version", "2"}, {"thingID[]", ID},
                                                 {"category[]", "B"}, {"in_category", "true"},
                                                 {"sort", "+title"}, {"property:t", "gt:20"},
                                                 {"property_at:t", "lt:-10m"}, {"any_of", "true"},
                                                 {"links.rel", "r"}, {"links.href", "/x"}))),
        "GET " FARM "/things?limit=5&next_cursor=n&title=a%20b&%40type=T&model=m&version=2"
        "&thingID%5B%5D=" ID "&category%5B%5D=B&in_category=true&sort=%2Btitle"
        "&property%3At=gt%3A20&property_at%3At=lt%3A-10m&any_of=true&links.rel=r&links.href=%2Fx");
    CHECK_LISTS(iots_things_list(all, IOTS_LIST(.previous_cursor = "p")),
                "GET " FARM "/things?previous_cursor=p");
    fake_done(&fake);
}

TEST("a Thing is read, replaced, patched, deleted, and gets a secret")
{
    fake fake;
    iots_thing thing = thing_begin(&fake);
    CHECK_ASKS(iots_thing_get(thing, NULL), "GET " THING, "");
    CHECK_ASKS(iots_thing_update(thing, iots_raw("{}"), NULL), "PUT " THING, "{}");
    CHECK_ASKS(iots_thing_patch(thing, iots_raw("[]"), NULL), "PATCH " THING, "[]");
    CHECK_ASKS(iots_thing_delete(thing, NULL), "DELETE " THING, "");
    CHECK_ASKS(iots_thing_reset_secret(thing, NULL), "POST " THING "/reset-secret", "");
    thing = iots_category_thing(iots_space_category(iots_api_space(fake.api, "farm"), "B"), ID);
    CHECK_ASKS(iots_thing_get(thing, NULL), "GET " FARM "/categories/B/things/" ID, "");
    fake_done(&fake);
}

TEST("properties are read and set, all or one, with or without a trace in the history")
{
    fake fake;
    iots_thing thing = thing_begin(&fake);
    const iots_call_opts *silent = IOTS_CALL(.params = IOTS_PARAMS({"update_history", "false"}));
    CHECK_ASKS(iots_properties_get(thing, NULL), "GET " THING "/properties", "");
    CHECK_ASKS(iots_properties_update(thing, iots_raw("{\"t\":1}"), silent),
               "PUT " THING "/properties?update_history=false", "{\"t\":1}");
    CHECK_ASKS(iots_property_get(thing, "t", NULL), "GET " THING "/properties/t", "");
    CHECK_ASKS(iots_property_update(thing, "t", iots_integer(1), silent),
               "PUT " THING "/properties/t?update_history=false", "{\"t\":1}");
    fake_done(&fake);
}

TEST("JSON of a reply can be sent as a value")
{
    fake fake = FAKE(SAYS(200, "{\"t\": [1, 2.0]}"), SAYS(200, "{}"));
    iots_thing thing = iots_space_thing(fake_farm(&fake), ID);
    iots_reply *got = iots_property_get(thing, "t", NULL);
    const iots_json *value = iots_json_at(iots_reply_body(got), "/t");
    CHECK_ASKS(iots_property_update(thing, "u", iots_json_value(value), NULL),
               "PUT " THING "/properties/u", "{\"u\":[1,2.0]}");
    iots_reply_free(got);
    fake_done(&fake);
}

TEST("history is added, listed and deleted, of all properties or of one")
{
    fake fake;
    iots_thing thing = thing_begin(&fake);
    CHECK_ASKS(iots_history_create(thing, NULL, iots_raw("[]"), NULL),
               "POST " THING "/properties-history", "[]");
    CHECK_ASKS(iots_history_create(thing, "t", iots_raw("[]"), NULL),
               "POST " THING "/properties-history/t", "[]");
    CHECK_LISTS(iots_history_list(thing, NULL, NULL), "GET " THING "/properties-history");
    CHECK_LISTS(iots_history_list(thing, "t", NULL), "GET " THING "/properties-history/t");
    CHECK_ASKS(iots_history_delete(thing, "t", "2025|", NULL),
               "DELETE " THING "/properties-history/t?at=2025%7C", "");
    fake_done(&fake);
}

TEST("actions are asked for, listed, read, reported on and deleted")
{
    fake fake;
    iots_thing thing = thing_begin(&fake);
    CHECK_ASKS(iots_actions_create(thing, "flush", iots_integer(1), NULL),
               "POST " THING "/actions/flush", "{\"flush\":{\"input\":1}}");
    CHECK_LISTS(iots_actions_list(thing, NULL, NULL), "GET " THING "/actions");
    CHECK_LISTS(iots_actions_list(thing, "flush", IOTS_LIST(.limit = 2)),
                "GET " THING "/actions/flush?limit=2");
    CHECK_ASKS(iots_action_get(thing, "flush", ID, NULL), "GET " THING "/actions/flush/" ID, "");
    CHECK_ASKS(iots_action_update(thing, "flush", ID, "running", iots_none(), NULL),
               "PUT " THING "/actions/flush/" ID, "{\"flush\":{\"status\":\"running\"}}");
    CHECK_ASKS(iots_action_delete(thing, "flush", ID, NULL), "DELETE " THING "/actions/flush/" ID,
               "");
    fake_done(&fake);
}

TEST("events are reported, listed, read and deleted")
{
    fake fake;
    iots_thing thing = thing_begin(&fake);
    CHECK_ASKS(iots_events_create(thing, "dry", iots_text("x"), NULL), "POST " THING "/events/dry",
               "{\"dry\":{\"data\":\"x\"}}");
    CHECK_LISTS(iots_events_list(thing, NULL, NULL), "GET " THING "/events");
    CHECK_LISTS(iots_events_list(thing, "dry", NULL), "GET " THING "/events/dry");
    CHECK_ASKS(iots_event_get(thing, "dry", ID, NULL), "GET " THING "/events/dry/" ID, "");
    CHECK_ASKS(iots_event_delete(thing, "dry", ID, NULL), "DELETE " THING "/events/dry/" ID, "");
    fake_done(&fake);
}

TEST("MQTT credentials are made, looked at, changed and removed, of a Category or a Thing")
{
    fake fake;
    iots_thing thing = thing_begin(&fake);
    iots_category boilers = iots_space_category(iots_api_space(fake.api, "farm"), "B");
    const char *of_category = FARM "/categories/B/mqtt-credentials";
    const char *of_thing = THING "/mqtt-credentials";
    CHECK_ASKS(iots_category_mqtt_create(boilers, iots_none(), NULL),
               ix_format(cx, "POST %s", of_category), "");
    CHECK_ASKS(iots_category_mqtt_get(boilers, NULL), ix_format(cx, "GET %s", of_category), "");
    CHECK_ASKS(iots_category_mqtt_update(boilers, iots_raw("{}"), NULL),
               ix_format(cx, "PUT %s", of_category), "{}");
    CHECK_ASKS(iots_category_mqtt_delete(boilers, NULL), ix_format(cx, "DELETE %s", of_category),
               "");
    CHECK_ASKS(iots_thing_mqtt_create(thing, iots_none(), NULL), ix_format(cx, "POST %s", of_thing),
               "");
    CHECK_ASKS(iots_thing_mqtt_get(thing, NULL), ix_format(cx, "GET %s", of_thing), "");
    CHECK_ASKS(iots_thing_mqtt_update(thing, iots_raw("{}"), NULL),
               ix_format(cx, "PUT %s", of_thing), "{}");
    CHECK_ASKS(iots_thing_mqtt_delete(thing, NULL), ix_format(cx, "DELETE %s", of_thing), "");
    fake_done(&fake);
}

TEST("queries are run and gone on with, e-mail is sent")
{
    fake fake;
    iots_space farm = farm_begin(&fake);
    CHECK_ASKS(iots_query_create(farm, iots_raw("{\"query\":\"x\"}"), NULL),
               "POST " FARM "/query/cursor", "{\"query\":\"x\"}");
    CHECK_ASKS(iots_query_next(farm, "c1", iots_none(), NULL), "POST " FARM "/query/cursor/c1", "");
    CHECK_ASKS(iots_email_send(farm, iots_raw("{\"to\":[\"a@b\"]}"), NULL),
               "POST " FARM "/communications/email", "{\"to\":[\"a@b\"]}");
    fake_done(&fake);
}

TEST("a call hands on parameters, headers and whether it is to be authenticated")
{
    fake fake;
    iots_thing thing = thing_begin(&fake);
    CHECK_ASKS(iots_thing_get(thing,
                              IOTS_CALL(.params = IOTS_PARAMS({"a", "1"}),
                                        .headers = IOTS_PARAMS({"X-A", "2"}), .auth = IOTS_NO)),
               "GET " THING "?a=1", "");
    CHECK(sent_header(&fake, 0, "X-A: 2"));
    CHECK(!strstr(fake.headers[0], "Authorization"));
    fake_done(&fake);
}

TEST("the headers of an answer can be gone through")
{
    fake fake = FAKE(SAYS_WITH(200, "{}", .header = {"X-A", "1"}));
    iots_reply *reply = iots_thing_get(iots_space_thing(fake_farm(&fake), ID), NULL);
    iots_param header;
    bool found = false;
    size_t count = 0;
    while (iots_reply_header_at(reply, count, &header)) {
        found = found || (strcmp(header.name, "X-A") == 0 && strcmp(header.value, "1") == 0);
        count++;
    }
    CHECK(found);
    CHECK_INT(count, 2); /* and the content type */
    iots_reply_free(reply);
    fake_done(&fake);
}

TEST("the library says its version")
{
    CHECK_TEXT(iots_version(), IOTS_VERSION);
}
