/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "server.h"

static int run_example(ix_ctx *cx, const char *url, const char **ret_out, const char **ret_err)
{
    const char *const argv[] = {EXAMPLES_BIN "/typed_thing", NULL};
    const char *const env[] = {ix_format(cx, "IOTS_HOST=%s", url),
                               "IOTS_CLIENT_ID=" SERVER_CLIENT_ID,
                               "IOTS_CLIENT_SECRET=" SERVER_CLIENT_SECRET,
                               "IOTS_SPACE=" SERVER_SPACE, NULL};
    return run_program(cx, argv, env, 60000, ret_out, ret_err);
}

TEST("a Thing goes to the server and comes back as C structs")
{
    server *server = server_start(cx, NULL, 0);
    CHECK_OK(cx, server != NULL);
    const char *out = "";
    const char *err = "";
    const int status = run_example(cx, server_url(server), &out, &err);
    CHECK_TEXT(err, "");
    CHECK_INT(status, 0);
    CHECK(strncmp(out, "Boiler 8, ", 10) == 0);
    CHECK_TEXT(strchr(out, '\n'), "\n"
                                  "  target (degree celsius), at most 90: 60\n"
                                  "  temperature (degree celsius)\n");
    CHECK(server_stop(cx, server));
    server_free(server);
}

TEST("the example of models says what is wrong where there is no server")
{
    const char *out = "";
    const char *err = "";
    CHECK_INT(run_example(cx, "http://127.0.0.1:1", &out, &err), 1);
    CHECK_TEXT(out, "");
    CHECK(strncmp(err, "create: ", 8) == 0);
}
