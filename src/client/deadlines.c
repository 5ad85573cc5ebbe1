/* SPDX-License-Identifier: Apache-2.0 */
#include "client/deadlines.h"

#include <stdlib.h>

enum { ROOM_FIRST = 64 };

bool deadlines_reserve(deadlines *all, size_t count)
{
    if (count < all->room)
        return true;
    size_t room = all->room ? all->room : ROOM_FIRST;
    while (room <= count)
        room *= 2;
    deadline **larger = realloc(all->heap, room * sizeof(deadline *));
    if (!larger)
        return false;
    all->heap = larger;
    all->room = room;
    return true;
}

void deadlines_done(deadlines *all)
{
    free(all->heap);
    *all = (deadlines){0};
}

static void put(deadlines *all, size_t place, deadline *one)
{
    all->heap[place] = one;
    one->place = place;
}

/* Moves one to where it belongs, from `place`, which is free. */
static void settle(deadlines *all, size_t place, deadline *one)
{
    while (place > 1 && all->heap[place / 2]->at_us > one->at_us) {
        put(all, place, all->heap[place / 2]);
        place /= 2;
    }
    for (;;) {
        size_t child = 2 * place;
        if (child < all->count && all->heap[child + 1]->at_us < all->heap[child]->at_us)
            child++;
        if (child > all->count || all->heap[child]->at_us >= one->at_us)
            break;
        put(all, place, all->heap[child]);
        place = child;
    }
    put(all, place, one);
}

void deadlines_set(deadlines *all, deadline *one, int64_t at_us)
{
    one->at_us = at_us;
    settle(all, one->place ? one->place : ++all->count, one);
}

void deadlines_remove(deadlines *all, deadline *one)
{
    if (!one->place)
        return;
    const size_t place = one->place;
    deadline *last = all->heap[all->count--];
    if (last != one)
        settle(all, place, last);
    one->place = 0;
}

deadline *deadlines_next(const deadlines *all)
{
    return all->count ? all->heap[1] : NULL;
}
