/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An identifier is 128 bits, the highest first: 48 of milliseconds since 1970, then 80 of chance.
 * Written in base 32, the first of the 26 characters holds three bits, the others five.
 */
#include "base/ulid.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The value of a character, or 32. */
static unsigned digit_of(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    const char *found = c ? strchr(alphabet, c) : NULL;
    return found ? (unsigned)(found - alphabet) : 32;
}

bool ix_ulid_parse(ix_str text, ix_ulid *ret)
{
    if (text.len != IX_ULID_LEN || text.at[0] > '7')
        return false;
    ix_ulid id = {{0}};
    for (size_t i = 0; i < IX_ULID_LEN; i++) {
        const unsigned digit = digit_of(text.at[i]);
        if (digit == 32)
            return false;
        id.text[i] = alphabet[digit];
    }
    *ret = id;
    return true;
}

static ix_ulid write_bytes(const uint8_t bytes[16])
{
    ix_ulid id = {{0}};
    unsigned bits = 0; /* not yet written, in the lowest `have` bits */
    unsigned have = 2; /* two zero bits in front make 130, which is 26 times 5 */
    size_t to = 0;
    for (size_t i = 0; i < 16; i++) {
        bits = (bits << 8 | bytes[i]) & 0xFFFF;
        have += 8;
        while (have >= 5) {
            have -= 5;
            id.text[to++] = alphabet[bits >> have & 31];
        }
    }
    return id;
}

static void read_bytes(const ix_ulid *id, uint8_t bytes[16])
{
    unsigned bits = digit_of(id->text[0]) & 7;
    unsigned have = 3;
    size_t to = 0;
    for (size_t i = 1; i < IX_ULID_LEN; i++) {
        bits = (bits << 5 | (digit_of(id->text[i]) & 31)) & 0xFFFF;
        have += 5;
        if (have >= 8) {
            have -= 8;
            bytes[to++] = (uint8_t)(bits >> have);
        }
    }
}

/* Adds one. The largest identifier, which is years away, stays what it is. */
static void ulid_step(uint8_t bytes[16])
{
    static const uint8_t largest[16] = {255, 255, 255, 255, 255, 255, 255, 255,
                                        255, 255, 255, 255, 255, 255, 255, 255};
    if (memcmp(bytes, largest, 16) == 0)
        return;
    for (size_t i = 16; i-- > 0;)
        if (++bytes[i] != 0)
            return;
}

ix_ulid ix_ulid_next(ix_ulid_maker *maker, int64_t now_us, const uint8_t random[10])
{
    const uint64_t now_ms = now_us > 0 ? (uint64_t)now_us / 1000 : 0;
    uint8_t next[16];
    for (unsigned i = 0; i < 6; i++)
        next[i] = (uint8_t)(now_ms >> (40 - 8 * i));
    memcpy(next + 6, random, 10);
    if (memcmp(next, maker->last, 16) > 0)
        memcpy(maker->last, next, 16);
    else
        ulid_step(maker->last);
    return write_bytes(maker->last);
}

void ix_ulid_seen(ix_ulid_maker *maker, const ix_ulid *seen)
{
    uint8_t bytes[16];
    read_bytes(seen, bytes);
    if (memcmp(bytes, maker->last, 16) > 0)
        memcpy(maker->last, bytes, 16);
}

int64_t ix_ulid_time_us(const ix_ulid *id)
{
    uint8_t bytes[16];
    read_bytes(id, bytes);
    int64_t time_ms = 0;
    for (size_t i = 0; i < 6; i++)
        time_ms = time_ms << 8 | bytes[i];
    return time_ms * 1000;
}
