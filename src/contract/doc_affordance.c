/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Affordances and DataSchemas (docs/api/http.md 8.3).
 *
 * The rows are what is checked of a description; whatever else it says is kept. The tables refer to
 * one another as the descriptions do.
 */
#include "base/time.h"
#include "contract/rows.h"
#include "contract/schema.h"

static bool is_type(ix_str text)
{
    static const char *const types[] = {
#define IOTS_TYPE_WORD(name, word) word,
#define IOTS_OP_WORD(name, word)
#include "iots/models/words.def"
#undef IOTS_TYPE_WORD
#undef IOTS_OP_WORD
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (ix_str_is(text, types[i]))
            return true;
    }
    return false;
}

static const ix_schema dataschema_map;

// clang-format off

/* What affordances and DataSchemas all have. The aliases are those of a client that sends the names
 * of its variables instead of the words of the API (section 1). */
#define COMMON_FIELDS                                                                              \
    {IX_ROW(data_schema, field_type), .items = IX_T_STRING, .flags = IX_ABSENT_OK,                 \
     .alias = "field_type"},                                                                       \
    {.name = "@context", .type = IX_T_ANY, .flags = IX_ABSENT_OK, .alias = "field_context",        \
     .doc = "The vocabularies in which it is described."},                                         \
    {.name = "from", .type = IX_T_ANY, .flags = IX_ABSENT_OK, .alias = "from_",                    \
     .doc = "Means nothing here, and is kept."},                                                   \
    {IX_ROW(data_schema, title), .flags = IX_ABSENT_OK},                                           \
    {IX_ROW(data_schema, description), .flags = IX_ABSENT_OK}

#define DATASCHEMA_FIELDS                                                                          \
    COMMON_FIELDS,                                                                                 \
    {IX_ROW(data_schema, type), .flags = IX_ABSENT_OK, .is_valid = is_type,                        \
     .rule = "expected boolean, integer, number, string, object, array or null"},                  \
    {IX_ROW(data_schema, unit), .flags = IX_ABSENT_OK},                                            \
    {IX_ROW(data_schema, const_), .flags = IX_ABSENT_OK},                                          \
    {IX_ROW(data_schema, enum_), .flags = IX_ABSENT_OK, .min = 1},                                 \
    {IX_ROW(data_schema, oneOf), .flags = IX_ABSENT_OK, .inside = &ix_doc_dataschema},             \
    {IX_ROW(data_schema, minimum), .flags = IX_ABSENT_OK},                                         \
    {IX_ROW(data_schema, maximum), .flags = IX_ABSENT_OK},                                         \
    {.name = "minLength", .type = IX_T_INT, .flags = IX_ABSENT_OK,                                 \
     .doc = "How many characters a string has at least."},                                         \
    {.name = "maxLength", .type = IX_T_INT, .flags = IX_ABSENT_OK,                                 \
     .doc = "How many characters a string has at most."},                                          \
    {.name = "pattern", .type = IX_T_STRING, .flags = IX_ABSENT_OK,                                \
     .doc = "A regular expression that some part of a string matches."},                           \
    {IX_ROW(data_schema, minItems), .flags = IX_ABSENT_OK},                                        \
    {IX_ROW(data_schema, maxItems), .flags = IX_ABSENT_OK},                                        \
    {IX_ROW(data_schema, items), .flags = IX_ABSENT_OK, .inside = &ix_doc_dataschema},             \
    {IX_ROW_AS(data_schema, properties, IX_T_OBJECT), .flags = IX_ABSENT_OK,                       \
     .inside = &dataschema_map},                                                                   \
    {IX_ROW(data_schema, required), .flags = IX_ABSENT_OK, .items = IX_T_STRING},                  \
    {IX_ROW(data_schema, readOnly), .flags = IX_ABSENT_OK},                                        \
    {.name = "writeOnly", .type = IX_T_BOOL, .flags = IX_ABSENT_OK,                                \
     .doc = "Whether it is not meant to be read."}

#define INTERACTION_FIELDS                                                                         \
    {.name = "uriVariables", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,                           \
     .inside = &dataschema_map,                                                                    \
     .doc = "The schemas of variables in its addresses, by name."}

static const ix_field dataschema_fields[] = {
    DATASCHEMA_FIELDS,
};

static const ix_field dataschema_map_fields[] = {
    {.name = "*", .type = IX_T_OBJECT, .inside = &ix_doc_dataschema,
     .doc = "The schema of this name."},
};

static const ix_field property_fields[] = {
    DATASCHEMA_FIELDS,
    INTERACTION_FIELDS,
    {IX_ROW(property_affordance, observable), .flags = IX_ABSENT_OK},
    {.name = "iots:historyRetention", .type = IX_T_STRING, .flags = IX_ABSENT_OK,
     .is_valid = ix_duration_is_valid, .rule = IX_DURATION_RULE,
     .doc = "How old its history becomes at most."},
};

static const ix_field action_fields[] = {
    COMMON_FIELDS,
    INTERACTION_FIELDS,
    {IX_ROW(action_affordance, input), .flags = IX_ABSENT_OK, .inside = &ix_doc_dataschema},
    {IX_ROW(action_affordance, output), .flags = IX_ABSENT_OK, .inside = &ix_doc_dataschema},
    {IX_ROW(action_affordance, safe), .flags = IX_ABSENT_OK},
    {IX_ROW(action_affordance, idempotent), .flags = IX_ABSENT_OK},
    {.name = "synchronous", .type = IX_T_BOOL, .flags = IX_ABSENT_OK,
     .doc = "Whether it is done when it is answered."},
};

static const ix_field event_fields[] = {
    COMMON_FIELDS,
    INTERACTION_FIELDS,
    {IX_ROW(event_affordance, subscription), .flags = IX_ABSENT_OK, .inside = &ix_doc_dataschema},
    {IX_ROW(event_affordance, data), .flags = IX_ABSENT_OK, .inside = &ix_doc_dataschema},
    {IX_ROW(event_affordance, cancellation), .flags = IX_ABSENT_OK, .inside = &ix_doc_dataschema},
    {.name = "dataResponse", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,
     .inside = &ix_doc_dataschema,
     .doc = "The schema of what is answered to an event."},
};
// clang-format on

static const ix_schema dataschema_map =
    IX_SCHEMA("DataSchemas", dataschema_map_fields, .doc = "DataSchemas by name.");

const ix_schema ix_doc_dataschema =
    IX_SCHEMA("DataSchema", dataschema_fields, .has_additional_members = true,
              .doc = "What values may be like (WoT Thing Description 1.1, 5.3.2).");

const ix_schema ix_doc_property_affordance =
    IX_SCHEMA("PropertyAffordance", property_fields, .has_additional_members = true,
              .doc = "The description of a property: a DataSchema and a little more.");

const ix_schema ix_doc_action_affordance =
    IX_SCHEMA("ActionAffordance", action_fields, .has_additional_members = true,
              .doc = "The description of an action.");

const ix_schema ix_doc_event_affordance =
    IX_SCHEMA("EventAffordance", event_fields, .has_additional_members = true,
              .doc = "The description of an event.");
