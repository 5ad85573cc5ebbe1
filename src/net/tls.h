/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS on connections that do not block, and the certificate of the server, which may change while
 * connections are open.
 *
 * Each session has the pair that is in force when it begins and keeps it to its end; a pair goes with
 * the last session that has it. A session belongs to one thread at a time; every other function may be
 * called from any thread.
 */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/ctx.h"

enum {
    TLS_FILE_MAX = 1 << 20,    /* bytes of a PEM file, less one */
    TLS_RECORD_MAX = 16 << 10, /* bytes that are sent at a time; more in one call are left over */
};

/* TLS 1.2 and 1.3, as GnuTLS wants to be reported. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

typedef struct net_tls net_tls;
typedef struct tls_session tls_session;

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
net_tls *tls_new(ix_ctx *cx, const tls_pem *pem);
bool tls_change(ix_ctx *cx, net_tls *tls, const tls_pem *pem);
void tls_free(net_tls *tls); /* every session must be gone. NULL is fine */

/* The server's side of a connected socket that does not block; the socket stays the caller's. NULL
 * when out of memory. */
tls_session *tls_session_new(net_tls *tls, int fd);
void tls_session_free(tls_session *session); /* NULL is fine */

/* As recv and send: how many bytes, 0 when the other side has ended; -1 with errno EAGAIN when the
 * socket has to become ready first, in whichever direction, with ECONNRESET when it is over. What has
 * to happen before the first byte happens meanwhile. Bytes that were refused with EAGAIN must be
 * offered again. */
bool tls_is_open(const tls_session *session); /* both sides have agreed */
ssize_t tls_recv(tls_session *session, void *bytes, size_t size);
ssize_t tls_send(tls_session *session, const void *bytes, size_t len);

/* Says the other side that nothing more will be sent, if that is possible at once. */
void tls_end(tls_session *session);

#endif
