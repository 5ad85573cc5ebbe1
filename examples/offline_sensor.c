/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sensor whose measurements outlive a lost connection, and the end of this program. Reads numbers
 * from standard input, one a line, and sets a property to each.
 *
 *     read_sensor | IOTS_HOST=... IOTS_CLIENT_ID=... IOTS_CLIENT_SECRET=... IOTS_SPACE=farm \
 *         offline_sensor FILE THING PROPERTY
 *
 * What the server has not got waits in FILE, also for the next run.
 */
#include <stdio.h>
#include <stdlib.h>

#include <iots/offline.h>

/* False: the value is neither with the server nor in the file. */
static bool keep(iots_offline *buffer, iots_thing thing, const char *property, double number)
{
    iots_reply *kept = iots_offline_update(buffer, thing, property, iots_number(number));
    const bool ok = iots_ok(kept);
    if (ok)
        printf("%g %s\n", number, iots_reply_status(kept) ? "sent" : "waits");
    else
        fprintf(stderr, "%g is lost: %s\n", number, iots_error_report(kept));
    iots_reply_free(kept);
    return ok;
}

/* Tries once more, and says what is left. */
static void finish(iots_offline *buffer)
{
    iots_reply *sent = iots_offline_flush(buffer);
    if (!iots_ok(sent))
        fprintf(stderr, "%s\n", iots_error_report(sent));
    iots_reply_free(sent);
    printf("%llu wait, %llu dropped, %llu refused\n",
           (unsigned long long)iots_offline_count(buffer, IOTS_OFFLINE_WAITING),
           (unsigned long long)iots_offline_count(buffer, IOTS_OFFLINE_DROPPED),
           (unsigned long long)iots_offline_count(buffer, IOTS_OFFLINE_REFUSED));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "offline_sensor FILE THING PROPERTY <numbers\n");
        return 2;
    }
    const char *space = getenv("IOTS_SPACE");
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = getenv("IOTS_HOST")));
    if (iots_api_set_credentials(api, getenv("IOTS_CLIENT_ID"), getenv("IOTS_CLIENT_SECRET"),
                                 "thing", NULL) != IOTS_OK)
        fprintf(stderr, "%s\n", iots_api_error(api)); /* it is tried again with each call */
    iots_offline *buffer = iots_offline_open(api, argv[1], NULL);
    iots_thing thing = iots_space_thing(iots_api_space(api, space ? space : "farm"), argv[2]);

    bool ok = true;
    char line[64];
    while (ok && fgets(line, sizeof line, stdin))
        ok = keep(buffer, thing, argv[3], strtod(line, NULL));
    if (!*iots_offline_error(buffer))
        finish(buffer);

    iots_offline_close(buffer);
    iots_api_free(api);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
