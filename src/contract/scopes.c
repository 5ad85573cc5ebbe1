/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes: names to bits. A name covers itself and everything that continues it after a dot. */
#include "contract/scopes.h"

#include <stddef.h>

const char *const ix_scope_names[IX_SCOPE_COUNT] = {
#define SCOPE(id, text, doc) [IX_SCOPE_##id] = (text),
#include "contract/scopes.def"
#undef SCOPE
};

const char *const ix_scope_docs[IX_SCOPE_COUNT] = {
#define SCOPE(id, text, doc) [IX_SCOPE_##id] = (doc),
#include "contract/scopes.def"
#undef SCOPE
};

_Static_assert(IX_SCOPE_COUNT <= 64, "a set of scopes is one uint64_t");

/* The next word of a blank-separated list; false at the end. */
static bool name_list_next(ix_str *list, ix_str *ret)
{
    while (list->len) {
        *list = ix_str_cut(*list, ' ', ret);
        if (ret->len)
            return true;
    }
    return false;
}

static bool name_covers(ix_str parent, ix_str name)
{
    return parent.len <= name.len && memcmp(parent.at, name.at, parent.len) == 0 &&
           (parent.len == name.len || name.at[parent.len] == '.');
}

uint64_t ix_scopes_allowed(ix_str names)
{
    uint64_t allowed = 0;
    for (ix_str word; name_list_next(&names, &word);) {
        for (int i = 0; i < IX_SCOPE_COUNT; i++) {
            if (name_covers(word, ix_str_of(ix_scope_names[i])))
                allowed |= UINT64_C(1) << i;
        }
    }
    return allowed;
}

bool ix_scopes_cover(ix_str names, ix_str name)
{
    if (!name.len)
        return false;
    for (ix_str word; name_list_next(&names, &word);) {
        if (name_covers(word, name))
            return true;
    }
    return false;
}

const char *ix_scopes_all(void)
{
    return "thing category model query mqtt communications communication email offline "
           "offline_access openid";
}

bool ix_scope_is_valid(ix_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == '"' || name.at[i] == '\\')
            return false;
    }
    return name.len > 0;
}
