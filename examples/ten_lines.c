/* SPDX-License-Identifier: Apache-2.0 */
/* A device in ten lines: it makes itself a Thing, and sends a value. */
#include <stdio.h>
#include <stdlib.h>

#include <iots/iots.h>

static const char description[] =
    "{\"title\": \"Boiler\", \"properties\": {\"temperature\": {\"type\": \"number\"}}}";

int main(void)
{
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = getenv("IOTS_HOST")));
    const char *client = getenv("IOTS_CLIENT_ID"), *secret = getenv("IOTS_CLIENT_SECRET");
    iots_api_set_credentials(api, client, secret, "thing", NULL);
    iots_space farm = iots_api_space(api, "farm");

    iots_reply *made = iots_things_create(iots_space_things(farm), iots_raw(description), NULL);
    iots_thing boiler = iots_space_thing(farm, iots_json_string(iots_reply_body(made), "/uid"));
    iots_reply *sent = iots_property_update(boiler, "temperature", iots_number(21.5), NULL);
    const bool ok = iots_ok(sent);
    puts(ok ? "sent" : iots_error_report(iots_ok(made) ? sent : made));

    iots_reply_free(sent);
    iots_reply_free(made);
    iots_api_free(api); /* revokes the token */
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
