/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for tests of this floor: a server without sockets, over a real store in a folder of its own.
 *
 *     farm(cx);
 *     const answer made = ask("POST", "/spaces/farm/categories", JSON({ "name": "Boilers" }));
 *     CHECK_INT(made.status, 201);
 *
 * `ask` drives a call through all its phases as a front end would, one commit for each.
 */
#ifndef API_TEST_H
#define API_TEST_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/api.h"
#include "api/dispatch.h"
#include "base/crypto.h"
#include "base/test.h"
#include "base/time.h"
#include "contract/scopes.h"
#include "store/change.h"

/* The world of the test that runs. */
static struct world {
    ix_ctx *cx;
    char folder[64];
    char url[80];
    store_handle *store;
    api_settings settings;
    api_state *api;
    const char *token; /* sent by `ask`; NULL: none */
    const char *type;  /* Content-Type of bodies */
    const char *basic; /* Authorization to send in place of the token */
    const char *cookie;
    const char *peer; /* the address of who asks, or NULL */
    bool is_from_loopback;
    int plans_later; /* plans that took too long for the committer */
    int parts;       /* transactions and preparations of calls that write */
    /* What the call that was driven last has changed, see answer. */
    const char *feed, *reported;
    int64_t last_number;
    size_t changes;
} world;

typedef struct answer {
    int status;
    const char *text;    /* the body; "" if there is none */
    const ix_json *json; /* the body, or NULL */
    const char *type;    /* or NULL */
    call_header headers[CALL_HEADERS_MAX];
    size_t header_count;
    const char *feed;     /* the kinds of what changed, or "" */
    size_t changes;       /* of values, and interactions that are new or updated */
    const char *reported; /* the last of these: kind, path, name, ID and JSON */
} answer;

/* ---- making and unmaking ---- */

static inline void world_end(void *unused)
{
    (void)unused;
    api_free(world.api);
    store_close(world.store);
    DIR *dir = opendir(world.folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", world.folder, entry->d_name);
        unlink(path);
    }
    if (dir)
        closedir(dir);
    rmdir(world.folder);
}

/* A live token, known to store and server. Its text is its name. */
static inline const char *token_for(const char *name, const char *client, const char *scopes,
                                    const char *spaces, const char *thing)
{
    uint8_t digest[IX_DIGEST_LEN];
    ix_digest(ix_str_of(name), digest);
    const token_row row = {digest, client, scopes, spaces, thing, NULL, INT64_MAX};
    CHECK_OK(world.cx, store_begin(world.cx, world.store));
    CHECK_OK(world.cx, store_token_add(world.cx, world.store, &row));
    CHECK_OK(world.cx, store_commit(world.cx, world.store));
    CHECK(auth_token_added(world.api->auth, &row, 0));
    return name;
}

/* An empty space "farm" and a token that may do everything in it. */
static inline void farm_with(ix_ctx *cx, api_settings settings)
{
    world = (struct world){.cx = cx, .settings = settings};
    if (!world.settings.body_limit)
        world.settings.body_limit = 1 << 20;
    const char *temporary = getenv("TMPDIR");
    snprintf(world.folder, sizeof world.folder, "%s/iots-api-XXXXXX",
             temporary && strlen(temporary) < 40 ? temporary : "/tmp");
    CHECK(mkdtemp(world.folder) != NULL);
    snprintf(world.url, sizeof world.url, "sqlite:%s", world.folder);
    ix_arena_defer(cx->arena, world_end, NULL);

    CHECK(ix_crypto_init());
    CHECK_OK(cx, store_open(cx, world.url, STORE_CREATE, &world.store));
    CHECK_OK(cx, store_note_changes(cx, world.store));
    CHECK_OK(cx, store_begin(cx, world.store));
    CHECK_OK(cx, store_space_add(cx, world.store, "farm", 1));
    CHECK_OK(cx, store_space_add(cx, world.store, "mill", 1));
    CHECK_OK(cx, store_commit(cx, world.store));
    world.api = api_new(cx, &world.settings, world.store);
    CHECK_OK(cx, world.api != NULL);
    world.token = token_for("everything", "app::tester", ix_scopes_all(), "farm", NULL);
}

