/* SPDX-License-Identifier: Apache-2.0 */
/* What all calls share. Of this floor only; front ends see it as an opaque api_state (settings.h). */
#ifndef API_H
#define API_H

#include <pthread.h>
#include <stdint.h>

#include "api/auth.h"
#include "api/schema_cache.h"
#include "api/settings.h"
#include "api/throttle.h"
#include "base/crypto.h"
#include "base/ulid.h"

struct api_state {
    api_settings settings;               /* constant */
    api_auth *auth;                      /* locks for itself */
    throttle *throttle;                  /* of guesses at secrets; locks for itself */
    char no_secret[IX_SECRET_HASH_TEXT]; /* of a secret nobody knows; constant */

    schema_cache *schema_cache; /* of handlers that write */

    char *openapi; /* the text of /openapi.json; constant */

    pthread_mutex_t ids_lock; /* over ids */
    ix_ulid_maker ids;
};

/* The next identifier. Thread-safe. */
ix_ulid api_id_next(api_state *api, int64_t now_us);

/* Identifiers made from now on are larger than this one. Thread-safe. */
void api_id_seen(api_state *api, const ix_ulid *seen);

/* The time, by the clock of the settings. */
int64_t api_now_us(const api_state *api);

/* The text of /openapi.json, with the operations that are served. Caller frees with free(). NULL when
 * there is no memory. */
char *openapi_text(ix_ctx *cx);

#endif
