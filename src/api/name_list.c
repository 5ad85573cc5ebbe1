/* SPDX-License-Identifier: Apache-2.0 */
#include "api/name_list.h"

#include <string.h>

bool name_list_next(ix_str *list, ix_str *word)
{
    do
        *list = ix_str_cut(*list, ' ', word);
    while (!word->len && list->len);
    return word->len > 0;
}

bool name_list_has(const char *list, ix_str word)
{
    ix_str rest = ix_str_of(list), each;
    while (name_list_next(&rest, &each)) {
        if (ix_str_equal(each, word))
            return true;
    }
    return false;
}

const char *name_list_add(ix_ctx *cx, const char *list, ix_str word)
{
    if (name_list_has(list, word))
        return list;
    return ix_format(cx, "%s%s%.*s", list, *list ? " " : "", (int)word.len, word.at);
}

void name_list_remove(char *list, ix_str word)
{
    char *end = list;
    ix_str rest = ix_str_of(list), each;
    while (name_list_next(&rest, &each)) {
        if (ix_str_equal(each, word))
            continue;
        if (end > list)
            *end++ = ' ';
        memmove(end, each.at, each.len);
        end += each.len;
    }
    *end = 0;
}
