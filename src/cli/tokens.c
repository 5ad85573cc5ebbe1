/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tokens.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"

static const char file_name[] = "tokens.json";
enum { FILE_MAX = 1024 * 1024, LIFETIME_S = 3600 };

#define NEARLY_OVER_US (30 * IX_SECOND_US)

/* A clock earlier than this has not been set: 2024. */
#define CLOCK_UNSET_US (INT64_C(1704067200) * IX_SECOND_US)

/* ---- the file ----
 *
 * {"<host> <client> <scopes>": {"token": ..., "asked": <time>, "expires": <time>}}. A file that is
 * damaged is as good as none: it only holds what can be had again. So is a token that was asked for
 * later than now: the clock was set since, and nobody knows how old the token is.
 */

static const char *path_of(ix_ctx *cx, const cli_profile *profile)
{
    return profile->folder ? ix_format(cx, "%s/%s", profile->folder, file_name) : NULL;
}

static const char *key_of(ix_ctx *cx, const cli_profile *profile)
{
    const char *scopes = profile->values[SETTING_scopes];
    return ix_format(cx, "%s %s %s", profile->values[SETTING_host],
                     profile->values[SETTING_client_id], scopes ? scopes : "");
}

/* What is kept; an empty object if there is nothing. */
static ix_json *tokens_read(ix_ctx *cx, const cli_profile *profile)
{
    const char *path = path_of(cx, profile);
    char *text = NULL;
    size_t len = 0;
    if (path && file_read(cx, path, FILE_MAX, &text, &len) && text) {
        ix_json *tokens = ix_json_parse(cx, text, len);
        if (ix_json_kind(tokens) == IX_OBJECT)
            return tokens;
    }
    ix_ctx_clear_error(cx);
    return ix_json_new_object(cx);
}

static bool tokens_write(ix_ctx *cx, const cli_profile *profile, const ix_json *tokens)
{
    if (!profile->folder)
        return false;
    const char *text = ix_json_text(cx, tokens);
    return text && file_write(cx, profile->folder, file_name, ix_str_of(text));
}

static bool entry_is_alive(const ix_json *entry, int64_t *ret_left_us)
{
    const int64_t now_us = ix_now_us();
    int64_t asked_us, expires_us;
    if (!ix_time_parse(ix_json_str(ix_json_member(entry, "asked")), &asked_us) ||
        !ix_time_parse(ix_json_str(ix_json_member(entry, "expires")), &expires_us) ||
        asked_us > now_us || asked_us < CLOCK_UNSET_US)
        return false;
    *ret_left_us = expires_us - now_us;
    return *ret_left_us > NEARLY_OVER_US;
}

/* The entries that are still good, without that of `key`. */
static ix_json *tokens_without(ix_ctx *cx, const ix_json *tokens, const char *key)
{
    ix_json *kept = ix_json_new_object(cx);
    int64_t left_us;
    for (ix_member m = ix_members(tokens); m.name; m = ix_members_next(m)) {
        if (strcmp(m.name, key) != 0 && entry_is_alive(m.value, &left_us) &&
            !ix_json_set(cx, kept, m.name, m.value))
            return NULL;
    }
    return kept;
}

static bool token_keep(ix_ctx *cx, const cli_profile *profile, const char *token, int64_t asked_us,
                       int64_t lifetime_us)
{
    char asked[IX_TIME_TEXT], expires[IX_TIME_TEXT];
    if (asked_us < CLOCK_UNSET_US)
        return false;
    ix_time_write(asked_us, asked);
    ix_time_write(asked_us + lifetime_us, expires);
    const char *key = key_of(cx, profile);
    ix_json *tokens = key ? tokens_without(cx, tokens_read(cx, profile), key) : NULL;
    ix_json *entry = ix_json_new_object(cx);
    return tokens && entry && ix_json_set(cx, entry, "token", ix_json_new_string(cx, token)) &&
           ix_json_set(cx, entry, "asked", ix_json_new_string(cx, asked)) &&
           ix_json_set(cx, entry, "expires", ix_json_new_string(cx, expires)) &&
           ix_json_set(cx, tokens, key, entry) && tokens_write(cx, profile, tokens);
}

/* Forgets what is kept, if it is still this token: another run may have kept a newer one. */
static void token_drop(ix_ctx *cx, const cli_profile *profile, const char *token)
{
    const char *key = key_of(cx, profile);
    const ix_json *tokens = key ? tokens_read(cx, profile) : NULL;
    const char *kept =
        tokens ? ix_json_string(ix_json_at(ix_json_member(tokens, key), "/token")) : NULL;
    if (kept && token && strcmp(kept, token) == 0)
        tokens_write(cx, profile, tokens_without(cx, tokens, key));
}

