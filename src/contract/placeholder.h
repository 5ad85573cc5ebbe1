/* SPDX-License-Identifier: Apache-2.0 */
/* Placeholders in the template of a Model (WoT Thing Description 1.1, 10.3.1): {{NAME}} in a string. */
#ifndef IX_PLACEHOLDER_H
#define IX_PLACEHOLDER_H

#include <stdbool.h>

#include "base/str.h"

enum { IX_PLACEHOLDER_MAX = 128 }; /* bytes of a name, which has neither braces nor controls */

/* The first placeholder of a text. */
typedef struct ix_placeholder {
    ix_str before, name, behind; /* views of the text */
} ix_placeholder;

/* False if there is none. */
bool ix_placeholder_find(ix_str text, ix_placeholder *ret);

/* Can a placeholder have this name? */
bool ix_placeholder_is_valid(ix_str name);

#define IX_PLACEHOLDER_RULE \
    "expected the name of a placeholder: 1 to 128 bytes without braces and control characters"

#endif
