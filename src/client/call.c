/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"

#include <string.h>

#include "client/async.h"
#include "client/gzip.h"
#include "client/opts.h"
#include "client/request.h"
#include "client/value.h"

/* ---- where to ---- */

/* A name that a path cannot hold: servers and proxies make something else of it. */
static bool var_check(ix_ctx *cx, ix_var var, const char *value)
{
    if (!value || (*value && strcmp(value, ".") != 0 && strcmp(value, "..") != 0))
        return true;
    return ix_fail(cx, IOTS_USAGE, "%s: '%s' is not a name", ix_vars[var].name, value);
}

static const char *operation_url(ix_ctx *cx, const iots_api *api, const client_call *call)
{
    for (int var = 0; var < IX_VAR_COUNT; var++) {
        if (!var_check(cx, (ix_var)var, call->vars[var]))
            return NULL;
    }
    return ix_op_url(cx, api->host, call->op, call->vars);
}

/* The URL of a request of the program's own. *ret_home: it is of the API's host. */
static const char *free_url(ix_ctx *cx, const iots_api *api, const client_call *call,
                            bool *ret_home)
{
    const char *given = call->url ? call->url : "";
    *ret_home = true;
    if (*given == '/')
        return url_join(cx, ix_str_of(api->host), ix_str_of(given));
    client_url there = {0};
    if (!url_has_scheme(given)) {
        ix_fail(cx, IOTS_USAGE, "'%s' is not a URL: expected / or https:// in front", given);
        return NULL;
    }
    if (!url_parse(cx, given, &there))
        return NULL;
    *ret_home = url_same_origin(&api->home, &there);
    if (!*ret_home && !call->is_for_token) {
        ix_fail(cx, IOTS_USAGE, "%s is of another host than %s: not sent", given, api->host);
        return NULL;
    }
    return url_join(cx, *ret_home ? api->home.origin : there.origin, there.rest);
}

/* ---- bodies ---- */

static const char *const types[] = {
    [IX_BODY_JSON] = "application/json",
    [IX_BODY_TD] = "application/json",
    [IX_BODY_OPTIONAL] = "application/json",
    [IX_BODY_PATCH] = "application/json-patch+json",
    [IX_BODY_FORM] = "application/x-www-form-urlencoded",
};

static bool types_match(const char *given, const char *declared)
{
    ix_str type;
    ix_str_cut(ix_str_of(given), ';', &type);
    type = ix_str_trim(type);
    return ix_str_is_nocase(type, declared) || ix_str_is(type, "*/*");
}

static bool add_body(client_request *request, const client_call *call)
{
    ix_ctx *cx = &request->cx;
    const ix_body kind = call->op ? call->op->body_kind : IX_BODY_OPTIONAL;
    if (value_is_none(call->body)) {
        if (kind == IX_BODY_NONE || kind == IX_BODY_OPTIONAL)
            return true;
        return ix_fail(cx, IOTS_USAGE, "%s needs a body", call->op->name);
    }
    if (kind == IX_BODY_NONE)
        return ix_fail(cx, IOTS_USAGE, "%s takes no body", call->op->name);

    const char *declared = call->op || value_is_json(call->body) ? types[kind] : NULL;
    const char *given = iots_request_header(&request->shown, "Content-Type");
    const bool is_declared = declared && (!given || types_match(given, declared));
    ix_str body;
    if (!value_body(cx, call->body, is_declared && kind != IX_BODY_FORM, &body))
        return false;
    request->shown.body = body.at ? body.at : "";
    request->shown.body_size = body.len;
    request->owns_body = body.at != call->body.as.pointer;
    return given || !declared || iots_request_set_header(&request->shown, "Content-Type", declared);
}

/* Replaces the body by a compressed one, if it becomes smaller. A body whose coding the program has
 * named is the program's. */
static bool pack_body(client_request *request)
{
    iots_request *shown = &request->shown;
    ix_ctx *cx = &request->cx;
    if (iots_request_header(shown, "Content-Encoding"))
        return true;
    ix_str packed;
    if (!gzip_body(cx, (ix_str){shown->body, shown->body_size}, &packed))
        return false;
    if (!packed.at)
        return true;
    if (request->owns_body)
        request_wipe_body(request);
    shown->body = packed.at;
    shown->body_size = packed.len;
    request->owns_body = true;
    return iots_request_set_header(shown, "Content-Encoding", "gzip");
}

/* ---- all together ---- */

static int timeout_of(int of_call, int otherwise)
{
    return of_call < 0 ? 0 : of_call ? of_call : otherwise;
}

