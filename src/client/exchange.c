/* SPDX-License-Identifier: Apache-2.0 */
#include "client/exchange.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/time.h"

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

/* The proxy of the program, for whatever host: exceptions are a matter of the environment. */
static bool set_proxy(CURL *easy, const char *proxy)
{
    return curl_easy_setopt(easy, CURLOPT_PROXY, proxy) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOPROXY, "") == CURLE_OK;
}

static bool set_up(exchange *exchange)
{
    CURL *easy = exchange->easy;
    const iots_request *request = exchange->request;
    const long connect_ms =
        request->connect_timeout_ms > 0 ? request->connect_timeout_ms : (long)INT_MAX;
    curl_easy_reset(easy);
    if (!set_headers(exchange) || curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK ||
        (request->ca_file &&
         curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file) != CURLE_OK) ||
        (request->proxy && !set_proxy(easy, request->proxy)))
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

/* ---- from beginning to end ---- */

bool exchange_begin(exchange *exchange, CURL *easy, const iots_request *request,
                    iots_response *response)
{
    memset(exchange, 0, sizeof *exchange);
    exchange->easy = easy;
    exchange->request = request;
    exchange->response = response;
    return set_up(exchange);
}

int64_t exchange_deadline_us(const exchange *exchange)
{
    const int64_t patience_us = (int64_t)exchange->request->read_timeout_ms * 1000;
    if (patience_us <= 0)
        return INT64_MAX;
    return (exchange->is_connected ? exchange->heard_us : ix_monotonic_us()) + patience_us;
}

iots_code exchange_too_silent(const exchange *exchange)
{
    return iots_response_fail(exchange->response, IOTS_TIMEOUT,
                              "The server took too long: nothing was heard for %d ms",
                              exchange->request->read_timeout_ms);
}

iots_code exchange_outcome(const exchange *exchange, CURLcode result)
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

void exchange_done(exchange *exchange)
{
    curl_easy_reset(exchange->easy); /* it must not keep what is ours */
    for (struct curl_slist *at = exchange->headers; at; at = at->next)
        explicit_bzero(at->data, strlen(at->data));
    curl_slist_free_all(exchange->headers);
    exchange->headers = NULL;
}

/* ---- SIGPIPE ---- */

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

quiet quiet_begin(void)
{
    quiet quiet = {.was_pending = sigpipe_pending()};
    const sigset_t set = only_sigpipe();
    pthread_sigmask(SIG_BLOCK, &set, &quiet.before);
    return quiet;
}

void quiet_end(const quiet *quiet)
{
    const sigset_t set = only_sigpipe();
    const struct timespec at_once = {0};
    if (!quiet->was_pending && sigpipe_pending())
        sigtimedwait(&set, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
}

/* ---- once in a program ---- */

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void curl_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_curl);
}
