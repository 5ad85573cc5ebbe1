/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/span.h"

#include "base/test.h"
#include "base/time.h"

/* "from|to", or the moment. */
static const char *span_of(ix_ctx *cx, const char *text)
{
    time_span span;
    char from[IX_TIME_TEXT], to[IX_TIME_TEXT];
    CHECK_OK(cx, span_parse(cx, ix_str_of(text), &span));
    ix_time_write(span.from_us, from);
    ix_time_write(span.to_us, to);
    CHECK(span.is_range || span.from_us == span.to_us);
    return span.is_range ? ix_format(cx, "%s|%s", from, to) : ix_strdup(cx, from);
}

typedef struct span_case {
    const char *text;
    const char *span;
} span_case;

// clang-format off
static const span_case spans[] = {
    {"2025-03-15T10:20:30Z",             "2025-03-15T10:20:30Z"},
    {"2025-03-15 10:20:30.5+01:00",      "2025-03-15T09:20:30.5Z"},
    {"2025-03-15T10:20",                 "2025-03-15T10:20:00Z"},
    {"2025-03-15",                       "2025-03-15T00:00:00Z"},
    {"2025-03",                          "2025-03-01T00:00:00Z"},
    {"2025",                             "2025-01-01T00:00:00Z"},
    {"2025|2026",                        "2025-01-01T00:00:00Z|2026-01-01T00:00:00Z"},
    {"2025-03|2025-03-01T00:00:00.000001Z", "2025-03-01T00:00:00Z|2025-03-01T00:00:00.000001Z"},
    {"2025|2025",                        "2025-01-01T00:00:00Z|2025-01-01T00:00:00Z"},
    {"2025-03|",                         "2025-03-01T00:00:00Z|9999-12-31T23:59:59.999999Z"},
    {"|2025-03",                         "0001-01-01T00:00:00Z|2025-03-01T00:00:00Z"},
    {"0001|9999",                        "0001-01-01T00:00:00Z|9999-01-01T00:00:00Z"},
};
static const char *const bad_spans[] = {
    "", "|", "||", "2026|2025", "2025|2026|2027", "yesterday", "2025|x", "x|2025", "25", "2025-13",
    "2025-02-30", "0000", "2025-03-15T10:20:30 01:00", " 2025", "2025 ", "2025| ", "-2025",
};
// clang-format on

TEST("a span is a moment or a range with both its ends")
{
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        CHECK_TEXT(span_of(cx, spans[i].text), spans[i].span);
}

TEST("what is not a span is refused by name")
{
    for (size_t i = 0; i < sizeof bad_spans / sizeof bad_spans[0]; i++) {
        time_span span;
        print_message("'%s'\n", bad_spans[i]);
        CHECK(!span_parse(cx, ix_str_of(bad_spans[i]), &span));
        CHECK_INT(cx->error.code, IOTS_INVALID);
        CHECK_TEXT(cx->error.message, "invalid at");
        CHECK_TEXT(cx->error.field, "at");
        CHECK(cx->error.reason);
        ix_ctx_clear_error(cx);
    }
}
