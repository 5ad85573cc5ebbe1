/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of actions (docs/api/http.md section 13). The server never carries one out. */
#include "api/api.h"
#include "api/entries.h"
#include "domain/entry.h"

bool on_all_actions_list(call *call)
{
    return entries_list_all(call, ENTRY_ACTION);
}

bool plan_actions_create(call *call)
{
    return entries_plan(call, ENTRY_ACTION);
}

bool on_actions_create(call *call)
{
    return entries_create(call, ENTRY_ACTION);
}

bool on_actions_list(call *call)
{
    return entries_list(call, ENTRY_ACTION);
}

bool on_action_get(call *call)
{
    return entry_get(call, ENTRY_ACTION);
}

/* If the action is not defined any more, nothing is known of what its requests yield. */
bool plan_action_update(call *call)
{
    const entry_key key = call_entry_key(call, ENTRY_ACTION);
    const ix_json *value;
    ix_str stored, affordance;
    bool found;
    return call_entry(call, ENTRY_ACTION, &stored) &&
           entry_read(call->cx, call->body, key.name, &value) &&
           store_affordance_find(call->cx, call->store, &key, call_category(call), &affordance,
                                 &found) &&
           (!found || entry_fits(call, &key, affordance, "output", value));
}

bool on_action_update(call *call)
{
    ix_ctx *cx = call->cx;
    const entry_key key = call_entry_key(call, ENTRY_ACTION);
    const char *id = CALL_VAR(call, action_id);
    ix_str stored;
    const ix_json *value;
    if (!call_entry(call, ENTRY_ACTION, &stored) || !entry_read(cx, call->body, key.name, &value))
        return false;

    const ix_json *before = ix_json_parse(cx, stored.at, stored.len);
    const ix_json *after = before ? action_updated(cx, before, value, call->now_us) : NULL;
    const char *text = after ? ix_json_text(cx, after) : NULL;
    const char *path = entry_list_path(call, &key);
    return text && path && store_entry_set(cx, call->store, &key, id, text) &&
           call_note_entry(call, &key, id, after) &&
           entry_reply(call, &key, ix_str_of(text), path, id);
}

bool on_action_delete(call *call)
{
    return entry_delete(call, ENTRY_ACTION);
}
