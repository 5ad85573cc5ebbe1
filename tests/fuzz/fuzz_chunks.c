/* SPDX-License-Identifier: Apache-2.0 */
/* A body in chunks is the same body, or is as faulty, however it comes in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/chunks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* `ret_taken`: how many bytes were the body's. */
static chunks_step read_body(ix_str bytes, size_t piece, ix_buf *body, size_t *ret_taken)
{
    chunks chunks = {0};
    *ret_taken = 0;
    while (*ret_taken < bytes.len) {
        const size_t left = bytes.len - *ret_taken;
        ix_str part = {bytes.at + *ret_taken, left < piece ? left : piece}, data;
        const size_t len = part.len;
        chunks_step step;
        while ((step = chunks_next(&chunks, &part, &data)) == CHUNKS_DATA) {
            must(data.len > 0);
            ix_buf_str(body, data);
        }
        *ret_taken += len - part.len;
        if (step != CHUNKS_MORE) {
            must(step == CHUNKS_ENDED || chunks.fault);
            return step;
        }
        must(part.len == 0);
    }
    return CHUNKS_MORE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const ix_str bytes = {(const char *)data + 1, size - 1};
    ix_buf whole = {0}, pieces = {0};
    size_t whole_taken, pieces_taken;
    const chunks_step step = read_body(bytes, bytes.len, &whole, &whole_taken);
    must(read_body(bytes, 1 + data[0] % 16, &pieces, &pieces_taken) == step);
    must(whole_taken == pieces_taken);
    must(ix_str_equal((ix_str){whole.at, whole.len}, (ix_str){pieces.at, pieces.len}));
    must(whole.len < bytes.len || !whole.len);
    ix_buf_done(&whole);
    ix_buf_done(&pieces);
    return 0;
}
