/* SPDX-License-Identifier: Apache-2.0 */
/* Leading conversations: asking what is written and holding the answer against it. */
#include "talk.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "match.h"
#include "server.h"

/* So long may a running server take to see what a command changed in its store. */

/* A conversation under way. */
typedef struct session {
    const talk_place *place;
    http *http;
    vars vars;
    const char *sentence; /* the last one, until it is reported */
    bool sentence_holds;
    http_reply reply;      /* the last one */
    const ix_json *answer; /* its body, or NULL */
    const char *output;    /* of the last command, or NULL */
} session;

/* ---- what holds for every answer ---- */

static bool is_below(const char *target, const char *path)
{
    const size_t len = strlen(path);
    return strncmp(target, path, len) == 0 && (!target[len] || strchr("/?", target[len]));
}

static bool check_error(ix_ctx *cx, const http_reply *reply, const ix_json *body)
{
    const ix_json *error = ix_json_member(body, "error");
    if (ix_json_int(ix_json_member(error, "status"), 0) != reply->status)
        return ix_fail(cx, IOTS_UNEXPECTED, "error.status is not %d: %s", reply->status,
                       reply->body);
    if (ix_json_str(ix_json_member(error, "message")).len == 0)
        return ix_fail(cx, IOTS_UNEXPECTED, "error.message says nothing: %s", reply->body);
    const ix_json *details = ix_json_member(error, "details");
    if (details && ix_json_kind(details) != IX_OBJECT)
        return ix_fail(cx, IOTS_UNEXPECTED, "error.details is not an object: %s", reply->body);
    if (reply->status == 401 &&
        !match_text(cx, "WWW-Authenticate", "Bearer", http_reply_header(reply, "WWW-Authenticate")))
        return false;
    return reply->status != 405 ||
           match_text(cx, "Allow", "<nonempty>", http_reply_header(reply, "Allow"));
}

/* Is it text: what people are shown at the login (docs/api/http.md 3.4), or what watches the server reads? */
static bool is_text(const char *target, const char *type)
{
    static const struct {
        const char *path, *type;
    } texts[] = {
        {"/oauth2/auth", "text/html; charset=utf-8"},
        {"/metrics", "text/plain; version=0.0.4; charset=utf-8"},
    };
    for (size_t i = 0; type && i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (is_below(target, texts[i].path) && strcmp(type, texts[i].type) == 0)
            return true;
    }
    return false;
}

bool talk_check_always(ix_ctx *cx, const char *method, const char *target, const http_reply *reply)
{
    if (strcmp(method, "HEAD") == 0)
        return true;
    const char *type = http_reply_header(reply, "Content-Type");
    if (is_text(target, type))
        return true;
    const bool is_td = type && strcmp(type, "application/td+json") == 0;
    const char *want = is_td ? "application/td+json" : "application/json";
    if (!match_text(cx, "Content-Type", reply->body_len ? want : "<absent>", type))
        return false;
    if (reply->body_len == 0)
        return reply->status < 400 || ix_fail(cx, IOTS_UNEXPECTED, "an error without a body");
    const ix_json *body = ix_json_parse(cx, reply->body, reply->body_len);
    if (!body)
        return false;
    return reply->status < 400 || !is_below(target, "/spaces") || check_error(cx, reply, body);
}

/* ---- steps ---- */

/* A header of the step overrides ours; one without value only keeps ours away. */
static bool add_header(ix_ctx *cx, session *session, const talk_step *step, const char *name,
                       const char *otherwise, http_request *request)
{
    for (size_t i = 0; i < step->header_count; i++) {
        if (strcasecmp(step->headers[i].name, name) == 0)
            return true;
    }
    const char *value = vars_expand(cx, &session->vars, VARS_DOLLAR, otherwise);
    if (value)
        http_request_header(request, name, value);
    return value != NULL;
}

