/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iotsd never dies of input, answers what it can understand as it should, and changes nothing for what
 * it cannot.
 *
 * Everything here is sent over bare sockets. The order of chance is always the same.
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"
#include "http.h"
#include "server.h"

enum {
    REPLY_MS = 20000, /* so long an answer may take */
    QUIET_MS = 300,   /* when nothing came for so long, nothing more is expected */
    CLOSED = 0,       /* in place of a status: closed without an answer */
};

typedef struct world {
    server *server;
    const char *token;
    const char *thing;
} world;

/* One call by a client that behaves. */
static void call(ix_ctx *cx, const world *world, const char *method, const char *target,
                 const char *body, http_reply *reply)
{
    http *http = http_new(server_url(world->server));
    CHECK_OK(cx, http_json(cx, http, method, target, world->token, body, reply));
    http_free(http);
}

static void open_world(ix_ctx *cx, world *world)
{
    http_reply reply;
    world->server = server_start(cx, NULL, 0);
    CHECK_OK(cx, world->server != NULL);
    world->token = server_token(cx, world->server, NULL);
    CHECK_OK(cx, world->token != NULL);
    call(cx, world, "POST", "/spaces/farm/things",
         JSON({"properties" : {"t" : {}}, "status" : {"t" : 1}}), &reply);
    world->thing = ix_json_string(ix_json_member(json_of(cx, reply.body), "uid"));
    CHECK(world->thing);
}

/* Is it alive, and does it hold just what it held? */
static void check_unharmed(ix_ctx *cx, world *world)
{
    http_reply reply;
    CHECK(server_runs(world->server));
    call(cx, world, "GET", "/health", NULL, &reply);
    CHECK_INT(reply.status, 200);
    call(cx, world, "GET", "/spaces/farm/things", NULL, &reply);
    const ix_json *data = ix_json_member(json_of(cx, reply.body), "data");
    CHECK_INT(ix_json_count(data), 1);
    CHECK_INT(ix_json_int(ix_json_at(data, "/0/status/t"), 0), 1);
}

static void close_world(ix_ctx *cx, world *world)
{
    check_unharmed(cx, world);
    CHECK_OK(cx, server_stop(cx, world->server));
    server_free(world->server);
}

static int open_connection(ix_ctx *cx, const world *world)
{
    const int fd = http_connect(cx, server_url(world->server));
    CHECK_OK(cx, fd >= 0);
    return fd;
}

/* Whatever is refused is refused in JSON of our shape, never with a page of some library. */
static void check_shape(ix_ctx *cx, const http_reply *reply)
{
    if (reply->status < 400)
        return;
    const char *type = http_reply_header(reply, "Content-Type");
    CHECK_TEXT(type ? type : "(none)", "application/json");
    const ix_json *error = ix_json_member(json_of(cx, reply->body), "error");
    CHECK_INT(ix_json_int(ix_json_member(error, "status"), 0), reply->status);
    CHECK(ix_json_string(ix_json_member(error, "message")) != NULL);
}

/* Sends bytes and waits for what comes; the status of the answer, or CLOSED. */
static int ask(ix_ctx *cx, const world *world, const char *bytes, size_t len)
{
    http_reply reply;
    const int fd = open_connection(cx, world);
    http_send_raw(fd, bytes, len);
    const bool answered = http_read_reply(cx, fd, "GET", REPLY_MS, &reply);
    close(fd);
    if (!answered && cx->error.code == IOTS_TIMEOUT) {
        print_error("neither answered nor closed: %.200s\n", bytes);
        CHECK(false);
    }
    ix_ctx_clear_error(cx);
    if (answered)
        check_shape(cx, &reply);
    return answered ? reply.status : CLOSED;
}

/* ---- requests that are none ---- */

typedef struct raw_case {
    const char *what;
    const char *bytes; /* %s: the token */
    int expected[4];   /* any of these; -1 ends the list */
} raw_case;

