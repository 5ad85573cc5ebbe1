/* SPDX-License-Identifier: Apache-2.0 */
/* Categories (docs/api/http.md section 6). */
#include <string.h>

#include "api/list.h"
#include "api/preserve.h"
#include "api/thing_write.h"
#include "base/time.h"
#include "contract/write.h"

/* ---- out ---- */

static void write_category(ix_buf *buf, const category_row *row)
{
    const ix_out model[] = {
        {IX_OUT(model_description_category, name), .text = ix_str_of(row->model)},
        {IX_OUT(model_description_category, version), .number = row->version,
         .is_absent = !row->version},
    };
    const ix_out members[] = {
        {IX_OUT(category, name), .text = ix_str_of(row->name)},
        {IX_OUT(category, description), .text = ix_str_of(row->description)},
        {IX_OUT(category, model), .inside = row->model ? model : NULL, .inside_count = 2},
        {IX_OUT(category, history_retention), .text = ix_str_of(row->history_retention),
         .is_absent = !row->history_retention},
        {IX_OUT(category, silent_after), .text = ix_str_of(row->silent_after),
         .is_absent = !row->silent_after},
        {IX_OUT(category, created), .number = row->created_us},
        {IX_OUT(category, modified), .number = row->modified_us},
    };
    ix_document_write(buf, sizeof members / sizeof members[0], members);
}

static bool reply_category(api_call *call, const category_row *row)
{
    ix_buf_clear(&call->reply);
    write_category(&call->reply, row);
    return reply_written(call);
}

/* ---- in ---- */

static bool find_category(api_call *call, const char *name, category_row *ret, bool *found)
{
    return store_category_find(call->cx, call->store, call_space(call), name, ret, found);
}

