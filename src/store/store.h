/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be kept and found, in the words of the domain. Nothing above this header knows a table.
 *
 * A store is one connection and belongs to one thread at a time. Every function that writes must run
 * inside store_begin .. store_commit. `category` arguments name the Category of the route, or are
 * NULL; a thing that is not in it counts as absent. find: absence is an answer (*found false).
 * Views given to an `each` function are good only during that call; `each` returns false to stop
 * early (that is not a failure unless it recorded one in cx).
 *
 * Lists by pages give the items of a page from its boundary on: in the order of the list, or against it if
 * the page goes backward. *more: another item follows in that direction, or `each` stopped. What they
 * take in memory does not grow with the list.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/json.h"
#include "base/str.h"
#include "base/ulid.h"
#include "domain/dataschema.h"
#include "domain/filter.h"
#include "domain/page.h"
#include "domain/sort.h"
#include "domain/span.h"
#include "domain/thing.h"

typedef struct store_handle store_handle;
struct db_txid;

typedef enum store_mode {
    STORE_READ,   /* a reader of a running server */
    STORE_WRITE,  /* writes too; the schema must be ours */
    STORE_CREATE, /* makes folder and tables if absent, brings an older schema up to date */
} store_mode;

/* `url` is "sqlite:<folder>" or "postgres://...". Failure: one sentence that names the place and what
 * is wrong (in use, not writable, full, newer version, damaged). */
bool store_open(ix_ctx *cx, const char *url, store_mode mode, store_handle **ret);
void store_close(store_handle *store);
/* See db_driver, also for the next three. */
bool store_is_alive(store_handle *store);
bool store_limit(ix_ctx *cx, store_handle *store, int64_t statement_us);
void store_stop_at(store_handle *store, const _Atomic int64_t *until_us);
bool store_is_silent(store_handle *store);

/* Does asking take a trip, and waiting for somebody else? */
bool store_is_remote(const char *url);

/* What people call the store at `url`: like the url, without anything secret. In cx; NULL on failure. */
const char *store_name(ix_ctx *cx, const char *url);

/* Keeps every other server out of this store until the lock is let go. NULL on failure. For the server
 * that runs, and for restore. */
struct db_lock *store_lock(ix_ctx *cx, const char *url);
void store_unlock(struct db_lock *lock); /* NULL is fine */

bool store_begin(ix_ctx *cx, store_handle *store);
bool store_commit(ix_ctx *cx, store_handle *store); /* true: it is on disk */
/* A commit that failed may have been made nevertheless: see db_driver. */
bool store_in_doubt(store_handle *store, struct db_txid *ret);
bool store_outcome(ix_ctx *cx, store_handle *store, const struct db_txid *txid,
                   bool *ret_committed);
void store_rollback(store_handle *store);
bool store_savepoint(ix_ctx *cx, store_handle *store); /* nests: the next two end the innermost */
bool store_release(ix_ctx *cx, store_handle *store);
void store_rollback_to(store_handle *store);
bool store_in_transaction(store_handle *store);

bool store_version(ix_ctx *cx, store_handle *store, int64_t *ret); /* see db_driver.version */
bool store_backup(ix_ctx *cx, store_handle *store, int fd);        /* see db_driver.backup */
/* Puts a backup in the place of the store at `url` (which the caller has locked); the former store is
 * kept until the new one is complete. IOTS_INVALID if the file is not a backup of ours. */
bool store_restore(ix_ctx *cx, const char *url, const char *path);
bool store_check(ix_ctx *cx, store_handle *store);
int store_schema_version(void);
/* See db_driver.give_back and compact. */
bool store_give_back(ix_ctx *cx, store_handle *store, int most, bool *ret_more);
bool store_compact(ix_ctx *cx, store_handle *store, bool is_alone, bool *ret_done);
/* See db_driver. Of a store that is open for writing. */
bool store_reserve(ix_ctx *cx, store_handle *store, int64_t bytes, bool *ret_is_held);
void store_spend_reserve(store_handle *store);
/* Size on disk in bytes, as far as known. */
bool store_size(ix_ctx *cx, store_handle *store, int64_t *ret_bytes);

/* ---- spaces ---- */

