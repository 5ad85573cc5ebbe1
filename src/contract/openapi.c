/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenAPI, read off the tables: a row of ops.def becomes an operation (two, if it also has an address
 * under a Category), a document's table a schema, a row of params.def or vars.def a parameter.
 *
 * Small makers of JSON come first, then schemas, parameters, operations, and the whole. A maker whose
 * memory ran out gives NULL, and setting NULL does nothing but pass that on: cx says so at the end.
 */
#include "contract/openapi.h"

#include <string.h>

#include "contract/ops.h"

/* ---- makers ---- */

static ix_json *object(ix_ctx *cx)
{
    return ix_json_new_object(cx);
}

static void openapi_set(ix_ctx *cx, ix_json *to, const char *name, const ix_json *value)
{
    if (to && value)
        ix_json_set(cx, to, name, value);
}

static void set_text(ix_ctx *cx, ix_json *to, const char *name, const char *text)
{
    openapi_set(cx, to, name, ix_json_new_string(cx, text));
}

static void openapi_append(ix_ctx *cx, ix_json *to, const ix_json *value)
{
    if (to && value)
        ix_json_append(cx, to, value);
}

static ix_json *list_of(ix_ctx *cx, const ix_json *one)
{
    ix_json *list = ix_json_new_array(cx);
    openapi_append(cx, list, one);
    return list;
}

static ix_json *reference(ix_ctx *cx, const char *where, const char *name)
{
    ix_json *made = object(cx);
    const char *target = ix_format(cx, "#/components/%s/%s", where, name);
    if (target)
        set_text(cx, made, "$ref", target);
    return made;
}

/* {"application/json": {"schema": ...}} */
static ix_json *content(ix_ctx *cx, const char *type, const ix_json *schema)
{
    ix_json *media = object(cx);
    openapi_set(cx, media, "schema", schema);
    ix_json *made = object(cx);
    openapi_set(cx, made, type, media);
    return made;
}

/* ---- schemas ---- */

typedef struct writer {
    ix_ctx *cx;
    ix_json *schemas; /* components, by name */
    bool (*is_left_out)(size_t op);
} writer;

static void write_schema(writer *w, const ix_schema *schema);

static ix_json *schema_reference(writer *w, const ix_schema *schema)
{
    write_schema(w, schema);
    return reference(w->cx, "schemas", schema->name);
}

// clang-format off
static const struct type_name {
    unsigned type;
    const char *name;
} type_names[] = {
    {IX_T_STRING | IX_T_TIME, "string"},
    {IX_T_INT,                "integer"},
    {IX_T_NUMBER,             "number"},
    {IX_T_BOOL,               "boolean"},
    {IX_T_OBJECT,             "object"},
    {IX_T_ARRAY,              "array"},
};
// clang-format on

/* One name, or an array of several. */
static void set_type(ix_ctx *cx, ix_json *to, unsigned type, bool or_null)
{
    ix_json *names = ix_json_new_array(cx);
    for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++)
        if (type & type_names[i].type)
            openapi_append(cx, names, ix_json_new_string(cx, type_names[i].name));
    if (or_null)
        openapi_append(cx, names, ix_json_new_string(cx, "null"));
    openapi_set(cx, to, "type", ix_json_count(names) == 1 ? ix_json_item(names, 0) : names);
}

static void set_bound(ix_ctx *cx, ix_json *to, const char *name, size_t bound)
{
    if (bound)
        openapi_set(cx, to, name, ix_json_new_int(cx, (int64_t)bound));
}

static ix_json *items_of(writer *w, const ix_field *field)
{
    if (field->inside)
        return schema_reference(w, field->inside);
    ix_json *items = object(w->cx);
    if (field->items && !(field->items & IX_T_ANY))
        set_type(w->cx, items, field->items, false);
    return items;
}

/* Bounds mean characters, items or members, as the type says. */
static void set_bounds(ix_ctx *cx, ix_json *to, const ix_field *field)
{
    if (field->type & IX_T_STRING) {
        set_bound(cx, to, "minLength", field->min);
        set_bound(cx, to, "maxLength", field->max);
    } else if (field->type & IX_T_ARRAY) {
        set_bound(cx, to, "minItems", field->min);
        set_bound(cx, to, "maxItems", field->max);
    } else if (field->type & IX_T_OBJECT) {
        set_bound(cx, to, "maxProperties", field->max);
    } else if (field->type & IX_T_INT) {
        set_bound(cx, to, "minimum", field->min);
    }
}

