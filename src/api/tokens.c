/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access tokens by client credentials (http-api.md 3.2, 3.3).
 *
 * Both operations go the slow way first: checking a secret takes tens of milliseconds. Then the
 * committer stores the token's digest, or removes it, and after the commit the live tokens follow.
 */
#include "api/tokens.h"
#include "base/time.h"
#include <string.h>

#include "api/api.h"

/* ---- saying no ---- */

static bool refuse(call *call, iots_code code, const char *word, const char *sentence)
{
    call->oauth2_error = word;
    return ix_fail(call->cx, code, "%s", sentence);
}

static bool refuse_client(call *call)
{
    return refuse(call, IOTS_UNAUTHENTICATED, "invalid_client", "client authentication failed");
}

/* ---- the form ---- */

/* A field of the form; empty, at NULL, if it is not there. No field may come twice (RFC 6749 3.2). */
static bool form_find(call *call, const char *name, ix_str *ret)
{
    *ret = (ix_str){0};
    bool is_there = false;
    for (const ix_pair *p = call->form; p; p = p->next) {
        if (!ix_str_is(p->name, name))
            continue;
        if (is_there)
            return refuse(call, IOTS_INVALID, "invalid_request",
                          ix_format(call->cx, "%s is given twice", name));
        is_there = true;
        *ret = p->value;
    }
    return true;
}

static bool form_get(call *call, const char *name, ix_str *ret)
{
    return form_find(call, name, ret) &&
           (ret->len || refuse(call, IOTS_INVALID, "invalid_request",
                               ix_format(call->cx, "%s is required", name)));
}

/* ---- who asks ---- */

typedef struct credentials {
    ix_str id, secret;
} credentials;

static bool form_decode(ix_ctx *cx, ix_str *text)
{
    char *out = ix_alloc(cx, text->len + 1);
    if (!out)
        return false;
    const ptrdiff_t len = ix_percent_decode(*text, true, out);
    if (len < 0)
        return ix_fail(cx, IOTS_INVALID, "bad escape in the Authorization header");
    *text = (ix_str){out, (size_t)len};
    return true;
}

/* RFC 6749 2.3.1 wants id and secret form-encoded before they are put together. Clients that do not
 * do so are told by the two colons that our ids have inside. */
static bool split_basic(ix_ctx *cx, ix_str pair, credentials *ret)
{
    ret->secret = ix_str_cut(pair, ':', &ret->id);
    if (!ix_str_starts(ret->secret, ":"))
        return form_decode(cx, &ret->id) && form_decode(cx, &ret->secret);

    const ix_str tail = {ret->secret.at + 1, ret->secret.len - 1};
    ix_str last;
    const ix_str secret = ix_str_cut(tail, ':', &last);
    *ret = (credentials){{pair.at, ret->id.len + 2 + last.len}, secret};
    return true;
}

/* From an Authorization header, if there is one of scheme Basic. */
static bool read_basic(call *call, credentials *ret)
{
    *ret = (credentials){0};
    ix_str scheme;
    const ix_str rest = ix_str_cut(ix_str_trim(call->request.authorization), ' ', &scheme);
    if (!ix_str_is_nocase(scheme, "Basic"))
        return true;
    ix_str pair;
    if (ix_base64_decode(call->cx, ix_str_trim(rest), &pair) && split_basic(call->cx, pair, ret))
        return true;
    if (call->cx->error.code == IOTS_NO_MEMORY)
        return false;
    ix_ctx_forgive(call->cx);
    return refuse_client(call);
}

/* One of two ways in, or both if they agree. */
static bool agree(call *call, ix_str form, ix_str basic, ix_str *ret)
{
    if (form.len && basic.len && !ix_str_equal(form, basic))
        return refuse(call, IOTS_INVALID, "invalid_request",
                      "two different client authentications");
    *ret = basic.len ? basic : form;
    return true;
}

static bool read_credentials(call *call, credentials *ret)
{
    credentials form = {0}, basic = {0};
    if (!form_find(call, "client_id", &form.id) ||
        !form_find(call, "client_secret", &form.secret) || !read_basic(call, &basic) ||
        !agree(call, form.id, basic.id, &ret->id) ||
        !agree(call, form.secret, basic.secret, &ret->secret))
        return false;
    if (!ret->id.len)
        return refuse(call, IOTS_INVALID, "invalid_request", "client_id is required");
    return true;
}

/* An unknown client costs as much time as a known one with a wrong secret. */
static bool check_client(call *call, client_row *ret)
{
    credentials given = {0};
    if (!read_credentials(call, &given))
        return false;
    if (!ix_str_is_utf8(given.id)) /* Basic brings any bytes */
        return refuse_client(call);
    const char *id = ix_strndup(call->cx, given.id.at, given.id.len);
    bool found;
    if (!id || !store_client_find(call->cx, call->store, id, ret, &found))
        return false;

    const bool has_secret = found && ret->secret_hash;
    const char *hash = has_secret ? ret->secret_hash : call->api->no_secret;
    return (ix_secret_verify(hash, given.secret) && has_secret) || refuse_client(call);
}

