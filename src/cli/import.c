/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots import csv: a recording into the history of a Thing.
 *
 * Records are read one by one and sent in batches (batch.c). Importing a file again stores nothing
 * twice, and picks up where an import was cut short.
 *
 * What is counted are values: one property at one time.
 */
#include "cli/import.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/builtins.h"
#include "cli/cell.h"
#include "cli/find.h"
#include "cli/interrupt.h"
#include "cli/view.h"

enum { TIMEOUT_MS = 60 * 1000 };

/* ---- what is said ---- */

void import_show(import *import)
{
    const uint64_t bytes = csv_bytes(import->csv);
    progress_show(&import->progress, import->records, "lines",
                  import->size > 0 ? (double)bytes / (double)import->size : 0);
}

bool fail_line(import *import, uint64_t line, const ix_error *error)
{
    const ix_error copy = *error;
    ix_ctx_forgive(import->session->cx);
    return ix_fail(import->session->cx, copy.code, "line %" PRIu64 ": %.480s", line, copy.message);
}

void remark_line(import *import, uint64_t line, const char *message)
{
    progress_clear(&import->progress);
    session_remark(import->session, "line %" PRIu64 ": %s", line, message);
}

/* What was done, in any case. */
static void summary_print(import *import, bool is_whole)
{
    const session *session = import->session;
    FILE *out = session->out.out;
    progress_clear(&import->progress);
    if (session->format != FORMAT_TABLE)
        fprintf(out,
                "{\"stored\": %" PRIu64 ", \"skipped\": %" PRIu64 ", \"unreadable\": %" PRIu64
                ", \"line\": %" PRIu64 ", \"complete\": %s}\n",
                import->stored, import->conflicts, import->unreadable, import->line,
                is_whole ? "true" : "false");
    else
        fprintf(out,
                "stored %" PRIu64 ", skipped %" PRIu64 " (conflicts), %" PRIu64
                " lines unreadable%s",
                import->stored, import->conflicts, import->unreadable, is_whole ? "\n" : "");
    if (session->format == FORMAT_TABLE && !is_whole)
        fprintf(out, "; stopped after line %" PRIu64 ", import it again to go on\n", import->line);
}

/* ---- records ---- */

static bool is_empty(const import *import, ix_str cell)
{
    const ix_str text = ix_str_trim(cell);
    for (size_t i = 0; i < import->empty_count; i++) {
        if (ix_str_is(text, import->empty[i]))
            return true;
    }
    return text.len == 0;
}

/* A full date and time, or at least a full date. */
static bool time_of_cell(ix_str cell, int64_t *ret_us)
{
    enum { DATE_LEN = 10 };
    const ix_str text = ix_str_trim(cell);
    return ix_time_parse(text, ret_us) ||
           (text.len >= DATE_LEN && ix_time_parse_short(text, ret_us));
}

/* Some write a delimiter too many at the end of each line. */
static bool columns_check(ix_ctx *cx, const import *import)
{
    const size_t count = csv_count(import->csv);
    bool ok = count >= import->columns;
    for (size_t i = import->columns; ok && i < count; i++)
        ok = ix_str_trim(csv_field(import->csv, i)).len == 0;
    return ok ||
           ix_fail(cx, IOTS_INVALID, "%zu fields; the header has %zu", count, import->columns);
}

/* Reads the record at hand into the batch; *ret is NULL if there is no value in it. What is wrong
 * with it is said in batch_cx. */
static bool item_read(import *import, item **ret)
{
    ix_ctx *cx = &import->batch_cx;
    *ret = NULL;
    if (!columns_check(cx, import))
        return false;
    const ix_str time = csv_field(import->csv, import->time_index);
    item *item = ix_new(cx, struct item, 1);
    const char **values = ix_new(cx, const char *, import->mapping_count);
    if (!item || !values)
        return false;
    if (!time_of_cell(time, &item->at_us))
        return ix_fail(cx, IOTS_INVALID, "'%.*s' is no time; expected 2025-03-04T05:06:07Z",
                       (int)(time.len > 100 ? 100 : time.len), time.at);

    bool has_value = false;
    size_t bytes = IX_TIME_TEXT;
    for (size_t i = 0; i < import->mapping_count; i++) {
        const mapping *mapping = &import->mappings[i];
        const ix_str cell = csv_field(import->csv, mapping->index);
        if (is_empty(import, cell))
            continue;
        values[i] = cell_value(cx, cell, mapping->type);
        if (!values[i] && ix_failed(cx)) {
            const ix_error error = cx->error;
            ix_ctx_forgive(cx);
            return ix_fail(cx, error.code, "%.100s: %.380s", mapping->column, error.message);
        }
        has_value = has_value || values[i];
        bytes += values[i] ? strlen(values[i]) + strlen(mapping->property) + 8 : 0;
    }
    item->line = csv_line(import->csv);
    item->values = values;
    import->item_bytes += has_value ? bytes : 0;
    *ret = has_value ? item : NULL;
    return true;
}

