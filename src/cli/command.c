/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <iots/iots.h>
#include <string.h>

#include "cli/body.h"
#include "cli/op_show.h"
#include "cli/profile.h"

/* ---- flags of every command ---- */

static const cli_flag common[] = {
#define SETTING(id, key, option, variable, is_stored, what, text) \
    {.name = (option), .kind = FLAG_VALUE, .value = (what), .doc = (text)},
#include "cli/profile.def"
#undef SETTING
    {.name = "profile",
     .kind = FLAG_VALUE,
     .value = "NAME",
     .doc = "Which of the stored profiles to use; see 'iots profile list'."},
    {.name = "insecure", .kind = FLAG_SWITCH, .doc = "Do not check the server's certificate."},
    {.name = "timeout",
     .kind = FLAG_VALUE,
     .value = "TIME",
     .doc =
         "The longest silence of the server to put up with, as 500ms, 2s or 1m; 30s by default."},
    {.name = "json", .kind = FLAG_SWITCH, .doc = "Print one JSON document."},
    {.name = "jsonl", .kind = FLAG_SWITCH, .doc = "Print JSON, one item a line."},
    {.name = "csv",
     .kind = FLAG_SWITCH,
     .doc = "Print CSV as in RFC 4180, with a line of titles. Texts go as they are: what begins "
            "with = + - or @ is a formula to a spreadsheet."},
    {.name = "csv-safe",
     .kind = FLAG_SWITCH,
     .doc = "CSV for spreadsheets: such texts, but no numbers, have ' in front."},
    {.name = "columns",
     .kind = FLAG_VALUE,
     .value = "NAME,...",
     .doc = "The columns of a table or of CSV: titles, members such as status.temperature, or JSON "
            "Pointers."},
    {.name = "quiet", .kind = FLAG_SWITCH, .doc = "No progress and no remarks on standard error."},
    {.name = "help", .kind = FLAG_SWITCH, .doc = "Say what the command does."},
};

const cli_flags common_flags = {common, sizeof common / sizeof common[0]};

/* ---- from rows to commands ---- */

const char *var_flag(ix_ctx *cx, ix_var var)
{
    char *copy = ix_strdup(cx, ix_vars[var].name);
    for (char *at = copy; at && *at; at++) {
        if (*at == '_')
            *at = '-';
    }
    return copy;
}

static ix_var var_named(ix_str name)
{
    int var = 0;
    while (var < IX_VAR_COUNT && !ix_str_is(name, ix_vars[var].name))
        var++;
    return (ix_var)var;
}

size_t op_vars(const ix_op *op, ix_var ret[IX_VAR_COUNT])
{
    size_t count = 0;
    for (const char *at = strchr(op->path, '{'); at; at = strchr(at + 1, '{')) {
        const ix_var var = var_named((ix_str){at + 1, strcspn(at + 1, "}")});
        if (var != IX_VAR_space && var != IX_VAR_COUNT)
            ret[count++] = var;
    }
    return count;
}

bool op_has_space(const ix_op *op)
{
    return strstr(op->path, "{space}") != NULL;
}

static const char thing_doc[] =
    "The Thing's ID, or its first characters (4 or more) where no other begins with them.";

