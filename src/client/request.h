/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request being put together. It has a cx of its own, gone before the call returns, and what may be
 * secret in it (the values of headers, the body) is wiped then.
 */
#ifndef CLIENT_REQUEST_H
#define CLIENT_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/str.h"
#include "contract/ops.h"
#include "iots/iots.h"

typedef struct client_request {
    iots_request shown; /* first: what strategies and transports see */
    ix_ctx cx;          /* its memory, and what went wrong with it */
    iots_param *headers;
    size_t header_count;
    size_t header_room;
    bool owns_body; /* in cx, not the program's */
} client_request;

bool request_init(client_request *request, ix_method method);
void request_done(client_request *request);

/* Wipes the body, a copy of our own. */
void request_wipe_body(client_request *request);

/* Headers of a list, each as by iots_request_set_header. */
bool request_set_headers(client_request *request, const iots_param *headers);
/* Sets a header of ours, known to be one, that is not there yet. */
bool request_default_header(client_request *request, const char *name, const char *value);
bool request_add_params(client_request *request, const iots_param *params);

/* Copies what is still the program's, so that the request outlives the call that made it. */
bool request_own(client_request *request);

/* Can this be a header? IOTS_USAGE. */
bool header_check(ix_ctx *cx, const char *name, const char *value);

/* Has the request fail, and the call with it, unless it has failed already. */
void request_fail(iots_request *request, iots_code code);

#endif
