/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGTERM ends iotsd in good order, whatever its clients are doing: exit status 0, which it does not
 * have when it took too long (net/service.h), and nobody was reported what is not so.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"
#include "http.h"
#include "server.h"

enum {
    REPLY_MS = 20000,         /* so long an answer may take */
    HEAVY_NUMBERS = 60000,    /* of a Thing whose patch takes its time */
    LIGHT = 8,                /* Things that are changed */
    HEAVY_PER_LIGHT = 2,      /* items between two of them */
    LARGE_BYTES = 800 * 1000, /* of a Thing that is shown often in one answer ... */
    SHOWN = 16,               /* ... which is more than sockets hold */
};

typedef struct world {
    server *server;
    const char *token;
} world;

static void call(ix_ctx *cx, const world *world, const char *method, const char *target,
                 const char *body, http_reply *reply)
{
    http *http = http_new(server_url(world->server));
    CHECK_OK(cx, http_json(cx, http, method, target, world->token, body, reply));
    http_free(http);
}

static void open_world(ix_ctx *cx, world *world)
{
    world->server = server_start(cx, NULL, 0);
    CHECK_OK(cx, world->server != NULL);
    world->token = server_token(cx, world->server, NULL);
    CHECK_OK(cx, world->token != NULL);
}

static const char *add_thing(ix_ctx *cx, const world *world, const char *body)
{
    http_reply reply;
    call(cx, world, "POST", "/spaces/farm/things", body, &reply);
    CHECK_INT(reply.status, 201);
    return ix_json_string(ix_json_member(json_of(cx, reply.body), "uid"));
}

static const char *title_of(ix_ctx *cx, const world *world, const char *uid)
{
    http_reply reply;
    call(cx, world, "GET", ix_format(cx, "/spaces/farm/things/%s", uid), NULL, &reply);
    CHECK_INT(reply.status, 200);
    return ix_json_string(ix_json_member(json_of(cx, reply.body), "title"));
}

/* A connection over which this request was sent, all but `left_out` bytes of its body. */
static int begin_request(ix_ctx *cx, const world *world, const char *method, const char *target,
                         const char *headers, const char *body, size_t left_out)
{
    const char *head = ix_format(
        cx,
        "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%sContent-Length: %zu\r\n\r\n",
        method, target, world->token, headers, strlen(body));
    const int fd = http_connect(cx, server_url(world->server));
    CHECK_OK(cx, fd >= 0);
    const char *text = ix_format(cx, "%s%s", head, body); /* at once: 100 may come in between */
    CHECK(http_send_raw(fd, text, strlen(text) - left_out));
    return fd;
}

static void end_world(ix_ctx *cx, world *world)
{
    CHECK_OK(cx, server_stop(cx, world->server));
    server_free(world->server);
}

static void repeat(ix_buf *text, const char *piece, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ix_buf_text(text, piece);
}

/* ---- a PATCH of many ---- */

/* Patches the light Things, and between them, in vain, a heavy one. */
static const char *patch_of_many(ix_ctx *cx, const char *const light[LIGHT], const char *heavy)
{
    ix_buf body = {0};
    for (size_t i = 0; i < LIGHT; i++) {
        ix_buf_format(&body,
                      "%s{\"id\":\"%s\",\"patch\":[{\"op\":\"replace\",\"path\":\"/"
                      "title\",\"value\":\"after\"}]}",
                      i > 0 ? "," : "[", light[i]);
        for (size_t j = 0; j < HEAVY_PER_LIGHT; j++)
            ix_buf_format(&body,
                          ",{\"id\":\"%s\",\"patch\":[{\"op\":\"test\",\"path\":\"/"
                          "title\",\"value\":\"no\"}]}",
                          heavy);
    }
    ix_buf_char(&body, ']');
    const char *text = ix_strdup(cx, ix_buf_cstr(&body));
    ix_buf_done(&body);
    return text;
}

static const char *add_heavy_thing(ix_ctx *cx, const world *world)
{
    ix_buf body = {0};
    ix_buf_text(&body, "{\"title\":\"heavy\",\"acme:a\":[0");
    repeat(&body, ",0", HEAVY_NUMBERS);
    ix_buf_text(&body, "]}");
    const char *uid = add_thing(cx, world, ix_buf_cstr(&body));
    ix_buf_done(&body);
    return uid;
}

