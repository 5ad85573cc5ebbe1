/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots export space: all that the API shows of a space, into a folder (space.h).
 *
 * Each file appears whole or not at all (atomic_file.h), and one that is there is not fetched again: that is
 * how an export that was cut short goes on. Lists go page by page from the server into the file, so that
 * memory does not grow with the space.
 *
 * There is no moment at which the server holds still: what changes meanwhile may be in one file as it
 * was, and in another as it is.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "base/ulid.h"
#include "cli/builtins.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "cli/show/csv.h"
#include "cli/show/field_value.h"
#include "cli/show/view.h"
#include "cli/transfer/atomic_file.h"
#include "cli/transfer/line_reader.h"
#include "cli/transfer/progress.h"
#include "cli/transfer/space.h"

enum {
    PAGE_ITEMS = 1000, /* what the server gives at once */
    PAGE_THINGS = 100, /* descriptions may be long, and an answer is held in memory */
    RETRIES = 5,       /* of a page */
    TIMEOUT_MS = 60 * 1000,
    COLUMNS_MAX = CSV_FIELDS_MAX - 1, /* properties in a CSV file, the time apart */
};

typedef struct space_export {
    cli_session *session;
    const char *folder, *space;
    int64_t page_items; /* 0: as above */
    int timeout_ms;
    ix_ctx of_file; /* what is needed while one file is written */
    cli_manifest manifest;
    uint64_t things_done, records;
    cli_progress progress;
} space_export;

/* ---- one list into one file ---- */

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* As a failure of the session, because those of a file end with it. */
static bool fail_pass(space_export *export)
{
    return ix_ctx_forward_error(export->session->cx, &export->of_file);
}

static void export_show(space_export *export)
{
    const uint64_t things = export->manifest.counts[PART_THINGS];
    progress_show(&export->progress, export->records, "lines",
                  things > 0 ? (double)export->things_done / (double)things : 0);
}

static bool record_take(space_export *export, cli_part part, const char *model,
                        const iots_json *doc, atomic_file *atomic_file)
{
    ix_ctx *cx = export->session->cx;
    ix_buf line = {0};
    record_write(&line, part, model, doc);
    const bool ok = line.failed ? ix_fail(cx, IOTS_NO_MEMORY, NULL)
                                : atomic_file_write(cx, atomic_file, (ix_str){line.at, line.len});
    ix_buf_done(&line);
    export->records++;
    export_show(export);
    return ok;
}

/* The items of a page. The file is opened with the first one, unless it is open. */
static bool page_take(space_export *export, cli_part part, const char *model, const char *path,
                      const iots_reply *page, atomic_file *atomic_file)
{
    const iots_json *items = iots_json_at(iots_reply_body(page), "/data"), *doc;
    for (size_t i = 0; !interrupt_seen() && (doc = iots_json_item(items, i)); i++) {
        if (!(atomic_file->out || atomic_file_open(&export->of_file, path, atomic_file) ||
              fail_pass(export)) ||
            !record_take(export, part, model, doc, atomic_file))
            return false;
    }
    return !interrupt_seen();
}

/* May the server have failed because the page is too large for it? */
static bool is_too_much(iots_code code)
{
    return code == IOTS_TOO_LARGE || code == IOTS_INTERNAL || code == IOTS_NO_ROOM;
}

/* All of a list. Where the server cannot give a page, it is asked for smaller ones from there on. */
static bool list_take(space_export *export, cli_part part, const iots_param *params,
                      const char *model, const char *path, atomic_file *atomic_file)
{
    cli_session *session = export->session;
    int limit = export->page_items > 0 ? (int)export->page_items
                : part == PART_THINGS  ? PAGE_THINGS
                                       : PAGE_ITEMS;
    char *cursor = NULL; /* where the last page ended */
    for (;;) {
        iots_pager *pager =
            iots_api_list(session->api, ix_ops[parts[part].list].name, params,
                          IOTS_LIST(.limit = limit, .next_cursor = cursor,
                                    .timeout_ms = export->timeout_ms, .retries = RETRIES));
        bool ok = true;
        const iots_reply *page;
        while (ok && (page = iots_pager_next_page(pager))) {
            const char *next = iots_json_string(iots_reply_body(page), "/paging/next_cursor");
            ok = page_take(export, part, model, path, page, atomic_file);
            free(cursor);
            cursor = next && *next ? strdup(next) : NULL;
        }
        const iots_reply *reply = iots_pager_reply(pager);
        const iots_code code = iots_reply_code(reply);
        /* A Thing that was there a moment ago, and is gone: then so is what was asked of it. */
        const bool is_gone = part >= PART_HISTORY && code == IOTS_NOT_FOUND;
        const bool goes_on = ok && is_too_much(code) && limit > 1 && !interrupt_seen();
        ok = ok && !interrupt_seen() && (goes_on || is_gone || session_ok(session, reply));
        iots_pager_free(pager);
        if (!ok || !goes_on) {
            free(cursor);
            return ok;
        }
        limit = limit > 8 ? limit / 8 : 1;
    }
}

