/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C: the checksum of Castagnoli, as in iSCSI (RFC 3720, appendix B.4). Finds what a disk or a power
 * cut damaged; it is no defence against people. */
#ifndef IX_CRC32C_H
#define IX_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t ix_crc32c(const void *bytes, size_t size);

#endif
