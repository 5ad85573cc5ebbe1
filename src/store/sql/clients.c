/* SPDX-License-Identifier: Apache-2.0 */
/* Clients and their tokens. A token never outlives its client. */
#include "base/crypto.h"
#include "store/sql/parts.h"

#define CLIENT_COLUMNS "id, secret, scopes, spaces, thing, redirects, created"
#define TOKEN_COLUMNS  "digest, client, scopes, spaces, thing, grant_id, expires"

bool store_client_put(ix_ctx *cx, store_handle *store, const client_row *client)
{
    static const char sql[] =
        "INSERT INTO clients (" CLIENT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (id) DO UPDATE SET secret = excluded.secret, scopes = excluded.scopes,"
        " spaces = excluded.spaces, thing = excluded.thing, redirects = excluded.redirects,"
        " created = excluded.created";
    return sql_do(cx, store, sql,
                  ARGS(db_text(client->id), db_text(client->secret_hash), db_text(client->scopes),
                       db_text(client->spaces), db_text(client->thing),
                       db_text(client->redirects ? client->redirects : ""),
                       db_int(client->created_us)));
}

/* Reads a row of CLIENT_COLUMNS into cx. */
static bool client_read(ix_ctx *cx, store_handle *store, db_rows *row, client_row *ret)
{
    *ret = (client_row){
        .id = sql_text(cx, store, row, 0),
        .secret_hash = sql_text(cx, store, row, 1),
        .scopes = sql_text(cx, store, row, 2),
        .spaces = sql_text(cx, store, row, 3),
        .thing = sql_text(cx, store, row, 4),
        .redirects = sql_text(cx, store, row, 5),
        .created_us = sql_int(store, row, 6),
    };
    return !ix_failed(cx);
}

bool store_client_find(ix_ctx *cx, store_handle *store, const char *id, client_row *ret,
                       bool *found)
{
    static const char sql[] = "SELECT " CLIENT_COLUMNS " FROM clients"
                              " WHERE id = $1";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(id)), &row))
        return false;
    *found = row != NULL;
    const bool ok = !row || client_read(cx, store, row, ret);
    sql_done(store, row);
    return ok;
}

bool store_client_remove(ix_ctx *cx, store_handle *store, const char *id, bool *found)
{
    static const char sql[] = "DELETE FROM clients WHERE id = $1";
    static const char forget_sql[] = "UPDATE things SET client_id = NULL"
                                     " WHERE space = $1 AND uid = $2 AND client_id = $3";
    client_row client;
    if (!store_client_find(cx, store, id, &client, found))
        return false;
    if (!*found)
        return true;
    if (client.thing && !sql_do(cx, store, forget_sql,
                                ARGS(db_text(client.spaces), db_text(client.thing), db_text(id))))
        return false;
    return sql_do(cx, store, sql, ARGS(db_text(id))) && store_tokens_remove_of(cx, store, id);
}

bool store_clients_each(ix_ctx *cx, store_handle *store,
                        bool (*each)(void *arg, const client_row *row), void *arg)
{
    static const char sql[] = "SELECT " CLIENT_COLUMNS " FROM clients"
                              " ORDER BY id";
    db_rows *rows;
    if (!sql_rows(cx, store, sql, NULL, 0, &rows))
        return false;
    client_row client;
    while (sql_next(cx, store, rows) && client_read(cx, store, rows, &client) && each(arg, &client))
        continue;
    sql_done(store, rows);
    return !ix_failed(cx);
}

bool clients_leave_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char tokens_sql[] = "UPDATE tokens SET spaces = " SQL_SPACES_WITHOUT_1
                                     " WHERE thing IS NULL AND " SQL_SPACES_HAVE_1;
    static const char clients_sql[] = "UPDATE clients SET spaces = " SQL_SPACES_WITHOUT_1
                                      " WHERE thing IS NULL AND " SQL_SPACES_HAVE_1;
    return sql_do(cx, store, tokens_sql, ARGS(db_text(space))) &&
           sql_do(cx, store, clients_sql, ARGS(db_text(space)));
}

