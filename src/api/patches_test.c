/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"

#define NOBODY "01JM000000000000000000ZZZZ"

static const char things[] = "/spaces/farm/things";
static const char operations_type[] = "application/json-patch+json";
static const char merge_type[] = "application/merge-patch+json";

static const char *uid_of(const char *thing)
{
    return strrchr(thing, '/') + 1;
}

static void add_category(const char *name)
{
    CHECK_INT(ask("POST", "/spaces/farm/categories", ix_format(world.cx, "{\"name\":\"%s\"}", name))
                  .status,
              201);
}

/* PATCH with a type of the body. */
static answer patch_as(const char *type, const char *path, const char *body)
{
    world.type = type;
    const answer patched = ask("PATCH", path, body);
    world.type = NULL;
    return patched;
}

static answer patch(const char *path, const char *operations)
{
    return patch_as(operations_type, path, operations);
}

/* ---- one ---- */

TEST("a patched Thing is shown whole, as it is stored")
{
    farm(cx);
    const char *thing = thing_made(JSON({"title" : "Old", "x:y" : [1]}));
    const answer before = ask("GET", thing, NULL);
    const answer patched = patch(thing, JSON([
                                     {"op" : "test", "path" : "/title", "value" : "Old"},
                                     {"op" : "replace", "path" : "/title", "value" : "New"},
                                     {"op" : "add", "path" : "/x:y/-", "value" : 2},
                                     {"op" : "add", "path" : "/@type", "value" : "Probe"}
                                 ]));
    CHECK_INT(patched.status, 200);
    CHECK_TEXT(text_at(patched, "/title"), "New");
    CHECK_TEXT(json_at(patched, "/x:y"), "[1,2]");
    CHECK_TEXT(text_at(patched, "/@type"), "Probe");
    CHECK_TEXT(text_at(patched, "/created"), text_at(before, "/created"));
    CHECK(strcmp(text_at(patched, "/modified"), text_at(before, "/modified")) != 0);
    CHECK_TEXT(ask("GET", thing, NULL).text, patched.text);
}

TEST("the type of the body says what a patch is; plain JSON is what it looks like")
{
    farm(cx);
    const char *thing = thing_made("{}");
    const char *operations = JSON([ {"op" : "replace", "path" : "/title", "value" : "A"} ]);
    const char *merge = JSON({"title" : "B"});
    CHECK_TEXT(text_at(patch_as(NULL, thing, operations), "/title"), "A");
    CHECK_TEXT(text_at(patch_as(NULL, thing, merge), "/title"), "B");
    CHECK_TEXT(text_at(patch_as("application/json", thing, operations), "/title"), "A");
    CHECK_TEXT(text_at(patch_as("application/json; charset=utf-8", thing, merge), "/title"), "B");
    CHECK_TEXT(text_at(patch_as(merge_type, thing, JSON({"title" : "C"})), "/title"), "C");
    CHECK_TEXT(outcome(patch_as(merge_type, thing, operations)), "400 malformed body");
    CHECK_TEXT(outcome(patch_as(operations_type, thing, merge)), "400 malformed body");
    CHECK_TEXT(outcome(patch_as("application/json", thing, "7")), "400 malformed body");
    CHECK_TEXT(outcome(patch_as("text/plain", thing, merge)), "415 Unsupported media type");
}

TEST("a failed operation says which it was, and nothing has changed")
{
    farm(cx);
    const char *thing = thing_made(JSON({"title" : "Old"}));
    const answer before = ask("GET", thing, NULL);
    const answer failed = patch(thing, JSON([
                                    {"op" : "replace", "path" : "/title", "value" : "New"},
                                    {"op" : "test", "path" : "/description", "value" : "x"}
                                ]));
    CHECK_TEXT(outcome(failed), "400 the value is another one");
    CHECK_TEXT(json_at(failed, "/error/details"),
               "{\"index\":1,\"op\":\"test\",\"path\":\"/description\","
               "\"reason\":\"the value is another one\"}");
    CHECK_INT(failed.changes, 0);
    CHECK_TEXT(ask("GET", thing, NULL).text, before.text);
}

