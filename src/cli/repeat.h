/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doing the same again and again: --watch, and iots watch.
 *
 * On a terminal each round is drawn where the last one was. Ctrl-C ends it, after the round at hand;
 * a server that is away for a moment does not, once there was a first round.
 */
#ifndef CLI_REPEAT_H
#define CLI_REPEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/session.h"

enum { REPEAT_LEAST_MS = 50 };

typedef struct cli_repeat {
    int64_t interval_ms; /* from the beginning of a round to that of the next */
    int64_t rounds;
    int64_t round; /* the one at hand, from 0 */
    size_t lines;  /* on the screen, of what was drawn last */
} cli_repeat;

/* One round. */
typedef bool repeat_round(cli_session *session, cli_repeat *repeat, void *arg);

/* Reads how often from the flag `name`; IOTS_USAGE for less than REPEAT_LEAST_MS, and for --json,
 * which what has no end is not. */
bool repeat_read(cli_session *session, const char *name, int64_t otherwise_ms, cli_repeat *ret);

/* Does the rounds. Interrupted, it is true and sets the session's exit code. */
bool repeat_run(cli_session *session, cli_repeat *repeat, repeat_round *round, void *arg);

/* Puts `text` where that of the round before was, as far as the screen is high. */
void repeat_draw(cli_repeat *repeat, const cli_screen *screen, const char *text);

/* Runs the command at hand again and again, as --watch says. */
bool command_repeat(cli_session *session);

#endif
