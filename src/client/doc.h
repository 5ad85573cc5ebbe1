/* SPDX-License-Identifier: Apache-2.0 */
/* What values need to know of documents. */
#ifndef CLIENT_DOC_H
#define CLIENT_DOC_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"
#include "iots/iots.h"

/* True, or why the document could not be built. */
bool doc_check(ix_ctx *cx, const iots_doc *doc);

/* The cx of a document that can still be built; NULL: it has failed, or there is none. */
ix_ctx *doc_cx(iots_doc *doc);

/* Has the document fail, unless it has failed already. */
void doc_fail(iots_doc *doc, iots_code code);

/* Of a document that was built. */
const ix_json *doc_root(const iots_doc *doc);

#endif
