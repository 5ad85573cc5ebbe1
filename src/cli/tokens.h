/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access tokens that outlive one run of the program.
 *
 * Each exchange of a secret for a token is work for the server, on purpose. So the token is kept
 * with its end in the folder of the profile, by host, client and scopes, and used again until it
 * ends or the server refuses it.
 */
#ifndef CLI_TOKENS_H
#define CLI_TOKENS_H

#include <iots/iots.h>
#include <stdbool.h>

#include "base/ctx.h"
#include "cli/profile.h"

/* A strategy that does this, for iots_api_with_security(), with client ID and secret of `profile`,
 * which must outlive it. `is_fresh`: fetch a token at once, whatever is kept. A token that cannot be
 * kept is revoked in the end. NULL when out of memory. */
iots_security *tokens_strategy(const cli_profile *profile, bool is_fresh);

/* Asks for a token, which is not kept: the server's answer. `scopes` may be NULL. */
iots_reply *tokens_ask(const cli_profile *profile, const char *scopes, iots_api *api);

/* Removes those kept for host and client of `profile`; all, if it names none. True as well if there
 * are none. */
bool tokens_remove(ix_ctx *cx, const cli_profile *profile);

#endif
