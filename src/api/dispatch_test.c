/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"

#define NOBODY "01JM000000000000000000ZZZZ"

/* ---- route and method ---- */

TEST("a path that is not a route is not found, with or without a token")
{
    farm(cx);
    CHECK_ASK("404 Not found", "GET", "/nowhere", NULL);
    world.token = NULL;
    CHECK_ASK("404 Not found", "GET", "/nowhere", NULL);
    CHECK_ASK("404 Not found", "BREW", "/nowhere", NULL);
}

TEST("a route without the method says which methods it has, before it asks for a token")
{
    farm(cx);
    world.token = NULL;
    const answer refused = ask("PATCH", "/spaces/farm/categories", NULL);
    CHECK_TEXT(outcome(refused), "405 Method not allowed");
    CHECK_TEXT(header_of(refused, "Allow"), "GET, POST, HEAD, OPTIONS");
    CHECK_ASK("405 Method not allowed", "BREW", "/spaces/farm/categories", NULL);
    CHECK_ASK("405 Method not allowed", "get", "/spaces/farm/categories", NULL);
}

TEST("OPTIONS needs no token")
{
    farm(cx);
    world.token = NULL;
    const answer options = ask("OPTIONS", "/spaces/farm/categories/Boilers", NULL);
    CHECK_INT(options.status, 204);
    CHECK_TEXT(options.text, "");
    CHECK_TEXT(header_of(options, "Allow"), "GET, PUT, DELETE, HEAD, OPTIONS");
}

TEST("HEAD is as GET")
{
    farm(cx);
    CHECK_ASK("200", "HEAD", "/spaces/farm/categories", NULL);
    CHECK_ASK("404 Item not found", "HEAD", "/spaces/farm/categories/Boilers", NULL);
}

TEST("one slash at the end of a path is ignored")
{
    farm(cx);
    CHECK_ASK("200", "GET", "/spaces/farm/categories/", NULL);
}

/* ---- token, scope, space ---- */

TEST("without a token one is asked for")
{
    farm(cx);
    world.token = NULL;
    const answer refused = ask("GET", "/spaces/farm/things", NULL);
    CHECK_TEXT(refused.text, "{\"error\":{\"status\":401,\"message\":\"No token provided\"}}");
    CHECK_TEXT(header_of(refused, "WWW-Authenticate"), "Bearer");
    CHECK_TEXT(refused.type, "application/json");
    world.basic = "Basic YTpi";
    CHECK_ASK("401 No token provided", "GET", "/spaces/farm/things", NULL);
    world.basic = "Bearer ";
    CHECK_ASK("401 No token provided", "GET", "/spaces/farm/things", NULL);
}

TEST("a token that is not live is refused")
{
    farm(cx);
    world.token = "made-up";
    const answer refused = ask("GET", "/spaces/farm/things", NULL);
    CHECK_TEXT(outcome(refused), "401 Unauthenticated");
    CHECK_TEXT(header_of(refused, "WWW-Authenticate"), "Bearer");
}

TEST("the word Bearer may be written in any letters")
{
    farm(cx);
    world.basic = "bEARER everything";
    CHECK_ASK("200", "GET", "/spaces/farm/things", NULL);
}

TEST("a token needs the scope, or a parent of it")
{
    farm(cx);
    world.token = token_for("reader", "app::a", "thing.read", "farm", NULL);
    CHECK_ASK("200", "GET", "/spaces/farm/things", NULL);
    CHECK_ASK("403 Unauthorized", "POST", "/spaces/farm/things", "{}");
    CHECK_ASK("403 Unauthorized", "GET", "/spaces/farm/categories", NULL);
    world.token = token_for("parent", "app::a", "thing", "farm", NULL);
    CHECK_ASK("201", "POST", "/spaces/farm/things", "{}");
}

TEST("a token is good for its spaces only")
{
    farm(cx);
    CHECK_ASK("403 Unauthorized", "GET", "/spaces/mill/things", NULL);
    world.token = token_for("two", "app::a", "thing", "attic mill farm", NULL);
    CHECK_ASK("200", "GET", "/spaces/mill/things", NULL);
    CHECK_ASK("403 Unauthorized", "GET", "/spaces/far/things", NULL);
}

TEST("a space that is not there is not found, nor is one that no space can be called")
{
    farm(cx);
    CHECK_ASK("404 Item not found", "GET", "/spaces/No%20space/things", NULL);
    world.token = token_for("gone", "app::a", "thing", "attic", NULL);
    CHECK_ASK("404 Item not found", "GET", "/spaces/attic/things", NULL);
}

