/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: which command (commands.def), its words and flags, and the settings. Flags may
 * stand anywhere: --name VALUE or --name=VALUE; after -- there are none.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "iotsd/settings.h"

typedef struct command_row command_row;
typedef struct admin_host admin_host; /* admin.h */

/* What is asked for. All text is borrowed from the command line or lives in cx. */
typedef struct admin_command {
    const command_row *row;
    const char **words; /* after those of the command */
    size_t word_count;
    const char **spaces; /* --space */
    size_t space_count;
    const char *scope;      /* --scope, or NULL */
    const char **redirects; /* --redirect-uri */
    size_t redirect_count;
    bool is_public;          /* --public */
    const char *config_file; /* --config, or NULL */
    bool wants_help, wants_version, wants_man, wants_completion, wants_check;
    int flag_count;
    const char **flag_names, **flag_values; /* settings */
    const char *const *env;
    iotsd_settings settings;
} admin_command;

/* Who carries a command out. */
typedef enum command_place {
    COMMAND_ALONE,  /* the program that was called; no server may run on the store */
    COMMAND_READS,  /* the server that runs; if none does, the program that was called */
    COMMAND_WRITES, /* the same; no server may start meanwhile */
    /* As COMMAND_READS; the first word is a new file, which the program that was called makes. */
    COMMAND_MAKES_FILE,
} command_place;

struct command_row {
    const char *words;
    /* False: the sentence is in cx; exit status 1. */
    bool (*run)(ix_ctx *cx, const admin_command *command, admin_host *host);
    command_place place;
    size_t least, most;
    const char *args;
    const char *sentence;
};

extern const command_row command_rows[];
extern const size_t command_count;

/* Reads command line, file and environment (NAME=VALUE, NULL at the end). IOTS_USAGE with one
 * sentence that names the place. With wants_help and the like the rest was not looked at. */
bool command_read(ix_ctx *cx, int argc, const char *const *argv, const char *const *env,
                  admin_command *ret);

/* The settings again, from where they came. For SIGHUP. */
bool command_settings(ix_ctx *cx, const admin_command *command, iotsd_settings *ret);

/* Texts made from the tables. */
void command_write_help(ix_buf *out);
void command_write_man(ix_buf *out);
void command_write_completion(ix_buf *out); /* for bash */

#endif
