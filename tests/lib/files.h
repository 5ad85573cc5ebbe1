/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILES_H
#define FILES_H

#include "base/ctx.h"

/* A whole file as text, in cx. NULL with IOTS_NOT_FOUND if it cannot be opened, IOTS_INTERNAL if it
 * cannot be read. */
const char *file_read(ix_ctx *cx, const char *path);

#endif
