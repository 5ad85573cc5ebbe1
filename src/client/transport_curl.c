/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usual transport, over libcurl. The only file that includes it.
 *
 * A line is a handle with the connections it has kept open. A request takes an idle line, or makes
 * one, and puts it back afterwards; so a line belongs to one thread at a time, and there are as many
 * as there were ever requests at once.
 *
 * libcurl measures silence in whole seconds of slow transfer. We wait for it ourselves instead, and
 * look at the clock: `heard_us` is when the server was last heard of, or something was sent to it.
 */
#include "client/transport.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/time.h"

enum {
    IDLE_MAX = 64,      /* lines kept for later */
    POLL_MAX_MS = 1000, /* libcurl has timers of its own */
};

typedef struct line {
    CURLM *multi;
    CURL *easy;
    struct line *next; /* of the idle ones */
} line;

typedef struct exchange {
    const iots_request *request;
    iots_response *response;
    struct curl_slist *headers;
    bool is_connected;
    int64_t heard_us;
    curl_off_t sent;
    char error[CURL_ERROR_SIZE];
} exchange;

typedef struct lines {
    pthread_mutex_t lock;
    line *idle;
    size_t idle_count;
} lines;

/* ---- lines ---- */

static void line_free(line *line)
{
    if (line->easy)
        curl_easy_cleanup(line->easy);
    if (line->multi)
        curl_multi_cleanup(line->multi);
    free(line);
}

static line *line_new(void)
{
    line *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->easy = curl_easy_init();
    made->multi = curl_multi_init();
    if (made->easy && made->multi)
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
        line *gone = lines->idle;
        lines->idle = gone->next;
        line_free(gone);
    }
    pthread_mutex_destroy(&lines->lock);
    free(lines);
}

/* ---- what libcurl tells us ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    exchange *exchange = arg;
    exchange->heard_us = ix_monotonic_us();
    return iots_response_add_body(exchange->response, bytes, size * count) ? size * count : 0;
}

/* The number in "HTTP/1.1 200 OK". */
static int status_of(ix_str line)
{
    ix_str version, number;
    int64_t status;
    ix_str_cut(ix_str_cut(line, ' ', &version), ' ', &number);
    while (number.len && strchr("\r\n", number.at[number.len - 1]))
        number.len--;
    return ix_str_int(number, &status) && status >= 100 && status <= 999 ? (int)status : 0;
}

/* One line of the head of an answer, or of a trailer. */
static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    exchange *exchange = arg;
    const size_t len = size * count;
    exchange->heard_us = ix_monotonic_us();
    ix_str name;
    const ix_str line = {bytes, len};
    ix_str value = ix_str_cut(line, ':', &name);
    if (ix_str_starts(line, "HTTP/")) { /* perhaps of an interim answer: the last one counts */
        iots_response_set_status(exchange->response, status_of(line));
        return len;
    }
    if (!value.at)
        return len;
    while (value.len && (value.at[value.len - 1] == '\n' || value.at[value.len - 1] == '\r'))
        value.len--;
    value = ix_str_trim(value);
    char *text = strndup(value.at, value.len);
    char *title = strndup(name.at, name.len);
    const bool ok = text && title && iots_response_add_header(exchange->response, title, text);
    free(text);
    free(title);
    return ok ? len : 0;
}

static int on_connected(void *arg, char *local_ip, char *remote_ip, int local_port, int remote_port)
{
    (void)local_ip, (void)remote_ip, (void)local_port, (void)remote_port;
    exchange *exchange = arg;
    exchange->is_connected = true;
    exchange->heard_us = ix_monotonic_us();
    return CURL_PREREQFUNC_OK;
}

static int on_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    (void)down_total, (void)down, (void)up_total;
    exchange *exchange = arg;
    if (up != exchange->sent)
        exchange->heard_us = ix_monotonic_us();
    exchange->sent = up;
    return 0;
}

/* ---- what we tell libcurl ---- */

static bool add_header_line(exchange *exchange, const char *text)
{
    struct curl_slist *longer = curl_slist_append(exchange->headers, text);
    if (longer)
        exchange->headers = longer;
    return longer != NULL;
}

static void headers_done(exchange *exchange)
{
    for (struct curl_slist *at = exchange->headers; at; at = at->next)
        explicit_bzero(at->data, strlen(at->data));
    curl_slist_free_all(exchange->headers);
}

static bool set_headers(exchange *exchange)
{
    ix_buf text = {0};
    ix_buf_reserve(&text, 8192); /* room for a token: no copy of it is left elsewhere */
    bool ok = true;
    for (const iots_param *header = exchange->request->headers; ok && header->name; header++) {
        ix_buf_clear(&text);
        /* "Name;" is how libcurl is told that the value is empty, and not to leave it out */
        ix_buf_format(&text, *header->value ? "%s: %s" : "%s;", header->name, header->value);
        ok = !text.failed && add_header_line(exchange, ix_buf_cstr(&text));
    }
    if (text.at)
        explicit_bzero(text.at, text.size);
    ix_buf_done(&text);
    /* libcurl would wait for leave to send, and call a body a form */
    return ok && add_header_line(exchange, "Expect:") &&
           (iots_request_header(exchange->request, "Content-Type") ||
            add_header_line(exchange, "Content-Type:"));
}

