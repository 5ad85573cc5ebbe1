/* SPDX-License-Identifier: Apache-2.0 */
/* What goes before the handlers of tokens, for the row in run.def. */
#ifndef TOKENS_H
#define TOKENS_H

#include "api/call.h"

handler offload_token_create;
handler offload_token_revoke;

#endif
