/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libiots' buffer and a real iotsd, which is killed and started again. A server that was started again
 * has another port, so each time there is another API, and the buffer is opened for that.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iots/offline.h>

#include "base/test.h"
#include "base/time.h"
#include "http.h"
#include "server.h"

enum { PAGE = 1000 };

/* ---- words ---- */

typedef struct world {
    server *server;
    const char *thing, *path;
    iots_api *api;
    iots_offline *buffer;
} world;

/* Makes API and buffer for where the server is, or was. */
static void device_begin(world *world)
{
    world->api = iots_api_new(IOTS_API_OPTS(.host = server_url(world->server)));
    iots_api_set_credentials(world->api, SERVER_CLIENT_ID, SERVER_CLIENT_SECRET, NULL, NULL);
    world->buffer = iots_offline_open(world->api, world->path, IOTS_OFFLINE(.retry_ms = -1));
    CHECK_TEXT(iots_offline_error(world->buffer), "");
}

static void device_end(world *world)
{
    iots_offline_close(world->buffer);
    iots_api_free(world->api);
}

static iots_thing thing_of(const world *world)
{
    return iots_space_thing(iots_api_space(world->api, SERVER_SPACE), world->thing);
}

static void world_begin(ix_ctx *cx, world *world)
{
    world->server = server_start(cx, NULL, 0);
    CHECK_OK(cx, world->server != NULL);
    world->path = ix_format(cx, "%s/values", server_folder(world->server));
    device_begin(world);
    iots_reply *made = iots_things_create(
        iots_space_things(iots_api_space(world->api, SERVER_SPACE)),
        iots_raw(JSON(
            {"properties" : {"t" : {"type" : "number"}, "mode" : {"enum" : [ "on", "off" ]}}})),
        NULL);
    world->thing = ix_strdup(cx, iots_json_string(iots_reply_body(made), "/uid"));
    iots_reply_free(made);
}

static void world_end(ix_ctx *cx, world *world)
{
    device_end(world);
    CHECK_OK(cx, server_stop(cx, world->server));
    server_free(world->server);
}

/* The server dies, and is there again for another run of the device. */
static void server_dies_and_returns(ix_ctx *cx, world *world)
{
    device_end(world);
    CHECK_OK(cx, server_restart(cx, world->server));
    device_begin(world);
}

/* Where the value is: 200 with the server, 0 in the file; minus the code on failure. */
static int set(const world *world, const char *property, iots_value value)
{
    iots_reply *reply = iots_offline_update(world->buffer, thing_of(world), property, value);
    const int status = iots_ok(reply) ? iots_reply_status(reply) : -(int)iots_reply_code(reply);
    iots_reply_free(reply);
    return status;
}

static iots_code flush(const world *world)
{
    iots_reply *reply = iots_offline_flush(world->buffer);
    const iots_code code = iots_reply_code(reply);
    iots_reply_free(reply);
    return code;
}

static const char *current(ix_ctx *cx, const world *world, const char *property)
{
    iots_reply *reply = iots_properties_get(thing_of(world), NULL);
    char *text =
        iots_json_text(iots_json_at(iots_reply_body(reply), ix_format(cx, "/%s", property)), 0);
    const char *ret = ix_strdup(cx, text ? text : "");
    free(text);
    iots_reply_free(reply);
    return ret;
}

/* The history, newest first, with a blank after each value. Times must be between two moments, and no
 * time may be there twice. */
static const char *history(ix_ctx *cx, const world *world, const char *property, int64_t first_us,
                           int64_t last_us)
{
    ix_buf text = {0};
    iots_pager *all = iots_history_list(thing_of(world), property, IOTS_LIST(.limit = PAGE));
    for (const iots_json *item; (item = iots_pager_next(all));) {
        int64_t at_us;
        CHECK(ix_time_parse(ix_str_of(iots_json_string(item, "/at")), &at_us));
        CHECK(at_us >= first_us && at_us <= last_us);
        last_us = at_us - 1;
        char *value = iots_json_text(iots_json_members(iots_json_at(item, "/properties")).value, 0);
        ix_buf_format(&text, "%s ", value);
        free(value);
    }
    CHECK(iots_ok(iots_pager_reply(all)));
    iots_pager_free(all);
    const char *ret = ix_strdup(cx, ix_buf_cstr(&text));
    ix_buf_done(&text);
    return ret;
}

