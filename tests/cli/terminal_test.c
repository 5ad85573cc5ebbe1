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

/* Everything in a Thing that a server may say, with what a terminal obeys in it. */
#define HOSTILE "x\\u001b[2J\\u0007\\u009b31m\\u007f\\u202e\\u2066\\u200f\\u061c\\u2028y"

/* Does the terminal show something that it obeys, but for the line breaks and what is ours? */
static const char *obeyed(const char *shown)
{
    static const char *const sequences[] = {
        "\033[2J",      "\a",           "\x7F",     "\xC2\x9B",     "\xE2\x80\xAE",
        "\xE2\x81\xA6", "\xE2\x80\x8F", "\xD8\x9C", "\xE2\x80\xA8",
    };
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
        if (strstr(shown, sequences[i]))
            return sequences[i];
    }
    return NULL;
}

TEST("nothing that a server says is obeyed by the terminal, in whatever format")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    file_put(shell, "bad.json",
             "{\"title\": \"" HOSTILE "\", \"description\": \"" HOSTILE
             "\", \"properties\": {\"t\": {\"title\": \"" HOSTILE "\", \"unit\": \"" HOSTILE
             "\"}, \"n\": {\"type\": \"number\"}}, \"status\": {\"t\": \"" HOSTILE
             "\", \"n\": 1}}");
    CHECK_INT(run(shell, "iots things create --body @bad.json --json"), 0);
    const char *id = ix_json_string(ix_json_member(json_of(cx, shell->out), "uid"));
    static const char *const lines[] = {
        "iots things",
        "iots things --csv",
        "iots things --csv-safe",
        "iots things --json",
        "iots things --jsonl",
        "iots things --csv --columns title,status.t",
        "iots thing get %s",
        "iots thing get %s --json",
        "iots thing get %s --csv",
        "iots get %s t",
        "iots get %s",
        "iots get %s --jsonl",
        "iots history list %s",
        "iots history list %s --csv",
        "iots history list %s --jsonl",
        "iots history plot %s n",
        "iots watch %s --rounds 1",
        "iots watch %s --rounds 1 --jsonl",
        "iots watch %s --rounds 1 --csv",
        "iots api GET /spaces/farm/things/%s",
        "iots completion titles",
        "iots completion things",
        "iots completion properties %s",
        "iots things --watch 50ms --rounds 1",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *percent = strchr(lines[i], '%');
        const char *line = percent ? ix_format(cx, "%.*s%s%s", (int)(percent - lines[i]), lines[i],
                                               id, percent + 2)
                                   : lines[i];
        run_at_terminal(shell, 120, NULL, line);
        const char *found = obeyed(shell->out);
        if (found)
            print_error("%s: shows what a terminal obeys\n", line);
        CHECK(!found);
    }
    /* In a pipe it is what it is; JSON has nothing of the kind there either. */
    CHECK_INT(run(shell, "iots get %s t", id), 0);
    CHECK(strstr(shell->out, "\033[2J\a\xC2\x9B"));
    CHECK_INT(run(shell, "iots thing get %s --json", id), 0);
    CHECK(!obeyed(shell->out));
    shell_close(shell);
}

TEST("nothing that a server says in a refusal is obeyed by the terminal")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    run_at_terminal(shell, 120, NULL, "iots thing get \"$(printf 'a\\033[2J\\302\\233b')\"");
    CHECK(!obeyed(shell->out));
    run_at_terminal(shell, 120, NULL, "iots things --columns \"$(printf 'a\\033[2J\\302\\233b')\"");
    CHECK(!obeyed(shell->out));
    run_at_terminal(shell, 120, NULL, "iots things --space \"$(printf 'a\\033[2J\\302\\233b')\"");
    CHECK(!obeyed(shell->out));
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
    CHECK(strstr(shell->out, "stored 0 values, 1 were there already"));
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
