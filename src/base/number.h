/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as JSON writes them, to double and back, the same in every locale: nearest double in,
 * the shortest of 15 to 17 digits that reads back as the same double out.
 */
#ifndef IX_NUMBER_H
#define IX_NUMBER_H

#include "base/str.h"

enum { IX_NUMBER_TEXT = 32 }; /* room for a written number, with terminator */

typedef enum ix_number_result {
    IX_NUMBER_READ,
    IX_NUMBER_BAD,       /* not the grammar of RFC 8259 section 6 */
    IX_NUMBER_TOO_LARGE, /* would become infinite */
    IX_NUMBER_TOO_SMALL, /* would become zero, and is not */
} ix_number_result;

ix_number_result ix_number_parse(ix_str text, double *ret);

/* 21.53, 100.0, 1e+22: always with a point or an exponent. `value` must be finite. Returns the
 * length. */
int ix_number_write(double value, char out[IX_NUMBER_TEXT]);

#endif