// clang-format off
#define HEAD "Host: x\r\nAuthorization: Bearer %s\r\n"
static const raw_case raw_cases[] = {
    {"one word",                    "GARBAGE\r\n\r\n",                                       {CLOSED, 400, -1}},
    {"no version",                  "GET /health\r\n\r\n",                                   {CLOSED, 400, -1}},
    {"a version to come",           "GET /health HTTP/9.9\r\nHost: x\r\n\r\n",               {CLOSED, 400, 505, -1}},
    {"a version of old",            "GET /health HTTP/0.9\r\n\r\n",                          {CLOSED, 400, 505, -1}},
    {"no host",                     "GET /health HTTP/1.1\r\n\r\n",                          {400, 200, -1}},
    {"a method in lower case",      "get /health HTTP/1.1\r\nHost: x\r\n\r\n",               {405, 400, -1}},
    {"a target without slash",      "GET health HTTP/1.1\r\nHost: x\r\n\r\n",                {404, 400, -1}},
    {"a whole address as target",   "GET http://x/health HTTP/1.1\r\nHost: x\r\n\r\n",       {200, -1}},
    {"an asterisk as target",       "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",                 {204, -1}},
    {"two slashes",                 "GET //health HTTP/1.1\r\nHost: x\r\n\r\n",              {404, -1}},
    {"dots that climb",             "GET /spaces/../health HTTP/1.1\r\nHost: x\r\n\r\n",     {404, 400, 401, -1}},
    {"a header without colon",      "GET /health HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n",   {400, CLOSED, 200, -1}},
    {"a header without name",       "GET /health HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n",        {400, CLOSED, 200, -1}},
    {"a negative length",
     "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Content-Length: -1\r\n\r\n{}",            {CLOSED, 400, -1}},
    {"a length in words",
     "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Content-Length: two\r\n\r\n{}",           {CLOSED, 400, -1}},
    {"a length beyond counting",
     "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Content-Length: 99999999999999999999999\r\n\r\n{}",
                                                                                             {CLOSED, 400, 413, -1}},
    {"a length beyond the limit",
     "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Content-Length: 9999999999\r\n\r\n{}",    {413, CLOSED, -1}},
    {"two lengths",
     "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Content-Length: 3\r\nContent-Length: 9\r\n\r\n{ }",
                                                                                             {CLOSED, 400, -1}},
    {"a chunk of no size",
     "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
                                                                                             {CLOSED, 400, -1}},
    {"chunks of another coding",
     "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Transfer-Encoding: gzip\r\n\r\n{}",       {CLOSED, 400, 501, -1}},
    {"a token with a blank in it",
     "GET /spaces/farm/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a b c\r\n\r\n",   {401, -1}},
    {"a target that is not UTF-8",
     "GET /spaces/farm/categories/\xff\xfe HTTP/1.1\r\n" HEAD "\r\n",                        {400, -1}},
    {"a zero in the target",
     "GET /spaces/farm/categories/a%00b HTTP/1.1\r\n" HEAD "\r\n",                          {400, -1}},
    {"a query of signs alone",
     "GET /spaces/farm/things?&&==&%&=%zz&property: HTTP/1.1\r\n" HEAD "\r\n",             {400, 200, -1}},
};
static const char *const cut_cases[] = {
    "",
    "\r\n\r\n\r\n\r\n",
    "GET",
    "GET /health HTTP/1.1\r\nHos",
    "GET /health HTTP/1.1\r\nHost: x\r\n",
    "GET /health HTTP/1.1\r\nHost: x\r\n\r",
    "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Content-Length: 100\r\n\r\n{\"title\":",
    "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Content-Length: 3\r\n\r\n{}",
    "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
    "POST /spaces/farm/things HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
    "PUT /spaces/farm/things/01JM000000000000000000ZZZZ HTTP/1.1\r\n" HEAD "Content-Length: 9\r\n\r\n",
};
#undef HEAD
// clang-format on

