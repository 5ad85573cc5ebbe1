/* SPDX-License-Identifier: Apache-2.0 */
/* The API: made, set up, ended. */
#include "client/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/gzip.h"
#include "client/opts.h"
#include "client/reply.h"
#include "client/start.h"
#include "client/transport.h"

#define DEFAULT_HOST "https://api.swx.altairone.com"

enum {
    DEFAULT_TIMEOUT_MS = 3000,
    DEFAULT_RETRY_WAIT_MS = 200,
    DEFAULT_REPLY_MAX = 64 << 20,
};

static const iots_api no_memory = {
    .cx = {.error = {.code = IOTS_NO_MEMORY, .message = "Out of memory"}},
    .host = "",
};

static iots_api *api_no_memory(void)
{
    union {
        const iots_api *from;
        iots_api *to;
    } hold = {.from = &no_memory}; /* nothing writes to it: api_check refuses it first */
    return hold.to;
}

bool api_check(ix_ctx *cx, const iots_api *api)
{
    if (!api)
        return ix_fail(cx, IOTS_USAGE, "API instance is missing");
    const ix_error *error = &api->cx.error;
    return error->code == IOTS_OK || ix_fail(cx, error->code, "%s", error->message);
}

/* ---- headers ---- */

static void header_free(client_header *removed)
{
    if (removed->value)
        explicit_bzero(removed->value,
                       strlen(removed->value)); /* keys of gateways are found here */
    free(removed->value);
    free(removed->name);
    free(removed);
}

static client_header *header_new(const char *name, const char *value)
{
    client_header *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->name = strdup(name);
    made->value = strdup(value);
    if (made->name && made->value)
        return made;
    header_free(made);
    return NULL;
}

/* Takes the header of this name out of the list. The lock is held. */
static void drop_header(iots_api *api, const char *name)
{
    for (client_header **at = &api->headers; *at; at = &(*at)->next) {
        if (ix_str_is_nocase(ix_str_of((*at)->name), name)) {
            client_header *removed = *at;
            *at = removed->next;
            header_free(removed);
            return;
        }
    }
}

iots_code iots_api_set_header(iots_api *api, const char *name, const char *value)
{
    ix_ctx cx = {0}; /* no memory is asked of it */
    if (!api_check(&cx, api) || !header_check(&cx, name ? name : "", value ? value : ""))
        return cx.error.code;
    client_header *made = value ? header_new(name, value) : NULL;
    if (value && !made)
        return IOTS_NO_MEMORY;
    pthread_mutex_lock(&api->lock);
    drop_header(api, name);
    if (made) {
        made->next = api->headers;
        api->headers = made;
    }
    pthread_mutex_unlock(&api->lock);
    return IOTS_OK;
}

bool api_add_headers(iots_api *api, client_request *request)
{
    bool ok = true;
    pthread_mutex_lock(&api->lock);
    for (const client_header *at = api->headers; ok && at; at = at->next)
        ok = iots_request_set_header(&request->shown, at->name, at->value);
    pthread_mutex_unlock(&api->lock);
    return ok;
}

/* ---- making ---- */

/* "iots.example.org/" becomes "https://iots.example.org". */
static bool take_host(iots_api *api, const char *given)
{
    ix_ctx *cx = &api->cx;
    const char *text = given ? given : DEFAULT_HOST;
    if (!strstr(text, "://"))
        text = ix_format(cx, "https://%s", text);
    char *host = text ? ix_strdup(cx, text) : NULL;
    if (!host)
        return false;
    for (size_t len = strlen(host); len && host[len - 1] == '/'; len--)
        host[len - 1] = '\0';
    api->host = host;
    if (!url_parse(cx, host, &api->home))
        return false;
    return !strpbrk(host, "?#") ||
           ix_fail(cx, IOTS_USAGE, "%s: a host has no query and no fragment", host);
}

static int or_else(int given, int otherwise)
{
    const int chosen = given ? given : otherwise;
    return chosen < 0 ? 0 : chosen;
}

