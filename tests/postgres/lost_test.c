/* SPDX-License-Identifier: Apache-2.0 */
/* A running iotsd whose line to the database is cut while it commits, or goes dead; or whose database
 * stands still. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "http.h"
#include "postgres.h"
#include "proxy.h"
#include "server.h"

enum {
    SOON_S = 30, /* generous: what is meant is seconds, what is excluded minutes */
};

typedef struct world {
    proxy *proxy;
    server *server;
    http *http;
    const char *token;
    char database[POSTGRES_NAME];
} world;

static void serve(ix_ctx *cx, world *world, const char *url)
{
    const char *settings[] = {
        ix_format(cx, "IOTSD_STORE=%s", url),
        "IOTSD_STORE_TIMEOUT=2",
        "IOTSD_LOG_LEVEL=debug",
    };
    world->server = server_start(cx, settings, sizeof settings / sizeof settings[0]);
    CHECK_OK(cx, world->server != NULL);
    world->http = http_new(server_url(world->server));
    world->token = server_token(cx, world->server, NULL);
    CHECK_OK(cx, world->http && world->token);
}

static void stop_serving(ix_ctx *cx, world *world)
{
    CHECK_OK(cx, server_stop(cx, world->server));
    http_free(world->http);
    server_free(world->server);
}

static void open_world(ix_ctx *cx, world *world)
{
    if (!postgres_make(cx, world->database))
        SKIP("there is no PostgreSQL");
    world->proxy = proxy_start(cx, postgres_folder(), world->database);
    serve(cx, world, proxy_url(world->proxy));
}

static void close_world(ix_ctx *cx, world *world)
{
    stop_serving(cx, world);
    proxy_stop(world->proxy);
    postgres_drop(world->database);
}

static int status_of(ix_ctx *cx, const world *world, const char *method, const char *path,
                     const char *body)
{
    http_reply reply;
    CHECK_OK(cx, http_json(cx, world->http, method, path, world->token, body, &reply));
    return reply.status;
}

static int add_thing(ix_ctx *cx, const world *world, const char *title)
{
    return status_of(cx, world, "POST", "/spaces/farm/things",
                     ix_format(cx, "{\"title\":\"%s\"}", title));
}

/* The titles of all things in this order, with blanks between. */
static const char *titles_by(ix_ctx *cx, const world *world, const char *order)
{
    http_reply reply;
    const char *path = ix_format(cx, "/spaces/farm/things?sort=%s", order);
    CHECK_OK(cx, http_json(cx, world->http, "GET", path, world->token, NULL, &reply));
    CHECK_INT(reply.status, 200);
    const ix_json *things = ix_json_member(json_of(cx, reply.body), "data");
    const char *text = "";
    for (size_t i = 0; i < ix_json_count(things); i++)
        text = ix_format(cx, "%s%s%s", text, i > 0 ? " " : "",
                         ix_json_string(ix_json_member(ix_json_item(things, i), "title")));
    return text;
}

static const char *titles(ix_ctx *cx, const world *world)
{
    return titles_by(cx, world, "uid");
}

/* Sends the request on a line of its own, without waiting for the reply. */
static int begin_thing(ix_ctx *cx, const world *world, const char *title)
{
    const char *body = ix_format(cx, "{\"title\":\"%s\"}", title);
    const char *request = ix_format(cx,
                                    "POST /spaces/farm/things HTTP/1.1\r\nHost: x\r\n"
                                    "Authorization: Bearer %s\r\nContent-Length: %zu\r\n\r\n%s",
                                    world->token, strlen(body), body);
    const int fd = http_connect(cx, server_url(world->server));
    CHECK_OK(cx, fd >= 0 && http_send_raw(fd, request, strlen(request)));
    return fd;
}

static int end_thing(ix_ctx *cx, int fd)
{
    http_reply reply;
    CHECK_OK(cx, http_read_reply(cx, fd, "POST", HTTP_TIMEOUT_MS, &reply));
    close(fd);
    return reply.status;
}

