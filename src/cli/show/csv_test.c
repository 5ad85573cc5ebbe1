/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/csv.h"

#include <errno.h>
#include <stdlib.h>

#include "base/test.h"

/* A text that is read `step` bytes at a time. */
typedef struct source {
    const char *at;
    size_t left, step;
} source;

static ssize_t source_read(void *arg, void *to, size_t size)
{
    source *source = arg;
    size_t part = source->step < size ? source->step : size;
    part = part < source->left ? part : source->left;
    memcpy(to, source->at, part);
    source->at += part;
    source->left -= part;
    return (ssize_t)part;
}

static ssize_t broken_read(void *arg, void *to, size_t size)
{
    (void)arg;
    (void)to;
    (void)size;
    errno = EIO;
    return -1;
}

/* All records as text: "line[field|field]", "line!what is wrong", by pieces of `step` bytes. */
static const char *records_by(ix_ctx *cx, const char *text, size_t size, char delimiter,
                              size_t step)
{
    source source = {text, size, step};
    cli_csv *csv = csv_new(source_read, &source, delimiter);
    CHECK(csv);
    ix_buf all = {0};
    csv_result result;
    while ((result = csv_next(csv)) != CSV_END) {
        CHECK(result != CSV_FAILED);
        ix_buf_int(&all, (long long)csv_line(csv));
        ix_buf_text(&all, result == CSV_BAD ? "!" : "[");
        if (result == CSV_BAD)
            ix_buf_text(&all, csv_error(csv));
        for (size_t i = 0; result == CSV_RECORD && i < csv_count(csv); i++) {
            ix_buf_text(&all, i ? "|" : "");
            ix_buf_str(&all, csv_field(csv, i));
        }
        ix_buf_text(&all, result == CSV_BAD ? "" : "]");
    }
    CHECK_INT(csv_bytes(csv), size);
    csv_free(csv);
    const char *copy = ix_strdup(cx, ix_buf_cstr(&all));
    ix_buf_done(&all);
    return copy;
}

/* However it comes, it reads the same. */
static const char *records(ix_ctx *cx, const char *text)
{
    const char *whole = records_by(cx, text, strlen(text), ',', strlen(text) + 1);
    for (size_t step = 1; step < 4; step++)
        CHECK_TEXT(records_by(cx, text, strlen(text), ',', step), whole);
    return whole;
}

TEST("records are lines, fields are between commas")
{
    CHECK_TEXT(records(cx, "a,b\n1,2\n"), "1[a|b]2[1|2]");
    CHECK_TEXT(records(cx, "a,b\n1,2"), "1[a|b]2[1|2]");
    CHECK_TEXT(records(cx, ",\n"), "1[|]");
    CHECK_TEXT(records(cx, ""), "");
}

TEST("a line may end with CRLF, and a file begin with a byte order mark")
{
    CHECK_TEXT(records(cx, "\xEF\xBB\xBF"
                           "a,b\r\n1,2\r\n"),
               "1[a|b]2[1|2]");
    CHECK_TEXT(records(cx, "a,b\r"), "1[a|b]");
}

TEST("lines without anything are passed over, and still count")
{
    CHECK_TEXT(records(cx, "\n\na\r\n\r\n\nb\n\n"), "3[a]6[b]");
}

TEST("a quoted field keeps commas, quotes and line breaks")
{
    CHECK_TEXT(records(cx, "\"a,b\",\"say \"\"hi\"\"\",\"\"\nx,\"1\n2\",y\nz"),
               "1[a,b|say \"hi\"|]2[x|1\n2|y]4[z]");
    CHECK_TEXT(records(cx, "\"a\r\nb\"\r\n"), "1[a\r\nb]");
    CHECK_TEXT(records(cx, "\"\"\"\"\n"), "1[\"]");
}

TEST("a stray quote costs its line and no more")
{
    CHECK_TEXT(records(cx, "a\n5\" pipe,1\nb\n"), "1[a]2!a quoted field that never ends3[b]");
    CHECK_TEXT(records(cx, "a\n\"b\nc\nd\n"), "1[a]2!a quoted field that never ends3[c]4[d]");
    CHECK_TEXT(records(cx, "\"a\"b\nc\n"), "1!text after a closing quote2[c]");
    CHECK_TEXT(records(cx, "x\"y\"\nc\n"),
               "1!a quote within a field that does not begin with one2[c]");
}

TEST("what is not UTF-8, or holds a zero byte, is unreadable")
{
    CHECK_TEXT(records(cx, "a\n\xFF\nb\n"), "1[a]2!not UTF-8"
                                            "3[b]");
    CHECK_TEXT(records_by(cx, "a\0b\nc\n", 6, ',', 2), "1!a zero byte2[c]");
}

TEST("the delimiter may be another one")
{
    CHECK_TEXT(records_by(cx, "a;b,c\n", 6, ';', 9), "1[a|b,c]");
}

