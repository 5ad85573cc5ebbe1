/* SPDX-License-Identifier: Apache-2.0 */
/* A client that asks as fast as it can, of an iotsd with the smallest limit. src/net/http_rate_test.c
 * says precisely what a limit does, on a clock of its own. */
#include <stdlib.h>

#include "base/test.h"
#include "http.h"
#include "server.h"

enum { TRIES_MAX = 100000 }; /* the limit bites long before, unless each takes a second */

static void ask(ix_ctx *cx, http *http, const char *target, http_reply *reply)
{
    CHECK_OK(cx, http_json(cx, http, "GET", target, NULL, NULL, reply));
}

TEST("a client that asks without end is refused, and whoever watches the server is not")
{
    static const char *const env[] = {"IOTSD_RATE_LIMIT=1"};
    server *server = server_start(cx, env, 1);
    CHECK_OK(cx, server != NULL);
    http *http = http_new(server_url(server));
    CHECK(http != NULL);
    http_reply reply;
    int tries = 0;
    do
        ask(cx, http, "/nowhere", &reply);
    while (reply.status == 404 && ++tries < TRIES_MAX);
    CHECK_INT(reply.status, 429);
    CHECK(atoi(http_reply_header(&reply, "Retry-After")) >= 1);
    CHECK_TEXT(reply.body, "{\"error\":{\"status\":429,\"message\":\"Too many requests\"}}");
    for (int i = 0; i < 20; i++) {
        ask(cx, http, "/health", &reply);
        CHECK_INT(reply.status, 200);
    }
    http_free(http);
    CHECK_OK(cx, server_stop(cx, server));
    server_free(server);
}
