/* SPDX-License-Identifier: Apache-2.0 */
/* Several writers on one Thing, over HTTP and at the same time: nobody's change is lost. */
#include "base/test.h"

#include <pthread.h>

#include "http.h"
#include "postgres.h"
#include "server.h"

enum { ROUNDS = 60, WRITERS_MOST = 5 };

typedef struct world {
    server *server;
    const char *url, *token, *thing; /* thing: its uid */
    pthread_barrier_t start;
} world;

typedef struct writer writer;

/* One write, numbered from 1; false if it was refused. */
typedef bool write_function(ix_ctx *cx, const writer *writer, http *http, int n);

struct writer {
    world *world;
    write_function *write;
    int written; /* without a failure before */
    char said[IX_ERROR_TEXT];
};

/* ---- writing ---- */

static bool send_it(ix_ctx *cx, const writer *writer, http *http, const char *method,
                    const char *path, const char *body, http_reply *reply)
{
    return path && body && http_json(cx, http, method, path, writer->world->token, body, reply) &&
           (reply->status / 100 == 2 || ix_fail(cx, IOTS_UNEXPECTED, "%s %s: %d %.100s", method,
                                                path, reply->status, reply->body));
}

static const char *thing_path(ix_ctx *cx, const writer *writer, const char *rest)
{
    return ix_format(cx, "/spaces/farm/things/%s%s", writer->world->thing, rest);
}

static bool patch_one(ix_ctx *cx, const writer *writer, http *http, int n)
{
    http_reply reply;
    return send_it(cx, writer, http, "PATCH", thing_path(cx, writer, ""),
                   ix_format(cx, "[{\"op\":\"add\",\"path\":\"/acme:one%d\",\"value\":%d}]", n, n),
                   &reply);
}

static bool patch_many(ix_ctx *cx, const writer *writer, http *http, int n)
{
    http_reply reply;
    const char *operations =
        ix_format(cx, "[{\"op\":\"add\",\"path\":\"/acme:many%d\",\"value\":%d}]", n, n);
    return send_it(cx, writer, http, "PATCH", "/spaces/farm/things",
                   ix_format(cx, "[{\"id\":\"%s\",\"patch\":%s},{\"id\":\"%s\",\"patch\":[{}]}]",
                             writer->world->thing, operations, writer->world->thing),
                   &reply) &&
           (strstr(reply.body, "\"has_errors\":[1]") ||
            ix_fail(cx, IOTS_UNEXPECTED, "%.200s", reply.body));
}

static bool put_value(ix_ctx *cx, const writer *writer, http *http, int n)
{
    http_reply reply;
    return send_it(cx, writer, http, "PUT", thing_path(cx, writer, "/properties/put"),
                   ix_format(cx, "{\"put\":%d}", n), &reply);
}

static bool patch_value(ix_ctx *cx, const writer *writer, http *http, int n)
{
    http_reply reply;
    return send_it(cx, writer, http, "PATCH", thing_path(cx, writer, ""),
                   ix_format(cx, "{\"status\":{\"patched\":%d}}", n), &reply);
}

/* The writers of one property each have hundreds of their own. */
static bool put_first(ix_ctx *cx, const writer *writer, http *http, int n)
{
    http_reply reply;
    return send_it(cx, writer, http, "PUT", thing_path(cx, writer, "/properties/put"),
                   ix_format(cx, "{\"put\":%d}", 100 + n), &reply);
}

static bool put_second(ix_ctx *cx, const writer *writer, http *http, int n)
{
    http_reply reply;
    return send_it(cx, writer, http, "PUT", thing_path(cx, writer, "/properties"),
                   ix_format(cx, "{\"put\":%d,\"patched\":%d}", 200 + n, n), &reply);
}

static bool patch_third(ix_ctx *cx, const writer *writer, http *http, int n)
{
    http_reply reply;
    return send_it(cx, writer, http, "PATCH", thing_path(cx, writer, ""),
                   ix_format(cx, "[{\"op\":\"replace\",\"path\":\"/status/put\",\"value\":%d}]",
                             300 + n),
                   &reply);
}

