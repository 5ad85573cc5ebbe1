/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that no HTTP text was read for, and what run.def says of every operation. */
#include "api/api_test.h"
#include "api/run.h"

#define BOILER                                                                             \
    JSON({                                                                                 \
        "title" : "Boiler",                                                                \
        "categories" : ["Boilers"],                                                        \
        "properties" :                                                                     \
            {"target" : {"type" : "number", "maximum" : 90}, "mode" : {"type" : "string"}} \
    })

#define NOBODY "01GQ2E9M2Y45BX9EW0F2BM032Q"

/* ---- words ---- */

/* The ID of a Thing with the properties target and mode. */
static const char *boiler(void)
{
    CHECK_ASK("201", "POST", "/spaces/farm/categories", JSON({"name" : "Boilers"}));
    return strrchr(thing_made(BOILER), '/') + 1;
}

/* Who a token stands for. */
static api_caller caller_of(const char *token)
{
    api_caller who;
    CHECK_OK(world.cx, auth_check_token(world.cx, world.api->auth, ix_str_of(token),
                                        api_now_us(world.api), &who));
    return who;
}

/* What a front end without HTTP gets: the one of a token (NULL: nobody) asks for what the spec says. */
static answer tell(const char *token, call_spec spec, const char *body)
{
    const api_caller who = token ? caller_of(token) : (api_caller){0};
    spec.caller = token ? &who : NULL;
    api_call *call = call_new_of(world.api, &spec);
    CHECK(call != NULL);
    drive(call, body);
    const answer made = answer_of(call);
    call_free(call);
    return made;
}

/* A PUT of the property target. */
static call_spec put_target(const char *space, const char *thing)
{
    return (call_spec){
        .op = &ix_ops[IX_OP_property_update],
        .vars = {[IX_VAR_space] = space, [IX_VAR_thing] = thing, [IX_VAR_property] = "target"},
    };
}

/* The same as text, asked with the token of the world. */
static answer put_target_by_http(const char *space, const char *thing, const char *body)
{
    return ask("PUT", ix_format(world.cx, "/spaces/%s/things/%s/properties/target", space, thing),
               body);
}

static void check_same(answer got, answer want)
{
    CHECK_INT(got.status, want.status);
    CHECK_TEXT(got.text, want.text);
    CHECK_TEXT(got.type ? got.type : "nothing", want.type ? want.type : "nothing");
    CHECK_INT(got.changes, want.changes);
    CHECK_TEXT(got.reported ? got.reported : "nothing", want.reported ? want.reported : "nothing");
}

static size_t history_length(const char *thing)
{
    const answer list =
        ask("GET", ix_format(world.cx, "/spaces/farm/things/%s/properties-history", thing), NULL);
    return ix_json_count(ix_json_at(list.json, "/data"));
}

/* ---- the same answers ---- */

TEST("a value is set without HTTP text, and what is answered is the same as by HTTP")
{
    farm(cx);
    const char *thing = boiler();
    const answer set = tell("everything", put_target("farm", thing), "{\"target\":21.5}");
    CHECK_INT(set.status, 200);
    CHECK_TEXT(set.text, "{\"target\":21.5}");
    check_same(set, put_target_by_http("farm", thing, "{\"target\":21.5}"));
    CHECK_TEXT(
        ask("GET", ix_format(cx, "/spaces/farm/things/%s/properties/target", thing), NULL).text,
        "{\"target\":21.5}");
}