static inline void farm(ix_ctx *cx)
{
    farm_with(cx, (api_settings){
                      .public_url = "https://iot.example.org/",
                      .token_lifetime_us = 3600 * IX_SECOND_US,
                      .body_limit = 1 << 20,
                  });
}

/* ---- asking ---- */

static const char *const change_kinds[CHANGE_KIND_COUNT] = {
    [CHANGE_PROPERTIES] = "properties",       [CHANGE_ACTION] = "action",
    [CHANGE_ACTION_DELETED] = "action-gone",  [CHANGE_EVENT] = "event",
    [CHANGE_THING_CREATED] = "thing-created", [CHANGE_THING_UPDATED] = "thing-updated",
    [CHANGE_THING_DELETED] = "thing-deleted", [CHANGE_SPACE_DELETED] = "space-deleted",
};

/* Adds what a transaction has changed to what the call has. */
static inline void hear_changes(change_batch *batch)
{
    ix_ctx *cx = world.cx;
    for (const change *c = change_batch_first(batch); c; c = c->next) {
        const char *kind = change_kinds[c->kind];
        CHECK(c->space != NULL);
        CHECK(c->number > world.last_number && c->at_us > 0);
        world.last_number = c->number;
        world.feed = ix_format(cx, "%s%s%s", world.feed, *world.feed ? " " : "", kind);
        if (c->kind == CHANGE_PROPERTIES || c->kind == CHANGE_ACTION || c->kind == CHANGE_EVENT) {
            world.changes++;
            world.reported = ix_format(cx, "%s /spaces/%s/things/%s%s%s%s%s %s", kind, c->space,
                                       c->thing, c->name ? " " : "", c->name ? c->name : "",
                                       c->id ? " " : "", c->id ? c->id : "", c->json);
        }
    }
    change_batch_free(batch);
}

/* One transaction, as the committer does it. Says where the call goes on. */
static inline call_phase write_part(api_call *call)
{
    ix_ctx cx;
    store_handle *store = world.store;
    CHECK(ix_ctx_init(&cx, 0));
    bool ok = store_begin(&cx, store);
    const plan_result plan = ok ? call_plan(call, store, true) : PLAN_FAILED;
    ok = ok && store_savepoint(&cx, store);
    const bool is_written = ok && plan == PLAN_READY && call_write(call, store);
    if (ok && !is_written && store_in_transaction(store))
        store_rollback_to(store);
    ok = ok && (!is_written || store_release(&cx, store)) && store_commit(&cx, store);
    if (!ok && store_in_transaction(store))
        store_rollback(store);
    if (!ok && (is_written || !call->status))
        call_not_committed(call, &cx.error);
    if (ok && is_written)
        call_committed(call);
    if (ok)
        hear_changes(store_take_changes(store));
    ix_ctx_done(&cx);
    return plan == PLAN_LATER ? PHASE_OFFLOAD : call_goes_on(call);
}

/* All of them. */
static inline void write_phase(api_call *call)
{
    for (call_phase at = PHASE_WRITE; at != PHASE_REPLY;) {
        at = at == PHASE_WRITE ? write_part(call) : call_offload(call, world.store);
        world.plans_later += at == PHASE_OFFLOAD;
        world.parts++;
    }
}

static inline void drive(api_call *call, const char *body)
{
    world.feed = "";
    world.reported = NULL;
    world.changes = 0;
    if (!call_admit(call))
        return;
    for (call_phase at = call_start(call, ix_str_of(body)); at != PHASE_REPLY;) {
        if (at == PHASE_READ) {
            at = call_read(call, world.store);
        } else if (at == PHASE_OFFLOAD) {
            at = call_offload(call, world.store);
        } else {
            write_phase(call);
            at = PHASE_REPLY;
        }
    }
}

