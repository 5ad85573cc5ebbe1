/* SPDX-License-Identifier: Apache-2.0 */
#include "net/readers.h"

#include <pthread.h>
#include <stdlib.h>

struct readers {
    const char *url;
    pthread_key_t key; /* each thread's store */
};

static void close_reader(void *store)
{
    store_close(store);
}

readers *readers_new(ix_ctx *cx, const char *url)
{
    readers *readers = calloc(1, sizeof *readers);
    if (!readers) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    readers->url = url;
    if (pthread_key_create(&readers->key, close_reader) != 0) {
        free(readers);
        ix_fail(cx, IOTS_NO_MEMORY, "no room for another kind of thread data");
        return NULL;
    }
    return readers;
}

/* The next who asks on this thread gets a new connection. */
static void drop_reader(readers *readers)
{
    store_close(pthread_getspecific(readers->key));
    pthread_setspecific(readers->key, NULL);
}

void readers_free(readers *readers)
{
    if (!readers)
        return;
    drop_reader(readers);
    pthread_key_delete(readers->key);
    free(readers);
}

/* This thread's connection, if it has one that is still good. */
static store *find_reader(readers *readers)
{
    store *reader = pthread_getspecific(readers->key);
    if (!reader || store_is_alive(reader))
        return reader;
    drop_reader(readers);
    return NULL;
}

store *readers_get(ix_ctx *cx, readers *readers)
{
    store *reader = find_reader(readers);
    if (reader)
        return reader;
    if (!store_open(cx, readers->url, STORE_READ, &reader))
        return NULL;
    if (pthread_setspecific(readers->key, reader) != 0) {
        store_close(reader);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    return reader;
}

/* As readers_get; on failure the call has its reply. */
static store *reader_for(readers *readers, call *call)
{
    store *reader = find_reader(readers);
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
static void drop_if_broken(readers *readers, const call *call)
{
    if (call->status == 500 || call->status == 503)
        drop_reader(readers);
}

lane readers_run(readers *readers, call *call, lane lane, readers_pace pace)
{
    while (lane == LANE_READ || (lane == LANE_SLOW && pace == READERS_SLOW)) {
        store *reader = reader_for(readers, call);
        if (!reader)
            return LANE_REPLY;
        lane = lane == LANE_READ ? call_read(call, reader) : call_prepare(call, reader);
        drop_if_broken(readers, call);
    }
    return lane;
}

void readers_refuse_body(readers *readers, call *call)
{
    store *reader = reader_for(readers, call);
    if (reader)
        call_refuse_body(call, reader);
}