/* Adds the lines of a file to what is counted; there may be no such file. */
static bool lines_count(space_export *export, cli_part part, const char *path)
{
    ix_ctx *cx = &export->of_file;
    if (!is_there(path))
        return true;
    line_reader *lines = line_reader_open(cx, path);
    ix_str line = {0};
    bool ok = lines != NULL;
    while (ok && (ok = line_reader_next(cx, lines, &line)) && line.at)
        export->manifest.counts[part]++;
    line_reader_close(lines);
    return ok;
}

/* The versions of all Models. */
static bool versions_take(space_export *export, atomic_file *atomic_file)
{
    ix_ctx *cx = &export->of_file;
    const char *path = part_path(cx, export->folder, PART_MODELS, NULL);
    line_reader *models = path ? line_reader_open(cx, path) : NULL;
    bool ok = models != NULL;
    iots_doc *doc = NULL;
    while (ok && (ok = record_next(cx, models, &doc)) && doc) {
        const iots_json *model = iots_doc_json(doc);
        const iots_param *params =
            record_params(cx, PART_MODELS, IX_OP_versions_list, export->space, NULL, model, NULL);
        ok = params && list_take(export, PART_VERSIONS, params, iots_json_string(model, "/name"),
                                 NULL, atomic_file);
        iots_doc_free(doc);
    }
    line_reader_close(models);
    return ok || fail_pass(export);
}

/* A file of the space. */
static bool part_export(space_export *export, cli_part part)
{
    ix_ctx *cx = &export->of_file;
    ix_arena_reset(cx->arena);
    const char *path = part_path(cx, export->folder, part, NULL);
    atomic_file atomic_file = {0};
    bool ok = path != NULL;
    if (ok && !is_there(path)) {
        const iots_param *params =
            record_params(cx, part, parts[part].list, export->space, NULL, NULL, NULL);
        ok = params && atomic_file_open(cx, path, &atomic_file) &&
             (part == PART_VERSIONS ? versions_take(export, &atomic_file)
                                    : list_take(export, part, params, NULL, path, &atomic_file)) &&
             atomic_file_keep(cx, &atomic_file);
        atomic_file_drop(&atomic_file);
    }
    return (ok && lines_count(export, part, path)) || fail_pass(export);
}

/* A file of a Thing; none if it has nothing to put there. */
static bool thing_part_export(space_export *export, cli_part part, const char *uid)
{
    ix_ctx *cx = &export->of_file;
    const char *path = part_path(cx, export->folder, part, uid);
    atomic_file atomic_file = {0};
    bool ok = path != NULL;
    if (ok && !is_there(path)) {
        const iots_param *params =
            record_params(cx, part, parts[part].list, export->space, uid, NULL,
                          part == PART_HISTORY ? IOTS_PARAMS({"group", "true"}) : NULL);
        ok = params && list_take(export, part, params, NULL, path, &atomic_file) &&
             atomic_file_keep(cx, &atomic_file);
        atomic_file_drop(&atomic_file);
    }
    return (ok && lines_count(export, part, path)) || fail_pass(export);
}

/* ---- history for people ---- */

/* The columns of a CSV file, in the order in which they are met. */
typedef struct columns {
    ix_map *known; /* those in `names` */
    const char **names;
    size_t count, room;
    bool are_too_many;
    bool is_safe; /* no text in them is to be a formula */
} columns;

static bool column_add(ix_ctx *cx, columns *columns, const char *name)
{
    if (columns->count == columns->room) {
        const size_t room = columns->room ? 2 * columns->room : 64;
        const char **names = ix_new(cx, const char *, room);
        if (!names)
            return false;
        for (size_t i = 0; i < columns->count; i++)
            names[i] = columns->names[i];
        columns->names = names;
        columns->room = room;
    }
    char *copy = ix_strdup(cx, name);
    columns->names[columns->count++] = copy;
    return copy &&
           (ix_map_put(columns->known, ix_str_of(copy), copy) || ix_fail(cx, IOTS_NO_MEMORY, NULL));
}

static bool columns_meet(ix_ctx *cx, columns *columns, const iots_json *values)
{
    for (iots_member m = iots_json_members(values); m.name; m = iots_json_members_next(m)) {
        if (ix_map_find(columns->known, ix_str_of(m.name)))
            continue;
        if (columns->count == COLUMNS_MAX) {
            columns->are_too_many = true;
            return true;
        }
        if (!column_add(cx, columns, m.name))
            return false;
    }
    return true;
}

