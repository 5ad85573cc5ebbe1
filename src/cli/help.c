/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

#include "cli/exit_code.h"
#include "cli/profile.h"

// clang-format off
const cli_meaning exit_meanings[] = {
#define EXIT_ROW(id, value, text) {#value, text},
    EXITS(EXIT_ROW)
#undef EXIT_ROW
};

const cli_meaning environment_meanings[] = {
#define SETTING(id, key, option, variable, is_stored, what, text) {variable, text},
#include "cli/profile.def"
#undef SETTING
    {"IOTS_PROFILE", "Which of the stored profiles to use; else the one chosen by 'iots profile use'."},
    {"NO_COLOR", "Anything: no colours."},
    {"XDG_CONFIG_HOME", "The folder in which things are stored, below iots/; by default ~/.config."},
};
// clang-format on

const size_t exit_meanings_count = sizeof exit_meanings / sizeof exit_meanings[0];
const size_t environment_meanings_count =
    sizeof environment_meanings / sizeof environment_meanings[0];

enum { WIDTH = 100, INDENT = 2, GAP = 2, LEFT_MAX = 30 };

/* ---- lines ---- */

static size_t width_of(const cli_screen *screen)
{
    return screen->width > 40 && screen->width < WIDTH ? (size_t)screen->width : WIDTH;
}

static void title(const cli_screen *screen, const char *text)
{
    fprintf(screen->out, "\n%s%s%s\n", style_begin(screen, STYLE_HEADING), text,
            style_end(screen, STYLE_HEADING));
}

static void paragraph(const cli_screen *screen, const char *text)
{
    for (ix_str rest = ix_str_of(text); rest.len > 0;) {
        ix_buf line = {0};
        ix_str part;
        rest = ix_str_cut(rest, '\n', &part);
        text_wrap(&line, part, 0, 0, width_of(screen));
        fprintf(screen->out, "%s\n", ix_buf_cstr(&line));
        ix_buf_done(&line);
    }
}

/* A name and what it means beside it, or below it if it is long. */
static void entry(const cli_screen *screen, const char *name, const char *text, size_t left)
{
    ix_buf line = {0};
    const size_t width = text_width(ix_str_of(name));
    ix_buf_format(&line, "%*s%s%s%s", INDENT, "", style_begin(screen, STYLE_NAME), name,
                  style_end(screen, STYLE_NAME));
    if (width > left)
        ix_buf_format(&line, "\n%*s", (int)(INDENT + left + GAP), "");
    else
        ix_buf_format(&line, "%*s", (int)(left - width + GAP), "");
    text_wrap(&line, ix_str_of(text), INDENT + left + GAP, INDENT + left + GAP, width_of(screen));
    fprintf(screen->out, "%s\n", ix_buf_cstr(&line));
    ix_buf_done(&line);
}

static size_t wider(size_t width, const char *text)
{
    const size_t other = text_width(ix_str_of(text));
    return other > width && other <= LEFT_MAX ? other : width;
}

static void meanings(const cli_screen *screen, const cli_meaning *rows, size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        left = wider(left, rows[i].name);
    for (size_t i = 0; i < count; i++)
        entry(screen, rows[i].name, rows[i].text, left);
}

/* ---- flags ---- */

static const char *flag_text(ix_buf *buf, const cli_flag *flag)
{
    ix_buf_clear(buf);
    ix_buf_format(buf, "--%s", flag->name);
    if (flag->kind == FLAG_VALUE)
        ix_buf_format(buf, " %s", flag->value);
    else if (flag->kind == FLAG_BOOL)
        ix_buf_format(buf, "[=%s]", flag->value);
    if (flag->repeats)
        ix_buf_text(buf, " ...");
    return ix_buf_cstr(buf);
}

static void flags_print(const cli_screen *screen, cli_flags flags)
{
    size_t left = 0;
    ix_buf name = {0};
    for (size_t i = 0; i < flags.count; i++)
        left = wider(left, flag_text(&name, &flags.at[i]));
    for (size_t i = 0; i < flags.count; i++)
        entry(screen, flag_text(&name, &flags.at[i]), flags.at[i].doc, left);
    ix_buf_done(&name);
}

/* ---- what a body holds ---- */

static void field_types(ix_buf *buf, const ix_field *field)
{
    // clang-format off
    static const struct { unsigned bit; const char *name; } types[] = {
        {IX_T_STRING, "text"}, {IX_T_INT, "integer"}, {IX_T_NUMBER, "number"}, {IX_T_BOOL, "true or false"},
        {IX_T_OBJECT, "object"}, {IX_T_ARRAY, "array"}, {IX_T_TIME, "time"}, {IX_T_ANY, "any JSON"},
    };
    // clang-format on
    const size_t begin = buf->len;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (field->type & types[i].bit)
            ix_buf_format(buf, "%s%s", buf->len > begin ? " or " : "", types[i].name);
    }
}

static const char *field_name(const ix_field *field)
{
    return strcmp(field->name, "*") == 0 ? "NAME" : field->name;
}

static void fields_print(const cli_screen *screen, const ix_schema *schema)
{
    size_t left = 0;
    for (size_t i = 0; i < schema->count; i++)
        left = wider(left, field_name(&schema->fields[i]));
    for (size_t i = 0; i < schema->count; i++) {
        const ix_field *field = &schema->fields[i];
        if (field->flags & IX_READ_ONLY)
            continue;
        ix_buf text = {0};
        ix_buf_text(&text, field->doc);
        ix_buf_text(&text, " (");
        field_types(&text, field);
        if (field->flags & IX_REQUIRED)
            ix_buf_text(&text, "; required");
        ix_buf_char(&text, ')');
        entry(screen, field_name(field), ix_buf_cstr(&text), left);
        ix_buf_done(&text);
    }
}

