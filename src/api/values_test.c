/* SPDX-License-Identifier: Apache-2.0 */
/* Values that take long to check are checked before the committer. */
#include "api/api_test.h"

/* ---- words ---- */

/* "{before}{part},{part}, ... {after}" */
static const char *many(const char *before, const char *part, int times, const char *after)
{
    ix_buf text = {0};
    ix_buf_text(&text, before);
    for (int i = 0; i < times; i++)
        ix_buf_format(&text, "%s%s", i > 0 ? "," : "", part);
    ix_buf_text(&text, after);
    const char *made = ix_strdup(world.cx, ix_buf_cstr(&text));
    ix_buf_done(&text);
    return made;
}

/* Alternatives: so many that the committer does not check them, not even the second time. */
enum { LONG = 10000, VERY_LONG = 30000 };

/* Of all numbers just `number` fits, and to find that out takes long. */
static const char *schema_of(int number, int alternatives)
{
    return many(ix_format(world.cx, "{\"oneOf\":[{\"const\":%d},", number), "{\"minimum\":1000}",
                alternatives, "]}");
}

static const char *long_schema(int number)
{
    return schema_of(number, LONG);
}

/* A Thing whose property takes this number alone, as JSON. Another `edition` says the same. */
static const char *described(int number, int edition)
{
    return ix_format(world.cx, "{\"properties\":{\"v\":%s}}",
                     schema_of(number, VERY_LONG + edition));
}

/* A Thing whose property, action and event are described so. */
static const char *thing_with(const char *schema)
{
    return thing_made(ix_format(world.cx,
                                "{\"properties\":{\"v\":%s},\"actions\":{\"a\":{\"input\":%s}},"
                                "\"events\":{\"e\":{\"data\":%s}}}",
                                schema, schema, schema));
}

static api_call *call_of(const char *method, const char *target, const char *body)
{
    api_call *made = call_for(method, target);
    CHECK(call_admit(made));
    CHECK_INT(call_start(made, ix_str_of(body)), PHASE_WRITE);
    return made;
}

/* As the committer does it, without writing. */
static plan_result plan(api_call *call)
{
    CHECK_OK(world.cx, store_begin(world.cx, world.store));
    const plan_result result = call_plan(call, world.store, true);
    store_rollback(world.store);
    return result;
}

/* ---- what is planned where ---- */

TEST("what is checked quickly is checked in the committer")
{
    farm(cx);
    const char *thing = thing_with("{\"type\":\"number\"}");
    CHECK_ASK("200", "PUT", path_to(thing, "/properties/v"), "{\"v\":1}");
    CHECK_ASK("200", "PUT", path_to(thing, "/properties"), "{\"v\":2}");
    CHECK_ASK("201", "POST", path_to(thing, "/properties-history"),
              "{\"at\":\"2025-01-01T00:00:00Z\",\"properties\":{\"v\":1}}");
    CHECK_ASK("201", "POST", path_to(thing, "/actions/a"), "{\"a\":{\"input\":1}}");
    CHECK_ASK("201", "POST", path_to(thing, "/events/e"), "{\"e\":{\"data\":1}}");
    CHECK_INT(world.plans_later, 0);
}

TEST("what takes longer is checked before, wherever values come in")
{
    static const struct {
        const char *method, *place, *fits, *does_not, *done;
    } cases[] = {
        {"PUT", "/properties/v", "{\"v\":1}", "{\"v\":2}", "200"},
        {"PUT", "/properties", "{\"v\":1}", "{\"v\":2}", "200"},
        {"POST", "/properties-history/v",
         "{\"at\":\"2025-01-01T00:00:00Z\",\"properties\":{\"v\":1}}",
         "{\"at\":\"2025-01-01T00:00:00Z\",\"properties\":{\"v\":2}}", "201"},
        {"POST", "/properties-history",
         "[{\"at\":\"2025-01-02T00:00:00Z\",\"properties\":{\"v\":1}}]",
         "[{\"at\":\"2025-01-02T00:00:00Z\",\"properties\":{\"v\":2}}]", "201"},
        {"POST", "/actions/a", "{\"a\":{\"input\":1}}", "{\"a\":{\"input\":2}}", "201"},
        {"POST", "/events/e", "{\"e\":{\"data\":1}}", "{\"e\":{\"data\":2}}", "201"},
    };
    farm(cx);
    const char *thing = thing_with(long_schema(1));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *place = path_to(thing, cases[i].place);
        CHECK_ASK(cases[i].done, cases[i].method, place, cases[i].fits);
        CHECK_INT(ask(cases[i].method, place, cases[i].does_not).status, 400);
        CHECK_INT(world.plans_later, 2 * (int)i + 2);
    }
    CHECK_TEXT(ask("GET", path_to(thing, "/properties"), NULL).text, "{\"v\":1}");
}

TEST("an action's output that takes long to check is checked before")
{
    farm(cx);
    const char *thing =
        thing_made(ix_format(cx, "{\"actions\":{\"a\":{\"output\":%s}}}", long_schema(1)));
    const char *href = text_at(ask("POST", path_to(thing, "/actions/a"), "{\"a\":{}}"), "/a/href");
    CHECK_ASK("200", "PUT", href, "{\"a\":{\"output\":1}}");
    CHECK_INT(ask("PUT", href, "{\"a\":{\"output\":2}}").status, 400);
    CHECK_INT(world.plans_later, 3); /* the POST has to read it, too */
}

