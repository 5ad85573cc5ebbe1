/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cross-origin requests (the Fetch standard, "CORS protocol"): which pages may use the API from a
 * browser. Nothing is refused here; a browser that does not hear otherwise keeps the answer from the
 * page. Tokens travel in headers, so credentials in the standard's sense, cookies, are never
 * allowed.
 */
#ifndef CORS_H
#define CORS_H

#include <stdbool.h>
#include <stddef.h>

#include "api/call.h"

enum {
    CORS_PREFLIGHT_S = 7200, /* how long a browser may remember what it was allowed */
    CORS_HEADERS_MAX = 5,
};

/* Origins as a browser writes them, "https://app.example" or "http://localhost:5173"; "*" is any.
 * None: nothing of all this. */
typedef struct cors_rules {
    const char *const *origins;
    size_t count;
} cors_rules;

/* What a request says of itself. The texts are the front end's. */
typedef struct cors_request {
    const char *origin; /* Origin, or NULL */
    bool asks_first;    /* Access-Control-Request-Method is there */
} cors_request;

/* Is it written as a browser would write it, or "*"? IOTS_USAGE with the reason. */
bool cors_origin_check(ix_ctx *cx, const char *text);

/* The headers that the reply of a call gets, in `ret`; how many. `call` NULL: there was none. The
 * texts live as long as those of `request` and the call. */
size_t cors_headers(const cors_rules *rules, const cors_request *request, const api_call *call,
                    call_header ret[CORS_HEADERS_MAX]);

#endif
