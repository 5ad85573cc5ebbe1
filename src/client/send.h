/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finished request, sent until it is answered: security, redirects, repetitions.
 *
 * It is a machine that says what to do next and never does it: whoever runs it asks the transport and
 * waits, in whatever way it can. Blocking calls run it in one go (send_request), others from the turns
 * of a loop (async.c).
 */
#ifndef CLIENT_SEND_H
#define CLIENT_SEND_H

#include "client/api.h"
#include "client/reply.h"
#include "client/request.h"

typedef enum send_step {
    SEND_ASK,   /* send the request: send_starts() before, send_answered() after */
    SEND_PAUSE, /* let `wait_ms` pass, then send_again() */
    SEND_RENEW, /* have the strategy's token fetched, then send_again() or send_refused() */
    SEND_END,   /* it has come to its end */
} send_step;

/* A request under way. The first five are the caller's to fill, the rest is zero at first. */
typedef struct client_sending {
    iots_api *api;
    client_request *request;
    iots_reply *reply;
    bool is_secure; /* apply the strategy of the API */
    int retries;
    bool may_wait; /* a strategy may ask the token server on its own; else SEND_RENEW comes */

    int wait_ms;
    client_reference *held; /* the strategy; NULL: none */
    int renewals;           /* times that its token was fetched for this request */
    bool is_final;          /* the reply is that of the strategy, and not to be read as an answer */
    bool was_refused;
    int tries;
    int redirects;
    int64_t started_us;
    const char *plain_url; /* before a strategy added to it, and before redirects */
    const char *first_url; /* before redirects */
} client_sending;

/* The first step. */
send_step send_begin(client_sending *sending);

/* The request goes out now: clears the reply. */
void send_starts(client_sending *sending);

/* The transport has ended with `code`, having filled the response of the reply. */
send_step send_answered(client_sending *sending, iots_code code);

send_step send_again(client_sending *sending);

/* There will be no token: `failure` is the outcome of the call. Taken. */
void send_refused(client_sending *sending, iots_reply *failure);

/* Releases what is held: at the end, or when it is given up. */
void send_done(client_sending *sending);

/* All of it with the transport of the API, waiting where it must. What the answer means is for the
 * caller to find out, unless `is_final`. */
void send_request(client_sending *sending);

#endif
