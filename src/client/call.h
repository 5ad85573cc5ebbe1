/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call: what a program asks for becomes a request, and its answer a reply. Everything the public
 * functions do over the network comes through call_make.
 */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include <stdbool.h>

#include "client/api.h"
#include "client/reply.h"
#include "client/send.h"
#include "contract/ops.h"
#include "iots/iots.h"

enum { CALL_PARAMS = 3 };

typedef struct client_call {
    const ix_op *op; /* what is asked for; NULL: method and url say */
    const char *vars[IX_VAR_COUNT];
    const char *method;
    const char *url;                       /* a path, or a complete URL */
    const iots_param *params[CALL_PARAMS]; /* lists, one after the other; NULL: none */
    iots_value body;
    const iots_call_opts *opts; /* as the program gave them, or NULL */
    bool is_for_token;          /* a token's URL: may be of another host; sent without security */
    const ix_error *fault;      /* it makes no sense, and this is why; NULL: it does */
} client_call;

/* Never NULL. It has ended, unless its options say that it is to run in a loop. */
iots_reply *call_make(iots_api *api, const client_call *call);

/* Makes the request of a call, which is all zero before: fills all but `.reply` of `ret`, which is
 * there already. False: the reply says why not. request_done() in either case. */
bool call_offload(iots_api *api, const client_call *call, const iots_call_opts *opts,
                  client_request *request, client_sending *ret);

/* A call to the operation of this name: parameters that are variables of its path become that, the
 * others `params[0]`, in cx. IOTS_USAGE if there is no such operation. */
bool call_by_name(ix_ctx *cx, const char *operation, const iots_param *params, client_call *ret);

#endif
