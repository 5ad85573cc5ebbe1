/* SPDX-License-Identifier: Apache-2.0 */
#include "api/dispatch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/admit.h"
#include "api/api.h"
#include "api/failure.h"
#include "api/run.h"

/* ---- beginning and end ---- */

/* A call with what it cannot be without, in one piece. */
typedef struct whole_call {
    api_call call;
    ix_ctx cx;
} whole_call;

static api_call *whole_call_new(api_state *api)
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
    return &made->call;
}

api_call *call_new(api_state *api, const call_request *request)
{
    api_call *call = whole_call_new(api);
    if (call)
        call->request = *request;
    return call;
}

/* Does the spec have all that stands between braces in the path of its row? */
static bool has_vars(const call_spec *spec)
{
    size_t given = 0, wanted = 0;
    for (int i = 0; i < IX_VAR_COUNT; i++)
        given += spec->vars[i] != NULL;
    for (const char *at = spec->op->path; (at = strchr(at, '{')); at++)
        wanted++;
    return given == wanted + spec->in_category;
}

api_call *call_new_of(api_state *api, const call_spec *spec)
{
    assert(has_vars(spec) && (!spec->in_category || spec->op->flags & IX_ALSO_IN_CATEGORY));
    (void)has_vars; /* where nothing is asserted */
    api_call *call = whole_call_new(api);
    if (!call)
        return NULL;
    call->method = spec->op->method;
    call->match =
        (ix_match){.op = spec->op, .route_exists = true, .in_category = spec->in_category};
    memcpy(call->match.vars, spec->vars, sizeof call->match.vars);
    call->params = spec->params;
    if (spec->caller)
        call->who = *spec->caller;
    return call;
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

bool call_admit(api_call *call)
{
    call->now_us = api_now_us(call->api);
    if (call_match(call) && call_authenticate(call) && call_authorise(call) &&
        call_check_path(call)) {
        if (!op_is_unimplemented(ix_op_index(call->match.op)))
            return true;
        ix_fail(call->cx, IOTS_NOT_IMPLEMENTED, NULL);
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

/* ---- when the body is there ---- */

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
    call->subscriber_count = 0;
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
    if (!call_check_query(call) || !call_check_body(call))
        return keep_problem(call);
    const op_run *run = run_of(call->match.op);
    if (run->way == RUN_AT_ONCE) {
        dispatch_run(call, run->handle, NULL);
        return PHASE_REPLY;
    }
    return run->offload ? PHASE_OFFLOAD : run_writes(run) ? PHASE_WRITE : PHASE_READ;
}

call_phase call_start(api_call *call, ix_str body)
{
    if (body.len > call_body_limit(call))
        return call_start_without_body(call, IOTS_TOO_LARGE, NULL);
    call->raw_body = body;
    ix_ctx_limit(call->cx, CALL_STEPS_MAX + body.len);
    return body.len > CALL_QUICK_BODY ? PHASE_OFFLOAD : read_request(call);
}

static void tell_problem(api_call *call, store_handle *reader)
{
    call->store = reader;
    if (run_of(call->match.op)->exists(call))
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
    if (call_check_query(call)) {
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
    return run_of(call->match.op)->way != RUN_WITHOUT_STORE;
}

bool call_only_reads(const api_call *call)
{
    return call->match.op && !run_writes(run_of(call->match.op));
}

bool call_goes_when_full(const api_call *call)
{
    return run_of(call->match.op)->when_full == RUN_DONE;
}

call_phase call_read(api_call *call, store_handle *reader)
{
    const op_run *run = run_of(call->match.op);
    if (call->problem.code != IOTS_OK)
        tell_problem(call, reader);
    else if (run->way == RUN_READ)
        run_reading(call, run->handle, reader);
    else
        dispatch_run(call, run->handle, reader);
    return PHASE_REPLY;
}

/* One that has made the reply has done all there was to do. */
static call_phase prepare(api_call *call, handler *prepare, store_handle *reader)
{
    return dispatch_run(call, prepare, reader) && !call->status ? PHASE_WRITE : PHASE_REPLY;
}

call_phase call_offload(api_call *call, store_handle *reader)
{
    const op_run *run = run_of(call->match.op);
    const call_phase next = call->is_read ? PHASE_OFFLOAD : read_request(call);
    if (next == PHASE_REPLY || next == PHASE_READ)
        return next;
    if (run->offload)
        return prepare(call, run->offload, reader);
    if (run->plan && !run_reading(call, run->plan, reader))
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
    handler *plan = run_of(call->match.op)->plan;
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
    return run_of(call->match.op)->way == RUN_WRITE_CHECKED;
}

bool call_write(api_call *call, store_handle *writer)
{
    call->is_in_committer = true;
    call->next_phase = PHASE_REPLY;
    const bool ok = dispatch_run(call, run_of(call->match.op)->handle, writer);
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
    if (!run_of(call->match.op)->offload)
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
    for (size_t i = 0; i < call->subscriber_count; i++)
        call->subscribers[i](call);
}

void call_not_committed(api_call *call, const ix_error *why)
{
    ix_ctx_clear_error(call->cx);
    ix_fail(call->cx, why->code == IOTS_OK ? IOTS_INTERNAL : why->code, "%s", why->message);
    /* For the log; `why` is another's, and gone before the reply is. */
    call->cx->error.reason = why->reason ? ix_strdup(call->cx, why->reason) : NULL;
    failed(call);
}
