/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop: many calls, one thread, nobody waits.
 *
 * A call in a loop is a flight: the request, the machine that says what comes next for it (send.h),
 * and its exchange with libcurl while there is one. It is always in one row, which says what it waits
 * for:
 *
 *     queued     for its turn: so many requests are under way at once, and no more
 *     active     for libcurl
 *     paused     for the time of its next try
 *     waiting    for the token that a renewal fetches; each renewal has a row of its own
 *     ended      for being told to the program
 *
 * A renewal is a call in the same loop. There is one at a time for each strategy: another thread, or
 * loop, that needs a token at the same time fetches one, too, since nobody here knows when that one
 * gets on with it.
 *
 * Callbacks of libcurl do nothing but take notes, and pass on what is to be watched. `done` may do
 * anything; it is called when no row is being gone through.
 */
#include "client/async.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "client/auth.h"
#include "client/deadlines.h"
#include "client/exchange.h"
#include "client/opts.h"
#include "client/poller.h"
#include "client/start.h"
#include "client/transport.h"
#include "iots/async.h"

enum {
    AT_ONCE_USUAL = 64,
    AT_ONCE_MAX = 65536,
    EVENTS_MAX = 64, /* taken from the poller at a time */
};

#define NEVER INT64_MAX

typedef struct loop loop;
typedef struct flight flight;

typedef struct row {
    flight *first, *last;
} row;

struct flight {
    pending base; /* first: what the reply knows */
    loop *loop;
    iots_reply *reply;
    const ix_op *op;
    request request;
    sending sending;
    bool is_for_token;
    void (*done)(iots_reply *reply, void *user);
    void *user;

    row *row;
    flight *before, *after;
    deadline deadline;  /* of the pause, or of the server's silence */
    exchange *exchange; /* while it is active; else NULL */
};

/* A token being fetched. */
typedef struct renewal {
    loop *loop;
    iots_api *api;
    keeper *keeper;
    int64_t asked_us;
    row waiting;
    struct renewal *next;
} renewal;

struct loop {
    iots_async shown; /* first */
    ix_error error;   /* why it could not be made */
    void (*watch)(int fd, int events, void **slot, void *user);
    void (*timer)(int ms, void *user); /* NULL: the poller does */
    void *user;
    int poller; /* -1: the program watches */
    CURLM *multi;
    int64_t curl_due_us; /* when libcurl wants to be called */
    int64_t armed_us;    /* when the program will call, as far as we know */

    exchange **idle; /* for later: room for max_concurrent */
    int idle_count;
    int max_concurrent;
    int active_count;
    int count; /* flights */

    row queued, active, paused, ended;
    renewal *renewals;
    deadlines deadlines;
    bool may_signal; /* there may have been a connection with TLS */
    bool is_stepping;
    bool is_closing;
    bool is_unwanted; /* freed while stepping */
};

static loop *loop_of(iots_async *shown)
{
    return (loop *)shown;
}

/* ---- rows ---- */

static void row_add(row *row, flight *flight, bool at_front)
{
    flight->row = row;
    flight->before = at_front ? NULL : row->last;
    flight->after = at_front ? row->first : NULL;
    *(flight->before ? &flight->before->after : &row->first) = flight;
    *(flight->after ? &flight->after->before : &row->last) = flight;
}

/* Takes the first one out. There is one. */
static flight *row_take(row *row)
{
    flight *first = row->first;
    row->first = first->after;
    *(row->first ? &row->first->before : &row->last) = NULL;
    first->row = NULL;
    return first;
}

/* Takes it out of what it is in: its row, the deadlines, libcurl. */
static void detach(flight *flight)
{
    loop *loop = flight->loop;
    if (flight->row) {
        *(flight->before ? &flight->before->after : &flight->row->first) = flight->after;
        *(flight->after ? &flight->after->before : &flight->row->last) = flight->before;
        flight->row = NULL;
    }
    deadlines_remove(&loop->deadlines, &flight->deadline);
    if (flight->exchange) {
        curl_multi_remove_handle(loop->multi, flight->exchange->easy);
        exchange_done(flight->exchange);
        loop->idle[loop->idle_count++] = flight->exchange;
        loop->active_count--;
        flight->exchange = NULL;
    }
}

/* ---- what comes next for a flight ---- */

static void await_token(flight *flight);

/* It has come to its end: the reply says all, secrets are gone, the program is still to be told. */
static void finish(flight *flight)
{
    iots_reply *reply = flight->reply;
    send_done(&flight->sending);
    reply->pending = NULL; /* it is read now */
    if (!flight->sending.is_final)
        reply_read(reply, flight->op);
    reply->pending = &flight->base;
    request_done(&flight->request);
    row_add(&flight->loop->ended, flight, false);
}

