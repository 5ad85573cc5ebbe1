/* SPDX-License-Identifier: Apache-2.0 */
/* Completion in the shells themselves: what they make of the scripts, and what a tab does. */
#include "base/test.h"
#include "shell.h"

#define ID "01JM00000000000000000AAAAA"

/* A Thing to be completed; the scripts of all shells lie in c.bash and so on. */
static void prepare(shell *shell)
{
    CHECK_INT(run(shell,
                  "iots things create --preserve-uid --quiet > /dev/null --body '{\"uid\": \"" ID
                  "\", \"title\": \"Boiler 7\", \"properties\": {\"temperature\": {\"title\": "
                  "\"How hot\"}, \"target\": {}}}' && iots categories create name=Boilers --quiet "
                  "> /dev/null"),
              0);
    CHECK_INT(run(shell, "for s in bash zsh fish; do iots completion $s > c.$s || exit; done"), 0);
    file_put(shell, "recording.csv", "");
    file_put(shell, "m.csv", "Zeitpunkt;temp;\n# daten\ntext,daten\n");
}

static bool has_shell(shell *shell, const char *name)
{
    return run(shell, "command -v %s", name) == 0;
}

TEST("the scripts of completion are understood by their shell")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    prepare(shell);
    CHECK_INT(run(shell, "for s in bash zsh fish; do command -v $s > /dev/null || continue; "
                         "$s -n c.$s || exit 1; done"),
              0);
    CHECK_INT(run(shell, "iots completion tcsh"), 2);
    shell_close(shell);
}

TEST("names are reported with what explains them")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    prepare(shell);
    // clang-format off
    const struct { const char *line, *names; } cases[] = {
        {"iots completion things", ID "\tBoiler 7\n"},
        {"iots completion titles", "Boiler 7\t" ID "\n"},
        {"iots completion categories", "Boilers\n"},
        {"iots completion models", ""},
        {"iots completion spaces", SERVER_SPACE "\n"},
        {"iots completion profiles", ""},
        {"iots completion properties " ID, "temperature\tHow hot\ntarget\n"},
        {"iots completion values 01JM", "temperature=\tHow hot\ntarget=\n"},
        {"iots completion columns m.csv", "Zeitpunkt\ntemp\n"},
        {"iots completion mappings m.csv --skip-lines 2", "text=\ndaten=\n"},
        {"HOME=$PWD; iots completion columns '~/m.csv'", "Zeitpunkt\ntemp\n"},
        {"printf '#group,false\\n,result,table,_time,_value,_field\\n' > i.csv; iots completion columns i.csv",
         "result\ntable\n_time\n_value\n_field\n"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT(run(shell, "%s", cases[i].line), 0);
        CHECK_TEXT(shell->out, cases[i].names);
    }
    CHECK_INT(run(shell, "iots completion properties"), 2);
    CHECK_INT(run(shell, "iots completion columns"), 2);
    CHECK_INT(run(shell, "mkfifo pipe && iots completion columns pipe"), 2);
    CHECK_INT(run(shell, "iots completion columns -"), 2);
    CHECK_INT(run(shell, "iots completion columns recording.csv"), 8);
    shell_close(shell);
}

TEST("a tab runs no command for a secret")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    prepare(shell);
    CHECK_INT(run(shell,
                  "unset IOTS_CLIENT_SECRET; export IOTS_SECRET_COMMAND='touch ran; "
                  "echo " SERVER_CLIENT_SECRET "'; rm config/iots/tokens.json; iots completion "
                  "things; test ! -e ran && iots things --quiet > /dev/null && rm ran && "
                  "iots completion things && test ! -e ran"),
              0);
    CHECK_TEXT(shell->out, ID "\tBoiler 7\n");
    shell_close(shell);
}

/* What is typed, and what the line becomes. */
typedef struct typed {
    const char *line, *becomes;
} typed;

