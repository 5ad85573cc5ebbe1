/* SPDX-License-Identifier: Apache-2.0 */
/* Files of lines, read line by line: never more than one line and what was read ahead is held. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 64 * 1024 * 1024 };

typedef struct lines lines;

/* IOTS_USAGE with path and reason if it cannot be read. `path` is borrowed. */
lines *lines_open(ix_ctx *cx, const char *path);
void lines_close(lines *lines); /* NULL is fine */

/* The next line, without its line break and with a zero byte behind it, good until the next call; at
 * the end, NULL. False if reading fails, or for a line that is too long or no text. */
bool lines_next(ix_ctx *cx, lines *lines, ix_str *ret);

/* Has the line at hand no line break at its end? Then it is the last one, and may be cut short. */
bool lines_is_open(const lines *lines);

/* The number of the line at hand, from 1. */
uint64_t lines_number(const lines *lines);

/* Puts "<path>, line <number>: " before the failure in cx, or which lines it is about. Always false. */
bool lines_fail(ix_ctx *cx, const lines *lines);
bool lines_fail_range(ix_ctx *cx, const lines *lines, uint64_t first, uint64_t last);

#endif