/* One of the texts above with the token in it, in cx. */
static const char *with_token(ix_ctx *cx, const world *world, const char *bytes)
{
    const char *at = strstr(bytes, "%s");
    const char *text =
        at ? ix_format(cx, "%.*s%s%s", (int)(at - bytes), bytes, world->token, at + 2) : bytes;
    CHECK_OK(cx, text != NULL);
    return text;
}

TEST("what is not a request is refused or dropped, and changes nothing")
{
    world world;
    open_world(cx, &world);
    for (size_t i = 0; i < sizeof(raw_cases) / sizeof(raw_cases[0]); i++) {
        const char *bytes = with_token(cx, &world, raw_cases[i].bytes);
        const int status = ask(cx, &world, bytes, strlen(bytes));
        bool expected = false;
        for (size_t k = 0; k < 4 && raw_cases[i].expected[k] >= 0; k++)
            expected = expected || raw_cases[i].expected[k] == status;
        if (!expected) {
            print_error("%s: answered %d\n", raw_cases[i].what, status);
            CHECK(false);
        }
    }
    close_world(cx, &world);
}

TEST("a client that goes away in the middle of a request leaves nothing behind")
{
    world world;
    open_world(cx, &world);
    for (size_t i = 0; i < sizeof(cut_cases) / sizeof(cut_cases[0]); i++) {
        const char *bytes = with_token(cx, &world, cut_cases[i]);
        const int fd = open_connection(cx, &world);
        http_send_raw(fd, bytes, strlen(bytes));
        close(fd);
        check_unharmed(cx, &world);
    }
    close_world(cx, &world);
}

TEST("a second request hidden in a body of two framings is never answered")
{
    world world;
    open_world(cx, &world);
    char inner[1024], bytes[4096];
    snprintf(
        inner, sizeof(inner),
        "DELETE /spaces/farm/things/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n",
        world.thing, world.token);
    const int len =
        snprintf(bytes, sizeof(bytes),
                 "POST /spaces/farm/nowhere HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                 "Content-Length: %zu\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n%s",
                 world.token, strlen(inner) + 5, inner);
    const int fd = open_connection(cx, &world);
    http_send_raw(fd, bytes, (size_t)len);
    int answers = 0;
    for (http_reply reply; http_read_reply(cx, fd, "GET", QUIET_MS, &reply); answers++)
        CHECK(reply.status >= 400);
    ix_ctx_clear_error(cx);
    close(fd);
    CHECK(answers <= 1);
    close_world(cx, &world);
}

/* ---- too much ---- */

/* `head`, then `count` times `part`, then `tail`; the status of the answer. */
static int ask_long(ix_ctx *cx, const world *world, const char *head, const char *part,
                    size_t count, const char *tail)
{
    ix_buf bytes = {0};
    ix_buf_text(&bytes, head);
    for (size_t i = 0; i < count; i++)
        ix_buf_text(&bytes, part);
    ix_buf_text(&bytes, tail);
    const int status = ask(cx, world, bytes.at, bytes.len);
    ix_buf_done(&bytes);
    return status;
}

static bool is_refusal(int status)
{
    return status == CLOSED || (status >= 400 && status < 500);
}

TEST("heads without measure are refused")
{
    enum { MANY = 200000 };
    world world;
    open_world(cx, &world);
    const char *get = "GET /health HTTP/1.1\r\nHost: x\r\n";
    CHECK(is_refusal(ask_long(cx, &world, "GET /", "x", MANY, " HTTP/1.1\r\nHost: x\r\n\r\n")));
    CHECK(is_refusal(
        ask_long(cx, &world, "GET /health?", "a=b&", MANY, " HTTP/1.1\r\nHost: x\r\n\r\n")));
    CHECK(is_refusal(ask_long(cx, &world, ix_format(cx, "%sX: ", get), "x", MANY, "\r\n\r\n")));
    CHECK(is_refusal(ask_long(cx, &world, get, "X: y\r\n", MANY, "\r\n")));
    CHECK(is_refusal(ask_long(cx, &world, "", "x", MANY, "")));
    check_unharmed(cx, &world);
    close_world(cx, &world);
}

