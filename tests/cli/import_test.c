/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings that are imported: whole, twice, in part, and with faults. */
#include "base/test.h"
#include "relay.h"
#include "shell.h"

static const char *thing(shell *shell)
{
    CHECK_INT(run(shell, "iots things create --json --body '{\"properties\": {\"t\": {\"type\": "
                         "\"number\"}, \"n\": {\"type\": \"integer\"}, \"s\": {\"type\": "
                         "\"string\"}, \"b\": {\"type\": \"boolean\"}, \"small\": {\"type\": "
                         "\"number\", \"maximum\": 10}}}'"),
              0);
    return ix_json_string(ix_json_member(json_of(shell->cx, shell->out), "uid"));
}

/* The history as "time property=value" lines, oldest first. */
static const char *history(shell *shell, const char *id)
{
    CHECK_INT(run(shell,
                  "iots history list %s --jsonl | sed 's/.*\"at\":\"\\([^\"]*\\)\",\"properties\":"
                  "{\"\\([^\"]*\\)\":\\(.*\\)}}/\\1 \\2=\\3/' | sort",
                  id),
              0);
    return shell->out;
}

TEST("columns go to properties, and values stay what they are")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    file_put(shell, "a.csv",
             "\xEF\xBB\xBFwhen,temp,n,s,b,other\r\n"
             "2025-01-01T00:00:00Z,21.50,9007199254740993,\"a, \"\"b\"\"\",TRUE,x\r\n"
             "2025-01-01 01:00:00+01:00,,1,,,\r\n"
             "2025-01-01 00:00:01.5,5,,007,0,\r\n");
    CHECK_INT(run(shell,
                  "iots import csv a.csv --thing %s --time when --map temp=t --map n --map "
                  "s --map b",
                  id),
              0);
    CHECK_TEXT(shell->out, "stored 7, skipped 1 (conflicts), 0 lines unreadable\n");
    CHECK_TEXT(history(shell, id), "2025-01-01T00:00:00Z b=true\n"
                                   "2025-01-01T00:00:00Z n=9007199254740993\n"
                                   "2025-01-01T00:00:00Z s=\"a, \\\"b\\\"\"\n"
                                   "2025-01-01T00:00:00Z t=21.5\n"
                                   "2025-01-01T00:00:01.5Z b=false\n"
                                   "2025-01-01T00:00:01.5Z s=\"007\"\n"
                                   "2025-01-01T00:00:01.5Z t=5\n");
    shell_close(shell);
}

/* A recording of so many lines in the file big.csv; every `again`th time comes twice, and some are
 * far away from where they would belong. */
static void record(shell *shell, int lines, int again)
{
    ix_buf text = {0};
    ix_buf_text(&text, "time,t,s\n");
    for (int i = 0; i < lines; i++) {
        const int second = i % 1500 == 700 ? lines + i : i;
        ix_buf_format(&text, "2025-01-01 %02d:%02d:%02d,%d.5,x%d\n", second / 3600,
                      second / 60 % 60, second % 60, i, i);
        if (again && i % again == 0)
            ix_buf_format(&text, "2025-01-01 %02d:%02d:%02d,0,again\n", second / 3600,
                          second / 60 % 60, second % 60);
    }
    file_put(shell, "big.csv", ix_buf_cstr(&text));
    ix_buf_done(&text);
}

TEST("times that occur twice cost nothing but themselves")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    record(shell, 2500, 999);
    CHECK_INT(run(shell, "iots import csv big.csv --thing %s --time time", id), 0);
    CHECK_TEXT(shell->out, "stored 5000, skipped 6 (conflicts), 0 lines unreadable\n");
    CHECK_TEXT(shell->err, "");
    CHECK_INT(run(shell, "iots property-history list %s t --jsonl | wc -l", id), 0);
    CHECK_TEXT(said(shell), "2500");
    shell_close(shell);
}

