/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file on its way: written under the name NAME.part, and given its own name once it is whole and on
 * the disk. A file that is there is therefore complete, whatever ended the program before.
 */
#ifndef CLI_ATOMIC_FILE_H
#define CLI_ATOMIC_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/ctx.h"
#include "base/str.h"

typedef struct atomic_file {
    const char *path;      /* what it is to be called; borrowed */
    const char *part_path; /* in cx */
    FILE *out;             /* NULL: not open */
} atomic_file;

/* Begins it anew, for its owner's eyes only. IOTS_UNEXPECTED with path and reason. */
bool atomic_file_open(ix_ctx *cx, const char *path, atomic_file *ret);
bool atomic_file_write(ix_ctx *cx, atomic_file *atomic_file, ix_str text);

/* Ends it: it is there. Not open is fine. */
bool atomic_file_keep(ix_ctx *cx, atomic_file *atomic_file);

/* Ends it, and nothing is there. Not open is fine. */
void atomic_file_drop(atomic_file *atomic_file);

/* Has the names in a folder put on the disk as well. */
bool folder_sync(ix_ctx *cx, const char *folder);

#endif
