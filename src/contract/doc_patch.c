/* SPDX-License-Identifier: Apache-2.0 */
/* Changes to many Things (docs/api/http.md 9.2). */
#include "contract/rows.h"
#include "contract/schema.h"

enum { PATCH_ITEMS_MAX = 1000 };

// clang-format off
static const ix_field things_patch_fields[] = {
    {IX_ROW(things_patch_item, id), .flags = IX_REQUIRED},
    {IX_ROW(things_patch_item, patch), .flags = IX_REQUIRED | IX_NULLABLE, .items = IX_T_ANY},
};
// clang-format on

const ix_schema ix_doc_things_patch =
    IX_SCHEMA("ThingsPatchItem", things_patch_fields, .shape = IX_EACH,
              .max_items = PATCH_ITEMS_MAX, .doc = "A Thing and the changes to it.");
