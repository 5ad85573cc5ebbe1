/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that includes the HTTP library.
 *
 * A request is an `exchange`: made when its first line is there, gone when its last byte is out. The
 * library calls on_request for each step of it: once with the headers, once for each piece of the
 * body, once at the end, and once more after a suspension. It takes a reply without closing the
 * connection only at the end, so refused requests are read to their end (within limits) as well.
 *
 * The library times out connections on which nothing moves; the porter ends those on which something
 * moves, but too slowly.
 */
#include "net/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/time.h"
#include "net/account.h"
#include "net/address.h"
#include "net/listener.h"
#include "net/porter.h"
#include "net/rate.h"
#include "net/tls.h"

struct http {
    http_settings settings;
    api *api;
    readers *readers;
    workers *workers;
    porter *porter;
    rate *rate; /* NULL: no limit */
    struct MHD_Daemon *daemon;
    tls *tls; /* NULL: clear text */
    pthread_mutex_t lock;
    pthread_cond_t idle;      /* under_way is 0 while is_quiet */
    _Atomic size_t under_way; /* exchanges */
    _Atomic bool is_quiet;    /* no new connections */
};

typedef enum stage {
    STAGE_HEAD, /* the headers are next */
    STAGE_BODY, /* the body is next, or its end */
    STAGE_AWAY, /* handed over; the reply is next */
} stage;

typedef struct exchange {
    listener listener; /* first: call->listener points here */
    http *http;
    struct MHD_Connection *connection;
    wire *wire;
    call *call;
    cors_request cors;
    ix_buf body;
    size_t received, keep_max; /* bytes of body: so far, and how many of them are wanted */
    stage stage;
    bool is_admitted;
    bool is_too_large;
    bool is_last;       /* close the connection after the reply */
    const char *method; /* NULL before the head is there */
    int64_t begun_us;   /* when it was there */
    char peer[RATE_PEER_MAX];
    size_t target_len;
    char target[]; /* raw path and query */
} exchange;

/* ---- connections ---- */

static bool let_in(void *arg, int fd, const struct sockaddr *from, socklen_t from_len)
{
    const http *http = arg;
    return MHD_add_connection(http->daemon, fd, from, from_len) == MHD_YES;
}

/* What a connection has as long as it lasts. */
typedef struct guest {
    http *http;
    wire *wire;
    tls_pair *pair; /* NULL: clear text */
} guest;

static void guest_free(guest *guest)
{
    if (!guest)
        return;
    tls_take_back(guest->http->tls, guest->pair);
    wire_free(guest->wire);
    free(guest);
}

static bool give_pair(guest *guest, struct MHD_Connection *connection)
{
    if (!guest->http->tls)
        return true;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    guest->pair = tls_give(guest->http->tls, info->tls_session);
    return guest->pair != NULL;
}

/* NULL when memory is out; the porter knows that it is gone. */
static guest *guest_new(http *http, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    wire *wire = wire_new(http->porter, info->connect_fd);
    guest *guest = wire ? calloc(1, sizeof *guest) : NULL;
    if (!guest) {
        wire_free(wire);
        return NULL;
    }
    *guest = (struct guest){.http = http, .wire = wire};
    if (give_pair(guest, connection))
        return guest;
    guest_free(guest);
    return NULL;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = guest_new(cls, connection);
    } else {
        guest_free(*context);
        *context = NULL;
    }
}

