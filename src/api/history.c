/* SPDX-License-Identifier: Apache-2.0 */
/* The history of properties (docs/api/http.md section 12). */
#include "api/list.h"
#include "api/preserve.h"
#include "api/values.h"
#include "base/time.h"
#include "contract/names.h"
#include "contract/write.h"
#include "domain/property.h"

enum {
    HISTORY_VALUES_MAX = 50000,  /* of one request */
    TIMESTAMP_VALUES_MAX = 1000, /* of one item */
    HISTORY_NAMES_MAX = 10000,   /* of one Thing: a page looks at each of them */
};

static const char *thing_of(const api_call *call)
{
    return CALL_VAR(call, thing);
}

static void write_item(ix_buf *buf, int64_t at_us, ix_str values)
{
    ix_document_write(buf, 2,
                      (const ix_out[]){
                          {IX_OUT(property_history_value, at), .number = at_us},
                          {IX_OUT(property_history_value, properties), .text = values},
                      });
}

/* ---- adding ---- */

typedef struct item {
    int64_t at_us;
    const ix_json *values;
} item;

/* The items of a body, which may be one by itself. */
typedef struct items {
    const ix_json *body;
    bool is_array;
    size_t count;
    item *list;
} items;

/* NULL when out of memory. */
static items *items_new(api_call *call)
{
    const bool is_array = ix_json_kind(call->body) == IX_ARRAY;
    const size_t count = is_array ? ix_json_count(call->body) : 1;
    items *made = ix_new(call->cx, items, 1);
    item *list = made ? ix_new(call->cx, item, count) : NULL;
    if (!list)
        return NULL;
    *made = (items){call->body, is_array, count, list};
    return made;
}

/* Says in which item of an array the field is that is at fault. */
static bool name_item(ix_ctx *cx, const items *items, size_t index)
{
    if (items->is_array && cx->error.field) {
        const char *field = ix_format(cx, "%zu/%s", index, cx->error.field);
        if (field)
            cx->error.field = field;
    }
    return false;
}

static bool refuse_names(ix_ctx *cx)
{
    return ix_fail(cx, IOTS_INVALID, "a Thing has the history of at most %d properties",
                   HISTORY_NAMES_MAX);
}

/* A Thing defines so many properties and no more; what is put back may be of others. Names are looked
 * up one by one, so more of them than there may be are refused before that. */
static bool check_new_names(api_call *call, const ix_json *names)
{
    size_t count;
    if (ix_json_count(names) > HISTORY_NAMES_MAX)
        return refuse_names(call->cx);
    const char **stored;
    if (!store_history_names(call->cx, call->store, call_space(call), thing_of(call), &stored,
                             &count))
        return false;
    if (count + ix_json_count(names) <= HISTORY_NAMES_MAX)
        return true;
    for (ix_member m = ix_members(names); m.name; m = ix_members_next(m)) {
        bool found;
        if (!store_history_any(call->cx, call->store, call_space(call), thing_of(call), m.name,
                               &found))
            return false;
        count += !found;
        if (count > HISTORY_NAMES_MAX)
            return refuse_names(call->cx);
    }
    return true;
}

/* Values that are put back were taken once, perhaps of a property that is not defined any more. */
static bool check_values(api_call *call, thing_affordances *affordances, const ix_json *values)
{
    if (!call_preserves(call))
        return values_check(affordances, values, NULL);
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m)) {
        if (!ix_affordance_is_valid(ix_str_of(m.name)))
            return ix_fail_field(call->cx, IOTS_INVALID, NULL, m.name, "%s", IX_AFFORDANCE_RULE);
        if (!ix_json_set(&affordances->cx, affordances->known, m.name, m.value))
            return ix_ctx_forward_error(call->cx, &affordances->cx);
    }
    return true;
}

static bool check_count(ix_ctx *cx, const ix_json *values)
{
    return ix_json_count(values) <= TIMESTAMP_VALUES_MAX ||
           ix_fail_field(cx, IOTS_INVALID, NULL, "properties", "expected at most %d values",
                         TIMESTAMP_VALUES_MAX);
}

