/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings as CSV: rows as values at times.
 *
 * A file has a column for each property, or a row for each value with a column for its name. What is not
 * said by options is found out from the first lines (csv_form.h).
 */
#include <inttypes.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/transfer/csv_file.h"

/* The recording is the first member of its file. */
static csv_file *file_of(recording *recording)
{
    return (csv_file *)(void *)recording;
}

static const csv_file *const_file_of(const recording *recording)
{
    return (const csv_file *)(const void *)recording;
}

/* ---- values ---- */

static bool is_one_of(ix_str text, const char *const *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (all[i] && ix_str_is(text, all[i]))
            return true;
    }
    return false;
}

/* The value of a cell in cx; NULL without failure if it has none. */
static const char *value_read(csv_file *file, ix_ctx *cx, size_t index, const target *target)
{
    const csv_column *column = &file->columns[index];
    ix_str cell = csv_field(file->csv, index), text = ix_str_trim(cell);
    const char *type = target->type ? target->type : column->type;
    if (is_one_of(text, file->empty, file->empty_count))
        return NULL;
    if (file->form && index == file->value_column &&
        is_one_of(text, file->form->empty, sizeof file->form->empty / sizeof(char *))) {
        file->passed_empty++;
        return NULL;
    }
    if (cell.len == 0 && column->otherwise)
        cell = ix_str_of(column->otherwise);
    /* As PostgreSQL has it: nothing is not a value, two quotes are the empty text. */
    if (cell.len == 0 && csv_is_quoted(file->csv, index) && !file->is_all_quoted && type &&
        strcmp(type, "string") == 0)
        return "\"\"";
    const char *value = cell_value(cx, cell, type, file->decimal);
    if (!value && ix_failed(cx)) {
        const ix_error error = cx->error;
        ix_ctx_clear_error(cx);
        ix_fail(cx, error.code, "%.100s: %.380s", target->property, error.message);
    }
    return value;
}

/* What else a row says of whose value it is. NULL without failure: nothing. */
static const char *series_read(const csv_file *file, ix_ctx *cx)
{
    ix_buf series = {0};
    for (size_t i = 0; file->form && file->form->is_influx && i < file->count; i++) {
        if (file->columns[i].is_tag)
            ix_buf_format(&series, "%s%.*s=%.*s", series.len ? "," : "", (int)file->names[i].len,
                          file->names[i].at, (int)csv_field(file->csv, i).len,
                          csv_field(file->csv, i).at);
    }
    const char *copy = series.len ? ix_strdup(cx, series.at) : NULL;
    if (series.len && !copy)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    ix_buf_done(&series);
    return copy;
}

static bool reading_add(csv_file *file, ix_ctx *cx, size_t index, target *target, int64_t at_us,
                        const char *series, record *record)
{
    const char *json = value_read(file, cx, index, target);
    if (!json)
        return !ix_failed(cx);
    if (!target_series_check(cx, file->cx, target, series, "COLUMN"))
        return false;
    record->readings[record->count++] =
        (reading){.at_us = at_us, .line = record->line, .target = target, .json = json};
    return true;
}

static bool is_wanted(const csv_file *file)
{
    for (size_t i = 0; i < file->condition_count; i++) {
        const csv_condition *condition = &file->conditions[i];
        if (!ix_str_is(ix_str_trim(csv_field(file->csv, condition->index)), condition->value))
            return false;
    }
    return file->thing_column == NO_COLUMN ||
           ix_str_is(csv_field(file->csv, file->thing_column), file->setup->thing);
}

static bool wide_read(csv_file *file, ix_ctx *cx, record *record)
{
    int64_t at_us;
    const char *series = series_read(file, cx);
    record->readings = file->readings;
    if (ix_failed(cx) || !csv_timestamp_read(file, cx, &file->track, &at_us))
        return false;
    for (size_t i = 0; i < file->count; i++) {
        if (file->columns[i].target &&
            !reading_add(file, cx, i, file->columns[i].target, at_us, series, record))
            return false;
    }
    return true;
}

static bool long_read(csv_file *file, ix_ctx *cx, record *record)
{
    int64_t at_us;
    ix_str name = csv_field(file->csv, file->name_column);
    if (name.len == 0 && file->columns[file->name_column].otherwise)
        name = ix_str_of(file->columns[file->name_column].otherwise);
    target *target = targets_find(file->setup->targets, name);
    if (!target)
        target = targets_find(file->setup->targets, ix_str_trim(name));
    if (!target)
        return targets_pass(file->setup->targets, name) ||
               ix_ctx_forward_error(cx, file->setup->targets->cx);
    target->is_met = true;
    const char *series = series_read(file, cx);
    record->readings = file->readings;
    return !ix_failed(cx) && csv_timestamp_read(file, cx, &target->track, &at_us) &&
           reading_add(file, cx, file->value_column, target, at_us, series, record);
}

/* ---- rows ---- */

/* Some write a delimiter too many at the end of each line. */
static bool count_check(const csv_file *file, ix_ctx *cx)
{
    const size_t count = csv_count(file->csv);
    bool ok = count >= file->count;
    for (size_t i = file->count; ok && i < count; i++)
        ok = ix_str_trim(csv_field(file->csv, i)).len == 0;
    return ok || ix_fail(cx, IOTS_INVALID, "%zu fields, where the names of the columns are %zu",
                         count, file->count);
}

