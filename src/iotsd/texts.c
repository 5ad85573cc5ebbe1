/* SPDX-License-Identifier: Apache-2.0 */
/* Help, man page and completion, read off the tables. */
#include "iotsd/commands.h"

#include <string.h>

#include "base/str.h"

enum { HELP_COLUMN = 30, HELP_WIDTH = 98 };

// clang-format off
static const struct { const char *flag, *sentence; } other_flags[] = {
    {"--config FILE",  "Read settings from this file instead of " SETTINGS_FILE "."},
    {"--check-config", "Say whether the settings are in order, and end."},
    {"--help",         "Show this."},
    {"--version",      "Show the version."},
    {"--man",          "Write the man page to standard output."},
    {"--completion",   "Write the completion for bash to standard output."},
};
// clang-format on
static const size_t other_flag_count = sizeof other_flags / sizeof other_flags[0];

/* What stands for the value: the words of a choice with bars between them. */
static void write_value(ix_buf *out, const setting_row *row)
{
    for (const char *at = row->what; *at; at++)
        ix_buf_char(out, (char)(*at == ' ' ? '|' : *at));
}

/* ---- help ---- */

/* Text from a column on, in lines that are not too long. `used` letters stand in the line already. */
static void write_wrapped(ix_buf *out, size_t used, const char *text)
{
    size_t column = used;
    if (column >= HELP_COLUMN) {
        ix_buf_char(out, '\n');
        column = 0;
    }
    for (; column < HELP_COLUMN; column++)
        ix_buf_char(out, ' ');
    for (ix_str rest = ix_str_of(text); rest.at;) {
        ix_str word;
        rest = ix_str_cut(rest, ' ', &word);
        if (column + 1 + word.len > HELP_WIDTH) {
            ix_buf_format(out, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        } else if (column > HELP_COLUMN) {
            ix_buf_char(out, ' ');
            column++;
        }
        ix_buf_str(out, word);
        column += word.len;
    }
    ix_buf_char(out, '\n');
}

static void write_setting_help(ix_buf *out, const setting_row *row)
{
    const size_t start = out->len;
    ix_buf_format(out, "  --%s ", row->name);
    write_value(out, row);
    ix_buf sentence = {0};
    ix_buf_text(&sentence, row->sentence);
    if (row->fallback)
        ix_buf_format(&sentence, " Default: %s.", row->fallback);
    write_wrapped(out, out->len - start, ix_buf_cstr(&sentence));
    ix_buf_done(&sentence);
}

void command_write_help(ix_buf *out)
{
    ix_buf_text(out, "iotsd, the server of an open, self-hosted Web-of-Things platform.\n\n"
                     "Usage: iotsd [COMMAND] [--SETTING VALUE]...\n\nCommands:\n");
    for (size_t i = 0; i < command_count; i++) {
        const size_t start = out->len;
        ix_buf_format(out, "  %s %s", command_rows[i].words, command_rows[i].args);
        write_wrapped(out, out->len - start, command_rows[i].sentence);
    }
    ix_buf_text(out, "\nFlags:\n");
    for (size_t i = 0; i < other_flag_count; i++) {
        const size_t start = out->len;
        ix_buf_format(out, "  %s", other_flags[i].flag);
        write_wrapped(out, out->len - start, other_flags[i].sentence);
    }
    ix_buf_text(out,
                "\nSettings. --listen 0.0.0.0:80 is `listen = 0.0.0.0:80` in the configuration "
                "file and\nIOTSD_LISTEN=0.0.0.0:80 in the environment; the flag wins over the "
                "environment, and that\nover the file. Sizes take KiB, MiB, GiB; times take ms, "
                "s, m, h, d.\n");
    for (int i = 0; i < SETTING_COUNT; i++)
        write_setting_help(out, &setting_rows[i]);
}

/* ---- man page ---- */

/* Text in which nothing is an order to the formatter. */
static void write_roff(ix_buf *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        ix_buf_text(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            ix_buf_text(out, "\\e");
        else if (*text == '-')
            ix_buf_text(out, "\\-");
        else
            ix_buf_char(out, *text);
    }
}

static void write_roff_item(ix_buf *out, const char *title, const char *args, const char *sentence)
{
    ix_buf_text(out, ".TP\n\\fB");
    write_roff(out, title);
    ix_buf_text(out, "\\fR ");
    write_roff(out, args);
    ix_buf_char(out, '\n');
    write_roff(out, sentence);
    ix_buf_char(out, '\n');
}

static void write_setting_man(ix_buf *out, const setting_row *row)
{
    ix_buf args = {0};
    write_value(&args, row);
    write_roff_item(out, row->name, ix_buf_cstr(&args), row->sentence);
    if (row->fallback) {
        ix_buf_text(out, "Default: ");
        write_roff(out, row->fallback);
        ix_buf_text(out, ".\n");
    }
    if (row->is_waiting)
        ix_buf_text(out, "It has no effect yet.\n");
    ix_buf_done(&args);
}

void command_write_man(ix_buf *out)
{
    ix_buf_text(out,
                ".TH IOTSD 8 \"\" \"iots " IOTS_VERSION "\" \"System administration\"\n"
                ".SH NAME\niotsd \\- Web\\-of\\-Things server\n"
                ".SH SYNOPSIS\n.B iotsd\n[\\fICOMMAND\\fR] [\\fB\\-\\-\\fISETTING VALUE\\fR]...\n"
                ".SH DESCRIPTION\n"
                "iotsd keeps things, their properties, actions, events and history, and offers "
                "them over HTTP.\nWhat it answered with a status of 2xx is on disk.\n"
                ".SH COMMANDS\n");
    for (size_t i = 0; i < command_count; i++)
        write_roff_item(out, command_rows[i].words, command_rows[i].args, command_rows[i].sentence);
    ix_buf_text(
        out,
        "If a server runs on the store, it carries the command out, and what changes holds for its "
        "next request; the command must be given by root or the server's own user. If none "
        "runs, the command works on the store itself. It finds both by the same settings "
        "(\\fBdata\\fR, \\fBstore\\fR, \\fBadmin_socket\\fR) as the server, from "
        "\\fB\\-\\-config\\fR, the environment or flags.\nCommands make no store, "
        "except \\fBrun\\fR, \\fBrestore\\fR and \\fBmigrate\\fR.\n.SH FLAGS\n");
    for (size_t i = 0; i < other_flag_count; i++)
        write_roff_item(out, other_flags[i].flag, "", other_flags[i].sentence);
    ix_buf_text(out,
                ".SH SETTINGS\n"
                "A setting \\fBlisten\\fR is \\fBlisten = \\fIVALUE\\fR in the configuration "
                "file,\n\\fBIOTSD_LISTEN\\fR in the environment and \\fB\\-\\-listen\\fR on the "
                "command line, in rising force.\nIn the file, # begins a line of comment.\n"
                "Variables \\fBIOTSD_...\\fR that name no setting are ignored, with a warning.\n"
                "Sizes take KiB, MiB and GiB; times take ms, s, m, h and d.\n");
    for (int i = 0; i < SETTING_COUNT; i++)
        write_setting_man(out, &setting_rows[i]);
    ix_buf_text(
        out,
        ".SH ENVIRONMENT\n.TP\n\\fBIOTS_SPACE\\fR, \\fBIOTS_CLIENT_ID\\fR, "
        "\\fBIOTS_CLIENT_SECRET\\fR\n"
        "On the first start on an empty store: the space and the client that are made. Without "
        "them the space\nis called default and the credentials are made up and printed.\n"
        ".TP\n\\fBNOTIFY_SOCKET\\fR\nWhere to say that the server is ready (sd_notify).\n"
        ".SH SIGNALS\n.TP\n\\fBSIGTERM\\fR, \\fBSIGINT\\fR\n"
        "Accept nothing more, finish what is under way within ten seconds, end. A second one "
        "ends at once.\n.TP\n\\fBSIGHUP\\fR\nRead the log level and the certificate again.\n"
        ".SH FILES\n.TP\n" SETTINGS_FILE
        "\nSettings, if the file exists.\n.TP\n\\fIdata\\fR/iotsd.sock\n"
        "Administration socket, while a server runs.\n"
        ".SH EXIT STATUS\n0: stopped. 1: could not start or go on. 2: wrong use.\n"
        ".SH SEE ALSO\n.BR iots (1)\n");
}

/* ---- completion ---- */

/* The words of the command line that can follow. */
static void write_flag_words(ix_buf *out)
{
    for (int i = 0; i < SETTING_COUNT; i++)
        ix_buf_format(out, " --%s", setting_rows[i].name);
    for (size_t i = 0; i < other_flag_count; i++) {
        const char *flag = other_flags[i].flag;
        ix_buf_char(out, ' ');
        ix_buf_add(out, flag, strcspn(flag, " "));
    }
    ix_buf_text(out, " --space --scope --redirect-uri --public");
}

static void write_choices(ix_buf *out)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const setting_row *row = &setting_rows[i];
        if (row->type == SETTING_CHOICE)
            ix_buf_format(out, "    --%s) words='%s' ;;\n", row->name, row->what);
        else if (row->type == SETTING_BOOL)
            ix_buf_format(out, "    --%s) words='true false' ;;\n", row->name);
    }
}

