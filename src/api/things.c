/* SPDX-License-Identifier: Apache-2.0 */
/* Things (http-api.md sections 8 and 10). */
#include <string.h>

#include "api/api.h"
#include "api/list.h"
#include "api/values.h"
#include "base/time.h"

enum { DAY_S = 24 * 60 * 60 };

/* ---- out ---- */

static bool reply_view(call *call, const thing_view *view)
{
    const char *base = call_base(call);
    if (!base)
        return false;
    ix_buf_clear(&call->reply);
    thing_write(&call->reply, base, call_space(call), call_category(call), view);
    return reply_written(call);
}

/* As it is stored now. */
static bool reply_thing(call *call)
{
    const thing_view *view = call_thing(call);
    return view && reply_view(call, view);
}

/* The path of the Thing of `call`, whose uid a POST has only just put there. */
static bool reply_place(call *call)
{
    const char *path = ix_op_path(call->cx, &ix_ops[IX_OP_thing_get], call->match.vars);
    return path && reply_location(call, path);
}

/* ---- what a body wants ---- */

/* There are no Models yet, so none can be known (7.3, rule 2: 404). */
static bool check_model(call *call, const thing_wish *wish)
{
    return !wish->model || ix_fail_field(call->cx, IOTS_NOT_FOUND, "Item not found", "model",
                                         "no Model '%s'", wish->model);
}

static bool check_categories(call *call, const thing_wish *wish)
{
    for (size_t i = 0; i < wish->category_count; i++) {
        category_row row;
        bool found;
        if (!store_category_find(call->cx, call->store, call_space(call), wish->categories[i], &row,
                                 &found))
            return false;
        if (!found)
            return ix_fail_field(call->cx, IOTS_NOT_FOUND, "Item not found", "categories",
                                 "no Category '%s'", wish->categories[i]);
    }
    return true;
}

static bool check_status(call *call, const thing_wish *wish)
{
    return !wish->status ||
           thing_check_status(call->cx, wish, (int)call->api->settings.validate_values);
}

/* The body, checked as far as that goes without looking at what else there is. */
static bool read_wish(call *call, ix_purpose purpose, thing_wish *wish)
{
    return thing_read(call->cx, purpose, call->match.in_category, call->body, wish) &&
           check_status(call, wish);
}

static bool fill_row(call *call, const thing_wish *wish, thing_row *row)
{
    row->title = wish->title;
    row->doc = thing_stored_text(call->cx, wish->doc);
    row->types = wish->types;
    row->properties = wish->properties;
    row->links = wish->links;
    row->categories = wish->categories;
    row->category_count = wish->category_count;
    row->modified_us = call->now_us;
    return row->doc != NULL;
}

/* The values of a body's status are a value update like any other (8.2). */
static bool set_status(call *call, const thing_wish *wish, const char *uid)
{
    return !ix_json_count(wish->status) || values_store(call, uid, wish->status, true);
}

/* ---- operations on one ---- */

/* A uid of one's own choice, for migration. One from the future would hold up all that come after
 * it, because identifiers only grow. */
static bool take_uid(call *call, const thing_wish *wish, ix_ulid *uid)
{
    if (!wish->uid || !ix_ulid_parse(ix_str_of(wish->uid), uid))
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, "uid", "expected a ULID");
    if (ix_ulid_time_us(uid) > call->now_us + DAY_S * IX_SECOND_US)
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, "uid", "a ULID from the future");
    api_id_seen(call->api, uid);
    return true;
}

/* Names the row; it was created now, unless the body may say otherwise. */
static bool name_row(call *call, const thing_wish *wish, thing_row *row)
{
    const bool preserve = call->args[IX_PARAM_preserve_uid].flag;
    ix_ulid uid;
    if (!preserve || !wish->uid_given)
        uid = api_id_next(call->api, call->now_us);
    else if (!take_uid(call, wish, &uid))
        return false;
    row->uid = ix_strdup(call->cx, uid.text);
    row->created_us = preserve && wish->created_us ? *wish->created_us : call->now_us;
    return row->uid != NULL;
}

bool on_things_create(call *call)
{
    thing_wish wish;
    thing_row row = {0};
    if (!call_category_exists(call) || !read_wish(call, IX_CREATE, &wish) ||
        !name_row(call, &wish, &row) || !check_model(call, &wish) ||
        !check_categories(call, &wish) || !fill_row(call, &wish, &row))
        return false;

    const char *category = call_category(call);
    if (category) {
        row.categories = &category;
        row.category_count = 1;
    }
    if (!store_thing_add(call->cx, call->store, call_space(call), &row) ||
        !set_status(call, &wish, row.uid))
        return false;
    call->match.vars[IX_VAR_thing] = row.uid;
    return reply_place(call) && reply_thing(call);
}

