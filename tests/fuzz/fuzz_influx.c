/* SPDX-License-Identifier: Apache-2.0 */
/* A point of the line protocol that is read has fields, each with a name and a value that is JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/transfer/influx_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ix_str left = {(const char *)data, size};
    ix_ctx cx;
    if (size == 0 || !ix_str_is_utf8(left) || memchr(data, '\0', size) || !ix_ctx_init(&cx, 0))
        return 0;
    while (left.len > 0) {
        bool is_open;
        influx_point point;
        const size_t len = influx_point_end(left, &is_open);
        must(len <= left.len && (len == left.len || left.at[len] == '\n'));
        if (influx_point_read(&cx, (ix_str){left.at, len}, &point)) {
            must(!is_open && point.measurement.len > 0 && point.field_count > 0);
            for (size_t i = 0; i < point.field_count; i++) {
                const influx_field *field = &point.fields[i];
                must(field->name.len > 0 && (!field->json != !field->fault));
                must(!field->json || ix_json_parse(&cx, field->json, strlen(field->json)));
            }
        }
        ix_ctx_clear_error(&cx);
        const size_t taken = len < left.len ? len + 1 : len;
        left = (ix_str){left.at + taken, left.len - taken};
    }
    ix_ctx_done(&cx);
    return 0;
}
