/* SPDX-License-Identifier: Apache-2.0 */
#include "client/opts.h"

#include <string.h>

enum { OPTS_MAX = 4096 }; /* no struct of ours is this large: the stamp is not one */

bool opts_take(ix_ctx *cx, const char *name, const void *given, void *ret, size_t size)
{
    memset(ret, 0, size);
    if (given) {
        size_t stamp;
        memcpy(&stamp, given, sizeof stamp);
        if (stamp < sizeof stamp || stamp > OPTS_MAX)
            return ix_fail(cx, IOTS_USAGE, "%s: .size is not set", name);
        const unsigned char *bytes = given;
        for (size_t i = size; i < stamp; i++) {
            if (bytes[i])
                return ix_fail(cx, IOTS_USAGE, "%s: this library is too old for an option in it",
                               name);
        }
        memcpy(ret, given, stamp < size ? stamp : size);
    }
    memcpy(ret, &size, sizeof size);
    return true;
}

size_t opts_count(const iots_param *list)
{
    size_t count = 0;
    while (list && list[count].name)
        count++;
    return count;
}

iots_param *opts_copy(ix_ctx *cx, const iots_param *list)
{
    iots_param *copy = ix_new(cx, iots_param, opts_count(list) + 1);
    if (!copy)
        return NULL;
    size_t count = 0;
    for (const iots_param *pair = list; pair && pair->name; pair++) {
        if (!pair->value)
            continue;
        copy[count].name = ix_strdup(cx, pair->name);
        copy[count].value = ix_strdup(cx, pair->value);
        if (!copy[count].name || !copy[count].value)
            return NULL;
        count++;
    }
    return copy;
}
