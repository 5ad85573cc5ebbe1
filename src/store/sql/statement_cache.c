/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql/statement_cache.h"

#include <stdint.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 128 }; /* a power of two */

/* Where this text is, or where it would be put. */
static statement_cache_slot *slot_of(const statement_cache *statements, const char *sql)
{
    const uint64_t mixed = (uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(mixed >> 32) & (statements->size - 1);
    while (statements->slots[slot].sql && statements->slots[slot].sql != sql)
        slot = (slot + 1) & (statements->size - 1);
    return &statements->slots[slot];
}

bool statement_cache_reserve(ix_ctx *cx, statement_cache *statements)
{
    if (statements->used * 4 < statements->size * 3)
        return true;
    struct statement_cache wider = {.size = statements->size ? 2 * statements->size : SLOTS_FIRST};
    wider.slots = calloc(wider.size, sizeof(*wider.slots));
    if (!wider.slots)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    for (size_t i = 0; i < statements->size; i++) {
        if (statements->slots[i].sql)
            statement_cache_put(&wider, statements->slots[i].sql, statements->slots[i].statement);
    }
    statement_cache_done(statements);
    *statements = wider;
    return true;
}

void statement_cache_put(statement_cache *statements, const char *sql, void *statement)
{
    *slot_of(statements, sql) = (statement_cache_slot){sql, statement};
    statements->used++;
}

void *statement_cache_find(const statement_cache *statements, const char *sql)
{
    return statements->size ? slot_of(statements, sql)->statement : NULL;
}

void statement_cache_done(statement_cache *statements)
{
    free(statements->slots);
    *statements = (struct statement_cache){0};
}
