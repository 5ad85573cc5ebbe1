/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/view.h"

#include <stdlib.h>
#include <string.h>

#include "cli/show/field_value.h"

/* ---- values ---- */

/* As JSON, with nothing in it that a terminal obeys. */
static void json_write(ix_buf *buf, const iots_json *json, int indent)
{
    char *text = iots_json_text(json, indent);
    if (text)
        json_clean(buf, ix_str_of(text));
    else
        buf->failed = true;
    free(text);
}

bool json_print(FILE *out, const iots_json *json, int indent)
{
    ix_buf text = {0};
    json_write(&text, json, indent);
    const bool ok = !text.failed;
    if (ok)
        fprintf(out, "%s\n", ix_buf_cstr(&text));
    ix_buf_done(&text);
    return ok;
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

/* Inside a list or an object: scalars as text, the rest as JSON. */
static void part_write(ix_buf *buf, const iots_json *value)
{
    const char *text = iots_json_string(value, "");
    if (text)
        ix_buf_text(buf, text);
    else
        json_write(buf, value, 0);
}

static void list_write(ix_buf *buf, const iots_json *list)
{
    const size_t count = iots_json_count(list, "");
    for (size_t i = 0; i < count; i++) {
        if (!is_scalar(iots_json_item(list, i))) {
            json_write(buf, list, 0);
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

void sheet_value(cli_sheet *sheet, const iots_json *value)
{
    ix_buf text = {0};
    if (sheet_is_csv(sheet) && !is_scalar(value))
        json_write(&text, value, 0);
    else
        value_write(&text, value);
    sheet_cell(sheet, (ix_str){ix_buf_cstr(&text), text.len}, is_number(value));
    ix_buf_done(&text);
}

void sheet_exact(cli_sheet *sheet, const iots_json *value)
{
    ix_buf text = {0};
    if (!sheet_is_csv(sheet)) {
        sheet_value(sheet, value);
        return;
    }
    cell_write(&text, value);
    sheet_cell(sheet, (ix_str){ix_buf_cstr(&text), text.len}, is_number(value));
    ix_buf_done(&text);
}

void sheet_text(cli_sheet *sheet, const char *text)
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

/* What `at` of a column may be but a JSON Pointer. */
#define AT_NAME  NULL /* the name of a keyed item, or of the property */
#define AT_VALUE "="  /* its value as a whole */
#define AT_ID    "#"  /* the last part of the path an action or event is found at */

typedef struct view {
    const ix_schema *schema;
    layout layout;
    cli_column columns[COLUMNS_MAX];
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
        {"at", "/at", true}, {"property", AT_NAME, false}, {"value", AT_VALUE, false}}},
    {&ix_doc_action, LAYOUT_KEYED, {
        {"action", AT_NAME, false}, {"id", AT_ID, true}, {"status", "/status", false},
        {"timeRequested", "/timeRequested", false}, {"timeCompleted", "/timeCompleted", false},
        {"input", "/input", false}, {"output", "/output", false}}},
    {&ix_doc_event, LAYOUT_KEYED, {
        {"event", AT_NAME, false}, {"id", AT_ID, true}, {"timestamp", "/timestamp", false},
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

static size_t column_count(const cli_column *columns)
{
    size_t count = 0;
    while (count < COLUMNS_MAX && columns[count].title)
        count++;
    return count;
}

static const char *id_of(const iots_json *value)
{
    const char *href = iots_json_string(value, "/href");
    const char *slash = href ? strrchr(href, '/') : NULL;
    return slash ? slash + 1 : href;
}

const iots_json *member_of(const iots_json *object, const char *name)
{
    for (iots_member m = iots_json_members(object); m.name; m = iots_json_members_next(m)) {
        if (strcmp(m.name, name) == 0)
            return m.value;
    }
    return NULL;
}

/* ---- lists ---- */

struct cli_listing {
    const cli_session *session;
    const view *view;
    cli_sheet *sheet; /* of tables; made at the first item */
    cli_column columns[SHEET_COLUMNS_MAX];
    bool is_seen[SHEET_COLUMNS_MAX]; /* some item had a value for it */
    size_t column_count;
    char *texts[2 * SHEET_COLUMNS_MAX]; /* titles and pointers of columns that are no view's */
    size_t text_count;
    size_t items;
    bool is_by_members;    /* the columns are the members of the first item */
    bool has_more_members; /* some items have members that are no columns */
    bool has_failed;
};

cli_listing *listing_new(const cli_session *session, const ix_schema *schema)
{
    cli_listing *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->session = session;
    made->view = view_find(schema);
    return made;
}

/* Text that lives as long as the listing; takes what is in `buf`. */
static const char *listing_keep(cli_listing *listing, ix_buf *buf)
{
    size_t len;
    char *text = ix_buf_take(buf, &len);
    if (!text) {
        listing->has_failed = true;
        return "";
    }
    listing->texts[listing->text_count++] = text;
    return text;
}

/* The pointer to a member by its name. `descends`: dots in it lead into what is inside. */
static const char *pointer_to(cli_listing *listing, ix_str name, bool descends)
{
    ix_buf pointer = {0};
    ix_buf_char(&pointer, '/');
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        if (c == '~' || c == '/')
            ix_buf_text(&pointer, c == '~' ? "~0" : "~1");
        else if (c == '.' && descends)
            ix_buf_char(&pointer, '/');
        else
            ix_buf_char(&pointer, c);
    }
    return listing_keep(listing, &pointer);
}

/* A column as it was asked for: by the title of one of the view's, as a member, by a pointer. */
static void listing_add_column(cli_listing *listing, ix_str name)
{
    cli_column *made = &listing->columns[listing->column_count++];
    const cli_column *known = listing->view->columns;
    for (size_t i = 0; i < column_count(known); i++) {
        if (ix_str_is(name, known[i].title)) {
            *made = known[i];
            return;
        }
    }
    ix_buf title = {0};
    ix_buf_str(&title, name);
    made->title = listing_keep(listing, &title);
    made->at = name.at[0] == '/' ? made->title : pointer_to(listing, name, true);
}

/* A column for each member of an item; one for what has none. */
static void listing_add_members(cli_listing *listing, const iots_json *item)
{
    for (iots_member m = iots_json_members(item);
         m.name && listing->column_count < SHEET_COLUMNS_MAX; m = iots_json_members_next(m)) {
        ix_buf title = {0};
        ix_buf_text(&title, m.name);
        cli_column *made = &listing->columns[listing->column_count++];
        made->title = listing_keep(listing, &title);
        made->at = pointer_to(listing, ix_str_of(m.name), false);
    }
    listing->is_by_members = listing->column_count > 0;
    if (!listing->is_by_members)
        listing->columns[listing->column_count++] = (cli_column){"value", AT_VALUE, false};
}

cli_sheet *sheet_of(const cli_session *session, const cli_column *columns, size_t count)
{
    if (session->format == FORMAT_CSV)
        return sheet_new_csv(&session->out, columns, count, !session->is_again,
                             session->is_csv_safe);
    return sheet_new(&session->out, columns, count, true);
}

/* `item` is the first one; NULL if there is none. */
static void listing_begin(cli_listing *listing, const iots_json *item)
{
    const cli_session *session = listing->session;
    const cli_column *columns = listing->view->columns;
    if (session->columns) {
        for (ix_str rest = ix_str_of(session->columns); rest.len > 0;) {
            ix_str name;
            rest = ix_str_cut(rest, ',', &name);
            if (name.len > 0 && listing->column_count < SHEET_COLUMNS_MAX)
                listing_add_column(listing, name);
        }
    } else if (listing->view->layout == LAYOUT_ANY) {
        listing_add_members(listing, item);
    } else {
        listing->column_count = column_count(columns);
        memcpy(listing->columns, columns, listing->column_count * sizeof *columns);
    }
    if (!listing->has_failed)
        listing->sheet = sheet_of(session, listing->columns, listing->column_count);
}

/* A row: pointers lead into `of`; `keyed` is the name and the value of what the row is about. */
static void listing_row(cli_listing *listing, const iots_json *of, iots_member keyed)
{
    size_t found = 0;
    for (size_t i = 0; i < listing->column_count; i++) {
        const char *at = listing->columns[i].at;
        if (!at) {
            sheet_text(listing->sheet, keyed.name);
        } else if (strcmp(at, AT_ID) == 0) {
            sheet_text(listing->sheet, id_of(of));
        } else {
            const iots_json *value = strcmp(at, AT_VALUE) == 0 ? keyed.value : iots_json_at(of, at);
            /* History is what is imported again. */
            if (listing->view->layout == LAYOUT_HISTORY && value == keyed.value)
                sheet_exact(listing->sheet, value);
            else
                sheet_value(listing->sheet, value);
            found += value != NULL;
            if (!value)
                continue;
        }
        listing->is_seen[i] = true;
    }
    if (listing->is_by_members && (is_scalar(of) || iots_json_count(of, "") > found))
        listing->has_more_members = true;
}

static void listing_rows(cli_listing *listing, const iots_json *item)
{
    const iots_member whole = {.value = item};
    switch (listing->view->layout) {
    case LAYOUT_PLAIN:
    case LAYOUT_ANY:
        listing_row(listing, item, whole);
        break;
    case LAYOUT_KEYED: {
        const iots_member keyed = iots_json_members(item);
        listing_row(listing, keyed.value, keyed);
        break;
    }
    case LAYOUT_HISTORY: {
        const iots_json *values = iots_json_at(item, "/properties");
        for (iots_member m = iots_json_members(values); m.name; m = iots_json_members_next(m))
            listing_row(listing, item, m);
        break;
    }
    }
}

static void listing_json(cli_listing *listing, const iots_json *item)
{
    ix_buf text = {0};
    json_write(&text, item, 0);
    FILE *out = listing->session->out.out;
    if (text.failed)
        listing->has_failed = true;
    else if (listing->session->format == FORMAT_LINES)
        fprintf(out, "%s\n", ix_buf_cstr(&text));
    else
        fprintf(out, "%s%s", listing->items ? ",\n" : "[\n", ix_buf_cstr(&text));
    ix_buf_done(&text);
}

void listing_item(cli_listing *listing, const iots_json *item)
{
    if (!listing)
        return;
    if (format_is_json(listing->session->format)) {
        listing_json(listing, item);
    } else {
        if (listing->items == 0)
            listing_begin(listing, item);
        listing_rows(listing, item);
    }
    listing->items++;
}

/* A column that was asked for and that nothing had is perhaps a slip. */
static void listing_tell_unseen(const cli_listing *listing)
{
    for (size_t i = 0; i < listing->column_count && listing->items > 0; i++) {
        if (listing->is_seen[i])
            continue;
        ix_buf title = {0};
        text_clean(&title, ix_str_of(listing->columns[i].title));
        fprintf(stderr, "iots: nothing here has a '%s'\n", ix_buf_cstr(&title));
        ix_buf_done(&title);
    }
}

bool listing_end(cli_listing *listing, bool is_whole)
{
    if (!listing)
        return false;
    const cli_session *session = listing->session;
    bool ok = !listing->has_failed;
    if (session->format == FORMAT_JSON && is_whole)
        fputs(listing->items ? "\n]\n" : "[]\n", session->out.out);
    const bool is_table = !format_is_json(session->format), is_empty = listing->items == 0;
    const bool has_titles = session->columns || listing->view->layout != LAYOUT_ANY;
    if (is_table && is_empty && is_whole && has_titles)
        listing_begin(listing, NULL);
    if (is_table && (listing->sheet || !is_empty))
        ok = sheet_end(listing->sheet) && ok;
    if (listing->has_more_members && !session->is_quiet)
        fputs("iots: there is more than these columns; --json shows all\n", stderr);
    if (session->columns && !session->is_quiet && !session->is_again)
        listing_tell_unseen(listing);
    for (size_t i = 0; i < listing->text_count; i++)
        free(listing->texts[i]);
    free(listing);
    return ok;
}

/* ---- documents ---- */

/* An array item by item; anything else as the one item that there is. */
static bool list_print(const cli_session *session, const ix_schema *schema, const iots_json *list)
{
    cli_listing *listing = listing_new(session, schema);
    const bool is_list = iots_json_kind(list, "") == IOTS_KIND_ARRAY;
    const size_t count = is_list ? iots_json_count(list, "") : 1;
    for (size_t i = 0; i < count; i++)
        listing_item(listing, is_list ? iots_json_item(list, i) : list);
    return listing_end(listing, true);
}

/* A table of its own below the members: a title, then a row for each member of `object`. */
static bool section_print(const cli_session *session, const char *title, const iots_json *object,
                          const cli_column *columns, size_t count, const iots_json *values)
{
    if (iots_json_count(object, "") == 0)
        return true;
    const cli_screen *screen = &session->out;
    fprintf(screen->out, "\n%s%s%s\n", style_begin(screen, STYLE_HEADING), title,
            style_end(screen, STYLE_HEADING));
    struct cli_sheet *sheet = sheet_new(screen, columns, count, true);
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

static const cli_column property_columns[] = {{"name", NULL, true},
                                              {"value", NULL, false},
                                              {"unit", "/unit", false},
                                              {"type", "/type", true},
                                              {"title", "/title", false}};
static const cli_column affordance_columns[] = {{"name", NULL, true},
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
static bool members_print(const cli_session *session, const char *first_name, const char *first,
                          const iots_json *object, bool is_thing)
{
    static const cli_column columns[] = {{"name", NULL, true}, {"value", NULL, true}};
    cli_screen screen = session->out;
    screen.width = 0;
    cli_sheet *sheet = sheet_new(&screen, columns, 2, false);
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

static bool thing_print(const cli_session *session, const iots_json *thing)
{
    return members_print(session, NULL, NULL, thing, true) &&
           section_print(session, "Properties", iots_json_at(thing, "/properties"),
                         property_columns, 5, iots_json_at(thing, "/status")) &&
           section_print(session, "Actions", iots_json_at(thing, "/actions"), affordance_columns, 3,
                         NULL) &&
           section_print(session, "Events", iots_json_at(thing, "/events"), affordance_columns, 3,
                         NULL);
}

static bool values_print(const cli_session *session, const iots_json *values)
{
    static const cli_column columns[] = {{"property", NULL, true}, {"value", NULL, false}};
    cli_sheet *sheet = sheet_new(&session->out, columns, 2, true);
    for (iots_member m = iots_json_members(values); m.name; m = iots_json_members_next(m)) {
        sheet_text(sheet, m.name);
        sheet_value(sheet, m.value);
    }
    return sheet_end(sheet);
}

static bool table_print(const cli_session *session, const ix_schema *schema,
                        const iots_json *document)
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

bool document_print(const cli_session *session, const ix_schema *schema, const iots_json *document)
{
    enum { INDENT = 2 };
    if (!document)
        return true;
    switch (session->format) {
    case FORMAT_TABLE:
        return session->columns ? list_print(session, schema, document)
                                : table_print(session, schema, document);
    case FORMAT_CSV:
        return list_print(session, schema, document);
    case FORMAT_JSON:
        return json_print(session->out.out, document, INDENT);
    case FORMAT_LINES:
        if (iots_json_kind(document, "") == IOTS_KIND_ARRAY)
            return list_print(session, schema, document);
        return json_print(session->out.out, document, 0);
    }
    return true;
}

/* ---- rows ---- */

void row_begin(iots_doc *rows)
{
    iots_doc_set(rows, "/-", iots_raw("{}"));
}

void row_put(iots_doc *rows, const char *name, const char *value)
{
    char pointer[64];
    const size_t count = iots_json_count(iots_doc_json(rows), "");
    snprintf(pointer, sizeof pointer, "/%zu/%s", count ? count - 1 : 0, name);
    iots_doc_set(rows, pointer, iots_text(value ? value : ""));
}

bool rows_print(const cli_session *session, iots_doc *rows)
{
    const bool ok = !*iots_doc_error(rows) && document_print(session, NULL, iots_doc_json(rows));
    iots_doc_free(rows);
    return ok || ix_fail(session->cx, IOTS_NO_MEMORY, NULL);
}
