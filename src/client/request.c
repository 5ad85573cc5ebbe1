/* SPDX-License-Identifier: Apache-2.0 */
#include "client/request.h"

#include <string.h>

#include "base/buf.h"

bool request_init(client_request *request, ix_method method)
{
    memset(request, 0, sizeof *request);
    if (!ix_ctx_init(&request->cx, 0))
        return false;
    static const iots_param no_headers[1];
    request->shown = (iots_request){.size = sizeof request->shown,
                                    .method = ix_method_name(method),
                                    .url = "",
                                    .headers = no_headers,
                                    .may_repeat = ix_method_is_idempotent(method)};
    return true;
}

/* Wipes a copy of our own, in the arena. */
static void wipe(const void *bytes, size_t size)
{
    union {
        const void *from;
        void *to;
    } hold = {.from = bytes};
    explicit_bzero(hold.to, size);
}

void request_wipe_body(client_request *request)
{
    wipe(request->shown.body, request->shown.body_size);
}

void request_done(client_request *request)
{
    for (size_t i = 0; i < request->header_count; i++)
        wipe(request->headers[i].value, strlen(request->headers[i].value));
    if (request->owns_body)
        request_wipe_body(request);
    ix_ctx_done(&request->cx);
}

bool request_own(client_request *request)
{
    iots_request *shown = &request->shown;
    if (shown->body && !request->owns_body) {
        void *copy = ix_alloc(&request->cx, shown->body_size);
        if (!copy)
            return false;
        if (shown->body_size)
            memcpy(copy, shown->body, shown->body_size);
        shown->body = copy;
        request->owns_body = true;
    }
    if (shown->ca_file)
        shown->ca_file = ix_strdup(&request->cx, shown->ca_file);
    return !ix_failed(&request->cx);
}

/* RFC 9110 5.6.2: what a name is made of. */
static bool is_of_token(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool header_check(ix_ctx *cx, const char *name, const char *value)
{
    for (const char *c = name; *c; c++) {
        if (!is_of_token(*c))
            return ix_fail(cx, IOTS_USAGE, "no header can be called '%s'", name);
    }
    if (!*name)
        return ix_fail(cx, IOTS_USAGE, "a header has no name");
    for (const char *c = value; *c; c++) {
        if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7F)
            return ix_fail(cx, IOTS_USAGE, "%s: a header has no control characters", name);
    }
    return true;
}

static iots_param *request_find(const client_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (ix_str_is_nocase(ix_str_of(request->headers[i].name), name))
            return &request->headers[i];
    }
    return NULL;
}

const char *iots_request_header(const iots_request *shown, const char *name)
{
    for (const iots_param *header = shown->headers; header->name; header++) {
        if (ix_str_is_nocase(ix_str_of(header->name), name))
            return header->value;
    }
    return NULL;
}

static bool make_room(client_request *request)
{
    if (request->header_count + 1 < request->header_room)
        return true;
    const size_t room = request->header_room ? 2 * request->header_room : 16;
    iots_param *larger = ix_new(&request->cx, iots_param, room);
    if (!larger)
        return false;
    if (request->header_count)
        memcpy(larger, request->headers, request->header_count * sizeof *larger);
    request->headers = larger;
    request->header_room = room;
    request->shown.headers = larger;
    return true;
}

static bool put_header(client_request *request, const char *name, const char *value)
{
    ix_ctx *cx = &request->cx;
    const char *copy = ix_strdup(cx, value);
    if (!copy)
        return false;
    iots_param *header = request_find(request, name);
    if (header) {
        wipe(header->value, strlen(header->value));
        header->value = copy;
        return true;
    }
    name = ix_strdup(cx, name);
    if (!name || !make_room(request))
        return false;
    request->headers[request->header_count++] = (iots_param){name, copy};
    return true;
}

static bool set_header(client_request *request, const char *name, const char *value)
{
    if (!name || !value)
        return ix_fail(&request->cx, IOTS_USAGE, "a header has no name or no value");
    return header_check(&request->cx, name, value) && put_header(request, name, value);
}

bool iots_request_set_header(iots_request *shown, const char *name, const char *value)
{
    return set_header((client_request *)shown, name, value);
}

bool request_default_header(client_request *request, const char *name, const char *value)
{
    return request_find(request, name) || put_header(request, name, value);
}

bool request_set_headers(client_request *request, const iots_param *headers)
{
    for (const iots_param *header = headers; header && header->name; header++) {
        if (header->value && !set_header(request, header->name, header->value))
            return false;
    }
    return true;
}

bool request_add_params(client_request *request, const iots_param *params)
{
    ix_buf url = {0};
    ix_buf_text(&url, request->shown.url);
    char mark = strchr(request->shown.url, '?') ? '&' : '?';
    for (const iots_param *param = params; param && param->name; param++) {
        if (!param->value)
            continue;
        ix_buf_char(&url, mark);
        ix_buf_percent(&url, ix_str_of(param->name));
        ix_buf_char(&url, '=');
        ix_buf_percent(&url, ix_str_of(param->value));
        mark = '&';
    }
    ix_str longer;
    if (!ix_buf_take_in(&request->cx, &url, &longer))
        return false;
    request->shown.url = longer.at;
    return true;
}

bool iots_request_add_param(iots_request *shown, const char *name, const char *value)
{
    client_request *whole = (client_request *)shown;
    if (!name || !value)
        return ix_fail(&whole->cx, IOTS_USAGE, "a query parameter has no name or no value");
    const iots_param params[] = {{name, value}, {NULL, NULL}};
    return request_add_params(whole, params);
}

void request_fail(iots_request *shown, iots_code code)
{
    ix_fail(&((client_request *)shown)->cx, code, NULL);
}
