/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorization code flow (docs/api/http.md 3.4): a client sends somebody here; they see who asks for
 * what, log in and allow it, or deny it; then they are sent back with a code.
 *
 * There are no sessions. The page's form carries all that was asked for, and it is all checked again
 * when the form comes back. A random value in a cookie and in the form must be the same, so that only
 * a page that this browser got from here can be sent in.
 *
 * As long as client and redirect URI are not known to belong together, what is wrong is shown on a
 * page; from then on the client hears it.
 */
#include "api/login.h"

#include <string.h>

#include "api/api.h"
#include "api/html.h"
#include "api/name_list.h"
#include "api/oauth2.h"
#include "base/time.h"
#include "contract/names.h"

enum {
    STATE_MAX = 2048,    /* bytes of `state`, which is sent back */
    PASSWORD_MAX = 1024, /* bytes that are worth hashing */
};

/* Scopes that open nothing by themselves: the client may have them whoever logs in. */
#define WITHOUT_EFFECT (IX_SCOPE_BIT(offline) | IX_SCOPE_BIT(offline_access) | IX_SCOPE_BIT(openid))

static const char cookie_name[] = "iots_login";

/* What a client asks for. */
typedef struct asked {
    client_row client;
    const char *redirect;
    const char *scopes;
    const char *challenge; /* or NULL */
} asked;

/* An argument; empty, at NULL, if it was not given. */
#define ARG(call, id) ((call)->args[IX_PARAM_##id].text)

/* ---- back to the client ---- */

typedef struct answer_pair {
    const char *name, *value;
} answer_pair;

static bool send_back(api_call *call, const asked *asked, const answer_pair *pairs, size_t count)
{
    ix_buf url = {0};
    ix_buf_text(&url, asked->redirect);
    char mark = strchr(asked->redirect, '?') ? '&' : '?';
    for (size_t i = 0; i < count; i++, mark = '&') {
        ix_buf_format(&url, "%c%s=", mark, pairs[i].name);
        ix_buf_percent(&url, ix_str_of(pairs[i].value));
    }
    if (call->args[IX_PARAM_state].given) {
        ix_buf_text(&url, "&state=");
        ix_buf_percent(&url, ARG(call, state));
    }
    const bool ok = url.failed ? ix_fail(call->cx, IOTS_NO_MEMORY, NULL)
                               : reply_location(call, ix_buf_cstr(&url)) &&
                                     reply_header(call, "Referrer-Policy", "no-referrer");
    ix_buf_done(&url);
    if (!ok)
        return false;
    reply_no_store(call);
    reply_empty(call);
    call->status = 302;
    return true;
}

static bool send_back_error(api_call *call, const asked *asked, const char *word,
                            const char *sentence)
{
    const answer_pair pairs[] = {{"error", word}, {"error_description", sentence}};
    return send_back(call, asked, pairs, 2);
}

static bool send_back_invalid(api_call *call, const asked *asked, const char *sentence)
{
    return send_back_error(call, asked, "invalid_request", sentence);
}

/* ---- what is asked for ---- */

static bool find_client(api_call *call, asked *asked)
{
    const ix_str id = ARG(call, client_id), redirect = ARG(call, redirect_uri);
    bool found = false;
    if (id.len && !store_client_find(call->cx, call->store, id.at, &asked->client, &found))
        return false;
    if (!found)
        return ix_fail(call->cx, IOTS_INVALID, "the application that sent you is not known here");
    if (!redirect.len || !asked->client.redirects ||
        !name_list_has(asked->client.redirects, redirect))
        return ix_fail(
            call->cx, IOTS_INVALID,
            "the application wants you back at an address that is not registered for it");
    asked->redirect = redirect.at;
    return true;
}

/* A SHA-256, or a token of ours. */
static bool is_43_of_base64url(ix_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            c != '-' && c != '_')
            return false;
    }
    return text.len == IX_TOKEN_TEXT - 1;
}

/* What is wrong with PKCE, or NULL. */
static const char *challenge_fault(api_call *call, const asked *asked)
{
    const ix_str challenge = ARG(call, code_challenge), method = ARG(call, code_challenge_method);
    if (!challenge.len)
        return asked->client.secret_hash && !method.len ? NULL : "code_challenge is required";
    if (!ix_str_is(method, "S256"))
        return "code_challenge_method must be S256";
    return is_43_of_base64url(challenge) ? NULL : "code_challenge is not a SHA-256 in base64url";
}

static bool read_scopes(api_call *call, asked *asked)
{
    if (scopes_read(call, ARG(call, scope), asked->client.scopes, &asked->scopes))
        return true;
    if (call->cx->error.code != IOTS_INVALID)
        return false;
    const char *sentence = ix_strdup(call->cx, call->cx->error.message);
    ix_ctx_clear_error(call->cx);
    return sentence && send_back_error(call, asked, "invalid_scope", sentence);
}