/* First words once each; second words under their first. Rows of one first word stand together. */
static void write_command_words(ix_buf *out)
{
    ix_str last = {0};
    ix_buf firsts = {0};
    ix_buf seconds = {0};
    for (size_t i = 0; i < command_count; i++) {
        ix_str first;
        const ix_str second = ix_str_cut(ix_str_of(command_rows[i].words), ' ', &first);
        const bool is_new = !ix_str_equal(first, last);
        if (is_new)
            ix_buf_format(&firsts, " %.*s", (int)first.len, first.at);
        if (is_new && seconds.len > 0 && seconds.at[seconds.len - 1] != '\n')
            ix_buf_text(&seconds, "' ;;\n");
        if (second.at && is_new)
            ix_buf_format(&seconds, "    %.*s) words='", (int)first.len, first.at);
        if (second.at)
            ix_buf_format(&seconds, " %s", second.at);
        last = first;
    }
    if (seconds.len > 0 && seconds.at[seconds.len - 1] != '\n')
        ix_buf_text(&seconds, "' ;;\n");
    ix_buf_format(out, "    iotsd) words=\"$flags%s\" ;;\n%s", ix_buf_cstr(&firsts),
                  ix_buf_cstr(&seconds));
    ix_buf_done(&firsts);
    ix_buf_done(&seconds);
}

void command_write_completion(ix_buf *out)
{
    ix_buf_text(out, "# bash completion for iotsd\n_iotsd()\n{\n"
                     "    local word=\"${COMP_WORDS[COMP_CWORD]}\"\n"
                     "    local before=\"${COMP_WORDS[COMP_CWORD - 1]}\"\n"
                     "    local flags='");
    write_flag_words(out);
    ix_buf_text(out, "'\n    local words=\"$flags\"\n    case \"${before##*/}\" in\n");
    write_command_words(out);
    write_choices(out);
    ix_buf_text(
        out, "    --data | --admin_socket | --mail_spool | --config | --tls_* | backup | restore)\n"
             "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n        return ;;\n"
             "    esac\n"
             "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}\n"
             "complete -F _iotsd iotsd\n");
}
