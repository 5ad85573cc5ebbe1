/* SPDX-License-Identifier: Apache-2.0 */
/* Categories (http-api.md section 6). */
#include "contract/names.h"
#include "contract/schema.h"

// clang-format off
static const ix_field category_fields[] = {
    {.name = "name", .type = IX_T_STRING, .flags = IX_REQUIRED | IX_FIXED,
     .is_valid = ix_name_is_valid, .rule = IX_NAME_RULE,
     .doc = "Names the Category within its space."},
    {.name = "description", .type = IX_T_STRING,
     .doc = "What its Things have in common."},
    {.name = "model", .type = IX_T_OBJECT, .inside = &ix_doc_model_ref,
     .doc = "The Model, or one version of it, that its Things follow; null if there is none."},
    {.name = "created", .type = IX_T_TIME, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "When it was created."},
    {.name = "modified", .type = IX_T_TIME, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "When it was last changed."},
};

static const ix_field model_ref_fields[] = {
    {.name = "name", .type = IX_T_STRING, .flags = IX_REQUIRED,
     .doc = "The Model's name."},
    {.name = "version", .type = IX_T_INT, .flags = IX_ABSENT_OK, .min = 1,
     .doc = "The version's number; absent if any will do."},
};
// clang-format on

const ix_schema ix_doc_category =
    IX_SCHEMA("Category", category_fields, .doc = "A named group of Things within a space.");

const ix_schema ix_doc_model_ref =
    IX_SCHEMA("ModelReference", model_ref_fields, .doc = "A Model, or one version of it.");
