/* SPDX-License-Identifier: Apache-2.0 */
/* What the OAuth2 routes have in common: saying no, reading forms, knowing clients, scopes, grants. */
#ifndef OAUTH2_H
#define OAUTH2_H

#include "api/call.h"
#include "base/crypto.h"

enum {
    OAUTH2_CODE_S = 60,                        /* how long a code lives */
    OAUTH2_REPEAT_S = 10,                      /* a refresh token that was just exchanged */
    OAUTH2_REFRESH_S = 90 * 24 * 60 * 60,      /* a refresh token that nobody uses */
    OAUTH2_SCOPE_MAX = 4096,                   /* bytes of a list of scopes */
    OAUTH2_TICKET_TEXT = 2 * IX_TOKEN_TEXT - 1 /* a code or refresh token, with terminator */
};

/* Always false. `word` is OAuth2's name of the failure, a constant. */
static inline bool oauth2_refuse(api_call *call, iots_code code, const char *word,
                                 const char *sentence)
{
    call->oauth2_error = word;
    ix_fail(call->cx, code, "%s", sentence);
    return false;
}

/* A field of the form; empty, at NULL, if it is not there. No field may come twice (RFC 6749 3.2). */
bool form_find(api_call *call, const char *name, ix_str *ret);
/* It must be there. */
bool form_get(api_call *call, const char *name, ix_str *ret);

/* The client that a form or an Authorization header names, having proved that it is the one. A public
 * client has nothing to prove it with, and is let in where it `may_be_public`. */
bool client_prove(api_call *call, bool may_be_public, client_row *ret);
/* For the committer: is it still there, with the same secret? */
bool client_prove_again(api_call *call, const client_row *client);

/* The scopes asked for, each once, if `may` has them all; all of `may` if none are asked for. */
bool scopes_read(api_call *call, ix_str asked, const char *may, const char **ret);

/* Is this the secret whose hash it is? `name` is whose, such as "user ada"; `is_program` as in
 * throttle.h. May take tens of milliseconds. IOTS_TOO_MANY, with how long to wait, after too many wrong
 * ones. */
bool secret_check(api_call *call, const char *name, const char *hash, ix_str secret,
                  bool is_program, bool *ret_is_right);

/* Codes and refresh tokens are tickets: the id of a grant, and a secret whose digest is kept there. */
typedef struct oauth2_ticket {
    char id[IX_TOKEN_TEXT];
    uint8_t digest[IX_DIGEST_LEN];
} oauth2_ticket;

/* False for what is not a ticket. */
bool ticket_read(ix_str text, oauth2_ticket *ret);
/* Makes the text of a new one for the grant `id`; `digest` is that of its secret. */
void ticket_new(const char *id, char text[OAUTH2_TICKET_TEXT], uint8_t digest[IX_DIGEST_LEN]);
/* The same for the one that follows the ticket `former`: always the same one for the same nonce, which
 * is random. Neither the nonce nor `former` alone says anything about it. */
bool ticket_next(ix_ctx *cx, ix_str former, const uint8_t nonce[IX_DIGEST_LEN],
                 char text[OAUTH2_TICKET_TEXT], uint8_t digest[IX_DIGEST_LEN]);

#endif
