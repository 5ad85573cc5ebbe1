/* SPDX-License-Identifier: Apache-2.0 */
#include "client/exchange.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/time.h"
#include "client/reply.h"
#include "contract/codes.h"

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
    return response_add_header(exchange->response, name, ix_str_trim(value)) ? len : 0;
}

/* Has any of the request gone out? */
static bool has_sent(const exchange *exchange)
{
    long bytes = 0;
    curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &bytes);
    return exchange->is_connected && bytes > 0;
}

/* The request is about to be sent: for the first time, or again. */
static int on_connected(void *arg, char *local_ip, char *remote_ip, int local_port, int remote_port)
{
    (void)local_ip, (void)remote_ip, (void)local_port, (void)remote_port;
    exchange *exchange = arg;
    exchange->is_stopped = !exchange->request->may_repeat && has_sent(exchange);
    exchange->is_connected = true;
    exchange->heard_us = ix_monotonic_us();
    return exchange->is_stopped ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
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

/* What is the same for all requests. */
static void set_up_once(exchange *exchange)
{
    CURL *easy = exchange->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_CURLU, exchange->url);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    /* Only gzip: that is what servers of this API have, and other codings need more memory. */
    if (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_LIBZ)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, exchange);
}

static bool has_body(const iots_request *request)
{
    return request->body || strcmp(request->method, "POST") == 0 ||
           strcmp(request->method, "PUT") == 0 || strcmp(request->method, "PATCH") == 0;
}

/* Room for so many headers, and so many bytes of text: it must not move while lines are added to it,
 * which would leave copies of a token behind. */
static bool make_room(exchange *exchange, size_t count, size_t size)
{
    ix_buf_clear(&exchange->text);
    ix_buf_reserve(&exchange->text, size);
    if (exchange->text.failed)
        return false;
    if (count <= exchange->header_room)
        return true;
    struct curl_slist *larger = realloc(exchange->headers, count * sizeof *larger);
    if (!larger)
        return false;
    exchange->headers = larger;
    exchange->header_room = count;
    return true;
}

static size_t add_header(exchange *exchange, size_t index, const char *name, const char *middle,
                         const char *value)
{
    ix_buf *text = &exchange->text;
    const size_t begin = text->len;
    ix_buf_text(text, name);
    ix_buf_text(text, middle);
    ix_buf_text(text, value);
    ix_buf_char(text, '\0');
    exchange->headers[index] = (struct curl_slist){.data = text->at + begin};
    if (index > 0)
        exchange->headers[index - 1].next = &exchange->headers[index];
    return index + 1;
}

/* The headers as libcurl wants them. It only looks at the list, so we make one that costs little. */
static bool set_headers(exchange *exchange)
{
    enum { MORE = 2, MORE_BYTES = 64 }; /* headers of our own, below */
    const iots_request *request = exchange->request;
    size_t count = 0, size = 0;
    for (const iots_param *header = request->headers; header->name; header++, count++)
        size += strlen(header->name) + strlen(header->value) + sizeof ": ";
    if (!make_room(exchange, count + MORE, size + MORE_BYTES))
        return false;
    count = 0;
    /* "Name;" is how libcurl is told that the value is empty, and not to leave it out */
    for (const iots_param *header = request->headers; header->name; header++)
        count =
            add_header(exchange, count, header->name, *header->value ? ": " : ";", header->value);
    if (has_body(request)) { /* libcurl would wait for leave to send, and call a body a form */
        count = add_header(exchange, count, "Expect", ":", "");
        if (!iots_request_header(request, "Content-Type"))
            count = add_header(exchange, count, "Content-Type", ":", "");
    }
    curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, count ? exchange->headers : NULL);
    return true;
}

static void set_method(CURL *easy, const iots_request *request)
{
    /* What may be sent but once goes over no connection that a server or a proxy may just be about to
     * close for having been idle: the most impatient ones wait 5 seconds. */
    enum { IDLE_S = 118, IDLE_ONCE_S = 4 };
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)(request->may_repeat ? IDLE_S : IDLE_ONCE_S));
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L); /* whatever the last one was */
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (has_body(request)) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
    }
    const bool is_plain_get = strcmp(request->method, "GET") == 0 && !has_body(request);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, is_plain_get ? NULL : request->method);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, request->body_size ? 0L : 1L);
}

/* What few requests want. The handle is reset after them. */
static bool set_special(exchange *exchange)
{
    CURL *easy = exchange->easy;
    const iots_request *request = exchange->request;
    exchange->is_special = request->ca_file || request->proxy || !request->verify;
    if (!request->verify) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (request->ca_file && curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file) != CURLE_OK)
        return false;
    /* A proxy of the program is for whatever host: exceptions are a matter of the environment. */
    return !request->proxy || (curl_easy_setopt(easy, CURLOPT_PROXY, request->proxy) == CURLE_OK &&
                               curl_easy_setopt(easy, CURLOPT_NOPROXY, "") == CURLE_OK);
}

/* Of a URL taken apart libcurl does not make a text and take it apart once more, which costs as much
 * as all the rest that we do about a request. The text is for libcurl to remember. */
static CURLcode set_url(exchange *exchange)
{
    const char *text = exchange->request->url;
    const CURLUcode code = curl_url_set(exchange->url, CURLUPART_URL, text,
                                        CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OK)
        return curl_easy_setopt(exchange->easy, CURLOPT_URL, text);
    return code == CURLUE_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_URL_MALFORMAT;
}

