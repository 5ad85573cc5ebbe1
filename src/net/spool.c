/* SPDX-License-Identifier: Apache-2.0 */
#include "net/spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

bool spool_open(ix_ctx *cx, const char *folder)
{
    return ix_folder_make(cx, folder) &&
           (access(folder, W_OK | X_OK) == 0 || ix_file_fail(cx, folder));
}

/* The folder may be one that others write to: what lies in the way, perhaps a link to another file, is
 * removed, and the file is a new one. */
static bool write_file(ix_ctx *cx, const char *path, ix_str text)
{
    unlink(path);
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    if (!out) {
        if (file >= 0)
            close(file);
        return ix_file_fail(cx, path);
    }
    const bool is_written = fwrite(text.at, 1, text.len, out) == text.len;
    const bool is_closed = fclose(out) == 0;
    return (is_written && is_closed) || ix_file_fail(cx, path);
}

/* On disk under another name first, so that whoever watches the folder sees whole messages only. */
static bool write_mail(ix_ctx *cx, const char *folder, const outgoing_mail *outgoing_mail)
{
    const char *part = ix_format(cx, "%s/.%s.part", folder, outgoing_mail->id);
    const char *path = ix_format(cx, "%s/%s.eml", folder, outgoing_mail->id);
    return part && path && write_file(cx, part, outgoing_mail->text) && ix_file_sync(cx, part) &&
           ix_file_rename(cx, part, path);
}

void spool_write(ix_ctx *cx, const char *folder, outgoing_mail *outgoing_mail)
{
    const bool ok = write_mail(cx, folder, outgoing_mail);
    const char *why = ok ? NULL : ix_strdup(cx, cx->error.message);
    for (size_t i = 0; i < outgoing_mail->count; i++) {
        outgoing_mail->recipients[i].status = ok ? DELIVERY_DONE : DELIVERY_RETRY;
        outgoing_mail->recipients[i].why = why;
    }
    ix_ctx_clear_error(cx);
}
