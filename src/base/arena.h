/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is released all at once.
 *
 * Everything made while one piece of work is in hand comes from one arena; when the work is done
 * the arena goes, and nothing was freed by hand. An arena has a ceiling, so that one request
 * cannot take the machine. Not thread-safe: an arena belongs to one thread at a time.
 */
#ifndef IX_ARENA_H
#define IX_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ix_arena ix_arena;

/* A new arena that hands out at most `limit_bytes` (0: no ceiling). NULL when out of memory. */
ix_arena *ix_arena_new(size_t limit_bytes);

/* Runs the deferred functions, last one first, and releases everything. NULL is fine. */
void ix_arena_free(ix_arena *arena);

/* As free and new, keeping the first block for the next use. */
void ix_arena_reset(ix_arena *arena);

/* `size` bytes, zeroed, aligned for anything. NULL when memory or the ceiling is out. */
void *ix_arena_alloc(ix_arena *arena, size_t size);

/* Has `fn(arg)` called when the arena goes. If it cannot be noted, calls it now; returns false. */
bool ix_arena_defer(ix_arena *arena, void (*fn)(void *arg), void *arg);

/* Bytes handed out so far. */
size_t ix_arena_used(const ix_arena *arena);

#endif
