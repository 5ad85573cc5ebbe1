/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view.h"

#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

bool json_print(FILE *out, const iots_json *json, int indent)
{
    char *text = iots_json_text(json, indent);
    if (text)
        fprintf(out, "%s\n", text);
    free(text);
    return text != NULL;
}

static bool is_scalar(const iots_json *value)
{
    const iots_kind kind = iots_json_kind(value, "");
    return kind != IOTS_KIND_ARRAY && kind != IOTS_KIND_OBJECT;
}

static bool is_number(const iots_json *value)
{
    const iots_kind kind = iots_json_kind(value, "");
    return kind == IOTS_KIND_INTEGER || kind == IOTS_KIND_NUMBER;
}

static void json_write(ix_buf *buf, const iots_json *value)
{
    char *text = iots_json_text(value, 0);
    if (text)
        ix_buf_text(buf, text);
    else
        buf->failed = true;
    free(text);
}

/* Inside a list or an object: scalars as text, the rest as JSON. */
static void part_write(ix_buf *buf, const iots_json *value)
{
    const char *text = iots_json_string(value, "");
    if (text)
        ix_buf_text(buf, text);
    else
        json_write(buf, value);
}

static void list_write(ix_buf *buf, const iots_json *list)
{
    const size_t count = iots_json_count(list, "");
    for (size_t i = 0; i < count; i++) {
        if (!is_scalar(iots_json_item(list, i))) {
            json_write(buf, list);
            return;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            ix_buf_text(buf, ", ");
        part_write(buf, iots_json_item(list, i));
    }
}

void value_write(ix_buf *buf, const iots_json *value)
{
    switch (iots_json_kind(value, "")) {
    case IOTS_KIND_NONE:
    case IOTS_KIND_NULL:
        break;
    case IOTS_KIND_ARRAY:
        list_write(buf, value);
        break;
    case IOTS_KIND_OBJECT:
        for (iots_member m = iots_json_members(value); m.name; m = iots_json_members_next(m)) {
            ix_buf_format(buf, "%s%s=", buf->len > 0 ? " " : "", m.name);
            part_write(buf, m.value);
        }
        break;
    case IOTS_KIND_BOOL:
    case IOTS_KIND_INTEGER:
    case IOTS_KIND_NUMBER:
    case IOTS_KIND_TEXT:
        part_write(buf, value);
        break;
    }
}

void sheet_value(sheet *sheet, const iots_json *value)
{
    ix_buf text = {0};
    value_write(&text, value);
    sheet_cell(sheet, (ix_str){ix_buf_cstr(&text), text.len}, is_number(value));
    ix_buf_done(&text);
}

void sheet_text(sheet *sheet, const char *text)
{
    sheet_cell(sheet, ix_str_of(text ? text : ""), false);
}

/* ---- columns ---- */

/* What an item of a list looks like. */
typedef enum layout {
    LAYOUT_PLAIN,   /* an object whose members are the columns */
    LAYOUT_KEYED,   /* {name: value}, as actions and events: the columns are of the value */
    LAYOUT_HISTORY, /* {"at": ..., "properties": {...}}: a row for each property */
    LAYOUT_ANY,     /* columns are the members of the first item, or there is one only */
} layout;

enum { COLUMNS_MAX = 8 };

typedef struct view {
    const ix_schema *schema;
    layout layout;
    column columns[COLUMNS_MAX]; /* `at` NULL: the name of a keyed item; "#": its ID */
} view;

// clang-format off
static const view view_rows[] = {
    {&ix_doc_space, LAYOUT_PLAIN, {
        {"name", "/name", true}}},
    {&ix_doc_category, LAYOUT_PLAIN, {
        {"name", "/name", true}, {"description", "/description", false}, {"model", "/model", false},
        {"created", "/created", false}}},
    {&ix_doc_model, LAYOUT_PLAIN, {
        {"name", "/name", true}, {"description", "/description", false}, {"created", "/created", false},
        {"modified", "/modified", false}}},
    {&ix_doc_version, LAYOUT_PLAIN, {
        {"version", "/version", true}, {"title", "/title", false}, {"description", "/description", false},
        {"created", "/created", false}}},
    {&ix_doc_thing, LAYOUT_PLAIN, {
        {"uid", "/uid", true}, {"title", "/title", false}, {"@type", "/@type", false},
        {"categories", "/categories", false}, {"model", "/model/name", false}, {"status", "/status", false}}},
    {&ix_doc_history_item, LAYOUT_HISTORY, {
        {"at", NULL, true}, {"property", NULL, false}, {"value", NULL, false}}},
    {&ix_doc_action, LAYOUT_KEYED, {
        {"action", NULL, false}, {"id", "#", true}, {"status", "/status", false},
        {"timeRequested", "/timeRequested", false}, {"timeCompleted", "/timeCompleted", false},
        {"input", "/input", false}, {"output", "/output", false}}},
    {&ix_doc_event, LAYOUT_KEYED, {
        {"event", NULL, false}, {"id", "#", true}, {"timestamp", "/timestamp", false},
        {"data", "/data", false}}},
};
// clang-format on

static const view *view_find(const ix_schema *schema)
{
    static const view any = {.layout = LAYOUT_ANY};
    for (size_t i = 0; i < sizeof view_rows / sizeof view_rows[0]; i++) {
        if (schema && view_rows[i].schema == schema)
            return &view_rows[i];
    }
    return &any;
}

static size_t column_count(const column *columns)
{
    size_t count = 0;
    while (count < COLUMNS_MAX && columns[count].title)
        count++;
    return count;
}

/* The last part of the path an action or event is found at. */
static const char *id_of(const iots_json *value)
{
    const char *href = iots_json_string(value, "/href");
    const char *slash = href ? strrchr(href, '/') : NULL;
    return slash ? slash + 1 : href;
}

/* ---- lists ---- */

struct listing {
    const session *session;
    const view *view;
    sheet *sheet;                   /* of FORMAT_TABLE; made at the first item */
    char *names[SHEET_COLUMNS_MAX]; /* of LAYOUT_ANY: the members; the listing's */
    size_t name_count;
    size_t items;
    bool has_more_members; /* some items have members that are no columns */
    bool has_failed;
};

listing *listing_new(const session *session, const ix_schema *schema)
{
    listing *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->session = session;
    made->view = view_find(schema);
    return made;
}

static void listing_add_name(listing *listing, column *columns, const char *name)
{
    char *copy = strdup(name);
    if (!copy) {
        listing->has_failed = true;
        return;
    }
    columns[listing->name_count].title = copy;
    listing->names[listing->name_count++] = copy;
}

static void listing_begin(listing *listing)
{
    const column *columns = listing->view->columns;
    listing->sheet = sheet_new(&listing->session->out, columns, column_count(columns), true);
}

/* The columns of a list of anything: the members of the first item. */
static void listing_begin_any(listing *listing, const iots_json *item)
{
    column columns[SHEET_COLUMNS_MAX] = {{"value", NULL, false}};
    if (iots_json_kind(item, "") == IOTS_KIND_OBJECT) {
        iots_member m = iots_json_members(item);
        for (; m.name && listing->name_count < SHEET_COLUMNS_MAX; m = iots_json_members_next(m))
            listing_add_name(listing, columns, m.name);
    }
    const size_t count = listing->name_count ? listing->name_count : 1;
    listing->sheet = sheet_new(&listing->session->out, columns, count, true);
}

const iots_json *member_of(const iots_json *object, const char *name)
{
    for (iots_member m = iots_json_members(object); m.name; m = iots_json_members_next(m)) {
        if (strcmp(m.name, name) == 0)
            return m.value;
    }
    return NULL;
}

static void listing_any(listing *listing, const iots_json *item)
{
    if (listing->name_count == 0) {
        sheet_value(listing->sheet, item);
        return;
    }
    size_t found = 0;
    for (size_t i = 0; i < listing->name_count; i++) {
        const iots_json *value = member_of(item, listing->names[i]);
        sheet_value(listing->sheet, value);
        found += value != NULL;
    }
    if (is_scalar(item) || iots_json_count(item, "") > found)
        listing->has_more_members = true;
}

static void listing_row(listing *listing, const iots_json *item)
{
    const column *columns = listing->view->columns;
    sheet *sheet = listing->sheet;
    const iots_member keyed = iots_json_members(item);
    const bool is_keyed = listing->view->layout == LAYOUT_KEYED;
    const iots_json *value = is_keyed ? keyed.value : item;
    for (size_t i = 0; i < column_count(columns); i++) {
        if (!columns[i].at)
            sheet_text(sheet, keyed.name);
        else if (columns[i].at[0] == '#')
            sheet_text(sheet, id_of(value));
        else
            sheet_value(sheet, iots_json_at(value, columns[i].at));
    }
}

static void listing_history(listing *listing, const iots_json *item)
{
    const iots_json *values = iots_json_at(item, "/properties");
    for (iots_member m = iots_json_members(values); m.name; m = iots_json_members_next(m)) {
        sheet_text(listing->sheet, iots_json_string(item, "/at"));
        sheet_text(listing->sheet, m.name);
        sheet_value(listing->sheet, m.value);
    }
}

static void listing_json(listing *listing, const iots_json *item)
{
    char *text = iots_json_text(item, 0);
    FILE *out = listing->session->out.out;
    if (!text)
        listing->has_failed = true;
    else if (listing->session->format == FORMAT_LINES)
        fprintf(out, "%s\n", text);
    else
        fprintf(out, "%s%s", listing->items ? ",\n" : "[\n", text);
    free(text);
}

void listing_item(listing *listing, const iots_json *item)
{
    if (!listing)
        return;
    if (listing->session->format != FORMAT_TABLE) {
        listing_json(listing, item);
    } else {
        const bool is_any = listing->view->layout == LAYOUT_ANY;
        if (listing->items == 0 && is_any)
            listing_begin_any(listing, item);
        else if (listing->items == 0)
            listing_begin(listing);
        switch (listing->view->layout) {
        case LAYOUT_PLAIN:
        case LAYOUT_KEYED:
            listing_row(listing, item);
            break;
        case LAYOUT_HISTORY:
            listing_history(listing, item);
            break;
        case LAYOUT_ANY:
            listing_any(listing, item);
            break;
        }
    }
    listing->items++;
}

bool listing_end(listing *listing, bool is_whole)
{
    if (!listing)
        return false;
    const session *session = listing->session;
    bool ok = !listing->has_failed;
    if (session->format == FORMAT_JSON && is_whole)
        fputs(listing->items ? "\n]\n" : "[]\n", session->out.out);
    const bool is_empty = listing->items == 0;
    if (session->format == FORMAT_TABLE && is_empty && is_whole && listing->view->columns[0].title)
        listing_begin(listing);
    if (session->format == FORMAT_TABLE && (listing->sheet || !is_empty))
        ok = sheet_end(listing->sheet) && ok;
    if (listing->has_more_members && !session->is_quiet)
        fputs("iots: there is more than these columns; --json shows all\n", stderr);
    for (size_t i = 0; i < listing->name_count; i++)
        free(listing->names[i]);
    free(listing);
    return ok;
}

/* ---- documents ---- */

static bool list_print(const session *session, const ix_schema *schema, const iots_json *list)
{
    listing *listing = listing_new(session, schema);
    for (size_t i = 0; i < iots_json_count(list, ""); i++)
        listing_item(listing, iots_json_item(list, i));
    return listing_end(listing, true);
}

/* A table of its own below the members: a title, then a row for each member of `object`. */
static bool section_print(const session *session, const char *title, const iots_json *object,
                          const column *columns, size_t count, const iots_json *values)
{
    if (iots_json_count(object, "") == 0)
        return true;
    const screen *screen = &session->out;
    fprintf(screen->out, "\n%s%s%s\n", style_begin(screen, STYLE_HEADING), title,
            style_end(screen, STYLE_HEADING));
    struct sheet *sheet = sheet_new(screen, columns, count, true);
    for (iots_member m = iots_json_members(object); m.name; m = iots_json_members_next(m)) {
        sheet_text(sheet, m.name);
        for (size_t i = 1; i < count; i++) {
            if (columns[i].at)
                sheet_value(sheet, iots_json_at(m.value, columns[i].at));
            else
                sheet_value(sheet, member_of(values, m.name));
        }
    }
    return sheet_end(sheet);
}

static const column property_columns[] = {{"name", NULL, true},
                                          {"value", NULL, false},
                                          {"unit", "/unit", false},
                                          {"type", "/type", true},
                                          {"title", "/title", false}};
static const column affordance_columns[] = {{"name", NULL, true},
                                            {"title", "/title", false},
                                            {"description", "/description", false}};

/* Has it a section of its own? */
static bool is_section(const char *name)
{
    static const char *const names[] = {"properties", "actions", "events", "status"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* Members below each other. They are what one reads and copies: nothing is cut. */
static bool members_print(const session *session, const char *first_name, const char *first,
                          const iots_json *object, bool is_thing)
{
    static const column columns[] = {{"name", NULL, true}, {"value", NULL, true}};
    screen screen = session->out;
    screen.width = 0;
    sheet *sheet = sheet_new(&screen, columns, 2, false);
    if (first_name) {
        sheet_text(sheet, first_name);
        sheet_text(sheet, first);
    }
    for (iots_member m = iots_json_members(object); m.name; m = iots_json_members_next(m)) {
        if (is_thing && is_section(m.name))
            continue;
        sheet_text(sheet, m.name);
        ix_buf text = {0};
        value_write(&text, m.value);
        sheet_cell(sheet, (ix_str){ix_buf_cstr(&text), text.len}, false);
        ix_buf_done(&text);
    }
    return sheet_end(sheet);
}

static bool thing_print(const session *session, const iots_json *thing)
{
    return members_print(session, NULL, NULL, thing, true) &&
           section_print(session, "Properties", iots_json_at(thing, "/properties"),
                         property_columns, 5, iots_json_at(thing, "/status")) &&
           section_print(session, "Actions", iots_json_at(thing, "/actions"), affordance_columns, 3,
                         NULL) &&
           section_print(session, "Events", iots_json_at(thing, "/events"), affordance_columns, 3,
                         NULL);
}

static bool values_print(const session *session, const iots_json *values)
{
    static const column columns[] = {{"property", NULL, true}, {"value", NULL, false}};
    sheet *sheet = sheet_new(&session->out, columns, 2, true);
    for (iots_member m = iots_json_members(values); m.name; m = iots_json_members_next(m)) {
        sheet_text(sheet, m.name);
        sheet_value(sheet, m.value);
    }
    return sheet_end(sheet);
}

static bool table_print(const session *session, const ix_schema *schema, const iots_json *document)
{
    const view *view = view_find(schema);
    const iots_json *list = document;
    const iots_member keyed = iots_json_members(document);
    switch (iots_json_kind(document, "")) {
    case IOTS_KIND_ARRAY:
        return list_print(session, schema, list);
    case IOTS_KIND_OBJECT:
        if (schema == &ix_doc_thing)
            return thing_print(session, document);
        if (schema == &ix_doc_properties)
            return values_print(session, document);
        if (view->layout == LAYOUT_KEYED)
            return members_print(session, view->columns[0].title, keyed.name, keyed.value, false);
        return members_print(session, NULL, NULL, document, false);
    default:
        return json_print(session->out.out, document, 0);
    }
}

bool document_print(const session *session, const ix_schema *schema, const iots_json *document)
{
    enum { INDENT = 2 };
    if (!document)
        return true;
    switch (session->format) {
    case FORMAT_TABLE:
        return table_print(session, schema, document);
    case FORMAT_JSON:
        return json_print(session->out.out, document, INDENT);
    case FORMAT_LINES:
        if (iots_json_kind(document, "") == IOTS_KIND_ARRAY)
            return list_print(session, schema, document);
        return json_print(session->out.out, document, 0);
    }
    return true;
}
