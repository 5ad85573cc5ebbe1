/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <stdarg.h>
#include <string.h>

#include "cli/tokens.h"

enum { TIMEOUT_MS = 30 * 1000, REMARK_MAX = 4096 };

bool format_is_json(cli_format format)
{
    return format == FORMAT_JSON || format == FORMAT_LINES;
}

static bool format_read(ix_ctx *cx, const cli_args *args, cli_format *ret)
{
    static const char *const flags[] = {
        [FORMAT_JSON] = "json", [FORMAT_LINES] = "jsonl", [FORMAT_CSV] = "csv"};
    *ret = FORMAT_TABLE;
    for (cli_format format = FORMAT_JSON; format <= FORMAT_CSV; format++) {
        if (!args_has(args, flags[format]))
            continue;
        if (*ret != FORMAT_TABLE)
            return ix_fail(cx, IOTS_USAGE, "--%s and --%s exclude each other", flags[*ret],
                           flags[format]);
        *ret = format;
    }
    if (args_has(args, "csv-safe") && format_is_json(*ret))
        return ix_fail(cx, IOTS_USAGE, "--%s and --csv-safe exclude each other", flags[*ret]);
    if (args_has(args, "csv-safe"))
        *ret = FORMAT_CSV;
    return true;
}

static bool columns_check(ix_ctx *cx, const char *columns, cli_format format)
{
    size_t count = 0;
    for (ix_str rest = ix_str_of(columns), name; rest.len > 0; count += name.len > 0)
        rest = ix_str_cut(rest, ',', &name);
    if (format_is_json(format))
        return ix_fail(cx, IOTS_USAGE, "--columns goes with tables and with --csv");
    return (count > 0 && count <= SHEET_COLUMNS_MAX) ||
           ix_fail(cx, IOTS_USAGE, "--columns: expected 1 to %d names with commas between",
                   SHEET_COLUMNS_MAX);
}

/* A profile that was named is there, unless the command makes it, or lists those that are. */
static bool profile_check(ix_ctx *cx, const cli_command *command, const cli_profile *profile)
{
    if (profile_is_there(profile) || profile->name_source < FROM_ENVIRONMENT ||
        command->needs_no_profile)
        return true;
    return ix_fail(cx, IOTS_USAGE,
                   "there is no profile '%s'; 'iots profile list' shows them, and 'iots login "
                   "--profile %s' makes it",
                   profile->name, profile->name);
}

bool session_init(ix_ctx *cx, cli_commands all, const cli_command *command, const cli_args *args,
                  cli_session *ret)
{
    cli_session session = {
        .cx = cx,
        .all = all,
        .command = command,
        .args = args,
        .out = screen_of(stdout),
        .err = screen_of(stderr),
        .columns = args_value(args, "columns"),
        .is_csv_safe = args_has(args, "csv-safe"),
        .is_quiet = args_has(args, "quiet"),
    };
    if (!format_read(cx, args, &session.format))
        return false;
    if (session.columns && !columns_check(cx, session.columns, session.format))
        return false;
    if (!profile_load(cx, args, &session.profile) || !profile_check(cx, command, &session.profile))
        return false;
    *ret = session;
    return true;
}

bool session_timeout(cli_session *session, int *ret_ms)
{
    int64_t timeout_ms;
    if (!args_duration(session->cx, session->args, "timeout", TIMEOUT_MS, &timeout_ms))
        return false;
    *ret_ms = timeout_ms > 0 ? (int)timeout_ms : IOTS_NO_LIMIT;
    return true;
}

/* From how many bytes on bodies are sent in gzip; 0: never. */
static bool gzip_read(cli_session *session, size_t *ret_min_bytes)
{
    enum { MIN_BYTES = 1024 };
    const char *given = session->profile.values[SETTING_gzip];
    const bool is_on = given && strcmp(given, "yes") == 0;
    if (given && !is_on && strcmp(given, "no") != 0)
        return ix_fail(session->cx, IOTS_USAGE, "%s: '%.60s' is neither yes nor no",
                       profile_origin(session->cx, &session->profile, SETTING_gzip), given);
    *ret_min_bytes = is_on ? MIN_BYTES : 0;
    return true;
}

bool session_open_anonymous(cli_session *session)
{
    const cli_profile *profile = &session->profile;
    const char *host = profile->values[SETTING_host];
    int timeout_ms;
    size_t gzip_min_bytes = 0;
    if (session->api)
        return true;
    if (!host)
        return ix_fail(session->cx, IOTS_USAGE,
                       "no server is known: run 'iots login', or give --host or IOTS_HOST");
    if (!session_timeout(session, &timeout_ms) || !gzip_read(session, &gzip_min_bytes))
        return false;
    session->api = iots_api_new(
        IOTS_API_OPTS(.host = host, .ca_file = profile->values[SETTING_ca_file],
                      .timeout_ms = timeout_ms, .gzip_body_min_bytes = gzip_min_bytes,
                      .verify = args_has(session->args, "insecure") ? IOTS_NO : IOTS_DEFAULT));
    if (*iots_api_error(session->api))
        return ix_fail(session->cx, IOTS_USAGE, "%.400s", iots_api_error(session->api));
    return true;
}