TEST("a body over the limit is refused whether its length is reported or not")
{
    enum { CHUNKS = 300, CHUNK = 8192 };
    world world;
    open_world(cx, &world);
    char chunk[CHUNK + 16];
    const int head = snprintf(chunk, sizeof(chunk), "%x\r\n", CHUNK);
    memset(chunk + head, ' ', CHUNK);
    memcpy(chunk + head + CHUNK, "\r\n", 3);
    const int status = ask_long(
        cx, &world,
        ix_format(cx,
                  "POST /spaces/farm/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                  "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
                  world.token),
        chunk, CHUNKS, "2\r\n{}\r\n0\r\n\r\n");
    CHECK(status == 413 || status == CLOSED);
    close_world(cx, &world);
}

TEST("a body in chunks is a body")
{
    world world;
    open_world(cx, &world);
    const char *bytes =
        ix_format(cx,
                  "PUT /spaces/farm/things/%s/properties/t HTTP/1.1\r\nHost: x\r\nAuthorization: "
                  "Bearer %s\r\n"
                  "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\n{\"t\r\n5;note=x\r\n\": 1}\r\n0\r\nTrailer: x\r\n\r\n",
                  world.thing, world.token);
    CHECK_INT(ask(cx, &world, bytes, strlen(bytes)), 200);
    close_world(cx, &world);
}

/* ---- many and silent ---- */

TEST("requests sent in one go are answered in their order")
{
    enum { COUNT = 40 };
    world world;
    open_world(cx, &world);
    ix_buf bytes = {0};
    for (int i = 0; i < COUNT; i++)
        ix_buf_format(&bytes, "HEAD /%s HTTP/1.1\r\nHost: x\r\n%s\r\n",
                      i % 3 ? "health" : "nowhere", i + 1 < COUNT ? "" : "Connection: close\r\n");
    const int fd = open_connection(cx, &world);
    size_t sent = 0;
    while (sent < bytes.len) {
        const ssize_t n = send(fd, bytes.at + sent, bytes.len - sent, MSG_NOSIGNAL);
        CHECK(n > 0);
        sent += (size_t)n;
    }
    ix_buf_clear(&bytes);
    char part[4096];
    for (ssize_t n; (n = recv(fd, part, sizeof(part), 0)) > 0;)
        ix_buf_add(&bytes, part, (size_t)n);
    close(fd);
    const char *at = ix_buf_cstr(&bytes);
    for (int i = 0; i < COUNT; i++) {
        at = strstr(at, "HTTP/1.1 ");
        CHECK(at);
        at += strlen("HTTP/1.1 ");
        CHECK_INT(atoi(at), i % 3 ? 200 : 404);
    }
    CHECK(!strstr(at, "HTTP/1.1 "));
    ix_buf_done(&bytes);
    close_world(cx, &world);
}

TEST("clients that say nothing, or stop in the middle, keep nobody from being served")
{
    enum { SILENT = 150 };
    static const char *const beginnings[] = {
        "",
        "G",
        "GET /health HTTP/1.1\r\nHost: x\r\n",
        "POST /spaces/farm/things HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
    };
    world world;
    int fds[SILENT];
    open_world(cx, &world);
    for (size_t i = 0; i < SILENT; i++) {
        fds[i] = open_connection(cx, &world);
        const char *beginning = beginnings[i % 4];
        http_send_raw(fds[i], beginning, strlen(beginning));
    }
    check_unharmed(cx, &world);
    for (size_t i = 0; i < SILENT; i++)
        close(fds[i]);
    close_world(cx, &world);
}