static bool make_request(ix_ctx *cx, session *session, const talk_step *step, http_request *ret)
{
    *ret = (http_request){.method = step->method};
    ret->target = vars_expand(cx, &session->vars, VARS_DOLLAR, step->target);
    if (!ret->target || !add_header(cx, session, step, "Authorization", "Bearer $token", ret))
        return false;
    if (step->body) {
        ret->body = vars_expand(cx, &session->vars, VARS_DOLLAR, step->body);
        if (!ret->body || !add_header(cx, session, step, "Content-Type", "application/json", ret))
            return false;
        ret->body_len = strlen(ret->body);
    }
    for (size_t i = 0; i < step->header_count; i++) {
        const char *value = vars_expand(cx, &session->vars, VARS_DOLLAR, step->headers[i].value);
        if (!value)
            return false;
        if (*value)
            http_request_header(ret, step->headers[i].name, value);
    }
    return true;
}

/* Each line "holding TEXT" of `want` must be true of the body. */
static bool check_holding(ix_ctx *cx, const char *want, const http_reply *reply)
{
    ix_str rest = ix_str_of(want), line;
    while (rest.len) {
        rest = ix_str_cut(rest, '\n', &line);
        if (!ix_str_starts(line, "holding "))
            return ix_fail(cx, IOTS_USAGE, "expected 'holding ...', read '%.*s'", (int)line.len,
                           line.at);
        const char *text = ix_strndup(cx, line.at + 8, line.len - 8);
        if (!text)
            return false;
        if (!strstr(reply->body, text))
            return ix_fail(cx, IOTS_UNEXPECTED, "the body does not hold %s", text);
    }
    return true;
}

static bool check_body(ix_ctx *cx, session *session, const talk_step *step, const http_reply *reply)
{
    if (!step->answer)
        return reply->body_len == 0 ||
               ix_fail(cx, IOTS_UNEXPECTED, "expected no body, got %s", reply->body);
    const char *want = vars_expand(cx, &session->vars, VARS_DOLLAR, step->answer);
    if (!want)
        return false;
    if (step->exactly)
        return strcmp(want, reply->body) == 0 ||
               ix_fail(cx, IOTS_UNEXPECTED, "expected exactly %s, got %s", want, reply->body);
    if (step->holding)
        return check_holding(cx, want, reply);
    const ix_json *pattern = ix_json_parse(cx, want, strlen(want));
    return pattern && (match_json(cx, pattern, session->answer) ||
                       ix_fail(cx, IOTS_UNEXPECTED, "unexpected body"));
}

static bool check_answer(ix_ctx *cx, session *session, const talk_step *step,
                         const http_reply *reply)
{
    if (reply->status != step->status)
        return ix_fail(cx, IOTS_UNEXPECTED, "expected %d, got %d", step->status, reply->status);
    for (size_t i = 0; i < step->answer_header_count; i++) {
        const http_header *header = &step->answer_headers[i];
        const char *want = vars_expand(cx, &session->vars, VARS_DOLLAR, header->value);
        if (!want || !match_text(cx, header->name, want, http_reply_header(reply, header->name)))
            return false;
    }
    return check_body(cx, session, step, reply) &&
           talk_check_always(cx, step->method, step->target, reply);
}

static bool run_call(ix_ctx *cx, session *session, const talk_step *step)
{
    http_request request;
    http_reply reply = {.body = ""};
    session->answer = NULL;
    session->output = NULL;
    session->reply = reply;
    if (!make_request(cx, session, step, &request) ||
        !http_call(cx, session->http, &request, &reply))
        return false;
    if (reply.body_len && !is_text(step->target, http_reply_header(&reply, "Content-Type"))) {
        session->answer = ix_json_parse(cx, reply.body, reply.body_len);
        if (!session->answer)
            return false;
    }
    session->reply = reply;
    return check_answer(cx, session, step, &reply);
}

/* Cuts a line at its blanks; "a b" in double quotes is one word. Words are in cx. */
static bool split_words(ix_ctx *cx, const char *line, const char **words, size_t most)
{
    size_t count = 0;
    while (*line && count + 1 < most) {
        const bool quoted = *line == '"';
        line += quoted;
        const size_t len = strcspn(line, quoted ? "\"" : " ");
        words[count] = ix_strndup(cx, line, len);
        if (!words[count++])
            return false;
        line += len;
        line += quoted && *line == '"';
        line += strspn(line, " ");
    }
    words[count] = NULL;
    return !*line || ix_fail(cx, IOTS_USAGE, "too many words");
}

