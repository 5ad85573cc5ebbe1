/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop: many calls, one thread, nobody waits.
 *
 * A call in a loop is a transfer: the request, the machine that says what comes next for it (send.h),
 * and its handle with libcurl while there is one. It is always in one queue, which says what it waits
 * for:
 *
 *     queued     for its turn: so many requests are under way at once, and no more
 *     active     for libcurl
 *     paused     for the time of its next try
 *     waiting    for the token that a renewal fetches; each renewal has a queue of its own
 *     ended      until the program is called
 *
 * A renewal is a call in the same loop. There is one at a time for each strategy: another thread, or
 * loop, that needs a token at the same time fetches one, too, since nobody here knows when that one
 * gets on with it.
 *
 * Callbacks of libcurl do nothing but take notes, and pass on what is to be watched. `done` may do
 * anything; it is called when no queue is being gone through.
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
#include "client/opts.h"
#include "client/poller.h"
#include "client/start.h"
#include "client/transfer_handle.h"
#include "client/transport.h"
#include "iots/async.h"

enum {
    AT_ONCE_USUAL = 64,
    CONCURRENT_MAX = 65536,
    EVENTS_MAX = 64, /* taken from the poller at a time */
};

#define NEVER INT64_MAX

typedef struct loop loop;
typedef struct transfer transfer;

typedef struct queue {
    transfer *first, *last;
} queue;

struct transfer {
    client_pending base; /* first: what the reply knows */
    loop *loop;
    iots_reply *reply;
    const ix_op *op;
    client_request request;
    client_sending sending;
    bool is_for_token;
    void (*done)(iots_reply *reply, void *user);
    void *user;

    queue *queue;
    transfer *before, *after;
    client_deadline deadline; /* of the pause, or of the server's silence */
    transfer_handle *handle;  /* while it is active; else NULL */
};

