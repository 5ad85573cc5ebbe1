/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail (http-api.md section 17). */
#include "contract/names.h"
#include "contract/schema.h"

// clang-format off
static const ix_field email_fields[] = {
    {.name = "to", .type = IX_T_ARRAY, .flags = IX_REQUIRED, .items = IX_T_STRING,
     .is_valid = ix_address_is_valid, .rule = IX_ADDRESS_RULE,
     .min = 1, .max = IX_EMAIL_RECIPIENTS_MAX,
     .doc = "The recipients."},
    {.name = "cc", .type = IX_T_ARRAY, .items = IX_T_STRING,
     .is_valid = ix_address_is_valid, .rule = IX_ADDRESS_RULE, .max = IX_EMAIL_RECIPIENTS_MAX,
     .doc = "Who gets a copy."},
    {.name = "bcc", .type = IX_T_ARRAY, .items = IX_T_STRING,
     .is_valid = ix_address_is_valid, .rule = IX_ADDRESS_RULE, .max = IX_EMAIL_RECIPIENTS_MAX,
     .doc = "Who gets a copy without the others knowing."},
    {.name = "subject", .type = IX_T_STRING, .max = IX_EMAIL_SUBJECT_MAX,
     .doc = "What it is about."},
    {.name = "body", .type = IX_T_OBJECT, .inside = &ix_doc_email_body,
     .doc = "The message, as HTML, as text, or as both."},
};

static const ix_field body_fields[] = {
    {.name = "html", .type = IX_T_STRING, .max = IX_EMAIL_BODY_MAX,
     .doc = "The message as HTML; links, styles and images are taken out."},
    {.name = "text", .type = IX_T_STRING, .max = IX_EMAIL_BODY_MAX,
     .doc = "The message as text."},
};
// clang-format on

const ix_schema ix_doc_email = IX_SCHEMA("Email", email_fields, .doc = "A message to send.");

const ix_schema ix_doc_email_body = IX_SCHEMA("EmailBody", body_fields, .doc = "What it says.");
