/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes as bits (docs/api/http.md 3.5). A bare name covers all its dotted children. */
#ifndef IX_SCOPES_H
#define IX_SCOPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

typedef enum ix_scope {
#define SCOPE(id, name, doc) IX_SCOPE_##id,
#include "contract/scopes.def"
#undef SCOPE
    IX_SCOPE_COUNT,
} ix_scope;

#define IX_SCOPE_BIT(id) (UINT64_C(1) << IX_SCOPE_##id)

extern const char *const ix_scope_names[IX_SCOPE_COUNT];
extern const char
    *const ix_scope_docs[IX_SCOPE_COUNT]; /* a sentence each, that begins with a verb */

/* What a blank-separated list of names allows: the bits of all known names in it and of their
 * dotted children. Unknown names allow nothing. */
uint64_t ix_scopes_allowed(ix_str names);

/* Does the list hold this very name, or a parent of it? For granting. */
bool ix_scopes_cover(ix_str names, ix_str name);

/* The bare names that together cover all of them: what a client with every scope holds. */
const char *ix_scopes_all(void);

/* A scope's name: printable ASCII without blank, quote and backslash (RFC 6749 3.3)? */
bool ix_scope_is_valid(ix_str name);

#endif