static bool run_admin(ix_ctx *cx, session *session, const talk_step *step)
{
    enum { WORDS_MAX = 24 };
    const char *words[WORDS_MAX];
    session->answer = NULL;
    const char *line =
        vars_expand(cx, &session->vars, VARS_DOLLAR, step->text + strlen("$ iotsd "));
    if (!line || !split_words(cx, line, words, WORDS_MAX))
        return false;
    if (!session->place->admin)
        return ix_fail(cx, IOTS_USAGE, "commands of iotsd cannot be run here");
    return session->place->admin(cx, session->place->arg, words, &session->output);
}

/* The word after `label` in a text: "client_id: x", "client_id=x", "client_id x". */
static bool keep_word(ix_ctx *cx, session *session, const char *name, const char *label,
                      const char *text)
{
    const char *at = strstr(text, label);
    if (!at)
        return ix_fail(cx, IOTS_UNEXPECTED, "no %s in: %s", label, text);
    at += strlen(label);
    at += strspn(at, " :=\t\"'");
    const char *word = ix_strndup(cx, at, strcspn(at, " \t\r\n\"',;&<>"));
    return word && *word && vars_set(cx, &session->vars, name, word);
}

/* The last answer, headers and body, as text in cx. */
static const char *whole_answer(ix_ctx *cx, const session *session)
{
    const http_reply *reply = &session->reply;
    const char *text = reply->body;
    for (size_t i = 0; text && i < reply->header_count; i++)
        text = ix_format(cx, "%s\n%s: %s", text, reply->headers[i].name, reply->headers[i].value);
    return text;
}

static bool keep(ix_ctx *cx, session *session, const talk_step *step)
{
    if (session->output)
        return keep_word(cx, session, step->name, step->text, session->output);
    if (strncmp(step->text, "after ", 6) != 0)
        return vars_capture(cx, &session->vars, step->name, step->text, session->answer);
    const char *text = whole_answer(cx, session);
    return text && keep_word(cx, session, step->name, step->text + 6, text);
}

static bool run_step(ix_ctx *cx, session *session, const talk_step *step)
{
    switch (step->kind) {
    case TALK_CALL:
        return run_call(cx, session, step);
    case TALK_ADMIN:
        return run_admin(cx, session, step);
    case TALK_KEEP:
        return keep(cx, session, step);
    case TALK_SENTENCE:
        break;
    }
    return true;
}

static void tell_sentence(session *session, const char *next)
{
    if (session->sentence)
        printf("%s %s\n", session->sentence_holds ? "ok  " : "NOT ", session->sentence);
    session->sentence = next;
    session->sentence_holds = true;
}

static bool open_session(ix_ctx *cx, session *session, const char *token)
{
    vars *vars = &session->vars;
    session->http = http_new(session->place->url);
    return session->http && vars_set(cx, vars, "token", token) &&
           vars_set(cx, vars, "url", session->place->url) &&
           vars_set(cx, vars, "client_id", session->place->client_id) &&
           vars_set(cx, vars, "client_secret", session->place->client_secret);
}

bool talk_run(ix_ctx *cx, const talk *talk, const talk_place *place, talk_score *score)
{
    const size_t failed_before = score->failed;
    session session = {.place = place, .reply = {.body = ""}};
    const char *token =
        server_token_for(cx, place->url, place->client_id, place->client_secret, NULL);
    if (!token || !open_session(cx, &session, token)) {
        http_free(session.http);
        return false;
    }
    for (size_t i = 0; i < talk->count; i++) {
        const talk_step *step = &talk->steps[i];
        if (step->kind == TALK_SENTENCE) {
            tell_sentence(&session, step->text);
            continue;
        }
        if (run_step(cx, &session, step)) {
            score->passed += step->kind != TALK_KEEP;
            continue;
        }
        score->failed++;
        session.sentence_holds = false;
        printf("%s:%d: %s\n", talk->file, step->line, cx->error.message);
        if (step->kind == TALK_CALL)
            printf("  %s %s\n  %d %s\n", step->method, step->target, session.reply.status,
                   session.reply.body);
        ix_ctx_clear_error(cx);
    }
    tell_sentence(&session, NULL);
    http_free(session.http);
    return score->failed == failed_before;
}
