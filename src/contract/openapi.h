/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI 3.1 document of the API, written from the tables. */
#ifndef IX_OPENAPI_H
#define IX_OPENAPI_H

#include "base/ctx.h"
#include "base/json.h"

/* The whole document; its server is "/", the one it came from. `is_left_out` (may be NULL) says which
 * operations are not served. NULL when out of memory. */
ix_json *ix_openapi(ix_ctx *cx, bool (*is_left_out)(size_t op));

#endif
