/* SPDX-License-Identifier: Apache-2.0 */
/* A moment or a range of time: the `at` parameter (docs/api/http.md 12.5). */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

typedef struct time_span {
    bool is_range;
    int64_t from_us, to_us; /* both included; equal for a moment; an open side is the first or last
                               time there is */
} time_span;

/* IOTS_INVALID "invalid at" with field and reason. */
bool span_parse(ix_ctx *cx, ix_str text, time_span *ret);

#endif
