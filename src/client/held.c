/* SPDX-License-Identifier: Apache-2.0 */
#include "client/held.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

void held_done(held_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->all[i].key);
    free(list->all);
    *list = (held_list){0};
}

static held *held_find_one(const held_list *list, ix_str key)
{
    for (size_t i = 0; i < list->count; i++) {
        held *one = &list->all[i];
        if (one->len == key.len && memcmp(one->key, key.at, key.len) == 0)
            return one;
    }
    return NULL;
}

const held *held_find(const held_list *list, ix_str key)
{
    return held_find_one(list, key);
}

static held *held_add(held_list *list, ix_str key)
{
    if (list->count == HELD_MAX)
        return NULL;
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 8;
        held *larger = realloc(list->all, room * sizeof *larger);
        if (!larger)
            return NULL;
        list->all = larger;
        list->room = room;
    }
    char *copy = malloc(key.len + 1);
    if (!copy)
        return NULL;
    memcpy(copy, key.at, key.len);
    held *added = &list->all[list->count++];
    *added = (held){.key = copy, .len = key.len};
    return added;
}

bool held_put(held_list *list, ix_str key, unsigned pass, int64_t wait_us)
{
    held *one = held_find_one(list, key);
    if (!one && !(one = held_add(list, key)))
        return false;
    one->pass = pass;
    one->next_us = INT64_MAX;
    if (wait_us < 0)
        return true;
    one->wait_us = one->wait_us ? 2 * one->wait_us : wait_us;
    if (one->wait_us > HELD_LONGEST_S * IX_SECOND_US)
        one->wait_us = HELD_LONGEST_S * IX_SECOND_US;
    one->next_us = ix_monotonic_us() + one->wait_us;
    return true;
}

static void remove_at(held_list *list, size_t index)
{
    free(list->all[index].key);
    list->all[index] = list->all[--list->count];
}

void held_remove(held_list *list, ix_str key)
{
    const held *one = held_find_one(list, key);
    if (one)
        remove_at(list, (size_t)(one - list->all));
}

bool held_any_due(const held_list *list, int64_t now_us)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->all[i].next_us <= now_us)
            return true;
    }
    return false;
}

void held_remove_due(held_list *list, int64_t now_us)
{
    for (size_t i = list->count; i-- > 0;) {
        if (list->all[i].next_us <= now_us)
            remove_at(list, i);
    }
}
