/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

static const char *folder_new(ix_ctx *cx)
{
    char *folder = ix_strdup(cx, "/tmp/iots-file-XXXXXX");
    CHECK(folder && mkdtemp(folder));
    return folder;
}

static const char *in_folder(ix_ctx *cx, const char *folder, const char *name)
{
    return ix_format(cx, "%s/%s", folder, name);
}

static void file_put(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    CHECK(ix_write_all(fd, ix_str_of(text)));
    close(fd);
}

static void check_holds(const char *path, const char *text)
{
    char got[64] = "";
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    CHECK_INT(read(fd, got, sizeof got - 1), strlen(text));
    close(fd);
    CHECK_TEXT(got, text);
}

TEST("a folder is made with those above it, for its owner alone, and a second time is fine")
{
    const char *top = folder_new(cx);
    const char *path = in_folder(cx, top, "a/b");
    CHECK_OK(cx, ix_folder_make(cx, path));
    CHECK_OK(cx, ix_folder_make(cx, path));
    struct stat at;
    CHECK(stat(path, &at) == 0);
    CHECK(S_ISDIR(at.st_mode));
    CHECK_INT(at.st_mode & 077, 0);
    rmdir(path);
    rmdir(in_folder(cx, top, "a"));
    rmdir(top);
}

TEST("a file where a folder is to be is named in the failure, and stays")
{
    const char *top = folder_new(cx);
    const char *path = in_folder(cx, top, "file");
    file_put(path, "mine");
    CHECK(!ix_folder_make(cx, path));
    CHECK_TEXT(cx->error.message, ix_format(cx, "%s: Not a directory", path));
    check_holds(path, "mine");
    unlink(path);
    rmdir(top);
}

TEST("a renamed file takes the place of the one that had the name")
{
    const char *top = folder_new(cx);
    const char *part = in_folder(cx, top, "part"), *path = in_folder(cx, top, "file");
    file_put(path, "old");
    file_put(part, "new");
    CHECK_OK(cx, ix_file_rename(cx, part, path));
    check_holds(path, "new");
    CHECK(access(part, F_OK) != 0);
    CHECK_FAILS(cx, ix_file_rename(cx, part, path), IOTS_UNAVAILABLE);
    check_holds(path, "new");
    unlink(path);
    rmdir(top);
}

TEST("a full disk is IOTS_NO_ROOM")
{
    const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        SKIP("no /dev/full here");
    CHECK(!ix_write_all(fd, IX_STR("text")));
    CHECK_FAILS(cx, ix_file_fail(cx, "/dev/full"), IOTS_NO_ROOM);
    close(fd);
}
