/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CSV file on its way: csv_lead.c reads what is above its rows, csv_columns.c finds out which column is
 * what, csv_times.c reads the times of rows, and csv_recording.c their values.
 */
#ifndef CLI_CSV_FILE_H
#define CLI_CSV_FILE_H

#include "cli/show/csv.h"
#include "cli/show/field_value.h"
#include "cli/transfer/csv_form.h"
#include "cli/transfer/recording.h"
#include "cli/transfer/time_zone.h"
#include "cli/transfer/wall_time.h"

enum {
    TIMES_MAX = 4,  /* columns that are joined to a time */
    WHERE_MAX = 16, /* conditions */
    EMPTY_MAX = 16,
};

#define NO_COLUMN SIZE_MAX

typedef struct csv_column {
    target *target;        /* NULL: its values go nowhere */
    const char *type;      /* what InfluxDB says it is; NULL: nothing */
    const char *otherwise; /* what an empty cell stands for; NULL: nothing */
    bool is_time, is_tag;
} csv_column;

typedef struct csv_condition {
    const char *column, *value;
    size_t index;
} csv_condition;

/* A row that was put away, because what comes next says what it is about. */
typedef struct csv_row {
    ix_str *cells;
    size_t count;
} csv_row;

typedef struct csv_file {
    recording recording;
    const recording_setup *setup;
    ix_ctx *cx; /* for as long as it is read */
    cli_csv *csv;
    const csv_form *form; /* NULL: none that is known */
    char delimiter;

    ix_str *names; /* of the columns, in cx */
    csv_column *columns;
    size_t count;
    reading *readings; /* room for those of a row */
    size_t times[TIMES_MAX], time_count;
    size_t name_column, value_column, thing_column;
    bool is_all_quoted;              /* quotes mean nothing in this file */
    bool is_in_table;                /* of InfluxDB: what comes next are values */
    csv_row types, groups, defaults; /* its annotations */

    csv_condition conditions[WHERE_MAX];
    size_t condition_count;
    const char *empty[EMPTY_MAX]; /* what else stands for an empty cell */
    size_t empty_count;
    decimal_mark decimal;

    time_format format;
    time_zone zone;
    bool has_zone;     /* told, by an option or by the name of the column */
    bool has_searched; /* the rows ahead were looked at */
    time_track track;  /* of rows with a column for each property */
    int64_t last_wall_us;
    uint64_t rows, rises, falls; /* of times from row to row */

    uint64_t without_zone, first_of_two, second_of_two, passed_empty;
} csv_file;

/* In all that follows, failures are in file->cx, or, where the file cannot be read, in errno alone. */

/* ---- csv_lead.c ---- */

/* Reads options, and the file up to its first row of values. */
bool csv_lead_read(csv_file *file);

/* Reads options, and the file up to the names of the columns, which are the record at hand then. */
bool csv_names_find(csv_file *file);

/* Lines that begin so are passed over; NULL: none. */
const char *csv_comment(const csv_file *file);

/* A text that is read as a file: the argument of csv_memory_read(). */
typedef struct csv_memory {
    const char *at;
    size_t left;
} csv_memory;

csv_read csv_memory_read;

/* ---- csv_columns.c ---- */

static inline bool csv_is_long(const csv_file *file)
{
    return file->name_column != NO_COLUMN;
}

static inline csv_names csv_names_of(const csv_file *file)
{
    return (csv_names){file->names, file->count};
}

/* Takes the record at hand as the names of the columns. */
bool csv_columns_take(csv_file *file);

/* Takes the record at hand if it is an annotation of InfluxDB; *is_one false: it is none. */
bool csv_annotation_take(csv_file *file, bool *is_one);

/* Fails if the record at hand is an error that InfluxDB wrote in place of values. */
bool csv_error_check(const csv_file *file);

/* ---- csv_times.c ---- */

/* The moment of the record at hand, among those of `track`. What is wrong with it is in cx. */
bool csv_timestamp_read(csv_file *file, ix_ctx *cx, time_track *track, int64_t *ret_us);

#endif