static bool prepare(iots_api *api, const client_call *call, const iots_call_opts *opts,
                    client_request *request)
{
    iots_request *shown = &request->shown;
    bool is_home = true;
    shown->url = call->op ? operation_url(&request->cx, api, call)
                          : free_url(&request->cx, api, call, &is_home);
    if (!shown->url) {
        shown->url = api->host;
        return false;
    }
    for (int i = 0; i < CALL_PARAMS; i++) {
        if (call->params[i] && !request_add_params(request, call->params[i]))
            return false;
    }
    if (opts->params && !request_add_params(request, opts->params))
        return false;
    if (!request_set_headers(request, opts->headers) ||
        (is_home && !api_add_headers(api, request)) ||
        !request_default_header(request, "Accept", "application/json") ||
        !request_default_header(request, "User-Agent", "libiots/" IOTS_VERSION))
        return false;

    shown->read_timeout_ms = timeout_of(opts->timeout_ms, api->read_timeout_ms);
    const int connect_ms = opts->timeout_ms ? shown->read_timeout_ms : api->connect_timeout_ms;
    shown->connect_timeout_ms = timeout_of(opts->connect_timeout_ms, connect_ms);
    shown->verify = opts->verify == IOTS_DEFAULT ? api->verify : opts->verify == IOTS_YES;
    shown->ca_file = opts->ca_file ? opts->ca_file : api->ca_file;
    shown->reply_max_bytes = api->reply_max_bytes;
    shown->proxy = api->proxy;
    shown->may_repeat |= call->is_for_token; /* a token more does no harm */
    if (!add_body(request, call))
        return false;
    const bool is_packed = is_home && !call->is_for_token && api->gzip_body_min_bytes &&
                           shown->body_size >= api->gzip_body_min_bytes;
    return !is_packed || pack_body(request);
}

static bool is_secure(const client_call *call, const iots_call_opts *opts)
{
    const bool usual = !call->op || call->op->scopes;
    return !call->is_for_token && (opts->auth == IOTS_DEFAULT ? usual : opts->auth == IOTS_YES);
}

bool call_offload(iots_api *api, const client_call *call, const iots_call_opts *opts,
                  client_request *request, client_sending *ret)
{
    ix_ctx *cx = &ret->reply->cx;
    if (!api_check(cx, api))
        return false;
    if (call->fault)
        return ix_fail(cx, call->fault->code, "%s", call->fault->message);
    const char *method = call->op ? ix_method_name(call->op->method) : call->method;
    ix_method known;
    if (!method || !ix_method_parse(ix_str_of(method), &known))
        return ix_fail(cx, IOTS_USAGE, "'%s' is not a method", method ? method : "");
    if (!request_init(request, known) || !prepare(api, call, opts, request))
        return ix_ctx_forward_error(cx, &request->cx);
    ret->reply->response.max_bytes = api->reply_max_bytes;
    ret->api = api;
    ret->request = request;
    ret->is_secure = is_secure(call, opts);
    ret->retries = opts->retries < 0 ? 0 : opts->retries ? opts->retries : api->retries;
    return true;
}

iots_reply *call_make(iots_api *api, const client_call *call)
{
    iots_reply *reply = reply_new(0);
    if (!reply)
        return reply_no_memory();
    iots_call_opts opts;
    client_request request = {0};
    client_sending sending = {.reply = reply};
    if (opts_take(&reply->cx, "iots_call_opts", call->opts, &opts, sizeof opts)) {
        if (opts.async)
            return opts.async->begin(opts.async, api, call, &opts, reply);
        if (opts.done)
            ix_fail(&reply->cx, IOTS_USAGE, "iots_call_opts: .done is set, but not .async");
        else if (call_offload(api, call, &opts, &request, &sending))
            send_request(&sending);
    }
    request_done(&request);
    if (!sending.is_final)
        reply_read(reply, call->op);
    return reply;
}

iots_reply *iots_api_request(iots_api *api, const char *method, const char *url, iots_value body,
                             const iots_call_opts *opts)
{
    return call_make(api, &(client_call){.method = method, .url = url, .body = body, .opts = opts});
}

/* ---- any operation, by name ---- */

/* Is there {name} in the path of the row? */
static bool has_var(const ix_op *op, ix_var var)
{
    if (var == IX_VAR_category && op->flags & IX_ALSO_IN_CATEGORY)
        return true;
    const size_t len = strlen(ix_vars[var].name);
    for (const char *at = op->path; (at = strchr(at, '{')); at++) {
        if (strncmp(at + 1, ix_vars[var].name, len) == 0 && at[1 + len] == '}')
            return true;
    }
    return false;
}

static bool take_var(client_call *call, const iots_param *param)
{
    for (int var = 0; var < IX_VAR_COUNT; var++) {
        if (strcmp(param->name, ix_vars[var].name) == 0 && has_var(call->op, (ix_var)var)) {
            call->vars[var] = param->value;
            return true;
        }
    }
    return false;
}

bool call_by_name(ix_ctx *cx, const char *operation, const iots_param *params, client_call *ret)
{
    *ret = (client_call){.op = operation ? ix_op_find(operation) : NULL};
    if (!ret->op)
        return ix_fail(cx, IOTS_USAGE, "there is no operation '%s'", operation ? operation : "");
    iots_param *rest = ix_new(cx, iots_param, opts_count(params) + 1);
    if (!rest)
        return false;
    ret->params[0] = rest;
    for (const iots_param *param = params; param && param->name; param++) {
        if (!take_var(ret, param))
            *rest++ = *param;
    }
    return true;
}

iots_reply *iots_api_call(iots_api *api, const char *operation, const iots_param *params,
                          iots_value body, const iots_call_opts *opts)
{
    ix_ctx cx;
    client_call call = {0};
    if (!ix_ctx_init(&cx, 0) || !call_by_name(&cx, operation, params, &call))
        call.fault = &cx.error;
    call.body = body;
    call.opts = opts;
    iots_reply *reply = call_make(api, &call);
    ix_ctx_done(&cx);
    return reply;
}
