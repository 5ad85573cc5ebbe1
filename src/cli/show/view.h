/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents as people and programs see them.
 *
 * For people, each kind of document has its columns (view_rows); what has none shows the members of
 * its first item. For programs, everything is there as the server sent it; CSV has the
 * columns of the tables, with whole values.
 */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include <iots/iots.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "cli/session.h"
#include "contract/schema.h"

/* A list being printed, item by item. */
typedef struct cli_listing cli_listing;

/* `schema` is that of one item; NULL if there is none. NULL when out of memory. */
cli_listing *listing_new(const cli_session *session, const ix_schema *schema);
void listing_item(cli_listing *listing, const iots_json *item);

/* Ends and frees it. A list that is not whole leaves its JSON array open, so that no program takes
 * a part for the whole. False when memory ran out on the way. */
bool listing_end(cli_listing *listing, bool is_whole);

/* One document; NULL prints nothing. */
bool document_print(const cli_session *session, const ix_schema *schema, const iots_json *document);

/* Rows of our own making, which are shown like those of a server: begin one, put its members in
 * order (NULL: empty), print and free all. `rows` is made by iots_doc_parse("[]"). */
void row_begin(iots_doc *rows);
void row_put(iots_doc *rows, const char *name, const char *value);
bool rows_print(const cli_session *session, iots_doc *rows);

/* A value in a cell: text as it is, numbers as JSON, lists with commas, objects as name=value. */
void value_write(ix_buf *buf, const iots_json *value);

/* As JSON, indented (0: on one line), with a line break. False when out of memory. */
bool json_print(FILE *out, const iots_json *json, int indent);

/* A member by its name as it is, which no JSON Pointer needs to be made of. NULL if absent. */
const iots_json *member_of(const iots_json *object, const char *name);

/* A sheet in the format of the session, which is not JSON. */
cli_sheet *sheet_of(const cli_session *session, const cli_column *columns, size_t count);

/* One more cell of a sheet. In CSV, lists and objects are JSON. */
void sheet_text(cli_sheet *sheet, const char *text); /* NULL: empty */
void sheet_value(cli_sheet *sheet, const iots_json *value);

/* As sheet_value(), but in CSV so that it can be seen which value it was, type and all (field_value.h). */
void sheet_exact(cli_sheet *sheet, const iots_json *value);

#endif
