/* SPDX-License-Identifier: Apache-2.0 */
/* A finished request, sent until it is answered: security, redirects, repetitions. */
#ifndef CLIENT_SEND_H
#define CLIENT_SEND_H

#include "client/api.h"
#include "client/reply.h"
#include "client/request.h"

typedef struct send_rules {
    bool secure; /* apply the strategy of the API */
    int retries;
} send_rules;

/* Fills `reply`; its failure is one of transport, redirection or of the request itself. What the
 * answer means is for the caller to find out. If the strategy fails, the reply it gave is returned,
 * and that is then the outcome of the call; else NULL. */
iots_reply *send_request(iots_api *api, request *request, send_rules rules, iots_reply *reply);

#endif
