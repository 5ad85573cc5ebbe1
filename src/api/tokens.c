/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access tokens (docs/api/http.md 3.2, 3.3): by client credentials, for a code, for a refresh token; and
 * their end.
 *
 * Both operations go the slow way first: checking a secret may take tens of milliseconds. Then the
 * committer, which alone decides about codes and refresh tokens, stores the token's digest, or
 * removes it, and after the commit the live tokens follow.
 *
 * Codes and refresh tokens are good once. Whoever comes with one of the past has it from somewhere
 * where it should not have been, so all that came of it is revoked, and that is kept although the
 * call fails (RFC 9700 4.14.2). But answers get lost, and two windows ask at once: for a few seconds a
 * refresh token brings the same successor again, which is made of it and of a nonce.
 */
#include "api/tokens.h"

#include <string.h>

#include "api/api.h"
#include "api/failure.h"
#include "api/name_list.h"
#include "api/oauth2.h"
#include "base/time.h"

/* Digests of tokens that are revoked, for the live ones to follow. */
typedef struct revoked {
    uint8_t digest[IX_DIGEST_LEN];
    struct revoked *next;
} revoked;

typedef struct exchange exchange;

typedef struct grant_type {
    const char *name;
    bool may_be_public;                               /* may clients without a secret use it? */
    bool (*read)(api_call *call, exchange *exchange); /* the form */
    bool (*take)(api_call *call, exchange *exchange); /* in the committer */
} grant_type;

/* What is on its way through a call for a token. */
struct exchange {
    const grant_type *type;
    client_row client;
    ix_str scope;                    /* as asked for */
    ix_str code, redirect, verifier; /* of a code */
    ix_str refresh;                  /* token that is exchanged */
    grant_row grant;
    bool is_repeat;                  /* it was exchanged already, and nothing was since */
    char ticket[OAUTH2_TICKET_TEXT]; /* the refresh token that is given; "" for none */
    uint8_t secret[IX_DIGEST_LEN];   /* of that */
    uint8_t nonce[IX_DIGEST_LEN];
    const char *scopes;            /* of the access token */
    uint8_t digest[IX_DIGEST_LEN]; /* of the access token */
    token_row row;
    revoked *revoked;
};

/* ---- the end of a grant ---- */

typedef struct revoking {
    ix_ctx *cx;
    revoked **end;
} revoking;

static bool note_revoked(void *arg, const void *digest)
{
    revoking *revoking = arg;
    revoked *made = ix_new(revoking->cx, revoked, 1);
    if (!made)
        return false;
    memcpy(made->digest, digest, IX_DIGEST_LEN);
    *revoking->end = made;
    revoking->end = &made->next;
    return true;
}

/* Revokes all that was issued from a grant. */
static bool revoke_grant(api_call *call, const char *id, revoked **ret)
{
    revoking revoking = {call->cx, ret};
    return store_grant_remove(call->cx, call->store, id, note_revoked, &revoking) &&
           !ix_failed(call->cx);
}

static void forget_live(api_call *call, const revoked *revoked)
{
    for (; revoked; revoked = revoked->next)
        auth_token_removed(call->api->auth, revoked->digest);
}

/* ---- a new token ---- */

static bool refuse_grant(api_call *call, const char *sentence)
{
    return oauth2_refuse(call, IOTS_INVALID, "invalid_grant", sentence);
}

static void after_reuse(api_call *call)
{
    const exchange *exchange = call->offloaded;
    forget_live(call, exchange->revoked);
}

/* The answer is a failure; what was written for it stays. */
static bool refuse_reuse(api_call *call, exchange *exchange)
{
    if (!revoke_grant(call, exchange->grant.id, &exchange->revoked))
        return false;
    refuse_grant(call, "it was used before: all that was issued from it is revoked");
    reply_failure(call);
    ix_ctx_clear_error(call->cx);
    return call_on_commit(call, after_reuse);
}

