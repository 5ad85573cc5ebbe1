/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

/* ---- the height ---- */

/* The smallest of 1, 2, 5, 10, 20, 50 ... that is no smaller than `step`. */
static double round_step(double step)
{
    const double power = pow(10, floor(log10(step)));
    static const double factors[] = {1, 2, 5};
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
        if (factors[i] * power >= step * (1 - 1e-9))
            return factors[i] * power;
    }
    return 10 * power;
}

bool plot_fit(ix_ctx *cx, cli_plot *plot, int ticks)
{
    static const double least_range = 1e-290; /* less is as good as nothing */
    double least = plot->points[0].value, most = least;
    for (size_t i = 1; i < plot->count; i++) {
        least = fmin(least, plot->points[i].value);
        most = fmax(most, plot->points[i].value);
    }
    if (plot->is_truth) {
        plot->least = -0.25;
        plot->most = 1.25;
        plot->step = 1;
        return true;
    }
    if (most - least < least_range) {
        /* All the same: it runs through the middle. */
        const double room = fabs(most) > least_range ? fabs(most) / 10 : 1;
        least -= room;
        most += room;
    }
    /* Rounding out takes less than two steps, whatever their number. */
    if (!isfinite((most - least) * 3))
        return ix_fail(cx, IOTS_USAGE, "the values lie too far apart to be drawn: %g to %g", least,
                       most);
    const double step = round_step((most - least) / (ticks > 1 ? ticks - 1 : 1));
    plot->step = step;
    /* What is on a tick but for the rounding of a double does not ask for another one. */
    plot->least = fmin(floor(least / step + 1e-9) * step, least);
    plot->most = fmax(ceil(most / step - 1e-9) * step, most);
    return true;
}

/* Decimals enough to distinguish ticks; what is very large or small is written as 1e+20. */
static void value_write(char label[PLOT_LABEL], double value, double step)
{
    const double decimals = step < 1 ? ceil(-log10(step) - 1e-9) : 0;
    if (fabs(value) < step / 1000)
        value = 0;
    if (fabs(value) < 1e9 && decimals <= 6)
        snprintf(label, PLOT_LABEL, "%.*f", (int)decimals, value);
    else
        snprintf(label, PLOT_LABEL, "%.7g", value);
}

double plot_height(const cli_plot *plot, double value)
{
    return (value - plot->least) / (plot->most - plot->least);
}

size_t plot_value_ticks(const cli_plot *plot, cli_tick ret[PLOT_TICKS_MAX])
{
    if (plot->is_truth) {
        ret[0] = (cli_tick){plot_height(plot, 0), "false"};
        ret[1] = (cli_tick){plot_height(plot, 1), "true"};
        return 2;
    }
    size_t count = 0;
    for (; count < PLOT_TICKS_MAX; count++) {
        const double value = plot->least + (double)count * plot->step;
        if (value > plot->most + plot->step / 2)
            break;
        ret[count].place = fmin(plot_height(plot, value), 1);
        value_write(ret[count].label, value, plot->step);
    }
    return count;
}

/* ---- the width ---- */

#define MS   INT64_C(1000)
#define SEC  IX_SECOND_US
#define MIN  (60 * SEC)
#define HOUR (60 * MIN)
#define DAY  (24 * HOUR)

/* Which part of 2025-03-04T05:06:07.089Z is a label. */
typedef enum cli_part {
    PART_MS,
    PART_SECOND,
    PART_MINUTE,
    PART_DAY,
    PART_MONTH,
    PART_YEAR
} cli_part;

typedef struct part_row {
    int first, length;
} part_row;

// clang-format off
static const part_row part_rows[] = {
    [PART_MS] = {11, 12}, [PART_SECOND] = {11, 8}, [PART_MINUTE] = {11, 5},
    [PART_DAY] = {5, 5},  [PART_MONTH] = {0, 7},   [PART_YEAR] = {0, 4},
};