TEST("no operations change nothing, the time of change included")
{
    farm(cx);
    const char *thing = thing_made(JSON({"title" : "Old"}));
    const answer before = ask("GET", thing, NULL);
    CHECK_TEXT(patch(thing, "[]").text, before.text);
    CHECK_TEXT(patch_as(merge_type, thing, "{}").text, before.text);
    CHECK_TEXT(patch_as(merge_type, thing, JSON({"title" : "Old"})).text, before.text);
}

TEST("a patch sets values as a PUT of properties does, and that is not a change of the description")
{
    farm(cx);
    const char *thing = thing_made(JSON(
        {"properties" : {"a" : {"type" : "integer"}, "b" : {}}, "status" : {"a" : 1, "b" : 2}}));
    const answer before = ask("GET", thing, NULL);
    const answer same =
        patch(thing, JSON([ {"op" : "replace", "path" : "/status/a", "value" : 1} ]));
    CHECK_INT(same.changes, 1);
    CHECK_TEXT(same.text, before.text);
    const answer removed = patch(thing, JSON([ {"op" : "remove", "path" : "/status/b"} ]));
    CHECK_TEXT(json_at(removed, "/status"), "{\"a\":1,\"b\":null}");

    const char *history = path_to(thing, "/properties-history/a");
    CHECK_INT(ix_json_count(ix_json_member(ask("GET", history, NULL).json, "data")), 2);
    const answer wrong =
        patch(thing, JSON([ {"op" : "replace", "path" : "/status/a", "value" : "x"} ]));
    CHECK_TEXT(text_at(wrong, "/error/details/field"), "status/a");
    CHECK_INT(patch(thing, JSON([ {"op" : "add", "path" : "/status/c", "value" : 1} ])).status,
              400);
}

TEST("a property that a patch takes out takes its value along")
{
    farm(cx);
    const char *thing =
        thing_made(JSON({"properties" : {"a" : {}, "b" : {}}, "status" : {"a" : 1, "b" : 2}}));
    CHECK_TEXT(json_at(patch(thing, JSON([ {"op" : "remove", "path" : "/properties/a"} ])),
                       "/status"),
               "{\"b\":2}");
}

TEST("membership is patched as any member, but not by way of a Category")
{
    farm(cx);
    add_category("Boilers");
    const char *thing = thing_made("{}");
    const char *join = JSON([ {"op" : "add", "path" : "/categories/-", "value" : "Boilers"} ]);
    const char *leave = JSON([ {"op" : "remove", "path" : "/categories"} ]);
    CHECK_TEXT(json_at(patch(thing, join), "/categories"), "[\"Boilers\"]");

    const char *way = ix_format(cx, "/spaces/farm/categories/Boilers/things/%s", uid_of(thing));
    CHECK_INT(patch(way, join).status, 400);
    CHECK_INT(patch_as(merge_type, way, JSON({"categories" : []})).status, 400);
    const answer patched = patch_as(merge_type, way, JSON({"title" : "x"}));
    CHECK_TEXT(text_at(patched, "/href"), way);
    CHECK_TEXT(json_at(patched, "/categories"), "nothing");
    CHECK_TEXT(json_at(patch(thing, leave), "/categories"), "[]");
    CHECK_TEXT(outcome(patch(way, "[]")), "404 Item not found");
    CHECK_TEXT(outcome(
                   patch(thing,
                         JSON([ {"op" : "replace", "path" : "/categories", "value" : ["Nope"]} ]))),
               "404 Item not found");
}

TEST("if read-only is enforced, a patch cannot set such a property, but may leave it")
{
    farm_with(cx, (api_settings){.body_limit = 1 << 20, .enforce_read_only = true});
    const char *thing =
        thing_made(JSON({"properties" : {"n" : {"readOnly" : true}}, "status" : {"n" : 1}}));
    CHECK_TEXT(outcome(
                   patch(thing, JSON([ {"op" : "replace", "path" : "/status/n", "value" : 2} ]))),
               "403 n: the property is read-only");
    CHECK_INT(patch_as(merge_type, thing, JSON({"title" : "x"})).status, 200);
}

/* ---- many ---- */

/* An item for the Thing. */
static const char *item(const char *thing, const char *operations)
{
    return ix_format(world.cx, "{\"id\":\"%s\",\"patch\":%s}", uid_of(thing), operations);
}

