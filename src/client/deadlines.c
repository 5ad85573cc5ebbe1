/* SPDX-License-Identifier: Apache-2.0 */
#include "client/deadlines.h"

#include <stdlib.h>

enum { ROOM_FIRST = 64 };

bool deadlines_reserve(client_deadlines *all, size_t count)
{
    if (count < all->room)
        return true;
    size_t room = all->room ? all->room : ROOM_FIRST;
    while (room <= count)
        room *= 2;
    client_deadline **larger = realloc(all->heap, room * sizeof(client_deadline *));
    if (!larger)
        return false;
    all->heap = larger;
    all->room = room;
    return true;
}

void deadlines_done(client_deadlines *all)
{
    free(all->heap);
    *all = (client_deadlines){0};
}

static void deadlines_put(client_deadlines *all, size_t place, client_deadline *one)
{
    all->heap[place] = one;
    one->place = place;
}

/* Moves one to where it belongs, from `place`, which is free. */
static void settle(client_deadlines *all, size_t place, client_deadline *one)
{
    while (place > 1 && all->heap[place / 2]->at_us > one->at_us) {
        deadlines_put(all, place, all->heap[place / 2]);
        place /= 2;
    }
    for (;;) {
        size_t child = 2 * place;
        if (child < all->count && all->heap[child + 1]->at_us < all->heap[child]->at_us)
            child++;
        if (child > all->count || all->heap[child]->at_us >= one->at_us)
            break;
        deadlines_put(all, place, all->heap[child]);
        place = child;
    }
    deadlines_put(all, place, one);
}

void deadlines_set(client_deadlines *all, client_deadline *one, int64_t at_us)
{
    one->at_us = at_us;
    settle(all, one->place ? one->place : ++all->count, one);
}

void deadlines_remove(client_deadlines *all, client_deadline *one)
{
    if (!one->place)
        return;
    const size_t place = one->place;
    client_deadline *last = all->heap[all->count--];
    if (last != one)
        settle(all, place, last);
    one->place = 0;
}

client_deadline *deadlines_next(const client_deadlines *all)
{
    return all->count ? all->heap[1] : NULL;
}
