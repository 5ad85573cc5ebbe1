/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to pointer. Keys are copied; values are borrowed. Not thread-safe. */
#ifndef IX_MAP_H
#define IX_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

typedef struct ix_map ix_map;

ix_map *ix_map_new(void); /* NULL when out of memory */
void ix_map_free(ix_map *map);

size_t ix_map_count(const ix_map *map);
void *ix_map_find(const ix_map *map, ix_str key);      /* NULL if absent */
bool ix_map_put(ix_map *map, ix_str key, void *value); /* false when out of memory */
void *ix_map_take(ix_map *map, ix_str key);            /* removes; the value, or NULL */
/* Calls `fn` for every entry, in no order; entries may be removed by returning true. */
void ix_map_each(ix_map *map, bool (*fn)(ix_str key, void *value, void *arg), void *arg);

#endif
