/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that includes zlib. */
#include "net/gzip.h"

#include <stdlib.h>
#include <zlib.h>

enum {
    WINDOW = 15 + 16, /* the largest window; 16: gzip, neither zlib's own format nor none */
    LEVEL = 1,        /* the quickest: JSON shrinks to a sixth or less all the same */
    MEMORY = 8,
    PIECE = 16 << 10, /* bytes that come out at a time */
};

struct gzip_reader {
    z_stream stream;
    bool has_begun, is_whole;
};

/* ---- in ---- */

gzip_reader *gzip_reader_new(void)
{
    gzip_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    if (inflateInit2(&reader->stream, WINDOW) == Z_OK)
        return reader;
    free(reader);
    return NULL;
}

void gzip_reader_free(gzip_reader *reader)
{
    if (!reader)
        return;
    inflateEnd(&reader->stream);
    free(reader);
}

/* zlib does not change what it reads. */
static Bytef *bytes_of(const char *bytes)
{
    union {
        const char *from;
        Bytef *to;
    } at = {.from = bytes};
    return at.to;
}

gzip_step gzip_read(gzip_reader *reader, ix_str bytes, ix_buf *out, size_t most)
{
    z_stream *stream = &reader->stream;
    stream->next_in = bytes_of(bytes.at);
    stream->avail_in = (uInt)bytes.len;
    bool is_full;
    do {
        /* Another member may follow the first (RFC 1952 2.2). */
        if (reader->is_whole && stream->avail_in > 0) {
            reader->is_whole = false;
            if (inflateReset(stream) != Z_OK)
                return GZIP_FAULTY;
        }
        char piece[PIECE];
        stream->next_out = (Bytef *)piece;
        stream->avail_out = PIECE;
        const int answer = inflate(stream, Z_NO_FLUSH);
        const size_t len = PIECE - stream->avail_out;
        if (len > most - out->len)
            return GZIP_FULL;
        ix_buf_add(out, piece, len);
        reader->is_whole = answer == Z_STREAM_END;
        if (answer == Z_MEM_ERROR)
            out->failed = true;
        else if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR)
            return GZIP_FAULTY;
        is_full = stream->avail_out == 0;
    } while (!out->failed && (stream->avail_in > 0 || is_full));
    return GZIP_OK;
}

bool gzip_is_whole(const gzip_reader *reader)
{
    return reader->is_whole;
}

/* ---- out ---- */

bool gzip_write(ix_str text, ix_buf *out)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    /* Only what saves something is worth the trouble, and room for no more than that is needed. */
    const size_t room = text.len - text.len / 8;
    bool ok = false;
    if (ix_buf_reserve(out, room)) {
        stream.next_in = bytes_of(text.at);
        stream.avail_in = (uInt)text.len;
        stream.next_out = (Bytef *)out->at;
        stream.avail_out = (uInt)room;
        ok = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    }
    if (ok) {
        out->len = room - stream.avail_out;
        out->at[out->len] = 0;
    }
    deflateEnd(&stream);
    return ok;
}

/* ---- what is wanted ---- */

/* Is the weight (RFC 9110 12.4.2) of a list's item more than zero? In thousandths. */
static int weight_of(ix_str parameters)
{
    while (parameters.at) {
        ix_str item, name;
        parameters = ix_str_cut(parameters, ';', &item);
        const ix_str value = ix_str_trim(ix_str_cut(ix_str_trim(item), '=', &name));
        double weight;
        if (!ix_str_is_nocase(ix_str_trim(name), "q"))
            continue;
        return ix_str_number(value, &weight) && weight >= 0 && weight <= 1 ? (int)(weight * 1000)
                                                                           : 0;
    }
    return 1000;
}

bool gzip_is_wanted(ix_str list)
{
    int gzip = -1, any = -1, identity = -1;
    while (list.at) {
        ix_str item, name;
        list = ix_str_cut(list, ',', &item);
        const ix_str parameters = ix_str_cut(item, ';', &name);
        name = ix_str_trim(name);
        const int weight = weight_of(parameters);
        if (ix_str_is_nocase(name, "gzip") || ix_str_is_nocase(name, "x-gzip"))
            gzip = weight;
        else if (ix_str_is_nocase(name, "identity"))
            identity = weight;
        else if (ix_str_is(name, "*"))
            any = weight;
    }
    if (gzip < 0)
        gzip = any;
    return gzip > 0 && gzip >= identity;
}

gzip_coding gzip_coding_of(ix_str coding)
{
    if (!coding.len || ix_str_is_nocase(coding, "identity"))
        return GZIP_NONE;
    return ix_str_is_nocase(coding, "gzip") || ix_str_is_nocase(coding, "x-gzip") ? GZIP_GZIP
                                                                                  : GZIP_OTHER;
}
