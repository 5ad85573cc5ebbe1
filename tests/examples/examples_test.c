/* SPDX-License-Identifier: Apache-2.0 */
/* The examples are programs that work: each is run, and what it prints is looked at. */
#include <stdlib.h>

#include "base/test.h"
#include "http.h"
#include "server.h"

enum { RUN_MS = 60000 };

/* What is run of each, by the shell, where $THING has a warm Thing's ID and $FOLDER is empty at first;
 * and what it prints, with * for anything. */
static const struct run {
    const char *command;
    const char *want;
    int status;
} run_table[] = {
    {"ten_lines", "sent\n", 0},
    {"greenhouse --rounds 1 --interval 0", "*north*soil*middle*south*%\n", 0},
    {"warm_things", "Warm one: 21.5\n*", 0},
    {"warm_things $THING", "Warm one: 21.5\n*", 0},
    {"printf %s \"$TOKEN\" >$FOLDER/token && IOTS_TOKEN_FILE=$FOLDER/token own_security", "farm\n",
     0},
    {"IOTS_TOKEN_FILE=$FOLDER/none own_security", "", 1},
    {"printf '1\\n2.5\\n' | IOTS_HOST=http://127.0.0.1:1 offline_sensor $FOLDER/values $THING "
     "target",
     "1 waits\n2.5 waits\n2 wait, 0 dropped, 0 refused\n", 0},
    {"offline_sensor $FOLDER/values $THING target </dev/null", "0 wait, 0 dropped, 0 refused\n", 0},
    {"echo 3 | offline_sensor $FOLDER/values $THING target",
     "3 sent\n0 wait, 0 dropped, 0 refused\n", 0},
};

enum { RUNS = sizeof run_table / sizeof *run_table };

/* Does a text match a pattern, in which * stands for anything? */
static bool matches(const char *text, const char *pattern)
{
    if (*pattern == '*') {
        for (;; text++) {
            if (matches(text, pattern + 1))
                return true;
            if (!*text)
                return false;
        }
    }
    return *text == *pattern && (!*text || matches(text + 1, pattern + 1));
}

static const char *thing_make(ix_ctx *cx, const server *server, const char *token)
{
    http *http = http_new(server_url(server));
    http_reply reply;
    CHECK_OK(
        cx, http_json(cx, http, "POST", "/spaces/" SERVER_SPACE "/things", token, JSON({
                          "title" : "Warm one",
                          "properties" :
                              {"temperature" : {"type" : "number"}, "target" : {"type" : "number"}},
                          "status" : {"temperature" : 21.5}
                      }),
                      &reply));
    CHECK_INT(reply.status, 201);
    const ix_json *body = ix_json_parse(cx, reply.body, reply.body_len);
    http_free(http);
    return ix_json_string(ix_json_member(body, "uid"));
}

static void run_one(ix_ctx *cx, const char *const *env, const struct run *run)
{
    const char *argv[] = {"/bin/sh", "-c", run->command, NULL};
    const char *out, *err;
    const int status = run_program(cx, argv, env, RUN_MS, &out, &err);
    if (status != run->status || !matches(out, run->want))
        print_error("%s\nexit status %d, printed\n%s%s", run->command, status, out, err);
    CHECK_INT(status, run->status);
    CHECK(matches(out, run->want));
    CHECK(status == 0 ? !*err || strstr(err, "could not be reached") : *err);
}

TEST("each example in the table does against a server what it says")
{
    server *server = server_start(cx, NULL, 0);
    CHECK_OK(cx, server != NULL);
    const char *token = server_token(cx, server, NULL);
    const char *env[] = {
        ix_format(cx, "PATH=" EXAMPLES_BIN ":%s", getenv("PATH")),
        ix_format(cx, "IOTS_HOST=%s", server_url(server)),
        "IOTS_CLIENT_ID=" SERVER_CLIENT_ID,
        "IOTS_CLIENT_SECRET=" SERVER_CLIENT_SECRET,
        "IOTS_SPACE=" SERVER_SPACE,
        ix_format(cx, "TOKEN=%s", token),
        ix_format(cx, "THING=%s", thing_make(cx, server, token)),
        ix_format(cx, "FOLDER=%s", server_folder(server)),
        NULL,
    };
    for (int i = 0; i < RUNS; i++)
        run_one(cx, env, &run_table[i]);
    CHECK_OK(cx, server_stop(cx, server));
    server_free(server);
}
