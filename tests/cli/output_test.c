/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, columns, and looking again and again. */
#include "base/test.h"
#include "shell.h"

#define TD                                                                    \
    "--body '{\"title\": \"Boiler, \\\"7\\\"\", \"properties\": {\"t\": {}, " \
    "\"list\": {}}, \"@type\": [\"Boiler\", \"Thing\"]}'"

static const char *thing(shell *shell)
{
    CHECK_INT(run(shell, "iots things create --json " TD), 0);
    const ix_json *thing = json_of(shell->cx, shell->out);
    return ix_json_string(ix_json_member(thing, "uid"));
}

TEST("a list as CSV has titles, whole values, and the line ends of RFC 4180")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    CHECK_INT(run(shell, "iots set %s t=1.5 list='[1, \"a\"]' --quiet > /dev/null", id), 0);
    CHECK_INT(run(shell, "iots things --csv"), 0);
    CHECK_TEXT(shell->out,
               ix_format(cx,
                         "uid,title,@type,categories,model,status\r\n"
                         "%s,\"Boiler, \"\"7\"\"\",\"[\"\"Boiler\"\",\"\"Thing\"\"]\",[],,"
                         "\"{\"\"t\"\":1.5,\"\"list\"\":[1,\"\"a\"\"]}\"\r\n",
                         id));
    CHECK_INT(run(shell, "iots categories --csv"), 0);
    CHECK_TEXT(shell->out, "name,description,model,created\r\n");
    CHECK_INT(run(shell, "iots history list %s --csv | cut -d, -f2-", id), 0);
    CHECK_TEXT(shell->out, "property,value\r\nlist,\"[1,\"\"a\"\"]\"\r\nt,1.5\r\n");
    shell_close(shell);
}

TEST("one document as CSV is one row")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    CHECK_INT(run(shell, "iots set %s t=1.5 --quiet > /dev/null; iots get %s --csv", id, id), 0);
    CHECK_TEXT(shell->out, "t,list\r\n1.5,\r\n");
    CHECK_INT(run(shell, "iots get %s t --csv", id), 0);
    CHECK_TEXT(shell->out, "t\r\n1.5\r\n");
    shell_close(shell);
}

TEST("columns are chosen by title, as members, and by pointers")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    CHECK_INT(run(shell, "iots set %s t=1.5 --quiet > /dev/null", id), 0);
    CHECK_INT(run(shell, "iots things --columns title,status.t,/@type/0,nothing"), 0);
    CHECK_TEXT(shell->out, "title        status.t  /@type/0  nothing\n"
                           "Boiler, \"7\"       1.5  Boiler    -\n");
    CHECK_TEXT(shell->err, "iots: nothing here has a 'nothing'\n");
    CHECK_INT(run(shell, "iots things --columns nothing --quiet --csv"), 0);
    CHECK_TEXT(shell->out, "nothing\r\n\"\"\r\n");
    CHECK_TEXT(shell->err, "");
    CHECK_INT(run(shell, "iots thing get %s --columns status.t --csv", id), 0);
    CHECK_TEXT(shell->out, "status.t\r\n1.5\r\n");
    CHECK_INT(run(shell, "iots history list %s --columns value,property", id), 0);
    CHECK_TEXT(shell->out, "value  property\n  1.5  t\n");
    CHECK_INT(run(shell, "iots categories --columns name"), 0);
    CHECK_TEXT(shell->out, "name\n");

    CHECK_INT(run(shell, "iots things --columns ,"), 2);
    CHECK_INT(run(shell, "iots things --columns a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q"), 2);
    CHECK_INT(run(shell, "iots things --columns uid --json"), 2);
    CHECK_INT(run(shell, "iots things --csv --jsonl"), 2);
    CHECK(strstr(shell->err, "--jsonl and --csv exclude each other"));
    shell_close(shell);
}

TEST("what is looked at again and again is appended in a pipe, with titles once in CSV")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    CHECK_INT(run(shell, "iots set %s t=1 > /dev/null", id), 0);
    CHECK_INT(run(shell, "iots get %s t --watch 50ms | head -n 3", id), 0);
    CHECK_TEXT(shell->out, "1\n1\n1\n");
    CHECK_INT(run(shell, "iots get %s --watch 50ms --csv | head -n 3", id), 0);
    CHECK_TEXT(shell->out, "t,list\r\n1,\r\n1,\r\n");
    CHECK_INT(run(shell, "iots things --watch 50ms --jsonl | head -n 2 | grep -c uid"), 0);
    CHECK_TEXT(said(shell), "2");
    CHECK_INT(run(shell, "iots health get --watch 50ms --jsonl | head -n 2"), 0);
    CHECK_TEXT(shell->out, "{\"status\":\"ok\"}\n{\"status\":\"ok\"}\n");
    shell_close(shell);
}

TEST("only what looks can be done again and again")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots things delete --type x --watch 1s"), 2);
    CHECK_INT(run(shell, "iots things --watch 1ms"), 2);
    CHECK(strstr(shell->err, "--watch: at least 50 ms"));
    CHECK_INT(run(shell, "iots things --watch 1s --json"), 2);
    CHECK_INT(run(shell, "iots category get Nope --watch 50ms"), 3);
    shell_close(shell);
}

TEST("new values come as CSV, too")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell);
    CHECK_INT(run(shell,
                  "iots set %s t='a,b' > /dev/null; iots watch %s --rounds 2 --interval 50ms --csv "
                  "| cut -d, -f2-",
                  id, id),
              0);
    CHECK_TEXT(shell->out,
               ix_format(cx, "thing,property,value\r\n%s,t,\"a,b\"\r\n%s,list,null\r\n", id, id));
    shell_close(shell);
}

TEST("CSV has texts as they are, and with --csv-safe none that is a formula; numbers stay numbers")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell,
                  "iots things create --body '{\"title\": \"=1+2\", \"properties\": {\"-p\": "
                  "{}}, \"status\": {\"-p\": -5}}'"),
              0);
    CHECK_INT(run(shell, "iots things --csv --columns title,status.-p"), 0);
    CHECK_TEXT(shell->out, "title,status.-p\r\n=1+2,-5\r\n");
    CHECK_INT(run(shell, "iots things --csv-safe --columns title,status.-p"), 0);
    CHECK_TEXT(shell->out, "title,status.-p\r\n'=1+2,-5\r\n");
    CHECK_INT(run(shell, "iots things --csv-safe --json"), 2);
    CHECK_INT(run(shell, "iots export space one > said && cat one/history/*.csv | head -1"), 0);
    CHECK_TEXT(shell->out, "time,-p\r\n");
    CHECK_INT(run(shell, "iots export space two --csv-safe > said; cat two/history/*.csv"), 0);
    CHECK(strncmp(shell->out, "time,'-p\r\n", 10) == 0);
    CHECK(strstr(shell->out, ",-5\r\n"));
    shell_close(shell);
}
