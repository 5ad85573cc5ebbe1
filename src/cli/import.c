/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots import csv: a recording into the history of a Thing.
 *
 * Records are read one by one and sent in batches, each all or nothing. A time at which there is a
 * value already makes the server refuse the whole batch; the values at fault are then found and
 * taken out, so that the others are stored: first the one the server names, then those that are
 * stored within the batch's range of time, and if all that does not help, by halves. Importing a
 * file again therefore stores nothing twice, and picks up where an import was cut short.
 *
 * What is counted are values: one property at one time.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "base/time.h"
#include "cli/builtins.h"
#include "cli/cell.h"
#include "cli/csv.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "cli/view.h"

enum {
    BATCH_ITEMS = 1000,       /* what the server takes at once */
    BATCH_BYTES = 512 * 1024, /* well below its limit of 1 MiB for a body */
    MAPPINGS_MAX = 256,
    EMPTY_MAX = 16,
    NAMED_MAX = 4,     /* values taken out one by one, before looking for all of them */
    STORED_MAX = 5000, /* values to look through in search of those */
    TIMEOUT_MS = 60 * 1000,
};

#define PROGRESS_US (IX_SECOND_US / 5)

/* A column of the file and the property it goes to. */
typedef struct mapping {
    const char *column;
    const char *property;
    const char *type; /* as the Thing declares it; NULL: not */
    size_t index;     /* of the column */
} mapping;

/* What becomes of one record. */
typedef struct item {
    int64_t at_us;
    uint64_t line;
    const char **values; /* JSON by mapping; NULL: none, or taken out */
    struct item *same;   /* another one of this batch at the same time */
} item;

typedef struct import {
    session *session;
    iots_thing thing;
    iots_reply *description; /* the Thing; types are borrowed from it */
    csv *csv;
    int fd;
    uint64_t size; /* of the file in bytes; 0: unknown */
    mapping mappings[MAPPINGS_MAX];
    size_t mapping_count;
    size_t time_index, columns;
    const char *empty[EMPTY_MAX]; /* what else stands for an empty cell */
    size_t empty_count;
    bool skips_conflicts, skips_errors;

    ix_ctx batch_cx; /* all of the batch at hand; emptied after it */
    item *items[BATCH_ITEMS];
    size_t item_count, item_bytes;
    ix_map *times; /* at_us to the first item at that time */

    uint64_t stored, conflicts, unreadable, records;
    uint64_t line; /* all up to this line is settled */
    int64_t begin_us, shown_us;
    bool shows_progress;
} import;

/* ---- what is said ---- */

static void progress_clear(const import *import)
{
    if (import->shows_progress && import->shown_us)
        fputs("\r\033[K", stderr);
}

static void progress_show(import *import, bool is_due)
{
    const int64_t now_us = ix_monotonic_us();
    if (!import->shows_progress || (!is_due && now_us - import->shown_us < PROGRESS_US))
        return;
    import->shown_us = now_us;
    const double seconds = (double)(now_us - import->begin_us) / (double)IX_SECOND_US;
    const double rate = seconds > 0 ? (double)import->records / seconds : 0;
    const uint64_t bytes = csv_bytes(import->csv);
    fprintf(stderr, "\r\033[K%" PRIu64 " lines, %.0f/s", import->records, rate);
    if (import->size > 0 && bytes > 0) {
        enum { BAR = 20 };
        const double part = bytes < import->size ? (double)bytes / (double)import->size : 1;
        const double left = seconds / part - seconds;
        char bar[BAR + 1];
        for (int i = 0; i < BAR; i++)
            bar[i] = (double)i < part * BAR ? '#' : '.';
        bar[BAR] = '\0';
        fprintf(stderr, " [%s] %.0f%%, %.0f:%02d left", bar, part * 100, left / 60, (int)left % 60);
    }
    fflush(stderr);
}

/* The first failure, with the line it is about. */
static bool fail_line(import *import, uint64_t line, const ix_error *error)
{
    const ix_error copy = *error;
    ix_ctx_forgive(import->session->cx);
    return ix_fail(import->session->cx, copy.code, "line %" PRIu64 ": %.480s", line, copy.message);
}

static void remark_line(import *import, uint64_t line, const char *message)
{
    progress_clear(import);
    session_remark(import->session, "line %" PRIu64 ": %s", line, message);
}

