/* SPDX-License-Identifier: Apache-2.0 */
/* What people and scripts see of iots: commands, output, exit codes. */
#include <stdlib.h>

#include "base/test.h"
#include "shell.h"

#define TD                                                                      \
    "properties='{\"temperature\": {\"type\": \"number\", \"unit\": \"\xC2\xB0" \
    "C\"}, \"mode\": {\"type\": \"string\"}, \"on\": {\"type\": \"boolean\"}}'"

/* A Thing, whose ID later lines find in $ID. */
static const char *thing(shell *shell)
{
    CHECK_INT(run(shell, "iots things create title='Boiler 7' " TD " --json"), 0);
    const ix_json *thing = json_of(shell->cx, shell->out);
    return ix_json_string(ix_json_member(thing, "uid"));
}

TEST("without a command there is help, and it is not fine")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    CHECK_INT(run(shell, "iots"), 2);
    CHECK(strstr(shell->err, "Usage: iots COMMAND"));
    CHECK_TEXT(shell->out, "");
    CHECK_INT(run(shell, "iots thing"), 2);
    CHECK_INT(run(shell, "iots thingg get x"), 2);
    CHECK_TEXT(shell->err,
               "iots: there is no command 'thingg'; did you mean 'things'?; see 'iots --help'\n");
    shell_close(shell);
}

TEST("login checks the secret, and stores what later commands need")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    CHECK_INT(run(shell, "iots things"), 2);
    CHECK(strstr(shell->err, "no server is known: run 'iots login'") ||
          strstr(shell->err, "no space"));
    CHECK_INT(run(shell,
                  "echo wrong | iots login $HOST --client-id " SERVER_CLIENT_ID " --secret-stdin"),
              4);
    CHECK_INT(run(shell, "test -e config/iots/config.json"), 1);
    CHECK_INT(run(shell, "echo " SERVER_CLIENT_SECRET
                         " | iots login $HOST --client-id " SERVER_CLIENT_ID " --secret-stdin"),
              0);
    CHECK_INT(run(shell, "stat -c %%a config/iots config/iots/config.json "
                         "config/iots/tokens.json | tr '\\n' ' '"),
              0);
    CHECK_TEXT(shell->out, "700 600 600 ");
    CHECK_INT(run(shell, "iots space use nowhere"), 3);
    CHECK_INT(run(shell, "iots space use " SERVER_SPACE), 0);
    CHECK_INT(run(shell, "iots things --jsonl"), 0);
    CHECK_TEXT(shell->out, "");

    CHECK_INT(run(shell, "iots logout && ls config/iots"), 0);
    CHECK_TEXT(shell->out, "");
    CHECK_INT(run(shell, "iots things --space " SERVER_SPACE), 2);
    shell_close(shell);
}

TEST("logging out revokes the token that was kept")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    CHECK_INT(run(shell,
                  "echo " SERVER_CLIENT_SECRET " | iots login $HOST --client-id " SERVER_CLIENT_ID
                  " --secret-stdin --space " SERVER_SPACE
                  " && sed 's/.*\"token\":\"\\([^\"]*\\)\".*/\\1/' config/iots/tokens.json"),
              0);
    const char *token = said(shell);
    CHECK_INT(run(shell, "iots things --host $HOST --space farm --token %s", token), 0);
    CHECK_INT(run(shell, "iots logout"), 0);
    CHECK_INT(run(shell, "iots things --host $HOST --space farm --token %s", token), 4);
    shell_close(shell);
}

TEST("a token is used again, and one that the server refuses is replaced")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots spaces && cp config/iots/tokens.json first && iots spaces && cmp "
                         "first config/iots/tokens.json"),
              0);
    CHECK_INT(run(shell, "sed -i 's/\"token\":\"[^\"]*\"/\"token\":\"stale\"/' "
                         "config/iots/tokens.json && iots spaces && ! grep stale "
                         "config/iots/tokens.json"),
              0);
    shell_close(shell);
}

TEST("a token that was kept while the clock showed another time is not relied on")
{
    static const char *const changes[] = {
        "s/\"asked\":\"[^\"]*\"/\"asked\":\"2999-01-01T00:00:00Z\"/", /* it was ahead then */
        "s/\"asked\":\"[^\"]*\"/\"asked\":\"1970-01-01T00:00:07Z\"/", /* it had not been set */
        "s/\"asked\":\"[^\"]*\",//",
        "s/\"expires\":\"[^\"]*\"/\"expires\":\"2020-01-01T00:00:00Z\"/",
    };
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots spaces"), 0);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        CHECK_INT(run(shell,
                      "f=config/iots/tokens.json; sed -i '%s' $f && cp $f first && iots spaces && "
                      "! cmp -s first $f",
                      changes[i]),
                  0);
    }
    shell_close(shell);
}