TEST("whatever is refused by HTTP is refused in the same words without, and nothing is changed")
{
    farm(cx);
    const char *thing = boiler();
    token_for("reader", "app::reader", "thing.read", "farm", NULL);
    token_for("miller", "app::miller", "thing", "mill", NULL);
    token_for("other", "app::other", "thing", "farm", NOBODY);
    char *large = ix_alloc(cx, (1 << 20) + 2);
    memset(large, ' ', (1 << 20) + 1);
    large[(1 << 20) + 1] = 0;
    const struct {
        const char *token, *space, *thing, *body;
        int status;
    } cases[] = {
        {NULL, "farm", thing, "{\"target\":1}", 401},
        {"reader", "farm", thing, "{\"target\":1}", 403}, /* no scope to change values */
        {"miller", "farm", thing, "{\"target\":1}", 403}, /* another space's */
        {"other", "farm", thing, "{\"target\":1}", 403},  /* another Thing's own client */
        {"miller", "Farm!", thing, "{\"target\":1}", 404},
        {"everything", "farm", "boiler", "{\"target\":1}", 400}, /* not an ID */
        {"everything", "farm", NOBODY, "{\"target\":1}", 404},
        {"everything", "farm", NOBODY, "{\"target\":", 404},
        {"everything", "farm", thing, "{\"target\":", 400},
        {"everything", "farm", thing, "{\"target\":\"warm\"}", 400},
        {"everything", "farm", thing, "{\"target\":91}", 400},
        {"everything", "farm", thing, "{\"mode\":\"auto\"}", 400}, /* not the property named */
        {"everything", "farm", thing, "", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const answer got =
            tell(cases[i].token, put_target(cases[i].space, cases[i].thing), cases[i].body);
        CHECK_INT(got.status, cases[i].status);
        world.token = cases[i].token;
        check_same(got, put_target_by_http(cases[i].space, cases[i].thing, cases[i].body));
    }
    world.token = "everything";
    CHECK_INT(tell("everything", put_target("farm", thing), large).status, 413);
    CHECK_INT(tell("everything", put_target("farm", NOBODY), large).status, 404);
    CHECK_INT(
        ask("GET", ix_format(cx, "/spaces/farm/things/%s/properties/target", thing), NULL).status,
        200);
    CHECK_INT(history_length(thing), 0);
}

TEST("parameters and Categories are given as they are, without percent encoding")
{
    farm(cx);
    const char *thing = boiler();
    ix_pair no_history = {IX_STR("update_history"), IX_STR("false"), NULL};
    call_spec spec = put_target("farm", thing);
    spec.params = &no_history;
    CHECK_INT(tell("everything", spec, "{\"target\":1}").status, 200);
    CHECK_INT(history_length(thing), 0);
    no_history.value = IX_STR("no");
    CHECK_TEXT(outcome(tell("everything", spec, "{\"target\":2}")), "400 invalid update_history");

    spec.params = NULL;
    spec.in_category = true;
    spec.vars[IX_VAR_category] = "Boilers";
    CHECK_INT(tell("everything", spec, "{\"target\":3}").status, 200);
    CHECK_INT(history_length(thing), 1);
    spec.vars[IX_VAR_category] = "Pumps";
    CHECK_TEXT(outcome(tell("everything", spec, "{\"target\":4}")), "404 Item not found");
}

TEST("what reads is asked for without HTTP text as well")
{
    farm(cx);
    const char *thing = boiler();
    const call_spec one = {.op = &ix_ops[IX_OP_thing_get],
                           .vars = {[IX_VAR_space] = "farm", [IX_VAR_thing] = thing}};
    check_same(tell("everything", one, NULL),
               ask("GET", ix_format(cx, "/spaces/farm/things/%s", thing), NULL));
    ix_pair limit = {IX_STR("limit"), IX_STR("1"), NULL};
    const call_spec list = {.op = &ix_ops[IX_OP_things_list],
                            .vars = {[IX_VAR_space] = "farm"},
                            .params = &limit};
    check_same(tell("everything", list, NULL), ask("GET", "/spaces/farm/things?limit=1", NULL));
    CHECK_INT(tell(NULL, (call_spec){.op = &ix_ops[IX_OP_health_get]}, NULL).status, 200);
}

/* ---- run.def ---- */

TEST("all but GET writes, and deletions are done on a full disk")
{
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        const ix_op *op = &ix_ops[i];
        const op_run *run = run_of(op);
        CHECK(run_writes(run) == (op->method != IX_GET));
        CHECK(op->method != IX_DELETE || run->when_full == RUN_DONE);
        CHECK(run_writes(run) || run->when_full == RUN_DONE);
        CHECK(run_writes(run) || (!run->plan && !run->offload));
        CHECK(run->way != RUN_WRITE_CHECKED || run->plan); /* where it does refuse */
    }
}

TEST("an operation whose path can name what is not there asks whether it is")
{
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        const ix_op *op = &ix_ops[i];
        const bool names_something = op->flags & IX_ALSO_IN_CATEGORY ||
                                     strstr(op->path, "{category}") ||
                                     strstr(op->path, "{thing}") || strstr(op->path, "{model}");
        CHECK(!run_of(op)->exists == !names_something);
    }
}
