/* SPDX-License-Identifier: Apache-2.0 */
#include "api/failure.h"

#include "api/html.h"
#include "contract/codes.h"

/* The words of an OAuth2 failure (docs/api/http.md 3.2) that no handler named. */
static const char *oauth2_word(const api_call *call, int status)
{
    if (call->oauth2_error)
        return call->oauth2_error;
    if (status < 500)
        return "invalid_request";
    return status == 503 ? "temporarily_unavailable" : "server_error";
}

static void write_oauth2_failure(api_call *call, int status, const char *message)
{
    ix_buf_format(&call->reply,
                  "{\"error\":\"%s\",\"error_description\":", oauth2_word(call, status));
    ix_json_write_text(&call->reply, ix_str_of(message));
    ix_buf_text(&call->reply, "}");
}

static void write_details(ix_buf *buf, const ix_error *error)
{
    if (error->details) {
        ix_buf_text(buf, ",\"details\":");
        ix_json_write(buf, error->details);
    } else if (error->field && error->reason) {
        ix_buf_text(buf, ",\"details\":{\"field\":");
        ix_json_write_text(buf, ix_str_of(error->field));
        ix_buf_text(buf, ",\"reason\":");
        ix_json_write_text(buf, ix_str_of(error->reason));
        ix_buf_char(buf, '}');
    }
}

/* What went wrong inside is for the log, not for the one who asked. */
static bool is_ours(const ix_error *error)
{
    return error_status(error) >= 500;
}

static const char *message_of(const ix_error *error)
{
    if (!is_ours(error))
        return error->message;
    return ix_code_sentence(error_status(error) == 500 ? IOTS_INTERNAL : error->code);
}

int error_status(const ix_error *error)
{
    const int status = ix_code_http(error->code);
    return status ? status : 500;
}

void error_write(ix_buf *buf, const ix_error *error)
{
    ix_buf_format(buf, "{\"error\":{\"status\":%d,\"message\":", error_status(error));
    ix_json_write_text(buf, ix_str_of(message_of(error)));
    if (!is_ours(error))
        write_details(buf, error);
    ix_buf_text(buf, "}}");
}

static void add_challenge(api_call *call, bool is_oauth2)
{
    const bool by_basic = is_oauth2 && call->request.authorization.len;
    call->headers[call->header_count++] =
        (call_header){"WWW-Authenticate", by_basic ? "Basic realm=\"oauth2\"" : "Bearer"};
}

static void add_retry_after(api_call *call)
{
    const char *seconds = ix_format(call->cx, "%d", call->retry_after_s);
    if (seconds)
        call->headers[call->header_count++] = (call_header){"Retry-After", seconds};
}

static void write_failure(api_call *call, int status)
{
    const ix_error *error = &call->cx->error;
    const unsigned flags = call->match.op ? call->match.op->flags : 0;
    call->reply_type = "application/json";
    if (error->code == IOTS_NOT_IMPLEMENTED || !(flags & (IX_HTML | IX_OAUTH2))) {
        error_write(&call->reply, error);
    } else if (flags & IX_HTML) {
        html_failure(call, message_of(error));
    } else {
        reply_no_store(call);
        write_oauth2_failure(call, status, message_of(error));
    }
}

void reply_failure(api_call *call)
{
    const int status = error_status(&call->cx->error);
    ix_buf_clear(&call->reply);
    call->header_count = 0;
    call->subscriber_count = 0;
    if (status == 401)
        add_challenge(call, call->match.op && call->match.op->flags & IX_OAUTH2);
    if (status == 429)
        add_retry_after(call);
    write_failure(call, status);
    if (call->reply.failed)
        ix_buf_done(&call->reply);
    if (!call->reply.len)
        call->reply_type = NULL;
    call->status = status;
}
