/* SPDX-License-Identifier: Apache-2.0 */
/* Models and their versions (http-api.md section 7). */
#include "contract/names.h"
#include "contract/schema.h"

// clang-format off
static const ix_field model_fields[] = {
    {.name = "id", .type = IX_T_STRING, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "The Model's ID."},
    {.name = "name", .type = IX_T_STRING, .flags = IX_REQUIRED | IX_FIXED,
     .is_valid = ix_name_is_valid, .rule = IX_NAME_RULE,
     .doc = "Names the Model within its space."},
    {.name = "description", .type = IX_T_STRING,
     .doc = "What it describes."},
    {.name = "created", .type = IX_T_TIME, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "When it was created."},
    {.name = "modified", .type = IX_T_TIME, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "When it was last changed."},
};

static const ix_field version_fields[] = {
    {.name = "version", .type = IX_T_INT, .flags = IX_READ_ONLY | IX_KEPT, .min = 1,
     .doc = "Its number: 1, 2, 3 and so on, never used again."},
    {.name = "title", .type = IX_T_STRING,
     .doc = "A short text for people."},
    {.name = "description", .type = IX_T_STRING,
     .doc = "What is new in it."},
    {.name = "template", .type = IX_T_OBJECT, .inside = &ix_doc_template,
     .doc = "The members that Things of this version have."},
    {.name = "created", .type = IX_T_TIME, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "When it was created."},
};
// clang-format on

const ix_schema ix_doc_model =
    IX_SCHEMA("Model", model_fields, .doc = "What Things of one make have in common.");

const ix_schema ix_doc_version =
    IX_SCHEMA("ModelVersion", version_fields, .doc = "One version of a Model; it never changes.");