static bool make_token(api_call *call, exchange *exchange, char token[IX_TOKEN_TEXT])
{
    const bool is_granted = exchange->grant.id != NULL;
    ix_token_new(token);
    ix_digest(ix_str_of(token), exchange->digest);
    exchange->row = (token_row){
        .digest = exchange->digest,
        .client = exchange->client.id,
        .scopes = exchange->scopes,
        .spaces = is_granted ? exchange->grant.spaces : exchange->client.spaces,
        .thing = exchange->client.thing,
        .grant = exchange->grant.id,
        .expires_us = call->now_us + call->api->settings.token_lifetime_us,
    };
    return store_token_add(call->cx, call->store, &exchange->row);
}

static void after_create(api_call *call)
{
    const exchange *exchange = call->offloaded;
    if (auth_token_added(call->api->auth, &exchange->row, call->now_us))
        return;
    ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
    reply_failure(call);
}

static bool reply_token(api_call *call, exchange *exchange)
{
    char token[IX_TOKEN_TEXT];
    if (!make_token(call, exchange, token))
        return false;
    const long long lifetime_s = (long long)(call->api->settings.token_lifetime_us / IX_SECOND_US);
    ix_buf_format(&call->reply,
                  "{\"access_token\":\"%s\",\"token_type\":\"bearer\",\"expires_in\":%lld,"
                  "\"scope\":",
                  token, lifetime_s);
    ix_json_write_text(&call->reply, ix_str_of(exchange->scopes));
    if (*exchange->ticket)
        ix_buf_format(&call->reply, ",\"refresh_token\":\"%s\"", exchange->ticket);
    ix_buf_char(&call->reply, '}');
    reply_no_store(call);
    return call_on_commit(call, after_create) && reply_written(call);
}

/* ---- by client credentials ---- */

static bool read_nothing(api_call *call, exchange *exchange)
{
    return scopes_read(call, exchange->scope, exchange->client.scopes, &exchange->scopes);
}

static bool take_credentials(api_call *call, exchange *exchange)
{
    return reply_token(call, exchange);
}

/* ---- by a grant ---- */

static bool is_digest(const void *kept, const oauth2_ticket *ticket)
{
    return kept && ix_same_bytes(kept, ticket->digest, IX_DIGEST_LEN);
}

/* Finds the grant that a code or refresh token is of. `*is_good`: it is the one that is good now. */
static bool find_grant(api_call *call, exchange *exchange, ix_str text, bool *is_good)
{
    oauth2_ticket ticket;
    grant_row *grant = &exchange->grant;
    bool found = false;
    if (ticket_read(text, &ticket) &&
        !store_grant_find(call->cx, call->store, ticket.id, grant, &found))
        return false;
    if (!found || strcmp(grant->client, exchange->client.id) != 0 ||
        grant->expires_us <= call->now_us)
        return refuse_grant(call, "it is unknown, expired, or of another client");
    *is_good = is_digest(grant->secret, &ticket);
    exchange->is_repeat = is_digest(grant->former, &ticket);
    return true;
}

/* The refresh token that is given: in exchange for another one, its successor. */
static bool make_ticket(api_call *call, exchange *exchange)
{
    grant_row *grant = &exchange->grant;
    grant->former = grant->nonce = NULL;
    if (!exchange->refresh.len) {
        ticket_new(grant->id, exchange->ticket, exchange->secret);
        return true;
    }
    ix_random(exchange->nonce, sizeof exchange->nonce);
    grant->former = grant->secret;
    grant->nonce = exchange->nonce;
    grant->rotated_us = call->now_us;
    return ticket_next(call->cx, exchange->refresh, exchange->nonce, exchange->ticket,
                       exchange->secret);
}

/* What is good now makes way for a refresh token, if that was allowed, else for nothing; then a token
 * is given. The store has the last word on whether it still is good. */
