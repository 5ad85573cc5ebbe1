/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings in InfluxDB's line protocol: the fields of points as values of properties.
 *
 * Measurement and tags say whose point it is. They are not values, but points of two series must not
 * become one: a property takes the values of the first series that has it, and --where says which one
 * that is. The files that `influx_inspect export` writes have a head of their own and comments that say
 * of which database the points are, which counts like a tag.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "cli/interrupt.h"
#include "cli/transfer/influx_line.h"
#include "cli/transfer/recording.h"
#include "cli/transfer/wall_time.h"

enum {
    POINT_BYTES_MAX = 16 * 1024 * 1024,
    AHEAD_BYTES = 64 * 1024,
    WHERE_MAX = 16,
    SHOWN_MAX = 60,
};

/* What the comments of an export say of all points that follow. */
typedef enum context { CONTEXT_DATABASE, CONTEXT_POLICY, CONTEXT_COUNT } context;

typedef struct influx_file {
    recording recording;
    const recording_setup *setup;
    time_format format;
    bool has_precision;
    influx_tag conditions[WHERE_MAX];
    size_t condition_count;
    const char *contexts[CONTEXT_COUNT]; /* in the cx of the setup; NULL: not said */
    bool is_in_head;                     /* statements, not points */

    ix_buf ahead; /* what was read */
    size_t next;  /* where in it the next line begins */
    bool is_over; /* all is read */
    uint64_t line, next_line, bytes;

    uint64_t cut_short;
    ix_map *tags; /* the names of those that were met */
    ix_buf tag_names;
} influx_file;

/* The recording is the first member of its file. */
static influx_file *file_of(recording *recording)
{
    return (influx_file *)(void *)recording;
}

static const influx_file *const_file_of(const recording *recording)
{
    return (const influx_file *)(const void *)recording;
}

static int shown_len(ix_str text)
{
    return (int)(text.len > SHOWN_MAX ? SHOWN_MAX : text.len);
}

/* ---- lines ---- */

/* Reads on, with what is left at the beginning. RECORDING_RECORD: there may be more now. */
static recording_result influx_recording_fill(influx_file *file)
{
    ix_buf *ahead = &file->ahead;
    if (file->next > 0) {
        ahead->len -= file->next;
        memmove(ahead->at, ahead->at + file->next, ahead->len);
        file->next = 0;
    }
    if (!ix_buf_reserve(ahead, AHEAD_BYTES)) {
        ix_fail(file->setup->cx, IOTS_NO_MEMORY, NULL);
        return RECORDING_FAILED;
    }
    const ssize_t got = interrupt_read(file->setup->fd, ahead->at + ahead->len, AHEAD_BYTES);
    if (got < 0)
        return RECORDING_FAILED;
    ahead->len += (size_t)got;
    file->is_over = got == 0;
    return RECORDING_RECORD;
}

static ix_str left_of(const influx_file *file)
{
    return (ix_str){file->ahead.at ? file->ahead.at + file->next : "",
                    file->ahead.len - file->next};
}

/* Passes over so many bytes and the line break behind them. */
static void line_take(influx_file *file, ix_str text)
{
    const size_t size = text.len + (file->next + text.len < file->ahead.len);
    const char *at = text.at, *end = text.at + size;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        file->next_line++;
        at++;
    }
    file->next += size;
    file->bytes += size;
}

static ix_str first_line(ix_str text)
{
    const char *end = text.len > 0 ? memchr(text.at, '\n', text.len) : NULL;
    return (ix_str){text.at, end ? (size_t)(end - text.at) : text.len};
}

/* The line that comes next: of a comment up to its line break, of a point up to its end. It is still
 * ahead. RECORDING_BAD: no end of it can be found, and *ret is what is to be passed over. */
static recording_result line_find(influx_file *file, ix_ctx *cx, ix_str *ret)
{
    for (;;) {
        const ix_str left = left_of(file);
        const bool is_point = left.len > 0 && left.at[0] != '#' && !file->is_in_head;
        bool is_open = false;
        *ret = first_line(left);
        if (is_point)
            ret->len = influx_point_end(left, &is_open);
        if (left.len > 0 && !is_open && ret->len < left.len)
            return RECORDING_RECORD;
        if (file->is_over || left.len > POINT_BYTES_MAX) {
            if (left.len == 0)
                return RECORDING_END;
            if (!is_open && left.len <= POINT_BYTES_MAX)
                return RECORDING_RECORD;
            if (is_open)
                ix_fail(cx, IOTS_INVALID, "a text without a quote at its end");
            else
                ix_fail(cx, IOTS_INVALID, "longer than %d MiB", POINT_BYTES_MAX / 1024 / 1024);
            return RECORDING_BAD;
        }
        const recording_result result = influx_recording_fill(file);
        if (result != RECORDING_RECORD)
            return result;
    }
}

