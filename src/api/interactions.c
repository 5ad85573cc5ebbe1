/* SPDX-License-Identifier: Apache-2.0 */
#include "api/interactions.h"

#include "api/api.h"
#include "api/list.h"
#include "api/preserve.h"
#include "api/values.h"
#include "domain/interaction.h"

/* How the two kinds differ. */
typedef struct kind_row {
    const char *tag;    /* of the list of all names */
    const char *member; /* that brings a value, named as its schema is in the affordance */
    ix_var name, id;
    ix_op_id list;
    ix_json *(*make)(ix_ctx *cx, const ix_json *value, int64_t now_us);
    ix_json *(*restore)(ix_ctx *cx, const ix_json *value, int64_t now_us);
} kind_row;

// clang-format off
static const kind_row kinds[] = {
    [INTERACTION_ACTION] = {"actions", "input", IX_VAR_action, IX_VAR_action_id, IX_OP_actions_list, action_new, action_preserved},
    [INTERACTION_EVENT]  = {"events",  "data",  IX_VAR_event,  IX_VAR_event_id,  IX_OP_events_list,  event_new,  event_preserved},
};
// clang-format on

/* ---- one ---- */

const char *interaction_list_path(api_call *call, const interaction_key *key)
{
    const char *vars[IX_VAR_COUNT];
    memcpy(vars, call->match.vars, sizeof vars);
    vars[kinds[key->kind].name] = key->name;
    return ix_op_path(call->cx, &ix_ops[kinds[key->kind].list], vars);
}

bool interaction_reply(api_call *call, const interaction_key *key, ix_str stored, const char *path,
                       const char *id)
{
    interaction_write(&call->reply, ix_str_of(key->name), stored, path, ix_str_of(id));
    return reply_written(call);
}

static bool reply_place(api_call *call, const char *path, const char *id)
{
    const char *place = ix_format(call->cx, "%s/%s", path, id);
    return place && reply_location(call, place);
}

bool interaction_fits(api_call *call, const interaction_key *key, ix_str affordance,
                      const char *member, const ix_json *value)
{
    ix_ctx *cx = call->cx;
    if (fits_already(call, key->name, affordance))
        return true;
    const ix_json *described = ix_json_parse(cx, affordance.at, affordance.len);
    return described && note_fit(call, key->name, affordance, described) &&
           interaction_check(cx, described, key->name, member, value,
                             call->api->settings.validate_values);
}

/* Keeps a new interaction, and shows it. */
static bool add_interaction(api_call *call, const interaction_key *key, const char *id,
                            const ix_json *made)
{
    ix_ctx *cx = call->cx;
    const char *text = made ? ix_json_text(cx, made) : NULL;
    const char *path = interaction_list_path(call, key);
    return text && path &&
           (call_preserves(call) ? store_interaction_preserve
                                 : store_interaction_add)(cx, call->store, key, id, text) &&
           reply_place(call, path, id) && interaction_reply(call, key, ix_str_of(text), path, id);
}

/* One that another server had: perhaps of an action or event that is not defined any more, and no
 * news for anyone. Its ID is the end of its href. */
static bool preserve_interaction(api_call *call, const interaction_key *key)
{
    ix_ctx *cx = call->cx;
    const ix_json *value, *id_given = NULL;
    ix_json *checked;
    ix_ulid id;
    /* Status and output are checked by the table of an update, which is what they came by. */
    if (!call_thing_exists(call) || !interaction_read(cx, call->body, key->name, &value) ||
        !ix_schema_read(cx, call->match.op->body, IX_UPDATE, call->body, &checked))
        return false;
    const char *href = ix_json_string(ix_json_member(value, "href"));
    if (href) {
        const char *slash = strrchr(href, '/');
        id_given = ix_json_new_string(cx, slash ? slash + 1 : href);
    }
    return !ix_failed(cx) && preserved_id(call, id_given, "href", &id) &&
           add_interaction(call, key, id.text, kinds[key->kind].restore(cx, value, call->now_us));
}

bool interactions_plan(api_call *call, interaction_kind kind)
{
    const interaction_key key = call_interaction_key(call, kind);
    ix_str affordance;
    const ix_json *value;
    return call_preserves(call) ||
           (call_affordance(call, kind, &affordance) &&
            interaction_read(call->cx, call->body, key.name, &value) &&
            interaction_fits(call, &key, affordance, kinds[kind].member, value));
}

bool interactions_create(api_call *call, interaction_kind kind)
{
    const interaction_key key = call_interaction_key(call, kind);
    const ix_json *value;
    if (call_preserves(call))
        return preserve_interaction(call, &key);
    if (!interaction_read(call->cx, call->body, key.name, &value))
        return false;

    const ix_ulid id = api_id_next(call->api, call->now_us);
    const ix_json *made = kinds[kind].make(call->cx, value, call->now_us);
    return add_interaction(call, &key, id.text, made);
}

bool interaction_get(api_call *call, interaction_kind kind)
{
    const interaction_key key = call_interaction_key(call, kind);
    ix_str stored;
    const char *path;
    return call_interaction(call, kind, &stored) && (path = interaction_list_path(call, &key)) &&
           interaction_reply(call, &key, stored, path, call_var(call, kinds[kind].id));
}

bool interaction_delete(api_call *call, interaction_kind kind)
{
    const interaction_key key = call_interaction_key(call, kind);
    ix_str stored;
    return call_interaction(call, kind, &stored) &&
           store_interaction_remove(call->cx, call->store, &key, call_var(call, kinds[kind].id)) &&
           reply_empty(call);
}

/* ---- many ---- */

/* Where the interactions of one name are. */
typedef struct place {
    const char *name, *path;
} place;

typedef struct interactions_query {
    interaction_key key;
    place *last; /* of the last item: most have the name of the one before */
} interactions_query;

static bool find_place(api_call *call, const interactions_query *query, ix_str name)
{
    place *last = query->last;
    if (last->name && ix_str_is(name, last->name))
        return true;
    interaction_key key = query->key;
    key.name = ix_strndup(call->cx, name.at, name.len);
    if (!key.name)
        return false;
    *last = (place){key.name, interaction_list_path(call, &key)};
    return last->path != NULL;
}

static bool each_interaction(void *arg, ix_str id, ix_str name, ix_str doc)
{
    api_list *list = arg;
    const interactions_query *query = list->query;
    if (!find_place(list->call, query, name))
        return false;
    interaction_write(list_item(list), name, doc, query->last->path, id);
    return list_end_name(list, id);
}

static bool ask(api_list *list, bool *more)
{
    const interactions_query *query = list->query;
    return store_interactions_list(list->call->cx, list->call->store, &query->key, &list->page,
                                   each_interaction, list, more);
}

static bool reply_interactions(api_call *call, const interaction_key *key, const char *tag)
{
    place last = {0};
    const interactions_query query = {*key, &last};
    return tag && list_reply(&(
                      api_list){.call = call, .tag = tag, .keys = 1, .ask = ask, .query = &query});
}

bool interactions_list(api_call *call, interaction_kind kind)
{
    const interaction_key key = call_interaction_key(call, kind);
    return call_affordance_or_interactions(call, kind) &&
           reply_interactions(call, &key, ix_format(call->cx, "%s/%s", kinds[kind].tag, key.name));
}

bool interactions_list_all(api_call *call, interaction_kind kind)
{
    const interaction_key key = call_interaction_key(call, kind);
    return call_thing_exists(call) && reply_interactions(call, &key, kinds[kind].tag);
}
