/* SPDX-License-Identifier: Apache-2.0 */
/* Spaces that go into a folder and come back: whole, twice, in pieces, and with faults. */
#include "base/buf.h"
#include "base/test.h"
#include "http.h"
#include "relay.h"
#include "shell.h"

/* ---- a space with something of everything ---- */

#define BOILER "01H00000000000000000000001"
#define PROBE  "01H00000000000000000000002"
#define PUMP   "01H00000000000000000000003"
#define BARE   "01H00000000000000000000004"

#define THINGS "/spaces/farm/things"

typedef struct step_made {
    const char *method, *target, *body;
} step_made;

// clang-format off
static const step_made steps_made[] = {
    {"POST", "/spaces/farm/models", "{\"name\":\"Node\",\"description\":\"Sensor \\\"boards\\\"\"}"},
    {"POST", "/spaces/farm/models", "{\"name\":\"none:yet\"}"},
    {"PUT", "/spaces/farm/models/Node", "{\"description\":\"Boards, changed later\"}"},
    {"POST", "/spaces/farm/models/Node/versions", "{\"title\":\"First\",\"template\":{\"properties\":{\"t\":{\"type\":\"number\"},\"old\":{}}}}"},
    {"POST", "/spaces/farm/models/Node/versions", "{\"template\":{\"properties\":{\"t\":{\"type\":\"number\",\"unit\":\"\u00B0C\"},\"mode\":{\"enum\":[null,\"a\",5.0]}},\"links\":[]}}"},
    {"POST", "/spaces/farm/models/Node/versions", "{\"description\":\"To be filled in\",\"template\":{\"description\":\"No {{N}}\",\"properties\":{\"p\":{\"maximum\":\"{{MAX}}\"}}}}"},
    {"POST", "/spaces/farm/categories", "{\"name\":\"Nodes\",\"model\":{\"name\":\"Node\",\"version\":2}}"},
    {"POST", "/spaces/farm/categories", "{\"name\":\"Any\",\"model\":{\"name\":\"Node\"}}"},
    {"POST", "/spaces/farm/categories", "{\"name\":\"a:plain_one\"}"},
    {"PUT", "/spaces/farm/categories/a:plain_one", "{\"description\":\"Changed\\nlater\"}"},

    /* Any name, unknown members, values of every kind. */
    {"POST", THINGS "?preserve_uid=true", "{\"uid\":\"" BOILER "\",\"@context\":[\"https://www.w3.org/2022/wot/td/v1.1\",{\"x\":\"urn:x\"}],\"@type\":[\"b\",\"a\"],"
        "\"title\":\"B\u00F6iler 7 / \u6728 \\\"\\\\\\n\",\"x:y\":[null,{\"z\":1.0,\"a\":1}],\"security\":\"none\",\"categories\":[\"a:plain_one\"],"
        "\"properties\":{\"t\":{\"type\":\"number\"},\"n\":{\"type\":\"integer\"},\"s\":{\"type\":\"string\"},\"b\":{},\"o\":{\"type\":\"object\"},"
        "\"a b\":{},\"\u00FC\":{},\"%2F?&=\":{},\"..\":{},\"never\":{},\"nothing\":{}},"
        "\"actions\":{\"flush\":{\"input\":{}},\"a b\":{}},\"events\":{\"dry\":{}},"
        "\"links\":[{\"href\":\"" THINGS "/" PROBE "\",\"rel\":\"controls\",\"x\":1},{\"href\":\"https://example.org\"}]}"},
    {"PUT", THINGS "/" BOILER "/properties", "{\"t\":5.0,\"n\":9007199254740993,\"s\":\"a, \\\"b\\\"\\n\",\"b\":[null,{},-0.0,1e300],\"o\":{\"z\":1,\"a\":null},\"a b\":\"\",\"\u00FC\":0.1,\"%2F?&=\":false,\"..\":\"2025\",\"nothing\":null}"},
    {"PUT", THINGS "/" BOILER "/properties?update_history=false", "{\"t\":7}"},
    /* A value that would not be taken today. */
    {"PATCH", THINGS "/" BOILER, "[{\"op\":\"add\",\"path\":\"/properties/t/maximum\",\"value\":6}]"},

    /* One that follows its Category, and has history of a property that is gone. */
    {"POST", THINGS "?preserve_uid=true", "{\"uid\":\"" PROBE "\",\"model\":{\"name\":\"Node\",\"version\":1},\"categories\":[\"Any\"],\"status\":{\"old\":\"x\",\"t\":1}}"},
    {"PUT", THINGS "/" PROBE, "{\"title\":\"Probe\",\"model\":{\"name\":\"Node\",\"version\":2},\"categories\":[\"Any\",\"Nodes\"]}"},
    /* One that keeps an old version. */
    {"POST", THINGS "?preserve_uid=true", "{\"uid\":\"" PUMP "\",\"model\":{\"name\":\"Node\",\"version\":1},\"categories\":[\"Any\"],\"actions\":{\"gone\":{}},\"events\":{\"gone\":{}}}"},
    {"POST", THINGS "?preserve_uid=true", "{\"uid\":\"" BARE "\",\"model\":{\"name\":\"Node\",\"version\":3,\"values\":{\"N\":[null,\"a\"],\"MAX\":5.0}}}"},

    {"POST", THINGS "/" BOILER "/actions/flush", "{\"flush\":{\"input\":{\"seconds\":5}}}"},
    {"POST", THINGS "/" BOILER "/actions/a%20b", "{\"a b\":{}}"},
    {"POST", THINGS "/" BOILER "/actions/flush?preserve_uid=true", "{\"flush\":{\"status\":\"completed\",\"output\":null,\"timeCompleted\":\"2025-01-01T00:00:00.5Z\",\"href\":\"01H00000000000000000000005\"}}"},
    {"POST", THINGS "/" BOILER "/events/dry", "{\"dry\":{\"data\":12.5}}"},
    {"POST", THINGS "/" BOILER "/events/dry", "{\"dry\":{}}"},
    {"POST", THINGS "/" PUMP "/actions/gone", "{\"gone\":{}}"},
    {"POST", THINGS "/" PUMP "/events/gone", "{\"gone\":{\"data\":null}}"},
    {"PUT", THINGS "/" PUMP, "{\"description\":\"Neither action nor event any more\",\"model\":{\"name\":\"Node\",\"version\":1}}"},
    {"POST", THINGS "/" PUMP "/reset-secret", NULL},
};
// clang-format on