/* ---- options ---- */

static bool precision_read(influx_file *file)
{
    // clang-format off
    static const struct { const char *name, *format; } precisions[] = {
        {"ns", "epoch_ns"}, {"us", "epoch_us"}, {"ms", "epoch_ms"}, {"s", "epoch"}};
    // clang-format on
    const char *given = args_value(file->setup->args, "precision");
    file->has_precision = given != NULL;
    if (!given)
        return true;
    for (size_t i = 0; i < sizeof precisions / sizeof precisions[0]; i++) {
        if (strcmp(given, precisions[i].name) == 0)
            return time_format_parse(file->setup->cx, precisions[i].format, &file->format);
    }
    return ix_fail(file->setup->cx, IOTS_USAGE, "--precision %.60s: expected ns, us, ms or s",
                   given);
}

static bool conditions_read(influx_file *file)
{
    ix_ctx *cx = file->setup->cx;
    size_t at = 0;
    for (const char *where; (where = args_each(file->setup->args, "where", &at));) {
        ix_str name;
        const ix_str value = ix_str_cut(ix_str_of(where), '=', &name);
        if (!value.at)
            return ix_fail(cx, IOTS_USAGE, "--where %s: expected TAG=VALUE", where);
        if (file->condition_count == WHERE_MAX)
            return ix_fail(cx, IOTS_USAGE, "--where: at most %d times", WHERE_MAX);
        file->conditions[file->condition_count++] = (influx_tag){name, value};
    }
    return true;
}

/* ---- whose point it is ---- */

/* Comments of an export: its head, in which no points are, and of which database what follows is. */
static bool comment_take(influx_file *file, ix_str line)
{
    static const char *const contexts[CONTEXT_COUNT] = {
        [CONTEXT_DATABASE] = "# CONTEXT-DATABASE:",
        [CONTEXT_POLICY] = "# CONTEXT-RETENTION-POLICY:",
    };
    line = ix_str_trim(line);
    if (ix_str_is(line, "# DDL") || ix_str_is(line, "# DML"))
        file->is_in_head = ix_str_is(line, "# DDL");
    for (int i = 0; i < CONTEXT_COUNT; i++) {
        const size_t len = strlen(contexts[i]);
        if (!ix_str_starts(line, contexts[i]))
            continue;
        const ix_str name = ix_str_trim((ix_str){line.at + len, line.len - len});
        if (file->contexts[i] && ix_str_is(name, file->contexts[i]))
            continue;
        if (!(file->contexts[i] = ix_strndup(file->setup->cx, name.at, name.len)))
            return false;
    }
    return true;
}

/* What a point says under a name; empty if nothing. */
static ix_str said_of(const influx_file *file, const influx_point *point, ix_str name)
{
    static const char *const contexts[CONTEXT_COUNT] = {
        [CONTEXT_DATABASE] = "_database",
        [CONTEXT_POLICY] = "_policy",
    };
    if (ix_str_is(name, "_measurement"))
        return point->measurement;
    for (int i = 0; i < CONTEXT_COUNT; i++) {
        if (ix_str_is(name, contexts[i]))
            return ix_str_of(file->contexts[i]);
    }
    for (size_t i = 0; i < point->tag_count; i++) {
        if (ix_str_equal(point->tags[i].name, name))
            return point->tags[i].value;
    }
    return (ix_str){0};
}

static bool is_wanted(const influx_file *file, const influx_point *point)
{
    for (size_t i = 0; i < file->condition_count; i++) {
        const influx_tag *condition = &file->conditions[i];
        if (!ix_str_equal(said_of(file, point, condition->name), condition->value))
            return false;
    }
    return true;
}

/* "_measurement=weather,station=barn", in cx. */
static const char *series_of(const influx_file *file, const influx_point *point, ix_ctx *cx)
{
    ix_buf text = {0};
    ix_buf_text(&text, "_measurement=");
    ix_buf_str(&text, point->measurement);
    for (size_t i = 0; i < point->tag_count; i++) {
        ix_buf_char(&text, ',');
        ix_buf_str(&text, point->tags[i].name);
        ix_buf_char(&text, '=');
        ix_buf_str(&text, point->tags[i].value);
    }
    if (file->contexts[CONTEXT_DATABASE])
        ix_buf_format(&text, ",_database=%s", file->contexts[CONTEXT_DATABASE]);
    if (file->contexts[CONTEXT_POLICY])
        ix_buf_format(&text, ",_policy=%s", file->contexts[CONTEXT_POLICY]);
    ix_str copy;
    ix_buf_take_in(cx, &text, &copy);
    return copy.at;
}