static void set_body(CURL *easy, const iots_request *request)
{
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request->body || strcmp(request->method, "POST") == 0 ||
               strcmp(request->method, "PUT") == 0 || strcmp(request->method, "PATCH") == 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static bool set_up(CURL *easy, exchange *exchange)
{
    const iots_request *request = exchange->request;
    const long connect_ms =
        request->connect_timeout_ms > 0 ? request->connect_timeout_ms : (long)INT_MAX;
    curl_easy_reset(easy);
    if (!set_headers(exchange) || curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK ||
        (request->ca_file && curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file) != CURLE_OK))
        return iots_response_fail(exchange->response, IOTS_NO_MEMORY, NULL) == IOTS_OK;
    set_body(easy, request);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, request->verify ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, request->verify ? 2L : 0L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, exchange);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    return true;
}

/* ---- waiting ---- */

/* Milliseconds until the silence has lasted too long; POLL_MAX_MS at most. */
static int patience_ms(const exchange *exchange)
{
    if (!exchange->is_connected || exchange->request->read_timeout_ms <= 0)
        return POLL_MAX_MS;
    const int64_t silent_ms = (ix_monotonic_us() - exchange->heard_us) / 1000;
    const int64_t left_ms = exchange->request->read_timeout_ms - silent_ms;
    return left_ms > POLL_MAX_MS ? POLL_MAX_MS : left_ms < 0 ? 0 : (int)left_ms;
}

static iots_code too_silent(const exchange *exchange)
{
    return iots_response_fail(exchange->response, IOTS_TIMEOUT,
                              "The server took too long: nothing was heard for %d ms",
                              exchange->request->read_timeout_ms);
}

/* How the transfer ended, in our words. */
static iots_code outcome(const exchange *exchange, CURLcode result)
{
    iots_response *response = exchange->response;
    const char *why = *exchange->error ? exchange->error : curl_easy_strerror(result);
    switch (result) {
    case CURLE_OK:
        return IOTS_OK;
    case CURLE_OUT_OF_MEMORY:
        return iots_response_fail(response, IOTS_NO_MEMORY, NULL);
    case CURLE_OPERATION_TIMEDOUT:
        return iots_response_fail(response, IOTS_TIMEOUT,
                                  "The server took too long: no connection within %d ms",
                                  exchange->request->connect_timeout_ms);
    case CURLE_WRITE_ERROR: /* ours: the response has said why */
        return iots_response_fail(response, IOTS_TRANSPORT, NULL);
    default:
        return iots_response_fail(response, IOTS_TRANSPORT, "The server could not be reached: %s",
                                  why);
    }
}

static iots_code transfer(line *line, exchange *exchange)
{
    for (;;) {
        int running = 0;
        if (curl_multi_perform(line->multi, &running) != CURLM_OK)
            return iots_response_fail(exchange->response, IOTS_TRANSPORT, NULL);
        int left;
        const CURLMsg *message = curl_multi_info_read(line->multi, &left);
        if (message && message->msg == CURLMSG_DONE)
            return outcome(exchange, message->data.result);
        const int wait_ms = patience_ms(exchange);
        if (wait_ms == 0)
            return too_silent(exchange);
        if (curl_multi_poll(line->multi, NULL, 0, wait_ms, NULL) != CURLM_OK)
            return iots_response_fail(exchange->response, IOTS_TRANSPORT, NULL);
    }
}

/* ---- SIGPIPE ----
 *
 * A server that hangs up must not end the program. The signal is held back on this thread alone, and
 * taken away if it came; what the program does with signals stays as it is.
 */

typedef struct quiet {
    sigset_t before;
    bool was_pending;
} quiet;

static sigset_t only_sigpipe(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

static bool sigpipe_pending(void)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
}

static quiet quiet_begin(void)
{
    quiet quiet = {.was_pending = sigpipe_pending()};
    const sigset_t set = only_sigpipe();
    pthread_sigmask(SIG_BLOCK, &set, &quiet.before);
    return quiet;
}

static void quiet_end(const quiet *quiet)
{
    const sigset_t set = only_sigpipe();
    const struct timespec at_once = {0};
    if (!quiet->was_pending && sigpipe_pending())
        sigtimedwait(&set, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
}

/* ---- sending ---- */

static iots_code lines_send(void *self, const iots_request *request, iots_response *response)
{
    line *line = line_take(self);
    if (!line)
        return iots_response_fail(response, IOTS_NO_MEMORY, NULL);
    const quiet quiet = quiet_begin();
    exchange exchange = {.request = request, .response = response};
    iots_code code = IOTS_NO_MEMORY;
    if (set_up(line->easy, &exchange) &&
        curl_multi_add_handle(line->multi, line->easy) == CURLM_OK) {
        code = transfer(line, &exchange);
        curl_multi_remove_handle(line->multi, line->easy);
    }
    curl_easy_reset(line->easy); /* it must not keep what is ours */
    headers_done(&exchange);
    quiet_end(&quiet);
    line_put_back(self, line);
    return code;
}

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool transport_curl(ix_ctx *cx, iots_transport *ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_curl);
    lines *made = calloc(1, sizeof *made);
    if (!made || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    }
    *ret = (iots_transport){.send = lines_send, .self = made, .done = lines_done};
    return true;
}