/* From one tick to the next: a stretch of time, or so many months. */
static const struct time_step { int64_t step_us; int months; cli_part part; } time_steps[] = {
    {1 * MS, 0, PART_MS},      {2 * MS, 0, PART_MS},       {5 * MS, 0, PART_MS},
    {10 * MS, 0, PART_MS},     {20 * MS, 0, PART_MS},      {50 * MS, 0, PART_MS},
    {100 * MS, 0, PART_MS},    {200 * MS, 0, PART_MS},     {500 * MS, 0, PART_MS},
    {1 * SEC, 0, PART_SECOND}, {2 * SEC, 0, PART_SECOND},  {5 * SEC, 0, PART_SECOND},
    {10 * SEC, 0, PART_SECOND}, {15 * SEC, 0, PART_SECOND}, {30 * SEC, 0, PART_SECOND},
    {1 * MIN, 0, PART_MINUTE}, {2 * MIN, 0, PART_MINUTE},  {5 * MIN, 0, PART_MINUTE},
    {10 * MIN, 0, PART_MINUTE}, {15 * MIN, 0, PART_MINUTE}, {30 * MIN, 0, PART_MINUTE},
    {1 * HOUR, 0, PART_MINUTE}, {2 * HOUR, 0, PART_MINUTE}, {3 * HOUR, 0, PART_MINUTE},
    {6 * HOUR, 0, PART_MINUTE}, {12 * HOUR, 0, PART_MINUTE},
    {1 * DAY, 0, PART_DAY},    {2 * DAY, 0, PART_DAY},     {5 * DAY, 0, PART_DAY},
    {10 * DAY, 0, PART_DAY},
    {31 * DAY, 1, PART_MONTH}, {92 * DAY, 3, PART_MONTH},  {184 * DAY, 6, PART_MONTH},
    {366 * DAY, 12, PART_YEAR}, {731 * DAY, 24, PART_YEAR}, {1827 * DAY, 60, PART_YEAR},
    {3653 * DAY, 120, PART_YEAR}, {18263 * DAY, 600, PART_YEAR}, {36525 * DAY, 1200, PART_YEAR},
    {182622 * DAY, 6000, PART_YEAR}, {365243 * DAY, 12000, PART_YEAR},
};
// clang-format on

enum { LABEL_GAP = 3, YEAR_LAST = 9999 };

static void time_label(char label[PLOT_LABEL], int64_t at_us, cli_part part)
{
    char text[IX_TIME_TEXT];
    ix_time_write(at_us, text);
    /* Where a day begins, its name says more than midnight. */
    if (part < PART_DAY && at_us % DAY == 0)
        part = PART_DAY;
    const part_row *row = &part_rows[part];
    if (part == PART_MS)
        snprintf(label, PLOT_LABEL, "%.8s.%03d", text + row->first,
                 (int)(((at_us % SEC) + SEC) % SEC / MS));
    else
        snprintf(label, PLOT_LABEL, "%.*s", row->length, text + row->first);
}

/* The first instant of a month, counted from January of the year 0; false after the last year. */
static bool month_begin(int64_t month, int64_t *ret_us)
{
    char text[IX_TIME_TEXT];
    if (month < 12 || month / 12 > YEAR_LAST)
        return false;
    snprintf(text, sizeof text, "%04d-%02d", (int)(month / 12), (int)(month % 12 + 1));
    return ix_time_parse_short(ix_str_of(text), ret_us);
}

static int64_t month_of(int64_t at_us)
{
    char text[IX_TIME_TEXT];
    ix_time_write(at_us, text);
    return strtol(text, NULL, 10) * 12 + strtol(text + 5, NULL, 10) - 1;
}

static void tick_add(const cli_plot *plot, int64_t at_us, cli_part part, cli_tick *ret)
{
    ret->place = (double)(at_us - plot->from_us) / (double)(plot->to_us - plot->from_us);
    time_label(ret->label, at_us, part);
}

/* The first multiple of `step` that is not less than `from`. */
static int64_t multiple_from(int64_t from, int64_t step)
{
    const int64_t rest = ((from % step) + step) % step;
    return rest ? from + step - rest : from;
}