/* Reads what is asked for. True with a reply made: it is not going to be. */
static bool read_asked(api_call *call, asked *asked)
{
    if (!find_client(call, asked))
        return false;
    if (ARG(call, state).len > STATE_MAX) {
        call->args[IX_PARAM_state].given = false;
        return send_back_invalid(call, asked, "state is too long");
    }
    if (!ARG(call, response_type).len)
        return send_back_invalid(call, asked, "response_type is required");
    if (!ix_str_is(ARG(call, response_type), "code"))
        return send_back_error(call, asked, "unsupported_response_type",
                               "response_type must be code");
    const char *fault = challenge_fault(call, asked);
    if (fault)
        return send_back_invalid(call, asked, fault);
    if (ARG(call, code_challenge).len)
        asked->challenge = ARG(call, code_challenge).at;
    return read_scopes(call, asked);
}

/* ---- only a page from here ---- */

/* The value in the browser's cookie; empty if it has none of ours. */
static ix_str cookie_value(const api_call *call)
{
    for (ix_str rest = call->request.cookie, pair; rest.len;) {
        rest = ix_str_cut(rest, ';', &pair);
        ix_str name;
        const ix_str value = ix_str_cut(ix_str_trim(pair), '=', &name);
        if (ix_str_is(name, cookie_name) && is_43_of_base64url(value))
            return value;
    }
    return (ix_str){0};
}

static bool is_secure(const api_call *call)
{
    const char *url = call->api->settings.public_url;
    return call->request.is_tls || (url && strncmp(url, "https://", 8) == 0);
}

/* The value to write into the form. A browser that has none yet gets one; one that has keeps it, so
 * that two windows do not get into each other's way. It is for this folder of paths, wherever a proxy
 * has put it. */
static const char *form_value(api_call *call)
{
    const ix_str known = cookie_value(call);
    if (known.len)
        return ix_strndup(call->cx, known.at, known.len);
    char value[IX_TOKEN_TEXT];
    ix_token_new(value);
    const char *cookie = ix_format(call->cx, "%s=%s; HttpOnly; SameSite=Lax%s", cookie_name, value,
                                   is_secure(call) ? "; Secure" : "");
    return cookie && reply_header(call, "Set-Cookie", cookie) ? ix_strdup(call->cx, value) : NULL;
}

static bool is_from_here(api_call *call, ix_str form)
{
    const ix_str cookie = cookie_value(call);
    return cookie.len && cookie.len == form.len && ix_same_bytes(cookie.at, form.at, form.len);
}

/* ---- the page ---- */

static const char *meaning_of(ix_str scope)
{
    for (int i = 0; i < IX_SCOPE_COUNT; i++) {
        if (ix_str_is(scope, ix_scope_names[i]))
            return ix_scope_docs[i];
    }
    return "Something that means nothing here:";
}

static void write_scopes(ix_buf *buf, const char *scopes)
{
    ix_buf_text(buf, "<ul>\n");
    ix_str rest = ix_str_of(scopes), word;
    while (name_list_next(&rest, &word)) {
        ix_buf_text(buf, "<li>");
        html_text(buf, ix_str_of(meaning_of(word)));
        ix_buf_text(buf, " <code>");
        html_text(buf, word);
        ix_buf_text(buf, "</code></li>\n");
    }
    ix_buf_text(buf, "</ul>\n");
}

static void write_words(ix_buf *buf, const char *words)
{
    ix_str rest = ix_str_of(words), word;
    for (const char *between = ""; name_list_next(&rest, &word); between = ", ") {
        ix_buf_text(buf, between);
        html_text(buf, word);
    }
}

/* Who asks for what. */
static void write_question(ix_buf *buf, const asked *asked)
{
    ix_buf_text(buf, "<p>The application <strong>");
    html_text(buf, ix_str_of(asked->client.id));
    ix_buf_text(buf, "</strong> wants to act for you. Afterwards you go back to <strong>");
    html_text(buf, ix_redirect_origin(ix_str_of(asked->redirect)));
    ix_buf_text(buf, "</strong>.</p>\n<p>It asks to be allowed to:</p>\n");
    write_scopes(buf, asked->scopes);
    ix_buf_text(buf, "<p class=\"soft\">In these spaces: ");
    write_words(buf, asked->client.spaces);
    ix_buf_text(buf, ". It never gets more than you may do yourself, and it does not see your "
                     "password.</p>\n");
}

