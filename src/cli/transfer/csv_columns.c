/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which column of a file is what: by options, by the form of the file, by their names.
 *
 * InfluxDB writes several tables into a file, each with its own columns, and rows of annotations above
 * the names, which say what is in them.
 */
#include <string.h>

#include "cli/transfer/csv_file.h"

/* ---- columns by name ---- */

static const char *names_text(const csv_file *file)
{
    ix_buf names = {0};
    for (size_t i = 0; i < file->count && names.len < 200; i++)
        ix_buf_format(&names, "%s%.*s", i ? ", " : "", (int)file->names[i].len, file->names[i].at);
    const char *copy = ix_strdup(file->cx, ix_buf_cstr(&names));
    ix_buf_done(&names);
    return copy ? copy : "";
}

static bool column_get(const csv_file *file, const char *name, size_t *ret)
{
    const size_t count = csv_column_find(csv_names_of(file), ix_str_of(name), ret);
    if (count == 1)
        return true;
    if (count > 1)
        return ix_fail(file->cx, IOTS_USAGE, "there are %zu columns '%s'", count, name);
    return ix_fail(file->cx, IOTS_USAGE,
                   "there is no column '%s'; there are: %.300s (--skip-lines passes over lines "
                   "above the names)",
                   name, names_text(file));
}

/* The column that an option names, or else the form. */
static bool column_choose(const csv_file *file, const char *flag, const char *by_form, size_t *ret)
{
    const char *name = args_value(file->setup->args, flag);
    *ret = NO_COLUMN;
    return !name && !by_form ? true : column_get(file, name ? name : by_form, ret);
}

static bool times_choose(csv_file *file)
{
    ix_ctx *cx = file->cx;
    size_t at = 0;
    file->time_count = 0;
    for (const char *name; (name = args_each(file->setup->args, "time", &at));) {
        if (file->time_count == TIMES_MAX)
            return ix_fail(cx, IOTS_USAGE, "--time: at most %d times", TIMES_MAX);
        if (!column_get(file, name, &file->times[file->time_count++]))
            return false;
    }
    if (file->time_count > 0)
        return true;
    file->time_count = 1;
    if (file->form && file->form->are_first && file->form->time &&
        strcmp(file->form->columns[0], file->form->time) == 0) {
        file->times[0] = 0; /* there may be a property of this name as well */
        return true;
    }
    if (file->form && file->form->time)
        return column_get(file, file->form->time, &file->times[0]);
    for (size_t i = 0; i < file->count; i++) {
        if (file->columns[i].is_time) {
            file->times[0] = i;
            return true;
        }
    }
    return csv_time_column(csv_names_of(file), &file->times[0]) ||
           ix_fail(cx, IOTS_USAGE,
                   "which column holds the time? --time COLUMN; several are joined: --time date "
                   "--time time. There are: %.300s",
                   names_text(file));
}

/* A clock whose offset stands in the name of the column: "Date Time, GMT+01:00". */
static bool zone_of_name(csv_file *file)
{
    const ix_str name = file->names[file->times[0]], base = csv_name_base(name);
    const char *found = NULL;
    for (size_t i = base.len; i + 3 <= name.len && !found; i++) {
        const ix_str rest = {name.at + i, name.len - i};
        if (ix_str_starts(rest, "GMT") || ix_str_starts(rest, "UTC"))
            found = rest.at + 3;
    }
    if (!found || file->has_zone)
        return true;
    const size_t rest = (size_t)(name.at + name.len - found);
    size_t len = 0;
    while (len < rest && strchr("+-:0123456789", found[len]))
        len++;
    file->has_zone = true;
    const char *zone = ix_strndup(file->cx, found, len);
    return zone && time_zone_open(file->cx, len ? zone : "UTC", &file->zone);
}

static bool is_time_column(const csv_file *file, size_t index)
{
    for (size_t i = 0; i < file->time_count; i++) {
        if (file->times[i] == index)
            return true;
    }
    return false;
}

/* ---- which values there are ---- */

/* By --map: each name is that of a column. */
static bool mapped_choose(csv_file *file)
{
    targets *targets = file->setup->targets;
    for (size_t i = 0; i < targets->mapped_count; i++) {
        size_t index;
        if (!column_get(file, targets->mapped[i]->source, &index))
            return false;
        targets->mapped[i]->is_met = true;
        file->columns[index].target = targets->mapped[i];
    }
    return true;
}

