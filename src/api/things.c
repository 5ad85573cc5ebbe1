/* SPDX-License-Identifier: Apache-2.0 */
/* Things (docs/api/http.md sections 8 and 10). */
#include <string.h>

#include "api/api.h"
#include "api/list.h"
#include "api/preserve.h"
#include "api/thing_write.h"
#include "base/time.h"
#include "domain/td.h"

/* ---- out ---- */

/* As it is stored now. */
static bool reply_thing(api_call *call)
{
    ix_buf_clear(&call->reply);
    return thing_append(call, &call->reply) && reply_written(call);
}

/* The path of the Thing of `call`, whose uid a POST has only just put there. */
static bool reply_place(api_call *call)
{
    const char *path = ix_op_path(call->cx, &ix_ops[IX_OP_thing_get], call->match.vars);
    return path && reply_location(call, path);
}

/* ---- operations on one ---- */

/* Names the row; it was made and changed now, unless the body may say otherwise. */
static bool name_row(api_call *call, thing_row *row)
{
    ix_ulid uid;
    if (!preserved_id(call, ix_json_member(call->body, "uid"), "uid", &uid) ||
        !preserved_time(call, "created", &row->created_us) ||
        !preserved_time(call, "modified", &row->modified_us))
        return false;
    row->uid = ix_strdup(call->cx, uid.text);
    return row->uid != NULL;
}

/* The times of values that are put back. Without one of its own a value was written now. */
static bool restore_times(api_call *call, const char *uid)
{
    const ix_json *times = ix_json_member(call->body, "status_at");
    for (ix_member m = ix_members(times); m.name && call_preserves(call); m = ix_members_next(m)) {
        int64_t at_us = 0;
        if (ix_json_kind(m.value) != IX_NULL && !ix_time_parse(ix_json_str(m.value), &at_us))
            return ix_fail_field(call->cx, IOTS_INVALID, NULL,
                                 ix_format(call->cx, "status_at/%s", m.name),
                                 "expected a time (RFC 3339) or null");
        if (!store_value_time_set(call->cx, call->store, call_space(call), uid, m.name, at_us))
            return false;
    }
    return true;
}

static bool read_new(api_call *call, ix_str shown, thing_change *ret)
{
    (void)shown;
    *ret = (thing_change){0};
    return thing_read(call->cx, IX_CREATE, call->match.in_category, call->body, &ret->input);
}

bool plan_things_create(api_call *call)
{
    thing_row named = {0};
    thing_plan *plan = call->plan = ix_new(call->cx, thing_plan, 1);
    if (!plan || !call_category_exists(call) || !name_row(call, &named) ||
        !thing_plan_make(call, NULL, (ix_str){0}, read_new, plan))
        return false;
    plan->row.uid = named.uid;
    plan->row.created_us = named.created_us;
    plan->row.modified_us = named.modified_us;
    return true;
}

/* A Thing that had this uid may have left much that is still to be deleted. */
static bool finish_removal(api_call *call, const char *uid, bool *more)
{
    call_part part = call_part_begin(call);
    do {
        if (!store_removal_finish(call->cx, call->store, call_space(call), uid, PART_STEP_ROWS,
                                  more))
            return false;
    } while (*more && call_part_has_room(&part, PART_STEP_ROWS));
    return true;
}

bool on_things_create(api_call *call)
{
    thing_plan *plan = call->plan;
    thing_row *row = &plan->row;
    bool more = false;
    if (call_preserves(call) && !finish_removal(call, row->uid, &more))
        return false;
    if (more)
        return call_next_part(call);
    if (!store_thing_add(call->cx, call->store, call_space(call), row) ||
        !thing_input_set_values(call, &plan->input, row->uid) || !restore_times(call, row->uid))
        return false;
    call->match.vars[IX_VAR_thing] = row->uid;
    return reply_place(call) && reply_thing(call);
}

/* The Thing in the W3C's form, for a client that asks for it. */
static bool reply_td(api_call *call)
{
    const thing_view *view = call_thing(call);
    const ix_json *td = view ? td_of(call->cx, call_base(call), call->match.vars, view) : NULL;
    if (!td || !reply_json(call, td))
        return false;
    call->reply_type = "application/td+json";
    return true;
}

bool on_thing_get(api_call *call)
{
    return td_is_wanted(call->request.accept) ? reply_td(call) : reply_thing(call);
}