static void go_on(flight *flight, send_step step)
{
    loop *loop = flight->loop;
    switch (step) {
    case SEND_ASK: /* a token first: others wait for it */
        row_add(&loop->queued, flight, flight->is_for_token);
        break;
    case SEND_PAUSE:
        row_add(&loop->paused, flight, false);
        deadlines_set(&loop->deadlines, &flight->deadline,
                      ix_monotonic_us() + (int64_t)flight->sending.wait_ms * 1000);
        break;
    case SEND_RENEW:
        await_token(flight);
        break;
    case SEND_END:
        finish(flight);
        break;
    }
}

/* ---- tokens ---- */

/* The renewal has ended. All that wait for it share its outcome; if it failed, the first has the
 * answer itself. */
static void on_token(iots_reply *answer, void *user)
{
    renewal *renewal = user;
    iots_reply *failure = auth_take(renewal->keeper->security, answer, renewal->asked_us);
    struct renewal **at = &renewal->loop->renewals;
    while (*at != renewal)
        at = &(*at)->next;
    *at = renewal->next;

    const iots_code code = iots_reply_code(failure);
    char why[IX_ERROR_TEXT];
    snprintf(why, sizeof why, "%s", failure ? iots_error(failure) : "");
    const bool is_renewed = !failure;
    for (flight *flight; (flight = renewal->waiting.first);) {
        detach(flight);
        if (!is_renewed)
            send_refused(&flight->sending, failure ? failure : iots_failure(code, "%s", why));
        failure = NULL;
        go_on(flight, is_renewed ? send_again(&flight->sending) : SEND_END);
    }
    iots_reply_free(failure); /* nobody waits for it any more */
    api_let_go(renewal->api, renewal->keeper);
    free(renewal);
}

static renewal *renewal_begin(loop *loop, const sending *sending)
{
    renewal *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    *made = (renewal){.loop = loop,
                      .api = sending->api,
                      .keeper = sending->held,
                      .asked_us = ix_uptime_us(), /* its life may have begun then */
                      .next = loop->renewals};
    api_hold_again(made->api, made->keeper);
    loop->renewals = made;
    return made;
}

static void await_token(flight *flight)
{
    loop *loop = flight->loop;
    renewal *renewal = loop->renewals;
    while (renewal && renewal->keeper != flight->sending.held)
        renewal = renewal->next;
    const bool is_first = !renewal;
    if (is_first)
        renewal = renewal_begin(loop, &flight->sending);
    if (!renewal) {
        send_refused(&flight->sending, iots_failure(IOTS_NO_MEMORY, NULL));
        finish(flight);
        return;
    }
    row_add(&renewal->waiting, flight, false);
    if (!is_first)
        return;
    const iots_call_opts ends = {.async = &loop->shown, .done = on_token, .user = renewal};
    iots_reply *answer = auth_ask(renewal->keeper->security, renewal->api, ends);
    if (iots_reply_code(answer) != IOTS_PENDING)
        on_token(answer, renewal);
}

/* ---- libcurl ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *place)
{
    (void)easy;
    loop *loop = arg;
    void *slot = place;
    loop->watch(fd, what == CURL_POLL_REMOVE ? 0 : what & (IOTS_READABLE | IOTS_WRITABLE), &slot,
                loop->user);
    if (slot != place && what != CURL_POLL_REMOVE)
        curl_multi_assign(loop->multi, fd, slot);
    return 0;
}
_Static_assert((int)IOTS_READABLE == CURL_POLL_IN, "as libcurl says it");
_Static_assert((int)IOTS_WRITABLE == CURL_POLL_OUT, "as libcurl says it");
_Static_assert((int)IOTS_READABLE == CURL_CSELECT_IN, "as libcurl wants it");
_Static_assert((int)IOTS_WRITABLE == CURL_CSELECT_OUT, "as libcurl wants it");

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
    (void)multi;
    loop *loop = arg;
    loop->curl_due_us = timeout_ms < 0 ? NEVER : ix_monotonic_us() + timeout_ms * 1000;
    return 0;
}

/* Hands a request to libcurl. False: the response says why not. */
static bool start(loop *loop, flight *flight)
{
    send_starts(&flight->sending);
    iots_response *response = &flight->reply->response;
    exchange *exchange = loop->idle_count ? loop->idle[--loop->idle_count] : exchange_new();
    if (!exchange)
        return iots_response_fail(response, IOTS_NO_MEMORY, NULL) == IOTS_OK;
    flight->exchange = exchange;
    loop->active_count++;
    row_add(&loop->active, flight, false);
    if (!exchange_begin(exchange, &flight->request.shown, response))
        return false;
    curl_easy_setopt(exchange->easy, CURLOPT_PRIVATE, flight);
    if (curl_multi_add_handle(loop->multi, exchange->easy) != CURLM_OK)
        return iots_response_fail(response, IOTS_NO_MEMORY, NULL) == IOTS_OK;
    const int64_t deadline_us = exchange_deadline_us(exchange);
    if (deadline_us != NEVER)
        deadlines_set(&loop->deadlines, &flight->deadline, deadline_us);
    return true;
}