static void ask(shell *shell, http *http, const char *token, const step_made *step)
{
    http_reply reply;
    CHECK_OK(shell->cx,
             http_json(shell->cx, http, step->method, step->target, token, step->body, &reply));
    if (reply.status >= 300)
        print_error("%s %s: %d %s\n", step->method, step->target, reply.status, reply.body);
    CHECK(reply.status < 300);
}

/* So many moments of history of the Boiler, microseconds apart and years apart. */
static void history_make(shell *shell, http *http, const char *token, int timestamps)
{
    enum { AT_ONCE = 1000 };
    for (int i = 0; i < timestamps;) {
        ix_buf body = {0};
        for (int j = 0; j < AT_ONCE && i < timestamps; i++, j++)
            ix_buf_format(&body,
                          "%s{\"at\":\"%d-01-01T00:00:00.%06dZ\",\"properties\":{\"n\":%d%s}}",
                          j ? "," : "[", 2000 + i % 7, i, i,
                          i % 3 ? ",\"s\":\"x, y\",\"b\":null" : "");
        ix_buf_char(&body, ']');
        const step_made step = {"POST", THINGS "/" BOILER "/properties-history",
                                ix_buf_cstr(&body)};
        ask(shell, http, token, &step);
        ix_buf_done(&body);
    }
}

static void space_make(shell *shell, int timestamps)
{
    http *http = http_new(server_url(shell->server));
    const char *token = server_token(shell->cx, shell->server, NULL);
    for (size_t i = 0; i < sizeof steps_made / sizeof steps_made[0]; i++)
        ask(shell, http, token, &steps_made[i]);
    history_make(shell, http, token, timestamps);
    http_free(http);
}

/* The same files, but for the name of the host. */
static void check_same(shell *shell, const char *a, const char *b)
{
    const int status =
        run(shell,
            "diff -r -x manifest.json %s %s && grep -v '\"host\"' %s/manifest.json > "
            "one && grep -v '\"host\"' %s/manifest.json > other && diff one other",
            a, b, a, b);
    if (status)
        print_error("%s%s\n", shell->out, shell->err);
    CHECK_INT(status, 0);
}

#define EXPORTED \
    "2 Models, 3 versions, 3 Categories, 4 Things, %d moments of history, 4 actions, 3 events"

