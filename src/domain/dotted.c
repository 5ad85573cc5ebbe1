/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/dotted.h"

/* The part of `path` before its last dot; false if there is none. */
static bool shorten(ix_str path, ix_str *ret)
{
    for (size_t i = path.len; i > 0; i--) {
        if (path.at[i - 1] == '.') {
            *ret = (ix_str){path.at, i - 1};
            return true;
        }
    }
    return false;
}

const ix_json *dotted_find(const ix_json *object, ix_str path)
{
    if (path.len > DOTTED_MAX)
        return NULL;
    while (object) {
        ix_str name = path;
        const ix_json *value = ix_json_member_str(object, name);
        while (!value && shorten(name, &name))
            value = ix_json_member_str(object, name);
        if (!value || name.len == path.len)
            return value;
        path = (ix_str){path.at + name.len + 1, path.len - name.len - 1};
        object = value;
    }
    return NULL;
}
