/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells of CSV, as values and from values.
 *
 * A value is written as JSON, but texts without their quotes; a text that would then read as something
 * else ("21", "true", "null", "", "[1]") keeps them, and so each value comes back as it was. Read is
 * what anybody writes: cells become what the property is declared to be.
 */
#ifndef CLI_FIELD_VALUE_H
#define CLI_FIELD_VALUE_H

#include <iots/iots.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/str.h"

/* How a file writes numbers. */
typedef enum decimal_mark {
    DECIMAL_POINT_PERHAPS, /* 21.5; 21,5 is refused, since it may be meant as a number */
    DECIMAL_POINT,         /* 21.5; 21,5 is a text */
    DECIMAL_COMMA,         /* 21,5; 21.5 is a text */
} decimal_mark;

/* The value of a cell as JSON text in cx, for a property of the given JSON Schema type (NULL: none
 * is declared). Numbers stay what they are: an integer stays an integer. NULL, without failure, for
 * an empty cell; NULL and IOTS_INVALID if it cannot be a value of that type. */
const char *cell_value(ix_ctx *cx, ix_str cell, const char *type, decimal_mark mark);

/* Appends the text of the cell for a value, not yet quoted for CSV; nothing for NULL. */
void cell_write(ix_buf *buf, const iots_json *value);

#endif