TEST("a value that was checked against a description that has changed since is checked again")
{
    farm(cx);
    const char *thing = thing_made(described(1, 0));
    const char *place = path_to(thing, "/properties/v");
    api_call *one = call_of("PUT", place, "{\"v\":1}"), *other = call_of("PUT", place, "{\"v\":1}");
    CHECK_INT(plan(one), PLAN_LATER);
    CHECK_INT(plan(other), PLAN_LATER);
    CHECK_INT(call_offload(one, world.store), PHASE_WRITE);
    CHECK_INT(call_offload(other, world.store), PHASE_WRITE);
    CHECK_INT(plan(one), PLAN_READY);

    CHECK_ASK("200", "PUT", thing, "{\"properties\":{\"v\":{\"type\":\"string\"}}}");
    CHECK_INT(plan(one), PLAN_REFUSED);
    CHECK_INT(one->status, 400);
    CHECK_ASK("200", "PUT", thing, described(2, 0));
    CHECK_INT(plan(other), PLAN_LATER);
    CHECK_INT(call_offload(other, world.store), PHASE_REPLY);
    CHECK_INT(other->status, 400);
    call_free(one);
    call_free(other);
}

TEST("who is overtaken again and again is asked to come back")
{
    farm(cx);
    const char *thing = thing_made(described(1, 0));
    api_call *call = call_of("PUT", path_to(thing, "/properties/v"), "{\"v\":1}");
    for (int i = 0; i < CALL_PLANS_MAX; i++) {
        CHECK_INT(plan(call), PLAN_LATER);
        CHECK_INT(call_offload(call, world.store), PHASE_WRITE);
        CHECK_ASK("200", "PUT", thing, described(1, i + 1));
    }
    CHECK_INT(plan(call), PLAN_REFUSED);
    CHECK_INT(call->status, 503);
    call_free(call);
}

TEST("a property that is read-only stays so when its value takes long to check")
{
    farm_with(cx, (api_settings){.token_lifetime_us = IX_SECOND_US,
                                 .body_limit = 1 << 20,
                                 .enforce_read_only = true});
    const char *thing =
        thing_made(ix_format(cx, "{\"properties\":{\"v\":{\"readOnly\":true,\"oneOf\":[%s]}}}",
                             long_schema(1)));
    const char *place = path_to(thing, "/properties/v");
    CHECK_ASK("403 v: the property is read-only", "PUT", place, "{\"v\":1}");
}

TEST("a large body is read where nobody waits for it")
{
    farm(cx);
    const char *thing = thing_with("{}");
    api_call *call = call_for("PUT", path_to(thing, "/properties/v"));
    CHECK(call_admit(call));
    const char *body = many("{\"v\":[", "1", CALL_QUICK_BODY, "]}");
    CHECK_INT(call_start(call, ix_str_of(body)), PHASE_OFFLOAD);
    CHECK(!call->body);
    CHECK_INT(call_offload(call, world.store), PHASE_WRITE);
    CHECK(call->body != NULL);
    CHECK_INT(plan(call), PLAN_READY);
    call_free(call);

    /* What is wrong with it is reported in the same order. */
    CHECK_INT(ask("PUT", path_to(thing, "x/properties/v"), many("{", "\"v\":1", 20000, "}")).status,
              400);
    CHECK_ASK("404 Item not found", "PUT", path_to(thing, "/properties/w"),
              many("{", "\"v\":1", 20000, "}"));
    CHECK_INT(ask("PUT", path_to(thing, "/properties/v"), many("{", "\"v\":1", 20000, "}")).status,
              400);
}

TEST("a request brings so many values of the past, and no more")
{
    farm(cx);
    const char *thing = thing_with("{}");
    ix_buf body = {0};
    ix_buf_char(&body, '[');
    for (int i = 0; i < 60; i++) {
        ix_buf_format(&body, "%s{\"at\":\"2025-01-01T00:00:%02dZ\",\"properties\":{", i ? "," : "",
                      i);
        for (int k = 0; k < 1000; k++)
            ix_buf_format(&body, "%s\"%d\":1", k ? "," : "", k);
        ix_buf_text(&body, "}}");
    }
    ix_buf_char(&body, ']');
    CHECK_ASK("413 expected at most 50000 values in one request", "POST",
              path_to(thing, "/properties-history?preserve_uid=true"), ix_buf_cstr(&body));
    ix_buf_done(&body);
}

TEST("a moment has so many values, and a Thing the history of so many properties")
{
    farm(cx);
    const char *thing = thing_made("{}");
    const char *place = path_to(thing, "/properties-history?preserve_uid=true");
    for (int i = 0; i <= 10; i++) {
        ix_buf body = {0};
        for (int k = 0; k < 1000 + (i == 0); k++)
            ix_buf_format(&body, "%s\"%d\":1", k ? "," : "", 1000 * i + k);
        const char *item = ix_format(cx, "{\"at\":\"2025-01-01T00:00:00Z\",\"properties\":{%s}}",
                                     ix_buf_cstr(&body));
        ix_buf_done(&body);
        if (i == 0)
            CHECK_ASK("400 properties: expected at most 1000 values", "POST", place, item);
        else
            CHECK_ASK("201", "POST", place, item);
    }
    CHECK_ASK("400 a Thing has the history of at most 10000 properties", "POST", place,
              "{\"at\":\"2025-01-02T00:00:00Z\",\"properties\":{\"x\":1}}");
    CHECK_ASK("201", "POST", place,
              "{\"at\":\"2025-01-02T00:00:00Z\",\"properties\":{\"1000\":1}}");
    const answer page =
        ask("GET", path_to(thing, "/properties-history?group=true&limit=1&at=2025%7C2025-01-01"),
            NULL);
    CHECK_INT(ix_json_count(ix_json_at(page.json, "/data/0/properties")), 10000);
}
