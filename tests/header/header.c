/* SPDX-License-Identifier: Apache-2.0 */
/* Everything in the headers that is not a declaration, used once from C17. */
#include <iots/async.h>
#include <iots/offline.h>

int main(void)
{
    iots_api *api =
        iots_api_new(IOTS_API_OPTS(.host = "localhost", .headers = IOTS_PARAMS({"X-A", "1"})));
    iots_api_set_credentials(api, "id", "secret", "thing", IOTS_OAUTH2(.refresh_threshold_s = 1));
    iots_thing thing = iots_space_thing(iots_api_space(api, "farm"), "id");
    iots_reply_free(iots_property_update(thing, "t", iots_number(17.5), IOTS_CALL(.retries = 1)));
    iots_pager_free(iots_history_list(
        thing, NULL,
        IOTS_LIST(.limit = 1, .params = IOTS_PARAMS({"at", "2025"}, {"group", "true"}))));
    iots_offline_close(
        iots_offline_open(api, "values", IOTS_OFFLINE(.when_full = IOTS_OFFLINE_REFUSE)));
    iots_async *loop = iots_async_new(IOTS_ASYNC_OPTS(.max_concurrent = 1));
    iots_thing_get(thing, IOTS_CALL(.async = loop));
    iots_async_free(loop);
    iots_api_free(api);
    return IOTS_OK;
}
