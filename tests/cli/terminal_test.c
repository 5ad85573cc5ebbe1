/* SPDX-License-Identifier: Apache-2.0 */
/* What is different when there is someone at a terminal. */
#include "base/test.h"
#include "shell.h"

#define THING "iots things create title='A boiler with quite a long title' > /dev/null; "

TEST("on a terminal there is colour, unless it is not wanted")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run_at_terminal(shell, 100, NULL, "iots categories"), 0);
    CHECK(strstr(shell->out, "\033[1mname"));
    CHECK_INT(run_at_terminal(shell, 100, NULL, "NO_COLOR=1 iots categories"), 0);
    CHECK(!strchr(shell->out, '\033'));
    CHECK_INT(run_at_terminal(shell, 100, NULL, "TERM=dumb iots categories"), 0);
    CHECK(!strchr(shell->out, '\033'));
    CHECK_INT(run_at_terminal(shell, 100, NULL, "iots categories | cat"), 0);
    CHECK(!strchr(shell->out, '\033'));
    shell_close(shell);
}

TEST("a table fits the terminal, and is whole in a pipe")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run_at_terminal(shell, 70, NULL, THING "NO_COLOR=1 iots things"), 0);
    CHECK(strstr(shell->out, "\xE2\x80\xA6"));
    for (ix_str rest = ix_str_of(shell->out), line; rest.len > 0;) {
        rest = ix_str_cut(rest, '\n', &line);
        CHECK(line.len <= 70 + 1 + 2 * 4); /* CR, and ellipses of three bytes each */
    }
    CHECK_INT(run_at_terminal(shell, 70, NULL, "iots things | cat"), 0);
    CHECK(strstr(shell->out, "A boiler with quite a long title"));
    shell_close(shell);
}

TEST("what a server says cannot steer the terminal")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    file_put(shell, "bad.json", "{\"title\": \"x\\u001b[2Jy\\u009bz\"}");
    CHECK_INT(run_at_terminal(shell, 200, NULL,
                              "iots things create --body @bad.json; NO_COLOR=1 iots things"),
              0);
    CHECK(!strstr(shell->out, "\033[2J"));
    CHECK(!strstr(shell->out, "\xC2\x9B"));
    CHECK(strstr(shell->out, "x\xEF\xBF\xBD[2Jy\xEF\xBF\xBDz"));
    shell_close(shell);
}

TEST("login asks for what is missing, and the secret does not show")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    const step steps[] = {{"Server: ", ix_format(cx, "%s\n", server_url(shell->server))},
                          {"Client ID: ", SERVER_CLIENT_ID "\n"},
                          {"Client secret: ", SERVER_CLIENT_SECRET "\n"},
                          {NULL, NULL}};
    CHECK_INT(run_at_terminal(shell, 80, steps, "iots login && stty -a"), 0);
    CHECK(strstr(shell->out, "logged in to "));
    CHECK(!strstr(shell->out, SERVER_CLIENT_SECRET));
    CHECK(strstr(shell->out, " echo "));
    CHECK_INT(run(shell, "grep -c " SERVER_CLIENT_SECRET " config/iots/config.json"), 0);
    shell_close(shell);
}

TEST("Ctrl-C at the secret leaves the terminal as it was")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    const step steps[] = {{"Client secret: ", "\003"}, {NULL, NULL}};
    CHECK_INT(run_at_terminal(shell, 80, steps,
                              "trap : INT; iots login $HOST --client-id x; s=$?; stty -a; exit $s"),
              130);
    CHECK(strstr(shell->out, " echo "));
    CHECK_INT(run(shell, "test -e config/iots/config.json"), 1);
    shell_close(shell);
}

TEST("watching draws one table again and again")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots things create --body '{\"properties\": {\"t\": {}}}' --json"), 0);
    const ix_json *thing = json_of(cx, shell->out);
    const char *id = ix_json_string(ix_json_member(thing, "uid"));
    const char *line = ix_format(cx, "iots watch %s --rounds 3 --interval 50ms", id);
    CHECK_INT(run_at_terminal(shell, 80, NULL, line), 0);
    CHECK(strstr(shell->out, "\033[2A\r\033[J"));

    const step steps[] = {{"property", "\003"}, {NULL, NULL}};
    CHECK_INT(run_at_terminal(shell, 80, steps, ix_format(cx, "exec iots watch %s", id)), 130);
    shell_close(shell);
}

TEST("an import shows how it goes, unless it is to be quiet")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots things create --body '{\"properties\": {\"t\": {}}}' --json"), 0);
    const ix_json *thing = json_of(cx, shell->out);
    const char *id = ix_json_string(ix_json_member(thing, "uid"));
    file_put(shell, "a.csv", "time,t\n2025-01-01,1\n");
    const char *line = ix_format(cx, "iots import csv a.csv --thing %s --time time", id);
    CHECK_INT(run_at_terminal(shell, 80, NULL, line), 0);
    CHECK(strstr(shell->out, "lines, "));
    CHECK_INT(run_at_terminal(shell, 80, NULL, ix_format(cx, "%s --quiet", line)), 0);
    CHECK(!strstr(shell->out, "lines, "));
    CHECK(strstr(shell->out, "stored 0, 1 there already"));
    shell_close(shell);
}

TEST("what is looked at again and again stands in one place, until Ctrl-C")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    /* Two lines are drawn: titles, and the one Category. */
    const step steps[] = {{"\033[2A\r\033[J", "\003"}, {NULL, NULL}};
    CHECK_INT(run(shell, "iots categories create name=Hot > /dev/null"), 0);
    CHECK_INT(run_at_terminal(shell, 80, steps, "exec iots categories --watch 50ms"), 130);
    CHECK(strstr(shell->out, "Hot"));

    /* A line that is wider than the terminal is taken for as many as it fills: about 120 columns,
     * less the zeros that fractions of seconds may end with. */
    const step wrapped[] = {{"\033[4A\r\033[J", "\003"}, {NULL, NULL}};
    CHECK_INT(run_at_terminal(shell, 32, wrapped,
                              "exec iots category get Hot --jsonl --watch 50ms"),
              130);
    shell_close(shell);
}