/* What was done, in any case. */
static void summary_print(import *import, bool is_whole)
{
    const session *session = import->session;
    FILE *out = session->out.out;
    progress_clear(import);
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

/* ---- batches ---- */

static bool batch_clear(import *import)
{
    ix_map_free(import->times);
    import->times = ix_map_new();
    import->item_count = 0;
    import->item_bytes = 0;
    ix_arena_reset(import->batch_cx.arena);
    ix_ctx_forgive(&import->batch_cx);
    return import->times || ix_fail(import->session->cx, IOTS_NO_MEMORY, NULL);
}

static ix_str time_key(const int64_t *at_us)
{
    union {
        const int64_t *number;
        const char *bytes;
    } key = {.number = at_us};
    return (ix_str){key.bytes, sizeof *at_us};
}

static size_t item_values(const import *import, const item *item)
{
    size_t count = 0;
    for (size_t i = 0; i < import->mapping_count; i++)
        count += item->values[i] != NULL;
    return count;
}

static size_t items_values(const import *import, item *const *items, size_t count)
{
    size_t values = 0;
    for (size_t i = 0; i < count; i++)
        values += item_values(import, items[i]);
    return values;
}

static void value_drop(import *import, item *item, size_t mapping)
{
    item->values[mapping] = NULL;
    import->conflicts++;
}

/* Takes out what another item of the batch has already, at the same time. */
static bool item_dedupe(import *import, item *item)
{
    struct item *first = ix_map_find(import->times, time_key(&item->at_us));
    if (!first)
        return ix_map_put(import->times, time_key(&item->at_us), item) ||
               ix_fail(import->session->cx, IOTS_NO_MEMORY, NULL);
    for (struct item *other = first; other; other = other->same) {
        for (size_t i = 0; i < import->mapping_count; i++) {
            if (!item->values[i] || !other->values[i])
                continue;
            if (!import->skips_conflicts)
                return ix_fail(import->session->cx, IOTS_CONFLICT,
                               "line %" PRIu64 ": line %" PRIu64
                               " has a value of '%s' at this time already",
                               item->line, other->line, import->mappings[i].property);
            value_drop(import, item, i);
        }
    }
    item->same = first->same;
    first->same = item;
    return true;
}

static void items_write(const import *import, item *const *items, size_t count, ix_buf *body)
{
    bool is_first = true;
    ix_buf_char(body, '[');
    for (size_t i = 0; i < count; i++) {
        if (item_values(import, items[i]) == 0)
            continue;
        ix_buf_text(body, is_first ? "{\"at\":\"" : ",{\"at\":\"");
        ix_buf_time(body, items[i]->at_us);
        ix_buf_text(body, "\",\"properties\":{");
        bool is_first_value = true;
        for (size_t j = 0; j < import->mapping_count; j++) {
            if (!items[i]->values[j])
                continue;
            if (!is_first_value)
                ix_buf_char(body, ',');
            ix_json_write_text(body, ix_str_of(import->mappings[j].property));
            ix_buf_char(body, ':');
            ix_buf_text(body, items[i]->values[j]);
            is_first_value = false;
        }
        ix_buf_text(body, "}}");
        is_first = false;
    }
    ix_buf_char(body, ']');
}

/* Is this item one of those being sent? The map knows all of the batch. */
static bool is_among(const item *item, struct item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i] == item)
            return true;
    }
    return false;
}

/* Takes out the value of one property at one time. How many there were: 0 or 1. */
static size_t value_remove(import *import, item *const *items, size_t count, int64_t at_us,
                           const char *property)
{
    item *item = ix_map_find(import->times, time_key(&at_us));
    for (; item; item = item->same) {
        for (size_t i = 0; i < import->mapping_count; i++) {
            if (item->values[i] && strcmp(import->mappings[i].property, property) == 0 &&
                is_among(item, items, count)) {
                value_drop(import, item, i);
                return 1;
            }
        }
    }
    return 0;
}

/* Takes out the value that the server named in its refusal. */
static size_t named_remove(import *import, item *const *items, size_t count,
                           const iots_reply *refusal)
{
    const iots_json *details = iots_error_details(refusal);
    const char *at = iots_json_string(details, "/at");
    const char *property = iots_json_string(details, "/property");
    int64_t at_us;
    if (!at || !property || !ix_time_parse(ix_str_of(at), &at_us))
        return 0;
    return value_remove(import, items, count, at_us, property);
}

