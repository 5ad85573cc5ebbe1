/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of actions (docs/api/http.md section 13). The server never carries one out. */
#include "api/api.h"
#include "api/interactions.h"
#include "domain/interaction.h"

bool on_all_actions_list(api_call *call)
{
    return interactions_list_all(call, INTERACTION_ACTION);
}

bool plan_actions_create(api_call *call)
{
    return interactions_plan(call, INTERACTION_ACTION);
}

bool on_actions_create(api_call *call)
{
    return interactions_create(call, INTERACTION_ACTION);
}

bool on_actions_list(api_call *call)
{
    return interactions_list(call, INTERACTION_ACTION);
}

bool on_action_get(api_call *call)
{
    return interaction_get(call, INTERACTION_ACTION);
}

/* If the action is not defined any more, nothing is known of what its requests yield. */
bool plan_action_update(api_call *call)
{
    const interaction_key key = call_interaction_key(call, INTERACTION_ACTION);
    const ix_json *value;
    ix_str stored, affordance;
    bool found;
    return call_interaction(call, INTERACTION_ACTION, &stored) &&
           interaction_read(call->cx, call->body, key.name, &value) &&
           store_affordance_find(call->cx, call->store, &key, call_category(call), &affordance,
                                 &found) &&
           (!found || interaction_fits(call, &key, affordance, "output", value));
}

bool on_action_update(api_call *call)
{
    ix_ctx *cx = call->cx;
    const interaction_key key = call_interaction_key(call, INTERACTION_ACTION);
    const char *id = CALL_VAR(call, action_id);
    ix_str stored;
    const ix_json *value;
    if (!call_interaction(call, INTERACTION_ACTION, &stored) ||
        !interaction_read(cx, call->body, key.name, &value))
        return false;

    const ix_json *before = ix_json_parse(cx, stored.at, stored.len);
    const ix_json *after = before ? action_updated(cx, before, value, call->now_us) : NULL;
    const char *text = after ? ix_json_text(cx, after) : NULL;
    const char *path = interaction_list_path(call, &key);
    return text && path && store_interaction_set(cx, call->store, &key, id, text) &&
           interaction_reply(call, &key, ix_str_of(text), path, id);
}

bool on_action_delete(api_call *call)
{
    return interaction_delete(call, INTERACTION_ACTION);
}