static CURLcode set_up(exchange *exchange)
{
    CURL *easy = exchange->easy;
    const iots_request *request = exchange->request;
    const long connect_ms =
        request->connect_timeout_ms > 0 ? request->connect_timeout_ms : (long)INT_MAX;
    if (!set_headers(exchange) || !set_special(exchange))
        return CURLE_OUT_OF_MEMORY;
    set_method(easy, request);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    return set_url(exchange);
}

/* ---- from beginning to end ---- */

exchange *exchange_new(void)
{
    exchange *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->easy = curl_easy_init();
    made->url = curl_url();
    if (!made->easy || !made->url) {
        exchange_free(made);
        return NULL;
    }
    set_up_once(made);
    return made;
}

void exchange_free(exchange *exchange)
{
    if (!exchange)
        return;
    curl_easy_cleanup(exchange->easy);
    curl_url_cleanup(exchange->url);
    free(exchange->headers);
    ix_buf_done(&exchange->text);
    free(exchange);
}

bool exchange_begin(exchange *exchange, const iots_request *request, iots_response *response)
{
    exchange->request = request;
    exchange->response = response;
    exchange->is_connected = false;
    exchange->is_stopped = false;
    exchange->heard_us = 0;
    exchange->sent = 0;
    exchange->error[0] = '\0';
    return exchange_outcome(exchange, set_up(exchange)) == IOTS_OK;
}

int64_t exchange_deadline_us(const exchange *exchange)
{
    const int64_t patience_us = (int64_t)exchange->request->read_timeout_ms * 1000;
    if (patience_us <= 0)
        return INT64_MAX;
    return (exchange->is_connected ? exchange->heard_us : ix_monotonic_us()) + patience_us;
}

/* May the server have all of the request? Without the end of its body it does nothing. libcurl begins
 * to count anew before it sends again. */
static bool may_have_arrived(const exchange *exchange)
{
    curl_off_t sent = 0;
    curl_easy_getinfo(exchange->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return has_sent(exchange) && (sent == 0 || (size_t)sent >= exchange->request->body_size);
}

/* There will be no answer. */
static iots_code give_up(const exchange *exchange, iots_code code, const char *why)
{
    if (!exchange->request->may_repeat && may_have_arrived(exchange))
        code = IOTS_OUTCOME_UNKNOWN;
    return iots_response_fail(exchange->response, code, "%s: %s", ix_code_sentence(code), why);
}

iots_code exchange_too_silent(const exchange *exchange)
{
    char why[64];
    snprintf(why, sizeof why, "nothing was heard for %d ms", exchange->request->read_timeout_ms);
    return give_up(exchange, IOTS_TIMEOUT, why);
}

iots_code exchange_outcome(const exchange *exchange, CURLcode result)
{
    char why[64];
    switch (result) {
    case CURLE_OK:
        return IOTS_OK;
    case CURLE_OUT_OF_MEMORY:
        return give_up(exchange, IOTS_NO_MEMORY, "none was left for the transfer");
    case CURLE_OPERATION_TIMEDOUT:
        snprintf(why, sizeof why, "no connection within %d ms",
                 exchange->request->connect_timeout_ms);
        return give_up(exchange, IOTS_TIMEOUT, why);
    case CURLE_WRITE_ERROR: /* ours: the response has said why */
        return iots_response_fail(exchange->response, IOTS_TRANSPORT, NULL);
    default:
        return give_up(exchange, IOTS_TRANSPORT,
                       exchange->is_stopped ? "the connection ended before the answer"
                       : *exchange->error   ? exchange->error
                                            : curl_easy_strerror(result));
    }
}

void exchange_done(exchange *exchange)
{
    CURL *easy = exchange->easy;
    if (exchange->is_special) {
        curl_easy_reset(easy);
        set_up_once(exchange);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
        curl_easy_setopt(easy, CURLOPT_URL, NULL);
    }
    curl_url_set(exchange->url, CURLUPART_URL, NULL, 0);
    if (exchange->text.at)
        explicit_bzero(exchange->text.at, exchange->text.len);
    exchange->request = NULL;
    exchange->response = NULL;
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

quiet quiet_begin(bool is_needed)
{
    quiet quiet = {.is_needed = is_needed};
    if (!is_needed)
        return quiet;
    const sigset_t set = only_sigpipe();
    pthread_sigmask(SIG_BLOCK, &set, &quiet.before);
    quiet.was_pending = sigismember(&quiet.before, SIGPIPE) == 1 && sigpipe_pending();
    return quiet;
}

void quiet_end(const quiet *quiet)
{
    if (!quiet->is_needed)
        return;
    const sigset_t set = only_sigpipe();
    const struct timespec at_once = {0};
    if (!quiet->was_pending && sigpipe_pending())
        sigtimedwait(&set, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
}

bool request_may_signal(const iots_request *request)
{
    return !ix_str_starts(ix_str_of(request->url), "http:") ||
           (request->proxy && *request->proxy &&
            !ix_str_starts(ix_str_of(request->proxy), "http:"));
}

bool environment_may_signal(void)
{
    static const char *const of_proxies[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < sizeof of_proxies / sizeof *of_proxies; i++) {
        if (getenv(of_proxies[i]))
            return true;
    }
    return false;
}

/* ---- dates ---- */

bool http_date_parse(const char *text, int64_t *ret_us)
{
    const time_t seconds = curl_getdate(text, NULL);
    *ret_us = (int64_t)seconds * IX_SECOND_US;
    return seconds != -1;
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
