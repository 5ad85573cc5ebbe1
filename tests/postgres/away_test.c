/* SPDX-License-Identifier: Apache-2.0 */
/* A running iotsd whose database goes away and comes back. */
#include "base/test.h"
#include "base/time.h"
#include "http.h"
#include "postgres.h"
#include "server.h"

#define SECRET "ge-heim"

typedef struct world {
    server *server;
    http *http;
    const char *token, *place; /* of a property of a thing */
    const char *database;
} world;

/* iotsd on a new database, its address with a password that nobody asks for. */
static void open_world(ix_ctx *cx, world *world)
{
    static char database[POSTGRES_NAME];
    http_reply reply;
    if (!postgres_make(cx, database))
        SKIP("there is no PostgreSQL");
    const char *url = postgres_url(cx, database);
    const char *settings[] = {ix_format(cx, "IOTSD_STORE=postgres://iots:" SECRET "%s",
                                        strchr(url, '@')),
                              "IOTSD_LOG_LEVEL=debug"};
    world->database = database;
    world->server = server_start(cx, settings, 2);
    CHECK_OK(cx, world->server != NULL);
    world->http = http_new(server_url(world->server));
    world->token = server_token(cx, world->server, NULL);
    CHECK_OK(cx, world->http && world->token);
    CHECK_OK(cx, http_json(cx, world->http, "POST", "/spaces/farm/things", world->token,
                           JSON({"properties" : {"t" : {}}, "status" : {"t" : 1}}), &reply));
    const char *uid = ix_json_string(ix_json_member(json_of(cx, reply.body), "uid"));
    world->place = ix_format(cx, "/spaces/farm/things/%s/properties/t", uid);
}

static void close_world(ix_ctx *cx, world *world)
{
    CHECK(!strstr(server_log(cx, world->server), SECRET));
    CHECK_OK(cx, server_stop(cx, world->server));
    http_free(world->http);
    server_free(world->server);
    postgres_drop(world->database);
}

/* The database lets go of everybody who uses it; returns when they know. */
static void cut_off(ix_ctx *cx, const world *world)
{
    const char *sql = ix_format(cx,
                                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                                " WHERE datname = '%s'",
                                world->database);
    CHECK_OK(cx, postgres_do(cx, "postgres", sql));
}

static void set_access(ix_ctx *cx, const world *world, bool anybody)
{
    CHECK_OK(cx, postgres_do(cx, "postgres",
                             ix_format(cx, "ALTER DATABASE %s ALLOW_CONNECTIONS %s",
                                       world->database, anybody ? "true" : "false")));
}

static int status_of(ix_ctx *cx, const world *world, const char *method, const char *path,
                     const char *body)
{
    http_reply reply;
    CHECK_OK(cx, http_json(cx, world->http, method, path, world->token, body, &reply));
    if (reply.status >= 500 && strncmp(path, "/spaces", 7) == 0)
        CHECK_TEXT(ix_json_string(ix_json_at(json_of(cx, reply.body), "/error/message")),
                   "Service unavailable");
    return reply.status;
}

static int put(ix_ctx *cx, const world *world, const char *value)
{
    return status_of(cx, world, "PUT", world->place, ix_format(cx, "{\"t\":%s}", value));
}

static void check_value(ix_ctx *cx, const world *world, const char *value)
{
    http_reply reply;
    CHECK_OK(cx, http_json(cx, world->http, "GET", world->place, world->token, NULL, &reply));
    CHECK_INT(reply.status, 200);
    CHECK_TEXT(reply.body, ix_format(cx, "{\"t\":%s}", value));
}

TEST("after the database was started anew nobody notices")
{
    world world;
    open_world(cx, &world);
    cut_off(cx, &world);
    check_value(cx, &world, "1");
    CHECK_INT(put(cx, &world, "2"), 200);
    cut_off(cx, &world);
    CHECK_INT(put(cx, &world, "3"), 200);
    check_value(cx, &world, "3");
    close_world(cx, &world);
}

TEST("while the database is away iotsd says so, and when it is back all works again")
{
    world world;
    open_world(cx, &world);
    set_access(cx, &world, false);
    cut_off(cx, &world);
    CHECK_INT(status_of(cx, &world, "GET", "/health", NULL), 503);
    CHECK_INT(status_of(cx, &world, "GET", world.place, NULL), 503);
    CHECK_INT(put(cx, &world, "2"), 503);
    set_access(cx, &world, true);
    CHECK_INT(status_of(cx, &world, "GET", "/health", NULL), 200);
    check_value(cx, &world, "1");
    CHECK_INT(put(cx, &world, "2"), 200);
    check_value(cx, &world, "2");
    close_world(cx, &world);
}

TEST("the start line names the database and nothing secret")
{
    world world;
    open_world(cx, &world);
    CHECK(strstr(server_log(cx, world.server),
                 ix_format(cx, ", store postgres://%s/%s\n", postgres_folder(), world.database)));
    close_world(cx, &world);
}

TEST("what somebody elsewhere changes while iotsd is cut off counts when it is back")
{
    world world;
    open_world(cx, &world);
    const char *elsewhere = ix_format(cx, "%s/elsewhere", server_folder(world.server));
    const char *const remove[] = {"client", "remove", SERVER_CLIENT_ID, "--data", elsewhere, NULL};
    const char *out;
    cut_off(cx, &world);
    CHECK_INT(server_admin(cx, world.server, remove, &out), 0);
    const int64_t until_us = ix_monotonic_us() + 60 * IX_SECOND_US;
    int status;
    do
        status = put(cx, &world, "2");
    while (status == 200 && ix_monotonic_us() < until_us);
    CHECK_INT(status, 401);
    close_world(cx, &world);
}
