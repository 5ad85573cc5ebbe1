/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strategies of the library that fetch tokens, taken apart for those who must not wait: what `apply`
 * does in one go is to look for a token at hand, to ask for one, to take it out of the answer, and to
 * look again. All are safe from several threads.
 */
#ifndef CLIENT_AUTH_H
#define CLIENT_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "iots/iots.h"

/* Is this one of them? The others are for those. */
bool auth_exchanges(const iots_security *security);

/* Puts the token at hand into the request. False if there is none, or none that lasts long enough and
 * not `any` will do. */
bool auth_apply_held(iots_security *security, iots_request *request, bool any);

/* For a failure: there was a token, and others had it revoked or refused before it could be used. */
iots_reply *auth_just_revoked(void);

/* Asks the token server, as a call with these options of how it ends (.async, .done, .user). Never
 * NULL. */
iots_reply *auth_ask(iots_security *security, iots_api *api, iots_call_opts ends);

/* Takes the token out of the answer to a question asked at `asked_us`, by the uptime. Takes the reply. NULL, or the
 * reply, saying what is wrong. */
iots_reply *auth_take(iots_security *security, iots_reply *reply, int64_t asked_us);

#endif
