/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots doctor: what is in the way of commands that do not work.
 *
 * The checks are rows, each relying on those before it. One that fails is reported with what to do next;
 * those that cannot be tried without it are passed over.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/time.h"
#include "cli/builtins.h"
#include "cli/probe.h"
#include "cli/session.h"
#include "cli/show/view.h"
#include "cli/tokens.h"

/* Ordered: the worst is the greatest. */
typedef enum state { STATE_PASSED_OVER, STATE_OK, STATE_WARNING, STATE_FAILED } state;

typedef struct finding {
    state state;
    const char *text;   /* what was found; in cx */
    const char *advice; /* what to do next; NULL: nothing */
} finding;

typedef struct doctor {
    cli_session *session;
    const char *host;
    int timeout_ms;
    cli_probe probe;
    iots_reply *health;
    const char *token;      /* that works; NULL until there is one */
    const char *granted;    /* its scopes; NULL: not known */
    bool is_scope_too_wide; /* the client exists, but may not have the scopes that are asked for */
    bool is_token_ours;     /* it was obtained here, and is to be revoked */
} doctor;

enum { CERTIFICATE_DAYS = 14, SKEW_WARNING_S = 10, SKEW_FAILED_S = 300 };

#define DAY_US (86400 * IX_SECOND_US)

__attribute__((format(printf, 4, 5))) static finding
found(const doctor *doctor, state state, const char *advice, const char *format, ...)
{
    ix_ctx *cx = doctor->session->cx;
    va_list args;
    char text[1024];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return (finding){state, ix_strdup(cx, text), advice};
}

static const char *setting_of(const doctor *doctor, cli_setting setting)
{
    return doctor->session->profile.values[setting];
}

static const char *origin_of(const doctor *doctor, cli_setting setting)
{
    return profile_origin(doctor->session->cx, &doctor->session->profile, setting);
}

/* ---- here ---- */

static finding check_profile(doctor *doctor)
{
    const cli_profile *profile = &doctor->session->profile;
    const char *path = profile_path(doctor->session->cx, profile);
    struct stat stat;
    if (!path)
        return found(doctor, STATE_WARNING, "set HOME or XDG_CONFIG_HOME",
                     "there is nowhere to store anything");
    if (!profile->is_stored || lstat(path, &stat) != 0)
        return found(doctor, STATE_OK, NULL,
                     "nothing is stored; the environment and options count");
    if (stat.st_mode & (S_IRWXG | S_IRWXO))
        return found(doctor, STATE_WARNING, ix_format(doctor->session->cx, "chmod 600 '%s'", path),
                     "others may read what is stored in %s", path);
    return found(doctor, STATE_OK, NULL, "'%s', in %s", profile->name, path);
}

static finding check_host(doctor *doctor)
{
    if (!doctor->host)
        return found(doctor, STATE_FAILED, "run 'iots login', or give --host or IOTS_HOST",
                     "no server is known");
    if (!host_is_private(doctor->host))
        return found(doctor, STATE_WARNING, "use https, if the server offers it",
                     "%s, from %s, is not encrypted: secrets go over the net in clear",
                     doctor->host, origin_of(doctor, SETTING_host));
    return found(doctor, STATE_OK, NULL, "%s, from %s", doctor->host,
                 origin_of(doctor, SETTING_host));
}

/* ---- the way ---- */

static finding check_name(doctor *doctor)
{
    cli_session *session = doctor->session;
    const bool verify = !args_has(session->args, "insecure");
    if (!probe_host(session->cx, doctor->host, setting_of(doctor, SETTING_ca_file), verify,
                    doctor->timeout_ms, &doctor->probe))
        return (finding){0};
    if (doctor->probe.reach <= REACH_NAME)
        return found(doctor, STATE_FAILED,
                     "look for a slip in the address; else ask whoever runs the network", "%s",
                     doctor->probe.why);
    return found(doctor, STATE_OK, NULL, "the server's name leads to an address");
}

static finding check_connection(doctor *doctor)
{
    const cli_probe *probe = &doctor->probe;
    if (probe->reach == REACH_ADDRESS)
        return found(
            doctor, STATE_FAILED,
            "is the server running, is this its port, and does a firewall let one through?", "%s",
            probe->why);
    return found(doctor, STATE_OK, NULL, "%s answers within %.1f ms", probe->address,
                 (double)probe->connect_us / 1000);
}

