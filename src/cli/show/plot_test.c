/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/plot.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/test.h"
#include "base/time.h"

#define SEC IX_SECOND_US
#define DAY (24 * 3600 * SEC)

static int64_t at(const char *text)
{
    int64_t at_us = 0;
    CHECK(ix_time_parse_short(ix_str_of(text), &at_us));
    return at_us;
}

static cli_plot plot_of(const cli_point *points, size_t count, const char *from, const char *to)
{
    return (cli_plot){.title = "Boiler 7: t",
                      .points = points,
                      .count = count,
                      .from_us = at(from),
                      .to_us = at(to)};
}

/* The labels of the ticks, with blanks between. */
static const char *labels(ix_ctx *cx, const cli_tick *ticks, size_t count)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        all = ix_format(cx, "%s%s%s", all, i ? " " : "", ticks[i].label);
    return all;
}

static const char *value_labels(ix_ctx *cx, double least, double most)
{
    const cli_point points[] = {{0, least}, {1, most}};
    cli_plot plot = {.points = points, .count = 2};
    cli_tick ticks[PLOT_TICKS_MAX];
    CHECK_OK(cx, plot_fit(cx, &plot, 5));
    CHECK(plot.least <= least && plot.most >= most && plot.least < plot.most);
    const size_t count = plot_value_ticks(&plot, ticks);
    for (size_t i = 0; i < count; i++)
        CHECK(ticks[i].place >= 0 && ticks[i].place <= 1);
    return labels(cx, ticks, count);
}

TEST("the height has round numbers around the values")
{
    CHECK_TEXT(value_labels(cx, 18.2, 24.5), "18 20 22 24 26");
    CHECK_TEXT(value_labels(cx, 0, 100), "0 50 100");
    CHECK_TEXT(value_labels(cx, -1, 1), "-1.0 -0.5 0.0 0.5 1.0");
    CHECK_TEXT(value_labels(cx, 0.001, 0.0042), "0.001 0.002 0.003 0.004 0.005");
    CHECK_TEXT(value_labels(cx, 21.5, 21.5), "18 20 22 24");
    CHECK_TEXT(value_labels(cx, 0, 0), "-1.0 -0.5 0.0 0.5 1.0");
    CHECK_TEXT(value_labels(cx, 0, 4e12), "0 1e+12 2e+12 3e+12 4e+12");
    CHECK_TEXT(value_labels(cx, 1e-320, 2e-320), "-1.0 -0.5 0.0 0.5 1.0");
}

TEST("values that differ in their last digit are drawn, and those too far apart are refused")
{
    CHECK(*value_labels(cx, 1e15, nextafter(1e15, 2e15)));
    CHECK(*value_labels(cx, -DBL_MAX / 8, DBL_MAX / 8));
    const cli_point points[] = {{0, -DBL_MAX}, {1, DBL_MAX}};
    cli_plot plot = {.points = points, .count = 2};
    CHECK(!plot_fit(cx, &plot, 5));
    CHECK_INT(cx->error.code, IOTS_USAGE);
}

static const char *time_labels(ix_ctx *cx, const char *from, const char *to, size_t width)
{
    const cli_plot plot = plot_of(NULL, 0, from, to);
    cli_tick ticks[PLOT_TICKS_MAX];
    return labels(cx, ticks, plot_time_ticks(&plot, width, ticks));
}

