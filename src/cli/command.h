/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands: what can be typed after `iots`.
 *
 * Most are operations (contract/ops.def, show.def): `thing_get` is `iots thing get`, its path
 * variables and parameters are flags, and words that belong to no flag fill the path variables from
 * left to right. The few others are rows of builtins.c. Help, completion and the manual page are
 * written from the same list.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "cli/args.h"
#include "contract/ops.h"

struct cli_session;

typedef bool command_run(struct cli_session *session);

typedef struct cli_command {
    const char *noun;
    const char *verb;      /* NULL: the noun alone is the command */
    const char *words;     /* words it takes, as in "[THING] NAME=VALUE..." */
    const char *summary;   /* one sentence */
    const char *text;      /* more to know: paragraphs with an empty line between, or NULL */
    const char *examples;  /* lines, each a command and, after " # ", what it is for; or NULL */
    cli_flags flags;       /* its own; not those of every command */
    const ix_op *op;       /* the operation it performs; NULL: it has code of its own */
    bool logs_in;          /* whom the server knows is not known yet */
    bool needs_no_profile; /* the profile that is named need not be there */
    command_run *run;
} cli_command;

typedef struct cli_commands {
    const cli_command
        *at; /* those with code of their own first, then the operations in their order */
    size_t count;
} cli_commands;

/* The flags every command takes. */
extern const cli_flags common_flags;

/* Flags of whatever acts on one Thing, and of whatever only looks. */
// clang-format off
#define FLAG_TITLE {.name = "title", .value = "TEXT", .kind = FLAG_VALUE, .doc = "The Thing of exactly this title, instead of its ID."}
#define FLAG_WATCH {.name = "watch", .value = "TIME", .kind = FLAG_VALUE, .doc = "Look again every so often, as 500ms, 2s or 1m, until Ctrl-C; on a terminal, in the same place."}
// clang-format on

/* The command that an operation is, in cx, without what runs it. */
bool command_of_op(ix_ctx *cx, const ix_op *op, cli_command *ret);

/* The command for the words that begin a command line; *ret_used of them name it. A noun may be said
 * in the plural or in the singular (`thing list`), and `things` alone is `things list`. IOTS_USAGE
 * if there is none, with the nearest one there is. `*ret` is NULL, and nothing failed, for a noun
 * that wants a verb but has none. */
bool command_find(ix_ctx *cx, cli_commands all, const char *const *words, size_t count,
                  const cli_command **ret, size_t *ret_used);

/* Is this the name of a noun of which there are commands? */
bool noun_exists(cli_commands all, const char *noun);

/* What an operation's path variable is called as a flag: "action-id". */
const char *var_flag(ix_ctx *cx, ix_var var);

/* The path variables of an operation in the order of its path, the space not included; returns how
 * many. */
size_t op_vars(const ix_op *op, ix_var ret[IX_VAR_COUNT]);
bool op_has_space(const ix_op *op);

/* An operation that is to be performed, as the library wants it. */
typedef struct cli_request {
    const ix_op *op;
    const char *vars[IX_VAR_COUNT]; /* NULL: not given */
    bool is_title;                  /* the Thing is given by its title, and is yet to be found */
    struct iots_param *params;      /* path variables and parameters; ended by a NULL name */
    const char *body;               /* JSON, or NULL */
    const char *content_type;       /* NULL: as usual */
} cli_request;

/* Makes a request from flags and words. `space` may be NULL: that fails only if it is needed.
 * IOTS_USAGE says what is missing, too much, or no such value; IOTS_INVALID what is not JSON. */
bool request_read(ix_ctx *cx, const cli_command *command, const cli_args *args, const char *space,
                  cli_request *ret);

/* Says which Thing it is about, after all. */
void request_set_thing(cli_request *request, const char *id);

#endif