TEST("a file that is imported again stores nothing twice")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    record(shell, 2500, 0);
    CHECK_INT(run(shell,
                  "head -1200 big.csv > part.csv && iots import csv part.csv --thing %s "
                  "--time time --map t --json",
                  id),
              0);
    const ix_json *first = json_of(cx, shell->out);
    CHECK_INT(ix_json_int(ix_json_member(first, "stored"), 0), 1199);
    CHECK_INT(run(shell, "iots import csv big.csv --thing %s --time time", id), 0);
    CHECK_TEXT(shell->out, "stored 3801, skipped 1199 (conflicts), 0 lines unreadable\n");
    CHECK_INT(run(shell, "iots import csv big.csv --thing %s --time time", id), 0);
    CHECK_TEXT(shell->out, "stored 0, skipped 5000 (conflicts), 0 lines unreadable\n");
    shell_close(shell);
}

/* What iots is told of values that are there already: all at once, or, by servers that do not know
 * skip_existing, of the first one only. */
static const bool knows[] = {true, false};

static relay *server_that(shell *shell, bool skips)
{
    return relay_start(shell->cx, server_url(shell->server), "skip_existing",
                       skips ? "skip_existing" : "skip_nothing_");
}

TEST("a few values that are there already, far apart, do not cost their batch")
{
    for (size_t i = 0; i < 2; i++) {
        shell *shell = shell_open(cx, AS_CLIENT);
        const char *id = thing(shell);
        relay *relay = server_that(shell, knows[i]);
        record(shell, 1000, 0);
        CHECK_INT(run(shell,
                      "sed -n '1p;5p;500p;900p;950p;990p;999p' big.csv > few.csv && iots import "
                      "csv few.csv --thing %s --time time --map t && iots import csv big.csv "
                      "--thing %s --time time --map t --host %s",
                      id, id, relay_url(relay)),
                  0);
        CHECK_TEXT(shell->out, "stored 6, skipped 0 (conflicts), 0 lines unreadable\n"
                               "stored 994, skipped 6 (conflicts), 0 lines unreadable\n");
        relay_stop(relay);
        shell_close(shell);
    }
}

TEST("a recording that is there already, and comes again in no order, is passed over")
{
    for (size_t i = 0; i < 2; i++) {
        shell *shell = shell_open(cx, AS_CLIENT);
        const char *id = thing(shell);
        relay *relay = server_that(shell, knows[i]);
        record(shell, 1500, 0);
        CHECK_INT(run(shell,
                      "iots import csv big.csv --thing %s --time time --map t && (head -1 big.csv; "
                      "sed 1d big.csv | sort -t. -k2) > mixed.csv && iots import csv mixed.csv "
                      "--thing %s --time time --host %s",
                      id, id, relay_url(relay)),
                  0);
        CHECK_TEXT(shell->out, "stored 1500, skipped 0 (conflicts), 0 lines unreadable\n"
                               "stored 1500, skipped 1500 (conflicts), 0 lines unreadable\n");
        CHECK_INT(run(shell, "iots import csv mixed.csv --thing %s --time time --host %s", id,
                      relay_url(relay)),
                  0);
        CHECK_TEXT(shell->out, "stored 0, skipped 3000 (conflicts), 0 lines unreadable\n");
        relay_stop(relay);
        shell_close(shell);
    }
}

TEST("a conflict can be the end of it")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    file_put(shell, "a.csv", "time,t\n2025-01-01,1\n2025-01-02,2\n");
    file_put(shell, "b.csv", "time,t\n2025-01-02,1\n2025-01-02,2\n");
    CHECK_INT(run(shell, "iots import csv a.csv --thing %s --time time", id), 0);
    CHECK_INT(run(shell, "iots import csv a.csv --thing %s --time time --on-conflict fail", id), 5);
    CHECK_TEXT(shell->err, "iots: line 2: there is a value of 't' at this time already\n");
    CHECK_INT(run(shell, "iots import csv b.csv --thing %s --time time --on-conflict fail", id), 5);
    CHECK_TEXT(shell->err, "iots: line 3: line 2 has a value of 't' at this time already\n");
    shell_close(shell);
}

