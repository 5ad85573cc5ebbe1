/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the Things warmer than 20 degrees, then turns one heater down.
 *
 *     IOTS_HOST=... IOTS_CLIENT_ID=... IOTS_CLIENT_SECRET=... IOTS_SPACE=farm warm_things [heater's ID]
 */
#include <stdio.h>
#include <stdlib.h>

#include <iots/iots.h>

static bool print_warm(iots_space space)
{
    iots_pager *warm = iots_things_list(
        iots_space_things(space),
        IOTS_LIST(.limit = 100, .params = IOTS_PARAMS({"property:temperature", "gt:20"})));
    for (const iots_json *thing; (thing = iots_pager_next(warm));)
        printf("%s: %.1f\n", iots_json_string(thing, "/title"),
               iots_json_number(thing, "/status/temperature", 0));
    const bool ok = iots_ok(iots_pager_reply(warm));
    if (!ok)
        fprintf(stderr, "the list stopped early: %s\n", iots_error(iots_pager_reply(warm)));
    iots_pager_free(warm);
    return ok;
}

static bool turn_down(iots_thing heater)
{
    iots_reply *set = iots_property_update(heater, "target", iots_number(17.5), NULL);
    const bool ok = iots_ok(set);
    if (!ok)
        fprintf(stderr, "%s\n", iots_error(set));
    iots_reply_free(set);
    return ok;
}

int main(int argc, char **argv)
{
    const char *name = getenv("IOTS_SPACE");
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = getenv("IOTS_HOST")));
    iots_api_set_credentials(api, getenv("IOTS_CLIENT_ID"), getenv("IOTS_CLIENT_SECRET"), "thing",
                             NULL);
    iots_space space = iots_api_space(api, name ? name : "farm");

    bool ok = print_warm(space);
    if (argc > 1)
        ok = turn_down(iots_space_thing(space, argv[1])) && ok;

    iots_api_free(api); /* revokes the token */
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
