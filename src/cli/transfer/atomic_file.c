/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool fail_file(ix_ctx *cx, const char *path)
{
    return ix_fail(cx, IOTS_UNEXPECTED, "%.300s: %s", path, strerror(errno));
}

bool atomic_file_open(ix_ctx *cx, const char *path, atomic_file *ret)
{
    *ret = (atomic_file){.path = path, .part_path = ix_format(cx, "%s.part", path)};
    if (!ret->part_path)
        return false;
    unlink(ret->part_path); /* of a run that was cut off, or somebody else's */
    const int fd = open(ret->part_path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    ret->out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (ret->out)
        return true;
    fail_file(cx, ret->part_path);
    if (fd >= 0)
        close(fd);
    return false;
}

bool atomic_file_write(ix_ctx *cx, atomic_file *atomic_file, ix_str text)
{
    return fwrite(text.at, 1, text.len, atomic_file->out) == text.len ||
           fail_file(cx, atomic_file->part_path);
}

bool atomic_file_keep(ix_ctx *cx, atomic_file *atomic_file)
{
    if (!atomic_file->out)
        return true;
    bool ok = fflush(atomic_file->out) == 0 && fsync(fileno(atomic_file->out)) == 0;
    ok = ok || fail_file(cx, atomic_file->part_path);
    ok = (fclose(atomic_file->out) == 0 && ok) || fail_file(cx, atomic_file->part_path);
    atomic_file->out = NULL;
    return ok && (rename(atomic_file->part_path, atomic_file->path) == 0 ||
                  fail_file(cx, atomic_file->path));
}

void atomic_file_drop(atomic_file *atomic_file)
{
    if (!atomic_file->out)
        return;
    fclose(atomic_file->out);
    atomic_file->out = NULL;
    unlink(atomic_file->part_path);
}

bool folder_sync(ix_ctx *cx, const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = (fd >= 0 && fsync(fd) == 0) || fail_file(cx, folder);
    if (fd >= 0)
        close(fd);
    return ok;
}
