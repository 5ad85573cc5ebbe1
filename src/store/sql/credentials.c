/* SPDX-License-Identifier: Apache-2.0 */
/* Who may speak MQTT. Credentials never outlive the Thing or Category that owns them. */
#include "store/sql/parts.h"

#define COLUMNS "space, kind, owner, id, username, password, enabled, description, created"

static const char *kind_of(const credentials_owner *owner)
{
    return owner->thing ? "thing" : "category";
}

static const char *name_of(const credentials_owner *owner)
{
    return owner->thing ? owner->thing : owner->category;
}

bool store_credentials_put(ix_ctx *cx, store_handle *store, const credentials_row *row)
{
    static const char sql[] =
        "INSERT INTO credentials (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (space, kind, owner) DO UPDATE SET id = excluded.id,"
        " username = excluded.username, password = excluded.password, enabled = excluded.enabled,"
        " description = excluded.description, created = excluded.created";
    return sql_do(cx, store, sql,
                  ARGS(db_text(row->owner.space), db_text(kind_of(&row->owner)),
                       db_text(name_of(&row->owner)), db_text(row->id), db_text(row->username),
                       db_text(row->password_hash), db_int(row->enabled), db_text(row->description),
                       db_int(row->created_us)));
}

/* Reads a row of COLUMNS into cx. */
static bool credentials_read(ix_ctx *cx, store_handle *store, db_rows *row, credentials_row *ret)
{
    const bool is_thing = ix_str_is(sql_str(store, row, 1), "thing");
    const char *name = sql_text(cx, store, row, 2);
    *ret = (credentials_row){
        .owner = {.space = sql_text(cx, store, row, 0),
                  .thing = is_thing ? name : NULL,
                  .category = is_thing ? NULL : name},
        .id = sql_text(cx, store, row, 3),
        .username = sql_text(cx, store, row, 4),
        .password_hash = sql_text(cx, store, row, 5),
        .enabled = sql_int(store, row, 6) != 0,
        .description = sql_text(cx, store, row, 7),
        .created_us = sql_int(store, row, 8),
    };
    return !ix_failed(cx);
}

static bool credentials_find(ix_ctx *cx, store_handle *store, const char *sql, const db_value *args,
                             size_t nargs, credentials_row *ret, bool *found)
{
    db_rows *row;
    if (!sql_first(cx, store, sql, args, nargs, &row))
        return false;
    *found = row != NULL;
    const bool ok = !row || credentials_read(cx, store, row, ret);
    sql_done(store, row);
    return ok;
}

bool store_credentials_find(ix_ctx *cx, store_handle *store, const credentials_owner *owner,
                            credentials_row *ret, bool *found)
{
    static const char sql[] = "SELECT " COLUMNS " FROM credentials"
                              " WHERE space = $1 AND kind = $2 AND owner = $3";
    return credentials_find(
        cx, store, sql,
        ARGS(db_text(owner->space), db_text(kind_of(owner)), db_text(name_of(owner))), ret, found);
}

bool store_credentials_find_user(ix_ctx *cx, store_handle *store, const char *space,
                                 const char *username, credentials_row *ret, bool *found)
{
    static const char sql[] = "SELECT " COLUMNS " FROM credentials"
                              " WHERE space = $1 AND username = $2";
    return credentials_find(cx, store, sql, ARGS(db_text(space), db_text(username)), ret, found);
}

bool store_credentials_remove(ix_ctx *cx, store_handle *store, const credentials_owner *owner,
                              bool *found)
{
    static const char sql[] = "DELETE FROM credentials"
                              " WHERE space = $1 AND kind = $2 AND owner = $3";
    if (!sql_do(cx, store, sql,
                ARGS(db_text(owner->space), db_text(kind_of(owner)), db_text(name_of(owner)))))
        return false;
    *found = sql_changes(store) > 0;
    return true;
}

bool credentials_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char sql[] = "DELETE FROM credentials WHERE space = $1";
    return sql_do(cx, store, sql, ARGS(db_text(space)));
}
