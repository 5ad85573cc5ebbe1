/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending. Three loops, one in the other, each in a function of its own: tries (`send_request`),
 * the repetition with a fresh token (`send_secured`), redirects (`send_following`).
 */
#include "client/send.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"

enum {
    REDIRECTS_MAX = 5,
    WAIT_MAX_MS = 60000, /* a server that asks for more patience gets its refusal passed on */
};

static bool is_one_of(const char *method, const char *const methods[])
{
    for (; *methods; methods++) {
        if (strcmp(method, *methods) == 0)
            return true;
    }
    return false;
}

/* ---- one request, one response ---- */

static void send_once(iots_api *api, const request *request, iots_reply *reply)
{
    reply_clear(reply);
    reply->requests++;
    const int64_t start_us = ix_monotonic_us();
    const iots_code code =
        api->transport.send(api->transport.self, &request->shown, &reply->response);
    reply->elapsed_us = ix_monotonic_us() - start_us;
    if (code != IOTS_OK)
        ix_fail(&reply->cx, code, NULL);
    if (ix_failed(&reply->cx)) { /* half an answer is none */
        const ix_error why = reply->cx.error;
        reply_clear(reply);
        ix_fail(&reply->cx, why.code, "%s", why.message);
    }
}

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
        return iots_reply_header(reply, "Location");
    default:
        return NULL;
    }
}

static void send_following(iots_api *api, request *request, iots_reply *reply)
{
    static const char *const followed[] = {"GET", "HEAD", NULL};
    const char *const first_url = request->shown.url;
    for (int redirects = 0;; redirects++) {
        send_once(api, request, reply);
        const char *location = ix_failed(&reply->cx) ? NULL : redirection(reply);
        if (!location || !is_one_of(request->shown.method, followed))
            break;
        if (redirects == REDIRECTS_MAX) {
            ix_fail(&reply->cx, IOTS_UNEXPECTED, "More than %d redirects", REDIRECTS_MAX);
            break;
        }
        const char *url = url_follow(&reply->cx, request->shown.url, location);
        if (!url)
            break;
        request->shown.url = url;
    }
    reply->url = ix_strdup(&reply->cx, request->shown.url);
    request->shown.url = first_url;
}

/* ---- security ---- */

static iots_reply *send_secured(iots_api *api, keeper *keeper, request *request, iots_reply *reply)
{
    iots_security *security = keeper->security;
    const char *const plain_url = request->shown.url;
    for (int tries = 0;; tries++) {
        request->shown.url = plain_url; /* what a strategy added to it is added anew */
        iots_reply *failure = security->apply(security, api, &request->shown);
        if (failure)
            return failure;
        if (ix_failed(&request->cx)) {
            reply_fail(reply, request->cx.error.code, request->cx.error.message);
            return NULL;
        }
        send_following(api, request, reply);
        if (reply->response.status != 401 || tries || !security->refused ||
            !security->refused(security, &request->shown))
            break;
    }
    request->shown.url = plain_url;
    return NULL;
}

/* ---- tries ---- */

/* Milliseconds asked for by Retry-After, a number of seconds or a date (RFC 9110 10.2.3); -1 if
 * there is none. */
static int64_t asked_wait_ms(const iots_reply *reply)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *text = iots_reply_header(reply, "Retry-After");
    int64_t seconds;
    if (!text)
        return -1;
    if (ix_str_int(ix_str_trim(ix_str_of(text)), &seconds))
        return seconds < 0 ? -1 : seconds > WAIT_MAX_MS ? INT64_MAX : seconds * 1000;

    char day[3], month[4], year[5], clock[9];
    int end = 0;
    const int fields = sscanf(text, "%*3s, %2[0-9] %3[A-Za-z] %4[0-9] %8[0-9:] GMT%n", day, month,
                              year, clock, &end);
    const char *found = fields == 4 && end ? strstr(months, month) : NULL;
    if (!found || (found - months) % 3 != 0)
        return -1;
    char iso[IX_TIME_TEXT];
    snprintf(iso, sizeof iso, "%s-%02d-%sT%sZ", year, (int)((found - months) / 3) + 1, day, clock);
    int64_t then_us;
    if (!ix_time_parse(ix_str_of(iso), &then_us))
        return -1;
    const int64_t wait_us = then_us - ix_now_us();
    return wait_us < 0 ? 0 : wait_us / 1000;
}

/* May another try help, and how long should it wait? */
static bool try_again(const iots_api *api, const request *request, const iots_reply *reply,
                      int tries, int *ret_wait_ms)
{
    static const char *const harmless[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", NULL};
    const int status = reply->response.status;
    const bool passing = status == 429 || status == 502 || status == 503 || status == 504 ||
                         reply->cx.error.code == IOTS_TRANSPORT;
    if (!passing || !is_one_of(request->shown.method, harmless))
        return false;

    int64_t wait_ms = asked_wait_ms(reply);
    if (wait_ms < 0) {
        wait_ms = (int64_t)api->retry_wait_ms << (tries < 16 ? tries : 16);
        if (wait_ms > WAIT_MAX_MS)
            wait_ms = WAIT_MAX_MS;
        /* Half of it by chance, lest all clients of a server come back at once. */
        wait_ms -= (ix_monotonic_us() / 7 % 1000) * wait_ms / 2000;
    }
    *ret_wait_ms = (int)(wait_ms > WAIT_MAX_MS ? WAIT_MAX_MS : wait_ms);
    return wait_ms <= WAIT_MAX_MS;
}

static void wait_for(int ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

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

iots_reply *send_request(iots_api *api, request *request, send_rules rules, iots_reply *reply)
{
    reply->method = ix_strdup(&reply->cx, request->shown.method);
    reply->url = ix_strdup(&reply->cx, request->shown.url);
    keeper *held = rules.secure ? api_hold(api) : NULL;
    if (rules.secure && !held) {
        fail_without_security(api, reply);
        return NULL;
    }
    iots_reply *failure = NULL;
    for (int tries = 0;; tries++) {
        if (held)
            failure = send_secured(api, held, request, reply);
        else
            send_following(api, request, reply);
        int wait_ms;
        if (failure || tries >= rules.retries || !try_again(api, request, reply, tries, &wait_ms))
            break;
        wait_for(wait_ms);
    }
    api_let_go(api, held);
    return failure;
}
