/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call knows of the loop it is handed to. A library without loops (IOTS_ASYNC off) has this and
 * no more, and nobody to make one.
 */
#ifndef CLIENT_ASYNC_H
#define CLIENT_ASYNC_H

#include "client/call.h"
#include "iots/iots.h"

struct iots_async {
    /* Begins a call. Takes the reply, fresh and empty, and returns it: IOTS_PENDING, or failed if
     * the call could not even be noted, and `done` is not called then. */
    iots_reply *(*begin)(iots_async *async, iots_api *api, const client_call *call,
                         const iots_call_opts *opts, iots_reply *reply);
};

#endif
