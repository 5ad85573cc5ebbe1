/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection keeps of the statements it has prepared, found again by the address of their SQL
 * text. */
#ifndef STATEMENTS_H
#define STATEMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"

typedef struct statements_slot {
    const char *sql; /* NULL: the slot is free */
    void *statement;
} statements_slot;

typedef struct statements {
    statements_slot *slots; /* hashed by address */
    size_t size, used;      /* slots, a power of two; those in use */
} statements;

/* Makes sure that one more can be put. */
bool statements_reserve(ix_ctx *cx, statements *statements);

/* Room was reserved, and nothing is kept for this text yet. */
void statements_put(statements *statements, const char *sql, void *statement);

/* What was put for this text, or NULL. */
void *statements_find(const statements *statements, const char *sql);

/* Lets the table go, not what is in it. */
void statements_done(statements *statements);

#endif
