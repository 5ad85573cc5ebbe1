/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/csv_form.h"

#include "base/test.h"

enum { NAMES_MAX = 12 };

/* Names with bars between. */
static csv_names names_of(ix_str cells[NAMES_MAX], const char *text)
{
    size_t count = 0;
    for (ix_str rest = ix_str_of(text); rest.at; count++)
        rest = ix_str_cut(rest, '|', &cells[count]);
    return (csv_names){cells, count};
}

static const char *form_of(const char *text)
{
    ix_str cells[NAMES_MAX];
    const csv_form *form = csv_form_of_names(names_of(cells, text));
    return form ? form->name : "none";
}

TEST("files are known by the names of their columns")
{
    // clang-format off
    static const struct { const char *names, *form; } cases[] = {
        {"at|property|value", "iots history list --csv"}, {"at|property|value|x", "a history as CSV"},
        {"at|thing|property|value", "iots watch --csv"},  {"at|t", "a history as CSV"}, {"t|at", "none"},
        {"entity_id|state|last_changed", "Home Assistant"}, {"entity_id|state|last_changed|x", "Home Assistant"},
        {"state|entity_id|last_changed", "none"}, {"|result|table|_time|_value|_field|host", "InfluxDB"},
        {"|result|table|_time|temp", "InfluxDB"}, {"#|Date Time, GMT+01:00|Temp", "a HOBO logger"}, {"time|temp", "iots export space"}, {"x|time", "none"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(form_of(cases[i].names), cases[i].form);
}

TEST("or by how they begin")
{
    CHECK_TEXT(csv_form_of_line(IX_STR("\"TOA5\",\"x\"\n"))->name, "a Campbell logger");
    CHECK_TEXT(csv_form_of_line(IX_STR("Plot Title: x\n"))->name, "a HOBO logger");
    CHECK(csv_form_of_line(IX_STR("#datatype,string\n"))->is_influx);
    CHECK(!csv_form_of_line(IX_STR("time,TOA5\n")));
    CHECK(!csv_form_of_line(IX_STR("")));
}

TEST("a column is found by its name, whole or but for what stands behind it")
{
    ix_str cells[NAMES_MAX];
    size_t at = 9;
    const csv_names names = names_of(cells, " a |a|b, \xC2\xB0"
                                            "C|c(1)|c(2)|d [m]|d|x, y");
    CHECK_INT(csv_column_find(names, IX_STR("a"), &at), 1);
    CHECK_INT(at, 1);
    CHECK_INT(csv_column_find(names, IX_STR(" a "), &at), 1);
    CHECK_INT(at, 0);
    CHECK_INT(csv_column_find(names, IX_STR("b"), &at), 1);
    CHECK_INT(at, 2);
    CHECK_INT(csv_column_find(names, IX_STR("c"), &at), 2);
    CHECK_INT(at, 3);
    CHECK_INT(csv_column_find(names, IX_STR("c(2)"), &at), 1);
    CHECK_INT(at, 4);
    CHECK_INT(csv_column_find(names, IX_STR("d"), &at), 1);
    CHECK_INT(at, 6);
    CHECK_INT(csv_column_find(names, IX_STR("e"), &at), 0);
}

TEST("the column of times is known by its name, if there is only one")
{
    ix_str cells[NAMES_MAX];
    size_t at = 9;
    CHECK(csv_time_column(names_of(cells, "x|Timestamp (UTC)|y"), &at));
    CHECK_INT(at, 1);
    CHECK(!csv_time_column(names_of(cells, "date|time|y"), &at));
    CHECK(!csv_time_column(names_of(cells, "when|y"), &at));
}
