/* SPDX-License-Identifier: Apache-2.0 */
/* Models and their versions (docs/api/http.md 7.1, 7.2). What they do to Things is in thing_write.c. */
#include <string.h>

#include "api/api.h"
#include "api/list.h"
#include "api/preserve.h"
#include "base/time.h"
#include "contract/write.h"
#include "domain/pattern.h"

/* ---- out ---- */

static void write_model(ix_buf *buf, const model_row *row)
{
    const ix_out members[] = {
        {IX_OUT(model, id), .text = ix_str_of(row->id)},
        {IX_OUT(model, name), .text = ix_str_of(row->name)},
        {IX_OUT(model, description), .text = ix_str_of(row->description)},
        {IX_OUT(model, created), .number = row->created_us},
        {IX_OUT(model, modified), .number = row->modified_us},
    };
    ix_document_write(buf, sizeof members / sizeof members[0], members);
}

static bool reply_model(api_call *call, const model_row *row)
{
    write_model(&call->reply, row);
    return reply_written(call);
}

static void write_version(ix_buf *buf, const version_row *row)
{
    const ix_out members[] = {
        {IX_OUT(model_version, version), .number = row->version},
        {IX_OUT(model_version, title), .text = row->title},
        {IX_OUT(model_version, description), .text = row->description},
        {IX_OUT(model_version, template_), .text = row->template},
        {IX_OUT(model_version, created), .number = row->created_us},
    };
    ix_document_write(buf, sizeof members / sizeof members[0], members);
}

static bool reply_version(api_call *call, const version_row *row)
{
    write_version(&call->reply, row);
    return reply_written(call);
}

/* The address of what was made. */
static bool reply_place(api_call *call, ix_op_id op)
{
    const char *path = ix_op_path(call->cx, &ix_ops[op], call->match.vars);
    return path && reply_location(call, path);
}

/* ---- in ---- */

static bool find_model(api_call *call, const char *name, model_row *ret, bool *found)
{
    return store_model_find(call->cx, call->store, call_space(call), name, ret, found);
}