/* The property that a column is called like, if no other column is. */
static target *property_of(const csv_file *file, size_t index)
{
    static ix_str (*const ways[])(ix_str) = {ix_str_trim, csv_name_base};
    target *found = targets_property(file->setup->targets, file->names[index]);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0] && !found; i++) {
        const ix_str name = ways[i](file->names[index]);
        size_t first;
        if (csv_column_find(csv_names_of(file), name, &first) == 1 && first == index)
            found = targets_property(file->setup->targets, name);
    }
    return found;
}

static bool is_about_rows(const csv_file *file, size_t index)
{
    static const char *const names[] = {"result", "table", "_start", "_stop", "_measurement"};
    if (file->names[index].len == 0 || file->columns[index].is_tag || file->columns[index].is_time)
        return true;
    for (size_t i = 0; file->form && file->form->is_influx && i < sizeof names / sizeof names[0];
         i++) {
        if (ix_str_is(file->names[index], names[i]))
            return true;
    }
    return false;
}

/* A column for each property. */
static bool wide_choose(csv_file *file)
{
    targets *targets = file->setup->targets;
    size_t found = 0;
    if (targets->mapped_count > 0)
        return mapped_choose(file);
    for (size_t i = 0; i < file->count; i++) {
        if (is_time_column(file, i) || is_about_rows(file, i))
            continue;
        target *target = property_of(file, i);
        if (!target && !targets_pass(targets, file->names[i]))
            return false;
        if (target && target->is_met && !file->form)
            return ix_fail(file->cx, IOTS_USAGE, "there are several columns '%s'",
                           target->property);
        file->columns[i].target = target;
        if (target)
            target->is_met = true;
        found += target != NULL;
    }
    return found > 0 ||
           ix_fail(file->cx, IOTS_USAGE,
                   "no column is called like a property of the Thing, which has: %.200s. There are "
                   "the columns: %.200s; --map COLUMN=PROPERTY says which goes where",
                   targets_names(targets), names_text(file));
}

/* A row for each value: --map is about the names in the column, not about columns. */
static bool long_check(const csv_file *file)
{
    const targets *targets = file->setup->targets;
    const ix_str value = file->names[file->value_column];
    for (size_t i = 0; i < targets->mapped_count; i++) {
        if (ix_str_is(value, targets->mapped[i]->source))
            return ix_fail(file->cx, IOTS_USAGE,
                           "--map %s=%s: a row of this file is one value, and the column '%.*s' "
                           "has its name: --map NAME=%s, with a name from there",
                           targets->mapped[i]->source, targets->mapped[i]->property,
                           (int)file->names[file->name_column].len,
                           file->names[file->name_column].at, targets->mapped[i]->property);
    }
    return true;
}

/* ---- the names of the columns ---- */

/* Keeps the fields of the record at hand, from the first one on that is not a mere annotation. */
static bool row_keep(csv_file *file, csv_row *ret)
{
    ix_ctx *cx = file->cx;
    const size_t count = csv_count(file->csv);
    ix_str *cells = ix_new(cx, ix_str, count + 1);
    for (size_t i = 0; cells && i < count; i++) {
        const ix_str field = csv_field(file->csv, i);
        const char *copy = ix_strndup(cx, field.at, field.len);
        if (!copy)
            return false;
        cells[i] = (ix_str){copy, field.len};
    }
    *ret = (csv_row){cells, count};
    return cells != NULL;
}

static ix_str cell_of(const csv_row *row, size_t index)
{
    return index < row->count ? row->cells[index] : (ix_str){0};
}

/* What InfluxDB says of the columns. */
static void columns_describe(csv_file *file)
{
    // clang-format off
    static const struct { const char *influx, *type; } types[] = {
        {"double", "number"}, {"long", "number"}, {"unsignedLong", "number"}, {"boolean", "boolean"},
        {"string", "string"},
    };
    static const char *const known[] = {"", "result", "table", "_start", "_stop", "_time", "_value", "_field"};
    // clang-format on
    for (size_t i = 0; i < file->count; i++) {
        csv_column *column = &file->columns[i];
        const ix_str type = cell_of(&file->types, i), otherwise = cell_of(&file->defaults, i);
        for (size_t j = 0; j < sizeof types / sizeof types[0]; j++) {
            if (ix_str_is(type, types[j].influx))
                column->type = types[j].type;
        }
        bool is_known = false;
        for (size_t j = 0; j < sizeof known / sizeof known[0]; j++)
            is_known = is_known || ix_str_is(file->names[i], known[j]);
        column->is_time = ix_str_starts(type, "dateTime") && !is_known;
        column->is_tag = !is_known && (ix_str_is(cell_of(&file->groups, i), "true") ||
                                       ix_str_is(type, "tag") || ix_str_is(type, "measurement"));
        /* Without annotations: all that is not known by its name. */
        if (file->groups.count == 0 && file->types.count == 0 && !is_known &&
            file->form->value_column)
            column->is_tag = true;
        if (otherwise.len > 0 && i > 0)
            column->otherwise = otherwise.at;
    }
}

