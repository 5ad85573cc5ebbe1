/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool fail_file(ix_ctx *cx, const char *path)
{
    return ix_fail(cx, IOTS_UNEXPECTED, "%.300s: %s", path, strerror(errno));
}

bool draft_open(ix_ctx *cx, const char *path, draft *ret)
{
    *ret = (draft){.path = path, .part_path = ix_format(cx, "%s.part", path)};
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

bool draft_write(ix_ctx *cx, draft *draft, ix_str text)
{
    return fwrite(text.at, 1, text.len, draft->out) == text.len || fail_file(cx, draft->part_path);
}

bool draft_keep(ix_ctx *cx, draft *draft)
{
    if (!draft->out)
        return true;
    bool ok = fflush(draft->out) == 0 && fsync(fileno(draft->out)) == 0;
    ok = ok || fail_file(cx, draft->part_path);
    ok = (fclose(draft->out) == 0 && ok) || fail_file(cx, draft->part_path);
    draft->out = NULL;
    return ok && (rename(draft->part_path, draft->path) == 0 || fail_file(cx, draft->path));
}

void draft_drop(draft *draft)
{
    if (!draft->out)
        return;
    fclose(draft->out);
    draft->out = NULL;
    unlink(draft->part_path);
}

bool folder_sync(ix_ctx *cx, const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = (fd >= 0 && fsync(fd) == 0) || fail_file(cx, folder);
    if (fd >= 0)
        close(fd);
    return ok;
}
