/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV, one record at a time (RFC 4180): quoted fields with "" for a quote and line breaks inside,
 * LF or CRLF at the end of a record, a byte order mark at the beginning passed over.
 *
 * Never the whole file: the reader holds the record at hand and what was read ahead. A record that
 * cannot be read is passed over up to the end of its first line, so that one stray quote does not
 * swallow the rest of the file.
 */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/str.h"

enum {
    CSV_RECORD_MAX = 16 * 1024 * 1024, /* bytes of one record */
    CSV_FIELDS_MAX = 64 * 1024,        /* fields of one record */
};

/* As read(2): bytes read, 0 at the end, -1 on failure with errno set. */
typedef ssize_t csv_read(void *arg, void *to, size_t size);

typedef struct cli_csv cli_csv;

typedef enum csv_result {
    CSV_RECORD,
    CSV_END,
    CSV_BAD,    /* this record is unreadable: csv_error() says why; the next may be fine */
    CSV_FAILED, /* reading failed, errno says; or there is no memory (ENOMEM) */
} csv_result;

/* NULL when out of memory. */
cli_csv *csv_new(csv_read *read, void *arg, char delimiter);
void csv_free(cli_csv *csv);

/* From the next record on, fields are between `delimiter`, and lines that begin with `comment` (NULL:
 * none do; borrowed) are passed over. */
void csv_set(cli_csv *csv, char delimiter, const char *comment);

/* The next record. Lines without any character are passed over. */
csv_result csv_next(cli_csv *csv);

/* Passes over a line, whatever is in it. CSV_END if there is none. */
csv_result csv_skip_line(cli_csv *csv);

/* What comes next, unread: at least `size` bytes, or all there is, good until the next call. False if
 * reading fails. */
bool csv_peek(cli_csv *csv, size_t size, ix_str *ret);

/* Of the record at hand, valid until the next call. Fields are not zero-terminated. */
size_t csv_count(const cli_csv *csv);
ix_str csv_field(const cli_csv *csv, size_t index);
bool csv_is_quoted(const cli_csv *csv, size_t index); /* is the field in quotes? */
bool csv_is_after_gap(const cli_csv *csv); /* is there an empty line before the record? */

/* The line on which the record at hand begins, from 1. */
uint64_t csv_line(const cli_csv *csv);

/* Bytes of all records and lines so far, the one at hand included. */
uint64_t csv_bytes(const cli_csv *csv);

/* What is wrong with a record that is CSV_BAD. */
const char *csv_error(const cli_csv *csv);

/* Appends one field of a record, in quotes where it needs them. `is_alone`: it is the only one of
 * its record, which must not be an empty line. */
void csv_write(ix_buf *buf, ix_str field, bool is_alone);

/* The same for spreadsheets: what they would take for a formula has ' in front, as OWASP has it. Not
 * for numbers, which may begin with a sign. */
void csv_write_safe(ix_buf *buf, ix_str field, bool is_alone);

#endif
