/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crypto.h"

#include <string.h>

#include <sodium.h>

enum { HASH_PASSES = 2, HASH_BYTES = 19 * 1024 * 1024 };

_Static_assert(IX_SECRET_HASH_TEXT == crypto_pwhash_STRBYTES, "room for an argon2id string");

bool ix_crypto_init(void)
{
    return sodium_init() >= 0;
}

void ix_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

bool ix_same_bytes(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void ix_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}

void ix_digest(ix_str text, uint8_t out[IX_DIGEST_LEN])
{
    crypto_generichash(out, IX_DIGEST_LEN, (const unsigned char *)text.at, text.len, NULL, 0);
}

void ix_digest_keyed(const uint8_t key[IX_DIGEST_LEN], ix_str text, uint8_t out[IX_DIGEST_LEN])
{
    crypto_generichash(out, IX_DIGEST_LEN, (const unsigned char *)text.at, text.len, key,
                       IX_DIGEST_LEN);
}

void ix_sha256(ix_str text, uint8_t out[IX_DIGEST_LEN])
{
    crypto_hash_sha256(out, (const unsigned char *)text.at, text.len);
}

void ix_token_new(char out[IX_TOKEN_TEXT])
{
    uint8_t bytes[32];
    ix_random(bytes, sizeof bytes);
    sodium_bin2base64(out, IX_TOKEN_TEXT, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    ix_wipe(bytes, sizeof bytes);
}

void ix_random_text(char *out, size_t count)
{
    static const char letters[32] = {"abcdefghijkmnpqrstuvwxyz23456789"};
    ix_random(out, count);
    for (size_t i = 0; i < count; i++)
        out[i] = letters[(unsigned char)out[i] % sizeof letters];
    out[count] = 0;
}

bool ix_secret_hash(ix_ctx *cx, ix_str secret, char out[IX_SECRET_HASH_TEXT])
{
    const char *text = secret.len ? secret.at : "";
    if (crypto_pwhash_str_alg(out, text, secret.len, HASH_PASSES, HASH_BYTES,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    return true;
}

/* In front of a digest in base64url; argon2's begin with $argon2id$. */
static const char random_mark[] = "$blake2b$";

void ix_secret_hash_random(ix_str secret, char out[IX_SECRET_HASH_TEXT])
{
    uint8_t digest[IX_DIGEST_LEN];
    ix_digest(secret, digest);
    memcpy(out, random_mark, sizeof random_mark);
    const size_t len = sizeof random_mark - 1;
    sodium_bin2base64(out + len, IX_SECRET_HASH_TEXT - len, digest, sizeof digest,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool ix_secret_is_random(const char *hash)
{
    return strncmp(hash, random_mark, sizeof random_mark - 1) == 0;
}

bool ix_secret_verify(const char *hash, ix_str secret)
{
    if (ix_secret_is_random(hash)) {
        char made[IX_SECRET_HASH_TEXT];
        ix_secret_hash_random(secret, made);
        const size_t len = strlen(made);
        return strlen(hash) == len && ix_same_bytes(hash, made, len);
    }
    const char *text = secret.len ? secret.at : "";
    return strlen(hash) < IX_SECRET_HASH_TEXT &&
           crypto_pwhash_str_verify(hash, text, secret.len) == 0;
}

static char *encode(ix_ctx *cx, const void *bytes, size_t len, int variant)
{
    if (len > SIZE_MAX / 2) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    const size_t size = sodium_base64_encoded_len(len, variant);
    char *text = ix_alloc(cx, size);
    if (text)
        sodium_bin2base64(text, size, bytes, len, variant);
    return text;
}

char *ix_base64url(ix_ctx *cx, const void *bytes, size_t len)
{
    return encode(cx, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

char *ix_base64(ix_ctx *cx, const void *bytes, size_t len)
{
    return encode(cx, bytes, len, sodium_base64_VARIANT_ORIGINAL);
}

static bool decode(ix_ctx *cx, ix_str text, int variant, ix_str *ret)
{
    const size_t room = text.len / 4 * 3 + 3;
    size_t len;
    char *bytes = ix_alloc(cx, room + 1); /* terminated, for those who expect text */
    if (!bytes)
        return false;
    if (sodium_base642bin((unsigned char *)bytes, room, text.len ? text.at : "", text.len, NULL,
                          &len, NULL, variant) != 0)
        return ix_fail(cx, IOTS_INVALID, "this is not base64");
    *ret = (ix_str){bytes, len};
    return true;
}

bool ix_base64url_decode(ix_ctx *cx, ix_str text, ix_str *ret)
{
    return decode(cx, text, sodium_base64_VARIANT_URLSAFE_NO_PADDING, ret);
}

bool ix_base64_decode(ix_ctx *cx, ix_str text, ix_str *ret)
{
    return decode(cx, text, sodium_base64_VARIANT_ORIGINAL, ret);
}