/* IOTS_CONFLICT if there is one; IOTS_UNAVAILABLE if a former one is not all deleted. */
bool store_space_add(ix_ctx *cx, store_handle *store, const char *name, int64_t now_us);
/* Removes it with everything in it, which store_removals_purge deletes. *found false: there was none. */
bool store_space_remove(ix_ctx *cx, store_handle *store, const char *name, bool *found);
bool store_spaces_each(ix_ctx *cx, store_handle *store, bool (*each)(void *arg, ix_str name),
                       void *arg);

/* ---- what is removed and still to be deleted ---- */

/* Deletes about `most` rows of what removed things and spaces have left behind. *more: some is left. */
bool store_removals_purge(ix_ctx *cx, store_handle *store, int most, bool *more);
/* The same for what a thing of this uid has left. Who makes a thing again calls it, in transactions of their
 * own, until nothing is left; store_thing_add does what is left of it. */
bool store_removal_finish(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                          int most, bool *more);
/* Has this connection removed something of the kind since it was last asked? */
bool store_removals_noted(store_handle *store);

/* ---- clients, users, grants and tokens (docs/api/http.md section 3) ---- */

typedef struct client_row {
    const char *id;          /* app::<ULID> or <space>::<thing ULID> */
    const char *secret_hash; /* argon2id text; NULL for a public client */
    const char *scopes;      /* blank-separated names */
    const char *spaces;      /* blank-separated names */
    const char *thing;       /* uid a Thing's own client is bound to, or NULL */
    const char *redirects;   /* blank-separated URIs; NULL: none */
    int64_t created_us;
} client_row;

bool store_client_put(ix_ctx *cx, store_handle *store,
                      const client_row *client); /* new or replaced */
bool store_client_find(ix_ctx *cx, store_handle *store, const char *id, client_row *ret,
                       bool *found);
/* Its grants and tokens too. */
bool store_client_remove(ix_ctx *cx, store_handle *store, const char *id, bool *found);
bool store_clients_each(ix_ctx *cx, store_handle *store,
                        bool (*each)(void *arg, const client_row *row), void *arg);

/* People, who log in so that clients may act for them. */
typedef struct user_row {
    const char *name;
    const char *password_hash; /* argon2id text */
    const char *scopes;        /* blank-separated names */
    const char *spaces;        /* blank-separated names */
    int64_t created_us;
} user_row;

bool store_user_put(ix_ctx *cx, store_handle *store, const user_row *user); /* new or replaced */
bool store_user_find(ix_ctx *cx, store_handle *store, const char *name, user_row *ret, bool *found);
/* Their grants too, and the tokens issued from them. */
bool store_user_remove(ix_ctx *cx, store_handle *store, const char *name, bool *found);
bool store_users_each(ix_ctx *cx, store_handle *store, bool (*each)(void *arg, const user_row *row),
                      void *arg);

/* What a user has allowed a client: first there is a code, then there are tokens. */
typedef struct grant_row {
    const char *id;     /* secret enough that nobody guesses it */
    const char *client; /* its id */
    const char *user;   /* name */
    const char *scopes, *spaces;
    const char *redirect;  /* URI that the code was sent to */
    const char *challenge; /* of PKCE, S256; or NULL */
    const void *secret;    /* IX_DIGEST_LEN bytes: the code, later the refresh token, that is good
                              now; NULL: none is */
    bool is_redeemed;      /* the code was exchanged for tokens */
    int64_t expires_us;
    /* Of the last refresh token that was exchanged: its digest, what its successor was made of, and when;
     * both have IX_DIGEST_LEN bytes, or are NULL. */
    const void *former, *nonce;
    int64_t rotated_us;
} grant_row;

bool store_grant_add(ix_ctx *cx, store_handle *store, const grant_row *grant);
/* What was good until now (`spent`) makes way for grant->secret; is_redeemed and all that follows are
 * set too. *found false: it was not good any more, because somebody else was quicker; nothing is set. */
bool store_grant_exchange(ix_ctx *cx, store_handle *store, const grant_row *grant,
                          const void *spent, bool *found);
bool store_grant_find(ix_ctx *cx, store_handle *store, const char *id, grant_row *ret, bool *found);
/* Revokes all that was issued from it; `each` hears the digests of its access tokens before they go. */
bool store_grant_remove(ix_ctx *cx, store_handle *store, const char *id,
                        bool (*each)(void *arg, const void *digest), void *arg);
