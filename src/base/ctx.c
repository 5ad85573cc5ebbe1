/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ctx.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const char *default_sentence(iots_code code)
{
    switch (code) {
#define SENTENCE(name, value, http, sentence) \
    case name:                                \
        return sentence;
        IOTS_CODES(SENTENCE)
#undef SENTENCE
    }
    return "";
}

bool ix_ctx_init(ix_ctx *cx, size_t limit_bytes)
{
    ix_ctx_clear_error(cx);
    ix_ctx_limit(cx, SIZE_MAX);
    cx->arena = ix_arena_new(limit_bytes);
    return cx->arena || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

void ix_ctx_done(ix_ctx *cx)
{
    ix_arena_free(cx->arena);
    cx->arena = NULL;
    ix_ctx_clear_error(cx);
}

void ix_ctx_clear_error(ix_ctx *cx)
{
    cx->error.code = IOTS_OK;
    cx->error.message[0] = '\0';
    cx->error.field = NULL;
    cx->error.reason = NULL;
    cx->error.details = NULL;
}

void ix_ctx_limit(ix_ctx *cx, size_t steps)
{
    cx->steps_left = steps;
}

bool ix_spend(ix_ctx *cx, size_t steps)
{
    if (cx->steps_left == SIZE_MAX)
        return true;
    const bool has_enough = steps <= cx->steps_left;
    cx->steps_left = has_enough ? cx->steps_left - steps : 0;
    return has_enough;
}

void *ix_alloc(ix_ctx *cx, size_t size)
{
    void *made = ix_arena_alloc(cx->arena, size);
    if (!made)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    return made;
}

void *ix_alloc_many(ix_ctx *cx, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    return ix_alloc(cx, n * size);
}

char *ix_strdup(ix_ctx *cx, const char *text)
{
    return ix_strndup(cx, text, strlen(text));
}

char *ix_strndup(ix_ctx *cx, const char *text, size_t len)
{
    if (len == SIZE_MAX) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    char *copy = ix_alloc(cx, len + 1);
    if (copy && len)
        memcpy(copy, text, len);
    return copy;
}

__attribute__((format(printf, 2, 0))) static char *format_list(ix_ctx *cx, const char *format,
                                                               va_list args)
{
    char most[256]; /* nearly all texts fit, and are formatted once */
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(most, sizeof most, format, args);
    char *text = len < 0 ? NULL : ix_alloc(cx, (size_t)len + 1);
    if (len < 0)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    else if (text && (size_t)len < sizeof most)
        memcpy(text, most, (size_t)len);
    else if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

char *ix_format(ix_ctx *cx, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = format_list(cx, format, args);
    va_end(args);
    return text;
}

/* A sentence cut off by the end of the buffer must not end inside a character. */
static void drop_half_character(char *message)
{
    size_t len = strlen(message);
    if (len + 1 < IX_ERROR_TEXT)
        return;
    size_t start = len;
    while (start > 0 && ((unsigned char)message[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    const unsigned char lead = (unsigned char)message[start - 1];
    const size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (len - (start - 1) < want)
        message[start - 1] = '\0';
}

bool ix_fail(ix_ctx *cx, iots_code code, const char *format, ...)
{
    if (ix_failed(cx))
        return false;
    if (code == IOTS_OK) /* a reason that was passed on and is none */
        code = IOTS_INTERNAL;
    cx->error.code = code;
    if (!format) {
        snprintf(cx->error.message, IX_ERROR_TEXT, "%s", default_sentence(code));
        return false;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(cx->error.message, IX_ERROR_TEXT, format, args);
    va_end(args);
    drop_half_character(cx->error.message);
    return false;
}

bool ix_fail_field(ix_ctx *cx, iots_code code, const char *message, const char *field,
                   const char *reason_format, ...)
{
    if (ix_failed(cx))
        return false;
    va_list args;
    va_start(args, reason_format);
    const char *reason = format_list(cx, reason_format, args);
    va_end(args);
    const char *name = ix_strdup(cx, field);
    if (!reason || !name)
        return false;
    if (message)
        ix_fail(cx, code, "%s", message);
    else
        ix_fail(cx, code, "%s: %s", name, reason);
    cx->error.field = name;
    cx->error.reason = reason;
    return false;
}

bool ix_ctx_forward_error(ix_ctx *cx, const ix_ctx *from)
{
    if (ix_failed(cx))
        return false;
    cx->error = from->error;
    cx->error.field = from->error.field ? ix_strdup(cx, from->error.field) : NULL;
    cx->error.reason = from->error.reason ? ix_strdup(cx, from->error.reason) : NULL;
    cx->error.details = from->error.details ? ix_json_copy(cx, from->error.details) : NULL;
    return false;
}
