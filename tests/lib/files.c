/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

const char *file_read(ix_ctx *cx, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in) {
        ix_fail(cx, IOTS_NOT_FOUND, "%s: %s", path, strerror(errno));
        return NULL;
    }
    ix_buf text = {0};
    char bytes[4096];
    for (size_t n; (n = fread(bytes, 1, sizeof(bytes), in)) > 0;)
        ix_buf_add(&text, bytes, n);
    const char *ret = NULL;
    if (ferror(in) || text.failed)
        ix_fail(cx, IOTS_INTERNAL, "%s: cannot be read", path);
    else
        ret = ix_strdup(cx, ix_buf_cstr(&text));
    ix_buf_done(&text);
    fclose(in);
    return ret;
}