static ix_json *field_schema(writer *w, const ix_field *field)
{
    ix_ctx *cx = w->cx;
    ix_json *made = object(cx);
    const bool is_object = field->type == IX_T_OBJECT && field->inside;
    if (is_object) {
        /* Absent and null are the same in requests, and some are null in replies. */
        ix_json *null = object(cx);
        set_text(cx, null, "type", "null");
        ix_json *choices = list_of(cx, schema_reference(w, field->inside));
        openapi_append(cx, choices, null);
        openapi_set(cx, made, "anyOf", choices);
    } else if (!(field->type & IX_T_ANY)) {
        set_type(cx, made, field->type, !(field->flags & IX_READ_ONLY));
        if (field->type & IX_T_ARRAY)
            openapi_set(cx, made, "items", items_of(w, field));
    }
    if (field->type & IX_T_TIME)
        set_text(cx, made, "format", "date-time");
    if (!is_object)
        set_bounds(cx, made, field);
    if (field->flags & IX_READ_ONLY)
        openapi_set(cx, made, "readOnly", ix_json_new_bool(cx, true));
    set_text(cx, made, "description",
             field->rule ? ix_format(cx, "%s (%s)", field->doc, field->rule) : field->doc);
    return made;
}

/* Puts a document's schema, and those it refers to, among the components. */
static void write_schema(writer *w, const ix_schema *schema)
{
    ix_ctx *cx = w->cx;
    if (ix_json_member(w->schemas, schema->name))
        return;
    ix_json *made = object(cx);
    openapi_set(cx, w->schemas, schema->name,
                made); /* before what is inside: tables refer to themselves */
    if (!made)
        return;
    set_text(cx, made, "type", "object");
    if (schema->doc)
        set_text(cx, made, "description", schema->doc);
    ix_json *properties = object(cx), *required = ix_json_new_array(cx);
    for (size_t i = 0; i < schema->count; i++) {
        const ix_field *field = &schema->fields[i];
        if (strcmp(field->name, "*") == 0) {
            openapi_set(cx, made, "additionalProperties", field_schema(w, field));
            continue;
        }
        openapi_set(cx, properties, field->name, field_schema(w, field));
        if (field->flags & IX_REQUIRED && !(field->flags & IX_FIXED))
            openapi_append(cx, required, ix_json_new_string(cx, field->name));
    }
    if (ix_json_count(properties))
        openapi_set(cx, made, "properties", properties);
    if (ix_json_count(required))
        openapi_set(cx, made, "required", required);
}

/* ---- parameters ---- */

static ix_json *parameter(ix_ctx *cx, const char *name, const char *in, const char *doc,
                          const ix_json *schema)
{
    ix_json *made = object(cx);
    set_text(cx, made, "name", name);
    set_text(cx, made, "in", in);
    set_text(cx, made, "description", doc);
    if (strcmp(in, "path") == 0)
        openapi_set(cx, made, "required", ix_json_new_bool(cx, true));
    openapi_set(cx, made, "schema", schema);
    return made;
}

static ix_json *path_parameter(ix_ctx *cx, const ix_var_row *row)
{
    ix_json *schema = object(cx);
    const bool is_number = row->check == IX_CHECK_POSITIVE;
    set_text(cx, schema, "type", is_number ? "integer" : "string");
    if (is_number)
        openapi_set(cx, schema, "minimum", ix_json_new_int(cx, 1));
    return parameter(cx, row->name, "path", row->doc, schema);
}

/* The value a query parameter has when it is not given. */
static ix_json *words_of(ix_ctx *cx, const ix_param_row *row)
{
    ix_json *words = ix_json_new_array(cx);
    ix_str rest = ix_str_of(row->fallback), word;
    while (rest.at) {
        rest = ix_str_cut(rest, '|', &word);
        openapi_append(cx, words, ix_json_new_text(cx, word));
    }
    return words;
}

static const ix_json *fallback_of(ix_ctx *cx, const ix_param_row *row)
{
    int64_t number;
    if (row->type == IX_PARAM_BOOL)
        return ix_json_new_bool(cx, strcmp(row->fallback, "true") == 0);
    if (row->type == IX_PARAM_INT && ix_str_int(ix_str_of(row->fallback), &number))
        return ix_json_new_int(cx, number);
    if (row->type == IX_PARAM_WORD)
        return ix_json_item(words_of(cx, row), 0);
    return ix_json_new_string(cx, row->fallback);
}

static ix_json *text_schema(ix_ctx *cx)
{
    ix_json *made = object(cx);
    set_text(cx, made, "type", "string");
    return made;
}

