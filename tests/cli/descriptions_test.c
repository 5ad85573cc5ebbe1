/* SPDX-License-Identifier: Apache-2.0 */
/* Thing Descriptions that are imported: from files and folders, with faults, and in pieces. */
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "shell.h"

/* The titles of all Things, sorted, with commas between. */
static const char *titles(shell *shell)
{
    CHECK_INT(run(shell, "iots things list --csv --columns title | sed 1d | tr -d '\\r' | sort | "
                         "paste -sd,"),
              0);
    return said(shell);
}

/* A folder "tds" with descriptions in every form, one of them at fault. */
static void descriptions_put(shell *shell)
{
    CHECK_INT(run(shell, "mkdir tds tds/deeper"), 0);
    file_put(shell, "tds/a.td.jsonld",
             "{\"title\": \"A\", \"created\": \"2018-11-13T20:20:39+00:00\", \"x:y\": [1]}");
    file_put(shell, "tds/b.json", "[{\"title\": \"B1\"}, {\"title\": 5}, {\"title\": \"B3\"}, 7]");
    file_put(shell, "tds/c.jsonl",
             "{\"title\": \"C1\"}\n\n{\"title\": \"C3\"\n{\"title\": \"C4\"}");
    file_put(shell, "tds/d.json", "{\"title\": \"D\", \"title\": \"E\"}");
    file_put(shell, "tds/read.me", "{\"title\": \"not this one\"}");
    file_put(shell, "tds/deeper/e.json", "{\"title\": \"nor this one\"}");
}

TEST("each description in a folder becomes a Thing, and what fails is reported by its place")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    descriptions_put(shell);
    CHECK_INT(run(shell, "iots import things tds"), 8);
    CHECK_TEXT(shell->out, "created 5 Things, 0 were there already, 4 failed\n");
    CHECK_INT(run(shell, "iots import things tds 2>&1 >/dev/null | cut -d: -f1"), 0);
    CHECK_TEXT(shell->out, "tds/b.json#2\ntds/b.json#4\ntds/c.jsonl#3\ntds/d.json\n");
    CHECK_TEXT(titles(shell), "A,A,B1,B1,B3,B3,C1,C1,C4,C4");
    CHECK_INT(run(shell, "iots categories create name=New --quiet > said && iots import things "
                         "tds/deeper/e.json tds/a.td.jsonld --category New --json"),
              0);
    CHECK_TEXT(shell->out, "{\"created\": 2, \"there\": 0, \"failed\": 0, \"complete\": true}\n");
    CHECK_INT(run(shell, "iots things list --category New --jsonl | wc -l"), 0);
    CHECK_TEXT(said(shell), "2");
    shell_close(shell);
}

TEST("a description that fails can be the end of it")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    descriptions_put(shell);
    CHECK_INT(run(shell, "iots import things tds --on-error fail"), 8);
    CHECK_TEXT(shell->out, "created 2 Things, 0 were there already, 0 failed; stopped\n");
    CHECK(strstr(shell->err, "iots: tds/b.json#2: "));
    CHECK_TEXT(titles(shell), "A,B1");
    shell_close(shell);
}

TEST("with a journal nothing is created twice, and what has failed is tried again")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    descriptions_put(shell);
    CHECK_INT(run(shell, "iots import things tds --journal made"), 8);
    file_put(shell, "tds/d.json", "{\"title\": \"D\"}");
    CHECK_INT(run(shell, "iots import things tds --journal made"), 8);
    CHECK_TEXT(shell->out, "created 1 Things, 5 were there already, 3 failed\n");
    CHECK_TEXT(titles(shell), "A,B1,B3,C1,C4,D");

    /* A description's own times are not the Thing's, journal or not. */
    CHECK_INT(run(shell, "iots things list --title A --jsonl | grep -c '\"created\":\"2018'"), 1);

    /* Killed after the server had it, before the journal was written; and in the midst of a line. */
    CHECK_INT(run(shell, "sed -i '2d' made; printf '{\"from\":\"tds/c' >> made; iots import things "
                         "tds --journal made"),
              8);
    CHECK_TEXT(shell->out, "created 0 Things, 6 were there already, 3 failed\n");
    CHECK_TEXT(titles(shell), "A,B1,B3,C1,C4,D");
    CHECK_INT(run(shell, "grep -c '\"from\":\"tds/a.td.jsonld\".*\"made\":true}$' made"), 0);
    shell_close(shell);
}

TEST("an import that was killed goes on with its journal")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "for i in $(seq 300); do echo \"{\\\"title\\\": \\\"T$i\\\"}\"; done > "
                         "all.jsonl"),
              0);
    run(shell,
        "iots import things all.jsonl --journal made > said & until [ $(grep -c true made) -gt "
        "20 ] 2> said; do :; done; kill -KILL $!; wait");
    CHECK_INT(run(shell, "iots import things all.jsonl --journal made"), 0);
    CHECK_INT(
        run(shell,
            "iots things list --csv --columns title --limit 1000 | sed 1d | sort -u | wc -l; iots "
            "things list --jsonl --limit 1000 | wc -l"),
        0);
    CHECK_TEXT(said(shell), "300\n300");
    shell_close(shell);
}

TEST("mistakes in the call, and a server that is gone, end it at once")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    descriptions_put(shell);
    file_put(shell, "notes", "some text\n");
    // clang-format off
    const struct { const char *rest; int status; const char *sentence; } cases[] = {
        {"", 2, "which files, or which folder?"},
        {"nowhere", 2, "nowhere: No such file or directory"},
        {"tds nowhere", 2, "nowhere: No such file or directory"},
        {"tds/deeper/..", 8, ""},
        {"tds --on-error maybe", 2, "expected skip or fail"},
        {"tds --journal nowhere/made", 2, "nowhere/made: No such file or directory"},
        {"tds --journal notes", 8, "notes, line 1: "},
        {"tds/a.td.jsonld --category Nope", 3, "tds/a.td.jsonld: "},
        {"tds --host http://127.0.0.1:1", 6, "tds/a.td.jsonld: "},
    };
    // clang-format on
    CHECK_INT(run(shell, "mkdir none && iots import things none"), 2);
    CHECK(strstr(shell->err, "none has no .jsonld, .json or .jsonl files"));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int status = run(shell, "iots import things %s", cases[i].rest);
        if (status != cases[i].status || !strstr(shell->err, cases[i].sentence))
            print_error("%s: %d %s", cases[i].rest, status, shell->err);
        CHECK_INT(status, cases[i].status);
        CHECK(strstr(shell->err, cases[i].sentence));
    }
    shell_close(shell);
}

TEST("the descriptions of many vendors go in, out of the space, and into another, unchanged")
{
    const char *data = getenv("IOTS_DATA");
    const char *things = ix_format(cx, "%s/things", data ? data : SHARED_DATA);
    if (access(things, R_OK) != 0) {
        SKIP(ix_format(cx, "%s is not there", things));
        return;
    }
    shell *from = shell_open(cx, AS_CLIENT), *to = shell_open(cx, AS_CLIENT);
    run(from, "iots import things %s --json", things);
    const ix_json *summary = json_of(cx, from->out);
    CHECK(ix_json_int(ix_json_member(summary, "created"), 0) > 30);
    CHECK(ix_json_int(ix_json_member(summary, "failed"), 0) <= 1); /* one repeats a member */
    CHECK_INT(run(from, "iots export space out --quiet"), 0);
    CHECK_INT(run(to,
                  "iots import space %s/out && iots export space again --quiet && diff -r -x "
                  "manifest.json %s/out again",
                  from->home, from->home),
              0);
    shell_close(from);
    shell_close(to);
}