/* A token being fetched. */
typedef struct renewal {
    loop *loop;
    iots_api *api;
    client_reference *reference;
    int64_t asked_us;
    queue waiting;
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

    transfer_handle **idle; /* for later: room for max_concurrent */
    int idle_count;
    int max_concurrent;
    int active_count;
    int count; /* transfers */

    queue queued, active, paused, ended;
    renewal *renewals;
    client_deadlines deadlines;
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

static void row_add(queue *queue, transfer *transfer, bool at_front)
{
    transfer->queue = queue;
    transfer->before = at_front ? NULL : queue->last;
    transfer->after = at_front ? queue->first : NULL;
    *(transfer->before ? &transfer->before->after : &queue->first) = transfer;
    *(transfer->after ? &transfer->after->before : &queue->last) = transfer;
}

/* Takes the first one out. There is one. */
static transfer *row_take(queue *queue)
{
    transfer *first = queue->first;
    queue->first = first->after;
    *(queue->first ? &queue->first->before : &queue->last) = NULL;
    first->queue = NULL;
    return first;
}

/* Takes it out of what it is in: its queue, the deadlines, libcurl. */
static void detach(transfer *transfer)
{
    loop *loop = transfer->loop;
    if (transfer->queue) {
        *(transfer->before ? &transfer->before->after : &transfer->queue->first) = transfer->after;
        *(transfer->after ? &transfer->after->before : &transfer->queue->last) = transfer->before;
        transfer->queue = NULL;
    }
    deadlines_remove(&loop->deadlines, &transfer->deadline);
    if (transfer->handle) {
        curl_multi_remove_handle(loop->multi, transfer->handle->easy);
        transfer_handle_done(transfer->handle);
        loop->idle[loop->idle_count++] = transfer->handle;
        loop->active_count--;
        transfer->handle = NULL;
    }
}

/* ---- what comes next for a transfer ---- */

static void await_token(transfer *transfer);

/* It has come to its end: the reply says all, secrets are gone, the program is still to be called. */
static void finish(transfer *transfer)
{
    iots_reply *reply = transfer->reply;
    send_done(&transfer->sending);
    reply->pending = NULL; /* it is read now */
    if (!transfer->sending.is_final)
        reply_read(reply, transfer->op);
    reply->pending = &transfer->base;
    request_done(&transfer->request);
    row_add(&transfer->loop->ended, transfer, false);
}

static void go_on(transfer *transfer, send_step step)
{
    loop *loop = transfer->loop;
    switch (step) {
    case SEND_ASK: /* a token first: others wait for it */
        row_add(&loop->queued, transfer, transfer->is_for_token);
        break;
    case SEND_PAUSE:
        row_add(&loop->paused, transfer, false);
        deadlines_set(&loop->deadlines, &transfer->deadline,
                      ix_monotonic_us() + (int64_t)transfer->sending.wait_ms * 1000);
        break;
    case SEND_RENEW:
        await_token(transfer);
        break;
    case SEND_END:
        finish(transfer);
        break;
    }
}

/* ---- tokens ---- */

/* The renewal has ended. All that wait for it share its outcome; if it failed, the first has the
 * answer itself. */
static void on_token(iots_reply *answer, void *user)
{
    renewal *renewal = user;
    iots_reply *failure = auth_take(renewal->reference->security, answer, renewal->asked_us);
    struct renewal **at = &renewal->loop->renewals;
    while (*at != renewal)
        at = &(*at)->next;
    *at = renewal->next;

    const iots_code code = iots_reply_code(failure);
    char why[IX_ERROR_TEXT];
    snprintf(why, sizeof why, "%s", failure ? iots_error(failure) : "");
    const bool is_renewed = !failure;
    for (transfer *transfer; (transfer = renewal->waiting.first);) {
        detach(transfer);
        if (!is_renewed)
            send_refused(&transfer->sending, failure ? failure : iots_failure(code, "%s", why));
        failure = NULL;
        go_on(transfer, is_renewed ? send_again(&transfer->sending) : SEND_END);
    }
    iots_reply_free(failure); /* nobody waits for it any more */
    api_release(renewal->api, renewal->reference);
    free(renewal);
}

static renewal *renewal_begin(loop *loop, const client_sending *sending)
{
    renewal *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    *made = (renewal){.loop = loop,
                      .api = sending->api,
                      .reference = sending->held,
                      .asked_us = ix_uptime_us(), /* its life may have begun then */
                      .next = loop->renewals};
    api_acquire_again(made->api, made->reference);
    loop->renewals = made;
    return made;
}

static void await_token(transfer *transfer)
{
    loop *loop = transfer->loop;
    renewal *renewal = loop->renewals;
    while (renewal && renewal->reference != transfer->sending.held)
        renewal = renewal->next;
    const bool is_first = !renewal;
    if (is_first)
        renewal = renewal_begin(loop, &transfer->sending);
    if (!renewal) {
        send_refused(&transfer->sending, iots_failure(IOTS_NO_MEMORY, NULL));
        finish(transfer);
        return;
    }
    row_add(&renewal->waiting, transfer, false);
    if (!is_first)
        return;
    const iots_call_opts ends = {.async = &loop->shown, .done = on_token, .user = renewal};
    iots_reply *answer = auth_ask(renewal->reference->security, renewal->api, ends);
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
static bool loop_start(loop *loop, transfer *transfer)
{
    send_starts(&transfer->sending);
    iots_response *response = &transfer->reply->response;
    transfer_handle *handle =
        loop->idle_count ? loop->idle[--loop->idle_count] : transfer_handle_new();
    if (!handle)
        return iots_response_fail(response, IOTS_NO_MEMORY, NULL) == IOTS_OK;
    transfer->handle = handle;
    loop->active_count++;
    row_add(&loop->active, transfer, false);
    if (!transfer_handle_begin(handle, &transfer->request.shown, response))
        return false;
    curl_easy_setopt(handle->easy, CURLOPT_PRIVATE, transfer);
    if (curl_multi_add_handle(loop->multi, handle->easy) != CURLM_OK)
        return iots_response_fail(response, IOTS_NO_MEMORY, NULL) == IOTS_OK;
    const int64_t deadline_us = transfer_handle_deadline_us(handle);
    if (deadline_us != NEVER)
        deadlines_set(&loop->deadlines, &transfer->deadline, deadline_us);
    return true;
}

/* The request has its answer, or will not have one. */
static void answered(transfer *transfer, iots_code code)
{
    detach(transfer);
    go_on(transfer, send_answered(&transfer->sending, code));
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
        transfer *transfer = place;
        answered(transfer, transfer_handle_outcome(transfer->handle, message->data.result));
    }
}

static transfer *transfer_at(client_deadline *deadline)
{
    return deadline ? (transfer *)(void *)((char *)deadline - offsetof(transfer, deadline)) : NULL;
}

static void take_deadlines(loop *loop)
{
    const int64_t now_us = ix_monotonic_us();
    for (client_deadline *due; (due = deadlines_next(&loop->deadlines)) && due->at_us <= now_us;) {
        transfer *transfer = transfer_at(due);
        if (!transfer->handle) {
            detach(transfer);
            go_on(transfer, send_again(&transfer->sending));
            continue;
        }
        const int64_t deadline_us = transfer_handle_deadline_us(transfer->handle);
        if (deadline_us > now_us) /* it was heard of meanwhile */
            deadlines_set(&loop->deadlines, due, deadline_us);
        else
            answered(transfer, transfer_handle_stalled(transfer->handle));
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
    const client_quiet quiet = quiet_begin(loop->may_signal);
    while (may_start(loop)) {
        transfer *transfer = row_take(&loop->queued);
        if (!loop_start(loop, transfer))
            answered(transfer, transfer->reply->cx.error.code);
    }
    int running; /* rather than in the next turn */
    curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_answers(loop);
    quiet_end(&quiet);
}

/* Reports to the program the first that has ended. */
static void call_back(loop *loop)
{
    transfer *transfer = row_take(&loop->ended);
    iots_reply *reply = transfer->reply;
    void (*const done)(iots_reply *, void *) = transfer->done;
    void *const user = transfer->user;
    reply->pending = NULL;
    loop->count--;
    free(transfer);
    if (done)
        done(reply, user);
}

/* Reports to the program those that have ended; those that end meanwhile wait for the next turn. */
static void tell_ended(loop *loop)
{
    size_t left = 0;
    for (const transfer *transfer = loop->ended.first; transfer; transfer = transfer->after)
        left++;
    for (; left && loop->ended.first; left--)
        call_back(loop);
}

/* When there is something to do. */
static int64_t due_us(const loop *loop)
{
    if (loop->ended.first || may_start(loop))
        return 0;
    const client_deadline *next = deadlines_next(&loop->deadlines);
    return next && next->at_us < loop->curl_due_us ? next->at_us : loop->curl_due_us;
}

static int ms_until(int64_t then_us)
{
    const int64_t left_us = then_us - ix_monotonic_us();
    if (then_us == NEVER)
        return -1;
    return left_us <= 0 ? 0 : left_us / 1000 >= INT_MAX ? INT_MAX : (int)((left_us + 999) / 1000);
}

/* Has the program call in time. A call too many does no harm, so later times are not reported. */
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
    const client_quiet quiet = quiet_begin(loop->may_signal);
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

static void transfer_free(transfer *transfer)
{
    const client_quiet quiet = quiet_begin(transfer->loop->may_signal);
    detach(transfer);
    quiet_end(&quiet);
    send_done(&transfer->sending);
    request_done(&transfer->request);
    transfer->loop->count--;
    free(transfer);
}

/* The program lets go of the reply. */
static void give_up(client_pending *pending)
{
    transfer *transfer = (struct transfer *)pending;
    loop *loop = transfer->loop;
    transfer_free(transfer);
    arm(loop);
}

static void cancel(transfer *transfer)
{
    if (transfer->queue == &transfer->loop->ended)
        return;
    const client_quiet quiet = quiet_begin(transfer->loop->may_signal);
    detach(transfer);
    quiet_end(&quiet);
    reply_clear(transfer->reply);
    ix_fail(&transfer->reply->cx, IOTS_CANCELLED, NULL);
    finish(transfer);
}

static transfer *transfer_new(loop *loop, iots_reply *reply)
{
    transfer *made = NULL;
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

static iots_reply *loop_begin(iots_async *shown, iots_api *api, const client_call *call,
                              const iots_call_opts *opts, iots_reply *reply)
{
    loop *loop = loop_of(shown);
    transfer *transfer = transfer_new(loop, reply);
    if (!transfer) {
        reply_read(reply, NULL);
        return reply;
    }
    transfer->base.give_up = give_up;
    transfer->loop = loop;
    transfer->reply = reply;
    transfer->op = call->op;
    transfer->sending.reply = reply;
    transfer->is_for_token = call->is_for_token;
    transfer->done = opts->done;
    transfer->user = opts->user;
    loop->count++;

    send_step step = SEND_END;
    if (call_offload(api, call, opts, &transfer->request, &transfer->sending)) {
        if (!transport_is_curl(&api->transport))
            ix_fail(&reply->cx, IOTS_USAGE, "A transport of one's own only blocks");
        else if (!request_own(&transfer->request))
            ix_ctx_forward_error(&reply->cx, &transfer->request.cx);
        else
            step = send_begin(&transfer->sending);
        if (step != SEND_END)
            loop->may_signal = loop->may_signal || request_may_signal(&transfer->request.shown);
    }
    go_on(transfer, step);
    reply->pending = &transfer->base;
    arm(loop);
    return reply;
}

/* ---- the loop ---- */

static const loop no_memory = {
    .shown = {.begin = loop_begin},
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
    if (opts.max_concurrent < 0 || opts.max_concurrent > CONCURRENT_MAX)
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
    loop->idle = calloc((size_t)loop->max_concurrent, sizeof(transfer_handle *));
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
    loop->shown.begin = loop_begin;
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
    transfer *transfer = (struct transfer *)reply->pending;
    cancel(transfer);
    arm(transfer->loop);
}

static void cancel_all(queue *queue)
{
    while (queue->first)
        cancel(queue->first);
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
        call_back(loop);
    arm(loop);

    const client_quiet quiet = quiet_begin(loop->may_signal);
    for (int i = 0; i < loop->idle_count; i++)
        transfer_handle_free(loop->idle[i]);
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
