/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/write.h"

#include "base/json.h"
#include "base/time.h"

static void write_value(ix_buf *buf, const ix_out *member)
{
    switch (member->type) {
    case IX_T_INT:
        ix_buf_int(buf, member->number);
        return;
    case IX_T_BOOL:
        ix_buf_text(buf, member->number ? "true" : "false");
        return;
    case IX_T_TIME:
        ix_buf_char(buf, '"');
        ix_buf_time(buf, member->number);
        ix_buf_char(buf, '"');
        return;
    default:
        if (member->inside)
            ix_document_write(buf, member->inside_count, member->inside);
        else if (!member->text.at)
            ix_buf_text(buf, "null");
        else if (member->type == IX_T_STRING)
            ix_json_write_text(buf, member->text);
        else
            ix_buf_str(buf, member->text);
    }
}

void ix_members_write(ix_buf *buf, size_t count, const ix_out *members)
{
    for (const ix_out *member = members; member < members + count; member++) {
        if (member->is_absent)
            continue;
        if (buf->len > 0 && buf->at[buf->len - 1] != '{')
            ix_buf_char(buf, ',');
        ix_buf_char(buf, '"');
        ix_buf_str(buf, member->key);
        ix_buf_text(buf, "\":");
        write_value(buf, member);
    }
}

void ix_document_write(ix_buf *buf, size_t count, const ix_out *members)
{
    ix_buf_char(buf, '{');
    ix_members_write(buf, count, members);
    ix_buf_char(buf, '}');
}
