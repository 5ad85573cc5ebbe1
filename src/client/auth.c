/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two security strategies of the library: a token that one has, and a token obtained for a
 * client's credentials (OAuth2, RFC 6749 4.4).
 *
 * Renewing is done by one thread; others that need a token meanwhile wait for it, and share its
 * outcome, good or bad. Nothing is asked of the server while the lock is held.
 */
#include "client/auth.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "client/call.h"
#include "client/opts.h"

#define TOKEN_URL  "/oauth2/token"
#define REVOKE_URL "/oauth2/revoke"

enum {
    DEFAULT_LIFETIME_S = 3600, /* of a token whose answer does not say */
    LIFETIME_MAX_S = 1 << 30,
    DEFAULT_THRESHOLD_S = 10,
};

/* ---- secrets ---- */

static void secret_free(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

/* Adds "<name>=<value>" to a form. */
static void form_add(ix_buf *form, const char *name, const char *value)
{
    if (form->len)
        ix_buf_char(form, '&');
    ix_buf_text(form, name);
    ix_buf_char(form, '=');
    ix_buf_percent(form, ix_str_of(value));
}

/* Releases a form, wiped. It was given room enough beforehand, so that no copy is left elsewhere. */
static void form_done(ix_buf *form)
{
    if (form->at)
        explicit_bzero(form->at, form->size);
    ix_buf_done(form);
}

/* Room for a form with these in it, all of them encoded at worst. */
static void form_init(ix_buf *form, const char *const values[], size_t count)
{
    size_t room = 128;
    for (size_t i = 0; i < count; i++)
        room += values[i] ? 3 * strlen(values[i]) : 0;
    ix_buf_reserve(form, room);
}

/* Sends a form to the token server, as a call with these options. Never NULL. */
static iots_reply *form_send(iots_api *api, const char *url, const ix_buf *form,
                             iots_call_opts opts)
{
    if (form->failed)
        return iots_failure(IOTS_NO_MEMORY, NULL);
    static const iots_param headers[] = {{"Content-Type", "application/x-www-form-urlencoded"},
                                         {NULL, NULL}};
    opts.size = sizeof opts;
    opts.headers = headers;
    return call_make(api, &(client_call){.method = "POST",
                                         .url = url,
                                         .body = iots_bytes(form->at, form->len),
                                         .opts = &opts,
                                         .is_for_token = true});
}

/* Sends the form of RFC 7009 with the client's credentials in it. NULL: revoked; else why not. */
static iots_reply *revoke(iots_api *api, const char *url, iots_tristate verify, const char *token,
                          const char *client_id, const char *client_secret)
{
    ix_buf form = {0};
    form_init(&form, (const char *const[]){token, client_id, client_secret}, 3);
    form_add(&form, "token", token);
    form_add(&form, "client_id", client_id);
    form_add(&form, "client_secret", client_secret);
    iots_reply *reply = form_send(api, url, &form, (iots_call_opts){.verify = verify});
    form_done(&form);
    if (iots_reply_status(reply) == 200) {
        iots_reply_free(reply);
        return NULL;
    }
    if (iots_ok(reply))
        reply_fail(reply, IOTS_UNEXPECTED, "Unexpected response status code");
    reply_reword(reply, "Failed to revoke token: ");
    return reply;
}

/* Puts the token into the request. */
static void set_bearer(iots_request *request, const char *token)
{
    static const char front[] = "Bearer ";
    const size_t front_len = sizeof front - 1, size = strlen(token) + 1;
    char *value = malloc(front_len + size);
    if (!value) {
        request_fail(request, IOTS_NO_MEMORY);
        return;
    }
    memcpy(value, front, front_len);
    memcpy(value + front_len, token, size);
    iots_request_set_header(request, "Authorization", value);
    secret_free(value);
}

/* ---- a token that one has ---- */

typedef struct access_token {
    iots_security base; /* first: what the API holds */
    char *token;
} access_token;

static iots_reply *token_apply(iots_security *security, iots_api *api, iots_request *request)
{
    (void)api;
    const access_token *own = (access_token *)security;
    if (*own->token)
        set_bearer(request, own->token);
    return NULL;
}

static iots_reply *token_revoke(iots_security *security, iots_api *api, const char *client_id,
                                const char *client_secret)
{
    const access_token *own = (access_token *)security;
    if (!client_id || !client_secret || !*own->token)
        return NULL;
    return revoke(api, REVOKE_URL, IOTS_DEFAULT, own->token, client_id, client_secret);
}

static iots_reply *token_clean(iots_security *security, iots_api *api)
{
    (void)api;
    access_token *own = (access_token *)security;
    explicit_bzero(own->token, strlen(own->token));
    return NULL;
}

static void token_free(iots_security *security)
{
    access_token *own = (access_token *)security;
    secret_free(own->token);
    free(own);
}

iots_security *iots_access_token_new(const char *token)
{
    access_token *own = token ? calloc(1, sizeof *own) : NULL;
    if (!own)
        return NULL;
    own->token = strdup(token);
    own->base = (iots_security){.size = sizeof own->base,
                                .self = own,
                                .apply = token_apply,
                                .revoke_token = token_revoke,
                                .clean = token_clean,
                                .free = token_free};
    if (own->token)
        return &own->base;
    free(own);
    return NULL;
}

/* ---- a token for credentials ---- */

typedef struct oauth2 {
    iots_security base; /* first: what the API holds */
    char *client_id;
    char *scopes;
    char *token_url;
    char *revoke_token_url; /* "": there is none */
    int64_t threshold_us;
    iots_tristate verify;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t over;  /* a renewal has ended */
    bool is_renewing;
    unsigned long renewals; /* that have ended */
    ix_error outcome;       /* of the last one */
    char *client_secret;    /* NULL: wiped */
    char *token;            /* NULL: none */
    int64_t ends_us;        /* by the uptime: whoever sets the clock changes nothing */
} oauth2;

/* Changes the token. The lock is held. */
static void put_token(oauth2 *own, char *token, int64_t ends_us)
{
    secret_free(own->token);
    own->token = token;
    own->ends_us = ends_us;
}

/* The token of an answer; NULL if it has none. */
static const char *token_in(const iots_reply *reply)
{
    const char *found = ix_json_string(ix_json_member(reply->body, "access_token"));
    return found && *found ? found : NULL;
}

/* A copy on the heap, NULL without memory. What was copied is wiped. */
static char *secret_move(const char *found)
{
    char *copy = strdup(found);
    union {
        const char *from;
        char *to;
    } hold = {.from = found}; /* nobody else looks at this answer */
    explicit_bzero(hold.to, strlen(found));
    return copy;
}

/* Asks the token server, as a call with these options. Never NULL. */
static iots_reply *ask_token(const oauth2 *own, iots_api *api, const char *secret,
                             iots_call_opts opts)
{
    ix_buf form = {0};
    form_init(&form, (const char *const[]){own->client_id, secret, own->scopes}, 3);
    form_add(&form, "grant_type", "client_credentials");
    form_add(&form, "client_id", own->client_id);
    form_add(&form, "client_secret", secret);
    if (*own->scopes)
        form_add(&form, "scope", own->scopes);
    opts.verify = own->verify;
    iots_reply *reply = form_send(api, own->token_url, &form, opts);
    form_done(&form);
    return reply;
}

/* Takes the answer. Returns NULL with the token and its end; or the answer, saying why there is none.
 */
static iots_reply *take_token(iots_reply *reply, int64_t asked_us, char **ret_token,
                              int64_t *ret_ends_us)
{
    const char *found = iots_ok(reply) ? token_in(reply) : NULL;
    if (!found) {
        reply_fail(reply, IOTS_UNEXPECTED, "The answer has no access_token");
        reply_reword(reply, "Failed to refresh token: ");
        return reply;
    }
    char *token = secret_move(found);
    if (!token) {
        iots_reply_free(reply);
        return iots_failure(IOTS_NO_MEMORY, NULL); /* and not a word of the answer */
    }
    double lifetime_s = iots_json_number(iots_reply_body(reply), "/expires_in", DEFAULT_LIFETIME_S);
    if (lifetime_s > (double)LIFETIME_MAX_S)
        lifetime_s = LIFETIME_MAX_S;
    if (!(lifetime_s > 0))
        lifetime_s = 0;
    *ret_token = token;
    *ret_ends_us = asked_us + (int64_t)(lifetime_s * (double)IX_SECOND_US);
    iots_reply_free(reply);
    return NULL;
}

/* Waits for the renewal that another thread does. The lock is held. NULL, or why it failed. */
static iots_reply *await_renewal(oauth2 *own)
{
    const unsigned long seen = own->renewals;
    while (own->renewals == seen)
        pthread_cond_wait(&own->over, &own->lock);
    if (own->outcome.code == IOTS_OK)
        return NULL;
    return iots_failure(own->outcome.code, "%s", own->outcome.message);
}

static iots_reply *credentials_wiped(void)
{
    return iots_failure(IOTS_UNAUTHENTICATED, "The client's credentials were wiped");
}

/* Gets a new token. The lock is held, but not while the server is asked. NULL, or why it failed. */
static iots_reply *renew(oauth2 *own, iots_api *api)
{
    if (own->is_renewing)
        return await_renewal(own);
    if (!own->client_secret)
        return credentials_wiped();
    own->is_renewing = true;
    const char *secret = own->client_secret; /* stays: it goes only with the API */
    pthread_mutex_unlock(&own->lock);

    char *token = NULL;
    int64_t ends_us = 0;
    const int64_t asked_us = ix_uptime_us(); /* its life may have begun then */
    iots_reply *answer = ask_token(own, api, secret, (iots_call_opts){0});
    iots_reply *failure = take_token(answer, asked_us, &token, &ends_us);

    pthread_mutex_lock(&own->lock);
    if (token)
        put_token(own, token, ends_us);
    own->outcome = (ix_error){.code = failure ? iots_reply_code(failure) : IOTS_OK};
    if (failure)
        snprintf(own->outcome.message, sizeof own->outcome.message, "%s", iots_error(failure));
    own->renewals++;
    own->is_renewing = false;
    pthread_cond_broadcast(&own->over);
    return failure;
}

static iots_reply *oauth2_get_token(iots_security *security, iots_api *api)
{
    oauth2 *own = (oauth2 *)security;
    pthread_mutex_lock(&own->lock);
    iots_reply *failure = renew(own, api);
    pthread_mutex_unlock(&own->lock);
    return failure;
}

/* Puts the token at hand into the request, if it lasts long enough or `any` will do. The lock is
 * held. */
static bool apply_held(const oauth2 *own, iots_request *request, bool any)
{
    if (!own->token || (!any && ix_uptime_us() + own->threshold_us >= own->ends_us))
        return false;
    set_bearer(request, own->token);
    return true;
}

iots_reply *auth_just_revoked(void)
{
    return iots_failure(IOTS_UNAUTHENTICATED, "The token has just been revoked");
}

static iots_reply *oauth2_apply(iots_security *security, iots_api *api, iots_request *request)
{
    oauth2 *own = (oauth2 *)security;
    iots_reply *failure = NULL;
    pthread_mutex_lock(&own->lock);
    if (!apply_held(own, request, false)) {
        failure = renew(own, api);
        if (!failure && !apply_held(own, request, true))
            failure = auth_just_revoked();
    }
    pthread_mutex_unlock(&own->lock);
    return failure;
}

static bool oauth2_refused(iots_security *security, const iots_request *request)
{
    static const char front[] = "Bearer ";
    oauth2 *own = (oauth2 *)security;
    const char *sent = iots_request_header(request, "Authorization");
    if (!sent || strncmp(sent, front, sizeof front - 1) != 0)
        return false;
    pthread_mutex_lock(&own->lock);
    if (own->token && strcmp(own->token, sent + sizeof front - 1) == 0)
        put_token(own, NULL, 0); /* else there is a newer one already */
    pthread_mutex_unlock(&own->lock);
    return true;
}

static iots_reply *oauth2_revoke(iots_security *security, iots_api *api, const char *client_id,
                                 const char *client_secret)
{
    oauth2 *own = (oauth2 *)security;
    pthread_mutex_lock(&own->lock);
    char *token = own->token ? strdup(own->token) : NULL;
    const bool no_memory = own->token && !token;
    const char *secret = client_secret ? client_secret : own->client_secret;
    pthread_mutex_unlock(&own->lock);
    if (no_memory)
        return iots_failure(IOTS_NO_MEMORY, NULL);
    if (!token)
        return NULL;

    iots_reply *failure = NULL;
    if (*own->revoke_token_url && secret)
        failure = revoke(api, own->revoke_token_url, own->verify, token,
                         client_id ? client_id : own->client_id, secret);
    pthread_mutex_lock(&own->lock);
    if (!failure && own->token && strcmp(own->token, token) == 0)
        put_token(own, NULL, 0);
    pthread_mutex_unlock(&own->lock);
    secret_free(token);
    return failure;
}

static iots_reply *oauth2_clean(iots_security *security, iots_api *api)
{
    oauth2 *own = (oauth2 *)security;
    iots_reply *failure = oauth2_revoke(security, api, NULL, NULL);
    pthread_mutex_lock(&own->lock);
    put_token(own, NULL, 0);
    secret_free(own->client_secret);
    own->client_secret = NULL;
    pthread_mutex_unlock(&own->lock);
    return failure;
}

static void oauth2_free(iots_security *security)
{
    oauth2 *own = (oauth2 *)security;
    put_token(own, NULL, 0);
    secret_free(own->client_secret);
    free(own->client_id);
    free(own->scopes);
    free(own->token_url);
    free(own->revoke_token_url);
    pthread_mutex_destroy(&own->lock);
    pthread_cond_destroy(&own->over);
    free(own);
}

/* ---- the same, for those who must not wait ---- */

bool auth_exchanges(const iots_security *security)
{
    return security->apply == oauth2_apply;
}

bool auth_apply_held(iots_security *security, iots_request *request, bool any)
{
    oauth2 *own = (oauth2 *)security;
    pthread_mutex_lock(&own->lock);
    const bool ok = apply_held(own, request, any);
    pthread_mutex_unlock(&own->lock);
    return ok;
}

iots_reply *auth_ask(iots_security *security, iots_api *api, iots_call_opts ends)
{
    const oauth2 *own = (oauth2 *)security;
    const char *secret = own->client_secret; /* stays: it goes only with the API */
    return secret ? ask_token(own, api, secret, ends) : credentials_wiped();
}

iots_reply *auth_take(iots_security *security, iots_reply *reply, int64_t asked_us)
{
    oauth2 *own = (oauth2 *)security;
    char *token = NULL;
    int64_t ends_us = 0;
    iots_reply *failure = take_token(reply, asked_us, &token, &ends_us);
    if (failure)
        return failure;
    pthread_mutex_lock(&own->lock);
    put_token(own, token, ends_us);
    pthread_mutex_unlock(&own->lock);
    return NULL;
}

/* ---- made ---- */

static int64_t threshold_us_of(const iots_oauth2_opts *opts)
{
    const int seconds = opts->refresh_threshold_s;
    return seconds < 0 ? 0 : (seconds ? seconds : DEFAULT_THRESHOLD_S) * IX_SECOND_US;
}

iots_security *iots_oauth2_client_credentials_new(const char *client_id, const char *client_secret,
                                                  const char *scopes, const iots_oauth2_opts *given)
{
    iots_oauth2_opts opts;
    ix_ctx cx = {0}; /* no memory is asked of it */
    if (!opts_take(&cx, "iots_oauth2_opts", given, &opts, sizeof opts))
        return NULL;
    oauth2 *own = client_id && client_secret ? calloc(1, sizeof *own) : NULL;
    if (!own)
        return NULL;
    own->base = (iots_security){.size = sizeof own->base,
                                .self = own,
                                .apply = oauth2_apply,
                                .refused = oauth2_refused,
                                .get_token = opts.lazy ? NULL : oauth2_get_token,
                                .revoke_token = oauth2_revoke,
                                .clean = oauth2_clean,
                                .free = oauth2_free};
    own->client_id = strdup(client_id);
    own->client_secret = strdup(client_secret);
    own->scopes = strdup(scopes ? scopes : "");
    own->token_url = strdup(opts.token_url ? opts.token_url : TOKEN_URL);
    own->revoke_token_url = strdup(opts.revoke_token_url ? opts.revoke_token_url : "");
    own->threshold_us = threshold_us_of(&opts);
    own->verify = opts.verify;
    pthread_mutex_init(&own->lock, NULL);
    pthread_cond_init(&own->over, NULL);
    if (own->client_id && own->client_secret && own->scopes && own->token_url &&
        own->revoke_token_url)
        return &own->base;
    oauth2_free(&own->base);
    return NULL;
}
