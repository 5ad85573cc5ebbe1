/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The typed functions, in the order of ops.def. Above them, one helper per kind of address: it fills
 * in the variables of the path, and the typed function is left with what is its own.
 */
#include <stdio.h>
#include <string.h>

#include "client/call.h"
#include "client/doc.h"
#include "client/pager.h"
#include "client/value.h"

/* ---- addresses ---- */

static client_call call_on(ix_op_id op, const char *space, iots_value body,
                           const iots_call_opts *opts)
{
    return (
        client_call){.op = &ix_ops[op], .vars[IX_VAR_space] = space, .body = body, .opts = opts};
}

static iots_reply *in_space(ix_op_id op, iots_space space, iots_value body,
                            const iots_call_opts *opts)
{
    const client_call call = call_on(op, space.name, body, opts);
    return call_make(space.api, &call);
}

static iots_pager *list_space(ix_op_id op, iots_space space, const iots_list_opts *opts)
{
    const client_call call = call_on(op, space.name, iots_none(), NULL);
    return pager_new(space.api, &call, opts);
}

static iots_reply *on_category(ix_op_id op, iots_category category, iots_value body,
                               const iots_call_opts *opts)
{
    client_call call = call_on(op, category.space, body, opts);
    call.vars[IX_VAR_category] = category.name;
    return call_make(category.api, &call);
}

static iots_reply *on_model(ix_op_id op, iots_model model, iots_value body,
                            const iots_call_opts *opts)
{
    client_call call = call_on(op, model.space, body, opts);
    call.vars[IX_VAR_model] = model.name;
    return call_make(model.api, &call);
}

static iots_reply *on_things(ix_op_id op, iots_things things, iots_value body,
                             const iots_call_opts *opts)
{
    client_call call = call_on(op, things.space, body, opts);
    call.vars[IX_VAR_category] = things.category;
    return call_make(things.api, &call);
}

static client_call call_on_thing(ix_op_id op, iots_thing thing, iots_value body,
                                 const iots_call_opts *opts)
{
    client_call call = call_on(op, thing.space, body, opts);
    call.vars[IX_VAR_category] = thing.category;
    call.vars[IX_VAR_thing] = thing.id;
    return call;
}

static iots_reply *on_thing(ix_op_id op, iots_thing thing, iots_value body,
                            const iots_call_opts *opts)
{
    const client_call call = call_on_thing(op, thing, body, opts);
    return call_make(thing.api, &call);
}

/* On what belongs to a Thing and has a name: `var` is its place in the path. */
static iots_reply *on_named(ix_op_id op, iots_thing thing, ix_var var, const char *name,
                            iots_value body, const iots_call_opts *opts)
{
    client_call call = call_on_thing(op, thing, body, opts);
    call.vars[var] = name;
    return call_make(thing.api, &call);
}

static iots_reply *on_action(ix_op_id op, iots_thing thing, const char *name, const char *id,
                             iots_value body, const iots_call_opts *opts)
{
    client_call call = call_on_thing(op, thing, body, opts);
    call.vars[IX_VAR_action] = name;
    call.vars[IX_VAR_action_id] = id;
    return call_make(thing.api, &call);
}

static iots_reply *on_event(ix_op_id op, iots_thing thing, const char *name, const char *id,
                            const iots_call_opts *opts)
{
    client_call call = call_on_thing(op, thing, iots_none(), opts);
    call.vars[IX_VAR_event] = name;
    call.vars[IX_VAR_event_id] = id;
    return call_make(thing.api, &call);
}

/* Lists what has a name (`one`), or all of the kind if that is NULL (`all`). */
static iots_pager *list_named(ix_op_id one, ix_op_id all, iots_thing thing, ix_var var,
                              const char *name, const iots_list_opts *opts)
{
    client_call call = call_on_thing(name ? one : all, thing, iots_none(), NULL);
    call.vars[var] = name;
    return pager_new(thing.api, &call, opts);
}

/* The pointer to a member: "/" and the name, escaped. */
static void pointer_to(const char *name, ix_buf *ret)
{
    ix_buf_char(ret, '/');
    for (; *name; name++) {
        if (*name == '~')
            ix_buf_text(ret, "~0");
        else if (*name == '/')
            ix_buf_text(ret, "~1");
        else
            ix_buf_char(ret, *name);
    }
}

