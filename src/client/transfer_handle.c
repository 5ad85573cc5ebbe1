/* SPDX-License-Identifier: Apache-2.0 */
#include "client/transfer_handle.h"

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

/* ---- what libcurl reports ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    transfer_handle *handle = arg;
    handle->heard_us = ix_monotonic_us();
    return iots_response_add_body(handle->response, bytes, size * count) ? size * count : 0;
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
    transfer_handle *handle = arg;
    const size_t len = size * count;
    handle->heard_us = ix_monotonic_us();
    ix_str name;
    const ix_str line = {bytes, len};
    ix_str value = ix_str_cut(line, ':', &name);
    if (ix_str_starts(line, "HTTP/")) { /* perhaps of an interim answer: the last one counts */
        iots_response_set_status(handle->response, status_of(line));
        return len;
    }
    if (!value.at)
        return len;
    while (value.len && (value.at[value.len - 1] == '\n' || value.at[value.len - 1] == '\r'))
        value.len--;
    return response_add_header(handle->response, name, ix_str_trim(value)) ? len : 0;
}

/* Has any of the request gone out? */
static bool has_sent(const transfer_handle *handle)
{
    long bytes = 0;
    curl_easy_getinfo(handle->easy, CURLINFO_REQUEST_SIZE, &bytes);
    return handle->is_connected && bytes > 0;
}

/* The request is about to be sent: for the first time, or again. */
static int on_connected(void *arg, char *local_ip, char *remote_ip, int local_port, int remote_port)
{
    (void)local_ip, (void)remote_ip, (void)local_port, (void)remote_port;
    transfer_handle *handle = arg;
    handle->is_stopped = !handle->request->may_repeat && has_sent(handle);
    handle->is_connected = true;
    handle->heard_us = ix_monotonic_us();
    return handle->is_stopped ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static int on_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    (void)down_total, (void)down, (void)up_total;
    transfer_handle *handle = arg;
    if (up != handle->sent)
        handle->heard_us = ix_monotonic_us();
    handle->sent = up;
    return 0;
}

/* ---- what is set in libcurl ---- */

/* What is the same for all requests. */
static void set_up_once(transfer_handle *handle)
{
    CURL *easy = handle->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_CURLU, handle->url);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    /* Only gzip: that is what servers of this API have, and other codings need more memory. */
    if (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_LIBZ)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handle->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, handle);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, handle);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, handle);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, handle);
}

static bool has_body(const iots_request *request)
{
    return request->body || strcmp(request->method, "POST") == 0 ||
           strcmp(request->method, "PUT") == 0 || strcmp(request->method, "PATCH") == 0;
}

/* Room for so many headers, and so many bytes of text: it must not move while lines are added to it,
 * which would leave copies of a token behind. */
static bool make_room(transfer_handle *handle, size_t count, size_t size)
{
    ix_buf_clear(&handle->text);
    ix_buf_reserve(&handle->text, size);
    if (handle->text.failed)
        return false;
    if (count <= handle->header_room)
        return true;
    struct curl_slist *larger = realloc(handle->headers, count * sizeof *larger);
    if (!larger)
        return false;
    handle->headers = larger;
    handle->header_room = count;
    return true;
}

static size_t add_header(transfer_handle *handle, size_t index, const char *name,
                         const char *middle, const char *value)
{
    ix_buf *text = &handle->text;
    const size_t begin = text->len;
    ix_buf_text(text, name);
    ix_buf_text(text, middle);
    ix_buf_text(text, value);
    ix_buf_char(text, '\0');
    handle->headers[index] = (struct curl_slist){.data = text->at + begin};
    if (index > 0)
        handle->headers[index - 1].next = &handle->headers[index];
    return index + 1;
}

/* The headers as libcurl wants them. It only looks at the list, so we make one that costs little. */
static bool set_headers(transfer_handle *handle)
{
    enum { MORE = 2, MORE_BYTES = 64 }; /* headers of our own, below */
    const iots_request *request = handle->request;
    size_t count = 0, size = 0;
    for (const iots_param *header = request->headers; header->name; header++, count++)
        size += strlen(header->name) + strlen(header->value) + sizeof ": ";
    if (!make_room(handle, count + MORE, size + MORE_BYTES))
        return false;
    count = 0;
    /* "Name;" is how libcurl learns that the value is empty, and not to leave it out */
    for (const iots_param *header = request->headers; header->name; header++)
        count = add_header(handle, count, header->name, *header->value ? ": " : ";", header->value);
    if (has_body(request)) { /* libcurl would wait for leave to send, and call a body a form */
        count = add_header(handle, count, "Expect", ":", "");
        if (!iots_request_header(request, "Content-Type"))
            count = add_header(handle, count, "Content-Type", ":", "");
    }
    curl_easy_setopt(handle->easy, CURLOPT_HTTPHEADER, count ? handle->headers : NULL);
    return true;
}