/* The request has its answer, or will not have one. */
static void answered(flight *flight, iots_code code)
{
    detach(flight);
    go_on(flight, send_answered(&flight->sending, code));
}

/* ---- a turn ---- */

static void take_answers(loop *loop)
{
    int left;
    for (const CURLMsg *message; (message = curl_multi_info_read(loop->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        void *place = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &place);
        flight *flight = place;
        answered(flight, exchange_outcome(flight->exchange, message->data.result));
    }
}

static flight *flight_at(deadline *deadline)
{
    return deadline ? (flight *)(void *)((char *)deadline - offsetof(flight, deadline)) : NULL;
}

static void take_deadlines(loop *loop)
{
    const int64_t now_us = ix_monotonic_us();
    for (deadline *due; (due = deadlines_next(&loop->deadlines)) && due->at_us <= now_us;) {
        flight *flight = flight_at(due);
        if (!flight->exchange) {
            detach(flight);
            go_on(flight, send_again(&flight->sending));
            continue;
        }
        const int64_t deadline_us = exchange_deadline_us(flight->exchange);
        if (deadline_us > now_us) /* it was heard of meanwhile */
            deadlines_set(&loop->deadlines, due, deadline_us);
        else
            answered(flight, exchange_too_silent(flight->exchange));
    }
}

static bool may_start(const loop *loop)
{
    return loop->queued.first && loop->active_count < loop->max_concurrent;
}

static void start_queued(loop *loop)
{
    if (!may_start(loop))
        return;
    const quiet quiet = quiet_begin(loop->may_signal);
    while (may_start(loop)) {
        flight *flight = row_take(&loop->queued);
        if (!start(loop, flight))
            answered(flight, flight->reply->cx.error.code);
    }
    int running; /* rather than in the next turn */
    curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_answers(loop);
    quiet_end(&quiet);
}

/* Tells the program of the first that has ended. */
static void tell(loop *loop)
{
    flight *flight = row_take(&loop->ended);
    iots_reply *reply = flight->reply;
    void (*const done)(iots_reply *, void *) = flight->done;
    void *const user = flight->user;
    reply->pending = NULL;
    loop->count--;
    free(flight);
    if (done)
        done(reply, user);
}

/* Tells the program of those that have ended; those that end meanwhile wait for the next turn. */
static void tell_ended(loop *loop)
{
    size_t left = 0;
    for (const flight *flight = loop->ended.first; flight; flight = flight->after)
        left++;
    for (; left && loop->ended.first; left--)
        tell(loop);
}

/* When there is something to do. */
static int64_t due_us(const loop *loop)
{
    if (loop->ended.first || may_start(loop))
        return 0;
    const deadline *next = deadlines_next(&loop->deadlines);
    return next && next->at_us < loop->curl_due_us ? next->at_us : loop->curl_due_us;
}

static int ms_until(int64_t then_us)
{
    const int64_t left_us = then_us - ix_monotonic_us();
    if (then_us == NEVER)
        return -1;
    return left_us <= 0 ? 0 : left_us / 1000 >= INT_MAX ? INT_MAX : (int)((left_us + 999) / 1000);
}

/* Has the program call in time. A call too many does no harm, so it is not told of later times. */
static void arm(loop *loop)
{
    const int64_t then_us = loop->count ? due_us(loop) : NEVER;
    if (!loop->timer || loop->is_stepping || (then_us >= loop->armed_us && then_us != NEVER) ||
        then_us == loop->armed_us)
        return;
    loop->armed_us = then_us;
    loop->timer(ms_until(then_us), loop->user);
}

/* What there is to do with libcurl, these descriptors being ready. */
static void take_events(loop *loop, const poller_event *events, int count)
{
    const quiet quiet = quiet_begin(loop->may_signal);
    int running;
    for (int i = 0; i < count; i++)
        curl_multi_socket_action(loop->multi, events[i].fd, events[i].events, &running);
    if (loop->curl_due_us <= ix_monotonic_us()) {
        loop->curl_due_us = NEVER;
        curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    take_answers(loop);
    take_deadlines(loop);
    quiet_end(&quiet);
}

/* ---- beginning and ending a call ---- */

static void flight_free(flight *flight)
{
    const quiet quiet = quiet_begin(flight->loop->may_signal);
    detach(flight);
    quiet_end(&quiet);
    send_done(&flight->sending);
    request_done(&flight->request);
    flight->loop->count--;
    free(flight);
}

/* The program lets go of the reply. */
static void give_up(pending *pending)
{
    flight *flight = (struct flight *)pending;
    loop *loop = flight->loop;
    flight_free(flight);
    arm(loop);
}

static void cancel(flight *flight)
{
    if (flight->row == &flight->loop->ended)
        return;
    const quiet quiet = quiet_begin(flight->loop->may_signal);
    detach(flight);
    quiet_end(&quiet);
    reply_clear(flight->reply);
    ix_fail(&flight->reply->cx, IOTS_CANCELLED, NULL);
    finish(flight);
}

static flight *flight_new(loop *loop, iots_reply *reply)
{
    flight *made = NULL;
    if (loop->error.code != IOTS_OK)
        ix_fail(&reply->cx, loop->error.code, "%s", loop->error.message);
    else if (loop->is_closing)
        ix_fail(&reply->cx, IOTS_CANCELLED, NULL);
    else if (loop->count == INT_MAX ||
             !deadlines_reserve(&loop->deadlines, (size_t)loop->count + 1) ||
             !(made = calloc(1, sizeof *made)))
        ix_fail(&reply->cx, IOTS_NO_MEMORY, NULL);
    return made;
}

static iots_reply *begin(iots_async *shown, iots_api *api, const call *call,
                         const iots_call_opts *opts, iots_reply *reply)
{
    loop *loop = loop_of(shown);
    flight *flight = flight_new(loop, reply);
    if (!flight) {
        reply_read(reply, NULL);
        return reply;
    }
    flight->base.give_up = give_up;
    flight->loop = loop;
    flight->reply = reply;
    flight->op = call->op;
    flight->sending.reply = reply;
    flight->is_for_token = call->is_for_token;
    flight->done = opts->done;
    flight->user = opts->user;
    loop->count++;

    send_step step = SEND_END;
    if (call_prepare(api, call, opts, &flight->request, &flight->sending)) {
        if (!transport_is_curl(&api->transport))
            ix_fail(&reply->cx, IOTS_USAGE, "A transport of one's own only blocks");
        else if (!request_own(&flight->request))
            ix_ctx_pass(&reply->cx, &flight->request.cx);
        else
            step = send_begin(&flight->sending);
        if (step != SEND_END)
            loop->may_signal = loop->may_signal || request_may_signal(&flight->request.shown);
    }
    go_on(flight, step);
    reply->pending = &flight->base;
    arm(loop);
    return reply;
}

/* ---- the loop ---- */

static const loop no_memory = {
    .shown = {.begin = begin},
    .error = {.code = IOTS_NO_MEMORY, .message = "Out of memory"},
    .poller = -1,
};

static iots_async *loop_no_memory(void)
{
    union {
        const iots_async *from;
        iots_async *to;
    } hold = {.from = &no_memory.shown}; /* nothing writes to it: see `can_run` */
    return hold.to;
}

static bool can_run(const loop *loop)
{
    return loop && loop->error.code == IOTS_OK;
}

/* `watch` of a loop that has a poller. */
static void watch_by_poller(int fd, int events, void **slot, void *user)
{
    const loop *loop = user;
    poller_watch(loop->poller, fd, events, slot);
}

static bool loop_fail(loop *loop, iots_code code, const char *sentence)
{
    loop->error.code = code;
    snprintf(loop->error.message, sizeof loop->error.message, "%s", sentence);
    return false;
}

static bool loop_open(loop *loop, const iots_async_opts *given)
{
    ix_ctx cx = {0}; /* no memory is asked of it */
    iots_async_opts opts;
    if (!opts_take(&cx, "iots_async_opts", given, &opts, sizeof opts))
        return loop_fail(loop, cx.error.code, cx.error.message);
    if (opts.max_concurrent < 0 || opts.max_concurrent > AT_ONCE_MAX)
        return loop_fail(loop, IOTS_USAGE, "iots_async_opts: .max_concurrent is out of range");
    if (!opts.watch != !opts.timer)
        return loop_fail(loop, IOTS_USAGE, "iots_async_opts: .watch and .timer go together");

    loop->may_signal = environment_may_signal();
    loop->max_concurrent = opts.max_concurrent ? opts.max_concurrent : AT_ONCE_USUAL;
    loop->watch = opts.watch ? opts.watch : watch_by_poller;
    loop->timer = opts.timer;
    loop->user = opts.watch ? opts.user : loop;
    if (!opts.watch && (loop->poller = poller_open()) < 0)
        return loop_fail(loop, IOTS_INTERNAL, strerror(errno));
    loop->idle = calloc((size_t)loop->max_concurrent, sizeof(exchange *));
    loop->multi = curl_multi_init();
    if (!loop->idle || !loop->multi)
        return loop_fail(loop, IOTS_NO_MEMORY, "Out of memory");
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)loop->max_concurrent);
    return true;
}

