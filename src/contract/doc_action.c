/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of actions (docs/api/http.md section 13). */
#include "contract/rows.h"
#include "contract/schema.h"

// clang-format off
static const ix_field value_fields[] = {
    {IX_ROW(action_value, input), .flags = IX_NULLABLE | IX_IN_CREATE | IX_ABSENT_OK},
    {IX_ROW(action_value, status), .flags = IX_IN_UPDATE | IX_PASS_THROUGH, .min = 1, .max = 64},
    {IX_ROW(action_value, output), .flags = IX_NULLABLE | IX_IN_UPDATE | IX_PASS_THROUGH | IX_ABSENT_OK},
    {IX_ROW(action_value, timeRequested), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
    {IX_ROW(action_value, timeCompleted), .flags = IX_READ_ONLY | IX_PASS_THROUGH | IX_ABSENT_OK},
    {IX_ROW(action_value, href), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
};

static const ix_schema action_value =
    IX_SCHEMA("ActionValue", value_fields, .doc = "One request of an action.");

static const ix_field action_fields[] = {
    {.name = "*", .type = IX_T_OBJECT, .inside = &action_value,
     .doc = "The request of the action of this name."},
};
// clang-format on

const ix_schema ix_doc_action =
    IX_SCHEMA("Action", action_fields, .doc = "One request of an action, under its name.");
