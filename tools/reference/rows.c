/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of rows, included by a header to make structs:
 *
 *     IOTS_BEGIN(name, "Title", "A sentence.")
 *     IOTS_FIELD(TYPE, member, "member", REQUIRED, "A sentence.")
 *     #include <iots/models/more_rows.def>
 *     IOTS_END(name)
 *
 * Any word may stand in the place of IOTS_FIELD, and any number of cells up to five behind it.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "header.h"

enum { CELLS = 5, DEPTH_MAX = 8 };

typedef struct reading {
    ix_ctx *cx;
    const char *folder;
    rows *open; /* the table at hand; NULL: none */
    row **rows_end;
    rows **tables_end;
    int depth; /* of files that include each other */
} reading;

static bool file_rows(reading *reading, const char *path);

/* A cell, from *at to the comma or bracket behind it: brackets may be in it, and texts, which are put
 * together and lose their quotes. */
static const char *cell_read(ix_ctx *cx, ix_str text, size_t *at)
{
    ix_buf cell = {0};
    int depth = 0;
    bool is_quoted = false, was_quoted = false;
    for (; *at < text.len; ++*at) {
        const char c = text.at[*at];
        if (c == '"' && (*at == 0 || text.at[*at - 1] != '\\')) {
            is_quoted = !is_quoted;
            was_quoted = true;
            continue;
        }
        if (!is_quoted && depth == 0 && (c == ',' || c == ')'))
            break;
        if (!is_quoted)
            depth += (c == '(') - (c == ')');
        if (is_quoted || (!was_quoted && !isspace((unsigned char)c)))
            ix_buf_char(&cell, c);
    }
    char *ret = cell.failed ? NULL : ix_strdup(cx, ix_buf_cstr(&cell));
    ix_buf_done(&cell);
    return ret;
}

/* The cells behind a word; *at is behind the bracket afterwards. */
static size_t cells_read(ix_ctx *cx, ix_str text, size_t *at, const char *cells[CELLS])
{
    size_t count = 0;
    while (*at < text.len && text.at[*at] != ')') {
        ++*at; /* the bracket or comma before the cell */
        const char *cell = cell_read(cx, text, at);
        if (count < CELLS)
            cells[count++] = cell;
    }
    if (*at < text.len)
        ++*at;
    return count;
}

static bool ends_with(ix_str word, const char *end)
{
    const size_t len = strlen(end);
    return word.len > len && memcmp(word.at + word.len - len, end, len) == 0;
}

static void table_begin(reading *reading, const char *const cells[CELLS])
{
    rows *table = ix_new(reading->cx, rows, 1);
    if (!table)
        return;
    table->name = cells[0];
    table->title = cells[1] ? cells[1] : cells[0];
    table->summary = cells[2] ? cells[2] : "";
    *reading->tables_end = table;
    reading->tables_end = &table->next;
    reading->open = table;
    reading->rows_end = &table->rows;
}

static void row_add(reading *reading, const char *const cells[CELLS])
{
    row *row = ix_new(reading->cx, struct row, 1);
    if (!row || !reading->open)
        return;
    memcpy(row->cells, cells, sizeof row->cells);
    *reading->rows_end = row;
    reading->rows_end = &row->next;
}

static size_t word_read(reading *reading, ix_str text, size_t at, ix_str word)
{
    const char *cells[CELLS] = {0};
    cells_read(reading->cx, text, &at, cells);
    if (ends_with(word, "BEGIN"))
        table_begin(reading, cells);
    else if (ends_with(word, "END"))
        reading->open = NULL;
    else
        row_add(reading, cells);
    return at;
}

/* A line that begins with #: another file of rows, or nothing that matters. */
static bool directive_read(reading *reading, ix_str line)
{
    ix_str path = {0}, front;
    if (ix_str_starts(line, "#include"))
        path = ix_str_cut(line, '<', &front);
    if (!path.at)
        return true;
    ix_str name;
    ix_str_cut(path, '>', &name);
    if (!ends_with(name, ".def"))
        return true;
    return file_rows(reading,
                     ix_format(reading->cx, "%s/%.*s", reading->folder, (int)name.len, name.at));
}

/* Behind a comment, or a line. */
static size_t skip_to(ix_str text, size_t at, const char *end)
{
    const char *found = memmem(text.at + at, text.len - at, end, strlen(end));
    return found ? (size_t)(found - text.at) + strlen(end) : text.len;
}

static bool text_rows(reading *reading, ix_str text)
{
    size_t at = 0;
    while (at < text.len && !ix_failed(reading->cx)) {
        const char c = text.at[at];
        if (c == '/' && at + 1 < text.len && text.at[at + 1] == '*')
            at = skip_to(text, at, "*/");
        else if (c == '/')
            at = skip_to(text, at, "\n");
        else if (c == '#') {
            const size_t end = skip_to(text, at, "\n");
            if (!directive_read(reading, (ix_str){text.at + at, end - at}))
                return false;
            at = end;
        } else if (isalpha((unsigned char)c)) {
            const size_t from = at;
            while (at < text.len && (isalnum((unsigned char)text.at[at]) || text.at[at] == '_'))
                at++;
            at = word_read(reading, text, at, (ix_str){text.at + from, at - from});
        } else
            at++;
    }
    return !ix_failed(reading->cx);
}

static bool file_rows(reading *reading, const char *path)
{
    if (!path || reading->depth == DEPTH_MAX)
        return ix_fail(reading->cx, IOTS_INVALID, "%s: files include each other", path ? path : "");
    const ix_str text = file_read(reading->cx, path);
    reading->depth++;
    const bool ok = text.at && text_rows(reading, text);
    reading->depth--;
    return ok;
}

bool rows_read(ix_ctx *cx, const char *folder, const char *path, rows **ret)
{
    reading reading = {.cx = cx, .folder = folder, .tables_end = ret};
    return file_rows(&reading, path);
}