/* Asks until the answer is this status. */
static bool becomes(ix_ctx *cx, const world *world, const char *path, int status)
{
    const int64_t until_us = ix_monotonic_us() + SOON_S * IX_SECOND_US;
    while (ix_monotonic_us() < until_us)
        if (status_of(cx, world, "GET", path, NULL) == status)
            return true;
    return false;
}

TEST("what was committed is answered 201, also when the answer to COMMIT is lost")
{
    world world;
    open_world(cx, &world);
    for (int i = 0; i < 3; i++) {
        proxy_cut(world.proxy, PROXY_AFTER_COMMIT);
        CHECK_INT(add_thing(cx, &world, ix_format(cx, "t%d", i)), 201);
        proxy_wait_cut(world.proxy);
        CHECK_INT(add_thing(cx, &world, ix_format(cx, "u%d", i)), 201);
    }
    CHECK_TEXT(titles(cx, &world), "t0 u0 t1 u1 t2 u2");
    close_world(cx, &world);
}

TEST("what was not committed is answered 503, and is not there")
{
    world world;
    open_world(cx, &world);
    proxy_cut(world.proxy, PROXY_BEFORE_COMMIT);
    CHECK_INT(add_thing(cx, &world, "lost"), 503);
    CHECK_INT(add_thing(cx, &world, "kept"), 201);
    CHECK_TEXT(titles(cx, &world), "kept");
    close_world(cx, &world);
}

TEST("what was answered 503 does not appear later, though COMMIT was still on its way")
{
    world world;
    open_world(cx, &world);
    proxy_cut(world.proxy, PROXY_LATE_COMMIT);
    CHECK_INT(add_thing(cx, &world, "lost"), 503);
    proxy_deliver(world.proxy);
    CHECK_INT(add_thing(cx, &world, "kept"), 201);
    CHECK_TEXT(titles(cx, &world), "kept");
    close_world(cx, &world);
}

TEST("as long as nobody knows what became of a commit its reply waits; others hear 503")
{
    world world;
    open_world(cx, &world);
    proxy_cut_and_freeze(world.proxy, PROXY_AFTER_COMMIT);
    const int fd = begin_thing(cx, &world, "first");
    proxy_wait_cut(world.proxy);
    CHECK(becomes(cx, &world, "/health", 503));
    CHECK_INT(add_thing(cx, &world, "lost"), 503);
    proxy_thaw(world.proxy);
    CHECK_INT(end_thing(cx, fd), 201);
    CHECK(becomes(cx, &world, "/health", 200));
    CHECK_INT(add_thing(cx, &world, "second"), 201);
    CHECK_TEXT(titles(cx, &world), "first second");
    close_world(cx, &world);
}

TEST("a token that was committed without an answer works")
{
    world world;
    open_world(cx, &world);
    proxy_cut(world.proxy, PROXY_AFTER_COMMIT);
    world.token = server_token(cx, world.server, "thing");
    CHECK_OK(cx, world.token != NULL);
    CHECK_INT(add_thing(cx, &world, "one"), 201);
    close_world(cx, &world);
}

TEST("a line that goes dead is given up in time, and what needs no database is served meanwhile")
{
    world world;
    open_world(cx, &world);
    CHECK_INT(add_thing(cx, &world, "before"), 201);
    proxy_freeze(world.proxy);
    const int64_t begun_us = ix_monotonic_us();
    CHECK_INT(add_thing(cx, &world, "lost"), 503);
    CHECK_INT(status_of(cx, &world, "GET", "/spaces/farm/things", NULL), 503);
    CHECK_INT(status_of(cx, &world, "GET", "/health", NULL), 503);
    CHECK(ix_monotonic_us() - begun_us < SOON_S * IX_SECOND_US);
    CHECK_INT(status_of(cx, &world, "GET", "/openapi.json", NULL), 200);
    CHECK_INT(status_of(cx, &world, "GET", "/metrics", NULL), 200);
    CHECK_INT(status_of(cx, &world, "GET", "/nowhere", NULL), 404);
    proxy_thaw(world.proxy);
    CHECK(becomes(cx, &world, "/health", 200));
    CHECK_INT(add_thing(cx, &world, "after"), 201);
    CHECK_TEXT(titles(cx, &world), "before after");
    close_world(cx, &world);
}