TEST("the client of a Thing may touch its own Thing and nothing else")
{
    farm(cx);
    CHECK_ASK("201", "POST", "/spaces/farm/categories", JSON({"name" : "Pumps"}));
    const char *own = thing_made(JSON({"categories" : ["Pumps"]}));
    const char *other = thing_made("{}");
    const char *uid = strrchr(own, '/') + 1;
    world.token = token_for("thing", "farm::x", "thing", "farm", uid);

    CHECK_ASK("200", "GET", own, NULL);
    CHECK_ASK("200", "GET", path_to(own, "/properties"), NULL);
    CHECK_ASK("200", "GET", ix_format(cx, "/spaces/farm/categories/Pumps/things/%s", uid), NULL);
    CHECK_ASK("403 Unauthorized", "GET", other, NULL);
    CHECK_ASK("403 Unauthorized", "GET", "/spaces/farm/things", NULL);
    CHECK_ASK("403 Unauthorized", "GET", "/spaces", NULL);
}

/* ---- the order of checks ---- */

TEST("of all that is wrong with a request the first in order is reported")
{
    farm(cx);
    const char *thing = thing_made(JSON({"properties" : {"n" : {"type" : "integer"}}}));
    const char *bad_id = "/spaces/farm/things/short/properties/n?update_history=maybe";
    const char *absent = "/spaces/farm/things/" NOBODY "/properties/n?update_history=maybe";
    const char *undefined = path_to(thing, "/properties/nope?update_history=maybe");
    const char *bad_query = path_to(thing, "/properties/n?update_history=maybe");
    const char *reader = token_for("reader", "app::a", "thing.read", "farm", NULL);

    world.token = NULL;
    CHECK_ASK("401 No token provided", "PUT", bad_id, "[");
    world.token = reader;
    CHECK_ASK("403 Unauthorized", "PUT", bad_id, "[");
    world.token = "everything";
    CHECK_ASK("400 invalid id", "PUT", bad_id, "[");
    CHECK_ASK("404 Item not found", "PUT", absent, "[");
    CHECK_ASK("404 Item not found", "PUT", undefined, "[");
    CHECK_ASK("400 invalid update_history", "PUT", bad_query, "[");
    CHECK_ASK("400 malformed body", "PUT", path_to(thing, "/properties/n"), "[");
    CHECK_ASK("200", "PUT", path_to(thing, "/properties/n"), "{\"n\":1}");
}

TEST("a bad path ID is reported before the space is found to be gone")
{
    farm(cx);
    world.token = token_for("gone", "app::a", "thing", "attic", NULL);
    CHECK_ASK("400 invalid id", "GET", "/spaces/attic/things/short", NULL);
}

TEST("a Category of the path that is not there is reported before a bad query or body")
{
    farm(cx);
    CHECK_ASK("404 Item not found", "GET", "/spaces/farm/categories/Nope/things?limit=0", NULL);
    CHECK_ASK("404 Item not found", "POST", "/spaces/farm/categories/Nope/things", "[");
    CHECK_ASK("404 Item not found", "PUT", "/spaces/farm/categories/Nope", "[");
    CHECK_ASK("400 invalid limit", "GET", "/spaces/farm/things?limit=0", NULL);
}

