/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/schema.h"

#include "base/test.h"
#include "contract/ops.h"

/* ---- words ---- */

static bool read(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const char *text,
                 ix_json **ret)
{
    return ix_schema_read(cx, schema, purpose, json_of(cx, text), ret);
}

/* The clean document as text. */
static const char *clean(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const char *text)
{
    ix_json *json;
    CHECK_OK(cx, read(cx, schema, purpose, text, &json));
    return ix_json_text(cx, json);
}

/* "field: reason" of a refusal. */
static const char *fault(ix_ctx *cx, const ix_schema *schema, ix_purpose purpose, const char *text)
{
    ix_json *json;
    CHECK(!read(cx, schema, purpose, text, &json));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    const char *fault = ix_format(cx, "%s: %s", cx->error.field, cx->error.reason);
    ix_ctx_clear_error(cx);
    return fault;
}

static const char *thing(ix_ctx *cx, const char *text)
{
    return clean(cx, &ix_doc_thing, IX_CREATE, text);
}

static const char *thing_fault(ix_ctx *cx, const char *text)
{
    return fault(cx, &ix_doc_thing, IX_CREATE, text);
}

/* ---- the tables ---- */

static bool is_sentence(const char *text)
{
    const size_t len = text ? strlen(text) : 0;
    return len > 5 && text[len - 1] == '.';
}

static void check_table(const ix_schema *schema, const ix_schema **seen, size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        if (seen[i] == schema)
            return;
    }
    CHECK(*count < 64);
    seen[(*count)++] = schema;

    print_message("%s\n", schema->name);
    CHECK(schema->name && schema->count && is_sentence(schema->doc));
    for (size_t i = 0; i < schema->count; i++) {
        const ix_field *field = &schema->fields[i];
        CHECK(field->name && field->type && is_sentence(field->doc));
        CHECK(!field->is_valid == !field->rule);
        CHECK(!field->max || field->min <= field->max);
        CHECK(ix_schema_field(schema, field->name) == field);
        if (field->inside)
            check_table(field->inside, seen, count);
    }
}

TEST("every document of every operation is complete")
{
    const ix_schema *seen[64];
    size_t count = 0;
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        if (ix_ops[i].body)
            check_table(ix_ops[i].body, seen, &count);
        if (ix_ops[i].reply)
            check_table(ix_ops[i].reply, seen, &count);
    }
    check_table(&ix_doc_error, seen, &count);
    check_table(&ix_doc_paging, seen, &count);
}

TEST("a row is found by name, and a map has one for all")
{
    CHECK_TEXT(ix_schema_field(&ix_doc_category, "model")->name, "model");
    CHECK(!ix_schema_field(&ix_doc_category, "color"));
    CHECK_TEXT(ix_schema_field(&ix_doc_properties, "color")->name, "*");
}

/* ---- any document ---- */

TEST("unknown and read-only members, and nulls, are left out")
{
    CHECK_TEXT(clean(cx, &ix_doc_mqtt_credentials, IX_CREATE,
                     JSON({"username" : "a", "color" : 1, "created" : 5, "password" : null})),
               "{\"username\":\"a\"}");
}

TEST("a required field may be missing in an update only")
{
    CHECK_TEXT(fault(cx, &ix_doc_category, IX_CREATE, "{}"), "name: required");
    CHECK_TEXT(fault(cx, &ix_doc_category, IX_CREATE, JSON({"name" : null})), "name: required");
    CHECK_TEXT(clean(cx, &ix_doc_category, IX_UPDATE, "{}"), "{}");
}

TEST("a required field of an inner document may not be missing in an update either")
{
    CHECK_TEXT(fault(cx, &ix_doc_category, IX_UPDATE, JSON({"model" : {"version" : 1}})),
               "model/name: required");
}

TEST("the wrong type is a malformed body")
{
    ix_json *json;
    CHECK(!read(cx, &ix_doc_category, IX_CREATE, JSON({"name" : 5}), &json));
    CHECK_TEXT(cx->error.message, "malformed body");
    CHECK_TEXT(cx->error.field, "name");
    CHECK_TEXT(cx->error.reason, "expected a string");
    ix_ctx_clear_error(cx);

    CHECK(!read(cx, &ix_doc_category, IX_CREATE, "[\"x\"]", &json));
    CHECK_TEXT(cx->error.message, "malformed body");
}