static void set_method(CURL *easy, const iots_request *request)
{
    /* What may be sent but once goes over no connection that a server or a proxy may just be about to
     * close for having been idle: the shortest timeouts are 5 seconds. */
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
static bool set_special(transfer_handle *handle)
{
    CURL *easy = handle->easy;
    const iots_request *request = handle->request;
    handle->is_special = request->ca_file || request->proxy || !request->verify;
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
static CURLcode set_url(transfer_handle *handle)
{
    const char *text = handle->request->url;
    const CURLUcode code =
        curl_url_set(handle->url, CURLUPART_URL, text, CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OK)
        return curl_easy_setopt(handle->easy, CURLOPT_URL, text);
    return code == CURLUE_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_URL_MALFORMAT;
}

static CURLcode set_up(transfer_handle *handle)
{
    CURL *easy = handle->easy;
    const iots_request *request = handle->request;
    const long connect_ms =
        request->connect_timeout_ms > 0 ? request->connect_timeout_ms : (long)INT_MAX;
    if (!set_headers(handle) || !set_special(handle))
        return CURLE_OUT_OF_MEMORY;
    set_method(easy, request);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    return set_url(handle);
}

/* ---- from beginning to end ---- */

transfer_handle *transfer_handle_new(void)
{
    transfer_handle *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->easy = curl_easy_init();
    made->url = curl_url();
    if (!made->easy || !made->url) {
        transfer_handle_free(made);
        return NULL;
    }
    set_up_once(made);
    return made;
}

void transfer_handle_free(transfer_handle *handle)
{
    if (!handle)
        return;
    curl_easy_cleanup(handle->easy);
    curl_url_cleanup(handle->url);
    free(handle->headers);
    ix_buf_done(&handle->text);
    free(handle);
}

bool transfer_handle_begin(transfer_handle *handle, const iots_request *request,
                           iots_response *response)
{
    handle->request = request;
    handle->response = response;
    handle->is_connected = false;
    handle->is_stopped = false;
    handle->heard_us = 0;
    handle->sent = 0;
    handle->error[0] = '\0';
    return transfer_handle_outcome(handle, set_up(handle)) == IOTS_OK;
}

int64_t transfer_handle_deadline_us(const transfer_handle *handle)
{
    const int64_t idle_us = (int64_t)handle->request->read_timeout_ms * 1000;
    if (idle_us <= 0)
        return INT64_MAX;
    return (handle->is_connected ? handle->heard_us : ix_monotonic_us()) + idle_us;
}

/* May the server have all of the request? Without the end of its body it does nothing. libcurl begins
 * to count anew before it sends again. */
static bool may_have_arrived(const transfer_handle *handle)
{
    curl_off_t sent = 0;
    curl_easy_getinfo(handle->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return has_sent(handle) && (sent == 0 || (size_t)sent >= handle->request->body_size);
}

/* There will be no answer. */
static iots_code give_up(const transfer_handle *handle, iots_code code, const char *why)
{
    if (!handle->request->may_repeat && may_have_arrived(handle))
        code = IOTS_OUTCOME_UNKNOWN;
    return iots_response_fail(handle->response, code, "%s: %s", ix_code_sentence(code), why);
}

iots_code transfer_handle_stalled(const transfer_handle *handle)
{
    char why[64];
    snprintf(why, sizeof why, "nothing was heard for %d ms", handle->request->read_timeout_ms);
    return give_up(handle, IOTS_TIMEOUT, why);
}

iots_code transfer_handle_outcome(const transfer_handle *handle, CURLcode result)
{
    char why[64];
    switch (result) {
    case CURLE_OK:
        return IOTS_OK;
    case CURLE_OUT_OF_MEMORY:
        return give_up(handle, IOTS_NO_MEMORY, "none was left for the transfer");
    case CURLE_OPERATION_TIMEDOUT:
        snprintf(why, sizeof why, "no connection within %d ms",
                 handle->request->connect_timeout_ms);
        return give_up(handle, IOTS_TIMEOUT, why);
    case CURLE_WRITE_ERROR: /* ours: the response has said why */
        return iots_response_fail(handle->response, IOTS_TRANSPORT, NULL);
    default:
        return give_up(handle, IOTS_TRANSPORT,
                       handle->is_stopped ? "the connection ended before the answer"
                       : *handle->error   ? handle->error
                                          : curl_easy_strerror(result));
    }
}

void transfer_handle_done(transfer_handle *handle)
{
    CURL *easy = handle->easy;
    if (handle->is_special) {
        curl_easy_reset(easy);
        set_up_once(handle);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
        curl_easy_setopt(easy, CURLOPT_URL, NULL);
    }
    curl_url_set(handle->url, CURLUPART_URL, NULL, 0);
    if (handle->text.at)
        explicit_bzero(handle->text.at, handle->text.len);
    handle->request = NULL;
    handle->response = NULL;
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

client_quiet quiet_begin(bool is_needed)
{
    client_quiet quiet = {.is_needed = is_needed};
    if (!is_needed)
        return quiet;
    const sigset_t set = only_sigpipe();
    pthread_sigmask(SIG_BLOCK, &set, &quiet.before);
    quiet.was_pending = sigismember(&quiet.before, SIGPIPE) == 1 && sigpipe_pending();
    return quiet;
}

void quiet_end(const client_quiet *quiet)
{
    if (!quiet->is_needed)
        return;
    const sigset_t set = only_sigpipe();
    const struct timespec max_concurrent = {0};
    if (!quiet->was_pending && sigpipe_pending())
        sigtimedwait(&set, NULL, &max_concurrent);
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
