/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending. Three loops, one in the other: tries, in each of them at most one repetition with a fresh
 * token, in each of those redirects. What `send_answered` looks at comes in the order from the
 * innermost to the outermost.
 */
#include "client/send.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "client/auth.h"
#include "client/transfer_handle.h"
#include "contract/codes.h"

enum {
    REDIRECTS_MAX = 5,
    RENEWALS_MAX = 3,    /* of a token that others have refused before it is used */
    WAIT_MAX_MS = 60000, /* a server that asks for a longer wait gets its refusal passed on */
};

/* ---- redirects ---- */

/* Where the answer sends us; NULL if nowhere. */
static const char *redirection(const iots_reply *reply)
{
    switch (reply->response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return reply_header(reply, "Location");
    default:
        return NULL;
    }
}

/* Is the answer to be followed? Then the request has its new URL. */
static bool follow(client_sending *sending)
{
    iots_request *shown = &sending->request->shown;
    ix_ctx *cx = &sending->reply->cx;
    const char *location = ix_failed(cx) ? NULL : redirection(sending->reply);
    if (!location || (strcmp(shown->method, "GET") != 0 && strcmp(shown->method, "HEAD") != 0))
        return false;
    if (sending->redirects++ == REDIRECTS_MAX)
        return ix_fail(cx, IOTS_UNEXPECTED, "More than %d redirects", REDIRECTS_MAX);
    const char *url = url_follow(cx, shown->url, location);
    if (!url)
        return false;
    shown->url = url;
    return true;
}

/* ---- security ---- */

/* Has the strategy authenticate the request. */
static send_step secure(client_sending *sending)
{
    client_request *request = sending->request;
    request->shown.url = sending->plain_url; /* what a strategy added to it is added anew */
    sending->redirects = 0;
    if (sending->held) {
        iots_security *security = sending->held->security;
        iots_reply *failure = NULL;
        if (sending->may_wait || !auth_exchanges(security))
            failure = security->apply(security, sending->api, &request->shown);
        else if (auth_apply_held(security, &request->shown, sending->renewals > 0))
            sending->renewals = 0;
        else if (sending->renewals++ < RENEWALS_MAX)
            return SEND_RENEW;
        else
            failure = auth_just_revoked();
        if (failure) {
            send_refused(sending, failure);
            return SEND_END;
        }
        if (ix_failed(&request->cx)) {
            ix_ctx_forward_error(&sending->reply->cx, &request->cx);
            return SEND_END;
        }
    }
    sending->first_url = request->shown.url;
    return SEND_ASK;
}

static bool was_refused(client_sending *sending)
{
    iots_security *security = sending->held ? sending->held->security : NULL;
    if (!security || !security->refused || sending->was_refused ||
        sending->reply->response.status != 401)
        return false;
    sending->was_refused = true;
    return security->refused(security, &sending->request->shown);
}

/* ---- tries ---- */

/* Milliseconds asked for by Retry-After, a number of seconds or a date (RFC 9110 10.2.3); -1 if
 * there is none. */
static int64_t asked_wait_ms(const iots_reply *reply)
{
    const char *text = reply_header(reply, "Retry-After");
    int64_t seconds, then_us;
    if (!text)
        return -1;
    if (ix_str_int(ix_str_trim(ix_str_of(text)), &seconds))
        return seconds < 0 ? -1 : seconds > WAIT_MAX_MS ? INT64_MAX : seconds * 1000;
    if (!http_date_parse(text, &then_us))
        return -1;
    const int64_t wait_us = then_us - ix_now_us();
    return wait_us < 0 ? 0 : wait_us / 1000;
}

/* May another try help? Then `wait_ms` says how long it should wait. */
static bool try_again(client_sending *sending)
{
    const iots_reply *reply = sending->reply;
    const int status = reply->response.status;
    const bool passing = status == 429 || status == 502 || status == 503 || status == 504 ||
                         reply->cx.error.code == IOTS_TRANSPORT;
    if (!passing || sending->tries >= sending->retries || !sending->request->shown.may_repeat)
        return false;

    int64_t wait_ms = asked_wait_ms(reply);
    if (wait_ms < 0) {
        wait_ms = (int64_t)sending->api->retry_wait_ms
                  << (sending->tries < 16 ? sending->tries : 16);
        if (wait_ms > WAIT_MAX_MS)
            wait_ms = WAIT_MAX_MS;
        /* Half of it by chance, lest all clients of a server come back at once. */
        wait_ms -= (ix_monotonic_us() / 7 % 1000) * wait_ms / 2000;
    }
    if (wait_ms > WAIT_MAX_MS)
        return false;
    sending->wait_ms = (int)wait_ms;
    sending->tries++;
    sending->was_refused = false;
    return true;
}

