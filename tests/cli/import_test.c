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
             "2025-01-01 01:00:00+01:00,21.5,,,,\r\n"
             "2025-01-01 00:00:01.5Z,5,,007,0,\r\n"
             "2025-01-01 00:00:02Z,null,,\"\",,\r\n");
    CHECK_INT(run(shell,
                  "iots import csv a.csv --thing %s --time when --map temp=t --map n --map "
                  "s --map b",
                  id),
              0);
    CHECK_TEXT(shell->out, "stored 9 values, 1 were there already, 0 not stored (another value is "
                           "there), 0 lines unreadable\n");
    CHECK_TEXT(shell->err, "");
    CHECK_TEXT(history(shell, id), "2025-01-01T00:00:00Z b=true\n"
                                   "2025-01-01T00:00:00Z n=9007199254740993\n"
                                   "2025-01-01T00:00:00Z s=\"a, \\\"b\\\"\"\n"
                                   "2025-01-01T00:00:00Z t=21.5\n"
                                   "2025-01-01T00:00:01.5Z b=false\n"
                                   "2025-01-01T00:00:01.5Z s=\"007\"\n"
                                   "2025-01-01T00:00:01.5Z t=5\n"
                                   "2025-01-01T00:00:02Z s=\"\"\n"
                                   "2025-01-01T00:00:02Z t=null\n");
    shell_close(shell);
}

TEST("what goes nowhere is named, and so is what was mapped and is not there")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    file_put(shell, "a.csv", "time,t,humidity,\"x, [%]\"\n2025-01-01T00:00Z,1,2,3\n");
    CHECK_INT(run(shell, "iots import csv a.csv --thing %s", id), 0);
    CHECK_TEXT(shell->err, "iots: a.csv: not imported: 'humidity', 'x, [%]'; --map "
                           "COLUMN=PROPERTY says where it goes\n");
    file_put(shell, "b.csv", "time,name,value\n2025-01-01T00:01Z,t,1\n2025-01-01T00:01Z,h,2\n");
    CHECK_INT(run(shell, "iots import csv b.csv --thing %s --name-column name --value-column value",
                  id),
              0);
    CHECK_TEXT(
        shell->err,
        "iots: b.csv: not imported: 'h' (1 values); --map NAME=PROPERTY says where it goes\n");
    CHECK_INT(run(shell,
                  "iots import csv b.csv --thing %s --name-column name --value-column value "
                  "--map h=n --map hum=small",
                  id),
              3);
    CHECK_TEXT(shell->err,
               "iots: b.csv: not imported: 't' (1 values); --map NAME=PROPERTY says where it goes\n"
               "iots: b.csv: there is nothing called 'hum' in it\n");
    CHECK_TEXT(history(shell, id), "2025-01-01T00:00:00Z t=1\n"
                                   "2025-01-01T00:01:00Z n=2\n"
                                   "2025-01-01T00:01:00Z t=1\n");
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
    CHECK_INT(run(shell, "iots import csv big.csv --thing %s --time time --tz UTC", id), 5);
    CHECK_TEXT(shell->out, "stored 5000 values, 0 were there already, 6 not stored (another value "
                           "is there), 0 lines unreadable\n");
    CHECK_TEXT(
        shell->err,
        "big.csv, line 3: t: 0 is not stored, since 0.5 stands on line 2 at 2025-01-01T00:00:00Z\n"
        "big.csv, line 3: s: \"again\" is not stored, since \"x0\" stands on line 2 at "
        "2025-01-01T00:00:00Z\n"
        "big.csv, line 1003: s: \"again\" is not stored, since \"x999\" is stored at "
        "2025-01-01T00:16:39Z\n"
        "big.csv, line 1003: t: 0 is not stored, since 999.5 is stored at 2025-01-01T00:16:39Z\n"
        "big.csv, line 2003: s: \"again\" is not stored, since \"x1998\" is stored at "
        "2025-01-01T00:33:18Z\n"
        "big.csv, line 2003: t: 0 is not stored, since 1998.5 is stored at 2025-01-01T00:33:18Z\n"
        "iots: big.csv: 6 values are not stored, since there are others at their times; "
        "--on-conflict skip says that this is right. Where date and time stand in two columns: "
        "--time DATE --time TIME\n");
    CHECK_INT(run(shell, "iots import csv big.csv --thing %s --on-conflict skip --quiet", id), 0);
    CHECK_TEXT(shell->out, "stored 0 values, 5000 were there already, 6 not stored (another value "
                           "is there), 0 lines unreadable\n");
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
    CHECK_TEXT(shell->out, "stored 3801 values, 1199 were there already, 0 not stored (another "
                           "value is there), 0 lines unreadable\n");
    CHECK_INT(run(shell, "iots import csv big.csv --thing %s --time time", id), 0);
    CHECK_TEXT(shell->out, "stored 0 values, 5000 were there already, 0 not stored (another value "
                           "is there), 0 lines unreadable\n");
    shell_close(shell);
}

