/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of actions (http-api.md section 13). */
#include "contract/schema.h"

// clang-format off
static const ix_field value_fields[] = {
    {.name = "input", .type = IX_T_ANY, .flags = IX_EXEMPT | IX_IN_CREATE | IX_ABSENT_OK,
     .doc = "What the request brings."},
    {.name = "status", .type = IX_T_STRING, .flags = IX_IN_UPDATE | IX_KEPT, .min = 1, .max = 64,
     .doc = "How far it is: pending, running, completed, failed, cancelled, or another word."},
    {.name = "output", .type = IX_T_ANY, .flags = IX_EXEMPT | IX_IN_UPDATE | IX_KEPT | IX_ABSENT_OK,
     .doc = "What the request yielded."},
    {.name = "timeRequested", .type = IX_T_TIME, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "When it was requested."},
    {.name = "timeCompleted", .type = IX_T_TIME, .flags = IX_READ_ONLY | IX_KEPT | IX_ABSENT_OK,
     .doc = "When it ended."},
    {.name = "href", .type = IX_T_STRING, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "The path of this request."},
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
