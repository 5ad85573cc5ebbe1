/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read-only connections to the store: one for each thread that asks, opened when it first asks and
 * closed when the thread ends. Nobody waits for anybody.
 */
#ifndef READERS_H
#define READERS_H

#include <stdbool.h>

#include "api/dispatch.h"
#include "net/breaker.h"
#include "store/store.h"

typedef struct net_readers net_readers;

/* `breaker` is borrowed; it knows the store. */
net_readers *readers_new(ix_ctx *cx, breaker *breaker);

/* Every thread that asked must have ended, but the one that calls this. NULL is fine. */
void readers_free(net_readers *readers);

/* This thread's connection; NULL when the store is out of reach. It stays ours. */
store_handle *readers_get(ix_ctx *cx, net_readers *readers);

/* What a thread may do of a call. */
typedef enum readers_pace {
    READERS_NEVER_WAIT, /* PHASE_READ if it is quick, of a store on this machine */
    READERS_QUICK,      /* PHASE_READ */
    READERS_OFFLOAD,    /* PHASE_OFFLOAD too */
} readers_pace;

/* Runs the phases that this thread may run and says the next one: PHASE_REPLY, or one for others. A
 * store out of reach makes the reply. */
call_phase readers_run(net_readers *readers, api_call *call, call_phase phase, readers_pace pace);

#endif
