/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may come in: the live tokens and the spaces there are, in memory.
 *
 * The store is asked when they are loaded; checking a token costs no query. Changes are reported here
 * after they are committed. Every function may be called from any thread.
 */
#ifndef AUTH_H
#define AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "api/caller.h"
#include "base/ctx.h"
#include "base/map.h"
#include "base/str.h"
#include "store/store.h"

typedef struct api_auth api_auth;

api_auth *auth_new(ix_ctx *cx);
void auth_free(api_auth *auth);

/* Reads tokens and spaces anew. Those known before stay good until it is done; if it fails, on. */
bool auth_load(ix_ctx *cx, api_auth *auth, store_handle *store, int64_t now_us);

/* The caller behind an Authorization header, copied into cx. IOTS_UNAUTHENTICATED. */
bool auth_check(ix_ctx *cx, api_auth *auth, ix_str authorization, int64_t now_us, api_caller *ret);

/* The same for the token alone, wherever it was given. */
bool auth_check_token(ix_ctx *cx, api_auth *auth, ix_str token, int64_t now_us, api_caller *ret);

/* Tokens in memory: the good ones, and expired ones that nobody has thrown out yet. */
size_t auth_token_count(api_auth *auth);

/* Is there a space of this name? */
bool auth_has_space(api_auth *auth, const char *name);

/* May this caller touch the space; the Thing (NULL: no Thing in particular)? */
bool caller_may_enter(const api_caller *who, const char *space);
bool caller_may_touch(const api_caller *who, const char *thing);

/* The client a live token was given to, copied into cx; *ret NULL: no such token. */
bool auth_find_client(ix_ctx *cx, api_auth *auth, const void *digest, const char **ret);

/* After the commit. False when out of memory: the token is then good after the next load only. */
bool auth_token_added(api_auth *auth, const token_row *row, int64_t now_us);
void auth_token_removed(api_auth *auth, const void *digest);
/* Clients are gone, with all their tokens. `ids` is a set: names to anything but NULL. */
void auth_clients_removed(api_auth *auth, const ix_map *ids);
/* False when out of memory: the space is there after the next load only. */
bool auth_space_added(api_auth *auth, const char *name);
/* No token enters it any more, not even if there is one of that name again. */
void auth_space_removed(api_auth *auth, const char *name);

#endif
