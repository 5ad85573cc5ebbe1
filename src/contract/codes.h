/* SPDX-License-Identifier: Apache-2.0 */
/* What iots/codes.h says about each code, looked up. Constant and thread-safe. */
#ifndef IX_CODES_H
#define IX_CODES_H

#include "iots/codes.h"

/* The HTTP status a server answers with; 0 for codes that only arise on the client's side. */
int ix_code_http(iots_code code);

/* The default sentence, and the name as written in C. Never NULL. */
const char *ix_code_sentence(iots_code code);
const char *ix_code_name(iots_code code);

/* What an answer with this status means to a client: IOTS_OK for 2xx, IOTS_UNEXPECTED for a status
 * that no code has. */
iots_code ix_code_of_http(int status);

#endif
