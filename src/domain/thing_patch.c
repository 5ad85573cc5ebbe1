/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/thing_patch.h"

#include <string.h>

#include "domain/patch.h"

/* A patch and the document before and after it. */
typedef struct patched {
    ix_ctx *cx;
    const ix_json *before, *after;
    patch_form form;
    const ix_json *patch;
} patched;

/* ---- what cannot be changed ---- */

static const char *const fixed[] = {"uid",       "id",      "href",    "status_at",
                                    "client_id", "created", "modified"};

static bool stays(const patched *patched, const char *name)
{
    const ix_json *before = ix_json_member(patched->before, name);
    const ix_json *after = ix_json_member(patched->after, name);
    return before && after ? ix_json_equal(before, after) : !before && !after;
}

static bool fixed_check(const patched *patched, const char *name)
{
    static const char reason[] = "cannot be changed";
    if (stays(patched, name))
        return true;
    if (patched->form == PATCH_MERGE)
        return ix_fail_field(patched->cx, IOTS_INVALID, NULL, name, "%s", reason);
    const char *pointer = ix_format(patched->cx, "/%s", name);
    return pointer &&
           patch_refuse(patched->cx, patched->patch, patch_writer(patched->patch, pointer), reason);
}

static bool all_fixed_check(const patched *patched, bool in_category)
{
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (!fixed_check(patched, fixed[i]))
            return false;
    }
    return !in_category || fixed_check(patched, "categories");
}

/* ---- values ---- */

/* The names of the values that the patch speaks of, whether it changes them or not; *ret_all if it
 * speaks of them all. */
static bool names_written(const patched *patched, ix_json *names, bool *ret_all)
{
    if (patched->form == PATCH_OPERATIONS)
        return patch_names_written(patched->cx, patched->patch, "status", names, ret_all);

    const ix_json *status = ix_json_member(patched->patch, "status");
    *ret_all = status && ix_json_kind(status) != IX_OBJECT;
    for (ix_member m = ix_members(status); m.name; m = ix_members_next(m)) {
        if (!ix_json_set(patched->cx, names, m.name, m.value))
            return false;
    }
    return true;
}

/* Values that were taken out, of properties that are still there, become null. */
static bool removed_values(const patched *patched, ix_json *values)
{
    const ix_json *properties = ix_json_member(patched->after, "properties");
    const ix_json *left = ix_json_member(patched->after, "status");
    const ix_json *had = ix_json_member(patched->before, "status");
    for (ix_member m = ix_members(had); m.name; m = ix_members_next(m)) {
        if (!ix_json_member(left, m.name) && ix_json_member(properties, m.name) &&
            !ix_json_set(patched->cx, values, m.name, ix_json_new_null(patched->cx)))
            return false;
    }
    return true;
}

/* NULL in *ret if there is nothing to set. */
static bool values_read(const patched *patched, const ix_json **ret)
{
    ix_json *names = ix_json_new_object(patched->cx);
    ix_json *values = ix_json_new_object(patched->cx);
    bool all;
    if (!names || !values || !names_written(patched, names, &all))
        return false;

    const ix_json *status = ix_json_member(patched->after, "status");
    for (ix_member m = ix_members(status); m.name; m = ix_members_next(m)) {
        if ((all || ix_json_member(names, m.name)) &&
            !ix_json_set(patched->cx, values, m.name, m.value))
            return false;
    }
    *ret = values;
    if (!removed_values(patched, values))
        return false;
    if (!ix_json_count(values))
        *ret = NULL;
    return true;
}

/* ---- the whole ---- */

/* Is the document the same, values apart? */
static bool is_same(const patched *patched)
{
    size_t count = 0;
    for (ix_member m = ix_members(patched->after); m.name; m = ix_members_next(m)) {
        if (strcmp(m.name, "status") == 0)
            continue;
        if (!stays(patched, m.name))
            return false;
        count++;
    }
    return count + 1 == ix_json_count(patched->before); /* which always has a status */
}

/* A member that was taken out is not a mention to a PUT; here it is an input. */
static bool categories_read(ix_ctx *cx, bool in_category, thing_input *input)
{
    if (!in_category && !input->categories)
        input->categories = ix_new(cx, const char *, 1);
    return in_category || input->categories;
}

bool thing_patch(ix_ctx *cx, bool in_category, const ix_json *before, patch_form form,
                 const ix_json *patch, thing_change *ret)
{
    ix_json *after;
    if (form == PATCH_MERGE ? !patch_merge(cx, before, patch, &after)
                            : !patch_apply(cx, before, patch, &after))
        return false;

    const patched patched = {
        .cx = cx, .before = before, .after = after, .form = form, .patch = patch};
    thing_change change = {.is_only_of_values = is_same(&patched)};
    if (!all_fixed_check(&patched, in_category) ||
        !thing_read(cx, IX_UPDATE, in_category, after, &change.input) ||
        !categories_read(cx, in_category, &change.input) ||
        !values_read(&patched, &change.input.status))
        return false;
    *ret = change;
    return true;
}