/* ---- commands ---- */

static void command_name(ix_buf *buf, const cli_command *command)
{
    ix_buf_format(buf, "%s%s%s", command->noun, command->verb ? " " : "",
                  command->verb ? command->verb : "");
}

static void usage_print(const cli_screen *screen, const cli_command *command)
{
    ix_buf line = {0};
    ix_buf_text(&line, "Usage: iots ");
    command_name(&line, command);
    if (*command->words)
        ix_buf_format(&line, " %s", command->words);
    ix_buf_text(&line, " [OPTIONS]");
    fprintf(screen->out, "%s\n", ix_buf_cstr(&line));
    ix_buf_done(&line);
}

static void examples_print(const cli_screen *screen, const char *examples)
{
    title(screen, "Examples");
    for (ix_str rest = ix_str_of(examples); rest.len > 0;) {
        ix_str line;
        rest = ix_str_cut(rest, '\n', &line);
        fprintf(screen->out, "%*s%.*s\n", INDENT, "", (int)line.len, line.at);
    }
}

void help_command(const cli_screen *screen, const cli_command *command)
{
    const ix_op *op = command->op;
    usage_print(screen, command);
    fputc('\n', screen->out);
    paragraph(screen, command->summary);
    if (command->text) {
        fputc('\n', screen->out);
        paragraph(screen, command->text);
    }
    if (op && op->body && op->body->count > 0) {
        title(screen, "Members of the body");
        fields_print(screen, op->body);
        if (op->body->has_additional_members)
            fputs("  Any other member is kept as it is.\n", screen->out);
        fprintf(screen->out, "\n%s\n",
                "A VALUE that is JSON is taken as such (21.5, true, null, '\"21\"', '[1, 2]'); "
                "anything "
                "else is text.");
    }
    if (command->flags.count > 0) {
        title(screen, "Options");
        flags_print(screen, command->flags);
    }
    title(screen, "Options of every command");
    flags_print(screen, common_flags);
    if (command->examples)
        examples_print(screen, command->examples);
    if (op)
        fprintf(screen->out, "\nThe request: %s %s\n", ix_method_name(op->method), op->path);
}

void help_noun(const cli_screen *screen, cli_commands all, const char *noun)
{
    fprintf(screen->out, "Usage: iots %s COMMAND [OPTIONS]\n", noun);
    title(screen, "Commands");
    size_t left = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < all.count; i++) {
            const cli_command *command = &all.at[i];
            if (strcmp(command->noun, noun) != 0 || !command->verb)
                continue;
            if (pass == 0)
                left = wider(left, command->verb);
            else
                entry(screen, command->verb, command->summary, left);
        }
    }
    fprintf(screen->out, "\n'iots %s COMMAND --help' says more.\n", noun);
}

/* The verbs of a noun, in one line. */
static void noun_print(const cli_screen *screen, cli_commands all, size_t first, size_t left)
{
    ix_buf verbs = {0};
    for (size_t i = first; i < all.count; i++) {
        if (strcmp(all.at[i].noun, all.at[first].noun) == 0)
            ix_buf_format(&verbs, "%s%s", verbs.len > 0 ? ", " : "", all.at[i].verb);
    }
    entry(screen, all.at[first].noun, ix_buf_cstr(&verbs), left);
    ix_buf_done(&verbs);
}

/* Of the operations: what has code of its own is listed by itself. */
static bool is_first_of_noun(cli_commands all, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (all.at[i].op && strcmp(all.at[i].noun, all.at[index].noun) == 0)
            return false;
    }
    return true;
}

void help_program(const cli_screen *screen, cli_commands all)
{
    fputs("Usage: iots COMMAND [OPTIONS]\n\n"
          "The command line of iots, an open Web-of-Things server.\n",
          screen->out);
    size_t left = 0;
    ix_buf name = {0};
    for (size_t i = 0; i < all.count; i++) {
        ix_buf_clear(&name);
        command_name(&name, &all.at[i]);
        left = wider(left, all.at[i].op ? all.at[i].noun : ix_buf_cstr(&name));
    }
    title(screen, "Commands");
    for (size_t i = 0; i < all.count && !all.at[i].op; i++) {
        ix_buf_clear(&name);
        command_name(&name, &all.at[i]);
        entry(screen, ix_buf_cstr(&name), all.at[i].summary, left);
    }
    ix_buf_done(&name);
    title(screen, "Operations of the server");
    for (size_t i = 0; i < all.count; i++) {
        if (all.at[i].op && is_first_of_noun(all, i))
            noun_print(screen, all, i, left);
    }
    fputs("\n  'iots things' is short for 'iots things list'; thing and things, category and "
          "categories\n  and so on are the same.\n",
          screen->out);
    title(screen, "Options of every command");
    flags_print(screen, common_flags);
    fputs("\n  Alone: --version prints the version, --man the manual page.\n", screen->out);
    title(screen, "Environment");
    meanings(screen, environment_meanings, environment_meanings_count);
    fputs(
        "\n  An option wins over the environment, the environment over what 'iots login' stored.\n",
        screen->out);
    title(screen, "Exit codes");
    meanings(screen, exit_meanings, exit_meanings_count);
    title(screen, "Examples");
    fputs("  iots login http://127.0.0.1:8080\n"
          "  iots space use farm\n"
          "  iots things list --property temperature=gt:20\n"
          "  iots set 01GQ2E9M2Y45BX9EW0F2BM032Q target=21.5\n"
          "  iots history plot --title 'Boiler 7' temperature --since 7d\n"
          "\n'iots COMMAND --help' says more about each.\n",
          screen->out);
}
