/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum { AHEAD_BYTES = 64 * 1024 };

struct line_reader {
    const char *path;
    int fd;
    ix_buf ahead; /* what was read */
    size_t next;  /* where in it the next line begins */
    uint64_t number;
    bool is_over; /* all is read */
    bool is_open;
};

line_reader *line_reader_open(ix_ctx *cx, const char *path)
{
    struct stat stat;
    line_reader *lines = calloc(1, sizeof *lines);
    if (!lines) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    lines->path = path;
    lines->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (lines->fd < 0 || fstat(lines->fd, &stat) != 0)
        ix_fail(cx, IOTS_USAGE, "%.300s: %s", path, strerror(errno));
    else if (S_ISDIR(stat.st_mode))
        ix_fail(cx, IOTS_USAGE, "%.300s is a folder", path);
    else
        return lines;
    line_reader_close(lines);
    return NULL;
}

void line_reader_close(line_reader *lines)
{
    if (!lines)
        return;
    if (lines->fd >= 0)
        close(lines->fd);
    ix_buf_done(&lines->ahead);
    free(lines);
}

/* Reads on, with the line at hand at the beginning. */
static bool line_reader_fill(ix_ctx *cx, line_reader *lines)
{
    ix_buf *ahead = &lines->ahead;
    if (lines->next > 0) {
        ahead->len -= lines->next;
        memmove(ahead->at, ahead->at + lines->next, ahead->len);
        lines->next = 0;
    }
    if (ahead->len > LINE_MAX_BYTES)
        return ix_fail(cx, IOTS_INVALID, "longer than %d MiB", LINE_MAX_BYTES / 1024 / 1024);
    if (!ix_buf_reserve(ahead, AHEAD_BYTES))
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    const ssize_t got = read(lines->fd, ahead->at + ahead->len, AHEAD_BYTES);
    if (got < 0)
        return errno == EINTR || ix_fail(cx, IOTS_UNEXPECTED, "%s", strerror(errno));
    ahead->len += (size_t)got;
    lines->is_over = got == 0;
    return true;
}

/* The line at hand, which ends at `end`, or with the file if that is NULL. */
static bool line_take(ix_ctx *cx, line_reader *lines, char *end, ix_str *ret)
{
    char *begin = lines->ahead.at + lines->next;
    const size_t len = end ? (size_t)(end - begin) : lines->ahead.len - lines->next;
    lines->is_open = !end;
    if (!end && len == 0)
        return true; /* the end */
    begin[len] = '\0';
    lines->next += len + (end != NULL);
    *ret = (ix_str){begin, len};
    return (strlen(begin) == len && ix_str_is_utf8(*ret)) ||
           ix_fail(cx, IOTS_INVALID, "no text in UTF-8");
}

bool line_reader_next(ix_ctx *cx, line_reader *lines, ix_str *ret)
{
    const ix_buf *ahead = &lines->ahead;
    size_t seen = lines->next;
    *ret = (ix_str){0};
    lines->number++;
    for (;;) {
        const size_t rest = ahead->len - seen;
        char *end = rest > 0 ? memchr(ahead->at + seen, '\n', rest) : NULL;
        if (end || lines->is_over)
            return line_take(cx, lines, end, ret);
        seen = ahead->len - lines->next;
        if (!line_reader_fill(cx, lines))
            return false;
    }
}

bool line_reader_is_open(const line_reader *lines)
{
    return lines->is_open;
}

uint64_t line_reader_number(const line_reader *lines)
{
    return lines->number;
}

bool line_reader_fail_range(ix_ctx *cx, const line_reader *lines, uint64_t first, uint64_t last)
{
    const ix_error error = cx->error;
    char range[64];
    if (first == last)
        snprintf(range, sizeof range, "line %" PRIu64, first);
    else
        snprintf(range, sizeof range, "lines %" PRIu64 " to %" PRIu64, first, last);
    ix_ctx_clear_error(cx);
    return ix_fail(cx, error.code, "%.180s, %s: %.260s", lines->path, range, error.message);
}

bool line_reader_fail(ix_ctx *cx, const line_reader *lines)
{
    return line_reader_fail_range(cx, lines, lines->number, lines->number);
}
