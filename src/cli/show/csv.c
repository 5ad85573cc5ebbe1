/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { READ_SIZE = 64 * 1024 };

typedef struct field {
    ix_str text;
    bool is_quoted;
} field;

/* Bytes come into `at`; the record at hand begins at `start`. Fields are decoded into `text`, which
 * is as large as the record at most, so that taking them out never moves it. */
struct cli_csv {
    csv_read *read;
    void *arg;
    char delimiter;
    const char *comment; /* NULL: none */
    char *at;
    size_t start, end, size;
    bool is_at_end; /* the source has no more */
    uint64_t line;  /* of `start` */
    uint64_t record_line;
    uint64_t bytes;
    char *text;
    size_t text_len, text_size;
    field *fields;
    size_t count, fields_size;
    bool is_after_gap;
    const char *error;
};

cli_csv *csv_new(csv_read *read, void *arg, char delimiter)
{
    cli_csv *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->read = read;
    made->arg = arg;
    made->delimiter = delimiter;
    made->line = 1;
    return made;
}

void csv_free(cli_csv *csv)
{
    if (!csv)
        return;
    free(csv->at);
    free(csv->text);
    free(csv->fields);
    free(csv);
}

size_t csv_count(const cli_csv *csv)
{
    return csv->count;
}

ix_str csv_field(const cli_csv *csv, size_t index)
{
    return csv->fields[index].text;
}

bool csv_is_quoted(const cli_csv *csv, size_t index)
{
    return csv->fields[index].is_quoted;
}

bool csv_is_after_gap(const cli_csv *csv)
{
    return csv->is_after_gap;
}

void csv_set(cli_csv *csv, char delimiter, const char *comment)
{
    csv->delimiter = delimiter;
    csv->comment = comment && *comment ? comment : NULL;
}

uint64_t csv_line(const cli_csv *csv)
{
    return csv->record_line;
}

uint64_t csv_bytes(const cli_csv *csv)
{
    return csv->bytes;
}

const char *csv_error(const cli_csv *csv)
{
    return csv->error;
}

/* ---- bytes ---- */

/* Reads more after the bytes at hand. False on failure; at the end `is_at_end` is set. */
static bool bytes_more(cli_csv *csv)
{
    if (csv->start > 0) {
        memmove(csv->at, csv->at + csv->start, csv->end - csv->start);
        csv->end -= csv->start;
        csv->start = 0;
    }
    if (csv->size - csv->end < READ_SIZE) {
        const size_t size = 2 * (csv->end + READ_SIZE);
        char *grown = realloc(csv->at, size);
        if (!grown) {
            errno = ENOMEM;
            return false;
        }
        csv->at = grown;
        csv->size = size;
    }
    const ssize_t got = csv->read(csv->arg, csv->at + csv->end, READ_SIZE);
    if (got < 0)
        return false;
    csv->end += (size_t)got;
    csv->is_at_end = got == 0;
    return true;
}

static void bytes_drop(cli_csv *csv, size_t count)
{
    for (size_t i = 0; i < count; i++)
        csv->line += csv->at[csv->start + i] == '\n';
    csv->start += count;
    csv->bytes += count;
}

/* ---- fields ---- */

static bool text_reserve(cli_csv *csv, size_t size)
{
    if (csv->text_size >= size)
        return true;
    char *grown = realloc(csv->text, size);
    if (!grown) {
        errno = ENOMEM;
        return false;
    }
    csv->text = grown;
    csv->text_size = size;
    return true;
}

static bool fields_reserve(cli_csv *csv)
{
    if (csv->count < csv->fields_size)
        return true;
    const size_t size = csv->fields_size ? 2 * csv->fields_size : 16;
    field *grown = realloc(csv->fields, size * sizeof *grown);
    if (!grown) {
        errno = ENOMEM;
        return false;
    }
    csv->fields = grown;
    csv->fields_size = size;
    return true;
}

static csv_result bad(cli_csv *csv, const char *why)
{
    csv->error = why;
    return CSV_BAD;
}

/* Decodes the field at record[*at], and passes its delimiter. *at is then beyond the record's
 * `size` bytes after the last field. */
static csv_result field_next(cli_csv *csv, ix_str record, size_t *at)
{
    if (csv->count == CSV_FIELDS_MAX)
        return bad(csv, "too many fields");
    if (!fields_reserve(csv))
        return CSV_FAILED;

    char *const text = csv->text + csv->text_len;
    size_t len = 0, i = *at;
    const bool is_quoted = i < record.len && record.at[i] == '"';
    if (is_quoted) {
        for (i++;; i++) {
            if (record.at[i] != '"') /* record_end() has seen to it that there is a closing one */
                text[len++] = record.at[i];
            else if (i + 1 < record.len && record.at[i + 1] == '"')
                text[len++] = record.at[i++];
            else
                break;
        }
        i++;
        if (i < record.len && record.at[i] != csv->delimiter)
            return bad(csv, "text after a closing quote");
    } else {
        for (; i < record.len && record.at[i] != csv->delimiter; i++) {
            if (record.at[i] == '"')
                return bad(csv, "a quote within a field that does not begin with one");
            text[len++] = record.at[i];
        }
    }
    csv->fields[csv->count++] = (field){{text, len}, is_quoted};
    csv->text_len += len;
    *at = i + 1;
    return CSV_RECORD;
}

static csv_result record_split(cli_csv *csv, ix_str record)
{
    csv->count = 0;
    csv->text_len = 0;
    if (!text_reserve(csv, record.len + 1))
        return CSV_FAILED;
    if (!ix_str_is_utf8(record))
        return bad(csv, "not UTF-8");
    if (memchr(record.at, '\0', record.len))
        return bad(csv, "a zero byte");
    csv_result result = CSV_RECORD;
    for (size_t at = 0; result == CSV_RECORD && at <= record.len;)
        result = field_next(csv, record, &at);
    return result;
}

