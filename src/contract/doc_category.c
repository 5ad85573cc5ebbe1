/* SPDX-License-Identifier: Apache-2.0 */
/* Categories (docs/api/http.md section 6). */
#include "base/time.h"
#include "contract/names.h"
#include "contract/rows.h"
#include "contract/schema.h"

// clang-format off
static const ix_field category_fields[] = {
    {IX_ROW(category, name), .flags = IX_REQUIRED | IX_FIXED, .is_valid = ix_name_is_valid,
     .rule = IX_NAME_RULE},
    {IX_ROW(category, description)},
    {IX_ROW(category, model), .inside = &ix_doc_model_ref},
    {IX_ROW(category, history_retention), .flags = IX_ABSENT_OK, .is_valid = ix_duration_is_valid,
     .rule = IX_DURATION_RULE},
    {IX_ROW(category, silent_after), .flags = IX_ABSENT_OK, .is_valid = ix_duration_is_valid,
     .rule = IX_DURATION_RULE},
    {IX_ROW(category, created), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
    {IX_ROW(category, modified), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
};

static const ix_field model_ref_fields[] = {
    {IX_ROW(model_description_category, name), .flags = IX_REQUIRED},
    {IX_ROW(model_description_category, version), .flags = IX_ABSENT_OK, .min = 1},
};
// clang-format on

const ix_schema ix_doc_category =
    IX_SCHEMA("Category", category_fields, .doc = "A named group of Things within a space.");

const ix_schema ix_doc_model_ref =
    IX_SCHEMA("ModelReference", model_ref_fields, .doc = "A Model, or one version of it.");
