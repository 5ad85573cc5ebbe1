/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Affordances and DataSchemas (http-api.md 8.3).
 *
 * The rows are what is checked of a description; whatever else it says is kept. The tables refer to
 * one another as the descriptions do.
 */
#include "contract/schema.h"

static bool is_type(ix_str text)
{
    static const char *const types[] = {"boolean", "integer", "number", "string",
                                        "object",  "array",   "null"};
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
    {.name = "@type", .type = IX_T_STRING | IX_T_ARRAY, .items = IX_T_STRING,                      \
     .flags = IX_ABSENT_OK, .alias = "field_type",                                                 \
     .doc = "What kind it is of: one word or several."},                                           \
    {.name = "@context", .type = IX_T_ANY, .flags = IX_ABSENT_OK, .alias = "field_context",        \
     .doc = "The vocabularies in which it is described."},                                         \
    {.name = "from", .type = IX_T_ANY, .flags = IX_ABSENT_OK, .alias = "from_",                    \
     .doc = "Means nothing here, and is kept."},                                                   \
    {.name = "title", .type = IX_T_STRING, .flags = IX_ABSENT_OK,                                  \
     .doc = "A short text for people."},                                                           \
    {.name = "description", .type = IX_T_STRING, .flags = IX_ABSENT_OK,                            \
     .doc = "A longer text for people."}

#define DATASCHEMA_FIELDS                                                                          \
    COMMON_FIELDS,                                                                                 \
    {.name = "type", .type = IX_T_STRING, .flags = IX_ABSENT_OK, .is_valid = is_type,              \
     .rule = "expected boolean, integer, number, string, object, array or null",                   \
     .doc = "The type of its values; without, any."},                                              \
    {.name = "unit", .type = IX_T_STRING, .flags = IX_ABSENT_OK,                                   \
     .doc = "What its numbers count."},                                                            \
    {.name = "const", .type = IX_T_ANY, .flags = IX_ABSENT_OK,                                     \
     .doc = "The only value there is."},                                                           \
    {.name = "enum", .type = IX_T_ARRAY, .flags = IX_ABSENT_OK, .min = 1,                          \
     .doc = "The values there are."},                                                              \
    {.name = "oneOf", .type = IX_T_ARRAY, .flags = IX_ABSENT_OK, .inside = &ix_doc_dataschema,     \
     .doc = "Schemas of which a value fits exactly one."},                                         \
    {.name = "minimum", .type = IX_T_NUMBER, .flags = IX_ABSENT_OK,                                \
     .doc = "The least number."},                                                                  \
    {.name = "maximum", .type = IX_T_NUMBER, .flags = IX_ABSENT_OK,                                \
     .doc = "The greatest number."},                                                               \
    {.name = "minLength", .type = IX_T_INT, .flags = IX_ABSENT_OK,                                 \
     .doc = "How many characters a string has at least."},                                         \
    {.name = "maxLength", .type = IX_T_INT, .flags = IX_ABSENT_OK,                                 \
     .doc = "How many characters a string has at most."},                                          \
    {.name = "minItems", .type = IX_T_INT, .flags = IX_ABSENT_OK,                                  \
     .doc = "How many items an array has at least."},                                              \
    {.name = "maxItems", .type = IX_T_INT, .flags = IX_ABSENT_OK,                                  \
     .doc = "How many items an array has at most."},                                               \
    {.name = "items", .type = IX_T_OBJECT | IX_T_ARRAY, .flags = IX_ABSENT_OK,                     \
     .inside = &ix_doc_dataschema,                                                                 \
     .doc = "The schema of an array's items, or one for each of them."},                           \
    {.name = "properties", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK, .inside = &dataschema_map,  \
     .doc = "The schemas of an object's members, by name."},                                       \
    {.name = "required", .type = IX_T_ARRAY, .flags = IX_ABSENT_OK, .items = IX_T_STRING,          \
     .doc = "The members that an object must have."},                                              \
    {.name = "readOnly", .type = IX_T_BOOL, .flags = IX_ABSENT_OK,                                 \
     .doc = "Whether only the Thing itself sets it."},                                             \
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
    {.name = "observable", .type = IX_T_BOOL, .flags = IX_ABSENT_OK,
     .doc = "Whether the Thing tells of changes."},
};

static const ix_field action_fields[] = {
    COMMON_FIELDS,
    INTERACTION_FIELDS,
    {.name = "input", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,
     .inside = &ix_doc_dataschema,
     .doc = "The schema of what a request brings."},
    {.name = "output", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,
     .inside = &ix_doc_dataschema,
     .doc = "The schema of what a request yields."},
    {.name = "safe", .type = IX_T_BOOL, .flags = IX_ABSENT_OK,
     .doc = "Whether it changes nothing."},
    {.name = "idempotent", .type = IX_T_BOOL, .flags = IX_ABSENT_OK,
     .doc = "Whether twice is as good as once."},
    {.name = "synchronous", .type = IX_T_BOOL, .flags = IX_ABSENT_OK,
     .doc = "Whether it is done when it is answered."},
};

static const ix_field event_fields[] = {
    COMMON_FIELDS,
    INTERACTION_FIELDS,
    {.name = "subscription", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,
     .inside = &ix_doc_dataschema,
     .doc = "The schema of what a subscription brings."},
    {.name = "data", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,
     .inside = &ix_doc_dataschema,
     .doc = "The schema of what an event tells."},
    {.name = "cancellation", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,
     .inside = &ix_doc_dataschema,
     .doc = "The schema of what ends a subscription."},
    {.name = "dataResponse", .type = IX_T_OBJECT, .flags = IX_ABSENT_OK,
     .inside = &ix_doc_dataschema,
     .doc = "The schema of what is answered to an event."},
};
// clang-format on

static const ix_schema dataschema_map =
    IX_SCHEMA("DataSchemas", dataschema_map_fields, .doc = "DataSchemas by name.");

const ix_schema ix_doc_dataschema =
    IX_SCHEMA("DataSchema", dataschema_fields, .keeps_others = true,
              .doc = "What values may be like (WoT Thing Description 1.1, 5.3.2).");

const ix_schema ix_doc_property_affordance =
    IX_SCHEMA("PropertyAffordance", property_fields, .keeps_others = true,
              .doc = "The description of a property: a DataSchema and a little more.");

const ix_schema ix_doc_action_affordance =
    IX_SCHEMA("ActionAffordance", action_fields, .keeps_others = true,
              .doc = "The description of an action.");

const ix_schema ix_doc_event_affordance =
    IX_SCHEMA("EventAffordance", event_fields, .keeps_others = true,
              .doc = "The description of an event.");
