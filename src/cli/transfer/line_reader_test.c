/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "cli/transfer/line_reader.h"

static char path[64];

static void file_end(void *unused)
{
    (void)unused;
    unlink(path);
}

/* A file of this text, open. */
static line_reader *lines_of(ix_ctx *cx, const char *text, size_t len)
{
    snprintf(path, sizeof path, "/tmp/iots-lines-XXXXXX");
    const int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, text, len) == (ssize_t)len && close(fd) == 0);
    ix_arena_defer(cx->arena, file_end, NULL);
    line_reader *lines = line_reader_open(cx, path);
    CHECK_OK(cx, lines != NULL);
    return lines;
}

static const char *next(ix_ctx *cx, line_reader *lines)
{
    ix_str line;
    CHECK_OK(cx, line_reader_next(cx, lines, &line));
    return line.at;
}

TEST("lines come one by one, and a last one without line break is counted")
{
    static const char text[] = "one\n\nthree\r\nfour";
    line_reader *lines = lines_of(cx, text, sizeof text - 1);
    CHECK_TEXT(next(cx, lines), "one");
    CHECK_TEXT(next(cx, lines), "");
    CHECK_TEXT(next(cx, lines), "three\r");
    CHECK(!line_reader_is_open(lines));
    CHECK_TEXT(next(cx, lines), "four");
    CHECK(line_reader_is_open(lines));
    CHECK_INT(line_reader_number(lines), 4);
    CHECK(!next(cx, lines));
    CHECK(!next(cx, lines));
    line_reader_close(lines);
}

TEST("lines longer than what is read at once are whole, whatever their length")
{
    static const size_t bytes = 200000;
    char *text = calloc(1, 3 * bytes);
    size_t len = 0;
    for (size_t i = 1; len + i < bytes; i = i * 3 / 2 + 1) {
        memset(text + len, 'a' + (int)(i % 26), i);
        len += i;
        text[len++] = '\n';
    }
    line_reader *lines = lines_of(cx, text, len);
    for (size_t i = 1, at = 0; at + i < bytes; at += i + 1, i = i * 3 / 2 + 1) {
        text[at + i] = '\0';
        CHECK_TEXT(next(cx, lines), text + at);
    }
    CHECK(!next(cx, lines));
    line_reader_close(lines);
    free(text);
}

TEST("what is not text is refused with its line")
{
    static const struct {
        const char *text;
        size_t len;
    } cases[] = {{"a\n\xff\n", 4}, {"a\n\0b\n", 5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ix_str line;
        line_reader *lines = lines_of(cx, cases[i].text, cases[i].len);
        CHECK_TEXT(next(cx, lines), "a");
        CHECK(!line_reader_next(cx, lines, &line) && !line_reader_fail(cx, lines));
        CHECK_TEXT(cx->error.message, ix_format(cx, "%s, line 2: no text in UTF-8", path));
        ix_ctx_clear_error(cx);
        line_reader_close(lines);
        unlink(path);
    }
}

TEST("what cannot be read says why")
{
    CHECK_FAILS(cx, line_reader_open(cx, "/nowhere/at/all"), IOTS_USAGE);
    CHECK(!line_reader_open(cx, "/tmp"));
    CHECK_TEXT(cx->error.message, "/tmp is a folder");
}
