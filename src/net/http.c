/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What HTTP makes of the bytes of a connection (loop.h): a head, perhaps a body, and a reply, one
 * request after the other.
 *
 * From its head until its reply is ready a request is an `exchange`. The call in it may be with another
 * thread meanwhile; the connection is paused then, so that requests which are sent all at once are
 * answered in their order.
 *
 * A request that is refused is read to its end (within limits), so that the connection can go on.
 */
#include "net/http.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "net/acceptor.h"
#include "net/address.h"
#include "net/budget.h"
#include "net/chunks.h"
#include "net/completion.h"
#include "net/gzip.h"
#include "net/head.h"
#include "net/loop.h"
#include "net/rate.h"
#include "net/request_log.h"
#include "net/response.h"
#include "net/tls.h"

struct http_server {
    http_settings settings;
    api_state *api;
    net_readers *readers;
    net_workers *workers;
    net_acceptor *acceptor;
    loops *loops;
    rate_limiter *rate; /* NULL: no limit */
    net_tls *tls;       /* NULL: clear text */
    budget bodies, replies;
    _Atomic bool is_quiet; /* no new connections */
};

typedef struct exchange exchange;

/* What HTTP keeps of a connection. */
typedef struct stream {
    head_search search; /* in the head that is coming in */
    exchange *exchange; /* NULL: a head is next, or the reply is on its way out */
    bool is_replying;
    bool is_last;         /* the connection is closed after the reply */
    size_t reply_counted; /* bytes of http->replies */
} stream;

struct exchange {
    net_completion completion; /* first: call->front end points here */
    http_server *http;
    connection *connection;
    api_call *call; /* NULL: the head is refused */
    cors_request cors;
    head head; /* views into `text` */
    ix_buf body;
    chunks chunks;
    size_t received, keep_max; /* bytes of body: so far, and how many of them are wanted */
    size_t counted;            /* bytes of http->bodies */
    bool is_admitted;
    bool is_too_large, is_too_much; /* the body alone, or with all others */
    gzip_reader *unpacks;           /* NULL: the body comes as it is */
    bool is_torn;                   /* it cannot be unpacked */
    bool is_other_coding;           /* nor is it gzip */
    bool is_packed;                 /* the reply is in gzip ... */
    bool may_be_packed;             /* ... or could have been, had the client wanted it */
    bool is_away;                   /* the call is with another thread */
    int64_t begun_us;               /* when the head was there */
    char peer[RATE_PEER_MAX];
    char text[]; /* the head */
};

static stream *stream_of(connection *connection)
{
    return connection_state(connection);
}

static http_server *http_of(const connection *connection)
{
    return connection_arg(connection);
}

/* ---- exchanges ---- */

/* NULL when out of memory. */
static exchange *exchange_new(connection *connection, ix_str head)
{
    exchange *exchange = malloc(sizeof *exchange + head.len + 1);
    if (!exchange)
        return NULL;
    *exchange = (struct exchange){
        .http = http_of(connection),
        .connection = connection,
        .begun_us = connection_now_us(connection),
    };
    if (head.len > 0)
        memcpy(exchange->text, head.at, head.len);
    exchange->text[head.len] = 0;
    stream_of(connection)->exchange = exchange;
    return exchange;
}

static void drop_body(exchange *exchange)
{
    ix_buf_done(&exchange->body);
    gzip_reader_free(exchange->unpacks);
    exchange->unpacks = NULL;
    budget_give_back(&exchange->http->bodies, exchange->counted);
    exchange->counted = 0;
}

static void exchange_free(exchange *exchange)
{
    if (!exchange)
        return;
    stream_of(exchange->connection)->exchange = NULL;
    call_free(exchange->call);
    drop_body(exchange);
    free(exchange);
}

/* The request is through, whatever became of it. */
static void finish(connection *connection)
{
    http_server *http = http_of(connection);
    stream *stream = stream_of(connection);
    exchange_free(stream->exchange);
    budget_give_back(&http->replies, stream->reply_counted);
    stream->reply_counted = 0;
    stream->is_replying = false;
}