/* ---- tests ---- */

TEST("values of the time without a server are its history, and the last one the current value")
{
    world world;
    world_begin(cx, &world);
    const int64_t began_us = ix_now_us();
    CHECK_INT(set(&world, "t", iots_number(0.5)), 200);
    server_kill(world.server);
    for (int i = 1; i <= 5; i++)
        CHECK_INT(set(&world, "t", iots_integer(i)), 0);
    CHECK_INT(set(&world, "mode", iots_text("on")), 0);
    CHECK_INT(flush(&world), IOTS_TRANSPORT);
    const int64_t ended_us = ix_now_us();

    server_dies_and_returns(cx, &world);
    CHECK_TEXT(current(cx, &world, "t"), "0.5");
    CHECK_INT(set(&world, "t", iots_integer(6)), 0); /* behind those that wait */
    CHECK_INT(flush(&world), IOTS_OK);
    CHECK_TEXT(history(cx, &world, "t", began_us, ix_now_us()), "6 5 4 3 2 1 0.5 ");
    CHECK_TEXT(history(cx, &world, "mode", began_us, ended_us), "\"on\" ");
    CHECK_TEXT(current(cx, &world, "t"), "6");
    CHECK_TEXT(current(cx, &world, "mode"), "\"on\"");
    CHECK_INT(set(&world, "t", iots_integer(7)), 200);
    world_end(cx, &world);
}

TEST("a value that does not fit is refused and counted, the others arrive")
{
    world world;
    world_begin(cx, &world);
    server_kill(world.server);
    CHECK_INT(set(&world, "mode", iots_text("on")), 0);
    CHECK_INT(set(&world, "mode", iots_text("loud")), 0);
    CHECK_INT(set(&world, "mode", iots_text("off")), 0);
    CHECK_INT(set(&world, "missing", iots_integer(1)), 0);
    server_dies_and_returns(cx, &world);
    CHECK_INT(flush(&world), IOTS_INVALID);
    CHECK_INT((int)iots_offline_count(world.buffer, IOTS_OFFLINE_REFUSED), 2);
    CHECK_INT((int)iots_offline_count(world.buffer, IOTS_OFFLINE_WAITING), 0);
    CHECK_TEXT(history(cx, &world, "mode", 0, ix_now_us()), "\"off\" \"on\" ");
    CHECK_TEXT(current(cx, &world, "mode"), "\"off\"");
    world_end(cx, &world);
}

/* A copy of the buffer file as it was before its values were sent: so it looks to a program that died
 * between the server's answer and noting it. */
static void file_copy(ix_ctx *cx, const char *from, const char *to)
{
    const char *argv[] = {"/bin/cp", from, to, NULL};
    CHECK_INT(run_program(cx, argv, NULL, 60000, NULL, NULL), 0);
}

TEST("values that are sent a second time are stored once")
{
    world world;
    world_begin(cx, &world);
    server_kill(world.server);
    for (int i = 1; i <= 300; i++) /* more than are sent at once */
        CHECK_INT(set(&world, "t", iots_integer(i)), 0);
    server_dies_and_returns(cx, &world);
    const char *copy = ix_format(cx, "%s.copy", world.path);
    file_copy(cx, world.path, copy);
    CHECK_INT(flush(&world), IOTS_OK);
    const char *once = history(cx, &world, "t", 0, ix_now_us());
    CHECK_INT(set(&world, "t", iots_integer(301)), 200);
    iots_offline_close(world.buffer);

    world.path = copy;
    world.buffer = iots_offline_open(world.api, world.path, IOTS_OFFLINE(.retry_ms = -1));
    CHECK_INT((int)iots_offline_count(world.buffer, IOTS_OFFLINE_WAITING), 300);
    CHECK_INT(flush(&world), IOTS_OK);
    CHECK_INT((int)iots_offline_count(world.buffer, IOTS_OFFLINE_REFUSED), 0);
    CHECK_TEXT(history(cx, &world, "t", 0, ix_now_us()), ix_format(cx, "301 %s", once));
    world_end(cx, &world);
}

