/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay: runs the replay file of the contract (examples.json, its form: http-api.md section 18) against
 * a server with an empty space "farm".
 *
 * Entries named in the waiting list may fail; one of them that passes fails the run, so that the list
 * can only shrink. `{{name}}` stands for what an earlier answer was asked to keep.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "http.h"
#include "match.h"
#include "server.h"
#include "vars.h"

enum { SKIPPED = 77 }; /* what ctest knows as skipped */

static const char usage[] =
    "replay [OPTION]... [FILE]\n"
    "\n"
    "Runs the replay file of the contract against a server, from top to bottom.\n"
    "FILE: else the environment variable IOTS_CONTRACT (the file, or the folder it is in), else\n"
    "../shared/contract/examples.json beside the source folder; skipped (status 77) where it is "
    "absent.\n"
    "\n"
    "  --url URL           a server with an empty space farm, http://ADDRESS:PORT; else one is "
    "started\n"
    "  --token TOKEN       for it, with every scope\n"
    "  --weak-token TOKEN  another, without the scope category\n"
    "  --waiting FILE      names of entries that may fail, one a line\n"
    "  --help              this text\n"
    "\n"
    "Exit status: 0 all as expected, 1 not so, 2 wrong use, 77 skipped.\n";

typedef struct options {
    const char *url, *token, *weak_token, *waiting, *file;
} options;

typedef struct replay {
    const char *waiting; /* names, one a line; "" if there are none */
    http *http;
    vars vars;
    size_t passed, failed, waited;
} replay;

/* ---- one entry ---- */

/* The JSON with {{name}} replaced, in cx. */
static const ix_json *expanded(ix_ctx *cx, const replay *replay, const ix_json *json)
{
    const char *text = ix_json_text(cx, json);
    text = text ? vars_expand(cx, &replay->vars, VARS_BRACES, text) : NULL;
    return text ? ix_json_parse(cx, text, strlen(text)) : NULL;
}

static const char *expanded_member(ix_ctx *cx, const replay *replay, const ix_json *entry,
                                   const char *name)
{
    const char *text = ix_json_string(ix_json_member(entry, name));
    return text ? vars_expand(cx, &replay->vars, VARS_BRACES, text) : NULL;
}

/* The members of an object as a form, in cx. */
static const char *form_text(ix_ctx *cx, const ix_json *form)
{
    ix_buf text = {0};
    for (ix_member m = ix_members(form); m.name; m = ix_members_next(m)) {
        if (text.len)
            ix_buf_char(&text, '&');
        ix_buf_percent(&text, ix_str_of(m.name));
        ix_buf_char(&text, '=');
        ix_buf_percent(&text, ix_json_str(m.value));
    }
    const char *ret = ix_strdup(cx, ix_buf_cstr(&text));
    ix_buf_done(&text);
    return ret;
}

static bool add_body(ix_ctx *cx, const replay *replay, const ix_json *entry, http_request *request)
{
    const ix_json *form = ix_json_member(entry, "form");
    const ix_json *body = ix_json_member(entry, "body");
    const char *type = "application/json";
    if (form) {
        type = "application/x-www-form-urlencoded";
        request->body = form_text(cx, expanded(cx, replay, form));
    } else if (ix_json_kind(body) > IX_NULL) {
        request->body = ix_json_text(cx, expanded(cx, replay, body));
    } else {
        return true;
    }
    if (!request->body || ix_failed(cx))
        return false;
    request->body_len = strlen(request->body);
    if (!ix_json_at(entry, "/headers/Content-Type"))
        http_request_header(request, "Content-Type", type);
    return true;
}

static bool add_token(ix_ctx *cx, const replay *replay, const ix_json *entry, http_request *request)
{
    const char *variable = ix_json_string(ix_json_member(entry, "token"));
    if (!variable)
        variable = "token";
    if (!*variable || ix_json_at(entry, "/headers/Authorization"))
        return true;
    const char *token = vars_find(&replay->vars, variable);
    if (!token)
        return ix_fail(cx, IOTS_USAGE, "the token %s has no value", variable);
    const char *bearer = ix_format(cx, "Bearer %s", token);
    if (bearer)
        http_request_header(request, "Authorization", bearer);
    return bearer != NULL;
}

