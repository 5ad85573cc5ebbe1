/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of requests in gzip (RFC 1952). A library without zlib has gzip_absent.c instead. */
#ifndef CLIENT_GZIP_H
#define CLIENT_GZIP_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/str.h"

/* Can it be done? IOTS_USAGE: the library was built without zlib. */
bool gzip_check(ix_ctx *cx);

/* Compresses a body, in memory of cx. True with ret->at == NULL: it would not be smaller by an eighth.
 * IOTS_NO_MEMORY. */
bool gzip_body(ix_ctx *cx, ix_str body, ix_str *ret);

#endif
