/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The beginning of a file: what options say of it, lines above the names, and what is between the names.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/transfer/csv_file.h"

enum {
    LEAD_BYTES = 4 * 1024, /* of the first line, to know the form by */
    SKIP_MAX = 1000 * 1000,
};

/* ---- options ---- */

static bool delimiter_read(ix_ctx *cx, const cli_args *args, char *ret)
{
    const char *value = args_value(args, "delimiter");
    if (!value)
        *ret = '\0';
    else if (strcmp(value, "tab") == 0 || strcmp(value, "\\t") == 0)
        *ret = '\t';
    else if (strlen(value) == 1 && !strchr("\"\r\n", value[0]) && (unsigned char)value[0] < 0x80)
        *ret = value[0];
    else
        return ix_fail(cx, IOTS_USAGE, "--delimiter %s: expected one character, or tab", value);
    return true;
}

static bool decimal_read(ix_ctx *cx, const cli_args *args, decimal_mark *ret)
{
    const char *value = args_value(args, "decimal");
    if (!value)
        *ret = DECIMAL_POINT_PERHAPS;
    else if (strcmp(value, ",") == 0)
        *ret = DECIMAL_COMMA;
    else if (strcmp(value, ".") == 0)
        *ret = DECIMAL_POINT;
    else
        return ix_fail(cx, IOTS_USAGE, "--decimal %s: expected , or .", value);
    return true;
}

static bool conditions_read(csv_file *file, const cli_args *args)
{
    ix_ctx *cx = file->cx;
    size_t at = 0;
    for (const char *where; (where = args_each(args, "where", &at));) {
        const char *equals = strchr(where, '=');
        if (!equals)
            return ix_fail(cx, IOTS_USAGE, "--where %s: expected COLUMN=VALUE", where);
        if (file->condition_count == WHERE_MAX)
            return ix_fail(cx, IOTS_USAGE, "--where: at most %d times", WHERE_MAX);
        const char *name = ix_strndup(cx, where, (size_t)(equals - where));
        if (!name)
            return false;
        file->conditions[file->condition_count++] =
            (csv_condition){.column = name, .value = equals + 1};
    }
    return true;
}

static bool options_read(csv_file *file)
{
    ix_ctx *cx = file->cx;
    const cli_args *args = file->setup->args;
    const char *format = args_value(args, "time-format"), *zone = args_value(args, "tz");
    size_t at = 0;
    for (const char *empty; (empty = args_each(args, "empty", &at));) {
        if (file->empty_count == EMPTY_MAX)
            return ix_fail(cx, IOTS_USAGE, "--empty: at most %d times", EMPTY_MAX);
        file->empty[file->empty_count++] = empty;
    }
    if (!args_has(args, "name-column") != !args_has(args, "value-column"))
        return ix_fail(cx, IOTS_USAGE,
                       "--name-column and --value-column go together: one has the names of the "
                       "values in the other");
    file->has_zone = zone != NULL;
    return delimiter_read(cx, args, &file->delimiter) && decimal_read(cx, args, &file->decimal) &&
           conditions_read(file, args) &&
           (!format || time_format_parse(cx, format, &file->format)) &&
           time_zone_open(cx, zone ? zone : "UTC", &file->zone);
}

/* ---- the beginning ---- */

ssize_t csv_memory_read(void *arg, void *to, size_t size)
{
    csv_memory *memory = arg;
    const size_t part = size < memory->left ? size : memory->left;
    memcpy(to, memory->at, part);
    memory->at += part;
    memory->left -= part;
    return (ssize_t)part;
}

const char *csv_comment(const csv_file *file)
{
    return args_value(file->setup->args, "comment");
}

/* How well the names fit, if that is what is between them: 0 not at all, 1 so and so, 2 well. */
static int delimiter_fit(csv_file *file, ix_str ahead, char delimiter, size_t *ret_count)
{
    csv_memory memory = {ahead.at, ahead.len};
    cli_csv *csv = csv_new(csv_memory_read, &memory, delimiter);
    if (!csv)
        return 0;
    csv_set(csv, delimiter, csv_comment(file));
    int fit = 0;
    *ret_count = 0;
    if (csv_next(csv) == CSV_RECORD) {
        ix_str *fields = calloc(csv_count(csv) + 1, sizeof *fields);
        for (size_t i = 0; fields && i < csv_count(csv); i++)
            fields[i] = csv_field(csv, i);
        const csv_names names = {fields, fields ? csv_count(csv) : 0};
        size_t index, at = 0, given = 0, found = 0;
        for (const char *name; (name = args_each(file->setup->args, "time", &at)); given++)
            found += csv_column_find(names, ix_str_of(name), &index) == 1;
        const bool is_known =
            given > 0 ? found == given : csv_form_of_names(names) || csv_time_column(names, &index);
        *ret_count = names.count;
        fit = names.count > 1 ? (is_known ? 2 : 1) : 0;
        free(fields);
    }
    csv_free(csv);
    return fit;
}

