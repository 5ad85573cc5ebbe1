/* SPDX-License-Identifier: Apache-2.0 */
#include "net/admin_frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/number.h"

enum { HEAD_MAX = 48, BACKLOG = 16 };

/* ---- frames ---- */

void admin_wire_init(admin_wire *wire, int fd)
{
    wire->fd = fd;
    wire->passed_fd = -1;
    wire->at = wire->len = 0;
}

/* Takes over the first file that came; others are closed. */
static void take_files(admin_wire *wire, struct msghdr *message)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            if (wire->passed_fd < 0)
                wire->passed_fd = fd;
            else
                close(fd);
        }
    }
}

static bool fill(ix_ctx *cx, admin_wire *wire)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(4 * sizeof(int))];
    } files;
    struct iovec bytes = {.iov_base = wire->bytes, .iov_len = sizeof wire->bytes};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = files.bytes,
                             .msg_controllen = sizeof files.bytes};
    ssize_t len;
    while ((len = recvmsg(wire->fd, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        continue;
    if (len <= 0)
        return ix_fail(cx, IOTS_UNAVAILABLE, "the other side of the administration socket %s",
                       len == 0 ? "has ended" : "does not answer");
    take_files(wire, &message);
    wire->at = 0;
    wire->len = (size_t)len;
    return true;
}

static bool next_byte(ix_ctx *cx, admin_wire *wire, char *ret)
{
    if (wire->at == wire->len && !fill(cx, wire))
        return false;
    *ret = wire->bytes[wire->at++];
    return true;
}

static bool read_text(ix_ctx *cx, admin_wire *wire, char *text, size_t len)
{
    while (len > 0) {
        if (wire->at == wire->len && !fill(cx, wire))
            return false;
        const size_t has = wire->len - wire->at;
        const size_t taken = has < len ? has : len;
        memcpy(text, wire->bytes + wire->at, taken);
        wire->at += taken;
        text += taken;
        len -= taken;
    }
    return true;
}

/* "name 12" */
static bool parse_head(ix_str head, admin_frame *ret)
{
    ix_str name;
    int64_t len;
    const ix_str number = ix_str_cut(head, ' ', &name);
    if (name.len == 0 || name.len >= sizeof ret->name || !ix_str_int(number, &len) || len < 0 ||
        len > ADMIN_TEXT_MAX)
        return false;
    memcpy(ret->name, name.at, name.len);
    ret->name[name.len] = 0;
    ret->len = (size_t)len;
    return true;
}

bool admin_frame_read(ix_ctx *cx, admin_wire *wire, admin_frame *ret)
{
    char head[HEAD_MAX];
    size_t len = 0;
    while (next_byte(cx, wire, &head[len]) && head[len] != '\n' && ++len < sizeof head)
        ;
    if (ix_failed(cx))
        return false;
    if (len == sizeof head || !parse_head((ix_str){head, len}, ret))
        return ix_fail(cx, IOTS_INVALID,
                       "the other side of the administration socket is not iotsd");
    char *text = ix_alloc(cx, ret->len + 1);
    char end;
    if (!text || !read_text(cx, wire, text, ret->len) || !next_byte(cx, wire, &end))
        return false;
    text[ret->len] = 0;
    ret->text = text;
    return end == '\n' ||
           ix_fail(cx, IOTS_INVALID, "the other side of the administration socket is not iotsd");
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        if (sent > 0) {
            bytes += sent;
            len -= (size_t)sent;
        }
    }
    return true;
}

bool admin_frame_write(admin_wire *wire, const char *name, ix_str text)
{
    char head[HEAD_MAX];
    const int head_len = snprintf(head, sizeof head, "%s %zu\n", name, text.len);
    return send_all(wire->fd, head, (size_t)head_len) && send_all(wire->fd, text.at, text.len) &&
           send_all(wire->fd, "\n", 1);
}

bool admin_frame_write_file(admin_wire *wire, const char *name, int fd)
{
    char head[HEAD_MAX];
    const int len = snprintf(head, sizeof head, "%s 0\n\n", name);
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } files = {.bytes = {0}};
    struct iovec bytes = {.iov_base = head, .iov_len = (size_t)len};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = files.bytes,
                             .msg_controllen = sizeof files.bytes};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(part), &fd, sizeof fd);
    const ssize_t sent = sendmsg(wire->fd, &message, MSG_NOSIGNAL);
    /* The file goes with the first byte. */
    return sent > 0 && send_all(wire->fd, head + sent, (size_t)(len - sent));
}