static const cli_flag *flags_of_op(ix_ctx *cx, const ix_op *op, size_t *ret_count)
{
    enum { FURTHER = 6 };
    cli_flag *flags = ix_new(cx, cli_flag, (size_t)IX_VAR_COUNT + IX_PARAM_COUNT + FURTHER);
    if (!flags)
        return NULL;

    size_t count = 0;
    ix_var vars[IX_VAR_COUNT];
    const size_t var_count = op_vars(op, vars);
    for (size_t i = 0; i < var_count; i++)
        flags[count++] =
            (cli_flag){.name = var_flag(cx, vars[i]),
                       .kind = FLAG_VALUE,
                       .value = ix_vars[vars[i]].check == IX_CHECK_ULID ? "ID" : "NAME",
                       .doc = vars[i] == IX_VAR_thing ? thing_doc : ix_vars[vars[i]].doc};
    if (strstr(op->path, "{thing}"))
        flags[count++] = (cli_flag)FLAG_TITLE;
    if (op->flags & IX_ALSO_IN_CATEGORY)
        flags[count++] =
            (cli_flag){.name = "category",
                       .kind = FLAG_VALUE,
                       .value = "NAME",
                       .doc = "Go by way of this Category: nothing outside it is found."};
    for (int i = 0; i < IX_PARAM_COUNT; i++) {
        if (!(ix_op_params(op) >> i & 1))
            continue;
        const ix_param_row *row = &ix_params[i];
        static const char *const values[] = {
            [IX_PARAM_BOOL] = "BOOL",           [IX_PARAM_INT] = "N",
            [IX_PARAM_TEXT] = "TEXT",           [IX_PARAM_LIST] = "TEXT",
            [IX_PARAM_MAP] = "NAME=[OP:]VALUE",
        };
        flags[count++] =
            (cli_flag){.name = row->flag,
                       .kind = row->type == IX_PARAM_BOOL ? FLAG_BOOL : FLAG_VALUE,
                       .value = row->type == IX_PARAM_WORD ? row->fallback : values[row->type],
                       .doc = row->doc,
                       .repeats = row->type == IX_PARAM_LIST || row->type == IX_PARAM_MAP};
    }
    if (op->flags & IX_PAGED || show_of(op)->reply == REPLY_BATCHES)
        flags[count++] = (cli_flag){
            .name = "max", .kind = FLAG_VALUE, .value = "N", .doc = "Stop after this many items."};
    if (op->flags & IX_PAGED)
        flags[count++] =
            (cli_flag){.name = "page",
                       .kind = FLAG_SWITCH,
                       .doc = "One page only, and where the pages before and after it begin."};
    if (op->body_kind != IX_BODY_NONE)
        flags[count++] = (cli_flag){
            .name = "body",
            .kind = FLAG_VALUE,
            .value = "JSON",
            .doc = "The body: JSON, @file, or - for standard input; instead of NAME=VALUE words."};
    if (op->method == IX_GET)
        flags[count++] = (cli_flag)FLAG_WATCH;
    *ret_count = count;
    return ix_failed(cx) ? NULL : flags;
}