/* Who is at the other end; NULL if that is not known. */
static const struct sockaddr *peer_of(const exchange *exchange)
{
    return connection_peer(exchange->connection);
}

/* ---- out ---- */

/* What a reply is made of. `body` is the reply's to free(). */
typedef struct reply {
    int status;
    const char *type; /* NULL: there is no body */
    char *body;
    size_t len;
    const char *reason; /* what to write into the log of a failure */
} reply;

static void log_request(const exchange *exchange, const reply *reply)
{
    const http_server *http = exchange->http;
    request_log_write(
        &(request_log){
            .peer = peer_of(exchange),
            .method = exchange->head.method,
            .target = exchange->head.target,
            .call = exchange->call,
            .status = reply->status,
            .body_bytes = reply->len,
            .took_us = ix_monotonic_us() - exchange->begun_us,
            .reason = reply->reason,
        },
        http->settings.metrics, http->settings.has_access_log);
}

static void write_headers(ix_buf *out, const exchange *exchange, const reply *reply)
{
    const api_call *call = exchange->call;
    call_header cors[CORS_HEADERS_MAX];
    const size_t cors_count =
        cors_headers(&exchange->http->settings.cors, &exchange->cors, call, cors);
    if (reply->type)
        response_header(out, "Content-Type", reply->type);
    if (exchange->is_packed)
        response_header(out, "Content-Encoding", "gzip");
    if (exchange->may_be_packed)
        response_header(out, "Vary", "Accept-Encoding");
    if (exchange->is_other_coding && reply->status == 415)
        response_header(out, "Accept-Encoding", "gzip"); /* RFC 9110 15.5.16 */
    for (size_t i = 0; call && i < call->header_count; i++)
        response_header(out, call->headers[i].name, call->headers[i].value);
    for (size_t i = 0; i < cors_count; i++)
        response_header(out, cors[i].name, cors[i].value);
}

/* Everything there is to say is said: the exchange ends, its reply is on its way. */
static void send_bytes(exchange *exchange, reply reply)
{
    connection *connection = exchange->connection;
    stream *stream = stream_of(connection);
    const head *head = &exchange->head;
    stream->is_replying = true;
    stream->is_last = stream->is_last || !head->is_persistent || connection_is_broken(connection) ||
                      atomic_load_explicit(&exchange->http->is_quiet, memory_order_relaxed);
    ix_buf out = {0};
    response_begin(&out, reply.status);
    write_headers(&out, exchange, &reply);
    if (stream->is_last)
        response_header(&out, "Connection", "close");
    else if (head->is_1_0)
        response_header(&out, "Connection", "keep-alive");
    response_end(&out, reply.status, reply.len);
    if (ix_str_is(head->method, "HEAD")) {
        free(reply.body);
        reply.body = NULL;
        reply.len = 0;
    }
    log_request(exchange, &reply);
    exchange_free(exchange);
    connection_send(connection, (ix_str){out.at, out.len}, reply.body, reply.len);
    connection_set_deadline(connection, out.len + reply.len);
    ix_buf_done(&out);
}

/* For failures that no call could have: there is none, or it means nothing. */
static void send_failure(exchange *exchange, int status, const char *message)
{
    ix_buf body = {0};
    ix_buf_format(&body, "{\"error\":{\"status\":%d,\"message\":\"%s\"}}", status, message);
    stream_of(exchange->connection)->is_last = true;
    reply reply = {.status = status, .type = "application/json", .reason = message};
    reply.body = ix_buf_take(&body, &reply.len);
    send_bytes(exchange, reply);
}

/* Secrets are not packed together with what others may have put there (the attack BREACH), and a page
 * for people holds one. */
