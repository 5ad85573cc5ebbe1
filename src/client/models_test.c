/* SPDX-License-Identifier: Apache-2.0 */
#include "iots/models.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>

#include "base/test.h"
#include "client/fake_transport_test.h"
#include "contract/schema.h"

/* ---- words ---- */

/* The rows, as the test needs them: what each type takes is said here a second time. */
enum {
    A_BOOL = 1 << 0,
    AN_INT = 1 << 1,
    A_REAL = 1 << 2,
    A_TEXT = 1 << 3,
    AN_ARRAY = 1 << 4,
    AN_OBJECT = 1 << 5,
    ALL = (1 << 6) - 1,

    TAKES_TEXT = A_TEXT,
    TAKES_NAME = A_TEXT,
    TAKES_BOOL = A_BOOL,
    TAKES_INTEGER = AN_INT,
    TAKES_NATURAL = AN_INT,
    TAKES_NUMBER = AN_INT | A_REAL,
    TAKES_TIME = 0, /* the text below is none */
    TAKES_ANY = ALL,
    TAKES_TYPE = A_TEXT,
    TAKES_OP = A_TEXT,
    TAKES_TEXTS = AN_ARRAY,
    TAKES_INTEGERS = AN_ARRAY,
    TAKES_ANYS = AN_ARRAY,
    TAKES_ANY_MAP = AN_OBJECT,
    TAKES_ANY_MAPS = AN_ARRAY,
    TAKES_ONE_OR_TEXTS = A_TEXT | AN_ARRAY,
    OPTIONAL = 0,
    REQUIRED = 1,
};
#define TAKES_ONE(x)         AN_OBJECT
#define TAKES_LIST(x)        AN_ARRAY
#define TAKES_MAP(x)         AN_OBJECT
#define TAKES_ONE_OR_LIST(x) (AN_ARRAY | AN_OBJECT)

static const char *const of_each_type[] = {"true", "1", "1.5", "\"x\"", "[]", "{}"};

typedef struct row {
    const char *model; /* NULL: the model before goes on */
    const char *key;   /* NULL: the value itself */
    int takes;
    bool is_required;
    int id;
} row;