/* Who is at the other end; NULL if that is not known. */
static const struct sockaddr *peer_of(const exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

static bool is_from_loopback(const exchange *exchange)
{
    const struct sockaddr *peer = peer_of(exchange);
    return peer && address_is_loopback(peer);
}

/* ---- out ---- */

static void add_cors(const exchange *exchange, struct MHD_Response *response)
{
    call_header headers[CORS_HEADERS_MAX];
    const size_t count =
        cors_headers(&exchange->http->settings.cors, &exchange->cors, exchange->call, headers);
    for (size_t i = 0; i < count; i++)
        MHD_add_response_header(response, headers[i].name, headers[i].value);
}

static void give_account(const exchange *exchange, unsigned status, size_t len, const char *reason)
{
    const http *http = exchange->http;
    const bool is_head = strcmp(exchange->method, MHD_HTTP_METHOD_HEAD) == 0;
    account_give(
        &(account){
            .peer = peer_of(exchange),
            .method = ix_str_of(exchange->method),
            .target = {exchange->target, exchange->target_len},
            .call = exchange->call,
            .status = (int)status,
            .body_bytes = is_head ? 0 : len,
            .took_us = ix_monotonic_us() - exchange->begun_us,
            .reason = reason,
        },
        http->settings.metrics, http->settings.has_access_log);
}

/* `reason`: what to write into the log of a failure. */
static enum MHD_Result queue_response(exchange *exchange, unsigned status,
                                      struct MHD_Response *response, size_t len, const char *reason)
{
    add_cors(exchange, response);
    if (exchange->is_last || atomic_load_explicit(&exchange->http->is_quiet, memory_order_relaxed))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    const enum MHD_Result result = MHD_queue_response(exchange->connection, status, response);
    MHD_destroy_response(response);
    if (result == MHD_YES)
        give_account(exchange, status, len, reason);
    return result;
}

/* For failures that no call could have: there is none, or it means nothing. */
static enum MHD_Result send_failure(exchange *exchange, unsigned status, const char *message)
{
    char body[256];
    const int len = snprintf(body, sizeof body, "{\"error\":{\"status\":%u,\"message\":\"%s\"}}",
                             status, message);
    exchange->is_last = true;
    struct MHD_Response *response =
        MHD_create_response_from_buffer((size_t)len, body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    return queue_response(exchange, status, response, (size_t)len, message);
}

static enum MHD_Result send_reply(exchange *exchange)
{
    call *call = exchange->call;
    const ix_error *error = &call->cx->error;
    if (call->reply.failed)
        return send_failure(exchange, 503, "out of memory");
    if (call->status == 0)
        return send_failure(exchange, 500, "no reply was made");

    size_t len = 0;
    char *bytes = ix_buf_take(&call->reply, &len);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, len > 0 ? bytes : NULL,
                                        len > 0 ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (!response || len == 0)
        free(bytes);
    if (!response)
        return MHD_NO;
    if (call->reply_type && len > 0)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, call->reply_type);
    for (size_t i = 0; i < call->header_count; i++)
        MHD_add_response_header(response, call->headers[i].name, call->headers[i].value);
    wire_expect(exchange->wire, len);
    return queue_response(exchange, (unsigned)call->status, response, len,
                          error->reason ? error->reason : error->message);
}

/* ---- a call's way ---- */

/* The reply is ready, on whatever thread: the library calls on_request again. */
static void on_done(call *call)
{
    const exchange *exchange = call->listener;
    MHD_resume_connection(exchange->connection);
}

/* The whole request is there, or as much of it as is wanted. */
static enum MHD_Result serve(exchange *exchange, readers_pace pace)
{
    http *http = exchange->http;
    call *call = exchange->call;
    wire_excuse(exchange->wire);
    if (!exchange->is_admitted)
        return send_reply(exchange);
    if (exchange->body.failed)
        return send_failure(exchange, 503, "out of memory");

    lane lane = exchange->is_too_large
                    ? call_refuse_body(call)
                    : call_start(call, (ix_str){exchange->body.at, exchange->body.len});
    lane = readers_run(http->readers, call, lane, pace);
    if (lane == LANE_REPLY)
        return send_reply(exchange);
    exchange->stage = STAGE_AWAY;
    /* First suspend: the reply may be ready before the next line is. */
    MHD_suspend_connection(exchange->connection);
    workers_pass(http->workers, call, lane);
    return MHD_YES;
}

/* ---- in ---- */

/* What is read of the headers. */
typedef struct head {
    call_request request;
    cors_request cors;
    ix_str length, encoding;
    bool expects_continue;
    const char *fault; /* what is wrong with them, or NULL */
} head;

static void take_once(head *head, ix_str *place, ix_str value, const char *fault)
{
    if (place->at && !ix_str_equal(*place, value))
        head->fault = fault;
    *place = value;
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                 size_t key_size, const char *value, size_t value_size)
{
    (void)kind;
    head *head = cls;
    const ix_str name = {key, key_size};
    const ix_str text = {value ? value : "", value ? value_size : 0};
    /* RFC 9112 5.1: another reader might see a header where we see none. */
    if (memchr(key, ' ', key_size) || memchr(key, '\t', key_size))
        head->fault = "a blank in the name of a header";
    switch (key_size) {
    case sizeof "Host" - 1:
        if (ix_str_is_nocase(name, "Host"))
            take_once(head, &head->request.host, text, "more than one Host");
        break;
    case sizeof "Accept" - 1:
        if (ix_str_is_nocase(name, "Accept"))
            head->request.accept = text;
        else if (ix_str_is_nocase(name, "Expect"))
            head->expects_continue = true;
        else if (ix_str_is_nocase(name, "Cookie"))
            head->request.cookie = text;
        else if (ix_str_is_nocase(name, "Origin"))
            head->cors.origin = value;
        break;
    case sizeof "Content-Type" - 1:
        if (ix_str_is_nocase(name, "Content-Type"))
            take_once(head, &head->request.content_type, text, "more than one Content-Type");
        break;
    case sizeof "Authorization" - 1:
        if (ix_str_is_nocase(name, "Authorization"))
            take_once(head, &head->request.authorization, text, "more than one Authorization");
        break;
    case sizeof "Content-Length" - 1:
        if (ix_str_is_nocase(name, "Content-Length"))
            take_once(head, &head->length, text, "more than one Content-Length");
        break;
    case sizeof "Transfer-Encoding" - 1:
        if (ix_str_is_nocase(name, "Transfer-Encoding")) {
            if (head->encoding.at)
                head->fault = "more than one Transfer-Encoding";
            head->encoding = text;
        }
        break;
    case sizeof "Access-Control-Request-Method" - 1:
        if (ix_str_is_nocase(name, "Access-Control-Request-Method"))
            head->cors.asks_first = true;
        break;
    default:
        break;
    }
    return MHD_YES;
}

/* The library is told to be tolerant, because its own refusals are no JSON. */
static bool check_first_line(head *head, const char *version)
{
    const bool is_1_1 = strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
    if (!is_1_1 && strcmp(version, MHD_HTTP_VERSION_1_0) != 0)
        head->fault = "this is neither HTTP/1.1 nor HTTP/1.0";
    else if (is_1_1 && !head->request.host.at)
        head->fault = "there is no Host";
    else if (memchr(head->request.target.at, ' ', head->request.target.len))
        head->fault = "a blank in the target";
    return !head->fault;
}

/* Where does the body end? Two readers that answer differently can be played against each other
 * (RFC 9112 section 6 and 11.2), so whatever is not plain is refused. *ret_length: -1 if chunked. */
static bool check_framing(head *head, const char *version, int64_t *ret_length)
{
    *ret_length = 0;
    if (head->encoding.at) {
        *ret_length = -1;
        if (head->length.at)
            head->fault = "both Content-Length and Transfer-Encoding";
        else if (!ix_str_is_nocase(head->encoding, "chunked"))
            head->fault = "only chunked is understood of Transfer-Encoding";
        else if (strcmp(version, MHD_HTTP_VERSION_1_1) != 0)
            head->fault = "Transfer-Encoding belongs to HTTP/1.1";
    } else if (head->length.at) {
        if (memchr("+-", head->length.at[0], 2) || !ix_str_int(head->length, ret_length))
            head->fault = "malformed Content-Length";
    }
    return !head->fault;
}

static bool is_metered(const call *call)
{
    if (call->match.op)
        return !(call->match.op->flags & IX_UNMETERED);
    /* OPTIONS: the answer costs no more than a refusal, of which no browser would tell its page. */
    return call->status != 204;
}

/* Counts the request against the client whose token it brought, else against the address it came
 * from. False: there were too many, the reply is ready. */
static bool is_within_rate(exchange *exchange)
{
    const http *http = exchange->http;
    call *call = exchange->call;
    if (!http->rate || !is_metered(call))
        return true;
    const ix_str who = call->who.client ? ix_str_of(call->who.client) : call->request.peer;
    const int wait_s = rate_take(http->rate, who, http->settings.monotonic_us());
    if (wait_s > 0)
        call_refuse_rate(call, wait_s);
    return wait_s == 0;
}

/* The client has not begun with the body, or there would be no end to it: answer at once, since the
 * library takes no reply later. It closes the connection after it. */
static enum MHD_Result refuse_early(exchange *exchange)
{
    exchange->is_last = true;
    return serve(exchange, READERS_QUICK);
}

static enum MHD_Result take_head(exchange *exchange, const char *method, const char *version)
{
    http *http = exchange->http;
    exchange->method = method;
    exchange->begun_us = ix_monotonic_us();
    head head = {.request = {
                     .method = ix_str_of(method),
                     .target = {exchange->target, exchange->target_len},
                     .is_tls = http->tls != NULL,
                     .is_from_loopback = is_from_loopback(exchange),
                     .peer = rate_peer(peer_of(exchange), exchange->peer),
                 }};
    MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, on_header, &head);
    exchange->cors = head.cors;
    int64_t length;
    if (head.fault || !check_first_line(&head, version) || !check_framing(&head, version, &length))
        return send_failure(exchange, 400, head.fault);

    exchange->call = call_new(http->api, &head.request);
    if (!exchange->call)
        return send_failure(exchange, 503, "out of memory");
    exchange->call->listener = exchange;
    const bool is_allowed = call_admit(exchange->call);
    exchange->is_admitted = is_within_rate(exchange) && is_allowed;
    exchange->stage = STAGE_BODY;
    if (length == 0)
        return MHD_YES;

    exchange->keep_max = call_body_limit(exchange->call);
    exchange->is_too_large = length > 0 && (uint64_t)length > exchange->keep_max;
    exchange->is_last = exchange->is_too_large;
    const bool is_refused = exchange->is_too_large || !exchange->is_admitted;
    if (is_refused && (head.expects_continue ||
                       (length > 0 && (uint64_t)length > exchange->keep_max + HTTP_DRAIN_MAX)))
        return refuse_early(exchange);
    if (!is_refused && length > 0)
        ix_buf_reserve(&exchange->body, (size_t)length < 65536 ? (size_t)length : 65536);
    wire_expect(exchange->wire, 0);
    return MHD_YES;
}

