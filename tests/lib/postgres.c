/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres.h"

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"

/* The database that every cluster has. */
static const char common[] = "postgres";

const char *postgres_folder(void)
{
    return getenv("IOTS_TEST_POSTGRES");
}

const char *postgres_url(ix_ctx *cx, const char *name)
{
    ix_buf url = {0};
    ix_buf_format(&url, "postgres://iots@/%s?host=", name);
    ix_buf_percent(&url, ix_str_of(postgres_folder()));
    const char *text = ix_strdup(cx, ix_buf_cstr(&url));
    ix_buf_done(&url);
    return text;
}

bool postgres_do(ix_ctx *cx, const char *name, const char *sql)
{
    const char *url = postgres_url(cx, name);
    if (!url)
        return false;
    PGconn *conn = PQconnectdb(url);
    PGresult *result = PQstatus(conn) == CONNECTION_OK ? PQexec(conn, sql) : NULL;
    const ExecStatusType status = PQresultStatus(result);
    const bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!ok)
        ix_fail(cx, IOTS_UNAVAILABLE, "%s: %s", sql, PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
    return ok;
}

bool postgres_make(ix_ctx *cx, char name[POSTGRES_NAME])
{
    static atomic_int count;
    char made[POSTGRES_NAME];
    if (access(postgres_folder(), F_OK) != 0) {
        printf("skipped: there is no PostgreSQL in %s\n", postgres_folder());
        return ix_fail(cx, IOTS_UNAVAILABLE, "skipped");
    }
    snprintf(made, sizeof(made), "d%d_%d", (int)getpid(), atomic_fetch_add(&count, 1));
    /* Copying files is the quickest way where nothing is synced to disk. */
    const char *sql = ix_format(cx, "CREATE DATABASE %s STRATEGY file_copy", made);
    if (!sql || !postgres_do(cx, common, sql))
        return false;
    snprintf(name, POSTGRES_NAME, "%s", made);
    return true;
}

void postgres_drop(const char *name)
{
    ix_ctx cx;
    if (ix_ctx_init(&cx, 0))
        postgres_do(&cx, common, ix_format(&cx, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name));
    ix_ctx_done(&cx);
}
