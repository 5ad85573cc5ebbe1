/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usual transport, over libcurl.
 *
 * A line is an handle with the connections it has kept open. A request takes an idle line, or makes
 * one, and puts it back afterwards; so a line belongs to one thread at a time, and there are as many
 * as there were ever requests at once.
 */
#include "client/transport.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/time.h"
#include "client/transfer_handle.h"

enum {
    IDLE_MAX = 64,      /* lines kept for later */
    POLL_MAX_MS = 1000, /* libcurl has timers of its own */
};

typedef struct line {
    CURLM *multi;
    transfer_handle *handle;
    bool may_signal;   /* it may have had a connection with TLS */
    struct line *next; /* of the idle ones */
} line;

typedef struct lines {
    pthread_mutex_t lock;
    line *idle;
    size_t idle_count;
} lines;

/* ---- lines ---- */

static void line_free(line *line)
{
    transfer_handle_free(line->handle);
    if (line->multi)
        curl_multi_cleanup(line->multi);
    free(line);
}

static line *line_new(void)
{
    line *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->may_signal = environment_may_signal();
    made->handle = transfer_handle_new();
    made->multi = curl_multi_init();
    if (made->handle && made->multi)
        return made;
    line_free(made);
    return NULL;
}

static line *line_take(lines *lines)
{
    pthread_mutex_lock(&lines->lock);
    line *taken = lines->idle;
    if (taken) {
        lines->idle = taken->next;
        lines->idle_count--;
    }
    pthread_mutex_unlock(&lines->lock);
    return taken ? taken : line_new();
}

static void line_put_back(lines *lines, line *line)
{
    pthread_mutex_lock(&lines->lock);
    const bool keep = lines->idle_count < IDLE_MAX;
    if (keep) {
        line->next = lines->idle;
        lines->idle = line;
        lines->idle_count++;
    }
    pthread_mutex_unlock(&lines->lock);
    if (!keep)
        line_free(line);
}

static void lines_done(void *self)
{
    lines *lines = self;
    while (lines->idle) {
        line *removed = lines->idle;
        lines->idle = removed->next;
        line_free(removed);
    }
    pthread_mutex_destroy(&lines->lock);
    free(lines);
}

/* ---- sending ---- */

/* Milliseconds until the silence has lasted too long; POLL_MAX_MS at most. */
static int progress_wait_ms(const transfer_handle *handle)
{
    if (!handle->is_connected)
        return POLL_MAX_MS;
    const int64_t left_us = transfer_handle_deadline_us(handle) - ix_monotonic_us();
    return left_us > (int64_t)POLL_MAX_MS * 1000 ? POLL_MAX_MS
           : left_us < 0                         ? 0
                                                 : (int)(left_us + 999) / 1000;
}

static iots_code transfer(const line *line)
{
    const transfer_handle *handle = line->handle;
    for (;;) {
        int running = 0;
        if (curl_multi_perform(line->multi, &running) != CURLM_OK)
            return transfer_handle_outcome(handle, CURLE_OUT_OF_MEMORY);
        int left;
        const CURLMsg *message = curl_multi_info_read(line->multi, &left);
        if (message && message->msg == CURLMSG_DONE)
            return transfer_handle_outcome(handle, message->data.result);
        const int wait_ms = progress_wait_ms(handle);
        if (wait_ms == 0)
            return transfer_handle_stalled(handle);
        if (curl_multi_poll(line->multi, NULL, 0, wait_ms, NULL) != CURLM_OK)
            return transfer_handle_outcome(handle, CURLE_OUT_OF_MEMORY);
    }
}

static iots_code lines_send(void *self, const iots_request *request, iots_response *response)
{
    line *line = line_take(self);
    if (!line)
        return iots_response_fail(response, IOTS_NO_MEMORY, NULL);
    line->may_signal = line->may_signal || request_may_signal(request);
    const client_quiet quiet = quiet_begin(line->may_signal);
    iots_code code = IOTS_NO_MEMORY;
    if (transfer_handle_begin(line->handle, request, response) &&
        curl_multi_add_handle(line->multi, line->handle->easy) == CURLM_OK) {
        code = transfer(line);
        curl_multi_remove_handle(line->multi, line->handle->easy);
    }
    transfer_handle_done(line->handle);
    quiet_end(&quiet);
    line_put_back(self, line);
    return code;
}

bool transport_curl(ix_ctx *cx, iots_transport *ret)
{
    curl_start();
    lines *made = calloc(1, sizeof *made);
    if (!made || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    }
    *ret = (iots_transport){.send = lines_send, .self = made, .done = lines_done};
    return true;
}

bool transport_is_curl(const iots_transport *transport)
{
    return transport->send == lines_send;
}