/* ---- a new token ---- */

/* A token in the making. */
typedef struct grant {
    client_row client;
    const char *scopes;
    uint8_t digest[IX_DIGEST_LEN];
    token_row row;
} grant;

static bool check_grant_type(call *call)
{
    ix_str type;
    if (!form_get(call, "grant_type", &type))
        return false;
    return ix_str_is(type, "client_credentials") ||
           refuse(call, IOTS_INVALID, "unsupported_grant_type",
                  "only client_credentials is supported");
}

static bool has_word(ix_str text, ix_str word)
{
    ix_str each;
    while (word_next(&text, &each)) {
        if (ix_str_equal(each, word))
            return true;
    }
    return false;
}

/* The scopes asked for, each once, if the client may have them; else all that it may have. */
static bool read_scopes(call *call, const client_row *client, const char **ret)
{
    ix_str asked;
    if (!form_find(call, "scope", &asked))
        return false;
    const char *granted = "";
    ix_str rest = asked, word;
    while (word_next(&rest, &word)) {
        if (!ix_scope_is_valid(word) || !ix_scopes_cover(ix_str_of(client->scopes), word))
            return refuse(call, IOTS_INVALID, "invalid_scope",
                          "the client may not have all of these scopes");
        if (has_word(ix_str_of(granted), word))
            continue;
        granted =
            ix_format(call->cx, "%s%s%.*s", granted, *granted ? " " : "", (int)word.len, word.at);
        if (!granted)
            return false;
    }
    *ret = *granted ? granted : client->scopes;
    return true;
}

bool prepare_token_create(call *call)
{
    grant *grant = ix_new(call->cx, struct grant, 1);
    if (!grant || !check_grant_type(call) || !check_client(call, &grant->client) ||
        !read_scopes(call, &grant->client, &grant->scopes))
        return false;
    call->prepared = grant;
    return true;
}

/* Has the client been removed, or given another secret, since its secret was checked? */
static bool check_client_again(call *call, const client_row *client)
{
    client_row now;
    bool found;
    if (!store_client_find(call->cx, call->store, client->id, &now, &found))
        return false;
    return (found && now.secret_hash && strcmp(now.secret_hash, client->secret_hash) == 0) ||
           refuse_client(call);
}

static bool reply_token(call *call, const char *token, const grant *grant)
{
    const long long lifetime_s = (long long)(call->api->settings.token_lifetime_us / IX_SECOND_US);
    ix_buf_format(&call->reply,
                  "{\"access_token\":\"%s\",\"token_type\":\"bearer\",\"expires_in\":%lld,"
                  "\"scope\":",
                  token, lifetime_s);
    ix_json_write_text(&call->reply, ix_str_of(grant->scopes));
    ix_buf_char(&call->reply, '}');
    reply_no_store(call);
    return reply_written(call);
}

static void after_create(call *call)
{
    const grant *grant = call->prepared;
    if (auth_token_added(call->api->auth, &grant->row, call->now_us))
        return;
    ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
    reply_failure(call);
}

bool on_token_create(call *call)
{
    grant *grant = call->prepared;
    if (!check_client_again(call, &grant->client))
        return false;

    char token[IX_TOKEN_TEXT];
    ix_token_new(token);
    ix_digest(ix_str_of(token), grant->digest);
    grant->row = (token_row){
        .digest = grant->digest,
        .client = grant->client.id,
        .scopes = grant->scopes,
        .spaces = grant->client.spaces,
        .thing = grant->client.thing,
        .expires_us = call->now_us + call->api->settings.token_lifetime_us,
    };
    if (!store_token_add(call->cx, call->store, &grant->row))
        return false;
    call->committed = after_create;
    return reply_token(call, token, grant);
}

/* ---- the end of a token ---- */

typedef struct revocation {
    uint8_t digest[IX_DIGEST_LEN];
} revocation;

bool prepare_token_revoke(call *call)
{
    ix_str token;
    client_row client;
    if (!form_get(call, "token", &token) || !check_client(call, &client))
        return false;

    revocation *made = ix_new(call->cx, revocation, 1);
    if (!made)
        return false;
    ix_digest(token, made->digest);
    const char *owner;
    if (!auth_find_client(call->cx, call->api->auth, made->digest, &owner))
        return false;
    if (owner && strcmp(owner, client.id) != 0)
        return refuse(call, IOTS_INVALID, "invalid_request", "the token is of another client");
    call->prepared = made;
    return true;
}

static void after_revoke(call *call)
{
    const revocation *revocation = call->prepared;
    auth_token_removed(call->api->auth, revocation->digest);
}

/* A token that is not known any more, or never was, is as good as revoked. */
bool on_token_revoke(call *call)
{
    const revocation *revocation = call->prepared;
    bool found;
    if (!store_token_remove(call->cx, call->store, revocation->digest, &found))
        return false;
    call->committed = after_revoke;
    reply_no_store(call);
    return reply_empty(call);
}
