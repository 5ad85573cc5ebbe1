/* SPDX-License-Identifier: Apache-2.0 */
#include "net/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "net/address.h"

enum {
    BACK_OFF_MS = 100,             /* when the system can accept nothing */
    BACK_OFFS_UNTIL_WARNING = 600, /* until that is logged again */
    LOOK_FOR_ROOM_MS = 20,         /* while all places are taken and someone waits for one */
};

typedef struct listen_socket {
    int fd; /* -1: closed */
    char address[ADDRESS_TEXT];
} listen_socket;

struct net_acceptor {
    acceptor_settings settings;
    listen_socket *sockets;
    struct pollfd *polls; /* wakeup_fd, then one for each socket */
    size_t socket_count;
    int wakeup_fd; /* written to when something below the lock has changed */
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t empty; /* is_closed, and count is 0 */
    unsigned count;       /* accepted and not closed */
    bool is_open, is_closing, is_over;
    bool is_closed; /* the sockets are, nobody is accepted any more */

    int back_offs_until_warning; /* of the thread */
};

/* ---- counting ---- */

static void acceptor_notify(net_acceptor *acceptor)
{
    const uint64_t one = 1;
    while (write(acceptor->wakeup_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

/* Counts the one that is accepted next; false if there is no room. */
static bool take_place(net_acceptor *acceptor)
{
    pthread_mutex_lock(&acceptor->lock);
    const bool has_room = acceptor->count < acceptor->settings.connections_max;
    if (has_room)
        acceptor->count++;
    pthread_mutex_unlock(&acceptor->lock);
    return has_room;
}

void acceptor_note_closed(net_acceptor *acceptor)
{
    pthread_mutex_lock(&acceptor->lock);
    const bool was_full = acceptor->count >= acceptor->settings.connections_max;
    acceptor->count--;
    if (acceptor->is_closed && acceptor->count == 0)
        pthread_cond_broadcast(&acceptor->empty);
    pthread_mutex_unlock(&acceptor->lock);
    if (was_full)
        acceptor_notify(acceptor);
}

unsigned acceptor_count(net_acceptor *acceptor)
{
    pthread_mutex_lock(&acceptor->lock);
    const unsigned count = acceptor->count;
    pthread_mutex_unlock(&acceptor->lock);
    return count;
}

/* ---- waiting ---- */

/* Until there is a notification or, with `listens`, someone connects. */
static void acceptor_wait_one(net_acceptor *acceptor, bool listens, int wait_ms)
{
    for (size_t i = 0; i < acceptor->socket_count; i++)
        acceptor->polls[i + 1] = (struct pollfd){
            .fd = listens ? acceptor->sockets[i].fd : -1, /* poll skips what is negative */
            .events = POLLIN,
        };
    uint64_t notifications;
    if (poll(acceptor->polls, acceptor->socket_count + 1, wait_ms) > 0 &&
        acceptor->polls[0].revents)
        while (read(acceptor->wakeup_fd, &notifications, sizeof notifications) < 0 &&
               errno == EINTR)
            continue;
}

/* All places are taken; does anybody want one? */
static void wait_for_room(net_acceptor *acceptor, int listen_fd)
{
    struct pollfd poll_fd = {.fd = listen_fd, .events = POLLIN};
    if (poll(&poll_fd, 1, 0) <= 0)
        return;
    acceptor->settings.make_room(acceptor->settings.arg);
    acceptor_wait_one(acceptor, false, LOOK_FOR_ROOM_MS);
}

/* The system has no files or memory for another one at the moment. */
static void back_off(net_acceptor *acceptor, int why)
{
    if (acceptor->back_offs_until_warning == 0) {
        ix_log(IX_LOG_WARN, "cannot accept connections: %s", strerror(why));
        acceptor->back_offs_until_warning = BACK_OFFS_UNTIL_WARNING;
    }
    acceptor->back_offs_until_warning--;
    acceptor->settings.make_room(acceptor->settings.arg);
    acceptor_wait_one(acceptor, false, BACK_OFF_MS);
}

/* ---- accepting ---- */

/* Accepts those who wait. */
static void accept_all(net_acceptor *acceptor, int listen_fd)
{
    const acceptor_settings *settings = &acceptor->settings;
    while (take_place(acceptor)) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        const int fd =
            accept4(listen_fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 && settings->on_accept(settings->arg, fd, (const struct sockaddr *)&from, len))
            continue;
        const int why = errno;
        acceptor_note_closed(acceptor);
        if (fd >= 0 || why == EINTR || why == ECONNABORTED)
            continue;
        if (why != EAGAIN && why != EWOULDBLOCK)
            back_off(acceptor, why);
        return;
    }
    wait_for_room(acceptor, listen_fd);
}

/* `is_open`: those who wait already are accepted first. */
static void close_sockets(net_acceptor *acceptor, bool is_open)
{
    for (size_t i = 0; i < acceptor->socket_count; i++) {
        if (acceptor->sockets[i].fd < 0)
            continue;
        if (is_open)
            accept_all(acceptor, acceptor->sockets[i].fd);
        close(acceptor->sockets[i].fd);
        acceptor->sockets[i].fd = -1;
    }
}

/* ---- the thread ---- */

/* What others have asked for. False: it is over. */
static bool acceptor_obey(net_acceptor *acceptor, bool *ret_listens)
{
    pthread_mutex_lock(&acceptor->lock);
    const bool is_over = acceptor->is_over;
    const bool is_closing = acceptor->is_closing;
    const bool is_open = acceptor->is_open;
    pthread_mutex_unlock(&acceptor->lock);
    if (is_closing || is_over) {
        close_sockets(acceptor, is_open);
        pthread_mutex_lock(&acceptor->lock);
        acceptor->is_closed = true;
        pthread_cond_broadcast(&acceptor->empty);
        pthread_mutex_unlock(&acceptor->lock);
    }
    *ret_listens = is_open;
    return !is_over;
}

static void *acceptor_run(void *arg)
{
    net_acceptor *acceptor = arg;
    for (bool listens; acceptor_obey(acceptor, &listens);) {
        acceptor_wait_one(acceptor, listens, -1);
        for (size_t i = 0; i < acceptor->socket_count; i++)
            if (acceptor->polls[i + 1].revents)
                accept_all(acceptor, acceptor->sockets[i].fd);
    }
    return NULL;
}

/* ---- start and stop ---- */

static bool acceptor_start_one(ix_ctx *cx, net_acceptor *acceptor)
{
    const acceptor_settings *settings = &acceptor->settings;
    acceptor->sockets = calloc(settings->listen_count, sizeof *acceptor->sockets);
    acceptor->polls = calloc(settings->listen_count + 1, sizeof *acceptor->polls);
    if (!acceptor->sockets || !acceptor->polls)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    for (; acceptor->socket_count < settings->listen_count; acceptor->socket_count++) {
        listen_socket *socket = &acceptor->sockets[acceptor->socket_count];
        socket->fd = address_listen(cx, settings->listen[acceptor->socket_count], socket->address);
        if (socket->fd < 0)
            return false;
    }
    acceptor->wakeup_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    acceptor->polls[0] = (struct pollfd){.fd = acceptor->wakeup_fd, .events = POLLIN};
    acceptor->has_thread = acceptor->wakeup_fd >= 0 &&
                           pthread_create(&acceptor->thread, NULL, acceptor_run, acceptor) == 0;
    return acceptor->has_thread ||
           ix_fail(cx, IOTS_UNAVAILABLE, "cannot start the thread that accepts connections");
}

static void init_waiting(net_acceptor *acceptor)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&acceptor->lock, NULL);
    pthread_condattr_init(&attr);
    /* Waiting must not depend on what happens to the wall clock. */
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&acceptor->empty, &attr);
    pthread_condattr_destroy(&attr);
}