/* Revokes all grants of a user. */
bool store_grants_remove_of(ix_ctx *cx, store_handle *store, const char *user);
/* Hears the digests of the live tokens that clients have by what the user allowed. */
bool store_user_tokens_each(ix_ctx *cx, store_handle *store, const char *user,
                            bool (*each)(void *arg, const void *digest), void *arg);

typedef struct token_row {
    const void *digest; /* IX_DIGEST_LEN bytes; the token itself is kept nowhere */
    const char *client;
    const char *scopes; /* granted, blank-separated */
    const char *spaces; /* of its client, blank-separated */
    const char *thing;  /* of its client, or NULL */
    const char *grant;  /* id of the grant that it was issued from, or NULL */
    int64_t expires_us;
} token_row;

bool store_token_add(ix_ctx *cx, store_handle *store, const token_row *token);
bool store_token_remove(ix_ctx *cx, store_handle *store, const void *digest, bool *found);
/* Revokes every token of a client, and every grant. */
bool store_tokens_remove_of(ix_ctx *cx, store_handle *store, const char *client);
/* Forgets tokens and grants that expired before `now_us`, at most `most` of each; *ret_more: there may be
 * others. */
bool store_tokens_purge(ix_ctx *cx, store_handle *store, int64_t now_us, int most, bool *ret_more);
bool store_tokens_each(ix_ctx *cx, store_handle *store,
                       bool (*each)(void *arg, const token_row *row), void *arg);

/* ---- MQTT credentials (section 15.2) ---- */

/* Whose they are. */
typedef struct credentials_owner {
    const char *space;
    const char *thing, *category; /* one of them; the other is NULL */
} credentials_owner;

typedef struct credentials_row {
    credentials_owner owner;
    const char *id;
    const char *username;      /* <name>@<space>; no two in the store are the same */
    const char *password_hash; /* argon2id text */
    const char *description;
    bool enabled;
    int64_t created_us;
} credentials_row;

/* New, or in place of those that the owner has. IOTS_CONFLICT if the username is taken. */
bool store_credentials_put(ix_ctx *cx, store_handle *store, const credentials_row *row);
bool store_credentials_find(ix_ctx *cx, store_handle *store, const credentials_owner *owner,
                            credentials_row *ret, bool *found);
bool store_credentials_find_user(ix_ctx *cx, store_handle *store, const char *space,
                                 const char *username, credentials_row *ret, bool *found);
bool store_credentials_remove(ix_ctx *cx, store_handle *store, const credentials_owner *owner,
                              bool *found);

/* ---- Categories (section 6) ---- */

typedef struct category_row {
    const char *name, *description;
    const char *model; /* or NULL */
    int64_t version;   /* 0: not fixed */
    int64_t created_us, modified_us;
    const char *history_retention, *silent_after; /* durations as they were given, or NULL */
} category_row;

bool store_category_add(ix_ctx *cx, store_handle *store, const char *space,
                        const category_row *row);
bool store_category_set(ix_ctx *cx, store_handle *store, const char *space,
                        const category_row *row);
bool store_category_find(ix_ctx *cx, store_handle *store, const char *space, const char *name,
                         category_row *ret, bool *found);
/* Things stay and lose it; one that had its Model through the Category keeps it as its own. Takes `most`
 * Things out of it; *more: others are left in it, and the Category is still there. */
bool store_category_remove(ix_ctx *cx, store_handle *store, const char *space, const char *name,
                           int most, bool *found, bool *more);
/* In order of their names. Cursors hold [name]. */
bool store_categories_list(ix_ctx *cx, store_handle *store, const char *space,
                           const page_range *page, bool (*each)(void *arg, const category_row *row),
                           void *arg, bool *more);

/* The Things in a Category, ascending. */
bool store_members_each(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                        bool (*each)(void *arg, ix_str uid), void *arg);

/* ---- Models and their versions (section 7) ---- */

typedef struct model_row {
    const char *id, *name, *description;
    int64_t created_us, modified_us;
} model_row;

bool store_model_add(ix_ctx *cx, store_handle *store, const char *space, const model_row *row);
bool store_model_set(ix_ctx *cx, store_handle *store, const char *space, const model_row *row);
bool store_model_find(ix_ctx *cx, store_handle *store, const char *space, const char *name,
                      model_row *ret, bool *found);
