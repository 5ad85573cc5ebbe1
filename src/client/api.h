/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an iots_api is made of. All of it is settled when the API is made, and read without a lock,
 * but the default headers and the security strategy.
 */
#ifndef CLIENT_API_H
#define CLIENT_API_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "client/request.h"
#include "client/url.h"
#include "iots/iots.h"

/* A strategy and how many still need it: the API, and each call under way. */
typedef struct client_reference {
    iots_security *security;
    size_t holds; /* guarded by the lock of the API */
} client_reference;

/* A default header, on the heap. */
typedef struct client_header {
    char *name;
    char *value;
    struct client_header *next;
} client_header;

struct iots_api {
    ix_ctx cx;        /* memory of the settings; its error: why the API could not be made */
    const char *host; /* with scheme, without trailing slashes */
    client_url home;  /* the host, taken apart */
    bool verify;
    const char *ca_file;
    int connect_timeout_ms; /* 0: no limit, and so below */
    int read_timeout_ms;
    int retries;
    int retry_wait_ms;
    size_t reply_max_bytes;
    size_t gzip_body_min_bytes; /* 0: bodies go out as they are */
    const char *proxy;          /* NULL: as the environment says */
    iots_transport transport;

    pthread_mutex_t lock; /* guards what follows */
    client_header *headers;
    client_reference *reference; /* NULL: no strategy */
    ix_error setup;              /* why the last strategy could not be set */
};

/* True if the API can be used; else the reason is in cx. NULL is allowed. */
bool api_check(ix_ctx *cx, const iots_api *api);

/* The strategy in use, held until it is let go of. NULL: none. */
client_reference *api_acquire(iots_api *api);
/* Holds one that is held already once more. */
void api_acquire_again(iots_api *api, client_reference *reference);
void api_release(iots_api *api, client_reference *reference);

/* Puts the default headers of the API over those of the request. */
bool api_add_headers(iots_api *api, client_request *request);

#endif
