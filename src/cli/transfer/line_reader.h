/* SPDX-License-Identifier: Apache-2.0 */
/* Files of lines, read line by line: never more than one line and what was read ahead is held. */
#ifndef CLI_LINE_READER_H
#define CLI_LINE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 64 * 1024 * 1024 };

typedef struct line_reader line_reader;

/* IOTS_USAGE with path and reason if it cannot be read. `path` is borrowed. */
line_reader *line_reader_open(ix_ctx *cx, const char *path);
void line_reader_close(line_reader *lines); /* NULL is fine */

/* The next line, without its line break and with a zero byte behind it, good until the next call; at
 * the end, NULL. False if reading fails, or for a line that is too long or no text. */
bool line_reader_next(ix_ctx *cx, line_reader *lines, ix_str *ret);

/* Has the line at hand no line break at its end? Then it is the last one, and may be cut short. */
bool line_reader_is_open(const line_reader *lines);

/* The number of the line at hand, from 1. */
uint64_t line_reader_number(const line_reader *lines);

/* Puts "<path>, line <number>: " before the failure in cx, or which lines it is about. Always false. */
bool line_reader_fail(ix_ctx *cx, const line_reader *lines);
bool line_reader_fail_range(ix_ctx *cx, const line_reader *lines, uint64_t first, uint64_t last);

#endif