static bool exchange_grant(api_call *call, exchange *exchange)
{
    grant_row *grant = &exchange->grant;
    const bool is_offline = name_list_has(grant->scopes, IX_STR("offline")) ||
                            name_list_has(grant->scopes, IX_STR("offline_access"));
    const int64_t token_us = call->api->settings.token_lifetime_us;
    const int64_t refresh_us = OAUTH2_REFRESH_S * IX_SECOND_US;
    const void *spent = grant->secret;
    grant->is_redeemed = true;
    grant->expires_us = call->now_us + token_us;
    if (is_offline) {
        if (!make_ticket(call, exchange))
            return false;
        grant->expires_us = call->now_us + (refresh_us > token_us ? refresh_us : token_us);
    }
    grant->secret = is_offline ? exchange->secret : NULL;
    bool found = false;
    if (!store_grant_exchange(call->cx, call->store, grant, spent, &found))
        return false;
    return found ? reply_token(call, exchange) : refuse_reuse(call, exchange);
}

/* Was it exchanged so lately that the answer may have been lost? */
static bool is_repeat(const api_call *call, const exchange *exchange)
{
    const int64_t age_us = call->now_us - exchange->grant.rotated_us;
    return exchange->is_repeat && exchange->grant.nonce && age_us >= 0 &&
           age_us <= OAUTH2_REPEAT_S * IX_SECOND_US;
}

static bool repeat_exchange(api_call *call, exchange *exchange)
{
    uint8_t digest[IX_DIGEST_LEN];
    if (!ticket_next(call->cx, exchange->refresh, exchange->grant.nonce, exchange->ticket, digest))
        return false;
    return reply_token(call, exchange);
}

/* ---- for a code ---- */

static bool read_code(api_call *call, exchange *exchange)
{
    if (!exchange->client.redirects || !*exchange->client.redirects)
        return oauth2_refuse(call, IOTS_INVALID, "unauthorized_client",
                             "nobody can log in to a client without redirect URI");
    return form_get(call, "code", &exchange->code) &&
           form_get(call, "redirect_uri", &exchange->redirect) &&
           form_find(call, "code_verifier", &exchange->verifier);
}

/* RFC 7636 4.6. Where there was no challenge there is nothing to verify, and whoever tries takes part
 * in another exchange than the one they think. */
static bool check_verifier(api_call *call, const exchange *exchange)
{
    const char *challenge = exchange->grant.challenge;
    if (!challenge)
        return !exchange->verifier.len || refuse_grant(call, "there was no code_challenge");
    uint8_t digest[IX_DIGEST_LEN];
    ix_sha256(exchange->verifier, digest);
    const char *made = ix_base64url(call->cx, digest, sizeof digest);
    if (!made)
        return false;
    return strcmp(made, challenge) == 0 ||
           refuse_grant(call, "the code_verifier does not belong to the code_challenge");
}

static bool take_code(api_call *call, exchange *exchange)
{
    bool is_good = false;
    if (!find_grant(call, exchange, exchange->code, &is_good))
        return false;
    if (exchange->grant.is_redeemed)
        return refuse_reuse(call, exchange);
    if (!is_good)
        return refuse_grant(call, "the code is unknown");
    if (!ix_str_is(exchange->redirect, exchange->grant.redirect))
        return refuse_grant(call, "the redirect_uri is not the one that the code was sent to");
    if (!check_verifier(call, exchange))
        return false;
    exchange->scopes = exchange->grant.scopes;
    return exchange_grant(call, exchange);
}

/* ---- for a refresh token ---- */

static bool read_refresh(api_call *call, exchange *exchange)
{
    return form_get(call, "refresh_token", &exchange->refresh);
}

/* The new refresh token keeps all that was granted, whatever this access token is narrowed to (RFC
 * 6749 section 6). */