/* {"<name>": {}} with further members, or {"<name>": value} if `member` is "". A missing name is
 * left for the path to complain about. */
static void set_named(iots_doc *doc, const char *name, const char *member, iots_value value)
{
    ix_buf pointer = {0};
    pointer_to(name ? name : "", &pointer);
    ix_buf_text(&pointer, member);
    if (pointer.failed)
        doc_fail(doc, IOTS_NO_MEMORY);
    else
        iots_doc_set(doc, ix_buf_cstr(&pointer), value);
    ix_buf_done(&pointer);
}

/* ---- spaces ---- */

iots_pager *iots_spaces_list(iots_api *api, const iots_list_opts *opts)
{
    const client_call call = call_on(IX_OP_spaces_list, NULL, iots_none(), NULL);
    return pager_new(api, &call, opts);
}

/* ---- Categories ---- */

iots_reply *iots_categories_create(iots_space space, iots_value category,
                                   const iots_call_opts *opts)
{
    return in_space(IX_OP_categories_create, space, category, opts);
}

iots_pager *iots_categories_list(iots_space space, const iots_list_opts *opts)
{
    return list_space(IX_OP_categories_list, space, opts);
}

iots_reply *iots_category_get(iots_category category, const iots_call_opts *opts)
{
    return on_category(IX_OP_category_get, category, iots_none(), opts);
}

iots_reply *iots_category_update(iots_category category, iots_value description,
                                 const iots_call_opts *opts)
{
    return on_category(IX_OP_category_update, category, description, opts);
}

iots_reply *iots_category_delete(iots_category category, const iots_call_opts *opts)
{
    return on_category(IX_OP_category_delete, category, iots_none(), opts);
}

/* ---- Models and versions ---- */

iots_reply *iots_models_create(iots_space space, iots_value model, const iots_call_opts *opts)
{
    return in_space(IX_OP_models_create, space, model, opts);
}

iots_pager *iots_models_list(iots_space space, const iots_list_opts *opts)
{
    return list_space(IX_OP_models_list, space, opts);
}

iots_reply *iots_model_get(iots_model model, const iots_call_opts *opts)
{
    return on_model(IX_OP_model_get, model, iots_none(), opts);
}

iots_reply *iots_model_update(iots_model model, iots_value description, const iots_call_opts *opts)
{
    return on_model(IX_OP_model_update, model, description, opts);
}

iots_reply *iots_model_delete(iots_model model, const iots_call_opts *opts)
{
    return on_model(IX_OP_model_delete, model, iots_none(), opts);
}

iots_reply *iots_versions_create(iots_model model, iots_value version, const iots_call_opts *opts)
{
    return on_model(IX_OP_versions_create, model, version, opts);
}

iots_pager *iots_versions_list(iots_model model, const iots_list_opts *opts)
{
    client_call call = call_on(IX_OP_versions_list, model.space, iots_none(), NULL);
    call.vars[IX_VAR_model] = model.name;
    return pager_new(model.api, &call, opts);
}

iots_reply *iots_version_get(iots_model model, int64_t version, const iots_call_opts *opts)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)version);
    client_call call = call_on(IX_OP_version_get, model.space, iots_none(), opts);
    call.vars[IX_VAR_model] = model.name;
    call.vars[IX_VAR_version] = number;
    return call_make(model.api, &call);
}

/* ---- Things ---- */

iots_reply *iots_things_create(iots_things things, iots_value description,
                               const iots_call_opts *opts)
{
    return on_things(IX_OP_things_create, things, description, opts);
}

iots_pager *iots_things_list(iots_things things, const iots_list_opts *opts)
{
    client_call call = call_on(IX_OP_things_list, things.space, iots_none(), NULL);
    call.vars[IX_VAR_category] = things.category;
    return pager_new(things.api, &call, opts);
}

iots_reply *iots_things_patch(iots_things things, iots_value patches, const iots_call_opts *opts)
{
    return on_things(IX_OP_things_patch, things, patches, opts);
}

iots_reply *iots_things_delete(iots_things things, const iots_call_opts *opts)
{
    return on_things(IX_OP_things_delete, things, iots_none(), opts);
}

iots_reply *iots_thing_get(iots_thing thing, const iots_call_opts *opts)
{
    return on_thing(IX_OP_thing_get, thing, iots_none(), opts);
}

