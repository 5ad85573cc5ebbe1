/* SPDX-License-Identifier: Apache-2.0 */
/* Memory runs out while values are put into a buffer, and while they are sent. */
#include <unistd.h>

#include "base/test.h"
#include "client/oom_test.h"
#include "iots/offline.h"

#define THING "01GQ2E9M2Y45BX9EW0F2BM032Q"

static char path[32];
static iots_api *api;
static bool is_away, refuses;

static iots_code send_or_not(void *self, const iots_request *request, iots_response *response)
{
    (void)self;
    if (is_away)
        return iots_response_fail(response, IOTS_TRANSPORT, NULL);
    const bool adds = strcmp(request->method, "POST") == 0;
    const char *body = refuses ? "{\"error\":{}}" : adds ? "[]" : "{}";
    iots_response_set_status(response, refuses ? 403 : adds ? 201 : 200);
    return iots_response_add_body(response, body, strlen(body))
               ? IOTS_OK
               : iots_response_fail(response, IOTS_NO_MEMORY, NULL);
}

/* Puts values into a new file. How many were acknowledged; a failure is reported as what it is. */
static uint64_t keep_values(bool *ok)
{
    iots_thing thing = iots_space_thing(iots_api_space(api, "farm"), THING);
    uint64_t acknowledged = 0;
    iots_offline *buffer = iots_offline_open(api, path, IOTS_OFFLINE(.max_bytes = 12 << 10));
    for (int i = 0; i < 3; i++) {
        iots_reply *kept = iots_offline_update(buffer, thing, "t", iots_integer(i));
        const iots_code code = iots_reply_code(kept);
        acknowledged += code == IOTS_OK;
        *ok = *ok && is_ok_or_oom_code(code);
        iots_reply_free(kept);
    }
    iots_offline_close(buffer);
    return acknowledged;
}

/* Looks, with all the memory there is, whether what was acknowledged is in the file; then sends it. */
static bool scenario(void)
{
    bool ok = true;
    is_away = true;
    const uint64_t acknowledged = keep_values(&ok);

    const long now = left;
    left = -1;
    iots_offline *buffer = iots_offline_open(api, path, NULL);
    ok = ok && iots_offline_count(buffer, IOTS_OFFLINE_WAITING) >= acknowledged;
    left = now;
    is_away = false;
    ok = ok_or_oom(iots_offline_flush(buffer)) && ok;
    iots_offline_close(buffer);
    unlink(path);
    return ok;
}

/* The same with a server that takes no value of this property: what was acknowledged stays. */
static bool tell_of_refusals(void)
{
    bool ok = true;
    is_away = false;
    refuses = true;
    const uint64_t acknowledged = keep_values(&ok);
    iots_offline *buffer = iots_offline_open(api, path, NULL);
    iots_reply_free(iots_offline_flush(buffer));
    iots_offline_close(buffer);

    const long now = left;
    left = -1;
    buffer = iots_offline_open(api, path, NULL);
    ok = ok && iots_offline_count(buffer, IOTS_OFFLINE_WAITING) >= acknowledged;
    left = now;
    iots_offline_close(buffer);
    unlink(path);
    return ok;
}

static long run_all_scenarios(bool (*scenario)(void))
{
    snprintf(path, sizeof path, "/tmp/iots-memory-XXXXXX");
    close(mkstemp(path));
    const iots_transport transport = {.send = send_or_not};
    api = iots_api_new(IOTS_API_OPTS(.host = "http://iots.test", .transport = &transport));
    iots_api_set_token(api, "T");
    const long ret = run_failing_each(scenario);
    iots_api_free(api);
    return ret;
}

TEST("wherever memory runs out, a value that was acknowledged is in the file")
{
    CHECK(run_all_scenarios(scenario) > 50);
}

TEST("and so it is where the server does not take it")
{
    CHECK(run_all_scenarios(tell_of_refusals) > 50);
}