bool on_thing_get(call *call)
{
    return reply_thing(call);
}

bool on_thing_update(call *call)
{
    const thing_view *before = call_thing(call);
    thing_wish wish;
    if (!before || !read_wish(call, IX_UPDATE, &wish))
        return false;
    const char *uid = CALL_VAR(call, thing);
    if (wish.uid && strcmp(wish.uid, uid) != 0)
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, "uid", "a Thing keeps its uid");
    if (!values_may_change(call, wish.properties, wish.status) || !check_model(call, &wish) ||
        !check_categories(call, &wish))
        return false;

    thing_row row = {
        .uid = uid,
        .created_us = before->created_us,
        .keep_categories = !wish.categories || call_category(call),
    };
    return fill_row(call, &wish, &row) &&
           store_thing_set(call->cx, call->store, call_space(call), &row) &&
           set_status(call, &wish, uid) && reply_thing(call);
}

/* After the uids in `prepared` are gone: a Thing's own client goes with it, and the client's tokens. */
static void after_delete(call *call)
{
    const ix_json *uids = call->prepared;
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

static void note_gone(call *call, ix_json *uids)
{
    call->prepared = uids;
    call->committed = after_delete;
}

bool on_thing_delete(call *call)
{
    const char *uid = CALL_VAR(call, thing);
    bool found;
    if (!call_thing_exists(call) ||
        !store_thing_remove(call->cx, call->store, call_space(call), uid, &found))
        return false;
    ix_json *uids = ix_json_new_array(call->cx);
    if (!uids || !ix_json_append(call->cx, uids, ix_json_new_string(call->cx, uid)))
        return false;
    note_gone(call, uids);
    return reply_empty(call);
}

/* ---- operations on many ---- */

typedef struct things_query {
    thing_filter filter;
    sort_list sort;
    const char *base;
} things_query;

static bool each_thing(void *arg, const thing_view *view, const ix_json *keys)
{
    list *list = arg;
    call *call = list->call;
    const things_query *query = list->query;
    if (!list_item(list))
        return false;
    thing_write(&call->reply, query->base, call_space(call), call_category(call), view);
    if (!keys || !list_wants_keys(list))
        return true;
    const ix_json *own = ix_json_copy(call->cx, keys);
    if (own)
        list_keys(list, own);
    return own != NULL;
}

static bool ask(list *list, bool *more)
{
    call *call = list->call;
    const things_query *query = list->query;
    return store_things_list(call->cx, call->store, call_space(call), &query->filter, &query->sort,
                             &list->page, each_thing, list, more);
}

bool on_things_list(call *call)
{
    things_query query;
    if (!call_category_exists(call) ||
        !filter_parse(call->cx, call->args, call_category(call), &query.filter) ||
        !sort_parse(call->cx, call->args[IX_PARAM_sort].list, &query.sort))
        return false;

    query.base = call_base(call);
    const char *order = sort_text(call->cx, &query.sort);
    const char *tag = order ? ix_format(call->cx, "things:%s", order) : NULL;
    return query.base && tag &&
           list_reply(&(list){.call = call,
                              .tag = tag,
                              .keys = query.sort.count + 1,
                              .ask = ask,
                              .query = &query});
}

/* What things_delete found to delete. */
typedef struct gone {
    call *call;
    ix_json *uids; /* array */
} gone;

static bool each_gone(void *arg, ix_str uid)
{
    const gone *gone = arg;
    return ix_json_append(gone->call->cx, gone->uids, ix_json_new_text(gone->call->cx, uid));
}

bool on_things_delete(call *call)
{
    thing_filter filter;
    if (!call_category_exists(call) ||
        !filter_parse(call->cx, call->args, call_category(call), &filter))
        return false;
    if (!filter_may_delete(&filter))
        return ix_fail(call->cx, IOTS_INVALID,
                       "a bulk delete needs @type, thingID[], category[] or property:<name>");

    gone gone = {call, ix_json_new_array(call->cx)};
    if (!gone.uids ||
        !store_things_remove(call->cx, call->store, call_space(call), &filter, each_gone, &gone) ||
        ix_failed(call->cx))
        return false;
    note_gone(call, gone.uids);
    return reply_json(call, gone.uids);
}
