/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/property.h"

#include "base/test.h"
#include "base/time.h"

static bool fits(ix_ctx *cx, const char *affordance, const char *value)
{
    return property_check(cx, "temp", json_of(cx, affordance), json_of(cx, value), VALIDATE_STRICT);
}

static bool reads(ix_ctx *cx, const char *item, const char *only)
{
    int64_t at_us;
    const ix_json *properties;
    return history_item_read(cx, json_of(cx, item), only, &at_us, &properties);
}

TEST("a value that does not fit is refused under the property's name")
{
    CHECK(fits(cx, JSON({"type" : "number"}), "20"));
    CHECK(!fits(cx, JSON({"type" : "number"}), "\"warm\""));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    CHECK_TEXT(cx->error.message, "temp: expected a number");
    CHECK_TEXT(cx->error.field, "temp");
    CHECK_TEXT(cx->error.reason, "expected a number");
}

TEST("null always fits: it clears the value")
{
    CHECK(fits(cx, JSON({"type" : "number", "minimum" : 5, "enum" : [6]}), "null"));
}

TEST("null inside a value has to fit like any other")
{
    CHECK_FAILS(cx,
                fits(cx, JSON({"properties" : {"a" : {"type" : "number"}}}), JSON({"a" : null})),
                IOTS_INVALID);
}

TEST("a history item is a time and values")
{
    int64_t at_us;
    const ix_json *properties;
    CHECK_OK(
        cx, history_item_read(
                cx, json_of(cx, JSON({"at" : "1970-01-01T00:00:01Z", "properties" : {"a" : null}})),
                "a", &at_us, &properties));
    CHECK_INT(at_us, IX_SECOND_US);
    CHECK_INT(ix_json_count(properties), 1);
}

TEST("a history item that lacks something is refused")
{
    static const char *const bad[] = {
        "5",
        "{}",
        JSON({"at" : 5, "properties" : {"a" : 1}}),
        JSON({"at" : "2025", "properties" : {"a" : 1}}),
        JSON({"at" : "2025-01-01T00:00:00Z"}),
        JSON({"at" : "2025-01-01T00:00:00Z", "properties" : [1]}),
        JSON({"at" : "2025-01-01T00:00:00Z", "properties" : {}}),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_FAILS(cx, reads(cx, bad[i], NULL), IOTS_INVALID);
}

TEST("by way of one property, a history item holds just that one")
{
    CHECK(reads(cx, JSON({"at" : "2025-01-01T00:00:00Z", "properties" : {"a" : 1}}), "a"));
    CHECK_FAILS(cx, reads(cx, JSON({"at" : "2025-01-01T00:00:00Z", "properties" : {"b" : 1}}), "a"),
                IOTS_INVALID);
    CHECK_FAILS(cx,
                reads(cx, JSON({"at" : "2025-01-01T00:00:00Z", "properties" : {"a" : 1, "b" : 1}}),
                      "a"),
                IOTS_INVALID);
}
