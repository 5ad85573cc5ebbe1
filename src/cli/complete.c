/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots completion: what makes bash, zsh and fish complete commands, options and names.
 *
 * The scripts hold the lists of commands and options. For what only the server knows, or a file that is
 * named on the line, they run the program again, with the kind of thing that is wanted (kinds).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/builtins.h"
#include "cli/op_show.h"
#include "cli/session.h"
#include "cli/thing_lookup.h"
#include "cli/transfer/recording.h"

/* What has names that can be asked for. */
typedef struct kind {
    const char *name;
    const char *word;         /* what it is called in the words of a command; NULL: not there */
    const ix_op *op;          /* the list it comes from; NULL: it has code of its own */
    const char *value, *text; /* JSON Pointers into an item: what is typed, what explains it */
} kind;

// clang-format off
static const kind kinds[] = {
    {"things",     "THING",    &ix_ops[IX_OP_things_list],     "/uid",   "/title"},
    {"titles",     NULL,       &ix_ops[IX_OP_things_list],     "/title", "/uid"},
    {"categories", "CATEGORY", &ix_ops[IX_OP_categories_list], "/name",  "/description"},
    {"models",     "MODEL",    &ix_ops[IX_OP_models_list],     "/name",  "/description"},
    {"spaces",     "SPACE",    &ix_ops[IX_OP_spaces_list],     "/name",  NULL},
    {"profiles",   "PROFILE",  NULL,                           NULL,     NULL},
    {"properties", "PROPERTY", NULL,                           NULL,     NULL},
    {"values",     NULL,       NULL,                           NULL,     NULL}, /* property= */
    {"columns",    NULL,       NULL,                           NULL,     NULL}, /* of a file of CSV */
    {"mappings",   NULL,       NULL,                           NULL,     NULL}, /* column= */
};

/* The options whose values have names that can be asked for; `of`: of which command, NULL: of whichever. */
static const struct { const char *flag, *kind, *of; } flag_kinds[] = {
    {"thing", "things", NULL}, {"thing-id", "things", NULL}, {"title", "titles", NULL}, {"category", "categories", NULL},
    {"in", "categories", NULL}, {"model", "models", NULL}, {"space", "spaces", NULL}, {"into", "spaces", NULL},
    {"profile", "profiles", NULL}, {"time", "columns", "import csv"}, {"name-column", "columns", "import csv"},
    {"value-column", "columns", "import csv"}, {"map", "mappings", "import csv"}, {"where", "mappings", "import csv"},
};

/* Options that are passed on with the question: they say whom to ask, and how a file is read. */
#define PASSED_ON "--profile|--space|--delimiter|--skip-lines|--comment"

/* Where the word is, noun and verb included, that a kind is asked about. */
enum { WORD_ASKED_ABOUT = 3 };
// clang-format on

/* Of a kind of which there are more, the newest, or the first, so many. */
enum { NAMES_MAX = 200, WORDS_MAX = 4 };

/* ---- names ---- */

static void name_print(FILE *out, const char *value, const char *end, const char *text)
{
    ix_buf line = {0};
    if (!value || !*value)
        return;
    text_clean(&line, ix_str_of(value));
    ix_buf_text(&line, end);
    if (text && *text) {
        ix_buf_char(&line, '\t');
        text_clean(&line, ix_str_of(text));
    }
    fprintf(out, "%s\n", ix_buf_cstr(&line));
    ix_buf_done(&line);
}

static bool list_print(cli_session *session, const kind *kind)
{
    const bool is_things = kind->op == &ix_ops[IX_OP_things_list];
    const char *space = session->profile.values[SETTING_space];
    const iots_param params[] = {{"space", space ? space : ""},
                                 {is_things ? "sort" : NULL, "-uid"},
                                 {NULL, NULL}};
    if (op_has_space(kind->op) && !session_space(session))
        return false;
    iots_pager *pager =
        iots_api_list(session->api, kind->op->name, op_has_space(kind->op) ? params : NULL,
                      IOTS_LIST(.limit = NAMES_MAX, .retries = -1));
    const iots_json *item;
    for (int i = 0; i < NAMES_MAX && (item = iots_pager_next(pager)); i++)
        name_print(session->out.out, iots_json_string(item, kind->value), "",
                   kind->text ? iots_json_string(item, kind->text) : NULL);
    const bool ok = session_ok(session, iots_pager_reply(pager));
    iots_pager_free(pager);
    return ok;
}