TEST("ULIDs of a path may be written in small letters")
{
    farm(cx);
    const char *thing = thing_made("{}");
    char *path = ix_strdup(cx, thing);
    for (char *c = strrchr(path, '/'); *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    const answer found = ask("GET", path, NULL);
    CHECK_TEXT(text_at(found, "/href"), thing);
}

/* ---- bodies ---- */

TEST("a body of another type is refused; parameters and letter case of the type are ignored")
{
    farm(cx);
    const char *body = JSON({"name" : "Boilers"});
    world.type = "text/plain";
    CHECK_ASK("415 Unsupported media type", "POST", "/spaces/farm/categories", body);
    world.type = "application/x-www-form-urlencoded";
    CHECK_ASK("415 Unsupported media type", "POST", "/spaces/farm/categories", body);
    world.type = "Application/JSON ; charset=utf-8";
    CHECK_ASK("201", "POST", "/spaces/farm/categories", body);
}

TEST("a body of another type for something that is not there is not found")
{
    farm(cx);
    world.type = "text/plain";
    CHECK_ASK("404 Item not found", "PUT", "/spaces/farm/categories/Nope", "{}");
}

TEST("what is not JSON, or of the wrong kind, is a malformed body with its reason")
{
    farm(cx);
    CHECK_ASK("400 malformed body", "POST", "/spaces/farm/categories", "");
    CHECK_ASK("400 malformed body", "POST", "/spaces/farm/categories", "{");
    CHECK_ASK("400 malformed body", "POST", "/spaces/farm/categories", "[\"x\"]");
    const answer refused = ask("POST", "/spaces/farm/categories", "{\"name\":7}");
    CHECK_TEXT(json_at(refused, "/error/details"),
               "{\"field\":\"name\",\"reason\":\"expected a string\"}");
}

/* What is answered to a request whose body cannot be had. */
static const char *without_body(const char *method, const char *path, iots_code why,
                                const char *reason)
{
    api_call *call = call_for(method, path);
    CHECK(call_admit(call));
    if (call_start_without_body(call, why, reason) == PHASE_READ)
        CHECK_INT(call_read(call, world.store), PHASE_REPLY);
    const char *said = outcome(answer_of(call));
    call_free(call);
    return said;
}

TEST("a body that cannot be had is refused, unless what it is for is not there")
{
    farm(cx);
    CHECK_ASK("201", "POST", "/spaces/farm/categories", JSON({"name" : "Boilers"}));
    const char *absent = "/spaces/farm/categories/Nope", *there = "/spaces/farm/categories/Boilers";
    CHECK_TEXT(without_body("PUT", absent, IOTS_TOO_LARGE, NULL), "404 Item not found");
    CHECK_TEXT(without_body("PUT", there, IOTS_TOO_LARGE, NULL), "413 Payload too large");
    CHECK_TEXT(without_body("PUT", there, IOTS_UNSUPPORTED_MEDIA_TYPE, NULL),
               "415 Unsupported media type");
    CHECK_TEXT(without_body("PUT", there, IOTS_INVALID, "torn"), "400 malformed body");
    CHECK_TEXT(without_body("POST", "/spaces/farm/things", IOTS_TOO_LARGE, NULL),
               "413 Payload too large");
}

TEST("a body has its limit, a form a smaller one")
{
    farm(cx);
    api_call *call = call_for("POST", "/spaces/farm/things");
    CHECK(call_admit(call));
    CHECK_INT(call_body_limit(call), 1 << 20);
    call_free(call);
    call = call_for("POST", "/oauth2/token");
    CHECK(call_admit(call));
    CHECK_INT(call_body_limit(call), 16384);
    call_free(call);
}

TEST("what goes wrong inside is not shown to the one who asked")
{
    farm(cx);
    static const struct {
        iots_code code;
        const char *outcome;
    } cases[] = {
        {IOTS_INTERNAL, "500 Something went wrong"},
        {IOTS_NO_MEMORY, "500 Something went wrong"},
        {IOTS_NO_ROOM, "507 No room left to store this"},
        {IOTS_UNAVAILABLE, "503 Service unavailable"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const ix_error why = {.code = cases[i].code, .message = "/var/secret: page 7 is torn"};
        api_call *call = call_for("POST", "/spaces/farm/things");
        CHECK(call_admit(call));
        CHECK_INT(call_start(call, IX_STR("{}")), PHASE_WRITE);
        CHECK_OK(cx, store_begin(cx, world.store));
        CHECK_INT(call_plan(call, world.store, true), PLAN_READY);
        CHECK(call_write(call, world.store));
        store_rollback(world.store);
        call_not_committed(call, &why);
        CHECK_TEXT(outcome(answer_of(call)), cases[i].outcome);
        CHECK_TEXT(call->cx->error.message, "/var/secret: page 7 is torn");
        CHECK_TEXT(header_of(answer_of(call), "Location"), "nothing");
        call_free(call);
    }
}

/* ---- what is not written yet ---- */

static const ix_op_id waiting[] = {
#define UNIMPLEMENTED(id) IX_OP_##id,
#include "api/unimplemented.def"
#undef UNIMPLEMENTED
};

enum { WAITING_COUNT = sizeof waiting / sizeof waiting[0] };

TEST("the list of operations that are not written yet only gets shorter")
{
    CHECK_INT(WAITING_COUNT, 2);
}

TEST("an operation that is not written yet says so, after the usual checks")
{
    farm(cx);
    static const char *const vars[IX_VAR_COUNT] = {
        [IX_VAR_space] = "farm",  [IX_VAR_model] = "Pump",     [IX_VAR_version] = "1",
        [IX_VAR_thing] = NOBODY,  [IX_VAR_property] = "n",     [IX_VAR_action] = "go",
        [IX_VAR_event] = "gone",  [IX_VAR_action_id] = NOBODY, [IX_VAR_event_id] = NOBODY,
        [IX_VAR_category] = "Cs", [IX_VAR_cursor] = "1",
    };
    for (size_t i = 0; i < WAITING_COUNT; i++) {
        const ix_op *op = &ix_ops[waiting[i]];
        const char *path = ix_op_path(cx, op, vars);
        CHECK_OK(cx, path != NULL);
        CHECK_ASK("501 Not implemented yet", ix_method_name(op->method), path, NULL);
    }
    world.token = NULL;
    CHECK_ASK("401 No token provided", "POST", "/spaces/farm/query/cursor", NULL);
    world.token = token_for("reader", "app::a", "thing.read", "farm", NULL);
    CHECK_ASK("403 Unauthorized", "POST", "/spaces/farm/query/cursor", NULL);
}

/* ---- about ---- */

TEST("health needs no token")
{
    farm(cx);
    world.token = NULL;
    CHECK_TEXT(ask("GET", "/health", NULL).text, "{\"status\":\"ok\"}");
    CHECK_TEXT(ask("GET", "/healthz", NULL).text, "{\"status\":\"ok\"}");
}

TEST("why a call was not committed is for the log, not for the client")
{
    farm(cx);
    ix_ctx other;
    api_call *call = call_for("GET", "/spaces");
    CHECK(call_admit(call));
    CHECK(ix_ctx_init(&other, 0));
    ix_fail(&other, IOTS_UNAVAILABLE, NULL);
    other.error.reason = ix_strdup(&other, "the tape is torn");
    call_not_committed(call, &other.error);
    ix_ctx_done(&other);
    CHECK_INT(call->status, 503);
    CHECK_TEXT(call->cx->error.reason, "the tape is torn");
    CHECK(!strstr(ix_buf_cstr(&call->reply), "tape"));
    call_free(call);
}

static void write_a_metric(void *arg, ix_buf *out)
{
    ix_buf_format(out, "a_metric %d\n", *(const int *)arg);
}

TEST("metrics are for those whom the setting lets read them; others get the 404 of a missing route")
{
    static const struct {
        metrics_mode mode;
        bool is_from_loopback, is_shown;
    } cases[] = {
        {METRICS_OFF, false, false},      {METRICS_OFF, true, false},
        {METRICS_LOOPBACK, false, false}, {METRICS_LOOPBACK, true, true},
        {METRICS_ALL, false, true},       {METRICS_ALL, true, true},
    };
    int number = 7;
    farm_with(cx, (api_settings){
                      .token_lifetime_us = 1,
                      .write_metrics = write_a_metric,
                      .metrics_arg = &number,
                  });
    world.token = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world.api->settings.metrics = cases[i].mode;
        world.is_from_loopback = cases[i].is_from_loopback;
        const bool is_shown = cases[i].is_shown;
        CHECK_INT(ask("OPTIONS", "/metrics", NULL).status, is_shown ? 204 : 404);
        CHECK_ASK(is_shown ? "405 Method not allowed" : "404 Not found", "PUT", "/metrics", "{}");
        const answer reported = ask("GET", "/metrics", NULL);
        CHECK_TEXT(reported.type,
                   is_shown ? "text/plain; version=0.0.4; charset=utf-8" : "application/json");
        CHECK_TEXT(reported.text, is_shown ? "a_metric 7\n" : ask("GET", "/metric", NULL).text);
    }
}

TEST("metrics need no store")
{
    int number = 8;
    farm_with(cx, (api_settings){
                      .token_lifetime_us = 1,
                      .metrics = METRICS_ALL,
                      .write_metrics = write_a_metric,
                      .metrics_arg = &number,
                  });
    api_call *call = call_for("GET", "/metrics");
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, (ix_str){0}), PHASE_READ);
    CHECK(!call_needs_store(call));
    CHECK_INT(call_read(call, NULL), PHASE_REPLY);
    CHECK_INT(call->status, 200);
    CHECK_TEXT(ix_buf_cstr(&call->reply), "a_metric 8\n");
    call_free(call);
}

TEST("what the API is like is shown at once, without the store")
{
    farm(cx);
    api_call *call = call_for("GET", "/openapi.json");
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, (ix_str){0}), PHASE_REPLY);
    CHECK_INT(call->status, 200);
    call_free(call);
}

TEST("tokens in memory are counted")
{
    farm(cx);
    const size_t before = api_token_count(world.api);
    token_for("one more", "app::a", "thing", "farm", NULL);
    CHECK_INT(api_token_count(world.api), before + 1);
}
