/* SPDX-License-Identifier: Apache-2.0 */
#include "api/exists.h"

static interaction_kind kind_of(const api_call *call)
{
    return CALL_VAR(call, action) ? INTERACTION_ACTION : INTERACTION_EVENT;
}

bool exists_category(api_call *call)
{
    return call_category_exists(call);
}

bool exists_model(api_call *call)
{
    return call_model_exists(call);
}

bool exists_thing(api_call *call)
{
    return call_category_exists(call) && call_thing_exists(call);
}

bool exists_property(api_call *call)
{
    property_row row;
    return call_category_exists(call) && call_property(call, &row);
}

bool exists_property_history(api_call *call)
{
    return call_category_exists(call) && call_property_or_history(call);
}

bool exists_affordance(api_call *call)
{
    ix_str text;
    return call_category_exists(call) && call_affordance(call, kind_of(call), &text);
}

bool exists_interactions(api_call *call)
{
    return call_category_exists(call) && call_affordance_or_interactions(call, kind_of(call));
}

bool exists_interaction(api_call *call)
{
    ix_str text;
    return call_category_exists(call) && call_interaction(call, kind_of(call), &text);
}