/* Where the form must come back to with all that was asked for. */
static void write_hidden(api_call *call, const char *value)
{
    ix_buf *buf = &call->reply;
    for (int i = 0; i < IX_PARAM_COUNT; i++) {
        if (!(ix_ops[IX_OP_login_page].params >> i & 1) || !call->args[i].given)
            continue;
        ix_buf_format(buf, "<input type=\"hidden\" name=\"%s\" value=\"", ix_params[i].name);
        html_text(buf, call->args[i].text);
        ix_buf_text(buf, "\">\n");
    }
    ix_buf_format(buf, "<input type=\"hidden\" name=\"form\" value=\"%s\">\n", value);
}

static void write_fields(ix_buf *buf, ix_str user, bool is_faulty)
{
    const char *hint = is_faulty ? " aria-describedby=\"fault\"" : "";
    ix_buf_format(
        buf,
        "<label for=\"user\">Name</label>\n"
        "<input id=\"user\" name=\"user\" autocomplete=\"username\" autocapitalize=\"none\" "
        "spellcheck=\"false\" maxlength=\"%d\" required%s value=\"",
        IX_USER_MAX, hint);
    html_text(buf, user);
    ix_buf_format(buf,
                  "\">\n<label for=\"password\">Password</label>\n"
                  "<input id=\"password\" name=\"password\" type=\"password\" "
                  "autocomplete=\"current-password\" maxlength=\"%d\" required%s>\n"
                  "<button name=\"decision\" value=\"allow\">Log in and allow</button>\n"
                  "<button name=\"decision\" value=\"deny\" class=\"other\" formnovalidate>"
                  "Deny</button>\n",
                  PASSWORD_MAX, hint);
}

/* `fault` is a sentence about what was sent in before, or NULL. */
static bool show_page(api_call *call, const asked *asked, int status, ix_str user,
                      const char *fault)
{
    const char *value = form_value(call);
    if (!value)
        return false;
    html_begin(call, "Allow access?", ix_redirect_origin(ix_str_of(asked->redirect)));
    ix_buf *buf = &call->reply;
    if (fault)
        ix_buf_format(buf, "<p class=\"fault\" role=\"alert\" id=\"fault\">%s</p>\n", fault);
    write_question(buf, asked);
    ix_buf_text(buf, "<form method=\"post\">\n");
    write_hidden(call, value);
    write_fields(buf, user, fault != NULL);
    ix_buf_text(buf, "</form>\n");
    return html_end(call, status);
}

bool on_login_page(api_call *call)
{
    asked asked = {0};
    if (!read_asked(call, &asked))
        return false;
    return call->status || show_page(call, &asked, 200, (ix_str){0}, NULL);
}

/* ---- the form ---- */

typedef struct login {
    asked asked;
    user_row user;
    const char *scopes, *spaces; /* granted */
} login;

static bool show_again(api_call *call, const login *login, int status, ix_str user,
                       const char *fault)
{
    return show_page(call, &login->asked, status, user, fault);
}

static bool show_wait(api_call *call, const login *login, ix_str user)
{
    const char *seconds = ix_format(call->cx, "%d", call->retry_after_s);
    const char *fault =
        ix_format(call->cx,
                  "That went wrong too often. Please wait %d second%s before you try again.",
                  call->retry_after_s, call->retry_after_s == 1 ? "" : "s");
    ix_ctx_clear_error(call->cx);
    return seconds && fault && reply_header(call, "Retry-After", seconds) &&
           show_again(call, login, 429, user, fault);
}

/* A field of the form; empty if it is longer than any that is right. */
static bool form_find_short(api_call *call, const char *name, size_t most, ix_str *ret)
{
    if (!form_find(call, name, ret))
        return false;
    if (ret->len > most)
        *ret = (ix_str){0};
    return true;
}

/* Who logs in. True with a page made: nobody. A name that is unknown costs as much time as a wrong
 * password. */
static bool check_user(api_call *call, login *login)
{
    ix_str name, password;
    if (!form_find_short(call, "user", IX_USER_MAX, &name) ||
        !form_find_short(call, "password", PASSWORD_MAX, &password))
        return false;
    const char *copy = ix_strndup(call->cx, name.at ? name.at : "", name.len);
    const char *throttle_name = ix_format(call->cx, "user %s", copy ? copy : "");
    if (!copy || !throttle_name)
        return false;
    bool found = false, is_right = false;
    if (ix_user_is_valid(name) &&
        !store_user_find(call->cx, call->store, copy, &login->user, &found))
        return false;
    const char *hash = found ? login->user.password_hash : call->api->no_secret;
    if (!secret_check(call, throttle_name, hash, password, false, &is_right))
        return call->cx->error.code == IOTS_TOO_MANY && show_wait(call, login, name);
    return (found && is_right) ||
           show_again(call, login, 403, name, "The name or the password is not right.");
}

