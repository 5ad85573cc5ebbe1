/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/thing_patch.h"

#include "base/test.h"

#define THE_THING                                                          \
    JSON({                                                                 \
        "uid" : "01JM2Q8V5T7XK3E9A4B6C8D0EF",                              \
        "id" : "http://x/spaces/farm/things/01JM2Q8V5T7XK3E9A4B6C8D0EF",   \
        "href" : "/spaces/farm/things/01JM2Q8V5T7XK3E9A4B6C8D0EF",         \
        "title" : "Probe",                                                 \
        "description" : "",                                                \
        "properties" : {"a" : {"type" : "integer"}, "b" : {}, "x~y" : {}}, \
        "actions" : {},                                                    \
        "events" : {},                                                     \
        "links" : [],                                                      \
        "x:own" : {"n" : 1},                                               \
        "categories" : [ "Beds", "Nodes" ],                                \
        "model" : {"name" : "M", "version" : 2},                           \
        "status" : {"a" : 1, "b" : "two", "x~y" : null},                   \
        "created" : "2025-02-14T10:00:00Z",                                \
        "modified" : "2025-02-14T10:00:00Z"                                \
    })

static bool patch(ix_ctx *cx, patch_form form, const char *text, thing_change *ret)
{
    return thing_patch(cx, false, json_of(cx, THE_THING), form, json_of(cx, text), ret);
}

static thing_change patched(ix_ctx *cx, patch_form form, const char *text)
{
    thing_change change;
    CHECK_OK(cx, patch(cx, form, text, &change));
    return change;
}

/* The values that are set, as text. */
static const char *values_of(ix_ctx *cx, patch_form form, const char *text)
{
    const thing_change change = patched(cx, form, text);
    return change.input.status ? ix_json_text(cx, change.input.status) : "none";
}

static const char *details(ix_ctx *cx, const char *operations)
{
    thing_change change;
    CHECK(!patch(cx, PATCH_OPERATIONS, operations, &change));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    const char *text = ix_json_text(cx, cx->error.details);
    ix_ctx_clear_error(cx);
    return text;
}

TEST("what a patch leaves alone stays as it is")
{
    const thing_change change =
        patched(cx, PATCH_OPERATIONS,
                JSON([ {"op" : "replace", "path" : "/title", "value" : "New"} ]));
    const thing_input *input = &change.input;
    CHECK(!change.is_only_of_values);
    CHECK_TEXT(input->title, "New");
    CHECK_TEXT(ix_json_text(cx, ix_json_member(input->doc, "x:own")), "{\"n\":1}");
    CHECK_INT(input->category_count, 2);
    CHECK_TEXT(input->model, "M");
    CHECK_INT(input->version, 2);
    CHECK(!input->status);
}

TEST("no operations, and tests that hold, change nothing")
{
    static const char *const patches[] = {
        "[]",
        JSON([ {"op" : "test", "path" : "/uid", "value" : "01JM2Q8V5T7XK3E9A4B6C8D0EF"} ]),
        JSON([ {"op" : "test", "path" : "/status/a", "value" : 1.0} ]),
    };
    for (size_t i = 0; i < sizeof patches / sizeof patches[0]; i++) {
        const thing_change change = patched(cx, PATCH_OPERATIONS, patches[i]);
        CHECK(change.is_only_of_values);
        CHECK(!change.input.status);
    }
    CHECK(patched(cx, PATCH_MERGE, "{}").is_only_of_values);
}

// clang-format off
/* Values a patch sets, even to what they are. */
static const struct value_case {
    patch_form form;
    const char *patch, *values;
} value_cases[] = {
    {PATCH_OPERATIONS, JSON([{"op":"replace","path":"/status/a","value":5}]), "{\"a\":5}"},
    {PATCH_OPERATIONS, JSON([{"op":"add","path":"/status/a","value":1}]), "{\"a\":1}"},
    {PATCH_OPERATIONS, JSON([{"op":"add","path":"/status/x~0y","value":[1]}]), "{\"x~y\":[1]}"},
    {PATCH_OPERATIONS, JSON([{"op":"remove","path":"/status/b"}]), "{\"b\":null}"},
    {PATCH_OPERATIONS, JSON([{"op":"copy","from":"/status/a","path":"/status/b"}]), "{\"b\":1}"},
    {PATCH_OPERATIONS, JSON([{"op":"move","from":"/status/a","path":"/status/b"}]), "{\"b\":1,\"a\":null}"},
    {PATCH_OPERATIONS, JSON([{"op":"move","from":"/status/b","path":"/title"}]), "{\"b\":null}"},
    {PATCH_OPERATIONS, JSON([{"op":"replace","path":"/status","value":{"a":1}}]), "{\"a\":1,\"b\":null,\"x~y\":null}"},
    {PATCH_OPERATIONS, JSON([{"op":"remove","path":"/status"}]), "{\"a\":null,\"b\":null,\"x~y\":null}"},
    {PATCH_OPERATIONS, JSON([{"op":"remove","path":"/properties/b"}]), "none"},
    {PATCH_OPERATIONS, JSON([{"op":"remove","path":"/properties/b"},{"op":"remove","path":"/status/b"}]), "none"},
    {PATCH_OPERATIONS, JSON([{"op":"add","path":"/properties/c","value":{}},{"op":"add","path":"/status/c","value":3}]), "{\"c\":3}"},
    {PATCH_MERGE, JSON({"status":{"a":1}}), "{\"a\":1}"},
    {PATCH_MERGE, JSON({"status":{"b":null}}), "{\"b\":null}"},
    {PATCH_MERGE, JSON({"status":null}), "{\"a\":null,\"b\":null,\"x~y\":null}"},
    {PATCH_MERGE, JSON({"title":"x","status":{}}), "none"},
};
// clang-format on

