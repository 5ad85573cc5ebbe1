/* SPDX-License-Identifier: Apache-2.0 */
#include "net/admin.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Of a session and its thread. */
typedef struct place {
    net_admin *admin;
    admin_session session;
    pthread_t thread;
    bool is_used, is_left; /* the other side has gone; both of the accepting thread */
    _Atomic bool has_ended;
} place;

struct net_admin {
    admin_settings settings;
    int listen_fd, wakeup_fd;
    struct stat file; /* of the socket as we made it */
    pthread_t thread;
    bool has_thread;
    _Atomic bool is_over;
    place places[ADMIN_SESSIONS_MAX];
};

/* ---- a session ---- */

static bool may_administer(ix_ctx *cx, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
        (peer.uid == 0 || peer.uid == geteuid()))
        return true;
    return ix_fail(cx, IOTS_FORBIDDEN,
                   "only root and the user that the server runs as may administer it");
}

static void wake(net_admin *admin)
{
    const uint64_t one = 1;
    while (write(admin->wakeup_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

static void *session_run(void *arg)
{
    place *place = arg;
    net_admin *admin = place->admin;
    admin_wire *wire = &place->session.wire;
    ix_ctx cx;
    if (ix_ctx_init(&cx, 0) && may_administer(&cx, wire->fd) &&
        admin->settings.run(&cx, &place->session, admin->settings.arg))
        admin_frame_write(wire, "done", ix_str_of(""));
    else
        admin_frame_write(wire, "fail", ix_str_of(cx.error.message));
    ix_ctx_done(&cx);
    atomic_store(&place->has_ended, true);
    wake(admin);
    return NULL;
}

/* ---- the thread that accepts ---- */

static void session_start(net_admin *admin, place *place, int fd)
{
    const struct timeval silent = {.tv_sec = ADMIN_SILENT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silent, sizeof silent);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silent, sizeof silent);
    place->admin = admin;
    admin_wire_init(&place->session.wire, fd);
    atomic_store(&place->session.until_us, INT64_MAX);
    atomic_store(&place->has_ended, false);
    place->is_left = false;
    place->is_used = pthread_create(&place->thread, NULL, session_run, place) == 0;
    if (place->is_used)
        return;
    ix_log(IX_LOG_WARN, "cannot start a thread for a command");
    close(fd);
}

static void session_end(place *place)
{
    const admin_wire *wire = &place->session.wire;
    pthread_join(place->thread, NULL);
    if (wire->passed_fd >= 0)
        close(wire->passed_fd);
    close(wire->fd);
    place->is_used = false;
}

/* What is done for it ends soon, and it has nothing to say any more. */
static void session_leave(place *place)
{
    place->is_left = true;
    atomic_store(&place->session.until_us, 0);
    shutdown(place->session.wire.fd, SHUT_RD);
}

static place *free_place(net_admin *admin)
{
    for (size_t i = 0; i < ADMIN_SESSIONS_MAX; i++)
        if (!admin->places[i].is_used)
            return &admin->places[i];
    return NULL;
}

static void accept_one(net_admin *admin)
{
    const int fd = accept4(admin->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        session_start(admin, free_place(admin), fd);
}

static void wait_for_news(net_admin *admin, struct pollfd polls[2 + ADMIN_SESSIONS_MAX])
{
    polls[0] = (struct pollfd){.fd = admin->wakeup_fd, .events = POLLIN};
    polls[1] = (struct pollfd){.fd = free_place(admin) ? admin->listen_fd : -1, .events = POLLIN};
    for (size_t i = 0; i < ADMIN_SESSIONS_MAX; i++) {
        const place *place = &admin->places[i];
        const bool is_watched = place->is_used && !place->is_left;
        polls[2 + i] =
            (struct pollfd){.fd = is_watched ? place->session.wire.fd : -1, .events = POLLRDHUP};
    }
    uint64_t news;
    if (poll(polls, 2 + ADMIN_SESSIONS_MAX, -1) > 0 && polls[0].revents)
        while (read(admin->wakeup_fd, &news, sizeof news) < 0 && errno == EINTR)
            continue;
}

static void *admin_run(void *arg)
{
    net_admin *admin = arg;
    while (!atomic_load(&admin->is_over)) {
        struct pollfd polls[2 + ADMIN_SESSIONS_MAX];
        wait_for_news(admin, polls);
        for (size_t i = 0; i < ADMIN_SESSIONS_MAX; i++) {
            place *place = &admin->places[i];
            if (place->is_used && polls[2 + i].revents)
                session_leave(place);
            if (place->is_used && atomic_load(&place->has_ended))
                session_end(place);
        }
        if (polls[1].revents)
            accept_one(admin);
    }
    for (size_t i = 0; i < ADMIN_SESSIONS_MAX; i++)
        if (admin->places[i].is_used)
            session_leave(&admin->places[i]);
    for (size_t i = 0; i < ADMIN_SESSIONS_MAX; i++)
        if (admin->places[i].is_used)
            session_end(&admin->places[i]);
    return NULL;
}

/* ---- start and stop ---- */

net_admin *admin_open(ix_ctx *cx, const admin_settings *settings)
{
    net_admin *admin = calloc(1, sizeof *admin);
    if (!admin) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    admin->settings = *settings;
    admin->wakeup_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    admin->listen_fd = admin->wakeup_fd >= 0 ? admin_listen(cx, settings->path) : -1;
    if (admin->wakeup_fd < 0)
        ix_fail(cx, IOTS_UNAVAILABLE, "cannot make an eventfd: %s", strerror(errno));
    if (admin->listen_fd >= 0) {
        lstat(settings->path, &admin->file);
        return admin;
    }
    admin_stop(admin);
    return NULL;
}

bool admin_serve(ix_ctx *cx, net_admin *admin)
{
    admin->has_thread = pthread_create(&admin->thread, NULL, admin_run, admin) == 0;
    return admin->has_thread ||
           ix_fail(cx, IOTS_UNAVAILABLE, "cannot start the thread for administration");
}

void admin_quiesce(net_admin *admin)
{
    if (!admin)
        return;
    atomic_store(&admin->is_over, true);
    wake(admin);
}

/* Another server may have put its own in its place. */
static void remove_socket(const net_admin *admin)
{
    struct stat now;
    if (lstat(admin->settings.path, &now) == 0 && now.st_ino == admin->file.st_ino &&
        now.st_dev == admin->file.st_dev)
        unlink(admin->settings.path);
}

void admin_stop(net_admin *admin)
{
    if (!admin)
        return;
    admin_quiesce(admin);
    if (admin->has_thread)
        pthread_join(admin->thread, NULL);
    if (admin->listen_fd >= 0) {
        remove_socket(admin);
        close(admin->listen_fd);
    }
    if (admin->wakeup_fd >= 0)
        close(admin->wakeup_fd);
    free(admin);
}
