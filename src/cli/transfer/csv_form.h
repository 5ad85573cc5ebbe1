/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other programs write as CSV: known by the first line or by the names of the columns, and how the
 * columns of a file are found by name.
 */
#ifndef CLI_CSV_FORM_H
#define CLI_CSV_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The names of the columns of a file, as they stand there. */
typedef struct csv_names {
    const ix_str *at;
    size_t count;
} csv_names;

typedef struct csv_form {
    const char *name; /* what writes it */
    const char
        *begins; /* what its first line begins with, after a quote; NULL: it reveals nothing */
    const char *columns[4]; /* names that are there */
    bool are_first;         /* ... as the first ones, in this order; and no others if `are_all` */
    bool are_all;
    size_t head_lines;       /* above the names */
    size_t unit_rows;        /* below them, without values */
    const char *time;        /* columns: NULL if not known */
    const char *name_column; /* of files with one value in a row */
    const char *value_column;
    const char *thing_column; /* which Thing a row is about, by its uid */
    const char *empty[2];     /* values that are none */
    bool is_influx;           /* tables with annotations and tags, between empty lines */
} csv_form;

/* NULL if it is not a form that is known. */
const csv_form *csv_form_of_line(ix_str line);
const csv_form *csv_form_of_names(csv_names names);

/* The column called so: exactly, or but for blanks around it, or but for what stands behind the name as
 * "Temp" in "Temp, °C (LGR S/N: 1)" and "Temp [°C]". How many there are; *ret is the first. */
size_t csv_column_find(csv_names names, ix_str name, size_t *ret);

/* The name of a column without what stands behind it: a comma, or brackets. */
ix_str csv_name_base(ix_str name);

/* The one column that is called as times usually are; false if there is none, or are several. */
bool csv_time_column(csv_names names, size_t *ret);

#endif