/* Takes the items apart and checks them, before any is stored. */
static bool read_items(thing_affordances *affordances, const char *only)
{
    api_call *call = affordances->call;
    items *items = items_new(call);
    size_t values = 0;
    if (!items)
        return false;
    for (size_t i = 0; i < items->count; i++) {
        const ix_json *json = items->is_array ? ix_json_item(items->body, i) : items->body;
        item *item = &items->list[i];
        if (!history_item_read(call->cx, json, only, &item->at_us, &item->values) ||
            !check_count(call->cx, item->values) || !check_values(call, affordances, item->values))
            return name_item(call->cx, items, i);
        values += ix_json_count(item->values);
    }
    call->plan = items;
    if (values > HISTORY_VALUES_MAX)
        return ix_fail(call->cx, IOTS_TOO_LARGE, "expected at most %d values in one request",
                       HISTORY_VALUES_MAX);
    return !call_preserves(call) || check_new_names(call, affordances->known);
}

static bool refuse_taken(api_call *call, const char *name, int64_t at_us)
{
    ix_ctx *cx = call->cx;
    char at[IX_TIME_TEXT];
    ix_time_write(at_us, at);
    ix_json *details = ix_json_new_object(cx);
    if (!details || !ix_json_set(cx, details, "property", ix_json_new_string(cx, name)) ||
        !ix_json_set(cx, details, "at", ix_json_new_string(cx, at)))
        return false;
    ix_fail(cx, IOTS_CONFLICT, "property already has a value at this time");
    cx->error.details = details;
    return false;
}

/* There is a value at this time: may this one be passed over? One that is put back a second time is
 * the same, and counts as stored. */
static bool settle_taken(api_call *call, const item *item, ix_member member)
{
    bool same = false;
    if (call->args[IX_PARAM_skip_existing].flag)
        return true;
    if (call_preserves(call) &&
        !store_history_has(call->cx, call->store, call_space(call), thing_of(call), member.name,
                           item->at_us, member.value, &same))
        return false;
    return same || refuse_taken(call, member.name, item->at_us);
}

/* Leaves in the item what was stored. */
static bool add_item(api_call *call, item *item)
{
    const bool skips = call->args[IX_PARAM_skip_existing].flag;
    ix_json *stored = skips ? ix_json_new_object(call->cx) : NULL;
    for (ix_member m = ix_members(item->values); m.name; m = ix_members_next(m)) {
        bool taken;
        if (!store_history_add(call->cx, call->store, call_space(call), thing_of(call), m.name,
                               item->at_us, m.value, &taken) ||
            (taken && !settle_taken(call, item, m)) ||
            (skips && !taken && !ix_json_set(call->cx, stored, m.name, m.value)))
            return false;
    }
    if (skips)
        item->values = stored;
    return !ix_failed(call->cx);
}

static bool write_added(api_call *call, const item *item)
{
    if (!ix_json_count(item->values))
        return true;
    const char *values = ix_json_text(call->cx, item->values);
    if (!values)
        return false;
    page_item(call);
    write_item(&call->reply, item->at_us, ix_str_of(values));
    return true;
}

/* Stores and shows what was planned. */
static bool add_items(api_call *call)
{
    const items *items = call->plan;
    ix_buf_char(&call->reply, '[');
    for (size_t i = 0; i < items->count; i++) {
        if (!add_item(call, &items->list[i]) || !write_added(call, &items->list[i]))
            return false;
    }
    ix_buf_char(&call->reply, ']');
    return reply_written(call);
}

bool plan_history_create(api_call *call)
{
    thing_affordances affordances;
    if (!call_thing_exists(call))
        return false;
    const bool ok = affordances_init(call, &affordances) && read_items(&affordances, NULL);
    affordances_done(&affordances);
    return ok;
}

bool on_history_create(api_call *call)
{
    return add_items(call);
}

bool plan_property_history_create(api_call *call)
{
    const char *name = CALL_VAR(call, property);
    property_row row;
    thing_affordances affordances;
    if (!call_property(call, &row))
        return false;
    const bool ok = affordances_init(call, &affordances) &&
                    affordances_add(&affordances, name, &row) && read_items(&affordances, name);
    affordances_done(&affordances);
    return ok;
}

bool on_property_history_create(api_call *call)
{
    return add_items(call);
}

/* ---- listing ---- */

/* Cursors hold [at_us, name], or [at_us] when grouped. */
static bool end_item(api_list *list, int64_t at_us, ix_str name)
{
    const history_query *query = list->query;
    ix_buf keys = {0};
    if (query->group)
        return list_end_number(list, at_us);
    ix_buf_int(&keys, at_us);
    ix_buf_char(&keys, ',');
    ix_json_write_text(&keys, name);
    const bool ok = !keys.failed ? list_end(list, (ix_str){ix_buf_cstr(&keys), keys.len})
                                 : ix_fail(list->call->cx, IOTS_NO_MEMORY, NULL);
    ix_buf_done(&keys);
    return ok;
}