/* A line that cannot be read: the end, or passed over. */
static bool line_bad(import *import, const ix_error *error)
{
    const uint64_t line = csv_line(import->csv);
    if (!import->skips_errors)
        return fail_line(import, line, error);
    remark_line(import, line, error->message);
    import->unreadable++;
    return true;
}

static bool record_take(import *import)
{
    item *item;
    if (!item_read(import, &item)) {
        const ix_error error = import->batch_cx.error;
        ix_ctx_forgive(&import->batch_cx);
        if (error.code != IOTS_INVALID)
            return ix_fail(import->session->cx, error.code, "%s", error.message);
        return line_bad(import, &error);
    }
    return !item || batch_add(import, item);
}

static bool records_send(import *import)
{
    for (uint64_t line = 1;; line = csv_line(import->csv)) {
        const bool is_full = import->item_count == BATCH_ITEMS || import->item_bytes >= BATCH_BYTES;
        if (is_full && !batch_send(import, line))
            return false;
        if (interrupt_seen())
            return false;
        import_show(import);
        switch (csv_next(import->csv)) {
        case CSV_END:
            return batch_send(import, line);
        case CSV_FAILED:
            return !interrupt_seen() && ix_fail(import->session->cx, IOTS_UNEXPECTED,
                                                "the file cannot be read: %s", strerror(errno));
        case CSV_BAD: {
            ix_error error = {.code = IOTS_INVALID};
            snprintf(error.message, sizeof error.message, "%s", csv_error(import->csv));
            if (!line_bad(import, &error))
                return false;
            break;
        }
        case CSV_RECORD:
            if (!record_take(import))
                return false;
            break;
        }
        import->records++;
    }
}

/* ---- before the first record ---- */

static ssize_t file_next(void *arg, void *to, size_t size)
{
    const import *import = arg;
    return interrupt_read(import->fd, to, size);
}

static bool delimiter_read(session *session, char *ret)
{
    const char *value = args_value(session->args, "delimiter");
    if (!value)
        *ret = ',';
    else if (strcmp(value, "tab") == 0 || strcmp(value, "\\t") == 0)
        *ret = '\t';
    else if (strlen(value) == 1 && !strchr("\"\r\n", value[0]) && (unsigned char)value[0] < 0x80)
        *ret = value[0];
    else
        return ix_fail(session->cx, IOTS_USAGE, "--delimiter %s: expected one character, or tab",
                       value);
    return true;
}

static bool file_open(import *import)
{
    session *session = import->session;
    const args *args = session->args;
    char delimiter = 0;
    if (args->word_count != 1)
        return ix_fail(session->cx, IOTS_USAGE,
                       args->word_count ? "one file at a time" : "which file? - is standard input");
    if (!delimiter_read(session, &delimiter))
        return false;
    const char *path = args->words[0];
    import->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    if (import->fd < 0 || fstat(import->fd, &stat) != 0)
        return ix_fail(session->cx, IOTS_USAGE, "%s: %s", path, strerror(errno));
    if (S_ISDIR(stat.st_mode))
        return ix_fail(session->cx, IOTS_USAGE, "%s is a folder", path);
    import->size = S_ISREG(stat.st_mode) && stat.st_size > 0 ? (uint64_t)stat.st_size : 0;
    import->csv = csv_new(file_next, import, delimiter);
    return import->csv || ix_fail(session->cx, IOTS_NO_MEMORY, NULL);
}

/* The Thing tells the type of each property. */
static bool thing_read(import *import)
{
    session *session = import->session;
    const args *args = session->args;
    const char *id = args_value(args, "thing"), *category = args_value(args, "category");
    const char *space = session_space(session);
    if (!space)
        return false;
    const char *title = args_value(args, "title");
    if (!id == !title)
        return ix_fail(session->cx, IOTS_USAGE, "which Thing? --thing ID, or --title TEXT");
    if (!thing_find(session, category, title ? title : id, title != NULL, &id))
        return false;
    const iots_space at = iots_api_space(session->api, space);
    import->thing = category ? iots_category_thing(iots_space_category(at, category), id)
                             : iots_space_thing(at, id);
    import->description = iots_thing_get(import->thing, NULL);
    return session_ok(session, import->description);
}

/* The column of this name. */
static bool column_find(import *import, const char *name, size_t *ret)
{
    ix_ctx *cx = import->session->cx;
    size_t count = 0;
    for (size_t i = 0; i < import->columns; i++) {
        if (!ix_str_is(ix_str_trim(csv_field(import->csv, i)), name))
            continue;
        *ret = i;
        count++;
    }
    if (count == 1)
        return true;
    if (count > 1)
        return ix_fail(cx, IOTS_USAGE, "the header has %zu columns '%s'", count, name);
    ix_buf names = {0};
    for (size_t i = 0; i < import->columns && names.len < 200; i++)
        ix_buf_format(&names, "%s%.*s", i ? ", " : "", (int)csv_field(import->csv, i).len,
                      csv_field(import->csv, i).at);
    ix_fail(cx, IOTS_USAGE, "the header has no column '%s'; it has: %.300s", name,
            ix_buf_cstr(&names));
    ix_buf_done(&names);
    return false;
}