/* ---- the socket ---- */

/* The kernel takes addresses of 107 letters at most. A longer path is reached by way of its folder, which
 * stays open (*ret_folder, or -1). */
static bool address_of(ix_ctx *cx, const char *path, struct sockaddr_un *ret, int *ret_folder)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    *ret_folder = -1;
    if (strlen(path) < sizeof ret->sun_path) {
        memcpy(ret->sun_path, path, strlen(path));
        return true;
    }
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *folder = slash ? ix_strndup(cx, path, (size_t)(slash - path) + 1) : ".";
    if (!folder)
        return false;
    *ret_folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*ret_folder < 0)
        return true; /* there is no such folder, which the caller will find */
    const int len =
        snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/%s", *ret_folder, name);
    if (len > 0 && (size_t)len < sizeof ret->sun_path)
        return true;
    close(*ret_folder);
    *ret_folder = -1;
    return ix_fail(cx, IOTS_INVALID, "%s: the name of the administration socket is too long", path);
}

static int make_socket(ix_ctx *cx)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        ix_fail(cx, IOTS_UNAVAILABLE, "cannot make a socket: %s", strerror(errno));
    return fd;
}

static bool fail_path(ix_ctx *cx, const char *path, int why)
{
    return ix_fail(cx, IOTS_UNAVAILABLE, "the administration socket %s: %s", path, strerror(why));
}

/* Connects; 0, or errno. */
static int connect_to(int fd, const struct sockaddr_un *address)
{
    int result;
    if (!address->sun_path[0])
        return ENOENT;
    while ((result = connect(fd, (const struct sockaddr *)address, sizeof *address)) != 0 &&
           errno == EINTR)
        continue;
    return result == 0 ? 0 : errno;
}

bool admin_connect(ix_ctx *cx, const char *path, int *ret)
{
    struct sockaddr_un address;
    int folder;
    if (!address_of(cx, path, &address, &folder))
        return false;
    const int fd = make_socket(cx);
    const int why = fd >= 0 ? connect_to(fd, &address) : 0;
    if (folder >= 0)
        close(folder);
    if (fd < 0)
        return false;
    *ret = why == 0 ? fd : -1;
    if (why == 0)
        return true;
    close(fd);
    return why == ENOENT || why == ENOTDIR || why == ECONNREFUSED || fail_path(cx, path, why);
}

/* Removes what a server that was killed has left. */
static bool remove_stale(ix_ctx *cx, const char *path, const struct sockaddr_un *address)
{
    struct stat found;
    if (lstat(path, &found) != 0)
        return true;
    if (!S_ISSOCK(found.st_mode))
        return ix_fail(cx, IOTS_UNAVAILABLE,
                       "the administration socket %s: there is something else", path);
    const int fd = make_socket(cx);
    if (fd < 0)
        return false;
    const int why = connect_to(fd, address);
    close(fd);
    if (why == 0)
        return ix_fail(cx, IOTS_UNAVAILABLE,
                       "the administration socket %s belongs to another iotsd that runs: choose"
                       " another one with admin_socket",
                       path);
    return why != ECONNREFUSED || unlink(path) == 0 || fail_path(cx, path, errno);
}

int admin_listen(ix_ctx *cx, const char *path)
{
    struct sockaddr_un address;
    int folder;
    if (!address_of(cx, path, &address, &folder))
        return -1;
    int fd = -1;
    if (remove_stale(cx, path, &address) && (fd = make_socket(cx)) >= 0) {
        /* The file gets the mode of the socket: nobody finds it open meanwhile. */
        const bool ok = address.sun_path[0] && fchmod(fd, 0600) == 0 &&
                        bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                        listen(fd, BACKLOG) == 0;
        if (!ok) {
            fail_path(cx, path, address.sun_path[0] ? errno : ENOENT);
            close(fd);
            fd = -1;
        }
    }
    if (folder >= 0)
        close(folder);
    return fd;
}