/* Tags are not stored: their names are said at the end. */
static bool tags_note(influx_file *file, const influx_point *point)
{
    enum { NAMES_BYTES = 200 };
    for (size_t i = 0; i < point->tag_count && file->tag_names.len < NAMES_BYTES; i++) {
        const ix_str name = point->tags[i].name;
        if (ix_map_find(file->tags, name))
            continue;
        if (!ix_map_put(file->tags, name, file))
            return ix_fail(file->setup->cx, IOTS_NO_MEMORY, NULL);
        ix_buf_format(&file->tag_names, "%s'%.*s'", file->tag_names.len ? ", " : "",
                      shown_len(name), name.at);
    }
    return true;
}

/* ---- values ---- */

/* The time of a point. Without --precision its unit shows in the number of its digits: since 2001 those
 * of seconds have 10, those of nanoseconds 19. */
static bool time_read(influx_file *file, ix_ctx *cx, ix_str text, int64_t *ret_us)
{
    wall_time wall;
    int64_t number;
    if (text.len == 0)
        return ix_fail(cx, IOTS_INVALID, "the point has no time");
    if (!ix_str_int(text, &number))
        return ix_fail(cx, IOTS_INVALID, "'%.*s' is not a time: expected a number of nanoseconds",
                       shown_len(text), text.at);
    if (!file->has_precision && (text.at[0] == '-' || (text.len != 10 && text.len != 13 &&
                                                       text.len != 16 && text.len != 19)))
        return ix_fail(cx, IOTS_INVALID,
                       "it is not plain whether %.*s is in ns, us, ms or s: --precision says it",
                       shown_len(text), text.at);
    if (!wall_time_read(cx, &file->format, text, &wall))
        return false;
    const bool is_ns = file->has_precision ? file->format.unit_ns == 1 : text.len == 19;
    file->cut_short += is_ns && number % 1000 != 0;
    *ret_us = wall.us;
    return true;
}

/* Can a property that is declared so take such a value? What else it may not be, the server says. */
static bool kind_check(ix_ctx *cx, const target *target, const influx_field *field)
{
    // clang-format off
    static const struct { const char *type; influx_kind kind; } takes[] = {
        {"number", INFLUX_NUMBER}, {"integer", INFLUX_NUMBER}, {"boolean", INFLUX_BOOLEAN}, {"string", INFLUX_TEXT},
    };
    // clang-format on
    static const char *const kinds[] = {
        [INFLUX_NUMBER] = "a number", [INFLUX_BOOLEAN] = "a boolean", [INFLUX_TEXT] = "a text"};
    bool is_taken = !target->type;
    for (size_t i = 0; target->type && i < sizeof takes / sizeof takes[0]; i++)
        is_taken =
            is_taken || (strcmp(takes[i].type, target->type) == 0 && takes[i].kind == field->kind);
    return is_taken ||
           ix_fail(cx, IOTS_INVALID, "'%.*s' is %s, and the property '%.60s' is of type %s",
                   shown_len(field->name), field->name.at, kinds[field->kind], target->property,
                   target->type);
}

/* The target of a field: by "measurement.field", or by its name. NULL without failure if it has none. */
static target *target_find(const influx_file *file, ix_ctx *cx, const influx_point *point,
                           ix_str field)
{
    const targets *targets = file->setup->targets;
    char *both = ix_format(cx, "%.*s.%.*s", (int)point->measurement.len, point->measurement.at,
                           (int)field.len, field.at);
    target *found = both ? targets_find(targets, ix_str_of(both)) : NULL;
    return found ? found : targets_find(targets, field);
}

static bool field_add(influx_file *file, ix_ctx *cx, const influx_point *point,
                      const influx_field *field, const char *series, record *record)
{
    target *target = target_find(file, cx, point, field->name);
    if (!target)
        return !ix_failed(cx) && (targets_pass(file->setup->targets, field->name) ||
                                  ix_ctx_forward_error(cx, file->setup->targets->cx));
    target->is_met = true;
    if (!field->json)
        return ix_fail(cx, IOTS_INVALID, "'%.*s' is beyond what can be kept: %s",
                       shown_len(field->name), field->name.at, field->fault);
    if (!kind_check(cx, target, field) ||
        !target_series_check(cx, file->setup->cx, target, series, "TAG"))
        return false;
    record->readings[record->count++] =
        (reading){.line = record->line, .target = target, .json = field->json};
    return true;
}

