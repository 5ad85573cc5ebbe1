/* SPDX-License-Identifier: Apache-2.0 */
/* How the cells of a recording become values. The rest of `iots import` is in import.c. */
#ifndef CLI_CELL_H
#define CLI_CELL_H

#include "base/ctx.h"
#include "base/str.h"

/* The value of a cell as JSON text in cx, for a property of the given JSON Schema type (NULL: none
 * is declared). Numbers stay what they are: an integer stays an integer. NULL, without failure, for
 * an empty cell; NULL and IOTS_INVALID if it cannot be a value of that type. */
const char *cell_value(ix_ctx *cx, ix_str cell, const char *type);

#endif
