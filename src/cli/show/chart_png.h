/* SPDX-License-Identifier: Apache-2.0 */
/* The chart of plot.h as a picture. */
#ifndef CLI_CHART_PNG_H
#define CLI_CHART_PNG_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/show/plot.h"

enum { CHART_LEAST = 200, CHART_MOST = 8000 }; /* pixels of a side */

/* Appends a PNG of `width` by `height` pixels. IOTS_USAGE if this program was built without
 * pictures. */
bool chart_png(ix_ctx *cx, const cli_plot *plot, int width, int height, ix_buf *ret);

#endif
