/* SPDX-License-Identifier: Apache-2.0 */
/* Things, and what a Model version puts into them (http-api.md 7.2, 8.1, 8.3). */
#include "contract/names.h"
#include "contract/schema.h"

enum { AFFORDANCES_MAX = 1000, LINKS_MAX = 1000, CATEGORIES_MAX = 1000 };

/* A map of affordances: names of one's own, each with a description. */
// clang-format off
static const ix_field property_map_fields[] = {
    {.name = "*", .type = IX_T_OBJECT, .inside = &ix_doc_property_affordance,
     .doc = "The description of the property of this name."},
};
static const ix_field action_map_fields[] = {
    {.name = "*", .type = IX_T_OBJECT, .inside = &ix_doc_action_affordance,
     .doc = "The description of the action of this name."},
};
static const ix_field event_map_fields[] = {
    {.name = "*", .type = IX_T_OBJECT, .inside = &ix_doc_event_affordance,
     .doc = "The description of the event of this name."},
};
// clang-format on

static const ix_schema property_map =
    IX_SCHEMA("PropertyAffordances", property_map_fields, .doc = "Properties by name.",
              .is_name_valid = ix_affordance_is_valid, .name_rule = IX_AFFORDANCE_RULE);
static const ix_schema action_map =
    IX_SCHEMA("ActionAffordances", action_map_fields, .doc = "Actions by name.",
              .is_name_valid = ix_affordance_is_valid, .name_rule = IX_AFFORDANCE_RULE);
static const ix_schema event_map =
    IX_SCHEMA("EventAffordances", event_map_fields, .doc = "Events by name.",
              .is_name_valid = ix_affordance_is_valid, .name_rule = IX_AFFORDANCE_RULE);

/* What Things and templates both have. */
// clang-format off
#define DESCRIPTION_FIELDS                                                                         \
    {.name = "title", .type = IX_T_STRING, .flags = IX_ABSENT_OK,                                  \
     .doc = "A short text for people."},                                                           \
    {.name = "description", .type = IX_T_STRING, .flags = IX_ABSENT_OK,                            \
     .doc = "A longer text for people."},                                                          \
    {.name = "properties", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,                             \
     .inside = &property_map, .max = AFFORDANCES_MAX,                                              \
     .doc = "The properties it has, by name."},                                                    \
    {.name = "actions", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,                                \
     .inside = &action_map, .max = AFFORDANCES_MAX,                                                \
     .doc = "The actions it takes, by name."},                                                     \
    {.name = "events", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,                                 \
     .inside = &event_map, .max = AFFORDANCES_MAX,                                                 \
     .doc = "The events it reports, by name."},                                                    \
    {.name = "links", .type = IX_T_ARRAY, .flags = IX_ABSENT_OK,                                   \
     .inside = &ix_doc_link, .max = LINKS_MAX,                                                     \
     .doc = "Where else to look, and which Things it belongs together with."}

static const ix_field thing_fields[] = {
    {.name = "uid", .type = IX_T_STRING, .flags = IX_READ_ONLY | IX_KEPT,
     .doc = "The Thing's ID."},
    {.name = "id", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "The Thing's address, as a URL."},
    {.name = "href", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "The path of that address."},
    {.name = "@type", .type = IX_T_STRING | IX_T_ARRAY, .items = IX_T_STRING,
     .flags = IX_ABSENT_OK, .alias = "field_type",
     .doc = "What kind of Thing it is: one word or several."},
    {.name = "@context", .type = IX_T_STRING | IX_T_ARRAY | IX_T_OBJECT,
     .flags = IX_ABSENT_OK, .alias = "field_context",
     .doc = "The vocabularies in which it is described."},
    {.name = "categories", .type = IX_T_ARRAY, .items = IX_T_STRING,
     .flags = IX_ABSENT_OK, .max = CATEGORIES_MAX,
     .doc = "The names of its Categories; not shown by way of a Category."},
    {.name = "model", .type = IX_T_OBJECT, .inside = &ix_doc_thing_model,
     .doc = "The Model and version it follows; null if there is none."},
    DESCRIPTION_FIELDS,
    {.name = "status", .type = IX_T_OBJECT, .inside = &ix_doc_properties,
     .doc = "The present values of its properties, by name."},
    {.name = "client_id", .type = IX_T_STRING, .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .doc = "Its own OAuth2 client, once it has one."},
    {.name = "created", .type = IX_T_TIME, .flags = IX_READ_ONLY,
     .doc = "When it was created."},
    {.name = "modified", .type = IX_T_TIME, .flags = IX_READ_ONLY,
     .doc = "When its description was last changed."},
    {.name = "space", .type = IX_T_ANY, .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .doc = "An old name that is dropped."},
    {.name = "category", .type = IX_T_ANY, .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .doc = "An old name that is dropped."},
    {.name = "collection", .type = IX_T_ANY, .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .doc = "An old name that is dropped."},
};

static const ix_field template_fields[] = {
    DESCRIPTION_FIELDS,
};

static const ix_field thing_model_fields[] = {
    {.name = "name", .type = IX_T_STRING,
     .doc = "The Model's name; without, the one that its Categories ask for."},
    {.name = "version", .type = IX_T_INT, .min = 1,
     .doc = "The version's number; without, the newest that will do."},
};

static const ix_field link_fields[] = {
    {.name = "href", .type = IX_T_STRING, .flags = IX_ABSENT_OK,
     .doc = "Where the link leads."},
    {.name = "rel", .type = IX_T_STRING, .flags = IX_ABSENT_OK,
     .doc = "How what is there stands to the Thing."},
};
// clang-format on

const ix_schema ix_doc_thing = IX_SCHEMA("Thing", thing_fields, .keeps_others = true,
                                         .doc = "A Thing Description, with present values.");

const ix_schema ix_doc_template =
    IX_SCHEMA("Template", template_fields, .doc = "The members that a Model gives to its Things.");

const ix_schema ix_doc_thing_model =
    IX_SCHEMA("ThingModel", thing_model_fields, .doc = "The Model and version of a Thing.");

const ix_schema ix_doc_link =
    IX_SCHEMA("Link", link_fields, .keeps_others = true, .doc = "A link of a Thing.");
