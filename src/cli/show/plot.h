/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts of values over time, for the terminal.
 *
 * There may be far more values than columns. Each column (slice) keeps what it begins and ends with
 * and its extremes, so that no peak is lost however far one looks back. A picture (chart_png.c) is
 * drawn from the same slices and ticks.
 */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "cli/show/print.h"

enum {
    PLOT_TICKS_MAX = 32,
    PLOT_LABEL = 32, /* bytes of a label, with terminator */
    PLOT_COLUMNS_LEAST = 30,
    PLOT_LINES_LEAST = 8,
    PLOT_CELLS_MAX = 1000, /* columns, and lines, of a terminal */
};

typedef struct cli_point {
    int64_t at_us;
    double value; /* finite; 0 and 1 are false and true, if `is_truth` */
} cli_point;

/* What is to be drawn. Nothing in it is owned. */
typedef struct cli_plot {
    const char *title;
    const cli_point *points; /* in the order of time, one at least */
    size_t count;
    int64_t from_us, to_us; /* what the width stands for; from < to, and no point lies outside */
    double least, most;     /* what the height stands for; least < most: see plot_fit() */
    double step;            /* between two ticks of the height */
    bool is_truth;          /* false and true: each holds until the next */
} cli_plot;

/* Chooses `least`, `most` and `step`: round numbers around the points, with about `ticks` ticks.
 * IOTS_USAGE if the values are so far apart that no double holds their difference. */
bool plot_fit(ix_ctx *cx, cli_plot *plot, int ticks);

/* A mark on an axis. */
typedef struct cli_tick {
    double place; /* from 0, at the left or at the bottom, to 1 */
    char label[PLOT_LABEL];
} cli_tick;

/* The ticks of the height; how many. */
size_t plot_value_ticks(const cli_plot *plot, cli_tick ret[PLOT_TICKS_MAX]);

/* The ticks of the width, in UTC: as many as fit if `width` has room for so many characters, but no
 * more than PLOT_TICKS_MAX; how many. */
size_t plot_time_ticks(const cli_plot *plot, size_t width, cli_tick ret[PLOT_TICKS_MAX]);

/* The points that fall into one column. */
typedef struct cli_slice {
    bool has_any;
    double first, last, least, most;
} cli_slice;

/* Cuts the width into `count` slices of equal length. */
void plot_slices(const cli_plot *plot, size_t count, cli_slice *ret);

/* Where a value stands: 0 at the bottom, 1 at the top. */
double plot_height(const cli_plot *plot, double value);

/* "min 18.2  max 24.5  mean 21.1  last 22  1440 values"; of truths, the last one only. */
void plot_summary(const cli_plot *plot, ix_buf *buf);

/* "2025-03-04T00:00:00Z to 2025-03-05T00:00:00Z" */
void plot_range(const cli_plot *plot, ix_buf *buf);

/* Draws it `columns` wide and `lines` high, all in all; `is_ascii`: without Braille and lines. False
 * when out of memory. */
bool plot_print(const cli_plot *plot, const cli_screen *screen, size_t columns, size_t lines,
                bool is_ascii);

#endif
