/* SPDX-License-Identifier: Apache-2.0 */
#include "api/oauth2.h"

#include <string.h>

#include "api/api.h"
#include "api/name_list.h"

/* ---- saying no ---- */

static bool refuse_client(api_call *call)
{
    return oauth2_refuse(call, IOTS_UNAUTHENTICATED, "invalid_client",
                         "client authentication failed");
}

/* ---- the form ---- */

bool form_find(api_call *call, const char *name, ix_str *ret)
{
    *ret = (ix_str){0};
    bool is_there = false;
    for (const ix_pair *p = call->form; p; p = p->next) {
        if (!ix_str_is(p->name, name))
            continue;
        if (is_there)
            return oauth2_refuse(call, IOTS_INVALID, "invalid_request",
                                 ix_format(call->cx, "%s is given twice", name));
        is_there = true;
        *ret = p->value;
    }
    return true;
}

bool form_get(api_call *call, const char *name, ix_str *ret)
{
    return form_find(call, name, ret) &&
           (ret->len || oauth2_refuse(call, IOTS_INVALID, "invalid_request",
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
 * do so are reported by the two colons that our ids have inside. */
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
static bool read_basic(api_call *call, credentials *ret)
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
    ix_ctx_clear_error(call->cx);
    return refuse_client(call);
}

/* One of two ways in, or both if they agree. */
static bool agree(api_call *call, ix_str form, ix_str basic, ix_str *ret)
{
    if (form.len && basic.len && !ix_str_equal(form, basic))
        return oauth2_refuse(call, IOTS_INVALID, "invalid_request",
                             "two different client authentications");
    *ret = basic.len ? basic : form;
    return true;
}

static bool read_credentials(api_call *call, credentials *ret)
{
    credentials form = {0}, basic = {0};
    if (!form_find(call, "client_id", &form.id) ||
        !form_find(call, "client_secret", &form.secret) || !read_basic(call, &basic) ||
        !agree(call, form.id, basic.id, &ret->id) ||
        !agree(call, form.secret, basic.secret, &ret->secret))
        return false;
    if (!ret->id.len)
        return oauth2_refuse(call, IOTS_INVALID, "invalid_request", "client_id is required");
    return true;
}

/* Client IDs are no secrets (RFC 6749 2.2), so an unknown one is refused at no cost. */
static bool check_secret(api_call *call, ix_str secret, const client_row *client)
{
    const char *name = ix_format(call->cx, "client %s", client->id);
    bool is_right;
    return name && secret_check(call, name, client->secret_hash, secret, true, &is_right) &&
           (is_right || refuse_client(call));
}

bool client_prove(api_call *call, bool may_be_public, client_row *ret)
{
    credentials given = {0};
    if (!read_credentials(call, &given))
        return false;
    if (!ix_str_is_utf8(given.id)) /* Basic brings any bytes */
        return refuse_client(call);
    const char *id = ix_strndup(call->cx, given.id.at, given.id.len);
    bool found = false;
    if (!id || !store_client_find(call->cx, call->store, id, ret, &found))
        return false;
    if (!found)
        return refuse_client(call);
    if (ret->secret_hash)
        return check_secret(call, given.secret, ret);
    return (may_be_public && !given.secret.len) || refuse_client(call);
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool client_prove_again(api_call *call, const client_row *client)
{
    client_row now;
    bool found = false;
    if (!store_client_find(call->cx, call->store, client->id, &now, &found))
        return false;
    return (found && is_same_text(now.secret_hash, client->secret_hash)) || refuse_client(call);
}

/* ---- scopes ---- */

bool scopes_read(api_call *call, ix_str asked, const char *may, const char **ret)
{
    const char *granted = "";
    ix_str rest = asked, word;
    if (asked.len > OAUTH2_SCOPE_MAX)
        return oauth2_refuse(call, IOTS_INVALID, "invalid_scope", "that is too long a scope");
    while (name_list_next(&rest, &word)) {
        if (!ix_scope_is_valid(word) || !ix_scopes_cover(ix_str_of(may), word))
            return oauth2_refuse(call, IOTS_INVALID, "invalid_scope",
                                 "the client may not have all of these scopes");
        granted = name_list_add(call->cx, granted, word);
        if (!granted)
            return false;
    }
    *ret = *granted ? granted : may;
    return true;
}

/* ---- guessing ---- */

bool secret_check(api_call *call, const char *name, const char *hash, ix_str secret,
                  bool is_program, bool *ret_is_right)
{
    const throttle_try try = {
        .peer = call->request.peer,
        .name = ix_str_of(name),
        .hash = ix_str_of(hash),
        .secret = secret,
        .is_program = is_program,
    };
    throttle *throttle = call->api->throttle;
    if (ix_secret_is_random(hash)) {
        *ret_is_right = ix_secret_verify(hash, secret);
        return true;
    }
    const throttle_verdict verdict = throttle_ask(throttle, &try, &call->retry_after_s);
    if (verdict == THROTTLE_WAIT)
        return oauth2_refuse(call, IOTS_TOO_MANY, "slow_down",
                             "too many failures: try again later");
    *ret_is_right = verdict == THROTTLE_RIGHT;
    if (verdict != THROTTLE_CHECK)
        return true;
    *ret_is_right = ix_secret_verify(hash, secret);
    if (*ret_is_right)
        throttle_worked(throttle, &try);
    else
        throttle_failed(throttle, &try);
    return true;
}

/* ---- tickets ---- */

static const size_t ticket_part = IX_TOKEN_TEXT - 1;

bool ticket_read(ix_str text, oauth2_ticket *ret)
{
    if (text.len != 2 * ticket_part)
        return false;
    memcpy(ret->id, text.at, ticket_part);
    ret->id[ticket_part] = 0;
    ix_digest((ix_str){text.at + ticket_part, ticket_part}, ret->digest);
    return ix_str_is_utf8(ix_str_of(ret->id));
}

void ticket_new(const char *id, char text[OAUTH2_TICKET_TEXT], uint8_t digest[IX_DIGEST_LEN])
{
    memcpy(text, id, ticket_part);
    ix_token_new(text + ticket_part);
    ix_digest(ix_str_of(text + ticket_part), digest);
}

bool ticket_next(ix_ctx *cx, ix_str former, const uint8_t nonce[IX_DIGEST_LEN],
                 char text[OAUTH2_TICKET_TEXT], uint8_t digest[IX_DIGEST_LEN])
{
    uint8_t bytes[IX_DIGEST_LEN];
    ix_digest_keyed(nonce, (ix_str){former.at + ticket_part, ticket_part}, bytes);
    const char *secret = ix_base64url(cx, bytes, sizeof bytes);
    if (!secret)
        return false;
    memcpy(text, former.at, ticket_part);
    memcpy(text + ticket_part, secret, ticket_part + 1);
    ix_digest(ix_str_of(secret), digest);
    return true;
}
