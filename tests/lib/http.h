/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTP/1.1 client for tests: one connection, one request at a time, nothing hidden.
 *
 * It is written by hand, not over the library that libiots uses, so that the tests see what really
 * comes over the wire and may also send what no well-behaved client would.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"

enum {
    HTTP_HEADERS_MAX = 32,
    HTTP_HEAD_MAX = 64 << 10,
    HTTP_BODY_MAX = 64 << 20,
    HTTP_TIMEOUT_MS = 60000, /* generous: a sanitizer on a busy machine is slow, not wrong */
};

typedef struct http_header {
    const char *name, *value;
} http_header;

typedef struct http_request {
    const char *method, *target; /* sent as they are */
    http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
    const char *body; /* NULL: none */
    size_t body_len;
    int timeout_ms; /* 0: HTTP_TIMEOUT_MS */
} http_request;

typedef struct http_reply {
    int status;
    http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
    const char *body; /* zero-terminated; "" if there is none */
    size_t body_len;
} http_reply;

typedef struct http http; /* a connection; belongs to one thread at a time */

/* A client for http://HOST:PORT; connects when first used. NULL when out of memory or the address is
 * none. */
http *http_new(const char *url);
void http_free(http *http);

/* Sends a request and reads the reply into cx. Fails with IOTS_TRANSPORT or IOTS_TIMEOUT; the
 * connection is then closed and the next call makes a new one. Host and Content-Length are added. */
bool http_call(ix_ctx *cx, http *http, const http_request *request, http_reply *ret);

/* The usual call: a bearer token or NULL, a JSON body or NULL. */
bool http_json(ix_ctx *cx, http *http, const char *method, const char *target, const char *token,
               const char *body, http_reply *ret);

/* Adds a header to a request; drops it silently beyond HTTP_HEADERS_MAX. */
void http_request_header(http_request *request, const char *name, const char *value);

/* NULL if the reply has no such header. Letter case does not matter. */
const char *http_reply_header(const http_reply *reply, const char *name);

/* ---- bare connections, for what is not HTTP ---- */

/* A connected socket, or -1 with the reason in cx. The caller closes it. */
int http_connect(ix_ctx *cx, const char *url);

/* Writes what the other side takes; false once it stops taking. No signal is raised. */
bool http_send_raw(int fd, const char *bytes, size_t len);

/* Reads one reply from a connected socket; `method` as in http_call (a HEAD has no body). False with
 * IOTS_TRANSPORT when the other side closes without one. */
bool http_read_reply(ix_ctx *cx, int fd, const char *method, int timeout_ms, http_reply *ret);

#endif
