/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/csv_form.h"

#include <string.h>

// clang-format off
static const csv_form forms[] = {
    {.name = "iots history list --csv", .columns = {"at", "property", "value"}, .are_first = true, .are_all = true,
     .time = "at", .name_column = "property", .value_column = "value"},
    {.name = "iots watch --csv", .columns = {"at", "thing", "property", "value"}, .are_first = true, .are_all = true,
     .time = "at", .name_column = "property", .value_column = "value", .thing_column = "thing"},
    {.name = "iots export space", .columns = {"time"}, .are_first = true, .time = "time"},
    {.name = "a history as CSV", .columns = {"at"}, .are_first = true, .time = "at"},
    {.name = "Home Assistant", .columns = {"entity_id", "state", "last_changed"}, .are_first = true,
     .time = "last_changed", .name_column = "entity_id", .value_column = "state", .empty = {"unknown", "unavailable"}},
    {.name = "InfluxDB", .columns = {"_time", "_value", "_field"}, .is_influx = true,
     .time = "_time", .name_column = "_field", .value_column = "_value"},
    {.name = "InfluxDB", .columns = {"result", "table", "_time"}, .is_influx = true, .time = "_time"},
    {.name = "InfluxDB", .begins = "#datatype", .is_influx = true},
    {.name = "InfluxDB", .begins = "#group", .is_influx = true},
    {.name = "InfluxDB", .begins = "#default", .is_influx = true},
    {.name = "a Campbell logger", .begins = "TOA5", .head_lines = 1, .unit_rows = 2, .time = "TIMESTAMP"},
    {.name = "a HOBO logger", .begins = "Plot Title:", .head_lines = 1, .time = "Date Time"},
    {.name = "a HOBO logger", .columns = {"#", "Date Time"}, .are_first = true, .time = "Date Time"},
};
// clang-format on

enum { FORM_COUNT = sizeof forms / sizeof forms[0], COLUMNS = 4 };

const csv_form *csv_form_of_line(ix_str line)
{
    const ix_str text = ix_str_starts(line, "\"") ? (ix_str){line.at + 1, line.len - 1} : line;
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (forms[i].begins && ix_str_starts(text, forms[i].begins))
            return &forms[i];
    }
    return NULL;
}

static bool form_fits(const csv_form *form, csv_names names)
{
    size_t wanted = 0, at;
    for (; wanted < COLUMNS && form->columns[wanted]; wanted++) {
        const ix_str name = ix_str_of(form->columns[wanted]);
        if (form->are_first ? wanted >= names.count ||
                                  csv_column_find((csv_names){names.at + wanted, 1}, name, &at) != 1
                            : csv_column_find(names, name, &at) != 1)
            return false;
    }
    return wanted > 0 && (!form->are_all || names.count == wanted);
}

const csv_form *csv_form_of_names(csv_names names)
{
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (form_fits(&forms[i], names))
            return &forms[i];
    }
    return NULL;
}

/* ---- columns ---- */

ix_str csv_name_base(ix_str name)
{
    size_t len = 0;
    while (len < name.len && !strchr(",([", name.at[len]))
        len++;
    return ix_str_trim((ix_str){name.at, len});
}

typedef ix_str name_form(ix_str name);

static ix_str name_itself(ix_str name)
{
    return name;
}

size_t csv_column_find(csv_names names, ix_str name, size_t *ret)
{
    static name_form *const name_forms[] = {name_itself, ix_str_trim, csv_name_base};
    size_t count = 0;
    for (size_t way = 0; way < sizeof name_forms / sizeof name_forms[0] && count == 0; way++) {
        for (size_t i = names.count; i > 0; i--) {
            if (!ix_str_equal(name_forms[way](names.at[i - 1]), name))
                continue;
            *ret = i - 1;
            count++;
        }
    }
    return count;
}

bool csv_time_column(csv_names names, size_t *ret)
{
    static const char *const usual[] = {
        "time",       "timestamp", "datetime",      "date time",   "date", "date_time",
        "at",         "ts",        "_time",         "zeitstempel", "zeit", "datum",
        "datum/zeit", "date/time", "timestamp_utc", "created_at"};
    size_t count = 0;
    for (size_t i = 0; i < names.count; i++) {
        for (size_t j = 0; j < sizeof usual / sizeof usual[0]; j++) {
            if (!ix_str_is_nocase(csv_name_base(names.at[i]), usual[j]))
                continue;
            *ret = i;
            count++;
            break;
        }
    }
    return count == 1;
}
