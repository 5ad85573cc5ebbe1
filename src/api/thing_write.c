/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an input to a row: which Categories the Thing is in, which Model it follows therefore
 * (domain/model.h), what the Model's template puts into it, and whether its values fit what comes out.
 */
#include "api/thing_write.h"

#include <string.h>

#include "api/api.h"
#include "api/preserve.h"
#include "domain/model.h"
#include "domain/pattern.h"

/* ---- Categories ---- */

/* Names in a JSON array that we stored. */
static bool read_names(api_call *call, ix_str text, const char ***ret, size_t *ret_count)
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
static bool fill_categories(api_call *call, const thing_view *before, const thing_input *input,
                            thing_row *row)
{
    row->keep_categories = before && (!input->categories || call_category(call));
    if (row->keep_categories)
        return read_names(call, before->categories, &row->categories, &row->category_count);
    row->categories = input->categories;
    row->category_count = input->category_count;
    if (!call_category(call))
        return true;
    row->categories = ix_new(call->cx, const char *, 1);
    if (!row->categories)
        return false;
    row->categories[row->category_count++] = call_category(call);
    return true;
}

/* What the Categories of the row ask for. IOTS_NOT_FOUND if one of them is not there. */
static bool find_needs(api_call *call, const thing_row *row, model_need *needs, size_t *ret_count)
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
static bool find_version(api_call *call, model_ref *model, version_row *ret)
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

/* Values for placeholders that are not given stay as they are while the Model does, like its version. */
static bool keep_model_values(api_call *call, const thing_view *before, const char *model,
                              thing_input *input)
{
    if (input->model_values && !model)
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, "model/name", "required with values");
    if (!input->model_values && model && before && ix_str_is(before->model, model))
        input->model_values = thing_stored_values(call->cx, before->doc);
    return !ix_failed(call->cx);
}

/* Which Model the row follows with which values, and the text of its template; {NULL, 0} if none. */
static bool choose_model(api_call *call, const thing_view *before, thing_input *input,
                         thing_row *row, ix_str *ret_template)
{
    const model_ref wanted = {input->model, input->version};
    const model_ref present = {before && before->model.len
                                   ? ix_strndup(call->cx, before->model.at, before->model.len)
                                   : NULL,
                               before ? before->version : 0};
    model_need *needs = ix_new(call->cx, model_need, row->category_count + 1);
    size_t count = 0;
    model_ref model;
    version_row version = {0};
    *ret_template = (ix_str){0};
    row->model = NULL;
    row->version = 0;
    if (!needs || !find_needs(call, row, needs, &count) ||
        !model_choose(call->cx, &wanted, &present, needs, count, &model) ||
        !keep_model_values(call, before, model.name, input))
        return false;
    if (!model.name)
        return true;
    if (!find_version(call, &model, &version))
        return false;

    row->model = model.name;
    row->version = model.version;
    *ret_template = version.template;
    return true;
}

/* What comes out is checked as a version without placeholders was when it was made. */
static const ix_json *fill_template(api_call *call, const ix_json *template, const ix_json *values)
{
    ix_json *clean = NULL;
    const ix_json *filled = model_fill(call->cx, template, values);
    if (!filled || !ix_schema_read(call->cx, &ix_doc_template, IX_CREATE, filled, &clean) ||
        !(call_preserves(call) || pattern_check_all(call->cx, NULL, clean)))
        return NULL;
    return clean;
}

static bool write_model(api_call *call, const thing_input *input, const thing_row *row, ix_str *ret)
{
    const char *text = thing_model_text(call->cx, row->model, row->version, input->model_values);
    *ret = ix_str_of(text);
    return text != NULL;
}

static bool apply_template(api_call *call, ix_str text, thing_input *input)
{
    if (!text.at)
        return true;
    const ix_json *template = ix_json_parse(call->cx, text.at, text.len);
    if (template && strstr(text.at, "{{"))
        template = fill_template(call, template, input->model_values);
    return template && thing_apply_template(call->cx, template, input);
}

/* ---- values ---- */

/* A value that does not fit, but is the one that is there: it stays as it is. */
typedef struct kept_value {
    const char *name, *text;
    struct kept_value *next;
} kept_value;

static bool is_present(api_call *call, const char *uid, const char *name, const char *text,
                       bool *ret)
{
    property_row row;
    bool found;
    if (!store_property_find(call->cx, call->store, call_space(call), NULL, uid, name, &row,
                             &found))
        return false;
    *ret = found && ix_str_is(row.value, text);
    return true;
}

