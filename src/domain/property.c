/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/property.h"

#include "base/time.h"

bool property_check(ix_ctx *cx, const char *name, const ix_json *affordance, const ix_json *value,
                    validate_mode mode)
{
    return ix_json_kind(value) == IX_NULL || dataschema_check(cx, affordance, value, mode, name);
}

bool history_item_read(ix_ctx *cx, const ix_json *item, const char *only, int64_t *ret_at_us,
                       const ix_json **ret_properties)
{
    const ix_json *properties = ix_json_member(item, "properties");
    int64_t at_us;
    if (!ix_time_parse(ix_json_str(ix_json_member(item, "at")), &at_us))
        return ix_fail_field(cx, IOTS_INVALID, "malformed body", "at",
                             "expected a time (RFC 3339)");
    if (ix_json_kind(properties) != IX_OBJECT)
        return ix_fail_field(cx, IOTS_INVALID, "malformed body", "properties",
                             "expected an object");
    if (ix_json_count(properties) == 0)
        return ix_fail_field(cx, IOTS_INVALID, NULL, "properties", "expected at least one value");
    if (only && (ix_json_count(properties) != 1 || !ix_json_member(properties, only)))
        return ix_fail_field(cx, IOTS_INVALID, NULL, "properties",
                             "expected a value of '%s' and no other", only);
    *ret_at_us = at_us;
    *ret_properties = properties;
    return true;
}
