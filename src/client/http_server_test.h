/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: an HTTP server on a port that the kernel chooses, with a thread for each connection. It
 * waits for nothing but bytes; what it answers depends on the path alone, see `serve`.
 */
#ifndef CLIENT_HTTP_SERVER_TEST_H
#define CLIENT_HTTP_SERVER_TEST_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEST_SERVER_CONNECTIONS = 64, TEST_SERVER_HEAD = 64 << 10 };

typedef struct test_server {
    int listen_fd;
    char host[64]; /* "http://127.0.0.1:40001" */
    pthread_t acceptor;
    pthread_t threads[TEST_SERVER_CONNECTIONS];
    int sockets[TEST_SERVER_CONNECTIONS];
    atomic_int connections; /* that were made so far */
    atomic_int tokens;      /* that were asked for so far */
    atomic_int proxied;     /* requests that named the host in their first line */
    atomic_int busy;        /* requests for /busy so far */
    atomic_int gone;        /* requests for /gone so far */
    const char *packed;     /* what /packed is, in gzip; set before it is asked for */
    size_t packed_size;
} test_server;

typedef struct test_server_connection {
    test_server *server;
    int socket;
} test_server_connection;

static inline bool test_server_write(int socket, const char *bytes, size_t size)
{
    while (size) {
        const ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static inline bool test_server_say(int socket, const char *head, const char *body)
{
    char text[512];
    snprintf(text, sizeof text,
             "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", head,
             strlen(body));
    return test_server_write(socket, text, strlen(text)) &&
           test_server_write(socket, body, strlen(body));
}

/* Waits until the client hangs up. */
static inline bool test_server_wait(int socket)
{
    char byte;
    while (read(socket, &byte, 1) > 0)
        ;
    return false;
}

/* A JSON text of about `size` bytes. */
static inline bool loopback_say_much(int socket, size_t size)
{
    char *body = malloc(size + 3);
    memset(body, 'x', size + 2);
    body[0] = body[size + 1] = '"';
    body[size + 2] = '\0';
    const bool ok = test_server_say(socket, "200 OK", body);
    free(body);
    return ok;
}

/* A page of two of the five things 0 to 4, after the mark in the path. */
static inline bool test_server_say_page(int socket, const char *path)
{
    const char *mark = strstr(path, "next_cursor=");
    const int first = mark ? atoi(mark + 12) : 0;
    char body[128], second[16] = "", next[16] = "";
    if (first < 4) {
        snprintf(second, sizeof second, ", %d", first + 1);
        snprintf(next, sizeof next, "%d", first + 2);
    }
    snprintf(body, sizeof body, "{\"data\": [%d%s], \"paging\": {\"next_cursor\": \"%s\"}}", first,
             second, next);
    return test_server_say(socket, "200 OK", body);
}

static inline bool loopback_say_packed(const test_server *server, int socket)
{
    char head[256];
    snprintf(head, sizeof head,
             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
             "Content-Length: %zu\r\n\r\n",
             server->packed_size);
    return test_server_write(socket, head, strlen(head)) &&
           test_server_write(socket, server->packed, server->packed_size);
}

/* Answers one request. False: the connection is over. */
static inline bool test_server_serve(test_server *server, int socket, char *head, const char *body)
{
    char *path = strchr(head, ' ') + 1;
    if (strncmp(path, "http://", 7) == 0) { /* to us as a proxy, which goes no further */
        atomic_fetch_add(&server->proxied, 1);
        path = strchr(path + 7, '/');
    }
    if (strncmp(path, "/silent", 7) == 0)
        return test_server_wait(socket);
    if (strncmp(path, "/hangup", 7) == 0)
        return false;
    if (strncmp(path, "/half", 5) == 0)
        return test_server_write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 42) &&
               test_server_wait(socket);
    if (strncmp(path, "/cut", 4) == 0) {
        test_server_write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 42);
        return false;
    }
    if (strncmp(path, "/nonsense", 9) == 0) {
        test_server_write(socket, "SMTP ready\r\n\r\n", 14);
        return false;
    }
    if (strncmp(path, "/interim", 8) == 0)
        return test_server_write(socket, "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n", 40) &&
               test_server_say(socket, "200 OK\r\nX-Late: 1", "{}");
    if (strncmp(path, "/packed", 7) == 0 && strstr(head, "\r\nAccept-Encoding: gzip\r\n"))
        return loopback_say_packed(server, socket);
    if (strncmp(path, "/much", 5) == 0)
        return loopback_say_much(socket, 3000000);
    if (strncmp(path, "/away", 5) == 0)
        return test_server_say(socket, "302 Found\r\nLocation: http://127.0.0.1:1/x", "");
    if (strncmp(path, "/moved", 6) == 0)
        return test_server_say(socket, "302 Found\r\nLocation: /hello", "");
    if (strncmp(path, "/busy", 5) == 0) /* /busy3: the first three times */
        return atomic_fetch_add(&server->busy, 1) < atoi(path + 5)
                   ? test_server_say(socket, "503 Busy\r\nRetry-After: 0", "")
                   : test_server_say(socket, "200 OK", "{}");
    if (strncmp(path, "/gone", 5) == 0) /* hangs up at the first one */
        return atomic_fetch_add(&server->gone, 1) > 0 && test_server_say(socket, "200 OK", "{}");
    if (strncmp(path, "/later", 6) == 0)
        return test_server_say(socket, "503 Busy\r\nRetry-After: 50", "");
    if (strncmp(path, "/only/", 6) == 0) { /* /only/T2: with that token */
        char line[64];
        snprintf(line, sizeof line, "Bearer %.*s\r\n", (int)strcspn(path + 6, " "), path + 6);
        return test_server_say(socket, strstr(head, line) ? "200 OK" : "401 No", "{}");
    }
    if (strncmp(path, "/spaces/farm/things", 19) == 0)
        return test_server_say_page(socket, path);
    if (strncmp(path, "/oauth2/token", 13) == 0) {
        char token[128];
        const int count = atomic_fetch_add(&server->tokens, 1) + 1;
        snprintf(token, sizeof token, "{\"access_token\": \"T%d\", \"expires_in\": %d}", count,
                 count == 1 ? 1 : 3600);
        return test_server_say(socket, "200 OK", token);
    }
    if (strncmp(head, "HEAD", 4) == 0)
        return test_server_write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 39);
    if (strncmp(path, "/echo", 5) == 0) { /* the head, then the body; not as JSON */
        const size_t size = strlen(head) + strlen(body);
        char front[128];
        snprintf(front, sizeof front,
                 "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n",
                 size);
        return test_server_write(socket, front, strlen(front)) &&
               test_server_write(socket, head, strlen(head)) &&
               test_server_write(socket, body, strlen(body));
    }
    return test_server_say(socket, "200 OK", "{\"hello\": \"world\"}");
}

