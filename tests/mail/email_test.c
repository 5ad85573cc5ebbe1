/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail all the way: asked for over HTTP of a real iotsd, delivered to a relay. */
#include <time.h>

#include "base/test.h"
#include "base/time.h"
#include "http.h"
#include "server.h"
#include "sink.h"

#define EMAIL "/spaces/farm/communications/email"
#define LETTER                                                                              \
    JSON({                                                                                  \
        "to" : ["Ana <ana@x>"],                                                             \
        "cc" : ["c@x"],                                                                     \
        "bcc" : ["Hidden <hidden@x>"],                                                      \
        "subject" : "Dry\r\nBcc: y@z",                                                      \
        "body" : {"html" : "<p onclick=x>See http://evil.example</p>", "text" : "http://b"} \
    })

enum { WAIT_S = 60 /* whoever waits longer has failed */ };

typedef struct world {
    sink *sink;
    server *server;
} world;

/* A server that sends to a relay which does not listen yet. */
static world make_world(ix_ctx *cx)
{
    world world = {.sink = sink_new(cx)};
    CHECK_OK(cx, world.sink != NULL);
    const char *settings[] = {
        ix_format(cx, "IOTSD_SMTP_URL=%s", sink_url(world.sink)),
        "IOTSD_MAIL_FROM=Farm <farm@x>",
        "IOTSD_MAIL_SPOOL=",
    };
    world.server = server_start(cx, settings, sizeof(settings) / sizeof(settings[0]));
    CHECK_OK(cx, world.server != NULL);
    return world;
}

static void end_world(ix_ctx *cx, world *world)
{
    CHECK_OK(cx, server_stop(cx, world->server));
    server_free(world->server);
    sink_free(world->sink);
}

static void post(ix_ctx *cx, const world *world, const char *body, int status)
{
    http_reply reply = {0};
    http *http = http_new(server_url(world->server));
    const char *token = server_token(cx, world->server, "communications.email");
    CHECK_OK(cx, token && http_json(cx, http, "POST", EMAIL, token, body, &reply));
    CHECK_INT(reply.status, status);
    http_free(http);
}

static void wait_for_log(ix_ctx *cx, const world *world, const char *words)
{
    const int64_t until_us = ix_monotonic_us() + WAIT_S * IX_SECOND_US;
    while (!strstr(server_log(cx, world->server), words)) {
        CHECK(ix_monotonic_us() < until_us);
        /* No synchronisation by time: only the pace at which one looks again. */
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

TEST("what was answered with 202 reaches everyone, harmless, and hides whom it should")
{
    world world = make_world(cx);
    CHECK_OK(cx, sink_listen(cx, world.sink));
    post(cx, &world, LETTER, 202);
    CHECK_TEXT(sink_envelope(cx, world.sink, 0), "farm@x: ana@x c@x hidden@x");
    const char *text = sink_text(cx, world.sink, 0);
    CHECK(strstr(text, "From: Farm <farm@x>\r\nTo: Ana <ana@x>\r\nCc: c@x\r\n"
                       "Subject: DryBcc: y@z\r\nDate: ") == text);
    CHECK(strstr(text, "multipart/alternative") != NULL);
    CHECK(strstr(text, "<p>See [link removed]</p>\r\n") != NULL);
    CHECK(strstr(text, "\r\n[link removed]\r\n") != NULL);
    CHECK(!strcasestr(text, "hidden") && !strstr(text, "\nBcc") && !strstr(text, "evil"));
    end_world(cx, &world);
}

TEST("mail that was accepted survives the death of the server before it is delivered")
{
    world world = make_world(cx);
    sink_say(world.sink, "DATA", SINK_SILENT, 1);
    CHECK_OK(cx, sink_listen(cx, world.sink));
    post(cx, &world, LETTER, 202);
    CHECK(sink_wait(world.sink, "DATA", 1));
    server_kill(world.server);
    CHECK_INT(sink_messages(world.sink), 0);
    CHECK_OK(cx, server_restart(cx, world.server));
    CHECK_TEXT(sink_envelope(cx, world.sink, 0), "farm@x: ana@x c@x hidden@x");
    end_world(cx, &world);
}

TEST("mail that found no relay is sent by the next start, each message once")
{
    world world = make_world(cx);
    post(cx, &world, LETTER, 202);
    post(cx, &world, LETTER, 202);
    server_kill(world.server);
    CHECK_OK(cx, sink_listen(cx, world.sink));
    CHECK_OK(cx, server_restart(cx, world.server));
    CHECK_TEXT(sink_envelope(cx, world.sink, 0), "farm@x: ana@x c@x hidden@x");
    CHECK_TEXT(sink_envelope(cx, world.sink, 1), "farm@x: ana@x c@x hidden@x");
    CHECK_OK(cx, server_stop(cx, world.server));
    CHECK_OK(cx, server_restart(cx, world.server));
    end_world(cx, &world);
}

TEST("after a stop in good order nothing is sent again")
{
    world world = make_world(cx);
    CHECK_OK(cx, sink_listen(cx, world.sink));
    post(cx, &world, LETTER, 202);
    CHECK(sink_envelope(cx, world.sink, 0) != NULL);
    CHECK_OK(cx, server_stop(cx, world.server));
    CHECK_OK(cx, server_restart(cx, world.server));
    post(cx, &world, JSON({"to" : ["last@x"], "subject" : "s"}), 202);
    CHECK_TEXT(sink_envelope(cx, world.sink, 1), "farm@x: last@x");
    CHECK_INT(sink_messages(world.sink), 2);
    end_world(cx, &world);
}

TEST("what the relay refuses is reported in the server's log, with the id")
{
    world world = make_world(cx);
    sink_say(world.sink, ".", "554 5.6.0 I do not like it", 1);
    CHECK_OK(cx, sink_listen(cx, world.sink));
    post(cx, &world, JSON({"to" : ["a@x"], "subject" : "s"}), 202);
    wait_for_log(cx, &world, " of space farm is refused for a@x: 554 5.6.0 I do not like it");
    CHECK(strstr(server_log(cx, world.server), "error e-mail 01") != NULL);
    end_world(cx, &world);
}

TEST("a start that has no way to send what was accepted says so, and keeps it")
{
    world world = make_world(cx);
    post(cx, &world, LETTER, 202);
    CHECK_OK(cx, server_stop(cx, world.server));
    const char *settings[] = {ix_format(cx, "IOTSD_DATA=%s", server_data(world.server)),
                              "IOTSD_MAIL_SPOOL="};
    server *other = server_start(cx, settings, sizeof(settings) / sizeof(settings[0]));
    CHECK_OK(cx, other != NULL);
    CHECK_OK(cx, server_stop(cx, other));
    CHECK(strstr(server_log(cx, other), "warn accepted e-mail waits in the store") != NULL);
    server_free(other);

    CHECK_OK(cx, sink_listen(cx, world.sink));
    CHECK_OK(cx, server_restart(cx, world.server));
    CHECK_TEXT(sink_envelope(cx, world.sink, 0), "farm@x: ana@x c@x hidden@x");
    end_world(cx, &world);
}
