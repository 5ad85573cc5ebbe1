/* SPDX-License-Identifier: Apache-2.0 */
/* Things, and what a Model version puts into them (docs/api/http.md 7.2, 8.1, 8.3). */
#include "base/time.h"
#include "contract/names.h"
#include "contract/placeholder.h"
#include "contract/rows.h"
#include "contract/schema.h"

enum { AFFORDANCES_MAX = 10000, LINKS_MAX = 1000, CATEGORIES_MAX = 1000, MODEL_VALUES_MAX = 1000 };

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
    {IX_ROW(thing, title), .flags = IX_ABSENT_OK},                                                 \
    {IX_ROW(thing, description), .flags = IX_ABSENT_OK},                                           \
    {IX_ROW(thing, properties), .flags = IX_ABSENT_OK, .inside = &property_map,                    \
     .max = AFFORDANCES_MAX},                                                                      \
    {IX_ROW(thing, actions), .flags = IX_ABSENT_OK, .inside = &action_map,                         \
     .max = AFFORDANCES_MAX},                                                                      \
    {IX_ROW(thing, events), .flags = IX_ABSENT_OK, .inside = &event_map, .max = AFFORDANCES_MAX},  \
    {IX_ROW(thing, links), .flags = IX_ABSENT_OK, .inside = &ix_doc_link, .max = LINKS_MAX}

static const ix_field thing_fields[] = {
    {IX_ROW(thing, uid), .flags = IX_READ_ONLY | IX_PASS_THROUGH},
    {IX_ROW(thing, id), .flags = IX_READ_ONLY},
    {IX_ROW(thing, href), .flags = IX_READ_ONLY},
    {IX_ROW(thing, field_type), .items = IX_T_STRING, .flags = IX_ABSENT_OK,
     .alias = "field_type"},
    {IX_ROW_AS(thing, field_context, IX_T_STRING | IX_T_ARRAY | IX_T_OBJECT),
     .flags = IX_ABSENT_OK, .alias = "field_context"},
    {IX_ROW(thing, categories), .items = IX_T_STRING, .flags = IX_ABSENT_OK,
     .max = CATEGORIES_MAX},
    {IX_ROW(thing, model), .inside = &ix_doc_thing_model},
    DESCRIPTION_FIELDS,
    {IX_ROW(thing, status), .inside = &ix_doc_properties},
    {IX_ROW(thing, status_at), .flags = IX_READ_ONLY | IX_PASS_THROUGH | IX_ABSENT_OK},
    {IX_ROW(thing, client_id), .flags = IX_READ_ONLY | IX_ABSENT_OK},
    {IX_ROW(thing, created), .flags = IX_READ_ONLY},
    {IX_ROW(thing, modified), .flags = IX_READ_ONLY},
    {.name = "iots:silentAfter", .type = IX_T_STRING, .flags = IX_ABSENT_OK,
     .is_valid = ix_duration_is_valid, .rule = IX_DURATION_RULE,
     .doc = "How long it may go without a new value before it counts as silent."},
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

static const ix_field model_values_fields[] = {
    {.name = "*", .type = IX_T_ANY, .flags = IX_NULLABLE,
     .doc = "The value for the placeholder of this name."},
};

static const ix_schema model_values =
    IX_SCHEMA("ModelValues", model_values_fields,
              .doc = "What stands for the placeholders {{NAME}} of a Model, by name.",
              .is_name_valid = ix_placeholder_is_valid, .name_rule = IX_PLACEHOLDER_RULE);

static const ix_field thing_model_fields[] = {
    {IX_ROW(model_description, name)},
    {IX_ROW(model_description, version), .min = 1},
    {IX_ROW(model_description, values), .flags = IX_ABSENT_OK, .inside = &model_values,
     .max = MODEL_VALUES_MAX},
};

static const ix_field link_fields[] = {
    {IX_ROW(link, href), .flags = IX_ABSENT_OK},
    {IX_ROW(link, rel), .flags = IX_ABSENT_OK},
};
// clang-format on

const ix_schema ix_doc_thing = IX_SCHEMA("Thing", thing_fields, .has_additional_members = true,
                                         .doc = "A Thing Description, with present values.");

const ix_schema ix_doc_template =
    IX_SCHEMA("Template", template_fields, .doc = "The members that a Model gives to its Things.");

const ix_schema ix_doc_thing_model =
    IX_SCHEMA("ThingModel", thing_model_fields, .doc = "The Model and version of a Thing.");

const ix_schema ix_doc_link =
    IX_SCHEMA("Link", link_fields, .has_additional_members = true, .doc = "A link of a Thing.");
