/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots import csv, iots import influx: a recording into the history of a Thing.
 *
 * Records are read one by one (recording.h) and sent in batches (import_batch.c). Importing a file again stores
 * nothing twice, and picks up where an import was cut short.
 *
 * What is counted are values: one property at one time.
 */
#include "cli/transfer/import_history.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/builtins.h"
#include "cli/interrupt.h"
#include "cli/thing_lookup.h"

enum { TIMEOUT_MS = 60 * 1000 };

/* ---- what is said ---- */

void import_show(cli_import *import)
{
    const uint64_t bytes = import->form->bytes(import->recording);
    progress_show(&import->progress, import->records, "lines",
                  import->size > 0 ? (double)bytes / (double)import->size : 0);
}

bool fail_line(cli_import *import, uint64_t line, const ix_error *error)
{
    const ix_error copy = *error;
    ix_ctx_clear_error(import->session->cx);
    return ix_fail(import->session->cx, copy.code, "%.120s, line %" PRIu64 ": %.360s", import->file,
                   line, copy.message);
}

void remark_line(cli_import *import, uint64_t line, const char *message)
{
    progress_clear(&import->progress);
    session_remark(import->session, "%s, line %" PRIu64 ": %s", import->file, line, message);
}

static void remark(void *arg, const char *text)
{
    cli_import *import = arg;
    session_remark(import->session, "iots: %s: %s", import->file, text);
}

/* What to do about what ended it. */
static const char *advice(const cli_import *import)
{
    if (interrupt_seen())
        return "import it again to go on";
    switch (import->session->cx->error.code) {
    case IOTS_INVALID:
    case IOTS_TOO_LARGE:
        return "mend it there and import it again, or pass over such lines with --on-error skip";
    case IOTS_CONFLICT:
        return "--on-conflict skip leaves what is stored as it is, and goes on";
    case IOTS_NO_ROOM:
        return "make room on the server's disk, then import it again to go on";
    default:
        return "import it again to go on";
    }
}

/* What was done, in any case. */
static void summary_print(cli_import *import, bool is_whole)
{
    const cli_session *session = import->session;
    FILE *out = session->out.out;
    progress_clear(&import->progress);
    if (session->format != FORMAT_TABLE) {
        fprintf(out,
                "{\"stored\": %" PRIu64 ", \"there\": %" PRIu64 ", \"conflicts\": %" PRIu64
                ", \"unreadable\": %" PRIu64 ", \"line\": %" PRIu64 ", \"complete\": %s}\n",
                import->stored, import->there, import->conflicts, import->unreadable, import->line,
                is_whole ? "true" : "false");
        return;
    }
    fprintf(out,
            "stored %" PRIu64 " values, %" PRIu64 " were there already, %" PRIu64
            " not stored (another value is there), %" PRIu64 " lines unreadable",
            import->stored, import->there, import->conflicts, import->unreadable);
    if (is_whole)
        fputs("\n", out);
    else
        fprintf(out, "; stopped after line %" PRIu64 "; %s\n", import->line, advice(import));
}

/* What is worth knowing beside the numbers, and the exit code of what went by. */
static bool remarks_give(cli_import *import)
{
    cli_session *session = import->session;
    const char *unmet = targets_unmet(&import->targets);
    if (!import->form->remarks(import->recording, session->cx, remark, import))
        return false;
    if (import->conflicts > 0 && import->on_conflict == CONFLICT_NAMED) {
        session_remark(session,
                       "iots: %s: %" PRIu64 " values are not stored, since there are others at "
                       "their times; --on-conflict skip says that this is right%s",
                       import->file, import->conflicts,
                       import->form == &csv_recording ? ". Where date and time stand in two "
                                                        "columns: --time DATE --time TIME"
                                                      : "");
        session->exit_code = EXIT_CONFLICT;
    }
    if (unmet) {
        session_remark(session, "iots: %s: there is nothing called %s in it", import->file, unmet);
        session->exit_code = EXIT_NOT_FOUND;
    }
    return !ix_failed(session->cx);
}

/* ---- records ---- */

/* A line that cannot be read: the end, or passed over. */
static bool line_bad(cli_import *import, uint64_t line)
{
    ix_ctx *cx = &import->batch_cx;
    const ix_error error = cx->error;
    ix_ctx_clear_error(cx);
    if (error.code != IOTS_INVALID && error.code != IOTS_CONFLICT)
        return ix_fail(import->session->cx, error.code, "%s", error.message);
    import->unreadable++;
    if (!import->skips_errors)
        return fail_line(import, line, &error);
    remark_line(import, line, error.message);
    return true;
}

/* Reading ended: with a reason in the session's cx, or with errno. */
static bool fail_reading(cli_import *import)
{
    ix_ctx *cx = import->session->cx;
    if (interrupt_seen())
        return false;
    if (!ix_failed(cx))
        return ix_fail(cx, IOTS_UNEXPECTED, "%.200s: %s", import->file, strerror(errno));
    const ix_error error = cx->error;
    return fail_line(import, import->form->line(import->recording), &error);
}

