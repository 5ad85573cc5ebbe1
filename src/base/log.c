/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line is made whole before it is written, and one is written after the other, so that the lines of
 * many threads do not mix. One write(2) alone would not do: a pipe takes a long line in pieces.
 */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"

enum { LONGEST_SENTENCE = 4096 };

/* What is neither const nor handed in here: a log serves the whole program. */
static _Atomic int wanted_level = IX_LOG_INFO;
static _Atomic bool wants_json;
static pthread_mutex_t one_line = PTHREAD_MUTEX_INITIALIZER; /* held while a line is written */

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

/* DEL, and the control characters beyond ASCII: in UTF-8, C2 80 to C2 9F. */
static bool is_high_control(ix_str text, size_t i)
{
    const unsigned char c = (unsigned char)text.at[i];
    return c == 0x7F || (c == 0xC2 && i + 1 < text.len && (unsigned char)text.at[i + 1] < 0xA0);
}

static bool has_high_control(ix_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (is_high_control(text, i))
            return true;
    return false;
}

/* What came from outside may hold anything: nothing of it may end the line, talk to the terminal,
 * or be bad UTF-8. A `quote` in it, and a backslash then, get a backslash; 0: there are no quotes. */
static void write_plain(ix_buf *line, ix_str text, char quote)
{
    const bool is_utf8 = ix_str_is_utf8(text);
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.at[i];
        if (c == '\n') {
            ix_buf_text(line, "\\n");
        } else if (c < 0x20 || (c >= 0x80 && !is_utf8)) {
            ix_buf_format(line, "\\x%02x", c);
        } else if (is_high_control(text, i)) {
            i += c == 0xC2; /* its second byte is its number */
            ix_buf_format(line, "\\x%02x", (unsigned char)text.at[i]);
        } else {
            if (quote && (c == (unsigned char)quote || c == '\\'))
                ix_buf_char(line, '\\');
            ix_buf_char(line, text.at[i]);
        }
    }
}

static void write_json(ix_buf *line, ix_str text)
{
    if (ix_str_is_utf8(text) && !has_high_control(text)) {
        ix_json_write_text(line, text);
        return;
    }
    ix_buf plain = {0};
    write_plain(&plain, text, 0);
    ix_json_write_text(line, (ix_str){plain.at, plain.len});
    ix_buf_done(&plain);
}

/* Does it need no quotes to be distinguished from what stands around it? */
static bool is_word(ix_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~' || strchr("\"\\=", text.at[i]))
            return false;
    return text.len > 0;
}

/* name=value, name="a value" */
static void write_field(ix_buf *line, const ix_log_field *field)
{
    ix_buf_format(line, " %s=", field->name);
    if (field->is_number || is_word(field->value)) {
        ix_buf_str(line, field->value);
        return;
    }
    ix_buf_char(line, '"');
    write_plain(line, field->value, '"');
    ix_buf_char(line, '"');
}

static void write_json_field(ix_buf *line, const ix_log_field *field)
{
    ix_buf_format(line, ",\"%s\":", field->name);
    if (field->is_number)
        ix_buf_str(line, field->value);
    else
        write_json(line, field->value);
}

/* The sentence was longer than its room: its last character may be but a half. */
static ix_str cut_sentence(const char *sentence, size_t len)
{
    size_t whole = len;
    while (whole > len - 4 && !ix_str_is_utf8((ix_str){sentence, whole}))
        whole--;
    return (ix_str){sentence, whole};
}

static void write_line(ix_buf *line, ix_log_level level, ix_str sentence,
                       const ix_log_field *fields, size_t count)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    const int64_t now_us = ix_now_us() / 1000 * 1000;
    if (atomic_load_explicit(&wants_json, memory_order_relaxed)) {
        ix_buf_text(line, "{\"time\":\"");
        ix_buf_time(line, now_us);
        ix_buf_format(line, "\",\"level\":\"%s\",\"message\":", names[level]);
        write_json(line, sentence);
        for (size_t i = 0; i < count; i++)
            write_json_field(line, &fields[i]);
        ix_buf_text(line, "}\n");
        return;
    }
    ix_buf_time(line, now_us);
    ix_buf_format(line, " %s ", names[level]);
    write_plain(line, sentence, 0);
    for (size_t i = 0; i < count; i++)
        write_field(line, &fields[i]);
    ix_buf_char(line, '\n');
}

/* A log that cannot be written cannot be reported anywhere. */
static void log_send(ix_str line)
{
    pthread_mutex_lock(&one_line);
    while (line.len > 0) {
        const ssize_t sent = write(STDERR_FILENO, line.at, line.len);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            break;
        line = (ix_str){line.at + sent, line.len - (size_t)sent};
    }
    pthread_mutex_unlock(&one_line);
}

void ix_log_fact(ix_log_level level, ix_str sentence, const ix_log_field *fields, size_t count)
{
    const int errno_before = errno;
    ix_buf line = {0};
    write_line(&line, level, sentence, fields, count);
    log_send(line.failed ? IX_STR("out of memory while writing the log\n")
                         : (ix_str){line.at, line.len});
    ix_buf_done(&line);
    errno = errno_before;
}

void ix_log(ix_log_level level, const char *format, ...)
{
    if (!ix_log_wants(level))
        return;
    char sentence[LONGEST_SENTENCE];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (len < 0)
        len = 0;
    const bool is_whole = (size_t)len < sizeof sentence;

    ix_log_fact(level,
                is_whole ? (ix_str){sentence, (size_t)len}
                         : cut_sentence(sentence, sizeof sentence - 1),
                NULL, 0);
}