static bool profiles_print(cli_session *session)
{
    const char *const *names;
    if (!profile_names(session->cx, &names))
        return false;
    for (; *names; names++)
        name_print(session->out.out, *names, "", NULL);
    return true;
}

static bool properties_print(cli_session *session, const char *end)
{
    const char *space = session_space(session), *id;
    if (session->args->word_count != 2)
        return ix_fail(session->cx, IOTS_USAGE, "the properties of which Thing?");
    if (!space || !thing_find(session, NULL, session->args->words[1], false, &id))
        return false;
    iots_reply *reply = iots_thing_get(iots_space_thing(iots_api_space(session->api, space), id),
                                       IOTS_CALL(.retries = -1));
    const bool ok = session_ok(session, reply);
    const iots_json *properties = iots_json_at(iots_reply_body(reply), "/properties");
    for (iots_member m = iots_json_members(properties); ok && m.name;
         m = iots_json_members_next(m)) {
        const char *title = iots_json_string(m.value, "/title");
        name_print(session->out.out, m.name, end,
                   title ? title : iots_json_string(m.value, "/unit"));
    }
    iots_reply_free(reply);
    return ok;
}

static void column_print(void *out, ix_str name, const char *end)
{
    ix_buf text = {0};
    ix_buf_str(&text, name);
    if (!text.failed)
        name_print(out, ix_buf_cstr(&text), end, NULL);
    ix_buf_done(&text);
}

/* The names of the columns of a file. Nothing is read that would be gone then, as from a pipe. */
static bool columns_print(cli_session *session, const char *end)
{
    ix_ctx *cx = session->cx;
    const char *path = session->args->word_count == 2 ? session->args->words[1] : NULL;
    const char *home = getenv("HOME");
    if (!path)
        return ix_fail(cx, IOTS_USAGE, "the columns of which file?");
    if (home && strncmp(path, "~/", 2) == 0 && !(path = ix_format(cx, "%s%s", home, path + 1)))
        return false;
    struct stat stat;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool ok = fd >= 0 && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode);
    if (ok)
        ok = csv_columns_visit(cx, session->args, fd, column_print, session->out.out, end);
    else
        ix_fail(cx, IOTS_USAGE, "%.300s: not a file that can be read", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool names_print(cli_session *session, const kind *kind)
{
    if (strcmp(kind->name, "profiles") == 0)
        return profiles_print(session);
    if (strcmp(kind->name, "columns") == 0)
        return columns_print(session, "");
    if (strcmp(kind->name, "mappings") == 0)
        return columns_print(session, "=");
    /* Nobody wants to be asked for a password because of a tab: a kept token does, or nothing. */
    if (profile_has_command(&session->profile))
        session->profile.values[SETTING_secret_command] = "exit 1";
    if (!session_open(session))
        return false;
    if (kind->op)
        return list_print(session, kind);
    return properties_print(session, strcmp(kind->name, "values") == 0 ? "=" : "");
}

/* ---- what is where ---- */

static const cli_command *first_of(cli_commands all, const char *noun)
{
    for (size_t i = 0; i < all.count; i++) {
        if (strcmp(all.at[i].noun, noun) == 0)
            return &all.at[i];
    }
    return NULL;
}

static bool is_first(cli_commands all, const cli_command *command)
{
    return first_of(all, command->noun) == command;
}

/* The flags whose value is a file. */
static bool takes_file(const cli_flag *flag)
{
    return flag->value && strcmp(flag->value, "FILE") == 0;
}

/* Is a kind of names, if it has to be of a command, of this one? */
static bool is_of(const char *of, const cli_command *command)
{
    ix_str noun;
    const ix_str verb = ix_str_cut(ix_str_of(of), ' ', &noun);
    return !of || (command && command->verb && ix_str_is(noun, command->noun) &&
                   ix_str_is(verb, command->verb));
}

/* The kind of a flag's value; NULL: no names can be asked for. *ret_about: of the word there. */
static const char *kind_of_flag(const cli_flag *flag, const cli_command *command, int *ret_about)
{
    for (size_t i = 0; i < sizeof flag_kinds / sizeof flag_kinds[0]; i++) {
        if (flag->kind != FLAG_VALUE || strcmp(flag->name, flag_kinds[i].flag) != 0 ||
            !is_of(flag_kinds[i].of, command))
            continue;
        *ret_about = flag_kinds[i].of ? WORD_ASKED_ABOUT : 0;
        return flag_kinds[i].kind;
    }
    return NULL;
}

/* Does a command take values as name=value, of a Thing's properties? */
static bool sets_values(const cli_command *command)
{
    return command->run == set_run || (command->op && show_of(command->op)->sets_values);
}

/* The kinds of a command's words, in order; "file" for files, NULL for what is free. How many. */
static size_t kinds_of_words(const cli_command *command, const char *ret[WORDS_MAX])
{
    size_t count = 0;
    for (ix_str rest = ix_str_of(command->words), word; rest.len > 0 && count < WORDS_MAX;) {
        rest = ix_str_cut(rest, ' ', &word);
        if (word.len > 1 && word.at[0] == '[')
            word = (ix_str){word.at + 1, word.len - 2};
        ret[count] = ix_str_starts(word, "FILE") || ix_str_is(word, "DIR") ? "file" : NULL;
        if (ix_str_is(word, "NAME=VALUE...") && sets_values(command))
            ret[count] = "values";
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            if (kinds[i].word && ix_str_is(word, kinds[i].word))
                ret[count] = kinds[i].name;
        }
        count++;
    }
    return count;
}

