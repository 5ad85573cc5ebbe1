/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http.h"

enum {
    CONNECTIONS_MAX = 64,
    LISTENER = 2 * CONNECTIONS_MAX,
    WAKE,
    FDS,
    BYTES = 64 << 10,
};

/* As libpq sends it: a simple query of its own. */
static const char commit_message[] = "Q\0\0\0\x0b"
                                     "COMMIT";

/* Both ends of a connection; -1: closed. */
typedef struct line {
    int client, server;
    bool is_cut_after; /* what comes from the server next is the answer that must not arrive */
    bool is_late;      /* the server is still to get COMMIT */
} line;

struct proxy {
    char url[128];
    struct sockaddr_un server;
    int listening, wake;
    pthread_t thread;
    line lines[CONNECTIONS_MAX]; /* of the thread */

    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t cut;
    bool must_cut, freezes_too, was_cut, is_frozen, must_deliver, is_over;
    proxy_cut_at at;
};

static void give_up(const char *what)
{
    fprintf(stderr, "proxy: %s: %s\n", what, strerror(errno));
    abort();
}

static void line_close(line *line)
{
    if (line->client >= 0)
        close(line->client);
    if (line->server >= 0)
        close(line->server);
    *line = (struct line){-1, -1, false, false};
}

static void line_open(proxy *proxy)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        line *line = &proxy->lines[i];
        if (line->client >= 0 || line->server >= 0)
            continue;
        line->client = accept(proxy->listening, NULL, NULL);
        line->server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (line->client < 0 || line->server < 0 ||
            connect(line->server, (struct sockaddr *)&proxy->server, sizeof proxy->server) != 0)
            give_up("connect");
        return;
    }
    give_up("too many connections");
}

/* With the lock held. */
static void note_cut(proxy *proxy)
{
    proxy->must_cut = false;
    proxy->was_cut = true;
    proxy->is_frozen = proxy->freezes_too;
    pthread_cond_broadcast(&proxy->cut);
}

/* COMMIT is here. True: it is to be carried on. */
static bool meet_commit(proxy *proxy, line *line)
{
    pthread_mutex_lock(&proxy->lock);
    const bool must_cut = proxy->must_cut;
    const proxy_cut_at at = proxy->at;
    if (must_cut && at == PROXY_AFTER_COMMIT)
        line->is_cut_after = true;
    if (must_cut && at == PROXY_LATE_COMMIT) {
        close(line->client);
        line->client = -1;
        line->is_late = true;
        note_cut(proxy);
    }
    if (must_cut && at == PROXY_BEFORE_COMMIT) {
        line_close(line);
        note_cut(proxy);
    }
    pthread_mutex_unlock(&proxy->lock);
    return !must_cut || at == PROXY_AFTER_COMMIT;
}

static void deliver_late(proxy *proxy)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (proxy->lines[i].is_late)
            http_send_raw(proxy->lines[i].server, commit_message, sizeof commit_message);
        proxy->lines[i].is_late = false;
    }
}

static void carry_question(proxy *proxy, line *line)
{
    char bytes[BYTES];
    const ssize_t got = recv(line->client, bytes, sizeof bytes, 0);
    if (got <= 0) {
        line_close(line);
        return;
    }
    const bool is_commit =
        memmem(bytes, (size_t)got, commit_message, sizeof commit_message) != NULL;
    if ((!is_commit || meet_commit(proxy, line)) &&
        !http_send_raw(line->server, bytes, (size_t)got))
        line_close(line);
}

static void carry_answer(proxy *proxy, line *line)
{
    char bytes[BYTES];
    const ssize_t got = recv(line->server, bytes, sizeof bytes, 0);
    if (line->is_cut_after) {
        line_close(line);
        pthread_mutex_lock(&proxy->lock);
        note_cut(proxy);
        pthread_mutex_unlock(&proxy->lock);
    } else if (got <= 0 ||
               (line->client >= 0 && !http_send_raw(line->client, bytes, (size_t)got))) {
        line_close(line);
    }
}

/* What is to be done now. False: it is over. */
static bool look(proxy *proxy, bool *ret_is_frozen)
{
    pthread_mutex_lock(&proxy->lock);
    *ret_is_frozen = proxy->is_frozen;
    const bool is_over = proxy->is_over;
    if (proxy->must_deliver)
        deliver_late(proxy);
    proxy->must_deliver = false;
    pthread_mutex_unlock(&proxy->lock);
    return !is_over;
}