TEST("a broken rule names the field in its sentence")
{
    ix_json *json;
    CHECK(!read(cx, &ix_doc_category, IX_CREATE, JSON({"name" : "has blank"}), &json));
    CHECK_TEXT(cx->error.message, "name: expected 1 to 26 letters, digits, _ : or -");
    ix_ctx_clear_error(cx);
    CHECK_TEXT(fault(cx, &ix_doc_category, IX_CREATE,
                     JSON({"name" : "A", "model" : {"name" : "M", "version" : 0}})),
               "model/version: expected at least 1");
}

TEST("what is read once reads the same again")
{
    const char *text = JSON({
        "field_type" : "A",
        "model" : null,
        "status" : {"a" : null},
        "uid" : "x",
        "created" : "y",
        "x:y" : [null],
        "properties" : {"a" : {"field_type" : "B", "enum" : [ null, 1 ]}}
    });
    const char *once = thing(cx, text);
    CHECK_TEXT(thing(cx, once), once);
}

TEST("lengths are counted in characters")
{
    const char *format = "{\"flush\":{\"status\":\"%s\"}}";
    char status[2 * 65 + 1];
    for (size_t i = 0; i < 64; i++)
        memcpy(status + 2 * i, "ü", 3);
    CHECK(clean(cx, &ix_doc_action, IX_UPDATE, ix_format(cx, format, status)));
    memcpy(status + (size_t)2 * 64, "ü", 3);
    CHECK_TEXT(fault(cx, &ix_doc_action, IX_UPDATE, ix_format(cx, format, status)),
               "flush/status: expected at most 64 characters");
    CHECK_TEXT(fault(cx, &ix_doc_action, IX_UPDATE, ix_format(cx, format, "")),
               "flush/status: expected at least 1 characters");
}

TEST("an integer may be written with a fraction of zero, and is an integer from then on")
{
    CHECK_TEXT(
        thing(cx, JSON({
                  "properties" : {
                      "a" : {
                          "minLength" : 0.0,
                          "maxLength" : 2e0,
                          "minItems" : 1.0,
                          "maxItems" : 2.0,
                          "items" : {"maxItems" : 3.0},
                          "minimum" : 2.0
                      }
                  },
                  "model" : {"name" : "M", "version" : 2.0}
              })),
        "{\"properties\":{\"a\":{\"minLength\":0,\"maxLength\":2,\"minItems\":1,\"maxItems\":2,"
        "\"items\":{\"maxItems\":3},\"minimum\":2.0}},\"model\":{\"name\":\"M\",\"version\":2}}");
    CHECK_TEXT(thing_fault(cx, JSON({"properties" : {"a" : {"maxItems" : -1.0}}})),
               "properties/a/maxItems: expected at least 0");
    CHECK_TEXT(thing_fault(cx, JSON({"properties" : {"a" : {"maxItems" : 1e19}}})),
               "properties/a/maxItems: expected an integer");
    CHECK_TEXT(thing_fault(cx, JSON({"model" : {"name" : "M", "version" : 0.0}})),
               "model/version: expected at least 1");
}

/* ---- Things ---- */

TEST("a Thing keeps the members that have no row, without nulls at the top")
{
    CHECK_TEXT(thing(cx, JSON({"title" : "T", "forms" : [ {"op" : null}, null ], "base" : null})),
               "{\"title\":\"T\",\"forms\":[{\"op\":null},null]}");
    CHECK_TEXT(thing(cx, JSON({"space" : "s", "category" : 1, "collection" : [], "href" : 5})),
               "{}");
}

TEST("values keep their nulls")
{
    CHECK_TEXT(thing(cx, JSON({"status" : {"a" : null, "b" : {"c" : null}}})),
               "{\"status\":{\"a\":null,\"b\":{\"c\":null}}}");
    CHECK_TEXT(thing(cx, JSON({"status" : null})), "{}");
}