static bool point_take(influx_file *file, ix_ctx *cx, ix_str text, record *record)
{
    influx_point point;
    int64_t at_us = 0;
    if (!ix_str_is_utf8(text) || memchr(text.at, '\0', text.len))
        return ix_fail(cx, IOTS_INVALID, "not UTF-8");
    if (!influx_point_read(cx, text, &point))
        return false;
    if (!is_wanted(file, &point))
        return true;
    const char *series = series_of(file, &point, cx);
    record->readings = ix_new(cx, reading, point.field_count);
    if (!series || !record->readings || !tags_note(file, &point))
        return false;
    for (size_t i = 0; i < point.field_count; i++) {
        if (!field_add(file, cx, &point, &point.fields[i], series, record))
            return false;
    }
    if (record->count > 0 && !time_read(file, cx, point.time, &at_us))
        return false;
    for (size_t i = 0; i < record->count; i++)
        record->readings[i].at_us = at_us;
    return true;
}

/* ---- records ---- */

static recording_result next_record(recording *recording, ix_ctx *cx, record *ret)
{
    influx_file *file = file_of(recording);
    ix_str text;
    recording_result result = line_find(file, cx, &text);
    file->line = file->next_line;
    *ret = (record){.line = file->line};
    if (result == RECORDING_END || result == RECORDING_FAILED)
        return result;
    if (result == RECORDING_RECORD) {
        ix_str line = text;
        if (file->bytes == 0 && ix_str_starts(line, "\xEF\xBB\xBF"))
            line = (ix_str){line.at + 3, line.len - 3};
        if (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
        if (ix_str_starts(line, "#")) {
            if (!comment_take(file, line))
                return RECORDING_FAILED;
        } else if (!file->is_in_head && ix_str_trim(line).len > 0 &&
                   !point_take(file, cx, line, ret)) {
            result = ix_failed(cx) ? RECORDING_BAD : RECORDING_FAILED;
        }
    }
    if (result == RECORDING_BAD) /* what was taken for a text of several lines may be points */
        text = first_line(text);
    line_take(file, text);
    return result;
}

/* ---- the rest ---- */

static uint64_t line_of(const recording *recording)
{
    return const_file_of(recording)->line;
}

static uint64_t bytes_of(const recording *recording)
{
    return const_file_of(recording)->bytes;
}

static bool remarks_give(const recording *recording, ix_ctx *cx,
                         void (*remark)(void *arg, const char *text), void *arg)
{
    const influx_file *file = const_file_of(recording);
    const char *passed = targets_passed(file->setup->targets, "values");
    const char *texts[3] = {0};
    size_t count = 0;
    if (file->cut_short > 0)
        texts[count++] = ix_format(
            cx, "%" PRIu64 " times have nanoseconds; times are stored to the microsecond, cut off",
            file->cut_short);
    if (file->tag_names.len > 0)
        texts[count++] = ix_format(cx, "tags say whose values they are, and are not stored: %s",
                                   file->tag_names.at);
    if (passed)
        texts[count++] =
            ix_format(cx, "not imported: %s; --map FIELD=PROPERTY says where it goes", passed);
    for (size_t i = 0; i < count; i++) {
        if (!texts[i])
            return false;
        remark(arg, texts[i]);
    }
    return !file->tag_names.failed || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

static void close_file(recording *recording)
{
    if (!recording)
        return;
    ix_buf_done(&file_of(recording)->ahead);
    ix_buf_done(&file_of(recording)->tag_names);
    ix_map_free(file_of(recording)->tags);
}

static recording *open_file(const recording_setup *setup)
{
    influx_file *file = ix_new(setup->cx, influx_file, 1);
    if (!file)
        return NULL;
    file->recording.form = &influx_recording;
    file->setup = setup;
    file->next_line = 1;
    file->tags = ix_map_new();
    if (!file->tags)
        ix_fail(setup->cx, IOTS_NO_MEMORY, NULL);
    else if (precision_read(file) && conditions_read(file))
        return &file->recording;
    close_file(&file->recording);
    return NULL;
}

const recording_form influx_recording = {
    .open = open_file,
    .close = close_file,
    .next = next_record,
    .line = line_of,
    .bytes = bytes_of,
    .remarks = remarks_give,
};