static finding check_certificate(doctor *doctor)
{
    const cli_probe *probe = &doctor->probe;
    if (probe->reach == REACH_HANDSHAKE)
        return found(doctor, STATE_FAILED,
                     "a certificate of one's own is trusted by --ca-file or IOTS_CA_FILE", "%s",
                     probe->why);
    if (!probe->has_tls)
        return found(doctor, STATE_PASSED_OVER, NULL, "the server is spoken to without TLS");
    if (args_has(doctor->session->args, "insecure"))
        return found(doctor, STATE_WARNING, "leave out --insecure", "it is not looked at");
    if (!probe->expires_us)
        return found(doctor, STATE_OK, NULL, "it is trusted");
    char end[IX_TIME_TEXT];
    ix_time_write(probe->expires_us, end);
    const int64_t days = (probe->expires_us - ix_now_us()) / DAY_US;
    if (days < CERTIFICATE_DAYS)
        return found(doctor, STATE_WARNING, "have it renewed",
                     "it is trusted, but ends in %lld days, at %s", (long long)days, end);
    return found(doctor, STATE_OK, NULL, "it is trusted, until %s", end);
}

/* ---- the server ---- */

static finding check_health(doctor *doctor)
{
    cli_session *session = doctor->session;
    if (!session_open_anonymous(session))
        return (finding){0};
    doctor->health = iots_health_get(session->api, IOTS_CALL(.retries = -1));
    if (iots_ok(doctor->health))
        return found(doctor, STATE_OK, NULL, "the server is well, and says so within %.1f ms",
                     (double)iots_reply_elapsed_us(doctor->health) / 1000);
    const bool is_other = iots_reply_code(doctor->health) == IOTS_NOT_FOUND;
    return found(doctor, STATE_FAILED,
                 is_other ? "is this the address of an iots server?"
                          : "try again later, or ask whoever runs the server",
                 "%s", iots_error_report(doctor->health));
}

/* Seconds between a time of HTTP, which counts whole seconds, and ours. */
static bool skew_of(const iots_reply *reply, int64_t *ret_s)
{
    int64_t theirs_us;
    const char *date = iots_reply_header(reply, "Date");
    if (!date || !probe_date(date, &theirs_us))
        return false;
    *ret_s = (ix_now_us() - theirs_us) / IX_SECOND_US;
    return true;
}

static finding check_clock(doctor *doctor)
{
    int64_t skew_s;
    if (!skew_of(doctor->health, &skew_s))
        return found(doctor, STATE_PASSED_OVER, NULL, "the server does not send its time");
    const long long off_s = llabs(skew_s);
    if (off_s < SKEW_WARNING_S)
        return found(doctor, STATE_OK, NULL, "the clocks agree");
    return found(doctor, off_s < SKEW_FAILED_S ? STATE_WARNING : STATE_FAILED,
                 "have both clocks set by NTP", "this clock is %lld s %s that of the server", off_s,
                 skew_s > 0 ? "ahead of" : "behind");
}

/* ---- who we are ---- */

static finding check_token(doctor *doctor)
{
    cli_session *session = doctor->session;
    const char *token = setting_of(doctor, SETTING_token);
    iots_api_set_token(session->api, token);
    iots_pager *spaces = iots_spaces_list(session->api, IOTS_LIST(.limit = 1, .retries = -1));
    iots_pager_next(spaces);
    const iots_code code = iots_reply_code(iots_pager_reply(spaces));
    const finding finding =
        code == IOTS_UNAUTHENTICATED
            ? found(doctor, STATE_FAILED, "it may be over: get a new one",
                    "the server does not accept the token from %s",
                    origin_of(doctor, SETTING_token))
            : found(doctor, STATE_OK, NULL, "the server accepts the token from %s",
                    origin_of(doctor, SETTING_token));
    if (code != IOTS_UNAUTHENTICATED)
        doctor->token = token;
    iots_pager_free(spaces);
    return finding;
}

static finding refused(doctor *doctor, const iots_reply *reply)
{
    const char *advice = profile_has_command(&doctor->session->profile)
                             ? "run the command for the secret by hand, or run 'iots login'"
                             : "run 'iots login', or look at IOTS_CLIENT_ID and IOTS_CLIENT_SECRET";
    return found(doctor, STATE_FAILED, advice, "no token for the client %s, from %s: %s",
                 setting_of(doctor, SETTING_client_id), origin_of(doctor, SETTING_client_id),
                 iots_error_report(reply));
}