static bool may_be_packed(const api_call *call)
{
    const ix_str type = ix_str_of(call->reply_type);
    for (size_t i = 0; i < call->header_count; i++)
        if (strcmp(call->headers[i].name, "Cache-Control") == 0)
            return false;
    return call->reply.len >= GZIP_REPLY_MIN && !call->reply.failed &&
           (ix_str_starts(type, "application/") || ix_str_starts(type, "text/plain"));
}

/* Makes the reply smaller if that is wanted and pays. For front end.pack. */
static void pack(api_call *call)
{
    exchange *exchange = call->completion;
    if (!may_be_packed(call))
        return;
    exchange->may_be_packed = true;
    ix_buf packed = {0};
    if (gzip_is_wanted(exchange->head.values[HEAD_ACCEPT_ENCODING]) &&
        gzip_write((ix_str){call->reply.at, call->reply.len}, &packed)) {
        ix_buf_done(&call->reply);
        call->reply = packed;
        exchange->is_packed = true;
    } else {
        ix_buf_done(&packed);
    }
}

/* There is no memory for it at the moment. */
static void refuse_busy(api_call *call, const char *why)
{
    ix_error busy = {.code = IOTS_UNAVAILABLE};
    snprintf(busy.message, sizeof busy.message, "%s", why);
    call_not_committed(call, &busy);
}

/* Makes sure that the reply counts among the large ones, if it is one. One that only says what is
 * stored can be asked for again later; what was done has to be reported. */
static void count_reply(exchange *exchange)
{
    http_server *http = exchange->http;
    api_call *call = exchange->call;
    stream *stream = stream_of(exchange->connection);
    const size_t size = call->reply.size;
    const bool only_reads = call_only_reads(call);
    if (size <= HTTP_SMALL_BYTES)
        return;
    if (budget_take(&http->replies, size, only_reads ? http->replies.most : SIZE_MAX)) {
        stream->reply_counted = size;
        return;
    }
    refuse_busy(call, "too many large replies are under way: try again");
    exchange->is_packed = exchange->may_be_packed = false;
}

/* The reply's bytes, without room for more. */
static char *take_reply(ix_buf *buf, size_t *ret_len)
{
    const size_t size = buf->size;
    char *bytes = ix_buf_take(buf, ret_len);
    if (*ret_len > 0 && size - *ret_len > HTTP_SMALL_BYTES) {
        char *smaller = realloc(bytes, *ret_len);
        if (smaller)
            return smaller;
    }
    return bytes;
}

static void send_reply(exchange *exchange)
{
    api_call *call = exchange->call;
    const ix_error *error = &call->cx->error;
    if (call->reply.failed || call->status == 0) {
        const bool is_ours = !call->reply.failed;
        send_failure(exchange, is_ours ? 500 : 503,
                     is_ours ? "no reply was made" : "out of memory");
        return;
    }
    if (!exchange->may_be_packed && call->reply.len <= GZIP_REPLY_MAX)
        pack(call);
    count_reply(exchange);
    reply reply = {
        .status = call->status,
        .reason = error->reason ? error->reason : error->message,
    };
    reply.body = take_reply(&call->reply, &reply.len);
    if (reply.len > 0)
        reply.type = call->reply_type;
    send_bytes(exchange, reply);
}

/* ---- a call's way ---- */

/* The reply is ready, on whatever thread. */
static void on_done(api_call *call)
{
    const exchange *exchange = call->completion;
    connection_wake(exchange->connection);
}

static void run_call(exchange *exchange, call_phase phase)
{
    phase = readers_run(exchange->http->readers, exchange->call, phase, READERS_NEVER_WAIT);
    if (phase == PHASE_REPLY) {
        send_reply(exchange);
        return;
    }
    exchange->is_away = true;
    workers_pass(exchange->http->workers, exchange->call, phase);
}

