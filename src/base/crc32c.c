/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crc32c.h"

/* Bit by bit, reflected: small rather than fast, as what calls it writes a few records a second. */
uint32_t ix_crc32c(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint32_t sum = ~UINT32_C(0);
    for (size_t i = 0; i < size; i++) {
        sum ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? UINT32_C(0x82f63b78) : 0);
    }
    return ~sum;
}
