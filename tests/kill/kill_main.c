/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill: what was acknowledged is on disk, whenever the server dies.
 *
 * Several threads write as fast as they can and note each 2xx; in the middle of it iotsd is killed
 * (SIGKILL), checked, and started again on the same store. Then every noted write must be there, from
 * all rounds so far, and the token from before must still be good.
 *
 *     kill [ROUNDS]
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "http.h"
#include "server.h"

enum {
    WRITERS = 4,
    ROUNDS = 3,
    ROUNDS_LONG = 60,
    WRITES_MAX = 20000, /* of one writer and kind, over all rounds */
    WRITES_BEFORE_KILL = 60,
    PAGE = 1000,
};

/* What one writer does and may rely on. Writes are numbered from 1. */
typedef struct writer {
    struct world *world;
    int number;
    pthread_t thread;
    int values_sent, values_kept;    /* PUT property v<number> = the number of the write */
    int entries_sent;                /* POST history of h<number> */
    bool *value_noted, *entry_noted; /* by number of the write */
    char (*things)[32];              /* uids of acknowledged POST thing */
    int thing_count;
    http *http;
} writer;

typedef struct world {
    server *server;
    const char *token, *thing; /* one Thing with the properties of all writers */
    writer writers[WRITERS];
    pthread_mutex_t lock; /* guards noted */
    pthread_cond_t changed;
    int noted; /* writes acknowledged in this round */
} world;

/* ---- writing ---- */

