/* SPDX-License-Identifier: Apache-2.0 */
#include "api/dispatch.h"

#include <assert.h>
#include <stdlib.h>

#include "api/api.h"
#include "api/credentials.h"
#include "api/email.h"
#include "api/interactions.h"
#include "api/login.h"
#include "api/preserve.h"
#include "api/thing_write.h"
#include "api/tokens.h"

/* Operations that are not written yet. They are refused at the door, so their handlers never run. */
static const bool is_waiting[IX_OP_COUNT] = {
#define UNIMPLEMENTED(id) [IX_OP_##id] = true,
#include "api/unimplemented.def"
#undef UNIMPLEMENTED
};

bool op_is_unimplemented(size_t op)
{
    return is_waiting[op];
}

/* Every operation has a handler of the same name. */
static handler *const handlers[IX_OP_COUNT] = {
#define OP(id, ...) [IX_OP_##id] = on_##id,
#include "contract/ops.def"
#undef OP
};

/* What goes before it where the row says IX_PREPARES. */
static handler *const offloaders[IX_OP_COUNT] = {
    [IX_OP_email_send] = offload_email_send,
    [IX_OP_token_create] = offload_token_create,
    [IX_OP_token_revoke] = offload_token_revoke,
    [IX_OP_login_submit] = offload_login_submit,
    [IX_OP_thing_reset_secret] = offload_thing_reset_secret,
    [IX_OP_thing_mqtt_create] = offload_mqtt_create,
    [IX_OP_thing_mqtt_update] = offload_mqtt_update,
    [IX_OP_category_mqtt_create] = offload_mqtt_create,
    [IX_OP_category_mqtt_update] = offload_mqtt_update,
};

/* What goes before it, of all that takes work, because it only reads: whether what the path and the body
 * name is there, and whether the body fits it. */
static handler *const planners[IX_OP_COUNT] = {
    [IX_OP_things_create] = plan_things_create,
    [IX_OP_thing_update] = plan_thing_update,
    [IX_OP_thing_patch] = plan_thing_patch,
    [IX_OP_things_patch] = plan_things_patch,
    [IX_OP_property_update] = plan_property_update,
    [IX_OP_properties_update] = plan_properties_update,
    [IX_OP_history_create] = plan_history_create,
    [IX_OP_property_history_create] = plan_property_history_create,
    [IX_OP_actions_create] = plan_actions_create,
    [IX_OP_action_update] = plan_action_update,
    [IX_OP_events_create] = plan_events_create,
};

/* Handlers that ask the store one question need no snapshot to get answers of one moment. */
static const bool asks_once[IX_OP_COUNT] = {
    [IX_OP_property_get] = true, [IX_OP_action_get] = true, [IX_OP_event_get] = true,
    [IX_OP_spaces_list] = true,  [IX_OP_login_page] = true,
};

/* Handlers that refuse only before they write: whatever fails afterwards is the store or the memory. */
static const bool checks_first[IX_OP_COUNT] = {
    [IX_OP_property_update] = true,
    [IX_OP_properties_update] = true,
};

/* Handlers that do without a store of ours answer while it is out of reach, too: some at once, and
 * one that looks for it by itself, which may take time. */
static const bool asks_nothing[IX_OP_COUNT] = {[IX_OP_openapi_get] = true};
static const bool asks_itself[IX_OP_COUNT] = {[IX_OP_metrics_get] = true};

/* ---- beginning and end ---- */

/* A call with what it cannot be without, in one piece. */
typedef struct whole_call {
    api_call call;
    ix_ctx cx;
} whole_call;

api_call *call_new(api_state *api, const call_request *request)
{
    whole_call *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    if (!ix_ctx_init(&made->cx, CALL_ARENA_BYTES)) {
        free(made);
        return NULL;
    }
    made->call.cx = &made->cx;
    made->call.api = api;
    made->call.request = *request;
    return &made->call;
}

void call_free(api_call *call)
{
    if (!call)
        return;
    ix_buf_done(&call->reply);
    ix_ctx_done(call->cx);
    free(call);
}

/* ---- before the body ---- */

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

