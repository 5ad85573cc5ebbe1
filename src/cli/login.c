/* SPDX-License-Identifier: Apache-2.0 */
/* iots login, iots logout, iots space use: what is stored for the next time. */
#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/builtins.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "cli/tokens.h"
#include "contract/ops.h"

enum { LINE_MAX_BYTES = 4096 };

/* ---- asking ---- */

/* A line of standard input, without its end, in cx. NULL at the end of input and on failure. */
static char *line_read(ix_ctx *cx)
{
    char line[LINE_MAX_BYTES];
    size_t len = 0;
    bool is_line = false;
    while (len < sizeof line) {
        const ssize_t got = interrupt_read(STDIN_FILENO, line + len, 1);
        is_line = got == 1 || (got == 0 && len > 0);
        if (got <= 0 || line[len] == '\n')
            break;
        len++;
    }
    if (len > 0 && line[len - 1] == '\r')
        len--;
    char *copy = NULL;
    if (!is_line)
        ix_fail(cx, IOTS_USAGE, "standard input ended before it was answered");
    else if (len == sizeof line)
        ix_fail(cx, IOTS_USAGE, "a line of standard input is longer than %d bytes", LINE_MAX_BYTES);
    else
        copy = ix_strndup(cx, line, len);
    explicit_bzero(line, sizeof line);
    return copy;
}

/* What is typed does not show. */
static char *secret_ask(ix_ctx *cx, const char *question)
{
    struct termios before;
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        ix_fail(cx, IOTS_USAGE, "the terminal cannot be reported to hide the secret: %s",
                strerror(errno));
        return NULL;
    }
    struct termios hidden = before;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    fprintf(stderr, "%s: ", question);
    char *secret = line_read(cx);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return secret;
}

/* An answer, or what is set already if it is empty. */
static const char *ask(ix_ctx *cx, const char *question, const char *present)
{
    if (present)
        fprintf(stderr, "%s [%s]: ", question, present);
    else
        fprintf(stderr, "%s: ", question);
    const char *answer = line_read(cx);
    return answer && !*answer ? present : answer;
}

static void login_set(cli_profile *profile, cli_setting setting, const char *value)
{
    profile->values[setting] = value;
    profile->sources[setting] = value ? FROM_OPTION : FROM_NOWHERE;
}

/* Asks for a setting that was not given, if there is someone to ask. */
static bool setting_ask(cli_session *session, cli_setting setting, const char *question)
{
    cli_profile *profile = &session->profile;
    if (profile->sources[setting] == FROM_OPTION || profile->sources[setting] == FROM_ENVIRONMENT)
        return true;
    if (isatty(STDIN_FILENO))
        login_set(profile, setting, ask(session->cx, question, profile->values[setting]));
    if (ix_failed(session->cx))
        return false;
    return profile->values[setting] ||
           ix_fail(session->cx, IOTS_USAGE, "--%s or %s is missing", setting_rows[setting].flag,
                   setting_rows[setting].variable);
}

static bool secret_get(cli_session *session)
{
    cli_profile *profile = &session->profile;
    const source source = profile->sources[SETTING_client_secret];
    const bool has_command = profile->sources[SETTING_secret_command] >= FROM_ENVIRONMENT &&
                             profile->sources[SETTING_secret_command] >= source;
    if (has_command && !args_has(session->args, "secret-stdin")) {
        login_set(profile, SETTING_client_secret, NULL);
        return true;
    }
    login_set(profile, SETTING_secret_command, NULL);
    if (args_has(session->args, "secret-stdin"))
        login_set(profile, SETTING_client_secret, line_read(session->cx));
    else if (source != FROM_OPTION && source != FROM_ENVIRONMENT && isatty(STDIN_FILENO))
        login_set(profile, SETTING_client_secret, secret_ask(session->cx, "Client secret"));
    else if (source != FROM_OPTION && source != FROM_ENVIRONMENT)
        return ix_fail(session->cx, IOTS_USAGE,
                       "the secret is missing: pipe it in with --secret-stdin, give "
                       "--secret-command, or set IOTS_CLIENT_SECRET");
    if (ix_failed(session->cx))
        return false;
    const char *secret = profile->values[SETTING_client_secret];
    return (secret && *secret) || ix_fail(session->cx, IOTS_USAGE, "the secret is empty");
}

/* ---- login ---- */

static bool host_get(cli_session *session)
{
    ix_ctx *cx = session->cx;
    cli_profile *profile = &session->profile;
    const cli_args *args = session->args;
    if (args->word_count > 1)
        return ix_fail(cx, IOTS_USAGE, "'%s' is one word too many", args->words[1]);
    if (args->word_count == 1)
        login_set(profile, SETTING_host, args->words[0]);
    if (!setting_ask(session, SETTING_host, "Server"))
        return false;
    const char *host = host_normal(cx, profile->values[SETTING_host]);
    if (!host)
        return false;

    /* What is stored for another host stays there. */
    struct cli_profile stored;
    if (!profile_stored(cx, profile->name, &stored))
        return false;
    const char *stored_host = stored.values[SETTING_host];
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (stored_host && strcmp(stored_host, host) != 0 && profile->sources[i] == FROM_STORE)
            login_set(profile, (cli_setting)i, NULL);
    }
    login_set(profile, SETTING_host, host);
    return true;
}

