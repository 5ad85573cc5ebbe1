/* SPDX-License-Identifier: Apache-2.0 */
/* Help, of every command that the manual page names. */
#include <stdlib.h>

#include "base/test.h"
#include "shell.h"

/* All commands, a line each, in the file `all`. */
static void list_commands(shell *shell)
{
    CHECK_INT(run(shell, "iots --man | sed -n 's/^\\.SS \"iots \\([a-z\\\\-]*\\( "
                         "[a-z][a-z\\\\-]*\\)*\\).*/\\1/p' | tr -d '\\\\' > all; wc -l < all"),
              0);
    CHECK(atoi(shell->out) > 70);
}

TEST("every command has help with examples, and so has every noun")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    list_commands(shell);
    CHECK_INT(run(shell,
                  "while read -r c; do iots $c --help > help && grep -q '^Usage: iots ' help "
                  "&& sed '1,/^Examples/d; /^$/,$d' help | grep -q . || echo \"$c\"; done < "
                  "all; cut -d ' ' -f 1 all | sort -u | while read -r c; do iots $c --help > "
                  "/dev/null && iots help $c > /dev/null || echo \"$c\"; done"),
              0);
    CHECK_TEXT(shell->out, "");
    CHECK_INT(run(shell, "iots help thing get | head -n 1"), 0);
    CHECK_TEXT(shell->out, "Usage: iots thing get THING [OPTIONS]\n");
    CHECK_INT(run(shell, "iots --help"), 0);
    CHECK(strstr(shell->out, "Exit codes"));
    CHECK_INT(run(shell, "iots --version"), 0);
    CHECK(strstr(shell->out, "iots 0."));
    shell_close(shell);
}

TEST("examples are commands with options that exist")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    /* What stands behind is for the shell; with --help, options are read and nothing is done. */
    CHECK_INT(
        run(shell,
            "iots --man | sed 's/\\\\-/-/g; s/\\\\(aq/'\"'\"'/g; s/\\\\&//; s/\\\\e/\\\\/g' | "
            "sed -n '/^\\.RS/,/^\\.RE/p' | grep '^iots ' | sed 's/ # .*//; s/ [<>][<>]* "
            "[a-z~].*//' > lines; while read -r line; do eval \"$line --help\" > help "
            "2>&1 && grep -q ^Usage help || { echo \"$line\"; cat help; }; done < "
            "lines; wc -l < lines"),
        0);
    if (atoi(shell->out) <= 80)
        print_error("%s\n", shell->out);
    CHECK(atoi(shell->out) > 80);
    shell_close(shell);
}
