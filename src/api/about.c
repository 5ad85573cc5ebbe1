/* SPDX-License-Identifier: Apache-2.0 */
/* What the service says about itself. */
#include "api/call.h"

/* Requests are served while the store answers. */
bool on_health_get(call *call)
{
    int64_t version;
    if (!store_version(call->cx, call->store, &version)) {
        ix_ctx_forgive(call->cx);
        return ix_fail(call->cx, IOTS_UNAVAILABLE, NULL);
    }
    ix_buf_text(&call->reply, "{\"status\":\"ok\"}");
    return reply_written(call);
}

bool on_healthz_get(call *call)
{
    return on_health_get(call);
}