/* May a value that does not fit be passed over? Then it is not a failure. */
static bool keep_value(api_call *call, const thing_view *before, ix_member value, kept_value **kept)
{
    ix_ctx *cx = call->cx;
    const ix_error why = cx->error;
    bool is_there = false;
    if (!before || ix_is_spent(cx) || why.code != IOTS_INVALID)
        return false;
    ix_ctx_clear_error(cx);
    const char *uid = ix_strndup(cx, before->uid.at, before->uid.len);
    const char *text = uid ? ix_json_text(cx, value.value) : NULL;
    kept_value *made = text ? ix_new(cx, kept_value, 1) : NULL;
    if (!made || !is_present(call, uid, value.name, text, &is_there))
        return false;
    if (!is_there) {
        cx->error = why;
        return false;
    }
    *made = (kept_value){value.name, text, *kept};
    *kept = made;
    return true;
}

/* Without those that are kept. */
static const ix_json *values_to_set(ix_ctx *cx, const ix_json *status, const kept_value *kept)
{
    ix_json *left = ix_json_new_object(cx);
    for (ix_member m = ix_members(status); left && m.name; m = ix_members_next(m))
        if (!ix_json_set(cx, left, m.name, m.value))
            return NULL;
    for (; left && kept; kept = kept->next)
        ix_json_remove(left, kept->name);
    return left;
}

static bool check_values(api_call *call, const thing_view *before, thing_input *input,
                         kept_value **kept)
{
    const validate_mode mode =
        call_preserves(call) ? VALIDATE_OFF : call->api->settings.validate_values;
    for (ix_member m = ix_members(input->status); m.name; m = ix_members_next(m)) {
        if (!thing_check_value(call->cx, input, m.name, m.value, (int)mode) &&
            !keep_value(call, before, m, kept))
            return false;
    }
    if (*kept)
        input->status = values_to_set(call->cx, input->status, *kept);
    return !*kept || input->status;
}

/* ---- what a write may come to ---- */

/* A patch may make more of a Thing than a body could bring; what was as large before may stay so. */
static bool check_size(api_call *call, const thing_view *before, const thing_input *input,
                       const char *doc)
{
    const size_t limit = call->api->settings.body_limit;
    ix_buf text = {0};
    if (doc && strlen(doc) > limit && (!before || strlen(doc) > before->doc.len))
        return ix_fail(call->cx, IOTS_TOO_LARGE, "the Thing would become larger than %zu bytes",
                       limit);
    for (ix_member m = ix_members(input->status); m.name; m = ix_members_next(m)) {
        ix_buf_clear(&text);
        ix_json_write(&text, m.value);
        if (text.len > limit)
            ix_fail_field(call->cx, IOTS_TOO_LARGE, NULL, m.name,
                          "the value would become larger than %zu bytes", limit);
    }
    if (text.failed)
        ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
    ix_buf_done(&text);
    return !ix_failed(call->cx);
}

/* ---- the whole ---- */

/* What was found out, and what it was made from. */
typedef struct settled {
    ix_str shown, template;
    ix_str model;        /* of a Thing with values for placeholders, see thing_model_text() */
    thing_change change; /* with the template put over it, and without the values that are kept */
    const char *doc;     /* stored form */
    kept_value *kept;
} settled;

static void fill_row(const thing_input *input, const char *doc, thing_row *row)
{
    row->title = input->title;
    row->description = ix_json_string(ix_json_member(input->doc, "description"));
    row->doc = doc;
    row->types = input->types;
    row->properties = input->properties;
    row->actions = input->actions;
    row->events = input->events;
    row->links = input->links;
}

/* All that takes work and depends on nothing but `shown`, the template, the values for its placeholders and
 * the values that are kept. */
static bool settle(api_call *call, const thing_view *before, settled *settled)
{
    thing_input *input = &settled->change.input;
    const bool is_row = !settled->change.is_only_of_values;
    if (!(is_row ? apply_template(call, settled->template, input)
                 : values_may_change(call, input->properties, input->status)) ||
        !check_values(call, before, input, &settled->kept))
        return false;
    if (is_row && !(settled->doc = thing_stored_text(call->cx, settled->model.at, input->doc)))
        return false;
    return (!settled->shown.at || check_size(call, before, input, settled->doc)) &&
           (!is_row || !before || values_may_change(call, input->properties, input->status));
}

static bool is_still_kept(api_call *call, const kept_value *kept, bool *ret)
{
    *ret = true;
    for (; kept && *ret; kept = kept->next)
        if (!is_present(call, CALL_VAR(call, thing), kept->name, kept->text, ret))
            return false;
    return true;
}

/* Texts outlive what they were read from. */
static bool keep_text(ix_ctx *cx, ix_str *text)
{
    if (text->at)
        text->at = ix_strndup(cx, text->at, text->len);
    return !ix_failed(cx);
}