/* With all its versions. */
bool store_model_remove(ix_ctx *cx, store_handle *store, const char *space, const char *name);
/* Does any Category, does any Thing have it? */
bool store_model_used(ix_ctx *cx, store_handle *store, const char *space, const char *name,
                      bool *ret_by_categories, bool *ret_by_things);
/* As store_categories_list. */
bool store_models_list(ix_ctx *cx, store_handle *store, const char *space, const page_range *page,
                       bool (*each)(void *arg, const model_row *row), void *arg, bool *more);

typedef struct version_row {
    int64_t version;
    ix_str title, description;
    ix_str template; /* JSON object */
    int64_t created_us;
} version_row;

/* The number of the newest version of a Model; 0: it has none. */
bool store_version_newest(ix_ctx *cx, store_handle *store, const char *space, const char *model,
                          int64_t *ret);
/* `row->version` is the number after the newest one's. */
bool store_version_add(ix_ctx *cx, store_handle *store, const char *space, const char *model,
                       const version_row *row);
bool store_version_find(ix_ctx *cx, store_handle *store, const char *space, const char *model,
                        int64_t version, version_row *ret, bool *found);
/* In order of their numbers. Cursors hold [version]. */
bool store_versions_list(ix_ctx *cx, store_handle *store, const char *space, const char *model,
                         const page_range *page, bool (*each)(void *arg, const version_row *row),
                         void *arg, bool *more);

/* ---- Things (sections 8, 10) ---- */

/* What is written of a thing. */
typedef struct thing_row {
    const char *uid;
    const char *title;
    const char *description;   /* or NULL */
    const char *doc;           /* stored form, thing_stored_text */
    const ix_json *types;      /* @type: string, array or NULL */
    const ix_json *properties; /* affordances by name */
    const ix_json *actions;    /* likewise; NULL: none */
    const ix_json *events;     /* likewise; NULL: none */
    const ix_json *links;      /* array */
    const char **categories;   /* sorted; ignored by store_thing_set if keep_categories */
    size_t category_count;
    bool keep_categories;
    const char *model; /* or NULL */
    int64_t version;
    int64_t created_us, modified_us;
} thing_row;

/* Values of properties that vanish are dropped; those that stay keep theirs. IOTS_CONFLICT if the uid
 * is taken. The values of status are set by store_values_set afterwards. */
bool store_thing_add(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row);
bool store_thing_set(ix_ctx *cx, store_handle *store, const char *space, const thing_row *row);
/* What the thing was and had; its history and its requests of actions and occurrences of events are only
 * noted as removed, see store_removals_purge. */
bool store_thing_remove(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                        bool *found);

/* The whole thing, on request with the times of its values; the view lives in cx. */
bool store_thing_find(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                      const char *uid, bool with_times, thing_view *ret, bool *found);
bool store_thing_exists(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                        const char *uid, bool *found);
bool store_thing_set_client(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                            const char *client_id);

/* One page of things that match, in the order of `sort`. `keys` are those of a cursor (page.h), which
 * hold store_things_keys values. */
bool store_things_list(ix_ctx *cx, store_handle *store, const char *space,
                       const thing_filter *filter, const sort_list *sort, const page_range *page,
                       bool (*each)(void *arg, const thing_view *view, ix_str keys), void *arg,
                       bool *more);
size_t store_things_keys(const sort_list *sort);

/* The plan of that page (things_plan.h) as text for people, in lines, in cx. */
bool store_things_explain(ix_ctx *cx, store_handle *store, const char *space,
                          const thing_filter *filter, const sort_list *sort, const page_range *page,
                          ix_str *ret);

enum { THINGS_REMOVED_MAX = 2000 }; /* at once: others wait meanwhile */

/* Removes all that match; `each` hears their uids, ascending, before they go. IOTS_INVALID if they are more
 * than THINGS_REMOVED_MAX: then none is removed. */
bool store_things_remove(ix_ctx *cx, store_handle *store, const char *space,
                         const thing_filter *filter, bool (*each)(void *arg, ix_str uid),
                         void *arg);

/* The largest uid or ID of an interaction that was made up to `until_us`, so that later ones are larger. *found
 * false: there is none. */
bool store_last_uid(ix_ctx *cx, store_handle *store, int64_t until_us, ix_ulid *ret, bool *found);

