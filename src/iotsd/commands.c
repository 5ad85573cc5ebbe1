/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/commands.h"

#include <string.h>

#include "base/str.h"
#include "iotsd/admin.h"
#include "iotsd/serve.h"

const command_row command_rows[] = {
#define COMMAND(...) {__VA_ARGS__},
#include "iotsd/commands.def"
#undef COMMAND
};
const size_t command_count = sizeof command_rows / sizeof command_rows[0];

/* ---- flags ---- */

/* Flags that are no settings. */
typedef struct plain_flag {
    const char *name;
    bool has_value;
    void (*take)(admin_command *command, const char *value);
    const char *of; /* the only commands that take it; NULL: all do */
} plain_flag;

typedef struct reader {
    ix_ctx *cx;
    admin_command *command;
    const char *const *argv;
    int argc, at;
    const plain_flag **given; /* those that are no settings */
    size_t given_count;
    const char **words; /* all that are no flags */
    size_t word_count;
} reader;

static void take_help(admin_command *command, const char *value)
{
    (void)value;
    command->wants_help = true;
}

static void take_version(admin_command *command, const char *value)
{
    (void)value;
    command->wants_version = true;
}

static void take_man(admin_command *command, const char *value)
{
    (void)value;
    command->wants_man = true;
}

static void take_completion(admin_command *command, const char *value)
{
    (void)value;
    command->wants_completion = true;
}

static void take_check(admin_command *command, const char *value)
{
    (void)value;
    command->wants_check = true;
}

static void take_config(admin_command *command, const char *value)
{
    command->config_file = value;
}

static void take_space(admin_command *command, const char *value)
{
    command->spaces[command->space_count++] = value;
}

static void take_scope(admin_command *command, const char *value)
{
    command->scope = value;
}

static void take_redirect(admin_command *command, const char *value)
{
    command->redirects[command->redirect_count++] = value;
}

static void take_public(admin_command *command, const char *value)
{
    (void)value;
    command->is_public = true;
}

// clang-format off
static const plain_flag plain_flags[] = {
    {"help",         false, take_help,       NULL},
    {"version",      false, take_version,    NULL},
    {"man",          false, take_man,        NULL},
    {"completion",   false, take_completion, NULL},
    {"check-config", false, take_check,      NULL},
    {"config",       true,  take_config,     NULL},
    {"space",        true,  take_space,      "client add and user add"},
    {"scope",        true,  take_scope,      "client add and user add"},
    {"redirect-uri", true,  take_redirect,   "client add"},
    {"public",       false, take_public,     "client add"},
};
// clang-format on

static const plain_flag *plain_flag_find(const char *name)
{
    for (size_t i = 0; i < sizeof plain_flags / sizeof plain_flags[0]; i++)
        if (strcmp(plain_flags[i].name, name) == 0)
            return &plain_flags[i];
    return NULL;
}

/* --name VALUE or --name=VALUE. */
static bool read_flag(reader *reader)
{
    admin_command *command = reader->command;
    const char *text = reader->argv[reader->at] + 2;
    const char *equals = strchr(text, '=');
    const char *name =
        ix_strndup(reader->cx, text, equals ? (size_t)(equals - text) : strlen(text));
    if (!name)
        return false;
    const plain_flag *flag = plain_flag_find(name);
    if (!flag && !setting_find(name))
        return ix_fail(reader->cx, IOTS_USAGE, "--%s: there is no such setting", name);
    const char *value = equals ? equals + 1 : NULL;
    if (flag && !flag->has_value) {
        if (value)
            return ix_fail(reader->cx, IOTS_USAGE, "--%s: it takes no value", name);
    } else if (!value) {
        value = reader->at + 1 < reader->argc ? reader->argv[++reader->at] : NULL;
        if (!value)
            return ix_fail(reader->cx, IOTS_USAGE, "--%s: there is no value", name);
    }
    if (flag) {
        flag->take(command, value);
        reader->given[reader->given_count++] = flag;
        return true;
    }
    command->flag_names[command->flag_count] = name;
    command->flag_values[command->flag_count++] = value;
    return true;
}

