/* SPDX-License-Identifier: Apache-2.0 */
/* Occurrences of events (docs/api/http.md section 14). */
#include "api/interactions.h"

bool on_all_events_list(api_call *call)
{
    return interactions_list_all(call, INTERACTION_EVENT);
}

bool plan_events_create(api_call *call)
{
    return interactions_plan(call, INTERACTION_EVENT);
}

bool on_events_create(api_call *call)
{
    return interactions_create(call, INTERACTION_EVENT);
}

bool on_events_list(api_call *call)
{
    return interactions_list(call, INTERACTION_EVENT);
}

bool on_event_get(api_call *call)
{
    return interaction_get(call, INTERACTION_EVENT);
}

bool on_event_delete(api_call *call)
{
    return interaction_delete(call, INTERACTION_EVENT);
}