TEST("a space that is exported, imported elsewhere and exported again is the same, byte for byte")
{
    shell *from = shell_open(cx, AS_CLIENT), *to = shell_open(cx, AS_CLIENT);
    space_make(from, 2500);
    CHECK_INT(run(from, "iots export space out"), 0);
    CHECK_TEXT(from->out, ix_format(cx, "exported " EXPORTED "\n", 2502));
    CHECK_TEXT(from->err, "iots: not in it are MQTT credentials and the secrets of Things' own "
                          "clients, which no server shows\n");
    CHECK_INT(run(from, "stat -c %%a out out/things.jsonl out/history; cd out; ls; ls *s *y"), 0);
    CHECK_TEXT(from->out,
               "700\n600\n700\n"
               "actions\ncategories.jsonl\nevents\nhistory\nmanifest.json\n"
               "models.jsonl\nthings.jsonl\nversions.jsonl\n"
               "actions:\n" BOILER ".jsonl\n" PUMP ".jsonl\n\n"
               "events:\n" BOILER ".jsonl\n" PUMP ".jsonl\n\n"
               "history:\n" BOILER ".csv\n" BOILER ".jsonl\n" PROBE ".csv\n" PROBE ".jsonl\n");
    const char *out = ix_format(cx, "%s/out", from->home);

    CHECK_INT(run(to, "iots import space %s", out), 0);
    CHECK_TEXT(to->out,
               ix_format(cx, "restored " EXPORTED "; 0 were there already, 0 failed\n", 2502));
    CHECK_INT(run(to, "iots export space again"), 0);
    check_same(to, out, "again");

    /* A second time changes nothing. */
    CHECK_INT(run(to, "iots import space %s --json", out), 0);
    const ix_json *second = json_of(cx, to->out);
    CHECK_INT(ix_json_int(ix_json_member(second, "models"), -1), 0);
    CHECK_INT(ix_json_int(ix_json_member(second, "things"), -1), 0);
    CHECK_INT(ix_json_int(ix_json_member(second, "there"), -1), 2 + 3 + 3 + 4 + 4 + 3);
    CHECK(ix_json_bool(ix_json_member(second, "complete"), false));
    CHECK_INT(run(to, "iots export space third --page 7"), 0);
    check_same(to, out, "third");
    shell_close(from);
    shell_close(to);
}

TEST("what is there in another form stops an import, unless it is to be left as it is")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    space_make(shell, 10);
    CHECK_INT(run(shell, "iots export space out"), 0);
    CHECK_INT(run(shell, "iots set " PUMP " t=77"), 0);
    CHECK_INT(run(shell, "iots import space out"), 0); /* values are no change of a Thing */
    CHECK_INT(run(shell, "iots thing update " PUMP " title=Other --quiet"), 0);
    CHECK_INT(run(shell, "iots import space out"), 5);
    CHECK_TEXT(shell->err,
               "iots: out/things.jsonl, line 3: what is there under this name or ID is another "
               "one, or was changed; --on-conflict skip leaves it as it is\n");
    CHECK_INT(run(shell, "iots import space out --on-conflict skip"), 0);
    CHECK_INT(run(shell, "iots thing get " PUMP " --json | grep '\"title\"'; iots get " PUMP " t"),
              0);
    CHECK_TEXT(shell->out, "  \"title\": \"Other\",\n77\n");

    /* So does another value at the same time. */
    CHECK_INT(run(shell, "iots export space two && iots history delete " BOILER
                         " '--at=2000-01-01|2000-01-02' && iots history create " BOILER
                         " at=2000-01-01T00:00:00Z n=99"),
              0);
    CHECK_INT(run(shell, "iots import space two"), 5);
    CHECK(strstr(shell->err, "two/history/" BOILER ".jsonl, lines 1 to 11: "));
    CHECK(strstr(shell->err, ": 'n' has another value at 2000-01-01T00:00:00Z in the history of "
                             "the space\n"));
    CHECK_INT(run(shell, "iots import space two --on-error skip"), 5);
    CHECK(strstr(shell->err, "two/history/" BOILER ".jsonl, line "));
    CHECK(strstr(shell->out, ", 1 failed"));
    CHECK_INT(run(shell, "iots import space two --on-conflict skip"), 0);
    CHECK_INT(run(shell, "iots property-history list " BOILER " n --at '2000-01-01|2000-01-02' "
                         "--jsonl | sed 's/.*\"n\":\\([0-9]*\\).*/\\1/'"),
              0);
    CHECK_TEXT(said(shell), "7\n99");
    shell_close(shell);
}

