/* SPDX-License-Identifier: Apache-2.0 */
/* What the service says about itself. */
#include "api/api.h"
#include "api/call.h"
#include "contract/openapi.h"

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

char *openapi_text(ix_ctx *cx)
{
    ix_buf text = {0};
    const ix_json *openapi = ix_openapi(cx, op_is_waiting);
    if (openapi)
        ix_json_write(&text, openapi);
    if (!openapi || text.failed) {
        ix_buf_done(&text);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    return ix_buf_take(&text, NULL);
}

bool on_openapi_get(call *call)
{
    ix_buf_text(&call->reply, call->api->openapi);
    return reply_written(call);
}
