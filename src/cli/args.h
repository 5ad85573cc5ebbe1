/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line, taken apart: flags by a table, and the words that are left.
 *
 *     --name value   --name=value   --switch   --bool   --bool=false   --   -h
 *
 * Flags and words may be mixed. A number such as -5 is a word, and so is a lone "-".
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"

typedef enum flag_kind {
    FLAG_SWITCH, /* takes no value */
    FLAG_VALUE,  /* takes one */
    FLAG_BOOL,   /* true when it stands alone; --name=false */
} flag_kind;

typedef struct cli_flag {
    const char *name;  /* without the hyphens */
    const char *value; /* what its value is, for the help: "ID"; NULL without value */
    const char *doc;   /* one sentence */
    flag_kind kind;
    bool repeats; /* may be given several times, and all count; else the last one wins */
} cli_flag;

/* A list of flags; there are some of each command, and some of all. */
typedef struct cli_flags {
    const cli_flag *at;
    size_t count;
} cli_flags;

typedef struct given {
    const cli_flag *flag;
    const char *value; /* "true" of a switch and of a bool that stands alone */
} given;

typedef struct cli_args {
    given *given; /* in the order of the command line */
    size_t given_count;
    const char **words;
    size_t word_count;
} cli_args;

/* Takes argv[0..argc) apart; the result is in cx and borrows from argv. IOTS_USAGE names what is
 * unknown or lacks its value. */
bool args_parse(ix_ctx *cx, cli_flags own, cli_flags common, int argc, char *const *argv,
                cli_args *ret);

/* As args_parse, but ends before the first word; *ret_used says how many of argv were read. */
bool args_parse_leading(ix_ctx *cx, cli_flags common, int argc, char *const *argv, cli_args *ret,
                        int *ret_used);

/* All of `a`, then all of `b`. False when out of memory. */
bool args_join(ix_ctx *cx, const cli_args *a, const cli_args *b, cli_args *ret);

/* The value of a flag, the last one given; NULL if it was not. */
const char *args_value(const cli_args *args, const char *name);
bool args_has(const cli_args *args, const char *name);

/* The next value of a flag that repeats, from *at on, which begins at 0; NULL at the end. */
const char *args_each(const cli_args *args, const char *name, size_t *at);

/* An integer from `least` to `most`; `otherwise` if the flag was not given. */
bool args_int(ix_ctx *cx, const cli_args *args, const char *name, int64_t least, int64_t most,
              int64_t otherwise, int64_t *ret);

/* "skip" or "fail"; `otherwise` if the flag was not given. */
bool args_skips(ix_ctx *cx, const cli_args *args, const char *name, bool otherwise, bool *ret);

/* A stretch of time in milliseconds: 500ms, 2s, 1.5s, 1m, 1h; without unit: seconds. */
bool args_duration(ix_ctx *cx, const cli_args *args, const char *name, int64_t otherwise_ms,
                   int64_t *ret_ms);

/* Is `b` probably what was meant by `a`? For "did you mean". */
bool text_is_near(const char *a, const char *b);

#endif
