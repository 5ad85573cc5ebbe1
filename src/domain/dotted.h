/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dotted paths: status.moisture. Names may hold dots themselves; at each step the longest literal
 * member name wins, and there is no way back from it (docs/api/http.md 10.2, 10.3).
 */
#ifndef DOTTED_H
#define DOTTED_H

#include "base/json.h"
#include "base/str.h"

enum { DOTTED_MAX = 1024 }; /* bytes of a path; longer ones lead nowhere */

/* What the path leads to, or NULL. An empty path is a member without a name. */
const ix_json *dotted_find(const ix_json *object, ix_str path);

#endif
