/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that includes the TLS library. */
#include "net/tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

/* A certificate with its chain, and its key. */
typedef struct tls_pair {
    gnutls_certificate_credentials_t credentials;
    size_t users; /* sessions, and one for being in force */
} tls_pair;

struct net_tls {
    gnutls_priority_t priorities;
    pthread_mutex_t lock; /* over what follows */
    tls_pair *in_force;
};

struct tls_session {
    net_tls *tls;
    tls_pair *pair;
    gnutls_session_t session;
    bool is_open;   /* the handshake is done */
    size_t offered; /* bytes that wait in the library until the socket takes them */
};

/* ---- files ---- */

static void wipe(char *text)
{
    if (text)
        ix_wipe(text, strlen(text));
    free(text);
}

/* A whole PEM file; NULL with the reason in cx. */
static char *read_pem(ix_ctx *cx, const char *path)
{
    FILE *in = fopen(path, "re");
    if (!in) {
        ix_fail(cx, IOTS_UNAVAILABLE, "%s: %s", path, strerror(errno));
        return NULL;
    }
    setvbuf(in, NULL, _IONBF, 0); /* nothing of a key stays in a buffer */
    char *text = calloc(1, TLS_FILE_MAX);
    const size_t len = text ? fread(text, 1, TLS_FILE_MAX, in) : 0;
    const bool ok = len > 0 && len < TLS_FILE_MAX && !ferror(in);
    fclose(in);
    if (ok)
        return text;
    if (text)
        ix_wipe(text, len);
    free(text);
    ix_fail(cx, IOTS_UNAVAILABLE, "%s is not readable as a PEM file", path);
    return NULL;
}

bool tls_pem_read(ix_ctx *cx, const char *certificate_file, const char *key_file, tls_pem *ret)
{
    *ret = (tls_pem){.certificate = read_pem(cx, certificate_file)};
    if (ret->certificate)
        ret->key = read_pem(cx, key_file);
    if (ret->key)
        return true;
    tls_pem_done(ret);
    return false;
}

void tls_pem_done(tls_pem *pem)
{
    wipe(pem->certificate);
    wipe(pem->key);
    *pem = (tls_pem){0};
}

/* ---- pairs ---- */

static gnutls_datum_t datum_of(char *text)
{
    return (gnutls_datum_t){(unsigned char *)text, (unsigned)strlen(text)};
}

static void pair_free(tls_pair *pair)
{
    if (pair && pair->credentials)
        gnutls_certificate_free_credentials(pair->credentials);
    free(pair);
}

/* Reads the key alone, to know which of the two is at fault. */
static bool check_key(ix_ctx *cx, const gnutls_datum_t *text)
{
    gnutls_x509_privkey_t key;
    int error = gnutls_x509_privkey_init(&key);
    if (error == 0) {
        error = gnutls_x509_privkey_import2(key, text, GNUTLS_X509_FMT_PEM, NULL, 0);
        gnutls_x509_privkey_deinit(key);
    }
    return error == 0 || ix_fail(cx, IOTS_UNAVAILABLE,
                                 "tls_key holds no key that can be read without a password: %s",
                                 gnutls_strerror(error));
}