/* The whole request is there. */
static void serve(exchange *exchange)
{
    api_call *call = exchange->call;
    if (exchange->unpacks && !gzip_is_whole(exchange->unpacks))
        exchange->is_torn = true;
    connection_pause(exchange->connection);
    connection_clear_deadline(exchange->connection);
    if (exchange->is_admitted && exchange->is_too_much)
        refuse_busy(call, "too many large bodies are under way: try again");
    if (!exchange->is_admitted || exchange->is_too_much)
        send_reply(exchange);
    else if (exchange->is_too_large)
        run_call(exchange, call_start_without_body(call, IOTS_TOO_LARGE, NULL));
    else if (exchange->is_other_coding)
        run_call(exchange, call_start_without_body(call, IOTS_UNSUPPORTED_MEDIA_TYPE, NULL));
    else if (exchange->is_torn)
        run_call(exchange, call_start_without_body(call, IOTS_INVALID, "this is not gzip"));
    else
        run_call(exchange, call_start(call, (ix_str){exchange->body.at, exchange->body.len}));
}

/* ---- in: the head ---- */

static bool is_metered(const api_call *call)
{
    if (call->match.op)
        return !(call->match.op->flags & IX_UNMETERED);
    /* OPTIONS: the answer costs no more than a refusal, which no browser shows to its page. */
    return call->status != 204;
}

/* Counts the request against the client whose token it brought, else against the address it came
 * from. False: there were too many, the reply is ready. */
static bool is_within_rate(exchange *exchange)
{
    const http_server *http = exchange->http;
    api_call *call = exchange->call;
    if (!http->rate || !is_metered(call))
        return true;
    const ix_str who = call->who.client ? ix_str_of(call->who.client) : call->request.peer;
    const int wait_s = rate_take(http->rate, who, http->settings.monotonic_us());
    if (wait_s > 0)
        call_refuse_rate(call, wait_s);
    return wait_s == 0;
}

/* The value as text with an end, in place of what followed it; NULL: it is not there. */
static const char *end_value(exchange *exchange, head_field field)
{
    const ix_str value = exchange->head.values[field];
    if (!value.at)
        return NULL;
    exchange->text[value.at + value.len - exchange->text] = 0;
    return value.at;
}

static call_request request_of(exchange *exchange)
{
    const head *head = &exchange->head;
    const struct sockaddr *peer = peer_of(exchange);
    return (call_request){
        .method = head->method,
        .target = head->target,
        .authorization = head->values[HEAD_AUTHORIZATION],
        .content_type = head->values[HEAD_CONTENT_TYPE],
        .accept = head->values[HEAD_ACCEPT],
        .host = head->authority,
        .cookie = head->values[HEAD_COOKIE],
        .peer = rate_peer(peer, exchange->peer),
        .is_tls = connection_is_tls(exchange->connection),
        .is_from_loopback = peer && address_is_loopback(peer),
    };
}

/* The body of a request that is refused anyway. True: it is so large, or has no end, or the client
 * waits for a word before it sends it: the refusal goes out at once. */
static bool is_refused_early(const exchange *exchange)
{
    const head *head = &exchange->head;
    if (exchange->is_admitted && !exchange->is_too_large)
        return false;
    return head->expects_continue ||
           (head->framing == HEAD_LENGTH &&
            (uint64_t)head->length > (uint64_t)exchange->keep_max + HTTP_DRAIN_MAX);
}

/* What the body is in. */
static void begin_coding(exchange *exchange)
{
    http_server *http = exchange->http;
    const gzip_coding coding = gzip_coding_of(exchange->head.values[HEAD_CONTENT_ENCODING]);
    exchange->is_other_coding = coding == GZIP_OTHER;
    if (coding != GZIP_GZIP)
        return;
    if (budget_take(&http->bodies, GZIP_READER_BYTES, http->bodies.most)) {
        exchange->counted = GZIP_READER_BYTES;
        exchange->unpacks = gzip_reader_new();
    }
    exchange->is_too_much = !exchange->unpacks;
}

