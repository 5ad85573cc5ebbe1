/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions of properties that were read lately, as trees. Most of what is written are values of few
 * kinds of Things, and to read the description each time takes as long as to write the value.
 *
 * They are found by their text, so there is nothing that could be out of date. Not thread-safe: for
 * handlers that write alone, which run one after another.
 */
#ifndef SCHEMA_CACHE_H
#define SCHEMA_CACHE_H

#include "base/ctx.h"
#include "base/json.h"

enum {
    SCHEMA_CACHE_MAX = 256,       /* kept at most; then all are forgotten */
    SCHEMA_CACHE_TEXT_MAX = 4096, /* bytes of one that is kept */
};

typedef struct schema_cache schema_cache;

schema_cache *schema_cache_new(ix_ctx *cx); /* NULL when out of memory */
void schema_cache_free(schema_cache *schema_cache);

/* The tree of this text, not to be changed; good until the next one is asked for, or as long as cx, or as
 * long as another tree holds it. NULL on failure, as from ix_json_parse. */
const ix_json *schema_cache_get(ix_ctx *cx, schema_cache *schema_cache, ix_str text);

#endif