/* Asks for a token with these scopes; true if the server gave one. */
static bool token_take(doctor *doctor, const iots_reply *reply)
{
    const iots_json *body = iots_reply_body(reply);
    const char *token = iots_json_string(body, "/access_token");
    const char *granted = iots_json_string(body, "/scope");
    if (!iots_ok(reply) || !token)
        return false;
    doctor->token = ix_strdup(doctor->session->cx, token);
    doctor->granted = granted ? ix_strdup(doctor->session->cx, granted) : NULL;
    doctor->is_token_ours = true;
    return doctor->token && iots_api_set_token(doctor->session->api, doctor->token) == IOTS_OK;
}

static finding check_credentials(doctor *doctor)
{
    cli_session *session = doctor->session;
    if (profile_prefers_token(&session->profile))
        return check_token(doctor);
    if (!setting_of(doctor, SETTING_client_id))
        return found(doctor, STATE_FAILED,
                     "run 'iots login', or set IOTS_CLIENT_ID and IOTS_CLIENT_SECRET",
                     "no client is known");
    iots_reply *reply =
        tokens_ask(&session->profile, setting_of(doctor, SETTING_scopes), session->api);
    const char *error = iots_json_string(iots_reply_body(reply), "/error");
    doctor->is_scope_too_wide = error && strcmp(error, "invalid_scope") == 0;
    if (doctor->is_scope_too_wide) {
        iots_reply_free(reply);
        reply = tokens_ask(&session->profile, NULL, session->api);
    }
    const finding finding =
        token_take(doctor, reply)
            ? found(doctor, STATE_OK, NULL, "the server accepts the client %s, from %s",
                    setting_of(doctor, SETTING_client_id), origin_of(doctor, SETTING_client_id))
            : refused(doctor, reply);
    iots_reply_free(reply);
    return finding;
}

static finding check_scopes(doctor *doctor)
{
    if (doctor->is_scope_too_wide)
        return found(doctor, STATE_FAILED,
                     "ask for fewer, or have whoever runs the server give the client more",
                     "asked for, by %s: %s; the client may have: %s",
                     origin_of(doctor, SETTING_scopes), setting_of(doctor, SETTING_scopes),
                     doctor->granted ? doctor->granted : "others");
    if (!doctor->granted)
        return found(doctor, STATE_PASSED_OVER, NULL,
                     "the server does not say what a token may do");
    return found(doctor, STATE_OK, NULL, "%s", doctor->granted);
}

static finding check_space(doctor *doctor)
{
    cli_session *session = doctor->session;
    const char *space = setting_of(doctor, SETTING_space);
    ix_buf names = {0};
    bool is_there = false;
    iots_pager *spaces = iots_spaces_list(session->api, IOTS_LIST(.retries = -1));
    for (const iots_json *item; (item = iots_pager_next(spaces));) {
        const char *name = iots_json_string(item, "/name");
        is_there = is_there || (space && name && strcmp(name, space) == 0);
        ix_buf_format(&names, "%s%s", names.len > 0 ? ", " : "", name ? name : "");
    }
    const iots_reply *reply = iots_pager_reply(spaces);
    finding finding;
    if (!iots_ok(reply))
        finding = found(doctor, STATE_WARNING, NULL, "the spaces cannot be listed: %s",
                        iots_error_report(reply));
    else if (!space)
        finding = found(doctor, STATE_WARNING, "choose one: iots space use NAME",
                        "none is chosen; there are: %s", ix_buf_cstr(&names));
    else if (!is_there)
        finding = found(doctor, STATE_FAILED, "iots space use NAME, or --space or IOTS_SPACE",
                        "'%s', from %s, is none that the client sees; it sees: %s", space,
                        origin_of(doctor, SETTING_space), names.len > 0 ? names.at : "none");
    else
        finding =
            found(doctor, STATE_OK, NULL, "'%s', from %s", space, origin_of(doctor, SETTING_space));
    iots_pager_free(spaces);
    ix_buf_done(&names);
    return finding;
}

/* ---- all of them ---- */

typedef struct check {
    const char *name;
    finding (*run)(doctor *doctor);
    exit_code exit_code; /* the exit code if it fails */
    bool is_base;        /* what follows makes no sense if it fails */
} check;

