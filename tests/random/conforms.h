/* SPDX-License-Identifier: Apache-2.0 */
/* Is an answer one that the OpenAPI document allows? JSON Schema as far as our document uses it. */
#ifndef CONFORMS_H
#define CONFORMS_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"
#include "http.h"

/* `path` is a path of the document, as "/spaces/{space}/things". False with a sentence in cx; a keyword
 * that is not known here is a failure, too. An operation that the document does not have conforms. */
bool conforms_reply(ix_ctx *cx, const ix_json *document, const char *path, const char *method,
                    const http_reply *reply);

#endif
