/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thing Descriptions, taken apart and put together.
 *
 * What makes a description valid are the rows of contract/doc_thing.c; here it is sorted into what
 * is stored as text and what the store keeps elsewhere.
 */
#include "domain/thing.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/ulid.h"
#include "contract/write.h"
#include "domain/property.h"

/* ---- taking apart ---- */

/* Members that are kept beside the stored text. */
static const char *const kept_elsewhere[] = {"uid", "categories", "model", "status", "status_at"};

/* What a stored form with values for a Model's placeholders begins with; no other can. */
static const char model_head[] = "\"model\":{";

/* Members that every description has. */
typedef struct default_row {
    const char *name;
    ix_json *(*make)(ix_ctx *cx);
} default_row;

static ix_json *make_text(ix_ctx *cx)
{
    return ix_json_new_string(cx, "");
}

// clang-format off
static const default_row defaults[] = {
    {"title",       make_text},
    {"description", make_text},
    {"properties",  ix_json_new_object},
    {"actions",     ix_json_new_object},
    {"events",      ix_json_new_object},
    {"links",       ix_json_new_array},
};
// clang-format on

/* What others look at in the description. */
static void look(thing_input *input)
{
    input->title = ix_json_string(ix_json_member(input->doc, "title"));
    input->types = ix_json_member(input->doc, "@type");
    input->properties = ix_json_member(input->doc, "properties");
    input->actions = ix_json_member(input->doc, "actions");
    input->events = ix_json_member(input->doc, "events");
    input->links = ix_json_member(input->doc, "links");
}

static bool doc_read(ix_ctx *cx, const ix_json *clean, thing_input *input)
{
    ix_json *doc = ix_json_new_object(cx);
    if (!doc)
        return false;
    for (ix_member m = ix_members(clean); m.name; m = ix_members_next(m)) {
        bool is_elsewhere = false;
        for (size_t i = 0; i < sizeof kept_elsewhere / sizeof kept_elsewhere[0]; i++)
            is_elsewhere = is_elsewhere || strcmp(m.name, kept_elsewhere[i]) == 0;
        if (!is_elsewhere && !ix_json_set(cx, doc, m.name, m.value))
            return false;
    }
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        if (!ix_json_member(doc, defaults[i].name) &&
            !ix_json_set(cx, doc, defaults[i].name, defaults[i].make(cx)))
            return false;
    }
    input->doc = doc;
    look(input);
    input->given = input->properties;
    return true;
}

/* A uid that is none is at fault in an update, which may only repeat the path's; a create ignores
 * it. */
static bool uid_read(ix_ctx *cx, ix_purpose purpose, const ix_json *clean, thing_input *input)
{
    const ix_json *uid = ix_json_member(clean, "uid");
    ix_ulid id;
    if (!uid)
        return true;
    if (ix_ulid_parse(ix_json_str(uid), &id))
        return (input->uid = ix_strdup(cx, id.text)) != NULL;
    return purpose == IX_CREATE ||
           ix_fail_field(cx, IOTS_INVALID, NULL, "uid", "expected the Thing's own ID");
}

static int names_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, without doubles. */
static bool categories_read(ix_ctx *cx, const ix_json *clean, thing_input *input)
{
    const ix_json *given = ix_json_member(clean, "categories");
    const size_t count = ix_json_count(given);
    if (!given)
        return true;
    const char **names = ix_new(cx, const char *, count + 1); /* NULL means: not given */
    if (!names)
        return false;
    for (size_t i = 0; i < count; i++)
        names[i] = ix_json_string(ix_json_item(given, i));
    qsort(names, count, sizeof *names, names_compare);

    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(names[kept - 1], names[i]) != 0)
            names[kept++] = names[i];
    }
    input->categories = names;
    input->category_count = kept;
    return true;
}

static void model_read(const ix_json *clean, thing_input *input)
{
    const ix_json *model = ix_json_member(clean, "model");
    input->model = ix_json_string(ix_json_member(model, "name"));
    input->version = ix_json_int(ix_json_member(model, "version"), 0);
    const ix_json *values = ix_json_member(model, "values");
    input->model_values = ix_json_count(values) ? values : NULL;
    input->model_given = input->model || input->version;
}

bool thing_read(ix_ctx *cx, ix_purpose purpose, bool in_category, const ix_json *body,
                thing_input *ret)
{
    ix_json *clean;
    thing_input input = {0};
    if (!ix_schema_read(cx, &ix_doc_thing, purpose, body, &clean))
        return false;
    if (in_category && ix_json_member(clean, "categories"))
        return ix_fail_field(cx, IOTS_INVALID, NULL, "categories",
                             "not to be given by way of a Category");
    if (!doc_read(cx, clean, &input) || !uid_read(cx, purpose, clean, &input) ||
        !categories_read(cx, clean, &input))
        return false;
    model_read(clean, &input);
    input.status = ix_json_member(clean, "status");
    *ret = input;
    return true;
}

static ix_json *stored_parse(ix_ctx *cx, ix_str stored)
{
    const char *text = ix_format(cx, "{%.*s}", (int)stored.len, stored.at);
    return text ? ix_json_parse(cx, text, stored.len + 2) : NULL;
}

