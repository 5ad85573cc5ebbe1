/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at JSON: the functions of floor 0 under their public names, each with a pointer. */
#include <stdlib.h>

#include "base/buf.h"
#include "client/reply.h"

_Static_assert(IOTS_KIND_NONE == (int)IX_NONE && IOTS_KIND_NULL == (int)IX_NULL &&
                   IOTS_KIND_BOOL == (int)IX_BOOL && IOTS_KIND_INTEGER == (int)IX_INT &&
                   IOTS_KIND_NUMBER == (int)IX_REAL && IOTS_KIND_TEXT == (int)IX_TEXT &&
                   IOTS_KIND_ARRAY == (int)IX_ARRAY && IOTS_KIND_OBJECT == (int)IX_OBJECT,
               "the public kinds are those of base/json.h");

static const ix_json *at(const iots_json *json, const char *pointer)
{
    return ix_json_at(json_known(json), pointer ? pointer : "");
}

const iots_json *iots_json_at(const iots_json *json, const char *pointer)
{
    return json_shown(at(json, pointer));
}

iots_kind iots_json_kind(const iots_json *json, const char *pointer)
{
    return (iots_kind)ix_json_kind(at(json, pointer));
}

const char *iots_json_string(const iots_json *json, const char *pointer)
{
    return ix_json_string(at(json, pointer));
}

double iots_json_number(const iots_json *json, const char *pointer, double otherwise)
{
    return ix_json_number(at(json, pointer), otherwise);
}

int64_t iots_json_integer(const iots_json *json, const char *pointer, int64_t otherwise)
{
    return ix_json_int(at(json, pointer), otherwise);
}

bool iots_json_bool(const iots_json *json, const char *pointer, bool otherwise)
{
    return ix_json_bool(at(json, pointer), otherwise);
}

size_t iots_json_count(const iots_json *json, const char *pointer)
{
    return ix_json_count(at(json, pointer));
}

const iots_json *iots_json_item(const iots_json *json, size_t index)
{
    return json_shown(ix_json_item(json_known(json), index));
}

static iots_member member_shown(ix_member member)
{
    return (iots_member){member.name, json_shown(member.value), member.object, member.iter};
}

iots_member iots_json_members(const iots_json *object)
{
    return member_shown(ix_members(json_known(object)));
}

iots_member iots_json_members_next(iots_member member)
{
    const ix_member known = {member.name, json_known(member.value), member.object, member.place};
    return member_shown(ix_members_next(known));
}

char *iots_json_text(const iots_json *json, int indent)
{
    ix_buf buf = {0};
    if (indent > 0)
        ix_json_write_pretty(&buf, json_known(json), indent);
    else
        ix_json_write(&buf, json_known(json));
    if (buf.failed) {
        ix_buf_done(&buf);
        return NULL;
    }
    return ix_buf_take(&buf, NULL);
}
