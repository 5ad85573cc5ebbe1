/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"

enum { BLOCK_BYTES = 512 }; /* of st_blocks, whatever the disk's own are */

int64_t disk_free_bytes(const char *near)
{
    struct statvfs disk;
    if (statvfs(near, &disk) != 0)
        return -1;
    return (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

int64_t reserve_size(const char *near, int64_t wanted)
{
    struct statvfs disk;
    if (statvfs(near, &disk) != 0)
        return wanted;
    const int64_t most = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize / RESERVE_SHARE;
    return wanted < most ? wanted : most;
}

/* A copy of the folder may have made it sparse, and then it keeps no room. */
static bool is_allocated(const char *path, int64_t size)
{
    struct stat at;
    return lstat(path, &at) == 0 && S_ISREG(at.st_mode) && at.st_size == size &&
           (int64_t)at.st_blocks * BLOCK_BYTES >= size;
}

/* The number of the failure, or 0. */
static int allocate(const char *path, int64_t size)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return errno;
    int why;
    do
        why = posix_fallocate(file, 0, size);
    while (why == EINTR);
    close(file);
    if (why != 0)
        unlink(path);
    return why;
}

bool reserve_take(ix_ctx *cx, const char *path, const char *near, int64_t size, bool *ret_is_held)
{
    *ret_is_held = true;
    if (size > 0 && is_allocated(path, size))
        return true;
    reserve_release(path);
    if (size == 0)
        return true;
    const int64_t free_bytes = disk_free_bytes(near);
    const bool is_short = free_bytes >= 0 && free_bytes < 2 * size;
    const int why = is_short ? ENOSPC : allocate(path, size);
    if (why == 0)
        return true;
    *ret_is_held = false;
    errno = why;
    return why == ENOSPC || why == EDQUOT || ix_file_fail(cx, path);
}

void reserve_release(const char *path)
{
    unlink(path);
}
