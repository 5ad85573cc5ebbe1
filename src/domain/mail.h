/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-mail as it is accepted (docs/api/http.md section 17): who gets it, and what is left of it once it is
 * harmless. What is kept until it is sent is one document, without the hidden recipients:
 *
 *     {"to": [...], "cc": [...], "subject": "", "html": "", "text": ""}
 *
 * Only `to` is always there. Addresses are kept as they were written.
 */
#ifndef MAIL_H
#define MAIL_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"

typedef struct mail {
    const ix_json *doc;        /* as above */
    const ix_json *recipients; /* mailboxes, each once: those of bcc are among them */
} mail;

/* From the body of a request, which ix_doc_email has checked. IOTS_INVALID with field and reason. */
bool mail_read(ix_ctx *cx, const ix_json *body, mail *ret);

#endif
