/* SPDX-License-Identifier: Apache-2.0 */
/* Reading conversations: line by line, each line saying by its first character what it is. */
#include "talk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "files.h"

typedef struct reader {
    ix_ctx *cx;
    talk *talk;
    ix_str rest; /* what is not read yet */
    ix_str line; /* the line at hand, without its end */
    int number;  /* of the line at hand */
    bool is_end; /* there is no line at hand */
} reader;

static bool reader_fail(reader *reader, const char *why)
{
    return ix_fail(reader->cx, IOTS_USAGE, "%s:%d: %s", reader->talk->file, reader->number, why);
}

static void next_line(reader *reader)
{
    reader->is_end = reader->rest.len == 0;
    if (reader->is_end)
        return;
    reader->rest = ix_str_cut(reader->rest, '\n', &reader->line);
    reader->number++;
}

static char *line_copy(const reader *reader)
{
    return ix_strndup(reader->cx, reader->line.at, reader->line.len);
}

static talk_step *add_step(reader *reader, talk_kind kind)
{
    talk *talk = reader->talk;
    if (talk->count == talk->size) {
        const size_t size = talk->size ? 2 * talk->size : 32;
        talk_step *steps = ix_new(reader->cx, talk_step, size);
        if (!steps)
            return NULL;
        if (talk->count)
            memcpy(steps, talk->steps, talk->count * sizeof(*steps));
        talk->steps = steps;
        talk->size = size;
    }
    talk_step *step = &talk->steps[talk->count++];
    step->kind = kind;
    step->line = reader->number;
    return step;
}

/* ---- what a line is ---- */

static bool is_blank(ix_str line)
{
    return ix_str_trim(line).len == 0;
}

/* "PUT /spaces": capital letters, a blank, and a target. */
static bool is_call(ix_str line)
{
    size_t i = 0;
    while (i < line.len && isupper((unsigned char)line.at[i]))
        i++;
    return i >= 3 && i + 1 < line.len && line.at[i] == ' ' &&
           (line.at[i + 1] == '/' || line.at[i + 1] == '*' || line.at[i + 1] == '$');
}

/* "Content-Type: x": a word, a colon, and a blank or the end. */
static bool is_header(ix_str line)
{
    size_t i = 0;
    while (i < line.len && (isalnum((unsigned char)line.at[i]) || line.at[i] == '-'))
        i++;
    return i > 0 && i < line.len && line.at[i] == ':' &&
           (i + 1 == line.len || line.at[i + 1] == ' ');
}

static bool is_status(ix_str line)
{
    return line.len == 3 && isdigit((unsigned char)line.at[0]) &&
           isdigit((unsigned char)line.at[1]) && isdigit((unsigned char)line.at[2]);
}

/* Begins something new, whatever came before. */
static bool is_mark(ix_str line)
{
    return ix_str_starts(line, "# ") || ix_str_starts(line, "-> ") ||
           ix_str_starts(line, "$ iotsd ") || ix_str_starts(line, "with ") || is_call(line);
}

/* ---- reading ---- */

static bool read_headers(reader *reader, http_header *headers, size_t *count)
{
    for (; !reader->is_end && is_header(reader->line); next_line(reader)) {
        if (*count == HTTP_HEADERS_MAX)
            return reader_fail(reader, "too many headers");
        ix_str name;
        const ix_str value = ix_str_trim(ix_str_cut(reader->line, ':', &name));
        http_header *header = &headers[(*count)++];
        header->name = ix_strndup(reader->cx, name.at, name.len);
        header->value = ix_strndup(reader->cx, value.at ? value.at : "", value.len);
        if (!header->name || !header->value)
            return false;
    }
    return true;
}

/* Lines up to one that is a status (`until_status`) or begins something new, without blank lines at
 * the end. *ret stays NULL if there are none. */
static bool read_text(reader *reader, bool until_status, const char **ret)
{
    ix_buf text = {0};
    while (!reader->is_end && !(until_status && is_status(reader->line)) &&
           !is_mark(reader->line)) {
        ix_buf_str(&text, reader->line);
        ix_buf_char(&text, '\n');
        next_line(reader);
    }
    while (text.len > 0 && isspace((unsigned char)text.at[text.len - 1]))
        text.len--;
    bool ok = true;
    if (text.len > 0) {
        *ret = ix_strndup(reader->cx, text.at, text.len);
        ok = *ret != NULL;
    }
    ix_buf_done(&text);
    return ok;
}