/* Text between single quotes of a shell. */
static void quoted(FILE *out, const char *text, bool is_fish)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            fputs(is_fish ? "\\'" : "'\\''", out);
        else if (*text == '\\' && is_fish)
            fputs("\\\\", out);
        else
            fputc(*text, out);
    }
    fputc('\'', out);
}

static void flag_names(FILE *out, cli_flags flags)
{
    for (size_t i = 0; i < flags.count; i++)
        fprintf(out, " --%s%s", flags.at[i].name, flags.at[i].kind == FLAG_BOOL ? "=" : "");
}

static bool is_said_before(cli_commands all, size_t command, size_t index)
{
    const cli_flag *flag = &all.at[command].flags.at[index];
    for (size_t i = 0; i < command; i++) {
        for (size_t j = 0; j < all.at[i].flags.count; j++) {
            if (strcmp(all.at[i].flags.at[j].name, flag->name) == 0 &&
                all.at[i].flags.at[j].kind == FLAG_VALUE)
                return true;
        }
    }
    return false;
}

/* Every flag that takes a value, once, with `between` between two. */
static void value_flags(FILE *out, cli_commands all, const char *between)
{
    const char *before = "";
    for (size_t i = 0; i < common_flags.count; i++) {
        if (common_flags.at[i].kind != FLAG_VALUE)
            continue;
        fprintf(out, "%s--%s", before, common_flags.at[i].name);
        before = between;
    }
    for (size_t i = 0; i < all.count; i++) {
        for (size_t j = 0; j < all.at[i].flags.count; j++) {
            if (all.at[i].flags.at[j].kind == FLAG_VALUE && !is_said_before(all, i, j))
                fprintf(out, "%s--%s", before, all.at[i].flags.at[j].name);
        }
    }
}

static void noun_names(FILE *out, cli_commands all)
{
    for (size_t i = 0; i < all.count; i++) {
        if (is_first(all, &all.at[i]))
            fprintf(out, " %s", all.at[i].noun);
    }
}

static void verb_names(FILE *out, cli_commands all, const char *noun)
{
    for (size_t i = 0; i < all.count; i++) {
        if (all.at[i].verb && strcmp(all.at[i].noun, noun) == 0)
            fprintf(out, " %s", all.at[i].verb);
    }
}

/* ---- bash ---- */