/* A body is next. */
static void await_body(exchange *exchange)
{
    connection *connection = exchange->connection;
    const head *head = &exchange->head;
    exchange->keep_max = call_body_limit(exchange->call);
    exchange->is_too_large =
        head->framing == HEAD_LENGTH && (uint64_t)head->length > exchange->keep_max;
    if (exchange->is_too_large)
        stream_of(connection)->is_last = true;
    if (is_refused_early(exchange)) {
        stream_of(connection)->is_last = true;
        serve(exchange);
        return;
    }
    if (exchange->is_admitted)
        begin_coding(exchange);
    connection_set_deadline(connection, 0);
    if (head->expects_continue)
        connection_send(connection, IX_STR("HTTP/1.1 100 Continue\r\n\r\n"), NULL, 0);
}

/* The head is there, whole. */
static void take_head(exchange *exchange, ix_str text)
{
    connection *connection = exchange->connection;
    http_server *http = exchange->http;
    connection_pause(connection);
    const bool is_good = head_read(&exchange->head, text, connection_is_tls(connection));
    exchange->cors = (cors_request){
        .origin = end_value(exchange, HEAD_ORIGIN),
        .asks_first = exchange->head.values[HEAD_PREFLIGHT].at != NULL,
    };
    if (!is_good) {
        send_failure(exchange, exchange->head.status, exchange->head.fault);
        return;
    }
    const call_request request = request_of(exchange);
    exchange->call = call_new(http->api, &request);
    if (!exchange->call) {
        send_failure(exchange, 503, "out of memory");
        return;
    }
    exchange->completion = (net_completion){.done = on_done, .pack = pack};
    exchange->call->completion = exchange;
    const bool is_allowed = call_admit(exchange->call);
    exchange->is_admitted = is_within_rate(exchange) && is_allowed;
    connection_go_on(connection);
    if (exchange->head.framing == HEAD_NO_BODY)
        serve(exchange);
    else
        await_body(exchange);
}

/* What comes is not a head, and will not be one. */
static void refuse_head(connection *connection, const head *fault)
{
    exchange *exchange = exchange_new(connection, (ix_str){0});
    if (!exchange) {
        connection_close(connection);
        return;
    }
    exchange->head = *fault;
    connection_pause(connection);
    send_failure(exchange, fault->status, fault->fault);
}

static size_t find_head(connection *connection, ix_str bytes)
{
    head_search *search = &stream_of(connection)->search;
    const bool is_first = search->at == 0;
    head fault = {0};
    size_t len = 0;
    const head_found found = head_find(search, bytes, &len, &fault);
    if (found == HEAD_MORE) {
        if (is_first)
            connection_begin(connection);
        return 0;
    }
    *search = (head_search){0};
    if (found == HEAD_FAULTY) {
        refuse_head(connection, &fault);
        return bytes.len;
    }
    exchange *exchange = exchange_new(connection, (ix_str){bytes.at, len});
    if (exchange)
        take_head(exchange, (ix_str){exchange->text, len});
    else
        connection_close(connection);
    return len;
}

/* ---- in: the body ---- */

/* Counts what the body takes by now. False: all bodies together take too much. */
static bool count_body(exchange *exchange)
{
    http_server *http = exchange->http;
    const size_t size = exchange->body.size + (exchange->unpacks ? GZIP_READER_BYTES : 0);
    const size_t more = size - exchange->counted;
    const size_t most = exchange->body.size > HTTP_SMALL_BYTES
                            ? http->bodies.most - http->bodies.most / 4
                            : http->bodies.most;
    if (more > 0 && !budget_take(&http->bodies, more, most))
        return false;
    exchange->counted += more;
    return true;
}

/* Adds a piece to the body, out of its coding. */
static void keep_piece(exchange *exchange, ix_str piece)
{
    if (!exchange->unpacks) {
        ix_buf_str(&exchange->body, piece);
        return;
    }
    switch (gzip_read(exchange->unpacks, piece, &exchange->body, exchange->keep_max)) {
    case GZIP_OK:
        break;
    case GZIP_FAULTY:
        exchange->is_torn = true;
        break;
    case GZIP_FULL:
        exchange->is_too_large = true;
        break;
    }
}

