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

typedef struct readers readers;

/* `breaker` is borrowed; it knows the store. */
readers *readers_new(ix_ctx *cx, breaker *breaker);

/* Every thread that asked must have ended, but the one that calls this. NULL is fine. */
void readers_free(readers *readers);

/* This thread's connection; NULL when the store is out of reach. It stays ours. */
store *readers_get(ix_ctx *cx, readers *readers);

/* What a thread may do of a call. */
typedef enum readers_pace {
    READERS_NEVER_WAIT, /* LANE_READ if it is quick, of a store on this machine */
    READERS_QUICK,      /* LANE_READ */
    READERS_SLOW,       /* LANE_SLOW too */
} readers_pace;

/* Runs the lanes that this thread may run and says the next one: LANE_REPLY, or one for others. A
 * store out of reach makes the reply. */
lane readers_run(readers *readers, call *call, lane lane, readers_pace pace);

#endif
