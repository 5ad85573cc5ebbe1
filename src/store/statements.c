/* SPDX-License-Identifier: Apache-2.0 */
#include "store/statements.h"

#include <stdint.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 128 }; /* a power of two */

/* Where this text is, or where it would be put. */
static statements_slot *slot_of(const statements *statements, const char *sql)
{
    const uint64_t mixed = (uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(mixed >> 32) & (statements->size - 1);
    while (statements->slots[slot].sql && statements->slots[slot].sql != sql)
        slot = (slot + 1) & (statements->size - 1);
    return &statements->slots[slot];
}

bool statements_reserve(ix_ctx *cx, statements *statements)
{
    if (statements->used * 4 < statements->size * 3)
        return true;
    struct statements wider = {.size = statements->size ? 2 * statements->size : SLOTS_FIRST};
    wider.slots = calloc(wider.size, sizeof(*wider.slots));
    if (!wider.slots)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    for (size_t i = 0; i < statements->size; i++) {
        if (statements->slots[i].sql)
            statements_put(&wider, statements->slots[i].sql, statements->slots[i].statement);
    }
    statements_done(statements);
    *statements = wider;
    return true;
}

void statements_put(statements *statements, const char *sql, void *statement)
{
    *slot_of(statements, sql) = (statements_slot){sql, statement};
    statements->used++;
}

void *statements_find(const statements *statements, const char *sql)
{
    return statements->size ? slot_of(statements, sql)->statement : NULL;
}

void statements_done(statements *statements)
{
    free(statements->slots);
    *statements = (struct statements){0};
}
