/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its answer over a handle of libcurl: what is set in libcurl, and what it reports.
 * Common to those who wait for it (transport_curl.c) and those who do not (async.c).
 *
 * libcurl sends a request again, whatever its method, if the connection was a kept one and ends before
 * the answer begins. It calls us before, and is stopped where the request must not be repeated: then,
 * and whenever else such a request may have arrived and has no answer, its outcome is unknown.
 *
 * libcurl measures silence in whole seconds of slow transfer. We wait for it ourselves instead, and
 * look at the clock: `heard_us` is when the server was last heard of, or something was sent to it.
 */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "iots/iots.h"

typedef struct transfer_handle {
    CURL *easy;
    CURLU *url;                 /* where to, taken apart */
    struct curl_slist *headers; /* on the heap, `header_room` of them, their text in `text` */
    size_t header_room;
    ix_buf text;
    bool is_special; /* what was set in the handle is not for others */

    /* Of the request at hand. */
    const iots_request *request;
    iots_response *response;
    bool is_connected;
    bool is_stopped; /* libcurl would have sent it a second time */
    int64_t heard_us;
    curl_off_t sent;
    char error[CURL_ERROR_SIZE];
} transfer_handle;

/* To be used again and again, for one request at a time. NULL without memory. */
transfer_handle *transfer_handle_new(void);
void transfer_handle_free(transfer_handle *handle);

/* Sets up the handle: the transfer may begin. False: the response says why not. To be ended by
 * transfer_handle_done() in either case. */
bool transfer_handle_begin(transfer_handle *handle, const iots_request *request,
                           iots_response *response);

/* When the silence will have lasted too long, if it lasts; by the monotonic clock. Without a
 * connection, no earlier than it would if there were one now. INT64_MAX: never. */
int64_t transfer_handle_deadline_us(const transfer_handle *handle);

/* The silence has lasted too long; how the transfer ended. Both say it in the response, in our words.
 */
iots_code transfer_handle_stalled(const transfer_handle *handle);
iots_code transfer_handle_outcome(const transfer_handle *handle, CURLcode result);

/* The handle is free again, and knows nothing of the request. */
void transfer_handle_done(transfer_handle *handle);

/* A server that hangs up must not end the program: SIGPIPE is held back on this thread alone, and
 * taken away if it came; what the program does with signals stays as it is. Only where there is TLS:
 * its library writes to sockets as it likes, whereas libcurl asks for no signal. */
typedef struct client_quiet {
    bool is_needed;
    bool was_pending;
    sigset_t before;
} client_quiet;

client_quiet quiet_begin(bool is_needed);
void quiet_end(const client_quiet *quiet);

/* May there be TLS on the way? The environment is asked once for many: it is not quick to answer. */
bool request_may_signal(const iots_request *request);
bool environment_may_signal(void);

/* Reads a date of HTTP (RFC 9110 5.6.7): whole seconds. */
bool http_date_parse(const char *text, int64_t *ret_us);

/* Before anything else is asked of libcurl. */
void curl_start(void);

#endif