/* InfluxDB answers with a table of errors in place of values. *ret: the column with their texts. */
static bool is_of_errors(const csv_file *file, size_t *ret)
{
    return file->form && file->form->is_influx &&
           csv_column_find(csv_names_of(file), IX_STR("reference"), ret) == 1 &&
           csv_column_find(csv_names_of(file), IX_STR("error"), ret) == 1;
}

bool csv_error_check(const csv_file *file)
{
    size_t index;
    return !is_of_errors(file, &index) || index >= csv_count(file->csv) ||
           ix_fail(file->cx, IOTS_INVALID, "InfluxDB wrote an error in place of values: %.*s",
                   (int)csv_field(file->csv, index).len, csv_field(file->csv, index).at);
}

bool csv_columns_take(csv_file *file)
{
    ix_ctx *cx = file->cx;
    csv_row header;
    if (!row_keep(file, &header))
        return false;
    while (header.count > 1 && ix_str_trim(header.cells[header.count - 1]).len == 0)
        header.count--;
    file->names = header.cells;
    file->count = header.count;
    file->columns = ix_new(cx, csv_column, header.count);
    file->readings = ix_new(cx, reading, header.count);
    if (!file->columns || !file->readings)
        return false;
    file->is_all_quoted = true;
    for (size_t i = 0; i < header.count; i++)
        file->is_all_quoted = file->is_all_quoted && csv_is_quoted(file->csv, i);

    const csv_form *form = csv_form_of_names(csv_names_of(file));
    if (form && (!file->form || (file->form->is_influx && form->is_influx)))
        file->form = form;
    if (file->form && file->form->is_influx)
        columns_describe(file);
    const csv_form none = {0}, *by = file->form ? file->form : &none;
    const bool is_given = args_has(file->setup->args, "name-column");
    size_t index;
    if (is_of_errors(file, &index))
        return true;
    if (!times_choose(file) || !zone_of_name(file) ||
        !column_choose(file, "name-column", by->name_column, &file->name_column) ||
        !column_choose(file, "value-column", by->value_column, &file->value_column) ||
        !column_choose(file, "", is_given ? NULL : by->thing_column, &file->thing_column))
        return false;
    for (size_t i = 0; i < file->condition_count; i++) {
        if (!column_get(file, file->conditions[i].column, &file->conditions[i].index))
            return false;
    }
    return csv_is_long(file) ? long_check(file) : wide_choose(file);
}

/* Takes a row with an annotation; *is_one false: it is none. */
bool csv_annotation_take(csv_file *file, bool *is_one)
{
    static const char extended[] = "#datatype ";
    const ix_str first = csv_count(file->csv) ? csv_field(file->csv, 0) : (ix_str){0};
    csv_row *into = ix_str_is(first, "#group")          ? &file->groups
                    : ix_str_is(first, "#default")      ? &file->defaults
                    : ix_str_starts(first, "#datatype") ? &file->types
                                                        : NULL;
    *is_one = ix_str_starts(first, "#");
    if (!*is_one)
        return true;
    if (!into)
        return ix_fail(file->cx, IOTS_INVALID,
                       "'%.*s' is an annotation that is not known; there are #group, #datatype "
                       "and #default",
                       (int)(first.len > 60 ? 60 : first.len), first.at);
    if (file->is_in_table) {
        file->is_in_table = false;
        file->groups = file->defaults = file->types = (csv_row){0};
    }
    if (!row_keep(file, into))
        return false;
    /* `influx write` takes files without a column for the annotations themselves. */
    if (ix_str_starts(into->cells[0], extended))
        into->cells[0] = (ix_str){into->cells[0].at + sizeof extended - 1,
                                  into->cells[0].len - (sizeof extended - 1)};
    return true;
}