/* The row for method and path. */
static bool find_row(api_call *call)
{
    ix_str path;
    ix_str_cut(call->request.target, '?', &path);
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

/* Token, scope, space and Thing of the caller. */
static bool authorise(api_call *call)
{
    const uint64_t scopes = call->match.op->scopes;
    if (!scopes)
        return true;
    if (!auth_check(call->cx, call->api->auth, call->request.authorization, call->now_us,
                    &call->who))
        return false;
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

static bool check_space(api_call *call)
{
    const char *space = call_space(call);
    return !space || auth_has_space(call->api->auth, space) ||
           ix_fail(call->cx, IOTS_NOT_FOUND, NULL);
}

bool call_admit(api_call *call)
{
    call->now_us = api_now_us(call->api);
    if (find_row(call) && authorise(call) && ix_match_check(call->cx, &call->match) &&
        check_space(call)) {
        if (!is_waiting[ix_op_index(call->match.op)])
            return true;
        on_unimplemented(call);
    }
    if (!call->status)
        reply_failure(call);
    return false;
}

void call_refuse_rate(api_call *call, int retry_after_s)
{
    ix_ctx_clear_error(call->cx);
    ix_fail(call->cx, IOTS_TOO_MANY, NULL);
    call->oauth2_error = "slow_down";
    call->retry_after_s = retry_after_s;
    reply_failure(call);
}

bool on_unimplemented(api_call *call)
{
    return ix_fail(call->cx, IOTS_NOT_IMPLEMENTED, NULL);
}

#define UNIMPLEMENTED(id)              \
    bool on_##id(api_call *call)       \
    {                                  \
        return on_unimplemented(call); \
    }
#include "api/unimplemented.def"
#undef UNIMPLEMENTED

/* ---- query and body ---- */

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

static bool read_body(api_call *call)
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

static bool read_query(api_call *call)
{
    ix_str path;
    const ix_str query = ix_str_cut(call->request.target, '?', &path);
    const ix_op *op = call->match.op;
    return (op->method != IX_DELETE || ix_args_check_known(call->cx, known_to(op), query)) &&
           ix_args_parse(call->cx, ix_op_params(op), query, call->args);
}

static bool failed(api_call *call)
{
    call->next_phase = PHASE_REPLY;
    if (call->cut)
        call->cut(call, &call->cx->error);
    else
        reply_failure(call);
    return false;
}

/* Without a reply to a failure. */
static bool try(api_call *call, handler *handle, store_handle *store)
{
    call->now_us = api_now_us(call->api);
    ix_buf_clear(&call->reply);
    call->store = store;
    const bool ok = handle(call);
    call->store = NULL;
    return ok;
}

static bool dispatch_run(api_call *call, handler *handle, store_handle *store)
{
    return try(call, handle, store) || failed(call);
}

/* Is there anything in the path, below the space, that may turn out not to exist? */
static bool names_something(const api_call *call)
{
    return CALL_VAR(call, category) || CALL_VAR(call, thing) || CALL_VAR(call, model);
}

/* Keeps what is wrong with the request until it is known that what it names exists. */
static call_phase keep_problem(api_call *call)
{
    if (!names_something(call)) {
        reply_failure(call);
        return PHASE_REPLY;
    }
    call->problem = call->cx->error;
    ix_ctx_clear_error(call->cx);
    return PHASE_READ;
}

/* Reads query and body. */
static call_phase read_request(api_call *call)
{
    call->is_read = true;
    if (!read_query(call) || !read_body(call))
        return keep_problem(call);
    const ix_op_id id = ix_op_index(call->match.op);
    if (asks_nothing[id]) {
        dispatch_run(call, handlers[id], NULL);
        return PHASE_REPLY;
    }
    const unsigned flags = call->match.op->flags;
    return flags & IX_PREPARES ? PHASE_OFFLOAD : flags & IX_WRITES ? PHASE_WRITE : PHASE_READ;
}

call_phase call_start(api_call *call, ix_str body)
{
    call->raw_body = body;
    ix_ctx_limit(call->cx, CALL_STEPS_MAX + body.len);
    return body.len > CALL_QUICK_BODY ? PHASE_OFFLOAD : read_request(call);
}

/* Is the action or event there that the path names, and the interaction, if it names one? */
static bool check_interaction_path(api_call *call)
{
    const interaction_kind kind = CALL_VAR(call, action) ? INTERACTION_ACTION : INTERACTION_EVENT;
    ix_str text;
    if (CALL_VAR(call, action_id) || CALL_VAR(call, event_id))
        return call_interaction(call, kind, &text);
    return call->match.op->method == IX_GET ? call_affordance_or_interactions(call, kind)
                                            : call_affordance(call, kind, &text);
}

/* Is all there that the path names? */
static bool check_path(api_call *call)
{
    const ix_op_id id = ix_op_index(call->match.op);
    if (id == IX_OP_thing_mqtt_update || id == IX_OP_category_mqtt_update)
        return mqtt_credentials_exist(call);
    if (!call_category_exists(call) || !call_model_exists(call))
        return false;
    if (!CALL_VAR(call, thing))
        return true;
    if (CALL_VAR(call, action) || CALL_VAR(call, event))
        return check_interaction_path(call);
    if (!CALL_VAR(call, property))
        return call_thing_exists(call);

    property_row row;
    return id == IX_OP_property_history_list || id == IX_OP_property_history_delete
               ? call_property_or_history(call)
               : call_property(call, &row);
}

static void tell_problem(api_call *call, store_handle *reader)
{
    call->store = reader;
    if (check_path(call))
        call->cx->error = call->problem;
    reply_failure(call);
    call->store = NULL;
}

size_t call_body_limit(const api_call *call)
{
    const size_t limit = call->api->settings.body_limit;
    const bool is_form = call->match.op && call->match.op->body_kind == IX_BODY_FORM;
    return is_form && limit > CALL_FORM_MAX ? CALL_FORM_MAX : limit;
}

call_phase call_start_without_body(api_call *call, iots_code why, const char *reason)
{
    if (read_query(call)) {
        if (reason)
            ix_fail_field(call->cx, why, "malformed body", "", "%s", reason);
        else
            ix_fail(call->cx, why, NULL);
    }
    return keep_problem(call);
}

/* ---- the phases ---- */

/* With a snapshot, so that a handler that asks twice gets answers of one moment. */
static bool run_reading(api_call *call, handler *handle, store_handle *reader)
{
    if (!store_begin(call->cx, reader))
        return failed(call);
    const bool ok = dispatch_run(call, handle, reader);
    store_rollback(reader);
    return ok;
}

bool call_is_quick(const api_call *call)
{
    return !(call->match.op->flags & IX_PAGED);
}

bool call_needs_store(const api_call *call)
{
    return !asks_itself[ix_op_index(call->match.op)];
}

call_phase call_read(api_call *call, store_handle *reader)
{
    const ix_op_id op = ix_op_index(call->match.op);
    if (call->problem.code != IOTS_OK)
        tell_problem(call, reader);
    else if (asks_once[op] || asks_itself[op])
        dispatch_run(call, handlers[op], reader);
    else
        run_reading(call, handlers[op], reader);
    return PHASE_REPLY;
}

/* One that has made the reply has done all there was to do. */
static call_phase prepare(api_call *call, handler *prepare, store_handle *reader)
{
    if (!dispatch_run(call, prepare, reader) || call->status)
        return PHASE_REPLY;
    return call->match.op->flags & IX_WRITES ? PHASE_WRITE : PHASE_REPLY;
}

call_phase call_offload(api_call *call, store_handle *reader)
{
    const ix_op_id op = ix_op_index(call->match.op);
    const call_phase next = call->is_read ? PHASE_OFFLOAD : read_request(call);
    if (next == PHASE_REPLY || next == PHASE_READ)
        return next;
    if (offloaders[op])
        return prepare(call, offloaders[op], reader);
    if (planners[op] && !run_reading(call, planners[op], reader))
        return PHASE_REPLY;
    return PHASE_WRITE;
}

/* ---- in the committer ---- */

/* A plan that is made again uses what was found out before; so much of it may have to be done anew. */
size_t plan_steps(const api_call *call)
{
    if (!call->is_in_committer || !call->may_wait)
        return CALL_STEPS_MAX + call->raw_body.len;
    return call->plan_count > 0 ? 4 * CALL_QUICK_STEPS : CALL_QUICK_STEPS;
}

plan_result call_plan(api_call *call, store_handle *writer, bool may_wait)
{
    ix_ctx *cx = call->cx;
    handler *plan = planners[ix_op_index(call->match.op)];
    call->may_wait = may_wait;
    if (!plan)
        return PLAN_READY;
    call->is_in_committer = true;
    ix_ctx_limit(cx, plan_steps(call));
    const bool ok = try(call, plan, writer);
    call->is_in_committer = false;
    const bool takes_long = !ok && may_wait && ix_is_spent(cx);
    ix_ctx_limit(cx, CALL_STEPS_MAX + call->raw_body.len);
    if (ok)
        return PLAN_READY;
    if (takes_long) {
        ix_ctx_clear_error(cx);
        if (call->plan_count++ < CALL_PLANS_MAX)
            return PLAN_LATER;
        ix_fail(cx, IOTS_UNAVAILABLE,
                "what this is about is changed by others all the time: try again");
    }
    reply_failure(call);
    return takes_long || call->status < 500 ? PLAN_REFUSED : PLAN_FAILED;
}

bool call_checks_first(const api_call *call)
{
    return checks_first[ix_op_index(call->match.op)];
}

bool call_write(api_call *call, store_handle *writer)
{
    call->is_in_committer = true;
    call->next_phase = PHASE_REPLY;
    const bool ok = dispatch_run(call, handlers[ix_op_index(call->match.op)], writer);
    call->is_in_committer = false;
    return ok;
}

void call_again(api_call *call)
{
    ix_ctx_clear_error(call->cx);
    ix_buf_clear(&call->reply);
    call->oauth2_error = NULL;
    call->status = 0;
    call->reply_type = NULL;
    call->header_count = 0;
    if (!(call->match.op->flags & IX_PREPARES))
        call->offloaded = NULL; /* how far it came, which is undone */
}

call_phase call_goes_on(const api_call *call)
{
    return call->next_phase;
}

void call_committed(api_call *call)
{
    if (call->part_committed)
        call->part_committed(call);
    if (call->next_phase != PHASE_REPLY)
        return;
    if (call->committed)
        call->committed(call);
}

void call_not_committed(api_call *call, const ix_error *why)
{
    ix_ctx_clear_error(call->cx);
    ix_fail(call->cx, why->code == IOTS_OK ? IOTS_INTERNAL : why->code, "%s", why->message);
    /* For the log; `why` is another's, and gone before the reply is. */
    call->cx->error.reason = why->reason ? ix_strdup(call->cx, why->reason) : NULL;
    failed(call);
}