TEST("another space of the same server takes it as well")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    space_make(shell, 3);
    const char *made, *const add[] = {"space", "add", "mill", NULL};
    const char *const client[] = {"client", "add", NULL};
    CHECK_INT(server_admin(cx, shell->server, add, &made), 0);
    CHECK_INT(server_admin(cx, shell->server, client, &made), 0);
    file_put(shell, "client", made);
    CHECK_INT(run(shell, "iots export space out"), 0);
    /* What a command changes takes effect in a moment. */
    CHECK_INT(run(shell, "export IOTS_CLIENT_ID=$(sed -n 's/^client_id *//p' client) "
                         "IOTS_CLIENT_SECRET=$(sed -n 's/^client_secret *//p' client)\n"
                         "until iots things list --space mill 2> /dev/null; do :; done\n"
                         "iots import space out --into mill && iots export space again --space "
                         "mill && sed -i s/mill/farm/ again/manifest.json"),
              0);
    check_same(shell, "out", "again");
    shell_close(shell);
}

TEST("values of one moment that are too large to go together go one by one")
{
    enum { LARGE = 600000 };
    shell *from = shell_open(cx, AS_CLIENT), *to = shell_open(cx, AS_CLIENT);
    http *http = http_new(server_url(from->server));
    const char *token = server_token(cx, from->server, NULL);
    char *text = ix_new(cx, char, LARGE + 1);
    memset(text, 'x', LARGE);
    const step_made thing = {"POST", THINGS "?preserve_uid=true",
                             "{\"uid\":\"" BARE "\",\"properties\":{\"a\":{},\"b\":{}}}"};
    ask(from, http, token, &thing);
    for (int name = 'a'; name <= 'b'; name++) {
        const step_made value = {
            "POST", THINGS "/" BARE "/properties-history",
            ix_format(cx, "{\"at\":\"2025-01-01T00:00:00Z\",\"properties\":{\"%c\":\"%s\"}}", name,
                      text)};
        ask(from, http, token, &value);
    }
    http_free(http);
    CHECK_INT(run(from, "iots export space out"), 0);
    CHECK_INT(run(to, "iots import space %s/out && iots export space again", from->home), 0);
    check_same(to, ix_format(cx, "%s/out", from->home), "again");
    shell_close(from);
    shell_close(to);
}

TEST("a Thing that is too large with its values comes back value by value")
{
    enum { LARGE = 700000 };
    shell *from = shell_open(cx, AS_CLIENT), *to = shell_open(cx, AS_CLIENT);
    http *http = http_new(server_url(from->server));
    const char *token = server_token(cx, from->server, NULL);
    char *text = ix_new(cx, char, LARGE + 1);
    memset(text, 'x', LARGE);
    const step_made thing = {"POST", THINGS "?preserve_uid=true",
                             ix_format(cx,
                                       "{\"uid\":\"" BARE "\",\"description\":\"%s\","
                                       "\"properties\":{\"a\":{},\"b\":{},\"c\":{},\"d\":{}}}",
                                       text)};
    ask(from, http, token, &thing);
    for (int name = 'a'; name <= 'c'; name++) {
        const step_made value = {"PUT", THINGS "/" BARE "/properties",
                                 ix_format(cx, "{\"%c\":\"%s\"}", name, text)};
        ask(from, http, token, &value);
    }
    http_free(http);
    CHECK_INT(run(from, "iots export space out"), 0);
    CHECK_INT(run(to, "iots import space %s/out && iots export space again", from->home), 0);
    check_same(to, ix_format(cx, "%s/out", from->home), "again");

    /* Cut short between the Thing and its values, it is completed. */
    CHECK_INT(run(to,
                  "iots properties update " BARE " --quiet --body '{\"b\":null}' "
                  "--update-history=false > said && iots import space %s/out && rm -r again "
                  "&& iots export space again",
                  from->home),
              0);
    check_same(to, ix_format(cx, "%s/out", from->home), "again");
    shell_close(from);
    shell_close(to);
}

