/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV is read the same in whatever pieces it comes, all of it is counted, and a record that is written
 * is read again. The first byte of an input is the delimiter.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/show/csv.h"

enum { STEP = 3 }; /* bytes at a time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not an assert: it must hold in every build. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

typedef struct source {
    ix_str left;
    size_t step;
} source;

static ssize_t source_read(void *arg, void *to, size_t size)
{
    source *source = arg;
    size_t len = size < source->step ? size : source->step;
    len = len < source->left.len ? len : source->left.len;
    if (len > 0)
        memcpy(to, source->left.at, len);
    source->left.at += len;
    source->left.len -= len;
    return (ssize_t)len;
}

/* Everything that the reader says of a text; `records` gets those that can be read, written again. */
static void read_all(ix_str text, char delimiter, size_t step, ix_buf *said, ix_buf *records)
{
    source source = {text, step};
    cli_csv *csv = csv_new(source_read, &source, delimiter);
    must(csv != NULL);
    csv_result result;
    while ((result = csv_next(csv)) != CSV_END) {
        must(result != CSV_FAILED);
        const size_t count = result == CSV_RECORD ? csv_count(csv) : 0;
        must(result == CSV_BAD || count > 0);
        ix_buf_format(said, "%llu %s\n", (unsigned long long)csv_line(csv),
                      result == CSV_BAD ? csv_error(csv) : "");
        for (size_t i = 0; i < count; i++) {
            const ix_str field = csv_field(csv, i);
            ix_buf_format(said, "%zu%c", field.len, csv_is_quoted(csv, i) ? 'q' : ' ');
            ix_buf_str(said, field);
            ix_buf_text(records, i > 0 ? "," : "");
            csv_write(records, field, count == 1);
        }
        ix_buf_text(records, count > 0 ? "\n" : "");
    }
    must(csv_bytes(csv) == text.len);
    csv_free(csv);
}

static void must_equal(const ix_buf *a, const ix_buf *b)
{
    must(!a->failed && !b->failed && a->len == b->len);
    must(a->len == 0 || memcmp(a->at, b->at, a->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ix_buf said = {0}, said_by_pieces = {0}, said_again = {0};
    ix_buf records = {0}, records_by_pieces = {0}, records_again = {0};
    static const char others[] = {';', '\t', '|'};
    const char *other = size > 0 ? memchr(others, data[0], sizeof others) : NULL;
    char delimiter = ',';
    if (other)
        delimiter = *other;
    const ix_str text = {(const char *)data + (size > 0), size - (size > 0)};

    read_all(text, delimiter, SIZE_MAX, &said, &records);
    read_all(text, delimiter, STEP, &said_by_pieces, &records_by_pieces);
    must_equal(&said, &said_by_pieces);

    /* What begins with a byte order mark would lose it. */
    const char mark[] = "\xEF\xBB\xBF";
    if (records.len < sizeof mark - 1 || memcmp(records.at, mark, sizeof mark - 1) != 0) {
        read_all((ix_str){ix_buf_cstr(&records), records.len}, ',', SIZE_MAX, &said_again,
                 &records_again);
        must_equal(&records, &records_again);
    }
    ix_buf *all[] = {&said,    &said_by_pieces,    &said_again,
                     &records, &records_by_pieces, &records_again};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ix_buf_done(all[i]);
    return 0;
}
