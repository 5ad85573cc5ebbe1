/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns of names and addresses (docs/api/http.md section 1), and each in words for a `reason`. */
#ifndef IX_NAMES_H
#define IX_NAMES_H

#include <stdbool.h>

#include "base/str.h"

enum {
    IX_NAME_MAX = 26,
    IX_SPACE_MAX = 63,
    IX_AFFORDANCE_MAX = 128,
    IX_MQTT_NAME_MAX = 64,
    IX_ADDRESS_MAX = 320, /* RFC 3696: 64 before the @, 255 behind it */
    IX_USER_MAX = 64,
    IX_REDIRECT_MAX = 2000,

    /* Of one e-mail (section 17). */
    IX_EMAIL_RECIPIENTS_MAX = 50, /* of all kinds */
    IX_EMAIL_SUBJECT_MAX = 255,   /* characters */
    IX_EMAIL_BODY_MAX = 256 << 10 /* bytes, HTML and text together */
};

bool ix_name_is_valid(ix_str name);       /* Category, Model: ^[a-zA-Z0-9_:-]{1,26}$ */
bool ix_space_is_valid(ix_str name);      /* ^[a-z0-9][a-z0-9_-]{0,62}$ */
bool ix_affordance_is_valid(ix_str name); /* 1 to 128 bytes of UTF-8 without controls */

/* Who logs in: 1 to 64 letters, digits and . _ - + @, so that an e-mail address will do. */
bool ix_user_is_valid(ix_str name);

/* Where people are sent back to after they logged in (RFC 6749 3.1.2, RFC 8252): an absolute URI in
 * printable ASCII without fragment. http and https have a host and no user; of other schemes those
 * that run what follows them are refused. */
bool ix_redirect_is_valid(ix_str uri);

/* The scheme://host:port of a redirect URI; of one without a host its scheme and colon. */
ix_str ix_redirect_origin(ix_str uri);

/* Where e-mail goes: local@domain or Name <local@domain>, without controls (section 17). */
bool ix_address_is_valid(ix_str text);

/* The local@domain of such an address. */
ix_str ix_address_mailbox(ix_str text);

/* The name before it, as written; empty if there is none. */
ix_str ix_address_name(ix_str text);

#define IX_NAME_RULE       "expected 1 to 26 letters, digits, _ : or -"
#define IX_AFFORDANCE_RULE "expected a name of 1 to 128 bytes without control characters"
#define IX_USER_RULE       "expected 1 to 64 letters, digits and . _ - + @"
#define IX_REDIRECT_RULE                                                          \
    "expected an absolute URI without fragment, of at most 2000 characters, like" \
    " https://app.example/callback or com.example.app:/callback"
#define IX_ADDRESS_RULE "expected local@domain or Name <local@domain>"

#endif