TEST("a history of values that are large for a page is exported whole")
{
    enum { LARGE = 900000, VALUES = 24 };
    shell *shell = shell_open(cx, AS_CLIENT);
    http *http = http_new(server_url(shell->server));
    const char *token = server_token(cx, shell->server, NULL);
    char *text = ix_new(cx, char, LARGE + 1);
    memset(text, 'x', LARGE);
    const step_made thing = {"POST", THINGS "?preserve_uid=true",
                             "{\"uid\":\"" BARE "\",\"properties\":{\"a\":{}}}"};
    ask(shell, http, token, &thing);
    for (int i = 0; i < VALUES; i++) {
        const step_made value = {
            "POST", THINGS "/" BARE "/properties-history",
            ix_format(cx, "{\"at\":\"2025-01-01T00:00:%02dZ\",\"properties\":{\"a\":\"%s\"}}", i,
                      text)};
        ask(shell, http, token, &value);
    }
    http_free(http);
    CHECK_INT(run(shell, "iots export space out --quiet && wc -l < out/history/" BARE ".jsonl"), 0);
    CHECK(strstr(shell->out, "24 moments of history"));
    CHECK(strstr(shell->out, "\n24\n"));
    shell_close(shell);
}

/* ---- cut short ---- */

TEST("an export that was killed goes on where it was, and ends the same")
{
    static const char *const seen[] = {"manifest.json", "models.jsonl", "things.jsonl", "history",
                                       "history/01H00000000000000000000001.jsonl"};
    shell *shell = shell_open(cx, AS_CLIENT);
    space_make(shell, 1500);
    CHECK_INT(run(shell, "iots export space whole"), 0);
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        run(shell,
            "iots export space part > /dev/null & until [ -e part/%s ]; do :; done; kill -KILL $!; "
            "wait; ls part",
            seen[i]);
        CHECK_INT(run(shell, "iots export space part --resume"), 0);
        check_same(shell, "whole", "part");
        CHECK_INT(run(shell, "rm -r part"), 0);
    }
    shell_close(shell);
}

TEST("what an export has already is not fetched again")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    space_make(shell, 10);
    CHECK_INT(run(shell, "iots export space out && cp -r out whole && sed -i "
                         "'s/\"complete\": true/\"complete\": false/' out/manifest.json && rm "
                         "out/versions.jsonl out/history/" PROBE ".* out/events/* && echo half > "
                         "out/versions.jsonl.part && iots category update a:plain_one "
                         "description=changed --quiet"),
              0);
    CHECK_INT(run(shell, "iots import space out"), 8);
    CHECK(strstr(shell->err, "the export into out was cut short"));
    CHECK_INT(run(shell, "iots export space out"), 2);
    CHECK(strstr(shell->err, "--resume goes on with one that was cut short"));
    CHECK_INT(run(shell, "iots export space out --resume"), 0);
    check_same(shell, "whole", "out");

    /* One that is complete is left as it is. */
    CHECK_INT(run(shell,
                  "iots history create " BARE " at=2025-01-01T00:00:00Z x=1 --preserve-uid > "
                  "said && iots export space out --resume"),
              0);
    CHECK_TEXT(shell->out, ix_format(cx, "exported " EXPORTED "\n", 12));
    check_same(shell, "whole", "out");
    shell_close(shell);
}

TEST("Ctrl-C ends an export with a word about how to go on")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    space_make(shell, 2000);
    const step steps[] = {{" lines", "\003"}, {NULL, NULL}};
    CHECK_INT(run_at_terminal(shell, 80, steps, "exec iots export space out --page 1"), 130);
    CHECK(strstr(shell->out, "; --resume goes on with the rest"));
    CHECK_INT(run(shell, "ls out/*.part out/*/*.part"), 2); /* ls: nothing there */
    CHECK_INT(run(shell, "iots export space out --resume && iots export space whole"), 0);
    check_same(shell, "whole", "out");
    shell_close(shell);
}

TEST("an import that was killed is done again, and the space is the same")
{
    static const char *const there[] = {"models get Node", "things get " BOILER,
                                        "actions list " BOILER " flush --jsonl | grep flush"};
    shell *from = shell_open(cx, AS_CLIENT);
    space_make(from, 3500);
    CHECK_INT(run(from, "iots export space out"), 0);
    const char *out = ix_format(cx, "%s/out", from->home);
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
        shell *to = shell_open(cx, AS_CLIENT);
        run(to,
            "iots import space %s > /dev/null & until iots %s > /dev/null 2>&1; do :; done; kill "
            "-KILL $!; wait",
            out, there[i]);
        CHECK_INT(run(to, "iots import space %s", out), 0);
        CHECK_INT(run(to, "iots export space again"), 0);
        check_same(to, out, "again");
        shell_close(to);
    }
    shell_close(from);
}

