/* SPDX-License-Identifier: Apache-2.0 */
/* What the service says about itself. */
#include "api/api.h"
#include "api/run.h"
#include "contract/openapi.h"

/* Requests are served while the store answers. */
bool on_health_get(api_call *call)
{
    int64_t version;
    if (!store_version(call->cx, call->store, &version)) {
        ix_ctx_clear_error(call->cx);
        return ix_fail(call->cx, IOTS_UNAVAILABLE, NULL);
    }
    ix_buf_text(&call->reply, "{\"status\":\"ok\"}");
    return reply_written(call);
}

bool on_healthz_get(api_call *call)
{
    return on_health_get(call);
}

/* The text format of Prometheus. */
bool on_metrics_get(api_call *call)
{
    const api_settings *settings = &call->api->settings;
    settings->write_metrics(settings->metrics_arg, &call->reply);
    if (!reply_written(call))
        return false;
    call->reply_type = "text/plain; version=0.0.4; charset=utf-8";
    return true;
}

char *openapi_text(ix_ctx *cx)
{
    ix_buf text = {0};
    const ix_json *openapi = ix_openapi(cx, op_is_unimplemented);
    if (openapi)
        ix_json_write(&text, openapi);
    if (!openapi || text.failed) {
        ix_buf_done(&text);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    return ix_buf_take(&text, NULL);
}

bool on_openapi_get(api_call *call)
{
    ix_buf_text(&call->reply, call->api->openapi);
    return reply_written(call);
}
