/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever is read as JSON can be written and read again, compact and pretty, and is equal then; it
 * is written the same way the second time. Whatever is refused is refused with a reason.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not an assert: it must hold in every build. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_reread(ix_ctx *cx, const ix_json *json, const char *text, size_t len)
{
    const ix_json *again = ix_json_parse(cx, text, len);
    must(again && ix_json_equal(json, again) && ix_json_compare(again, json) == 0);
    must(strcmp(ix_json_text(cx, again), ix_json_text(cx, json)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ix_ctx cx;
    must(ix_ctx_init(&cx, 0));
    const ix_json *json = ix_json_parse(&cx, (const char *)data, size);
    if (json) {
        const char *text = ix_json_text(&cx, json);
        check_reread(&cx, json, text, strlen(text));
        ix_buf pretty = {0};
        ix_json_write_pretty(&pretty, json, 2);
        check_reread(&cx, json, pretty.at, pretty.len);
        ix_buf_done(&pretty);
        must(ix_json_equal(json, ix_json_copy(&cx, json)));
        must(!ix_failed(&cx));
    } else {
        must(cx.error.code == IOTS_INVALID && cx.error.message[0] != '\0');
        must(ix_str_is_utf8(ix_str_of(cx.error.message)));
    }
    ix_ctx_done(&cx);
    return 0;
}
