/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots import space: what iots export space wrote (space.h), put back with its IDs and times.
 *
 * All files are read and checked before the first request. Then each record is created; one that is
 * there already, and is the same, is passed over: that is how an import that was cut short goes on.
 * It takes a server that knows preserve_uid; another one is found out with the first record.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ulid.h"
#include "cli/builtins.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "cli/show/view.h"
#include "cli/transfer/line_reader.h"
#include "cli/transfer/progress.h"
#include "cli/transfer/retry.h"
#include "cli/transfer/space.h"

enum {
    BATCH_ITEMS = 1000,       /* what the server takes at once */
    BATCH_BYTES = 512 * 1024, /* well below its limit of 1 MiB for a body */
    TIMEOUT_MS = 60 * 1000,
};

typedef struct restore {
    cli_session *session;
    const char *folder, *space;
    cli_manifest manifest;
    bool skips_conflicts, skips_errors;
    int timeout_ms;
    ix_ctx of_record; /* what is needed for one record or Thing */
    uint64_t made[PART_COUNT], there, failed, lines, lines_done;
    cli_progress progress;
} restore;

/* A record, and where it is from. */
typedef struct record {
    cli_part part;
    const char *thing; /* whose it is, for parts with a file for each */
    const line_reader *from;
    uint64_t line;
    const iots_json *doc;
} record;

/* ---- failures ---- */

/* The failure of `lines` of a file: the end, or passed over. */
static bool record_fail(restore *restore, const line_reader *from, uint64_t first, uint64_t last)
{
    cli_session *session = restore->session;
    line_reader_fail_range(session->cx, from, first, last);
    if (!restore->skips_errors || !is_of_document(session->cx->error.code))
        return false;
    progress_clear(&restore->progress);
    session_remark(session, "%s", session->cx->error.message);
    session->exit_code = exit_code_of(session->cx->error.code);
    ix_ctx_clear_error(session->cx);
    restore->failed++;
    return true;
}

static void lines_settle(restore *restore, uint64_t count)
{
    restore->lines_done += count;
    progress_show(&restore->progress, restore->lines_done, "lines",
                  (double)restore->lines_done / (double)(restore->lines ? restore->lines : 1));
}

/* ---- one record ---- */

static iots_reply *record_call(restore *restore, ix_op_id op, const record *record,
                               const iots_param *more, iots_value body)
{
    const iots_param *params = record_params(&restore->of_record, record->part, op, restore->space,
                                             record->thing, record->doc, more);
    return params ? retry_call(restore->session, op, params, body, restore->timeout_ms)
                  : iots_failure(IOTS_NO_MEMORY, NULL);
}

/* The server made something of its own of it. Takes that away again. */
static bool refuse_server(restore *restore, const record *record, const iots_json *made)
{
    const ix_op_id remove = parts[record->part].remove;
    const struct record theirs = {record->part, record->thing, record->from, record->line, made};
    if (remove != IX_OP_COUNT)
        iots_reply_free(record_call(restore, remove, &theirs, NULL, iots_none()));
    return ix_fail(restore->session->cx, IOTS_UNEXPECTED,
                   "the server does not keep IDs and times: it takes an iotsd that knows "
                   "preserve_uid");
}

/* It is there already, or something else stands in its way. */
static bool conflict_settle(restore *restore, const record *record, const iots_reply *refusal)
{
    cli_session *session = restore->session;
    iots_reply *found = record_call(restore, parts[record->part].get, record, NULL, iots_none());
    const bool is_there = iots_ok(found);
    const bool is_same = is_there && record_is(record->part, record->doc, iots_reply_body(found));
    iots_reply_free(found);
    if (is_same || (is_there && restore->skips_conflicts)) {
        restore->there++;
        return true;
    }
    if (!is_there)
        session_ok(session, refusal);
    else
        ix_fail(session->cx, IOTS_CONFLICT,
                "what is there under this name or ID is another one, or was changed; --on-conflict "
                "skip leaves it as it is");
    return record_fail(restore, record->from, record->line, record->line);
}

/* ---- Things that are too large with their values ---- */

static bool record_put_whole(restore *restore, const record *record, bool may_split);

/* Sets values of a Thing as they were, without history: from one on, as many as go into a request, but
 * for those that `present` has. *ret_next: the one to go on with. NULL if there is none to set. */
