/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/time.h"

struct http {
    char *url;
    int fd;    /* -1: not connected */
    ix_buf in; /* bytes that came and are not used up */
};

http *http_new(const char *url)
{
    http *http = calloc(1, sizeof(*http));
    if (!http)
        return NULL;
    http->fd = -1;
    http->url = strdup(url);
    if (!http->url) {
        free(http);
        return NULL;
    }
    return http;
}

static void http_close(http *http)
{
    if (http->fd >= 0)
        close(http->fd);
    http->fd = -1;
    ix_buf_clear(&http->in);
}

void http_free(http *http)
{
    if (!http)
        return;
    http_close(http);
    ix_buf_done(&http->in);
    free(http->url);
    free(http);
}

/* http://127.0.0.1:8080 to an address; tests speak to loopback by number only. */
static bool read_url(ix_ctx *cx, const char *url, struct sockaddr_in *ret)
{
    static const char scheme[] = "http://";
    if (strncmp(url, scheme, strlen(scheme)) == 0) {
        ix_str host;
        const ix_str port = ix_str_cut(ix_str_of(url + strlen(scheme)), ':', &host);
        char name[64];
        snprintf(name, sizeof(name), "%.*s", (int)host.len, host.at);
        int64_t number = 0;
        *ret = (struct sockaddr_in){.sin_family = AF_INET};
        if (inet_pton(AF_INET, name, &ret->sin_addr) == 1 && ix_str_int(port, &number) &&
            number > 0 && number < 65536) {
            ret->sin_port = htons((uint16_t)number);
            return true;
        }
    }
    return ix_fail(cx, IOTS_USAGE, "%s: expected http://ADDRESS:PORT", url);
}

