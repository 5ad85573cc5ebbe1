/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What users have allowed clients. A grant is first a code and then tokens: it is one row from
 * beginning to end, so that whoever comes with a code or a refresh token of the past is known, and
 * all that was issued can be revoked. Tokens never outlive their grant.
 */
#include "base/crypto.h"
#include "store/sql/parts.h"

#define COLUMNS                                                                              \
    "id, client, username, scopes, spaces, redirect, challenge, secret, redeemed, expires, " \
    "former,"                                                                                \
    " nonce, rotated"

static db_value digest_value(const void *digest)
{
    return digest ? db_blob(digest, IX_DIGEST_LEN) : db_null();
}

bool store_grant_add(ix_ctx *cx, store_handle *store, const grant_row *grant)
{
    static const char sql[] = "INSERT INTO grants (" COLUMNS ")"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
                              " $13)";
    return sql_do(cx, store, sql,
                  ARGS(db_text(grant->id), db_text(grant->client), db_text(grant->user),
                       db_text(grant->scopes), db_text(grant->spaces), db_text(grant->redirect),
                       db_text(grant->challenge), digest_value(grant->secret),
                       db_int(grant->is_redeemed), db_int(grant->expires_us),
                       digest_value(grant->former), digest_value(grant->nonce),
                       db_int(grant->rotated_us)));
}

bool store_grant_exchange(ix_ctx *cx, store_handle *store, const grant_row *grant,
                          const void *spent, bool *found)
{
    static const char sql[] = "UPDATE grants SET secret = $2, redeemed = $3, expires = $4,"
                              " former = $6, nonce = $7, rotated = $8"
                              " WHERE id = $1 AND secret = $5";
    if (!sql_do(cx, store, sql,
                ARGS(db_text(grant->id), digest_value(grant->secret), db_int(grant->is_redeemed),
                     db_int(grant->expires_us), digest_value(spent), digest_value(grant->former),
                     digest_value(grant->nonce), db_int(grant->rotated_us))))
        return false;
    *found = sql_changes(store) > 0;
    return true;
}

/* Copied into cx; NULL for NULL. */
static const void *digest_read(ix_ctx *cx, store_handle *store, db_rows *row, int i)
{
    const ix_str bytes = sql_str(store, row, i);
    return bytes.len == IX_DIGEST_LEN ? ix_strndup(cx, bytes.at, bytes.len) : NULL;
}

bool store_grant_find(ix_ctx *cx, store_handle *store, const char *id, grant_row *ret, bool *found)
{
    static const char sql[] = "SELECT " COLUMNS " FROM grants WHERE id = $1";
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(id)), &row))
        return false;
    *found = row != NULL;
    if (!row)
        return true;
    *ret = (grant_row){
        .id = sql_text(cx, store, row, 0),
        .client = sql_text(cx, store, row, 1),
        .user = sql_text(cx, store, row, 2),
        .scopes = sql_text(cx, store, row, 3),
        .spaces = sql_text(cx, store, row, 4),
        .redirect = sql_text(cx, store, row, 5),
        .challenge = sql_text(cx, store, row, 6),
        .secret = digest_read(cx, store, row, 7),
        .is_redeemed = sql_int(store, row, 8) != 0,
        .expires_us = sql_int(store, row, 9),
        .former = digest_read(cx, store, row, 10),
        .nonce = digest_read(cx, store, row, 11),
        .rotated_us = sql_int(store, row, 12),
    };
    sql_done(store, row);
    return !ix_failed(cx);
}

/* Those that the statement finds for $1. */
static bool digests_each(ix_ctx *cx, store_handle *store, const char *sql, const char *of,
                         bool (*each)(void *arg, const void *digest), void *arg)
{
    db_rows *rows;
    if (!sql_rows(cx, store, sql, ARGS(db_text(of)), &rows))
        return false;
    while (sql_next(cx, store, rows) && each(arg, sql_str(store, rows, 0).at))
        continue;
    sql_done(store, rows);
    return !ix_failed(cx);
}

bool store_grant_remove(ix_ctx *cx, store_handle *store, const char *id,
                        bool (*each)(void *arg, const void *digest), void *arg)
{
    static const char find_sql[] = "SELECT digest FROM tokens WHERE grant_id = $1";
    static const char tokens_sql[] = "DELETE FROM tokens WHERE grant_id = $1";
    static const char sql[] = "DELETE FROM grants WHERE id = $1";
    return digests_each(cx, store, find_sql, id, each, arg) &&
           sql_do(cx, store, tokens_sql, ARGS(db_text(id))) &&
           sql_do(cx, store, sql, ARGS(db_text(id)));
}

bool store_user_tokens_each(ix_ctx *cx, store_handle *store, const char *user,
                            bool (*each)(void *arg, const void *digest), void *arg)
{
    static const char sql[] = "SELECT digest FROM tokens WHERE grant_id IN"
                              " (SELECT id FROM grants WHERE username = $1)";
    return digests_each(cx, store, sql, user, each, arg);
}

bool store_grants_remove_of(ix_ctx *cx, store_handle *store, const char *user)
{
    static const char tokens_sql[] = "DELETE FROM tokens WHERE grant_id IN"
                                     " (SELECT id FROM grants WHERE username = $1)";
    static const char sql[] = "DELETE FROM grants WHERE username = $1";
    return sql_do(cx, store, tokens_sql, ARGS(db_text(user))) &&
           sql_do(cx, store, sql, ARGS(db_text(user)));
}

bool grants_drop_client(ix_ctx *cx, store_handle *store, const char *client)
{
    static const char sql[] = "DELETE FROM grants WHERE client = $1";
    return sql_do(cx, store, sql, ARGS(db_text(client)));
}

bool grants_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char sql[] =
        "UPDATE grants SET spaces = " SQL_SPACES_WITHOUT_1 " WHERE " SQL_SPACES_HAVE_1;
    return sql_do(cx, store, sql, ARGS(db_text(space)));
}

/* Its tokens go first, a few at a time as well. */
bool grants_purge(ix_ctx *cx, store_handle *store, int64_t now_us, int most)
{
    static const char sql[] =
        "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE expires < $1 AND NOT EXISTS"
        " (SELECT 1 FROM tokens t WHERE t.grant_id = grants.id) ORDER BY expires LIMIT $2)";
    return sql_do(cx, store, sql, ARGS(db_int(now_us), db_int(most)));
}
