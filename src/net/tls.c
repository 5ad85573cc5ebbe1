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

struct tls_pair {
    gnutls_certificate_credentials_t credentials;
    size_t users; /* connections, and one for being in force */
};

struct tls {
    pthread_mutex_t lock; /* over what follows */
    tls_pair *in_force;
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

tls *tls_new(ix_ctx *cx, const tls_pem *pem)
{
    tls *tls = calloc(1, sizeof *tls);
    if (!tls) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    tls->in_force = pair_new(cx, pem);
    if (!tls->in_force) {
        free(tls);
        return NULL;
    }
    pthread_mutex_init(&tls->lock, NULL);
    return tls;
}

bool tls_change(ix_ctx *cx, tls *tls, const tls_pem *pem)
{
    tls_pair *pair = pair_new(cx, pem);
    if (!pair)
        return false;
    pthread_mutex_lock(&tls->lock);
    tls_pair *before = tls->in_force;
    tls->in_force = pair;
    pthread_mutex_unlock(&tls->lock);
    tls_take_back(tls, before);
    return true;
}

void tls_free(tls *tls)
{
    if (!tls)
        return;
    tls_take_back(tls, tls->in_force);
    pthread_mutex_destroy(&tls->lock);
    free(tls);
}

tls_pair *tls_give(tls *tls, void *session)
{
    pthread_mutex_lock(&tls->lock);
    tls_pair *pair = tls->in_force;
    pair->users++;
    pthread_mutex_unlock(&tls->lock);
    if (gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, pair->credentials) == 0)
        return pair;
    tls_take_back(tls, pair);
    return NULL;
}

void tls_take_back(tls *tls, tls_pair *pair)
{
    if (!pair)
        return;
    pthread_mutex_lock(&tls->lock);
    const bool is_last = --pair->users == 0;
    pthread_mutex_unlock(&tls->lock);
    if (is_last)
        pair_free(pair);
}