static enum MHD_Result take_body(exchange *exchange, const char *bytes, size_t len)
{
    exchange->received += len;
    wire_credit(exchange->wire, len);
    if (exchange->received > exchange->keep_max) {
        if (exchange->received - exchange->keep_max > HTTP_DRAIN_MAX)
            return MHD_NO;
        exchange->is_too_large = exchange->is_last = true;
        ix_buf_done(&exchange->body);
    } else if (exchange->is_admitted && !exchange->is_too_large) {
        ix_buf_add(&exchange->body, bytes, len);
    }
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *len, void **memory)
{
    (void)cls;
    (void)connection;
    (void)url;
    exchange *exchange = *memory;
    if (!exchange)
        return MHD_NO; /* no memory when it began */
    if (exchange->stage == STAGE_HEAD)
        return take_head(exchange, method, version);
    if (exchange->stage == STAGE_AWAY)
        return send_reply(exchange);
    if (*len == 0)
        return serve(exchange, READERS_NEVER_WAIT);
    const enum MHD_Result result = take_body(exchange, bytes, *len);
    *len = 0;
    return result;
}

/* After this call the library makes a record of each parameter of the query, out of the little memory
 * that the head has. We read the query ourselves: it shall see an empty one. */
static void hide_query(const char *target)
{
    union {
        const char *from;
        char *to;
    } hold = {.from = strchr(target, '?')};
    if (hold.to)
        hold.to[1] = 0;
}

