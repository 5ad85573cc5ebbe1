/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command of iotsd and the server that runs say to each other over the administration socket
 * (admin.h): frames, each a name, the length of a text, and the text.
 *
 *     iotsd 5      the command's version, always first; a server of another version refuses
 *     0.1.0
 *     word 5       ... the command (iotsd/admin_wire.h)
 *     space
 *     go 0         ... that is all
 *
 * The server answers with `out` frames (for standard output), and at the end `done`, or `fail` with the
 * sentence. Who closes its end of the connection earlier has given up: the server stops what it does.
 */
#ifndef ADMIN_FRAME_H
#define ADMIN_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/str.h"

enum {
    ADMIN_NAME = 16,             /* room for a name, with terminator */
    ADMIN_TEXT_MAX = 64 << 10,   /* bytes of one text */
    ADMIN_FRAMES_MAX = 1024,     /* of one request */
    ADMIN_REQUEST_MAX = 1 << 20, /* bytes of one request */
    ADMIN_READ_BYTES = 4096,
};

typedef struct admin_frame {
    char name[ADMIN_NAME];
    const char *text; /* ends with 0; in cx */
    size_t len;
} admin_frame;

/* One end of the connection. */
typedef struct admin_wire {
    int fd;        /* whoever made it closes it */
    int passed_fd; /* a file that came with the frames, to be closed; -1: none */
    size_t at, len;
    char bytes[ADMIN_READ_BYTES];
} admin_wire;

void admin_wire_init(admin_wire *wire, int fd);

/* The next frame. IOTS_UNAVAILABLE if the other side has ended or is silent, IOTS_INVALID if it sends
 * something else. */
bool admin_frame_read(ix_ctx *cx, admin_wire *wire, admin_frame *ret);

/* False if the other side is gone, or does not read. */
bool admin_frame_write(admin_wire *wire, const char *name, ix_str text);

/* The same, with an open file, which the other side gets as passed_fd. */
bool admin_frame_write_file(admin_wire *wire, const char *name, int fd);

/* Connects to the socket at `path`, however long that is. *ret -1: nobody listens there. */
bool admin_connect(ix_ctx *cx, const char *path, int *ret);

/* Listens at `path` (mode 0600), in the place of a socket that was left behind. -1 on failure, with the
 * path in the sentence. */
int admin_listen(ix_ctx *cx, const char *path);

#endif
