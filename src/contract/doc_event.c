/* SPDX-License-Identifier: Apache-2.0 */
/* Occurrences of events (http-api.md section 14). */
#include "contract/schema.h"

// clang-format off
static const ix_field value_fields[] = {
    {.name = "data", .type = IX_T_ANY, .flags = IX_EXEMPT | IX_ABSENT_OK,
     .doc = "What the event tells."},
    {.name = "timestamp", .type = IX_T_TIME, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "When it was reported."},
    {.name = "href", .type = IX_T_STRING, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "The path of this occurrence."},
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