int http_connect(ix_ctx *cx, const char *url)
{
    struct sockaddr_in address;
    if (!read_url(cx, url, &address))
        return -1;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        ix_fail(cx, IOTS_TRANSPORT, "%s: %s", url, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

void http_request_header(http_request *request, const char *name, const char *value)
{
    if (request->header_count < HTTP_HEADERS_MAX)
        request->headers[request->header_count++] = (http_header){name, value};
}

const char *http_reply_header(const http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++) {
        if (strcasecmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    }
    return NULL;
}

/* ---- sending ---- */

bool http_send_raw(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        /* A reply before everything is sent means: enough. Sending on could only make the other
         * side reset the connection and the reply get lost. */
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN | POLLOUT};
        const int ready = poll(&poll_fd, 1, HTTP_TIMEOUT_MS);
        if (ready <= 0 || (poll_fd.revents & POLLIN))
            return false;
        const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static void write_head(ix_buf *buf, const char *url, const http_request *request)
{
    ix_buf_format(buf, "%s %s HTTP/1.1\r\n", request->method, request->target);
    bool has_host = false;
    for (size_t i = 0; i < request->header_count; i++) {
        ix_buf_format(buf, "%s: %s\r\n", request->headers[i].name, request->headers[i].value);
        has_host = has_host || strcasecmp(request->headers[i].name, "Host") == 0;
    }
    if (!has_host)
        ix_buf_format(buf, "Host: %s\r\n", url + strlen("http://"));
    if (request->body)
        ix_buf_format(buf, "Content-Length: %zu\r\n", request->body_len);
    ix_buf_text(buf, "\r\n");
}

/* ---- receiving ---- */

/* Waits for more bytes and adds them. False when the connection ends, breaks or takes too long. */
static bool read_more(ix_ctx *cx, int fd, ix_buf *in, int64_t until_us)
{
    for (;;) {
        const int64_t left_ms = (until_us - ix_monotonic_us()) / 1000;
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        const int ready = left_ms > 0 ? poll(&poll_fd, 1, (int)left_ms) : 0;
        if (ready == 0)
            return ix_fail(cx, IOTS_TIMEOUT, "no answer in time");
        if (ready < 0 && errno != EINTR)
            return ix_fail(cx, IOTS_TRANSPORT, "poll: %s", strerror(errno));
        if (ready < 0)
            continue;
        enum { STEP = 16 << 10 };
        if (!ix_buf_reserve(in, STEP))
            return ix_fail(cx, IOTS_NO_MEMORY, NULL);
        const ssize_t n = recv(fd, in->at + in->len, STEP, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ix_fail(cx, IOTS_TRANSPORT, "the connection broke: %s", strerror(errno));
        if (n == 0)
            return ix_fail(cx, IOTS_TRANSPORT, "the server closed the connection");
        in->len += (size_t)n;
        in->at[in->len] = '\0';
        return true;
    }
}

static bool read_header_line(ix_ctx *cx, ix_str line, http_reply *reply)
{
    ix_str name;
    const ix_str value = ix_str_cut(line, ':', &name);
    if (!value.at || name.len == 0)
        return ix_fail(cx, IOTS_TRANSPORT, "'%.*s' is not a header", (int)line.len, line.at);
    if (reply->header_count == HTTP_HEADERS_MAX)
        return ix_fail(cx, IOTS_TRANSPORT, "more than %d headers", HTTP_HEADERS_MAX);
    const ix_str trimmed = ix_str_trim(value);
    http_header *header = &reply->headers[reply->header_count++];
    header->name = ix_strndup(cx, name.at, name.len);
    header->value = ix_strndup(cx, trimmed.at ? trimmed.at : "", trimmed.len);
    return header->name && header->value;
}

static bool read_status_line(ix_ctx *cx, ix_str line, http_reply *reply)
{
    int64_t status;
    if (!ix_str_starts(line, "HTTP/1.1 ") || line.len < 12 ||
        !ix_str_int((ix_str){line.at + 9, 3}, &status))
        return ix_fail(cx, IOTS_TRANSPORT, "'%.*s' is not a status line", (int)line.len, line.at);
    reply->status = (int)status;
    return true;
}

/* The head of a reply is `head`, without the empty line. */
static bool read_head(ix_ctx *cx, ix_str head, http_reply *reply)
{
    ix_str line;
    head = ix_str_cut(head, '\n', &line);
    if (!read_status_line(cx, line, reply))
        return false;
    while (head.len > 0) {
        head = ix_str_cut(head, '\n', &line);
        if (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
        if (!read_header_line(cx, line, reply))
            return false;
    }
    return true;
}

static void use_up(ix_buf *in, size_t len)
{
    memmove(in->at, in->at + len, in->len - len);
    in->len -= len;
}

static bool has_no_body(const char *method, int status)
{
    return strcmp(method, "HEAD") == 0 || status == 204 || status == 304 || status / 100 == 1;
}

static bool read_body(ix_ctx *cx, int fd, ix_buf *in, int64_t until_us, http_reply *reply)
{
    const char *length = http_reply_header(reply, "Content-Length");
    int64_t len = 0;
    if (http_reply_header(reply, "Transfer-Encoding"))
        return ix_fail(cx, IOTS_TRANSPORT, "the reply has no Content-Length");
    if (length && (!ix_str_int(ix_str_of(length), &len) || len < 0 || len > HTTP_BODY_MAX))
        return ix_fail(cx, IOTS_TRANSPORT, "Content-Length: %s", length);
    while (in->len < (size_t)len) {
        if (!read_more(cx, fd, in, until_us))
            return false;
    }
    reply->body = ix_strndup(cx, len ? in->at : "", (size_t)len);
    reply->body_len = (size_t)len;
    if (len)
        use_up(in, (size_t)len);
    return reply->body != NULL;
}

/* Reads one reply; bytes beyond it stay in `in`. Interim replies (1xx) are passed over. */
static bool read_reply(ix_ctx *cx, int fd, ix_buf *in, const char *method, int timeout_ms,
                       http_reply *ret)
{
    const int64_t until_us =
        ix_monotonic_us() + (timeout_ms ? timeout_ms : HTTP_TIMEOUT_MS) * INT64_C(1000);
    for (;;) {
        const char *end;
        while (in->len == 0 || !(end = memmem(in->at, in->len, "\r\n\r\n", 4))) {
            if (in->len > HTTP_HEAD_MAX)
                return ix_fail(cx, IOTS_TRANSPORT, "the head of the reply never ends");
            if (!read_more(cx, fd, in, until_us))
                return false;
        }
        *ret = (http_reply){.body = ""};
        if (!read_head(cx, (ix_str){in->at, (size_t)(end - in->at)}, ret))
            return false;
        use_up(in, (size_t)(end - in->at) + 4);
        if (ret->status / 100 != 1)
            break;
    }
    return has_no_body(method, ret->status) || read_body(cx, fd, in, until_us, ret);
}

bool http_read_reply(ix_ctx *cx, int fd, const char *method, int timeout_ms, http_reply *ret)
{
    ix_buf in = {0};
    const bool ok = read_reply(cx, fd, &in, method, timeout_ms, ret);
    ix_buf_done(&in);
    return ok;
}

/* ---- calls ---- */

bool http_call(ix_ctx *cx, http *http, const http_request *request, http_reply *ret)
{
    if (http->fd < 0) {
        http->fd = http_connect(cx, http->url);
        if (http->fd < 0)
            return false;
    }
    ix_buf out = {0};
    write_head(&out, http->url, request);
    if (request->body)
        ix_buf_add(&out, request->body, request->body_len);
    bool ok = !out.failed || ix_fail(cx, IOTS_NO_MEMORY, NULL);
    const bool sent = ok && http_send_raw(http->fd, out.at, out.len);
    ix_buf_done(&out);
    ok = ok && read_reply(cx, http->fd, &http->in, request->method, request->timeout_ms, ret);
    const char *connection = ok ? http_reply_header(ret, "Connection") : NULL;
    if (!ok || !sent || (connection && strcasecmp(connection, "close") == 0))
        http_close(http);
    return ok;
}

bool http_json(ix_ctx *cx, http *http, const char *method, const char *target, const char *token,
               const char *body, http_reply *ret)
{
    http_request request = {.method = method, .target = target};
    if (token) {
        const char *bearer = ix_format(cx, "Bearer %s", token);
        if (!bearer)
            return false;
        http_request_header(&request, "Authorization", bearer);
    }
    if (body) {
        http_request_header(&request, "Content-Type", "application/json");
        request.body = body;
        request.body_len = strlen(body);
    }
    return http_call(cx, http, &request, ret);
}
