/* SPDX-License-Identifier: Apache-2.0 */
/* Memory runs out between a program and its connection: over libcurl, to a server of one file. */
#include "base/test.h"
#include "client/gzip.h"
#include "client/http_server_test.h"
#include "client/oom_test.h"

static const test_server *server;

/* It goes out in gzip, where the library has that. */
static const char long_body[] = "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
                                "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]";

static bool scenario(void)
{
    ix_ctx cx = {0};
    iots_api *api = iots_api_new(
        IOTS_API_OPTS(.host = server->host, .gzip_body_min_bytes = gzip_check(&cx) ? 64 : 0));
    iots_api_set_credentials(api, "id", "secret", NULL, NULL);
    bool ok = ok_or_oom(iots_api_request(api, "GET", "/hello", iots_none(), NULL));
    ok = ok_or_oom(iots_api_request(api, "PUT", "/hello", iots_raw("[1]"), NULL)) && ok;
    ok = ok_or_oom(iots_api_request(api, "PUT", "/hello", iots_raw(long_body), NULL)) && ok;
    return ok_or_oom(iots_api_close(api)) && ok;
}

TEST("wherever memory runs out between a program and its connection, the library says so")
{
    test_server *started = test_server_start();
    server = started;
    CHECK(run_failing_each(scenario) > 20);
    test_server_stop(started);
}
