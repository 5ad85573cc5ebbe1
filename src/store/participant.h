/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who takes part in the transactions of a store, beside its database: a row in store.c.
 *
 * None but `prepare` can fail. Every function is called on the thread that the store belongs to; those that
 * are NULL are not.
 */
#ifndef STORE_PARTICIPANT_H
#define STORE_PARTICIPANT_H

#include <stdbool.h>

#include "base/ctx.h"

typedef struct store_handle store_handle;

typedef struct store_participant {
    void (*begun)(store_handle *store);
    bool (*prepare)(ix_ctx *cx, store_handle *store); /* before the commit; may still write */
    void (*committed)(
        store_handle *store); /* and it is on disk; not called while that is in doubt */
    void (*rolled_back)(store_handle *store);
    void (*savepoint)(store_handle *store); /* they nest, and the next two end the innermost */
    void (*released)(store_handle *store);
    void (*rolled_back_to)(store_handle *store);
    void (*closed)(store_handle *store);
} store_participant;

extern const store_participant changes_participant; /* changes.c */

#endif