// clang-format off
static const typed lines[] = {
    {"iots compl\t", "iots completion"},
    {"iots history pl\t", "iots history plot"},
    {"iots things list --pag\t", "iots things list --page"},
    {"iots get 01\t", "iots get " ID},
    {"iots get " ID " tem\t", "iots get " ID " temperature"},
    {"iots set " ID " targ\t", "iots set " ID " target="},
    {"iots property get " ID " tem\t", "iots property get " ID " temperature"},
    {"iots --quiet --space " SERVER_SPACE " thing get 01\t",
     "iots --quiet --space " SERVER_SPACE " thing get " ID},
    {"iots things list --category Boi\t", "iots things list --category Boilers"},
    {"iots get --title Boi\t", "iots get --title Boiler\\ 7"},
    {"iots import csv reco\t", "iots import csv recording.csv"},
    {"iots import csv m.csv --time Zei\t", "iots import csv m.csv --time Zeitpunkt"},
    {"iots import csv m.csv --tz UTC --map tem\t", "iots import csv m.csv --tz UTC --map temp="},
    {"iots import csv m.csv --skip-lines 2 --name-column da\t", "iots import csv m.csv --skip-lines 2 --name-column daten"},
    {"iots import csv no.csv --title Boi\t", "iots import csv no.csv --title Boiler\\ 7"},
};

/* Where no space is known but that on the line. */
static const typed lines_of_space[] = {
    {"iots get --space " SERVER_SPACE " 01\t", "iots get --space " SERVER_SPACE " " ID},
    {"iots get --space " SERVER_SPACE " " ID " tem\t", "iots get --space " SERVER_SPACE " " ID " temperature"},
};
// clang-format on
enum {
    LINES = sizeof lines / sizeof lines[0],
    LINES_OF_SPACE = sizeof lines_of_space / sizeof lines_of_space[0],
};

/* At a prompt of the shell that `line` starts, a line is typed; once it has become what it is to be,
 * Ctrl-U makes room for the next one. */
static void type_all(shell *shell, const char *line, const typed *all, size_t count)
{
    ix_ctx *cx = shell->cx;
    step *steps = ix_new(cx, step, count + 2);
    steps[0] = (step){"ready> ", all[0].line};
    for (size_t i = 0; i < count; i++) {
        const char *next = i + 1 < count ? all[i + 1].line : "exit\n";
        const char *last = strrchr(all[i].becomes, ' ') + 1;
        steps[i + 1] = (step){last, ix_format(cx, "\025%s", next)};
    }
    const int status = run_at_terminal(shell, 200, steps, line);
    if (status != 0)
        print_error("%s\n", shell->out);
    CHECK_INT(status, 0);
}

TEST("bash completes commands, options and names")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    if (!has_shell(shell, "bash")) {
        shell_close(shell);
        SKIP("there is no bash");
    }
    prepare(shell);
    file_put(shell, "rc", "PS1='ready> '; . ./c.bash; bind 'set enable-bracketed-paste off'\n");
    type_all(shell, "exec bash --noprofile --rcfile rc -i", lines, LINES);
    type_all(shell, "IOTS_SPACE= exec bash --noprofile --rcfile rc -i", lines_of_space,
             LINES_OF_SPACE);
    shell_close(shell);
}

TEST("zsh completes commands, options and names")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    if (!has_shell(shell, "zsh")) {
        shell_close(shell);
        SKIP("there is no zsh");
    }
    prepare(shell);
    CHECK_INT(run(shell, "mkdir zsh && cp c.zsh zsh/_iots"), 0);
    file_put(shell, "zsh/.zshrc",
             "fpath=($ZDOTDIR $fpath); autoload -U compinit; compinit -u -D; PS1='ready> '\n");
    type_all(shell, "ZDOTDIR=$PWD/zsh exec zsh -d -i", lines, LINES);
    type_all(shell, "IOTS_SPACE= ZDOTDIR=$PWD/zsh exec zsh -d -i", lines_of_space, LINES_OF_SPACE);
    shell_close(shell);
}

/* fish says what it would make of a line; blanks are quoted later. */
static void fish_completes(shell *shell, const char *with, const typed *typed)
{
    CHECK_INT(run(shell, "%sfish -N -c 'source c.fish; complete -C \"%.*s\"' | cut -f 1", with,
                  (int)strcspn(typed->line, "\t"), typed->line),
              0);
    const char *last = strrchr(typed->becomes, ' ') + 1;
    const bool is_title = strstr(typed->line, "--title") != NULL;
    CHECK_TEXT(said(shell), is_title ? "Boiler 7" : last);
}

TEST("fish completes commands, options and names")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    if (!has_shell(shell, "fish")) {
        shell_close(shell);
        SKIP("there is no fish");
    }
    prepare(shell);
    for (size_t i = 0; i < LINES; i++)
        fish_completes(shell, "", &lines[i]);
    for (size_t i = 0; i < LINES_OF_SPACE; i++)
        fish_completes(shell, "IOTS_SPACE= ", &lines_of_space[i]);
    shell_close(shell);
}
