/* SPDX-License-Identifier: Apache-2.0 */
#include "relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http.h"

enum { CONNECTIONS_MAX = 16, LISTENER = 2 * CONNECTIONS_MAX, FDS };

struct relay {
    const char *url;
    pid_t pid;
};

/* Both ends of a connection; -1: none. */
typedef struct pair {
    int client, server;
    bool loses_answer; /* the next one */
} pair;

static void give_up(const char *what)
{
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    _exit(1);
}

static void replace(char *bytes, size_t len, const char *word, const char *other)
{
    const size_t word_len = strlen(word);
    const char *end = bytes + len;
    char *at = bytes;
    for (; (at = memmem(at, (size_t)(end - at), word, word_len)); at += word_len)
        memcpy(at, other, word_len);
}

/* Carries what is asked to the server; false once it is over. */
static bool carry_request(pair *pair, const char *word, const char *other)
{
    char bytes[64 * 1024];
    const ssize_t got = recv(pair->client, bytes, sizeof bytes, 0);
    if (got <= 0)
        return false;
    if (other)
        replace(bytes, (size_t)got, word, other);
    else if (memmem(bytes, (size_t)got, word, strlen(word)))
        pair->loses_answer = true;
    return http_send_raw(pair->server, bytes, (size_t)got);
}

/* Carries what is answered back; false once it is over. */
static bool carry_answer(const pair *pair)
{
    char bytes[64 * 1024];
    const ssize_t got = recv(pair->server, bytes, sizeof bytes, 0);
    return got > 0 && !pair->loses_answer && http_send_raw(pair->client, bytes, (size_t)got);
}

static void pair_close(pair *pair)
{
    close(pair->client);
    close(pair->server);
    *pair = (struct pair){-1, -1, false};
}

static void pair_open(ix_ctx *cx, pair *pairs, int listening, const char *url)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (pairs[i].client >= 0)
            continue;
        pairs[i].client = accept(listening, NULL, NULL);
        pairs[i].server = http_connect(cx, url);
        if (pairs[i].client < 0 || pairs[i].server < 0)
            give_up(url);
        return;
    }
    give_up("too many connections");
}

static void child_run(ix_ctx *cx, int listening, const char *url, const char *word,
                      const char *other)
{
    pair pairs[CONNECTIONS_MAX];
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        pairs[i] = (pair){-1, -1, false};
    for (;;) {
        struct pollfd fds[FDS];
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
            fds[2 * i] = (struct pollfd){.fd = pairs[i].client, .events = POLLIN};
            fds[2 * i + 1] = (struct pollfd){.fd = pairs[i].server, .events = POLLIN};
        }
        fds[LISTENER] = (struct pollfd){.fd = listening, .events = POLLIN};
        if (poll(fds, FDS, -1) < 0)
            give_up("poll");
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
            if ((fds[2 * i].revents && !carry_request(&pairs[i], word, other)) ||
                (fds[2 * i + 1].revents && !carry_answer(&pairs[i])))
                pair_close(&pairs[i]);
        }
        if (fds[LISTENER].revents)
            pair_open(cx, pairs, listening, url);
    }
}

relay *relay_start(ix_ctx *cx, const char *url, const char *word, const char *other)
{
    relay *made = ix_new(cx, relay, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, CONNECTIONS_MAX) != 0 || getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        give_up("listen");
    made->url = ix_format(cx, "http://127.0.0.1:%d", ntohs(address.sin_port));
    fflush(NULL);
    made->pid = fork();
    if (made->pid < 0)
        give_up("fork");
    if (made->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        child_run(cx, fd, url, word, other);
    }
    close(fd);
    return made;
}

const char *relay_url(const relay *relay)
{
    return relay->url;
}

void relay_stop(relay *relay)
{
    kill(relay->pid, SIGKILL);
    while (waitpid(relay->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