static iots_reply *values_put(restore *restore, const char *uid, const iots_json *present,
                              iots_member from, iots_member *ret_next)
{
    ix_buf body = {0};
    iots_member next = from;
    for (; next.name && body.len < BATCH_BYTES; next = iots_json_members_next(next)) {
        const iots_json *other = present ? member_of(present, next.name) : NULL;
        if (iots_json_kind(next.value, "") == IOTS_KIND_NULL ||
            (other && iots_json_kind(other, "") != IOTS_KIND_NULL))
            continue;
        char *value = iots_json_text(next.value, 0);
        if (body.len > 0 && body.len + strlen(value ? value : "") > BATCH_BYTES) {
            free(value);
            break;
        }
        ix_buf_char(&body, body.len > 0 ? ',' : '{');
        ix_json_write_text(&body, ix_str_of(next.name));
        ix_buf_char(&body, ':');
        ix_buf_text(&body, value ? value : "null");
        body.failed = body.failed || !value;
        free(value);
    }
    *ret_next = next;
    if (body.len == 0)
        return NULL;
    ix_buf_char(&body, '}');
    iots_reply *reply = body.failed
                            ? iots_failure(IOTS_NO_MEMORY, NULL)
                            : retry_call(restore->session, IX_OP_properties_update,
                                         IOTS_PARAMS({"space", restore->space}, {"thing", uid},
                                                     {"update_history", "false"}),
                                         iots_bytes(body.at, body.len), restore->timeout_ms);
    ix_buf_done(&body);
    return reply;
}

/* The Thing first, without its values, which then go by themselves. If it is there already, those are put
 * that it does not have: perhaps the last import was cut short there. */
static bool thing_put_split(restore *restore, const record *record)
{
    cli_session *session = restore->session;
    const uint64_t made = restore->made[PART_THINGS];
    const char *uid = iots_json_string(record->doc, "/uid");
    iots_doc *bare = iots_doc_copy(record->doc);
    iots_doc_remove(bare, "/status");
    struct record first = *record;
    first.doc = iots_doc_json(bare);
    bool ok = record_put_whole(restore, &first, false);
    iots_reply *found = NULL;
    if (ok && restore->made[PART_THINGS] == made)
        found = record_call(restore, IX_OP_thing_get, &first, NULL, iots_none());
    iots_member next = iots_json_members(iots_json_at(record->doc, "/status"));
    /* What was passed over, or is another Thing, is left alone. */
    if (found && (!iots_ok(found) || !record_is(PART_THINGS, first.doc, iots_reply_body(found))))
        next.name = NULL;
    while (ok && next.name && !interrupt_seen()) {
        iots_reply *reply =
            values_put(restore, uid, iots_json_at(iots_reply_body(found), "/status"), next, &next);
        if (reply && !session_ok(session, reply))
            ok = record_fail(restore, record->from, record->line, record->line);
        iots_reply_free(reply);
    }
    iots_reply_free(found);
    iots_doc_free(bare);
    return ok && !interrupt_seen();
}

static bool record_put_whole(restore *restore, const record *record, bool may_split)
{
    const iots_param *more = record->part == PART_THINGS ? IOTS_PARAMS({"preserve_uid", "true"},
                                                                       {"update_history", "false"})
                                                         : IOTS_PARAMS({"preserve_uid", "true"});
    iots_reply *reply = record_call(restore, parts[record->part].create, record, more,
                                    iots_json_value(record->doc));
    const iots_code code = iots_reply_code(reply);
    const bool is_split = may_split && code == IOTS_TOO_LARGE && record->part == PART_THINGS;
    bool ok;
    if (is_split)
        ok = thing_put_split(restore, record);
    else if (code == IOTS_CONFLICT)
        ok = conflict_settle(restore, record, reply);
    else if (!session_ok(restore->session, reply))
        ok = record_fail(restore, record->from, record->line, record->line);
    else if (!record_is(record->part, record->doc, iots_reply_body(reply)))
        ok = refuse_server(restore, record, iots_reply_body(reply));
    else
        ok = restore->made[record->part]++ < UINT64_MAX;
    iots_reply_free(reply);
    return ok;
}

static bool record_put(restore *restore, const record *record)
{
    const bool ok = record_put_whole(restore, record, true);
    lines_settle(restore, 1);
    return ok;
}

/* All records of a file; of a Thing there may be none. */
static bool records_put(restore *restore, cli_part part, const char *thing)
{
    ix_ctx *cx = restore->session->cx;
    /* What is made for a record goes with it: the path of a file of many must not. */
    const char *path = part_path(thing ? &restore->of_record : cx, restore->folder, part, thing);
    if (path && thing && access(path, F_OK) != 0)
        return true;
    line_reader *lines = path ? line_reader_open(cx, path) : NULL;
    bool ok = lines != NULL;
    iots_doc *doc = NULL;
    while (ok && (ok = !interrupt_seen() && record_next(cx, lines, &doc)) && doc) {
        ok = record_put(restore, &(record){part, thing, lines, line_reader_number(lines),
                                           iots_doc_json(doc)});
        iots_doc_free(doc);
        if (!thing)
            ix_arena_reset(restore->of_record.arena);
    }
    line_reader_close(lines);
    return ok || ix_ctx_forward_error(cx, &restore->of_record);
}

