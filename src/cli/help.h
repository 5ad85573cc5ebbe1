/* SPDX-License-Identifier: Apache-2.0 */
/* Help and the manual page, both read off the list of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"
#include "cli/print.h"

/* `iots --help`, `iots <noun> --help`, `iots <noun> <verb> --help`. */
void help_program(const screen *screen, commands all);
void help_noun(const screen *screen, commands all, const char *noun);
void help_command(const screen *screen, const command *command);

/* The manual page iots(1), as troff with the man macros. */
void man_print(FILE *out, commands all);

/* A row of what the environment or the exit code means; for help and manual page. */
typedef struct meaning {
    const char *name;
    const char *text;
} meaning;
extern const meaning quit_meanings[];
extern const meaning environment_meanings[];
extern const size_t quit_meanings_count, environment_meanings_count;

#endif
