/* SPDX-License-Identifier: Apache-2.0 */
/* What is read as a span ends after it begins, and says the same once its times are written out. */
#include <stdint.h>
#include <stdlib.h>

#include "base/time.h"
#include "domain/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_reread(ix_ctx *cx, const time_span *read)
{
    ix_buf text = {0};
    ix_buf_time(&text, read->from_us);
    if (read->is_range) {
        ix_buf_char(&text, '|');
        ix_buf_time(&text, read->to_us);
    }
    time_span again;
    must(span_parse(cx, (ix_str){text.at, text.len}, &again));
    must(again.is_range == read->is_range && again.from_us == read->from_us &&
         again.to_us == read->to_us);
    ix_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ix_ctx cx;
    time_span span;
    must(ix_ctx_init(&cx, 0));
    if (span_parse(&cx, (ix_str){(const char *)data, size}, &span)) {
        must(span.from_us <= span.to_us && (span.is_range || span.from_us == span.to_us));
        must(span.from_us >= ix_time_first_us && span.to_us <= ix_time_last_us);
        check_reread(&cx, &span);
    } else {
        must(cx.error.code == IOTS_INVALID && cx.error.field && cx.error.reason);
    }
    ix_ctx_done(&cx);
    return 0;
}