/* What iots is reported of values that are there already: all at once, or, by servers that do not know
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
        CHECK_TEXT(shell->out, "stored 6 values, 0 were there already, 0 not stored (another value "
                               "is there), 0 lines unreadable\n"
                               "stored 994 values, 6 were there already, 0 not stored (another "
                               "value is there), 0 lines unreadable\n");
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
        CHECK_TEXT(shell->out, "stored 1500 values, 0 were there already, 0 not stored (another "
                               "value is there), 0 lines unreadable\n"
                               "stored 1500 values, 1500 were there already, 0 not stored (another "
                               "value is there), 0 lines unreadable\n");
        CHECK_INT(run(shell, "iots import csv mixed.csv --thing %s --time time --host %s", id,
                      relay_url(relay)),
                  0);
        CHECK_TEXT(shell->out, "stored 0 values, 3000 were there already, 0 not stored (another "
                               "value is there), 0 lines unreadable\n");
        relay_stop(relay);
        shell_close(shell);
    }
}

TEST("a conflict can be the end of it, the same value again is none")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    file_put(shell, "a.csv", "time,t\n2025-01-01,1\n2025-01-02,2\n");
    file_put(shell, "b.csv", "time,t\n2025-01-01,1.0\n2025-01-02,2\n2025-01-02,3\n");
    file_put(shell, "c.csv", "time,t\n2025-01-03,1\n2025-01-02,7\n");
    CHECK_INT(run(shell, "iots import csv a.csv --thing %s --tz UTC --on-conflict fail", id), 0);
    CHECK_INT(run(shell, "iots import csv a.csv --thing %s --tz UTC --on-conflict fail", id), 0);
    CHECK_TEXT(shell->out, "stored 0 values, 2 were there already, 0 not stored (another value is "
                           "there), 0 lines unreadable\n");
    CHECK_INT(run(shell, "iots import csv b.csv --thing %s --tz UTC --on-conflict fail", id), 5);
    CHECK_TEXT(shell->err, "iots: b.csv, line 4: t: 3 is not stored, since 2 stands on line 3 at "
                           "2025-01-02T00:00:00Z\n");
    CHECK_INT(run(shell, "iots import csv c.csv --thing %s --tz UTC --on-conflict fail", id), 5);
    CHECK_TEXT(shell->err, "iots: c.csv, line 3: t: 7 is not stored, since 2 is stored at "
                           "2025-01-02T00:00:00Z\n");
    CHECK_TEXT(shell->out, "stored 0 values, 0 were there already, 1 not stored (another value is "
                           "there), 0 lines unreadable; stopped after line 1; "
                           "--on-conflict skip leaves what is stored as it is, and goes on\n");
    CHECK_INT(run(shell, "iots import csv c.csv --thing %s --on-conflict skip", id), 0);
    CHECK_TEXT(shell->out, "stored 1 values, 0 were there already, 1 not stored (another value is "
                           "there), 0 lines unreadable\n");
    CHECK_INT(run(shell, "iots import csv c.csv --thing %s --json", id), 5);
    CHECK_TEXT(shell->out, "{\"stored\": 0, \"there\": 1, \"conflicts\": 1, \"unreadable\": 0, "
                           "\"line\": 3, \"complete\": true}\n");
    CHECK_TEXT(history(shell, id), "2025-01-01T00:00:00Z t=1\n2025-01-02T00:00:00Z t=2\n"
                                   "2025-01-03T00:00:00Z t=1\n");
    shell_close(shell);
}

TEST("a value that is stored already is found among many others, at little cost")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    record(shell, 20000, 0);
    CHECK_INT(run(shell, "iots import csv big.csv --thing %s --tz UTC --map t", id), 0);
    /* Every thousandth line again, one of them with another value, and a new one. */
    CHECK_INT(run(shell,
                  "(sed -n '1p;2~1000p' big.csv | sed '5s/,.*/,7,/'; echo 2024-01-01,1,) > "
                  "few.csv && iots import csv few.csv --thing %s --tz UTC --map t",
                  id),
              5);
    CHECK_TEXT(shell->out, "stored 1 values, 19 were there already, 1 not stored (another value is "
                           "there), 0 lines unreadable\n");
    CHECK(strstr(shell->err, "few.csv, line 5: t: 7 is not stored, since 3000.5 is stored at "
                             "2025-01-01T00:50:00Z\n"));
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
             "2025-01-08,NA,\n"
             ",,\n"
             "2025-01-09,9,9,9\n");
    CHECK_INT(run(shell, "iots import csv a.csv --thing %s --tz UTC", id), 8);
    CHECK_TEXT(shell->err, "iots: a.csv, line 3: t: 'warm' is not a number\n");
    CHECK_TEXT(shell->out,
               "stored 0 values, 0 were there already, 0 not stored (another value is there), 1 "
               "lines unreadable; stopped after line 1; "
               "mend it there and import it again, or pass over such lines with --on-error skip\n");
    CHECK_TEXT(history(shell, id), "");

    CHECK_INT(
        run(shell, "iots import csv a.csv --thing %s --tz UTC --on-error skip --empty NA", id), 0);
    CHECK_TEXT(shell->out, "stored 3 values, 0 were there already, 0 not stored (another value is "
                           "there), 6 lines unreadable\n");
    CHECK_TEXT(shell->err,
               "a.csv, line 3: t: 'warm' is not a number\n"
               "a.csv, line 4: 'soon' is not a time that is recognised; --time-format says how it "
               "is written: '%d.%m.%Y %H:%M', epoch, excel, ...\n"
               "a.csv, line 5: a quoted field that never ends\n"
               "a.csv, line 6: 2 fields, where the names of the columns are 3\n"
               "a.csv, line 11: 4 fields, where the names of the columns are 3\n"
               "a.csv, line 7: small: expected at most 10\n");
    shell_close(shell);
}