static inline answer answer_of(const api_call *call)
{
    ix_ctx *cx = world.cx;
    answer made = {.status = call->status,
                   .text = ix_strdup(cx, ix_buf_cstr(&call->reply)),
                   .type = call->reply_type ? ix_strdup(cx, call->reply_type) : NULL,
                   .header_count = call->header_count};
    if (call->reply.len && strcmp(call->reply_type, "application/json") == 0)
        made.json = json_of(cx, made.text);
    for (size_t i = 0; i < call->header_count; i++)
        made.headers[i] = (call_header){ix_strdup(cx, call->headers[i].name),
                                        ix_strdup(cx, call->headers[i].value)};
    made.feed = world.feed;
    made.reported = world.reported;
    made.changes = world.changes;
    return made;
}

static inline api_call *call_for(const char *method, const char *target)
{
    const char *authorization = world.basic;
    if (!authorization && world.token)
        authorization = ix_format(world.cx, "Bearer %s", world.token);
    const call_request request = {
        .method = ix_str_of(method),
        .target = ix_str_of(target),
        .authorization = ix_str_of(authorization),
        .content_type = ix_str_of(world.type),
        .cookie = ix_str_of(world.cookie),
        .peer = ix_str_of(world.peer),
        .host = IX_STR("iot.example.net:8080"),
        .is_from_loopback = world.is_from_loopback,
    };
    api_call *made = call_new(world.api, &request);
    CHECK(made != NULL);
    return made;
}

static inline answer ask(const char *method, const char *target, const char *body)
{
    api_call *call = call_for(method, target);
    drive(call, body);
    if (call->status == 500)
        print_error("%s %s: %s\n", method, target, call->cx->error.message);
    const answer made = answer_of(call);
    call_free(call);
    return made;
}

/* ---- looking at answers ---- */

/* The text at a place in the body, or NULL. */
static inline const char *text_at(answer answer, const char *pointer)
{
    return ix_json_string(ix_json_at(answer.json, pointer));
}

/* Whatever is at a place in the body, as JSON text. */
static inline const char *json_at(answer answer, const char *pointer)
{
    const ix_json *json = ix_json_at(answer.json, pointer);
    return json ? ix_json_text(world.cx, json) : "nothing";
}

static inline const char *header_of(answer answer, const char *name)
{
    for (size_t i = 0; i < answer.header_count; i++) {
        if (strcmp(answer.headers[i].name, name) == 0)
            return answer.headers[i].value;
    }
    return "nothing";
}

/* "400 invalid limit" */
static inline const char *outcome(answer answer)
{
    const char *message = text_at(answer, "/error/message");
    return message ? ix_format(world.cx, "%d %s", answer.status, message)
                   : ix_format(world.cx, "%d", answer.status);
}

static inline void check_outcome(const char *want, const char *method, const char *target,
                                 const char *body, const char *file, int line)
{
    const char *got = outcome(ask(method, target, body));
    if (strcmp(got, want) != 0)
        print_error("%s %s %s\n", method, target, body ? body : "");
    ix_check_text(got, want, file, line);
}
#define CHECK_ASK(want, method, target, body) \
    check_outcome((want), (method), (target), (body), __FILE__, __LINE__)

/* Makes a Thing and gives the path to it; the test fails if that fails. */
static inline const char *thing_made(const char *body)
{
    const answer made = ask("POST", "/spaces/farm/things", body);
    if (made.status != 201)
        print_error("%s\n", made.text);
    CHECK_INT(made.status, 201);
    return text_at(made, "/href");
}

static inline const char *path_to(const char *thing, const char *rest)
{
    return ix_format(world.cx, "%s%s", thing, rest);
}

#endif
