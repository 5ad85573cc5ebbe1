/* SPDX-License-Identifier: Apache-2.0 */
/* Several servers or clients, and where their secrets come from. */
#include "base/test.h"
#include "shell.h"

/* Logs in to a profile. */
static void login(shell *shell, const char *name)
{
    CHECK_INT(run(shell,
                  "echo " SERVER_CLIENT_SECRET " | iots login $HOST --client-id " SERVER_CLIENT_ID
                  " --secret-stdin --space " SERVER_SPACE " --profile %s",
                  name),
              0);
}

TEST("a profile is made by login, listed, chosen and removed")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    login(shell, "work");
    CHECK(strstr(shell->err, "this is the profile 'work'"));
    CHECK_INT(run(shell, "stat -c %%a config/iots/profiles/work.json"), 0);
    CHECK_TEXT(said(shell), "600");
    CHECK_INT(run(shell, "iots spaces"), 2);
    CHECK_INT(run(shell, "iots things --profile work"), 0);
    CHECK_INT(run(shell, "IOTS_PROFILE=work iots things"), 0);

    login(shell, "home");
    CHECK_INT(run(shell, "iots profile use work"), 0);
    CHECK_INT(run(shell, "iots things"), 0);
    CHECK_INT(run(shell, "iots profile list --csv | tr -d '\\r' | sed s,$HOST,HOST,"), 0);
    CHECK_TEXT(shell->out, "name,chosen,host,client,space\n"
                           "home,,HOST," SERVER_CLIENT_ID "," SERVER_SPACE "\n"
                           "work,*,HOST," SERVER_CLIENT_ID "," SERVER_SPACE "\n");
    CHECK_INT(run(shell, "iots profile list --json; iots profile show; iots profile show home"), 0);
    CHECK(!strstr(shell->out, SERVER_CLIENT_SECRET));

    CHECK_INT(run(shell, "iots profile remove work && iots profile list --jsonl | wc -l"), 0);
    CHECK_TEXT(said(shell), "1");
    CHECK_INT(run(shell, "iots things"), 2);
    shell_close(shell);
}

TEST("a profile that is not there is reported, and what to do")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots things --profile nope"), 2);
    CHECK(strstr(shell->err, "there is no profile 'nope'; 'iots profile list' shows them"));
    CHECK_INT(run(shell, "IOTS_PROFILE=nope iots profile list"), 0);
    CHECK_INT(run(shell, "IOTS_PROFILE=../x iots things"), 2);
    CHECK_INT(run(shell, "iots profile use nope"), 3);
    CHECK_INT(run(shell, "iots profile show nope"), 3);
    CHECK_INT(run(shell, "iots profile remove"), 2);
    CHECK_INT(run(shell, "iots profile use default && iots things --profile default"), 0);
    shell_close(shell);
}

TEST("it is shown where each setting comes from")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    login(shell, "work");
    CHECK_INT(run(shell, "IOTS_SPACE=barn iots profile show --profile work --scopes thing --csv "
                         "| tr -d '\\r' | sed s,$HOST,HOST,"),
              0);
    CHECK(strstr(shell->out, "\nhost,HOST,'iots login'\n"));
    CHECK(strstr(shell->out, "\nclient_secret,(set),'iots login'\n"));
    CHECK(strstr(shell->out, "\nscopes,thing,--scopes\n"));
    CHECK(strstr(shell->out, "\nspace,barn,IOTS_SPACE\n"));
    CHECK(strstr(shell->out, "\nca_file,,\n"));
    shell_close(shell);
}

TEST("logging out of one profile leaves the tokens of other clients")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    login(shell, "work");
    CHECK_INT(run(shell, "sed -i 's/^{/{\"https:\\/\\/b.example you \": {\"token\": \"t\", "
                         "\"asked\": \"2026-01-01T00:00:00Z\", \"expires\": "
                         "\"2999-01-01T00:00:00Z\"},/' config/iots/tokens.json && "
                         "iots logout --profile work && cat config/iots/tokens.json"),
              0);
    CHECK(strstr(shell->out, "b.example"));
    CHECK(!strstr(shell->out, SERVER_CLIENT_ID));
    CHECK_INT(run(shell, "test -e config/iots/profiles/work.json"), 1);
    shell_close(shell);
}

TEST("a secret can come from a command, which is run only when a token is needed")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    CHECK_INT(run(shell, "iots login $HOST --client-id " SERVER_CLIENT_ID " --space " SERVER_SPACE
                         " --secret-command 'echo run >> runs; echo " SERVER_CLIENT_SECRET "'"),
              0);
    CHECK_INT(run(shell, "iots things --jsonl && iots things --jsonl && wc -l < runs"), 0);
    CHECK_TEXT(said(shell), "1");
    CHECK_INT(run(shell, "grep -c '\"client_secret\"' config/iots/config.json"), 1);
    CHECK_INT(run(shell, "rm config/iots/tokens.json && iots things --jsonl && wc -l < runs"), 0);
    CHECK_TEXT(said(shell), "2");

    CHECK_INT(run(shell, "IOTS_SECRET_COMMAND='exit 7' iots things --scopes thing"), 1);
    CHECK(strstr(shell->err, "the command for the secret failed: exit 7"));
    CHECK_INT(run(shell, "IOTS_CLIENT_SECRET=wrong iots things --scopes thing"), 4);
    CHECK_INT(run(shell, "iots logout && test ! -e config/iots/config.json"), 0);

    CHECK_INT(run(shell, "iots login $HOST --client-id x --secret-command 'echo wrong'"), 4);
    CHECK_INT(run(shell, "test -e config/iots/config.json"), 1);
    shell_close(shell);
}