TEST("nulls go from affordances and DataSchemas at every level, but not from values in them")
{
    CHECK_TEXT(thing(cx, JSON({
                         "properties" : {
                             "a" : {
                                 "type" : null,
                                 "format" : null,
                                 "const" : null,
                                 "enum" : [ null, {"x" : null} ],
                                 "properties" : {"b" : {"unit" : null, "items" : {"title" : null}}},
                                 "oneOf" : [ {"minimum" : null} ]
                             },
                             "gone" : null
                         }
                     })),
               "{\"properties\":{\"a\":{\"enum\":[null,{\"x\":null}],\"properties\":{\"b\":"
               "{\"items\":{}}},\"oneOf\":[{}]}}}");
    CHECK_TEXT(thing(cx, JSON({"actions" : {"a" : {"input" : {"const" : null}, "output" : null}}})),
               "{\"actions\":{\"a\":{\"input\":{}}}}");
}

TEST("aliases are renamed unless the real member is there, and never stay")
{
    CHECK_TEXT(thing(cx, JSON({"field_type" : "A", "field_context" : "C"})),
               "{\"@type\":\"A\",\"@context\":\"C\"}");
    CHECK_TEXT(thing(cx, JSON({"field_type" : "A", "@type" : "B"})), "{\"@type\":\"B\"}");
    CHECK_TEXT(thing(cx, JSON({"@type" : null, "field_type" : "A"})), "{\"@type\":\"A\"}");
    CHECK_TEXT(thing(cx, JSON({"field_type" : null, "field_context" : null})), "{}");
    CHECK_TEXT(thing(cx,
                     JSON({"events" : {"e" : {"data" : {"field_type" : ["A"], "from_" : null}}}})),
               "{\"events\":{\"e\":{\"data\":{\"@type\":[\"A\"]}}}}");
}

TEST("a property may be called like an alias")
{
    CHECK_TEXT(thing(cx, JSON({"properties" : {"field_type" : {}, "from_" : {}}})),
               "{\"properties\":{\"field_type\":{},\"from_\":{}}}");
}

TEST("what one who restores may want is handed on as it is, where it would be ignored")
{
    CHECK_TEXT(thing(cx, JSON({"uid" : 5, "created" : "x", "modified" : "y", "id" : "urn:x"})),
               "{\"uid\":5}");
    CHECK_TEXT(clean(cx, &ix_doc_category, IX_CREATE, JSON({"name" : "A", "created" : 5})),
               "{\"name\":\"A\",\"created\":5}");
    const char *action = JSON({"flush" : {"status" : "", "output" : null, "timeRequested" : 5}});
    CHECK_TEXT(clean(cx, &ix_doc_action, IX_CREATE, action),
               "{\"flush\":{\"status\":\"\",\"output\":null,\"timeRequested\":5}}");
    CHECK_TEXT(fault(cx, &ix_doc_action, IX_UPDATE, action),
               "flush/status: expected at least 1 characters");
}

typedef struct fault_case {
    const char *text;
    const char *fault;
} fault_case;

