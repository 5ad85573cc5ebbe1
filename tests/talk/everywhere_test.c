/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for every operation of the table, asked of a running server row by row: who may not is
 * refused, and in the order that the contract gives (docs/api/http.md section 2).
 */
#include "base/test.h"
#include "base/time.h"
#include "contract/ops.h"
#include "server.h"
#include "talk.h"

typedef struct world {
    server *server;
    http *http;
    const char *token;    /* every scope */
    const char *email;    /* only communications.email */
    const char *query;    /* only query */
    const char *category; /* exists, as does the thing in it, which has a property "t" */
    const char *thing;
    const char *action, *event; /* IDs of a request of its action "a" and of its event "e" */
} world;

static bool is_unimplemented(const ix_op *op)
{
    switch (ix_op_index(op)) {
#define UNIMPLEMENTED(id) case IX_OP_##id:
#include "api/unimplemented.def"
#undef UNIMPLEMENTED
        return true;
    default:
        return false;
    }
}

/* Asks for an action, or reports an event, of the world's thing. Gives the ID. */
static const char *entry_made(ix_ctx *cx, const world *world, const char *place, const char *body)
{
    http_reply reply;
    const char *path = ix_format(cx, "/spaces/farm/things/%s/%s", world->thing, place);
    CHECK_OK(cx, http_json(cx, world->http, "POST", path, world->token, body, &reply));
    CHECK_INT(reply.status, 201);
    return strrchr(http_reply_header(&reply, "Location"), '/') + 1;
}

/* The server takes bodies of this size, which is enough for all but the one that tries it. */
enum { BODY_LIMIT = 4096 };
#define BODY_LIMIT_SETTING "IOTSD_BODY_LIMIT=4KiB"

static void open_world(ix_ctx *cx, world *world)
{
    http_reply reply;
    world->server = server_start(cx, (const char *const[]){BODY_LIMIT_SETTING}, 1);
    CHECK_OK(cx, world->server != NULL);
    world->http = http_new(server_url(world->server));
    world->token = server_token(cx, world->server, NULL);
    world->email = server_token(cx, world->server, "communications.email");
    world->query = server_token(cx, world->server, "query");
    CHECK_OK(cx, world->token && world->email && world->query);

    world->category = "Nodes";
    CHECK_OK(cx, http_json(cx, world->http, "POST", "/spaces/farm/categories", world->token,
                           JSON({"name" : "Nodes"}), &reply));
    CHECK_OK(cx, http_json(cx, world->http, "POST", "/spaces/farm/categories/Nodes/things",
                           world->token, JSON({
                               "properties" : {"t" : {}},
                               "status" : {"t" : 1},
                               "actions" : {"a" : {}},
                               "events" : {"e" : {}}
                           }),
                           &reply));
    CHECK_INT(reply.status, 201);
    world->thing = ix_json_string(ix_json_member(json_of(cx, reply.body), "uid"));
    world->action = entry_made(cx, world, "actions/a", JSON({"a" : {}}));
    world->event = entry_made(cx, world, "events/e", JSON({"e" : {}}));
    const char *const others[][2] = {
        {"/spaces/farm/models", JSON({"name" : "M"})},
        {"/spaces/farm/categories/Nodes/mqtt-credentials", "{}"},
        {ix_format(cx, "/spaces/farm/things/%s/mqtt-credentials", world->thing), "{}"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CHECK_OK(cx, http_json(cx, world->http, "POST", others[i][0], world->token, others[i][1],
                               &reply));
        CHECK_INT(reply.status, 201);
    }
}

static void close_world(ix_ctx *cx, world *world)
{
    CHECK_OK(cx, server_stop(cx, world->server));
    http_free(world->http);
    server_free(world->server);
}

static bool has_var(const ix_op *op, const char *name)
{
    const char *at = strstr(op->path, name);
    return at && at[-1] == '{' && at[strlen(name)] == '}';
}

/* The address of a row, its variables filled with what exists; `thing` and `space` may be another. */
static const char *address(ix_ctx *cx, const world *world, const ix_op *op, bool in_category,
                           const char *space, const char *thing)
{
    const char *vars[IX_VAR_COUNT] = {
        [IX_VAR_space] = space,
        [IX_VAR_thing] = thing,
        [IX_VAR_property] = "t",
        [IX_VAR_action] = "a",
        [IX_VAR_event] = "e",
        [IX_VAR_action_id] = world->action,
        [IX_VAR_event_id] = world->event,
        [IX_VAR_model] = "M",
        [IX_VAR_version] = "1",
        [IX_VAR_cursor] = "1",
    };
    if (in_category || has_var(op, "category"))
        vars[IX_VAR_category] = world->category;
    const char *path = ix_op_path(cx, op, vars);
    CHECK_OK(cx, path != NULL);
    return path;
}

static void expect(ix_ctx *cx, const world *world, const char *method, const char *path,
                   const char *token, const char *body, int status, const char *message)
{
    http_reply reply;
    CHECK_OK(cx, http_json(cx, world->http, method, path, token, body, &reply));
    const ix_json *json = reply.body_len ? json_of(cx, reply.body) : NULL;
    const char *said = ix_json_string(ix_json_at(json, "/error/message"));
    if (reply.status != status || (message && (!said || strcmp(said, message) != 0))) {
        print_error("%s %s\nexpected %d %s\ngot      %d %s\n", method, path, status,
                    message ? message : "", reply.status, reply.body);
        CHECK(false);
    }
    CHECK_OK(cx, talk_check_always(cx, method, path, &reply));
}

typedef void address_check(ix_ctx *cx, const world *world, const ix_op *op, bool in_category);

/* Calls `check` for each row that needs a token, at each of its addresses. */
static void each_address(ix_ctx *cx, world *world, address_check *check)
{
    open_world(cx, world);
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        if (ix_ops[i].scopes == 0)
            continue;
        check(cx, world, &ix_ops[i], false);
        if (ix_ops[i].flags & IX_ALSO_IN_CATEGORY)
            check(cx, world, &ix_ops[i], true);
    }
    close_world(cx, world);
}