/* False: it is so much too large that nobody reads it any more. */
static bool take_piece(exchange *exchange, ix_str piece)
{
    exchange->received += piece.len;
    connection_extend_deadline(exchange->connection, piece.len);
    if (exchange->received > exchange->keep_max) {
        exchange->is_too_large = stream_of(exchange->connection)->is_last = true;
        drop_body(exchange);
        return exchange->received - exchange->keep_max <= HTTP_DRAIN_MAX;
    }
    if (!exchange->is_admitted || exchange->is_too_large || exchange->is_too_much ||
        exchange->is_other_coding || exchange->is_torn)
        return true;
    keep_piece(exchange, piece);
    if (exchange->body.failed || !count_body(exchange))
        exchange->is_too_much = true;
    if (exchange->is_too_much || exchange->is_too_large || exchange->is_torn)
        drop_body(exchange);
    return true;
}

static size_t take_length(exchange *exchange, ix_str bytes)
{
    const size_t left = (size_t)exchange->head.length - exchange->received;
    const size_t len = bytes.len < left ? bytes.len : left;
    if (!take_piece(exchange, (ix_str){bytes.at, len})) {
        serve(exchange);
        return bytes.len;
    }
    if (len == left)
        serve(exchange);
    return len;
}

static size_t take_chunks(exchange *exchange, ix_str bytes)
{
    const size_t len = bytes.len;
    ix_str piece;
    for (;;) {
        switch (chunks_next(&exchange->chunks, &bytes, &piece)) {
        case CHUNKS_DATA:
            if (take_piece(exchange, piece))
                break;
            serve(exchange);
            return len;
        case CHUNKS_MORE:
            return len;
        case CHUNKS_ENDED:
            serve(exchange);
            return len - bytes.len;
        case CHUNKS_FAULTY:
            connection_pause(exchange->connection);
            send_failure(exchange, 400, exchange->chunks.fault);
            return len;
        }
    }
}

/* ---- what the loop says ---- */

static size_t on_bytes(connection *connection, ix_str bytes)
{
    exchange *exchange = stream_of(connection)->exchange;
    if (!exchange)
        return find_head(connection, bytes);
    return exchange->head.framing == HEAD_CHUNKED ? take_chunks(exchange, bytes)
                                                  : take_length(exchange, bytes);
}

static void on_sent(connection *connection)
{
    stream *stream = stream_of(connection);
    if (!stream->is_replying)
        return; /* 100 Continue */
    finish(connection);
    if (stream->is_last) {
        connection_close(connection);
        return;
    }
    connection_idle(connection);
    connection_go_on(connection);
}

static void on_woken(connection *connection)
{
    exchange *exchange = stream_of(connection)->exchange;
    if (exchange && exchange->is_away)
        send_reply(exchange);
}

/* Half a request is none, and without one there is nothing more to say. */
static void on_ended(connection *connection)
{
    connection_close(connection);
}

static const protocol http_protocol = {
    .state_size = sizeof(stream),
    .take = on_bytes,
    .sent = on_sent,
    .woken = on_woken,
    .ended = on_ended,
    .closed = finish,
};

/* ---- connections ---- */

static bool on_accept(void *arg, int fd, const struct sockaddr *from, socklen_t from_len)
{
    const http_server *http = arg;
    return loops_add(http->loops, fd, from, from_len);
}

static bool make_room(void *arg)
{
    const http_server *http = arg;
    return loops_make_room(http->loops);
}

static void on_closed(void *arg)
{
    const http_server *http = arg;
    acceptor_note_closed(http->acceptor);
}

/* ---- start and stop ---- */

static bool open_tls(ix_ctx *cx, http_server *http)
{
    const http_settings *settings = &http->settings;
    if (!settings->tls_certificate)
        return true;
    tls_pem pem;
    if (!tls_pem_read(cx, settings->tls_certificate, settings->tls_key, &pem))
        return false;
    http->tls = tls_new(cx, &pem);
    tls_pem_done(&pem);
    return http->tls != NULL;
}