static void *run(void *arg)
{
    proxy *proxy = arg;
    for (bool is_frozen; look(proxy, &is_frozen);) {
        struct pollfd fds[FDS];
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
            const line *line = &proxy->lines[i];
            fds[2 * i] = (struct pollfd){.fd = is_frozen ? -1 : line->client, .events = POLLIN};
            fds[2 * i + 1] = (struct pollfd){.fd = is_frozen ? -1 : line->server, .events = POLLIN};
        }
        fds[LISTENER] = (struct pollfd){.fd = is_frozen ? -1 : proxy->listening, .events = POLLIN};
        fds[WAKE] = (struct pollfd){.fd = proxy->wake, .events = POLLIN};
        if (poll(fds, FDS, -1) < 0)
            give_up("poll");
        uint64_t count;
        if (fds[WAKE].revents) {
            if (read(proxy->wake, &count, sizeof count) < 0)
                give_up("read");
            continue; /* what was found to be there may be frozen now */
        }
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
            if (fds[2 * i].revents)
                carry_question(proxy, &proxy->lines[i]);
            else if (fds[2 * i + 1].revents)
                carry_answer(proxy, &proxy->lines[i]);
        }
        if (fds[LISTENER].revents)
            line_open(proxy);
    }
    return NULL;
}

static void wake(proxy *proxy)
{
    const uint64_t one = 1;
    if (write(proxy->wake, &one, sizeof one) < 0)
        give_up("write");
}

proxy *proxy_start(ix_ctx *cx, const char *folder, const char *database)
{
    proxy *made = ix_new(cx, proxy, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    made->server.sun_family = AF_UNIX;
    snprintf(made->server.sun_path, sizeof made->server.sun_path, "%s/.s.PGSQL.5432", folder);
    made->wake = eventfd(0, EFD_CLOEXEC);
    made->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made->wake < 0 || made->listening < 0 ||
        bind(made->listening, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(made->listening, CONNECTIONS_MAX) != 0 ||
        getsockname(made->listening, (struct sockaddr *)&address, &len) != 0)
        give_up("listen");
    snprintf(made->url, sizeof made->url,
             "postgres://iots@127.0.0.1:%d/%s?sslmode=disable&gssencmode=disable",
             ntohs(address.sin_port), database);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        made->lines[i] = (line){-1, -1, false, false};
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->cut, NULL);
    if (pthread_create(&made->thread, NULL, run, made) != 0)
        give_up("thread");
    return made;
}

void proxy_stop(proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->is_over = true;
    proxy->is_frozen = false;
    wake(proxy);
    pthread_mutex_unlock(&proxy->lock);
    pthread_join(proxy->thread, NULL);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        line_close(&proxy->lines[i]);
    close(proxy->listening);
    close(proxy->wake);
    pthread_cond_destroy(&proxy->cut);
    pthread_mutex_destroy(&proxy->lock);
}

const char *proxy_url(const proxy *proxy)
{
    return proxy->url;
}

static void arm(proxy *proxy, proxy_cut_at at, bool freezes_too)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->must_cut = true;
    proxy->was_cut = false;
    proxy->freezes_too = freezes_too;
    proxy->at = at;
    pthread_mutex_unlock(&proxy->lock);
}

void proxy_cut(proxy *proxy, proxy_cut_at at)
{
    arm(proxy, at, false);
}

void proxy_cut_and_freeze(proxy *proxy, proxy_cut_at at)
{
    arm(proxy, at, true);
}

void proxy_wait_cut(proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    while (!proxy->was_cut)
        pthread_cond_wait(&proxy->cut, &proxy->lock);
    pthread_mutex_unlock(&proxy->lock);
}

static void set_frozen(proxy *proxy, bool is_frozen)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->is_frozen = is_frozen;
    wake(proxy);
    pthread_mutex_unlock(&proxy->lock);
}

void proxy_freeze(proxy *proxy)
{
    set_frozen(proxy, true);
}

void proxy_thaw(proxy *proxy)
{
    set_frozen(proxy, false);
}

void proxy_deliver(proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->must_deliver = true;
    wake(proxy);
    pthread_mutex_unlock(&proxy->lock);
}
