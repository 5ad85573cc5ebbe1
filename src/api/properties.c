/* SPDX-License-Identifier: Apache-2.0 */
/* Values of properties (docs/api/http.md section 11). Reading and setting one is what is done most. */
#include "api/values.h"

static values_form form_of(const api_call *call)
{
    return call->args[IX_PARAM_times].flag ? VALUES_WITH_TIMES : VALUES_ONLY;
}

bool on_properties_get(api_call *call)
{
    ix_str values;
    if (!call_thing_exists(call) ||
        !store_values_get(call->cx, call->store, call_space(call), CALL_VAR(call, thing),
                          form_of(call), &values))
        return false;
    ix_buf_str(&call->reply, values);
    return reply_written(call);
}

bool on_property_get(api_call *call)
{
    property_row row;
    if (!call_property(call, &row))
        return false;
    ix_buf_char(&call->reply, '{');
    ix_json_write_text(&call->reply, ix_str_of(CALL_VAR(call, property)));
    ix_buf_char(&call->reply, ':');
    value_write(&call->reply, row.value, row.at_us, form_of(call));
    ix_buf_char(&call->reply, '}');
    return reply_written(call);
}

/* Do the values of the body fit, and may they be set? `rows` has room for what is there of them now; that
 * is the plan. */
static bool check_values(thing_affordances *affordances, property_row *rows)
{
    api_call *call = affordances->call;
    call->plan = rows;
    return rows && values_check(affordances, call->body, rows) &&
           values_may_change(call, affordances->known, call->body);
}

/* Stores and shows the values of the body. */
static bool set_values(api_call *call)
{
    return values_store(call, CALL_VAR(call, thing), call->body, call->plan,
                        call->args[IX_PARAM_update_history].flag) &&
           reply_json(call, call->body);
}

bool plan_properties_update(api_call *call)
{
    thing_affordances affordances;
    if (!call_thing_exists(call))
        return false;
    if (!ix_json_count(call->body))
        return ix_fail(call->cx, IOTS_INVALID, "the body has no values");
    property_row *rows = ix_new(call->cx, property_row, ix_json_count(call->body));
    const bool ok = affordances_init(call, &affordances) && check_values(&affordances, rows);
    affordances_done(&affordances);
    return ok;
}

bool on_properties_update(api_call *call)
{
    return set_values(call);
}

/* The body of a PUT of one property holds its value and nothing else. */
static bool check_sole(api_call *call, const char *name)
{
    if (!ix_json_member(call->body, name))
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, name, "the body has no value for it");
    for (ix_member m = ix_members(call->body); m.name; m = ix_members_next(m)) {
        if (strcmp(m.name, name) != 0)
            return ix_fail_field(call->cx, IOTS_INVALID, NULL, m.name, "only '%s' can be set here",
                                 name);
    }
    return true;
}

bool plan_property_update(api_call *call)
{
    property_row *row = ix_new(call->cx, property_row, 1);
    thing_affordances affordances;
    if (!row || !call_property(call, row) || !check_sole(call, CALL_VAR(call, property)))
        return false;
    const bool ok = affordances_init(call, &affordances) &&
                    affordances_add(&affordances, CALL_VAR(call, property), row) &&
                    check_values(&affordances, row);
    affordances_done(&affordances);
    return ok;
}

bool on_property_update(api_call *call)
{
    return set_values(call);
}
