/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 16 };

bool file_fail(ix_ctx *cx, const char *path)
{
    const bool is_full = errno == ENOSPC || errno == EDQUOT;
    return ix_fail(cx, is_full ? IOTS_NO_ROOM : IOTS_UNAVAILABLE, "%s: %s", path, strerror(errno));
}

bool folder_make(ix_ctx *cx, const char *path)
{
    if (mkdir(path, 0700) == 0)
        return true;
    if (errno == ENOENT) {
        const char *slash = strrchr(path, '/');
        if (!slash || slash == path)
            return file_fail(cx, path);
        const char *above = ix_strndup(cx, path, (size_t)(slash - path));
        if (!above || !folder_make(cx, above))
            return false;
        if (mkdir(path, 0700) == 0)
            return true;
    }

    struct stat at;
    if (errno == EEXIST && stat(path, &at) == 0) {
        if (S_ISDIR(at.st_mode))
            return true;
        errno = ENOTDIR;
    }
    return file_fail(cx, path);
}

bool file_make(ix_ctx *cx, const char *path, bool *existed)
{
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno != EEXIST)
        return file_fail(cx, path);
    *existed = file < 0;
    if (file >= 0)
        close(file);
    return true;
}

/* All of it: write() may take less at a time. */
static bool write_all(int file, const char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(file, bytes, len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return true;
}

bool file_copy(ix_ctx *cx, const char *from, const char *to)
{
    bool ok = false;
    int out = -1;
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return file_fail(cx, from);

    char *bytes = ix_alloc(cx, COPY_BYTES);
    if (!bytes)
        goto out;
    unlink(to); /* a link must not lead us elsewhere */
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0) {
        file_fail(cx, to);
        goto out;
    }
    ssize_t n;
    while ((n = read(in, bytes, COPY_BYTES)) > 0) {
        if (!write_all(out, bytes, (size_t)n)) {
            file_fail(cx, to);
            goto out;
        }
    }
    if (n < 0) {
        file_fail(cx, from);
        goto out;
    }
    ok = fsync(out) == 0 || file_fail(cx, to);
out:
    if (out >= 0)
        close(out);
    close(in);
    return ok;
}

static bool sync_one(ix_ctx *cx, const char *path, int flags)
{
    const int file = open(path, flags | O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return file_fail(cx, path);
    const bool ok = fsync(file) == 0 || file_fail(cx, path);
    close(file);
    return ok;
}

bool file_sync(ix_ctx *cx, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = !slash          ? "."
                         : slash == path ? "/"
                                         : ix_strndup(cx, path, (size_t)(slash - path));
    return folder && sync_one(cx, path, 0) && sync_one(cx, folder, O_DIRECTORY);
}

int64_t file_size(const char *path)
{
    struct stat at;
    return stat(path, &at) == 0 ? (int64_t)at.st_size : 0;
}

bool file_lock(ix_ctx *cx, const char *path, int *ret)
{
    const int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return file_fail(cx, path);
    if (flock(file, LOCK_EX | LOCK_NB) == 0) {
        *ret = file;
        return true;
    }
    const int why = errno;
    close(file);
    *ret = -1;
    errno = why;
    return why == EWOULDBLOCK || file_fail(cx, path);
}
