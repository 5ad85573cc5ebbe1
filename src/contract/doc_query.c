/* SPDX-License-Identifier: Apache-2.0 */
/* Query cursors (docs/api/http.md section 16). */
#include "contract/rows.h"
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
    {IX_ROW(post_api_cursor, query)},
    {IX_ROW_AS(post_api_cursor, bindVars, IX_T_OBJECT | IX_T_ARRAY),
     .inside = &ix_doc_properties},
    {IX_ROW(post_api_cursor, count)},
    {IX_ROW(post_api_cursor, batchSize), .min = 1},
    {IX_ROW(post_api_cursor, ttl)},
    {IX_ROW(post_api_cursor, memoryLimit)},
    {IX_ROW_AS(post_api_cursor, cache, IX_T_ANY)},
    {IX_ROW_AS(post_api_cursor, options, IX_T_ANY)},
    {IX_ROW(post_api_cursor, then), .inside = &ix_doc_then_operation},
};

static const ix_field then_fields[] = {
    {IX_ROW(then_query_request, then), .inside = &ix_doc_then_operation},
};

static const ix_field then_operation_fields[] = {
    {IX_ROW(then_operation, op), .flags = IX_REQUIRED, .is_valid = is_then_op,
     .rule = "expected update or delete"},
    {IX_ROW(then_operation, resource), .flags = IX_REQUIRED, .is_valid = is_then_resource,
     .rule = "expected things or properties"},
    {IX_ROW(then_operation, data), .flags = IX_NULLABLE},
};

static const ix_field counts_fields[] = {
    {IX_ROW(then, success_count), .flags = IX_READ_ONLY},
    {IX_ROW(then, error_count), .flags = IX_READ_ONLY},
};

static const ix_schema counts = IX_SCHEMA("Then", counts_fields, .doc = "How a change went.");

static const ix_field page_fields[] = {
    {IX_ROW(post_api_cursor_response, result), .flags = IX_READ_ONLY, .items = IX_T_ANY},
    {IX_ROW(post_api_cursor_response, hasMore), .flags = IX_READ_ONLY},
    {IX_ROW(post_api_cursor_response, id), .flags = IX_READ_ONLY | IX_ABSENT_OK},
    {IX_ROW(post_api_cursor_response, count), .flags = IX_READ_ONLY | IX_ABSENT_OK},
    {IX_ROW(post_api_cursor_response, cached), .flags = IX_READ_ONLY},
    {IX_ROW(post_api_cursor_response, extra), .flags = IX_READ_ONLY},
    {IX_ROW(post_api_cursor_response, error), .flags = IX_READ_ONLY},
    {IX_ROW(post_api_cursor_response, code), .flags = IX_READ_ONLY},
    {IX_ROW(post_api_cursor_response, then), .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .inside = &counts},
};
// clang-format on

const ix_schema ix_doc_query = IX_SCHEMA("Query", query_fields, .doc = "A query and its options.");

const ix_schema ix_doc_then =
    IX_SCHEMA("ThenQueryRequest", then_fields, .doc = "What to do with the next batch.");

const ix_schema ix_doc_then_operation =
    IX_SCHEMA("ThenOperation", then_operation_fields, .doc = "A change to the Things of a batch.");

const ix_schema ix_doc_query_page =
    IX_SCHEMA("QueryPage", page_fields, .doc = "One batch of a query's results.");
