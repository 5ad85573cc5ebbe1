/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs, as far as a client of one host needs them: where does this lead, and is that our host? Only
 * http and https, no user names. What the checks here have seen is what is sent: complete URLs are
 * always put together from the host at hand and the rest of the other one.
 */
#ifndef CLIENT_URL_H
#define CLIENT_URL_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/str.h"

typedef struct client_url {
    ix_str scheme; /* "http" or "https", in any letter case */
    ix_str host;   /* in any letter case; an IPv6 address in its brackets */
    int port;      /* 80 or 443 if none is named */
    ix_str origin; /* all of the above as written: "https://example.org:8443" */
    ix_str rest;   /* path and query, without fragment; may be empty */
} client_url;

/* Takes a complete URL apart; views into `text`. IOTS_USAGE if it is none of ours. */
bool url_parse(ix_ctx *cx, const char *text, client_url *ret);

/* Does the text begin with a scheme, as in "https:"? */
bool url_has_scheme(const char *text);

/* Same scheme, host and port? */
bool url_same_origin(const client_url *a, const client_url *b);

/* `rest` behind `front`, in cx; what may not stand in a URL is percent-encoded, a fragment is cut
 * off. NULL on failure. */
const char *url_join(ix_ctx *cx, ix_str front, ix_str rest);

/* Where a Location found at `from` leads, in cx. NULL on failure: IOTS_UNEXPECTED if it leads to
 * another host. */
const char *url_follow(ix_ctx *cx, const char *from, const char *location);

#endif
