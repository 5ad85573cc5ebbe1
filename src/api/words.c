/* SPDX-License-Identifier: Apache-2.0 */
#include "api/words.h"

bool word_next(ix_str *list, ix_str *word)
{
    do
        *list = ix_str_cut(*list, ' ', word);
    while (!word->len && list->len);
    return word->len > 0;
}

bool words_have(const char *list, ix_str word)
{
    ix_str rest = ix_str_of(list), each;
    while (word_next(&rest, &each)) {
        if (ix_str_equal(each, word))
            return true;
    }
    return false;
}

const char *words_add(ix_ctx *cx, const char *list, ix_str word)
{
    if (words_have(list, word))
        return list;
    return ix_format(cx, "%s%s%.*s", list, *list ? " " : "", (int)word.len, word.at);
}