static const char *retitle(const char *title)
{
    return ix_format(world.cx, "[{\"op\":\"replace\",\"path\":\"/title\",\"value\":\"%s\"}]",
                     title);
}

TEST("each of many items is answered for by itself")
{
    farm(cx);
    const char *a = thing_made(JSON({"title" : "a"}));
    const char *b = thing_made(JSON({"title" : "b"}));
    const char *half = JSON([
        {"op" : "replace", "path" : "/title", "value" : "half"}, {"op" : "remove", "path" : "/nope"}
    ]);
    const char *body =
        ix_format(cx, "[%s,%s,{\"id\":\"%s\",\"patch\":[]},%s]", item(a, retitle("A")),
                  item(b, half), NOBODY, item(a, retitle("AA")));
    const answer patched = patch(things, body);
    CHECK_INT(patched.status, 207);
    CHECK_TEXT(json_at(patched, "/has_errors"), "[1,2]");
    CHECK_INT(ix_json_count(ix_json_member(patched.json, "results")), 4);
    CHECK_TEXT(json_at(patched, "/results/0/status"), "200");
    CHECK_TEXT(text_at(patched, "/results/0/response/title"), "A");
    CHECK_TEXT(json_at(patched, "/results/1"),
               "{\"status\":400,\"response\":{\"error\":{\"status\":400,"
               "\"message\":\"path not found\",\"details\":{\"index\":1,\"op\":\"remove\","
               "\"path\":\"/nope\",\"reason\":\"path not found\"}}}}");
    CHECK_TEXT(json_at(patched, "/results/2/response/error/status"), "404");
    CHECK_TEXT(ix_json_text(cx, ix_json_at(patched.json, "/results/3/response")),
               ask("GET", a, NULL).text);
    CHECK_TEXT(text_at(ask("GET", a, NULL), "/title"), "AA");
    CHECK_TEXT(text_at(ask("GET", b, NULL), "/title"), "b");
}

TEST("an item without id or patch, or with another kind of them, is the item's failure")
{
    farm(cx);
    const char *a = thing_made("{}");
    const char *body = ix_format(
        cx,
        "[{},7,{\"id\":\"%s\"},{\"patch\":[]},{\"id\":5,\"patch\":[]},{\"id\":\"short\","
        "\"patch\":[]},{\"id\":\"%s\",\"patch\":{\"title\":\"x\"}},{\"id\":null,\"patch\":[]}]",
        uid_of(a), uid_of(a));
    const answer patched = patch(things, body);
    CHECK_INT(patched.status, 207);
    CHECK_TEXT(json_at(patched, "/has_errors"), "[0,1,2,3,4,5,6,7]");
    for (int i = 0; i < 8; i++)
        CHECK_TEXT(json_at(patched, ix_format(cx, "/results/%d/status", i)), "400");
    CHECK_TEXT(text_at(patched, "/results/5/response/error/message"), "invalid id");
}

TEST("lists of operations inside the list are joined")
{
    farm(cx);
    const char *a = thing_made(JSON({"title" : "a"}));
    const char *nested = ix_format(cx,
                                   "[%s,[],{\"op\":\"add\",\"path\":\"/"
                                   "x\",\"value\":1},[{\"op\":\"remove\",\"path\":\"/y\"}]]",
                                   retitle("b"));
    const answer failed = patch(things, ix_format(cx, "[%s]", item(a, nested)));
    CHECK_TEXT(json_at(failed, "/results/0/response/error/details/index"), "2");
    const char *good =
        ix_format(cx, "[%s,[{\"op\":\"add\",\"path\":\"/x\",\"value\":1}]]", retitle("b"));
    CHECK_TEXT(json_at(patch(things, ix_format(cx, "[%s]", item(a, good))), "/has_errors"), "[]");
    CHECK_TEXT(json_at(ask("GET", a, NULL), "/x"), "1");
}

