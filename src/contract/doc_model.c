/* SPDX-License-Identifier: Apache-2.0 */
/* Models and their versions (docs/api/http.md section 7). */
#include "contract/names.h"
#include "contract/rows.h"
#include "contract/schema.h"

// clang-format off
static const ix_field model_fields[] = {
    {IX_ROW(model, id), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
    {IX_ROW(model, name), .flags = IX_REQUIRED | IX_FIXED, .is_valid = ix_name_is_valid,
     .rule = IX_NAME_RULE},
    {IX_ROW(model, description)},
    {IX_ROW(model, created), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
    {IX_ROW(model, modified), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
};

static const ix_field version_fields[] = {
    {IX_ROW(model_version, version), .flags = IX_READ_ONLY | IX_PASS_THROUGH, .min = 1},
    {IX_ROW(model_version, title)},
    {IX_ROW(model_version, description)},
    {IX_ROW(model_version, template_), .flags = IX_TEMPLATE, .inside = &ix_doc_template},
    {IX_ROW(model_version, created), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
};
// clang-format on

const ix_schema ix_doc_model =
    IX_SCHEMA("Model", model_fields, .doc = "What Things of one make have in common.");

const ix_schema ix_doc_version =
    IX_SCHEMA("ModelVersion", version_fields, .doc = "One version of a Model; it never changes.");
