/* SPDX-License-Identifier: Apache-2.0 */
/* Noting of changes, for the files that make them. Both do nothing if nobody asked for changes. */
#ifndef SQL_CHANGES_H
#define SQL_CHANGES_H

#include "store/change.h"

typedef struct change_notes change_notes;

/* Copies what it is given. at_us 0: now. Looks up the Categories of the Thing if they are NULL. */
bool changes_note(ix_ctx *cx, store_handle *store, const change *seen);

/* A Thing as it is stored now. */
bool changes_note_thing(ix_ctx *cx, store_handle *store, change_kind kind, const char *space,
                        const char *uid);

#endif
