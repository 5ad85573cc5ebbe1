/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log line of a request that was answered: it is counted (metrics.h), reported in the log if it failed
 * through no fault of the client, and reported in the access log if there is one, or if all is to be reported.
 *
 * Nothing secret is in it. Bodies and headers are not logged, and no query either: what clients put
 * there, rightly (/oauth2/auth) or not (a token), is theirs.
 */
#ifndef REQUEST_LOG_H
#define REQUEST_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "api/call.h"
#include "net/metrics.h"

enum {
    REQUEST_LOG_PATH_MAX =
        1024, /* bytes of a path that are reported; more are cut off, with "..." */
};

typedef struct request_log {
    const struct sockaddr *peer; /* NULL: not known */
    ix_str method, target;       /* as they came */
    const api_call *call;        /* NULL: refused before there was one */
    int status;
    size_t body_bytes; /* sent */
    int64_t took_us;
    const char *reason; /* of a failure; of interest with 5xx */
} request_log;

/* Any thread. `metrics` NULL: nothing is counted. */
void request_log_write(const request_log *request_log, net_metrics *metrics, bool has_access_log);

#endif
