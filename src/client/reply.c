/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies. The rules by which an answer is read are those of client-sdk 2.2: a refusal never loses
 * what the server said, whatever its status and content type; a success must be what was agreed.
 */
#include "client/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "contract/codes.h"

enum {
    HEADERS_MAX = 256,
    FIRST_BODY_ROOM = 4096, /* a token's answer fits, so that no copy of it is left behind */
    BODY_QUOTE = 200,       /* bytes of a body shown in a sentence */
};

static const iots_reply no_memory = {
    .cx = {.error = {.code = IOTS_NO_MEMORY, .message = "Out of memory"}},
};

iots_reply *reply_no_memory(void)
{
    union {
        const iots_reply *from;
        iots_reply *to;
    } hold = {.from = &no_memory}; /* nothing writes to it: see `is_ours` */
    return hold.to;
}

static bool is_ours(const iots_reply *reply)
{
    return reply && reply != &no_memory;
}

/* What programs see of a reply: as long as the call has not ended, only that. */
static const iots_reply *seen(const iots_reply *reply)
{
    static const iots_reply still_pending = {
        .cx = {.error = {.code = IOTS_PENDING, .message = "The call has not ended yet"}},
    };
    return reply && reply->pending ? &still_pending : reply;
}

iots_reply *reply_new(size_t max_bytes)
{
    iots_reply *reply = calloc(1, sizeof *reply);
    if (!reply)
        return NULL;
    if (!ix_ctx_init(&reply->cx, 0)) {
        free(reply);
        return NULL;
    }
    reply->response.cx = &reply->cx;
    reply->response.max_bytes = max_bytes;
    return reply;
}

/* Wipes the body, and keeps the room. */
static void forget_body(iots_response *response)
{
    if (response->body.at)
        explicit_bzero(response->body.at, response->body.len);
    ix_buf_clear(&response->body);
}

void iots_reply_free(iots_reply *reply)
{
    if (!is_ours(reply))
        return;
    if (reply->pending)
        reply->pending->give_up(reply->pending);
    forget_body(&reply->response);
    ix_buf_done(&reply->response.body);
    ix_ctx_done(&reply->cx);
    free(reply);
}

void reply_clear(iots_reply *reply)
{
    iots_response *response = &reply->response;
    response->status = 0;
    response->header_count = 0;
    forget_body(response);
    ix_ctx_clear_error(&reply->cx);
    reply->message = NULL;
    reply->report = NULL;
    reply->body = NULL;
    reply->details = NULL;
}

void reply_become(iots_reply *reply, iots_reply *other)
{
    const iots_reply before = *reply;
    if (!is_ours(other) || other->pending) { /* of these there is no more than this to take */
        reply_clear(reply);
        ix_fail(&reply->cx, iots_reply_code(other), "%s", iots_error(other));
    } else {
        *reply = *other;
        reply->pending = before.pending;
        reply->response.cx = &reply->cx;
        *other = before;
        other->pending = NULL;
        other->response.cx = &other->cx;
    }
    iots_reply_free(other);
}