/* ---- the machine ---- */

/* There is no strategy: says so, and why the one that was wanted is not there. */
static void fail_without_security(iots_api *api, iots_reply *reply)
{
    pthread_mutex_lock(&api->lock);
    const ix_error setup = api->setup;
    pthread_mutex_unlock(&api->lock);
    const bool was_tried = setup.code != IOTS_OK;
    ix_fail(&reply->cx, was_tried ? setup.code : IOTS_USAGE,
            "No security strategy has been set%s%s", was_tried ? ": " : "",
            was_tried ? setup.message : "");
}

send_step send_begin(client_sending *sending)
{
    iots_reply *reply = sending->reply;
    sending->plain_url = sending->request->shown.url;
    reply->method = ix_strdup(&reply->cx, sending->request->shown.method);
    reply->url = ix_strdup(&reply->cx, sending->plain_url);
    reply->is_once = !sending->request->shown.may_repeat;
    sending->held = sending->is_secure ? api_acquire(sending->api) : NULL;
    if (sending->is_secure && !sending->held) {
        fail_without_security(sending->api, reply);
        return SEND_END;
    }
    return secure(sending);
}

void send_starts(client_sending *sending)
{
    reply_clear(sending->reply);
    sending->reply->requests++;
    sending->started_us = ix_monotonic_us();
}

/* Half an answer is none. But it shows that the server had the request. */
static void forget_half(client_sending *sending)
{
    iots_reply *reply = sending->reply;
    const ix_error why = reply->cx.error;
    const bool is_unknown = !sending->request->shown.may_repeat && reply->response.status;
    reply_clear(reply);
    if (is_unknown && why.code != IOTS_OUTCOME_UNKNOWN)
        ix_fail(&reply->cx, IOTS_OUTCOME_UNKNOWN, "%s: %s", ix_code_sentence(IOTS_OUTCOME_UNKNOWN),
                why.message);
    else
        ix_fail(&reply->cx, why.code, "%s", why.message);
}

send_step send_answered(client_sending *sending, iots_code code)
{
    iots_reply *reply = sending->reply;
    iots_request *shown = &sending->request->shown;
    reply->elapsed_us = ix_monotonic_us() - sending->started_us;
    if (code != IOTS_OK)
        ix_fail(&reply->cx, code, NULL);
    if (ix_failed(&reply->cx))
        forget_half(sending);
    if (follow(sending))
        return SEND_ASK;
    reply->url = ix_strdup(&reply->cx, shown->url);
    shown->url = sending->first_url;
    if (was_refused(sending))
        return secure(sending);
    return try_again(sending) ? SEND_PAUSE : SEND_END;
}

send_step send_again(client_sending *sending)
{
    return secure(sending);
}

/* What is not known is what became of the strategy's request. Ours was not sent. */
static void reply_of_token(iots_reply *reply)
{
    char why[IX_ERROR_TEXT];
    snprintf(why, sizeof why, "%s", iots_error(reply));
    reply_clear(reply);
    ix_fail(&reply->cx, IOTS_TRANSPORT, "Nothing was sent, for lack of a token: %s", why);
}

void send_refused(client_sending *sending, iots_reply *failure)
{
    reply_become(sending->reply, failure);
    sending->is_final = true;
    sending->reply->is_for_token = true;
    if (iots_reply_code(sending->reply) == IOTS_OUTCOME_UNKNOWN)
        reply_of_token(sending->reply);
}

void send_done(client_sending *sending)
{
    api_release(sending->api, sending->held);
    sending->held = NULL;
}

/* ---- in one go ---- */

static void wait_for(int ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

void send_request(client_sending *sending)
{
    const iots_transport *transport = &sending->api->transport;
    sending->may_wait = true;
    for (send_step step = send_begin(sending); step != SEND_END;) {
        if (step == SEND_ASK) {
            send_starts(sending);
            step = send_answered(sending, transport->send(transport->self, &sending->request->shown,
                                                          &sending->reply->response));
        } else {
            wait_for(sending->wait_ms);
            step = send_again(sending);
        }
    }
    send_done(sending);
}