/* Adds to `granted` what of the scope `asked` the user may do: all of it, or the parts of it that the
 * user has. */
static bool add_common_scope(ix_ctx *cx, ix_str asked, const char *users, const char **granted)
{
    const uint64_t bits = ix_scopes_allowed(asked);
    if (!(bits & ~WITHOUT_EFFECT) || ix_scopes_cover(ix_str_of(users), asked)) {
        *granted = name_list_add(cx, *granted, asked);
        return *granted != NULL;
    }
    const char *name = ix_strndup(cx, asked.at, asked.len);
    ix_str rest = ix_str_of(users), word;
    while (name && *granted && name_list_next(&rest, &word)) {
        if (ix_scopes_cover(ix_str_of(name), word))
            *granted = name_list_add(cx, *granted, word);
    }
    return name && *granted;
}

/* What both the client and the user may do. */
static bool find_common(api_call *call, login *login)
{
    ix_str rest = ix_str_of(login->asked.scopes), word;
    login->scopes = "";
    while (name_list_next(&rest, &word)) {
        if (!add_common_scope(call->cx, word, login->user.scopes, &login->scopes))
            return false;
    }
    rest = ix_str_of(login->asked.client.spaces);
    login->spaces = "";
    while (name_list_next(&rest, &word)) {
        if (name_list_has(login->user.spaces, word))
            login->spaces = name_list_add(call->cx, login->spaces, word);
        if (!login->spaces)
            return false;
    }
    return true;
}

static bool deny(api_call *call, const login *login, const char *sentence)
{
    return send_back_error(call, &login->asked, "access_denied", sentence);
}

/* Everything about the form that needs no write. True with a reply made: that is all. */
static bool read_form(api_call *call, login *login)
{
    ix_str form, decision;
    if (!ix_args_parse(call->cx, ix_ops[IX_OP_login_page].params, call->raw_body, call->args) ||
        !form_find(call, "form", &form) || !form_find(call, "decision", &decision) ||
        !read_asked(call, &login->asked))
        return false;
    if (call->status)
        return true;
    if (!is_from_here(call, form))
        return show_again(
            call, login, 403, (ix_str){0},
            "This form was too old, or your browser takes no cookies. Please try again.");
    if (ix_str_is(decision, "deny"))
        return deny(call, login, "the user said no");
    if (!ix_str_is(decision, "allow"))
        return ix_fail(call->cx, IOTS_INVALID, "the form says neither allow nor deny");
    return check_user(call, login);
}

bool offload_login_submit(api_call *call)
{
    login *login = ix_new(call->cx, struct login, 1);
    if (!login || !read_form(call, login))
        return false;
    if (call->status)
        return true;
    if (!find_common(call, login))
        return false;
    const bool asks_for_something =
        ix_scopes_allowed(ix_str_of(login->asked.scopes)) & ~WITHOUT_EFFECT;
    const bool gets_something = ix_scopes_allowed(ix_str_of(login->scopes)) & ~WITHOUT_EFFECT;
    if (!*login->spaces || (asks_for_something && !gets_something))
        return deny(call, login, "the user may not do any of this");
    call->offloaded = login;
    return true;
}

/* Are client and user still what they were when the password was checked? */
static bool check_both_again(api_call *call, const login *login, bool *ret)
{
    client_row client;
    user_row user;
    bool has_client, has_user;
    if (!store_client_find(call->cx, call->store, login->asked.client.id, &client, &has_client) ||
        !store_user_find(call->cx, call->store, login->user.name, &user, &has_user))
        return false;
    *ret = has_client && has_user && strcmp(user.password_hash, login->user.password_hash) == 0;
    return true;
}

bool on_login_submit(api_call *call)
{
    const login *login = call->offloaded;
    bool is_good;
    if (!check_both_again(call, login, &is_good))
        return false;
    if (!is_good)
        return deny(call, login, "user or client have just changed");

    char id[IX_TOKEN_TEXT], code[OAUTH2_TICKET_TEXT];
    uint8_t digest[IX_DIGEST_LEN];
    ix_token_new(id);
    ticket_new(id, code, digest);
    const grant_row grant = {
        .id = id,
        .client = login->asked.client.id,
        .user = login->user.name,
        .scopes = login->scopes,
        .spaces = login->spaces,
        .redirect = login->asked.redirect,
        .challenge = login->asked.challenge,
        .secret = digest,
        .expires_us = call->now_us + OAUTH2_CODE_S * IX_SECOND_US,
    };
    const answer_pair pairs[] = {{"code", code}};
    return store_grant_add(call->cx, call->store, &grant) &&
           send_back(call, &login->asked, pairs, 1);
}