/* action_id as a word to be filled in: ACTION-ID. */
static char upper(char c)
{
    static const char from[] = "abcdefghijklmnopqrstuvwxyz_", to[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-";
    const char *found = memchr(from, c, sizeof from - 1);
    if (!found)
        return c;
    return to[found - from];
}

static const char *words_of_op(ix_ctx *cx, const ix_op *op)
{
    ix_buf words = {0};
    ix_var vars[IX_VAR_COUNT];
    const size_t count = op_vars(op, vars);
    for (size_t i = 0; i < count; i++) {
        const bool is_optional = i + 1 == count && show_of(op)->of_all;
        ix_buf_text(&words, is_optional ? "[" : "");
        for (const char *at = ix_vars[vars[i]].name; *at; at++)
            ix_buf_char(&words, upper(*at));
        ix_buf_text(&words, is_optional ? "] " : " ");
    }
    ix_buf_text(&words, body_words(op));
    const ix_str all = ix_str_trim((ix_str){ix_buf_cstr(&words), words.len});
    const char *copy = words.failed ? NULL : ix_strndup(cx, all.at, all.len);
    ix_buf_done(&words);
    return copy;
}

bool command_of_op(ix_ctx *cx, const ix_op *op, cli_command *ret)
{
    const op_show *show = show_of(op);
    size_t count = 0;
    *ret = (cli_command){
        .noun = show->noun,
        .verb = show->verb,
        .words = words_of_op(cx, op),
        .summary = op->summary,
        .examples = show->examples,
        .flags.at = flags_of_op(cx, op, &count),
        .op = op,
    };
    ret->flags.count = count;
    return ret->flags.at && ret->words;
}

/* ---- from words to a command ---- */

static const cli_command *command_named(cli_commands all, const char *noun, const char *verb)
{
    for (size_t i = 0; i < all.count; i++) {
        const cli_command *command = &all.at[i];
        if (strcmp(command->noun, noun) == 0 &&
            (verb ? command->verb && strcmp(command->verb, verb) == 0 : !command->verb))
            return command;
    }
    return NULL;
}

bool noun_exists(cli_commands all, const char *noun)
{
    for (size_t i = 0; i < all.count; i++) {
        if (strcmp(all.at[i].noun, noun) == 0)
            return true;
    }
    return false;
}

/* One of many and many of one: thing and things, category and categories. NULL if `noun` has no
 * other number. */
static const char *other_number(ix_ctx *cx, const char *noun)
{
    const size_t len = strlen(noun);
    if (len > 3 && strcmp(noun + len - 3, "ies") == 0)
        return ix_format(cx, "%.*sy", (int)(len - 3), noun);
    if (len > 1 && noun[len - 1] == 's')
        return ix_strndup(cx, noun, len - 1);
    if (len > 1 && noun[len - 1] == 'y')
        return ix_format(cx, "%.*sies", (int)(len - 1), noun);
    return ix_format(cx, "%ss", noun);
}

static bool fail_noun(ix_ctx *cx, cli_commands all, const char *noun)
{
    for (size_t i = 0; i < all.count; i++) {
        if (text_is_near(noun, all.at[i].noun))
            return ix_fail(cx, IOTS_USAGE, "there is no command '%s'; did you mean '%s'?", noun,
                           all.at[i].noun);
    }
    return ix_fail(cx, IOTS_USAGE, "there is no command '%s'", noun);
}

static bool fail_verb(ix_ctx *cx, cli_commands all, const char *noun, const char *verb)
{
    for (size_t i = 0; i < all.count; i++) {
        const cli_command *command = &all.at[i];
        if (strcmp(command->noun, noun) == 0 && command->verb && text_is_near(verb, command->verb))
            return ix_fail(cx, IOTS_USAGE, "there is no command '%s %s'; did you mean '%s %s'?",
                           noun, verb, noun, command->verb);
    }
    return ix_fail(cx, IOTS_USAGE, "there is no command '%s %s'", noun, verb);
}

bool command_find(ix_ctx *cx, cli_commands all, const char *const *words, size_t count,
                  const cli_command **ret, size_t *ret_used)
{
    const char *noun = words[0], *verb = count > 1 ? words[1] : NULL;
    const char *other = other_number(cx, noun);
    if (!other)
        return false;

    const cli_command *found = command_named(all, noun, NULL);
    *ret_used = 1;
    if (!found && !verb)
        found = command_named(all, noun, "list");
    if (!found && verb) {
        *ret_used = 2;
        found = command_named(all, noun, verb);
        if (!found)
            found = command_named(all, other, verb);
    }
    *ret = found;
    if (found)
        return true;
    if (!noun_exists(all, noun) && !noun_exists(all, other))
        return fail_noun(cx, all, noun);
    return !verb || fail_verb(cx, all, noun_exists(all, noun) ? noun : other, verb);
}

/* ---- from a command line to a request ---- */

typedef struct params {
    iots_param *at;
    size_t count;
} params;

/* There is room for as many as flags were given, and for the path variables. */
static void params_add(params *params, const char *name, const char *value)
{
    params->at[params->count++] = (iots_param){name, value};
}

/* Path variables from their flags, then from words in order; *ret_used words were needed. */
static bool vars_read(ix_ctx *cx, const ix_op *op, const cli_args *args, cli_request *request,
                      size_t *ret_used)
{
    ix_var vars[IX_VAR_COUNT];
    const size_t count = op_vars(op, vars);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const char *flag = var_flag(cx, vars[i]);
        const char *value = flag ? args_value(args, flag) : NULL;
        const char *title = vars[i] == IX_VAR_thing ? args_value(args, "title") : NULL;
        if (value && title)
            return ix_fail(cx, IOTS_USAGE, "--%s and --title exclude each other", flag);
        if (title) {
            value = title;
            request->is_title = true;
        }
        if (!value && used < args->word_count)
            value = args->words[used++];
        if (!value && i + 1 == count && show_of(op)->of_all) {
            request->op = show_of(op)->of_all;
            break;
        }
        if (!value)
            return ix_fail(cx, IOTS_USAGE, "%s is missing: --%s",
                           ix_vars[vars[i]].check == IX_CHECK_ULID ? "an ID" : "a name",
                           flag ? flag : "");
        if (!*value)
            return ix_fail(cx, IOTS_USAGE, "--%s is empty", title ? "title" : flag);
        request->vars[vars[i]] = value;
    }
    if (op->flags & IX_ALSO_IN_CATEGORY)
        request->vars[IX_VAR_category] = args_value(args, "category");
    *ret_used = used;
    return true;
}

/* --property name=gt:20 is the parameter property:name with the value gt:20. */
static bool map_add(ix_ctx *cx, const ix_param_row *row, const char *value, params *params)
{
    const char *equals = strchr(value, '=');
    if (!equals || equals == value)
        return ix_fail(cx, IOTS_USAGE, "--%s %s: expected NAME=[OPERATOR:]VALUE", row->flag, value);
    const char *name = ix_format(cx, "%s%.*s", row->name, (int)(equals - value), value);
    params_add(params, name, equals + 1);
    return name != NULL;
}

