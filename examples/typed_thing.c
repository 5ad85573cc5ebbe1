/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models: makes a Thing from a C struct, reads it back as one, renames it, lists what there is, and
 * deletes it again.
 *
 *     IOTS_HOST=... IOTS_CLIENT_ID=... IOTS_CLIENT_SECRET=... IOTS_SPACE=farm typed_thing
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <iots/models.h>

static bool fine(const char *what, const iots_reply *reply)
{
    if (!iots_ok(reply))
        fprintf(stderr, "%s: %s\n", what, iots_error_report(reply));
    return iots_ok(reply);
}

/* What is constant may lie in read-only memory. */
static const iots_property_affordance_model target = {
    .title = "Wanted temperature",
    .type = {.word = IOTS_TYPE_NUMBER},
    .unit = "degree celsius",
    .minimum = IOTS_SET(5),
    .maximum = IOTS_SET(90),
};

static const iots_property_affordance_model temperature = {
    .title = "Water temperature",
    .type = {.word = IOTS_TYPE_NUMBER},
    .unit = "degree celsius",
    .readOnly = IOTS_YES,
};

static iots_reply *create(iots_things things)
{
    const iots_thing_create_model boiler = {
        .title = "Boiler 7",
        .field_type = IOTS_TEXTS("Boiler"),
        .properties =
            IOTS_ENTRIES(property_affordance, {"target", &target}, {"temperature", &temperature}),
        .status = IOTS_VALUES({"target", {.value = iots_number(60)}}),
    };
    return iots_things_create(things, iots_thing_create_model_value(&boiler), NULL);
}

static void print_thing(const iots_thing_model *thing)
{
    printf("%s", thing->title ? thing->title : "(without a title)");
    if (thing->created.is_set)
        printf(", %" PRId64 " seconds after 1970", thing->created.us / 1000000);
    printf("\n");
    for (size_t i = 0; i < thing->properties.count; i++) {
        const char *name = thing->properties.items[i].name;
        const iots_property_affordance_model *property = thing->properties.items[i].value;
        const iots_json *now = iots_any_map_get(&thing->status, name);
        printf("  %s (%s)", name, property->unit ? property->unit : "no unit");
        if (property->maximum.is_set)
            printf(", at most %g", property->maximum.value);
        if (iots_json_kind(now, "") != IOTS_KIND_NULL)
            printf(": %g", iots_json_number(now, "", 0));
        printf("\n");
    }
}

/* Renames a Thing; whatever else is in its description stays. */
static bool rename_thing(iots_thing where, iots_thing_model *thing, const char *title)
{
    thing->title = title;
    iots_reply *put = iots_thing_update(where, iots_thing_model_value(thing), NULL);
    const bool ok = fine("rename", put);
    iots_reply_free(put);
    return ok;
}

static bool list(iots_things things)
{
    iots_pager *all =
        iots_things_list(things, IOTS_LIST(.params = IOTS_PARAMS({"@type", "Boiler"})));
    for (const iots_thing_model *thing; (thing = iots_thing_model_next(all));)
        print_thing(thing);
    const bool ok = fine("list", iots_pager_reply(all));
    iots_pager_free(all);
    return ok;
}

static bool run(iots_api *api, const char *space_name)
{
    const iots_space space = iots_api_space(api, space_name);
    const iots_things things = iots_space_things(space);
    iots_reply *made = create(things);
    iots_thing_model *boiler = iots_thing_model_of(made);
    bool ok = fine("create", made); /* says as well why the answer is not a Thing */
    if (boiler) {
        const iots_thing where = iots_space_thing(space, boiler->uid);
        ok = rename_thing(where, boiler, "Boiler 8") && list(things);
        iots_reply *gone = iots_thing_delete(where, NULL);
        ok = fine("delete", gone) && ok;
        iots_reply_free(gone);
    }
    iots_reply_free(made);
    return ok;
}

int main(void)
{
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = getenv("IOTS_HOST")));
    const char *client = getenv("IOTS_CLIENT_ID"), *secret = getenv("IOTS_CLIENT_SECRET");
    const char *space = getenv("IOTS_SPACE");
    iots_api_set_credentials(api, client, secret, "thing", NULL);
    const bool ok = run(api, space ? space : "farm");
    iots_api_free(api);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
