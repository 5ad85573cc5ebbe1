/* SPDX-License-Identifier: Apache-2.0 */
#include "store/key.h"

#include "base/crypto.h"

ix_str key_of(ix_ctx *cx, ix_str text)
{
    uint8_t digest[IX_DIGEST_LEN];
    if (text.len <= KEY_MAX)
        return text;
    size_t head = KEY_MAX;
    while (((unsigned char)text.at[head] & 0xC0) == 0x80)
        head--; /* not inside a letter */
    ix_digest(text, digest);
    const char *tail = ix_base64url(cx, digest, sizeof(digest));
    const char *key = tail ? ix_format(cx, "%.*s%s", (int)head, text.at, tail) : NULL;
    return ix_str_of(key);
}

db_value key_arg(ix_ctx *cx, const char *text)
{
    const ix_str key = text ? key_of(cx, ix_str_of(text)) : (ix_str){0};
    return key.at ? db_str(key) : db_null();
}