static void bash_kinds(FILE *out, cli_commands all)
{
    for (size_t i = 0; i < all.count; i++) {
        const char *words[WORDS_MAX];
        const size_t count = kinds_of_words(&all.at[i], words);
        for (size_t j = 0; j < count; j++) {
            if (words[j])
                fprintf(out, "        '%s %s %zu'%s) kind=%s ;;\n", all.at[i].noun,
                        all.at[i].verb ? all.at[i].verb : "", j,
                        strcmp(words[j], "values") == 0 ? "*" : "", words[j]);
        }
    }
}

static void bash_print(FILE *out, cli_commands all)
{
    fputs("# bash completion of iots\n"
          "_iots_plain() {\n"
          "    plain=${1//\\\\/}\n"
          "    plain=${plain#[\\'\\\"]}\n"
          "}\n"
          "_iots_names() {\n"
          "    local line plain\n"
          "    _iots_plain \"$1\"\n"
          "    while IFS= read -r line; do\n"
          "        line=${line%%$'\\t'*}\n"
          "        [[ $line == \"$plain\"* ]] || continue\n"
          "        COMPREPLY+=(\"$line\")\n"
          "        # Blanks in names are quoted as they are in names of files.\n"
          "        [[ $line == *' '* ]] && compopt -o filenames\n"
          "    done < <(iots completion \"${@:2}\" \"${with[@]}\" --timeout 2s 2> /dev/null)\n"
          "}\n"
          "_iots() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} flag= noun= verb= words= kind= given=() "
          "with=() plain i\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        if [[ ${COMP_WORDS[i]} == = ]]; then continue; fi\n"
          "        case $flag in\n"
          "        " PASSED_ON ")\n"
          "            _iots_plain \"${COMP_WORDS[i]}\"\n"
          "            with+=(\"$flag\" \"${plain%[\\'\\\"]}\") ;;\n"
          "        esac\n"
          "        if [[ -n $flag ]]; then flag=; continue; fi\n"
          "        case ${COMP_WORDS[i]} in\n"
          "        ",
          out);
    value_flags(out, all, "|");
    fputs(") flag=${COMP_WORDS[i]} ;;\n"
          "        -*) ;;\n"
          "        *) given+=(\"${COMP_WORDS[i]}\") ;;\n"
          "        esac\n"
          "    done\n"
          "    [[ $word == = ]] && word=\n"
          "    COMPREPLY=()\n"
          "    noun=${given[0]-}\n"
          "    given=(\"${given[@]:1}\")\n"
          "    case $noun in\n"
          "    '') words='",
          out);
    noun_names(out, all);
    fputs(" --help --version --man' ;;\n", out);
    for (size_t i = 0; i < all.count; i++) {
        if (is_first(all, &all.at[i]) && all.at[i].verb) {
            fprintf(out, "    %s) verb=${given[0]-} given=(\"${given[@]:1}\") words='",
                    all.at[i].noun);
            verb_names(out, all, all.at[i].noun);
            fputs("' ;;\n", out);
        }
    }
    fputs("    completion) words=' bash zsh fish' verb=${given[0]-} ;;\n"
          "    esac\n"
          "    [[ -n $verb ]] && words=\n"
          "    case $flag in\n",
          out);
    for (size_t i = 0; i < sizeof flag_kinds / sizeof flag_kinds[0]; i++) {
        if (flag_kinds[i].of)
            fprintf(out, "    --%s) [[ \"$noun $verb\" == '%s' ]] && kind=%s ;;\n",
                    flag_kinds[i].flag, flag_kinds[i].of, flag_kinds[i].kind);
        else
            fprintf(out, "    --%s) kind=%s ;;\n", flag_kinds[i].flag, flag_kinds[i].kind);
    }
    fputs("    --ca-file|--png) kind=file ;;\n"
          "    ?*) return ;;\n"
          "    *)\n"
          "        case \"$noun $verb ${#given[@]}\" in\n",
          out);
    bash_kinds(out, all);
    fputs("        esac ;;\n"
          "    esac\n"
          "    if [[ -z $flag && $word == -* && -n $noun ]]; then\n"
          "        kind= words='",
          out);
    flag_names(out, common_flags);
    fputs("'\n        case \"$noun $verb\" in\n", out);
    for (size_t i = 0; i < all.count; i++) {
        if (all.at[i].flags.count == 0)
            continue;
        fprintf(out, "        '%s %s'%s) words+='", all.at[i].noun,
                all.at[i].verb ? all.at[i].verb : "", all.at[i].verb ? "" : "*");
        flag_names(out, all.at[i].flags);
        fputs("' ;;\n", out);
    }
    fputs("        esac\n"
          "    fi\n"
          "    case $kind in\n"
          "    file) COMPREPLY=($(compgen -f -- \"$word\")); compopt -o filenames ;;\n"
          "    properties|values) _iots_names \"$word\" $kind \"${given[0]-}\" ;;\n"
          "    columns|mappings)\n"
          "        _iots_plain \"${given[0]-}\"\n"
          "        _iots_names \"$word\" $kind \"${plain%[\\'\\\"]}\" ;;\n"
          "    ?*) _iots_names \"$word\" $kind ;;\n"
          "    *) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
          "    esac\n"
          "    [[ ${COMPREPLY-} == *= ]] && compopt -o nospace\n"
          "    return 0\n"
          "}\n"
          "complete -F _iots iots\n",
          out);
}

