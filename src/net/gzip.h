/* SPDX-License-Identifier: Apache-2.0 */
/* The content coding gzip (RFC 1952, RFC 9110 8.4.1.3): bodies of requests come out of it as they come
 * in, replies go into it. */
#ifndef GZIP_H
#define GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

enum {
    GZIP_REPLY_MIN = 1024,        /* bytes; smaller replies are sent as they are */
    GZIP_REPLY_MAX = 256 << 10,   /* larger ones too, if no other thread than the loop's has time */
    GZIP_READER_BYTES = 48 << 10, /* that a reader takes, about */
};

typedef struct gzip_reader gzip_reader;

/* NULL when out of memory. */
gzip_reader *gzip_reader_new(void);
void gzip_reader_free(gzip_reader *reader); /* NULL is fine */

typedef enum gzip_step {
    GZIP_OK,
    GZIP_FAULTY, /* this is not gzip */
    GZIP_FULL,   /* more than `most` bytes would be in `out`; nothing more is read */
} gzip_step;

/* What comes out of the next bytes, at the end of `out` (whose `failed` says that there is no memory). */
gzip_step gzip_read(gzip_reader *reader, ix_str bytes, ix_buf *out, size_t most);

/* Was what came in whole? */
bool gzip_is_whole(const gzip_reader *reader);

/* `text` in gzip, into the empty `out`. False: there is no memory, or it would not be shorter. */
bool gzip_write(ix_str text, ix_buf *out);

/* Does a list of content codings (Accept-Encoding, RFC 9110 12.5.3) want gzip rather than nothing? */
bool gzip_is_wanted(ix_str accept_encoding);

typedef enum gzip_coding { GZIP_NONE, GZIP_GZIP, GZIP_OTHER } gzip_coding;

/* What a Content-Encoding says. */
gzip_coding gzip_coding_of(ix_str content_encoding);

#endif