TEST("without a folder to keep it in, a token does not outlive the run")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "unset HOME XDG_CONFIG_HOME; iots spaces"), 0);
    CHECK_INT(run(shell, "ls"), 0);
    CHECK_TEXT(shell->out, "");
    shell_close(shell);
}

TEST("things are created, shown, changed and deleted")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    CHECK_INT(run(shell, "iots set %s temperature=21.5 mode=auto on=true", id), 0);
    CHECK_INT(run(shell, "iots get %s", id), 0);
    CHECK_TEXT(shell->out, "property     value\n"
                           "temperature  21.5\n"
                           "mode         auto\n"
                           "on           true\n");
    CHECK_INT(run(shell, "iots get %s temperature; iots get %s mode", id, id), 0);
    CHECK_TEXT(shell->out, "21.5\nauto\n");
    CHECK_INT(run(shell, "iots property update --thing %s --property temperature 22 --json", id),
              0);
    CHECK_TEXT(shell->out, "{\n  \"temperature\": 22\n}\n");
    CHECK_INT(run(shell, "iots things --property temperature=gt:20"), 0);
    CHECK_TEXT(shell->out,
               ix_format(cx,
                         "uid                         title     @type  categories  model  status\n"
                         "%s  Boiler 7  -      -           -      "
                         "temperature=22 mode=auto on=true\n",
                         id));
    CHECK_INT(run(shell, "iots thing get %s", id), 0);
    CHECK(strstr(shell->out, "\nProperties\nname         value  unit  type     title\n"
                             "temperature     22  \xC2\xB0"
                             "C    number   -\n") ||
          strstr(shell->out, "temperature  22 "));
    CHECK_INT(run(shell, "printf '{\"title\": \"Boiler 8\"}' | iots thing update %s --body -", id),
              0);
    CHECK_INT(run(shell, "iots thing delete %s", id), 0);
    CHECK_TEXT(shell->out, "");
    CHECK_INT(run(shell, "iots thing get %s", id), 3);
    shell_close(shell);
}

TEST("Models are made and followed, and Things are patched, one and many")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    CHECK_INT(run(shell, "iots models create name=Probe"), 0);
    CHECK_INT(
        run(shell, "iots versions create --model Probe template='{\"title\": \"One\"}' --json"), 0);
    CHECK_INT(ix_json_int(ix_json_member(json_of(cx, shell->out), "version"), 0), 1);
    CHECK_INT(run(shell, "iots thing patch %s --body '{\"model\": {\"name\": \"Probe\"}}' --json",
                  id),
              0);
    CHECK_TEXT(ix_json_string(ix_json_member(json_of(cx, shell->out), "title")), "One");
    CHECK_INT(run(shell, "iots things --model Probe --version 1 --jsonl | wc -l"), 0);
    CHECK_INT(atoi(shell->out), 1);
    CHECK_INT(run(shell, "iots model delete Probe"), 4);
    CHECK(strstr(shell->err, "model is in use by things"));

    CHECK_INT(run(shell, "iots thing patch %s --body '[{\"op\": \"remove\", \"path\": \"/nope\"}]'",
                  id),
              8);
    CHECK(strstr(shell->err, "400 path not found (operation 0: remove /nope)"));
    file_put(shell, "patch",
             ix_format(cx,
                       "[{\"id\": \"%s\", \"patch\": [{\"op\": \"remove\", \"path\": \"/model\"}]},"
                       " {\"id\": \"01JM000000000000000000ZZZZ\", \"patch\": []}]",
                       id));
    CHECK_INT(run(shell, "iots things patch --body @patch"), 1);
    CHECK_TEXT(shell->out, ix_format(cx,
                                     "item  status  uid                         message\n"
                                     "   0     200  %s  -\n"
                                     "   1     404  -                           Item not found\n",
                                     id));
    CHECK(strstr(shell->err, "1 of 2 Things were not changed"));
    CHECK_INT(run(shell, "iots model delete Probe"), 0);
    shell_close(shell);
}