static bool read_words(reader *reader)
{
    bool are_flags_over = false;
    for (reader->at = 1; reader->at < reader->argc; reader->at++) {
        const char *word = reader->argv[reader->at];
        if (are_flags_over || word[0] != '-' || !word[1])
            reader->words[reader->word_count++] = word;
        else if (strcmp(word, "--") == 0)
            are_flags_over = true;
        else if (strcmp(word, "-h") == 0)
            reader->command->wants_help = true;
        else if (word[1] != '-')
            return ix_fail(reader->cx, IOTS_USAGE, "%s: there is no such flag", word);
        else if (!read_flag(reader))
            return false;
    }
    return true;
}

/* ---- which command ---- */

/* How many of the given words the row's words are; 0: others. */
static size_t match_words(const command_row *row, const char *const *words, size_t count)
{
    size_t matched = 0;
    for (ix_str rest = ix_str_of(row->words); rest.at; matched++) {
        ix_str word;
        rest = ix_str_cut(rest, ' ', &word);
        if (matched == count || !ix_str_is(word, words[matched]))
            return 0;
    }
    return matched;
}

static bool find_row(reader *reader)
{
    admin_command *command = reader->command;
    if (reader->word_count == 0) {
        command->row = &command_rows[0];
        return true;
    }
    for (size_t i = 0; i < command_count; i++) {
        const size_t matched = match_words(&command_rows[i], reader->words, reader->word_count);
        if (matched == 0)
            continue;
        command->row = &command_rows[i];
        command->words = reader->words + matched;
        command->word_count = reader->word_count - matched;
        return true;
    }
    return ix_fail(reader->cx, IOTS_USAGE, "there is no command '%s%s%s'", reader->words[0],
                   reader->word_count > 1 ? " " : "",
                   reader->word_count > 1 ? reader->words[1] : "");
}

static bool check_words(reader *reader)
{
    const admin_command *command = reader->command;
    const command_row *row = command->row;
    if (command->word_count < row->least || command->word_count > row->most)
        return ix_fail(reader->cx, IOTS_USAGE, "usage: iotsd %s%s%s", row->words,
                       *row->args ? " " : "", row->args);
    for (size_t i = 0; i < reader->given_count; i++) {
        const plain_flag *flag = reader->given[i];
        if (flag->of && !strstr(flag->of, row->words))
            return ix_fail(reader->cx, IOTS_USAGE, "--%s belongs to %s", flag->name, flag->of);
    }
    return true;
}

/* ---- all of it ---- */

bool command_settings(ix_ctx *cx, const admin_command *command, iotsd_settings *ret)
{
    const char *file = command->config_file ? command->config_file : SETTINGS_FILE;
    if (!settings_init(cx, ret) ||
        !settings_take_file(cx, ret, file, command->config_file != NULL) ||
        !settings_take_env(cx, ret, command->env))
        return false;
    for (int i = 0; i < command->flag_count; i++)
        if (!settings_take_flag(cx, ret, command->flag_names[i], command->flag_values[i]))
            return false;
    return settings_check(cx, ret);
}

bool command_read(ix_ctx *cx, int argc, const char *const *argv, const char *const *env,
                  admin_command *ret)
{
    *ret = (admin_command){.env = env};
    reader reader = {.cx = cx, .command = ret, .argv = argv, .argc = argc};
    const size_t most = (size_t)argc + 1;
    reader.words = ix_new(cx, const char *, most);
    reader.given = ix_new(cx, const plain_flag *, most);
    ret->spaces = ix_new(cx, const char *, most);
    ret->redirects = ix_new(cx, const char *, most);
    ret->flag_names = ix_new(cx, const char *, most);
    ret->flag_values = ix_new(cx, const char *, most);
    if (!reader.words || !reader.given || !ret->spaces || !ret->redirects || !ret->flag_names ||
        !ret->flag_values)
        return false;
    if (!read_words(&reader))
        return false;
    if (ret->wants_help || ret->wants_version || ret->wants_man || ret->wants_completion)
        return true;
    return find_row(&reader) && check_words(&reader) && command_settings(cx, ret, &ret->settings);
}
