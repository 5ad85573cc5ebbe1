/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/targets.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

enum {
    NAMES_BYTES = 200,  /* of a list of names in a message */
    PASSED_MAX = 10000, /* names that are remembered */
    PASSED_SHOWN = 8,
};

typedef struct passed_name {
    const char *name;
    uint64_t count;
    struct passed_name *next;
} passed_name;

/* ---- properties ---- */

static bool fail_memory(ix_ctx *cx)
{
    return ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

static bool targets_put(ix_ctx *cx, ix_map *map, ix_str key, void *value)
{
    return ix_map_put(map, key, value) || fail_memory(cx);
}

const char *targets_names(const targets *targets)
{
    ix_buf names = {0};
    for (iots_member m = iots_json_members(targets->declared); m.name && names.len < NAMES_BYTES;
         m = iots_json_members_next(m))
        ix_buf_format(&names, "%s%s", names.len ? ", " : "", m.name);
    const char *copy = ix_strdup(targets->cx, names.len ? names.at : "none");
    ix_buf_done(&names);
    return copy ? copy : "";
}

target *targets_property(const targets *targets, ix_str name)
{
    return ix_map_find(targets->properties, name);
}

/* Every property gets its target at once: there are ten thousand at most. */
static bool properties_read(targets *targets)
{
    ix_ctx *cx = targets->cx;
    for (iots_member m = iots_json_members(targets->declared); m.name;
         m = iots_json_members_next(m)) {
        target *made = ix_new(cx, target, 1);
        if (!made)
            return false;
        *made = (target){.property = m.name,
                         .type = iots_json_string(m.value, "/type"),
                         .index = targets->count++};
        if (!targets_put(cx, targets->properties, ix_str_of(m.name), made))
            return false;
    }
    return true;
}

/* ---- names in the file ---- */

static bool map_read(targets *targets, const char *map)
{
    ix_ctx *cx = targets->cx;
    const char *equals = strchr(map, '=');
    const char *source = equals ? ix_strndup(cx, map, (size_t)(equals - map)) : map;
    const char *property = equals ? equals + 1 : map;
    target *target = targets_property(targets, ix_str_of(property));
    if (!source)
        return false;
    if (!target)
        return ix_fail(cx, IOTS_NOT_FOUND, "the Thing has no property '%s'; it has: %.300s",
                       property, targets_names(targets));
    if (target->source)
        return ix_fail(cx, IOTS_USAGE, "two columns are mapped to '%s'", property);
    if (ix_map_find(targets->sources, ix_str_of(source)))
        return ix_fail(cx, IOTS_USAGE, "'%s' is mapped twice", source);
    target->source = source;
    targets->mapped[targets->mapped_count++] = target;
    return targets_put(cx, targets->sources, ix_str_of(source), target);
}

bool targets_init(ix_ctx *cx, targets *targets, const iots_json *description, const cli_args *args)
{
    *targets = (struct targets){
        .cx = cx,
        .properties = ix_map_new(),
        .declared = iots_json_at(description, "/properties"),
        .sources = ix_map_new(),
        .passed = ix_map_new(),
    };
    if (!targets->properties || !targets->sources || !targets->passed)
        return fail_memory(cx);
    targets->mapped = ix_new(cx, target *, args->given_count + 1);
    if (!targets->mapped || !properties_read(targets))
        return false;
    size_t at = 0;
    for (const char *map; (map = args_each(args, "map", &at));) {
        if (!map_read(targets, map))
            return false;
    }
    return true;
}

void targets_done(targets *targets)
{
    ix_map_free(targets->properties);
    ix_map_free(targets->sources);
    ix_map_free(targets->passed);
}

target *targets_find(const targets *targets, ix_str name)
{
    return targets->mapped_count > 0 ? ix_map_find(targets->sources, name)
                                     : targets_property(targets, name);
}

bool target_series_check(ix_ctx *cx, ix_ctx *keep, target *target, const char *series,
                         const char *word)
{
    if (!series)
        return true;
    if (!target->series)
        return (target->series = ix_strdup(keep, series)) != NULL || fail_memory(cx);
    if (strcmp(target->series, series) == 0)
        return true;
    return ix_fail(cx, IOTS_INVALID,
                   "'%.60s' is of %.120s here and of %.120s above: --where %s=VALUE takes one of "
                   "them",
                   target->property, series, target->series, word);
}

/* ---- what goes nowhere ---- */

bool targets_pass(targets *targets, ix_str name)
{
    ix_ctx *cx = targets->cx;
    passed_name *passed = ix_map_find(targets->passed, name);
    if (!passed) {
        if (ix_map_count(targets->passed) == PASSED_MAX)
            return true;
        passed = ix_new(cx, passed_name, 1);
        if (!passed || !(passed->name = ix_strndup(cx, name.at, name.len)) ||
            !targets_put(cx, targets->passed, name, passed))
            return false;
        if (targets->last_passed)
            targets->last_passed->next = passed;
        else
            targets->first_passed = passed;
        targets->last_passed = passed;
    }
    passed->count++;
    return true;
}

const char *targets_passed(const targets *targets, const char *counted)
{
    size_t shown = 0;
    ix_buf text = {0};
    for (const passed_name *passed = targets->first_passed; passed; passed = passed->next) {
        if (shown++ == PASSED_SHOWN) {
            ix_buf_format(&text, " and %zu more",
                          ix_map_count(targets->passed) - (size_t)PASSED_SHOWN);
            break;
        }
        ix_buf_format(&text, "%s'%.100s'", text.len ? ", " : "", passed->name);
        if (counted)
            ix_buf_format(&text, " (%" PRIu64 " %s)", passed->count, counted);
    }
    const char *copy = text.len ? ix_strdup(targets->cx, text.at) : NULL;
    ix_buf_done(&text);
    return copy;
}

const char *targets_unmet(const targets *targets)
{
    ix_buf text = {0};
    for (size_t i = 0; i < targets->mapped_count && text.len < NAMES_BYTES; i++) {
        if (!targets->mapped[i]->is_met)
            ix_buf_format(&text, "%s'%.100s'", text.len ? ", " : "", targets->mapped[i]->source);
    }
    const char *copy = text.len ? ix_strdup(targets->cx, text.at) : NULL;
    ix_buf_done(&text);
    return copy;
}
