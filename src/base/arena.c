/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena is a stack of blocks, each about twice the size of the one before. The first lies in the
 * arena itself, so that a small piece of work costs one malloc. What is deferred is a list that
 * lives in the arena, too.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALIGN = alignof(max_align_t),
    FIRST_BLOCK = 4096 - 128, /* with the arena itself and malloc's own needs: one page */
    LARGEST_BLOCK = 1 << 20   /* blocks stop growing here, unless one object needs more */
};

typedef struct block {
    struct block *older;
    alignas(max_align_t) char bytes[];
} block;

typedef struct deferred {
    struct deferred *earlier;
    void (*fn)(void *arg);
    void *arg;
} deferred;

struct ix_arena {
    char *at; /* what is still free of the newest block */
    char *end;
    block *newest;     /* NULL while the first block does */
    deferred *last;    /* the function deferred last */
    size_t used;       /* bytes handed out */
    size_t limit;      /* the most `used` may become */
    size_t next_block; /* bytes in the next block */
    alignas(max_align_t) char first[FIRST_BLOCK];
};

static void arena_start(ix_arena *arena)
{
    arena->at = arena->first;
    arena->end = arena->first + FIRST_BLOCK;
    arena->newest = NULL;
    arena->last = NULL;
    arena->used = 0;
    arena->next_block = (size_t)2 * FIRST_BLOCK;
}

ix_arena *ix_arena_new(size_t limit_bytes)
{
    ix_arena *arena = malloc(sizeof *arena);
    if (!arena)
        return NULL;
    arena_start(arena);
    arena->limit = limit_bytes ? limit_bytes : SIZE_MAX;
    return arena;
}

/* Runs what was deferred and releases every block but the first. */
static void empty(ix_arena *arena)
{
    while (arena->last) {
        const deferred *now = arena->last;
        arena->last = now->earlier;
        now->fn(now->arg);
    }
    while (arena->newest) {
        block *removed = arena->newest;
        arena->newest = removed->older;
        free(removed);
    }
}

void ix_arena_free(ix_arena *arena)
{
    if (!arena)
        return;
    empty(arena);
    free(arena);
}

void ix_arena_reset(ix_arena *arena)
{
    empty(arena);
    arena_start(arena);
}

/* Starts a block with room for `size` bytes. */
static bool add_block(ix_arena *arena, size_t size)
{
    size_t room = arena->next_block > size ? arena->next_block : size;
    block *made = malloc(sizeof *made + room);
    if (!made)
        return false;
    made->older = arena->newest;
    arena->newest = made;
    arena->at = made->bytes;
    arena->end = made->bytes + room;
    if (arena->next_block < LARGEST_BLOCK)
        arena->next_block *= 2;
    return true;
}

void *ix_arena_alloc(ix_arena *arena, size_t size)
{
    if (!arena || size > PTRDIFF_MAX - ALIGN) /* no object is larger */
        return NULL;
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (size > arena->limit - arena->used)
        return NULL;
    if (size > (size_t)(arena->end - arena->at) && !add_block(arena, size))
        return NULL;
    void *made = arena->at;
    arena->at += size;
    arena->used += size;
    return memset(made, 0, size);
}

bool ix_arena_defer(ix_arena *arena, void (*fn)(void *arg), void *arg)
{
    deferred *note = ix_arena_alloc(arena, sizeof *note);
    if (!note) {
        fn(arg);
        return false;
    }
    *note = (deferred){arena->last, fn, arg};
    arena->last = note;
    return true;
}

size_t ix_arena_used(const ix_arena *arena)
{
    return arena->used;
}
