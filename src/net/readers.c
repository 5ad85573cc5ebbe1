/* SPDX-License-Identifier: Apache-2.0 */
#include "net/readers.h"

#include <pthread.h>
#include <stdlib.h>

struct net_readers {
    breaker *breaker;
    pthread_key_t key; /* each thread's store */
};

static void close_reader(void *store)
{
    store_close(store);
}

net_readers *readers_new(ix_ctx *cx, breaker *breaker)
{
    net_readers *readers = calloc(1, sizeof *readers);
    if (!readers) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    readers->breaker = breaker;
    if (pthread_key_create(&readers->key, close_reader) != 0) {
        free(readers);
        ix_fail(cx, IOTS_NO_MEMORY, "no room for another kind of thread data");
        return NULL;
    }
    return readers;
}

/* The next who asks on this thread gets a new connection. */
static void drop_reader(net_readers *readers)
{
    breaker_disconnect(readers->breaker, pthread_getspecific(readers->key));
    pthread_setspecific(readers->key, NULL);
}

void readers_free(net_readers *readers)
{
    if (!readers)
        return;
    drop_reader(readers);
    pthread_key_delete(readers->key);
    free(readers);
}

/* This thread's connection, if it has one that is still good. */
static store_handle *find_reader(net_readers *readers)
{
    store_handle *reader = pthread_getspecific(readers->key);
    if (!reader || (!breaker_is_open(readers->breaker) && store_is_alive(reader)))
        return reader;
    drop_reader(readers);
    return NULL;
}

store_handle *readers_get(ix_ctx *cx, net_readers *readers)
{
    store_handle *reader = find_reader(readers);
    if (reader)
        return reader;
    if (!breaker_connect(cx, readers->breaker, STORE_READ, BREAKER_USER, &reader))
        return NULL;
    if (pthread_setspecific(readers->key, reader) != 0) {
        store_close(reader);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    return reader;
}

/* As readers_get; on failure the call has its reply. */
static store_handle *reader_for(net_readers *readers, api_call *call)
{
    store_handle *reader = find_reader(readers);
    if (reader)
        return reader;
    ix_ctx cx;
    if (ix_ctx_init(&cx, 0))
        reader = readers_get(&cx, readers);
    if (!reader)
        call_not_committed(call, &cx.error);
    ix_ctx_done(&cx);
    return reader;
}

/* A connection that failed may be one to a store that is no longer there. */
static void drop_if_broken(net_readers *readers, const api_call *call)
{
    if (call->status == 500 || call->status == 503)
        drop_reader(readers);
}

static bool may_run(const net_readers *readers, const api_call *call, call_phase phase,
                    readers_pace pace)
{
    if (phase == PHASE_READ)
        return pace != READERS_NEVER_WAIT ||
               (call_is_quick(call) && !breaker_is_remote(readers->breaker));
    return phase == PHASE_OFFLOAD && pace == READERS_OFFLOAD;
}

call_phase readers_run(net_readers *readers, api_call *call, call_phase phase, readers_pace pace)
{
    while (may_run(readers, call, phase, pace)) {
        const bool needs_store = call_needs_store(call);
        store_handle *reader = needs_store ? reader_for(readers, call) : NULL;
        if (needs_store && !reader)
            return PHASE_REPLY;
        phase = phase == PHASE_READ ? call_read(call, reader) : call_offload(call, reader);
        drop_if_broken(readers, call);
    }
    return phase;
}