bool session_open(cli_session *session)
{
    ix_ctx *cx = session->cx;
    const cli_profile *profile = &session->profile;
    if (session->api)
        return true;
    if (!session_open_anonymous(session))
        return false;
    if (profile_prefers_token(profile)) {
        const iots_code code = iots_api_set_token(session->api, profile->values[SETTING_token]);
        return code == IOTS_OK || ix_fail(cx, code, "%.400s", iots_api_error(session->api));
    }
    if (!profile->values[SETTING_client_id])
        return ix_fail(cx, IOTS_UNAUTHENTICATED,
                       "no client is known for %.200s: run 'iots login', or set IOTS_CLIENT_ID and "
                       "IOTS_CLIENT_SECRET",
                       profile->values[SETTING_host]);
    if (!profile_has_command(profile) && !profile_secret(cx, profile))
        return false;
    const iots_code code = iots_api_with_security(session->api, tokens_strategy(profile, false));
    return code == IOTS_OK || ix_fail(cx, code, "%.400s", iots_api_error(session->api));
}

void session_close(cli_session *session)
{
    iots_api_free(session->api);
    session->api = NULL;
}

bool session_ok(cli_session *session, const iots_reply *reply)
{
    if (iots_ok(reply))
        return true;
    return ix_fail(session->cx, iots_reply_code(reply), "%s", iots_error_report(reply));
}

const char *session_space(cli_session *session)
{
    const char *space = session->profile.values[SETTING_space];
    if (!space)
        ix_fail(session->cx, IOTS_USAGE,
                "no space: give --space NAME, or choose one for good by 'iots space use NAME'");
    return space;
}

void session_remark(cli_session *session, const char *format, ...)
{
    if (session->is_quiet)
        return;
    char line[REMARK_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    ix_buf clean = {0};
    text_clean(&clean, ix_str_of(line));
    fprintf(stderr, "%s\n", ix_buf_cstr(&clean));
    ix_buf_done(&clean);
}

/* ---- failures ---- */

/* The scopes any one of which would do. */
static void add_scopes(ix_buf *line, const ix_op *op)
{
    const char *between = "; it takes one of these scopes: ";
    for (int i = 0; i < IX_SCOPE_COUNT; i++) {
        if (!(op->scopes >> i & 1))
            continue;
        ix_buf_text(line, between);
        ix_buf_text(line, ix_scope_names[i]);
        between = ", ";
    }
}

/* What to do next, where the sentence does not say it. */
static void add_advice(ix_buf *line, const cli_session *session)
{
    const cli_command *command = session->command;
    const char *host = session->profile.values[SETTING_host];
    const char *space = session->profile.values[SETTING_space];
    switch (session->cx->error.code) {
    case IOTS_USAGE:
        if (command)
            ix_buf_format(line, "; see 'iots %s%s%s --help'", command->noun,
                          command->verb ? " " : "", command->verb ? command->verb : "");
        else
            ix_buf_text(line, "; see 'iots --help'");
        break;
    case IOTS_UNAUTHENTICATED:
        if (host && session->api && command && !command->logs_in)
            ix_buf_format(line,
                          "; %s does not accept who you are: run 'iots login', or look at "
                          "IOTS_CLIENT_ID, IOTS_CLIENT_SECRET and IOTS_TOKEN",
                          host);
        break;
    case IOTS_FORBIDDEN:
        if (space)
            ix_buf_format(line, "; the space is '%s'", space);
        if (command && command->op)
            add_scopes(line, command->op);
        break;
    case IOTS_NOT_FOUND:
        if (host && space)
            ix_buf_format(line, "; looked for in the space '%s' of %s", space, host);
        break;
    case IOTS_TRANSPORT:
    case IOTS_TIMEOUT:
        if (host && session->api)
            ix_buf_format(line, "; the server is %s: is it running, and is this its address?",
                          host);
        break;
    case IOTS_OUTCOME_UNKNOWN:
        ix_buf_text(line, "; look whether it was done before you repeat it");
        break;
    case IOTS_UNAVAILABLE:
    case IOTS_TOO_MANY:
    case IOTS_INTERNAL:
        ix_buf_text(line, "; try again later, or ask whoever runs the server");
        break;
    default:
        break;
    }
}

exit_code session_report(const cli_session *session)
{
    const ix_error *error = &session->cx->error;
    ix_buf line = {0}, advice = {0};
    ix_buf_text(&line, style_begin(&session->err, STYLE_BAD));
    ix_buf_text(&line, "iots:");
    ix_buf_text(&line, style_end(&session->err, STYLE_BAD));
    ix_buf_char(&line, ' ');
    text_clean(&line, ix_str_of(error->message));
    add_advice(&advice, session);
    text_clean(&line, (ix_str){ix_buf_cstr(&advice), advice.len});
    ix_buf_done(&advice);
    fprintf(stderr, "%s\n", ix_buf_cstr(&line));
    ix_buf_done(&line);
    return exit_code_of(error->code);
}