/* Those of other clients; an empty object if there are none. */
static ix_json *tokens_of_others(ix_ctx *cx, const cli_profile *profile)
{
    ix_json *kept = ix_json_new_object(cx);
    const char *host = profile->values[SETTING_host];
    const char *client = profile->values[SETTING_client_id];
    const char *mine = host && client ? ix_format(cx, "%s %s ", host, client) : "";
    const ix_json *tokens = tokens_read(cx, profile);
    for (ix_member m = ix_members(tokens); kept && mine && m.name; m = ix_members_next(m)) {
        if (!ix_str_starts(ix_str_of(m.name), mine) && !ix_json_set(cx, kept, m.name, m.value))
            return NULL;
    }
    return mine ? kept : NULL;
}

bool tokens_remove(ix_ctx *cx, const cli_profile *profile)
{
    const char *path = path_of(cx, profile);
    const ix_json *others = path ? tokens_of_others(cx, profile) : NULL;
    if (ix_failed(cx))
        return false;
    if (others && ix_json_count(others) > 0)
        return tokens_write(cx, profile, others);
    if (!path || unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
        return true;
    return ix_fail(cx, IOTS_UNEXPECTED, "%s: %s", path, strerror(errno));
}

/* ---- the strategy ---- */

typedef struct reference {
    iots_security base;
    const cli_profile *profile;
    char *token;     /* NULL: not known yet */
    int64_t ends_us; /* by the uptime: whoever sets the clock meanwhile changes nothing */
    bool is_kept;    /* it is in the file, so that it may live on */
} reference;

static void reference_forget(reference *reference)
{
    if (reference->token)
        explicit_bzero(reference->token, strlen(reference->token));
    free(reference->token);
    reference->token = NULL;
    reference->is_kept = false;
}

static bool reference_take(reference *reference, const char *token, int64_t ends_us, bool is_kept)
{
    char *copy = strdup(token);
    if (!copy)
        return false;
    reference_forget(reference);
    reference->token = copy;
    reference->ends_us = ends_us;
    reference->is_kept = is_kept;
    return true;
}

static void form_add(ix_buf *form, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    if (form->len > 0)
        ix_buf_char(form, '&');
    ix_buf_text(form, name);
    ix_buf_char(form, '=');
    ix_buf_percent(form, ix_str_of(value));
}

static iots_reply *form_post(iots_api *api, const char *path, ix_buf *form)
{
    iots_reply *reply =
        form->failed
            ? iots_failure(IOTS_NO_MEMORY, NULL)
            : iots_api_request(api, "POST", path, iots_bytes(form->at, form->len),
                               IOTS_CALL(.auth = IOTS_NO,
                                         .headers =
                                             IOTS_PARAMS({"Content-Type",
                                                          "application/x-www-form-urlencoded"})));
    if (form->at)
        explicit_bzero(form->at, form->len);
    ix_buf_done(form);
    if (iots_reply_code(reply) != IOTS_OUTCOME_UNKNOWN)
        return reply;
    /* Asking for a token, or revoking one, does no harm if it is done twice. */
    iots_reply *failure = iots_failure(IOTS_TRANSPORT, "%s: no answer", path);
    iots_reply_free(reply);
    return failure;
}

/* Adds the secret; what went wrong, or NULL. */
static iots_reply *form_add_secret(ix_buf *form, const cli_profile *profile)
{
    ix_ctx cx;
    if (!ix_ctx_init(&cx, 0))
        return iots_failure(IOTS_NO_MEMORY, NULL);
    iots_reply *failure = NULL;
    const char *secret = profile_secret(&cx, profile);
    if (secret)
        form_add(form, "client_secret", secret);
    else
        failure = iots_failure(cx.error.code, "%s", cx.error.message);
    ix_ctx_done(&cx);
    return failure;
}

iots_reply *tokens_ask(const cli_profile *profile, const char *scopes, iots_api *api)
{
    ix_buf form = {0};
    form_add(&form, "grant_type", "client_credentials");
    form_add(&form, "client_id", profile->values[SETTING_client_id]);
    iots_reply *failure = form_add_secret(&form, profile);
    if (failure) {
        ix_buf_done(&form);
        return failure;
    }
    form_add(&form, "scope", scopes);
    return form_post(api, "/oauth2/token", &form);
}

/* Exchanges the secret for a token, and keeps it if there is a place. */
static iots_reply *reference_fetch(iots_security *security, iots_api *api)
{
    reference *reference = security->self;
    const cli_profile *profile = reference->profile;
    const int64_t asked_us = ix_now_us(), begins_us = ix_uptime_us();
    iots_reply *reply = tokens_ask(profile, profile->values[SETTING_scopes], api);
    if (!iots_ok(reply))
        return reply;

    const char *token = iots_json_string(iots_reply_body(reply), "/access_token");
    const int64_t lifetime_s = iots_json_integer(iots_reply_body(reply), "/expires_in", LIFETIME_S);
    iots_reply *failure = NULL;
    ix_ctx cx;
    if (!token || lifetime_s < 0 || lifetime_s > INT32_MAX) {
        failure = iots_failure(IOTS_PARSE, "the server's answer holds no usable access token");
    } else if (!ix_ctx_init(&cx, 0)) {
        failure = iots_failure(IOTS_NO_MEMORY, NULL);
    } else {
        const int64_t lifetime_us = lifetime_s * IX_SECOND_US;
        const bool is_kept = token_keep(&cx, profile, token, asked_us, lifetime_us);
        if (!reference_take(reference, token, begins_us + lifetime_us, is_kept))
            failure = iots_failure(IOTS_NO_MEMORY, NULL);
        ix_ctx_done(&cx);
    }
    iots_reply_free(reply);
    return failure;
}

/* Takes over what an earlier run has kept, if it is still good, or `any` will do. */
static void reference_find(reference *reference, bool any)
{
    ix_ctx cx;
    if (!ix_ctx_init(&cx, 0))
        return;
    const char *key = key_of(&cx, reference->profile);
    const ix_json *entry = key ? ix_json_member(tokens_read(&cx, reference->profile), key) : NULL;
    const char *token = ix_json_string(ix_json_member(entry, "token"));
    int64_t left_us = 0;
    if (token && (entry_is_alive(entry, &left_us) || any))
        reference_take(reference, token, ix_uptime_us() + left_us, true);
    ix_ctx_done(&cx);
}

static iots_reply *reference_apply(iots_security *security, iots_api *api, iots_request *request)
{
    reference *reference = security->self;
    if (reference->token && reference->ends_us <= ix_uptime_us() + NEARLY_OVER_US)
        reference_forget(reference);
    if (!reference->token)
        reference_find(reference, false);
    if (!reference->token) {
        iots_reply *failure = reference_fetch(security, api);
        if (failure)
            return failure;
    }
    ix_buf header = {0};
    ix_buf_format(&header, "Bearer %s", reference->token);
    const bool ok = !header.failed && iots_request_set_header(request, "Authorization", header.at);
    if (header.at)
        explicit_bzero(header.at, header.len);
    ix_buf_done(&header);
    return ok ? NULL : iots_failure(IOTS_NO_MEMORY, NULL);
}

static bool reference_refused(iots_security *security, const iots_request *request)
{
    (void)request;
    reference *reference = security->self;
    ix_ctx cx;
    if (reference->is_kept && ix_ctx_init(&cx, 0)) {
        token_drop(&cx, reference->profile, reference->token);
        ix_ctx_done(&cx);
    }
    reference_forget(reference);
    return true;
}

static iots_reply *reference_revoke(iots_security *security, iots_api *api, const char *client_id,
                                    const char *client_secret)
{
    reference *reference = security->self;
    if (!reference->token)
        reference_find(reference, true);
    if (!reference->token)
        return NULL;
    const char *const *values = reference->profile->values;
    ix_buf form = {0};
    form_add(&form, "token", reference->token);
    form_add(&form, "client_id", client_id ? client_id : values[SETTING_client_id]);
    form_add(&form, "client_secret", client_secret);
    iots_reply *failure = client_secret ? NULL : form_add_secret(&form, reference->profile);
    if (failure) {
        ix_buf_done(&form);
        return failure;
    }
    iots_reply *reply = form_post(api, "/oauth2/revoke", &form);
    if (!iots_ok(reply))
        return reply;
    iots_reply_free(reply);
    reference_refused(security, NULL);
    return NULL;
}

static iots_reply *reference_clean(iots_security *security, iots_api *api)
{
    reference *reference = security->self;
    iots_reply *failure = reference->token && !reference->is_kept
                              ? reference_revoke(security, api, NULL, NULL)
                              : NULL;
    reference_forget(reference);
    return failure;
}

static void reference_free(iots_security *security)
{
    reference_forget(security->self);
    free(security->self);
}

iots_security *tokens_strategy(const cli_profile *profile, bool is_fresh)
{
    reference *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->profile = profile;
    made->base = (iots_security){
        .size = sizeof made->base,
        .self = made,
        .apply = reference_apply,
        .refused = reference_refused,
        .get_token = is_fresh ? reference_fetch : NULL,
        .revoke_token = reference_revoke,
        .clean = reference_clean,
        .free = reference_free,
    };
    return &made->base;
}
