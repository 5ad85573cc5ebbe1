/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail (docs/api/http.md section 17). */
#include "contract/names.h"
#include "contract/rows.h"
#include "contract/schema.h"

// clang-format off
static const ix_field email_fields[] = {
    {IX_ROW(email, to), .flags = IX_REQUIRED, .items = IX_T_STRING,
     .is_valid = ix_address_is_valid, .rule = IX_ADDRESS_RULE, .min = 1,
     .max = IX_EMAIL_RECIPIENTS_MAX},
    {IX_ROW(email, cc), .items = IX_T_STRING, .is_valid = ix_address_is_valid,
     .rule = IX_ADDRESS_RULE, .max = IX_EMAIL_RECIPIENTS_MAX},
    {IX_ROW(email, bcc), .items = IX_T_STRING, .is_valid = ix_address_is_valid,
     .rule = IX_ADDRESS_RULE, .max = IX_EMAIL_RECIPIENTS_MAX},
    {IX_ROW(email, subject), .max = IX_EMAIL_SUBJECT_MAX},
    {IX_ROW(email, body), .inside = &ix_doc_email_body},
};

static const ix_field body_fields[] = {
    {IX_ROW(email_body, html), .max = IX_EMAIL_BODY_MAX},
    {IX_ROW(email_body, text), .max = IX_EMAIL_BODY_MAX},
};
// clang-format on

const ix_schema ix_doc_email = IX_SCHEMA("Email", email_fields, .doc = "A message to send.");

const ix_schema ix_doc_email_body = IX_SCHEMA("EmailBody", body_fields, .doc = "What it says.");