/* A request line is there: the target as it came, which nobody has decoded. NULL: there is none. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    http *http = cls;
    if (!target)
        return NULL;
    const guest *guest =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    const size_t len = strlen(target);
    exchange *exchange = guest ? malloc(sizeof *exchange + len + 1) : NULL;
    if (!exchange)
        return NULL;
    *exchange = (struct exchange){
        .listener = {on_done},
        .http = http,
        .connection = connection,
        .wire = guest->wire,
        .target_len = len,
    };
    memcpy(exchange->target, target, len + 1);
    hide_query(target);
    atomic_fetch_add_explicit(&http->under_way, 1, memory_order_relaxed);
    return exchange;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **memory,
                         enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    http *http = cls;
    exchange *exchange = *memory;
    if (!exchange)
        return;
    *memory = NULL;
    wire_expect(exchange->wire, 0);
    call_free(exchange->call);
    ix_buf_done(&exchange->body);
    free(exchange);
    if (atomic_fetch_sub(&http->under_way, 1) == 1 && atomic_load(&http->is_quiet)) {
        pthread_mutex_lock(&http->lock);
        pthread_cond_broadcast(&http->idle);
        pthread_mutex_unlock(&http->lock);
    }
}

/* ---- start and stop ---- */

/* The library's opinion of its clients is of interest to who looks for a fault, to nobody else. */
__attribute__((format(printf, 2, 0))) static void on_log(void *cls, const char *format,
                                                         va_list args)
{
    (void)cls;
    if (!ix_log_wants(IX_LOG_DEBUG))
        return;
    char line[512];
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = 0;
    ix_log(IX_LOG_DEBUG, "http: %s", line);
}

/* We decode ourselves, after splitting. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

/* `pem` is what the HTTP library wants to see at its start; empty: clear text. */
static bool open_tls(ix_ctx *cx, http *http, tls_pem *pem)
{
    const http_settings *settings = &http->settings;
    if (!settings->tls_certificate)
        return true;
    if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return ix_fail(cx, IOTS_UNAVAILABLE, "tls_certificate: the HTTP library here has no TLS");
    return tls_pem_read(cx, settings->tls_certificate, settings->tls_key, pem) &&
           (http->tls = tls_new(cx, pem));
}

