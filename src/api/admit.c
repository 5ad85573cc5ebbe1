/* SPDX-License-Identifier: Apache-2.0 */
#include "api/admit.h"

#include <assert.h>

#include "api/api.h"
#include "api/auth.h"
#include "api/failure.h"
#include "api/preserve.h"

/* ---- which operation ---- */

static bool refuse_method(api_call *call)
{
    const char *allow = ix_allow_header(call->cx, call->match.allowed);
    if (!allow)
        return false;
    ix_fail(call->cx, IOTS_METHOD_NOT_ALLOWED, NULL);
    reply_failure(call);
    call->headers[call->header_count++] = (call_header){"Allow", allow};
    return false;
}

static bool answer_options(api_call *call)
{
    const char *allow = ix_allow_header(call->cx, call->match.allowed);
    if (!allow)
        return false;
    call->headers[call->header_count++] = (call_header){"Allow", allow};
    call->status = 204;
    return false;
}

/* Is there such a route, as far as this one may know? */
static bool shows_route(const api_call *call)
{
    if (!call->match.is_operators)
        return call->match.route_exists;
    const metrics_mode mode = call->api->settings.metrics;
    return mode == METRICS_ALL || (mode == METRICS_LOOPBACK && call->request.is_from_loopback);
}

bool call_match(api_call *call)
{
    if (call->match.op)
        return true;
    ix_str path;
    call->query = ix_str_cut(call->request.target, '?', &path);
    const bool is_known = ix_method_parse(call->request.method, &call->method);
    /* OPTIONS has no row, so it only finds out whether there is such a route. */
    const ix_method method = is_known ? call->method : IX_OPTIONS;
    if (!ix_ops_match(call->cx, method, path, &call->match))
        return false;
    if (method == IX_OPTIONS && is_known && ix_str_is(path, "*")) {
        call->match.allowed = (1U << IX_METHOD_COUNT) - 1; /* of the server as a whole */
        return answer_options(call);
    }
    if (!shows_route(call))
        return ix_fail(call->cx, IOTS_NOT_FOUND, "Not found");
    if (is_known && method == IX_OPTIONS)
        return answer_options(call);
    return call->match.op || refuse_method(call);
}

/* ---- who asks, and may they ---- */

bool call_authenticate(api_call *call)
{
    return call->who.client || !call->match.op->scopes ||
           auth_check(call->cx, call->api->auth, call->request.authorization, call->now_us,
                      &call->who);
}

bool call_authorise(api_call *call)
{
    const uint64_t scopes = call->match.op->scopes;
    if (!scopes)
        return true;
    if (!(scopes & call->who.scopes))
        return ix_fail(call->cx, IOTS_FORBIDDEN, NULL);

    const char *space = call_space(call);
    if (space && !ix_space_is_valid(ix_str_of(space)))
        return ix_fail(call->cx, IOTS_NOT_FOUND, NULL);
    if ((space && !caller_may_enter(&call->who, space)) ||
        !caller_may_touch(&call->who, CALL_VAR(call, thing)))
        return ix_fail(call->cx, IOTS_FORBIDDEN, NULL);
    return true;
}

/* ---- is what they ask in order ---- */