iots_reply *iots_thing_update(iots_thing thing, iots_value description, const iots_call_opts *opts)
{
    return on_thing(IX_OP_thing_update, thing, description, opts);
}

iots_reply *iots_thing_patch(iots_thing thing, iots_value patch, const iots_call_opts *opts)
{
    return on_thing(IX_OP_thing_patch, thing, patch, opts);
}

iots_reply *iots_thing_delete(iots_thing thing, const iots_call_opts *opts)
{
    return on_thing(IX_OP_thing_delete, thing, iots_none(), opts);
}

iots_reply *iots_thing_reset_secret(iots_thing thing, const iots_call_opts *opts)
{
    return on_thing(IX_OP_thing_reset_secret, thing, iots_none(), opts);
}

/* ---- properties ---- */

iots_reply *iots_properties_get(iots_thing thing, const iots_call_opts *opts)
{
    return on_thing(IX_OP_properties_get, thing, iots_none(), opts);
}

iots_reply *iots_properties_update(iots_thing thing, iots_value values, const iots_call_opts *opts)
{
    return on_thing(IX_OP_properties_update, thing, values, opts);
}

iots_reply *iots_property_get(iots_thing thing, const char *name, const iots_call_opts *opts)
{
    return on_named(IX_OP_property_get, thing, IX_VAR_property, name, iots_none(), opts);
}

iots_reply *iots_property_update(iots_thing thing, const char *name, iots_value value,
                                 const iots_call_opts *opts)
{
    ix_error fault = {.code = IOTS_USAGE};
    snprintf(fault.message, sizeof fault.message, "property '%s': a value is missing",
             name ? name : "");
    iots_doc *body = iots_doc_parse("{}");
    set_named(body, name, "", value);
    client_call call = call_on_thing(IX_OP_property_update, thing, iots_doc_value(body), opts);
    call.vars[IX_VAR_property] = name;
    call.fault = value_is_none(value) ? &fault : NULL;
    iots_reply *reply = call_make(thing.api, &call);
    iots_doc_free(body);
    return reply;
}

/* ---- history ---- */

iots_reply *iots_history_create(iots_thing thing, const char *property, iots_value items,
                                const iots_call_opts *opts)
{
    const ix_op_id op = property ? IX_OP_property_history_create : IX_OP_history_create;
    return on_named(op, thing, IX_VAR_property, property, items, opts);
}

iots_pager *iots_history_list(iots_thing thing, const char *property, const iots_list_opts *opts)
{
    return list_named(IX_OP_property_history_list, IX_OP_history_list, thing, IX_VAR_property,
                      property, opts);
}

iots_reply *iots_history_delete(iots_thing thing, const char *property, const char *at,
                                const iots_call_opts *opts)
{
    const iots_param params[] = {{"at", at}, {NULL, NULL}};
    const ix_op_id op = property ? IX_OP_property_history_delete : IX_OP_history_delete;
    client_call call = call_on_thing(op, thing, iots_none(), opts);
    call.vars[IX_VAR_property] = property;
    call.params[0] = params;
    return call_make(thing.api, &call);
}

/* ---- actions ---- */

iots_reply *iots_actions_create(iots_thing thing, const char *name, iots_value input,
                                const iots_call_opts *opts)
{
    iots_doc *body = iots_doc_parse("{}");
    set_named(body, name, "", iots_raw("{}"));
    set_named(body, name, "/input", input);
    iots_reply *reply =
        on_named(IX_OP_actions_create, thing, IX_VAR_action, name, iots_doc_value(body), opts);
    iots_doc_free(body);
    return reply;
}

iots_pager *iots_actions_list(iots_thing thing, const char *name, const iots_list_opts *opts)
{
    return list_named(IX_OP_actions_list, IX_OP_all_actions_list, thing, IX_VAR_action, name, opts);
}

iots_reply *iots_action_get(iots_thing thing, const char *name, const char *id,
                            const iots_call_opts *opts)
{
    return on_action(IX_OP_action_get, thing, name, id, iots_none(), opts);
}

