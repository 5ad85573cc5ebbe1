/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/model.h"

#include <string.h>

static bool refuse(ix_ctx *cx, const model_need *need)
{
    if (need->model.version)
        return ix_fail(cx, IOTS_CONFLICT, "the Category '%s' asks for version %lld of Model '%s'",
                       need->category, (long long)need->model.version, need->model.name);
    return ix_fail(cx, IOTS_CONFLICT, "the Category '%s' asks for Model '%s'", need->category,
                   need->model.name);
}

/* Rule 2. */
static int64_t choose_version(const model_ref *wanted, const model_ref *present,
                              const model_need *needs, size_t count, const char *name)
{
    if (wanted->version)
        return wanted->version;
    for (size_t i = 0; i < count; i++) {
        if (needs[i].model.version)
            return needs[i].model.version;
    }
    return present->name && strcmp(present->name, name) == 0 ? present->version : 0;
}

bool model_choose(ix_ctx *cx, const model_ref *wanted, const model_ref *present,
                  const model_need *needs, size_t count, model_ref *ret)
{
    model_ref chosen = {.name = wanted->name};
    if (!chosen.name && count)
        chosen.name = needs[0].model.name;
    if (!chosen.name) {
        if (wanted->version)
            return ix_fail_field(cx, IOTS_INVALID, NULL, "model/name", "required with a version");
        *ret = chosen;
        return true;
    }
    chosen.version = choose_version(wanted, present, needs, count, chosen.name);

    /* Who disagrees with the choice disagrees with the wish, or with another Category. */
    for (size_t i = 0; i < count; i++) {
        const model_ref *needed = &needs[i].model;
        if (strcmp(needed->name, chosen.name) != 0 ||
            (needed->version && needed->version != chosen.version))
            return refuse(cx, &needs[i]);
    }
    *ret = chosen;
    return true;
}