static void refuses_strangers(ix_ctx *cx, const world *world, const ix_op *op, bool in_category)
{
    const char *method = ix_method_name(op->method);
    const char *path = address(cx, world, op, in_category, SERVER_SPACE, world->thing);
    expect(cx, world, method, path, NULL, NULL, 401, "No token provided");
    expect(cx, world, method, path, "made-up", "[", 401, "Unauthenticated");
}

TEST("every operation asks for a token before it looks at anything else")
{
    world world;
    each_address(cx, &world, refuses_strangers);
}

static void refuses_other_scopes(ix_ctx *cx, const world *world, const ix_op *op, bool in_category)
{
    const bool is_email = op->scopes & IX_SCOPE_BIT(communications_email);
    const char *path = address(cx, world, op, in_category, SERVER_SPACE,
                               has_var(op, "thing") ? "short" : world->thing);
    expect(cx, world, ix_method_name(op->method), path, is_email ? world->query : world->email, "[",
           403, "Unauthorized");
}

TEST("every operation asks for its scope before it looks at IDs and bodies")
{
    world world;
    each_address(cx, &world, refuses_other_scopes);
}

static void refuses_other_spaces(ix_ctx *cx, const world *world, const ix_op *op, bool in_category)
{
    if (has_var(op, "space"))
        expect(cx, world, ix_method_name(op->method),
               address(cx, world, op, in_category, "elsewhere", world->thing), world->token, "[",
               403, "Unauthorized");
}

TEST("no operation reaches into a space that the token is not for")
{
    world world;
    each_address(cx, &world, refuses_other_spaces);
}

static void refuses_bad_ids(ix_ctx *cx, const world *world, const ix_op *op, bool in_category)
{
    if (has_var(op, "thing"))
        expect(cx, world, ix_method_name(op->method),
               address(cx, world, op, in_category, SERVER_SPACE, "short"), world->token, "[", 400,
               "invalid id");
}

TEST("an ID that is none is reported before existence and body are looked at")
{
    world world;
    each_address(cx, &world, refuses_bad_ids);
}

