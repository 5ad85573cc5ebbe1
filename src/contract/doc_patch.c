/* SPDX-License-Identifier: Apache-2.0 */
/* Changes to many Things (http-api.md 9.2). */
#include "contract/schema.h"

enum { PATCH_ITEMS_MAX = 1000 };

// clang-format off
static const ix_field things_patch_fields[] = {
    {.name = "id", .type = IX_T_STRING, .flags = IX_REQUIRED,
     .doc = "The Thing's ID."},
    {.name = "patch", .type = IX_T_ARRAY, .flags = IX_REQUIRED | IX_EXEMPT, .items = IX_T_ANY,
     .doc = "The operations of a JSON Patch (RFC 6902)."},
};
// clang-format on

const ix_schema ix_doc_things_patch =
    IX_SCHEMA("ThingsPatchItem", things_patch_fields, .shape = IX_EACH,
              .max_items = PATCH_ITEMS_MAX, .doc = "A Thing and the changes to it.");
