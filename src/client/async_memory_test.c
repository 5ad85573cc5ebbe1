/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "client/http_server_test.h"
#include "client/oom_test.h"
#include "iots/async.h"

/* Calls that were begun, and those that were asked to have ended. */
typedef struct count {
    int begun, ended;
    bool ok;
} count;

static void on_end(iots_reply *reply, void *user)
{
    count *count = user;
    count->ended++;
    const bool ok =
        iots_reply_code(reply) == IOTS_CANCELLED || is_ok_or_oom_code(iots_reply_code(reply));
    if (!ok)
        print_error("%s\n", iots_error_report(reply));
    count->ok = count->ok && ok;
    iots_reply_free(reply);
}

static void on_page(iots_pager *pager, void *user)
{
    bool *is_walking = user;
    while (iots_pager_next(pager))
        continue;
    *is_walking = iots_reply_code(iots_pager_reply(pager)) == IOTS_PENDING;
}

static void begin(count *count, iots_reply *reply)
{
    if (iots_reply_code(reply) == IOTS_PENDING)
        count->begun++;
    else
        count->ok = ok_or_oom(reply) && count->ok;
}

/* A token for two calls, a redirect, one more try, a list, and a call that is given up. */
static bool scenario(void)
{
    const long before = left;
    left = -1;
    test_server *server = test_server_start();
    left = before;

    count count = {.ok = true};
    bool is_walking = true;
    iots_api *api =
        iots_api_new(IOTS_API_OPTS(.host = server->host, .retries = 2, .retry_wait_ms = 1,
                                   .timeout_ms = IOTS_NO_LIMIT, .ca_file = "none"));
    iots_api_set_credentials(api, "id", "secret", "thing", IOTS_OAUTH2(.lazy = true));
    iots_async *loop = iots_async_new(IOTS_ASYNC_OPTS(.max_concurrent = 2));
    const iots_call_opts *opts = IOTS_CALL(.async = loop, .done = on_end, .user = &count);

    begin(&count, iots_api_request(api, "GET", "/moved", iots_none(), opts));
    begin(&count, iots_api_request(api, "PUT", "/busy1", iots_bytes("{}", 2), opts));
    iots_pager *pager = iots_api_list(api, "things_list", IOTS_PARAMS({"space", "farm"}),
                                      IOTS_LIST(.keep = true, .async = loop, .ready = on_page,
                                                .user = &is_walking));
    on_page(pager, &is_walking);
    iots_reply *given_up = iots_health_get(api, IOTS_CALL(.async = loop));
    while (iots_async_step(loop, IOTS_NO_LIMIT) > 3)
        continue;
    iots_reply_free(given_up);
    while (iots_async_step(loop, IOTS_NO_LIMIT))
        continue;
    count.ok =
        count.ok && !is_walking && is_ok_or_oom_code(iots_reply_code(iots_pager_reply(pager)));

    begin(&count, iots_api_request(api, "GET", "/silent", iots_none(), opts));
    iots_async_step(loop, 0);
    iots_async_free(loop);
    iots_pager_free(pager);
    iots_api_free(api);
    test_server_stop(server);
    return count.ok && count.begun == count.ended;
}

TEST("wherever memory runs out in a loop, each call that was begun ends, and says so")
{
    CHECK(run_failing_each(scenario) > 50);
}