static bool take_refresh(api_call *call, exchange *exchange)
{
    bool is_good = false;
    if (!find_grant(call, exchange, exchange->refresh, &is_good))
        return false;
    if (!exchange->grant.is_redeemed)
        return refuse_grant(call, "this is not a refresh token");
    if (!is_good && !is_repeat(call, exchange))
        return refuse_reuse(call, exchange);
    return scopes_read(call, exchange->scope, exchange->grant.scopes, &exchange->scopes) &&
           (is_good ? exchange_grant(call, exchange) : repeat_exchange(call, exchange));
}

/* ---- POST /oauth2/token ---- */

// clang-format off
static const grant_type grant_types[] = {
    {"client_credentials", false, read_nothing, take_credentials},
    {"authorization_code", true,  read_code,    take_code},
    {"refresh_token",      true,  read_refresh, take_refresh},
};
// clang-format on

static const grant_type *find_type(api_call *call)
{
    ix_str name;
    if (!form_get(call, "grant_type", &name))
        return NULL;
    for (size_t i = 0; i < sizeof grant_types / sizeof grant_types[0]; i++) {
        if (ix_str_is(name, grant_types[i].name))
            return &grant_types[i];
    }
    oauth2_refuse(call, IOTS_INVALID, "unsupported_grant_type",
                  "client_credentials, authorization_code and refresh_token are supported");
    return NULL;
}

bool offload_token_create(api_call *call)
{
    exchange *exchange = ix_new(call->cx, struct exchange, 1);
    if (!exchange)
        return false;
    call->offloaded = exchange;
    exchange->type = find_type(call);
    return exchange->type && client_prove(call, exchange->type->may_be_public, &exchange->client) &&
           form_find(call, "scope", &exchange->scope) && exchange->type->read(call, exchange);
}

bool on_token_create(api_call *call)
{
    exchange *exchange = call->offloaded;
    return client_prove_again(call, &exchange->client) && exchange->type->take(call, exchange);
}

/* ---- POST /oauth2/revoke ---- */

typedef struct revocation {
    const char *client;
    uint8_t digest[IX_DIGEST_LEN]; /* of an access token */
    bool is_ticket;                /* a code or a refresh token */
    oauth2_ticket ticket;
    revoked *revoked;
} revocation;

static bool refuse_foreign(api_call *call)
{
    return oauth2_refuse(call, IOTS_INVALID, "invalid_request", "the token is of another client");
}

bool offload_token_revoke(api_call *call)
{
    ix_str token;
    client_row client;
    if (!form_get(call, "token", &token) || !client_prove(call, true, &client))
        return false;

    revocation *made = ix_new(call->cx, revocation, 1);
    if (!made)
        return false;
    made->client = client.id;
    made->is_ticket = ticket_read(token, &made->ticket);
    ix_digest(token, made->digest);
    const char *owner;
    if (!auth_find_client(call->cx, call->api->auth, made->digest, &owner))
        return false;
    call->offloaded = made;
    return !owner || strcmp(owner, client.id) == 0 || refuse_foreign(call);
}

static void after_revoke(api_call *call)
{
    const revocation *revocation = call->offloaded;
    auth_token_removed(call->api->auth, revocation->digest);
    forget_live(call, revocation->revoked);
}

/* With a refresh token goes all that was issued with it, also with one that is not the last. */
static bool revoke_ticket(api_call *call, revocation *revocation)
{
    grant_row grant;
    bool found;
    if (!store_grant_find(call->cx, call->store, revocation->ticket.id, &grant, &found))
        return false;
    if (!found)
        return true;
    return strcmp(grant.client, revocation->client) == 0
               ? revoke_grant(call, grant.id, &revocation->revoked)
               : refuse_foreign(call);
}

/* A token that is not known any more, or never was, is as good as revoked. */
bool on_token_revoke(api_call *call)
{
    revocation *revocation = call->offloaded;
    bool found;
    if (revocation->is_ticket
            ? !revoke_ticket(call, revocation)
            : !store_token_remove(call->cx, call->store, revocation->digest, &found))
        return false;
    reply_no_store(call);
    return call_on_commit(call, after_revoke) && reply_empty(call);
}