static ix_json *query_parameter(ix_ctx *cx, const ix_param_row *row)
{
    static const char *const types[] = {
        [IX_PARAM_BOOL] = "boolean", [IX_PARAM_INT] = "integer", [IX_PARAM_TEXT] = "string",
        [IX_PARAM_LIST] = "array",   [IX_PARAM_MAP] = "object",  [IX_PARAM_WORD] = "string",
    };
    ix_json *schema = object(cx);
    set_text(cx, schema, "type", types[row->type]);
    if (row->type == IX_PARAM_INT && row->max != INT64_MAX) {
        openapi_set(cx, schema, "minimum", ix_json_new_int(cx, row->min));
        openapi_set(cx, schema, "maximum", ix_json_new_int(cx, row->max));
    }
    if (row->fallback)
        openapi_set(cx, schema, "default", fallback_of(cx, row));
    if (row->type == IX_PARAM_WORD)
        openapi_set(cx, schema, "enum", words_of(cx, row));
    if (row->type == IX_PARAM_LIST)
        openapi_set(cx, schema, "items", text_schema(cx));
    if (row->type == IX_PARAM_MAP) {
        /* An exploded form object writes its members as they are: property:temp=gt:20. */
        ix_json *names = object(cx);
        const char *pattern = ix_format(cx, "^%s", row->name);
        if (pattern)
            set_text(cx, names, "pattern", pattern);
        openapi_set(cx, schema, "propertyNames", names);
        openapi_set(cx, schema, "additionalProperties", text_schema(cx));
    }
    ix_json *made = parameter(cx, row->name, "query", row->doc, schema);
    if (row->type >= IX_PARAM_LIST) {
        set_text(cx, made, "style", "form");
        openapi_set(cx, made, "explode", ix_json_new_bool(cx, true));
    }
    return made;
}

/* Those of the path in its order, then those of the query. */
static ix_json *parameters_of(ix_ctx *cx, const ix_op *op, const char *path)
{
    ix_json *list = ix_json_new_array(cx);
    for (const char *at = path; (at = strchr(at, '{')); at++) {
        for (int v = 0; v < IX_VAR_COUNT; v++) {
            const size_t len = strlen(ix_vars[v].name);
            if (strncmp(at + 1, ix_vars[v].name, len) == 0 && at[1 + len] == '}')
                openapi_append(cx, list, path_parameter(cx, &ix_vars[v]));
        }
    }
    const uint64_t params = ix_op_params(op);
    for (int p = 0; p < IX_PARAM_COUNT; p++)
        if (params >> p & 1)
            openapi_append(cx, list, query_parameter(cx, &ix_params[p]));
    return list;
}

/* ---- operations ---- */

static ix_json *one_or_many(writer *w, const ix_schema *schema)
{
    ix_ctx *cx = w->cx;
    ix_json *one = schema_reference(w, schema);
    if (schema->shape == IX_ONE)
        return one;
    ix_json *many = object(cx);
    set_text(cx, many, "type", "array");
    openapi_set(cx, many, "items", one);
    set_bound(cx, many, "maxItems", schema->max_items);
    if (schema->shape == IX_EACH)
        return many;
    ix_json *either = list_of(cx, one), *made = object(cx);
    openapi_append(cx, either, many);
    openapi_set(cx, made, "anyOf", either);
    return made;
}

static ix_json *body_schema(writer *w, const ix_op *op)
{
    return op->body ? one_or_many(w, op->body) : object(w->cx);
}

static ix_json *request_body(writer *w, const ix_op *op)
{
    static const char *const types[] = {
        [IX_BODY_JSON] = "application/json",
        [IX_BODY_TD] = "application/json",
        [IX_BODY_OPTIONAL] = "application/json",
        [IX_BODY_PATCH] = "application/json-patch+json",
        [IX_BODY_FORM] = "application/x-www-form-urlencoded",
    };
    ix_ctx *cx = w->cx;
    ix_json *types_taken = content(cx, types[op->body_kind], body_schema(w, op));
    if (op->body_kind == IX_BODY_PATCH && !op->body) {
        ix_json *merge = object(cx), *media = object(cx);
        set_text(cx, merge, "type", "object");
        openapi_set(cx, media, "schema", merge);
        openapi_set(cx, types_taken, "application/merge-patch+json", media);
    }
    if (op->body_kind == IX_BODY_TD) {
        const ix_json *media = ix_json_member(types_taken, types[IX_BODY_TD]);
        openapi_set(cx, types_taken, "application/td+json", ix_json_copy(cx, media));
        openapi_set(cx, types_taken, "application/ld+json", ix_json_copy(cx, media));
    }
    ix_json *made = object(cx);
    openapi_set(cx, made, "required", ix_json_new_bool(cx, op->body_kind != IX_BODY_OPTIONAL));
    openapi_set(cx, made, "content", types_taken);
    return made;
}