static bool note_settled(api_call *call, const settled *made)
{
    settled *kept = ix_new(call->cx, settled, 1);
    if (!kept)
        return false;
    *kept = *made;
    call->findings = kept;
    return keep_text(call->cx, &kept->shown) && keep_text(call->cx, &kept->template) &&
           keep_text(call->cx, &kept->model);
}

/* Those of a description that is put back were taken once. */
static bool check_patterns(api_call *call, const thing_change *change)
{
    return call_preserves(call) || change->is_only_of_values ||
           pattern_check_all(call->cx, NULL, change->input.doc);
}

bool thing_plan_make(api_call *call, const thing_view *before, ix_str shown, input_reader *read,
                     thing_plan *ret)
{
    const settled *found = call->findings;
    settled made = {.shown = shown};
    bool holds = found && ix_str_equal(found->shown, shown);
    if (holds)
        made.change = found->change;
    else if (!read(call, shown, &made.change) || !check_patterns(call, &made.change))
        return false;

    *ret = (thing_plan){.before = before, .is_only_of_values = made.change.is_only_of_values};
    if (!ret->is_only_of_values &&
        (!fill_categories(call, before, &made.change.input, &ret->row) ||
         !choose_model(call, before, &made.change.input, &ret->row, &made.template) ||
         !write_model(call, &made.change.input, &ret->row, &made.model)))
        return false;
    holds = holds && ix_str_equal(found->template, made.template) &&
            ix_str_equal(found->model, made.model);
    if (holds && !is_still_kept(call, found->kept, &holds))
        return false;
    if (holds) {
        made = *found;
    } else {
        /* What was found has been changed by another template. */
        if (found && made.change.input.doc == found->change.input.doc &&
            !read(call, shown, &made.change))
            return false;
        if (!settle(call, before, &made) || (!call->is_in_committer && !note_settled(call, &made)))
            return false;
    }
    ret->input = made.change.input;
    fill_row(&ret->input, made.doc, &ret->row);
    return true;
}

/* The values of a body's status are a value update like any other (8.2). */
bool thing_input_set_values(api_call *call, const thing_input *input, const char *uid)
{
    const ix_json *values = thing_values(call->cx, input);
    const bool history = call->args[IX_PARAM_update_history].flag;
    if (!values)
        return !ix_failed(call->cx);
    return values_store(call, uid, values, NULL, history);
}

bool thing_plan_write(api_call *call, thing_plan *plan)
{
    const char *uid = CALL_VAR(call, thing);
    plan->row.uid = uid;
    plan->row.created_us = plan->before->created_us;
    plan->row.modified_us = call->now_us;
    return (plan->is_only_of_values ||
            store_thing_set(call->cx, call->store, call_space(call), &plan->row)) &&
           thing_input_set_values(call, &plan->input, uid);
}

/* ---- a Category's Model ---- */

/* Does the row follow the Model that the Thing follows already? */
static bool follows(const thing_view *before, const thing_row *row)
{
    return row->model && ix_str_is(before->model, row->model) && before->version == row->version;
}

bool thing_apply_model(api_call *call, const char *uid, const char *model, bool *ret_changed)
{
    thing_view before;
    thing_input input;
    bool found;
    if (!store_thing_find(call->cx, call->store, call_space(call), NULL, uid, false, &before,
                          &found))
        return false;
    if (!found)
        return ix_fail(call->cx, IOTS_INTERNAL, "a Category has the member %s, who is not a Thing",
                       uid);
    if (!thing_stored_read(call->cx, before.doc, &input))
        return false;
    input.model = model;
    thing_row row = {.uid = uid, .created_us = before.created_us, .modified_us = call->now_us};
    ix_str template, head;
    if (!fill_categories(call, &before, &input, &row) ||
        !choose_model(call, &before, &input, &row, &template) ||
        !write_model(call, &input, &row, &head) || !apply_template(call, template, &input))
        return false;
    const char *doc = thing_stored_text(call->cx, head.at, input.doc);
    if (!doc)
        return false;
    fill_row(&input, doc, &row);
    *ret_changed = !follows(&before, &row);
    return !*ret_changed || store_thing_set(call->cx, call->store, call_space(call), &row);
}

/* ---- showing ---- */

bool view_append(api_call *call, const thing_view *view, ix_buf *buf)
{
    const char *base = call_base(call);
    if (!base)
        return false;
    thing_write(buf, base, call_space(call), call_category(call), view);
    return !buf->failed || ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
}

bool thing_append(api_call *call, ix_buf *buf)
{
    const thing_view *view = call_thing(call);
    if (view && call->is_in_committer && view->doc.len + view->status.len > THING_BYTES_MAX)
        return ix_fail(call->cx, IOTS_TOO_LARGE, "the Thing with its values is larger than %d MiB",
                       THING_BYTES_MAX >> 20);
    return view && view_append(call, view, buf);
}
