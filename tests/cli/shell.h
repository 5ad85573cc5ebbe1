/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shell in which `iots` is at hand, with a server and a home of its own.
 *
 *     shell *shell = shell_open(cx, AS_CLIENT);
 *     CHECK_INT(run(shell, "iots things create title='Boiler 7'"), 0);
 *     CHECK(strstr(shell->out, "Boiler 7"));
 *     shell_close(shell);
 *
 * Nothing waits for a time: a terminal is written to once it shows what is awaited.
 */
#ifndef SHELL_H
#define SHELL_H

#include "base/ctx.h"
#include "server.h"

/* Who one is: the environment names the client of the first start, or nobody. */
typedef enum who { AS_CLIENT, AS_NOBODY } who;

typedef struct shell {
    ix_ctx *cx;
    server *server;
    const char *home;    /* also the working folder, empty at first */
    const char *env[16]; /* NAME=VALUE, NULL at the end */
    const char *out;     /* of the last command */
    const char *err;
} shell;

/* Starts the server. Ends the test program if that fails. */
shell *shell_open(ix_ctx *cx, who who);
void shell_close(shell *shell);

/* Runs a line of sh in the home; $HOST is the server. The exit status, or 128 + signal. */
__attribute__((format(printf, 2, 3))) int run(shell *shell, const char *format, ...);

/* What the last command printed, without the line break at its end, in cx. */
const char *said(shell *shell);

/* A file in the home. */
void file_put(shell *shell, const char *name, const char *text);

/* What is typed at a terminal, once it shows what is awaited. */
typedef struct step {
    const char *await; /* NULL ends the list */
    const char *type;
} step;

/* As run(), at a terminal of so many columns; all it showed is in shell->out. */
int run_at_terminal(shell *shell, int columns, const step *steps, const char *line);

#endif