net_acceptor *acceptor_start(ix_ctx *cx, const acceptor_settings *settings)
{
    net_acceptor *acceptor = calloc(1, sizeof *acceptor);
    if (!acceptor) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    acceptor->settings = *settings;
    acceptor->wakeup_fd = -1;
    init_waiting(acceptor);
    if (acceptor_start_one(cx, acceptor))
        return acceptor;
    acceptor_free(acceptor);
    return NULL;
}

const char *acceptor_address(const net_acceptor *acceptor, size_t index)
{
    return index < acceptor->socket_count ? acceptor->sockets[index].address : NULL;
}

static void acceptor_set(net_acceptor *acceptor, bool *flag)
{
    pthread_mutex_lock(&acceptor->lock);
    *flag = true;
    pthread_mutex_unlock(&acceptor->lock);
    acceptor_notify(acceptor);
}

void acceptor_open(net_acceptor *acceptor)
{
    acceptor_set(acceptor, &acceptor->is_open);
}

void acceptor_close(net_acceptor *acceptor)
{
    acceptor_set(acceptor, &acceptor->is_closing);
}

bool acceptor_wait(net_acceptor *acceptor, int64_t until_us)
{
    const struct timespec until = {
        .tv_sec = (time_t)(until_us / IX_SECOND_US),
        .tv_nsec = (long)(until_us % IX_SECOND_US) * 1000,
    };
    int why = 0;
    pthread_mutex_lock(&acceptor->lock);
    while (why != ETIMEDOUT && !(acceptor->is_closed && acceptor->count == 0))
        why = pthread_cond_timedwait(&acceptor->empty, &acceptor->lock, &until);
    pthread_mutex_unlock(&acceptor->lock);
    return why != ETIMEDOUT;
}

void acceptor_stop(net_acceptor *acceptor)
{
    if (!acceptor || !acceptor->has_thread)
        return;
    acceptor_set(acceptor, &acceptor->is_over);
    pthread_join(acceptor->thread, NULL);
    acceptor->has_thread = false;
}

void acceptor_free(net_acceptor *acceptor)
{
    if (!acceptor)
        return;
    for (size_t i = 0; i < acceptor->socket_count; i++)
        if (acceptor->sockets[i].fd >= 0)
            close(acceptor->sockets[i].fd);
    if (acceptor->wakeup_fd >= 0)
        close(acceptor->wakeup_fd);
    pthread_cond_destroy(&acceptor->empty);
    pthread_mutex_destroy(&acceptor->lock);
    free(acceptor->sockets);
    free(acceptor->polls);
    free(acceptor);
}
