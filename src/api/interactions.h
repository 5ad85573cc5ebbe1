/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What actions and events have in common (docs/api/http.md sections 13 and 14): each of these is the whole
 * of a handler, or of what is planned for one.
 */
#ifndef INTERACTIONS_H
#define INTERACTIONS_H

#include "api/call.h"

bool interactions_plan(api_call *call, interaction_kind kind);
bool interactions_create(api_call *call, interaction_kind kind);
bool interactions_list(api_call *call, interaction_kind kind);     /* of one name */
bool interactions_list_all(api_call *call, interaction_kind kind); /* of all names */
bool interaction_get(api_call *call, interaction_kind kind);
bool interaction_delete(api_call *call, interaction_kind kind);

handler plan_actions_create, plan_action_update, plan_events_create;

/* Does the member ("input", "output", "data") of `value` fit what the affordance (JSON text) says of it?
 * IOTS_INVALID. */
bool interaction_fits(api_call *call, const interaction_key *key, ix_str affordance,
                      const char *member, const ix_json *value);

/* Shows an interaction under its name. `path` is that of the list it is in, by the route of the call. */
bool interaction_reply(api_call *call, const interaction_key *key, ix_str stored, const char *path,
                       const char *id);
/* The path of the list of the interactions of `key`, by the route of the call. NULL when out of memory. */
const char *interaction_list_path(api_call *call, const interaction_key *key);

#endif