// clang-format off
static const fault_case thing_faults[] = {
    {JSON({"title": 5}),                                   "title: expected a string"},
    {JSON({"@type": 5}),                                   "@type: expected a string or an array"},
    {JSON({"@type": ["A", null]}),                         "@type/1: expected a string"},
    {JSON({"@context": true}),                             "@context: expected a string or an object or an array"},
    {JSON({"categories": "A"}),                            "categories: expected an array"},
    {JSON({"categories": [1]}),                            "categories/0: expected a string"},
    {JSON({"model": "M"}),                                 "model: expected an object"},
    {JSON({"model": {"name": "M", "version": "1"}}),       "model/version: expected an integer"},
    {JSON({"properties": []}),                             "properties: expected an object"},
    {JSON({"properties": {"a": 5}}),                       "properties/a: expected an object"},
    {JSON({"properties": {"": {}}}),                       "properties/: expected a name of 1 to 128 bytes without control characters"},
    {JSON({"properties": {"a": {"type": "float"}}}),       "properties/a/type: expected boolean, integer, number, string, object, array or null"},
    {JSON({"properties": {"a": {"type": ["string"]}}}),    "properties/a/type: expected a string"},
    {JSON({"properties": {"a": {"enum": []}}}),            "properties/a/enum: expected at least 1 items"},
    {JSON({"properties": {"a": {"enum": {}}}}),            "properties/a/enum: expected an array"},
    {JSON({"properties": {"a": {"oneOf": [{}, 1]}}}),      "properties/a/oneOf/1: expected an object"},
    {JSON({"properties": {"a": {"oneOf": [null]}}}),       "properties/a/oneOf/0: expected an object"},
    {JSON({"properties": {"a": {"minimum": "0"}}}),        "properties/a/minimum: expected a number"},
    {JSON({"properties": {"a": {"maximum": []}}}),         "properties/a/maximum: expected a number"},
    {JSON({"properties": {"a": {"minItems": -1}}}),        "properties/a/minItems: expected at least 0"},
    {JSON({"properties": {"a": {"maxItems": 1.5}}}),       "properties/a/maxItems: expected an integer"},
    {JSON({"properties": {"a": {"maxLength": "x"}}}),      "properties/a/maxLength: expected an integer"},
    {JSON({"properties": {"a": {"required": ["b", 1]}}}),  "properties/a/required/1: expected a string"},
    {JSON({"properties": {"a": {"readOnly": 1}}}),         "properties/a/readOnly: expected true or false"},
    {JSON({"properties": {"a": {"observable": "yes"}}}),   "properties/a/observable: expected true or false"},
    {JSON({"properties": {"a": {"items": 1}}}),            "properties/a/items: expected an object or an array"},
    {JSON({"properties": {"a": {"items": [{"type": 1}]}}}), "properties/a/items/0/type: expected a string"},
    {JSON({"properties": {"a": {"properties": {"b": {"properties": {"c": 1}}}}}}), "properties/a/properties/b/properties/c: expected an object"},
    {JSON({"actions": {"a": {"input": 1}}}),               "actions/a/input: expected an object"},
    {JSON({"actions": {"a": {"output": {"type": "x"}}}}),  "actions/a/output/type: expected boolean, integer, number, string, object, array or null"},
    {JSON({"events": {"a": {"data": {"enum": []}}}}),      "events/a/data/enum: expected at least 1 items"},
    {JSON({"links": {}}),                                  "links: expected an array"},
    {JSON({"links": [{"href": 5}]}),                       "links/0/href: expected a string"},
    {JSON({"status": []}),                                 "status: expected an object"},
};
// clang-format on

TEST("a Thing Description is checked all the way down")
{
    for (size_t i = 0; i < sizeof thing_faults / sizeof thing_faults[0]; i++)
        CHECK_TEXT(thing_fault(cx, thing_faults[i].text), thing_faults[i].fault);
}

TEST("a template keeps what it may hold and drops the rest")
{
    CHECK_TEXT(
        clean(cx, &ix_doc_version, IX_CREATE,
              JSON({"template" : {"title" : "T", "base" : "x", "links" : [ {"type" : "x"} ]}})),
        "{\"template\":{\"title\":\"T\",\"links\":[{\"type\":\"x\"}]}}");
}

/* ---- other documents ---- */

TEST("an action is updated with status and output, its input stays")
{
    const char *text = JSON({"flush" : {"input" : null, "status" : "x", "output" : [null]}});
    CHECK_TEXT(clean(cx, &ix_doc_action, IX_UPDATE, text),
               "{\"flush\":{\"status\":\"x\",\"output\":[null]}}");
}

