/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about the service itself: health, errors, pages (docs/api/http.md sections 2, 4, 19). */
#include "contract/rows.h"
#include "contract/schema.h"

// clang-format off
static const ix_field health_fields[] = {
    {.name = "status", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "ok while requests are served."},
};

static const ix_field error_body_fields[] = {
    {IX_ROW(error, status), .flags = IX_READ_ONLY},
    {IX_ROW(error, message), .flags = IX_READ_ONLY},
    {IX_ROW(error, details), .flags = IX_READ_ONLY | IX_ABSENT_OK},
};

static const ix_schema error_body =
    IX_SCHEMA("Error", error_body_fields, .doc = "What went wrong.");

static const ix_field error_fields[] = {
    {IX_ROW(error_response, error), .flags = IX_READ_ONLY, .inside = &error_body},
};

static const ix_field openapi_fields[] = {
    {.name = "openapi", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "The version of OpenAPI that it is written in."},
    {.name = "paths", .type = IX_T_OBJECT, .flags = IX_READ_ONLY,
     .doc = "The operations, by path and method."},
};

static const ix_field paging_fields[] = {
    {IX_ROW(paging, next_cursor), .flags = IX_READ_ONLY},
    {IX_ROW(paging, previous_cursor), .flags = IX_READ_ONLY},
};
// clang-format on

const ix_schema ix_doc_health =
    IX_SCHEMA("Health", health_fields, .doc = "Whether requests are served.");

const ix_schema ix_doc_error = IX_SCHEMA("ErrorResponse", error_fields, .doc = "A failure.");

const ix_schema ix_doc_openapi =
    IX_SCHEMA("OpenAPI", openapi_fields, .has_additional_members = true,
              .doc = "A description of the API for programs.");

const ix_schema ix_doc_paging =
    IX_SCHEMA("Paging", paging_fields, .doc = "The way to the pages before and after.");