/* ---- history ---- */

/* Lines of history that go out together. */
typedef struct batch {
    restore *restore;
    const iots_param *params;
    const line_reader *from;
    uint64_t line;            /* of the first item */
    ix_buf text;              /* items with commas between */
    size_t ends[BATCH_ITEMS]; /* of each item in it */
    size_t count;
} batch;

static bool items_send(batch *batch, size_t from, size_t to);

/* An item that is too large for the server by itself: a property at a time. */
static bool item_split(batch *batch, uint64_t line, ix_str text)
{
    ix_ctx *cx = batch->restore->session->cx;
    char *copy = strndup(text.at, text.len);
    iots_doc *doc = iots_doc_parse(copy);
    const iots_json *item = iots_doc_json(doc), *values = iots_json_at(item, "/properties");
    struct batch single = {
        .restore = batch->restore, .params = batch->params, .from = batch->from, .line = line};
    bool ok = true;
    if (iots_json_count(values, "") < 2) {
        ix_fail(cx, IOTS_TOO_LARGE, NULL);
        ok = record_fail(batch->restore, batch->from, line, line);
        values = NULL;
    }
    for (iots_member m = iots_json_members(values); ok && m.name; m = iots_json_members_next(m)) {
        char *value = iots_json_text(m.value, 0);
        ix_buf_clear(&single.text);
        ix_buf_text(&single.text, "{\"at\":");
        ix_json_write_text(&single.text, ix_str_of(iots_json_string(item, "/at")));
        ix_buf_text(&single.text, ",\"properties\":{");
        ix_json_write_text(&single.text, ix_str_of(m.name));
        ix_buf_format(&single.text, ":%s}}", value);
        free(value);
        single.ends[0] = single.text.len;
        ok = single.text.failed ? ix_fail(cx, IOTS_NO_MEMORY, NULL) : items_send(&single, 0, 1);
    }
    ix_buf_done(&single.text);
    iots_doc_free(doc);
    free(copy);
    return ok;
}

static size_t item_begin(const batch *batch, size_t index)
{
    return index ? batch->ends[index - 1] + 1 : 0;
}

static iots_reply *items_post(const batch *batch, ix_str items)
{
    const restore *restore = batch->restore;
    ix_buf body = {0};
    ix_buf_char(&body, '[');
    ix_buf_str(&body, items);
    ix_buf_char(&body, ']');
    iots_reply *reply = body.failed
                            ? iots_failure(IOTS_NO_MEMORY, NULL)
                            : retry_call(restore->session, IX_OP_history_create, batch->params,
                                         iots_bytes(body.at, body.len), restore->timeout_ms);
    ix_buf_done(&body);
    return reply;
}

/* What the server refused, in words of the history. */
static void refusal_tell(const restore *restore, const iots_reply *reply)
{
    const iots_json *details = iots_json_at(iots_reply_body(reply), "/error/details");
    const char *name = iots_json_string(details, "/property"),
               *at = iots_json_string(details, "/at");
    if (iots_reply_code(reply) == IOTS_CONFLICT && name && at)
        ix_fail(restore->session->cx, IOTS_CONFLICT,
                "'%.100s' has another value at %s in the history of the space", name, at);
    else
        session_ok(restore->session, reply);
}

/* Has the items from one on to another stored, or failed. */
static bool items_send(batch *batch, size_t from, size_t to)
{
    restore *restore = batch->restore;
    const size_t begin = item_begin(batch, from);
    const ix_str items = {batch->text.at + begin, batch->ends[to - 1] - begin};
    iots_reply *reply = items_post(batch, items);
    const iots_code code = iots_reply_code(reply);
    const bool goes_by_halves =
        code == IOTS_TOO_LARGE || (restore->skips_errors && is_of_document(code));
    bool ok = true;
    if (code == IOTS_OK) {
        const size_t stored = iots_json_count(iots_reply_body(reply), "");
        restore->made[PART_HISTORY] += stored;
        restore->there += to - from - stored;
    } else if (to - from > 1 && goes_by_halves) {
        const size_t middle = from + (to - from) / 2;
        ok = items_send(batch, from, middle) && items_send(batch, middle, to);
    } else if (code == IOTS_TOO_LARGE) {
        ok = item_split(batch, batch->line + from, items);
    } else {
        refusal_tell(restore, reply);
        ok = record_fail(restore, batch->from, batch->line + from, batch->line + to - 1);
    }
    iots_reply_free(reply);
    return ok;
}