/* The Category's Model goes to and fro between two versions; the last write asks for the second. */
static bool change_model(ix_ctx *cx, const writer *writer, http *http, int n)
{
    http_reply reply;
    const int version = n % 2 == ROUNDS % 2 ? 2 : 1;
    return send_it(cx, writer, http, "PUT", "/spaces/farm/categories/Probes",
                   ix_format(cx, "{\"model\":{\"name\":\"Probe\",\"version\":%d}}", version),
                   &reply);
}

static void *write_all(void *arg)
{
    writer *writer = arg;
    http *http = http_new(writer->world->url);
    bool goes_on = http != NULL;
    pthread_barrier_wait(&writer->world->start);
    while (goes_on && writer->written < ROUNDS) {
        ix_ctx cx;
        goes_on = ix_ctx_init(&cx, 0) && writer->write(&cx, writer, http, writer->written + 1);
        writer->written += goes_on;
        snprintf(writer->said, sizeof writer->said, "%s", cx.error.message);
        ix_ctx_done(&cx);
    }
    http_free(http);
    return NULL;
}

/* ---- before and after ---- */

static http_reply ask(ix_ctx *cx, const world *world, const char *method, const char *path,
                      const char *body)
{
    http_reply reply;
    http *http = http_new(world->url);
    const bool ok = http_json(cx, http, method, path, world->token, body, &reply);
    http_free(http);
    CHECK_OK(cx, ok);
    return reply;
}

static void make(ix_ctx *cx, world *world, const char *method, const char *path, const char *body)
{
    const http_reply reply = ask(cx, world, method, path, body);
    if (reply.status / 100 != 2)
        print_error("%s %s: %s\n", method, path, reply.body);
    CHECK_INT(reply.status / 100, 2);
    if (strstr(path, "/things"))
        world->thing = ix_json_string(ix_json_member(json_of(cx, reply.body), "uid"));
}

static const ix_json *get(ix_ctx *cx, const world *world, const char *rest)
{
    const char *path = ix_format(cx, "/spaces/farm/things/%s%s", world->thing, rest);
    const http_reply reply = ask(cx, world, "GET", path, NULL);
    CHECK_INT(reply.status, 200);
    return json_of(cx, reply.body);
}

static void stop_server(void *arg)
{
    server_free(arg);
}

static world serve(ix_ctx *cx)
{
    world world = {.server = server_start(cx, NULL, 0)};
    CHECK_OK(cx, world.server != NULL);
    CHECK(ix_arena_defer(cx->arena, stop_server, world.server));
    world.url = server_url(world.server);
    world.token = server_token(cx, world.server, NULL);
    CHECK_OK(cx, world.token != NULL);

    make(cx, &world, "POST", "/spaces/farm/models", JSON({"name" : "Probe"}));
    make(cx, &world, "POST", "/spaces/farm/models/Probe/versions", JSON({
             "template" :
                 {"title" : "first", "properties" : {"put" : {}, "patched" : {}, "first" : {}}}
         }));
    make(cx, &world, "POST", "/spaces/farm/models/Probe/versions", JSON({
             "template" : {
                 "title" : "second",
                 "properties" : {"second" : {}, "patched" : {}, "put" : {"type" : "integer"}}
             }
         }));
    make(cx, &world, "POST", "/spaces/farm/categories",
         JSON({"name" : "Probes", "model" : {"name" : "Probe", "version" : 1}}));
    make(cx, &world, "POST", "/spaces/farm/categories/Probes/things", "{}");
    return world;
}

/* Is each value that was set in the history, in the order in which they were set? */
static void check_history(ix_ctx *cx, const world *world, const char *name)
{
    const ix_json *page = get(cx, world, ix_format(cx, "/properties-history/%s?limit=1000", name));
    const ix_json *data = ix_json_member(page, "data");
    CHECK_INT(ix_json_count(data), ROUNDS);
    for (int i = 0; i < ROUNDS; i++) {
        const ix_json *values = ix_json_member(ix_json_item(data, (size_t)i), "properties");
        CHECK_INT(ix_json_int(ix_json_member(values, name), 0), ROUNDS - i);
    }
}

/* Lets all of them write at the same time, until each has written its rounds. */
static void write_together(world *world, write_function *const *writes, size_t count)
{
    writer writers[WRITERS_MOST];
    pthread_t threads[WRITERS_MOST];
    CHECK(pthread_barrier_init(&world->start, NULL, (unsigned)count) == 0);
    for (size_t i = 0; i < count; i++) {
        writers[i] = (writer){.world = world, .write = writes[i]};
        CHECK(pthread_create(&threads[i], NULL, write_all, &writers[i]) == 0);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&world->start);
    for (size_t i = 0; i < count; i++) {
        if (writers[i].written < ROUNDS)
            print_error("writer %zu: %s\n", i, writers[i].said);
        CHECK_INT(writers[i].written, ROUNDS);
    }
}

