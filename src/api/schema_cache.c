/* SPDX-License-Identifier: Apache-2.0 */
#include "api/schema_cache.h"

#include <stdlib.h>

#include "base/map.h"

struct schema_cache {
    ix_ctx cx;   /* of the trees */
    ix_map *map; /* from texts to trees */
};

schema_cache *schema_cache_new(ix_ctx *cx)
{
    schema_cache *schema_cache = calloc(1, sizeof *schema_cache);
    if (schema_cache && (schema_cache->map = ix_map_new()) && ix_ctx_init(&schema_cache->cx, 0))
        return schema_cache;
    schema_cache_free(schema_cache);
    ix_fail(cx, IOTS_NO_MEMORY, NULL);
    return NULL;
}

void schema_cache_free(schema_cache *schema_cache)
{
    if (!schema_cache)
        return;
    ix_map_free(schema_cache->map);
    ix_ctx_done(&schema_cache->cx);
    free(schema_cache);
}

static bool is_forgotten(ix_str text, void *tree, void *arg)
{
    (void)text;
    (void)tree;
    (void)arg;
    return true;
}

const ix_json *schema_cache_get(ix_ctx *cx, schema_cache *schema_cache, ix_str text)
{
    if (text.len > SCHEMA_CACHE_TEXT_MAX)
        return ix_json_parse(cx, text.at, text.len);
    const ix_json *kept = ix_map_find(schema_cache->map, text);
    if (kept)
        return kept;

    if (ix_map_count(schema_cache->map) == SCHEMA_CACHE_MAX) {
        ix_map_each(schema_cache->map, is_forgotten, NULL);
        ix_arena_reset(schema_cache->cx.arena);
    }
    ix_json *made = ix_spend(cx, text.len / IX_JSON_BYTES_PER_STEP)
                        ? ix_json_parse(&schema_cache->cx, text.at, text.len)
                        : NULL;
    if (made && ix_map_put(schema_cache->map, text, made))
        return made;
    /* It cannot be kept; what is wrong with it is said in cx. */
    ix_ctx_clear_error(&schema_cache->cx);
    return ix_json_parse(cx, text.at, text.len);
}
