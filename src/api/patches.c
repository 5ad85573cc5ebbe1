/* SPDX-License-Identifier: Apache-2.0 */
/* PATCH of one Thing and of many (docs/api/http.md section 9). */
#include "api/api.h"
#include "api/failure.h"
#include "api/thing_write.h"
#include "base/ulid.h"
#include "domain/thing_patch.h"

/* ---- one ---- */

/* The type of the body says what it is; plain JSON is what it looks like. */
static patch_form form_of(const api_call *call)
{
    const ix_str type = call_media_type(call);
    if (ix_str_is_nocase(type, "application/merge-patch+json"))
        return PATCH_MERGE;
    if (ix_str_is_nocase(type, "application/json-patch+json"))
        return PATCH_OPERATIONS;
    return ix_json_kind(call->body) == IX_OBJECT ? PATCH_MERGE : PATCH_OPERATIONS;
}

/* What is patched: the Thing of the path, by this. */
typedef struct patch {
    patch_form form;
    const ix_json *json;
} patch;

static bool read_patched(api_call *call, const patch *patch, ix_str shown, thing_change *ret)
{
    const ix_json *doc = ix_json_parse(call->cx, shown.at, shown.len);
    return doc &&
           thing_patch(call->cx, call->match.in_category, doc, patch->form, patch->json, ret);
}

/* Plans to change the Thing of the path. */
static bool plan_patch(api_call *call, input_reader *read, thing_plan *ret)
{
    ix_buf shown = {0};
    const thing_view *before = call_thing(call);
    if (!before)
        return false;
    const bool ok = (before->doc.len + before->status.len <= THING_BYTES_MAX ||
                     ix_fail(call->cx, IOTS_TOO_LARGE,
                             "the Thing with its values is larger than %d MiB: too large to be"
                             " patched",
                             THING_BYTES_MAX >> 20)) &&
                    view_append(call, before, &shown) &&
                    thing_plan_make(call, before, (ix_str){shown.at, shown.len}, read, ret);
    ix_buf_done(&shown);
    return ok;
}

static bool read_one(api_call *call, ix_str shown, thing_change *ret)
{
    const patch patch = {form_of(call), call->body};
    return read_patched(call, &patch, shown, ret);
}

bool plan_thing_patch(api_call *call)
{
    call->plan = ix_new(call->cx, thing_plan, 1);
    return call->plan && plan_patch(call, read_one, call->plan);
}

bool on_thing_patch(api_call *call)
{
    return thing_plan_write(call, call->plan) && thing_append(call, &call->reply) &&
           reply_written(call);
}

/* ---- many ---- */

enum {
    /* So many bytes may the answer to one request take before its other items are refused. */
    RESULTS_BYTES_MAX = 64 << 20,
    /* After so much work, of planning and of writing, others have their turn. */
    PART_STEPS = 100000,
    ITEM_STEPS = 1000,
};

/* How far it has come. Lives in the call's cx. */
typedef struct bulk {
    ix_ctx of_item;       /* memory of the item in hand, findings of its plan included */
    const ix_json *patch; /* of the item in hand; NULL: it is not begun */
    size_t next;          /* that item */
    size_t steps;         /* of work, so far */
    ix_buf results, failed;
    /* What is on disk: so many items, and so much of results and failed. */
    size_t kept, kept_results, kept_failed;
} bulk;

static void bulk_done(void *arg)
{
    bulk *bulk = arg;
    ix_ctx_done(&bulk->of_item);
    ix_buf_done(&bulk->results);
    ix_buf_done(&bulk->failed);
}