TEST("an ID may be written in small letters")
{
    farm(cx);
    const char *a = thing_made("{}");
    char *small = ix_strdup(cx, uid_of(a));
    for (char *c = small; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    const answer patched = patch(things, ix_format(cx, "[{\"id\":\"%s\",\"patch\":[]}]", small));
    CHECK_TEXT(text_at(patched, "/results/0/response/href"), a);
}

TEST("what is not a list of at most 1000 items is refused as a whole")
{
    farm(cx);
    CHECK_TEXT(outcome(patch(things, "{}")), "400 malformed body");
    CHECK_TEXT(patch(things, "[]").text, "{\"results\":[],\"has_errors\":[]}");
    ix_buf body = {0};
    for (int i = 0; i < 1001; i++)
        ix_buf_text(&body, i ? ",{}" : "{}");
    const char *items = ix_format(cx, "[%s]", ix_buf_cstr(&body));
    ix_buf_done(&body);
    CHECK_INT(patch(things, items).status, 400);
    CHECK_INT(patch(things, ix_format(cx, "[%s", items + strlen("[{},"))).status, 207);
}

TEST("values set by many items are all announced, those of failed items are not")
{
    farm(cx);
    const char *a = thing_made(JSON({"properties" : {"n" : {}}}));
    const char *b = thing_made(JSON({"properties" : {"n" : {}}}));
    const char *set = JSON([ {"op" : "add", "path" : "/status/n", "value" : {"deep" : [1]}} ]);
    const char *fails = JSON([
        {"op" : "add", "path" : "/status/n", "value" : 1},
        {"op" : "add", "path" : "/title", "value" : 1}
    ]);
    const char *body = ix_format(cx, "[%s,%s,%s]", item(a, set), item(a, fails), item(b, set));

    api_call *call = call_for("PATCH", things);
    drive(call, body);
    CHECK_INT(call->status, 207);
    CHECK_INT(world.changes, 2);
    CHECK_TEXT(world.reported, ix_format(cx, "properties %s {\"n\":{\"deep\":[1]}}", b));
    call_free(call);
}

TEST("by way of a Category the items are Things of that Category")
{
    farm(cx);
    add_category("Boilers");
    const char *in = thing_made(JSON({"categories" : ["Boilers"]}));
    const char *out = thing_made("{}");
    const char *body = ix_format(cx, "[%s,%s]", item(in, retitle("x")), item(out, retitle("y")));
    const answer patched = patch("/spaces/farm/categories/Boilers/things", body);
    CHECK_TEXT(json_at(patched, "/has_errors"), "[1]");
    CHECK_TEXT(json_at(patched, "/results/0/response/categories"), "nothing");
    CHECK_TEXT(json_at(patched, "/results/1/status"), "404");
    CHECK_TEXT(outcome(patch("/spaces/farm/categories/Nope/things", "[]")), "404 Item not found");
}

TEST("the answer to many items has an end: what is beyond it is refused, and not done")
{
    farm(cx);
    enum { LONG = 1000000, ITEMS = 70 };
    char *letters = ix_alloc(cx, LONG + 1);
    memset(letters, 'x', LONG);
    const char *thing = thing_made(ix_format(cx, "{\"description\":\"%s\"}", letters));
    ix_buf body = {0};
    for (int i = 0; i < ITEMS; i++)
        ix_buf_format(&body, "%s%s", i ? "," : "[",
                      item(thing,
                           ix_format(cx, "[{\"op\":\"add\",\"path\":\"/x\",\"value\":%d}]", i)));
    ix_buf_char(&body, ']');
    const answer patched = patch(things, ix_buf_cstr(&body));
    ix_buf_done(&body);
    CHECK_INT(patched.status, 207);
    CHECK_TEXT(json_at(patched, "/has_errors"), "[68,69]");
    CHECK_TEXT(json_at(patched, "/results/68/response/error/status"), "413");
    CHECK_TEXT(json_at(ask("GET", thing, NULL), "/x"), "67");
}

/* ---- how much work, and how large ---- */

/* A Thing with a value that takes long to read. */
static const char *heavy_thing(void)
{
    const char *thing = thing_made(JSON({"properties" : {"v" : {}, "w" : {}}}));
    ix_buf value = {0};
    ix_buf_text(&value, "{\"v\":[1");
    for (int i = 0; i < 100000; i++)
        ix_buf_text(&value, ",1");
    ix_buf_text(&value, "]}");
    CHECK_ASK("200", "PUT", path_to(thing, "/properties/v"), ix_buf_cstr(&value));
    ix_buf_done(&value);
    world.plans_later = world.parts = 0;
    return thing;
}

TEST("a patch that takes long is worked out before the committer, and again if the Thing has "
     "changed")
{
    farm(cx);
    const char *thing = heavy_thing();
    CHECK_TEXT(outcome(patch(thing, retitle("a"))), "200");
    CHECK_INT(world.plans_later, 1);

    api_call *call = call_for("PATCH", thing);
    CHECK(call_admit(call));
    const char *body = JSON([
        {"op" : "test", "path" : "/title", "value" : "a"},
        {"op" : "replace", "path" : "/title", "value" : "b"}
    ]);
    CHECK_INT(call_start(call, ix_str_of(body)), PHASE_WRITE);
    CHECK_INT(write_part(call), PHASE_OFFLOAD);
    CHECK_INT(call_offload(call, world.store), PHASE_WRITE);
    CHECK_TEXT(outcome(patch(thing, retitle("c"))), "200");
    call_phase at = PHASE_WRITE;
    while (at != PHASE_REPLY)
        at = at == PHASE_WRITE ? write_part(call) : call_offload(call, world.store);
    CHECK_INT(call->status, 400);
    CHECK_TEXT(text_at(ask("GET", thing, NULL), "/title"), "c");
    call_free(call);
}

TEST("many heavy items are committed one by one, and the result is the same")
{
    farm(cx);
    const char *thing = heavy_thing();
    const char *body =
        ix_format(cx, "[%s,%s,%s,%s]", item(thing, retitle("a")),
                  item(thing, JSON([ {"op" : "test", "path" : "/title", "value" : "z"} ])),
                  item(thing, "5"), item(thing, retitle("b")));
    const answer patched = patch(things, body);
    CHECK_INT(patched.status, 207);
    CHECK_TEXT(json_at(patched, "/has_errors"), "[1,2]");
    CHECK_TEXT(text_at(patched, "/results/0/response/title"), "a");
    CHECK_TEXT(text_at(patched, "/results/3/response/title"), "b");
    CHECK_INT(world.plans_later, 3);
    CHECK(world.parts >= 6);
}

TEST("of many items those on disk stay when the others cannot be done")
{
    farm(cx);
    const char *thing = heavy_thing();
    const char *body = ix_format(cx, "[%s,%s,%s]", item(thing, retitle("a")),
                                 item(thing, retitle("b")), item(thing, retitle("c")));
    const ix_error full = {.code = IOTS_NO_ROOM};
    api_call *call = call_for("PATCH", things);
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, ix_str_of(body)), PHASE_WRITE);
    CHECK_INT(write_part(call), PHASE_OFFLOAD);
    CHECK_INT(call_offload(call, world.store), PHASE_WRITE);
    CHECK_INT(write_part(call), PHASE_OFFLOAD); /* the first is on disk, the second is heavy too */
    call_not_committed(call, &full);
    const answer patched = answer_of(call);
    CHECK_INT(patched.status, 207);
    CHECK_TEXT(json_at(patched, "/has_errors"), "[1,2]");
    CHECK_TEXT(json_at(patched, "/results/0/status"), "200");
    CHECK_TEXT(json_at(patched, "/results/2/status"), "507");
    CHECK_TEXT(text_at(ask("GET", thing, NULL), "/title"), "a");
    call_free(call);
}

