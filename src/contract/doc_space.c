/* SPDX-License-Identifier: Apache-2.0 */
/* Spaces (docs/api/http.md section 19). */
#include "contract/schema.h"

// clang-format off
static const ix_field space_fields[] = {
    {.name = "name", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "The space's name."},
};
// clang-format on

const ix_schema ix_doc_space = IX_SCHEMA("Space", space_fields, .doc = "A space of its own.");
