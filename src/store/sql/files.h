/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and folders of an embedded database: made private, copied whole, kept to one user at a time.
 * Failures are IOTS_UNAVAILABLE (IOTS_NO_ROOM for a full disk) with a sentence that names the place.
 */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"

/* Records "<path>: <what errno says>". Always false. */
bool file_fail(ix_ctx *cx, const char *path);

/* Makes the folder (mode 0700), and those above it, unless it exists. */
bool folder_make(ix_ctx *cx, const char *path);

/* Makes an empty file (mode 0600). *existed: there was one, which is left as it is. */
bool file_make(ix_ctx *cx, const char *path, bool *existed);

/* Copies into the file `to`, replacing it; on return it is on disk. */
bool file_copy(ix_ctx *cx, const char *from, const char *to);

/* Puts a file on disk, and its name in its folder. */
bool file_sync(ix_ctx *cx, const char *path);

/* Bytes; 0 if there is no such file. */
int64_t file_size(const char *path);

/* Takes the file as a lock. *ret -1: someone else holds it. Letting go is close(). */
bool file_lock(ix_ctx *cx, const char *path, int *ret);

#endif
