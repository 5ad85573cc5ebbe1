/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/retry.h"

#include "base/time.h"
#include "cli/interrupt.h"

/* How long the server asks to wait. */
static int64_t wait_us(const iots_reply *reply)
{
    enum { LONGEST_S = 60 };
    const char *header = iots_reply_header(reply, "Retry-After");
    int64_t seconds = 1;
    if (!ix_str_int(ix_str_of(header), &seconds) || seconds < 1)
        seconds = 1;
    return (seconds < LONGEST_S ? seconds : LONGEST_S) * IX_SECOND_US;
}

iots_reply *retry_call(const cli_session *session, ix_op_id op, const iots_param *params,
                       iots_value body, int timeout_ms)
{
    for (;;) {
        iots_reply *reply = iots_api_call(session->api, ix_ops[op].name, params, body,
                                          IOTS_CALL(.timeout_ms = timeout_ms));
        if (iots_reply_code(reply) != IOTS_TOO_MANY || !interrupt_sleep(wait_us(reply)))
            return reply;
        iots_reply_free(reply);
    }
}

bool is_of_document(iots_code code)
{
    static const iots_code codes[] = {IOTS_INVALID, IOTS_NOT_FOUND, IOTS_CONFLICT, IOTS_TOO_LARGE};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i] == code)
            return true;
    }
    return false;
}