/* The threads that serve. They take connections from the porter, in turn. */
static bool start_daemon(ix_ctx *cx, http *http, const tls_pem *pem)
{
    const http_settings *settings = &http->settings;
    const bool has_pool = settings->threads > 1;
    const struct MHD_OptionItem pool[] = {
        {has_pool ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)settings->threads,
         NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    char priorities[] = TLS_PRIORITIES;
    const struct MHD_OptionItem tls[] = {
        {http->tls ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, 0, pem->key},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, pem->certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
        {MHD_OPTION_END, 0, NULL},
    };
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET |
                           MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG |
                           (http->tls ? MHD_USE_TLS : 0);
    // clang-format off
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, http,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_CONNECTION_LIMIT, settings->connections_max + settings->threads,
        MHD_OPTION_CONNECTION_TIMEOUT, settings->silence_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, http,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, http,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
        MHD_OPTION_ARRAY, pool,
        MHD_OPTION_ARRAY, tls,
        MHD_OPTION_END);
    // clang-format on
    if (http->daemon)
        return true;
    return ix_fail(cx, IOTS_UNAVAILABLE, "cannot serve HTTP%s: no threads or memory left",
                   http->tls ? "S" : "");
}

static http *http_new(const http_settings *settings)
{
    http *http = calloc(1, sizeof *http);
    if (!http)
        return NULL;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&http->lock, NULL);
    pthread_cond_init(&http->idle, &attr);
    pthread_condattr_destroy(&attr);
    http->settings = *settings;
    if (settings->connections_max == 0)
        http->settings.connections_max = HTTP_CONNECTIONS_MAX;
    if (settings->silence_s == 0)
        http->settings.silence_s = HTTP_SILENCE_S;
    if (settings->patience_ms == 0)
        http->settings.patience_ms = HTTP_PATIENCE_MS;
    if (!settings->monotonic_us)
        http->settings.monotonic_us = ix_monotonic_us;
    return http;
}

http *http_open(ix_ctx *cx, const http_settings *settings)
{
    http *http = http_new(settings);
    if (!http) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    const porter_settings door = {
        .listen = http->settings.listen,
        .listen_count = http->settings.listen_count,
        .connections_max = http->settings.connections_max,
        .patience_ms = http->settings.patience_ms,
        .let_in = let_in,
        .arg = http,
    };
    tls_pem pem = {0};
    const bool has_rate =
        settings->rate_limit == 0 || (http->rate = rate_new(cx, settings->rate_limit));
    const bool ok = has_rate && open_tls(cx, http, &pem) &&
                    (http->porter = porter_start(cx, &door)) && start_daemon(cx, http, &pem);
    tls_pem_done(&pem);
    if (ok)
        return http;
    http_stop(http);
    return NULL;
}

bool http_change_certificate(ix_ctx *cx, http *http, const char *certificate_file,
                             const char *key_file)
{
    tls_pem pem;
    if (!tls_pem_read(cx, certificate_file, key_file, &pem))
        return false;
    const bool ok = tls_change(cx, http->tls, &pem);
    tls_pem_done(&pem);
    return ok;
}

void http_serve(http *http, api *api, readers *readers, workers *workers)
{
    http->api = api;
    http->readers = readers;
    http->workers = workers;
    porter_open(http->porter);
}

const char *http_address(const http *http, size_t index)
{
    return porter_address(http->porter, index);
}

unsigned http_connections(const http *http)
{
    return porter_count(http->porter);
}

void http_quiesce(http *http)
{
    atomic_store(&http->is_quiet, true);
    porter_close(http->porter);
}

bool http_wait(http *http, int64_t until_us)
{
    const struct timespec until = {
        .tv_sec = (time_t)(until_us / IX_SECOND_US),
        .tv_nsec = (long)(until_us % IX_SECOND_US) * 1000,
    };
    int why = 0;
    pthread_mutex_lock(&http->lock);
    while (why != ETIMEDOUT && atomic_load(&http->under_way) > 0)
        why = pthread_cond_timedwait(&http->idle, &http->lock, &until);
    pthread_mutex_unlock(&http->lock);
    return why != ETIMEDOUT;
}

void http_stop(http *http)
{
    if (!http)
        return;
    if (http->daemon) {
        http_quiesce(http);
        MHD_stop_daemon(http->daemon);
    }
    porter_stop(http->porter);
    rate_free(http->rate);
    pthread_cond_destroy(&http->idle);
    pthread_mutex_destroy(&http->lock);
    tls_free(http->tls);
    free(http);
}