static bool make_request(ix_ctx *cx, const replay *replay, const ix_json *entry, http_request *ret)
{
    *ret = (http_request){.method = ix_json_string(ix_json_member(entry, "method"))};
    ret->target = expanded_member(cx, replay, entry, "path");
    if (!ret->method || !ret->target || !add_token(cx, replay, entry, ret) ||
        !add_body(cx, replay, entry, ret))
        return ix_fail(cx, IOTS_USAGE, "the entry cannot be understood");
    for (ix_member m = ix_members(ix_json_member(entry, "headers")); m.name; m = ix_members_next(m))
        http_request_header(ret, m.name, ix_json_string(m.value));
    return true;
}

static bool check_reply(ix_ctx *cx, replay *replay, const ix_json *entry, const http_reply *reply)
{
    const int64_t status = ix_json_int(ix_json_member(entry, "status"), 0);
    if (reply->status != status)
        return ix_fail(cx, IOTS_UNEXPECTED, "expected %d, got %d", (int)status, reply->status);
    const ix_json *want = ix_json_member(entry, "response");
    if (ix_json_kind(want) <= IX_NULL)
        return reply->body_len == 0 || ix_fail(cx, IOTS_UNEXPECTED, "expected no body");
    const ix_json *got = ix_json_parse(cx, reply->body, reply->body_len);
    want = expanded(cx, replay, want);
    if (!got || !want || !match_json(cx, want, got))
        return false;
    for (ix_member m = ix_members(ix_json_member(entry, "save")); m.name; m = ix_members_next(m)) {
        if (!vars_capture(cx, &replay->vars, m.name, ix_json_string(m.value), got))
            return false;
    }
    return true;
}

static bool run_entry(ix_ctx *cx, replay *replay, const ix_json *entry)
{
    http_request request;
    http_reply reply = {.body = ""};
    if (make_request(cx, replay, entry, &request) &&
        http_call(cx, replay->http, &request, &reply) && check_reply(cx, replay, entry, &reply))
        return true;
    if (reply.status)
        printf("  %s %s\n  %d %.2000s\n", request.method, request.target, reply.status, reply.body);
    return false;
}

/* Is there a line that is exactly this name? */
static bool is_waiting(const replay *replay, const char *name)
{
    ix_str rest = ix_str_of(replay->waiting);
    while (rest.len > 0) {
        ix_str line;
        rest = ix_str_cut(rest, '\n', &line);
        if (ix_str_is(line, name))
            return true;
    }
    return false;
}

static void note(replay *replay, const char *name, bool ok, const char *why)
{
    const bool waits = is_waiting(replay, name);
    if (waits && ok) {
        printf("NOT   %s: passes; remove it from the waiting list\n", name);
        replay->failed++;
    } else if (waits) {
        printf("waits %s: %s\n", name, why);
        replay->waited++;
    } else if (!ok) {
        printf("NOT   %s: %s\n", name, why);
        replay->failed++;
    } else {
        printf("ok    %s\n", name);
        replay->passed++;
    }
}

/* ---- the file ---- */

/* A line of the waiting list that names no entry is left over. */
static void check_waiting_names(replay *replay, const ix_json *entries)
{
    ix_str rest = ix_str_of(replay->waiting);
    while (rest.len > 0) {
        ix_str line;
        bool found = false;
        rest = ix_str_cut(rest, '\n', &line);
        for (size_t i = 0; i < ix_json_count(entries) && !found; i++) {
            const char *name = ix_json_string(ix_json_member(ix_json_item(entries, i), "name"));
            found = name && ix_str_is(line, name);
        }
        if (!found && line.len > 0 && line.at[0] != '#') {
            printf("NOT   the waiting list names '%.*s', which no entry is called\n", (int)line.len,
                   line.at);
            replay->failed++;
        }
    }
}

static void run_entries(ix_ctx *cx, replay *replay, const ix_json *entries)
{
    for (size_t i = 0; i < ix_json_count(entries); i++) {
        const ix_json *entry = ix_json_item(entries, i);
        const char *name = ix_json_string(ix_json_member(entry, "name"));
        const bool ok = run_entry(cx, replay, entry);
        note(replay, name ? name : "(an entry without a name)", ok, cx->error.message);
        ix_ctx_clear_error(cx);
    }
    check_waiting_names(replay, entries);
}

