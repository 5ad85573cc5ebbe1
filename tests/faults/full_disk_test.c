/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that is full. It is a tmpfs of our own, in a mount namespace of this program, so that it goes with
 * it; where the system does not allow that, the tests are skipped.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/json.h"
#include "base/test.h"
#include "http.h"
#include "server.h"

enum {
    ITEMS = 1000,      /* of one POST of history */
    POSTS_MAX = 10000, /* that fill the disk long before */
    TOKENS = 20,
};

#define THINGS "/spaces/farm/things"

/* ---- the disk ---- */

static bool write_text(const char *path, const char *text)
{
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    const size_t len = strlen(text);
    const bool ok = file >= 0 && write(file, text, len) == (ssize_t)len;
    if (file >= 0)
        close(file);
    return ok;
}

/* Mounts of this process are its own from now on: as root, or as the root of a user namespace. */
static bool have_own_mounts(ix_ctx *cx)
{
    static bool has = false;
    const char *map = ix_format(cx, "0 %u 1", (unsigned)geteuid());
    if (has)
        return true;
    has = (geteuid() == 0 && unshare(CLONE_NEWNS) == 0) ||
          (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_text("/proc/self/uid_map", map));
    return has && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

typedef struct world {
    char disk[64];
    server *server;
    http *http;
    http_reply reply;
    const char *token;
    const char *thing, *other; /* paths: of one with much history, and of one with a value */
    int posts;                 /* of history, that were acknowledged */
} world;

static void ask(ix_ctx *cx, world *world, const char *method, const char *target, const char *body)
{
    CHECK_OK(cx, http_json(cx, world->http, method, target, world->token, body, &world->reply));
}

static const char *make_thing(ix_ctx *cx, world *world)
{
    ask(cx, world, "POST", THINGS,
        "{\"title\":\"Tank\",\"properties\":{\"v\":{\"type\":\"string\"}}}");
    CHECK_INT(world->reply.status, 201);
    return ix_strdup(cx, http_reply_header(&world->reply, "Location"));
}

static void connect_to(ix_ctx *cx, world *world)
{
    http_free(world->http);
    world->http = http_new(server_url(world->server));
    CHECK(world->http != NULL);
    world->token = server_token(cx, world->server, NULL);
    CHECK_OK(cx, world->token != NULL);
}

/* False: there is no such disk to be had here. */
static bool world_open(ix_ctx *cx, world *world, const char *reserve)
{
    *world = (struct world){.disk = "/tmp/iots-disk-XXXXXX"};
    CHECK(mkdtemp(world->disk) != NULL);
    if (!have_own_mounts(cx) || mount("none", world->disk, "tmpfs", 0, "size=24m") != 0) {
        rmdir(world->disk);
        print_message("SKIPPED: no file system can be mounted here: %s\n", strerror(errno));
        return false;
    }
    const char *const env[] = {ix_format(cx, "IOTSD_DATA=%s/data", world->disk),
                               "IOTSD_STORE=sqlite", "IOTSD_METRICS=loopback", reserve};
    world->server = server_start(cx, env, sizeof env / sizeof env[0]);
    CHECK_OK(cx, world->server != NULL);
    connect_to(cx, world);
    world->thing = make_thing(cx, world);
    world->other = make_thing(cx, world);
    ask(cx, world, "PUT", ix_format(cx, "%s/properties/v", world->other), "{\"v\":\"before\"}");
    CHECK_INT(world->reply.status, 200);
    return true;
}

static void world_close(ix_ctx *cx, world *world)
{
    http_free(world->http);
    CHECK_OK(cx, server_stop(cx, world->server));
    server_free(world->server);
    CHECK(umount2(world->disk, MNT_DETACH) == 0);
    rmdir(world->disk);
}

/* ---- what is done on it ---- */

static const char *history_of(ix_ctx *cx, const char *thing)
{
    return ix_format(cx, "%s/properties-history/v", thing);
}

/* Items with values of 0.8 KB each. */
static const char *items(ix_ctx *cx, int number)
{
    ix_buf buf = {0};
    for (int i = 0; i < ITEMS; i++)
        ix_buf_format(
            &buf,
            "%s{\"at\":\"2020-01-%02dT%02d:%02d:%02d.%06dZ\",\"properties\":{\"v\":\"%0800d\"}}",
            i > 0 ? "," : "[", 1 + number / 86400, number / 3600 % 24, number / 60 % 60,
            number % 60, i, i);
    ix_buf_char(&buf, ']');
    const char *text = ix_strdup(cx, ix_buf_cstr(&buf));
    ix_buf_done(&buf);
    CHECK(text != NULL);
    return text;
}

static void fill(ix_ctx *cx, world *world)
{
    int tries = 0;
    do {
        ask(cx, world, "POST", history_of(cx, world->thing), items(cx, world->posts));
        world->posts += world->reply.status / 100 == 2;
    } while (world->reply.status / 100 == 2 && ++tries < POSTS_MAX);
    CHECK_INT(world->reply.status, 507);
    CHECK_TEXT(world->reply.body,
               "{\"error\":{\"status\":507,\"message\":\"No room left to store this\"}}");
}

static void set_value(ix_ctx *cx, world *world, const char *value, int status)
{
    ask(cx, world, "PUT", ix_format(cx, "%s/properties/v", world->other),
        ix_format(cx, "{\"v\":\"%s\"}", value));
    CHECK_INT(world->reply.status, status);
}

static void check_value(ix_ctx *cx, world *world, const char *value)
{
    ask(cx, world, "GET", ix_format(cx, "%s/properties/v", world->other), NULL);
    CHECK_INT(world->reply.status, 200);
    CHECK(strstr(world->reply.body, ix_format(cx, "\"%s\"", value)) != NULL);
}

static void check_metric(ix_ctx *cx, world *world, int is_full)
{
    ask(cx, world, "GET", "/metrics", NULL);
    CHECK(strstr(world->reply.body, ix_format(cx, "\niotsd_store_full %d\n", is_full)) != NULL);
}

/* All values that were acknowledged. */
static void check_history(ix_ctx *cx, world *world)
{
    const char *page = ix_format(cx, "%s?limit=1000", history_of(cx, world->thing));
    const char *target = page;
    size_t count = 0;
    while (target) {
        ask(cx, world, "GET", target, NULL);
        CHECK_INT(world->reply.status, 200);
        const ix_json *json = ix_json_parse(cx, world->reply.body, world->reply.body_len);
        CHECK_OK(cx, json != NULL);
        count += ix_json_count(ix_json_member(json, "data"));
        const ix_json *next = ix_json_member(ix_json_member(json, "paging"), "next_cursor");
        const ix_str cursor = ix_json_str(next);
        target = cursor.len ? ix_format(cx, "%s&next_cursor=%.*s", page, (int)cursor.len, cursor.at)
                            : NULL;
    }
    CHECK_INT(count, world->posts * ITEMS);
}

/* Each is good; the last one stays. */
static void take_tokens(ix_ctx *cx, world *world, int count)
{
    for (int i = 0; i < count; i++) {
        world->token = server_token(cx, world->server, NULL);
        CHECK_OK(cx, world->token != NULL);
        check_value(cx, world, "before");
    }
}

static void check_store(ix_ctx *cx, world *world)
{
    const char *const args[] = {"check", "--data", ix_format(cx, "%s/data", world->disk), NULL};
    const char *out;
    CHECK_OK(cx, server_admin(cx, world->server, args, &out) == 0);
}

/* ---- */

TEST("on a full disk tokens are given and history is deleted, and then everything is written again")
{
    world world;
    if (!world_open(cx, &world, "IOTSD_DISK_RESERVE=32MiB"))
        return;
    check_metric(cx, &world, 0);
    fill(cx, &world);
    CHECK(server_said(cx, world.server, "the disk is full", 1));
    set_value(cx, &world, "refused", 507);
    check_metric(cx, &world, 1);
    take_tokens(cx, &world, TOKENS);
    check_history(cx, &world);

    ask(cx, &world, "DELETE", ix_format(cx, "%s?at=2020%%7C2021", history_of(cx, world.thing)),
        NULL);
    CHECK_INT(world.reply.status, 204);
    world.posts = 0;
    CHECK(server_said(cx, world.server, "the disk has room again", 1));
    check_metric(cx, &world, 0);
    set_value(cx, &world, "after", 200);
    CHECK_OK(cx, server_stop(cx, world.server));
    check_store(cx, &world);
    CHECK_OK(cx, server_restart(cx, world.server));
    const char *token = world.token;
    connect_to(cx, &world);
    world.token = token;
    check_value(cx, &world, "after");
    check_history(cx, &world);
    world_close(cx, &world);
}

TEST(
    "a server that starts on a full disk gives tokens, deletes a Thing, and then writes everything")
{
    world world;
    if (!world_open(cx, &world, "IOTSD_DISK_RESERVE=32MiB"))
        return;
    fill(cx, &world);
    server_kill(world.server);
    CHECK_OK(cx, server_restart(cx, world.server));
    CHECK(server_said(cx, world.server, "the disk is full", 1));
    connect_to(cx, &world);
    take_tokens(cx, &world, 2);
    check_history(cx, &world);
    set_value(cx, &world, "refused", 507);
    ask(cx, &world, "DELETE", world.thing, NULL);
    CHECK_INT(world.reply.status, 204);
    CHECK(server_said(cx, world.server, "the disk has room again", 1));
    set_value(cx, &world, "after", 200);
    world_close(cx, &world);
}