/* Nothing for no value. */
static void field_write(ix_buf *line, const iots_json *value, bool is_safe)
{
    const iots_kind kind = iots_json_kind(value, "");
    const bool is_number = kind == IOTS_KIND_INTEGER || kind == IOTS_KIND_NUMBER;
    ix_buf cell = {0};
    cell_write(&cell, value);
    const ix_str text = {ix_buf_cstr(&cell), cell.len};
    if (is_safe && !is_number)
        csv_write_safe(line, text, false);
    else
        csv_write(line, text, false);
    line->failed = line->failed || cell.failed;
    ix_buf_done(&cell);
}

static bool row_write(ix_ctx *cx, const columns *columns, const iots_json *item,
                      atomic_file *atomic_file)
{
    const iots_json *values = iots_json_at(item, "/properties");
    ix_buf line = {0};
    csv_write(&line, ix_str_of(item ? iots_json_string(item, "/at") : "time"), false);
    for (size_t i = 0; i < columns->count; i++) {
        ix_buf_char(&line, ',');
        if (item)
            field_write(&line, member_of(values, columns->names[i]), columns->is_safe);
        else if (columns->is_safe)
            csv_write_safe(&line, ix_str_of(columns->names[i]), false);
        else
            csv_write(&line, ix_str_of(columns->names[i]), false);
    }
    ix_buf_text(&line, "\r\n");
    const bool ok = line.failed ? ix_fail(cx, IOTS_NO_MEMORY, NULL)
                                : atomic_file_write(cx, atomic_file, (ix_str){line.at, line.len});
    ix_buf_done(&line);
    return ok;
}

/* Goes through a file of history: to meet the columns, or, with a file, to write them. */
static bool history_walk(ix_ctx *cx, const char *path, columns *columns, atomic_file *atomic_file)
{
    line_reader *lines = line_reader_open(cx, path);
    bool ok = lines != NULL;
    iots_doc *doc = NULL;
    while (ok && !interrupt_seen() && (ok = record_next(cx, lines, &doc)) && doc) {
        const iots_json *item = iots_doc_json(doc);
        ok = atomic_file ? row_write(cx, columns, item, atomic_file)
                         : columns_meet(cx, columns, iots_json_at(item, "/properties"));
        iots_doc_free(doc);
    }
    line_reader_close(lines);
    return ok && !interrupt_seen();
}

/* The file of history of a Thing again, as CSV. */
static bool history_to_csv(space_export *export, const char *uid)
{
    ix_ctx *cx = &export->of_file;
    const char *from = part_path(cx, export->folder, PART_HISTORY, uid);
    const char *path = ix_format(cx, "%s/%s/%s.csv", export->folder, parts[PART_HISTORY].name, uid);
    if (!from || !path || !is_there(from) || is_there(path))
        return from && path;
    atomic_file atomic_file = {0};
    columns *columns = ix_new(cx, struct columns, 1);
    if (!columns)
        return fail_pass(export);
    columns->known = ix_map_new();
    columns->is_safe = export->session->is_csv_safe;
    bool ok = (columns->known || ix_fail(cx, IOTS_NO_MEMORY, NULL)) &&
              history_walk(cx, from, columns, NULL);
    if (ok && columns->are_too_many)
        session_remark(export->session, "iots: %s has the first %d properties only", path,
                       COLUMNS_MAX);
    ok = ok && atomic_file_open(cx, path, &atomic_file) &&
         row_write(cx, columns, NULL, &atomic_file) &&
         history_walk(cx, from, columns, &atomic_file) && atomic_file_keep(cx, &atomic_file);
    atomic_file_drop(&atomic_file);
    ix_map_free(columns->known);
    return ok || fail_pass(export);
}

/* ---- all Things ---- */

/* What there is to a Thing beside its description. */
static bool thing_export(space_export *export, const iots_json *thing)
{
    ix_ulid uid;
    if (!ix_ulid_parse(ix_str_of(iots_json_string(thing, "/uid")), &uid))
        return ix_fail(export->session->cx, IOTS_UNEXPECTED, "the server shows a Thing without ID");
    ix_arena_reset(export->of_file.arena);
    for (cli_part part = PART_HISTORY; part < PART_COUNT; part++) {
        if (interrupt_seen() || !thing_part_export(export, part, uid.text))
            return false;
    }
    export->things_done++;
    export_show(export);
    return history_to_csv(export, uid.text);
}

/* The same for each Thing that was written. */
static bool things_export(space_export *export)
{
    ix_ctx *cx = export->session->cx;
    const char *path = part_path(cx, export->folder, PART_THINGS, NULL);
    line_reader *things = path ? line_reader_open(cx, path) : NULL;
    bool ok = things != NULL;
    iots_doc *doc = NULL;
    while (ok && !interrupt_seen() && (ok = record_next(cx, things, &doc)) && doc) {
        ok = thing_export(export, iots_doc_json(doc));
        iots_doc_free(doc);
    }
    line_reader_close(things);
    return ok && !interrupt_seen();
}

