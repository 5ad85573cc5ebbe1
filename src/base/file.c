/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 16 };

bool ix_file_fail(ix_ctx *cx, const char *path)
{
    const bool is_full = errno == ENOSPC || errno == EDQUOT;
    return ix_fail(cx, is_full ? IOTS_NO_ROOM : IOTS_UNAVAILABLE, "%s: %s", path, strerror(errno));
}

bool ix_folder_make(ix_ctx *cx, const char *path)
{
    if (mkdir(path, 0700) == 0)
        return true;
    if (errno == ENOENT) {
        const char *slash = strrchr(path, '/');
        if (!slash || slash == path)
            return ix_file_fail(cx, path);
        const char *above = ix_strndup(cx, path, (size_t)(slash - path));
        if (!above || !ix_folder_make(cx, above))
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
    return ix_file_fail(cx, path);
}

bool ix_file_make(ix_ctx *cx, const char *path, bool *existed)
{
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno != EEXIST)
        return ix_file_fail(cx, path);
    *existed = file < 0;
    if (file >= 0)
        close(file);
    return true;
}

bool ix_write_all(int fd, ix_str text)
{
    for (size_t at = 0; at < text.len;) {
        const ssize_t put = write(fd, text.at + at, text.len - at);
        if (put < 0 && errno != EINTR)
            return false;
        at += put > 0 ? (size_t)put : 0;
    }
    return true;
}

bool ix_file_rename(ix_ctx *cx, const char *from, const char *to)
{
    return (rename(from, to) == 0 || ix_file_fail(cx, to)) && ix_file_sync(cx, to);
}

bool ix_file_copy(ix_ctx *cx, const char *from, const char *to)
{
    bool ok = false;
    int out = -1;
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return ix_file_fail(cx, from);

    char *bytes = ix_alloc(cx, COPY_BYTES);
    if (!bytes)
        goto out;
    unlink(to); /* a link must not lead us elsewhere */
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0) {
        ix_file_fail(cx, to);
        goto out;
    }
    ssize_t n;
    while ((n = read(in, bytes, COPY_BYTES)) > 0) {
        if (!ix_write_all(out, (ix_str){bytes, (size_t)n})) {
            ix_file_fail(cx, to);
            goto out;
        }
    }
    if (n < 0) {
        ix_file_fail(cx, from);
        goto out;
    }
    ok = fsync(out) == 0 || ix_file_fail(cx, to);
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
        return ix_file_fail(cx, path);
    const bool ok = fsync(file) == 0 || ix_file_fail(cx, path);
    close(file);
    return ok;
}

bool ix_file_sync(ix_ctx *cx, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = !slash          ? "."
                         : slash == path ? "/"
                                         : ix_strndup(cx, path, (size_t)(slash - path));
    return folder && sync_one(cx, path, 0) && sync_one(cx, folder, O_DIRECTORY);
}

int64_t ix_file_size(const char *path)
{
    struct stat at;
    return stat(path, &at) == 0 ? (int64_t)at.st_size : 0;
}

bool ix_file_lock(ix_ctx *cx, const char *path, int *ret)
{
    const int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return ix_file_fail(cx, path);
    if (flock(file, LOCK_EX | LOCK_NB) == 0) {
        *ret = file;
        return true;
    }
    const int why = errno;
    close(file);
    *ret = -1;
    errno = why;
    return why == EWOULDBLOCK || ix_file_fail(cx, path);
}