/* NULL on failure. */
static bulk *bulk_new(api_call *call)
{
    bulk *made = ix_new(call->cx, bulk, 1);
    if (!made || !ix_ctx_init(&made->of_item, CALL_ARENA_BYTES) ||
        !ix_arena_defer(call->cx->arena, bulk_done, made)) {
        ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    return made;
}

/* The operations of an item; lists of them inside the list are joined. */
static const ix_json *operations_of(ix_ctx *cx, const ix_json *item)
{
    const ix_json *given = ix_json_member(item, "patch");
    if (ix_json_kind(given) != IX_ARRAY) {
        ix_fail_field(cx, IOTS_INVALID, "malformed body", "patch",
                      given ? "must be an array" : "required");
        return NULL;
    }
    ix_json *joined = ix_json_new_array(cx);
    for (size_t i = 0; joined && i < ix_json_count(given); i++) {
        const ix_json *part = ix_json_item(given, i);
        const bool is_list = ix_json_kind(part) == IX_ARRAY;
        for (size_t j = 0; j < (is_list ? ix_json_count(part) : 1); j++) {
            if (!ix_json_append(cx, joined, is_list ? ix_json_item(part, j) : part))
                return NULL;
        }
    }
    return joined;
}

/* Puts the item's Thing into the path. */
static bool address(api_call *call, const ix_json *item)
{
    const ix_json *id = ix_json_member(item, "id");
    ix_ulid uid;
    if (ix_json_kind(id) != IX_TEXT)
        return ix_fail_field(call->cx, IOTS_INVALID, "malformed body", "id",
                             id ? "expected a string" : "required");
    if (!ix_ulid_parse(ix_json_str(id), &uid))
        return ix_fail_field(call->cx, IOTS_INVALID, "invalid id", "id", "expected a ULID");
    call->match.vars[IX_VAR_thing] = ix_strdup(call->cx, uid.text);
    return CALL_VAR(call, thing) != NULL;
}

static bool read_item(api_call *call, ix_str shown, thing_change *ret)
{
    const bulk *bulk = call->offloaded;
    return read_patched(call, &(patch){PATCH_OPERATIONS, bulk->patch}, shown, ret);
}

static bool plan_item(api_call *call, thing_plan *ret)
{
    bulk *bulk = call->offloaded;
    const ix_json *item = ix_json_item(call->body, bulk->next);
    if (bulk->results.len > RESULTS_BYTES_MAX)
        return ix_fail(call->cx, IOTS_TOO_LARGE, "the answer is too large; ask for fewer Things");
    const size_t steps_max = call->api->settings.items_steps_max;
    if (bulk->steps > (steps_max ? steps_max : ITEMS_STEPS_MAX))
        return ix_fail(call->cx, IOTS_TOO_LARGE, "it is too much work; ask for fewer Things");
    if (ix_json_kind(item) != IX_OBJECT)
        return ix_fail_field(call->cx, IOTS_INVALID, "malformed body", "", "expected an object");
    bulk->patch = operations_of(call->cx, item);
    return bulk->patch && address(call, item) && plan_patch(call, read_item, ret);
}

static bool write_patched(api_call *call, thing_plan *plan)
{
    bulk *bulk = call->offloaded;
    ix_buf *results = &bulk->results;
    const size_t len = results->len;
    ix_buf_text(results, bulk->next > 0 ? "," : "");
    ix_buf_text(results, "{\"status\":200,\"response\":");
    if (!thing_plan_write(call, plan) || !thing_append(call, results)) {
        results->len = len;
        return false;
    }
    ix_buf_char(results, '}');
    return true;
}

/* All or nothing of one item. False: the item failed, or something else did. */
static bool write_whole(api_call *call, thing_plan *plan)
{
    if (!store_savepoint(call->cx, call->store))
        return false;
    if (write_patched(call, plan) && store_release(call->cx, call->store))
        return true;
    if (store_in_transaction(call->store))
        store_rollback_to(call->store);
    return false;
}

static void write_failed(bulk *bulk, const ix_error *error)
{
    ix_buf_format(&bulk->results, "%s{\"status\":%d,\"response\":", bulk->next > 0 ? "," : "",
                  error_status(error));
    error_write(&bulk->results, error);
    ix_buf_char(&bulk->results, '}');
    ix_buf_format(&bulk->failed, "%s%zu", bulk->failed.len ? "," : "", bulk->next);
}

/* Something that is done about the item in hand. */
typedef bool item_step(api_call *call, thing_plan *plan);

/* With the memory of that item. */
static bool with_item(api_call *call, item_step *run, thing_plan *plan)
{
    ix_ctx *whole = call->cx;
    bulk *bulk = call->offloaded;
    call->cx = &bulk->of_item;
    const bool ok = run(call, plan);
    call->cx = whole;
    call->match.vars[IX_VAR_thing] = NULL;
    return ok;
}

static void item_done(api_call *call)
{
    bulk *bulk = call->offloaded;
    ix_arena_reset(bulk->of_item.arena);
    ix_ctx_clear_error(&bulk->of_item);
    call->findings = NULL;
    call->plan_count = 0;
    bulk->next++;
}

/* Before the committer: the plan of the item that took too long in it. What is wrong with the item is
 * found again there, if it still is. */
bool plan_things_patch(api_call *call)
{
    bulk *bulk = call->offloaded;
    thing_plan plan;
    if (call->is_in_committer || !bulk)
        return true;
    const size_t limit = CALL_STEPS_MAX + call->raw_body.len;
    ix_ctx_limit(&bulk->of_item, limit);
    const bool ok = with_item(call, plan_item, &plan);
    bulk->steps += limit - bulk->of_item.steps_left;
    if (!ok) {
        if (error_status(&bulk->of_item.error) >= 500)
            return ix_ctx_forward_error(call->cx, &bulk->of_item);
        write_failed(bulk, &bulk->of_item.error);
        item_done(call);
    }
    return true;
}

static bool plan_and_write(api_call *call, thing_plan *plan)
{
    return plan_item(call, plan) && write_whole(call, plan);
}

/* Patches one item and writes its result. *ret_later: its plan takes too long here. False: something
 * failed that is not the item's fault. */
static bool patch_next(api_call *call, bool *ret_later)
{
    bulk *bulk = call->offloaded;
    ix_ctx *cx = &bulk->of_item;
    thing_plan plan;
    const size_t limit = plan_steps(call);
    ix_ctx_limit(cx, limit);
    const bool ok = with_item(call, plan_and_write, &plan);
    bulk->steps += limit - cx->steps_left + ITEM_STEPS;
    *ret_later = !ok && call->may_wait && ix_is_spent(cx) && call->plan_count < CALL_PLANS_MAX;
    if (ok)
        return true;
    if (*ret_later) {
        call->plan_count++;
        ix_ctx_clear_error(cx);
    } else if (error_status(&cx->error) >= 500) {
        return ix_ctx_forward_error(call->cx, cx);
    } else {
        write_failed(bulk, &cx->error);
    }
    return true;
}

/* ---- in parts ---- */

static bool reply_results(api_call *call)
{
    bulk *bulk = call->offloaded;
    ix_buf_clear(&call->reply);
    ix_buf_text(&call->reply, "{\"results\":[");
    ix_buf_str(&call->reply, (ix_str){ix_buf_cstr(&bulk->results), bulk->results.len});
    ix_buf_format(&call->reply, "],\"has_errors\":[%s]}", ix_buf_cstr(&bulk->failed));
    if (bulk->results.failed || bulk->failed.failed)
        return ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
    return reply_written(call);
}

/* What is on disk stays; all other items have failed. */
static void cut(api_call *call, const ix_error *why)
{
    bulk *bulk = call->offloaded;
    const ix_error error = *why;
    bulk->results.len = bulk->kept_results;
    bulk->failed.len = bulk->kept_failed;
    ix_ctx_clear_error(call->cx);
    for (bulk->next = bulk->kept; bulk->next < ix_json_count(call->body); bulk->next++)
        write_failed(bulk, &error);
    if (!reply_results(call)) {
        call->cut = NULL;
        reply_failure(call);
    }
}

static void part_committed(api_call *call)
{
    bulk *bulk = call->offloaded;
    bulk->kept = bulk->next;
    bulk->kept_results = bulk->results.len;
    bulk->kept_failed = bulk->failed.len;
    call->cut = cut;
}

bool on_things_patch(api_call *call)
{
    bulk *bulk = call->offloaded;
    if (!bulk) {
        if (!call_category_exists(call) || !(bulk = call->offloaded = bulk_new(call)))
            return false;
        call->part_committed = part_committed;
    }
    const size_t until = bulk->steps + PART_STEPS;
    while (bulk->next < ix_json_count(call->body)) {
        bool later = false;
        if (bulk->steps > until) {
            call->next_phase = PHASE_WRITE;
            return true;
        }
        if (!patch_next(call, &later))
            return false;
        if (later) {
            call->next_phase = PHASE_OFFLOAD;
            return true;
        }
        item_done(call);
    }
    return reply_results(call);
}
