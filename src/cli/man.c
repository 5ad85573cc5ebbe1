/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page, written from the same tables as the help. */
#include <string.h>

#include "cli/help.h"

/* Text in troff: backslashes and hyphens are written as what they are, and nothing that begins a
 * line is taken for a request. */
static void roff(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\'')
            fputs("\\(aq", out);
        else if (*text == '\n' && (text[1] == '.' || text[1] == '\''))
            fputs("\n\\&", out);
        else
            fputc(*text, out);
    }
}

static void paragraphs(FILE *out, const char *text)
{
    for (ix_str rest = ix_str_of(text); rest.len > 0;) {
        ix_str part;
        rest = ix_str_cut(rest, '\n', &part);
        ix_buf copy = {0};
        ix_buf_str(&copy, part);
        if (part.len > 0) {
            roff(out, ix_buf_cstr(&copy));
            fputc('\n', out);
        } else
            fputs(".PP\n", out);
        ix_buf_done(&copy);
    }
}

static void meanings(FILE *out, const cli_meaning *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fprintf(out, ".TP\n.B %s\n", rows[i].name);
        roff(out, rows[i].text);
        fputc('\n', out);
    }
}

static void flags_print(FILE *out, cli_flags flags)
{
    for (size_t i = 0; i < flags.count; i++) {
        const cli_flag *flag = &flags.at[i];
        fputs(".TP\n\\fB\\-\\-", out);
        roff(out, flag->name);
        fputs("\\fR", out);
        if (flag->value) {
            fputs(flag->kind == FLAG_BOOL ? "[=\\fI" : " \\fI", out);
            roff(out, flag->value);
            fputs(flag->kind == FLAG_BOOL ? "\\fR]" : "\\fR", out);
        }
        fputs(flag->repeats ? " ...\n" : "\n", out);
        roff(out, flag->doc);
        fputc('\n', out);
    }
}

static void command_print(FILE *out, const cli_command *command)
{
    fputs(".SS \"iots ", out);
    roff(out, command->noun);
    if (command->verb) {
        fputc(' ', out);
        roff(out, command->verb);
    }
    if (*command->words) {
        fputc(' ', out);
        roff(out, command->words);
    }
    fputs("\"\n", out);
    roff(out, command->summary);
    fputc('\n', out);
    if (command->text) {
        fputs(".PP\n", out);
        paragraphs(out, command->text);
    }
    flags_print(out, command->flags);
    if (command->examples) {
        fputs(".PP\n.nf\n.RS\n", out);
        paragraphs(out, command->examples);
        fputs(".RE\n.fi\n", out);
    }
}

void man_print(FILE *out, cli_commands all)
{
    fputs(
        ".TH IOTS 1 \"\" \"iots " IOTS_VERSION "\" \"User Commands\"\n"
        ".SH NAME\niots \\- command line of an open Web-of-Things server\n"
        ".SH SYNOPSIS\n.B iots\n.I COMMAND\n[\\fIOPTIONS\\fR]\n"
        ".SH DESCRIPTION\n"
        "Most commands are the operations of the server\\(aqs API: a noun and a verb. Words fill "
        "what stands in the path of the request from left to right; each can be given as an option "
        "instead. A body is given as NAME=VALUE words, or by\n.BR \\-\\-body .\n"
        "A value that is JSON is taken as such; anything else is text.\n"
        ".PP\nLists are followed to their end. Output is a table for people;\n.B \\-\\-json\n"
        "prints one JSON document, and leaves it open should the list break off;\n.B \\-\\-jsonl\n"
        "prints an item a line.\n"
        ".PP\n.B iots things\nis short for\n.BR \"iots things list\" ;\n"
        "a noun may be said in the singular or in the plural.\n"
        ".SH OPTIONS\nThese go with every command.\n",
        out);
    flags_print(out, common_flags);
    fputs(".PP\nAlone,\n.B \\-\\-version\nprints the version, and\n.B \\-\\-man\nthis page.\n"
          ".SH COMMANDS\n",
          out);
    for (size_t i = 0; i < all.count; i++)
        command_print(out, &all.at[i]);
    fputs(".SH ENVIRONMENT\nAn option wins over the environment, the environment over what was "
          "stored by\n.BR \"iots login\" .\n",
          out);
    meanings(out, environment_meanings, environment_meanings_count);
    fputs(".SH FILES\n.TP\n.I ~/.config/iots/config.json\nWhat\n.B iots login\nand\n.B iots space "
          "use\nstored. Nobody but the user can read it.\n"
          ".TP\n.I ~/.config/iots/profiles/NAME.json\nThe same, of other profiles.\n"
          ".TP\n.I ~/.config/iots/profile\nThe name of the one that was chosen by\n.BR \"iots "
          "profile use\" .\n"
          ".TP\n.I ~/.config/iots/tokens.json\nAccess tokens and when they end.\n"
          ".SH EXIT STATUS\n",
          out);
    meanings(out, exit_meanings, exit_meanings_count);
    fputs(".SH SEE ALSO\n.BR iotsd (8)\n", out);
}
