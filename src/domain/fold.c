/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/buf.h"

enum { REPLACEMENT = 0xFFFD, DOTTED_I = 0x130, DOTLESS_I = 0x131 };

/* The library folds whole texts, and fully, so that "ss" and the sharp s are one. The lower case of the
 * upper case is the simple folding, but for the two letters i of Turkish, which simple folding keeps. */
static ucs4_t fold_letter(ucs4_t letter)
{
    if ((letter & 0xFFFE) == 0xFFFE || (letter >= 0xFDD0 && letter <= 0xFDEF))
        return REPLACEMENT;
    if (letter == DOTTED_I || letter == DOTLESS_I)
        return letter;
    return uc_tolower(uc_toupper(letter));
}

static void fold_letters(ix_buf *buf, const uint8_t *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        ucs4_t letter;
        uint8_t bytes[6];
        at += (size_t)u8_mbtouc(&letter, text + at, len - at);
        const int count = u8_uctomb(bytes, fold_letter(letter), sizeof(bytes));
        ix_buf_add(buf, (const char *)bytes, count > 0 ? (size_t)count : 0);
    }
}

/* Adds the text in form NFKC, its letters folded if asked to. */
static bool add_normal(ix_ctx *cx, ix_buf *buf, ix_str text, bool is_folded)
{
    size_t len = 0;
    uint8_t *normal = u8_normalize(UNINORM_NFKC, (const uint8_t *)text.at, text.len, NULL, &len);
    if (!normal) /* what is not UTF-8 has no letters */
        return errno != ENOMEM || ix_fail(cx, IOTS_NO_MEMORY, NULL);
    if (is_folded)
        fold_letters(buf, normal, len);
    else
        ix_buf_add(buf, (const char *)normal, len);
    free(normal);
    return true;
}

static bool is_ascii(ix_str text)
{
    size_t i = 0;
    while (i < text.len && (unsigned char)text.at[i] < 0x80)
        i++;
    return i == text.len;
}

/* Of ASCII all forms are one. */
static ix_str fold_ascii(ix_ctx *cx, ix_str text)
{
    char *made = ix_strndup(cx, text.at, text.len);
    for (size_t i = 0; made && i < text.len; i++) {
        if (made[i] >= 'A' && made[i] <= 'Z')
            made[i] = (char)(made[i] - 'A' + 'a');
    }
    return (ix_str){made, made ? text.len : 0};
}

ix_str text_fold(ix_ctx *cx, ix_str text)
{
    ix_buf folded = {0}, normal = {0};
    if (text.len == 0 || is_ascii(text))
        return fold_ascii(cx, text.len ? text : IX_STR(""));
    /* Folding may leave what NFKC would write otherwise. */
    const bool ok = add_normal(cx, &folded, text, true) &&
                    add_normal(cx, &normal, (ix_str){ix_buf_cstr(&folded), folded.len}, false);
    if (ok && (folded.failed || normal.failed))
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    const char *made = ix_failed(cx) ? NULL : ix_strndup(cx, ix_buf_cstr(&normal), normal.len);
    const ix_str ret = {made, made ? normal.len : 0};
    ix_buf_done(&folded);
    ix_buf_done(&normal);
    return ret;
}
