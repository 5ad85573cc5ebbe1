/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random bytes, digests, secrets. The only header of ours over the crypto library. For the server:
 * libiots does not link it. Thread-safe once ix_crypto_init has returned.
 */
#ifndef IX_CRYPTO_H
#define IX_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

enum {
    IX_DIGEST_LEN = 32,
    IX_TOKEN_TEXT = 44,       /* 32 random bytes in base64url, with terminator */
    IX_SECRET_HASH_TEXT = 128 /* an argon2id string, with terminator */
};

bool ix_crypto_init(void);

void ix_random(void *out, size_t len);
bool ix_same_bytes(const void *a, const void *b, size_t len); /* in constant time */
void ix_wipe(void *bytes, size_t len);                        /* not optimised away */

/* BLAKE2b-256. For tokens, which are long and random. */
void ix_digest(ix_str text, uint8_t out[IX_DIGEST_LEN]);

/* The same with a key: who does not know it cannot say which texts have digests that are alike. */
void ix_digest_keyed(const uint8_t key[IX_DIGEST_LEN], ix_str text, uint8_t out[IX_DIGEST_LEN]);

/* SHA-256, where a standard asks for it. */
void ix_sha256(ix_str text, uint8_t out[IX_DIGEST_LEN]);

/* 43 characters safe in URLs, 256 bits of chance. */
void ix_token_new(char out[IX_TOKEN_TEXT]);

/* `count` small letters and digits without those that look alike, 5 bits of chance each, and a
 * terminator. For what people type. */
void ix_random_text(char *out, size_t count);

/* argon2id with 19 MiB and 2 passes (the OWASP minimum). Takes tens of milliseconds: never call it
 * on a thread that serves many connections. */
bool ix_secret_hash(ix_ctx *cx, ix_str secret, char out[IX_SECRET_HASH_TEXT]);

/* The same for a secret of ix_token_new, and for no other: 256 bits of chance cannot be guessed however
 * quickly one may try, so this is a BLAKE2b-256 and takes no time. */
void ix_secret_hash_random(ix_str secret, char out[IX_SECRET_HASH_TEXT]);
bool ix_secret_is_random(const char *hash);

/* Against a hash of either kind. */
bool ix_secret_verify(const char *hash, ix_str secret);

/* base64url without padding (RFC 4648 section 5) and plain base64. NULL / false when bad. */
char *ix_base64url(ix_ctx *cx, const void *bytes, size_t len);
char *ix_base64(ix_ctx *cx, const void *bytes, size_t len);
bool ix_base64url_decode(ix_ctx *cx, ix_str text, ix_str *ret);
bool ix_base64_decode(ix_ctx *cx, ix_str text, ix_str *ret);

#endif