/* ---- servers ---- */

/* A second client, without the scope category, as section 18 wants it. */
static const char *make_weak_token(ix_ctx *cx, const server *server)
{
    static const char *const args[] = {"client",     "add",     "--space",
                                       SERVER_SPACE, "--scope", "thing model query",
                                       NULL};
    char id[128], secret[128];
    const char *out = "";
    if (server_admin(cx, server, args, &out) != 0)
        return NULL;
    if (sscanf(out, "client_id %127s client_secret %127s", id, secret) != 2) {
        ix_fail(cx, IOTS_UNEXPECTED, "iotsd client add printed: %s", out);
        return NULL;
    }
    return server_token_for(cx, server_url(server), id, secret, NULL);
}

static bool replay_on(ix_ctx *cx, replay *replay, const options *options, const ix_json *entries)
{
    replay->http = http_new(options->url);
    if (!replay->http || !vars_set(cx, &replay->vars, "token", options->token) ||
        !vars_set(cx, &replay->vars, "weak_token", options->weak_token))
        return false;
    run_entries(cx, replay, entries);
    http_free(replay->http);
    return true;
}

static bool replay_on_own(ix_ctx *cx, replay *replay, options *options, const ix_json *entries)
{
    server *server = server_start(cx, NULL, 0);
    if (!server)
        return false;
    options->url = server_url(server);
    options->token = server_token(cx, server, NULL);
    options->weak_token = make_weak_token(cx, server);
    bool ok = options->token && options->weak_token && replay_on(cx, replay, options, entries);
    ok = server_stop(cx, server) && ok;
    server_free(server);
    return ok;
}

/* ---- the program ---- */

/* The file to run, in cx. */
static const char *contract_file(ix_ctx *cx, const options *options)
{
    const char *path = options->file ? options->file : getenv("IOTS_CONTRACT");
    if (!path)
        path = CONTRACT_FILE;
    const size_t len = strlen(path);
    if (len > 5 && strcmp(path + len - 5, ".json") == 0)
        return path;
    return ix_format(cx, "%s/examples.json", path);
}

static int run(ix_ctx *cx, options *options)
{
    replay replay = {.waiting = ""};
    const char *file = contract_file(cx, options);
    if (!file)
        return 1;
    if (access(file, R_OK) != 0) {
        printf("skipped: there is no %s; IOTS_CONTRACT may say where the contract is\n", file);
        return SKIPPED;
    }
    const char *text = file_read(cx, file);
    const ix_json *entries = text ? ix_json_parse(cx, text, strlen(text)) : NULL;
    if (options->waiting)
        replay.waiting = file_read(cx, options->waiting);
    if (!entries || !replay.waiting)
        return 1;
    const bool ok = options->url ? replay_on(cx, &replay, options, entries)
                                 : replay_on_own(cx, &replay, options, entries);
    printf("%zu waiting\n%zu passed, %zu failed\n", replay.waited, replay.passed, replay.failed);
    return ok && replay.failed == 0 && replay.passed > 0 ? 0 : 1;
}

static bool read_options(int argc, char **argv, options *ret)
{
    static const char *names[] = {"--url", "--token", "--weak-token", "--waiting"};
    const char **values[] = {&ret->url, &ret->token, &ret->weak_token, &ret->waiting};
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    for (int i = 1; i < argc; i++) {
        size_t which = 0;
        while (which < COUNT && strcmp(argv[i], names[which]) != 0)
            which++;
        if (which < COUNT && i + 1 < argc)
            *values[which] = argv[++i];
        else if (argv[i][0] != '-' && !ret->file)
            ret->file = argv[i];
        else
            return false;
    }
    return !ret->url == !ret->token && !ret->token == !ret->weak_token;
}

int main(int argc, char **argv)
{
    options options = {0};
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (!read_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    ix_json_init();
    ix_ctx cx;
    if (!ix_ctx_init(&cx, 0))
        return 1;
    const int status = run(&cx, &options);
    if (ix_failed(&cx))
        printf("%s\n", cx.error.message);
    ix_ctx_done(&cx);
    return status;
}
