/* SPDX-License-Identifier: Apache-2.0 */
#include "api/schemas.h"

#include <stdlib.h>

#include "base/map.h"

struct schemas {
    ix_ctx cx;   /* of the trees */
    ix_map *map; /* from texts to trees */
};

schemas *schemas_new(ix_ctx *cx)
{
    schemas *schemas = calloc(1, sizeof *schemas);
    if (schemas && (schemas->map = ix_map_new()) && ix_ctx_init(&schemas->cx, 0))
        return schemas;
    schemas_free(schemas);
    ix_fail(cx, IOTS_NO_MEMORY, NULL);
    return NULL;
}

void schemas_free(schemas *schemas)
{
    if (!schemas)
        return;
    ix_map_free(schemas->map);
    ix_ctx_done(&schemas->cx);
    free(schemas);
}

static bool is_forgotten(ix_str text, void *tree, void *arg)
{
    (void)text;
    (void)tree;
    (void)arg;
    return true;
}

const ix_json *schemas_get(ix_ctx *cx, schemas *schemas, ix_str text)
{
    if (text.len > SCHEMA_TEXT_MAX)
        return ix_json_parse(cx, text.at, text.len);
    const ix_json *kept = ix_map_find(schemas->map, text);
    if (kept)
        return kept;

    if (ix_map_count(schemas->map) == SCHEMAS_MAX) {
        ix_map_each(schemas->map, is_forgotten, NULL);
        ix_arena_reset(schemas->cx.arena);
    }
    ix_json *made = ix_spend(cx, text.len / IX_JSON_BYTES_PER_STEP)
                        ? ix_json_parse(&schemas->cx, text.at, text.len)
                        : NULL;
    if (made && ix_map_put(schemas->map, text, made))
        return made;
    /* It cannot be kept; what is wrong with it is said in cx. */
    ix_ctx_forgive(&schemas->cx);
    return ix_json_parse(cx, text.at, text.len);
}
