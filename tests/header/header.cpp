/* SPDX-License-Identifier: Apache-2.0 */
/* The same from C++17, where one fills a variable and its size. */
#include <iots/async.h>

int main()
{
    iots_api_opts opts = {};
    opts.size = sizeof opts;
    opts.host = "localhost";
    iots_api *api = iots_api_new(&opts);

    iots_call_opts call = {};
    call.size = sizeof call;
    call.timeout_ms = IOTS_NO_LIMIT;
    iots_thing thing = iots_space_thing(iots_api_space(api, "farm"), "id");
    iots_reply *reply = iots_property_update(thing, "t", iots_number(17.5), &call);
    const bool ok = iots_ok(reply);
    iots_reply_free(reply);

    iots_async_opts loop_opts = {};
    loop_opts.size = sizeof loop_opts;
    call.async = iots_async_new(&loop_opts);
    call.done = [](iots_reply *ended, void *) { iots_reply_free(ended); };
    iots_thing_get(thing, &call);
    iots_async_free(call.async);
    iots_api_free(api);
    return ok ? IOTS_OK : IOTS_USAGE;
}