bool clients_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char tokens_sql[] =
        "DELETE FROM tokens WHERE client IN"
        " (SELECT client_id FROM things WHERE space = $1 AND client_id IS NOT NULL)";
    static const char clients_sql[] =
        "DELETE FROM clients WHERE id IN"
        " (SELECT client_id FROM things WHERE space = $1 AND client_id IS NOT NULL)";
    static const char narrow_tokens_sql[] =
        "UPDATE tokens SET spaces = " SQL_SPACES_WITHOUT_1 " WHERE " SQL_SPACES_HAVE_1;
    static const char narrow_clients_sql[] =
        "UPDATE clients SET spaces = " SQL_SPACES_WITHOUT_1 " WHERE " SQL_SPACES_HAVE_1;

    return sql_do(cx, store, tokens_sql, ARGS(db_text(space))) &&
           sql_do(cx, store, clients_sql, ARGS(db_text(space))) &&
           sql_do(cx, store, narrow_tokens_sql, ARGS(db_text(space))) &&
           sql_do(cx, store, narrow_clients_sql, ARGS(db_text(space)));
}

/* ---- tokens ---- */

bool store_token_add(ix_ctx *cx, store_handle *store, const token_row *token)
{
    static const char sql[] = "INSERT INTO tokens (" TOKEN_COLUMNS ")"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7)";
    return sql_do(cx, store, sql,
                  ARGS(db_blob(token->digest, IX_DIGEST_LEN), db_text(token->client),
                       db_text(token->scopes), db_text(token->spaces), db_text(token->thing),
                       db_text(token->grant), db_int(token->expires_us)));
}

bool store_token_remove(ix_ctx *cx, store_handle *store, const void *digest, bool *found)
{
    static const char sql[] = "DELETE FROM tokens WHERE digest = $1";
    if (!sql_do(cx, store, sql, ARGS(db_blob(digest, IX_DIGEST_LEN))))
        return false;
    *found = sql_changes(store) > 0;
    return true;
}

bool store_tokens_remove_of(ix_ctx *cx, store_handle *store, const char *client)
{
    static const char sql[] = "DELETE FROM tokens WHERE client = $1";
    return sql_do(cx, store, sql, ARGS(db_text(client))) && grants_drop_client(cx, store, client);
}

bool store_tokens_purge(ix_ctx *cx, store_handle *store, int64_t now_us, int most, bool *ret_more)
{
    static const char sql[] = "DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens"
                              " WHERE expires < $1 ORDER BY expires LIMIT $2)";
    if (!sql_do(cx, store, sql, ARGS(db_int(now_us), db_int(most))))
        return false;
    const bool more = sql_changes(store) >= most;
    if (!grants_purge(cx, store, now_us, most))
        return false;
    *ret_more = more || sql_changes(store) >= most;
    return true;
}

bool store_tokens_each(ix_ctx *cx, store_handle *store,
                       bool (*each)(void *arg, const token_row *row), void *arg)
{
    static const char sql[] = "SELECT " TOKEN_COLUMNS " FROM tokens";
    db_rows *rows;
    if (!sql_rows(cx, store, sql, NULL, 0, &rows))
        return false;
    while (sql_next(cx, store, rows)) {
        const token_row token = {
            .client = sql_text(cx, store, rows, 1),
            .scopes = sql_text(cx, store, rows, 2),
            .spaces = sql_text(cx, store, rows, 3),
            .thing = sql_text(cx, store, rows, 4),
            .grant = sql_text(cx, store, rows, 5),
            .digest = sql_str(store, rows, 0).at,
            .expires_us = sql_int(store, rows, 6),
        };
        if (ix_failed(cx) || !each(arg, &token))
            break;
    }
    sql_done(store, rows);
    return !ix_failed(cx);
}
