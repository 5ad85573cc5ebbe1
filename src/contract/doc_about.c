/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about the service itself: health, errors, pages (http-api.md sections 2, 4, 19). */
#include "contract/schema.h"

// clang-format off
static const ix_field health_fields[] = {
    {.name = "status", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "ok while requests are served."},
};

static const ix_field error_body_fields[] = {
    {.name = "status", .type = IX_T_INT, .flags = IX_READ_ONLY,
     .doc = "The HTTP status."},
    {.name = "message", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "What went wrong, for people."},
    {.name = "details", .type = IX_T_OBJECT, .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .doc = "More about it; field and reason where a value is at fault."},
};

static const ix_schema error_body =
    IX_SCHEMA("Error", error_body_fields, .doc = "What went wrong.");

static const ix_field error_fields[] = {
    {.name = "error", .type = IX_T_OBJECT, .flags = IX_READ_ONLY, .inside = &error_body,
     .doc = "What went wrong."},
};

static const ix_field openapi_fields[] = {
    {.name = "openapi", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "The version of OpenAPI that it is written in."},
    {.name = "paths", .type = IX_T_OBJECT, .flags = IX_READ_ONLY,
     .doc = "The operations, by path and method."},
};

static const ix_field paging_fields[] = {
    {.name = "next_cursor", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "Where the next page begins; empty on the last."},
    {.name = "previous_cursor", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "Where the previous page ends; empty on the first."},
};
// clang-format on

const ix_schema ix_doc_health =
    IX_SCHEMA("Health", health_fields, .doc = "Whether requests are served.");

const ix_schema ix_doc_error = IX_SCHEMA("ErrorResponse", error_fields, .doc = "A failure.");

const ix_schema ix_doc_openapi = IX_SCHEMA("OpenAPI", openapi_fields, .keeps_others = true,
                                           .doc = "A description of the API for programs.");

const ix_schema ix_doc_paging =
    IX_SCHEMA("Paging", paging_fields, .doc = "The way to the pages before and after.");