size_t plot_time_ticks(const cli_plot *plot, size_t width, cli_tick ret[PLOT_TICKS_MAX])
{
    const struct time_step *row = time_steps;
    const struct time_step *last = time_steps + sizeof time_steps / sizeof time_steps[0] - 1;
    for (; row < last; row++) {
        const size_t each = (size_t)part_rows[row->part].length + LABEL_GAP;
        const int64_t count = (plot->to_us - plot->from_us) / row->step_us + 1;
        if (count <= PLOT_TICKS_MAX && (size_t)count * each <= width)
            break;
    }
    size_t count = 0;
    int64_t at_us = multiple_from(plot->from_us, row->step_us);
    int64_t month = row->months ? multiple_from(month_of(plot->from_us), row->months) : 0;
    for (; count < PLOT_TICKS_MAX; at_us += row->step_us, month += row->months) {
        if (row->months && !month_begin(month, &at_us))
            break;
        if (at_us > plot->to_us)
            break;
        if (at_us >= plot->from_us)
            tick_add(plot, at_us, row->part, &ret[count++]);
    }
    return count;
}

/* ---- the points ---- */

void plot_slices(const cli_plot *plot, size_t count, cli_slice *ret)
{
    memset(ret, 0, count * sizeof *ret);
    const double range = (double)(plot->to_us - plot->from_us);
    for (size_t i = 0; i < plot->count; i++) {
        const cli_point *point = &plot->points[i];
        const double place = (double)(point->at_us - plot->from_us) / range;
        const size_t at = (size_t)(place * (double)count);
        cli_slice *slice = &ret[at < count ? at : count - 1];
        if (!slice->has_any)
            *slice =
                (struct cli_slice){true, point->value, point->value, point->value, point->value};
        slice->last = point->value;
        slice->least = fmin(slice->least, point->value);
        slice->most = fmax(slice->most, point->value);
    }
}

void plot_summary(const cli_plot *plot, ix_buf *buf)
{
    double least = plot->points[0].value, most = least, mean = 0;
    for (size_t i = 0; i < plot->count; i++) {
        const double value = plot->points[i].value;
        least = fmin(least, value);
        most = fmax(most, value);
        mean += (value - mean) / (double)(i + 1); /* a sum might overflow */
    }
    const double last = plot->points[plot->count - 1].value;
    if (plot->is_truth)
        ix_buf_format(buf, "last %s", last > 0 ? "true" : "false");
    else
        ix_buf_format(buf, "min %.7g  max %.7g  mean %.7g  last %.7g", least, most, mean, last);
    ix_buf_format(buf, "  %zu value%s", plot->count, plot->count == 1 ? "" : "s");
}

void plot_range(const cli_plot *plot, ix_buf *buf)
{
    ix_buf_time(buf, plot->from_us - plot->from_us % SEC);
    ix_buf_text(buf, " to ");
    ix_buf_time(buf, plot->to_us - plot->to_us % SEC);
}

/* ---- dots ---- */

/* A cell of the terminal holds 2 by 4 dots of Braille, or is one dot. */
typedef struct raster {
    size_t columns, lines; /* cells */
    size_t across, down;   /* dots of a cell */
    unsigned char *cells;
} raster;

static void dot(raster *raster, size_t x, size_t y)
{
    /* The bits of U+2800 and after, by line and column. */
    static const unsigned char bits[4][2] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    const size_t column = x / raster->across, line = y / raster->down;
    if (column < raster->columns && line < raster->lines)
        raster->cells[line * raster->columns + column] |=
            bits[y % raster->down][x % raster->across];
}

static void line_draw(raster *raster, size_t x0, size_t y0, size_t x1, size_t y1)
{
    const double across = (double)x1 - (double)x0, down = (double)y1 - (double)y0;
    const size_t steps = (size_t)lround(fmax(fabs(across), fabs(down)));
    for (size_t i = 0; i <= steps; i++) {
        const double part = steps > 0 ? (double)i / (double)steps : 0;
        dot(raster, (size_t)lround((double)x0 + part * across),
            (size_t)lround((double)y0 + part * down));
    }
}

