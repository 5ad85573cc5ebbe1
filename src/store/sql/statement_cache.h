/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection keeps of the statements it has prepared, found again by the address of their SQL
 * text. */
#ifndef STATEMENT_CACHE_H
#define STATEMENT_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"

typedef struct statement_cache_slot {
    const char *sql; /* NULL: the slot is free */
    void *statement;
} statement_cache_slot;

typedef struct statement_cache {
    statement_cache_slot *slots; /* hashed by address */
    size_t size, used;           /* slots, a power of two; those in use */
} statement_cache;

/* Makes sure that one more can be put. */
bool statement_cache_reserve(ix_ctx *cx, statement_cache *statements);

/* Room was reserved, and nothing is kept for this text yet. */
void statement_cache_put(statement_cache *statements, const char *sql, void *statement);

/* What was put for this text, or NULL. */
void *statement_cache_find(const statement_cache *statements, const char *sql);

/* Lets the table go, not what is in it. */
void statement_cache_done(statement_cache *statements);

#endif
