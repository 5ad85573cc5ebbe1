/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole of a running server: listeners, workers, committer and the state they share, started and
 * stopped in the right order.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "api/dispatch.h"
#include "net/http.h"
#include "net/mailer.h"

enum { SERVICE_STOP_S = 8 }; /* how long a stop waits for what is under way; all of it takes ten */

typedef struct service service;

typedef struct service_settings {
    const char *store_url;    /* of a store that is locked (store.h) */
    int64_t store_timeout_us; /* for each statement (store_limit); 0: as long as it takes */
    api_settings api;
    http_settings http;
    mailer_settings mail;
    int64_t retention_us; /* history older than this goes; 0: all of it stays */
} service_settings;

/* Makes sure of all that is ours alone, addresses and certificate, without looking at the store. The
 * settings are copied, their strings are borrowed. NULL on failure. */
service *service_open(ix_ctx *cx, const service_settings *settings);

/* Serves from now on. The store must exist. */
bool service_serve(ix_ctx *cx, service *service);

/* "127.0.0.1:8080", with the real port; NULL beyond the last one. */
const char *service_address(const service *service, size_t index);

/* As http_change_certificate. */
bool service_change_certificate(ix_ctx *cx, service *service, const char *certificate_file,
                                const char *key_file);

/* Accepts nothing more, finishes what is under way (at most SERVICE_STOP_S), commits and frees.
 * False: something was cut off. NULL is fine. */
bool service_stop(service *service);

#endif