static bool read_whole(api_call *call, ix_str shown, thing_change *ret)
{
    (void)shown;
    *ret = (thing_change){0};
    if (!thing_read(call->cx, IX_UPDATE, call->match.in_category, call->body, &ret->input))
        return false;
    return !ret->input.uid || strcmp(ret->input.uid, CALL_VAR(call, thing)) == 0 ||
           ix_fail_field(call->cx, IOTS_INVALID, NULL, "uid", "a Thing keeps its uid");
}

bool plan_thing_update(api_call *call)
{
    thing_plan *plan = call->plan = ix_new(call->cx, thing_plan, 1);
    const thing_view *before = plan ? call_thing(call) : NULL;
    return before && thing_plan_make(call, before, (ix_str){0}, read_whole, plan);
}

bool on_thing_update(api_call *call)
{
    return thing_plan_write(call, call->plan) && reply_thing(call);
}

/* After the uids in `prepared` are deleted: a Thing's own client goes with it, and the client's tokens. */
static void after_delete(api_call *call)
{
    const ix_json *uids = call->offloaded;
    ix_map *clients = ix_map_new();
    for (size_t i = 0; clients && i < ix_json_count(uids); i++) {
        const char *client =
            ix_format(call->cx, "%s::%s", call_space(call), ix_json_string(ix_json_item(uids, i)));
        if (client)
            ix_map_put(clients, ix_str_of(client), call);
    }
    if (clients)
        auth_clients_removed(call->api->auth, clients);
    ix_map_free(clients);
}

static bool note_deleted(api_call *call, ix_json *uids)
{
    call->offloaded = uids;
    return call_on_commit(call, after_delete);
}

bool on_thing_delete(api_call *call)
{
    const char *uid = CALL_VAR(call, thing);
    bool found;
    if (!call_thing_exists(call) ||
        !store_thing_remove(call->cx, call->store, call_space(call), uid, &found))
        return false;
    ix_json *uids = ix_json_new_array(call->cx);
    if (!uids || !ix_json_append(call->cx, uids, ix_json_new_string(call->cx, uid)))
        return false;
    return note_deleted(call, uids) && reply_empty(call);
}

/* ---- operations on many ---- */

typedef struct things_query {
    thing_filter filter;
    sort_list sort;
    const char *base;
} things_query;

static bool each_thing(void *arg, const thing_view *view, ix_str keys)
{
    api_list *list = arg;
    const api_call *call = list->call;
    const things_query *query = list->query;
    thing_write(list_item(list), query->base, call_space(call), call_category(call), view);
    return list_end(list, keys);
}

static bool ask(api_list *list, bool *more)
{
    api_call *call = list->call;
    const things_query *query = list->query;
    return store_things_list(call->cx, call->store, call_space(call), &query->filter, &query->sort,
                             &list->page, each_thing, list, more);
}

bool on_things_list(api_call *call)
{
    things_query query;
    if (!call_category_exists(call) ||
        !filter_parse(call->cx, call->args, call_category(call), &query.filter) ||
        !sort_parse(call->cx, call->args[IX_PARAM_sort].list, &query.sort))
        return false;
    filter_set_now(&query.filter, call->now_us);

    query.base = call_base(call);
    const char *order = sort_text(call->cx, &query.sort);
    const char *tag = order ? ix_format(call->cx, "things:%s", order) : NULL;
    return query.base && tag &&
           list_reply(&(api_list){.call = call,
                                  .tag = tag,
                                  .keys = store_things_keys(&query.sort),
                                  .ask = ask,
                                  .query = &query});
}

/* What things_delete found to delete. */
typedef struct deleted {
    api_call *call;
    ix_json *uids; /* array */
} deleted;

static bool each_deleted(void *arg, ix_str uid)
{
    const deleted *deleted = arg;
    return ix_json_append(deleted->call->cx, deleted->uids,
                          ix_json_new_text(deleted->call->cx, uid));
}

bool on_things_delete(api_call *call)
{
    thing_filter filter;
    if (!call_category_exists(call) ||
        !filter_parse(call->cx, call->args, call_category(call), &filter))
        return false;
    if (!filter_may_delete(&filter))
        return ix_fail(call->cx, IOTS_INVALID,
                       "a bulk delete needs @type, thingID[], category[] or property:<name>");

    deleted deleted = {call, ix_json_new_array(call->cx)};
    if (!deleted.uids ||
        !store_things_remove(call->cx, call->store, call_space(call), &filter, each_deleted,
                             &deleted) ||
        ix_failed(call->cx))
        return false;
    return note_deleted(call, deleted.uids) && reply_json(call, deleted.uids);
}
