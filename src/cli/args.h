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

typedef struct flag {
    const char *name;  /* without the hyphens */
    const char *value; /* what its value is, for the help: "ID"; NULL without value */
    const char *doc;   /* one sentence */
    flag_kind kind;
    bool repeats; /* may be given several times, and all count; else the last one wins */
} flag;

/* A list of flags; there are some of each command, and some of all. */
typedef struct flags {
    const flag *at;
    size_t count;
} flags;

typedef struct given {
    const flag *flag;
    const char *value; /* "true" of a switch and of a bool that stands alone */
} given;

typedef struct args {
    given *given; /* in the order of the command line */
    size_t given_count;
    const char **words;
    size_t word_count;
} args;

/* Takes argv[0..argc) apart; the result is in cx and borrows from argv. IOTS_USAGE names what is
 * unknown or lacks its value. */
bool args_parse(ix_ctx *cx, flags own, flags common, int argc, char *const *argv, args *ret);

/* As args_parse, but ends before the first word; *ret_used tells how many of argv were read. */
bool args_parse_leading(ix_ctx *cx, flags common, int argc, char *const *argv, args *ret,
                        int *ret_used);

/* All of `a`, then all of `b`. False when memory is out. */
bool args_join(ix_ctx *cx, const args *a, const args *b, args *ret);

/* The value of a flag, the last one given; NULL if it was not. */
const char *args_value(const args *args, const char *name);
bool args_has(const args *args, const char *name);

/* The next value of a flag that repeats, from *at on, which begins at 0; NULL at the end. */
const char *args_each(const args *args, const char *name, size_t *at);

/* An integer from `least` to `most`; `otherwise` if the flag was not given. */
bool args_int(ix_ctx *cx, const args *args, const char *name, int64_t least, int64_t most,
              int64_t otherwise, int64_t *ret);

/* "skip" or "fail"; `otherwise` if the flag was not given. */
bool args_skips(ix_ctx *cx, const args *args, const char *name, bool otherwise, bool *ret);

/* A stretch of time in milliseconds: 500ms, 2s, 1.5s, 1m, 1h; without unit: seconds. */
bool args_duration(ix_ctx *cx, const args *args, const char *name, int64_t otherwise_ms,
                   int64_t *ret_ms);

/* Is `b` probably what was meant by `a`? For "did you mean". */
bool text_is_near(const char *a, const char *b);

#endif