/* Takes out what is stored already between the first and the last time of these items. */
static bool stored_remove(import *import, item *const *items, size_t count, size_t *ret_removed)
{
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        first_us = items[i]->at_us < first_us ? items[i]->at_us : first_us;
        last_us = items[i]->at_us > last_us ? items[i]->at_us : last_us;
    }
    char first[IX_TIME_TEXT], last[IX_TIME_TEXT], range[2 * IX_TIME_TEXT + 2];
    ix_time_write(first_us, first);
    ix_time_write(last_us, last);
    snprintf(range, sizeof range, "%s|%s", first, last);

    const char *only = import->mapping_count == 1 ? import->mappings[0].property : NULL;
    iots_pager *stored = iots_history_list(import->thing, only,
                                           IOTS_LIST(.limit = BATCH_ITEMS, .timeout_ms = TIMEOUT_MS,
                                                     .params = IOTS_PARAMS({"at", range})));
    size_t removed = 0;
    const iots_json *found;
    for (size_t i = 0; i < STORED_MAX && (found = iots_pager_next(stored)); i++) {
        const char *at = iots_json_string(found, "/at");
        int64_t at_us;
        if (!at || !ix_time_parse(ix_str_of(at), &at_us))
            continue;
        const iots_json *values = iots_json_at(found, "/properties");
        for (iots_member m = iots_json_members(values); m.name; m = iots_json_members_next(m))
            removed += value_remove(import, items, count, at_us, m.name);
    }
    const bool ok = session_ok(import->session, iots_pager_reply(stored));
    iots_pager_free(stored);
    *ret_removed = removed;
    return ok;
}

static int item_compare(const void *a, const void *b)
{
    const item *const *one = a, *const *other = b;
    return ((*one)->at_us > (*other)->at_us) - ((*one)->at_us < (*other)->at_us);
}

/* ---- sending ---- */

/* What to do after an answer. */
typedef enum next {
    NEXT_DONE,   /* these items are settled */
    NEXT_AGAIN,  /* what was at fault is out: send the rest */
    NEXT_HALVES, /* something is at fault, but not known what */
    NEXT_STOP,   /* it cannot go on */
} next;

/* How the values at fault were looked for among these items. */
typedef struct search {
    size_t named;
    bool was_looked_up;
} search;

static void item_empty(const import *import, item *item)
{
    for (size_t i = 0; i < import->mapping_count; i++)
        item->values[i] = NULL;
}

static next conflict_settle(import *import, item *const *items, size_t count,
                            const iots_reply *refusal, search *search)
{
    if (search->named < NAMED_MAX && named_remove(import, items, count, refusal) > 0) {
        search->named++;
        return NEXT_AGAIN;
    }
    size_t removed = 0;
    if (!search->was_looked_up) {
        search->was_looked_up = true;
        if (!stored_remove(import, items, count, &removed))
            return NEXT_STOP;
    }
    if (removed > 0)
        return NEXT_AGAIN;
    if (count > 1)
        return NEXT_HALVES;
    import->conflicts += item_values(import, items[0]);
    item_empty(import, items[0]);
    return NEXT_DONE;
}

/* The item that a refusal is about: its field begins with the place among those that were sent. */
static item *item_refused(const import *import, item *const *items, size_t count,
                          const iots_reply *refusal)
{
    if (count == 1)
        return items[0];
    const char *field = iots_error_field(refusal);
    ix_str place;
    int64_t index;
    ix_str_cut(ix_str_of(field), '/', &place);
    if (!ix_str_int(place, &index))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (item_values(import, items[i]) > 0 && index-- == 0)
            return items[i];
    }
    return NULL;
}

/* A value that the server does not want. */
static next invalid_settle(import *import, item *const *items, size_t count,
                           const iots_reply *refusal)
{
    item *item = item_refused(import, items, count, refusal);
    if (!item && import->skips_errors)
        return NEXT_HALVES;
    if (!item) {
        session_ok(import->session, refusal);
        return NEXT_STOP;
    }
    const char *field = iots_error_field(refusal), *reason = iots_error_reason(refusal);
    const char *name = field ? strrchr(field, '/') : NULL;
    ix_error error = {.code = IOTS_INVALID};
    if (name && reason)
        snprintf(error.message, sizeof error.message, "%.100s: %.300s", name + 1, reason);
    else
        snprintf(error.message, sizeof error.message, "%s", iots_error(refusal));
    if (!import->skips_errors) {
        fail_line(import, item->line, &error);
        return NEXT_STOP;
    }
    remark_line(import, item->line, error.message);
    import->unreadable++;
    item_empty(import, item);
    return NEXT_AGAIN;
}