TEST("only the values that a patch speaks of are set; what it takes out becomes null")
{
    for (size_t i = 0; i < sizeof value_cases / sizeof value_cases[0]; i++)
        CHECK_TEXT(values_of(cx, value_cases[i].form, value_cases[i].patch), value_cases[i].values);
}

TEST("a patch of nothing but values leaves the description")
{
    CHECK(patched(cx, PATCH_OPERATIONS,
                  JSON([ {"op" : "replace", "path" : "/status/a", "value" : 5} ]))
              .is_only_of_values);
    CHECK(!patched(cx, PATCH_OPERATIONS, JSON([ {"op" : "remove", "path" : "/x:own"} ]))
               .is_only_of_values);
    CHECK(!patched(cx, PATCH_MERGE, JSON({"y" : 1})).is_only_of_values);
}

TEST("Categories and Model that are taken out are gone")
{
    const thing_change change = patched(
        cx, PATCH_OPERATIONS,
        JSON([ {"op" : "remove", "path" : "/categories"}, {"op" : "remove", "path" : "/model"} ]));
    CHECK(change.input.categories != NULL);
    CHECK_INT(change.input.category_count, 0);
    CHECK(!change.input.model && !change.input.version);
    CHECK(patched(cx, PATCH_MERGE, JSON({"categories" : null})).input.categories != NULL);
}

TEST("what the server decides cannot be changed, and the operation that tries is named")
{
    CHECK_TEXT(details(cx, JSON([
                           {"op" : "replace", "path" : "/title", "value" : "x"},
                           {"op" : "add", "path" : "/uid", "value" : "01JM2Q9H3B2C4D6E8F0G1H3J5K"}
                       ])),
               "{\"index\":1,\"op\":\"add\",\"path\":\"/uid\",\"reason\":\"cannot be changed\"}");
    CHECK_TEXT(details(cx, JSON([ {"op" : "move", "from" : "/created", "path" : "/x"} ])),
               "{\"index\":0,\"op\":\"move\",\"path\":\"/x\",\"reason\":\"cannot be changed\"}");
    CHECK_TEXT(details(cx, JSON([ {"op" : "replace", "path" : "", "value" : {}} ])),
               "{\"index\":0,\"op\":\"replace\",\"path\":\"\",\"reason\":\"cannot be changed\"}");
    CHECK_TEXT(
        details(cx, JSON([ {"op" : "add", "path" : "/client_id", "value" : "x"} ])),
        "{\"index\":0,\"op\":\"add\",\"path\":\"/client_id\",\"reason\":\"cannot be changed\"}");

    thing_change change;
    static const char *const merges[] = {"{\"id\":\"urn:x\"}", "{\"href\":null}",
                                         "{\"modified\":\"2025-02-14T10:00:01Z\"}"};
    for (size_t i = 0; i < sizeof merges / sizeof merges[0]; i++)
        CHECK_FAILS(cx, patch(cx, PATCH_MERGE, merges[i], &change), IOTS_INVALID);
}

TEST("writing what is there already is not a change")
{
    CHECK(patched(cx, PATCH_OPERATIONS, JSON([
                      {"op" : "replace", "path" : "/uid", "value" : "01JM2Q8V5T7XK3E9A4B6C8D0EF"},
                      {"op" : "remove", "path" : "/title"},
                      {"op" : "add", "path" : "/title", "value" : "Probe"}
                  ]))
              .is_only_of_values);
}

TEST("by way of a Category there are no categories to be patched")
{
    ix_json *doc = json_of(cx, THE_THING);
    ix_json_remove(doc, "categories");
    thing_change change;
    CHECK_FAILS(cx,
                thing_patch(cx, true, doc, PATCH_MERGE, json_of(cx, JSON({"categories" : []})),
                            &change),
                IOTS_INVALID);
    CHECK_FAILS(cx,
                thing_patch(cx, true, doc, PATCH_OPERATIONS,
                            json_of(cx, JSON([ {"op" : "remove", "path" : "/categories"} ])),
                            &change),
                IOTS_INVALID);
    CHECK_OK(cx,
             thing_patch(cx, true, doc, PATCH_MERGE, json_of(cx, JSON({"title" : "x"})), &change));
    CHECK(!change.input.categories);
}

TEST("what comes out of a patch must be a description")
{
    thing_change change;
    static const char *const merges[] = {"{\"title\":5}",
                                         "{\"properties\":{\"a\":{\"type\":\"float\"}}}",
                                         "{\"status\":5}", "{\"model\":\"M\"}"};
    for (size_t i = 0; i < sizeof merges / sizeof merges[0]; i++)
        CHECK_FAILS(cx, patch(cx, PATCH_MERGE, merges[i], &change), IOTS_INVALID);
    CHECK_FAILS(cx, patch(cx, PATCH_MERGE, "[]", &change), IOTS_INVALID);
    CHECK_FAILS(cx, patch(cx, PATCH_OPERATIONS, "{}", &change), IOTS_INVALID);
}
