/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of chains. The hash is SipHash-1-3 under a random key, so that nobody outside can choose
 * keys that all fall into one chain.
 */
#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { FEWEST_CHAINS = 16 }; /* always a power of two */

typedef struct entry {
    struct entry *next;
    uint64_t hash;
    void *value;
    size_t len;
    char key[];
} entry;

struct ix_map {
    entry **chains;
    size_t nchains;
    size_t count;
    uint64_t secret[2];
};

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static uint64_t hash_of(const ix_map *map, ix_str key)
{
    uint64_t v[4] = {
        map->secret[0] ^ UINT64_C(0x736f6d6570736575),
        map->secret[1] ^ UINT64_C(0x646f72616e646f6d),
        map->secret[0] ^ UINT64_C(0x6c7967656e657261),
        map->secret[1] ^ UINT64_C(0x7465646279746573),
    };
    size_t done = 0;
    for (bool last = false; !last;) {
        const size_t left = key.len - done;
        uint64_t word = 0;
        last = left < 8;
        if (left > 0)
            memcpy(&word, key.at + done, last ? left : 8);
        if (last) /* the length goes where no byte of the key can be */
            word ^= (uint64_t)key.len << 56;
        done += 8;
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    v[2] ^= 0xFF;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

ix_map *ix_map_new(void)
{
    ix_map *map = calloc(1, sizeof *map);
    if (!map)
        return NULL;
    map->nchains = FEWEST_CHAINS;
    map->chains = calloc(map->nchains, sizeof(entry *));
    if (!map->chains) {
        free(map);
        return NULL;
    }
    if (getentropy(map->secret, sizeof map->secret) != 0) /* an address is better than nothing */
        map->secret[0] = (uint64_t)(uintptr_t)map;
    return map;
}

void ix_map_free(ix_map *map)
{
    if (!map)
        return;
    for (size_t i = 0; i < map->nchains; i++) {
        for (entry *next, *at = map->chains[i]; at; at = next) {
            next = at->next;
            free(at);
        }
    }
    free(map->chains);
    free(map);
}

size_t ix_map_count(const ix_map *map)
{
    return map->count;
}

/* Where the entry of `key` hangs, or would be hung. */
static entry **place_of(const ix_map *map, ix_str key, uint64_t hash)
{
    entry **at = &map->chains[hash & (map->nchains - 1)];
    while (*at && ((*at)->hash != hash || !ix_str_equal((ix_str){(*at)->key, (*at)->len}, key)))
        at = &(*at)->next;
    return at;
}

void *ix_map_find(const ix_map *map, ix_str key)
{
    const entry *found = *place_of(map, key, hash_of(map, key));
    return found ? found->value : NULL;
}

/* Twice the chains, once there is an entry for each. Without memory the old ones do, only slower.
 */
static void grow(ix_map *map)
{
    const size_t nchains = map->nchains * 2;
    entry **chains = calloc(nchains, sizeof(entry *));
    if (!chains)
        return;
    for (size_t i = 0; i < map->nchains; i++) {
        for (entry *next, *at = map->chains[i]; at; at = next) {
            entry **chain = &chains[at->hash & (nchains - 1)];
            next = at->next;
            at->next = *chain;
            *chain = at;
        }
    }
    free(map->chains);
    map->chains = chains;
    map->nchains = nchains;
}

bool ix_map_put(ix_map *map, ix_str key, void *value)
{
    const uint64_t hash = hash_of(map, key);
    entry *found = *place_of(map, key, hash);
    if (found) {
        found->value = value;
        return true;
    }
    if (key.len > SIZE_MAX - sizeof(entry))
        return false;
    entry *made = malloc(sizeof *made + key.len);
    if (!made)
        return false;
    if (map->count >= map->nchains)
        grow(map);
    made->hash = hash;
    made->value = value;
    made->len = key.len;
    if (key.len)
        memcpy(made->key, key.at, key.len);
    entry **chain = &map->chains[hash & (map->nchains - 1)];
    made->next = *chain;
    *chain = made;
    map->count++;
    return true;
}

/* Takes the entry out that hangs at `place`; the one behind it hangs there now. */
static void *unhang(ix_map *map, entry **place)
{
    entry *removed = *place;
    void *value = removed->value;
    *place = removed->next;
    map->count--;
    free(removed);
    return value;
}

void *ix_map_take(ix_map *map, ix_str key)
{
    entry **place = place_of(map, key, hash_of(map, key));
    return *place ? unhang(map, place) : NULL;
}

void ix_map_each(ix_map *map, bool (*fn)(ix_str key, void *value, void *arg), void *arg)
{
    for (size_t i = 0; i < map->nchains; i++) {
        for (entry **at = &map->chains[i]; *at;) {
            if (fn((ix_str){(*at)->key, (*at)->len}, (*at)->value, arg))
                unhang(map, at);
            else
                at = &(*at)->next;
        }
    }
}
