/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/chart_png.h"

#include <cairo.h>
#include <math.h>
#include <stdlib.h>

/* Pixels. */
static const double MARGIN = 16, FONT = 13, TITLE_FONT = 17, CHARACTER = 8;

typedef struct colour {
    double red, green, blue;
} colour;

static const colour paper = {1, 1, 1}, ink = {0.13, 0.13, 0.16}, grid = {0.87, 0.87, 0.89},
                    line = {0.05, 0.42, 0.62};

/* The rectangle in which the values are. */
typedef struct field {
    double left, top, width, height;
} field;

static void colour_set(cairo_t *to, colour colour)
{
    cairo_set_source_rgb(to, colour.red, colour.green, colour.blue);
}

static double text_length(cairo_t *to, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(to, text, &extents);
    return extents.x_advance;
}

static void text_at(cairo_t *to, double x, double y, const char *text)
{
    cairo_move_to(to, x, y);
    cairo_show_text(to, text);
}

static void stroke(cairo_t *to, double x0, double y0, double x1, double y1)
{
    /* In the middle of a pixel a line of one pixel is sharp. */
    cairo_move_to(to, floor(x0) + 0.5, floor(y0) + 0.5);
    cairo_line_to(to, floor(x1) + 0.5, floor(y1) + 0.5);
    cairo_stroke(to);
}

static void grid_draw(cairo_t *to, const cli_plot *plot, const field *field)
{
    cli_tick ticks[PLOT_TICKS_MAX];
    const double right = field->left + field->width, bottom = field->top + field->height;
    size_t count = plot_value_ticks(plot, ticks);
    for (size_t i = 0; i < count; i++) {
        const double y = bottom - ticks[i].place * field->height;
        colour_set(to, grid);
        stroke(to, field->left, y, right, y);
        colour_set(to, ink);
        text_at(to, field->left - 8 - text_length(to, ticks[i].label), y + FONT * 0.35,
                ticks[i].label);
    }
    count = plot_time_ticks(plot, (size_t)(field->width / CHARACTER), ticks);
    for (size_t i = 0; i < count; i++) {
        const double x = field->left + ticks[i].place * field->width;
        const double half = text_length(to, ticks[i].label) / 2;
        colour_set(to, grid);
        stroke(to, x, field->top, x, bottom);
        colour_set(to, ink);
        text_at(to, x - half, bottom + FONT + 8, ticks[i].label);
    }
    colour_set(to, ink);
    stroke(to, field->left, bottom, right, bottom);
    stroke(to, field->left, field->top, field->left, bottom);
}

static double place_of(const cli_plot *plot, const field *field, double value)
{
    return field->top + (1 - plot_height(plot, value)) * field->height;
}

/* What one slice of the width holds, as far as it is more than one point. */
static void slice_draw(cairo_t *to, const cli_plot *plot, const field *field, double x,
                       const cli_slice *slice)
{
    cairo_line_to(to, x, place_of(plot, field, slice->first));
    cairo_line_to(to, x, place_of(plot, field, slice->least));
    cairo_line_to(to, x, place_of(plot, field, slice->most));
    cairo_line_to(to, x, place_of(plot, field, slice->last));
}

static bool points_draw(cairo_t *to, const cli_plot *plot, const field *field)
{
    const size_t count = (size_t)field->width;
    cli_slice *slices = calloc(count, sizeof *slices);
    if (!slices)
        return false;
    plot_slices(plot, count, slices);
    size_t drawn = 0;
    double last = 0;
    colour_set(to, line);
    cairo_set_line_width(to, 1.5);
    cairo_set_line_join(to, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < count; i++) {
        if (!slices[i].has_any)
            continue;
        const double x = field->left + (double)i + 0.5;
        if (drawn++ > 0 && plot->is_truth)
            cairo_line_to(to, x, last);
        slice_draw(to, plot, field, x, &slices[i]);
        last = place_of(plot, field, slices[i].last);
    }
    if (plot->is_truth)
        cairo_line_to(to, field->left + field->width, last);
    cairo_stroke(to);
    /* A point alone is not a line. */
    for (size_t i = 0; drawn == 1 && !plot->is_truth && i < count; i++) {
        if (!slices[i].has_any)
            continue;
        cairo_arc(to, field->left + (double)i + 0.5, place_of(plot, field, slices[i].last), 3, 0,
                  2 * acos(-1));
        cairo_fill(to);
    }
    free(slices);
    return true;
}

/* The room that the longest label of a value takes. */
static double labels_length(cairo_t *to, const cli_plot *plot)
{
    cli_tick ticks[PLOT_TICKS_MAX];
    double longest = 0;
    const size_t count = plot_value_ticks(plot, ticks);
    for (size_t i = 0; i < count; i++)
        longest = fmax(longest, text_length(to, ticks[i].label));
    return longest;
}

static bool chart_draw(cairo_t *to, const cli_plot *plot, int width, int height)
{
    colour_set(to, paper);
    cairo_paint(to);
    cairo_set_line_width(to, 1);
    cairo_select_font_face(to, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(to, TITLE_FONT);
    colour_set(to, ink);
    text_at(to, MARGIN, MARGIN + TITLE_FONT, plot->title);
    cairo_set_font_size(to, FONT);
    ix_buf footing = {0};
    plot_summary(plot, &footing);
    ix_buf_text(&footing, "   ");
    plot_range(plot, &footing);
    text_at(to, MARGIN, height - MARGIN, ix_buf_cstr(&footing));
    ix_buf_done(&footing);

    const double left = MARGIN + labels_length(to, plot) + 8;
    const double top = MARGIN + TITLE_FONT + MARGIN, below = MARGIN + 3 * FONT + 16;
    const field field = {left, top, width - left - 2 * MARGIN, height - top - below};
    grid_draw(to, plot, &field);
    return points_draw(to, plot, &field);
}

static cairo_status_t bytes_add(void *arg, const unsigned char *bytes, unsigned int size)
{
    ix_buf *buf = arg;
    ix_buf_add(buf, (const char *)bytes, size);
    return buf->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

bool chart_png(ix_ctx *cx, const cli_plot *plot, int width, int height, ix_buf *ret)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *to = cairo_create(surface);
    const bool has_room = chart_draw(to, plot, width, height);
    /* The first thing that went wrong is kept by cairo itself. */
    cairo_status_t status = has_room ? cairo_status(to) : CAIRO_STATUS_NO_MEMORY;
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(surface, bytes_add, ret);
    cairo_destroy(to);
    cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS ||
           ix_fail(cx, IOTS_UNEXPECTED, "no picture: %s", cairo_status_to_string(status));
}