static bool records_send(cli_import *import)
{
    for (uint64_t line = import->line;; line = import->form->line(import->recording)) {
        if (batch_is_full(import) && !batch_send(import, line))
            return false;
        if (interrupt_seen())
            return false;
        import_show(import);
        record record;
        switch (import->form->next(import->recording, &import->batch_cx, &record)) {
        case RECORDING_END:
            return batch_send(import, line);
        case RECORDING_FAILED:
            return fail_reading(import);
        case RECORDING_BAD:
            if (!line_bad(import, record.line))
                return false;
            break;
        case RECORDING_RECORD:
            if (!batch_add(import, &record))
                return false;
            break;
        }
        import->records++;
    }
}

/* ---- before the first record ---- */

static bool file_open(cli_import *import)
{
    cli_session *session = import->session;
    const cli_args *args = session->args;
    if (args->word_count != 1)
        return ix_fail(session->cx, IOTS_USAGE,
                       args->word_count ? "one file at a time" : "which file? - is standard input");
    const char *path = args->words[0];
    const bool is_stdin = strcmp(path, "-") == 0;
    import->file = is_stdin ? "standard input" : path;
    import->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    if (import->fd < 0 || fstat(import->fd, &stat) != 0)
        return ix_fail(session->cx, IOTS_USAGE, "%.300s: %s", path, strerror(errno));
    if (S_ISDIR(stat.st_mode))
        return ix_fail(session->cx, IOTS_USAGE, "%.300s is a folder", path);
    import->size = S_ISREG(stat.st_mode) && stat.st_size > 0 ? (uint64_t)stat.st_size : 0;
    return true;
}

/* The Thing says the type of each property. */
static bool thing_read(cli_import *import)
{
    cli_session *session = import->session;
    const cli_args *args = session->args;
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
    return session_ok(session, import->description) &&
           targets_init(session->cx, &import->targets, iots_reply_body(import->description), args);
}

static bool options_read(cli_import *import)
{
    static const char *const rules[] = {
        [CONFLICT_NAMED] = NULL, [CONFLICT_SKIPPED] = "skip", [CONFLICT_FAILS] = "fail"};
    const cli_session *session = import->session;
    const char *rule = args_value(session->args, "on-conflict");
    for (int i = CONFLICT_SKIPPED; rule && i <= CONFLICT_FAILS; i++) {
        if (strcmp(rule, rules[i]) == 0)
            import->on_conflict = (conflict_rule)i;
    }
    if (rule && import->on_conflict == CONFLICT_NAMED)
        return ix_fail(session->cx, IOTS_USAGE, "--on-conflict %s: expected skip or fail", rule);
    return args_skips(session->cx, session->args, "on-error", false, &import->skips_errors);
}

/* The file's name, before what is wrong with what is above its records. */
static bool fail_lead(cli_import *import)
{
    ix_ctx *cx = import->session->cx;
    const ix_error error = cx->error;
    if (!ix_failed(cx))
        return fail_reading(import);
    if (error.code != IOTS_INVALID)
        return false;
    ix_ctx_clear_error(cx);
    return ix_fail(cx, error.code, "%.120s: %.380s", import->file, error.message);
}

static bool recording_import(cli_session *session, const recording_form *form)
{
    cli_import *import = ix_new(session->cx, struct cli_import, 1);
    if (!import)
        return false;
    import->session = session;
    import->fd = -1;
    import->form = form;
    interrupt_catch();
    import->timeout_ms = args_has(session->args, "timeout") ? 0 : TIMEOUT_MS;
    bool ok = ix_ctx_init(&import->batch_cx, 0) && batch_clear(import) && options_read(import) &&
              file_open(import) && session_open(session) && thing_read(import);
    const recording_setup setup = {
        .cx = session->cx,
        .args = session->args,
        .targets = &import->targets,
        .thing = ok ? iots_json_string(iots_reply_body(import->description), "/uid") : NULL,
        .fd = import->fd,
    };
    if (ok) {
        import->recording = import->form->open(&setup);
        ok = import->recording || fail_lead(import);
    }
    if (ok) {
        import->progress = progress_begin(session);
        import->line = import->form->line(import->recording);
        ok = records_send(import);
        summary_print(import, ok);
        ok = ok && remarks_give(import);
    }
    if (interrupt_seen())
        session->exit_code = EXIT_INTERRUPTED;
    import->form->close(import->recording);
    targets_done(&import->targets);
    iots_reply_free(import->description);
    if (import->fd > STDIN_FILENO)
        close(import->fd);
    ix_map_free(import->places);
    ix_map_free(import->times);
    ix_ctx_done(&import->batch_cx);
    return ok || (interrupt_seen() && !ix_failed(session->cx));
}

bool import_run(cli_session *session)
{
    return recording_import(session, &csv_recording);
}

bool import_influx_run(cli_session *session)
{
    return recording_import(session, &influx_recording);
}
