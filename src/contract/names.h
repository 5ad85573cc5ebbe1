/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns of names and addresses (http-api.md section 1), and each in words for a `reason`. */
#ifndef IX_NAMES_H
#define IX_NAMES_H

#include <stdbool.h>

#include "base/str.h"

enum {
    IX_NAME_MAX = 26,
    IX_SPACE_MAX = 63,
    IX_AFFORDANCE_MAX = 128,
    IX_MQTT_NAME_MAX = 64,
    IX_ADDRESS_MAX = 320 /* RFC 3696: 64 before the @, 255 behind it */
};

bool ix_name_is_valid(ix_str name);       /* Category, Model: ^[a-zA-Z0-9_:-]{1,26}$ */
bool ix_space_is_valid(ix_str name);      /* ^[a-z0-9][a-z0-9_-]{0,62}$ */
bool ix_affordance_is_valid(ix_str name); /* 1 to 128 bytes of UTF-8, no / + # nor controls */

/* Where e-mail goes: local@domain or Name <local@domain>, without controls (section 17). */
bool ix_address_is_valid(ix_str text);

/* The local@domain of such an address. */
ix_str ix_address_mailbox(ix_str text);

#define IX_NAME_RULE       "expected 1 to 26 letters, digits, _ : or -"
#define IX_AFFORDANCE_RULE "expected a name of 1 to 128 bytes without / + # and control characters"
#define IX_ADDRESS_RULE    "expected local@domain or Name <local@domain>"

#endif