iots_reply *iots_failure(iots_code code, const char *format, ...)
{
    iots_reply *reply = reply_new(0);
    if (!reply)
        return reply_no_memory();
    if (code == IOTS_OK)
        return reply;
    if (!format) {
        ix_fail(&reply->cx, code, NULL);
        return reply;
    }
    char sentence[IX_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    ix_fail(&reply->cx, code, "%s", sentence);
    return reply;
}

/* ---- the response, filled ---- */

void iots_response_set_status(iots_response *response, int status)
{
    response->status = status;
    response->header_count = 0; /* those of an interim answer are of no interest */
    forget_body(response);
}

bool iots_response_add_header(iots_response *response, const char *name, const char *value)
{
    return response_add_header(response, ix_str_of(name), ix_str_of(value));
}

bool response_add_header(iots_response *response, ix_str name, ix_str value)
{
    if (response->header_count == HEADERS_MAX)
        return ix_fail(response->cx, IOTS_UNEXPECTED, "The answer has more than %d headers",
                       HEADERS_MAX);
    if (response->header_count == response->header_room) {
        const size_t room = response->header_room ? 2 * response->header_room : 16;
        iots_param *larger = ix_new(response->cx, iots_param, room);
        if (!larger)
            return false;
        if (response->header_count)
            memcpy(larger, response->headers, response->header_count * sizeof *larger);
        response->headers = larger;
        response->header_room = room;
    }
    iots_param *header = &response->headers[response->header_count];
    header->name = ix_strndup(response->cx, name.at, name.len);
    header->value = ix_strndup(response->cx, value.at, value.len);
    if (!header->name || !header->value)
        return false;
    response->header_count++;
    return true;
}

bool iots_response_add_body(iots_response *response, const void *bytes, size_t size)
{
    if (size > response->max_bytes - response->body.len)
        return ix_fail(response->cx, IOTS_UNEXPECTED, "The answer is larger than %zu bytes",
                       response->max_bytes);
    if (!response->body.at)
        ix_buf_reserve(&response->body, FIRST_BODY_ROOM);
    ix_buf_add(&response->body, bytes, size);
    return !response->body.failed || ix_fail(response->cx, IOTS_NO_MEMORY, NULL);
}

iots_code iots_response_fail(iots_response *response, iots_code code, const char *format, ...)
{
    char sentence[IX_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    if (format)
        vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (format)
        ix_fail(response->cx, code, "%s", sentence);
    else
        ix_fail(response->cx, code, NULL);
    return response->cx->error.code;
}

/* ---- the answer, understood ---- */

/* The media type in front of any parameters. */
static ix_str media_type(const char *content_type)
{
    ix_str type;
    ix_str_cut(ix_str_of(content_type), ';', &type);
    return ix_str_trim(type);
}

/* JSON by its suffix, else by its subtype (client-sdk 2.1). */
static bool is_json_type(const char *content_type)
{
    ix_str suffix, main_type;
    const ix_str type = media_type(content_type);
    const ix_str subtype = ix_str_cut(type, '/', &main_type);
    const ix_str after_plus = ix_str_cut(subtype, '+', &suffix);
    return ix_str_is_nocase(after_plus.at ? after_plus : subtype, "json");
}

static bool is_blank(ix_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!strchr(" \t\r\n", text.at[i]) || !text.at[i])
            return false;
    }
    return true;
}

static ix_str body_text(const iots_reply *reply)
{
    return (ix_str){ix_buf_cstr(&reply->response.body), reply->response.body.len};
}

/* The body as JSON; NULL if it is none, with *why saying so. Leaves no failure behind, except for
 * lack of memory. */
static const ix_json *body_json(iots_reply *reply, const char **why)
{
    const ix_str text = body_text(reply);
    const ix_json *json = ix_json_parse_wrapped(&reply->cx, text.at, text.len);
    if (!json && reply->cx.error.code != IOTS_NO_MEMORY) {
        *why = ix_strdup(&reply->cx, reply->cx.error.message);
        ix_ctx_clear_error(&reply->cx);
    }
    return json;
}

/* What a refusal says, in our shape or in that of OAuth2 (http-api 2 and 3.2). */
static void read_refusal(iots_reply *reply)
{
    ix_ctx *cx = &reply->cx;
    const int status = reply->response.status;
    iots_code code = ix_code_of_http(status);
    const char *why = NULL;
    reply->body = body_json(reply, &why);

    const ix_json *error = ix_json_member(reply->body, "error");
    const char *message = ix_json_string(ix_json_member(error, "message"));
    const ix_json *details = ix_json_member(error, "details");
    if (ix_json_kind(details) == IX_OBJECT)
        reply->details = details;
    if (reply->is_once && (status == 502 || status == 504)) {
        code = IOTS_OUTCOME_UNKNOWN; /* a proxy has asked, and had no answer */
        reply->message = ix_format(cx, "%s: a proxy answers %d", ix_code_sentence(code), status);
    } else if (message) {
        reply->message = message;
    } else if (ix_json_kind(error) == IX_TEXT) {
        const char *text = ix_json_string(ix_json_member(reply->body, "error_description"));
        reply->message =
            text ? ix_format(cx, "%s (%s)", text, ix_json_string(error)) : ix_json_string(error);
    } else if (code == IOTS_UNEXPECTED) {
        reply->message = ix_format(cx, "Unexpected response status code (%d)", status);
    }
    ix_fail(cx, code, "%s", reply->message ? reply->message : ix_code_sentence(code));
}