/* The Category of the path. */
static bool get_category(api_call *call, category_row *ret)
{
    bool found;
    return find_category(call, CALL_VAR(call, category), ret, &found) &&
           (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

/* The Model that the body names must be there, with the version if it names one (section 6: 400). */
static bool check_model(api_call *call)
{
    const char *name = ix_json_string(ix_json_at(call->body, "/model/name"));
    const int64_t number = ix_json_int(ix_json_at(call->body, "/model/version"), 0);
    model_row model;
    version_row version;
    bool found;
    if (!name)
        return true;
    if (!store_model_find(call->cx, call->store, call_space(call), name, &model, &found))
        return false;
    if (!found)
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, "model/name", "no Model '%s'", name);
    return !number ||
           (store_version_find(call->cx, call->store, call_space(call), name, number, &version,
                               &found) &&
            (found || ix_fail_field(call->cx, IOTS_INVALID, NULL, "model/version",
                                    "no version %lld of Model '%s'", (long long)number, name)));
}

/* What a body says about a Category; absent or null members take their defaults. */
static void read_category(const api_call *call, category_row *row)
{
    const char *description = ix_json_string(ix_json_member(call->body, "description"));
    row->description = description ? description : "";
    row->model = ix_json_string(ix_json_at(call->body, "/model/name"));
    row->version = ix_json_int(ix_json_at(call->body, "/model/version"), 0);
    row->history_retention = ix_json_string(ix_json_member(call->body, "history_retention"));
    row->silent_after = ix_json_string(ix_json_member(call->body, "silent_after"));
}

/* ---- operations ---- */

static bool location_of(api_call *call, const char *name)
{
    const char *vars[IX_VAR_COUNT] = {
        [IX_VAR_space] = call_space(call),
        [IX_VAR_category] = name,
    };
    const char *path = ix_op_path(call->cx, &ix_ops[IX_OP_category_get], vars);
    return path && reply_location(call, path);
}

bool on_categories_create(api_call *call)
{
    if (!check_model(call))
        return false;
    const char *name = ix_json_string(ix_json_member(call->body, "name"));
    category_row row;
    bool found;
    if (!find_category(call, name, &row, &found))
        return false;
    if (found)
        return ix_fail(call->cx, IOTS_CONFLICT, NULL);

    row = (category_row){.name = name};
    read_category(call, &row);
    return preserved_time(call, "created", &row.created_us) &&
           preserved_time(call, "modified", &row.modified_us) &&
           store_category_add(call->cx, call->store, call_space(call), &row) &&
           location_of(call, name) && reply_category(call, &row);
}

bool on_category_get(api_call *call)
{
    category_row row;
    return get_category(call, &row) && reply_category(call, &row);
}

/* The Things of a Category, as they are made to follow its Model. */
typedef struct members {
    api_call *call;
    ix_ctx of_thing; /* memory for one of them at a time */
    const char *model;
    int changed;
} members;

enum { MEMBERS_CHANGED_MAX = 1000 }; /* by one request: others wait meanwhile */

static bool each_member(void *arg, ix_str uid)
{
    members *members = arg;
    api_call *call = members->call;
    ix_ctx *whole = call->cx, *cx = &members->of_thing;
    const char *copy = ix_strndup(cx, uid.at, uid.len);
    call->cx = cx;
    bool is_changed = false;
    bool ok = copy && thing_apply_model(call, copy, members->model, &is_changed);
    call->cx = whole;
    members->changed += is_changed;
    if (members->changed > MEMBERS_CHANGED_MAX)
        ok = ix_fail(cx, IOTS_INVALID,
                     "more than %d Things would change: give them the Model first, by PATCH",
                     MEMBERS_CHANGED_MAX);
    if (!ok)
        ix_ctx_forward_error(whole, cx);
    ix_arena_reset(cx->arena);
    return ok;
}

/* All Things of the Category follow its Model from now on, or nothing changes (7.3). */
static bool apply_model(api_call *call, const category_row *row)
{
    members members = {.call = call, .model = row->model};
    if (!ix_ctx_init(&members.of_thing, CALL_ARENA_BYTES))
        return ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
    const bool ok = store_members_each(call->cx, call->store, call_space(call), row->name,
                                       each_member, &members);
    ix_ctx_done(&members.of_thing);
    return ok && !ix_failed(call->cx);
}

static bool is_same_model(const category_row *a, const category_row *b)
{
    return (a->model && b->model ? strcmp(a->model, b->model) == 0 : a->model == b->model) &&
           a->version == b->version;
}

bool on_category_update(api_call *call)
{
    category_row before;
    if (!get_category(call, &before))
        return false;
    const char *name = ix_json_string(ix_json_member(call->body, "name"));
    if (name && strcmp(name, before.name) != 0)
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, "name", "a Category keeps its name");
    if (!check_model(call))
        return false;

    category_row row = before;
    read_category(call, &row);
    row.modified_us = call->now_us;
    return store_category_set(call->cx, call->store, call_space(call), &row) &&
           (!row.model || is_same_model(&before, &row) || apply_model(call, &row)) &&
           reply_category(call, &row);
}

/* Things that have left it in one part stay out of it, should the next part fail. */
bool on_category_delete(api_call *call)
{
    call_part part = call_part_begin(call);
    bool found, more;
    do {
        if (!store_category_remove(call->cx, call->store, call_space(call),
                                   CALL_VAR(call, category), PART_STEP_ROWS, &found, &more))
            return false;
    } while (more && call_part_has_room(&part, PART_STEP_ROWS));
    if (more)
        return call_next_part(call);
    return found ? reply_empty(call) : ix_fail(call->cx, IOTS_NOT_FOUND, NULL);
}

/* ---- the list ---- */

static bool each_category(void *arg, const category_row *row)
{
    api_list *list = arg;
    write_category(list_item(list), row);
    return list_end_name(list, ix_str_of(row->name));
}

static bool ask(api_list *list, bool *more)
{
    api_call *call = list->call;
    return store_categories_list(call->cx, call->store, call_space(call), &list->page,
                                 each_category, list, more);
}

bool on_categories_list(api_call *call)
{
    return list_reply(&(api_list){.call = call, .tag = "categories", .keys = 1, .ask = ask});
}
