/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the program: what was asked, of whom, and how the answer is to be shown. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <iots/iots.h>
#include <stdbool.h>

#include "base/ctx.h"
#include "cli/args.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/profile.h"
#include "cli/show/print.h"

typedef enum cli_format {
    FORMAT_TABLE, /* for people */
    FORMAT_JSON,  /* one document */
    FORMAT_LINES, /* one document a line */
    FORMAT_CSV,   /* a table for programs */
} cli_format;

typedef struct cli_session {
    ix_ctx *cx;
    cli_commands all;
    const cli_command *command;
    const cli_args *args;
    cli_profile profile;
    cli_screen out, err;
    cli_format format;
    const char *columns; /* those to show, comma-separated; NULL: as usual */
    bool is_csv_safe;    /* nothing in CSV is to be a formula */
    bool is_quiet;
    bool is_again;       /* what came before stands above this: no titles in CSV */
    exit_code exit_code; /* the exit code of a command that did not fail and yet was not all well */
    iots_api *api;       /* NULL until session_open() */
} cli_session;

/* Reads what holds for every command: profile, format. */
bool session_init(ix_ctx *cx, cli_commands all, const cli_command *command, const cli_args *args,
                  cli_session *ret);

/* Is it JSON of either kind? */
bool format_is_json(cli_format format);

/* Makes the API, unless that was done: host and who we are. Asks the server nothing yet. */
bool session_open(cli_session *session);

/* As session_open(), but without saying who we are. */
bool session_open_anonymous(cli_session *session);

void session_close(cli_session *session);

/* True if the reply is fine; else its story becomes the failure. The reply is freed by the caller. */
bool session_ok(cli_session *session, const iots_reply *reply);

/* The space to work in; NULL and a failure if there is none. */
const char *session_space(cli_session *session);

/* The --timeout, in milliseconds. */
bool session_timeout(cli_session *session, int *ret_ms);

/* A remark on standard error, unless --quiet. A line break is added. */
__attribute__((format(printf, 2, 3))) void session_remark(cli_session *session, const char *format,
                                                          ...);

/* Prints the failure in cx: what, where, and what to do next. Returns the exit code. */
exit_code session_report(const cli_session *session);

#endif
