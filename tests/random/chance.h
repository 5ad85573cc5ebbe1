/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chance that can be had again: the same seed gives the same numbers, names, values and documents.
 * Values and texts are in cx. A NULL anywhere means that there is no memory.
 */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/json.h"
#include "contract/schema.h"

typedef struct chance {
    uint64_t state;
} chance;

uint64_t chance_next(chance *chance);

/* 0 to below - 1. */
size_t chance_below(chance *chance, size_t below);

/* True once in `times`. */
bool chance_once_in(chance *chance, size_t times);

/* The name of a property, action or event, of a few that are odd but allowed; some are part of others. */
const char *chance_name(chance *chance);

/* The name of a Category or Model, of a few. */
const char *chance_label(chance *chance);

/* Text that is short, empty, long, or holds what SQL, JSON or URLs treat specially. */
const char *chance_text(ix_ctx *cx, chance *chance);

/* Any JSON, numbers at the limits and (rarely) the deepest nesting included. */
ix_json *chance_value(ix_ctx *cx, chance *chance, size_t depth);

/* A document by its table: mostly as the table wants it, sometimes with members of a wrong type.
 * `name` is what the members of a map are called most often; it may be NULL. */
ix_json *chance_document(ix_ctx *cx, chance *chance, const ix_schema *schema, const char *name,
                         size_t depth);

#endif