static bool param_check(ix_ctx *cx, const ix_param_row *row, const char *value)
{
    int64_t number;
    if (row->type == IX_PARAM_INT &&
        (!ix_str_int(ix_str_of(value), &number) || number < row->min || number > row->max)) {
        if (row->max == INT64_MAX)
            return ix_fail(cx, IOTS_USAGE, "--%s %s: expected a positive integer", row->flag,
                           value);
        return ix_fail(cx, IOTS_USAGE, "--%s %s: expected an integer from %lld to %lld", row->flag,
                       value, (long long)row->min, (long long)row->max);
    }
    if (row->type == IX_PARAM_WORD) {
        const char *fault = ix_param_word_fault(cx, row, ix_str_of(value));
        return !fault || ix_fail(cx, IOTS_USAGE, "--%s %s: %s", row->flag, value, fault);
    }
    static const char *const truths[] = {"true", "false", "1", "0"};
    if (row->type != IX_PARAM_BOOL)
        return true;
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        if (ix_str_is_nocase(ix_str_of(value), truths[i]))
            return true;
    }
    return ix_fail(cx, IOTS_USAGE, "--%s=%s: expected true or false", row->flag, value);
}

/* All but those of paging, which are the pager's. */
static bool params_read(ix_ctx *cx, const ix_op *op, const cli_args *args, params *params)
{
    for (int i = 0; i < IX_PARAM_COUNT; i++) {
        const ix_param_row *row = &ix_params[i];
        if (!(op->params >> i & 1))
            continue;
        const bool repeats = row->type == IX_PARAM_LIST || row->type == IX_PARAM_MAP;
        size_t at = 0;
        for (const char *value;
             (value = repeats ? args_each(args, row->flag, &at) : args_value(args, row->flag));) {
            if (!param_check(cx, row, value))
                return false;
            if (row->type != IX_PARAM_MAP)
                params_add(params, row->name, value);
            else if (!map_add(cx, row, value, params))
                return false;
            if (!repeats)
                break;
        }
    }
    return true;
}

static bool body_read(ix_ctx *cx, const ix_op *op, const cli_args *args, size_t first,
                      cli_request *request)
{
    const char *flag = args_value(args, "body");
    const size_t count = args->word_count - first;
    const char *const *words = count > 0 ? args->words + first : NULL;
    const cli_shape shape = show_of(op)->shape;
    const bool may_be_empty =
        op->body_kind == IX_BODY_OPTIONAL || shape == SHAPE_INPUT || shape == SHAPE_DATA;

    if (count > 0 && (op->body_kind == IX_BODY_NONE || flag))
        return ix_fail(cx, IOTS_USAGE, "'%s' is one word too many%s", words[0],
                       flag ? " beside --body" : "");
    if (op->body_kind == IX_BODY_NONE)
        return true;
    if (!flag && count == 0 && !may_be_empty)
        return ix_fail(cx, IOTS_USAGE,
                       "nothing to send: give %s, --body JSON, --body @file, or --body - for "
                       "standard input",
                       body_words(op));
    if (flag)
        request->body = body_of_flag(cx, flag, true);
    else if (count > 0 || shape == SHAPE_INPUT || shape == SHAPE_DATA) {
        const ix_json *body = body_of_words(cx, op, request->vars, words, count);
        request->body = body ? ix_json_text(cx, body) : NULL;
    }
    /* A patch is a list of steps; an object of members to be merged has a type of its own. */
    if (request->body && op->body_kind == IX_BODY_PATCH &&
        request->body[strspn(request->body, " \t\r\n")] == '{')
        request->content_type = "application/merge-patch+json";
    return !ix_failed(cx);
}

bool request_read(ix_ctx *cx, const cli_command *command, const cli_args *args, const char *space,
                  cli_request *ret)
{
    const ix_op *op = command->op;
    cli_request request = {.op = op};
    params params = {.at = ix_new(cx, iots_param, IX_VAR_COUNT + args->given_count + 1)};
    size_t used = 0;
    if (!params.at || !vars_read(cx, op, args, &request, &used) ||
        !params_read(cx, op, args, &params) || !body_read(cx, op, args, used, &request))
        return false;

    if (op_has_space(op)) {
        if (!space || !*space)
            return ix_fail(cx, IOTS_USAGE,
                           "no space: give --space NAME, or choose one for good by 'iots space "
                           "use NAME'");
        request.vars[IX_VAR_space] = space;
    }
    for (int i = 0; i < IX_VAR_COUNT; i++) {
        if (request.vars[i])
            params_add(&params, ix_vars[i].name, request.vars[i]);
    }
    request.params = params.at;
    *ret = request;
    return true;
}

void request_set_thing(cli_request *request, const char *id)
{
    request->vars[IX_VAR_thing] = id;
    request->is_title = false;
    for (iots_param *param = request->params; param->name; param++) {
        if (strcmp(param->name, ix_vars[IX_VAR_thing].name) == 0)
            param->value = id;
    }
}