TEST("a line that cannot be read ends it before anything of its batch is sent, or is passed over")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    file_put(shell, "a.csv",
             "time,t,small\n"
             "2025-01-01,1,\n"
             "2025-01-02,warm,\n"
             "soon,3,\n"
             "2025-01-04,\"4,\n"
             "2025-01-05,5\n"
             "2025-01-06,6,11\n"
             "2025-01-07,7,7,,\n"
             "2025-01-08,NA,\n");
    CHECK_INT(run(shell, "iots import csv a.csv --thing %s --time time", id), 8);
    CHECK_TEXT(shell->err, "iots: line 3: t: 'warm' is no number\n");
    CHECK_TEXT(shell->out, "stored 0, skipped 0 (conflicts), 0 lines unreadable; stopped after "
                           "line 1, import it again to go on\n");
    CHECK_TEXT(history(shell, id), "");

    CHECK_INT(run(shell, "iots import csv a.csv --thing %s --time time --on-error skip --empty NA",
                  id),
              0);
    CHECK_TEXT(shell->out, "stored 3, skipped 0 (conflicts), 5 lines unreadable\n");
    CHECK_TEXT(shell->err, "line 3: t: 'warm' is no number\n"
                           "line 4: 'soon' is no time; expected 2025-03-04T05:06:07Z\n"
                           "line 5: a quoted field that never ends\n"
                           "line 6: 2 fields; the header has 3\n"
                           "line 7: small: expected at most 10\n");
    shell_close(shell);
}

TEST("what the server does not want is told by its line")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    file_put(shell, "a.csv", "time,small\n2025-01-01,1\n2025-01-02,11\n2025-01-03,3\n");
    CHECK_INT(run(shell, "iots import csv a.csv --thing %s --time time", id), 8);
    CHECK(strstr(shell->err, "iots: line 3: small: "));
    CHECK_TEXT(history(shell, id), "");
    shell_close(shell);
}

TEST("standard input, another delimiter, and mistakes in the call")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    CHECK_INT(run(shell,
                  "printf 'time;t\\n2025-01-01T00:00:00Z;1\\n' | iots import csv - --thing %s "
                  "--time time --delimiter ';'",
                  id),
              0);
    CHECK_TEXT(shell->out, "stored 1, skipped 0 (conflicts), 0 lines unreadable\n");
    file_put(shell, "a.csv", "time,t\n2025-01-01,1\n");
    // clang-format off
    const struct { const char *rest; int status; const char *sentence; } cases[] = {
        {"csv a.csv --thing %s --time nope", 2, "no column 'nope'; it has: time, t"},
        {"csv a.csv --thing %s --time time --map t=x", 3, "no property 'x'; it has: t, n, s, b, small"},
        {"csv a.csv --thing %s --time time --map x=t", 2, "no column 'x'"},
        {"csv a.csv --thing %s --time time --map t --map t", 2, "two columns are mapped to 't'"},
        {"csv a.csv --thing %s", 2, "--time COLUMN"},
        {"csv a.csv --time time", 2, "--thing ID"},
        {"csv nowhere --thing %s --time time", 2, "nowhere: No such file"},
        {"csv . --thing %s --time time", 2, "is a folder"},
        {"csv a.csv --thing %s --time time --delimiter ab", 2, "expected one character"},
        {"csv a.csv --thing %s --time time --on-error maybe", 2, "expected skip or fail"},
        {"csv /dev/null --thing %s --time time", 8, "the file is empty"},
        {"csv a.csv --thing 01GQ2E9M2Y45BX9EW0F2BM032Q --time time", 3, "Item not found"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *mark = strstr(cases[i].rest, "%s");
        const int head = mark ? (int)(mark - cases[i].rest) : (int)strlen(cases[i].rest);
        CHECK_INT(run(shell, "iots import %.*s%s%s", head, cases[i].rest, mark ? id : "",
                      mark ? mark + 2 : ""),
                  cases[i].status);
        if (!strstr(shell->err, cases[i].sentence))
            print_error("%s: %s", cases[i].rest, shell->err);
        CHECK(strstr(shell->err, cases[i].sentence));
    }
    shell_close(shell);
}

TEST("what goes by Ctrl-C says how far it came")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    const step steps[] = {{"0 lines", "\003"}, {NULL, NULL}};
    /* A pipe that it holds open for writing itself, and that so never ends. */
    const char *line = ix_format(cx,
                                 "mkfifo pipe; exec 3<>pipe; printf 'time,t\\n' >&3; exec iots "
                                 "import csv pipe --thing %s --time time",
                                 id);
    CHECK_INT(run_at_terminal(shell, 80, steps, line), 130);
    CHECK(strstr(shell->out, "stored 0, skipped 0 (conflicts), 0 lines unreadable; stopped after "
                             "line 1"));
    shell_close(shell);
}
