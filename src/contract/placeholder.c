/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/placeholder.h"

static bool is_of_name(char c)
{
    const unsigned char byte = (unsigned char)c;
    return byte >= 0x20 && byte != 0x7f && c != '{' && c != '}';
}

/* How many bytes from `at` on may be of a name; one more than a name has is enough. */
static size_t name_length(ix_str text, size_t at)
{
    size_t length = 0;
    while (at + length < text.len && length <= IX_PLACEHOLDER_MAX &&
           is_of_name(text.at[at + length]))
        length++;
    return length;
}

bool ix_placeholder_is_valid(ix_str name)
{
    return name.len > 0 && name.len <= IX_PLACEHOLDER_MAX && name_length(name, 0) == name.len;
}

bool ix_placeholder_find(ix_str text, ix_placeholder *ret)
{
    for (size_t i = 0; i + 4 < text.len; i++) {
        if (text.at[i] != '{' || text.at[i + 1] != '{')
            continue;
        const size_t start = i + 2, length = name_length(text, start), end = start + length;
        if (length == 0 || length > IX_PLACEHOLDER_MAX || end + 1 >= text.len ||
            text.at[end] != '}' || text.at[end + 1] != '}')
            continue;
        *ret = (ix_placeholder){
            .before = {text.at, i},
            .name = {text.at + start, length},
            .behind = {text.at + end + 2, text.len - end - 2},
        };
        return true;
    }
    return false;
}
