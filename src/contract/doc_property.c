/* SPDX-License-Identifier: Apache-2.0 */
/* Values of properties, now (docs/api/http.md section 11) and then (section 12). */
#include "contract/rows.h"
#include "contract/schema.h"

// clang-format off
static const ix_field properties_fields[] = {
    {.name = "*", .type = IX_T_ANY, .flags = IX_NULLABLE,
     .doc = "The value of the property of this name."},
};

static const ix_field history_item_fields[] = {
    {IX_ROW(property_history_value, at), .flags = IX_REQUIRED},
    {IX_ROW(property_history_value, properties), .flags = IX_REQUIRED,
     .inside = &ix_doc_properties, .min = 1},
};
// clang-format on

enum { HISTORY_ITEMS_MAX = 1000 };

const ix_schema ix_doc_properties =
    IX_SCHEMA("Properties", properties_fields, .doc = "Values of properties, by name.");

const ix_schema ix_doc_history_item =
    IX_SCHEMA("PropertyHistoryValue", history_item_fields, .shape = IX_ONE_OR_MANY,
              .max_items = HISTORY_ITEMS_MAX, .doc = "Values that properties had at one time.");
