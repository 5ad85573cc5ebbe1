/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command of administration has changed of what calls keep in memory (auth.h). The command notes it
 * while it writes; it is applied after the commit, and holds for the next call.
 */
#ifndef ADMIN_EFFECT_H
#define ADMIN_EFFECT_H

#include <stdbool.h>

#include "api/dispatch.h"
#include "base/buf.h"

typedef struct admin_effect {
    const char *space_added, *space_removed;
    const char *client_revoked; /* all its tokens are gone */
    ix_buf tokens_revoked;      /* their digests, one after the other */
} admin_effect;

void admin_effect_done(admin_effect *effect);

/* For store_user_tokens_each: `arg` is an admin_effect. */
bool admin_effect_revoke(void *arg, const void *digest);

/* False when out of memory: then api_refresh is to be called. Thread-safe, but one after the other, in the
 * order of their commits. */
bool admin_effect_apply(ix_ctx *cx, const admin_effect *effect, api_state *api);

#endif