static bool pair_fill(ix_ctx *cx, tls_pair *pair, const tls_pem *pem)
{
    const gnutls_datum_t certificate = datum_of(pem->certificate), key = datum_of(pem->key);
    if (!check_key(cx, &key))
        return false;
    int error = gnutls_certificate_allocate_credentials(&pair->credentials);
    if (error == 0)
        error = gnutls_certificate_set_x509_key_mem(pair->credentials, &certificate, &key,
                                                    GNUTLS_X509_FMT_PEM);
    if (error == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return ix_fail(cx, IOTS_UNAVAILABLE, "tls_certificate and tls_key do not belong together");
    return error >= 0 || ix_fail(cx, IOTS_UNAVAILABLE, "tls_certificate holds no certificate: %s",
                                 gnutls_strerror(error));
}

static tls_pair *pair_new(ix_ctx *cx, const tls_pem *pem)
{
    tls_pair *pair = calloc(1, sizeof *pair);
    if (!pair) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    pair->users = 1;
    if (pair_fill(cx, pair, pem))
        return pair;
    pair_free(pair);
    return NULL;
}

/* ---- the one in force ---- */

static tls_pair *take_pair(net_tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    tls_pair *pair = tls->in_force;
    pair->users++;
    pthread_mutex_unlock(&tls->lock);
    return pair;
}

static void give_back(net_tls *tls, tls_pair *pair)
{
    pthread_mutex_lock(&tls->lock);
    const bool is_last = --pair->users == 0;
    pthread_mutex_unlock(&tls->lock);
    if (is_last)
        pair_free(pair);
}

net_tls *tls_new(ix_ctx *cx, const tls_pem *pem)
{
    net_tls *tls = calloc(1, sizeof *tls);
    if (!tls) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    pthread_mutex_init(&tls->lock, NULL);
    if (gnutls_priority_init(&tls->priorities, TLS_PRIORITIES, NULL) != 0)
        ix_fail(cx, IOTS_UNAVAILABLE, "the TLS library here does not speak TLS 1.2 and 1.3");
    else if ((tls->in_force = pair_new(cx, pem)))
        return tls;
    tls_free(tls);
    return NULL;
}

bool tls_change(ix_ctx *cx, net_tls *tls, const tls_pem *pem)
{
    tls_pair *pair = pair_new(cx, pem);
    if (!pair)
        return false;
    pthread_mutex_lock(&tls->lock);
    tls_pair *before = tls->in_force;
    tls->in_force = pair;
    pthread_mutex_unlock(&tls->lock);
    give_back(tls, before);
    return true;
}

void tls_free(net_tls *tls)
{
    if (!tls)
        return;
    if (tls->in_force)
        give_back(tls, tls->in_force);
    if (tls->priorities)
        gnutls_priority_deinit(tls->priorities);
    pthread_mutex_destroy(&tls->lock);
    free(tls);
}

/* ---- sessions ---- */

tls_session *tls_session_new(net_tls *tls, int fd)
{
    tls_session *session = calloc(1, sizeof *session);
    if (!session)
        return NULL;
    const unsigned flags = GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
    if (gnutls_init(&session->session, flags) != 0) {
        free(session);
        return NULL;
    }
    session->tls = tls;
    session->pair = take_pair(tls);
    gnutls_transport_set_int(session->session, fd);
    gnutls_handshake_set_timeout(session->session, GNUTLS_INDEFINITE_TIMEOUT);
    if (gnutls_priority_set(session->session, tls->priorities) == 0 &&
        gnutls_credentials_set(session->session, GNUTLS_CRD_CERTIFICATE,
                               session->pair->credentials) == 0)
        return session;
    tls_session_free(session);
    return NULL;
}

void tls_session_free(tls_session *session)
{
    if (!session)
        return;
    gnutls_deinit(session->session);
    give_back(session->tls, session->pair);
    free(session);
}

/* What the library answers, as the system would say it. */
static ssize_t outcome(ssize_t answer)
{
    if (answer >= 0)
        return answer;
    errno = answer == GNUTLS_E_AGAIN || answer == GNUTLS_E_INTERRUPTED ? EAGAIN : ECONNRESET;
    return -1;
}

/* True once bytes can go to and fro; else errno says why not. What is not a failure for good (a warning
 * of the other side) is gone over. */
static bool shake_hands(tls_session *session)
{
    int answer;
    do
        answer = session->is_open ? 0 : gnutls_handshake(session->session);
    while (answer < 0 && answer != GNUTLS_E_AGAIN && answer != GNUTLS_E_INTERRUPTED &&
           !gnutls_error_is_fatal(answer));
    if (answer < 0 && answer != GNUTLS_E_AGAIN && answer != GNUTLS_E_INTERRUPTED)
        gnutls_alert_send_appropriate(session->session, answer);
    session->is_open = answer == 0;
    return outcome(answer) == 0;
}

bool tls_is_open(const tls_session *session)
{
    return session->is_open;
}

ssize_t tls_recv(tls_session *session, void *bytes, size_t size)
{
    if (!shake_hands(session))
        return -1;
    ssize_t len;
    do
        len = gnutls_record_recv(session->session, bytes, size);
    while (len == GNUTLS_E_WARNING_ALERT_RECEIVED);
    /* One that goes without a word has ended all the same: what HTTP sends says itself where it
     * ends. */
    return len == GNUTLS_E_PREMATURE_TERMINATION ? 0 : outcome(len);
}

ssize_t tls_send(tls_session *session, const void *bytes, size_t len)
{
    if (!shake_hands(session))
        return -1;
    const size_t offered = len < TLS_RECORD_MAX ? len : TLS_RECORD_MAX;
    const ssize_t sent = session->offered > 0
                             ? gnutls_record_send(session->session, NULL, 0)
                             : gnutls_record_send(session->session, bytes, offered);
    const bool must_wait = sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED;
    session->offered = must_wait ? offered : 0;
    return outcome(sent);
}

void tls_end(tls_session *session)
{
    if (session->is_open)
        gnutls_bye(session->session, GNUTLS_SHUT_WR);
}