/* ---- zsh ---- */

/* What _describe and _arguments take for more than text. */
static void zsh_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            fputc('\\', out);
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    }
}

static void zsh_flags(FILE *out, cli_flags flags, const cli_command *command)
{
    for (size_t i = 0; i < flags.count; i++) {
        const cli_flag *flag = &flags.at[i];
        fprintf(out, " \\\n            '%s--%s%s[", flag->repeats ? "*" : "", flag->name,
                flag->kind == FLAG_VALUE ? "=" : "");
        zsh_text(out, flag->doc);
        fputc(']', out);
        if (flag->kind == FLAG_VALUE) {
            int about;
            const char *kind = kind_of_flag(flag, command, &about);
            fputc(':', out);
            zsh_text(out, flag->value);
            if (kind)
                fprintf(out, about ? ": _iots_names %s %d" : ": _iots_names %s", kind, about);
            else
                fputs(takes_file(flag) ? ":_files" : ": ", out);
        }
        fputc('\'', out);
    }
}

/* The words of a command. To _arguments, noun and verb are words as well. */
static void zsh_words(FILE *out, const cli_command *command)
{
    const char *words[WORDS_MAX];
    const size_t count = kinds_of_words(command, words), before = command->verb ? 2 : 1;
    for (size_t i = 0; i < before + count; i++) {
        const char *kind = i < before ? NULL : words[i - before];
        const bool repeats = kind && strcmp(kind, "values") == 0;
        fprintf(out, " '%s: :", repeats ? "*" : "");
        if (!kind)
            fputs(" '", out);
        else if (strcmp(kind, "file") == 0)
            fputs("_files'", out);
        else
            fprintf(out, " _iots_names %s %zu'", kind, before + 1);
    }
}