static next answer_take(import *import, item *const *items, size_t count, const iots_reply *reply,
                        search *search)
{
    switch (iots_reply_code(reply)) {
    case IOTS_OK:
        import->stored += items_values(import, items, count);
        return NEXT_DONE;
    case IOTS_CONFLICT:
        if (import->skips_conflicts)
            return conflict_settle(import, items, count, reply, search);
        break;
    case IOTS_INVALID:
        return invalid_settle(import, items, count, reply);
    case IOTS_TOO_LARGE:
        if (count > 1)
            return NEXT_HALVES;
        break;
    default:
        break;
    }
    session_ok(import->session, reply);
    return NEXT_STOP;
}

static iots_reply *items_post(const import *import, item *const *items, size_t count)
{
    ix_buf body = {0};
    items_write(import, items, count, &body);
    iots_reply *reply =
        body.failed ? iots_failure(IOTS_NO_MEMORY, NULL)
                    : iots_history_create(import->thing, NULL, iots_bytes(body.at, body.len),
                                          IOTS_CALL(.timeout_ms = TIMEOUT_MS));
    ix_buf_done(&body);
    return reply;
}

/* Has items stored, except for what is at fault; sorts them on the way if need be. False when it
 * cannot go on. */
static bool items_send(import *import, item **items, size_t count)
{
    search search = {0};
    next next = NEXT_AGAIN;
    while (next == NEXT_AGAIN && items_values(import, items, count) > 0) {
        iots_reply *reply = items_post(import, items, count);
        next = answer_take(import, items, count, reply, &search);
        iots_reply_free(reply);
        progress_show(import, false);
    }
    if (next != NEXT_HALVES)
        return next != NEXT_STOP;

    /* Halves of time: what is stored in each of them is fewer to look through. */
    const size_t half = count / 2;
    qsort(items, count, sizeof *items, item_compare);
    return items_send(import, items, half) && !interrupt_seen() &&
           items_send(import, items + half, count - half);
}

/* Sends the batch at hand and begins a new one. */
static bool batch_send(import *import, uint64_t last_line)
{
    if (!items_send(import, import->items, import->item_count) || interrupt_seen())
        return false;
    import->line = last_line;
    return batch_clear(import);
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
    if (!item)
        return true;
    if (!item_dedupe(import, item))
        return false;
    import->items[import->item_count++] = item;
    return true;
}

static bool records_send(import *import)
{
    for (uint64_t line = 1;; line = csv_line(import->csv)) {
        const bool is_full = import->item_count == BATCH_ITEMS || import->item_bytes >= BATCH_BYTES;
        if (is_full && !batch_send(import, line))
            return false;
        if (interrupt_seen())
            return false;
        progress_show(import, false);
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
    ssize_t got;
    do
        got = read(import->fd, to, size);
    while (got < 0 && errno == EINTR && !interrupt_seen());
    return got;
}

static bool choice_read(session *session, const char *name, bool otherwise, bool *ret_skips)
{
    const char *value = args_value(session->args, name);
    *ret_skips = value ? strcmp(value, "skip") == 0 : otherwise;
    if (value && !*ret_skips && strcmp(value, "fail") != 0)
        return ix_fail(session->cx, IOTS_USAGE, "--%s %s: expected skip or fail", name, value);
    return true;
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
    char delimiter;
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
    if (!id)
        return ix_fail(session->cx, IOTS_USAGE, "which Thing? --thing ID");
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
        return ix_fail(cx, IOTS_UNEXPECTED, "the file cannot be read: %s", strerror(errno));
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
    return choice_read(session, "on-conflict", true, &import->skips_conflicts) &&
           choice_read(session, "on-error", false, &import->skips_errors);
}

bool import_run(session *session)
{
    import *import = ix_new(session->cx, struct import, 1);
    if (!import)
        return false;
    import->session = session;
    import->fd = -1;
    import->shows_progress = session->err.is_terminal && !session->is_quiet;
    bool ok = ix_ctx_init(&import->batch_cx, 0) && batch_clear(import) && options_read(import) &&
              file_open(import) && session_open(session) && thing_read(import) &&
              header_read(import);
    if (ok) {
        interrupt_catch();
        import->begin_us = ix_monotonic_us();
        ok = records_send(import);
        summary_print(import, ok);
        if (interrupt_seen())
            session->quit = QUIT_INTERRUPTED;
    }
    iots_reply_free(import->description);
    csv_free(import->csv);
    if (import->fd > STDIN_FILENO)
        close(import->fd);
    ix_map_free(import->times);
    ix_ctx_done(&import->batch_cx);
    return ok || (interrupt_seen() && !ix_failed(session->cx));
}