bool thing_stored_read(ix_ctx *cx, ix_str stored, thing_input *ret)
{
    thing_input input = {.doc = stored_parse(cx, stored)};
    if (!input.doc)
        return false;
    ix_json_remove(input.doc, "model");
    look(&input);
    input.given = input.properties;
    *ret = input;
    return true;
}

bool thing_apply_template(ix_ctx *cx, const ix_json *template, thing_input *input)
{
    for (size_t i = 0; i < ix_doc_template.count; i++) {
        const char *name = ix_doc_template.fields[i].name;
        const ix_json *value = ix_json_member(template, name);
        if (value && ix_json_kind(value) != IX_NULL && !ix_json_set(cx, input->doc, name, value))
            return false;
    }
    look(input);
    return true;
}

bool thing_check_value(ix_ctx *cx, const thing_input *input, const char *name, const ix_json *value,
                       int validate_mode)
{
    const ix_json *affordance = ix_json_member(input->properties, name);
    if (!affordance)
        affordance = ix_json_member(input->given, name);
    const char *field = ix_format(cx, "status/%s", name);
    if (!field)
        return false;
    if (!affordance)
        return ix_fail_field(cx, IOTS_INVALID, NULL, field, "no such property");
    return property_check(cx, field, affordance, value, (enum validate_mode)validate_mode);
}

const ix_json *thing_values(ix_ctx *cx, const thing_input *input)
{
    ix_json *values = ix_json_count(input->status) ? ix_json_new_object(cx) : NULL;
    for (ix_member m = ix_members(input->status); values && m.name; m = ix_members_next(m)) {
        if (ix_json_member(input->properties, m.name) && !ix_json_set(cx, values, m.name, m.value))
            return NULL;
    }
    return ix_json_count(values) ? values : NULL;
}

const ix_json *thing_stored_values(ix_ctx *cx, ix_str stored)
{
    if (!ix_str_starts(stored, model_head))
        return NULL;
    return ix_json_member(ix_json_member(stored_parse(cx, stored), "model"), "values");
}

static void model_write(ix_buf *buf, ix_str model, int64_t version, const ix_json *values)
{
    if (!model.len) {
        ix_buf_text(buf, "\"model\":null");
        return;
    }
    ix_buf_text(buf, model_head);
    ix_buf_text(buf, "\"name\":");
    ix_json_write_text(buf, model);
    if (version) {
        ix_buf_text(buf, ",\"version\":");
        ix_buf_int(buf, version);
    }
    if (values) {
        ix_buf_text(buf, ",\"values\":");
        ix_json_write(buf, values);
    }
    ix_buf_char(buf, '}');
}

const char *thing_model_text(ix_ctx *cx, const char *model, int64_t version, const ix_json *values)
{
    ix_buf buf = {0};
    if (!model || !values)
        return "";
    model_write(&buf, ix_str_of(model), version, values);
    ix_buf_char(&buf, ',');
    ix_str text;
    ix_buf_take_in(cx, &buf, &text);
    return text.at;
}

const char *thing_stored_text(ix_ctx *cx, const char *model, const ix_json *doc)
{
    const char *text = ix_json_text(cx, doc);
    return text ? ix_format(cx, "%s%.*s", model, (int)strlen(text) - 2, text + 1) : NULL;
}

/* ---- putting together ---- */

static void path_write(ix_buf *buf, const char *space, const char *category, ix_str uid)
{
    ix_buf_text(buf, "/spaces/");
    ix_buf_text(buf, space);
    if (category) {
        ix_buf_text(buf, "/categories/");
        ix_buf_text(buf, category);
    }
    ix_buf_text(buf, "/things/");
    ix_buf_str(buf, uid);
}

static void id_write(ix_buf *buf, const char *base, const char *space, const char *category,
                     ix_str uid)
{
    ix_json_write_text(buf, ix_str_of(base)); /* a Host header may hold anything */
    if (!buf->failed)
        buf->len--; /* reopened */
    path_write(buf, space, category, uid);
    ix_buf_char(buf, '"');
}

void thing_write(ix_buf *buf, const char *base, const char *space, const char *category,
                 const thing_view *view)
{
    ix_buf_text(buf, "{\"uid\":\"");
    ix_buf_str(buf, view->uid);
    ix_buf_text(buf, "\",\"id\":");
    id_write(buf, base, space, category, view->uid);
    ix_buf_text(buf, ",\"href\":\"");
    path_write(buf, space, category, view->uid);
    ix_buf_text(buf, "\",");
    ix_buf_str(buf, view->doc);
    ix_members_write(buf, 1,
                     (const ix_out[]){{IX_OUT(thing, categories), .text = view->categories,
                                       .is_absent = category != NULL}});
    if (!ix_str_starts(view->doc, model_head)) {
        ix_buf_char(buf, ',');
        model_write(buf, view->model, view->version, NULL);
    }
    const ix_out members[] = {
        {IX_OUT(thing, status), .text = view->status},
        {IX_OUT(thing, status_at), .text = view->status_at, .is_absent = !view->status_at.len},
        {IX_OUT(thing, client_id), .text = view->client_id, .is_absent = !view->client_id.len},
        {IX_OUT(thing, created), .number = view->created_us},
        {IX_OUT(thing, modified), .number = view->modified_us},
    };
    ix_members_write(buf, sizeof members / sizeof members[0], members);
    ix_buf_char(buf, '}');
}
