/* SPDX-License-Identifier: Apache-2.0 */
/* Occurrences of events (docs/api/http.md section 14). */
#include "contract/rows.h"
#include "contract/schema.h"

// clang-format off
static const ix_field value_fields[] = {
    {IX_ROW(event_value, data), .flags = IX_NULLABLE | IX_ABSENT_OK},
    {IX_ROW(event_value, timestamp), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
    {IX_ROW(event_value, href), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
};

static const ix_schema event_value =
    IX_SCHEMA("EventValue", value_fields, .doc = "One occurrence of an event.");

static const ix_field event_fields[] = {
    {.name = "*", .type = IX_T_OBJECT, .inside = &event_value,
     .doc = "The occurrence of the event of this name."},
};
// clang-format on

const ix_schema ix_doc_event =
    IX_SCHEMA("Event", event_fields, .doc = "One occurrence of an event, under its name.");