TEST("patches, values and a change of the Category's Model do not undo one another")
{
    static write_function *const writes[] = {patch_one, patch_many, put_value, patch_value,
                                             change_model};
    world world = serve(cx);
    write_together(&world, writes, sizeof writes / sizeof writes[0]);

    const ix_json *thing = get(cx, &world, "");
    for (int n = 1; n <= ROUNDS; n++) {
        CHECK_INT(ix_json_int(ix_json_member(thing, ix_format(cx, "acme:one%d", n)), 0), n);
        CHECK_INT(ix_json_int(ix_json_member(thing, ix_format(cx, "acme:many%d", n)), 0), n);
    }
    CHECK_TEXT(ix_json_string(ix_json_member(thing, "title")), "second");
    CHECK_TEXT(ix_json_text(cx, ix_json_member(thing, "model")),
               "{\"name\":\"Probe\",\"version\":2}");
    CHECK_TEXT(ix_json_text(cx, ix_json_member(thing, "status")),
               ix_format(cx, "{\"second\":null,\"patched\":%d,\"put\":%d}", ROUNDS, ROUNDS));
    check_history(cx, &world, "put");
    check_history(cx, &world, "patched");
    CHECK_INT(server_admin(cx, world.server, (const char *const[]){"check", NULL}, NULL), 0);
    CHECK(server_stop(cx, world.server));
}

enum { BACKUPS = 2 };

static const char *backup_path(ix_ctx *cx, const world *world, int n)
{
    return ix_format(cx, "%s/backup%d", server_folder(world->server), n);
}

/* One with the first write of the others, one in the midst of them. */
static bool take_backup(ix_ctx *cx, const writer *writer, http *http, int n)
{
    (void)http;
    const char *const args[] = {"backup", backup_path(cx, writer->world, n), NULL};
    return n > BACKUPS || server_admin(cx, writer->world->server, args, NULL) == 0;
}

TEST("a backup that is made while others write is a whole store")
{
    static write_function *const writes[] = {patch_one, put_value, patch_value, take_backup};
    if (postgres_folder())
        SKIP("PostgreSQL is backed up with its own tools");
    world world = serve(cx);
    write_together(&world, writes, sizeof writes / sizeof writes[0]);
    CHECK(server_stop(cx, world.server));
    for (int n = 1; n <= BACKUPS; n++) {
        const char *folder = ix_format(cx, "%s/restored%d", server_folder(world.server), n);
        const char *const restore[] = {"restore", backup_path(cx, &world, n), "--data", folder,
                                       NULL};
        const char *const check[] = {"check", "--data", folder, NULL};
        CHECK_OK(cx, server_admin(cx, world.server, restore, NULL) == 0);
        CHECK_OK(cx, server_admin(cx, world.server, check, NULL) == 0);
    }
}

TEST("of values that several write to one property at once each is in the history")
{
    static write_function *const writes[] = {put_first, put_second, patch_third, change_model};
    world world = serve(cx);
    write_together(&world, writes, sizeof writes / sizeof writes[0]);

    int seen[400] = {0};
    const ix_json *page = get(cx, &world, "/properties-history/put?limit=1000");
    const ix_json *data = ix_json_member(page, "data");
    CHECK_INT(ix_json_count(data), 3 * ROUNDS);
    for (size_t i = 0; i < ix_json_count(data); i++) {
        const int64_t value = ix_json_int(ix_json_at(ix_json_item(data, i), "/properties/put"), 0);
        CHECK(value > 0 && value < 400);
        seen[value]++;
    }
    for (int n = 1; n <= ROUNDS; n++)
        CHECK(seen[100 + n] == 1 && seen[200 + n] == 1 && seen[300 + n] == 1);
    /* What was written last is what is there now. */
    CHECK(ix_json_equal(ix_json_at(get(cx, &world, "/properties"), "/put"),
                        ix_json_at(ix_json_item(data, 0), "/properties/put")));
    CHECK(server_stop(cx, world.server));
}