/* The delimiter is the one by which the first line has the columns that are wanted; else, most. */
static char delimiter_guess(csv_file *file, ix_str ahead)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    char best = ',';
    int best_fit = 0;
    size_t best_count = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t count = 0;
        const int fit = delimiter_fit(file, ahead, candidates[i], &count);
        if (fit < best_fit || (fit == best_fit && count <= best_count))
            continue;
        best = candidates[i];
        best_fit = fit;
        best_count = count;
    }
    return best;
}

/* All of the next line that is not a comment, at least. */
static bool line_peek(csv_file *file, ix_str *ret)
{
    for (size_t size = LEAD_BYTES;; size *= 2) {
        size_t before = ret->len;
        if (!csv_peek(file->csv, size == LEAD_BYTES ? 1 : size, ret))
            return false;
        const char *comment = csv_comment(file);
        const char *line = ret->at, *end = ret->at + ret->len;
        while (comment && line < end &&
               ix_str_starts((ix_str){line, (size_t)(end - line)}, comment)) {
            const char *next = memchr(line, '\n', (size_t)(end - line));
            line = next ? next + 1 : end;
        }
        const bool is_whole = line < end && memchr(line, '\n', (size_t)(end - line));
        if (is_whole || size > CSV_RECORD_MAX || (size > LEAD_BYTES && ret->len == before))
            return true;
    }
}

static bool lines_skip(csv_file *file, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const csv_result result = csv_skip_line(file->csv);
        if (result == CSV_END)
            return ix_fail(file->cx, IOTS_INVALID, "there are only %zu lines", i);
        if (result == CSV_FAILED)
            return false;
    }
    return true;
}

/* Finds out what is above the names and what is between them. */
static bool lead_read(csv_file *file)
{
    int64_t skip;
    ix_str ahead = {0};
    if (!args_int(file->cx, file->setup->args, "skip-lines", 0, SKIP_MAX, -1, &skip) ||
        !lines_skip(file, skip > 0 ? (size_t)skip : 0) || !line_peek(file, &ahead))
        return false;
    if (ahead.len >= 2 &&
        (memcmp(ahead.at, "\xFF\xFE", 2) == 0 || memcmp(ahead.at, "\xFE\xFF", 2) == 0))
        return ix_fail(
            file->cx, IOTS_INVALID,
            "the file is in UTF-16: iconv -f UTF-16 -t UTF-8 makes one that can be read");
    file->form = skip < 0 ? csv_form_of_line(ahead) : NULL;
    if (file->form && file->form->head_lines > 0 &&
        (!lines_skip(file, file->form->head_lines) || !line_peek(file, &ahead)))
        return false;
    if (!file->delimiter && file->form && file->form->is_influx)
        file->delimiter = ',';
    if (!file->delimiter)
        file->delimiter = delimiter_guess(file, ahead);
    csv_set(file->csv, file->delimiter, csv_comment(file));
    return true;
}

/* A record that is needed: what is wrong, if it is none. */
static bool record_get(csv_file *file, csv_result result)
{
    switch (result) {
    case CSV_RECORD:
        return true;
    case CSV_END:
        return ix_fail(file->cx, IOTS_INVALID, "the file is empty; a line has to name the columns");
    case CSV_BAD:
        return ix_fail(file->cx, IOTS_INVALID, "line %" PRIu64 ": %s", csv_line(file->csv),
                       csv_error(file->csv));
    case CSV_FAILED:
        break;
    }
    return false;
}

bool csv_names_find(csv_file *file)
{
    if (!options_read(file) || !lead_read(file))
        return false;
    bool is_annotation = file->form && file->form->is_influx;
    do {
        if (!record_get(file, csv_next(file->csv)) ||
            (is_annotation && !csv_annotation_take(file, &is_annotation)))
            return false;
    } while (is_annotation);
    return true;
}

bool csv_lead_read(csv_file *file)
{
    if (!csv_names_find(file) || !csv_columns_take(file))
        return false;
    file->is_in_table = true;
    int64_t units;
    if (!args_int(file->cx, file->setup->args, "skip-rows", 0, SKIP_MAX,
                  file->form ? (int64_t)file->form->unit_rows : 0, &units))
        return false;
    for (int64_t i = 0; i < units; i++) {
        const csv_result result = csv_next(file->csv);
        if (result == CSV_END)
            return true;
        if (!record_get(file, result))
            return false;
    }
    return true;
}
