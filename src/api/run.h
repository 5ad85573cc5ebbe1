/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How operations are run: what the server needs to know of each beside the contract (run.def).
 *
 * A row has the handler on_<name>, and what goes before it. Every operation has a row, or this does not
 * compile.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>

#include "api/call.h"

/* Where the handler runs, and on what of the store. */
typedef enum run_way {
    RUN_AT_ONCE,       /* asks the store nothing: answered by the thread that has the request */
    RUN_WITHOUT_STORE, /* the same, but takes its time: on a thread that reads */
    RUN_READ_ONCE,     /* asks the store one question, so it needs no snapshot */
    RUN_READ,          /* asks several: on a snapshot, so that all answers are of one moment */
    RUN_WRITE,         /* in the committer, inside a savepoint of its own */
    /* in the committer, without: it refuses only before it writes (in its plan), and whatever fails
     * afterwards is the store or the memory */
    RUN_WRITE_CHECKED,
} run_way;

/* On a full disk only what makes room (deletions) or lets someone in (tokens) is done. */
typedef enum run_full { RUN_REFUSED, RUN_DONE } run_full;

typedef struct op_run {
    run_way way;
    run_full when_full;
    /* Before all else, on a worker: what takes long and needs nothing but reading, as hashing a secret.
     * May make the reply. NULL: nothing. */
    handler *offload;
    /* What can be decided by reading, of a handler that writes and takes work: is all there that path and
     * body name, does the body fit? The committer runs it before the handler. NULL: nothing. */
    handler *plan;
    /* Is all there that the path names (exists.h)? Asked only to choose between what is wrong with query or
     * body, and 404. NULL: the path names nothing below the space. */
    handler *exists;
    handler *handle;
} op_run;

/* The row of an operation. */
const op_run *run_of(const ix_op *op);

bool run_writes(const op_run *run);

/* Is this operation (ix_op_id) not written yet (unimplemented.def), so that it answers 501? */
bool op_is_unimplemented(size_t op);

#endif
