/* SPDX-License-Identifier: Apache-2.0 */
#include "client/gzip.h"

#include <limits.h>
#include <zlib.h>

enum {
    LEVEL = 6,
    /* 64 KiB while a body is compressed: zlib's own choice takes 256, and gains a few per cent. */
    WINDOW = 13 + 16, /* 16: gzip */
    MEMORY = 6,
};

bool gzip_check(ix_ctx *cx)
{
    (void)cx;
    return true;
}

bool gzip_body(ix_ctx *cx, ix_str body, ix_str *ret)
{
    *ret = (ix_str){0};
    if (body.len > UINT_MAX) /* more than zlib counts in one go, and than a server takes */
        return true;
    const size_t room = body.len - body.len / 8;
    unsigned char *bytes = ix_alloc(cx, room + 1);
    if (!bytes)
        return false;
    z_stream stream = {0};
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    union {
        const char *from;
        Bytef *to;
    } hold = {.from = body.at}; /* zlib only reads there */
    stream.next_in = hold.to;
    stream.avail_in = (uInt)body.len;
    stream.next_out = bytes;
    stream.avail_out = (uInt)room;
    if (deflate(&stream, Z_FINISH) == Z_STREAM_END)
        *ret = (ix_str){(char *)bytes, room - stream.avail_out};
    deflateEnd(&stream);
    return true;
}