TEST("a PATCH of many that is under way is answered in full, and what the answer says is on disk")
{
    world world;
    const char *light[LIGHT];
    http_reply reply;
    open_world(cx, &world);
    for (size_t i = 0; i < LIGHT; i++)
        light[i] = add_thing(cx, &world, JSON({"title" : "before"}));
    const char *body = patch_of_many(cx, light, add_heavy_thing(cx, &world));
    const int fd = begin_request(cx, &world, "PATCH", "/spaces/farm/things", "", body, 0);
    while (strcmp(title_of(cx, &world, light[0]), "after") != 0)
        continue; /* a first part is on disk soon */
    server_begin_stop(world.server);
    CHECK_OK(cx, http_read_reply(cx, fd, "PATCH", REPLY_MS, &reply));
    CHECK_INT(reply.status, 207);
    close(fd);
    CHECK_OK(cx, server_stop(cx, world.server));

    CHECK_OK(cx, server_restart(cx, world.server));
    const ix_json *results = ix_json_member(json_of(cx, reply.body), "results");
    CHECK_INT(ix_json_count(results), LIGHT * (1 + HEAVY_PER_LIGHT));
    for (size_t i = 0; i < LIGHT; i++) {
        const ix_json *result = ix_json_item(results, i * (1 + HEAVY_PER_LIGHT));
        const int64_t status = ix_json_int(ix_json_member(result, "status"), 0);
        CHECK(status == 200 || status == 503);
        CHECK_TEXT(title_of(cx, &world, light[i]), status == 200 ? "after" : "before");
    }
    end_world(cx, &world);
}

/* ---- slow clients ---- */

TEST("who has sent half a body is let go, without an answer")
{
    world world;
    open_world(cx, &world);
    const int fd = begin_request(cx, &world, "POST", "/spaces/farm/things",
                                 "Expect: 100-continue\r\n", "{\"title\":\"half\"}", 8);
    char byte;
    CHECK_INT(recv(fd, &byte, 1, MSG_PEEK), 1); /* 100: it has the head */
    CHECK_OK(cx, server_stop(cx, world.server));
    char rest[256];
    ssize_t got;
    size_t len = 0;
    while (len < sizeof rest && (got = recv(fd, rest + len, sizeof rest - len, 0)) > 0)
        len += (size_t)got;
    CHECK_TEXT(ix_strndup(cx, rest, len), "HTTP/1.1 100 Continue\r\n\r\n"); /* and no more */
    close(fd);
    server_free(world.server);
}

TEST("who has no request under way is let go")
{
    world world;
    http_reply reply;
    open_world(cx, &world);
    const int fd = begin_request(cx, &world, "GET", "/health", "", "", 0);
    const int silent = http_connect(cx, server_url(world.server));
    CHECK_OK(cx, http_read_reply(cx, fd, "GET", REPLY_MS, &reply));
    CHECK_INT(reply.status, 200);
    CHECK_OK(cx, server_stop(cx, world.server));
    char byte;
    CHECK(recv(fd, &byte, 1, 0) <= 0 && recv(silent, &byte, 1, 0) <= 0);
    close(fd);
    close(silent);
    server_free(world.server);
}

/* A connection on which an answer has begun that is larger than sockets hold. */
static int begin_large_answer(ix_ctx *cx, const world *world)
{
    ix_buf body = {0};
    ix_buf_text(&body, "{\"title\":\"large\",\"description\":\"");
    repeat(&body, "a", LARGE_BYTES);
    ix_buf_text(&body, "\"}");
    const char *uid = add_thing(cx, world, ix_buf_cstr(&body));
    ix_buf_clear(&body);
    for (size_t i = 0; i < SHOWN; i++)
        ix_buf_format(&body, "%s{\"id\":\"%s\",\"patch\":[]}", i > 0 ? "," : "[", uid);
    ix_buf_char(&body, ']');
    const int fd =
        begin_request(cx, world, "PATCH", "/spaces/farm/things", "", ix_buf_cstr(&body), 0);
    ix_buf_done(&body);
    char byte;
    CHECK_INT(recv(fd, &byte, 1, MSG_PEEK), 1);
    return fd;
}

TEST("a client that does not read its answer is not waited for")
{
    world world;
    open_world(cx, &world);
    const int fd = begin_large_answer(cx, &world);
    end_world(cx, &world);
    close(fd);
}

TEST("a client that reads its answer gets all of it")
{
    world world;
    http_reply reply;
    open_world(cx, &world);
    const int fd = begin_large_answer(cx, &world);
    server_begin_stop(world.server);
    CHECK_OK(cx, server_said(cx, world.server, "stopping", 1));
    CHECK_OK(cx, http_read_reply(cx, fd, "PATCH", REPLY_MS, &reply));
    CHECK_INT(reply.status, 207);
    CHECK(reply.body_len > (size_t)SHOWN * LARGE_BYTES);
    close(fd);
    end_world(cx, &world);
}
