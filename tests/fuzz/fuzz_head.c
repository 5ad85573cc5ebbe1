/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a head ends does not depend on how it comes in. One that is read has a method, a target and
 * values without blanks, all of them within it; one that is not has a status and a sentence.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_fault(const head *head)
{
    must(head->status >= 400 && head->status < 600 && head->fault);
}

static void check_within(ix_str value, ix_str text)
{
    must(!value.len || (value.at >= text.at && value.at + value.len <= text.at + text.len));
}

static void check_head(ix_str text, bool is_tls)
{
    head head;
    if (!head_read(&head, text, is_tls)) {
        check_fault(&head);
        return;
    }
    must(head.status == 0 && head.method.len > 0 && head.method.len <= HEAD_METHOD_MAX);
    must(head.target.len > 0 && memchr("/?*", head.target.at[0], 3));
    must(!memchr(head.target.at, ' ', head.target.len));
    must(head.framing != HEAD_LENGTH || head.length > 0);
    if (!ix_str_is(head.target, "/"))
        check_within(head.target, text);
    check_within(head.authority, text);
    for (int i = 0; i < HEAD_FIELD_COUNT; i++) {
        check_within(head.values[i], text);
        must(ix_str_equal(head.values[i], ix_str_trim(head.values[i])));
    }
}

/* The whole of it at once. */
static head_found find(ix_str bytes, size_t *ret_len)
{
    head_search search = {0};
    head fault = {0};
    const head_found found = head_find(&search, bytes, ret_len, &fault);
    if (found == HEAD_FAULTY)
        check_fault(&fault);
    return found;
}

/* In pieces of some bytes. */
static head_found find_slowly(ix_str bytes, size_t piece, size_t *ret_len)
{
    head_search search = {0};
    head fault = {0};
    head_found found = HEAD_MORE;
    for (size_t len = piece; found == HEAD_MORE && len < bytes.len + piece; len += piece)
        found = head_find(&search, (ix_str){bytes.at, len < bytes.len ? len : bytes.len}, ret_len,
                          &fault);
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const ix_str bytes = {(const char *)data + 1, size - 1};
    size_t len = 0, slow_len = 0;
    const head_found found = find(bytes, &len);
    must(find_slowly(bytes, 1 + data[0] % 16, &slow_len) == found);
    if (found != HEAD_WHOLE)
        return 0;
    must(len == slow_len && len <= bytes.len && len <= HEAD_BYTES_MAX);
    must(memcmp(bytes.at + len - 4, "\r\n\r\n", 4) == 0);
    check_head((ix_str){bytes.at, len}, data[0] & 128);
    return 0;
}
