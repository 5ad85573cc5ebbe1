/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VFS of SQLite (https://www.sqlite.org/vfs.html) whose files have the numbers of descriptors for names.
 * Only one connection ever uses such a file, so it is not locked. What else SQLite wants to open beside it,
 * such as a journal, is a temporary file of the default VFS.
 */
#include "store/sql/sqlite_fd.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VFS_NAME "iots-fd"

enum { SECTOR_BYTES = 4096 };

typedef struct fd_file {
    sqlite3_file base;
    int fd;
} fd_file;

static int file_close(sqlite3_file *file)
{
    (void)file;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *to, int len, sqlite3_int64 offset)
{
    char *at = to;
    size_t left = (size_t)len;
    while (left > 0) {
        const ssize_t n = pread(((fd_file *)file)->fd, at, left, offset);
        if (n < 0 && errno != EINTR)
            return SQLITE_IOERR_READ;
        if (n == 0) {
            memset(at, 0, left); /* SQLite asks for that */
            return SQLITE_IOERR_SHORT_READ;
        }
        if (n > 0) {
            at += n;
            offset += n;
            left -= (size_t)n;
        }
    }
    return SQLITE_OK;
}

static int file_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 offset)
{
    const char *at = from;
    size_t left = (size_t)len;
    while (left > 0) {
        const ssize_t n = pwrite(((fd_file *)file)->fd, at, left, offset);
        if (n < 0 && errno != EINTR)
            return errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        if (n > 0) {
            at += n;
            offset += n;
            left -= (size_t)n;
        }
    }
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return ftruncate(((fd_file *)file)->fd, size) == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int file_sync_all(sqlite3_file *file, int flags)
{
    (void)flags;
    return fsync(((fd_file *)file)->fd) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int file_length(sqlite3_file *file, sqlite3_int64 *ret)
{
    struct stat found;
    if (fstat(((fd_file *)file)->fd, &found) != 0)
        return SQLITE_IOERR_FSTAT;
    *ret = found.st_size;
    return SQLITE_OK;
}

static int file_take_lock(sqlite3_file *file, int level)
{
    (void)file, (void)level;
    return SQLITE_OK;
}

static int file_find_lock(sqlite3_file *file, int *ret)
{
    (void)file;
    *ret = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    (void)file, (void)op, (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file)
{
    (void)file;
    return SECTOR_BYTES;
}

static int file_traits(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync_all,
    .xFileSize = file_length,
    .xLock = file_take_lock,
    .xUnlock = file_take_lock,
    .xCheckReservedLock = file_find_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
};

static sqlite3_vfs *default_vfs(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *ret_flags)
{
    enum {
        TEMPORARY = SQLITE_OPEN_TEMP_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                    SQLITE_OPEN_EXCLUSIVE | SQLITE_OPEN_DELETEONCLOSE
    };
    if (!name || !(flags & SQLITE_OPEN_MAIN_DB))
        return default_vfs(vfs)->xOpen(default_vfs(vfs), NULL, file, TEMPORARY, ret_flags);
    *(fd_file *)file = (fd_file){.base.pMethods = &methods, .fd = atoi(name)};
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

/* Nothing lies beside it. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    (void)vfs, (void)name, (void)flags;
    *ret = 0;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
    (void)vfs;
    return snprintf(ret, (size_t)size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

bool sqlite_fd_register(void)
{
    static sqlite3_vfs vfs;
    sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    if (sqlite3_vfs_find(VFS_NAME))
        return true;
    if (!found)
        return false;
    vfs = *found; /* random numbers, time and the like */
    vfs.pNext = NULL;
    vfs.zName = VFS_NAME;
    vfs.pAppData = found;
    if (vfs.szOsFile < (int)sizeof(fd_file))
        vfs.szOsFile = sizeof(fd_file);
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xFullPathname = vfs_full_name;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
}

void sqlite_fd_uri(int fd, char uri[SQLITE_FD_URI])
{
    snprintf(uri, SQLITE_FD_URI, "file:%d?vfs=" VFS_NAME, fd);
}
