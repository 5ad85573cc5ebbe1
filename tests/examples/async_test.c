/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/test.h"
#include "http.h"
#include "server.h"

enum { TEST_TIMEOUT_MS = 60000, THINGS = 120 }; /* more than a page */

typedef struct outcome {
    int status;
    const char *out, *err;
} outcome;

static outcome run_example(ix_ctx *cx, const char *name, const char *url, const char *secret)
{
    outcome outcome = {0};
    const char *const argv[] = {ix_format(cx, EXAMPLES_BIN "/%s", name), NULL};
    const char *const env[] = {ix_format(cx, "IOTS_HOST=%s", url),
                               "IOTS_CLIENT_ID=" SERVER_CLIENT_ID,
                               ix_format(cx, "IOTS_CLIENT_SECRET=%s", secret),
                               "IOTS_SPACE=" SERVER_SPACE, NULL};
    if (access(argv[0], X_OK) != 0)
        SKIP("it was not built");
    outcome.status = run_program(cx, argv, env, TEST_TIMEOUT_MS, &outcome.out, &outcome.err);
    if (outcome.status)
        print_message("%s", outcome.err);
    return outcome;
}

static server *start(ix_ctx *cx)
{
    server *server = server_start(cx, NULL, 0);
    CHECK_OK(cx, server != NULL);
    return server;
}

static void make_things(ix_ctx *cx, const server *server)
{
    const char *token = server_token(cx, server, NULL);
    http *http = http_new(server_url(server));
    for (int i = 0; i < THINGS; i++) {
        http_reply reply;
        CHECK_OK(cx, http_json(cx, http, "POST", "/spaces/" SERVER_SPACE "/things", token,
                               JSON({"properties" : {"t" : {"type" : "number"}}}), &reply));
        CHECK_INT(reply.status, 201);
    }
    http_free(http);
}

TEST("async_epoll asks every Thing of the space")
{
    server *server = start(cx);
    make_things(cx, server);
    const outcome end = run_example(cx, "async_epoll", server_url(server), SERVER_CLIENT_SECRET);
    CHECK_INT(end.status, 0);
    CHECK_TEXT(end.out, "120 Things asked, 120 answered\n");
    CHECK(server_stop(cx, server));
    server_free(server);
}

/* A file, in cx. */
static const char *file_text(ix_ctx *cx, const char *path)
{
    enum { ROOM = 1 << 16 };
    char *text = ix_alloc(cx, ROOM);
    FILE *in = fopen(path, "r");
    CHECK(text && in);
    CHECK(fread(text, 1, ROOM - 1, in) > 0);
    fclose(in);
    return text;
}

TEST("async_many does so, too, and is the program of docs/async.md")
{
    const char *page = file_text(cx, SOURCE_ROOT "/docs/async.md");
    const char *program = file_text(cx, SOURCE_ROOT "/examples/async_many.c");
    CHECK(strstr(page, strstr(program, "#include")));

    server *server = start(cx);
    make_things(cx, server);
    const outcome end = run_example(cx, "async_many", server_url(server), SERVER_CLIENT_SECRET);
    CHECK_INT(end.status, 0);
    CHECK_TEXT(end.out, "120 answered\n");
    CHECK(server_stop(cx, server));
    server_free(server);
}

TEST("async_uv sends its values while the program's timer goes on")
{
    server *server = start(cx);
    const outcome end = run_example(cx, "async_uv", server_url(server), SERVER_CLIENT_SECRET);
    CHECK_INT(end.status, 0);
    CHECK_TEXT(end.out, "100 values sent, while the timer ticked\n");
    CHECK(server_stop(cx, server));
    server_free(server);
}

TEST("both say what is wrong, and end, with a wrong secret and without a server")
{
    static const char *const names[] = {"async_epoll", "async_uv"};
    server *server = start(cx);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        outcome end = run_example(cx, names[i], server_url(server), "wrong");
        CHECK_INT(end.status, 1);
        CHECK(strstr(end.err, "Failed to refresh token"));
        end = run_example(cx, names[i], "http://127.0.0.1:1", SERVER_CLIENT_SECRET);
        CHECK_INT(end.status, 1);
        CHECK(strstr(end.err, "The server could not be reached"));
    }
    CHECK(server_stop(cx, server));
    server_free(server);
}
