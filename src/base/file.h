/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and folders: made private, written whole, brought to the disk, kept to one user at a time.
 * Failures are IOTS_UNAVAILABLE (IOTS_NO_ROOM for a full disk) with a sentence that names the place.
 */
#ifndef IX_FILE_H
#define IX_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

/* Records "<path>: <what errno says>". Always false. */
bool ix_file_fail(ix_ctx *cx, const char *path);

/* Makes the folder (mode 0700), and those above it, unless it exists. */
bool ix_folder_make(ix_ctx *cx, const char *path);

/* Makes an empty file (mode 0600). *existed: there was one, which is left as it is. */
bool ix_file_make(ix_ctx *cx, const char *path, bool *existed);

/* Writes all of the text, as write() may take less at a time. On failure errno says why. */
bool ix_write_all(int fd, ix_str text);

/* Gives the file `from` the name `to`, in place of one that has it; on return that is on disk. `from`
 * lies in the same folder and is on disk already. */
bool ix_file_rename(ix_ctx *cx, const char *from, const char *to);

/* Copies into the file `to`, replacing it; on return it is on disk. */
bool ix_file_copy(ix_ctx *cx, const char *from, const char *to);

/* Puts a file on disk, and its name in its folder. */
bool ix_file_sync(ix_ctx *cx, const char *path);

/* Bytes; 0 if there is no such file. */
int64_t ix_file_size(const char *path);

/* Takes the file as a lock. *ret -1: someone else holds it. Letting go is close(). */
bool ix_file_lock(ix_ctx *cx, const char *path, int *ret);

#endif
