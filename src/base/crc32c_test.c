/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crc32c.h"

#include "base/test.h"

/* The examples of RFC 3720, appendix B.4, whose bytes stand there in the order they are sent. */
TEST("the examples of RFC 3720 have the checksums it gives")
{
    unsigned char bytes[32];
    memset(bytes, 0, sizeof bytes);
    CHECK_INT(ix_crc32c(bytes, sizeof bytes), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    CHECK_INT(ix_crc32c(bytes, sizeof bytes), 0x62a8ab43);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    CHECK_INT(ix_crc32c(bytes, sizeof bytes), 0x46dd794e);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(31 - i);
    CHECK_INT(ix_crc32c(bytes, sizeof bytes), 0x113fdb5c);
}

TEST("no bytes have the checksum 0, the digits 1 to 9 the one by which it is known")
{
    CHECK_INT(ix_crc32c("", 0), 0);
    CHECK_INT(ix_crc32c("123456789", 9), 0xe3069283);
}
