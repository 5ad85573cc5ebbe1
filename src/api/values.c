/* SPDX-License-Identifier: Apache-2.0 */
#include "api/values.h"

#include "api/api.h"
#include "domain/property.h"

bool affordances_init(call *call, affordances *ret)
{
    *ret = (affordances){.call = call};
    if (ix_ctx_init(&ret->cx, CALL_ARENA_BYTES))
        ret->known = ix_json_new_object(&ret->cx);
    return ret->known || ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
}

void affordances_done(affordances *affordances)
{
    ix_ctx_done(&affordances->cx);
}

bool affordances_add(affordances *affordances, const char *name, const property_row *row)
{
    ix_ctx *cx = &affordances->cx;
    const ix_json *made = schemas_get(cx, affordances->call->api->schemas, row->affordance);
    if (made && ix_json_set(cx, affordances->known, name, made))
        return true;
    ix_ctx_pass(affordances->call->cx, cx);
    return false;
}

/* The affordance of a property; IOTS_INVALID if there is none. *row is set if it had to be fetched. */
static const ix_json *affordance_get(affordances *affordances, const char *name, property_row *row)
{
    const ix_json *known = ix_json_member(affordances->known, name);
    if (known)
        return known;

    call *call = affordances->call;
    bool found;
    if (!store_property_find(call->cx, call->store, call_space(call), call_category(call),
                             CALL_VAR(call, thing), name, row, &found))
        return NULL;
    if (!found) {
        ix_fail_field(call->cx, IOTS_INVALID, NULL, name, "no such property");
        return NULL;
    }
    return affordances_add(affordances, name, row) ? ix_json_member(affordances->known, name)
                                                   : NULL;
}

bool values_check(affordances *affordances, const ix_json *values, property_row *rows)
{
    call *call = affordances->call;
    property_row unwanted;
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m)) {
        const ix_json *affordance = affordance_get(affordances, m.name, rows ? rows++ : &unwanted);
        if (!affordance || !property_check(call->cx, m.name, affordance, m.value,
                                           call->api->settings.validate_values))
            return false;
    }
    return true;
}

bool values_may_change(call *call, const ix_json *properties, const ix_json *values)
{
    if (!call->api->settings.enforce_read_only || call->who.thing)
        return true;
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m)) {
        const ix_json *affordance = ix_json_member(properties, m.name);
        if (ix_json_bool(ix_json_member(affordance, "readOnly"), false))
            return ix_fail_field(call->cx, IOTS_FORBIDDEN, NULL, m.name,
                                 "the property is read-only");
    }
    return true;
}

bool values_store(call *call, const char *uid, const ix_json *values, const property_row *rows,
                  bool history)
{
    return store_values_set(call->cx, call->store, call_space(call), uid, values, rows,
                            call->now_us, history) &&
           call_note_change(call, uid, values);
}