/* ---- faults ---- */

TEST("what is not a whole export is refused before anything is sent")
{
    shell *shell = shell_open(cx, AS_CLIENT), *other = shell_open(cx, AS_CLIENT);
    space_make(shell, 10);
    CHECK_INT(run(shell, "iots export space out"), 0);
    // clang-format off
    const struct { const char *harm; int status; const char *sentence; } cases[] = {
        {"truncate -s -1 things.jsonl", 8, "/things.jsonl, line 4: the file is cut short"},
        {"truncate -s -20 history/" BOILER ".jsonl", 8, "/history/" BOILER ".jsonl, line 11: the file is cut short"},
        {"sed -i '$d' history/" BOILER ".jsonl", 8, "has 11 moments of history, where its manifest says 12"},
        {"rm events/" PUMP ".jsonl", 8, "has 2 events, where its manifest says 3"},
        {"sed -i '2s/{/{,/' models.jsonl", 8, "/models.jsonl, line 2: "},
        {"sed -i '2s/.*/5/' versions.jsonl", 8, "/versions.jsonl, line 2: not a JSON object"},
        {"sed -i '1s/\"uid\"/\"id\"/' things.jsonl", 8, "/things.jsonl, line 1: the Thing has no uid"},
        {"printf '\\377\\n' > categories.jsonl", 8, "/categories.jsonl, line 1: no text in UTF-8"},
        {"rm categories.jsonl", 2, "/categories.jsonl: No such file or directory"},
        {"rm manifest.json", 2, "holds no exported space: it has no manifest.json"},
        {"echo '{}' > manifest.json", 8, "/manifest.json is not that of an exported space"},
        {"sed -i 's/\"version\": 1/\"version\": 2/' manifest.json", 8, "is of version 2 of the format; this iots knows version 1"},
        {"sed -i 's/true/false/' manifest.json", 8, "was cut short"},
        {"cd ..; rm -r bad; touch bad", 2, "bad holds no exported space"},
        {"cd ..; rm -r bad", 2, "bad holds no exported space"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT(
            run(other, "rm -rf bad; cp -r %s/out bad; cd bad; %s", shell->home, cases[i].harm), 0);
        const int status = run(other, "iots import space bad");
        if (status != cases[i].status || !strstr(other->err, cases[i].sentence))
            print_error("%s: %d %s", cases[i].harm, status, other->err);
        CHECK_INT(status, cases[i].status);
        CHECK(strstr(other->err, cases[i].sentence));
        CHECK_TEXT(other->out, "");
    }
    CHECK_INT(run(other, "iots models list --jsonl; iots things list --jsonl"), 0);
    CHECK_TEXT(other->out, "");
    shell_close(other);
    shell_close(shell);
}

TEST("an export goes into a folder of its own, and mistakes in the call are reported")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    file_put(shell, "file", "x");
    CHECK_INT(run(shell, "mkdir full empty && touch full/x && iots export space empty --quiet"), 0);
    // clang-format off
    const struct { const char *rest; int status; const char *sentence; } cases[] = {
        {"export space", 2, "into which folder?"},
        {"export space a b", 2, "one folder at a time"},
        {"export space full", 2, "full is not empty"},
        {"export space full --resume", 2, "full is not empty"},
        {"export space file", 2, "file: Not a directory"},
        {"export space file/x", 2, "file/x: Not a directory"},
        {"export space empty", 2, "empty holds an exported space already"},
        {"export space empty --resume --space mill", 2, "empty holds the space 'farm' of http"},
        {"export space a --page 0", 2, "--page"},
        {"export space a --space mill", 4, "403"},
        {"import space", 2, "which folder?"},
        {"import space empty --on-error maybe", 2, "expected skip or fail"},
        {"import space empty --into mill", 0, ""},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int status = run(shell, "iots %s", cases[i].rest);
        if (status != cases[i].status || !strstr(shell->err, cases[i].sentence))
            print_error("%s: %d %s", cases[i].rest, status, shell->err);
        CHECK_INT(status, cases[i].status);
        CHECK(strstr(shell->err, cases[i].sentence));
    }
    shell_close(shell);
}

