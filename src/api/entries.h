/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What actions and events have in common (docs/api/http.md sections 13 and 14): each of these is the whole
 * of a handler, or of what is planned for one.
 */
#ifndef ENTRIES_H
#define ENTRIES_H

#include "api/call.h"

bool entries_plan(call *call, entry_kind kind);
bool entries_create(call *call, entry_kind kind);
bool entries_list(call *call, entry_kind kind);     /* of one name */
bool entries_list_all(call *call, entry_kind kind); /* of all names */
bool entry_get(call *call, entry_kind kind);
bool entry_delete(call *call, entry_kind kind);

handler plan_actions_create, plan_action_update, plan_events_create;

/* Does the member ("input", "output", "data") of `value` fit what the affordance (JSON text) says of it?
 * IOTS_INVALID. */
bool entry_fits(call *call, const entry_key *key, ix_str affordance, const char *member,
                const ix_json *value);

/* Shows an entry under its name. `path` is that of the list it is in, by the route of the call. */
bool entry_reply(call *call, const entry_key *key, ix_str stored, const char *path, const char *id);
/* The path of the list of the entries of `key`, by the route of the call. NULL when memory is out. */
const char *entry_list_path(call *call, const entry_key *key);

#endif
