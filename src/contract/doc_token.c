/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens (docs/api/http.md 3.2). */
#include "contract/schema.h"

// clang-format off
static const ix_field token_fields[] = {
    {.name = "access_token", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "The token."},
    {.name = "token_type", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "How it is sent: bearer."},
    {.name = "expires_in", .type = IX_T_INT, .flags = IX_READ_ONLY,
     .doc = "How many seconds it is good for."},
    {.name = "scope", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "What it allows: names of scopes, blank-separated."},
    {.name = "refresh_token", .type = IX_T_STRING, .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .doc = "What to get the next one with, if that was granted."},
};
// clang-format on

const ix_schema ix_doc_token = IX_SCHEMA("Token", token_fields, .doc = "An access token.");