static bool batch_send(batch *batch)
{
    const size_t count = batch->count;
    const bool ok = count == 0 || items_send(batch, 0, count);
    lines_settle(batch->restore, count);
    batch->line += count;
    batch->count = 0;
    ix_buf_clear(&batch->text);
    return ok;
}

static bool batch_add(batch *batch, ix_str line)
{
    if (batch->count == BATCH_ITEMS || batch->text.len + line.len > BATCH_BYTES) {
        if (!batch_send(batch))
            return false;
    }
    if (batch->count > 0)
        ix_buf_char(&batch->text, ',');
    ix_buf_str(&batch->text, line);
    batch->ends[batch->count++] = batch->text.len;
    return !batch->text.failed || ix_fail(batch->restore->session->cx, IOTS_NO_MEMORY, NULL);
}

static bool history_put(restore *restore, const char *uid)
{
    ix_ctx *cx = restore->session->cx;
    const char *path = part_path(&restore->of_record, restore->folder, PART_HISTORY, uid);
    if (path && access(path, F_OK) != 0)
        return true;
    const iots_param *params =
        record_params(&restore->of_record, PART_HISTORY, IX_OP_history_create, restore->space, uid,
                      NULL,
                      IOTS_PARAMS({"preserve_uid", "true"},
                                  {"skip_existing", restore->skips_conflicts ? "true" : "false"}));
    batch *batch = ix_new(&restore->of_record, struct batch, 1);
    line_reader *lines = path && params && batch ? line_reader_open(cx, path) : NULL;
    if (!lines)
        return ix_ctx_forward_error(cx, &restore->of_record);
    batch->restore = restore;
    batch->params = params;
    batch->from = lines;
    batch->line = 1;
    bool ok = true;
    ix_str line = {0};
    while (ok && (ok = !interrupt_seen() && line_reader_next(cx, lines, &line)) && line.at)
        ok = batch_add(batch, line);
    ok = ok && batch_send(batch);
    ix_buf_done(&batch->text);
    line_reader_close(lines);
    return ok;
}

/* ---- all files ---- */

/* The Thing of a record of things.jsonl. */
static bool uid_read(ix_ctx *cx, const line_reader *lines, const iots_json *thing, ix_ulid *ret)
{
    if (ix_ulid_parse(ix_str_of(iots_json_string(thing, "/uid")), ret))
        return true;
    ix_fail(cx, IOTS_INVALID, "the Thing has no uid");
    return line_reader_fail(cx, lines);
}

/* What is done for each Thing. */
typedef bool per_thing(restore *restore, const char *uid);

static bool things_each(restore *restore, per_thing *each)
{
    ix_ctx *cx = restore->session->cx;
    const char *path = part_path(cx, restore->folder, PART_THINGS, NULL);
    line_reader *lines = path ? line_reader_open(cx, path) : NULL;
    bool ok = lines != NULL;
    iots_doc *doc = NULL;
    while (ok && (ok = !interrupt_seen() && record_next(cx, lines, &doc)) && doc) {
        ix_ulid uid;
        ok = uid_read(cx, lines, iots_doc_json(doc), &uid) && each(restore, uid.text);
        iots_doc_free(doc);
        ix_arena_reset(restore->of_record.arena);
    }
    line_reader_close(lines);
    return ok;
}

/* Reads a file to its end, and counts. */
static bool part_check(restore *restore, cli_part part, const char *uid)
{
    ix_ctx *cx = &restore->of_record;
    const char *path = part_path(cx, restore->folder, part, uid);
    if (path && uid && access(path, F_OK) != 0)
        return true;
    line_reader *lines = path ? line_reader_open(cx, path) : NULL;
    bool ok = lines != NULL;
    iots_doc *doc = NULL;
    while (ok && (ok = !interrupt_seen() && record_next(cx, lines, &doc)) && doc) {
        restore->made[part]++;
        iots_doc_free(doc);
    }
    line_reader_close(lines);
    return ok || ix_ctx_forward_error(restore->session->cx, cx);
}

static bool thing_check(restore *restore, const char *uid)
{
    for (cli_part part = PART_HISTORY; part < PART_COUNT; part++) {
        if (!part_check(restore, part, uid))
            return false;
    }
    return true;
}

