/* SPDX-License-Identifier: Apache-2.0 */
/* Things that are reported by their titles, or by the first characters of their IDs. */
#include "base/test.h"
#include "shell.h"

#define FIRST  "01JM00000000000000000AAAAA"
#define SECOND "01JM00000000000000000BBBBB"
#define THIRD  "01KM00000000000000000CCCCC"

static void thing(shell *shell, const char *id, const char *title)
{
    CHECK_INT(run(shell,
                  "iots things create --preserve-uid --quiet > /dev/null --body '{\"uid\": \"%s\", "
                  "\"title\": \"%s\", \"properties\": {\"t\": {}}}'",
                  id, title),
              0);
}

static void things(shell *shell)
{
    thing(shell, FIRST, "One");
    thing(shell, SECOND, "Two");
    thing(shell, THIRD, "Two");
}

TEST("a Thing is found by the first characters of its ID")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    things(shell);
    // clang-format off
    const struct { const char *line; int status; const char *said; } cases[] = {
        {"iots thing get 01km --columns uid --csv", 0, THIRD},
        {"iots thing get 01JM00000000000000000A --columns uid --csv", 0, FIRST},
        {"iots set 01KM t=5 > /dev/null; iots get 01KM t", 0, "5"},
        {"iots property get --thing 01KM --property t --jsonl", 0, "{\"t\":5}"},
        {"iots get 01JM", 2, "there are several Things whose ID begins with '01JM': "
                             FIRST " (One), " SECOND " (Two)"},
        {"iots get 01ZZ", 3, "there is no Thing whose ID begins with '01ZZ'"},
        {"iots get 01K", 8, "thing: expected"}, /* too short: the server is asked for it as it is */
    };
    // clang-format on
    /* Where queries are not allowed, the list is read instead. */
    const char *const scopes[] = {"", "export IOTS_SCOPES=thing; "};
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            const int status = run(shell, "%s%s", scopes[s], cases[i].line);
            const char *reported = status == 0 ? shell->out : shell->err;
            if (status != cases[i].status || !strstr(reported, cases[i].said))
                print_error("%s\n%s", cases[i].line, reported);
            CHECK_INT(status, cases[i].status);
            CHECK(strstr(reported, cases[i].said));
        }
    }
    shell_close(shell);
}

TEST("a Thing is found by its title, if no other has it")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    things(shell);
    CHECK_INT(run(shell, "iots set --title One t=7 > /dev/null; iots get --title One t"), 0);
    CHECK_TEXT(shell->out, "7\n");
    CHECK_INT(run(shell, "iots property get --title One t --csv"), 0);
    CHECK_TEXT(shell->out, "t\r\n7\r\n");
    CHECK_INT(run(shell, "iots watch --title One --rounds 1 | cut -f 2-"), 0);
    CHECK_TEXT(shell->out, FIRST "\tt\t7\n");
    file_put(shell, "a.csv", "time,t\n2025-01-01,1\n");
    CHECK_INT(run(shell, "iots import csv a.csv --title One --time time"), 0);

    CHECK_INT(run(shell, "iots get --title Two"), 2);
    CHECK(strstr(shell->err, "there are several Things whose title is 'Two': " SECOND ", " THIRD));
    CHECK_INT(run(shell, "iots get --title Three"), 3);
    CHECK(strstr(shell->err, "there is no Thing whose title is 'Three'"));
    CHECK_INT(run(shell, "iots property get --title One --thing " FIRST " t"), 2);
    CHECK_INT(run(shell, "iots get --title ''"), 2);
    shell_close(shell);
}

TEST("by way of a Category, nothing outside it is found")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    things(shell);
    CHECK_INT(run(shell, "iots categories create name=Hot --quiet > /dev/null; iots thing update "
                         "01KM title=Two categories='[\"Hot\"]' --quiet > /dev/null"),
              0);
    CHECK_INT(run(shell, "iots thing get --title Two --category Hot --columns uid --csv"), 0);
    CHECK_TEXT(shell->out, "uid\r\n" THIRD "\r\n");
    CHECK_INT(run(shell, "iots thing get 01JM --category Hot"), 3);
    shell_close(shell);
}
