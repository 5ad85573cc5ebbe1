/* SPDX-License-Identifier: Apache-2.0 */
/* In the place of chart_png.c where there is no cairo. */
#include "cli/show/chart_png.h"

bool chart_png(ix_ctx *cx, const cli_plot *plot, int width, int height, ix_buf *ret)
{
    (void)plot;
    (void)width;
    (void)height;
    (void)ret;
    return ix_fail(cx, IOTS_USAGE, "this iots was built without cairo and makes no pictures");
}