/* Is everything there that the manifest speaks of, and readable? */
static bool all_check(restore *restore)
{
    ix_ctx *cx = restore->session->cx;
    for (cli_part part = 0; part < PART_HISTORY; part++) {
        if (!part_check(restore, part, NULL))
            return false;
    }
    if (!things_each(restore, thing_check))
        return false;
    for (cli_part part = 0; part < PART_COUNT; part++) {
        if (restore->made[part] != restore->manifest.counts[part])
            return ix_fail(cx, IOTS_INVALID,
                           "%.300s has %" PRIu64 " %s, where its manifest says %" PRIu64,
                           restore->folder, restore->made[part], parts[part].many,
                           restore->manifest.counts[part]);
        restore->lines += restore->made[part];
        restore->made[part] = 0;
    }
    return true;
}

static bool thing_restore(restore *restore, const char *uid)
{
    return history_put(restore, uid) && records_put(restore, PART_ACTIONS, uid) &&
           records_put(restore, PART_EVENTS, uid);
}

static bool all_restore(restore *restore)
{
    for (cli_part part = 0; part < PART_HISTORY; part++) {
        if (!records_put(restore, part, NULL))
            return false;
    }
    return things_each(restore, thing_restore);
}

/* ---- the whole ---- */

static bool folder_read(restore *restore)
{
    ix_ctx *cx = restore->session->cx;
    bool found;
    if (!manifest_read(cx, restore->folder, &restore->manifest, &found))
        return false;
    if (!found)
        return ix_fail(cx, IOTS_USAGE, "%.300s holds no exported space: it has no manifest.json",
                       restore->folder);
    return restore->manifest.is_complete ||
           ix_fail(
               cx, IOTS_INVALID,
               "the export into %.300s was cut short: 'iots export space' with --resume goes on",
               restore->folder);
}

/* What to do about what ended it. */
static const char *advice(const restore *restore)
{
    const iots_code code = restore->session->cx->error.code;
    if (interrupt_seen() || !is_of_document(code))
        return "; import it again to go on";
    return code == IOTS_TOO_LARGE
               ? "; start the server with a larger body_limit and import it again, or pass over "
                 "such records with --on-error skip"
           : code == IOTS_CONFLICT
               ? "; --on-conflict skip leaves what is there as it is, and goes on"
               : "; mend the line and import it again, or pass over such lines with --on-error "
                 "skip";
}

static void summary_print(const restore *restore, bool is_whole)
{
    const cli_session *session = restore->session;
    const bool is_json = session->format != FORMAT_TABLE;
    ix_buf counts = {0};
    counts_write(&counts, restore->made, is_json);
    fprintf(session->out.out,
            is_json ? "{%s, \"there\": %" PRIu64 ", \"failed\": %" PRIu64 ", \"complete\": %s}\n"
                    : "restored %s; %" PRIu64 " were there already, %" PRIu64 " failed%s\n",
            ix_buf_cstr(&counts), restore->there, restore->failed,
            is_json    ? (is_whole ? "true" : "false")
            : is_whole ? ""
                       : advice(restore));
    ix_buf_done(&counts);
    if (restore->skips_conflicts && restore->there > 0)
        session_remark(restore->session, "iots: what was there was left as it is, also where it "
                                         "is not the same as in the folder");
    else if (restore->made[PART_HISTORY] > 0)
        session_remark(restore->session, "iots: moments of history that were there already with "
                                         "the same values are among those that were restored");
}

bool import_space_run(cli_session *session)
{
    restore restore = {.session = session};
    const cli_args *args = session->args;
    ix_ctx *cx = session->cx;
    if (args->word_count != 1)
        return ix_fail(cx, IOTS_USAGE, args->word_count ? "one folder at a time" : "which folder?");
    restore.folder = args->words[0];
    restore.space = args_value(args, "into");
    restore.timeout_ms = args_has(args, "timeout") ? 0 : TIMEOUT_MS;
    if (!restore.space)
        restore.space = session_space(session);
    if (!restore.space || !ix_ctx_init(&restore.of_record, 0))
        return false;
    interrupt_catch();
    bool ok = args_skips(cx, args, "on-conflict", false, &restore.skips_conflicts) &&
              args_skips(cx, args, "on-error", false, &restore.skips_errors) &&
              folder_read(&restore) && all_check(&restore) && session_open(session);
    if (ok) {
        restore.progress = progress_begin(session);
        ok = all_restore(&restore);
        progress_clear(&restore.progress);
        summary_print(&restore, ok);
    }
    if (interrupt_seen())
        session->exit_code = EXIT_INTERRUPTED;
    ix_ctx_done(&restore.of_record);
    return ok || (interrupt_seen() && !ix_failed(cx));
}