TEST("what the server does not want is reported by its line")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    file_put(shell, "a.csv", "time,small\n2025-01-01,1\n2025-01-02,11\n2025-01-03,3\n");
    CHECK_INT(run(shell, "iots import csv a.csv --thing %s --time time", id), 8);
    CHECK(strstr(shell->err, "iots: a.csv, line 3: small: "));
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
    CHECK_TEXT(shell->out, "stored 1 values, 0 were there already, 0 not stored (another value is "
                           "there), 0 lines unreadable\n");
    file_put(shell, "a.csv", "time,t\n2025-01-01,1\n");
    file_put(shell, "c.csv", "when,x\n2025-01-01,1\n");
    // clang-format off
    const struct { const char *rest; int status; const char *sentence; } cases[] = {
        {"csv a.csv --thing %s --time nope", 2, "no column 'nope'; there are: time, t"},
        {"csv a.csv --thing %s --time time --map t=x", 3, "no property 'x'; it has: t, n, s, b, small"},
        {"csv a.csv --thing %s --time time --map x=t", 2, "no column 'x'"},
        {"csv a.csv --thing %s --time time --map t --map t", 2, "two columns are mapped to 't'"},
        {"csv c.csv --thing %s", 2, "which column holds the time? --time COLUMN"},
        {"csv c.csv --thing %s --time when", 2, "no column is called like a property of the Thing, which has: t, n, s, b, small. There are the columns: when, x; --map"},
        {"csv a.csv --thing %s --time-format %%H:%%M", 2, "lacks the year, month or day"},
        {"csv a.csv --thing %s --tz Europe/Berln", 2, "no such time zone"},
        {"csv a.csv --thing %s --decimal x", 2, "expected , or ."},
        {"csv a.csv --thing %s --where t", 2, "expected COLUMN=VALUE"},
        {"csv a.csv --thing %s --where x=1", 2, "no column 'x'"},
        {"csv a.csv --thing %s --name-column t", 2, "--name-column and --value-column go together"},
        {"csv a.csv --thing %s --skip-lines 3", 8, "a.csv: there are only 2 lines"},
        {"csv a.csv --thing %s --skip-lines 2", 8, "a.csv: the file is empty"},
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
    CHECK(strstr(shell->out, "stored 0 values, 0 were there already, 0 not stored (another value "
                             "is there), 0 lines unreadable; stopped after "
                             "line 1"));
    shell_close(shell);
}
