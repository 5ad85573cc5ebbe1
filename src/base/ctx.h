/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cx: the memory of the work in hand and the first thing that went wrong.
 *
 * A function that can fail takes `ix_ctx *cx` first and returns bool, or a pointer that is NULL on
 * failure; the reason is in cx->error. The first failure wins and callers pass it on untouched.
 */
#ifndef IX_CTX_H
#define IX_CTX_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "iots/codes.h"

struct ix_json;

enum { IX_ERROR_TEXT = 512 };

typedef struct ix_error {
    iots_code code;              /* IOTS_OK while nothing went wrong */
    char message[IX_ERROR_TEXT]; /* one sentence for people, UTF-8 */

    /* In the arena, each of them, or NULL. */
    const char *field;             /* JSON Pointer or parameter name at fault */
    const char *reason;            /* what is wrong with the field */
    const struct ix_json *details; /* an object that wins over field and reason */
} ix_error;

typedef struct ix_ctx {
    ix_arena *arena;   /* gone, with everything in it, when the work in hand is done */
    ix_error error;    /* the first failure */
    size_t steps_left; /* of work, see ix_spend */
} ix_ctx;

/* A cx over a new arena. False when out of memory (cx->arena is NULL, error set all the same). */
bool ix_ctx_init(ix_ctx *cx, size_t limit_bytes);
void ix_ctx_done(ix_ctx *cx);

/* Memory from the arena, zeroed. NULL on failure, having recorded IOTS_NO_MEMORY. */
void *ix_alloc(ix_ctx *cx, size_t size);

/* `ix_new(cx, type, n)`: n zeroed objects of a type; guards the multiplication. */
#define ix_new(cx, type, n) ((type *)ix_alloc_many((cx), (n), sizeof(type)))
void *ix_alloc_many(ix_ctx *cx, size_t n, size_t size);

/* Copies into the arena. NULL on failure. */
char *ix_strdup(ix_ctx *cx, const char *text);
char *ix_strndup(ix_ctx *cx, const char *text, size_t len);

/* Text made in the arena. NULL on failure. */
__attribute__((format(printf, 2, 3))) char *ix_format(ix_ctx *cx, const char *format, ...);

/* Records a failure unless one is recorded already. Always returns false. NULL format: the code's
 * default sentence. */
__attribute__((format(printf, 3, 4))) bool ix_fail(ix_ctx *cx, iots_code code, const char *format,
                                                   ...);

/* As ix_fail, for a field at fault: sets error.field and error.reason as well. `message` NULL makes
 * the sentence "<field>: <reason>". `field` is copied. */
__attribute__((format(printf, 5, 6))) bool ix_fail_field(ix_ctx *cx, iots_code code,
                                                         const char *message, const char *field,
                                                         const char *reason_format, ...);

/* Passes the failure of `from` on to `cx`, whose arena outlives it, unless one is recorded there
 * already. Always returns false. */
bool ix_ctx_forward_error(ix_ctx *cx, const ix_ctx *from);

/* How much work the thing in hand may cost from now on; no limit after ix_ctx_init. One step is about
 * what it takes to look at one JSON value, or at IX_STEP_BYTES of text. */
enum { IX_STEP_BYTES = 64 };
void ix_ctx_limit(ix_ctx *cx, size_t steps);

/* Takes `steps` from that. False if so many are not left; then none are. Records no failure: the caller
 * knows what it is that takes so long. */
bool ix_spend(ix_ctx *cx, size_t steps);

/* Is nothing left? */
static inline bool ix_is_spent(const ix_ctx *cx)
{
    return cx->steps_left == 0;
}

/* Forgets the failure, for the rare caller that has an answer to it. */
void ix_ctx_clear_error(ix_ctx *cx);

static inline bool ix_failed(const ix_ctx *cx)
{
    return cx->error.code != IOTS_OK;
}

#endif