/* Listening comes last: until then nobody can connect. */
static bool open_connections(ix_ctx *cx, http_server *http)
{
    const http_settings *settings = &http->settings;
    const loops_settings looping = {
        .count = settings->threads,
        .protocol = &http_protocol,
        .tls = http->tls,
        .idle_s = settings->idle_s,
        .stalled_s = settings->stalled_s,
        .progress_ms = settings->progress_ms,
        .arg = http,
        .on_closed = on_closed,
    };
    const acceptor_settings accepting = {
        .listen = settings->listen,
        .listen_count = settings->listen_count,
        .connections_max = settings->connections_max,
        .on_accept = on_accept,
        .make_room = make_room,
        .arg = http,
    };
    http->loops = loops_start(cx, &looping);
    return http->loops && (http->acceptor = acceptor_start(cx, &accepting));
}

static void set_if_none(unsigned *setting, unsigned value)
{
    if (*setting == 0)
        *setting = value;
}

static http_server *http_new(const http_settings *settings)
{
    http_server *http = calloc(1, sizeof *http);
    if (!http)
        return NULL;
    http->settings = *settings;
    set_if_none(&http->settings.connections_max, HTTP_CONNECTIONS_MAX);
    set_if_none(&http->settings.idle_s, HTTP_IDLE_S);
    set_if_none(&http->settings.stalled_s, HTTP_STALLED_S);
    set_if_none(&http->settings.progress_ms, HTTP_PROGRESS_MS);
    http->bodies.most = settings->bodies_max ? settings->bodies_max : HTTP_BODIES_MAX;
    http->replies.most = settings->replies_max ? settings->replies_max : HTTP_REPLIES_MAX;
    if (!settings->monotonic_us)
        http->settings.monotonic_us = ix_monotonic_us;
    return http;
}

http_server *http_open(ix_ctx *cx, const http_settings *settings)
{
    http_server *http = http_new(settings);
    if (!http) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    const bool has_rate =
        settings->rate_limit == 0 || (http->rate = rate_new(cx, settings->rate_limit));
    if (has_rate && open_tls(cx, http) && open_connections(cx, http))
        return http;
    http_stop(http);
    return NULL;
}

bool http_change_certificate(ix_ctx *cx, http_server *http, const char *certificate_file,
                             const char *key_file)
{
    tls_pem pem;
    if (!tls_pem_read(cx, certificate_file, key_file, &pem))
        return false;
    const bool ok = tls_change(cx, http->tls, &pem);
    tls_pem_done(&pem);
    return ok;
}

void http_serve(http_server *http, api_state *api, net_readers *readers, net_workers *workers)
{
    http->api = api;
    http->readers = readers;
    http->workers = workers;
    acceptor_open(http->acceptor);
}

const char *http_address(const http_server *http, size_t index)
{
    return acceptor_address(http->acceptor, index);
}

unsigned http_connections(const http_server *http)
{
    return acceptor_count(http->acceptor);
}

size_t http_bodies(http_server *http)
{
    return budget_used(&http->bodies);
}

size_t http_replies(http_server *http)
{
    return budget_used(&http->replies);
}

void http_quiesce(http_server *http)
{
    atomic_store(&http->is_quiet, true);
    if (http->acceptor)
        acceptor_close(http->acceptor);
    if (http->loops)
        loops_quiesce(http->loops);
}

bool http_wait(http_server *http, int64_t until_us)
{
    return !http->acceptor || acceptor_wait(http->acceptor, until_us);
}

void http_stop(http_server *http)
{
    if (!http)
        return;
    http_quiesce(http);
    acceptor_stop(http->acceptor);
    loops_stop(http->loops);
    acceptor_free(http->acceptor);
    rate_free(http->rate);
    tls_free(http->tls);
    free(http);
}