static const row rows[] = {
#define IOTS_BEGIN(x, title, sentence) {.model = (title), .id = IOTS_MODEL_##x},
#define IOTS_FIELD(type, member, name, need, sentence) \
    {.key = (name), .takes = TAKES_##type, .is_required = (need)},
#define IOTS_ROOT(type, member, sentence) {.takes = TAKES_##type},
#define IOTS_END(x)
#include "iots/models/all.def"
#undef IOTS_BEGIN
#undef IOTS_FIELD
#undef IOTS_ROOT
#undef IOTS_END
};

enum { ROWS = sizeof rows / sizeof *rows };

/* The rows of a model: from `*ret` to the row that begins the next one. */
static const row *model_rows(int id, const row **end)
{
    const row *begin = rows;
    while (!begin->model || begin->id != id)
        begin++;
    *end = begin + 1;
    while (*end < rows + ROWS && !(*end)->model)
        ++*end;
    return begin + 1;
}

static bool is_root(int id)
{
    const row *end;
    return !model_rows(id, &end)->key;
}

static bool has_required(int id)
{
    const row *end;
    for (const row *row = model_rows(id, &end); row < end; row++) {
        if (row->is_required)
            return true;
    }
    return false;
}

/* A document and a model read from it; both go with `cx`. */
static void drop(void *doc)
{
    iots_doc_free(doc);
}

static iots_doc *doc_of(ix_ctx *cx, const char *text)
{
    iots_doc *doc = iots_doc_parse(text);
    CHECK(ix_arena_defer(cx->arena, drop, doc));
    return doc;
}

static void *parse(iots_doc *doc, int id)
{
    return iots_typed_parse(&iots_typed_all[id], doc, iots_doc_json(doc));
}

/* PARSE(thing, text): a model. The test fails if it is none. */
#define PARSE(x, text) ((iots_##x##_model *)parsed(cx, IOTS_MODEL_##x, (text)))
static void *parsed(ix_ctx *cx, int id, const char *text)
{
    iots_doc *doc = doc_of(cx, text);
    void *model = parse(doc, id);
    if (!model)
        print_error("%s\n%s\n", text, iots_doc_error(doc));
    CHECK(model);
    return model;
}

/* Why a text is no such model. */
#define FAULT(x, text) fault(cx, IOTS_MODEL_##x, (text))
static const char *fault(ix_ctx *cx, int id, const char *text)
{
    iots_doc *doc = doc_of(cx, text);
    CHECK(!parse(doc, id));
    return iots_doc_error(doc);
}

/* What is written, as text; what went wrong, behind "failed: ". */
static const char *text_of(ix_ctx *cx, iots_value value)
{
    iots_doc *doc = doc_of(cx, "{}");
    if (!iots_doc_set(doc, "", value))
        return ix_format(cx, "failed: %s", iots_doc_error(doc));
    char *text = iots_json_text(iots_doc_json(doc), 0);
    const char *copy = ix_strdup(cx, text);
    free(text);
    return copy;
}

#define WRITTEN(x, model) text_of(cx, iots_##x##_model_value(model))
#define AGAIN(x, text)    WRITTEN(x, PARSE(x, text))

/* The text of a document without blanks, as the library writes it. */
static const char *compact(ix_ctx *cx, const char *text)
{
    return ix_json_text(cx, json_of(cx, text));
}

/* ---- a document of each model, with all its members ---- */

// clang-format off
#define AFFORDANCE "\"@type\": [\"A\", \"B\"], \"description\": \"d\", \"title\": \"t\""
#define SCHEMA AFFORDANCE ", \"const\": 5.0, \"enum\": [1, \"1\", null, true, 1.5, {}, []],"       \
    "\"items\": [{\"type\": \"number\"}], \"maxItems\": 3, \"maximum\": 9.5, \"minItems\": 0,"     \
    "\"minimum\": -1.5, \"oneOf\": [{\"type\": \"null\"}], \"properties\": {\"a\": {}},"           \
    "\"readOnly\": false, \"required\": [\"a\"], \"type\": \"object\", \"unit\": \"m\""
#define THING "\"@context\": [\"https://www.w3.org/2022/wot/td/v1.1\", {\"@language\": \"en\"}],"  \
    "\"@type\": \"Boiler\", \"actions\": {\"flush\": {\"safe\": true}}, \"description\": \"d\","   \
    "\"events\": {\"hot\": {\"data\": {\"type\": \"number\"}}},"                                   \
    "\"links\": [{\"href\": \"/a\", \"rel\": \"b\"}], \"model\": {\"name\": \"M\", \"version\": 2}," \
    "\"properties\": {\"target\": {\"type\": \"number\", \"unit\": \"C\"}, \"a/b\": {}},"          \
    "\"status\": {\"target\": 60.0, \"on\": true, \"n\": null}, \"title\": \"Boiler 7\""
#define IDS ", \"id\": \"https://h/t/1\", \"uid\": \"01GQ2E9M2Y45BX9EW0F2BM032Q\""
#define TIMES ", \"created\": \"2025-03-04T05:06:07Z\", \"modified\": \"2025-03-04T05:06:07.089Z\""
#define OWN ", \"client_id\": \"farm::1\"" IDS TIMES ", \"href\": \"/t/1\", \"status_at\": {\"target\": null}"
#define MQTT "\"description\": \"d\", \"enabled\": false, \"password\": \"p\", \"username\": \"u\""
#define PAGE_OF(item) "{\"data\": [" item ", " item "],"                                           \
    "\"paging\": {\"next_cursor\": \"n\", \"previous_cursor\": \"\"}}"
#define MODEL "\"description\": \"d\", \"name\": \"M\""
#define VERSION "\"description\": \"d\", \"title\": \"t\","                                        \
    "\"template\": {\"actions\": {\"a\": {}}, \"description\": \"d\", \"events\": {\"e\": {}},"    \
    "\"links\": [{\"href\": \"h\"}], \"properties\": {\"p\": {\"type\": \"number\"}}, \"title\": \"t\"}"
#define CATEGORY "\"description\": \"d\", \"model\": {\"name\": \"M\", \"version\": 1}, \"name\": \"C\""
#define KEEPS ", \"history_retention\": \"90d\", \"silent_after\": \"PT1H\""
#define AT "{\"at\": \"2025-03-04T05:06:07Z\", \"properties\": {\"t\": 21.5, \"v\": null}}"
#define ACTION "{\"flush\": {\"href\": \"h\", \"input\": 1, \"status\": \"pending\", \"output\": null," \
    "\"timeCompleted\": \"2025-03-04T05:06:07Z\", \"timeRequested\": \"2025-03-04T05:06:07Z\"}}"
#define EVENT "{\"hot\": {\"data\": 5.7, \"href\": \"h\", \"timestamp\": \"2025-03-04T05:06:07Z\"}}"
#define STEP "{\"from\": \"/a\", \"op\": \"move\", \"path\": \"/b\", \"value\": null}"
#define ACL "{\"acl\": {\"publish\": [{\"pattern\": \"a/+\"}], \"subscribe\": [{\"pattern\": \"#\"}]}}"
#define THEN "{\"data\": {\"t\": 1}, \"op\": \"update\", \"resource\": \"things\"}"

static const char *const samples[IOTS_MODEL_COUNT] = {
    [IOTS_MODEL_error] = JSON({"details": {"field": "name"}, "message": "m", "status": 400}),
    [IOTS_MODEL_error_response] = JSON({"error": {"message": "m", "status": 400}}),
    [IOTS_MODEL_paging] = JSON({"next_cursor": "n", "previous_cursor": ""}),
    [IOTS_MODEL_any_value] = JSON([1, 1.0, true, null, "5"]),
    [IOTS_MODEL_forbidden] = JSON({"why": ["not", "yours"]}),
    [IOTS_MODEL_id] = JSON("01GQ2E9M2Y45BX9EW0F2BM032Q"),
    [IOTS_MODEL_resource] = "{\"data\": [" AT "], \"thing_id\": \"t\"}",
    [IOTS_MODEL_resource_list] = PAGE_OF("{\"thing_id\": \"t\"}"),
    [IOTS_MODEL_type] = JSON("number"),
    [IOTS_MODEL_data_schema] = "{" SCHEMA "}",
    [IOTS_MODEL_interaction_affordance] = "{" AFFORDANCE "}",
    [IOTS_MODEL_property_affordance] = "{" SCHEMA ", \"observable\": true}",
    [IOTS_MODEL_action_affordance] = "{" AFFORDANCE ", \"idempotent\": true, \"safe\": false,"
        "\"input\": {\"type\": \"number\"}, \"output\": {}}",
    [IOTS_MODEL_event_affordance] = "{" AFFORDANCE ", \"cancellation\": {}, \"subscription\": {},"
        "\"data\": {\"type\": \"string\"}}",
    [IOTS_MODEL_model_description_category] = JSON({"name": "M", "version": 3}),
    [IOTS_MODEL_category_base] = "{" CATEGORY "}",
    [IOTS_MODEL_category] = "{" CATEGORY TIMES KEEPS "}",
    [IOTS_MODEL_category_create] = "{" CATEGORY KEEPS "}",
    [IOTS_MODEL_category_update] = "{" CATEGORY KEEPS "}",
    [IOTS_MODEL_category_list] = PAGE_OF("{" CATEGORY "}"),
    [IOTS_MODEL_link] = JSON({"href": "/a", "rel": "b"}),
    [IOTS_MODEL_model_description] = JSON({"name": "M", "version": 3, "values": {"MAX": 5}}),
    [IOTS_MODEL_thing_base] = "{" THING "}",
    [IOTS_MODEL_thing] = "{" THING ", \"categories\": [\"A\", \"B\"]" OWN "}",
    [IOTS_MODEL_thing_create] = "{" THING ", \"categories\": []}",
    [IOTS_MODEL_thing_update] = "{" THING ", \"categories\": [\"A\"]" IDS "}",
    [IOTS_MODEL_thing_list] = PAGE_OF("{" THING OWN "}"),
    [IOTS_MODEL_thing_category] = "{" THING OWN "}",
    [IOTS_MODEL_thing_category_create] = "{" THING "}",
    [IOTS_MODEL_thing_category_update] = "{" THING IDS "}",
    [IOTS_MODEL_thing_category_list] = PAGE_OF("{" THING OWN "}"),
    [IOTS_MODEL_template] = JSON({"actions": {"a": {}}, "description": "d", "events": {"e": {}},
        "links": [{"href": "h"}, {}], "properties": {"p": {"type": "number"}}, "title": "t"}),
    [IOTS_MODEL_model_base] = "{" MODEL "}",
    [IOTS_MODEL_model] = "{" MODEL ", \"id\": \"i\"" TIMES "}",
    [IOTS_MODEL_model_create] = "{" MODEL "}",
    [IOTS_MODEL_model_update] = "{" MODEL "}",
    [IOTS_MODEL_model_list] = PAGE_OF("{" MODEL "}"),
    [IOTS_MODEL_model_version_base] = "{" VERSION "}",
    [IOTS_MODEL_model_version] = "{" VERSION ", \"version\": 3, \"created\": \"2025-03-04T05:06:07Z\"}",
    [IOTS_MODEL_model_version_create] = "{" VERSION "}",
    [IOTS_MODEL_model_version_list] = PAGE_OF("{" VERSION "}"),
    [IOTS_MODEL_properties] = JSON({"t": 21.5, "on": true, "n": null, "text": "5", "whole": 5}),
    [IOTS_MODEL_property] = JSON({"t": 5.0}),
    [IOTS_MODEL_property_values] = JSON({"t": [1, 2], "o": {"a": 1}}),
    [IOTS_MODEL_property_history_value] = AT,
    [IOTS_MODEL_property_history_values] = "[" AT ", " AT "]",
    [IOTS_MODEL_property_history_value_list] = PAGE_OF(AT),
    [IOTS_MODEL_create_properties_history_values_request] = AT,
    [IOTS_MODEL_create_property_history_values_request] = "[" AT "]",
    [IOTS_MODEL_create_category_properties_history_values_request] = "[" AT ", " AT "]",
    [IOTS_MODEL_create_category_property_history_values_request] = AT,
    [IOTS_MODEL_action_value] = JSON({"href": "h", "input": {"s": 5}, "status": "odd",
        "timeCompleted": "2025-03-04T05:06:07Z", "timeRequested": "0001-01-01T00:00:00Z",
        "output": null}),
    [IOTS_MODEL_action_response] = ACTION,
    [IOTS_MODEL_action_list_response] = PAGE_OF(ACTION),
    [IOTS_MODEL_action_create_request1] = JSON({"input": 1}),
    [IOTS_MODEL_action_create_request] = JSON({"flush": {"input": null}, "fill": {}}),
    [IOTS_MODEL_action_update_request1] = JSON({"output": "5", "status": "completed"}),
    [IOTS_MODEL_action_update_request] = JSON({"flush": {"output": false}}),
    [IOTS_MODEL_event_value] = JSON({"data": 5.7, "href": "h", "timestamp": "1970-01-01T00:00:00Z"}),
    [IOTS_MODEL_event_response] = EVENT,
    [IOTS_MODEL_event_list_response] = PAGE_OF(EVENT),
    [IOTS_MODEL_event_create_request1] = JSON({"data": [null]}),
    [IOTS_MODEL_event_create_request] = JSON({"hot": {"data": 1}, "cold": null}),
    [IOTS_MODEL_op] = JSON("replace"),
    [IOTS_MODEL_json_patch_operation] = STEP,
    [IOTS_MODEL_thing_patch] = "[" STEP "]",
    [IOTS_MODEL_things_patch_item] = "{\"id\": \"i\", \"patch\": [" STEP "]}",
    [IOTS_MODEL_things_patch] = "[{\"id\": \"i\", \"patch\": [" STEP ", " STEP "]}, {}]",
    [IOTS_MODEL_results] = JSON({"response": {"title": "t"}, "status": 200}),
    [IOTS_MODEL_things_patch_multi_status] = JSON({"has_errors": [0, 2],
        "results": [{"status": 404, "response": {"error": {}}}, {"status": 200}]}),
    [IOTS_MODEL_things_deleted] = JSON(["a", "b"]),
    [IOTS_MODEL_thing_oauth2_credentials] = JSON({"client_id": "i", "client_secret": "s"}),
    [IOTS_MODEL_publish_item] = JSON({"pattern": "a/+"}),
    [IOTS_MODEL_subscribe_item] = JSON({"pattern": "#"}),
    [IOTS_MODEL_acl] = JSON({"publish": [{"pattern": "a/+"}], "subscribe": []}),
    [IOTS_MODEL_mqtt_thing_document_acl] = ACL,
    [IOTS_MODEL_mqtt_form] = "{" MQTT "}",
    [IOTS_MODEL_mqtt_form_get] = "{" MQTT "}",
    [IOTS_MODEL_mqtt_thing_form] = "{" MQTT "}",
    [IOTS_MODEL_mqtt_thing_form_get] = "{" MQTT "}",
    [IOTS_MODEL_mqtt_category_form] = "{" MQTT ", \"collection_name\": \"c\"}",
    [IOTS_MODEL_mqtt_category_document] = "{" MQTT ", \"collection_name\": \"c\", \"created\": \"n\","
        "\"id\": \"i\", \"topics\": " ACL "}",
    [IOTS_MODEL_mqtt_thing_document] = "{" MQTT ", \"created\": \"n\", \"id\": \"i\", \"topics\": " ACL "}",
    [IOTS_MODEL_mqtt_thing_document_get] = "{" MQTT ", \"created\": \"n\", \"id\": \"i\","
        "\"topics\": " ACL "}",
    [IOTS_MODEL_mqtt_things_document] = "{" MQTT ", \"created\": \"n\", \"id\": \"i\"}",
    [IOTS_MODEL_mqtt_things_document_list] = PAGE_OF("{" MQTT "}"),
    [IOTS_MODEL_then_operation] = THEN,
    [IOTS_MODEL_then_query_request] = "{\"then\": " THEN "}",
    [IOTS_MODEL_post_api_cursor] = "{\"batchSize\": 10, \"bindVars\": {\"a\": 1, \"@@c\": \"things\"},"
        "\"cache\": false, \"count\": true, \"memoryLimit\": 0, \"options\": {\"a\": null},"
        "\"query\": \"FOR t IN things RETURN t\", \"then\": " THEN ", \"ttl\": 30}",
    [IOTS_MODEL_then] = JSON({"error_count": 0, "success_count": 3}),
    [IOTS_MODEL_post_api_cursor_response] = JSON({"cached": false, "code": 201, "count": 2,
        "error": false, "extra": {"stats": {}}, "hasMore": true, "id": "i", "result": [1, "1", null],
        "then": {"error_count": 1}}),
    [IOTS_MODEL_email_body] = JSON({"html": "<b>h</b>", "text": "t"}),
    [IOTS_MODEL_email] = JSON({"bcc": ["a@b.c"], "body": {"text": "t"}, "cc": [], "subject": "s",
        "to": ["d@e.f", "g@h.i"]}),
};

/* The models of the SDK, in the order of the models: their numbers, by which programs know them. */
static const char *const names[] = {
    "Error", "ErrorResponse", "Paging", "AnyValue", "Forbidden", "ID", "Resource",
    "ResourceList", "Type", "DataSchema", "InteractionAffordance", "PropertyAffordance",
    "ActionAffordance", "EventAffordance", "ModelDescriptionCategory", "CategoryBase",
    "Category", "CategoryCreate", "CategoryUpdate", "CategoryList", "Link", "ModelDescription",
    "ThingBase", "Thing", "ThingCreate", "ThingUpdate", "ThingList", "ThingCategory",
    "ThingCategoryCreate", "ThingCategoryUpdate", "ThingCategoryList", "Template", "ModelBase",
    "Model", "ModelCreate", "ModelUpdate", "ModelList", "ModelVersionBase", "ModelVersion",
    "ModelVersionCreate", "ModelVersionList", "Properties", "Property", "PropertyValues",
    "PropertyHistoryValue", "PropertyHistoryValues", "PropertyHistoryValueList",
    "CreatePropertiesHistoryValuesRequest", "CreatePropertyHistoryValuesRequest",
    "CreateCategoryPropertiesHistoryValuesRequest",
    "CreateCategoryPropertyHistoryValuesRequest", "ActionValue", "ActionResponse",
    "ActionListResponse", "ActionCreateRequest1", "ActionCreateRequest", "ActionUpdateRequest1",
    "ActionUpdateRequest", "EventValue", "EventResponse", "EventListResponse",
    "EventCreateRequest1", "EventCreateRequest", "Op", "JsonPatchOperation", "ThingPatch",
    "ThingsPatchItem", "ThingsPatch", "Results", "ThingsPatchMultiStatus", "ThingsDeleted",
    "ThingOAuth2Credentials", "PublishItem", "SubscribeItem", "Acl", "MQTTThingDocumentACL",
    "MQTTForm", "MQTTFormGet", "MQTTThingForm", "MQTTThingFormGet", "MQTTCategoryForm",
    "MQTTCategoryDocument", "MQTTThingDocument", "MQTTThingDocumentGet", "MQTTThingsDocument",
    "MQTTThingsDocumentList", "ThenOperation", "ThenQueryRequest", "PostAPICursor", "Then",
    "PostAPICursorResponse", "EmailBody", "Email",
};
// clang-format on

enum { NAMES = sizeof names / sizeof *names };

/* ---- every model ---- */

TEST("there is a C type for each of the 93 models, and its number is what it always was")
{
    CHECK_INT(NAMES, 93);
    CHECK_INT(IOTS_MODEL_COUNT, NAMES);
    for (int id = 0; id < NAMES; id++) {
        const row *end;
        CHECK_TEXT(model_rows(id, &end)[-1].model, names[id]);
        CHECK_INT(iots_typed_all[id].model, id);
    }
}

/* What the server looks at in a document, but no model has: it is in the JSON of the model. */
static const char *const servers_own[] = {
    "iots:historyRetention",
    "iots:silentAfter",
    "minLength",
    "pattern",
    "maxLength",
    "writeOnly",
    "@context",
    "from",
    "uriVariables",
    "space",
    "synchronous",
    "dataResponse",
    "category",
    "collection",
};

static bool is_servers_own(const char *name)
{
    for (size_t i = 0; i < sizeof servers_own / sizeof *servers_own; i++) {
        if (strcmp(servers_own[i], name) == 0)
            return true;
    }
    return false;
}

TEST("what is in a document of the server is in its model")
{
    const struct {
        const ix_schema *schema;
        int model;
    } pairs[] = {
        {&ix_doc_category, IOTS_MODEL_category},
        {&ix_doc_model_ref, IOTS_MODEL_model_description_category},
        {&ix_doc_thing, IOTS_MODEL_thing},
        {&ix_doc_thing_model, IOTS_MODEL_model_description},
        {&ix_doc_link, IOTS_MODEL_link},
        {&ix_doc_property_affordance, IOTS_MODEL_property_affordance},
        {&ix_doc_action_affordance, IOTS_MODEL_action_affordance},
        {&ix_doc_event_affordance, IOTS_MODEL_event_affordance},
        {&ix_doc_dataschema, IOTS_MODEL_data_schema},
        {&ix_doc_model, IOTS_MODEL_model},
        {&ix_doc_version, IOTS_MODEL_model_version},
        {&ix_doc_template, IOTS_MODEL_template},
        {&ix_doc_history_item, IOTS_MODEL_property_history_value},
        {&ix_doc_client_secret, IOTS_MODEL_thing_oauth2_credentials},
        {&ix_doc_mqtt_credentials, IOTS_MODEL_mqtt_category_document},
        {&ix_doc_query, IOTS_MODEL_post_api_cursor},
        {&ix_doc_query_page, IOTS_MODEL_post_api_cursor_response},
        {&ix_doc_then, IOTS_MODEL_then_query_request},
        {&ix_doc_then_operation, IOTS_MODEL_then_operation},
        {&ix_doc_email, IOTS_MODEL_email},
        {&ix_doc_email_body, IOTS_MODEL_email_body},
        {&ix_doc_things_patch, IOTS_MODEL_things_patch_item},
        {&ix_doc_error, IOTS_MODEL_error_response},
        {&ix_doc_paging, IOTS_MODEL_paging},
        {ix_doc_action.fields[0].inside, IOTS_MODEL_action_value},
        {ix_doc_event.fields[0].inside, IOTS_MODEL_event_value},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const ix_schema *schema = pairs[i].schema;
        for (size_t field = 0; field < schema->count; field++) {
            const char *name = schema->fields[field].name;
            const row *end;
            const row *row = model_rows(pairs[i].model, &end);
            while (row < end && strcmp(row->key, name) != 0)
                row++;
            if (row == end && !is_servers_own(name))
                print_error("%s: %s\n", schema->name, name);
            CHECK(row < end || is_servers_own(name));
        }
    }
}

TEST("the document of each model has all members that the model has")
{
    for (int id = 0; id < IOTS_MODEL_COUNT; id++) {
        const ix_json *json = json_of(cx, samples[id]);
        const row *end;
        for (const row *row = model_rows(id, &end); row < end; row++) {
            if (row->key && !ix_json_member(json, row->key))
                print_error("%s has no %s\n", samples[id], row->key);
            CHECK(!row->key || ix_json_member(json, row->key));
        }
    }
}

TEST("each model that is read and written back is the same to the byte")
{
    for (int id = 0; id < IOTS_MODEL_COUNT; id++) {
        const void *model = parsed(cx, id, samples[id]);
        const iots_value value = iots_typed_value(&iots_typed_all[id], model);
        CHECK_TEXT(text_of(cx, value), compact(cx, samples[id]));
    }
}

TEST("each model says all of its document by its members alone")
{
    for (int id = 0; id < IOTS_MODEL_COUNT; id++) {
        void *model = parsed(cx, id, samples[id]);
        memset(model, 0, sizeof(const iots_json *)); /* forget the JSON it was read from */
        const char *text = text_of(cx, iots_typed_value(&iots_typed_all[id], model));
        if (!ix_json_equal(json_of(cx, text), json_of(cx, samples[id])))
            print_error("%s\n%s\n", samples[id], text);
        CHECK(ix_json_equal(json_of(cx, text), json_of(cx, samples[id])));
    }
}

/* The document with a member that nobody knows in each of its objects. It is an object itself, so
 * that it fits in where members are models. */
static ix_json *with_strangers(ix_ctx *cx, const ix_json *json)
{
    ix_json *copy = ix_json_copy(cx, json);
    for (size_t i = 0; ix_json_kind(json) == IX_ARRAY && i < ix_json_count(json); i++)
        CHECK(ix_json_put(cx, copy, i, with_strangers(cx, ix_json_item(json, i))));
    if (ix_json_kind(json) != IX_OBJECT)
        return copy;
    for (ix_member m = ix_members(json); m.name; m = ix_members_next(m))
        CHECK(ix_json_set(cx, copy, m.name, with_strangers(cx, m.value)));
    CHECK(ix_json_set(cx, copy, "x:other",
                      json_of(cx, JSON({"y:a" : [ 1, 1.0, true, null, "1", {"b" : {}} ]}))));
    return copy;
}

TEST("members that a model does not have are written back, at every level")
{
    for (int id = 0; id < IOTS_MODEL_COUNT; id++) {
        const char *text = ix_json_text(cx, with_strangers(cx, json_of(cx, samples[id])));
        const void *model = parsed(cx, id, text);
        CHECK_TEXT(text_of(cx, iots_typed_value(&iots_typed_all[id], model)), text);
    }
}

TEST("what is absent stays absent")
{
    for (int id = 0; id < IOTS_MODEL_COUNT; id++) {
        if (is_root(id))
            continue;
        const void *model = parsed(cx, id, "{}");
        const char *text = text_of(cx, iots_typed_value(&iots_typed_all[id], model));
        CHECK(has_required(id) ? strstr(text, ": required") != NULL : strcmp(text, "{}") == 0);
    }
}

TEST("null is read as unset, and is null again when it is written back")
{
    for (int id = 0; id < IOTS_MODEL_COUNT; id++) {
        const row *end;
        for (const row *row = model_rows(id, &end); row < end; row++) {
            if (!row->key || has_required(id))
                continue;
            const char *text = ix_format(cx, "{\"%s\":null}", row->key);
            char *model = parsed(cx, id, text);
            CHECK_TEXT(text_of(cx, iots_typed_value(&iots_typed_all[id], model)), text);
            for (size_t i = sizeof(void *); row->takes != ALL && i < iots_typed_all[id].size; i++)
                CHECK_INT(model[i], 0);
        }
    }
}

TEST("a member of the wrong type is refused, and the sentence has its JSON Pointer")
{
    for (int id = 0; id < IOTS_MODEL_COUNT; id++) {
        const row *end;
        for (const row *row = model_rows(id, &end); row < end; row++) {
            for (int type = 0; type < 6; type++) {
                const char *value = of_each_type[type];
                const char *text = row->key ? ix_format(cx, "{\"%s\":%s}", row->key, value) : value;
                const char *place =
                    row->key ? ix_format(cx, ": /%s: expected ", row->key) : ": expected ";
                if (row->takes & 1 << type)
                    parsed(cx, id, text);
                else
                    CHECK(strstr(fault(cx, id, text), place));
            }
        }
    }
}

/* ---- values ---- */

TEST("the pointer of a fault leads through lists and maps, and escapes")
{
    CHECK_TEXT(FAULT(thing, JSON({"properties" : {"a/b" : {"minimum" : "x"}}})),
               "Thing: /properties/a~1b/minimum: expected a number");
    CHECK_TEXT(FAULT(thing_list, JSON({"data" : [ {}, {"links" : [ {"rel" : 1} ]} ]})),
               "ThingList: /data/1/links/0/rel: expected a string");
    CHECK_TEXT(FAULT(thing, JSON({"links" : [null]})), "Thing: /links/0: expected an object");
    CHECK_TEXT(FAULT(things_deleted, JSON([ "a", 1 ])), "ThingsDeleted: /1: expected a string");
    CHECK_TEXT(FAULT(data_schema, JSON({"items" : {"type" : 1}})),
               "DataSchema: /items/type: expected a string");
    CHECK_TEXT(FAULT(thing, "[]"), "Thing: expected an object");
}

TEST("values of any type keep their type")
{
    static const char *const values[] = {"1",
                                         "true",
                                         "0",
                                         "false",
                                         "5.7",
                                         "5.0",
                                         "\"5\"",
                                         "\"on\"",
                                         "null",
                                         "-0.0",
                                         "[]",
                                         "{}",
                                         "9007199254740993",
                                         "[5.0,5,\"5\",null,false]"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        CHECK_TEXT(AGAIN(any_value, values[i]), values[i]);
        const char *event = ix_format(cx, "{\"hot\":{\"data\":%s}}", values[i]);
        iots_event_create_request_model *model = PARSE(event_create_request, event);
        CHECK_TEXT(WRITTEN(event_create_request, model), event);
        iots_event_create_request_model bare = {.events = model->events};
        CHECK_TEXT(WRITTEN(event_create_request, &bare), event);
    }
    iots_event_create_request1_model sent = {.data.value = iots_number(5.7)};
    CHECK_TEXT(WRITTEN(event_create_request1, &sent), "{\"data\":5.7}");
    sent.data.value = iots_integer(1);
    CHECK_TEXT(WRITTEN(event_create_request1, &sent), "{\"data\":1}");
    sent.data.value = iots_null();
    CHECK_TEXT(WRITTEN(event_create_request1, &sent), "{\"data\":null}");
    sent.data.value = iots_none();
    CHECK_TEXT(WRITTEN(event_create_request1, &sent), "{}");
}

TEST("times are read in every form of the API, and stay as they were until they are changed")
{
    static const struct {
        const char *text;
        int64_t us;
    } times[] = {
        {"2025-03-04T05:06:07Z", INT64_C(1741064767000000)},
        {"2025-03-04T05:06:07.089Z", INT64_C(1741064767089000)},
        {"2025-03-04 05:06:07", INT64_C(1741064767000000)},
        {"2025-03-04T07:06:07+02:00", INT64_C(1741064767000000)},
        {"2025-03-04 03:06:07.123456789-0200", INT64_C(1741064767123456)},
        {"2025-03-04T05:06:07+0000", INT64_C(1741064767000000)},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999999Z", -1},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        const char *text = ix_format(cx, "{\"created\":\"%s\"}", times[i].text);
        iots_thing_model *thing = PARSE(thing, text);
        CHECK(thing->created.is_set);
        CHECK(thing->created.us == times[i].us);
        CHECK_TEXT(WRITTEN(thing, thing), text);
    }
    iots_thing_model *thing = PARSE(thing, JSON({"created" : "2025-03-04 05:06:07"}));
    thing->created.us += 500000;
    CHECK_TEXT(WRITTEN(thing, thing), "{\"created\":\"2025-03-04T05:06:07.5Z\"}");
    thing->created.us = INT64_MAX;
    CHECK_TEXT(WRITTEN(thing, thing),
               "failed: Thing: /created: expected a time in the years 1 to 9999");
    CHECK_TEXT(FAULT(thing, JSON({"created" : "2025-03"})), "Thing: /created: expected a time");
}

TEST("words of an enumeration are known, and a word that is not is kept as text")
{
    iots_data_schema_model *schema = PARSE(data_schema, JSON({"type" : "integer"}));
    CHECK_INT(schema->type.word, IOTS_TYPE_INTEGER);
    CHECK_TEXT(schema->type.text, "integer");
    schema->type.word = IOTS_TYPE_NULL;
    CHECK_TEXT(WRITTEN(data_schema, schema), "{\"type\":\"null\"}");

    schema = PARSE(data_schema, JSON({"type" : "tuple"}));
    CHECK_INT(schema->type.word, IOTS_TYPE_OTHER);
    CHECK_TEXT(schema->type.text, "tuple");
    schema->json = NULL;
    CHECK_TEXT(WRITTEN(data_schema, schema), "{\"type\":\"tuple\"}");
    schema->type.text = NULL;
    CHECK_TEXT(WRITTEN(data_schema, schema),
               "failed: DataSchema: /type: the text of the word is missing");

    CHECK_INT(PARSE(op, "\"copy\"")->op.word, IOTS_OP_COPY);
    CHECK_INT(PARSE(op, "\"merge\"")->op.word, IOTS_OP_OTHER);
    CHECK_INT(PARSE(data_schema, "{}")->type.word, IOTS_TYPE_UNSET);
    static const char *const types[] = {"boolean", "integer", "number", "string",
                                        "object",  "array",   "null"};
    static const char *const ops[] = {"add", "remove", "replace", "move", "copy", "test"};
    for (int i = 0; i < 7; i++)
        CHECK_INT(PARSE(type, ix_format(cx, "\"%s\"", types[i]))->type.word, IOTS_TYPE_BOOLEAN + i);
    for (int i = 0; i < 6; i++)
        CHECK_INT(PARSE(op, ix_format(cx, "\"%s\"", ops[i]))->op.word, IOTS_OP_ADD + i);
}

TEST("false and 0 are values, and distinguished from what is unset")
{
    iots_mqtt_form_model *form = PARSE(mqtt_form, JSON({"enabled" : false}));
    CHECK_INT(form->enabled, IOTS_NO);
    form->json = NULL;
    CHECK_TEXT(WRITTEN(mqtt_form, form), "{\"enabled\":false}");
    CHECK_INT(PARSE(mqtt_form, "{}")->enabled, IOTS_DEFAULT);

    iots_post_api_cursor_model query = {.query = "q", .memoryLimit = IOTS_SET(0)};
    CHECK_TEXT(WRITTEN(post_api_cursor, &query), "{\"memoryLimit\":0,\"query\":\"q\"}");
    CHECK(!PARSE(post_api_cursor, "{}")->memoryLimit.is_set);
    iots_data_schema_model schema = {.minimum = IOTS_SET(0)};
    CHECK_TEXT(WRITTEN(data_schema, &schema), "{\"minimum\":0.0}");
    CHECK_TEXT(WRITTEN(event_value, (&(iots_event_value_model){.timestamp = IOTS_SET(0)})),
               "{\"timestamp\":\"1970-01-01T00:00:00Z\"}");
}

TEST("a number that was written without a fraction is so again, until it is changed")
{
    iots_data_schema_model *schema = PARSE(data_schema, JSON({"minimum" : 5, "maximum" : 7.0}));
    CHECK_TEXT(WRITTEN(data_schema, schema), "{\"minimum\":5,\"maximum\":7.0}");
    schema->minimum.value = 6;
    CHECK_TEXT(WRITTEN(data_schema, schema), "{\"minimum\":6.0,\"maximum\":7.0}");
}

TEST("one text or several: both are read as a list, and each is written as it was")
{
    iots_thing_model *thing = PARSE(thing, JSON({"@type" : "Boiler"}));
    CHECK_INT(thing->field_type.count, 1);
    CHECK_TEXT(thing->field_type.items[0], "Boiler");
    CHECK(thing->field_type.is_one);
    thing->json = NULL;
    CHECK_TEXT(WRITTEN(thing, thing), "{\"@type\":\"Boiler\"}");
    thing->field_type.is_one = false;
    CHECK_TEXT(WRITTEN(thing, thing), "{\"@type\":[\"Boiler\"]}");

    iots_create_property_history_values_request_model *items =
        PARSE(create_property_history_values_request, AT);
    CHECK(items->items.is_one && items->items.count == 1);
    CHECK_TEXT(AGAIN(create_property_history_values_request, AT), compact(cx, AT));
    CHECK_TEXT(AGAIN(create_property_history_values_request, "[" AT "]"), compact(cx, "[" AT "]"));
}

TEST("an empty list is a list, and no list is none")
{
    iots_thing_create_model *thing = PARSE(thing_create, JSON({"categories" : [], "links" : []}));
    CHECK(thing->categories.items && thing->categories.count == 0);
    thing->json = NULL;
    thing->links = (iots_link_list){0};
    CHECK_TEXT(WRITTEN(thing_create, thing), "{\"categories\":[]}");
}

/* ---- where the wire differs from the declared types ---- */

TEST("Truth: the description of a property has all members of a DataSchema")
{
    const iots_thing_model *thing = PARSE(thing, JSON({
                                              "properties" : {
                                                  "t" : {
                                                      "type" : "number",
                                                      "unit" : "C",
                                                      "readOnly" : true,
                                                      "minimum" : 1.5,
                                                      "observable" : true
                                                  }
                                              }
                                          }));
    const iots_property_affordance_model *t =
        iots_property_affordance_map_get(&thing->properties, "t");
    CHECK_INT(t->type.word, IOTS_TYPE_NUMBER);
    CHECK_TEXT(t->unit, "C");
    CHECK_INT(t->readOnly, IOTS_YES);
    CHECK(t->minimum.is_set && t->minimum.value == 1.5);
    CHECK_INT(t->observable, IOTS_YES);
    CHECK(!iots_property_affordance_map_get(&thing->properties, "u"));
}

TEST("Truth: a DataSchema may have unknown members")
{
    const char *text =
        "{\"type\":\"string\",\"format\":\"date\",\"minLength\":1,\"multipleOf\":0.1}";
    iots_data_schema_model *schema = PARSE(data_schema, text);
    CHECK_TEXT(iots_json_string(schema->json, "/format"), "date");
    CHECK_TEXT(WRITTEN(data_schema, schema), text);
}

TEST("Truth: @context is a string, an array or an object")
{
    static const char *const texts[] = {"{\"@context\":\"a\"}",
                                        "{\"@context\":[\"a\",{\"b\":\"c\"}]}",
                                        "{\"@context\":{\"b\":\"c\"}}"};
    for (int i = 0; i < 3; i++)
        CHECK_TEXT(AGAIN(thing, texts[i]), texts[i]);
}

TEST("Truth: a Thing also has href, and any further member")
{
    const char *text = "{\"href\":\"/t\",\"support\":\"mailto:a@b.c\",\"security\":[\"s\"]}";
    iots_thing_model *thing = PARSE(thing, text);
    CHECK_TEXT(thing->href, "/t");
    CHECK_TEXT(iots_json_string(thing->json, "/support"), "mailto:a@b.c");
    thing->href = NULL;
    CHECK_TEXT(WRITTEN(thing, thing), "{\"support\":\"mailto:a@b.c\",\"security\":[\"s\"]}");
}

TEST("Truth: the patch of an item is a list of operations, and results are a list")
{
    const iots_things_patch_model *patch =
        PARSE(things_patch, JSON([ {"id" : "i", "patch" : [ {"op" : "remove", "path" : "/a"} ]} ]));
    CHECK_INT(patch->items.items[0].patch.items[0].op.word, IOTS_OP_REMOVE);
    const iots_things_patch_multi_status_model *status =
        PARSE(things_patch_multi_status,
              JSON({"has_errors" : [1], "results" : [ {"status" : 200}, {"status" : 404} ]}));
    CHECK_INT(status->results.count, 2);
    CHECK_INT(status->results.items[status->has_errors.items[0]].status.value, 404);
}

TEST("Truth: what happened to the items of a batch is counted in integers")
{
    const iots_then_model *then = PARSE(then, JSON({"success_count" : 3, "error_count" : 0}));
    CHECK_INT(then->success_count.value, 3);
    CHECK(then->error_count.is_set && then->error_count.value == 0);
}

TEST("Truth: bindVars is a map, an action has an output, credentials of a Category have topics")
{
    const iots_post_api_cursor_model *query =
        PARSE(post_api_cursor, JSON({"bindVars" : {"low" : 20, "@@c" : "things"}}));
    CHECK_INT(iots_json_integer(iots_any_map_get(&query->bindVars, "low"), "", -1), 20);
    CHECK(!iots_any_map_get(&query->bindVars, "high"));
    CHECK(PARSE(action_value, JSON({"output" : 1}))->output.json);
    CHECK(PARSE(mqtt_category_document, JSON({"topics" : {"acl" : {}}}))->topics->acl);
}

/* ---- writing ---- */

TEST("a model of one's own is written by its JSON keys, without what is unset")
{
    CHECK_TEXT(text_of(cx,
                       IOTS_MODEL_VALUE(
                           thing_create, .title = "Boiler 7", .field_type = IOTS_TEXTS("Boiler"),
                           .field_context.value = iots_text("https://www.w3.org/2022/wot/td/v1.1"),
                           .links = IOTS_ITEMS(link, {.href = "/a"}, {.href = "/b", .rel = "next"}),
                           .status = IOTS_VALUES({"target", {.value = iots_integer(60)}}),
                           .properties =
                               IOTS_ENTRIES(property_affordance,
                                            {"target", IOTS_MODEL(property_affordance,
                                                                  .type.word = IOTS_TYPE_NUMBER,
                                                                  .maximum = IOTS_SET(90.5))}))),
               compact(cx, JSON({
                           "@context" : "https://www.w3.org/2022/wot/td/v1.1",
                           "@type" : ["Boiler"],
                           "links" : [ {"href" : "/a"}, {"href" : "/b", "rel" : "next"} ],
                           "properties" : {"target" : {"maximum" : 90.5, "type" : "number"}},
                           "status" : {"target" : 60},
                           "title" : "Boiler 7"
                       })));
    CHECK_TEXT(text_of(cx, IOTS_MODEL_VALUE(json_patch_operation, .op.word = IOTS_OP_MOVE,
                                            .from_ = "/a", .path = "/b")),
               "{\"from\":\"/a\",\"op\":\"move\",\"path\":\"/b\"}");
}

TEST("what cannot be sent fails before it is, with the JSON Pointer")
{
    const char *not_utf8 = "\xff";
    const iots_thing_patch_model patch = {.operations = {.count = 1}};
    const char *const cases[][2] = {
        {text_of(cx, IOTS_MODEL_VALUE(category_create, .description = "d")),
         "failed: CategoryCreate: /name: required"},
        {text_of(cx, IOTS_MODEL_VALUE(category_create, .name = "no blanks")),
         "failed: CategoryCreate: /name: expected 1 to 26 letters, digits, _ : or -"},
        {text_of(cx, IOTS_MODEL_VALUE(data_schema, .minItems = IOTS_SET(-1))),
         "failed: DataSchema: /minItems: expected an integer that is not negative"},
        {text_of(cx, IOTS_MODEL_VALUE(data_schema, .minimum = IOTS_SET(NAN))),
         "failed: DataSchema: /minimum: a number that is not finite"},
        {text_of(cx, IOTS_MODEL_VALUE(link, .href = not_utf8)),
         "failed: Link: /href: the text is not UTF-8"},
        {text_of(cx, IOTS_MODEL_VALUE(email, .to = IOTS_TEXTS("a@b.c", NULL))),
         "failed: Email: /to/1: a value is missing"},
        {text_of(cx, IOTS_MODEL_VALUE(properties, .values = IOTS_VALUES({"t", {0}}))),
         "failed: Properties: /t: a value is missing"},
        {text_of(cx, IOTS_MODEL_VALUE(properties, .values = IOTS_VALUES({NULL, {0}}))),
         "failed: Properties: a name that is missing or not UTF-8"},
        {text_of(cx, IOTS_MODEL_VALUE(action_create_request,
                                      .actions = IOTS_ENTRIES(action_create_request1, {"a", NULL},
                                                              {"a", NULL}))),
         "failed: ActionCreateRequest: /a: the same name twice"},
        {text_of(cx, IOTS_MODEL_VALUE(properties, .json = NULL)),
         "failed: Properties: a value is missing"},
        {text_of(cx, IOTS_MODEL_VALUE(mqtt_form, .enabled = (iots_tristate)7)),
         "failed: MQTTForm: /enabled: expected IOTS_YES or IOTS_NO"},
        {text_of(cx, IOTS_MODEL_VALUE(type, .type.word = (iots_type_word)99)),
         "failed: Type: no word of the enumeration"},
        {WRITTEN(thing_patch, &patch), "failed: ThingPatch: there is a count, but no items"},
        {WRITTEN(thing, NULL), "failed: Thing: there is no model"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(cases[i][0], cases[i][1]);
}

TEST("a model in a value is written, and one that contains itself is refused")
{
    iots_link_model link = {.href = "/a"};
    iots_any_value_model any = {.value.value = iots_link_model_value(&link)};
    CHECK_TEXT(WRITTEN(any_value, &any), "{\"href\":\"/a\"}");
    any.value.value = iots_any_value_model_value(&any);
    CHECK_TEXT(WRITTEN(any_value, &any), "failed: AnyValue: nested too deeply");
    iots_data_schema_model schema = {0};
    schema.items = (iots_data_schema_one_or_list){1, &schema, true};
    CHECK(strstr(WRITTEN(data_schema, &schema), "/items/items: nested too deeply"));
}

TEST("lists and maps are changed in place")
{
    iots_doc *doc = doc_of(cx, JSON({
                               "links" : [ {"href" : "/a", "x" : 1}, {"href" : "/b"} ],
                               "categories" : ["A"],
                               "status" : {"t" : 1, "u" : 2},
                               "properties" : {"t" : {"x" : 1}}
                           }));
    iots_thing_model *thing = iots_thing_model_parse(doc, iots_doc_json(doc));
    const iots_link_model link = {.href = "/c"};
    const iots_property_affordance_model number = {.type.word = IOTS_TYPE_NUMBER};
    CHECK(iots_link_list_remove(doc, &thing->links, 1));
    CHECK(iots_link_list_remove(doc, &thing->links, 7));
    CHECK(iots_link_list_set(doc, &thing->links, 1, &link));
    CHECK(iots_text_list_set(doc, &thing->categories, 1, "B"));
    CHECK(iots_text_list_remove(doc, &thing->categories, 0));
    CHECK(iots_any_map_set(doc, &thing->status, "t", iots_text("on")));
    CHECK(iots_any_map_remove(doc, &thing->status, "u"));
    CHECK(iots_any_map_remove(doc, &thing->status, "no such name"));
    CHECK(iots_property_affordance_map_set(doc, &thing->properties, "v", &number));
    CHECK(iots_property_affordance_map_get(&thing->properties, "v") == &number);
    CHECK_TEXT(WRITTEN(thing, thing),
               compact(cx, JSON({
                           "links" : [ {"href" : "/a", "x" : 1}, {"href" : "/c"} ],
                           "categories" : ["B"],
                           "status" : {"t" : "on"},
                           "properties" : {"t" : {"x" : 1}, "v" : {"type" : "number"}}
                       })));
    CHECK(iots_property_affordance_map_remove(doc, &thing->properties, "t"));
    CHECK_INT(thing->properties.count, 1);
    CHECK(!iots_link_list_set(doc, &thing->links, 3, &link));
    CHECK_TEXT(iots_doc_error(doc), "the list has no item 3");
    CHECK(!iots_link_list_set(NULL, &thing->links, 0, &link));
}

TEST("a model is written into a document, its own included")
{
    iots_doc *doc = doc_of(cx, JSON({"title" : "A", "x" : 1}));
    iots_thing_model *thing = iots_thing_model_parse(doc, iots_doc_json(doc));
    thing->title = "B";
    CHECK(iots_thing_model_write(doc, thing));
    CHECK_TEXT(iots_json_string(iots_doc_json(doc), "/title"), "B");
    CHECK_INT(iots_json_integer(iots_doc_json(doc), "/x", -1), 1);
    CHECK(!iots_category_create_model_write(doc, IOTS_MODEL(category_create, .name = "")));
    CHECK(strstr(iots_doc_error(doc), "CategoryCreate: /name"));
    CHECK(!iots_thing_model_parse(doc, iots_doc_json(doc))); /* the document has failed */
    CHECK(!iots_thing_model_parse(NULL, NULL));
    doc = doc_of(cx, "{}");
    CHECK(!iots_thing_model_parse(doc, NULL));
    CHECK_TEXT(iots_doc_error(doc), "Thing: there is not JSON");
}

TEST("more models than 64 MiB are not read at once")
{
    enum { ITEMS = (64 << 20) / sizeof(iots_thing_model) + 1 };
    char *text = malloc(3 * ITEMS + 16);
    char *at = text + sprintf(text, "{\"data\":[{}");
    for (int i = 1; i < ITEMS; i++)
        at = (char *)memcpy(at, ",{}", 3) + 3;
    memcpy(at, "]}", 3);
    iots_doc *doc = doc_of(cx, text);
    free(text);
    CHECK(!iots_thing_list_model_parse(doc, iots_doc_json(doc)));
    CHECK_TEXT(iots_doc_error(doc), "ThingList: /data: more than 64 MiB of models");
}

/* ---- calls ---- */

TEST("the body of a reply is a model, and a changed model the body of a call")
{
    fake fake = FAKE(SAYS(200, JSON({"uid" : "i", "title" : "A", "support" : "s"})),
                     SAYS(200, JSON({"title" : "B"})));
    const iots_thing where = iots_space_thing(fake_farm(&fake), "i");
    iots_reply *got = iots_thing_get(where, NULL);
    iots_thing_model *thing = iots_thing_model_of(got);
    CHECK(thing);
    CHECK_TEXT(thing->title, "A");
    thing->title = "B";
    iots_reply *put = iots_thing_update(where, iots_thing_model_value(thing), NULL);
    CHECK(iots_ok(put));
    CHECK_TEXT(fake.bodies[1], "{\"uid\":\"i\",\"title\":\"B\",\"support\":\"s\"}");
    iots_reply_free(put);
    iots_reply_free(got);
    fake_done(&fake);
}

TEST("a reply that is no such document fails, and says where")
{
    fake fake = FAKE(SAYS(200, JSON({"title" : 5})),
                     SAYS(404, JSON({"error" : {"status" : 404, "message" : "Item not found"}})));
    const iots_thing where = iots_space_thing(fake_farm(&fake), "i");
    iots_reply *got = iots_thing_get(where, NULL);
    CHECK(!iots_thing_model_of(got));
    CHECK_INT(iots_reply_code(got), IOTS_UNEXPECTED);
    CHECK_TEXT(iots_error(got), "Thing: /title: expected a string");
    iots_reply_free(got);

    got = iots_thing_get(where, NULL);
    CHECK(!iots_thing_model_of(got));
    CHECK_INT(iots_reply_code(got), IOTS_NOT_FOUND);
    CHECK_TEXT(iots_error_response_model_of(got)->error->message, "Item not found");
    CHECK_INT(iots_error_response_model_of(got)->error->status.value, 404);
    iots_reply_free(got);
    CHECK(!iots_thing_model_of(NULL));
    CHECK(!iots_error_response_model_of(NULL));
    fake_done(&fake);
}

TEST("nothing is sent of a model that could not be read, or cannot be written")
{
    fake fake = FAKE(SAYS(200, "{}"));
    const iots_space farm = fake_farm(&fake);
    iots_reply *sent =
        iots_categories_create(farm, IOTS_MODEL_VALUE(category_create, .name = "no blanks"), NULL);
    CHECK_INT(iots_reply_code(sent), IOTS_USAGE);
    CHECK(strstr(iots_error(sent), "CategoryCreate: /name: "));
    iots_reply_free(sent);
    sent = iots_categories_create(farm, iots_category_create_model_value(NULL), NULL);
    CHECK_INT(iots_reply_code(sent), IOTS_USAGE);
    iots_reply_free(sent);
    CHECK_INT(fake.count, 0);
    fake_done(&fake);
}

TEST("a list is a list of models, and stops at an item that is none")
{
    fake fake = FAKE(SAYS(200, JSON({
                              "data" : [ {"title" : "A"}, {"title" : "B"} ],
                              "paging" : {"next_cursor" : "m"}
                          })),
                     SAYS(200, JSON({"data" : [ {"title" : 5}, {"title" : "D"} ], "paging" : {}})));
    iots_pager *all = iots_things_list(iots_space_things(fake_farm(&fake)), NULL);
    CHECK_TEXT(iots_thing_model_next(all)->title, "A");
    CHECK_TEXT(iots_thing_model_next(all)->title, "B");
    CHECK(iots_ok(iots_pager_reply(all)));
    CHECK(!iots_thing_model_next(all));
    CHECK(!iots_thing_model_next(all));
    CHECK_INT(iots_reply_code(iots_pager_reply(all)), IOTS_UNEXPECTED);
    CHECK_TEXT(iots_error(iots_pager_reply(all)), "Thing: /title: expected a string");
    iots_pager_free(all);
    CHECK(!iots_thing_model_next(NULL));
    fake_done(&fake);
}

/* ---- other versions of the header ---- */

TEST("a program compiled when a struct was shorter goes on working")
{
    iots_typed earlier[IOTS_MODEL_COUNT];
    memcpy(earlier, iots_typed_all, sizeof earlier);
    earlier[IOTS_MODEL_thing].size = offsetof(iots_thing_model, modified);
    const char *text = "{\"title\":\"A\",\"modified\":\"2025-03-04T05:06:07Z\",\"href\":\"/t\"}";
    iots_doc *doc = doc_of(cx, text);
    void *model = iots_typed_parse(&earlier[IOTS_MODEL_thing], doc, iots_doc_json(doc));
    CHECK(model);
    char *mine = malloc(earlier[IOTS_MODEL_thing].size); /* not a byte more is looked at */
    memcpy(mine, model, earlier[IOTS_MODEL_thing].size);
    CHECK_TEXT(text_of(cx, iots_typed_value(&earlier[IOTS_MODEL_thing], mine)), text);
    free(mine);
}

TEST("a model of a later header is refused")
{
    iots_typed later[IOTS_MODEL_COUNT + 1] = {[IOTS_MODEL_COUNT] = {IOTS_MODEL_COUNT, 64}};
    const char *why = "a model that this version of the library does not have";
    iots_doc *doc = doc_of(cx, "{}");
    CHECK(!iots_typed_parse(&later[IOTS_MODEL_COUNT], doc, iots_doc_json(doc)));
    CHECK_TEXT(iots_doc_error(doc), why);
    CHECK_TEXT(text_of(cx, iots_typed_value(&later[IOTS_MODEL_COUNT], "")),
               ix_format(cx, "failed: %s", why));
}
