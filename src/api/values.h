/* SPDX-License-Identifier: Apache-2.0 */
/* Setting values of properties: what Things, properties and history have in common. */
#ifndef VALUES_H
#define VALUES_H

#include <stdbool.h>

#include "api/call.h"

handler plan_property_update, plan_properties_update;
handler plan_history_create, plan_property_history_create;

/*
 * A plan that takes long is made before the committer, and made again there. Until then others may have
 * changed what it was made for; so it leaves the text of each affordance that it held the values of the
 * body against, and where the text is still the same, they need not be held against it again.
 */

/* In the committer: do the values of the body for this property, action or event fit its affordance, as
 * was found out before? */
bool fits_already(const api_call *call, const char *name, ix_str affordance);
/* Before the committer: they are going to fit, or the call fails. In it: does nothing. */
bool note_fit(api_call *call, const char *name, ix_str affordance, const ix_json *tree);

/* The affordances of a Thing, fetched by name as they are asked for, each once. In the committer their
 * trees are shared with other calls (schema_cache.h). */
typedef struct thing_affordances {
    api_call *call;
    ix_ctx cx;      /* of what is known */
    ix_json *known; /* by name */
} thing_affordances;

/* To be ended with affordances_done, also on failure, before the handler is. */
bool affordances_init(api_call *call, thing_affordances *ret);
void affordances_done(thing_affordances *affordances);
/* One that is at hand already. */
bool affordances_add(thing_affordances *affordances, const char *name, const property_row *row);

/* Are all of these values of properties that are defined, and do they fit? IOTS_INVALID naming the
 * property. Unless `rows` is NULL it has room for one of each value, and gets those that had to be
 * fetched. */
bool values_check(thing_affordances *affordances, const ix_json *values, property_row *rows);

/* Unless the settings say so, anyone may set a property that is readOnly (8.4). `properties` holds
 * the affordances by name. IOTS_FORBIDDEN. */
bool values_may_change(api_call *call, const ix_json *properties, const ix_json *values);

/* Stores them, and notes the change for those who want to hear of it. `rows`: see store_values_set. */
bool values_store(api_call *call, const char *uid, const ix_json *values, const property_row *rows,
                  bool history);

#endif
