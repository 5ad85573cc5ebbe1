/* SPDX-License-Identifier: Apache-2.0 */
/* The server did what was asked, and its answer was lost on the way. */
#include "base/test.h"
#include "relay.h"
#include "shell.h"

#define UNKNOWN "It is not known whether the server did it: "

/* A way to the server on which each answer to a request with this word in it is lost. */
static relay *way_that_loses(shell *shell, const char *word)
{
    return relay_start(shell->cx, server_url(shell->server), word, NULL);
}

TEST("a Thing is created once, and the exit code says that it is not known")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    relay *relay = way_that_loses(shell, "POST /spaces");
    CHECK_INT(run(shell, "iots things create title=Boiler --host %s", relay_url(relay)), 9);
    CHECK(strstr(shell->err, UNKNOWN));
    CHECK(strstr(shell->err, "; look whether it was done before you repeat it\n"));
    relay_stop(relay);
    CHECK_INT(run(shell, "iots things --jsonl | wc -l"), 0);
    CHECK_TEXT(said(shell), "1");
    CHECK_INT(run(shell, "iots things create title=Boiler --host http://127.0.0.1:1"), 6);
    shell_close(shell);
}

TEST("an import of Things with a journal is done again, and none is there twice")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    relay *relay = way_that_loses(shell, "POST /spaces");
    const char *line = "printf '{\"title\":\"a\"}\\n{\"title\":\"b\"}\\n' > all.jsonl; "
                       "iots import things all.jsonl --journal journal";
    CHECK_INT(run(shell, "%s --host %s", line, relay_url(relay)), 9);
    CHECK(strstr(shell->err, UNKNOWN));
    relay_stop(relay);
    CHECK_INT(run(shell, "%s", line), 0);
    CHECK_TEXT(shell->out, "created 1 Things, 1 were there already, 0 failed\n");
    CHECK_INT(run(shell, "iots things --jsonl | wc -l"), 0);
    CHECK_TEXT(said(shell), "2");
    shell_close(shell);
}

TEST("an import of a recording is done again, and no value is there twice")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots things create --body '{\"properties\": {\"t\": {}}}' --json"), 0);
    const char *id = ix_json_string(ix_json_member(json_of(cx, shell->out), "uid"));
    relay *relay = way_that_loses(shell, "POST /spaces");
    file_put(shell, "a.csv", "time,t\n2025-01-01,1\n2025-01-02,2\n");
    const char *line = ix_format(cx, "iots import csv a.csv --thing %s --time time", id);
    CHECK_INT(run(shell, "%s --host %s", line, relay_url(relay)), 9);
    CHECK(strstr(shell->err, UNKNOWN));
    relay_stop(relay);
    CHECK_INT(run(shell, "%s", line), 0);
    CHECK_INT(run(shell, "iots history list %s --jsonl | wc -l", id), 0);
    CHECK_TEXT(said(shell), "2");
    shell_close(shell);
}

TEST("an import of a space is done again, and the space is the same")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots models create name=M && iots categories create name=C && "
                         "iots things create title=Boiler properties='{\"t\": {}}' "
                         "status='{\"t\": 1}' actions='{\"go\": {}}' && "
                         "iots actions create --title Boiler go && iots export space one"),
              0);
    server *other = server_start(cx, NULL, 0);
    CHECK_OK(cx, other != NULL);
    static const char *const words[] = {"farm/models?", "farm/categories?", "farm/things?",
                                        "/properties-history?", "/actions/go?"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        relay *relay = relay_start(cx, server_url(other), words[i], NULL);
        CHECK_INT(run(shell, "iots import space one --host %s", relay_url(relay)), 9);
        CHECK(strstr(shell->err, UNKNOWN));
        relay_stop(relay);
    }
    CHECK_INT(run(shell, "iots import space one --host %s", server_url(other)), 0);
    CHECK_INT(run(shell, "iots export space two --host %s && diff -r -x manifest.json one two",
                  server_url(other)),
              0);
    CHECK_OK(cx, server_stop(cx, other));
    server_free(other);
    shell_close(shell);
}

TEST("a lost answer to a request for a token is not an unknown outcome")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    relay *relay = way_that_loses(shell, "POST /oauth2/token");
    CHECK_INT(run(shell, "iots things create title=Boiler --host %s", relay_url(relay)), 6);
    CHECK(strstr(shell->err, "/oauth2/token: no answer"));
    CHECK_INT(run(shell,
                  "printf %%s " SERVER_CLIENT_SECRET
                  " | iots login %s --client-id " SERVER_CLIENT_ID " --secret-stdin",
                  relay_url(relay)),
              6);
    relay_stop(relay);
    CHECK_INT(run(shell, "iots things --jsonl | wc -l"), 0);
    CHECK_TEXT(said(shell), "0");
    shell_close(shell);
}

TEST("a long body is sent in gzip where --gzip or IOTS_GZIP says yes, and the server takes it")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    /* A way on which gzip becomes a coding that the server does not know. */
    relay *relay = relay_start(cx, server_url(shell->server), "Content-Encoding: gzip",
                               "Content-Encoding: zzip");
    const char *create = "printf '{\"title\": \"T\", \"description\": \"%03000d\"}' 7 > big.json; "
                         "iots things create --body @big.json";
    CHECK_INT(run(shell, "%s --json", create), 0);
    CHECK_INT(run(shell, "%s --json --host %s", create, relay_url(relay)), 0);
    CHECK_INT(run(shell, "%s --json --gzip yes", create), 0);
    CHECK_INT(run(shell, "IOTS_GZIP=yes; export IOTS_GZIP; %s --json", create), 0);
    CHECK_INT(run(shell, "%s --gzip yes --host %s", create, relay_url(relay)), 8);
    CHECK(strstr(shell->err, "415"));
    CHECK_INT(run(shell, "iots things --jsonl | grep -c 0007"), 0);
    CHECK_TEXT(said(shell), "4");
    CHECK_INT(run(shell, "iots things --gzip maybe"), 2);
    CHECK(strstr(shell->err, "--gzip: 'maybe' is neither yes nor no"));
    relay_stop(relay);
    shell_close(shell);
}
