/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/span.h"

#include "base/time.h"

static bool span_fail(ix_ctx *cx, const char *reason)
{
    return ix_fail_field(cx, IOTS_INVALID, "invalid at", "at", "%s", reason);
}

static bool time_read(ix_ctx *cx, ix_str text, int64_t *ret_us)
{
    return ix_time_parse_short(text, ret_us) ||
           span_fail(cx, "expected a time such as 2025-03-15T10:20:00Z or 2025-03");
}

static bool range_read(ix_ctx *cx, ix_str from, ix_str to, time_span *ret)
{
    time_span range = {.is_range = true, .from_us = ix_time_first_us, .to_us = ix_time_last_us};
    if (!from.len && !to.len)
        return span_fail(cx, "expected a time on one side of | at least");
    if (from.len && !time_read(cx, from, &range.from_us))
        return false;
    if (to.len && !time_read(cx, to, &range.to_us))
        return false;
    if (range.from_us > range.to_us)
        return span_fail(cx, "ends before it begins");
    *ret = range;
    return true;
}

bool span_parse(ix_ctx *cx, ix_str text, time_span *ret)
{
    ix_str from;
    const ix_str to = ix_str_cut(text, '|', &from);
    if (to.at)
        return range_read(cx, from, to, ret);

    int64_t at_us;
    if (!time_read(cx, text, &at_us))
        return false;
    *ret = (time_span){.from_us = at_us, .to_us = at_us};
    return true;
}