static bool take_opts(iots_api *api, const iots_api_opts *opts)
{
    ix_ctx *cx = &api->cx;
    api->verify = opts->verify != IOTS_NO;
    api->ca_file = opts->ca_file ? ix_strdup(cx, opts->ca_file) : NULL;
    api->proxy = opts->proxy ? ix_strdup(cx, opts->proxy) : NULL;
    api->read_timeout_ms = or_else(opts->timeout_ms, DEFAULT_TIMEOUT_MS);
    api->connect_timeout_ms = or_else(opts->connect_timeout_ms, api->read_timeout_ms);
    api->retries = or_else(opts->retries, 0);
    api->retry_wait_ms = or_else(opts->retry_wait_ms, DEFAULT_RETRY_WAIT_MS);
    api->reply_max_bytes = opts->reply_max_bytes ? opts->reply_max_bytes : DEFAULT_REPLY_MAX;
    api->gzip_body_min_bytes = opts->gzip_body_min_bytes;
    if (api->gzip_body_min_bytes && !gzip_check(cx))
        return false;
    for (const iots_param *header = opts->headers; header && header->name; header++) {
        const iots_code code = iots_api_set_header(api, header->name, header->value);
        if (code != IOTS_OK)
            return ix_fail(cx, code, "headers: '%s' cannot be sent", header->name);
    }
    if (ix_failed(cx) || !take_host(api, opts->host))
        return false;
    if (opts->transport) {
        api->transport = *opts->transport;
        return api->transport.send || ix_fail(cx, IOTS_USAGE, "transport: .send is not set");
    }
    return transport_curl(cx, &api->transport);
}

iots_api *iots_api_new(const iots_api_opts *given)
{
    library_start();
    iots_api *api = calloc(1, sizeof *api);
    if (!api)
        return api_no_memory();
    if (!ix_ctx_init(&api->cx, 0) || pthread_mutex_init(&api->lock, NULL) != 0) {
        ix_ctx_done(&api->cx);
        free(api);
        return api_no_memory();
    }
    api->host = "";
    iots_api_opts opts;
    if (opts_take(&api->cx, "iots_api_opts", given, &opts, sizeof opts))
        take_opts(api, &opts);
    if (opts.security)
        iots_api_with_security(api, opts.security);
    return api;
}

/* ---- ending ---- */

iots_reply *iots_api_close(iots_api *api)
{
    iots_reply *reply = NULL;
    if (!api || api == &no_memory)
        return iots_failure(IOTS_OK, NULL);

    client_reference *last = api_acquire(api);
    if (last && last->security->clean)
        reply = last->security->clean(last->security, api);
    api_release(api, last);
    api_release(api, api->reference);
    if (api->transport.done)
        api->transport.done(api->transport.self);
    while (api->headers) {
        client_header *removed = api->headers;
        api->headers = removed->next;
        header_free(removed);
    }
    pthread_mutex_destroy(&api->lock);
    ix_ctx_done(&api->cx);
    free(api);
    return reply ? reply : iots_failure(IOTS_OK, NULL);
}

void iots_api_free(iots_api *api)
{
    iots_reply_free(iots_api_close(api));
}

const char *iots_api_host(const iots_api *api)
{
    return api ? api->host : "";
}

/* ---- security ---- */

client_reference *api_acquire(iots_api *api)
{
    pthread_mutex_lock(&api->lock);
    client_reference *held = api->reference;
    if (held)
        held->holds++;
    pthread_mutex_unlock(&api->lock);
    return held;
}

void api_acquire_again(iots_api *api, client_reference *reference)
{
    pthread_mutex_lock(&api->lock);
    reference->holds++;
    pthread_mutex_unlock(&api->lock);
}

void api_release(iots_api *api, client_reference *reference)
{
    if (!reference)
        return;
    pthread_mutex_lock(&api->lock);
    const bool is_last = --reference->holds == 0;
    pthread_mutex_unlock(&api->lock);
    if (!is_last)
        return;
    if (reference->security->free)
        reference->security->free(reference->security);
    free(reference);
}