static void misses_things(ix_ctx *cx, const world *world, const ix_op *op, bool in_category)
{
    if (has_var(op, "thing") && !is_unimplemented(op))
        expect(cx, world, ix_method_name(op->method),
               address(cx, world, op, in_category, SERVER_SPACE, "01JM000000000000000000ZZZZ"),
               world->token, op->body_kind == IX_BODY_NONE ? NULL : "[", 404, "Item not found");
}

TEST("a Thing that is not there is not found, whatever else is wrong")
{
    world world;
    each_address(cx, &world, misses_things);
}

static void refuses_bad_bodies(ix_ctx *cx, const world *world, const ix_op *op, bool in_category)
{
    static const char *const bodies[] = {"[",        "{\"a\":1",   "\xff", "7",
                                         "\"text\"", "{\"a\":1}}", ""};
    if ((op->body_kind != IX_BODY_JSON && op->body_kind != IX_BODY_TD) || is_unimplemented(op))
        return;
    const char *method = ix_method_name(op->method);
    const char *path = address(cx, world, op, in_category, SERVER_SPACE, world->thing);
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        expect(cx, world, method, path, world->token, bodies[i], 400, "malformed body");
}

TEST("every operation that takes JSON refuses what is none")
{
    world world;
    each_address(cx, &world, refuses_bad_bodies);
}

/* Does the row take a body of any kind? Those that do not, read and drop it. */
static bool takes_body(const ix_op *op)
{
    return op->body_kind != IX_BODY_NONE && !is_unimplemented(op);
}

static void refuses_other_types(ix_ctx *cx, const world *world, const ix_op *op, bool in_category)
{
    if (!takes_body(op))
        return;
    http_reply reply;
    const char *path = address(cx, world, op, in_category, SERVER_SPACE, world->thing);
    http_request request = {.method = ix_method_name(op->method), .target = path};
    http_request_header(&request, "Authorization", ix_format(cx, "Bearer %s", world->token));
    http_request_header(&request, "Content-Type", "text/xml");
    request.body = "{}";
    request.body_len = 2;
    CHECK_OK(cx, http_call(cx, world->http, &request, &reply));
    CHECK_INT(reply.status, 415);
    CHECK_OK(cx, talk_check_always(cx, request.method, path, &reply));
}

TEST("every operation that takes a body refuses other types")
{
    world world;
    each_address(cx, &world, refuses_other_types);
}

static void refuses_large_bodies(ix_ctx *cx, const world *world, const ix_op *op, bool in_category)
{
    if (takes_body(op))
        expect(cx, world, ix_method_name(op->method),
               address(cx, world, op, in_category, SERVER_SPACE, world->thing), world->token,
               ix_format(cx, "%*s", BODY_LIMIT + 1, "[]"), 413, "Payload too large");
}

TEST("every operation that takes a body refuses one beyond the limit")
{
    world world;
    each_address(cx, &world, refuses_large_bodies);
}

static void waits(ix_ctx *cx, const world *world, const ix_op *op, bool in_category)
{
    if (is_unimplemented(op))
        expect(cx, world, ix_method_name(op->method),
               address(cx, world, op, in_category, SERVER_SPACE, world->thing), world->token,
               op->body_kind == IX_BODY_NONE ? NULL : "{}", 501, NULL);
}

TEST("what is not written yet says so, in the form of an error")
{
    world world;
    each_address(cx, &world, waits);
}

TEST("an address without this method names the methods that it has")
{
    world world;
    open_world(cx, &world);
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        const char *path = address(cx, &world, &ix_ops[i], false, SERVER_SPACE, world.thing);
        http_reply reply;
        CHECK_OK(cx, http_json(cx, world.http, "BREW", path, world.token, NULL, &reply));
        CHECK_INT(reply.status, 405);
        const char *allow = http_reply_header(&reply, "Allow");
        CHECK(allow && strstr(allow, ix_method_name(ix_ops[i].method)));

        CHECK_OK(cx, http_json(cx, world.http, "OPTIONS", path, NULL, NULL, &reply));
        CHECK_INT(reply.status, 204);
        CHECK_TEXT(http_reply_header(&reply, "Allow"), allow);
    }
    close_world(cx, &world);
}
