/* SPDX-License-Identifier: Apache-2.0 */
#include "api/admin_effect.h"

#include "api/api.h"

void admin_effect_done(admin_effect *effect)
{
    ix_buf_done(&effect->tokens_revoked);
}

bool admin_effect_revoke(void *arg, const void *digest)
{
    admin_effect *effect = arg;
    ix_buf_add(&effect->tokens_revoked, digest, IX_DIGEST_LEN);
    return !effect->tokens_revoked.failed;
}

static bool revoke_client(ix_ctx *cx, api_auth *auth, const char *client)
{
    ix_map *clients = ix_map_new();
    const bool ok = clients && ix_map_put(clients, ix_str_of(client), clients);
    if (ok)
        auth_clients_removed(auth, clients);
    ix_map_free(clients);
    return ok || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

bool admin_effect_apply(ix_ctx *cx, const admin_effect *effect, api_state *api)
{
    const ix_buf *tokens = &effect->tokens_revoked;
    for (size_t at = 0; at < tokens->len; at += IX_DIGEST_LEN)
        auth_token_removed(api->auth, tokens->at + at);
    if (effect->space_removed)
        auth_space_removed(api->auth, effect->space_removed);
    return (!effect->client_revoked || revoke_client(cx, api->auth, effect->client_revoked)) &&
           (!effect->space_added || auth_space_added(api->auth, effect->space_added) ||
            ix_fail(cx, IOTS_NO_MEMORY, NULL));
}