iots_reply *iots_action_update(iots_thing thing, const char *name, const char *id,
                               const char *status, iots_value output, const iots_call_opts *opts)
{
    iots_doc *body = iots_doc_parse("{}");
    set_named(body, name, "", iots_raw("{}"));
    set_named(body, name, "/status", status ? iots_text(status) : iots_none());
    set_named(body, name, "/output", output);
    iots_reply *reply = on_action(IX_OP_action_update, thing, name, id, iots_doc_value(body), opts);
    iots_doc_free(body);
    return reply;
}

iots_reply *iots_action_delete(iots_thing thing, const char *name, const char *id,
                               const iots_call_opts *opts)
{
    return on_action(IX_OP_action_delete, thing, name, id, iots_none(), opts);
}

/* ---- events ---- */

iots_reply *iots_events_create(iots_thing thing, const char *name, iots_value data,
                               const iots_call_opts *opts)
{
    iots_doc *body = iots_doc_parse("{}");
    set_named(body, name, "", iots_raw("{}"));
    set_named(body, name, "/data", data);
    iots_reply *reply =
        on_named(IX_OP_events_create, thing, IX_VAR_event, name, iots_doc_value(body), opts);
    iots_doc_free(body);
    return reply;
}

iots_pager *iots_events_list(iots_thing thing, const char *name, const iots_list_opts *opts)
{
    return list_named(IX_OP_events_list, IX_OP_all_events_list, thing, IX_VAR_event, name, opts);
}

iots_reply *iots_event_get(iots_thing thing, const char *name, const char *id,
                           const iots_call_opts *opts)
{
    return on_event(IX_OP_event_get, thing, name, id, opts);
}

iots_reply *iots_event_delete(iots_thing thing, const char *name, const char *id,
                              const iots_call_opts *opts)
{
    return on_event(IX_OP_event_delete, thing, name, id, opts);
}

/* ---- MQTT credentials ---- */

iots_reply *iots_category_mqtt_create(iots_category category, iots_value credentials,
                                      const iots_call_opts *opts)
{
    return on_category(IX_OP_category_mqtt_create, category, credentials, opts);
}

iots_reply *iots_category_mqtt_get(iots_category category, const iots_call_opts *opts)
{
    return on_category(IX_OP_category_mqtt_get, category, iots_none(), opts);
}

iots_reply *iots_category_mqtt_update(iots_category category, iots_value credentials,
                                      const iots_call_opts *opts)
{
    return on_category(IX_OP_category_mqtt_update, category, credentials, opts);
}

iots_reply *iots_category_mqtt_delete(iots_category category, const iots_call_opts *opts)
{
    return on_category(IX_OP_category_mqtt_delete, category, iots_none(), opts);
}

iots_reply *iots_thing_mqtt_create(iots_thing thing, iots_value credentials,
                                   const iots_call_opts *opts)
{
    return on_thing(IX_OP_thing_mqtt_create, thing, credentials, opts);
}

iots_reply *iots_thing_mqtt_get(iots_thing thing, const iots_call_opts *opts)
{
    return on_thing(IX_OP_thing_mqtt_get, thing, iots_none(), opts);
}

iots_reply *iots_thing_mqtt_update(iots_thing thing, iots_value credentials,
                                   const iots_call_opts *opts)
{
    return on_thing(IX_OP_thing_mqtt_update, thing, credentials, opts);
}

iots_reply *iots_thing_mqtt_delete(iots_thing thing, const iots_call_opts *opts)
{
    return on_thing(IX_OP_thing_mqtt_delete, thing, iots_none(), opts);
}

/* ---- queries, e-mail, health ---- */

iots_reply *iots_query_create(iots_space space, iots_value query, const iots_call_opts *opts)
{
    return in_space(IX_OP_query_create, space, query, opts);
}

iots_reply *iots_query_next(iots_space space, const char *cursor, iots_value then,
                            const iots_call_opts *opts)
{
    client_call call = call_on(IX_OP_query_next, space.name, then, opts);
    call.vars[IX_VAR_cursor] = cursor;
    return call_make(space.api, &call);
}

iots_reply *iots_email_send(iots_space space, iots_value email, const iots_call_opts *opts)
{
    return in_space(IX_OP_email_send, space, email, opts);
}

iots_reply *iots_health_get(iots_api *api, const iots_call_opts *opts)
{
    const client_call call = call_on(IX_OP_health_get, NULL, iots_none(), opts);
    return call_make(api, &call);
}
