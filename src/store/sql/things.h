/* SPDX-License-Identifier: Apache-2.0 */
/* What things.c and scan_sql.c share. */
#ifndef THINGS_H
#define THINGS_H

#include "store/sql/sql.h"

/* The columns a view is read from, of `things t`. */
#define THING_COLUMNS \
    "t.uid, t.categories, t.model, t.version, t.client_id, t.created, t.modified, t.doc"

enum { THING_COLUMN_COUNT = 8 };

/* The view of a row of THING_COLUMNS, without status. Good until the next step. */
thing_view thing_view_of(store_handle *store, db_rows *row);

/* Copies the texts of a view into cx, so that it outlives its row. */
bool thing_view_keep(ix_ctx *cx, thing_view *view);

#endif
