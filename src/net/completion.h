/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a front end leaves with each of its calls (call->completion points to it), so that whoever works
 * on the call can say that the reply is ready without knowing the protocol.
 */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "api/call.h"

typedef struct net_completion {
    /* The reply is ready and, if something was written, on disk. Called on any thread; from here on
     * the call is the front end's again. */
    void (*done)(api_call *call);
    /* Before `done`, by a thread that has time, if there is one: the reply may be made smaller. */
    void (*pack)(api_call *call);
} net_completion;

static inline void completion_pack(api_call *call)
{
    const net_completion *completion = call->completion;
    if (completion->pack)
        completion->pack(call);
}

static inline void completion_done(api_call *call)
{
    const net_completion *completion = call->completion;
    completion->done(call);
}

#endif