static bool each_item(void *arg, int64_t at_us, ix_str name, ix_str values)
{
    api_list *list = arg;
    write_item(list_item(list), at_us, values);
    return end_item(list, at_us, name);
}

static bool ask(api_list *list, bool *more)
{
    api_call *call = list->call;
    return store_history_list(call->cx, call->store, call_space(call), thing_of(call), list->query,
                              &list->page, each_item, list, more);
}

static bool is_oldest_first(const api_call *call)
{
    return ix_str_is(call->args[IX_PARAM_order].text, "asc");
}

static bool reply_history(api_call *call, const char *name, const char *tag)
{
    const ix_arg *at = &call->args[IX_PARAM_at];
    time_span span;
    if (at->given && !span_parse(call->cx, at->text, &span))
        return false;
    const history_query query = {
        .name = name,
        .at = at->given ? &span : NULL,
        .group = !name && call->args[IX_PARAM_group].flag,
        .is_oldest_first = is_oldest_first(call),
    };
    return tag &&
           list_reply(&(api_list){
               .call = call, .tag = tag, .keys = query.group ? 1 : 2, .ask = ask, .query = &query});
}

/* Marks of one order are none of the other. */
static const char *order_tag(const api_call *call)
{
    return is_oldest_first(call) ? ":asc" : "";
}

bool on_history_list(api_call *call)
{
    return call_thing_exists(call) &&
           reply_history(call, NULL,
                         ix_format(call->cx, "history%s%s", order_tag(call),
                                   call->args[IX_PARAM_group].flag ? ":group" : ""));
}

bool on_property_history_list(api_call *call)
{
    const char *name = CALL_VAR(call, property);
    return call_property_or_history(call) &&
           reply_history(call, name, ix_format(call->cx, "history%s/%s", order_tag(call), name));
}

/* ---- deleting ---- */

/* What is to be removed, and how far that has come. */
typedef struct removal {
    const char **names;
    size_t count;
    size_t next; /* the property that has its turn */
    time_span span;
} removal;

/* NULL on failure. */
static removal *removal_new(api_call *call, const char **names, size_t count)
{
    const ix_arg *at = &call->args[IX_PARAM_at];
    if (!at->given) {
        ix_fail_field(call->cx, IOTS_INVALID, "invalid at", "at", "required");
        return NULL;
    }
    removal *made = ix_new(call->cx, removal, 1);
    if (!made || !span_parse(call->cx, at->text, &made->span))
        return NULL;
    made->names = names;
    made->count = count;
    return made;
}

/* One part. What it has removed stays removed, should the next one fail. */
static bool remove_history(api_call *call)
{
    removal *removal = call->offloaded;
    call_part part = call_part_begin(call);
    int done;
    do {
        if (!store_history_remove(call->cx, call->store, call_space(call), thing_of(call),
                                  removal->names, removal->count, &removal->span, PART_STEP_ROWS,
                                  &removal->next, &done))
            return false;
    } while (removal->next < removal->count && call_part_has_room(&part, done));
    return removal->next < removal->count ? call_next_part(call) : reply_empty(call);
}

/* The properties that the query names. *ret_count 0: it names none. */
static bool read_names(api_call *call, const char ***ret, size_t *ret_count)
{
    const ix_pair *list = call->args[IX_PARAM_property_names].list;
    size_t count = 0;
    for (const ix_pair *p = list; p; p = p->next)
        count++;
    const char **names = ix_new(call->cx, const char *, count + 1);
    if (!names)
        return false;
    count = 0;
    for (const ix_pair *p = list; p; p = p->next) {
        names[count] = ix_strndup(call->cx, p->value.at, p->value.len);
        if (!names[count++])
            return false;
    }
    *ret = names;
    *ret_count = count;
    return true;
}

bool on_history_delete(api_call *call)
{
    const char **names;
    size_t count;
    if (!call_thing_exists(call))
        return false;
    if (call->offloaded)
        return remove_history(call);
    return read_names(call, &names, &count) &&
           (count > 0 || store_history_names(call->cx, call->store, call_space(call),
                                             thing_of(call), &names, &count)) &&
           (call->offloaded = removal_new(call, names, count)) && remove_history(call);
}

bool on_property_history_delete(api_call *call)
{
    if (call->offloaded)
        return call_thing_exists(call) && remove_history(call);
    const char **names = ix_new(call->cx, const char *, 1);
    if (!names || !call_property_or_history(call))
        return false;
    names[0] = CALL_VAR(call, property);
    return (call->offloaded = removal_new(call, names, 1)) && remove_history(call);
}