/* From the top. */
static size_t dot_of(const cli_plot *plot, const raster *raster, double value)
{
    const double dots = (double)(raster->lines * raster->down - 1);
    return (size_t)lround((1 - plot_height(plot, value)) * dots);
}

static void points_draw(const cli_plot *plot, raster *raster, const cli_slice *slices, size_t count)
{
    size_t before = count; /* none */
    for (size_t x = 0; x < count; x++) {
        const cli_slice *slice = &slices[x];
        if (!slice->has_any)
            continue;
        const size_t first = dot_of(plot, raster, slice->first);
        if (before < count) {
            const size_t last = dot_of(plot, raster, slices[before].last);
            const size_t bend = plot->is_truth ? last : first;
            line_draw(raster, before, last, x, bend);
            line_draw(raster, x, bend, x, first);
        }
        line_draw(raster, x, dot_of(plot, raster, slice->most), x,
                  dot_of(plot, raster, slice->least));
        before = x;
    }
    /* What is true or false stays so. */
    if (plot->is_truth && before < count) {
        const size_t last = dot_of(plot, raster, slices[before].last);
        line_draw(raster, before, last, count - 1, last);
    }
}

static void cell_write(ix_buf *line, unsigned char dots, bool is_ascii)
{
    if (dots == 0 || is_ascii) {
        ix_buf_char(line, dots ? '*' : ' ');
        return;
    }
    const char braille[] = {(char)0xE2, (char)(0xA0 | dots >> 6), (char)(0x80 | (dots & 0x3F))};
    ix_buf_add(line, braille, sizeof braille);
}

/* ---- the terminal ---- */

/* What lines are made of. */
typedef struct ink {
    const char *side, *side_tick, *corner, *bottom, *bottom_tick;
} ink;

static const ink ink_unicode = {"\xE2\x94\x82", "\xE2\x94\xA4", "\xE2\x94\x94", "\xE2\x94\x80",
                                "\xE2\x94\xB4"};
static const ink ink_ascii = {"|", "+", "+", "-", "+"};

static size_t labels_width(const cli_tick *ticks, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++)
        width = strlen(ticks[i].label) > width ? strlen(ticks[i].label) : width;
    return width;
}

/* The tick of a line of cells; NULL if there is none. */
static const cli_tick *tick_at(const raster *raster, const cli_tick *ticks, size_t count,
                               size_t line)
{
    for (size_t i = 0; i < count; i++) {
        const double dots = (double)(raster->lines * raster->down - 1);
        if ((size_t)lround((1 - ticks[i].place) * dots) / raster->down == line)
            return &ticks[i];
    }
    return NULL;
}

static void faint(ix_buf *buf, const cli_screen *screen, const char *text)
{
    ix_buf_text(buf, style_begin(screen, STYLE_FAINT));
    ix_buf_text(buf, text);
    ix_buf_text(buf, style_end(screen, STYLE_FAINT));
}

static void field_print(ix_buf *buf, const cli_plot *plot, const cli_screen *screen,
                        const raster *raster, const ink *ink)
{
    cli_tick ticks[PLOT_TICKS_MAX];
    const size_t count = plot_value_ticks(plot, ticks), left = labels_width(ticks, count);
    for (size_t line = 0; line < raster->lines; line++) {
        const cli_tick *tick = tick_at(raster, ticks, count, line);
        const unsigned char *cells = &raster->cells[line * raster->columns];
        size_t used = raster->columns;
        while (used > 0 && cells[used - 1] == 0)
            used--;
        ix_buf_format(buf, "%*s ", (int)left, tick ? tick->label : "");
        faint(buf, screen, tick ? ink->side_tick : ink->side);
        ix_buf_text(buf, style_begin(screen, STYLE_NAME));
        for (size_t i = 0; i < used; i++)
            cell_write(buf, cells[i], ink == &ink_ascii);
        ix_buf_text(buf, style_end(screen, STYLE_NAME));
        ix_buf_char(buf, '\n');
    }
}