/* The Model of the path. */
static bool get_model(api_call *call, model_row *ret)
{
    bool found;
    return find_model(call, CALL_VAR(call, model), ret, &found) &&
           (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

/* A text of the body; "" if it is absent. */
static const char *text_of(const api_call *call, const char *name)
{
    const char *text = ix_json_string(ix_json_member(call->body, name));
    return text ? text : "";
}

/* ---- Models ---- */

bool on_models_create(api_call *call)
{
    const char *name = text_of(call, "name");
    model_row row;
    bool found;
    if (!find_model(call, name, &row, &found))
        return false;
    if (found)
        return ix_fail(call->cx, IOTS_CONFLICT, NULL);

    ix_ulid id;
    row = (model_row){
        .id = id.text,
        .name = name,
        .description = text_of(call, "description"),
    };
    if (!preserved_id(call, ix_json_member(call->body, "id"), "id", &id) ||
        !preserved_time(call, "created", &row.created_us) ||
        !preserved_time(call, "modified", &row.modified_us))
        return false;
    call->match.vars[IX_VAR_model] = name;
    return store_model_add(call->cx, call->store, call_space(call), &row) &&
           reply_place(call, IX_OP_model_get) && reply_model(call, &row);
}

bool on_model_get(api_call *call)
{
    model_row row;
    return get_model(call, &row) && reply_model(call, &row);
}

bool on_model_update(api_call *call)
{
    model_row row;
    if (!get_model(call, &row))
        return false;
    const char *name = ix_json_string(ix_json_member(call->body, "name"));
    if (name && strcmp(name, row.name) != 0)
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, "name", "a Model keeps its name");
    row.description = text_of(call, "description");
    row.modified_us = call->now_us;
    return store_model_set(call->cx, call->store, call_space(call), &row) &&
           reply_model(call, &row);
}

bool on_model_delete(api_call *call)
{
    const char *name = CALL_VAR(call, model);
    bool by_categories, by_things;
    if (!call_model_exists(call) || !store_model_used(call->cx, call->store, call_space(call), name,
                                                      &by_categories, &by_things))
        return false;
    if (by_categories)
        return ix_fail(call->cx, IOTS_FORBIDDEN, "model is in use by categories");
    if (by_things)
        return ix_fail(call->cx, IOTS_FORBIDDEN, "model is in use by things");
    return store_model_remove(call->cx, call->store, call_space(call), name) && reply_empty(call);
}

static bool each_model(void *arg, const model_row *row)
{
    api_list *list = arg;
    write_model(list_item(list), row);
    return list_end_name(list, ix_str_of(row->name));
}

static bool ask_models(api_list *list, bool *more)
{
    api_call *call = list->call;
    return store_models_list(call->cx, call->store, call_space(call), &list->page, each_model, list,
                             more);
}

bool on_models_list(api_call *call)
{
    return list_reply(&(api_list){.call = call, .tag = "models", .keys = 1, .ask = ask_models});
}

/* ---- versions ---- */

/* The template of the body: the members that were given. */
static bool read_template(api_call *call, ix_str *ret)
{
    const ix_json *template = ix_json_member(call->body, "template");
    const char *text = template ? ix_json_text(call->cx, template) : "{}";
    *ret = ix_str_of(text);
    return text != NULL;
}

/* The number after the newest. One that is put back can have no other, because all that came before
 * it has to be there. */
static bool number_version(api_call *call, int64_t *ret)
{
    const ix_json *given = ix_json_member(call->body, "version");
    int64_t newest;
    if (!store_version_newest(call->cx, call->store, call_space(call), CALL_VAR(call, model),
                              &newest))
        return false;
    *ret = newest + 1;
    const int64_t number = ix_json_int(given, 0);
    if (!call_preserves(call) || !given || number == *ret)
        return true;
    return number > 0 && number <= newest
               ? ix_fail(call->cx, IOTS_CONFLICT, NULL)
               : ix_fail_field(call->cx, IOTS_INVALID, NULL, "version",
                               "expected %lld, the next one", (long long)*ret);
}

bool on_versions_create(api_call *call)
{
    const char *space = call_space(call), *model = CALL_VAR(call, model);
    version_row row = {
        .title = ix_str_of(text_of(call, "title")),
        .description = ix_str_of(text_of(call, "description")),
    };
    if (!call_model_exists(call) ||
        !(call_preserves(call) ||
          pattern_check_all(call->cx, "template", ix_json_member(call->body, "template"))) ||
        !read_template(call, &row.template) || !preserved_time(call, "created", &row.created_us) ||
        !number_version(call, &row.version))
        return false;
    call->match.vars[IX_VAR_version] = ix_format(call->cx, "%lld", (long long)row.version);
    return CALL_VAR(call, version) &&
           store_version_add(call->cx, call->store, space, model, &row) &&
           reply_place(call, IX_OP_version_get) && reply_version(call, &row);
}

bool on_version_get(api_call *call)
{
    version_row row;
    bool found;
    int64_t number = 0;
    ix_str_int(ix_str_of(CALL_VAR(call, version)), &number); /* it is one: the path was checked */
    if (!call_model_exists(call) ||
        !store_version_find(call->cx, call->store, call_space(call), CALL_VAR(call, model), number,
                            &row, &found))
        return false;
    return found ? reply_version(call, &row) : ix_fail(call->cx, IOTS_NOT_FOUND, NULL);
}

static bool each_version(void *arg, const version_row *row)
{
    api_list *list = arg;
    write_version(list_item(list), row);
    return list_end_number(list, row->version);
}

static bool ask_versions(api_list *list, bool *more)
{
    api_call *call = list->call;
    return store_versions_list(call->cx, call->store, call_space(call), CALL_VAR(call, model),
                               &list->page, each_version, list, more);
}

bool on_versions_list(api_call *call)
{
    return call_model_exists(call) &&
           list_reply(&(api_list){.call = call, .tag = "versions", .keys = 1, .ask = ask_versions});
}