TEST("a patch makes no value and no Thing that a body could not bring")
{
    farm(cx);
    const char *thing = heavy_thing();
    CHECK_TEXT(outcome(
                   patch(thing, JSON([ {"op" : "copy", "from" : "/status/v", "path" : "/x"} ]))),
               "200");
    ix_buf copies = {0};
    for (int i = 0; i < 6; i++)
        ix_buf_format(&copies,
                      "%s{\"op\":\"copy\",\"from\":\"/status/v\",\"path\":\"/status/w/%d\"}",
                      i ? "," : "[{\"op\":\"add\",\"path\":\"/status/w\",\"value\":[]},", i);
    ix_buf_char(&copies, ']');
    const answer refused = patch(thing, ix_buf_cstr(&copies));
    ix_buf_done(&copies);
    CHECK_TEXT(outcome(refused), "413 w: the value would become larger than 1048576 bytes");
    CHECK_TEXT(json_at(ask("GET", path_to(thing, "/properties/w"), NULL), "/w"), "null");
}

TEST("a Thing that is larger than 12 MiB with its values is not written as a whole")
{
    enum { VALUES = 13, VALUE_BYTES = 1000 * 1000 }; /* beyond THING_BYTES_MAX, by less than one */
    farm(cx);
    ix_buf body = {0};
    for (int i = 0; i < VALUES; i++)
        ix_buf_format(&body, "%s\"v%d\":{}", i ? "," : "{\"properties\":{", i);
    ix_buf_text(&body, "}}");
    const char *whole = ix_strdup(cx, ix_buf_cstr(&body));
    const char *thing = thing_made(whole);
    for (int i = 0; i < VALUES; i++) {
        ix_buf_clear(&body);
        ix_buf_format(&body, "{\"v%d\":\"%0*d\"}", i, VALUE_BYTES, i);
        CHECK_ASK("200", "PUT", path_to(thing, ix_format(cx, "/properties/v%d", i)),
                  ix_buf_cstr(&body));
    }
    ix_buf_done(&body);

    CHECK_TEXT(outcome(patch(thing, retitle("a"))),
               "413 the Thing with its values is larger than 12 MiB: too large to be patched");
    CHECK_ASK("413 the Thing with its values is larger than 12 MiB", "PUT", thing, whole);
    CHECK_ASK("200", "PUT", path_to(thing, "/properties/v0"), "{\"v0\":0}");
    CHECK_ASK("200", "PUT", thing, whole);
}

