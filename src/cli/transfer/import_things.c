/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots import things: Thing Descriptions from files, each of which becomes a Thing.
 *
 * A description that fails is reported, and the others go on. With a journal, which names what was created,
 * an import that was cut short goes on where it was. Each Thing gets its ID here then, and the journal
 * has it before the server does (preserve_uid): so a Thing that was created in the very moment of the
 * cut is recognised, and not created twice.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/map.h"
#include "base/time.h"
#include "base/ulid.h"
#include "cli/body.h"
#include "cli/builtins.h"
#include "cli/interrupt.h"
#include "cli/profile.h"
#include "cli/session.h"
#include "cli/transfer/line_reader.h"
#include "cli/transfer/progress.h"
#include "cli/transfer/retry.h"

enum { TIMEOUT_MS = 60 * 1000, FILES_MAX = 1000 * 1000 };

/* The files to read, in cx. */
typedef struct paths {
    const char **all;
    size_t count, size;
} paths;

/* What the journal knows of a description. */
typedef struct mark {
    ix_ulid uid;
    bool is_made; /* the server said so */
} mark;

typedef struct things_import {
    cli_session *session;
    const char *space, *category;
    bool skips_errors;
    int timeout_ms;
    int journal;   /* -1: none */
    ix_map *marks; /* where a description is from to its mark */
    ix_ulid_maker ids;
    ix_ctx of_file;
    uint64_t created, there, failed;
    paths files;
    size_t file; /* the one at hand */
    cli_progress progress;
} things_import;

/* ---- the journal ---- */

static bool journal_fail(const things_import *import)
{
    return ix_fail(import->session->cx, IOTS_UNEXPECTED, "the journal cannot be written: %s",
                   strerror(errno));
}

/* A line, on the disk when this returns. */
static bool journal_write(const things_import *import, const char *from, const mark *mark)
{
    ix_buf line = {0};
    ix_buf_text(&line, "{\"from\":");
    ix_json_write_text(&line, ix_str_of(from));
    ix_buf_format(&line, ",\"uid\":\"%s\",\"made\":%s}\n", mark->uid.text,
                  mark->is_made ? "true" : "false");
    const bool ok = line.failed ? ix_fail(import->session->cx, IOTS_NO_MEMORY, NULL)
                                : (write(import->journal, line.at, line.len) == (ssize_t)line.len &&
                                   fdatasync(import->journal) == 0) ||
                                      journal_fail(import);
    ix_buf_done(&line);
    return ok;
}

