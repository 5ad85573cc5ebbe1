/* SPDX-License-Identifier: Apache-2.0 */
/* Help and the manual page, both read off the list of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"
#include "cli/show/print.h"

/* `iots --help`, `iots <noun> --help`, `iots <noun> <verb> --help`. */
void help_program(const cli_screen *screen, cli_commands all);
void help_noun(const cli_screen *screen, cli_commands all, const char *noun);
void help_command(const cli_screen *screen, const cli_command *command);

/* The manual page iots(1), as troff with the man macros. */
void man_print(FILE *out, cli_commands all);

/* A row of what the environment or the exit code means; for help and manual page. */
typedef struct cli_meaning {
    const char *name;
    const char *text;
} cli_meaning;
extern const cli_meaning exit_meanings[];
extern const cli_meaning environment_meanings[];
extern const size_t exit_meanings_count, environment_meanings_count;

#endif