/* ---- values of properties (section 11) ---- */

/* Each value has the time at which it was last written. To find things by it, properties.c keeps two
 * columns: `at`, which is the time, and `at_floor`, which is in an index (space, name, at_floor, thing) and
 * for which
 *
 *     at - VALUE_TIME_SLACK_US <= at_floor <= at
 *
 * always holds; both are NULL for a value that was never written, which is not in the index. So a value
 * that is reported all the time moves in the index once in a while only. Who looks for times before T goes
 * through what has at_floor < T, and asks `at` of each; for times after T, through what has
 * at_floor > T - VALUE_TIME_SLACK_US. Who wants them in order goes along the index and has the next one for
 * certain as soon as at_floor has come past it (upwards), or lies VALUE_TIME_SLACK_US below it (downwards). */
enum { VALUE_TIME_SLACK_US = 10 * 1000 * 1000 };

typedef struct property_row {
    ix_str affordance; /* JSON text */
    ix_str value;      /* JSON text; "null" when never set */
    int64_t at_us;     /* when it was last written; 0: never */
    int64_t floor_us;  /* at_floor; 0: never */
} property_row;

/* One query. *found false: no such thing (in the category), or the property is not defined. The views
 * live in cx. */
bool store_property_find(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                         const char *uid, const char *name, property_row *ret, bool *found);

typedef enum values_form {
    VALUES_ONLY,       /* {"t":21.5} */
    VALUES_TIMES,      /* {"t":"2025-03-04T05:06:07Z"}; null: never written */
    VALUES_WITH_TIMES, /* {"t":{"value":21.5,"at":"2025-03-04T05:06:07Z"}} */
} values_form;

/* Appends one value in this form, without its name. */
void value_write(ix_buf *buf, ix_str value, int64_t at_us, values_form form);

/* All values as the text of a JSON object, in cx. Empty object for a thing without properties; ask
 * store_thing_exists for existence. */
bool store_values_get(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                      values_form form, ix_str *ret);

/* Sets each value of the object `values` (the properties must be defined), at one moment: `now_us`,
 * moved on by a microsecond until no property of them has history there. With `history` also adds
 * them to it. `before` saves reading what is there: the rows of these properties in the order of
 * `values`, as found in this transaction; NULL, or a row without a value: not at hand. */
bool store_values_set(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                      const ix_json *values, const property_row *before, int64_t now_us,
                      bool history);

/* Says that the value of a property (if it is defined) was last written at `at_us`; 0: never. For things
 * that come from elsewhere. */
bool store_value_time_set(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                          const char *name, int64_t at_us);

/* ---- history (section 12) ---- */

/* *taken: there is a value for this property at this moment already; nothing was stored. */
bool store_history_add(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                       const char *name, int64_t at_us, const ix_json *value, bool *taken);

/* Is there exactly this value for this property at this moment? */
bool store_history_has(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                       const char *name, int64_t at_us, const ix_json *value, bool *same);

typedef struct history_query {
    const char *name; /* only this property, or NULL */
    const time_span
        *at;    /* NULL: everything. A moment: the newest value up to it of each property */
    bool group; /* one item per moment */
    bool is_oldest_first;
} history_query;

/* Newest or oldest first, then property name. Cursors hold [at_us, name], or [at_us] when grouped. `values`
 * is the JSON text of an object: one member, or several when grouped. */
bool store_history_list(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                        const history_query *query, const page_range *page,
                        bool (*each)(void *arg, int64_t at_us, ix_str name, ix_str values),
                        void *arg, bool *more);

/* The names of the properties of the thing that have values in the history, ascending. They live in cx. */
bool store_history_names(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                         const char ***ret, size_t *ret_count);

/* Is there any value of this property in the history? */
bool store_history_any(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                       const char *name, bool *found);

/* Removes what the properties names[*next] to names[count - 1] had in the span, oldest values first, at
 * most `most` of them in all. *next becomes the property to go on with; `count` says that nothing is left.
 * *ret_done is how many values were removed and properties finished. */
bool store_history_remove(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                          const char *const *names, size_t count, const time_span *at, int most,
                          size_t *next, int *ret_done);

/* Removes values older than `before_us` over all spaces, at most `most`, a few from each property in
 * turn; *ret_removed says how many went, *ret_more whether there may be others. For the retention
 * setting. */
