/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots completion: what makes bash, zsh and fish complete commands and options.
 *
 * The scripts hold the lists; they ask neither the program nor the server.
 */
#include <stdio.h>
#include <string.h>

#include "cli/builtins.h"
#include "cli/session.h"

static const command *first_of(commands all, const char *noun)
{
    for (size_t i = 0; i < all.count; i++) {
        if (strcmp(all.at[i].noun, noun) == 0)
            return &all.at[i];
    }
    return NULL;
}

static bool is_first(commands all, const command *command)
{
    return first_of(all, command->noun) == command;
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

static void flag_names(FILE *out, flags flags)
{
    for (size_t i = 0; i < flags.count; i++)
        fprintf(out, " --%s%s", flags.at[i].name, flags.at[i].kind == FLAG_BOOL ? "=" : "");
}

static void noun_names(FILE *out, commands all)
{
    for (size_t i = 0; i < all.count; i++) {
        if (is_first(all, &all.at[i]))
            fprintf(out, " %s", all.at[i].noun);
    }
}

static void verb_names(FILE *out, commands all, const char *noun)
{
    for (size_t i = 0; i < all.count; i++) {
        if (all.at[i].verb && strcmp(all.at[i].noun, noun) == 0)
            fprintf(out, " %s", all.at[i].verb);
    }
}

/* The flags whose value is a file. */
static bool takes_file(const flag *flag)
{
    return flag->value && strcmp(flag->value, "FILE") == 0;
}

/* ---- bash ---- */

static void bash_print(FILE *out, commands all)
{
    fputs("# bash completion of iots\n"
          "_iots() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} noun= verb= words= i\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        [[ ${COMP_WORDS[i]} == -* ]] && continue\n"
          "        if [[ -z $noun ]]; then noun=${COMP_WORDS[i]}; else verb=${COMP_WORDS[i]}; "
          "break; fi\n"
          "    done\n"
          "    COMPREPLY=()\n"
          "    case $noun in\n"
          "    '') words='",
          out);
    noun_names(out, all);
    fputs(" --help --version --man' ;;\n", out);
    for (size_t i = 0; i < all.count; i++) {
        if (is_first(all, &all.at[i]) && all.at[i].verb) {
            fprintf(out, "    %s) [[ -z $verb && $word != -* ]] && words='", all.at[i].noun);
            verb_names(out, all, all.at[i].noun);
            fputs("' ;;\n", out);
        }
    }
    fputs("    completion) words=' bash zsh fish' ;;\n"
          "    esac\n"
          "    if [[ $word == -* && -n $noun ]]; then\n"
          "        words='",
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
          "    if [[ -n $words ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "        [[ ${COMPREPLY-} == *= ]] && compopt -o nospace\n"
          "    elif [[ $noun == import || ${COMP_WORDS[COMP_CWORD-1]} == --ca-file ]]; then\n"
          "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
          "    fi\n"
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

static void zsh_flags(FILE *out, flags flags)
{
    for (size_t i = 0; i < flags.count; i++) {
        const flag *flag = &flags.at[i];
        fprintf(out, " \\\n            '%s--%s%s[", flag->repeats ? "*" : "", flag->name,
                flag->kind == FLAG_VALUE ? "=" : "");
        zsh_text(out, flag->doc);
        fputc(']', out);
        if (flag->kind == FLAG_VALUE) {
            fputc(':', out);
            zsh_text(out, flag->value);
            fputs(takes_file(flag) ? ":_files" : ": ", out);
        }
        fputc('\'', out);
    }
}

static void zsh_print(FILE *out, commands all)
{
    fputs("#compdef iots\n"
          "_iots() {\n"
          "    local -a nouns verbs\n"
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
        const command *command = &all.at[i];
        fprintf(out, "    '%s %s'%s) _arguments", command->noun, command->verb ? command->verb : "",
                command->verb ? "" : "*");
        zsh_flags(out, command->flags);
        zsh_flags(out, common_flags);
        fputs(strcmp(command->noun, "import") == 0 ? " '*: :_files' ;;\n" : " '*: : ' ;;\n", out);
    }
    fputs("    esac\n"
          "}\n"
          "_iots \"$@\"\n",
          out);
}

/* ---- fish ---- */

static void fish_flags(FILE *out, flags flags, const char *condition)
{
    for (size_t i = 0; i < flags.count; i++) {
        const flag *flag = &flags.at[i];
        fprintf(out, "complete -c iots%s -l %s%s -d ", condition, flag->name,
                flag->kind != FLAG_VALUE ? ""
                : takes_file(flag)       ? " -r -F"
                                         : " -x");
        quoted(out, flag->doc, true);
        fputc('\n', out);
    }
}

static void fish_print(FILE *out, commands all)
{
    fputs("# fish completion of iots\n"
          "complete -c iots -f\n",
          out);
    fish_flags(out, common_flags, "");
    for (size_t i = 0; i < all.count; i++) {
        const command *command = &all.at[i];
        if (is_first(all, command)) {
            fprintf(out, "complete -c iots -n __fish_use_subcommand -a %s", command->noun);
            if (!command->verb) {
                fputs(" -d ", out);
                quoted(out, command->summary, true);
            }
            fputc('\n', out);
        }
        char condition[128];
        if (command->verb) {
            fprintf(out,
                    "complete -c iots -n '__fish_seen_subcommand_from %s; and not "
                    "__fish_seen_subcommand_from",
                    command->noun);
            verb_names(out, all, command->noun);
            fprintf(out, "' -a %s -d ", command->verb);
            quoted(out, command->summary, true);
            fputc('\n', out);
            snprintf(condition, sizeof condition,
                     " -n '__fish_seen_subcommand_from %s; and __fish_seen_subcommand_from %s'",
                     command->noun, command->verb);
        } else {
            snprintf(condition, sizeof condition, " -n '__fish_seen_subcommand_from %s'",
                     command->noun);
        }
        fish_flags(out, command->flags, condition);
    }
    fputs("complete -c iots -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n"
          "complete -c iots -n '__fish_seen_subcommand_from csv' -F\n",
          out);
}

bool completion_run(session *session)
{
    // clang-format off
    static const struct { const char *shell; void (*print)(FILE *out, commands all); } shells[] = {
        {"bash", bash_print}, {"zsh", zsh_print}, {"fish", fish_print},
    };
    // clang-format on
    const args *args = session->args;
    for (size_t i = 0; args->word_count == 1 && i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(args->words[0], shells[i].shell) == 0) {
            shells[i].print(session->out.out, session->all);
            return true;
        }
    }
    return ix_fail(session->cx, IOTS_USAGE, "for which shell? bash, zsh or fish");
}
