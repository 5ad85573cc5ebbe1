/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the program: what was asked, of whom, and how the answer is to be shown. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <iots/iots.h>
#include <stdbool.h>

#include "base/ctx.h"
#include "cli/args.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/profile.h"
#include "cli/quit.h"

typedef enum format {
    FORMAT_TABLE, /* for people */
    FORMAT_JSON,  /* one document */
    FORMAT_LINES, /* one document a line */
    FORMAT_CSV,   /* a table for programs */
} format;

typedef struct session {
    ix_ctx *cx;
    commands all;
    const command *command;
    const args *args;
    profile profile;
    screen out, err;
    format format;
    const char *columns; /* those to show, comma-separated; NULL: as usual */
    bool is_csv_safe;    /* nothing in CSV is to be a formula */
    bool is_quiet;
    bool is_again; /* what came before stands above this: no titles in CSV */
    quit quit;     /* the exit code of a command that did not fail and yet was not all well */
    iots_api *api; /* NULL until session_open() */
} session;

/* Reads what holds for every command: profile, format. */
bool session_init(ix_ctx *cx, commands all, const command *command, const args *args, session *ret);

/* Is it JSON of either kind? */
bool format_is_json(format format);

/* Makes the API, unless that was done: host and who we are. Asks the server nothing yet. */
bool session_open(session *session);

/* As session_open(), but without saying who we are. */
bool session_open_anonymous(session *session);

void session_close(session *session);

/* True if the reply is fine; else its story becomes the failure. The reply is freed by the caller. */
bool session_ok(session *session, const iots_reply *reply);

/* The space to work in; NULL and a failure if there is none. */
const char *session_space(session *session);

/* The --timeout, in milliseconds. */
bool session_timeout(session *session, int *ret_ms);

/* A remark on standard error, unless --quiet. A line break is added. */
__attribute__((format(printf, 2, 3))) void session_remark(session *session, const char *format,
                                                          ...);

/* Prints the failure in cx: what, where, and what to do next. Returns the exit code. */
quit session_report(const session *session);

#endif