bool call_check_path(api_call *call)
{
    const char *space = call_space(call);
    return ix_match_check(call->cx, &call->match) &&
           (!space || auth_has_space(call->api->auth, space) ||
            ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

/* Media types of request bodies, in bits. */
enum {
    TYPE_JSON = 1 << 0,
    TYPE_JSON_PATCH = 1 << 1,
    TYPE_MERGE_PATCH = 1 << 2,
    TYPE_FORM = 1 << 3,
    TYPE_TD = 1 << 4,
};

typedef struct media_type {
    const char *name;
    unsigned bit;
} media_type;

// clang-format off
static const media_type media_types[] = {
    {"application/json",                  TYPE_JSON},
    {"application/json-patch+json",       TYPE_JSON_PATCH},
    {"application/merge-patch+json",      TYPE_MERGE_PATCH},
    {"application/x-www-form-urlencoded", TYPE_FORM},
    {"application/td+json",               TYPE_TD},
    {"application/ld+json",               TYPE_TD},
};

static const unsigned types_taken[] = {
    [IX_BODY_JSON]     = TYPE_JSON,
    [IX_BODY_TD]       = TYPE_JSON | TYPE_TD,
    [IX_BODY_OPTIONAL] = TYPE_JSON,
    [IX_BODY_PATCH]    = TYPE_JSON | TYPE_JSON_PATCH | TYPE_MERGE_PATCH,
    [IX_BODY_FORM]     = TYPE_FORM,
};
// clang-format on

/* A body without a type is taken for what it should be. */
static bool check_type(api_call *call)
{
    const ix_str name = call_media_type(call);
    if (!name.len)
        return true;
    for (size_t i = 0; i < sizeof media_types / sizeof media_types[0]; i++) {
        if (ix_str_is_nocase(name, media_types[i].name))
            return types_taken[call->match.op->body_kind] & media_types[i].bit ||
                   ix_fail(call->cx, IOTS_UNSUPPORTED_MEDIA_TYPE, NULL);
    }
    return ix_fail(call->cx, IOTS_UNSUPPORTED_MEDIA_TYPE, NULL);
}

/* A sentence about JSON becomes the reason. */
static bool refuse_json(api_call *call)
{
    ix_ctx *cx = call->cx;
    if (cx->error.code != IOTS_INVALID)
        return false;
    const char *reason = ix_strdup(cx, cx->error.message);
    if (!reason)
        return false;
    ix_ctx_clear_error(cx);
    return ix_fail_field(cx, IOTS_INVALID, "malformed body", "", "%s", reason);
}

static bool read_json(api_call *call)
{
    const ix_op *op = call->match.op;
    /* What is put back may stand inside of more than it stood in when it was taken. */
    ix_json *body =
        (call_preserves(call) ? ix_json_parse_wrapped : ix_json_parse)(call->cx, call->raw_body.at,
                                                                       call->raw_body.len);
    if (!body)
        return refuse_json(call);
    /* A Thing is read in one go by its own rules (domain/thing.h), which include its table. */
    if (op->body && op->body != &ix_doc_thing &&
        !ix_schema_read(call->cx, op->body, op->method == IX_PUT ? IX_UPDATE : IX_CREATE, body,
                        &body))
        return false;
    call->body = body;
    return true;
}

bool call_check_body(api_call *call)
{
    switch (call->match.op->body_kind) {
    case IX_BODY_NONE:
        return true;
    case IX_BODY_OPTIONAL:
        return !call->raw_body.len || (check_type(call) && read_json(call));
    case IX_BODY_JSON:
    case IX_BODY_TD:
    case IX_BODY_PATCH:
        return check_type(call) && read_json(call);
    case IX_BODY_FORM:
        return check_type(call) && ix_pairs_parse(call->cx, call->raw_body, &call->form);
    }
    assert(false);
    return false;
}

/* What a DELETE may be given without harm: docs/api/http.md 10.1 has it ignore the title. */
static uint64_t known_to(const ix_op *op)
{
    const bool is_of_things = ix_op_index(op) == IX_OP_things_delete;
    return ix_op_params(op) | (is_of_things ? IX_PARAM_BIT(title) : 0);
}

bool call_check_query(api_call *call)
{
    const ix_op *op = call->match.op;
    ix_pair *pairs;
    if (call->query.len && !ix_pairs_parse(call->cx, call->query, &pairs))
        return false;
    const ix_pair *params = call->query.len ? pairs : call->params;
    return (op->method != IX_DELETE || ix_pairs_check_known(call->cx, known_to(op), params)) &&
           ix_args_read(call->cx, ix_op_params(op), params, call->args);
}
