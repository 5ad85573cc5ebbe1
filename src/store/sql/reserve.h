/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room on a disk that is kept for when it is full: a file without content whose blocks are allocated.
 * `near` is any file or folder on that disk. Thread-safe.
 */
#ifndef RESERVE_H
#define RESERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"

enum { RESERVE_SHARE = 16 }; /* a reserve is at most 1 of so many parts of its disk */

/* Bytes that are free on the disk; -1 if that is not known. */
int64_t disk_free_bytes(const char *near);

/* `wanted` bytes, or the RESERVE_SHARE of the disk if that is less. */
int64_t reserve_size(const char *near, int64_t wanted);

/* Allocates the file `path` (mode 0600) with `size` bytes unless it is there. *ret_is_held false: it is not,
 * because less than twice its size is free. With size 0 the file is removed, and counts as held. */
bool reserve_take(ix_ctx *cx, const char *path, const char *near, int64_t size, bool *ret_is_held);

/* Gives the room back to the disk. */
void reserve_release(const char *path);

#endif
