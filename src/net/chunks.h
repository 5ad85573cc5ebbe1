/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body in chunks (RFC 9112 section 7.1), taken apart as it comes in. Extensions and trailers are
 * passed over, within limits; whatever the standard does not allow is an error.
 */
#ifndef CHUNKS_H
#define CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum {
    CHUNKS_LINE_MAX = 1024,      /* bytes of a line with a chunk's size and its extensions */
    CHUNKS_EXTRA_MAX = 16 << 10, /* bytes of all extensions and trailers of a body */
};

typedef struct chunks {
    int state;     /* private, as what follows; all zero at first */
    uint64_t left; /* bytes of the present chunk */
    size_t line, extra;
    const char *fault; /* of CHUNKS_FAULTY */
} chunks;

typedef enum chunks_step {
    CHUNKS_MORE,  /* all bytes are taken, and there is more to come */
    CHUNKS_DATA,  /* *ret_data is the next piece of the body */
    CHUNKS_ENDED, /* the body is at its end; what is left of the bytes is not part of it */
    CHUNKS_FAULTY,
} chunks_step;

/* Takes what it can off the bytes, which may end anywhere. */
chunks_step chunks_next(chunks *chunks, ix_str *bytes, ix_str *ret_data);

#endif