TEST("a value that is as it was is not a change, whether it would be taken today or not")
{
    farm(cx);
    const char *thing = thing_made(JSON(
        {"properties" : {"v" : {"type" : "number"}, "w" : {}}, "status" : {"v" : 7, "w" : 1}}));
    const char *put = JSON({
        "title" : "t",
        "properties" : {"v" : {"type" : "string"}, "w" : {}},
        "status" : {"v" : 7, "w" : 2}
    });
    CHECK_ASK("200", "PUT", thing, put);
    const answer shown = ask("GET", thing, NULL);
    CHECK_TEXT(json_at(shown, "/status"), "{\"v\":7,\"w\":2}");
    CHECK_ASK("200", "PUT", thing, shown.text);
    CHECK_TEXT(outcome(patch(thing, JSON([ {"op" : "add", "path" : "/status/v", "value" : 7} ]))),
               "200");
    /* It was not set anew. */
    CHECK_INT(ix_json_count(ix_json_at(
                  ask("GET", path_to(thing, "/properties-history/v"), NULL).json, "/data")),
              1);
    CHECK_ASK("400 status/v: expected a string", "PUT", thing,
              JSON({"properties" : {"v" : {"type" : "string"}}, "status" : {"v" : 8}}));
    CHECK_ASK("400 status/v: expected a string", "PUT", thing,
              JSON({"properties" : {"v" : {"type" : "string"}}, "status" : {"v" : 7.0}}));
}

TEST("many heavy items are too much work for one request: what is beyond it is refused, and not "
     "done")
{
    farm_with(cx, (api_settings){
                      .token_lifetime_us = 3600 * IX_SECOND_US,
                      .body_limit = 1 << 20,
                      .items_steps_max = ITEMS_STEPS_MAX / 20,
                  });
    enum { ITEMS = 40 };
    const char *thing = heavy_thing();
    ix_buf body = {0};
    for (int i = 0; i < ITEMS; i++)
        ix_buf_format(&body, "%s%s", i ? "," : "[",
                      item(thing, JSON([ {"op" : "test", "path" : "/title", "value" : "z"} ])));
    ix_buf_char(&body, ']');
    const answer patched = patch(things, ix_buf_cstr(&body));
    ix_buf_done(&body);
    CHECK_INT(patched.status, 207);
    CHECK_INT(ix_json_count(ix_json_at(patched.json, "/has_errors")), ITEMS);
    CHECK_TEXT(json_at(patched, "/results/0/status"), "400");
    CHECK_TEXT(json_at(patched, "/results/39/status"), "413");
}