static void zsh_print(FILE *out, cli_commands all)
{
    fputs("#compdef iots\n"
          "_iots_names() {\n"
          "    local -a lines\n"
          "    [[ $1 == (properties|values|columns|mappings) ]] && set -- $1 ${(Q)given[$2]} ||\n"
          "        set -- $1\n"
          "    lines=(\"${(@f)$(iots completion $* $with --timeout 2s 2> /dev/null)}\")\n"
          "    lines=(\"${(@)lines//:/\\\\:}\")\n"
          "    lines=(\"${(@)lines/$'\\t'/:}\")\n"
          "    if [[ $1 == (values|mappings) ]]; then _describe -V $1 lines -S ''; else _describe "
          "-V $1 lines; "
          "fi\n"
          "}\n"
          "_iots() {\n"
          "    local -a nouns verbs given with\n"
          "    local -i i\n"
          "    local valued='",
          out);
    value_flags(out, all, "|");
    fputs("'\n"
          "    # Options before the noun are not looked at.\n"
          "    while ((CURRENT > 2)) && [[ $words[2] == -* ]]; do\n"
          "        if [[ $words[2] == (" PASSED_ON ") ]]; then with+=(${(Q)words[2,3]}); fi\n"
          "        if [[ $words[2] == (${~valued}) ]]; then i=2; else i=1; fi\n"
          "        words[2,i+1]=()\n"
          "        ((CURRENT -= i))\n"
          "    done\n"
          "    for ((i = 2; i < CURRENT; i++)); do\n"
          "        if [[ $words[i] == (" PASSED_ON ") ]]; then with+=(${(Q)words[i,i+1]}); fi\n"
          "        if [[ $words[i] == (${~valued}) ]]; then ((i++)); continue; fi\n"
          "        [[ $words[i] == -* ]] || given+=($words[i])\n"
          "    done\n"
          "    if ((CURRENT == 2)); then\n"
          "        nouns=(",
          out);
    for (size_t i = 0; i < all.count; i++) {
        if (!is_first(all, &all.at[i]))
            continue;
        fprintf(out, "\n            '%s", all.at[i].noun);
        if (!all.at[i].verb) {
            fputc(':', out);
            zsh_text(out, all.at[i].summary);
        }
        fputc('\'', out);
    }
    fputs(")\n"
          "        _describe command nouns\n"
          "        return\n"
          "    fi\n"
          "    if ((CURRENT == 3)) && [[ $PREFIX != -* ]]; then\n"
          "        case $words[2] in\n",
          out);
    for (size_t i = 0; i < all.count; i++) {
        if (!is_first(all, &all.at[i]) || !all.at[i].verb)
            continue;
        fprintf(out, "        %s) verbs=(", all.at[i].noun);
        for (size_t j = i; j < all.count; j++) {
            if (strcmp(all.at[j].noun, all.at[i].noun) != 0)
                continue;
            fprintf(out, "\n            '%s:", all.at[j].verb);
            zsh_text(out, all.at[j].summary);
            fputc('\'', out);
        }
        fputs(") ;;\n", out);
    }
    fputs("        completion) verbs=(bash zsh fish) ;;\n"
          "        esac\n"
          "        if (($#verbs)); then _describe command verbs; return; fi\n"
          "    fi\n"
          "    case \"$words[2] $words[3]\" in\n",
          out);
    for (size_t i = 0; i < all.count; i++) {
        const cli_command *command = &all.at[i];
        fprintf(out, "    '%s %s'%s) _arguments", command->noun, command->verb ? command->verb : "",
                command->verb ? "" : "*");
        zsh_flags(out, command->flags, command);
        zsh_flags(out, common_flags, NULL);
        zsh_words(out, command);
        fputs(" ;;\n", out);
    }
    fputs("    esac\n"
          "}\n"
          "_iots \"$@\"\n",
          out);
}

/* ---- fish ---- */

/* "__iots_in thing get": the command is this one. */
static void fish_condition(FILE *out, const cli_command *command)
{
    fprintf(out, "%s%s%s", command->noun, command->verb ? " " : "",
            command->verb ? command->verb : "");
}

static void fish_flags(FILE *out, cli_flags flags, const cli_command *command)
{
    for (size_t i = 0; i < flags.count; i++) {
        const cli_flag *flag = &flags.at[i];
        int about;
        const char *kind = kind_of_flag(flag, command, &about);
        fputs("complete -c iots", out);
        if (command) {
            fputs(" -n '__iots_in ", out);
            fish_condition(out, command);
            fputc('\'', out);
        }
        fprintf(out, " -l %s%s", flag->name,
                flag->kind != FLAG_VALUE ? ""
                : takes_file(flag)       ? " -r -F"
                                         : " -x");
        if (kind)
            fprintf(out, about ? " -a '(__iots_names %s %d)'" : " -a '(__iots_names %s)'", kind,
                    about);
        fputs(" -d ", out);
        quoted(out, flag->doc, true);
        fputc('\n', out);
    }
}

