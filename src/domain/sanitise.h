/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers' text must not bring into an e-mail (docs/api/http.md section 17): scripts, styles,
 * images, forms, attributes of any kind, and links.
 */
#ifndef SANITISE_H
#define SANITISE_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/str.h"

enum {
    SANITISE_MEMORY_BYTES = 64 << 20, /* most that the HTML parser may take */
    SANITISE_CPU_MS = 1000,           /* most of a processor's time that it may take */
    SANITISE_OUT_MAX = 2 << 20,       /* most bytes that may come out */
};

#define SANITISE_LINK "[link removed]"

/* HTML in which only harmless elements are left, without attributes, every one of them closed, all
 * text escaped. It is parsed as browsers do. In cx. IOTS_INVALID if it is so tangled that one of the
 * limits above is met. */
bool sanitise_html(ix_ctx *cx, ix_str html, ix_str *ret);

/* Plain text without links. In cx. */
bool sanitise_text(ix_ctx *cx, ix_str text, ix_str *ret);

#endif
