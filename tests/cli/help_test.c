/* SPDX-License-Identifier: Apache-2.0 */
/* Help, of every command that the manual page names. */
#include <stdlib.h>

#include "base/test.h"
#include "shell.h"

TEST("every command has help, and so has every noun")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    CHECK_INT(run(shell, "iots --help"), 0);
    CHECK(strstr(shell->out, "Exit codes"));
    CHECK_INT(run(shell,
                  "iots --man | sed -n "
                  "'s/^\\.SS \"iots \\([a-z\\\\-]*\\( [a-z][a-z\\\\-]*\\)*\\).*/\\1/p' | tr -d "
                  "'\\\\' > all; while read -r c; do iots $c --help > help && grep -q "
                  "'^Usage: iots ' help || echo \"$c\"; iots ${c%%%% *} --help > /dev/null "
                  "|| echo \"$c\"; iots help $c > /dev/null || echo \"$c\"; done < all"),
              0);
    CHECK_TEXT(shell->out, "");
    CHECK_INT(run(shell, "wc -l < all"), 0);
    CHECK(atoi(shell->out) > 50);
    CHECK_INT(run(shell, "iots --version"), 0);
    CHECK(strstr(shell->out, "iots 0."));
    shell_close(shell);
}

TEST("every command has examples, which are commands with options that exist")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    CHECK_INT(
        run(shell,
            "iots --man | sed -n "
            "'s/^\\.SS \"iots \\([a-z\\\\-]*\\( [a-z][a-z\\\\-]*\\)*\\).*/\\1/p' | tr -d "
            "'\\\\' > all; while read -r c; do iots $c --help | sed '1,/^Examples/d; /^$/,$d' "
            "> lines; test -s lines || echo \"$c has none\"; cat lines >> examples; done < all"),
        0);
    CHECK_TEXT(shell->out, "");
    /* What stands behind is for the shell; with --help, options are read and nothing is done. */
    CHECK_INT(run(shell,
                  "grep '^  iots ' examples | sed 's/ # .*//; s/ [<>][<>]* [a-z~].*//' > lines; "
                  "while read -r "
                  "line; do eval \"$line --help\" > help 2>&1 && grep -q ^Usage help || { "
                  "echo \"$line\"; cat help; }; done < lines; wc -l < lines"),
              0);
    CHECK(atoi(shell->out) > 80);
    shell_close(shell);
}
