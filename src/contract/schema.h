/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Field tables: a document is a list of fields, and the same list checks, cleans and documents it.
 * One doc_<noun>.c per document. Tables refer to one another, and to themselves: a DataSchema has
 * items that are DataSchemas.
 */
#ifndef IX_SCHEMA_H
#define IX_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/json.h"

/* Types of a field: bits, because some fields may be one of several. */
enum {
    IX_T_STRING = 1 << 0,
    IX_T_INT = 1 << 1, /* 2.0 is taken, as 2 */
    IX_T_NUMBER = 1 << 2,
    IX_T_BOOL = 1 << 3,
    IX_T_OBJECT = 1 << 4,
    IX_T_ARRAY = 1 << 5,
    IX_T_TIME = 1 << 6, /* a string that reads as a time */
    IX_T_ANY = 1 << 7,  /* null included, where nulls stay */
};

/* Flags of a field. */
enum {
    IX_REQUIRED = 1 << 0,     /* in a create; an update may leave it out */
    IX_FIXED = 1 << 1,        /* names the document: an update may only repeat it */
    IX_READ_ONLY = 1 << 2,    /* the server's: ignored in requests */
    IX_NULLABLE = 1 << 3,     /* a value: null in it stays (docs/api/http.md section 1) */
    IX_ABSENT_OK = 1 << 4,    /* may be missing in a reply */
    IX_PASS_THROUGH = 1 << 5, /* where ignored, handed on unchecked to the one who may want it */
    IX_IN_CREATE = 1 << 6,    /* ignored in an update */
    IX_IN_UPDATE = 1 << 7,    /* ignored in a create */
    IX_TEMPLATE = 1 << 8,     /* for IX_FILL_LATER, whatever the whole is for */
};

typedef struct ix_schema ix_schema;

typedef struct ix_field {
    const char *name; /* on the wire; "*" stands for every other member (of a map) */
    unsigned type;    /* IX_T_... */
    unsigned flags;
    const char *alias;             /* read in requests if the real name is absent (section 1) */
    const ix_schema *inside;       /* of an object, or of an array's items */
    bool (*is_valid)(ix_str text); /* a further rule of a string or an array's strings, or NULL */
    const char *rule;              /* that rule in words, for `reason`: "expected ..." */
    size_t max;                    /* most characters, items or members; 0: no limit */
    const char *doc;               /* one sentence */
    unsigned items;                /* IX_T_... of an array's items that are no documents */
    size_t min;                    /* fewest characters, items or members; least integer */
} ix_field;

/* What a document is in the body of a request. */
typedef enum ix_shape {
    IX_ONE,         /* an object */
    IX_ONE_OR_MANY, /* an object, or an array of them */
    IX_EACH, /* an array whose items are answered for one by one: only the array is checked */
} ix_shape;

struct ix_schema {
    const char *name;
    const ix_field *fields;
    size_t count;
    bool
        has_additional_members; /* members without a row are kept (Thing Descriptions); else dropped */
    const char *doc;
    ix_shape shape;
    size_t max_items;                   /* of IX_ONE_OR_MANY and IX_EACH */
    bool (*is_name_valid)(ix_str text); /* a rule of the members' names, or NULL */
    const char *name_rule;              /* that rule in words */
};

#define IX_SCHEMA(title, rows, ...)                                                               \
    {                                                                                             \
        .name = (title), .fields = (rows), .count = sizeof(rows) / sizeof((rows)[0]), __VA_ARGS__ \
    }

/* What a request's document is for: decides about required and fixed fields. */
typedef enum ix_purpose {
    IX_CREATE,
    IX_UPDATE,
    IX_FILL_LATER, /* like a create, and a string with placeholders may stand for any value */
} ix_purpose;

/* Checks a request's document by its table and gives a clean one in `ret`: read-only and (unless
 * kept) unknown members and nulls are gone, aliases are renamed. `body` stays as it is, but shares
 * what needed no cleaning with `ret`. A clean document comes out as it went in.
 *
 * IOTS_INVALID with field (a JSON Pointer without its leading slash: "name", "model/version") and
 * reason; the sentence is "malformed body" for a wrong type and a missing field, else it is made of
 * field and reason. Inside another document IX_REQUIRED fields are required in updates too. */
bool ix_schema_read(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const ix_json *body,
                    ix_json **ret);

/* The row of a member: of that name, else "*", else NULL. */
const ix_field *ix_schema_field(const ix_schema *schema, const char *name);

extern const ix_schema ix_doc_category, ix_doc_model_ref, ix_doc_thing, ix_doc_link, ix_doc_model,
    ix_doc_version, ix_doc_template, ix_doc_properties, ix_doc_history_item, ix_doc_action,
    ix_doc_event, ix_doc_client_secret, ix_doc_mqtt_credentials, ix_doc_query, ix_doc_query_page,
    ix_doc_then, ix_doc_email, ix_doc_email_body, ix_doc_token, ix_doc_space, ix_doc_health,
    ix_doc_things_patch, ix_doc_error, ix_doc_paging, ix_doc_openapi;

/* Documents inside those. */
extern const ix_schema ix_doc_thing_model, ix_doc_property_affordance, ix_doc_action_affordance,
    ix_doc_event_affordance, ix_doc_dataschema, ix_doc_then_operation;

#endif