TEST("a record beyond the limit is unreadable, however it is read")
{
    enum { SIZE = CSV_RECORD_MAX + 10 };
    char *text = malloc(SIZE + 1);
    CHECK(text);
    snprintf(text, SIZE + 1, "a\n%0*d\nb\n", SIZE - 5, 0);
    CHECK_TEXT(records_by(cx, text, SIZE, ',', 60000), "1[a]2!longer than 16 MiB3[b]");
    text[2] = '"';
    CHECK_TEXT(records_by(cx, text, SIZE, ',', 100000),
               "1[a]2!a quoted field that does not end within 16 MiB3[b]");
    free(text);
}

TEST("too many fields are unreadable")
{
    static char text[CSV_FIELDS_MAX + 2];
    memset(text, ',', sizeof text);
    text[CSV_FIELDS_MAX] = '\n';
    CHECK_TEXT(records_by(cx, text, CSV_FIELDS_MAX + 1, ',', 50000), "1!too many fields");
}

/* Fields of the next record, with a star behind those in quotes. */
static const char *next_of(ix_ctx *cx, cli_csv *csv)
{
    ix_buf all = {0};
    const csv_result result = csv_next(csv);
    ix_buf_text(&all, result == CSV_END ? "end" : csv_is_after_gap(csv) ? "gap " : "");
    for (size_t i = 0; result == CSV_RECORD && i < csv_count(csv); i++) {
        ix_buf_text(&all, i ? "|" : "");
        ix_buf_str(&all, csv_field(csv, i));
        ix_buf_text(&all, csv_is_quoted(csv, i) ? "*" : "");
    }
    const char *copy = ix_strdup(cx, ix_buf_cstr(&all));
    ix_buf_done(&all);
    return copy;
}

TEST("lines above the names can be passed over, whatever is in them, and so can comments")
{
    static const char text[] =
        "\xEF\xBB\xBFPlot \"x, y\na;b\n#no\n# \"no\n1;#2\n\n#no\n\"\";\"#3\"\n";
    for (size_t step = 1; step < 10; step++) {
        source source = {text, sizeof text - 1, step};
        cli_csv *csv = csv_new(source_read, &source, ',');
        ix_str ahead;
        CHECK_INT(csv_skip_line(csv), CSV_RECORD);
        CHECK(csv_peek(csv, 3, &ahead));
        CHECK(ahead.len >= 3 && memcmp(ahead.at, "a;b", 3) == 0);
        csv_set(csv, ';', "#");
        CHECK_TEXT(next_of(cx, csv), "a|b");
        CHECK_INT(csv_line(csv), 2);
        CHECK_TEXT(next_of(cx, csv), "1|#2");
        CHECK_INT(csv_line(csv), 5);
        CHECK_TEXT(next_of(cx, csv), "gap *|#3*");
        CHECK_INT(csv_line(csv), 8);
        CHECK_TEXT(next_of(cx, csv), "end");
        CHECK_INT(csv_skip_line(csv), CSV_END);
        CHECK(csv_peek(csv, 100, &ahead));
        CHECK_INT(ahead.len, 0);
        CHECK_INT(csv_bytes(csv), sizeof text - 1);
        csv_free(csv);
    }
}

TEST("a failed read is distinguished from the end")
{
    ix_str ahead;
    cli_csv *csv = csv_new(broken_read, NULL, ',');
    CHECK_INT(csv_next(csv), CSV_FAILED);
    CHECK_INT(errno, EIO);
    CHECK_INT(csv_skip_line(csv), CSV_FAILED);
    CHECK(!csv_peek(csv, 1, &ahead));
    csv_free(csv);
}

static const char *written(ix_ctx *cx, const char *field, bool is_alone)
{
    ix_buf buf = {0};
    csv_write(&buf, ix_str_of(field), is_alone);
    const char *copy = ix_strdup(cx, ix_buf_cstr(&buf));
    ix_buf_done(&buf);
    return copy;
}

TEST("fields are written with quotes where they need them")
{
    CHECK_TEXT(written(cx, "a b;'c", false), "a b;'c");
    CHECK_TEXT(written(cx, "a,b", false), "\"a,b\"");
    CHECK_TEXT(written(cx, "a \"b\"", false), "\"a \"\"b\"\"\"");
    CHECK_TEXT(written(cx, "a\r\nb", false), "\"a\r\nb\"");
    CHECK_TEXT(written(cx, "", false), "");
    CHECK_TEXT(written(cx, "", true), "\"\"");
}

TEST("what a spreadsheet takes for a formula has a quote in front, and nothing else has")
{
    static const struct {
        const char *field, *want;
    } cases[] = {
        {"=1+2", "'=1+2"},
        {"+1", "'+1"},
        {"-x", "'-x"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"\tx", "'\tx"},
        {"\r=1", "\"'\r=1\""},
        {"=\"a\",b", "\"'=\"\"a\"\",b\""},
        {"1=2", "1=2"},
        {"a-b", "a-b"},
        {"'=1", "'=1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ix_buf buf = {0};
        csv_write_safe(&buf, ix_str_of(cases[i].field), false);
        CHECK_TEXT(ix_buf_cstr(&buf), cases[i].want);
        ix_buf_done(&buf);
    }
    ix_buf alone = {0};
    csv_write_safe(&alone, ix_str_of(""), true);
    CHECK_TEXT(ix_buf_cstr(&alone), "\"\"");
    ix_buf_done(&alone);
    (void)cx;
}