bool store_history_purge(ix_ctx *cx, store_handle *store, int64_t before_us, int most,
                         int64_t *ret_removed, bool *ret_more);

/* Removes what is older than its Category or its property lets it become (12.6), at most `most`; for both
 * the shorter time wins, since each removes what is past it. Looks at a part of the Things in one go:
 * *more says that it has not been through all of them, or has left something. */
bool store_history_purge_narrower(ix_ctx *cx, store_handle *store, int64_t now_us, int most,
                                  int64_t *ret_removed, bool *more);

/* ---- requests of actions and occurrences of events (sections 13 and 14) ---- */

typedef enum interaction_kind {
    INTERACTION_ACTION = 0,
    INTERACTION_EVENT = 1
} interaction_kind; /* as stored */

enum { INTERACTIONS_KEPT = 100 }; /* of one name and thing */

/* Which interactions: those of a thing and a name, or of all names. */
typedef struct interaction_key {
    const char *space, *thing;
    interaction_kind kind;
    const char *name; /* of the action or event; NULL: of all */
} interaction_key;

/* The affordance of the action or event, as JSON text that lives in cx. *found false: no such thing
 * (in the category), or it is not defined. */
bool store_affordance_find(ix_ctx *cx, store_handle *store, const interaction_key *key,
                           const char *category, ix_str *ret, bool *found);

/* Adds one, with an ID larger than those before. Of more than INTERACTIONS_KEPT the oldest goes. */
bool store_interaction_add(ix_ctx *cx, store_handle *store, const interaction_key *key,
                           const char *id, const char *doc);
/* The same for one that comes from elsewhere, which is not a change (change.h). */
bool store_interaction_preserve(ix_ctx *cx, store_handle *store, const interaction_key *key,
                                const char *id, const char *doc);
bool store_interaction_set(ix_ctx *cx, store_handle *store, const interaction_key *key,
                           const char *id, const char *doc);
/* The text lives in cx. *found false: no such thing (in the category), or no such interaction of it. */
bool store_interaction_find(ix_ctx *cx, store_handle *store, const interaction_key *key,
                            const char *category, const char *id, ix_str *ret, bool *found);
bool store_interaction_remove(ix_ctx *cx, store_handle *store, const interaction_key *key,
                              const char *id);

/* Is there any interaction? */
bool store_interactions_any(ix_ctx *cx, store_handle *store, const interaction_key *key,
                            bool *found);

/* Oldest first. Cursors hold [id]. */
bool store_interactions_list(ix_ctx *cx, store_handle *store, const interaction_key *key,
                             const page_range *page,
                             bool (*each)(void *arg, ix_str id, ix_str name, ix_str doc), void *arg,
                             bool *more);

/* ---- e-mail that waits to be sent (section 17) ---- */

typedef struct mail_row {
    const char *space;
    const char *id;         /* a ULID */
    const char *recipients; /* JSON array of mailboxes */
    const char *doc;        /* JSON text, domain/mail.h */
    int64_t attempts;       /* begun so far */
    int64_t created_us;
} mail_row;

/* It is due at once. */
bool store_mail_add(ix_ctx *cx, store_handle *store, const mail_row *row);

/* How many messages wait. */
bool store_mail_count(ix_ctx *cx, store_handle *store, int64_t *ret);

/* Does so much wait already? */
bool store_mail_is_full(ix_ctx *cx, store_handle *store, int most, bool *ret);

/* Takes what has been due longest: counts the attempt, and makes it due again at `again_us`, should
 * nothing be heard of this attempt. The row lives in cx. */
bool store_mail_take(ix_ctx *cx, store_handle *store, int64_t now_us, int64_t again_us,
                     mail_row *ret, bool *found);

/* When something is due next. */
bool store_mail_due(ix_ctx *cx, store_handle *store, int64_t *ret_us, bool *found);

/* Tries it again at `due_us`, for these recipients. */
bool store_mail_postpone(ix_ctx *cx, store_handle *store, const char *space, const char *id,
                         const char *recipients, int64_t due_us);

bool store_mail_remove(ix_ctx *cx, store_handle *store, const char *space, const char *id);

/* Makes due at `now_us` what would be later. */
bool store_mail_hurry(ix_ctx *cx, store_handle *store, int64_t now_us);

#endif