/* The number in a header of the head; 0 if it is not there. */
static inline size_t loopback_length(const char *head)
{
    const char *found = strcasestr(head, "\r\nContent-Length:");
    return found ? (size_t)atoll(found + 17) : 0;
}

/* Reads one request and answers it. */
static inline bool test_server_turn(test_server *server, int socket)
{
    char *head = calloc(1, TEST_SERVER_HEAD + 1);
    char *body = NULL;
    size_t size = 0;
    bool ok = true;
    while (ok && size < TEST_SERVER_HEAD && !strstr(head, "\r\n\r\n")) {
        const ssize_t got = read(socket, head + size, 1); /* slow, and never too much */
        ok = got == 1;
        size += ok ? 1 : 0;
    }
    if (ok && strstr(head, " /deaf")) /* hangs up with the body unread */
        ok = false;
    const size_t length = ok ? loopback_length(head) : 0;
    body = calloc(1, length + 1);
    for (size_t have = 0; ok && have < length;) {
        const ssize_t got = read(socket, body + have, length - have);
        ok = got > 0;
        have += ok ? (size_t)got : 0;
    }
    ok = ok && test_server_serve(server, socket, head, body);
    free(head);
    free(body);
    return ok;
}

static inline void *loopback_connected(void *arg)
{
    test_server_connection *connection = arg;
    while (test_server_turn(connection->server, connection->socket))
        ;
    shutdown(connection->socket, SHUT_RDWR); /* it is closed at the end */
    free(connection);
    return NULL;
}

static inline void *loopback_accept(void *arg)
{
    test_server *server = arg;
    for (;;) {
        const int socket = accept(server->listen_fd, NULL, NULL);
        const int index = atomic_load(&server->connections);
        if (socket < 0 || index == TEST_SERVER_CONNECTIONS)
            return NULL;
        const int max_concurrent = 1; /* head and body are two writes */
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &max_concurrent, sizeof max_concurrent);
        test_server_connection *connection = malloc(sizeof *connection);
        *connection = (test_server_connection){server, socket};
        server->sockets[index] = socket;
        atomic_store(&server->connections, index + 1); /* before anything is answered */
        pthread_create(&server->threads[index], NULL, loopback_connected, connection);
    }
}

/* A socket with a port of the kernel's choice; its address in `host`. */
static inline int test_server_bind(char *host, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    const int bound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(bound, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(bound, (struct sockaddr *)&address, &length) != 0)
        abort();
    snprintf(host, size, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return bound;
}

/* The same, ready to be connected to. */
static inline int test_server_listen(int backlog, char *host, size_t size)
{
    const int listen_fd = test_server_bind(host, size);
    if (listen(listen_fd, backlog) != 0)
        abort();
    return listen_fd;
}

static inline test_server *test_server_start(void)
{
    test_server *server = calloc(1, sizeof *server);
    server->listen_fd = test_server_listen(64, server->host, sizeof server->host);
    pthread_create(&server->acceptor, NULL, loopback_accept, server);
    return server;
}

static inline void test_server_stop(test_server *server)
{
    shutdown(server->listen_fd, SHUT_RDWR);
    pthread_join(server->acceptor, NULL);
    close(server->listen_fd);
    for (int i = 0; i < atomic_load(&server->connections); i++) {
        shutdown(server->sockets[i], SHUT_RDWR);
        pthread_join(server->threads[i], NULL);
        close(server->sockets[i]);
    }
    free(server);
}

#endif
