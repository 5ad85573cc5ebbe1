/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of long work, which goes on when a server says "not so fast". */
#ifndef CLI_RETRY_H
#define CLI_RETRY_H

#include <iots/iots.h>
#include <stdbool.h>

#include "cli/session.h"
#include "contract/ops.h"

/* As iots_api_call(), but waits as long as the server asks to, and tries again, until Ctrl-C. */
iots_reply *retry_call(const cli_session *session, ix_op_id op, const iots_param *params,
                       iots_value body, int timeout_ms);

/* Is a failure that of one document, so that the next one may do better? */
bool is_of_document(iots_code code);

#endif
