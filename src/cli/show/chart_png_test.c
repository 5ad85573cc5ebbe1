/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/chart_png.h"

#include "base/test.h"
#include "base/time.h"

/* What fontconfig keeps until the program ends is not a leak of ours. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

static cli_plot plot_of(ix_ctx *cx, const cli_point *points, size_t count)
{
    cli_plot plot = {
        .title = "Boiler 7: t", .points = points, .count = count, .to_us = 10 * IX_SECOND_US};
    CHECK_OK(cx, plot_fit(cx, &plot, 5));
    return plot;
}

static uint32_t number_at(const ix_buf *png, size_t at)
{
    uint32_t number = 0;
    for (size_t i = at; i < at + 4; i++)
        number = number << 8 | (unsigned char)png->at[i];
    return number;
}

TEST("a picture is a PNG of the size that was asked for, or is refused for want of cairo")
{
    const cli_point points[] = {{0, 1}, {5 * IX_SECOND_US, 3}, {9 * IX_SECOND_US, 2}};
    const cli_plot plot = plot_of(cx, points, 3);
    ix_buf png = {0};
    if (!chart_png(cx, &plot, 300, 200, &png)) {
        CHECK_TEXT(cx->error.message, "this iots was built without cairo and makes no pictures");
        return;
    }
    CHECK(png.len > 200);
    CHECK(memcmp(png.at, "\x89PNG\r\n\x1A\n", 8) == 0);
    CHECK_INT(number_at(&png, 16), 300);
    CHECK_INT(number_at(&png, 20), 200);
    ix_buf_done(&png);
}

TEST("values that differ make pictures that differ")
{
    const cli_point up[] = {{0, 1}, {9 * IX_SECOND_US, 3}};
    const cli_point down[] = {{0, 3}, {9 * IX_SECOND_US, 1}};
    const cli_plot first = plot_of(cx, up, 2), second = plot_of(cx, down, 2);
    ix_buf a = {0}, b = {0};
    if (!chart_png(cx, &first, 300, 200, &a))
        SKIP("built without cairo");
    CHECK_OK(cx, chart_png(cx, &second, 300, 200, &b));
    CHECK(a.len != b.len || memcmp(a.at, b.at, a.len) != 0);
    ix_buf_done(&a);
    ix_buf_done(&b);
}