static bool journal_take(things_import *import, const ix_json *line)
{
    ix_ctx *cx = import->session->cx;
    const ix_str from = ix_json_str(ix_json_member(line, "from"));
    mark *mark = ix_new(cx, struct mark, 1);
    if (!mark || !from.at || !ix_ulid_parse(ix_json_str(ix_json_member(line, "uid")), &mark->uid))
        return ix_fail(cx, IOTS_INVALID, "no line of a journal of 'iots import things'");
    mark->is_made = ix_json_bool(ix_json_member(line, "made"), false);
    return ix_map_put(import->marks, from, mark) || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

/* A last line that was cut short says nothing: it is taken away. */
static bool journal_read(things_import *import, const char *path)
{
    ix_ctx *cx = import->session->cx;
    line_reader *lines = line_reader_open(cx, path);
    off_t whole = 0;
    ix_str line = {0};
    bool ok = lines != NULL;
    while (ok && (ok = line_reader_next(cx, lines, &line)) && line.at &&
           !line_reader_is_open(lines)) {
        const ix_json *json = ix_json_parse(cx, line.at, line.len);
        ok = json && journal_take(import, json);
        whole += (off_t)line.len + 1;
    }
    if (lines && !ok)
        line_reader_fail(cx, lines);
    line_reader_close(lines);
    return ok && (ftruncate(import->journal, whole) == 0 || journal_fail(import));
}

static bool journal_open(things_import *import)
{
    const char *path = args_value(import->session->args, "journal");
    if (!path)
        return true;
    import->journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (import->journal < 0)
        return ix_fail(import->session->cx, IOTS_USAGE, "%.300s: %s", path, strerror(errno));
    return journal_read(import, path);
}

/* The mark of a description, made and written down if there is none. */
static bool mark_get(things_import *import, const char *from, mark **ret)
{
    ix_ctx *cx = import->session->cx;
    uint8_t random[10];
    *ret = ix_map_find(import->marks, ix_str_of(from));
    if (*ret)
        return true;
    *ret = ix_new(cx, mark, 1);
    if (!*ret)
        return false;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return ix_fail(cx, IOTS_UNEXPECTED, "the system has no random numbers");
    (*ret)->uid = ix_ulid_next(&import->ids, ix_now_us(), random);
    return journal_write(import, from, *ret);
}

/* ---- one description ---- */

/* The failure in the session's cx: the end, or reported and skipped. */
static bool description_fail(things_import *import, const char *from)
{
    cli_session *session = import->session;
    const ix_error error = session->cx->error;
    ix_ctx_clear_error(session->cx);
    ix_fail(session->cx, error.code, "%.200s: %.300s", from, error.message);
    if (!import->skips_errors || !is_of_document(error.code))
        return false;
    progress_clear(&import->progress);
    session_remark(session, "%s", session->cx->error.message);
    session->exit_code = exit_code_of(error.code);
    ix_ctx_clear_error(session->cx);
    import->failed++;
    return true;
}

static iots_reply *description_post(things_import *import, const iots_json *description,
                                    const mark *mark)
{
    const char *preserve = mark ? "true" : NULL;
    const iots_param *params = IOTS_PARAMS({"space", import->space}, {"category", import->category},
                                           {"preserve_uid", preserve});
    iots_doc *doc = iots_doc_copy(description);
    if (mark) {
        iots_doc_set(doc, "/uid", iots_text(mark->uid.text));
        iots_doc_remove(doc, "/created"); /* these are the description's own, not the Thing's */
        iots_doc_remove(doc, "/modified");
    }
    iots_reply *reply = retry_call(import->session, IX_OP_things_create, params,
                                   iots_doc_value(doc), import->timeout_ms);
    iots_doc_free(doc);
    return reply;
}

/* What the journal says of it is not made, and yet the server has it. */
static bool is_there(things_import *import, const mark *mark)
{
    const iots_param *params = IOTS_PARAMS({"space", import->space}, {"thing", mark->uid.text});
    iots_reply *reply =
        retry_call(import->session, IX_OP_thing_get, params, iots_none(), import->timeout_ms);
    const bool ok = iots_ok(reply);
    iots_reply_free(reply);
    return ok;
}

/* The server made it; under another ID, if it does not know preserve_uid. */
static bool mark_made(things_import *import, const char *from, mark *mark, const iots_json *thing)
{
    if (!mark)
        return true;
    if (thing)
        ix_ulid_parse(ix_str_of(iots_json_string(thing, "/uid")), &mark->uid);
    mark->is_made = true;
    return journal_write(import, from, mark);
}

static bool description_take(things_import *import, const char *from, const iots_json *description)
{
    cli_session *session = import->session;
    mark *mark = NULL;
    if (iots_json_kind(description, "") != IOTS_KIND_OBJECT) {
        ix_fail(session->cx, IOTS_INVALID, "not a JSON object");
        return description_fail(import, from);
    }
    if (import->journal >= 0 && !mark_get(import, from, &mark))
        return false;
    if (mark && mark->is_made) {
        import->there++;
        return true;
    }
    iots_reply *reply = description_post(import, description, mark);
    bool ok;
    if (mark && iots_reply_code(reply) == IOTS_CONFLICT && is_there(import, mark)) {
        import->there++;
        ok = mark_made(import, from, mark, NULL);
    } else if (session_ok(session, reply)) {
        import->created++;
        ok = mark_made(import, from, mark, iots_reply_body(reply));
    } else {
        ok = description_fail(import, from);
    }
    iots_reply_free(reply);
    progress_show(&import->progress, import->created + import->there + import->failed, "Things",
                  (double)import->file / (double)import->files.count);
    return ok;
}

/* ---- files ---- */

static bool text_take(things_import *import, const char *from, const char *text)
{
    iots_doc *doc = iots_doc_parse(text);
    const iots_json *json = iots_doc_json(doc);
    bool ok = true;
    if (*iots_doc_error(doc)) {
        ix_fail(import->session->cx, IOTS_INVALID, "%s", iots_doc_error(doc));
        ok = description_fail(import, from);
    } else if (iots_json_kind(json, "") != IOTS_KIND_ARRAY) {
        ok = description_take(import, from, json);
    }
    const iots_json *item;
    for (size_t i = 0; ok && !interrupt_seen() && (item = iots_json_item(json, i)); i++) {
        const char *place = ix_format(&import->of_file, "%s#%zu", from, i + 1);
        ok = place && description_take(import, place, item);
    }
    iots_doc_free(doc);
    return ok;
}

static bool lines_take(things_import *import, const char *path)
{
    ix_ctx *cx = import->session->cx;
    line_reader *lines = line_reader_open(cx, path);
    ix_str line = {0};
    bool ok = lines != NULL;
    while (ok && !interrupt_seen()) {
        if (!line_reader_next(cx, lines, &line)) {
            ok = line_reader_fail(cx, lines);
            break;
        }
        if (!line.at)
            break;
        ix_arena_reset(import->of_file.arena);
        const char *from =
            ix_format(&import->of_file, "%s#%" PRIu64, path, line_reader_number(lines));
        ok = from && (line.len == 0 || text_take(import, from, line.at));
    }
    line_reader_close(lines);
    return ok || ix_failed(cx) ? ok : ix_ctx_forward_error(cx, &import->of_file);
}

static bool has_end(const char *name, const char *end)
{
    const size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static bool file_take(things_import *import, const char *path)
{
    ix_ctx *cx = import->session->cx;
    char *text;
    size_t len;
    if (has_end(path, ".jsonl"))
        return lines_take(import, path);
    if (!file_read(&import->of_file, path, BODY_MAX, &text, &len))
        return ix_ctx_forward_error(cx, &import->of_file);
    if (text && strlen(text) == len)
        return text_take(import, path, text);
    ix_fail(cx, IOTS_INVALID, text ? "no text in UTF-8" : "No such file or directory");
    return description_fail(import, path);
}

static int is_description(const struct dirent *entry)
{
    return entry->d_name[0] != '.' &&
           (has_end(entry->d_name, ".jsonld") || has_end(entry->d_name, ".json") ||
            has_end(entry->d_name, ".jsonl"));
}

static int name_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* One more path, "<folder>/<name>" if there is a folder. */
static bool path_add(ix_ctx *cx, paths *paths, const char *folder, const char *name)
{
    if (paths->count == paths->size) {
        const size_t size = paths->size ? paths->size * 2 : 64;
        const char **all = ix_new(cx, const char *, size);
        if (!all)
            return false;
        for (size_t i = 0; i < paths->count; i++)
            all[i] = paths->all[i];
        paths->all = all;
        paths->size = size;
    }
    const char *path = folder ? ix_format(cx, "%s/%s", folder, name) : name;
    paths->all[paths->count++] = path;
    return path &&
           (paths->count <= FILES_MAX || ix_fail(cx, IOTS_USAGE, "more than %d files", FILES_MAX));
}

static bool folder_add(ix_ctx *cx, paths *paths, const char *folder)
{
    struct dirent **entries;
    const int count = scandir(folder, &entries, is_description, name_order);
    if (count < 0)
        return ix_fail(cx, IOTS_USAGE, "%.300s: %s", folder, strerror(errno));
    bool ok = count > 0 ||
              ix_fail(cx, IOTS_USAGE, "%.300s has no .jsonld, .json or .jsonl files", folder);
    for (int i = 0; i < count; i++) {
        ok = ok && path_add(cx, paths, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

/* The files that a word stands for: itself, or what is in the folder. */
static bool word_add(ix_ctx *cx, paths *paths, const char *word)
{
    struct stat stat_of;
    if (stat(word, &stat_of) != 0)
        return ix_fail(cx, IOTS_USAGE, "%.300s: %s", word, strerror(errno));
    return S_ISDIR(stat_of.st_mode) ? folder_add(cx, paths, word) : path_add(cx, paths, NULL, word);
}

/* ---- the whole ---- */

static bool files_take(things_import *import)
{
    for (; import->file < import->files.count; import->file++) {
        if (interrupt_seen() || !file_take(import, import->files.all[import->file]))
            return false;
        ix_arena_reset(import->of_file.arena);
    }
    return !interrupt_seen();
}

static void summary_print(const things_import *import, bool is_whole)
{
    const cli_session *session = import->session;
    fprintf(session->out.out,
            session->format != FORMAT_TABLE ? "{\"created\": %" PRIu64 ", \"there\": %" PRIu64
                                              ", \"failed\": %" PRIu64 ", \"complete\": %s}\n"
                                            : "created %" PRIu64 " Things, %" PRIu64
                                              " were there already, %" PRIu64 " failed%s\n",
            import->created, import->there, import->failed,
            session->format != FORMAT_TABLE ? (is_whole ? "true" : "false")
            : is_whole                      ? ""
            : import->journal >= 0          ? "; with the same journal it goes on"
                                            : "; stopped");
}

bool import_things_run(cli_session *session)
{
    things_import *import = ix_new(session->cx, things_import, 1);
    const cli_args *args = session->args;
    if (!import || !ix_ctx_init(&import->of_file, 0))
        return false;
    import->session = session;
    import->journal = -1;
    import->timeout_ms = args_has(args, "timeout") ? 0 : TIMEOUT_MS;
    import->category = args_value(args, "category");
    import->marks = ix_map_new();
    interrupt_catch();
    bool ok = import->marks || ix_fail(session->cx, IOTS_NO_MEMORY, NULL);
    ok = ok && (args->word_count > 0 ||
                ix_fail(session->cx, IOTS_USAGE, "which files, or which folder?"));
    for (size_t i = 0; ok && i < args->word_count; i++)
        ok = word_add(session->cx, &import->files, args->words[i]);
    ok = ok && args_skips(session->cx, args, "on-error", true, &import->skips_errors) &&
         (import->space = session_space(session)) && session_open(session) && journal_open(import);
    if (ok) {
        import->progress = progress_begin(session);
        ok = files_take(import);
        progress_clear(&import->progress);
        summary_print(import, ok);
    }
    if (interrupt_seen())
        session->exit_code = EXIT_INTERRUPTED;
    if (import->journal >= 0)
        close(import->journal);
    ix_map_free(import->marks);
    ix_ctx_done(&import->of_file);
    return ok || (interrupt_seen() && !ix_failed(session->cx));
}
