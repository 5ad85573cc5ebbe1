/* SPDX-License-Identifier: Apache-2.0 */
/* The program of docs/async.md: asks all Things of a space for their values at once. */
#include <stdio.h>
#include <stdlib.h>

#include <iots/async.h>

static void on_values(iots_reply *values, void *user)
{
    int *answered = user;
    if (iots_ok(values))
        ++*answered;
    else
        fprintf(stderr, "%s\n", iots_error_report(values));
    iots_reply_free(values);
}

int main(void)
{
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = getenv("IOTS_HOST")));
    iots_api_set_credentials(api, getenv("IOTS_CLIENT_ID"), getenv("IOTS_CLIENT_SECRET"), "thing",
                             NULL);
    iots_space farm = iots_api_space(api, "farm");
    iots_async *loop = iots_async_new(NULL);
    int answered = 0;

    iots_pager *all = iots_things_list(iots_space_things(farm), NULL);
    for (const iots_json *thing; (thing = iots_pager_next(all));)
        iots_properties_get(iots_space_thing(farm, iots_json_string(thing, "/uid")),
                            IOTS_CALL(.async = loop, .done = on_values, .user = &answered));
    iots_pager_free(all);

    while (iots_async_step(loop, IOTS_NO_LIMIT))
        ;
    printf("%d answered\n", answered);
    iots_async_free(loop);
    iots_api_free(api);
    return EXIT_SUCCESS;
}
