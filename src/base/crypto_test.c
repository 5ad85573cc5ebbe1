/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crypto.h"

#include "base/test.h"

static ix_ctx *ready(ix_ctx *cx)
{
    CHECK(ix_crypto_init());
    return cx;
}

TEST("random bytes differ")
{
    ready(cx);
    uint8_t a[32] = {0}, b[32] = {0};
    ix_random(a, sizeof a);
    ix_random(b, sizeof b);
    CHECK(!ix_same_bytes(a, b, sizeof a));
    CHECK(ix_same_bytes(a, a, sizeof a));
    ix_wipe(a, sizeof a);
    CHECK_INT(a[0] | a[31], 0);
}

TEST("a digest is BLAKE2b-256")
{
    ready(cx);
    static const uint8_t of_abc[IX_DIGEST_LEN] = {0xbd, 0xdd, 0x81, 0x3c, 0x63, 0x42, 0x39, 0x72,
                                                  0x31, 0x71, 0xef, 0x3f, 0xee, 0x98, 0x57, 0x9b,
                                                  0x94, 0x96, 0x4e, 0x3b, 0xb1, 0xcb, 0x3e, 0x42,
                                                  0x72, 0x62, 0xc8, 0xc0, 0x68, 0xd5, 0x23, 0x19};
    uint8_t digest[IX_DIGEST_LEN];
    ix_digest(IX_STR("abc"), digest);
    CHECK(ix_same_bytes(digest, of_abc, sizeof digest));
    ix_digest((ix_str){NULL, 0}, digest);
    CHECK(!ix_same_bytes(digest, of_abc, sizeof digest));
}

TEST("a digest with a key is keyed BLAKE2b-256")
{
    ready(cx);
    static const uint8_t of_abc[IX_DIGEST_LEN] = {0xd6, 0x3a, 0x32, 0xd3, 0xe4, 0x47, 0x38, 0xd7,
                                                  0x90, 0x7f, 0x96, 0x43, 0x16, 0xc2, 0x41, 0xad,
                                                  0xab, 0xa0, 0xab, 0xfe, 0xab, 0xc3, 0x23, 0x49,
                                                  0x67, 0x75, 0x78, 0xa1, 0x5a, 0x20, 0x3f, 0x7f};
    uint8_t key[IX_DIGEST_LEN], digest[IX_DIGEST_LEN];
    for (int i = 0; i < IX_DIGEST_LEN; i++)
        key[i] = (uint8_t)i;
    ix_digest_keyed(key, IX_STR("abc"), digest);
    CHECK(ix_same_bytes(digest, of_abc, sizeof digest));
}

TEST("SHA-256 is that of the standard's example")
{
    ready(cx);
    uint8_t digest[IX_DIGEST_LEN];
    ix_sha256(IX_STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), digest);
    CHECK_TEXT(ix_base64url(cx, digest, sizeof digest),
               "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST("a token is 43 characters that are safe in a URL")
{
    ready(cx);
    char token[IX_TOKEN_TEXT], other[IX_TOKEN_TEXT];
    ix_token_new(token);
    ix_token_new(other);
    CHECK_INT(strlen(token), 43);
    CHECK(strcmp(token, other) != 0);
    CHECK(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == 43);
}

TEST("random text is small letters and digits that nobody mistakes for one another")
{
    ready(cx);
    char text[201], other[201];
    ix_random_text(text, 200);
    ix_random_text(other, 200);
    CHECK_INT(strlen(text), 200);
    CHECK_INT(strspn(text, "abcdefghijkmnpqrstuvwxyz23456789"), 200);
    CHECK(strcmp(text, other) != 0);
}

TEST("a secret is known again, another is not")
{
    ready(cx);
    char hash[IX_SECRET_HASH_TEXT];
    CHECK_OK(cx, ix_secret_hash(cx, IX_STR("open sesame"), hash));
    CHECK(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0);
    CHECK(ix_secret_verify(hash, IX_STR("open sesame")));
    CHECK(!ix_secret_verify(hash, IX_STR("open barley")));
    CHECK(!ix_secret_verify("", IX_STR("open sesame")));
    CHECK(!ix_secret_verify("no hash at all", IX_STR("open sesame")));
}

TEST("base64url goes out and comes back")
{
    ready(cx);
    CHECK_TEXT(ix_base64url(cx, "\xFB\xFF\xFE", 3), "-__-");
    CHECK_TEXT(ix_base64url(cx, "a", 1), "YQ");
    CHECK_TEXT(ix_base64url(cx, "", 0), "");
    ix_str bytes;
    CHECK_OK(cx, ix_base64url_decode(cx, IX_STR("-__-"), &bytes));
    CHECK(ix_str_is(bytes, "\xFB\xFF\xFE"));
    CHECK_OK(cx, ix_base64url_decode(cx, IX_STR(""), &bytes));
    CHECK_INT(bytes.len, 0);
}

TEST("plain base64 goes out with padding")
{
    CHECK_TEXT(ix_base64(cx, "\xFB\xFF\xFE", 3), "+//+");
    CHECK_TEXT(ix_base64(cx, "a", 1), "YQ==");
    CHECK_TEXT(ix_base64(cx, "", 0), "");
}

TEST("plain base64 comes in with padding")
{
    ready(cx);
    ix_str bytes;
    CHECK_OK(cx, ix_base64_decode(cx, IX_STR("aWQ6c2VjcmV0+/8="), &bytes));
    CHECK(ix_str_is(bytes, "id:secret\xFB\xFF"));
}

TEST("what is not base64 is refused")
{
    ready(cx);
    ix_str bytes;
    CHECK_FAILS(cx, ix_base64url_decode(cx, IX_STR("a+/b"), &bytes), IOTS_INVALID);
    CHECK_FAILS(cx, ix_base64url_decode(cx, IX_STR("YQ=="), &bytes), IOTS_INVALID);
    CHECK_FAILS(cx, ix_base64url_decode(cx, IX_STR("YR"), &bytes), IOTS_INVALID);
    CHECK_FAILS(cx, ix_base64url_decode(cx, IX_STR("Y"), &bytes), IOTS_INVALID);
    CHECK_FAILS(cx, ix_base64_decode(cx, IX_STR("YQ"), &bytes), IOTS_INVALID);
    CHECK_FAILS(cx, ix_base64_decode(cx, IX_STR("Y Q="), &bytes), IOTS_INVALID);
}

TEST("a random secret has a quick hash, which fits no other secret")
{
    char secret[IX_TOKEN_TEXT], hash[IX_SECRET_HASH_TEXT], slow[IX_SECRET_HASH_TEXT];
    CHECK(ix_crypto_init());
    ix_token_new(secret);
    ix_secret_hash_random(ix_str_of(secret), hash);
    CHECK(ix_secret_is_random(hash));
    CHECK(!strstr(hash, secret));
    CHECK(ix_secret_verify(hash, ix_str_of(secret)));
    CHECK(!ix_secret_verify(hash, IX_STR("")));
    CHECK(!ix_secret_verify(hash, ix_str_of(hash)));
    CHECK(!ix_secret_verify("$blake2b$", IX_STR("")));
    CHECK(!ix_secret_verify(ix_format(cx, "%.20s", hash), ix_str_of(secret)));
    CHECK_OK(cx, ix_secret_hash(cx, ix_str_of(secret), slow));
    CHECK(!ix_secret_is_random(slow));
}