/* A page of items, or one. */
static ix_json *reply_schema(writer *w, const ix_op *op)
{
    ix_ctx *cx = w->cx;
    ix_json *item = op->reply ? schema_reference(w, op->reply) : object(cx);
    if (!(op->flags & IX_PAGED))
        return op->method == IX_POST && op->reply && op->reply->shape == IX_ONE_OR_MANY
                   ? one_or_many(w, op->reply)
                   : item;
    ix_json *data = object(cx), *properties = object(cx), *made = object(cx);
    set_text(cx, data, "type", "array");
    openapi_set(cx, data, "items", item);
    openapi_set(cx, properties, "data", data);
    openapi_set(cx, properties, "paging", schema_reference(w, &ix_doc_paging));
    set_text(cx, made, "type", "object");
    openapi_set(cx, made, "properties", properties);
    return made;
}

static bool has_body(const ix_op *op)
{
    return op->reply || op->status == 207 || (op->status == 200 && op->method == IX_DELETE) ||
           (op->status == 200 && op->flags & IX_HTML);
}

static ix_json *success(writer *w, const ix_op *op)
{
    ix_ctx *cx = w->cx;
    ix_json *made = object(cx);
    set_text(cx, made, "description", op->summary);
    if (has_body(op))
        openapi_set(cx, made, "content",
                    op->flags & IX_HTML ? content(cx, "text/html", text_schema(cx))
                                        : content(cx, "application/json", reply_schema(w, op)));
    return made;
}

/* The name of the response that a failure is. */
static const char *failure_of(const ix_op *op)
{
    return op->flags & IX_HTML ? "Page" : op->flags & IX_OAUTH2 ? "OAuth2Error" : "Error";
}

static ix_json *responses(writer *w, const ix_op *op)
{
    static const int statuses[] = {400, 401, 403, 404, 409, 413, 415, 429, 500, 503, 507};
    ix_ctx *cx = w->cx;
    ix_json *made = object(cx);
    openapi_set(cx, made, ix_format(cx, "%d", op->status), success(w, op));
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (ix_op_may_fail_with(op, statuses[i]))
            openapi_set(cx, made, ix_format(cx, "%d", statuses[i]),
                        reference(cx, "responses", failure_of(op)));
    return made;
}

/* Without scopes: no security at all. */
static ix_json *security_of(ix_ctx *cx, const ix_op *op)
{
    ix_json *list = ix_json_new_array(cx);
    for (int s = 0; s < IX_SCOPE_COUNT; s++) {
        if (!(op->scopes >> s & 1))
            continue;
        ix_json *way = object(cx);
        openapi_set(cx, way, "oauth2", list_of(cx, ix_json_new_string(cx, ix_scope_names[s])));
        openapi_append(cx, list, way);
    }
    return list;
}

/* The noun of the operation's name. */
static const char *tag_of(ix_ctx *cx, const ix_op *op)
{
    const char *end = strrchr(op->name, '_');
    return ix_strndup(cx, op->name, end ? (size_t)(end - op->name) : strlen(op->name));
}

static void write_operation(writer *w, ix_json *paths, const ix_op *op, const char *path,
                            const char *id)
{
    ix_ctx *cx = w->cx;
    const char *tag = tag_of(cx, op);
    if (!path || !id || !tag)
        return;
    ix_json *made = object(cx);
    set_text(cx, made, "operationId", id);
    set_text(cx, made, "summary", op->summary);
    openapi_set(cx, made, "tags", list_of(cx, ix_json_new_string(cx, tag)));
    openapi_set(cx, made, "security", security_of(cx, op));
    ix_json *parameters = parameters_of(cx, op, path);
    if (ix_json_count(parameters))
        openapi_set(cx, made, "parameters", parameters);
    if (op->body_kind != IX_BODY_NONE)
        openapi_set(cx, made, "requestBody", request_body(w, op));
    openapi_set(cx, made, "responses", responses(w, op));

    static const char *const methods[] = {[IX_GET] = "get",
                                          [IX_POST] = "post",
                                          [IX_PUT] = "put",
                                          [IX_PATCH] = "patch",
                                          [IX_DELETE] = "delete"};
    ix_json *item = ix_json_mutable(ix_json_member(paths, path));
    if (!item) {
        item = object(cx);
        openapi_set(cx, paths, path, item);
    }
    openapi_set(cx, item, methods[op->method], made);
}

