/* SPDX-License-Identifier: Apache-2.0 */
/* Query cursors (http-api.md section 16). */
#include "contract/schema.h"

static bool is_then_op(ix_str text)
{
    return ix_str_is(text, "update") || ix_str_is(text, "delete");
}

static bool is_then_resource(ix_str text)
{
    return ix_str_is(text, "things") || ix_str_is(text, "properties");
}

// clang-format off

/* `query` is required, but its absence has a sentence and a number of its own: the handler's. */
static const ix_field query_fields[] = {
    {.name = "query", .type = IX_T_STRING,
     .doc = "The query, in AQL."},
    {.name = "bindVars", .type = IX_T_OBJECT | IX_T_ARRAY, .inside = &ix_doc_properties,
     .doc = "The values of @name and the collections of @@name."},
    {.name = "count", .type = IX_T_BOOL,
     .doc = "Whether the answer says how many results there are in all."},
    {.name = "batchSize", .type = IX_T_INT, .min = 1,
     .doc = "How many results a batch holds; at most 1000."},
    {.name = "ttl", .type = IX_T_INT,
     .doc = "How many seconds the cursor lives after each use; at most 300."},
    {.name = "memoryLimit", .type = IX_T_INT,
     .doc = "How many bytes the query may use; 0 for as many as the server lets it."},
    {.name = "cache", .type = IX_T_ANY,
     .doc = "Ignored."},
    {.name = "options", .type = IX_T_ANY,
     .doc = "Ignored."},
    {.name = "then", .type = IX_T_OBJECT, .inside = &ix_doc_then_operation,
     .doc = "A change to what the batch holds."},
};

static const ix_field then_fields[] = {
    {.name = "then", .type = IX_T_OBJECT, .inside = &ix_doc_then_operation,
     .doc = "A change to what the batch holds."},
};

static const ix_field then_operation_fields[] = {
    {.name = "op", .type = IX_T_STRING, .flags = IX_REQUIRED, .is_valid = is_then_op,
     .rule = "expected update or delete",
     .doc = "What is done: update or delete."},
    {.name = "resource", .type = IX_T_STRING, .flags = IX_REQUIRED, .is_valid = is_then_resource,
     .rule = "expected things or properties",
     .doc = "What it is done to: things or properties."},
    {.name = "data", .type = IX_T_ANY, .flags = IX_EXEMPT,
     .doc = "The new values, or the names of properties to delete."},
};

static const ix_field counts_fields[] = {
    {.name = "success_count", .type = IX_T_INT, .flags = IX_READ_ONLY,
     .doc = "How many items were changed."},
    {.name = "error_count", .type = IX_T_INT, .flags = IX_READ_ONLY,
     .doc = "How many could not be."},
};

static const ix_schema counts = IX_SCHEMA("Then", counts_fields, .doc = "How a change went.");

static const ix_field page_fields[] = {
    {.name = "result", .type = IX_T_ARRAY, .flags = IX_READ_ONLY, .items = IX_T_ANY,
     .doc = "The results of this batch."},
    {.name = "hasMore", .type = IX_T_BOOL, .flags = IX_READ_ONLY,
     .doc = "Whether there are further batches."},
    {.name = "id", .type = IX_T_STRING, .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .doc = "The cursor, while there are further batches."},
    {.name = "count", .type = IX_T_INT, .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .doc = "How many results there are in all, if asked."},
    {.name = "cached", .type = IX_T_BOOL, .flags = IX_READ_ONLY,
     .doc = "Whether the results were kept from an earlier query: never."},
    {.name = "extra", .type = IX_T_OBJECT, .flags = IX_READ_ONLY,
     .doc = "How the query went: stats.executionTime in seconds."},
    {.name = "error", .type = IX_T_BOOL, .flags = IX_READ_ONLY,
     .doc = "Whether it failed: no."},
    {.name = "code", .type = IX_T_INT, .flags = IX_READ_ONLY,
     .doc = "The HTTP status."},
    {.name = "then", .type = IX_T_OBJECT, .flags = IX_READ_ONLY | IX_ABSENT_OK, .inside = &counts,
     .doc = "How the change went, if one was asked for."},
};
// clang-format on

const ix_schema ix_doc_query = IX_SCHEMA("Query", query_fields, .doc = "A query and its options.");

const ix_schema ix_doc_then =
    IX_SCHEMA("ThenQueryRequest", then_fields, .doc = "What to do with the next batch.");

const ix_schema ix_doc_then_operation =
    IX_SCHEMA("ThenOperation", then_operation_fields, .doc = "A change to the Things of a batch.");

const ix_schema ix_doc_query_page =
    IX_SCHEMA("QueryPage", page_fields, .doc = "One batch of a query's results.");
