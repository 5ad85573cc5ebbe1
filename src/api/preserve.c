/* SPDX-License-Identifier: Apache-2.0 */
#include "api/preserve.h"

#include "api/api.h"
#include "base/time.h"

enum { DAY_S = 24 * 60 * 60 };

bool call_preserves(const api_call *call)
{
    return call->args[IX_PARAM_preserve_uid].flag;
}

static bool is_absent(const ix_json *given)
{
    return ix_json_kind(given) == IX_NONE || ix_json_kind(given) == IX_NULL;
}

bool preserved_id(api_call *call, const ix_json *given, const char *field, ix_ulid *ret)
{
    if (!call_preserves(call) || is_absent(given)) {
        *ret = api_id_next(call->api, call->now_us);
        return true;
    }
    if (!ix_ulid_parse(ix_json_str(given), ret))
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, field, "expected a ULID");
    /* One of a clock that is a little ahead of ours is taken, but ours does not follow it: identifiers
     * only grow, so all that come after it would be from the future. */
    if (ix_ulid_time_us(ret) > call->now_us + DAY_S * IX_SECOND_US)
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, field, "a ULID from the future");
    if (ix_ulid_time_us(ret) <= call->now_us)
        api_id_seen(call->api, ret);
    return true;
}

bool preserved_time(api_call *call, const char *member, int64_t *ret_us)
{
    const ix_json *given = ix_json_member(call->body, member);
    *ret_us = call->now_us;
    return !call_preserves(call) || is_absent(given) || ix_time_parse(ix_json_str(given), ret_us) ||
           ix_fail_field(call->cx, IOTS_INVALID, NULL, member, "expected a time (RFC 3339)");
}