static bool read_answer(reader *reader, talk_step *step)
{
    if (reader->is_end || !is_status(reader->line))
        return reader_fail(reader, "expected the status of the answer");
    step->status = atoi(line_copy(reader));
    next_line(reader);
    if (!read_headers(reader, step->answer_headers, &step->answer_header_count) ||
        !read_text(reader, false, &step->answer))
        return false;

    static const char exactly[] = "exactly ";
    step->exactly = step->answer && strncmp(step->answer, exactly, strlen(exactly)) == 0;
    if (step->exactly)
        step->answer += strlen(exactly);
    step->holding = step->answer && strncmp(step->answer, "holding ", 8) == 0;
    return true;
}

static bool read_call(reader *reader)
{
    talk_step *step = add_step(reader, TALK_CALL);
    if (!step)
        return false;
    ix_str method;
    const ix_str target = ix_str_cut(reader->line, ' ', &method);
    step->method = ix_strndup(reader->cx, method.at, method.len);
    step->target = ix_strndup(reader->cx, target.at, target.len);
    if (!step->method || !step->target)
        return false;
    next_line(reader);
    return read_headers(reader, step->headers, &step->header_count) &&
           read_text(reader, true, &step->body) && read_answer(reader, step);
}

/* "# A sentence" over one or more lines. */
static bool read_sentence(reader *reader)
{
    talk_step *step = add_step(reader, TALK_SENTENCE);
    ix_buf text = {0};
    for (; !reader->is_end && ix_str_starts(reader->line, "# "); next_line(reader)) {
        if (text.len)
            ix_buf_char(&text, ' ');
        ix_buf_add(&text, reader->line.at + 2, reader->line.len - 2);
    }
    if (step)
        step->text = ix_strdup(reader->cx, ix_buf_cstr(&text));
    ix_buf_done(&text);
    return step && step->text;
}

/* "-> name where" */
static bool read_keep(reader *reader)
{
    talk_step *step = add_step(reader, TALK_KEEP);
    if (!step)
        return false;
    ix_str name;
    const ix_str where =
        ix_str_cut((ix_str){reader->line.at + 3, reader->line.len - 3}, ' ', &name);
    if (name.len == 0 || where.len == 0)
        return reader_fail(reader, "expected -> name where");
    step->name = ix_strndup(reader->cx, name.at, name.len);
    step->text = ix_strndup(reader->cx, where.at, where.len);
    next_line(reader);
    return step->name && step->text;
}

static bool read_admin(reader *reader)
{
    talk_step *step = add_step(reader, TALK_ADMIN);
    if (!step)
        return false;
    step->text = line_copy(reader);
    next_line(reader);
    return step->text != NULL;
}

static bool read_setting(reader *reader)
{
    talk *talk = reader->talk;
    if (talk->count > 0 && talk->steps[talk->count - 1].kind != TALK_SENTENCE)
        return reader_fail(reader, "settings come before the first call");
    if (talk->setting_count == TALK_SETTINGS_MAX)
        return reader_fail(reader, "too many settings");
    const char *line = line_copy(reader);
    next_line(reader);
    if (line)
        talk->settings[talk->setting_count++] = line + strlen("with ");
    return line != NULL;
}

static bool read_step(reader *reader)
{
    if (ix_str_starts(reader->line, "# "))
        return read_sentence(reader);
    if (ix_str_starts(reader->line, "-> "))
        return read_keep(reader);
    if (ix_str_starts(reader->line, "$ iotsd "))
        return read_admin(reader);
    if (ix_str_starts(reader->line, "with "))
        return read_setting(reader);
    if (is_call(reader->line))
        return read_call(reader);
    return reader_fail(reader, "this line is not understood");
}

talk *talk_parse(ix_ctx *cx, const char *file, const char *text)
{
    talk *talk = ix_new(cx, struct talk, 1);
    if (!talk)
        return NULL;
    talk->file = file;
    reader reader = {.cx = cx, .talk = talk, .rest = ix_str_of(text)};
    next_line(&reader);
    while (!reader.is_end) {
        if (is_blank(reader.line))
            next_line(&reader);
        else if (!read_step(&reader))
            return NULL;
    }
    return talk;
}

talk *talk_read(ix_ctx *cx, const char *file)
{
    const char *text = file_read(cx, file);
    return text ? talk_parse(cx, file, text) : NULL;
}