/* ---- a PostgreSQL that stands still ---- */

typedef struct cluster {
    const char *folder;
    pid_t pid;
} cluster;

static void run_cluster(ix_ctx *cx, const char *verb, const char *folder)
{
    const char *const argv[] = {"/bin/sh", CLUSTER_SCRIPT, verb, folder, NULL};
    const char *out = "";
    CHECK_INT(run_program(cx, argv, NULL, 120 * 1000, &out, NULL), 0);
}

static void remove_cluster(void *arg)
{
    const cluster *cluster = arg;
    ix_ctx cx;
    if (ix_ctx_init(&cx, 0))
        run_cluster(&cx, "stop", cluster->folder);
    ix_ctx_done(&cx);
}

/* One that no other test uses. */
static cluster *make_cluster(ix_ctx *cx)
{
    cluster *made = ix_new(cx, cluster, 1);
    if (access(postgres_folder(), F_OK) != 0)
        SKIP("there is no PostgreSQL");
    made->folder = ix_format(cx, "%s-%d", postgres_folder(), (int)getpid());
    ix_arena_defer(cx->arena, remove_cluster, made);
    run_cluster(cx, "start", made->folder);
    FILE *in = fopen(ix_format(cx, "%s/data/postmaster.pid", made->folder), "re");
    CHECK(in && fscanf(in, "%d", &made->pid) == 1);
    fclose(in);
    return made;
}

static pid_t parent_of(ix_ctx *cx, const char *pid)
{
    int parent = 0;
    FILE *in = fopen(ix_format(cx, "/proc/%s/stat", pid), "re");
    if (in && fscanf(in, "%*d (%*[^)]) %*c %d", &parent) != 1)
        parent = 0;
    if (in)
        fclose(in);
    return parent;
}

/* To all of its processes; to the one that makes others first. */
static void signal_cluster(ix_ctx *cx, const cluster *cluster, int signal_number)
{
    CHECK(kill(cluster->pid, signal_number) == 0);
    DIR *dir = opendir("/proc");
    CHECK(dir != NULL);
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        if (atoi(entry->d_name) > 0 && parent_of(cx, entry->d_name) == cluster->pid)
            kill(atoi(entry->d_name), signal_number);
    if (dir)
        closedir(dir);
}

TEST("while PostgreSQL stands still iotsd says so in seconds; then it goes on, and nothing is lost "
     "or doubled")
{
    enum { UNDER_WAY = 8 };
    world world;
    const cluster *cluster = make_cluster(cx);
    serve(cx, &world, ix_format(cx, "postgres://iots@/postgres?host=%s", cluster->folder));
    CHECK_INT(add_thing(cx, &world, "before"), 201);
    int fds[UNDER_WAY];
    for (int i = 0; i < UNDER_WAY; i++)
        fds[i] = begin_thing(cx, &world, ix_format(cx, "w%d", i));
    signal_cluster(cx, cluster, SIGSTOP);
    const int64_t begun_us = ix_monotonic_us();
    CHECK_INT(add_thing(cx, &world, "lost"), 503);
    CHECK_INT(status_of(cx, &world, "GET", "/spaces/farm/things", NULL), 503);
    CHECK_INT(status_of(cx, &world, "GET", "/health", NULL), 503);
    CHECK(ix_monotonic_us() - begun_us < SOON_S * IX_SECOND_US);
    CHECK_INT(status_of(cx, &world, "GET", "/openapi.json", NULL), 200);
    signal_cluster(cx, cluster, SIGCONT);
    CHECK(becomes(cx, &world, "/health", 200));

    const char *expected = "before";
    for (int i = 0; i < UNDER_WAY; i++) {
        const int status = end_thing(cx, fds[i]);
        CHECK(status == 201 || status == 503);
        if (status == 201)
            expected = ix_format(cx, "%s w%d", expected, i);
    }
    CHECK_INT(add_thing(cx, &world, "after"), 201);
    CHECK_TEXT(titles_by(cx, &world, "title"), ix_format(cx, "after %s", expected));
    stop_serving(cx, &world);
}