TEST("clients that do not wait for the answer are no trouble")
{
    enum { COUNT = 100 };
    world world;
    open_world(cx, &world);
    for (int i = 0; i < COUNT; i++) {
        const char *bytes =
            ix_format(cx,
                      "PUT /spaces/farm/things/%s/properties/t HTTP/1.1\r\nHost: x\r\n"
                      "Authorization: Bearer %s\r\nContent-Length: 8\r\n\r\n{\"t\": 1}",
                      world.thing, world.token);
        const int fd = open_connection(cx, &world);
        http_send_raw(fd, bytes, strlen(bytes));
        const struct linger max_concurrent = {.l_onoff = 1};
        if (i % 2)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &max_concurrent, sizeof(max_concurrent));
        close(fd);
    }
    close_world(cx, &world);
}

/* ---- by chance ---- */

enum { BATCH = 100 };

static uint32_t next_chance(uint32_t *chance)
{
    *chance ^= *chance << 13;
    *chance ^= *chance >> 17;
    *chance ^= *chance << 5;
    return *chance;
}

/* Looks at what came of a batch of requests, as long as something comes: a request that chance has
 * left without an end is rightly waited for, and then given up here. */
static void check_answers(ix_ctx *cx, int fds[BATCH])
{
    struct pollfd polls[BATCH];
    for (int i = 0; i < BATCH; i++)
        polls[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    while (poll(polls, BATCH, QUIET_MS) > 0) {
        for (int i = 0; i < BATCH; i++) {
            http_reply reply;
            if (polls[i].fd < 0 || !polls[i].revents)
                continue;
            polls[i].fd = -1;
            if (http_read_reply(cx, fds[i], "GET", REPLY_MS, &reply)) {
                CHECK(reply.status == 200 || reply.status == 204 || is_refusal(reply.status) ||
                      reply.status == 501 || reply.status == 505);
                check_shape(cx, &reply);
            }
            ix_ctx_clear_error(cx);
        }
    }
    for (int i = 0; i < BATCH; i++)
        close(fds[i]);
}

TEST("bytes by chance do no harm")
{
    enum { BATCHES = 5, LEN_MAX = 3000 };
    world world;
    uint32_t chance = 88172645;
    open_world(cx, &world);
    for (int batch = 0; batch < BATCHES; batch++) {
        int fds[BATCH];
        for (int i = 0; i < BATCH; i++) {
            char bytes[LEN_MAX];
            const size_t len = next_chance(&chance) % LEN_MAX;
            for (size_t k = 0; k < len; k++)
                bytes[k] = (char)next_chance(&chance);
            fds[i] = open_connection(cx, &world);
            http_send_raw(fds[i], bytes, len);
        }
        check_answers(cx, fds);
        check_unharmed(cx, &world);
    }
    close_world(cx, &world);
}

TEST("requests with some bytes changed by chance are answered or refused")
{
    enum { BATCHES = 8, CHANGES_MAX = 4 };
    static const char saying[] = "\r\n :/?&=%#\"{}[],\\0123456789-+.\x01\x80\xff\x00";
    world world;
    uint32_t chance = 362436069;
    open_world(cx, &world);
    for (int batch = 0; batch < BATCHES; batch++) {
        int fds[BATCH];
        for (int i = 0; i < BATCH; i++) {
            /* It only reads, and no few bytes make it a request that changes something. */
            char *bytes = ix_format(
                cx,
                "GET /spaces/farm/things/%s/properties-history/t?at=2024-01|2025&limit=10 "
                "HTTP/1.1\r\n"
                "Host: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
                "Accept: */*\r\nContent-Length: 20\r\n\r\n{\"a\": [1, 2.5, null]}",
                world.thing, world.token);
            const size_t len = strlen(bytes);
            for (uint32_t n = 1 + next_chance(&chance) % CHANGES_MAX; n > 0; n--)
                bytes[next_chance(&chance) % len] =
                    saying[next_chance(&chance) % (sizeof(saying) - 1)];
            fds[i] = open_connection(cx, &world);
            http_send_raw(fds[i], bytes, len);
        }
        check_answers(cx, fds);
        check_unharmed(cx, &world);
    }
    close_world(cx, &world);
}
