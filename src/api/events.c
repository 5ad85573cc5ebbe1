/* SPDX-License-Identifier: Apache-2.0 */
/* Occurrences of events (docs/api/http.md section 14). */
#include "api/entries.h"

bool on_all_events_list(call *call)
{
    return entries_list_all(call, ENTRY_EVENT);
}

bool plan_events_create(call *call)
{
    return entries_plan(call, ENTRY_EVENT);
}

bool on_events_create(call *call)
{
    return entries_create(call, ENTRY_EVENT);
}

bool on_events_list(call *call)
{
    return entries_list(call, ENTRY_EVENT);
}

bool on_event_get(call *call)
{
    return entry_get(call, ENTRY_EVENT);
}

bool on_event_delete(call *call)
{
    return entry_delete(call, ENTRY_EVENT);
}
