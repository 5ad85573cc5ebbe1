/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The circuit breaker of the store: while the database does not answer, nobody waits for it.
 *
 * All connections to the store are opened here. The first one that waits in vain for an answer trips
 * the breaker; from then on requests that need the store fail at once, and only the committer goes on
 * trying. When it gets through, the breaker is closed again. A database that refuses at once never
 * trips it: then everybody may try. Every function may be called from any thread.
 */
#ifndef BREAKER_H
#define BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

enum { BREAKER_SLOW_MS = 1000 }; /* an attempt that failed after longer has waited for an answer */

typedef struct breaker breaker;

/* `url` is borrowed. Statements may take `statement_us` (store_limit). NULL when out of memory. */
breaker *breaker_new(ix_ctx *cx, const char *url, int64_t statement_us);
void breaker_free(breaker *breaker); /* NULL is fine */

/* Is there no use in asking? */
bool breaker_is_open(const breaker *breaker);

typedef enum breaker_role {
    BREAKER_USER,  /* fails at once while the breaker is open */
    BREAKER_PROBE, /* tries */
} breaker_role;

/* Opens the store. IOTS_UNAVAILABLE, or why the store cannot be opened. */
bool breaker_connect(ix_ctx *cx, breaker *breaker, store_mode mode, breaker_role role,
                     store_handle **ret);

/* The database has answered on a connection that was there already. */
void breaker_answered(breaker *breaker);

/* Closes a connection, which may be NULL, and trips if it did not answer. */
void breaker_disconnect(breaker *breaker, store_handle *store);

/* Statements that take long fail from this moment on (ix_monotonic_us), on all connections. NULL is
 * fine. */
void breaker_stop_at(breaker *breaker, int64_t until_us);

/* Does asking take a trip and waiting, for which threads that serve many have no time? */
bool breaker_is_remote(const breaker *breaker);

#endif