/* ---- records ---- */

/* Finds the end of the record at hand: *ret_len bytes without the line break, *ret_all with it. */
static csv_result record_end(cli_csv *csv, size_t *ret_len, size_t *ret_all)
{
    bool is_quoted = false;
    for (size_t len = 0;; len++) {
        while (csv->start + len == csv->end && !csv->is_at_end) {
            if (!bytes_more(csv))
                return CSV_FAILED;
        }
        const bool is_over = csv->start + len == csv->end;
        if (is_over && len == 0)
            return CSV_END;
        if (is_over && is_quoted)
            return bad(csv, "a quoted field that never ends");
        if (!is_over && len >= CSV_RECORD_MAX)
            return bad(csv, is_quoted ? "a quoted field that does not end within 16 MiB"
                                      : "longer than 16 MiB");
        if (!is_over && csv->at[csv->start + len] == '"')
            is_quoted = !is_quoted;
        if (!is_over && (csv->at[csv->start + len] != '\n' || is_quoted))
            continue;
        *ret_all = len + !is_over;
        *ret_len = len > 0 && csv->at[csv->start + len - 1] == '\r' ? len - 1 : len;
        return CSV_RECORD;
    }
}

/* Passes over the rest of the first line. */
static bool line_drop(cli_csv *csv)
{
    for (;;) {
        const size_t have = csv->end - csv->start;
        const char *found = have ? memchr(csv->at + csv->start, '\n', have) : NULL;
        if (found) {
            bytes_drop(csv, (size_t)(found - (csv->at + csv->start)) + 1);
            return true;
        }
        bytes_drop(csv, have);
        if (csv->is_at_end)
            return true;
        if (!bytes_more(csv))
            return false;
    }
}

static bool mark_drop(cli_csv *csv)
{
    static const char mark[] = {'\xEF', '\xBB', '\xBF'};
    while (csv->end < sizeof mark && !csv->is_at_end) {
        if (!bytes_more(csv))
            return false;
    }
    if (csv->end >= sizeof mark && memcmp(csv->at, mark, sizeof mark) == 0)
        bytes_drop(csv, sizeof mark);
    return true;
}

/* At the beginning of the file: the byte order mark is passed over. */
static bool csv_begin(cli_csv *csv)
{
    return csv->bytes > 0 || mark_drop(csv);
}

bool csv_peek(cli_csv *csv, size_t size, ix_str *ret)
{
    if (!csv_begin(csv))
        return false;
    while (csv->end - csv->start < size && !csv->is_at_end) {
        if (!bytes_more(csv))
            return false;
    }
    *ret = (ix_str){csv->at + csv->start, csv->end - csv->start};
    return true;
}

csv_result csv_skip_line(cli_csv *csv)
{
    ix_str next;
    csv->count = 0;
    csv->record_line = csv->line;
    if (!csv_peek(csv, 1, &next))
        return CSV_FAILED;
    if (next.len == 0)
        return CSV_END;
    return line_drop(csv) ? CSV_RECORD : CSV_FAILED;
}

/* Is the next line one to be passed over? */
static bool comment_find(cli_csv *csv, bool *ret)
{
    ix_str next;
    *ret = false;
    if (!csv->comment)
        return true;
    if (!csv_peek(csv, strlen(csv->comment), &next))
        return false;
    *ret = ix_str_starts(next, csv->comment);
    return true;
}

csv_result csv_next(cli_csv *csv)
{
    csv->is_after_gap = false;
    if (!csv_begin(csv))
        return CSV_FAILED;
    for (;;) {
        size_t len = 0, all = 0;
        bool is_comment;
        csv->count = 0;
        csv->record_line = csv->line;
        if (!comment_find(csv, &is_comment) || (is_comment && !line_drop(csv)))
            return CSV_FAILED;
        if (is_comment)
            continue;
        csv_result result = record_end(csv, &len, &all);
        if (result == CSV_RECORD && len == 0) {
            csv->is_after_gap = true;
            bytes_drop(csv, all);
            continue;
        }
        if (result == CSV_RECORD)
            result = record_split(csv, (ix_str){csv->at + csv->start, len});
        if (result == CSV_RECORD)
            bytes_drop(csv, all);
        else if (result == CSV_BAD && !line_drop(csv))
            result = CSV_FAILED;
        return result;
    }
}

/* ---- writing ---- */

void csv_write(ix_buf *buf, ix_str field, bool is_alone)
{
    bool needs_quotes = field.len == 0 && is_alone;
    for (size_t i = 0; i < field.len && !needs_quotes; i++)
        needs_quotes = strchr(",\"\r\n", field.at[i]) != NULL;
    if (!needs_quotes) {
        ix_buf_str(buf, field);
        return;
    }
    ix_buf_char(buf, '"');
    for (size_t i = 0; i < field.len; i++) {
        if (field.at[i] == '"')
            ix_buf_char(buf, '"');
        ix_buf_char(buf, field.at[i]);
    }
    ix_buf_char(buf, '"');
}

void csv_write_safe(ix_buf *buf, ix_str field, bool is_alone)
{
    ix_buf safe = {0};
    if (field.len > 0 && field.at[0] && strchr("=+-@\t\r", field.at[0])) {
        ix_buf_char(&safe, '\'');
        ix_buf_str(&safe, field);
        field = (ix_str){ix_buf_cstr(&safe), safe.len};
    }
    csv_write(buf, field, is_alone);
    buf->failed = buf->failed || safe.failed;
    ix_buf_done(&safe);
}
