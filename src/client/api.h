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
typedef struct keeper {
    iots_security *security;
    size_t holds; /* guarded by the lock of the API */
} keeper;

/* A default header, on the heap. */
typedef struct header {
    char *name;
    char *value;
    struct header *next;
} header;

struct iots_api {
    ix_ctx cx;        /* memory of the settings; its error: why the API could not be made */
    const char *host; /* with scheme, without trailing slashes */
    url home;         /* the host, taken apart */
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
    header *headers;
    keeper *keeper; /* NULL: no strategy */
    ix_error setup; /* why the last strategy could not be set */
};

/* True if the API can be used; else the reason is in cx. NULL is allowed. */
bool api_check(ix_ctx *cx, const iots_api *api);

/* The strategy in use, held until it is let go of. NULL: none. */
keeper *api_hold(iots_api *api);
/* Holds one that is held already once more. */
void api_hold_again(iots_api *api, keeper *keeper);
void api_let_go(iots_api *api, keeper *keeper);

/* Puts the default headers of the API over those of the request. */
bool api_add_headers(iots_api *api, request *request);

#endif
