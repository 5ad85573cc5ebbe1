/* SPDX-License-Identifier: Apache-2.0 */
#include "api/values.h"

#include "api/api.h"
#include "base/map.h"
#include "domain/property.h"

/* ---- what was found out before the committer ---- */

/* Text of an affordance that all values of the body for its property fit. */
typedef struct fitted {
    ix_str text;
    bool is_read_only;
} fitted;

static void free_map(void *map)
{
    ix_map_free(map);
}

static const fitted *fitted_find(const api_call *call, const char *name)
{
    return call->findings ? ix_map_find(call->findings, ix_str_of(name)) : NULL;
}

static bool fitted_add(api_call *call, const char *name, ix_str text, const ix_json *affordance)
{
    ix_ctx *cx = call->cx;
    fitted *made = ix_new(cx, fitted, 1);
    if (!call->findings) {
        call->findings = ix_map_new();
        if (call->findings && !ix_arena_defer(cx->arena, free_map, call->findings))
            call->findings = NULL; /* it was freed */
    }
    if (!made || !call->findings)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    made->text = (ix_str){ix_strndup(cx, text.at, text.len), text.len};
    made->is_read_only = ix_json_bool(ix_json_member(affordance, "readOnly"), false);
    return (made->text.at && ix_map_put(call->findings, ix_str_of(name), made)) ||
           ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

/* What is left to know of an affordance whose values fit. */
static const ix_json *affordance_of(ix_ctx *cx, const fitted *fitted)
{
    ix_json *made = ix_json_new_object(cx);
    return made && ix_json_set(cx, made, "readOnly", ix_json_new_bool(cx, fitted->is_read_only))
               ? made
               : NULL;
}

bool fits_already(const api_call *call, const char *name, ix_str affordance)
{
    const fitted *fitted = fitted_find(call, name);
    return fitted && ix_str_equal(fitted->text, affordance);
}

bool note_fit(api_call *call, const char *name, ix_str affordance, const ix_json *tree)
{
    return call->is_in_committer || fitted_add(call, name, affordance, tree);
}

/* ---- the affordances of a Thing ---- */

bool affordances_init(api_call *call, thing_affordances *ret)
{
    *ret = (thing_affordances){.call = call};
    if (ix_ctx_init(&ret->cx, CALL_ARENA_BYTES))
        ret->known = ix_json_new_object(&ret->cx);
    return ret->known || ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
}

void affordances_done(thing_affordances *affordances)
{
    ix_ctx_done(&affordances->cx);
}

static const ix_json *affordance_read(thing_affordances *affordances, const char *name, ix_str text)
{
    api_call *call = affordances->call;
    ix_ctx *cx = &affordances->cx;
    if (!call->is_in_committer)
        return ix_json_parse(cx, text.at, text.len);
    if (fits_already(call, name, text))
        return affordance_of(cx, fitted_find(call, name));
    return schema_cache_get(cx, call->api->schema_cache, text);
}

bool affordances_add(thing_affordances *affordances, const char *name, const property_row *row)
{
    ix_ctx *cx = &affordances->cx;
    api_call *call = affordances->call;
    ix_ctx_limit(cx, call->cx->steps_left); /* it is read at the expense of the call */
    const ix_json *made = affordance_read(affordances, name, row->affordance);
    ix_ctx_limit(call->cx, cx->steps_left);
    if (made && ix_json_set(cx, affordances->known, name, made))
        return note_fit(call, name, row->affordance, made);
    ix_ctx_forward_error(call->cx, cx);
    return false;
}

/* The affordance of a property; IOTS_INVALID if there is none. *row is set if it had to be fetched. */
static const ix_json *affordance_get(thing_affordances *affordances, const char *name,
                                     property_row *row)
{
    const ix_json *known = ix_json_member(affordances->known, name);
    if (known)
        return known;

    api_call *call = affordances->call;
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

/* ---- values ---- */

bool values_check(thing_affordances *affordances, const ix_json *values, property_row *rows)
{
    api_call *call = affordances->call;
    property_row unwanted;
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m)) {
        const ix_json *affordance = affordance_get(affordances, m.name, rows ? rows++ : &unwanted);
        if (!affordance || !property_check(call->cx, m.name, affordance, m.value,
                                           call->api->settings.validate_values))
            return false;
    }
    return true;
}

bool values_may_change(api_call *call, const ix_json *properties, const ix_json *values)
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

bool values_store(api_call *call, const char *uid, const ix_json *values, const property_row *rows,
                  bool history)
{
    return store_values_set(call->cx, call->store, call_space(call), uid, values, rows,
                            call->now_us, history);
}
