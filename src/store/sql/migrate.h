/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing a database to the schema of schema.def. */
#ifndef MIGRATE_H
#define MIGRATE_H

#include <stdbool.h>

#include "base/ctx.h"
#include "store/sql/db.h"

/* The version of the schema that this program knows. */
int migrate_newest(void);

/* Runs the steps it lacks, in one transaction. `place` names the store in a failure. IOTS_UNAVAILABLE
 * if the database is of a newer schema. */
bool migrate_run(ix_ctx *cx, db_conn *db, const char *place);

/* As an older program did, which knew no schema beyond `target`. */
bool migrate_to(ix_ctx *cx, db_conn *db, const char *place, int target);

/* True if the database is of exactly our schema. Else IOTS_UNAVAILABLE. */
bool migrate_check(ix_ctx *cx, db_conn *db, const char *place);

#endif