TEST("lists are followed to their end, or as far as one wants")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "for i in 1 2 3 4 5; do iots categories create name=C$i --quiet > "
                         "/dev/null || exit; done; iots categories --limit 2 --jsonl | wc -l"),
              0);
    CHECK_TEXT(said(shell), "5");
    CHECK_INT(run(shell, "iots categories --limit 2 --max 3 --json"), 0);
    CHECK_INT(ix_json_count(json_of(cx, shell->out)), 3);
    CHECK_INT(run(shell, "iots categories --limit 2 --page"), 0);
    CHECK(strstr(shell->err, "after this page: --next-cursor "));
    CHECK_INT(run(shell, "iots categories --limit 2 --page --json"), 0);
    const ix_json *page = json_of(cx, shell->out);
    CHECK_INT(ix_json_count(ix_json_member(page, "data")), 2);
    CHECK_INT(run(shell, "iots categories --limit 2 --next-cursor %s --jsonl | wc -l",
                  ix_json_string(ix_json_at(page, "/paging/next_cursor"))),
              0);
    CHECK_TEXT(said(shell), "3");
    shell_close(shell);
}

TEST("an empty list is a table of titles, and an empty array")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots categories"), 0);
    CHECK_TEXT(shell->out, "name  description  model  created\n");
    CHECK_INT(run(shell, "iots categories --json"), 0);
    CHECK_TEXT(shell->out, "[]\n");
    shell_close(shell);
}

TEST("exit codes say what kind of failure it was")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    // clang-format off
    const struct { const char *line; int status; } cases[] = {
        {"iots categories create name=A", 0},
        {"iots things list --limit 0", 2},
        {"iots thing get", 2},
        {"iots thing get 01GQ2E9M2Y45BX9EW0F2BM032Q", 3},
        {"iots category get Nope", 3},
        {"iots things --space garden", 4},
        {"iots things --token nonsense", 4},
        {"iots things --client-secret wrong --client-id app::01JM000000000000000000NONE", 4},
        {"iots categories create name=A", 5},
        {"iots things --host http://127.0.0.1:1 --client-id x --client-secret y", 6},
        {"iots things list --sort ''", 8},
        {"iots thing get nonsense", 8},
        {"iots categories create name='no blanks'", 8},
        {"iots things create --body '{'", 8},
        {"iots things create --body @nowhere", 2},
        {"iots things > /dev/full", 1},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int status = run(shell, "%s", cases[i].line);
        if (status != cases[i].status)
            print_error("%s\n%s", cases[i].line, shell->err);
        CHECK_INT(status, cases[i].status);
        if (status != 0) {
            CHECK(strncmp(shell->err, "iots: ", 6) == 0);
            CHECK(strchr(shell->err, '\n')[1] == '\0');
        }
    }
    CHECK_INT(run(shell, "iots property update %s temperature warm", id), 8);
    CHECK(strstr(shell->err, "temperature: expected a number"));
    shell_close(shell);
}

TEST("a list that breaks off leaves its JSON open")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots things --space garden --json"), 4);
    CHECK_TEXT(shell->out, "");
    shell_close(shell);
}

TEST("what no command covers can still be asked")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots api POST /spaces/farm/categories --body '{\"name\": \"A\"}'"), 0);
    CHECK_INT(run(shell, "iots api GET /spaces/farm/categories --param limit=1 --jsonl"), 0);
    CHECK_TEXT(ix_json_string(ix_json_at(json_of(cx, shell->out), "/data/0/name")), "A");
    CHECK_INT(run(shell, "iots api GET /nowhere"), 3);
    CHECK_INT(run(shell, "iots api GET http://127.0.0.1:1/spaces"), 2);
    shell_close(shell);
}

TEST("watching prints a line for each value that is new")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    CHECK_INT(run(shell,
                  "iots set %s temperature=1 --quiet > /dev/null; iots watch %s --rounds 1 --jsonl",
                  id, id),
              0);
    CHECK(
        strstr(shell->out,
               ix_format(cx, "\"thing\":\"%s\",\"property\":\"temperature\",\"value\":1}\n", id)));
    CHECK_INT(run(shell, "iots watch --rounds 3 --interval 50ms | wc -l"), 0);
    CHECK_TEXT(said(shell), "3");
    CHECK_INT(run(shell, "iots watch --json"), 2);
    shell_close(shell);
}
