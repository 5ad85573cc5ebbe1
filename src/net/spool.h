/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail as files: one for each message, named after its id, there as a whole or not at all. */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>

#include "base/ctx.h"
#include "net/outgoing_mail.h"

/* Makes the folder unless it is there. IOTS_UNAVAILABLE with a sentence that names it. */
bool spool_open(ix_ctx *cx, const char *folder);

/* Writes <id>.eml and says what became of the mail. The same mail again takes the place of the
 * first. */
void spool_write(ix_ctx *cx, const char *folder, outgoing_mail *outgoing_mail);

#endif