/* The line below, and the times below that. A time that would run into the one before, or out of the
 * chart, is left out. */
static void times_print(ix_buf *buf, const cli_plot *plot, const cli_screen *screen, size_t left,
                        size_t columns, const ink *ink)
{
    cli_tick ticks[PLOT_TICKS_MAX];
    const size_t count = plot_time_ticks(plot, columns, ticks);
    ix_buf axis = {0}, labels = {0};
    ix_buf_text(&axis, ink->corner);
    size_t next = 0;
    for (size_t i = 0; i < columns; i++) {
        while (next < count && (size_t)lround(ticks[next].place * (double)(columns - 1)) < i)
            next++;
        const bool is_tick =
            next < count && (size_t)lround(ticks[next].place * (double)(columns - 1)) == i;
        ix_buf_text(&axis, is_tick ? ink->bottom_tick : ink->bottom);
        if (!is_tick)
            continue;
        const size_t width = strlen(ticks[next].label);
        const size_t place = left + 2 + i, half = width / 2;
        const size_t begin = place > half ? place - half : 0;
        if (begin < labels.len + (labels.len > 0) || begin + width > left + 2 + columns)
            continue;
        ix_buf_format(&labels, "%*s%s", (int)(begin - labels.len), "", ticks[next].label);
    }
    ix_buf_format(buf, "%*s", (int)left + 1, "");
    faint(buf, screen, ix_buf_cstr(&axis));
    ix_buf_format(buf, "\n%s\n", ix_buf_cstr(&labels));
    buf->failed = buf->failed || axis.failed || labels.failed;
    ix_buf_done(&axis);
    ix_buf_done(&labels);
}

static void heading_print(ix_buf *buf, const cli_plot *plot, const cli_screen *screen,
                          size_t columns)
{
    ix_buf clean = {0};
    text_clean(&clean, ix_str_of(plot->title));
    ix_buf_text(buf, style_begin(screen, STYLE_HEADING));
    const ix_str title = {ix_buf_cstr(&clean), clean.len};
    text_fit(buf, title, text_width(title) > columns ? columns : 0, false);
    ix_buf_text(buf, style_end(screen, STYLE_HEADING));
    ix_buf_char(buf, '\n');
    ix_buf_done(&clean);
}

bool plot_print(const cli_plot *plot, const cli_screen *screen, size_t columns, size_t lines,
                bool is_ascii)
{
    enum { LINES_AROUND = 5 }; /* title, axis, times, summary, range */
    const ink *ink = is_ascii ? &ink_ascii : &ink_unicode;
    cli_tick ticks[PLOT_TICKS_MAX];
    const size_t left = labels_width(ticks, plot_value_ticks(plot, ticks));
    raster raster = {
        .columns = columns > left + 2 + 1 ? columns - left - 2 : 1,
        .lines = lines > LINES_AROUND + 1 ? lines - LINES_AROUND : 1,
        .across = is_ascii ? 1 : 2,
        .down = is_ascii ? 1 : 4,
    };
    const size_t width = raster.columns * raster.across;
    cli_slice *slices = calloc(width, sizeof *slices);
    raster.cells = calloc(raster.columns, raster.lines);
    ix_buf all = {0};
    const bool has_room = slices && raster.cells;
    if (has_room) {
        plot_slices(plot, width, slices);
        points_draw(plot, &raster, slices, width);
        heading_print(&all, plot, screen, columns);
        field_print(&all, plot, screen, &raster, ink);
        times_print(&all, plot, screen, left, raster.columns, ink);
        plot_summary(plot, &all);
        ix_buf_char(&all, '\n');
        plot_range(plot, &all);
        ix_buf_char(&all, '\n');
        fwrite(ix_buf_cstr(&all), 1, all.len, screen->out);
    }
    const bool ok = has_room && !all.failed;
    ix_buf_done(&all);
    free(raster.cells);
    free(slices);
    return ok;
}
