/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line is made whole before it is written, and written by one write(2), so that the lines of many
 * threads do not mix.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"

enum { LONGEST_SENTENCE = 4096 };

/* The one thing here that is neither const nor handed in: a log serves the whole program. */
static _Atomic int wanted_level = IX_LOG_INFO;
static _Atomic bool wants_json;

void ix_log_set(ix_log_level level, bool as_json)
{
    atomic_store_explicit(&wants_json, as_json, memory_order_relaxed);
    ix_log_set_level(level);
}

void ix_log_set_level(ix_log_level level)
{
    atomic_store_explicit(&wanted_level, (int)level, memory_order_relaxed);
}

bool ix_log_wants(ix_log_level level)
{
    return (int)level <= atomic_load_explicit(&wanted_level, memory_order_relaxed);
}

/* What came from outside may hold anything: nothing of it may end the line, talk to the terminal,
 * or be bad UTF-8. */
static void write_plain(ix_buf *line, ix_str sentence)
{
    const bool is_utf8 = ix_str_is_utf8(sentence);
    for (size_t i = 0; i < sentence.len; i++) {
        const unsigned char c = (unsigned char)sentence.at[i];
        if (c == '\n')
            ix_buf_text(line, "\\n");
        else if (c < 0x20 || c == 0x7F || (c >= 0x80 && !is_utf8))
            ix_buf_format(line, "\\x%02x", c);
        else
            ix_buf_char(line, sentence.at[i]);
    }
}

static void write_json(ix_buf *line, ix_str sentence)
{
    if (ix_str_is_utf8(sentence)) {
        ix_json_write_text(line, sentence);
        return;
    }
    ix_buf plain = {0};
    write_plain(&plain, sentence);
    ix_json_write_text(line, (ix_str){plain.at, plain.len});
    ix_buf_done(&plain);
}

/* The sentence was longer than its room: its last character may be but a half. */
static ix_str cut_sentence(const char *sentence, size_t len)
{
    size_t whole = len;
    while (whole > len - 4 && !ix_str_is_utf8((ix_str){sentence, whole}))
        whole--;
    return (ix_str){sentence, whole};
}

static void write_line(ix_buf *line, ix_log_level level, ix_str sentence)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    if (atomic_load_explicit(&wants_json, memory_order_relaxed)) {
        ix_buf_text(line, "{\"time\":\"");
        ix_buf_time(line, ix_now_us() / 1000 * 1000);
        ix_buf_format(line, "\",\"level\":\"%s\",\"message\":", names[level]);
        write_json(line, sentence);
        ix_buf_text(line, "}\n");
        return;
    }
    ix_buf_time(line, ix_now_us() / 1000 * 1000);
    ix_buf_format(line, " %s ", names[level]);
    write_plain(line, sentence);
    ix_buf_char(line, '\n');
}

/* A log that cannot be written has nobody left to tell. */
static void send(ix_str line)
{
    while (write(STDERR_FILENO, line.at, line.len) < 0 && errno == EINTR)
        continue;
}

void ix_log(ix_log_level level, const char *format, ...)
{
    if (!ix_log_wants(level))
        return;
    const int errno_before = errno;
    char sentence[LONGEST_SENTENCE];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (len < 0)
        len = 0;
    const bool is_whole = (size_t)len < sizeof sentence;

    ix_buf line = {0};
    write_line(&line, level,
               is_whole ? (ix_str){sentence, (size_t)len}
                        : cut_sentence(sentence, sizeof sentence - 1));
    send(line.failed ? IX_STR("out of memory while writing the log\n")
                     : (ix_str){line.at, line.len});
    ix_buf_done(&line);
    errno = errno_before;
}
