/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdlib.h>

#include "base/time.h"

/* A hash to check secrets of unknown clients against, so that the time it takes reveals nothing. */
static bool make_no_secret(ix_ctx *cx, api_state *api)
{
    char secret[IX_TOKEN_TEXT];
    ix_token_new(secret);
    const bool ok = ix_secret_hash(cx, ix_str_of(secret), api->no_secret);
    ix_wipe(secret, sizeof secret);
    return ok;
}

/* Identifiers made from now on are larger than those up to `until_us`. */
static bool seed_ids(ix_ctx *cx, api_state *api, store_handle *store, int64_t until_us)
{
    ix_ulid last;
    bool found;
    if (!store_last_uid(cx, store, until_us, &last, &found))
        return false;
    if (found)
        api_id_seen(api, &last);
    return true;
}

api_state *api_new(ix_ctx *cx, const api_settings *settings, store_handle *store)
{
    api_state *api = calloc(1, sizeof *api);
    if (!api) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    api->settings = *settings;
    pthread_mutex_init(&api->ids_lock, NULL);
    api->auth = auth_new(cx);
    api->throttle = throttle_new(cx, settings->monotonic_us);
    api->openapi = openapi_text(cx);
    api->schema_cache = schema_cache_new(cx);
    if (!api->auth || !api->throttle || !api->schema_cache || !api->openapi ||
        !make_no_secret(cx, api) || !api_refresh(cx, api, store) ||
        !seed_ids(cx, api, store, IX_ULID_LAST_US)) { /* the clock may have been set back since */
        api_free(api);
        return NULL;
    }
    return api;
}

void api_free(api_state *api)
{
    if (!api)
        return;
    auth_free(api->auth);
    throttle_free(api->throttle);
    schema_cache_free(api->schema_cache);
    free(api->openapi);
    pthread_mutex_destroy(&api->ids_lock);
    free(api);
}

bool api_refresh(ix_ctx *cx, api_state *api, store_handle *store)
{
    /* Those that are ahead of the clock were put back (preserve_uid), and are not followed. */
    const int64_t now_us = api_now_us(api);
    return auth_load(cx, api->auth, store, now_us) && seed_ids(cx, api, store, now_us);
}

size_t api_token_count(api_state *api)
{
    return auth_token_count(api->auth);
}

int64_t api_now_us(const api_state *api)
{
    return api->settings.now_us ? api->settings.now_us() : ix_now_us();
}

ix_ulid api_id_next(api_state *api, int64_t now_us)
{
    uint8_t chance[10];
    ix_random(chance, sizeof chance);
    pthread_mutex_lock(&api->ids_lock);
    const ix_ulid id = ix_ulid_next(&api->ids, now_us, chance);
    pthread_mutex_unlock(&api->ids_lock);
    return id;
}

void api_id_seen(api_state *api, const ix_ulid *seen)
{
    pthread_mutex_lock(&api->ids_lock);
    ix_ulid_seen(&api->ids, seen);
    pthread_mutex_unlock(&api->ids_lock);
}
