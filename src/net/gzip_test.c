/* SPDX-License-Identifier: Apache-2.0 */
#include "net/gzip.h"

#include "base/test.h"

/* A text that shrinks, in cx. */
static ix_str sample(ix_ctx *cx, size_t count)
{
    ix_buf text = {0};
    for (size_t i = 0; i < count; i++)
        ix_buf_format(&text, "{\"t\":%zu},", i * 7919 % 1000);
    const ix_str copy = {ix_strndup(cx, text.at, text.len), text.len};
    ix_buf_done(&text);
    return copy;
}

TEST("what goes in comes out again, in whatever pieces")
{
    const ix_str text = sample(cx, 20000);
    ix_buf packed = {0};
    CHECK(gzip_write(text, &packed));
    CHECK(packed.len < text.len / 3);
    for (size_t piece = 1; piece < packed.len * 2; piece = piece * 5 + 1) {
        gzip_reader *reader = gzip_reader_new();
        ix_buf out = {0};
        for (size_t at = 0; at < packed.len; at += piece) {
            const size_t len = packed.len - at < piece ? packed.len - at : piece;
            CHECK(!gzip_is_whole(reader));
            CHECK(gzip_read(reader, (ix_str){packed.at + at, len}, &out, text.len) == GZIP_OK);
        }
        CHECK(gzip_is_whole(reader));
        CHECK(ix_str_equal((ix_str){out.at, out.len}, text));
        ix_buf_done(&out);
        gzip_reader_free(reader);
    }
    ix_buf_done(&packed);
}

TEST("the limit is for what comes out")
{
    const ix_str text = sample(cx, 20000);
    ix_buf packed = {0}, out = {0};
    CHECK(gzip_write(text, &packed));
    gzip_reader *reader = gzip_reader_new();
    CHECK(gzip_read(reader, (ix_str){packed.at, packed.len}, &out, text.len - 1) == GZIP_FULL);
    CHECK(out.len < text.len);
    gzip_reader_free(reader);
    ix_buf_done(&out);
    ix_buf_done(&packed);
}

TEST("two members are one text; what is torn is not whole; what is not a gzip is faulty")
{
    const ix_str text = sample(cx, 100);
    ix_buf packed = {0}, out = {0};
    CHECK(gzip_write(text, &packed));
    gzip_reader *reader = gzip_reader_new();
    const ix_str whole = {packed.at, packed.len};
    CHECK(gzip_read(reader, whole, &out, SIZE_MAX) == GZIP_OK);
    CHECK(gzip_read(reader, whole, &out, SIZE_MAX) == GZIP_OK);
    CHECK(gzip_is_whole(reader));
    CHECK_INT(out.len, 2 * text.len);
    CHECK(gzip_read(reader, (ix_str){packed.at, packed.len - 1}, &out, SIZE_MAX) == GZIP_OK);
    CHECK(!gzip_is_whole(reader));
    gzip_reader_free(reader);

    reader = gzip_reader_new();
    CHECK(gzip_read(reader, IX_STR("{\"t\":5}"), &out, SIZE_MAX) == GZIP_FAULTY);
    gzip_reader_free(reader);
    ix_buf_done(&out);
    ix_buf_done(&packed);
}

TEST("what would not be shorter is left as it is")
{
    ix_buf packed = {0};
    CHECK(!gzip_write(IX_STR("abcdefghijklmnopqrstuvwxyz0123456789"), &packed));
    ix_buf_done(&packed);
}

TEST("Accept-Encoding is heeded with its weights")
{
    static const char *const wanted[] = {"gzip",
                                         "GZIP",
                                         "deflate, gzip;q=1.0, *;q=0.5",
                                         "*",
                                         "br, x-gzip ; q=0.001",
                                         "identity;q=0.5, gzip;q=0.5"};
    static const char *const unwanted[] = {
        "",         "identity", "br", "gzip;q=0", "*;q=0", "gzip;q=0, *", "identity, gzip;q=0.5",
        "gzip;q=x", "gzipped"};
    CHECK(!gzip_is_wanted((ix_str){0}));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        CHECK(gzip_is_wanted(ix_str_of(wanted[i])));
    for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++)
        CHECK(!gzip_is_wanted(ix_str_of(unwanted[i])));
}
