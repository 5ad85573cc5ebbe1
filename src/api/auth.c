/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two locks. `known_lock` guards the two maps and is held for the time of a look-up. `change_lock` is
 * held by whoever changes them, for as long as the change takes. A change that is committed while a
 * load reads an older snapshot waits for the load and then comes on top of it, so nothing is lost;
 * checks go on meanwhile.
 */
#include "api/auth.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/name_list.h"
#include "base/crypto.h"
#include "base/time.h"
#include "contract/scopes.h"

enum { SWEEP_EVERY_S = 60 };

typedef struct live_token {
    uint64_t scopes;
    int64_t expires_us;
    char *client, *spaces, *thing; /* in text; thing may be NULL */
    char text[];
} live_token;

typedef struct known {
    ix_map *tokens; /* digest to live_token, owned */
    ix_map *spaces; /* name to something */
} known;

struct api_auth {
    pthread_mutex_t change_lock;
    pthread_rwlock_t known_lock;
    known known;
    int64_t swept_us; /* when expired tokens were last thrown out; under change_lock */
};

static ix_str digest_key(const void *digest)
{
    return (ix_str){digest, IX_DIGEST_LEN};
}

/* ---- one token ---- */

static char *pack(char **to, const char *text)
{
    if (!text)
        return NULL;
    const size_t size = strlen(text) + 1;
    char *packed = memcpy(*to, text, size);
    *to += size;
    return packed;
}

