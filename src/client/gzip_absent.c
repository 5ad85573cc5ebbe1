/* SPDX-License-Identifier: Apache-2.0 */
/* In the place of gzip.c, in a library without zlib (IOTS_GZIP is OFF, or zlib was not found). */
#include "client/gzip.h"

bool gzip_check(ix_ctx *cx)
{
    return ix_fail(cx, IOTS_USAGE, "gzip_body_min_bytes: this library was built without zlib");
}

bool gzip_body(ix_ctx *cx, ix_str body, ix_str *ret)
{
    (void)body, (void)ret;
    return gzip_check(cx);
}
