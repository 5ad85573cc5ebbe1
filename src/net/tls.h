/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate of the server, and changing it while connections are open.
 *
 * The HTTP library takes a certificate at its start and never another one. So each connection is
 * given the pair that is in force before it shakes hands, and keeps it to its end; a pair goes with
 * the last connection that has it. Every function may be called from any thread.
 */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>

#include "base/ctx.h"

enum { TLS_FILE_MAX = 1 << 20 }; /* bytes of a PEM file, less one */

/* TLS 1.2 and 1.3, as GnuTLS wants to be told. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

typedef struct tls tls;
typedef struct tls_pair tls_pair; /* a certificate with its chain, and its key */

/* What the two files hold, as texts; the owner's to wipe. */
typedef struct tls_pem {
    char *certificate, *key;
} tls_pem;

/* Reads PEM files: the certificate, followed by its chain if it has one, and its key, without a
 * password. IOTS_UNAVAILABLE with the file at fault. */
bool tls_pem_read(ix_ctx *cx, const char *certificate_file, const char *key_file, tls_pem *ret);
void tls_pem_done(tls_pem *pem);

/* Puts a pair in force; the texts are not needed after. IOTS_UNAVAILABLE if they are no
 * certificate, no key, or do not belong together: then the pair before stays in force. */
tls *tls_new(ix_ctx *cx, const tls_pem *pem);
bool tls_change(ix_ctx *cx, tls *tls, const tls_pem *pem);
void tls_free(tls *tls); /* every pair must be back. NULL is fine */

/* Gives a session (gnutls_session_t), before its handshake, the pair in force. NULL when memory is
 * out. tls_take_back, once the session is gone; NULL is fine. */
tls_pair *tls_give(tls *tls, void *session);
void tls_take_back(tls *tls, tls_pair *pair);

#endif