/* ---- the whole ---- */

/* Nothing may be in it, nor need it be there. */
static bool folder_check_empty(ix_ctx *cx, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT || ix_fail(cx, IOTS_USAGE, "%.300s: %s", folder, strerror(errno));
    bool is_empty = true;
    for (const struct dirent *entry; (entry = readdir(dir));)
        is_empty =
            is_empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(dir);
    return is_empty || ix_fail(cx, IOTS_USAGE, "%.300s is not empty", folder);
}

/* Sees that the folder is there and ours to fill. */
static bool folder_prepare(space_export *export)
{
    cli_session *session = export->session;
    ix_ctx *cx = session->cx;
    const char *folder = export->folder, *host = iots_api_host(session->api);
    cli_manifest before;
    bool found;
    if (!manifest_read(cx, folder, &before, &found) || (!found && !folder_check_empty(cx, folder)))
        return false;
    if (found && !args_has(session->args, "resume"))
        return ix_fail(cx, IOTS_USAGE,
                       "%.300s holds an exported space already; --resume goes on with one that was "
                       "cut short",
                       folder);
    if (found && (strcmp(before.space, export->space) != 0 || strcmp(before.host, host) != 0))
        return ix_fail(cx, IOTS_USAGE, "%.200s holds the space '%s' of %.100s", folder,
                       before.space, before.host);
    export->manifest = (cli_manifest){.space = export->space, .host = host};
    if (found && before.is_complete)
        export->manifest = before;
    return export->manifest.is_complete || manifest_write(cx, folder, &export->manifest);
}

static bool folder_make(ix_ctx *cx, const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ||
           ix_fail(cx, IOTS_UNEXPECTED, "%.300s: %s", path, strerror(errno));
}

/* Does something with the folders of those parts that have a file for each Thing. */
static bool subfolders_each(const space_export *export, bool (*each)(ix_ctx *cx, const char *path))
{
    ix_ctx *cx = export->session->cx;
    for (cli_part part = PART_HISTORY; part < PART_COUNT; part++) {
        const char *path = ix_format(cx, "%s/%s", export->folder, parts[part].name);
        if (!path || !each(cx, path))
            return false;
    }
    return true;
}

static bool all_export(space_export *export)
{
    ix_ctx *cx = export->session->cx;
    if (export->manifest.is_complete)
        return true;
    for (cli_part part = 0; part < PART_HISTORY; part++) {
        if (interrupt_seen() || !part_export(export, part))
            return false;
    }
    if (!subfolders_each(export, folder_make) || !things_export(export) ||
        !subfolders_each(export, folder_sync))
        return false;
    export->manifest.is_complete = true;
    return manifest_write(cx, export->folder, &export->manifest) && folder_sync(cx, export->folder);
}

static void summary_print(const space_export *export, bool is_whole)
{
    cli_session *session = export->session;
    ix_buf counts = {0};
    counts_write(&counts, export->manifest.counts, session->format != FORMAT_TABLE);
    fprintf(session->out.out,
            session->format != FORMAT_TABLE ? "{%s, \"complete\": %s}\n" : "exported %s%s\n",
            ix_buf_cstr(&counts),
            session->format != FORMAT_TABLE ? (is_whole ? "true" : "false")
            : is_whole                      ? ""
                                            : "; --resume goes on with the rest");
    ix_buf_done(&counts);
    if (is_whole)
        session_remark(session,
                       "iots: not in it are MQTT credentials and the secrets of Things' own "
                       "clients, which no server shows");
}

bool export_space_run(cli_session *session)
{
    space_export export = {.session = session};
    const cli_args *args = session->args;
    if (args->word_count != 1)
        return ix_fail(session->cx, IOTS_USAGE,
                       args->word_count ? "one folder at a time" : "into which folder?");
    export.folder = args->words[0];
    export.timeout_ms = args_has(args, "timeout") ? 0 : TIMEOUT_MS;
    export.space = session_space(session);
    if (!export.space || !ix_ctx_init(&export.of_file, 0))
        return false;
    interrupt_catch();
    bool ok = args_int(session->cx, args, "page", 1, PAGE_ITEMS, 0, &export.page_items) &&
              session_open(session) && folder_prepare(&export);
    if (ok) {
        export.progress = progress_begin(session);
        ok = all_export(&export);
        progress_clear(&export.progress);
        summary_print(&export, ok);
    }
    ix_ctx_done(&export.of_file);
    if (interrupt_seen())
        session->exit_code = EXIT_INTERRUPTED;
    return ok || (interrupt_seen() && !ix_failed(session->cx));
}