static bool is_blank(const csv_file *file)
{
    for (size_t i = 0; i < csv_count(file->csv); i++) {
        if (ix_str_trim(csv_field(file->csv, i)).len > 0)
            return false;
    }
    return true;
}

/* In a file of several tables: names, and what is said of them. *is_one false: it is values. */
static bool head_take(csv_file *file, bool *is_one)
{
    *is_one = false;
    if (!file->form || !file->form->is_influx)
        return true;
    if (!csv_annotation_take(file, is_one) || *is_one)
        return !ix_failed(file->cx);
    *is_one = !file->is_in_table || csv_is_after_gap(file->csv);
    file->is_in_table = true;
    return *is_one ? csv_columns_take(file) : csv_error_check(file);
}

static recording_result next_record(recording *recording, ix_ctx *cx, record *ret)
{
    csv_file *file = file_of(recording);
    bool is_head;
    const csv_result result = csv_next(file->csv);
    *ret = (record){.line = csv_line(file->csv)};
    switch (result) {
    case CSV_RECORD:
        break;
    case CSV_END:
        return RECORDING_END;
    case CSV_BAD:
        ix_fail(cx, IOTS_INVALID, "%s%s", csv_error(file->csv),
                strcmp(csv_error(file->csv), "not UTF-8") == 0
                    ? ": iconv -f WINDOWS-1252 -t UTF-8, or what it is in, makes it so"
                    : "");
        return RECORDING_BAD;
    case CSV_FAILED:
        return RECORDING_FAILED;
    }
    if (!head_take(file, &is_head))
        return RECORDING_FAILED;
    if (is_head || is_blank(file))
        return RECORDING_RECORD;
    if (!count_check(file, cx))
        return RECORDING_BAD;
    if (!is_wanted(file))
        return RECORDING_RECORD;
    if (csv_is_long(file) ? long_read(file, cx, ret) : wide_read(file, cx, ret))
        return RECORDING_RECORD;
    return ix_failed(cx) ? RECORDING_BAD : RECORDING_FAILED;
}

/* ---- the rest ---- */

static uint64_t line_of(const recording *recording)
{
    return csv_line(const_file_of(recording)->csv);
}

static uint64_t bytes_of(const recording *recording)
{
    return csv_bytes(const_file_of(recording)->csv);
}

static bool remarks_give(const recording *recording, ix_ctx *cx,
                         void (*remark)(void *arg, const char *text), void *arg)
{
    const csv_file *file = const_file_of(recording);
    const uint64_t twice = file->first_of_two + file->second_of_two;
    const char *text = NULL;
    if (file->without_zone > 0 && !file->has_zone)
        remark(arg, "the times have no zone and were read as UTC; --tz Europe/Berlin would read "
                    "them as those of a clock there, --tz UTC says that this is right");
    if (twice > 0) {
        text = ix_format(cx,
                         "%" PRIu64 " times are shown twice by the clock of %s; by the order of "
                         "the lines %" PRIu64 " are the first and %" PRIu64 " the second",
                         twice, file->zone.name, file->first_of_two, file->second_of_two);
        if (!text)
            return false;
        remark(arg, text);
    }
    if (file->passed_empty > 0) {
        text = ix_format(cx, "%" PRIu64 " values '%s' or '%s' were passed over", file->passed_empty,
                         file->form->empty[0], file->form->empty[1]);
        if (!text)
            return false;
        remark(arg, text);
    }
    const char *passed = targets_passed(file->setup->targets, csv_is_long(file) ? "values" : NULL);
    if (passed) {
        text = ix_format(cx, "not imported: %s; --map %s=PROPERTY says where it goes", passed,
                         csv_is_long(file) ? "NAME" : "COLUMN");
        if (!text)
            return false;
        remark(arg, text);
    }
    return true;
}

static ssize_t fd_read(void *arg, void *to, size_t size)
{
    const csv_file *file = arg;
    return interrupt_read(file->setup->fd, to, size);
}

static void close_file(recording *recording)
{
    if (recording)
        csv_free(file_of(recording)->csv);
}

static recording *open_file(const recording_setup *setup)
{
    csv_file *file = ix_new(setup->cx, csv_file, 1);
    if (!file)
        return NULL;
    file->recording.form = &csv_recording;
    file->setup = setup;
    file->cx = setup->cx;
    file->csv = csv_new(fd_read, file, ',');
    if (!file->csv)
        ix_fail(file->cx, IOTS_NO_MEMORY, NULL);
    else if (csv_lead_read(file))
        return &file->recording;
    close_file(&file->recording);
    return NULL;
}

bool csv_columns_visit(ix_ctx *cx, const cli_args *args, int fd,
                       void (*visit)(void *arg, ix_str name, const char *end), void *arg,
                       const char *end)
{
    const recording_setup setup = {.cx = cx, .args = args, .fd = fd};
    csv_file file = {.setup = &setup, .cx = cx};
    file.csv = csv_new(fd_read, &file, ',');
    if (!file.csv)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    const bool ok = csv_names_find(&file);
    for (size_t i = 0; ok && i < csv_count(file.csv); i++)
        visit(arg, csv_field(file.csv, i), end);
    csv_free(file.csv);
    return ok;
}

const recording_form csv_recording = {
    .open = open_file,
    .close = close_file,
    .next = next_record,
    .line = line_of,
    .bytes = bytes_of,
    .remarks = remarks_give,
};
