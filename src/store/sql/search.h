/* SPDX-License-Identifier: Apache-2.0 */
/* The texts that Things are searched by, as a store gets them. */
#ifndef SEARCH_H
#define SEARCH_H

#include "store/sql/sql.h"

/* Steps of the schema: to 7, writes the texts of all Things; to 8, makes the index of their grams. */
bool search_fill(ix_ctx *cx, db_conn *db);
bool search_index(ix_ctx *cx, db_conn *db);

#endif
