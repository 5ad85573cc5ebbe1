/* SPDX-License-Identifier: Apache-2.0 */
#include "net/chunks.h"

enum {
    AT_SIZE, /* the first digit */
    IN_SIZE,
    IN_EXTENSION,
    AT_LINE_END, /* CR was there, LF is next */
    IN_DATA,
    AT_DATA_END, /* CR is next */
    AT_DATA_LF,
    AT_TRAILER, /* a line of the trailer, or the empty one after it */
    IN_TRAILER,
    AT_TRAILER_LF,
    AT_LAST_LF,
    IS_ENDED,
};

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool is_text(char c)
{
    return ((unsigned char)c >= ' ' && c != 0x7F) || c == '\t';
}

static bool chunks_fail(chunks *chunks, const char *fault)
{
    chunks->fault = fault;
    return false;
}

static bool take_digit(chunks *chunks, int digit)
{
    if (chunks->left >> 58) /* four bits more would be a negative length to some */
        return chunks_fail(chunks, "a chunk is too large");
    chunks->left = chunks->left << 4 | (uint64_t)digit;
    chunks->state = IN_SIZE;
    return true;
}

/* A letter of the line with the size. */
static bool take_size(chunks *chunks, char c)
{
    const int digit = digit_of(c);
    if (++chunks->line > CHUNKS_LINE_MAX)
        return chunks_fail(chunks, "the extensions of a chunk are too large");
    if (chunks->state != IN_EXTENSION && digit >= 0)
        return take_digit(chunks, digit);
    if (chunks->state == AT_SIZE)
        return chunks_fail(chunks, "a chunk without a size");
    if (c == '\r') {
        chunks->state = AT_LINE_END;
        return true;
    }
    if (chunks->state == IN_SIZE && c != ';' && c != ' ' && c != '\t')
        return chunks_fail(chunks, "the size of a chunk is malformed");
    chunks->state = IN_EXTENSION;
    if (!is_text(c))
        return chunks_fail(chunks, "a control character in the extensions of a chunk");
    return ++chunks->extra <= CHUNKS_EXTRA_MAX ||
           chunks_fail(chunks, "the extensions of chunks are too large");
}

static bool take_trailer(chunks *chunks, char c)
{
    if (c == '\r')
        chunks->state = chunks->state == AT_TRAILER ? AT_LAST_LF : AT_TRAILER_LF;
    else if (!is_text(c))
        return chunks_fail(chunks, "a control character in a trailer");
    else if (++chunks->extra > CHUNKS_EXTRA_MAX)
        return chunks_fail(chunks, "the trailers are too large");
    else
        chunks->state = IN_TRAILER;
    return true;
}

/* A letter that can only be this one. */
static bool take_only(chunks *chunks, char c, char only, int next)
{
    chunks->state = next;
    return c == only || chunks_fail(chunks, "a chunk does not end where it should");
}

/* One byte that is not data. */
static bool chunks_take(chunks *chunks, char c)
{
    switch (chunks->state) {
    case AT_SIZE:
    case IN_SIZE:
    case IN_EXTENSION:
        return take_size(chunks, c);
    case AT_LINE_END:
        chunks->line = 0;
        return take_only(chunks, c, '\n', chunks->left ? IN_DATA : AT_TRAILER);
    case AT_DATA_END:
        return take_only(chunks, c, '\r', AT_DATA_LF);
    case AT_DATA_LF:
        return take_only(chunks, c, '\n', AT_SIZE);
    case AT_TRAILER:
    case IN_TRAILER:
        return take_trailer(chunks, c);
    case AT_TRAILER_LF:
        return take_only(chunks, c, '\n', AT_TRAILER);
    default:
        return take_only(chunks, c, '\n', IS_ENDED);
    }
}

static void take_data(chunks *chunks, ix_str *bytes, ix_str *ret_data)
{
    const size_t len = chunks->left < bytes->len ? (size_t)chunks->left : bytes->len;
    *ret_data = (ix_str){bytes->at, len};
    *bytes = (ix_str){bytes->at + len, bytes->len - len};
    chunks->left -= len;
    if (!chunks->left)
        chunks->state = AT_DATA_END;
}

chunks_step chunks_next(chunks *chunks, ix_str *bytes, ix_str *ret_data)
{
    while (bytes->len > 0 && chunks->state != IS_ENDED) {
        if (chunks->fault)
            return CHUNKS_FAULTY;
        if (chunks->state == IN_DATA) {
            take_data(chunks, bytes, ret_data);
            return CHUNKS_DATA;
        }
        if (!chunks_take(chunks, bytes->at[0]))
            return CHUNKS_FAULTY;
        *bytes = (ix_str){bytes->at + 1, bytes->len - 1};
    }
    return chunks->state == IS_ENDED ? CHUNKS_ENDED : CHUNKS_MORE;
}