TEST("history comes as one item or as many")
{
    const char *one = JSON({"at" : "2025-01-01T00:00:00Z", "properties" : {"a" : null}});
    CHECK(clean(cx, &ix_doc_history_item, IX_CREATE, one));
    CHECK_TEXT(clean(cx, &ix_doc_history_item, IX_CREATE, ix_format(cx, "[%s,%s]", one, one)),
               "[{\"at\":\"2025-01-01T00:00:00Z\",\"properties\":{\"a\":null}},"
               "{\"at\":\"2025-01-01T00:00:00Z\",\"properties\":{\"a\":null}}]");
    CHECK_TEXT(fault(cx, &ix_doc_history_item, IX_CREATE, ix_format(cx, "[%s,{}]", one)),
               "1/at: required");
    CHECK_TEXT(fault(cx, &ix_doc_history_item, IX_CREATE, "[]"), ": expected at least 1 item");
    CHECK_TEXT(fault(cx, &ix_doc_history_item, IX_CREATE,
                     JSON({"at" : "yesterday", "properties" : {"a" : 1}})),
               "at: expected a time (RFC 3339)");
    CHECK_TEXT(fault(cx, &ix_doc_history_item, IX_CREATE,
                     JSON({"at" : "2025-01-01T00:00:00Z", "properties" : {}})),
               "properties: expected at least 1 members");
}

TEST("the items of a bulk patch are left to their own answers")
{
    CHECK_TEXT(clean(cx, &ix_doc_things_patch, IX_UPDATE, "[5,{\"id\":null}]"),
               "[5,{\"id\":null}]");
    CHECK_TEXT(fault(cx, &ix_doc_things_patch, IX_UPDATE, "{}"), ": expected an array");

    ix_json *many = ix_json_new_array(cx);
    for (int i = 0; i < 1001; i++)
        CHECK(ix_json_append(cx, many, ix_json_new_int(cx, i)));
    ix_json *json;
    CHECK_FAILS(cx, ix_schema_read(cx, &ix_doc_things_patch, IX_UPDATE, many, &json), IOTS_INVALID);
}

TEST("a query's variables come as an object or as an array of objects")
{
    CHECK(clean(cx, &ix_doc_query, IX_CREATE, JSON({"query" : "q", "bindVars" : {"a" : null}})));
    CHECK(clean(cx, &ix_doc_query, IX_CREATE, JSON({"query" : "q", "bindVars" : [ {"a" : 1} ]})));
    CHECK_TEXT(fault(cx, &ix_doc_query, IX_CREATE, JSON({"bindVars" : [1]})),
               "bindVars/0: expected an object");
    CHECK_TEXT(fault(cx, &ix_doc_query, IX_CREATE, JSON({"batchSize" : 0})),
               "batchSize: expected at least 1");
    CHECK_TEXT(fault(cx, &ix_doc_then, IX_CREATE,
                     JSON({"then" : {"op" : "fly", "resource" : "things"}})),
               "then/op: expected update or delete");
    CHECK_TEXT(clean(cx, &ix_doc_then, IX_CREATE, "{}"), "{}");
}

TEST("an MQTT user name may bring its space along")
{
    CHECK(clean(cx, &ix_doc_mqtt_credentials, IX_CREATE, JSON({"username" : "probe-4"})));
    CHECK(clean(cx, &ix_doc_mqtt_credentials, IX_CREATE, JSON({"username" : "probe-4@farm"})));
    CHECK_TEXT(fault(cx, &ix_doc_mqtt_credentials, IX_CREATE, JSON({"username" : "a b"})),
               "username: expected 1 to 64 letters, digits, . _ or -");
    CHECK_TEXT(fault(cx, &ix_doc_mqtt_credentials, IX_CREATE, JSON({"username" : "a@b@c"})),
               "username: expected 1 to 64 letters, digits, . _ or -");
    CHECK_TEXT(fault(cx, &ix_doc_mqtt_credentials, IX_CREATE, JSON({"password" : "abc"})),
               "password: expected at least 4 characters");
}

TEST("an e-mail has recipients with good addresses")
{
    CHECK(clean(cx, &ix_doc_email, IX_CREATE, JSON({"to" : ["A <a@b>"], "body" : {"text" : "x"}})));
    CHECK_TEXT(fault(cx, &ix_doc_email, IX_CREATE, JSON({"subject" : "x"})), "to: required");
    CHECK_TEXT(fault(cx, &ix_doc_email, IX_CREATE, JSON({"to" : []})),
               "to: expected at least 1 items");
    CHECK_TEXT(fault(cx, &ix_doc_email, IX_CREATE, JSON({"to" : [ "a@b", "nobody" ]})),
               "to/1: expected local@domain or Name <local@domain>");
}