static void fish_words(FILE *out, const cli_command *command)
{
    const char *words[WORDS_MAX];
    const size_t count = kinds_of_words(command, words), before = command->verb ? 2 : 1;
    for (size_t i = 0; i < count; i++) {
        if (!words[i])
            continue;
        /* Values may follow one another; anything else has its place. */
        if (strcmp(words[i], "values") == 0) {
            fputs("complete -c iots -n '__iots_in ", out);
            fish_condition(out, command);
            fprintf(out, "; and not __iots_at %zu ", before);
        } else {
            fprintf(out, "complete -c iots -n '__iots_at %zu ", before + i);
        }
        fish_condition(out, command);
        if (strcmp(words[i], "file") == 0)
            fputs("' -F\n", out);
        else
            fprintf(out, "' -a '(__iots_names %s %zu)'\n", words[i], before + 1);
    }
}

static void fish_print(FILE *out, cli_commands all)
{
    fputs("# fish completion of iots\n"
          "function __iots_words\n"
          "    set -l skip\n"
          "    for word in (commandline -opc)[2..-1]\n"
          "        if test -n \"$skip\"\n"
          "            set skip\n"
          "            continue\n"
          "        end\n"
          "        switch $word\n"
          "            case ",
          out);
    value_flags(out, all, " ");
    fputs(
        "\n                set skip 1\n"
        "            case '-*'\n"
        "            case '*'\n"
        "                printf '%s\\n' $word\n"
        "        end\n"
        "    end\n"
        "end\n"
        "function __iots_in\n"
        "    set -l words (__iots_words)\n"
        "    set -l count (count $argv)\n"
        "    test (count $words) -ge $count; and test \"$words[1..$count]\" = \"$argv\"\n"
        "end\n"
        "function __iots_at\n"
        "    test (count (__iots_words)) -eq $argv[1]; or return 1\n"
        "    test (count $argv) -eq 1; or __iots_in $argv[2..-1]\n"
        "end\n"
        "function __iots_with\n"
        "    set -l flag\n"
        "    for word in (commandline -opc)\n"
        "        test -n \"$flag\"; and printf '%s\\n' $flag $word\n"
        "        set flag\n"
        "        string match -qr -- '^(" PASSED_ON ")$' $word; and set flag $word\n"
        "    end\n"
        "end\n"
        "function __iots_names\n"
        "    set -l words (__iots_words)\n"
        "    set -l thing\n"
        "    contains $argv[1] properties values columns mappings; and set thing $words[$argv[2]]\n"
        "    iots completion $argv[1] $thing (__iots_with) --timeout 2s 2>/dev/null\n"
        "end\n"
        "complete -c iots -f\n",
        out);
    fish_flags(out, common_flags, NULL);
    for (size_t i = 0; i < all.count; i++) {
        const cli_command *command = &all.at[i];
        if (is_first(all, command)) {
            fprintf(out, "complete -c iots -n '__iots_at 0' -a %s", command->noun);
            if (!command->verb) {
                fputs(" -d ", out);
                quoted(out, command->summary, true);
            }
            fputc('\n', out);
        }
        if (command->verb) {
            fprintf(out, "complete -c iots -n '__iots_at 1 %s' -a %s -d ", command->noun,
                    command->verb);
            quoted(out, command->summary, true);
            fputc('\n', out);
        }
        fish_flags(out, command->flags, command);
        fish_words(out, command);
    }
    fputs("complete -c iots -n '__iots_at 1 completion' -a 'bash zsh fish'\n", out);
}

/* ---- the command ---- */

bool completion_run(cli_session *session)
{
    // clang-format off
    static const struct { const char *shell; void (*print)(FILE *out, cli_commands all); } shells[] = {
        {"bash", bash_print}, {"zsh", zsh_print}, {"fish", fish_print},
    };
    // clang-format on
    const cli_args *args = session->args;
    const char *word = args->word_count > 0 ? args->words[0] : "";
    for (size_t i = 0; args->word_count == 1 && i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(word, shells[i].shell) == 0) {
            shells[i].print(session->out.out, session->all);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(word, kinds[i].name) == 0)
            return names_print(session, &kinds[i]);
    }
    return ix_fail(session->cx, IOTS_USAGE, "for which shell? bash, zsh or fish");
}