TEST("what the server does not take can be passed over, and is reported")
{
    shell *shell = shell_open(cx, AS_CLIENT), *other = shell_open(cx, AS_CLIENT);
    space_make(shell, 3);
    CHECK_INT(run(shell, "iots export space out && sed -i '4s/\"title\":\"\"/\"title\":5/' "
                         "out/things.jsonl"),
              0);
    CHECK_INT(run(other, "iots import space %s/out", shell->home), 8);
    CHECK(strstr(other->err, "/things.jsonl, line 4: "));
    CHECK(strstr(other->out, "; mend the line and import it again, or pass over such lines with "
                             "--on-error skip\n"));
    CHECK_INT(run(other, "iots import space %s/out --on-error skip", shell->home), 8);
    CHECK(strstr(other->err, "/things.jsonl, line 4: "));
    CHECK(strstr(other->out, ", 1 failed\n"));
    CHECK_INT(run(other, "iots things get " BOILER " && iots actions list " PUMP " gone"), 0);
    shell_close(other);
    shell_close(shell);
}

TEST(
    "a server that does not keep IDs is found out with the first record, which is taken away again")
{
    shell *shell = shell_open(cx, AS_CLIENT), *other = shell_open(cx, AS_CLIENT);
    space_make(shell, 3);
    CHECK_INT(run(shell, "iots export space out"), 0);
    relay *relay = relay_start(cx, server_url(other->server), "preserve_uid", "preserve_xyz");
    CHECK_INT(run(other, "iots import space %s/out --host %s", shell->home, relay_url(relay)), 1);
    CHECK_TEXT(other->err, "iots: the server does not keep IDs and times: it takes an iotsd that "
                           "knows preserve_uid\n");
    CHECK_INT(run(other, "iots models list --jsonl; iots things list --jsonl"), 0);
    CHECK_TEXT(other->out, "");
    relay_stop(relay);
    shell_close(other);
    shell_close(shell);
}

TEST("a server that asks not to be asked so fast is waited for")
{
    const char *const slow[] = {"IOTSD_RATE_LIMIT=5"};
    shell *shell = shell_open(cx, AS_CLIENT);
    server *server = server_start(cx, slow, 1);
    CHECK_OK(cx, server != NULL);
    space_make(shell, 3000);
    CHECK_INT(run(shell,
                  "iots export space out && export IOTS_HOST=%s && iots import space out && iots "
                  "export space again",
                  server_url(server)),
              0);
    check_same(shell, "out", "again");
    CHECK_OK(cx, server_stop(cx, server));
    server_free(server);
    shell_close(shell);
}

TEST("the history is there for spreadsheets, and that goes back into a Thing as well")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    space_make(shell, 3);
    CHECK_INT(run(shell, "iots export space out > said && sed 1d out/history/" BOILER
                         ".csv | head -1 | cut "
                         "-d, -f1 > now && sed \"s/$(cat now)/NOW/\" out/history/" BOILER ".csv"),
              0);
    CHECK_TEXT(shell->out, "time,%2F?&=,..,a b,b,n,nothing,o,s,t,\xC3\xBC\r\n"
                           "NOW,false,\"\"\"2025\"\"\",\"\"\"\"\"\",\"[null,{},-0.0,1e+300]\","
                           "9007199254740993,null,\"{\"\"z\"\":1,"
                           "\"\"a\"\":null}\",\"a, \"\"b\"\"\n\",5.0,0.1\r\n"
                           "2002-01-01T00:00:00.000002Z,,,,null,2,,,\"x, y\",,\r\n"
                           "2001-01-01T00:00:00.000001Z,,,,null,1,,,\"x, y\",,\r\n"
                           "2000-01-01T00:00:00Z,,,,,0,,,,,\r\n");
    CHECK_INT(run(shell, "iots import csv out/history/" BOILER ".csv --thing " BARE), 2);
    CHECK_INT(run(shell,
                  "iots thing update " BARE " --quiet --body '{\"properties\": {\"n\": "
                  "{\"type\": \"integer\"}, \"s\": {\"type\": \"string\"}}}' > said && iots import "
                  "csv out/history/" BOILER ".csv --thing " BARE),
              0);
    CHECK_TEXT(shell->out, "stored 7 values, 0 were there already, 0 not stored (another value is "
                           "there), 0 lines unreadable\n");
    shell_close(shell);
}
