/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text being built. Grows on the heap; ix_buf_done releases it. A failed growth is remembered in
 * `failed` and later appends do nothing, so one check at the end is enough.
 */
#ifndef IX_BUF_H
#define IX_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct ix_ctx;

typedef struct ix_buf {
    char *at;    /* zero-terminated once anything was added; NULL before */
    size_t len;  /* bytes, without the terminator */
    size_t size; /* bytes allocated */
    bool failed; /* memory ran out on the way */
} ix_buf;

void ix_buf_done(ix_buf *buf);
void ix_buf_clear(ix_buf *buf);
/* Drops all but the first `len` bytes, if there are more. */
void ix_buf_cut(ix_buf *buf, size_t len);

/* Room for `more` bytes beyond the present ones; false and `failed` when out of memory. */
bool ix_buf_reserve(ix_buf *buf, size_t more);

void ix_buf_add(ix_buf *buf, const char *bytes, size_t len);
void ix_buf_str(ix_buf *buf, ix_str text);
void ix_buf_text(ix_buf *buf, const char *text);
void ix_buf_char(ix_buf *buf, char c);
void ix_buf_int(ix_buf *buf, long long value);
__attribute__((format(printf, 2, 3))) void ix_buf_format(ix_buf *buf, const char *format, ...);

/* Percent-encodes everything but RFC 3986 unreserved characters. */
void ix_buf_percent(ix_buf *buf, ix_str text);

/* The text so far; "" if nothing was added. */
const char *ix_buf_cstr(const ix_buf *buf);

/* Gives the bytes away (caller frees with free()); the buffer is empty afterwards. */
char *ix_buf_take(ix_buf *buf, size_t *len);

/* Moves the text into cx, zero-terminated; the buffer is released either way. False when memory ran
 * out, then or before: IOTS_NO_MEMORY, and *ret is without text. */
bool ix_buf_take_in(struct ix_ctx *cx, ix_buf *buf, ix_str *ret);

#endif