/* Good credentials are those that the server gives a token for. */
static bool login_check(cli_session *session)
{
    if (!session_open_anonymous(session))
        return false;
    const iots_code code =
        iots_api_with_security(session->api, tokens_strategy(&session->profile, true));
    if (code == IOTS_OK)
        return true;
    /* OAuth2 says 400 for what is a refusal. */
    return ix_fail(session->cx, code == IOTS_INVALID ? IOTS_UNAUTHENTICATED : code,
                   "%.400s; nothing was stored", iots_api_error(session->api));
}

bool login_run(cli_session *session)
{
    const cli_profile *profile = &session->profile;
    interrupt_catch();
    if (!host_get(session) || !setting_ask(session, SETTING_client_id, "Client ID") ||
        !secret_get(session)) {
        if (!interrupt_seen())
            return false;
        ix_ctx_clear_error(session->cx);
        session->exit_code = EXIT_INTERRUPTED;
        return true;
    }
    const char *host = profile->values[SETTING_host];
    if (!host_is_private(host))
        session_remark(session, "iots: %s is not encrypted: the secret goes over the net in clear",
                       host);
    if (!login_check(session) || !profile_save(session->cx, profile))
        return false;

    session_remark(session, "logged in to %s as %s", host, profile->values[SETTING_client_id]);
    if (profile->name_source >= FROM_ENVIRONMENT)
        session_remark(session,
                       "this is the profile '%s'; make it the usual one: iots profile use %s",
                       profile->name, profile->name);
    if (profile->values[SETTING_space])
        session_remark(session, "the space is '%s'", profile->values[SETTING_space]);
    else
        session_remark(session, "choose a space: iots space use NAME");
    return true;
}

bool logout_run(cli_session *session)
{
    ix_ctx *cx = session->cx;
    if (session->args->word_count > 0)
        return ix_fail(cx, IOTS_USAGE, "'%s' is one word too many", session->args->words[0]);

    /* Of what was stored, whatever the options and the environment say. */
    cli_profile stored;
    if (!profile_stored(cx, session->profile.name, &stored))
        return false;
    const char *host = stored.values[SETTING_host];
    session->profile = stored;
    bool is_revoked = true;
    const bool has_secret =
        stored.values[SETTING_client_secret] || stored.values[SETTING_secret_command];
    if (host && stored.values[SETTING_client_id] && has_secret) {
        is_revoked = session_open_anonymous(session);
        if (is_revoked) {
            iots_api_with_security(session->api, tokens_strategy(&session->profile, false));
            iots_reply *reply = iots_api_revoke_token(session->api, NULL, NULL);
            is_revoked = session_ok(session, reply);
            iots_reply_free(reply);
        }
    }
    /* What is here goes in any case; the first failure is the one reported. */
    const bool is_removed = profile_remove(cx, &stored) && tokens_remove(cx, &stored);
    if (!is_revoked || !is_removed)
        return false;
    session_remark(session, host ? "logged out of %s" : "there was nothing stored%s",
                   host ? host : "");
    return true;
}

/* ---- space use ---- */

/* Asks the server whether there is such a space. True as well if it cannot be asked. */
static bool space_check(cli_session *session, const char *name)
{
    ix_ctx *cx = session->cx;
    if (!session_open(session)) {
        ix_ctx_clear_error(cx);
        return true;
    }
    ix_buf names = {0};
    bool is_there = false;
    iots_pager *spaces = iots_spaces_list(session->api, NULL);
    for (const iots_json *space; (space = iots_pager_next(spaces));) {
        const char *found = iots_json_string(space, "/name");
        is_there = is_there || (found && strcmp(found, name) == 0);
        ix_buf_format(&names, "%s%s", names.len > 0 ? ", " : "", found ? found : "");
    }
    const iots_reply *reply = iots_pager_reply(spaces);
    bool ok = true;
    if (!iots_ok(reply))
        session_remark(session, "iots: not checked whether there is such a space: %s",
                       iots_error_report(reply));
    else if (!is_there)
        ok = ix_fail(cx, IOTS_NOT_FOUND, "this client sees no space '%s'; it sees: %.300s", name,
                     names.len > 0 ? names.at : "none");
    iots_pager_free(spaces);
    ix_buf_done(&names);
    return ok;
}

bool space_use_run(cli_session *session)
{
    ix_ctx *cx = session->cx;
    const cli_args *args = session->args;
    if (args->word_count != 1)
        return ix_fail(cx, IOTS_USAGE, args->word_count ? "one space at a time" : "which space?");
    const char *name = args->words[0];
    if (!ix_space_is_valid(ix_str_of(name)))
        return ix_fail(cx, IOTS_INVALID,
                       "'%.100s' cannot be a space: expected lower-case letters, digits, - and _",
                       name);

    cli_profile stored;
    if (!profile_stored(cx, session->profile.name, &stored))
        return false;
    const char *host = session->profile.values[SETTING_host];
    const char *stored_host = stored.values[SETTING_host];
    if (host && stored_host && strcmp(host, stored_host) != 0)
        return ix_fail(cx, IOTS_USAGE,
                       "what is stored belongs to %.150s, but %s says %.150s: log in there, or use "
                       "IOTS_SPACE",
                       stored_host, profile_origin(cx, &session->profile, SETTING_host), host);
    session->profile.values[SETTING_space] = NULL;
    if (!space_check(session, name))
        return false;
    login_set(&stored, SETTING_space, name);
    if (!profile_save(cx, &stored))
        return false;
    session_remark(session, "the space is '%s'", name);
    return true;
}