/* A device that loses its power: it sets numbers from `first` on, and is killed once so many of them are
 * acknowledged. The last one that was. */
static int device_lose_power(const world *world, int first, int count)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        for (int i = first; set(world, "t", iots_integer(i)) == 0; i++) {
            if (write(ends[1], &i, sizeof i) != sizeof i)
                break;
        }
        _exit(1);
    }
    close(ends[1]);
    int last = 0, number;
    for (int i = 0; i < count && read(ends[0], &number, sizeof number) == sizeof number; i++)
        last = number;
    kill(child, SIGKILL);
    while (read(ends[0], &number, sizeof number) == sizeof number)
        last = number;
    close(ends[0]);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    return last;
}

TEST("values of three runs, two of which ended with a power cut, arrive in their order and once")
{
    world world;
    world_begin(cx, &world);
    server_kill(world.server);
    int last = 0;
    for (int cut = 0; cut < 2; cut++) {
        const int before = last;
        device_end(&world);
        device_begin(
            &world); /* its file is the child's as well, and nobody else uses it meanwhile */
        last = device_lose_power(&world, before + 1, 40);
        CHECK(last >= before + 40);
    }
    server_dies_and_returns(cx, &world);
    const int waiting = (int)iots_offline_count(world.buffer, IOTS_OFFLINE_WAITING);
    CHECK(waiting >= last &&
          waiting <= last + 2); /* perhaps one more of each that nobody heard of */
    CHECK_INT(set(&world, "t", iots_integer(1000)), 0);
    CHECK_INT(flush(&world), IOTS_OK);
    const char *all = history(cx, &world, "t", 0, ix_now_us());
    int previous = 0;
    for (ix_str rest = ix_str_of(all), word; rest.len > 1;) {
        int64_t number;
        rest = ix_str_cut(rest, ' ', &word);
        CHECK(ix_str_int(word, &number));
        /* One that nobody heard of any more is set again by the next run. */
        CHECK(previous == 0      ? number == 1000
              : previous == 1000 ? number >= last
                                 : number == previous || number == previous - 1);
        previous = (int)number;
    }
    CHECK_INT(previous, 1);
    CHECK_TEXT(current(cx, &world, "t"), "1000");
    world_end(cx, &world);
}

TEST("values are kept while the secret is refused, and arrive once it is right")
{
    world world;
    world_begin(cx, &world);
    device_end(&world);
    world.api = iots_api_new(IOTS_API_OPTS(.host = server_url(world.server)));
    iots_api_set_credentials(world.api, SERVER_CLIENT_ID, "an old secret", NULL,
                             IOTS_OAUTH2(.lazy = true));
    world.buffer = iots_offline_open(world.api, world.path, IOTS_OFFLINE(.retry_ms = -1));
    CHECK_INT(set(&world, "t", iots_integer(1)), 0);
    CHECK_INT(set(&world, "t", iots_integer(2)), 0);
    CHECK_INT(flush(&world), IOTS_UNAUTHENTICATED);
    device_end(&world);
    device_begin(&world);
    CHECK_INT((int)iots_offline_count(world.buffer, IOTS_OFFLINE_WAITING), 2);
    CHECK_INT(flush(&world), IOTS_OK);
    CHECK_TEXT(history(cx, &world, "t", 0, ix_now_us()), "2 1 ");
    world_end(cx, &world);
}
