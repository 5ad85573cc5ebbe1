/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a wish to a row: which Categories the Thing is in, which Model it follows therefore
 * (domain/model.h), what the Model's template puts into it, and whether its values fit what comes out.
 */
#include "api/wishes.h"

#include "api/api.h"
#include "api/restore.h"
#include "domain/model.h"

/* ---- Categories ---- */

/* Names in a JSON array that we stored. */
static bool read_names(call *call, ix_str text, const char ***ret, size_t *ret_count)
{
    const ix_json *names = ix_json_parse(call->cx, text.at, text.len);
    const size_t count = ix_json_count(names);
    const char **read = names ? ix_new(call->cx, const char *, count + 1) : NULL;
    for (size_t i = 0; read && i < count; i++)
        read[i] = ix_json_string(ix_json_item(names, i));
    *ret = read;
    *ret_count = count;
    return read != NULL;
}

/* A Thing that is made by way of a Category joins just that one; later nothing done that way changes
 * membership. */
static bool fill_categories(call *call, const thing_view *before, const thing_wish *wish,
                            thing_row *row)
{
    row->keep_categories = before && (!wish->categories || call_category(call));
    if (row->keep_categories)
        return read_names(call, before->categories, &row->categories, &row->category_count);
    row->categories = wish->categories;
    row->category_count = wish->category_count;
    if (!call_category(call))
        return true;
    row->categories = ix_new(call->cx, const char *, 1);
    if (!row->categories)
        return false;
    row->categories[row->category_count++] = call_category(call);
    return true;
}

/* What the Categories of the row ask for. IOTS_NOT_FOUND if one of them is not there. */
static bool find_needs(call *call, const thing_row *row, model_need *needs, size_t *ret_count)
{
    size_t count = 0;
    for (size_t i = 0; i < row->category_count; i++) {
        category_row category;
        bool found;
        if (!store_category_find(call->cx, call->store, call_space(call), row->categories[i],
                                 &category, &found))
            return false;
        if (!found)
            return ix_fail_field(call->cx, IOTS_NOT_FOUND, "Item not found", "categories",
                                 "no Category '%s'", row->categories[i]);
        if (category.model)
            needs[count++] = (model_need){category.name, {category.model, category.version}};
    }
    *ret_count = count;
    return true;
}

/* ---- the Model ---- */

/* The version that is meant: the newest if none is. */
static bool find_version(call *call, model_ref *model, version_row *ret)
{
    model_row row;
    bool found;
    const char *space = call_space(call);
    if (!store_model_find(call->cx, call->store, space, model->name, &row, &found))
        return false;
    if (!found)
        return ix_fail_field(call->cx, IOTS_NOT_FOUND, "Item not found", "model/name",
                             "no Model '%s'", model->name);
    if (!model->version &&
        !store_version_newest(call->cx, call->store, space, model->name, &model->version))
        return false;
    if (!model->version)
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, "model/name",
                             "the Model '%s' has no versions", model->name);
    if (!store_version_find(call->cx, call->store, space, model->name, model->version, ret, &found))
        return false;
    return found ||
           ix_fail_field(call->cx, IOTS_NOT_FOUND, "Item not found", "model/version",
                         "no version %lld of Model '%s'", (long long)model->version, model->name);
}

static bool apply_model(call *call, const thing_view *before, thing_wish *wish, thing_row *row)
{
    const model_ref wanted = {wish->model, wish->version};
    const model_ref present = {before && before->model.len
                                   ? ix_strndup(call->cx, before->model.at, before->model.len)
                                   : NULL,
                               before ? before->version : 0};
    model_need *needs = ix_new(call->cx, model_need, row->category_count + 1);
    size_t count = 0;
    model_ref model;
    version_row version = {0};
    if (!needs || !find_needs(call, row, needs, &count) ||
        !model_choose(call->cx, &wanted, &present, needs, count, &model))
        return false;
    if (!model.name)
        return true;
    if (!find_version(call, &model, &version))
        return false;

    row->model = model.name;
    row->version = model.version;
    const ix_json *template = ix_json_parse(call->cx, version.template.at, version.template.len);
    return template && thing_apply_template(call->cx, template, wish);
}

/* ---- the whole ---- */

static bool fill_row(call *call, const thing_wish *wish, thing_row *row)
{
    row->title = wish->title;
    row->doc = thing_stored_text(call->cx, wish->doc);
    row->types = wish->types;
    row->properties = wish->properties;
    row->actions = wish->actions;
    row->events = wish->events;
    row->links = wish->links;
    return row->doc != NULL;
}

bool wish_settle(call *call, const thing_view *before, thing_wish *wish, thing_row *row)
{
    return fill_categories(call, before, wish, row) && apply_model(call, before, wish, row) &&
           wish_check_values(call, wish) && fill_row(call, wish, row);
}

bool wish_check_values(call *call, const thing_wish *wish)
{
    const validate_mode mode =
        call_restores(call) ? VALIDATE_OFF : call->api->settings.validate_values;
    return !wish->status || thing_check_status(call->cx, wish, (int)mode);
}

/* The values of a body's status are a value update like any other (8.2). */
bool wish_set_values(call *call, const thing_wish *wish, const char *uid)
{
    const ix_json *values = thing_values(call->cx, wish);
    const bool history = call->args[IX_PARAM_update_history].flag;
    if (!values)
        return !ix_failed(call->cx);
    return values_store(call, uid, values, NULL, history);
}

bool wish_replace(call *call, const thing_view *before, thing_wish *wish)
{
    thing_row row = {.uid = CALL_VAR(call, thing),
                     .created_us = before->created_us,
                     .modified_us = call->now_us};
    return wish_settle(call, before, wish, &row) &&
           values_may_change(call, wish->properties, wish->status) &&
           store_thing_set(call->cx, call->store, call_space(call), &row) &&
           wish_set_values(call, wish, row.uid);
}

/* ---- a Category's Model ---- */

/* Does the row follow the Model that the Thing follows already? */
static bool follows(const thing_view *before, const thing_row *row)
{
    return row->model && ix_str_is(before->model, row->model) && before->version == row->version;
}

bool thing_follow(call *call, const char *uid, const char *model)
{
    thing_view before;
    thing_wish wish;
    bool found;
    if (!store_thing_find(call->cx, call->store, call_space(call), NULL, uid, false, &before,
                          &found))
        return false;
    if (!found)
        return ix_fail(call->cx, IOTS_INTERNAL, "a Category has the member %s, who is no Thing",
                       uid);
    if (!thing_stored_read(call->cx, before.doc, &wish))
        return false;
    wish.model = model;
    thing_row row = {.uid = uid, .created_us = before.created_us, .modified_us = call->now_us};
    if (!wish_settle(call, &before, &wish, &row))
        return false;
    return follows(&before, &row) || store_thing_set(call->cx, call->store, call_space(call), &row);
}

/* ---- showing ---- */

bool view_append(call *call, const thing_view *view, ix_buf *buf)
{
    const char *base = call_base(call);
    if (!base)
        return false;
    thing_write(buf, base, call_space(call), call_category(call), view);
    return !buf->failed || ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
}

bool thing_append(call *call, ix_buf *buf)
{
    const thing_view *view = call_thing(call);
    return view && view_append(call, view, buf);
}
