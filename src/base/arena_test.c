/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/test.h"

/* Notes the order in which deferred functions are called, as digits of a number. */
typedef struct note {
    int *order;
    int digit;
} note;

static void take_note(void *arg)
{
    const note *n = arg;
    *n->order = *n->order * 10 + n->digit;
}

static bool is_zeroed(const char *made, size_t size)
{
    if (!made)
        return false;
    for (size_t i = 0; i < size; i++)
        if (made[i] != 0)
            return false;
    return true;
}

TEST("memory comes zeroed and aligned, and does not overlap")
{
    char *last = NULL;
    for (size_t size = 1; size < 3000; size += 37) {
        char *made = ix_alloc(cx, size);
        CHECK(is_zeroed(made, size));
        CHECK_INT((uintptr_t)made % 16, 0);
        memset(made, 0x55, size);
        CHECK(!last || *last == 0x55);
        last = made + size - 1;
    }
}

TEST("a ceiling is kept")
{
    ix_arena *arena = ix_arena_new(10000);
    CHECK(ix_arena_alloc(arena, 9000) != NULL);
    CHECK(ix_arena_alloc(arena, 2000) == NULL);
    CHECK(ix_arena_alloc(arena, 500) != NULL);
    CHECK(ix_arena_used(arena) <= 10000);
    ix_arena_free(arena);
}

TEST("a size that cannot be is refused")
{
    CHECK(ix_arena_alloc(cx->arena, SIZE_MAX) == NULL);
    CHECK(ix_arena_alloc(cx->arena, SIZE_MAX - 64) == NULL);
    CHECK(!ix_new(cx, int64_t, SIZE_MAX / 4));
    CHECK_INT(cx->error.code, IOTS_NO_MEMORY);
}

TEST("one object may be larger than any block")
{
    const size_t size = (size_t)5 << 20;
    const char *made = ix_arena_alloc(cx->arena, size);
    CHECK(is_zeroed(made, size));
    CHECK(ix_arena_alloc(cx->arena, 10) != NULL);
}

TEST("what is deferred happens at the end, the last first")
{
    int order = 0;
    note notes[] = {{&order, 1}, {&order, 2}, {&order, 3}};
    ix_arena *arena = ix_arena_new(0);
    for (size_t i = 0; i < 3; i++)
        CHECK(ix_arena_defer(arena, take_note, &notes[i]));
    CHECK_INT(order, 0);
    ix_arena_free(arena);
    CHECK_INT(order, 321);
}

TEST("what cannot be deferred happens at once")
{
    int order = 0;
    note first = {&order, 7};
    ix_arena *arena = ix_arena_new(8);
    CHECK(!ix_arena_defer(arena, take_note, &first));
    CHECK_INT(order, 7);
    ix_arena_free(arena);
    CHECK(!ix_arena_defer(NULL, take_note, &first));
    CHECK_INT(order, 77);
}

TEST("a reset arena begins anew")
{
    int order = 0;
    note first = {&order, 4};
    CHECK(ix_arena_alloc(cx->arena, 100000) != NULL);
    CHECK(ix_arena_defer(cx->arena, take_note, &first));
    ix_arena_reset(cx->arena);
    CHECK_INT(order, 4);
    CHECK_INT(ix_arena_used(cx->arena), 0);
    CHECK(is_zeroed(ix_arena_alloc(cx->arena, 1000), 1000));
}

TEST("there may be no arena")
{
    ix_arena_free(NULL);
    CHECK(ix_arena_alloc(NULL, 1) == NULL);
}