TEST("the width has round times, as many as there is room for")
{
    // clang-format off
    const struct { const char *from, *to; size_t width; const char *labels; } cases[] = {
        {"2025-03-04", "2025-03-05", 80, "03-04 03:00 06:00 09:00 12:00 15:00 18:00 21:00 03-05"},
        {"2025-03-04T10:20", "2025-03-04T10:25", 60, "10:20 10:21 10:22 10:23 10:24 10:25"},
        {"2025-03-04T10:20:00.5Z", "2025-03-04T10:20:01.5Z", 50, "10:20:00.500 10:20:01.000 10:20:01.500"},
        {"2025-02-27", "2025-03-04", 60, "02-27 02-28 03-01 03-02 03-03 03-04"},
        {"2025-01-15", "2025-07", 80, "2025-02 2025-03 2025-04 2025-05 2025-06 2025-07"},
        {"2023-12-31", "2027-01-02", 50, "2024 2025 2026 2027"},
        {"0001", "9999", 80, "1000 2000 3000 4000 5000 6000 7000 8000 9000"},
        {"1969-12-31T22:00", "1970-01-01T02:00", 60, "22:00 23:00 01-01 01:00 02:00"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(time_labels(cx, cases[i].from, cases[i].to, cases[i].width), cases[i].labels);
}

TEST("a column keeps its lowest and its highest value")
{
    enum { MANY = 100 * 1000 };
    cli_point *points = ix_new(cx, cli_point, MANY);
    const int64_t begin = at("2025");
    for (int i = 0; i < MANY; i++)
        points[i] = (cli_point){begin + i * (DAY / MANY), i % 7};
    points[12345].value = 1000;
    points[77777].value = -1000;
    const cli_plot plot = plot_of(points, MANY, "2025", "2025-01-02");
    cli_slice slices[40];
    plot_slices(&plot, 40, slices);
    for (size_t i = 0; i < 40; i++) {
        CHECK(slices[i].has_any);
        CHECK_INT((int)slices[i].most, i == 12345 / 2500 ? 1000 : 6);
        CHECK_INT((int)slices[i].least, i == 77777 / 2500 ? -1000 : 0);
    }
}

TEST("the first and the last moment of the width are in the first and the last column")
{
    const cli_point points[] = {{at("2025"), 1}, {at("2026"), 2}};
    const cli_plot plot = plot_of(points, 2, "2025", "2026");
    cli_slice slices[3];
    plot_slices(&plot, 3, slices);
    CHECK(slices[0].has_any && !slices[1].has_any && slices[2].has_any);
    CHECK(slices[0].last == 1 && slices[2].first == 2);
}

/* What plot_print() prints. */
static const char *drawn(ix_ctx *cx, const cli_plot *plot, size_t columns, size_t lines,
                         bool is_ascii)
{
    char *text = NULL;
    size_t size = 0;
    const cli_screen screen = {.out = open_memstream(&text, &size)};
    CHECK(plot_print(plot, &screen, columns, lines, is_ascii));
    fclose(screen.out);
    const char *copy = ix_strdup(cx, text);
    free(text);
    return copy;
}

TEST("a line is drawn from corner to corner")
{
    const cli_point points[] = {{at("2025-03-04"), 0}, {at("2025-03-05"), 10}};
    cli_plot plot = plot_of(points, 2, "2025-03-04", "2025-03-05");
    CHECK_OK(cx, plot_fit(cx, &plot, 3));
    CHECK_TEXT(drawn(cx, &plot, 30, 10, true), "Boiler 7: t\n"
                                               "10 +                      ****\n"
                                               "   |                ******\n"
                                               " 5 +          ******\n"
                                               "   |    ******\n"
                                               " 0 +****\n"
                                               "   ++------------+-----------+\n"
                                               "  03-04        12:00\n"
                                               "min 0  max 10  mean 5  last 10  2 values\n"
                                               "2025-03-04T00:00:00Z to 2025-03-05T00:00:00Z\n");
}

TEST("Braille has two by four dots for each character")
{
    const cli_point points[] = {{at("2025-03-04"), 0}, {at("2025-03-05"), 10}};
    cli_plot plot = plot_of(points, 2, "2025-03-04", "2025-03-05");
    CHECK_OK(cx, plot_fit(cx, &plot, 3));
    CHECK(strstr(drawn(cx, &plot, 12, 7, false),
                 "10 \xE2\x94\xA4    \xE2\xA3\x80\xE2\xA0\xA4\xE2\xA0\x92\xE2\xA0\x89\n"
                 " 0 \xE2\x94\xA4\xE2\xA3\x80\xE2\xA0\xA4\xE2\xA0\x92\xE2\xA0\x89\n"));
}

TEST("what is true or false stays so until it changes")
{
    const cli_point points[] = {{at("2025-03-04T06:00"), 0},
                                {at("2025-03-04T12:00"), 1},
                                {at("2025-03-04T18:00"), 1}};
    cli_plot plot = plot_of(points, 3, "2025-03-04", "2025-03-05");
    plot.is_truth = true;
    CHECK_OK(cx, plot_fit(cx, &plot, 3));
    const char *text = drawn(cx, &plot, 27, 10, true);
    CHECK(strstr(text, " true +          **********\n"
                       "      |          *\n"
                       "false +     ******\n"));
    CHECK(strstr(text, "\nlast true  3 values\n"));
}

TEST("a title is cut to the width, and cannot steer the terminal")
{
    const cli_point points[] = {{at("2025-03-04"), 0}};
    cli_plot plot = plot_of(points, 1, "2025-03-04", "2025-03-05");
    plot.title = "a\033[2J title that is longer than the chart is wide: t";
    CHECK_OK(cx, plot_fit(cx, &plot, 3));
    const char *text = drawn(cx, &plot, 30, 8, true);
    CHECK(strstr(text, "a\xEF\xBF\xBD[2J title that is longer th\xE2\x80\xA6\n") == text);
}
