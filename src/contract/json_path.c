/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/json_path.h"

/* One reference token of a JSON Pointer (RFC 6901 section 3). */
static void token_write(ix_buf *buf, const char *name)
{
    for (const char *c = name; *c; c++) {
        if (*c == '~' || *c == '/')
            ix_buf_text(buf, *c == '~' ? "~0" : "~1");
        else
            ix_buf_char(buf, *c);
    }
}

static void step_write(ix_buf *buf, const ix_place *at)
{
    if (at->name)
        token_write(buf, at->name);
    else
        ix_buf_int(buf, (long long)at->index);
}

void ix_place_pointer(ix_buf *buf, const ix_place *at)
{
    if (!at->up)
        return;
    ix_place_pointer(buf, at->up);
    ix_buf_char(buf, '/');
    step_write(buf, at);
}

static void place_write(ix_buf *buf, const ix_place *at)
{
    if (!at->up) {
        ix_buf_text(buf, at->name ? at->name : "");
        return;
    }
    place_write(buf, at->up);
    if (buf->len)
        ix_buf_char(buf, '/');
    step_write(buf, at);
}

bool ix_place_fail(ix_ctx *cx, const ix_place *at, const char *message, const char *reason)
{
    if (!reason)
        return false;
    ix_buf pointer = {0};
    place_write(&pointer, at);
    if (!message && !pointer.len)
        message = reason; /* nothing to name but the whole */
    ix_fail_field(cx, IOTS_INVALID, message, ix_buf_cstr(&pointer), "%s", reason);
    ix_buf_done(&pointer);
    return false;
}