static ix_json *write_paths(writer *w)
{
    ix_ctx *cx = w->cx;
    ix_json *paths = object(cx);
    static const char space[] = "/spaces/{space}";
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        const ix_op *op = &ix_ops[i];
        if (op->flags & IX_OPERATOR || (w->is_left_out && w->is_left_out(i)))
            continue;
        write_operation(w, paths, op, op->path, op->name);
        if (op->flags & IX_ALSO_IN_CATEGORY)
            write_operation(w, paths, op,
                            ix_format(cx, "%s/categories/{category}%s", space,
                                      op->path + sizeof space - 1),
                            ix_format(cx, "%s_in_category", op->name));
    }
    return paths;
}

/* ---- the whole ---- */

static ix_json *error_response(writer *w, const char *description, const char *type,
                               const ix_json *schema)
{
    ix_json *made = object(w->cx);
    set_text(w->cx, made, "description", description);
    openapi_set(w->cx, made, "content", content(w->cx, type, schema));
    return made;
}

/* RFC 6749 section 5.2. */
static ix_json *oauth2_error_schema(ix_ctx *cx)
{
    ix_json *properties = object(cx), *made = object(cx);
    openapi_set(cx, properties, "error", text_schema(cx));
    openapi_set(cx, properties, "error_description", text_schema(cx));
    set_text(cx, made, "type", "object");
    openapi_set(cx, made, "properties", properties);
    openapi_set(cx, made, "required", list_of(cx, ix_json_new_string(cx, "error")));
    return made;
}

static ix_json *security_scheme(ix_ctx *cx)
{
    ix_json *scopes = object(cx), *flow = object(cx), *flows = object(cx), *made = object(cx);
    for (int s = 0; s < IX_SCOPE_COUNT; s++)
        set_text(cx, scopes, ix_scope_names[s], ix_scope_docs[s]);
    set_text(cx, flow, "tokenUrl", "/oauth2/token");
    openapi_set(cx, flow, "scopes", scopes);
    openapi_set(cx, flows, "clientCredentials", flow);
    ix_json *by_login = object(cx);
    set_text(cx, by_login, "authorizationUrl", "/oauth2/auth");
    set_text(cx, by_login, "tokenUrl", "/oauth2/token");
    set_text(cx, by_login, "refreshUrl", "/oauth2/token");
    openapi_set(cx, by_login, "scopes", scopes);
    openapi_set(cx, flows, "authorizationCode", by_login);
    set_text(cx, made, "type", "oauth2");
    openapi_set(cx, made, "flows", flows);
    return made;
}

static ix_json *components(writer *w)
{
    ix_ctx *cx = w->cx;
    ix_json *failures = object(cx), *schemes = object(cx), *made = object(cx);
    openapi_set(cx, failures, "Error",
                error_response(w, "What went wrong.", "application/json",
                               schema_reference(w, &ix_doc_error)));
    openapi_set(cx, failures, "OAuth2Error",
                error_response(w, "What went wrong, in OAuth2's words.", "application/json",
                               oauth2_error_schema(cx)));
    openapi_set(cx, failures, "Page",
                error_response(w, "What went wrong, for people.", "text/html", text_schema(cx)));
    openapi_set(cx, schemes, "oauth2", security_scheme(cx));
    openapi_set(cx, made, "schemas", w->schemas);
    openapi_set(cx, made, "responses", failures);
    openapi_set(cx, made, "securitySchemes", schemes);
    return made;
}

ix_json *ix_openapi(ix_ctx *cx, bool (*is_left_out)(size_t op))
{
    writer w = {.cx = cx, .schemas = object(cx), .is_left_out = is_left_out};
    ix_json *info = object(cx), *license = object(cx), *server = object(cx), *made = object(cx);
    set_text(cx, license, "name", "Apache-2.0");
    set_text(cx, license, "identifier", "Apache-2.0");
    set_text(cx, info, "title", "iots");
    set_text(cx, info, "version", IOTS_VERSION);
    set_text(cx, info, "description", "Spaces, Categories, Things, their properties and history.");
    openapi_set(cx, info, "license", license);
    set_text(cx, server, "url", "/");
    set_text(cx, made, "openapi", "3.1.0");
    openapi_set(cx, made, "info", info);
    openapi_set(cx, made, "servers", list_of(cx, server));
    openapi_set(cx, made, "paths", write_paths(&w));
    openapi_set(cx, made, "components", components(&w));
    return ix_failed(cx) ? NULL : made;
}