static bool expects_document(const ix_op *op)
{
    return op && (op->reply || op->status == 200 || op->status == 207) &&
           !(op->flags & IX_OAUTH2 && !op->reply);
}

static void read_success(iots_reply *reply, const ix_op *op)
{
    ix_ctx *cx = &reply->cx;
    const bool strict = expects_document(op);
    const char *type = reply_header(reply, "Content-Type");
    const ix_str text = body_text(reply);
    if (is_blank(text)) {
        if (strict)
            ix_fail(cx, IOTS_PARSE, "The answer is empty, where JSON was expected");
        return;
    }
    if (op && !strict)
        return; /* where nothing was expected, nothing can be wrong */
    if (type && !is_json_type(type)) {
        if (strict)
            ix_fail(cx, IOTS_UNEXPECTED, "Unexpected response content type (%s)", type);
        return;
    }
    const char *why = NULL;
    reply->body = body_json(reply, &why);
    if (!reply->body && strict)
        ix_fail(cx, IOTS_PARSE, "The answer is not JSON: %s", why ? why : "");
}

/* The operation of a JSON Patch that could not be done, if that is what went wrong. */
static bool write_operation(ix_buf *line, const iots_reply *reply)
{
    const ix_json *index = ix_json_member(reply->details, "index");
    const char *op = ix_json_string(ix_json_member(reply->details, "op"));
    const char *path = ix_json_string(ix_json_member(reply->details, "path"));
    if (ix_json_kind(index) != IX_INT || !op || !path)
        return false;
    ix_buf_format(line, " (operation %lld: %s %s)", (long long)ix_json_int(index, 0), op, path);
    return true;
}

static void write_fault(ix_buf *line, const iots_reply *reply)
{
    const char *field = iots_error_field(reply);
    const char *reason = iots_error_reason(reply);
    if (write_operation(line, reply))
        return;
    if (field && !reason)
        ix_buf_format(line, " (%s)", field);
    else if (reason && (!field || !strstr(iots_error(reply), reason)))
        ix_buf_format(line, " (%s%s%s)", field ? field : "", field ? ": " : "", reason);
}

/* One line: what was asked, the status, the sentence, what is at fault. */
static void write_report(iots_reply *reply)
{
    ix_buf line = {0};
    const char *path = reply->url ? strstr(reply->url, "://") : NULL;
    path = path ? strchr(path + 3, '/') : NULL;
    if (reply->method)
        ix_buf_format(&line, "%s %s: ", reply->method, path ? path : "/");
    if (reply->response.status)
        ix_buf_format(&line, "%d ", reply->response.status);
    ix_buf_text(&line, iots_error(reply));
    write_fault(&line, reply);
    if (!line.failed) /* else the sentence has to do */
        reply->report = ix_strndup(&reply->cx, ix_buf_cstr(&line), line.len);
    ix_buf_done(&line);
}

void reply_fail(iots_reply *reply, iots_code code, const char *sentence)
{
    if (!is_ours(reply))
        return;
    ix_fail(&reply->cx, code, "%s", sentence);
    write_report(reply);
}

void reply_read(iots_reply *reply, const ix_op *op)
{
    if (!is_ours(reply))
        return;
    const int status = reply->response.status;
    if (!ix_failed(&reply->cx)) {
        if (status >= 400)
            read_refusal(reply);
        else if (status >= 200 && status <= 299)
            read_success(reply, op);
        else if (op || status < 100)
            ix_fail(&reply->cx, IOTS_UNEXPECTED, "Unexpected response status code (%d)", status);
    }
    if (ix_failed(&reply->cx))
        write_report(reply);
}