static size_t packed_size(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static live_token *live_token_new(const token_row *row)
{
    live_token *token = malloc(sizeof *token + packed_size(row->client) + packed_size(row->spaces) +
                               packed_size(row->thing));
    if (!token)
        return NULL;
    char *to = token->text;
    token->scopes = ix_scopes_allowed(ix_str_of(row->scopes));
    token->expires_us = row->expires_us;
    token->client = pack(&to, row->client);
    token->spaces = pack(&to, row->spaces);
    token->thing = pack(&to, row->thing);
    return token;
}

/* Takes the place of a token with the same digest. */
static bool tokens_put(ix_map *tokens, const token_row *row)
{
    live_token *token = live_token_new(row);
    if (!token)
        return false;
    free(ix_map_take(tokens, digest_key(row->digest)));
    if (ix_map_put(tokens, digest_key(row->digest), token))
        return true;
    free(token);
    return false;
}

/* ---- all that is known ---- */

static bool token_drop(ix_str digest, void *token, void *arg)
{
    (void)digest;
    (void)arg;
    free(token);
    return true;
}

static void known_done(known *known)
{
    if (known->tokens)
        ix_map_each(known->tokens, token_drop, NULL);
    ix_map_free(known->tokens);
    ix_map_free(known->spaces);
}

static bool known_init(ix_ctx *cx, known *known)
{
    known->tokens = ix_map_new();
    known->spaces = ix_map_new();
    if (known->tokens && known->spaces)
        return true;
    known_done(known);
    return ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

api_auth *auth_new(ix_ctx *cx)
{
    api_auth *auth = calloc(1, sizeof *auth);
    if (!auth) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    if (!known_init(cx, &auth->known)) {
        free(auth);
        return NULL;
    }
    pthread_mutex_init(&auth->change_lock, NULL);
    pthread_rwlock_init(&auth->known_lock, NULL);
    return auth;
}

void auth_free(api_auth *auth)
{
    if (!auth)
        return;
    known_done(&auth->known);
    pthread_rwlock_destroy(&auth->known_lock);
    pthread_mutex_destroy(&auth->change_lock);
    free(auth);
}

/* ---- loading ---- */

typedef struct loading {
    ix_ctx *cx;
    known known;
    int64_t now_us;
} loading;

static bool load_token(void *arg, const token_row *row)
{
    loading *loading = arg;
    if (row->expires_us <= loading->now_us)
        return true;
    return tokens_put(loading->known.tokens, row) || ix_fail(loading->cx, IOTS_NO_MEMORY, NULL);
}

static bool load_space(void *arg, ix_str name)
{
    loading *loading = arg;
    return ix_map_put(loading->known.spaces, name, loading) ||
           ix_fail(loading->cx, IOTS_NO_MEMORY, NULL);
}

bool auth_load(ix_ctx *cx, api_auth *auth, store_handle *store, int64_t now_us)
{
    loading loading = {.cx = cx, .now_us = now_us};
    if (!known_init(cx, &loading.known))
        return false;

    pthread_mutex_lock(&auth->change_lock);
    const bool ok = store_tokens_each(cx, store, load_token, &loading) &&
                    store_spaces_each(cx, store, load_space, &loading) && !ix_failed(cx);
    if (ok) {
        pthread_rwlock_wrlock(&auth->known_lock);
        const known before = auth->known;
        auth->known = loading.known;
        loading.known = before;
        pthread_rwlock_unlock(&auth->known_lock);
    }
    pthread_mutex_unlock(&auth->change_lock);
    known_done(&loading.known);
    return ok;
}

/* ---- checking ---- */

static bool caller_copy(ix_ctx *cx, const live_token *token, api_caller *ret)
{
    *ret = (api_caller){
        .client = ix_strdup(cx, token->client),
        .scopes = token->scopes,
        .spaces = ix_strdup(cx, token->spaces),
        .thing = token->thing ? ix_strdup(cx, token->thing) : NULL,
    };
    return ret->client && ret->spaces && !token->thing == !ret->thing;
}

bool auth_check(ix_ctx *cx, api_auth *auth, ix_str authorization, int64_t now_us, api_caller *ret)
{
    ix_str scheme;
    const ix_str token = ix_str_trim(ix_str_cut(ix_str_trim(authorization), ' ', &scheme));
    if (!ix_str_is_nocase(scheme, "Bearer") || !token.len)
        return ix_fail(cx, IOTS_UNAUTHENTICATED, "No token provided");
    return auth_check_token(cx, auth, token, now_us, ret);
}

bool auth_check_token(ix_ctx *cx, api_auth *auth, ix_str token, int64_t now_us, api_caller *ret)
{
    uint8_t digest[IX_DIGEST_LEN];
    ix_digest(token, digest);

    pthread_rwlock_rdlock(&auth->known_lock);
    const live_token *live = ix_map_find(auth->known.tokens, digest_key(digest));
    const bool is_good = live && live->expires_us > now_us;
    const bool ok = is_good && caller_copy(cx, live, ret);
    pthread_rwlock_unlock(&auth->known_lock);
    return is_good ? ok : ix_fail(cx, IOTS_UNAUTHENTICATED, "Unauthenticated");
}

size_t auth_token_count(api_auth *auth)
{
    pthread_rwlock_rdlock(&auth->known_lock);
    const size_t count = ix_map_count(auth->known.tokens);
    pthread_rwlock_unlock(&auth->known_lock);
    return count;
}

bool auth_has_space(api_auth *auth, const char *name)
{
    pthread_rwlock_rdlock(&auth->known_lock);
    const bool found = ix_map_find(auth->known.spaces, ix_str_of(name)) != NULL;
    pthread_rwlock_unlock(&auth->known_lock);
    return found;
}

bool caller_may_enter(const api_caller *who, const char *space)
{
    return name_list_has(who->spaces, ix_str_of(space));
}

bool caller_may_touch(const api_caller *who, const char *thing)
{
    return !who->thing || (thing && ix_str_is_nocase(ix_str_of(thing), who->thing));
}

bool auth_find_client(ix_ctx *cx, api_auth *auth, const void *digest, const char **ret)
{
    pthread_rwlock_rdlock(&auth->known_lock);
    const live_token *live = ix_map_find(auth->known.tokens, digest_key(digest));
    *ret = live ? ix_strdup(cx, live->client) : NULL;
    const bool ok = !live || *ret;
    pthread_rwlock_unlock(&auth->known_lock);
    return ok;
}

/* ---- changes ---- */

static void change_begin(api_auth *auth)
{
    pthread_mutex_lock(&auth->change_lock);
    pthread_rwlock_wrlock(&auth->known_lock);
}

static void change_end(api_auth *auth)
{
    pthread_rwlock_unlock(&auth->known_lock);
    pthread_mutex_unlock(&auth->change_lock);
}

static bool drop_if_expired(ix_str digest, void *value, void *arg)
{
    (void)digest;
    live_token *token = value;
    const int64_t *now_us = arg;
    if (token->expires_us > *now_us)
        return false;
    free(token);
    return true;
}

bool auth_token_added(api_auth *auth, const token_row *row, int64_t now_us)
{
    change_begin(auth);
    /* The clock may have been set back. */
    if (now_us < auth->swept_us || now_us - auth->swept_us > SWEEP_EVERY_S * IX_SECOND_US) {
        ix_map_each(auth->known.tokens, drop_if_expired, &now_us);
        auth->swept_us = now_us;
    }
    const bool ok = tokens_put(auth->known.tokens, row);
    change_end(auth);
    return ok;
}

void auth_token_removed(api_auth *auth, const void *digest)
{
    change_begin(auth);
    free(ix_map_take(auth->known.tokens, digest_key(digest)));
    change_end(auth);
}

static bool drop_if_of(ix_str digest, void *value, void *arg)
{
    (void)digest;
    live_token *token = value;
    const ix_map *const *ids = arg;
    if (!ix_map_find(*ids, ix_str_of(token->client)))
        return false;
    free(token);
    return true;
}

void auth_clients_removed(api_auth *auth, const ix_map *ids)
{
    change_begin(auth);
    ix_map_each(auth->known.tokens, drop_if_of, &ids);
    change_end(auth);
}

bool auth_space_added(api_auth *auth, const char *name)
{
    change_begin(auth);
    const bool ok = ix_map_put(auth->known.spaces, ix_str_of(name), auth);
    change_end(auth);
    return ok;
}

static bool leave_space(ix_str digest, void *value, void *arg)
{
    (void)digest;
    const live_token *token = value;
    const char *const *name = arg;
    name_list_remove(token->spaces, ix_str_of(*name));
    return false;
}

void auth_space_removed(api_auth *auth, const char *name)
{
    change_begin(auth);
    ix_map_take(auth->known.spaces, ix_str_of(name));
    ix_map_each(auth->known.tokens, leave_space, &name);
    change_end(auth);
}