static void note(world *world)
{
    pthread_mutex_lock(&world->lock);
    world->noted++;
    pthread_cond_signal(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

/* One call; false when the server is gone. Anything but 2xx from a living server is a failure. */
static bool write_one(ix_ctx *cx, writer *writer, const char *method, const char *target,
                      const char *body, http_reply *reply)
{
    if (!target || !body ||
        !http_json(cx, writer->http, method, target, writer->world->token, body, reply))
        return false;
    if (reply->status / 100 == 2)
        return true;
    fprintf(stderr, "%s %s answered %d %s\n", method, target, reply->status, reply->body);
    abort();
}

static const char *thing_path(ix_ctx *cx, const world *world, const char *what, char kind,
                              int number)
{
    return ix_format(cx, "/spaces/farm/things/%s/%s/%c%d", world->thing, what, kind, number);
}

static bool write_value(ix_ctx *cx, writer *writer)
{
    http_reply reply;
    const int n = ++writer->values_sent;
    if (!write_one(cx, writer, "PUT",
                   thing_path(cx, writer->world, "properties", 'v', writer->number),
                   ix_format(cx, "{\"v%d\":%d}", writer->number, n), &reply))
        return false;
    writer->value_noted[n] = true;
    writer->values_kept = n;
    return true;
}

static bool write_entry(ix_ctx *cx, writer *writer)
{
    http_reply reply;
    const int n = ++writer->entries_sent;
    const char *body =
        ix_format(cx, "{\"at\":\"2020-01-01T00:00:00.%06dZ\",\"properties\":{\"h%d\":%d}}", n,
                  writer->number, n);
    if (!write_one(cx, writer, "POST",
                   thing_path(cx, writer->world, "properties-history", 'h', writer->number), body,
                   &reply))
        return false;
    writer->entry_noted[n] = true;
    return true;
}

static bool write_thing(ix_ctx *cx, writer *writer)
{
    http_reply reply;
    if (!write_one(cx, writer, "POST", "/spaces/farm/things",
                   ix_format(cx, "{\"title\":\"of %d\"}", writer->number), &reply))
        return false;
    const ix_json *body = ix_json_parse(cx, reply.body, reply.body_len);
    const char *uid = ix_json_string(ix_json_member(body, "uid"));
    if (!uid)
        abort();
    snprintf(writer->things[writer->thing_count++], sizeof(writer->things[0]), "%s", uid);
    return true;
}

static void *write_until_closed(void *arg)
{
    static bool (*const kinds[])(ix_ctx * cx, writer * writer) = {write_value, write_entry,
                                                                  write_thing};
    writer *writer = arg;
    bool goes_on = true;
    for (int i = 0; goes_on; i++) {
        ix_ctx cx;
        if (!ix_ctx_init(&cx, 0))
            abort();
        goes_on = writer->values_sent + 1 < WRITES_MAX && kinds[i % 3](&cx, writer);
        ix_ctx_done(&cx);
        if (goes_on)
            note(writer->world);
    }
    return NULL;
}

/* ---- looking afterwards ---- */

static const ix_json *get(ix_ctx *cx, http *http, const world *world, const char *target)
{
    http_reply reply;
    if (!target || !http_json(cx, http, "GET", target, world->token, NULL, &reply))
        return NULL;
    if (reply.status != 200) {
        ix_fail(cx, IOTS_UNEXPECTED, "GET %s answered %d %s", target, reply.status, reply.body);
        return NULL;
    }
    return ix_json_parse(cx, reply.body, reply.body_len);
}

/* Strikes off `missing` what the history of a property holds; true if nothing is left. */
static bool history_holds(ix_ctx *cx, http *http, const world *world, char kind, int number,
                          bool *missing, int count)
{
    const char *path = thing_path(cx, world, "properties-history", kind, number);
    const char *name = ix_format(cx, "/properties/%c%d", kind, number);
    const char *cursor = "";
    if (!path || !name)
        return false;
    do {
        const ix_json *page =
            get(cx, http, world, ix_format(cx, "%s?limit=%d&next_cursor=%s", path, PAGE, cursor));
        if (!page)
            return false;
        const ix_json *data = ix_json_member(page, "data");
        for (size_t i = 0; i < ix_json_count(data); i++) {
            const int64_t n = ix_json_int(ix_json_at(ix_json_item(data, i), name), 0);
            if (n < 1 || n > count)
                return ix_fail(cx, IOTS_UNEXPECTED, "%s holds %d, which was never sent", path,
                               (int)n);
            missing[n] = false;
        }
        cursor = ix_json_string(ix_json_at(page, "/paging/next_cursor"));
    } while (cursor && *cursor);
    for (int n = 1; n <= count; n++) {
        if (missing[n])
            return ix_fail(cx, IOTS_UNEXPECTED, "%s lost %d, which was acknowledged", path, n);
    }
    return true;
}

static bool history_is_whole(ix_ctx *cx, http *http, const world *world, char kind, int number,
                             const bool *noted, int count)
{
    bool *missing = ix_new(cx, bool, WRITES_MAX + 1);
    if (!missing)
        return false;
    memcpy(missing, noted, (WRITES_MAX + 1) * sizeof(*missing));
    return history_holds(cx, http, world, kind, number, missing, count);
}

static bool value_is_kept(ix_ctx *cx, http *http, const world *world, const writer *writer)
{
    const ix_json *body =
        get(cx, http, world, thing_path(cx, world, "properties", 'v', writer->number));
    if (!body)
        return false;
    const int64_t n = ix_json_int(ix_json_at(body, ix_format(cx, "/v%d", writer->number)), 0);
    return (n >= writer->values_kept && n <= writer->values_sent) ||
           ix_fail(cx, IOTS_UNEXPECTED, "v%d is %d; %d was acknowledged, %d sent", writer->number,
                   (int)n, writer->values_kept, writer->values_sent);
}

static bool things_are_kept(ix_ctx *cx, http *http, const world *world, const writer *writer)
{
    for (int i = 0; i < writer->thing_count; i++) {
        if (!get(cx, http, world, ix_format(cx, "/spaces/farm/things/%s", writer->things[i])))
            return false;
    }
    return true;
}

static bool all_is_kept(ix_ctx *cx, const world *world)
{
    bool ok = true;
    http *http = http_new(server_url(world->server));
    for (int i = 0; ok && i < WRITERS; i++) {
        const writer *writer = &world->writers[i];
        ok = value_is_kept(cx, http, world, writer) && things_are_kept(cx, http, world, writer) &&
             history_is_whole(cx, http, world, 'v', i, writer->value_noted, writer->values_sent) &&
             history_is_whole(cx, http, world, 'h', i, writer->entry_noted, writer->entries_sent);
    }
    http_free(http);
    return ok;
}

/* ---- rounds ---- */

static bool start_writers(ix_ctx *cx, world *world)
{
    for (int i = 0; i < WRITERS; i++) {
        writer *writer = &world->writers[i];
        writer->http = http_new(server_url(world->server));
        if (!writer->http || pthread_create(&writer->thread, NULL, write_until_closed, writer) != 0)
            return ix_fail(cx, IOTS_INTERNAL, "no thread");
    }
    return true;
}

/* Lets `count` writes be acknowledged, then kills the server under the writers. */
static void kill_after(world *world, int count)
{
    pthread_mutex_lock(&world->lock);
    while (world->noted < count)
        pthread_cond_wait(&world->changed, &world->lock);
    pthread_mutex_unlock(&world->lock);
    server_kill(world->server);
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(world->writers[i].thread, NULL);
        http_free(world->writers[i].http);
    }
}

static bool check_store(ix_ctx *cx, const world *world)
{
    return server_admin(cx, world->server, (const char *const[]){"check", NULL}, NULL) == 0;
}

static bool run_round(world *world, int round)
{
    ix_ctx cx;
    if (!ix_ctx_init(&cx, 0))
        return false;
    world->noted = 0;
    /* Each round dies at another point of its groups and of the store's own housekeeping. */
    const int count = WRITES_BEFORE_KILL + 37 * (round % 11);
    bool ok = start_writers(&cx, world);
    if (ok) {
        kill_after(world, count);
        ok = check_store(&cx, world) && server_restart(&cx, world->server) &&
             all_is_kept(&cx, world) && check_store(&cx, world);
    }
    printf("round %d: killed after %d writes: %s\n", round + 1, world->noted,
           ok ? "all there" : cx.error.message);
    ix_ctx_done(&cx);
    return ok;
}

static bool prepare(ix_ctx *cx, world *world)
{
    http_reply reply;
    ix_buf body = {0};
    world->server = server_start(cx, NULL, 0);
    world->token = world->server ? server_token(cx, world->server, NULL) : NULL;
    if (!world->token)
        return false;
    ix_buf_text(&body, "{\"properties\":{\"x\":{}");
    for (int i = 0; i < WRITERS; i++) {
        writer *writer = &world->writers[i];
        *writer = (struct writer){.world = world, .number = i};
        writer->value_noted = ix_new(cx, bool, WRITES_MAX + 1);
        writer->entry_noted = ix_new(cx, bool, WRITES_MAX + 1);
        writer->things = ix_alloc(cx, WRITES_MAX * sizeof(*writer->things));
        if (!writer->value_noted || !writer->entry_noted || !writer->things)
            return false;
        ix_buf_format(&body, ",\"v%d\":{\"type\":\"integer\"},\"h%d\":{}", i, i);
    }
    ix_buf_text(&body, "}}");
    http *http = http_new(server_url(world->server));
    const bool ok = http_json(cx, http, "POST", "/spaces/farm/things", world->token,
                              ix_buf_cstr(&body), &reply) &&
                    reply.status == 201;
    http_free(http);
    ix_buf_done(&body);
    world->thing =
        ok ? ix_json_string(ix_json_member(ix_json_parse(cx, reply.body, reply.body_len), "uid"))
           : NULL;
    return world->thing || ix_fail(cx, IOTS_UNEXPECTED, "no Thing to write to");
}

int main(int argc, char **argv)
{
    static world world = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    const int rounds = argc > 1 ? atoi(argv[1]) : getenv("IOTS_TEST_LONG") ? ROUNDS_LONG : ROUNDS;
    ix_ctx cx;
    setvbuf(stdout, NULL, _IOLBF, 0);
    ix_json_init();
    if (!ix_ctx_init(&cx, 0))
        return 1;
    bool ok = prepare(&cx, &world);
    int round = 0;
    for (; ok && round < rounds; round++)
        ok = run_round(&world, round);
    ok = ok && round > 0 && server_stop(&cx, world.server);
    if (ix_failed(&cx))
        printf("%s\n", cx.error.message);
    server_free(world.server);
    ix_ctx_done(&cx);
    printf("%d rounds %s\n", round, ok ? "passed" : "FAILED");
    return ok ? 0 : 1;
}
