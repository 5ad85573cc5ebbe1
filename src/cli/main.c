/* SPDX-License-Identifier: Apache-2.0 */
/* iots: the command line. Finds the command, runs it, and says in the exit code how it went. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/repeat.h"
#include "cli/session.h"

/* What was not written was not done: a full disk, say. */
static bool output_end(cli_session *session)
{
    const bool had_failed = ferror(stdout) != 0;
    if (fflush(stdout) == 0 && !had_failed)
        return true;
    return ix_fail(session->cx, IOTS_UNEXPECTED, "standard output: %s", strerror(errno));
}

/* Is this a noun that is not a command without a verb? */
static bool wants_verb(cli_commands all, const char *noun)
{
    for (size_t i = 0; i < all.count; i++) {
        if (strcmp(all.at[i].noun, noun) == 0)
            return all.at[i].verb != NULL;
    }
    return false;
}

/* `iots help thing get` is `iots thing get --help`. */
static bool help_run(cli_session *session, const cli_args *args)
{
    const char *noun = args->word_count > 0 ? args->words[0] : NULL;
    if (!noun) {
        help_program(&session->out, session->all);
        return true;
    }
    size_t used;
    if (args->word_count == 1 && wants_verb(session->all, noun)) {
        help_noun(&session->out, session->all, noun);
        return true;
    }
    if (!command_find(session->cx, session->all, args->words, args->word_count, &session->command,
                      &used))
        return false;
    if (session->command)
        help_command(&session->out, session->command);
    else
        help_noun(&session->out, session->all, noun);
    return true;
}

/* The words that name the command stand together: `thing get`. */
static size_t name_length(int argc, char *const *argv)
{
    size_t count = 0;
    while (count < 2 && (int)count < argc && argv[count][0] != '-')
        count++;
    return count;
}

static bool command_run_at(cli_session *session, const cli_args *leading, int argc,
                           char *const *argv)
{
    ix_ctx *cx = session->cx;
    const char *names[2] = {0};
    const size_t count = name_length(argc, argv);
    for (size_t i = 0; i < count; i++)
        names[i] = argv[i];

    size_t used = 0;
    if (count > 0 && strcmp(names[0], "help") == 0) {
        cli_args words;
        return args_parse(cx, (cli_flags){0}, common_flags, argc - 1, argv + 1, &words) &&
               help_run(session, &words);
    }
    const bool wants_help =
        args_has(leading, "help") ||
        (count == 1 && argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0));
    if (count == 0 && !wants_help) {
        session->out = session->err;
        session->exit_code = EXIT_USAGE;
    }
    if (count == 0 || wants_help)
        return help_run(session, &(const cli_args){.words = names, .word_count = count});
    if (!command_find(cx, session->all, names, count, &session->command, &used))
        return false;
    if (!session->command) {
        session->out = session->err;
        session->exit_code = EXIT_USAGE;
        help_noun(&session->out, session->all, names[0]);
        return true;
    }

    cli_args own, all;
    const int skip = (int)used;
    if (!args_parse(cx, session->command->flags, common_flags, argc - skip, argv + skip, &own) ||
        !args_join(cx, leading, &own, &all))
        return false;
    if (args_has(&all, "help")) {
        help_command(&session->out, session->command);
        return true;
    }
    if (!session_init(cx, session->all, session->command, &all, session))
        return false;
    return args_has(&all, "watch") ? command_repeat(session) : session->command->run(session);
}

static bool is_alone(int argc, char *const *argv, const char *flag)
{
    return argc == 2 && strcmp(argv[1], flag) == 0;
}

static bool program_run(cli_session *session, int argc, char *const *argv)
{
    cli_args leading;
    int used;
    if (is_alone(argc, argv, "--version")) {
        printf("iots %s\n", IOTS_VERSION);
        return true;
    }
    if (!commands_list(session->cx, &session->all))
        return false;
    if (is_alone(argc, argv, "--man")) {
        man_print(stdout, session->all);
        return true;
    }
    return args_parse_leading(session->cx, common_flags, argc - 1, argv + 1, &leading, &used) &&
           command_run_at(session, &leading, argc - 1 - used, argv + 1 + used);
}

int main(int argc, char **argv)
{
    ix_ctx cx;
    ix_json_init();
    if (!ix_ctx_init(&cx, 0)) {
        fputs("iots: out of memory\n", stderr);
        return EXIT_OTHER;
    }
    cli_session session = {.cx = &cx, .out = screen_of(stdout), .err = screen_of(stderr)};
    const bool ok = program_run(&session, argc, argv);
    exit_code exit_code = ok && output_end(&session) ? session.exit_code : EXIT_OTHER;
    if (ix_failed(&cx))
        exit_code = session_report(&session);
    if (session.exit_code == EXIT_INTERRUPTED)
        exit_code = EXIT_INTERRUPTED;
    session_close(&session);
    ix_ctx_done(&cx);
    return (int)exit_code;
}