static bool mapping_add(import *import, const char *column, const char *property)
{
    ix_ctx *cx = import->session->cx;
    const iots_json *properties = iots_json_at(iots_reply_body(import->description), "/properties");
    const iots_json *affordance = member_of(properties, property);
    if (!affordance) {
        ix_buf names = {0};
        for (iots_member m = iots_json_members(properties); m.name && names.len < 200;
             m = iots_json_members_next(m))
            ix_buf_format(&names, "%s%s", names.len ? ", " : "", m.name);
        ix_fail(cx, IOTS_NOT_FOUND, "the Thing has no property '%s'; it has: %.300s", property,
                names.len ? names.at : "none");
        ix_buf_done(&names);
        return false;
    }
    for (size_t i = 0; i < import->mapping_count; i++) {
        if (strcmp(import->mappings[i].property, property) == 0)
            return ix_fail(cx, IOTS_USAGE, "two columns are mapped to '%s'", property);
    }
    if (import->mapping_count == MAPPINGS_MAX)
        return ix_fail(cx, IOTS_USAGE, "at most %d columns can be mapped", MAPPINGS_MAX);
    mapping *mapping = &import->mappings[import->mapping_count];
    *mapping = (struct mapping){column, property, iots_json_string(affordance, "/type"), 0};
    if (!column_find(import, column, &mapping->index))
        return false;
    import->mapping_count++;
    return true;
}

/* --map column=property; without any, every column that is called like a property. */
static bool mappings_read(import *import)
{
    session *session = import->session;
    ix_ctx *cx = session->cx;
    size_t at = 0;
    for (const char *map; (map = args_each(session->args, "map", &at));) {
        const char *equals = strchr(map, '=');
        const char *column = equals ? ix_strndup(cx, map, (size_t)(equals - map)) : map;
        if (!column || !mapping_add(import, column, equals ? equals + 1 : map))
            return false;
    }
    if (import->mapping_count > 0)
        return true;
    const iots_json *properties = iots_json_at(iots_reply_body(import->description), "/properties");
    for (size_t i = 0; i < import->columns; i++) {
        const ix_str field = ix_str_trim(csv_field(import->csv, i));
        const char *name = ix_strndup(cx, field.at, field.len);
        if (!name)
            return false;
        if (i != import->time_index && member_of(properties, name) &&
            !mapping_add(import, name, name))
            return false;
    }
    return import->mapping_count > 0 ||
           ix_fail(cx, IOTS_USAGE,
                   "no column is called like a property of the Thing: --map COLUMN=PROPERTY");
}

static bool header_read(import *import)
{
    ix_ctx *cx = import->session->cx;
    const char *time = args_value(import->session->args, "time");
    if (!time)
        return ix_fail(cx, IOTS_USAGE, "which column holds the time? --time COLUMN");
    switch (csv_next(import->csv)) {
    case CSV_RECORD:
        break;
    case CSV_END:
        return ix_fail(cx, IOTS_INVALID,
                       "the file is empty; the first line has to name the columns");
    case CSV_BAD:
        return ix_fail(cx, IOTS_INVALID, "line %" PRIu64 ": %s", csv_line(import->csv),
                       csv_error(import->csv));
    case CSV_FAILED:
        return !interrupt_seen() &&
               ix_fail(cx, IOTS_UNEXPECTED, "the file cannot be read: %s", strerror(errno));
    }
    import->columns = csv_count(import->csv);
    while (import->columns > 1 && ix_str_trim(csv_field(import->csv, import->columns - 1)).len == 0)
        import->columns--;
    return column_find(import, time, &import->time_index) && mappings_read(import);
}

static bool options_read(import *import)
{
    session *session = import->session;
    size_t at = 0;
    for (const char *empty; (empty = args_each(session->args, "empty", &at));) {
        if (import->empty_count == EMPTY_MAX)
            return ix_fail(session->cx, IOTS_USAGE, "--empty: at most %d times", EMPTY_MAX);
        import->empty[import->empty_count++] = empty;
    }
    return args_skips(session->cx, session->args, "on-conflict", true, &import->skips_conflicts) &&
           args_skips(session->cx, session->args, "on-error", false, &import->skips_errors);
}

bool import_run(session *session)
{
    import *import = ix_new(session->cx, struct import, 1);
    if (!import)
        return false;
    import->session = session;
    import->fd = -1;
    interrupt_catch();
    import->timeout_ms = args_has(session->args, "timeout") ? 0 : TIMEOUT_MS;
    bool ok = ix_ctx_init(&import->batch_cx, 0) && batch_clear(import) && options_read(import) &&
              file_open(import) && session_open(session) && thing_read(import) &&
              header_read(import);
    if (ok) {
        import->progress = progress_begin(session);
        import->line = csv_line(import->csv);
        ok = records_send(import);
        summary_print(import, ok);
    }
    if (interrupt_seen())
        session->quit = QUIT_INTERRUPTED;
    iots_reply_free(import->description);
    csv_free(import->csv);
    if (import->fd > STDIN_FILENO)
        close(import->fd);
    ix_map_free(import->times);
    ix_ctx_done(&import->batch_cx);
    return ok || (interrupt_seen() && !ix_failed(session->cx));
}
