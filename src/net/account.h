/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account of a request that was answered: it is counted (metrics.h), told in the log if it failed
 * through no fault of the client, and told in the access log if there is one, or if all is to be told.
 *
 * Nothing secret is in it. Bodies and headers are not told, and no query either: what clients put
 * there, rightly (/oauth2/auth) or not (a token), is theirs.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "api/call.h"
#include "net/metrics.h"

enum {
    ACCOUNT_PATH_MAX = 1024, /* bytes of a path that are told; more are cut off, with "..." */
};

typedef struct account {
    const struct sockaddr *peer; /* NULL: not known */
    ix_str method, target;       /* as they came */
    const call *call;            /* NULL: refused before there was one */
    int status;
    size_t body_bytes; /* sent */
    int64_t took_us;
    const char *reason; /* of a failure; of interest with 5xx */
} account;

/* Any thread. `metrics` NULL: nothing is counted. */
void account_give(const account *account, metrics *metrics, bool has_access_log);

#endif