/* The beginning of the body, in one line fit for people. */
static const char *body_quote(iots_reply *reply)
{
    ix_str text = ix_str_trim(body_text(reply));
    const bool is_long = text.len > BODY_QUOTE;
    if (is_long)
        text.len = BODY_QUOTE;
    while (is_long && text.len && !ix_str_is_utf8(text))
        text.len--;
    char *quote = ix_format(&reply->cx, "%.*s%s", (int)text.len, text.at, is_long ? "..." : "");
    for (char *c = quote; c && *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = ' ';
    }
    return quote;
}

void reply_reword(iots_reply *reply, const char *front)
{
    if (!is_ours(reply))
        return;
    const char *rest = reply->response.body.len ? body_quote(reply) : iots_error(reply);
    const char *sentence = rest ? ix_format(&reply->cx, "%s%s", front, rest) : NULL;
    if (sentence)
        reply->message = sentence;
    write_report(reply);
}

/* ---- the reply, read ---- */

bool iots_ok(const iots_reply *reply)
{
    reply = seen(reply);
    return reply && !ix_failed(&reply->cx);
}

iots_code iots_reply_code(const iots_reply *reply)
{
    reply = seen(reply);
    return reply ? reply->cx.error.code : IOTS_USAGE;
}

const char *iots_error(const iots_reply *reply)
{
    reply = seen(reply);
    if (!reply)
        return "no reply at all";
    if (!ix_failed(&reply->cx))
        return "";
    return reply->message ? reply->message : reply->cx.error.message;
}

const char *iots_error_report(const iots_reply *reply)
{
    reply = seen(reply);
    return reply && reply->report ? reply->report : iots_error(reply);
}

const char *iots_error_field(const iots_reply *reply)
{
    reply = seen(reply);
    return reply ? ix_json_string(ix_json_member(reply->details, "field")) : NULL;
}

const char *iots_error_reason(const iots_reply *reply)
{
    reply = seen(reply);
    return reply ? ix_json_string(ix_json_member(reply->details, "reason")) : NULL;
}

const iots_json *iots_error_details(const iots_reply *reply)
{
    reply = seen(reply);
    return reply ? json_shown(reply->details) : NULL;
}

const iots_json *iots_reply_body(const iots_reply *reply)
{
    reply = seen(reply);
    return reply ? json_shown(reply->body) : NULL;
}

int iots_reply_status(const iots_reply *reply)
{
    reply = seen(reply);
    return reply ? reply->response.status : 0;
}

const char *reply_header(const iots_reply *reply, const char *name)
{
    const iots_response *response = &reply->response;
    for (size_t i = 0; i < response->header_count; i++) {
        if (ix_str_is_nocase(ix_str_of(response->headers[i].name), name))
            return response->headers[i].value;
    }
    return NULL;
}

const char *iots_reply_header(const iots_reply *reply, const char *name)
{
    return reply && name ? reply_header(seen(reply), name) : NULL;
}

bool iots_reply_header_at(const iots_reply *reply, size_t index, iots_param *ret)
{
    reply = seen(reply);
    if (!reply || index >= reply->response.header_count)
        return false;
    *ret = reply->response.headers[index];
    return true;
}

const char *iots_reply_bytes(const iots_reply *reply, size_t *ret_size)
{
    reply = seen(reply);
    if (ret_size)
        *ret_size = reply ? reply->response.body.len : 0;
    return reply ? ix_buf_cstr(&reply->response.body) : "";
}

const char *iots_reply_url(const iots_reply *reply)
{
    reply = seen(reply);
    return reply && reply->url ? reply->url : "";
}

const char *iots_reply_method(const iots_reply *reply)
{
    reply = seen(reply);
    return reply && reply->method ? reply->method : "";
}

int64_t iots_reply_elapsed_us(const iots_reply *reply)
{
    reply = seen(reply);
    return reply ? reply->elapsed_us : 0;
}

int iots_reply_requests(const iots_reply *reply)
{
    reply = seen(reply);
    return reply ? reply->requests : 0;
}

const char *iots_code_text(iots_code code)
{
    return ix_code_sentence(code);
}

const char *iots_code_name(iots_code code)
{
    return ix_code_name(code);
}

const char *iots_version(void)
{
    return IOTS_VERSION;
}