// clang-format off
static const check checks[] = {
    {"profile",     check_profile,     EXIT_OTHER,       false},
    {"host",        check_host,        EXIT_USAGE,       true},
    {"name",        check_name,        EXIT_NETWORK,     true},
    {"connection",  check_connection,  EXIT_NETWORK,     true},
    {"certificate", check_certificate, EXIT_NETWORK,     true},
    {"health",      check_health,      EXIT_SERVER,      true},
    {"clock",       check_clock,       EXIT_OTHER,       false},
    {"credentials", check_credentials, EXIT_NOT_ALLOWED, true},
    {"scopes",      check_scopes,      EXIT_NOT_ALLOWED, false},
    {"space",       check_space,       EXIT_NOT_FOUND,   false},
};

static const struct { const char *name; style style; } states[] = {
    [STATE_PASSED_OVER] = {"-",    STYLE_FAINT},
    [STATE_OK]          = {"ok",   STYLE_NAME},
    [STATE_WARNING]     = {"warn", STYLE_HEADING},
    [STATE_FAILED]      = {"FAIL", STYLE_BAD},
};
// clang-format on

static void line_print(const cli_screen *screen, const char *name, const finding *finding)
{
    enum {
        STATE_WIDTH = 4,
        NAME_WIDTH = 11,
        INDENT = STATE_WIDTH + 2 + NAME_WIDTH + 2,
        WIDTH = 100
    };
    const size_t width = screen->width > 2 * INDENT ? (size_t)screen->width : WIDTH;
    const style style = states[finding->state].style;
    const char *const parts[] = {finding->text, finding->advice};
    ix_buf line = {0}, clean = {0};
    ix_buf_format(&line, "%s%-*s%s  %-*s  ", style_begin(screen, style), STATE_WIDTH,
                  states[finding->state].name, style_end(screen, style), NAME_WIDTH, name);
    for (size_t i = 0; i < 2 && parts[i]; i++) {
        if (i > 0)
            ix_buf_format(&line, "\n%*s-> ", INDENT - 3, "");
        ix_buf_clear(&clean);
        text_clean(&clean, ix_str_of(parts[i]));
        text_wrap(&line, (ix_str){ix_buf_cstr(&clean), clean.len}, INDENT, INDENT, width);
    }
    fprintf(screen->out, "%s\n", ix_buf_cstr(&line));
    fflush(screen->out);
    ix_buf_done(&line);
    ix_buf_done(&clean);
}

static void row_add(iots_doc *rows, const char *name, const finding *finding)
{
    static const char *const names[] = {"passed over", "ok", "warning", "failed"};
    row_begin(rows);
    row_put(rows, "check", name);
    row_put(rows, "state", names[finding->state]);
    row_put(rows, "found", finding->text);
    row_put(rows, "advice", finding->advice);
}

/* The exit code is that of the first check that failed: the rest may follow from it. */
static bool checks_run(doctor *doctor, iots_doc *rows)
{
    cli_session *session = doctor->session;
    bool is_blocked = false;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        const finding finding = is_blocked ? found(doctor, STATE_PASSED_OVER, NULL, "not tried")
                                           : checks[i].run(doctor);
        if (ix_failed(session->cx))
            return false;
        if (session->format == FORMAT_TABLE)
            line_print(&session->out, checks[i].name, &finding);
        else
            row_add(rows, checks[i].name, &finding);
        if (finding.state != STATE_FAILED)
            continue;
        is_blocked = is_blocked || checks[i].is_base;
        if (session->exit_code == EXIT_DONE)
            session->exit_code = checks[i].exit_code;
    }
    return true;
}

/* The token that was obtained for this is of no more use. */
static void token_revoke(doctor *doctor)
{
    const cli_profile *profile = &doctor->session->profile;
    if (!doctor->is_token_ours || !profile->values[SETTING_client_secret])
        return;
    iots_reply_free(iots_api_revoke_token(doctor->session->api, profile->values[SETTING_client_id],
                                          profile->values[SETTING_client_secret]));
}

bool doctor_run(cli_session *session)
{
    doctor doctor = {.session = session, .host = session->profile.values[SETTING_host]};
    if (session->args->word_count > 0)
        return ix_fail(session->cx, IOTS_USAGE, "'%s' is one word too many",
                       session->args->words[0]);
    if (!session_timeout(session, &doctor.timeout_ms))
        return false;
    iots_doc *rows = iots_doc_parse("[]");
    bool ok = checks_run(&doctor, rows);
    if (ok && session->format != FORMAT_TABLE)
        ok = rows_print(session, rows);
    else
        iots_doc_free(rows);
    token_revoke(&doctor);
    iots_reply_free(doctor.health);
    return ok;
}
