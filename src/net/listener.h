/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a listener leaves with each of its calls (call->listener points to it), so that whoever works
 * on the call can say that the reply is ready without knowing the protocol.
 */
#ifndef LISTENER_H
#define LISTENER_H

#include "api/call.h"

typedef struct listener {
    /* The reply is ready and, if something was written, on disk. Called on any thread; from here on
     * the call is the listener's again. */
    void (*done)(call *call);
    /* Before `done`, by a thread that has time, if there is one: the reply may be made smaller. */
    void (*pack)(call *call);
} listener;

static inline void listener_pack(call *call)
{
    const listener *listener = call->listener;
    if (listener->pack)
        listener->pack(call);
}

static inline void listener_done(call *call)
{
    const listener *listener = call->listener;
    listener->done(call);
}

#endif