iots_async *iots_async_new(const iots_async_opts *opts)
{
    library_start();
    curl_start();
    loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return loop_no_memory();
    loop->shown.begin = begin;
    loop->poller = -1;
    loop->curl_due_us = NEVER;
    loop->armed_us = NEVER;
    loop_open(loop, opts);
    return &loop->shown;
}

const char *iots_async_error(const iots_async *shown)
{
    return shown ? ((const loop *)shown)->error.message : "the loop is missing";
}

int iots_async_fd(const iots_async *shown)
{
    return shown ? ((const loop *)shown)->poller : -1;
}

int iots_async_count(const iots_async *shown)
{
    return shown ? ((const loop *)shown)->count : 0;
}

int iots_async_timeout_ms(const iots_async *shown)
{
    const loop *loop = (const struct loop *)shown;
    return can_run(loop) && loop->count ? ms_until(due_us(loop)) : -1;
}

/* The earlier of two waits, of which -1 has no end. */
static int shorter(int a_ms, int b_ms)
{
    return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

static void close_now(loop *loop);

/* A turn of the loop. */
static int turn(loop *loop, const poller_event *events, int count)
{
    loop->is_stepping = true;
    take_events(loop, events, count);
    tell_ended(loop);
    if (!loop->is_unwanted)
        start_queued(loop);
    loop->is_stepping = false;
    if (loop->is_unwanted) {
        close_now(loop);
        return 0;
    }
    arm(loop);
    return loop->count;
}

int iots_async_step(iots_async *shown, int wait_ms)
{
    loop *loop = loop_of(shown);
    if (!can_run(loop) || loop->is_stepping || loop->is_closing)
        return iots_async_count(shown);
    poller_event events[EVENTS_MAX];
    int count = 0;
    loop->armed_us = NEVER; /* the program's timer has gone off, if there is one */
    if (loop->poller >= 0 && loop->count)
        count = poller_wait(loop->poller, events, EVENTS_MAX,
                            shorter(wait_ms < 0 ? -1 : wait_ms, iots_async_timeout_ms(shown)));
    return turn(loop, events, count);
}

int iots_async_ready(iots_async *shown, int fd, int events)
{
    loop *loop = loop_of(shown);
    if (!can_run(loop) || loop->is_stepping || loop->is_closing)
        return iots_async_count(shown);
    return turn(loop, &(poller_event){fd, events}, 1);
}

void iots_async_cancel(iots_reply *reply)
{
    if (!reply || !reply->pending)
        return;
    flight *flight = (struct flight *)reply->pending;
    cancel(flight);
    arm(flight->loop);
}

static void cancel_all(row *row)
{
    while (row->first)
        cancel(row->first);
}

static void close_now(loop *loop)
{
    loop->is_closing = true;
    cancel_all(&loop->queued);
    cancel_all(&loop->paused);
    cancel_all(&loop->active); /* renewals among them: nothing is begun anew */
    for (renewal *renewal = loop->renewals; renewal; renewal = renewal->next)
        cancel_all(&renewal->waiting);
    while (loop->ended.first)
        tell(loop);
    arm(loop);

    const quiet quiet = quiet_begin(loop->may_signal);
    for (int i = 0; i < loop->idle_count; i++)
        exchange_free(loop->idle[i]);
    if (loop->multi)
        curl_multi_cleanup(loop->multi);
    quiet_end(&quiet);
    free(loop->idle);
    if (loop->poller >= 0)
        close(loop->poller);
    deadlines_done(&loop->deadlines);
    free(loop);
}

void iots_async_free(iots_async *shown)
{
    loop *loop = loop_of(shown);
    if (!loop || loop == &no_memory || loop->is_closing)
        return;
    if (loop->is_stepping)
        loop->is_unwanted = true;
    else
        close_now(loop);
}