/* Notes how setting a strategy ended, and passes its code on. */
static iots_code setup_ends(iots_api *api, iots_code code, const char *sentence)
{
    pthread_mutex_lock(&api->lock);
    api->setup.code = code;
    snprintf(api->setup.message, sizeof api->setup.message, "%s", sentence);
    pthread_mutex_unlock(&api->lock);
    return code;
}

/* Makes `reference` the one in use. */
static void reference_replace(iots_api *api, client_reference *fresh)
{
    pthread_mutex_lock(&api->lock);
    client_reference *removed = api->reference;
    api->reference = fresh;
    pthread_mutex_unlock(&api->lock);
    api_release(api, removed);
}

static void security_free(iots_security *security)
{
    if (security && security->size >= sizeof *security && security->free)
        security->free(security);
}

/* What cannot be used is not kept, nor is what was there before: no call is made in its name. */
static iots_code security_refused(iots_api *api, iots_security *security, iots_code code,
                                  const char *sentence)
{
    security_free(security);
    reference_replace(api, NULL);
    return setup_ends(api, code, sentence);
}

iots_code iots_api_with_security(iots_api *api, iots_security *security)
{
    ix_ctx cx = {0};
    if (!api_check(&cx, api)) {
        security_free(security);
        return cx.error.code;
    }
    if (!security)
        return security_refused(api, NULL, IOTS_USAGE, "No security strategy was given");
    if (security->size < sizeof *security || !security->apply)
        return security_refused(api, security, IOTS_USAGE,
                                "iots_security: .size or .apply is not set");
    client_reference *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return security_refused(api, security, IOTS_NO_MEMORY, "Out of memory");

    *fresh =
        (client_reference){.security = security, .holds = 2}; /* the API's, and ours until below */
    reference_replace(api, fresh);
    iots_reply *failure = security->get_token ? security->get_token(security, api) : NULL;
    const iots_code code = setup_ends(api, failure ? iots_reply_code(failure) : IOTS_OK,
                                      failure ? iots_error(failure) : "");
    iots_reply_free(failure);
    api_release(api, fresh);
    return code;
}

iots_code iots_api_set_token(iots_api *api, const char *token)
{
    ix_ctx cx = {0};
    if (!token && api_check(&cx, api))
        return security_refused(api, NULL, IOTS_USAGE, "token: missing");
    return iots_api_with_security(api, iots_access_token_new(token));
}

iots_code iots_api_set_credentials(iots_api *api, const char *client_id, const char *client_secret,
                                   const char *scopes, const iots_oauth2_opts *given)
{
    iots_oauth2_opts opts;
    ix_ctx cx = {0};
    if (!api_check(&cx, api))
        return cx.error.code;
    if (!opts_take(&cx, "iots_oauth2_opts", given, &opts, sizeof opts))
        return security_refused(api, NULL, cx.error.code, cx.error.message);
    if (!client_id || !client_secret)
        return security_refused(api, NULL, IOTS_USAGE,
                                client_id ? "client_secret: missing" : "client_id: missing");
    if (!opts.revoke_token_url)
        opts.revoke_token_url = "/oauth2/revoke";
    return iots_api_with_security(api, iots_oauth2_client_credentials_new(client_id, client_secret,
                                                                          scopes, &opts));
}

const char *iots_api_error(const iots_api *api)
{
    if (!api)
        return "API instance is missing";
    return ix_failed(&api->cx) ? api->cx.error.message : api->setup.message;
}

iots_reply *iots_api_revoke_token(iots_api *api, const char *client_id, const char *client_secret)
{
    ix_ctx cx = {0};
    if (!api_check(&cx, api))
        return iots_failure(cx.error.code, "%s", cx.error.message);
    iots_reply *reply = NULL;
    client_reference *held = api_acquire(api);
    if (held && held->security->revoke_token)
        reply = held->security->revoke_token(held->security, api, client_id, client_secret);
    api_release(api, held);
    return reply ? reply : iots_failure(IOTS_OK, NULL);
}
