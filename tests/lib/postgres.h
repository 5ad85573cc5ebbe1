/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases in the PostgreSQL cluster of the tests (tests/postgres), for those whose environment says
 * where it is: IOTS_TEST_POSTGRES, the folder of its socket.
 */
#ifndef POSTGRES_H
#define POSTGRES_H

#include <stdbool.h>

#include "base/ctx.h"

enum { POSTGRES_NAME = 32 }; /* room for the name of a database */

/* The folder of the cluster; NULL: tests are to use SQLite. */
const char *postgres_folder(void);

/* Makes a new, empty database and says its name. Where PostgreSQL is not installed there is no folder:
 * then "skipped: ..." is printed, for ctest. */
bool postgres_make(ix_ctx *cx, char name[POSTGRES_NAME]);

/* Removes it, whoever is still connected. */
void postgres_drop(const char *name);

/* The url of a database, in cx. */
const char *postgres_url(ix_ctx *cx, const char *name);

/* Runs SQL that has no rows worth having. */
bool postgres_do(ix_ctx *cx, const char *name, const char *sql);

#endif
