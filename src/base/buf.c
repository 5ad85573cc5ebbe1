/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"

enum { SMALLEST = 64 };

void ix_buf_done(ix_buf *buf)
{
    free(buf->at);
    *buf = (ix_buf){0};
}

void ix_buf_clear(ix_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->at)
        buf->at[0] = '\0';
}

void ix_buf_cut(ix_buf *buf, size_t len)
{
    if (len >= buf->len)
        return;
    buf->len = len;
    buf->at[len] = '\0';
}

/* Makes room for `more` bytes and a terminator where there is none yet. */
static bool grow(ix_buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    buf->failed = true;
    if (more > SIZE_MAX / 4 || buf->len > SIZE_MAX / 4)
        return false;
    size_t size = buf->size ? buf->size : SMALLEST;
    while (size < buf->len + more + 1)
        size *= 2;
    char *at = realloc(buf->at, size);
    if (!at)
        return false;
    buf->at = at;
    buf->at[buf->len] = '\0';
    buf->size = size;
    buf->failed = false;
    return true;
}

bool ix_buf_reserve(ix_buf *buf, size_t more)
{
    if (!buf->failed && more < buf->size - buf->len)
        return true;
    return grow(buf, more);
}

void ix_buf_add(ix_buf *buf, const char *bytes, size_t len)
{
    if (!ix_buf_reserve(buf, len))
        return;
    if (len)
        memcpy(buf->at + buf->len, bytes, len);
    buf->len += len;
    buf->at[buf->len] = '\0';
}

void ix_buf_str(ix_buf *buf, ix_str text)
{
    ix_buf_add(buf, text.at, text.len);
}

void ix_buf_text(ix_buf *buf, const char *text)
{
    ix_buf_add(buf, text, strlen(text));
}

void ix_buf_char(ix_buf *buf, char c)
{
    if (!ix_buf_reserve(buf, 1))
        return;
    buf->at[buf->len++] = c;
    buf->at[buf->len] = '\0';
}

void ix_buf_int(ix_buf *buf, long long value)
{
    char digits[24];
    char *const end = digits + sizeof digits;
    char *at = end;
    unsigned long long rest = value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    ix_buf_add(buf, at, (size_t)(end - at));
}

void ix_buf_format(ix_buf *buf, const char *format, ...)
{
    if (!ix_buf_reserve(buf, SMALLEST))
        return;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(buf->at + buf->len, buf->size - buf->len, format, args);
    va_end(args);
    if (len >= 0 && (size_t)len >= buf->size - buf->len && ix_buf_reserve(buf, (size_t)len)) {
        va_start(args, format);
        len = vsnprintf(buf->at + buf->len, buf->size - buf->len, format, args);
        va_end(args);
    }
    if (len < 0)
        buf->failed = true;
    if (!buf->failed)
        buf->len += (size_t)len;
    buf->at[buf->len] = '\0';
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void ix_buf_percent(ix_buf *buf, ix_str text)
{
    static const char hex[] = "0123456789ABCDEF";
    if (text.len > SIZE_MAX / 16) {
        buf->failed = true;
        return;
    }
    if (!ix_buf_reserve(buf, text.len * 3))
        return;
    char *out = buf->at + buf->len;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.at[i];
        if (is_unreserved(text.at[i])) {
            *out++ = text.at[i];
            continue;
        }
        *out++ = '%';
        *out++ = hex[c >> 4];
        *out++ = hex[c & 15];
    }
    *out = '\0';
    buf->len = (size_t)(out - buf->at);
}

const char *ix_buf_cstr(const ix_buf *buf)
{
    return buf->at ? buf->at : "";
}

char *ix_buf_take(ix_buf *buf, size_t *len)
{
    if (!ix_buf_reserve(buf, 0)) {
        ix_buf_done(buf);
        return NULL;
    }
    char *bytes = buf->at;
    if (len)
        *len = buf->len;
    *buf = (ix_buf){0};
    return bytes;
}

bool ix_buf_take_in(ix_ctx *cx, ix_buf *buf, ix_str *ret)
{
    const char *copy = NULL;
    if (buf->failed)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    else
        copy = ix_strndup(cx, ix_buf_cstr(buf), buf->len);
    *ret = (ix_str){copy, copy ? buf->len : 0};
    ix_buf_done(buf);
    return copy != NULL;
}
