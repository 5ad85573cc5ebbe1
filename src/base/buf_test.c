/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdlib.h>

#include "base/test.h"

TEST("text grows by bytes, texts, characters, integers and formats")
{
    ix_buf buf = {0};
    CHECK_TEXT(ix_buf_cstr(&buf), "");
    ix_buf_add(&buf, "abc", 2);
    ix_buf_str(&buf, IX_STR("-str"));
    ix_buf_text(&buf, "-text");
    ix_buf_char(&buf, ' ');
    ix_buf_int(&buf, -17);
    ix_buf_format(&buf, " %s=%03d", "n", 7);
    CHECK_TEXT(ix_buf_cstr(&buf), "ab-str-text -17 n=007");
    CHECK_INT(buf.len, strlen(buf.at));
    ix_buf_done(&buf);
    CHECK(!buf.at);
}

TEST("integers are written to their ends")
{
    ix_buf buf = {0};
    ix_buf_int(&buf, INT64_MIN);
    ix_buf_char(&buf, ' ');
    ix_buf_int(&buf, INT64_MAX);
    ix_buf_char(&buf, ' ');
    ix_buf_int(&buf, 0);
    CHECK_TEXT(ix_buf_cstr(&buf), "-9223372036854775808 9223372036854775807 0");
    ix_buf_done(&buf);
}

TEST("growth keeps every byte")
{
    ix_buf buf = {0};
    for (int i = 0; i < 10000; i++) {
        ix_buf_char(&buf, (char)('a' + i % 26));
        ix_buf_format(&buf, "%0200d", i);
    }
    CHECK_INT(buf.len, 10000 * 201);
    for (int i = 0; i < 10000; i++)
        CHECK(buf.at[(size_t)i * 201] == (char)('a' + i % 26));
    ix_buf_done(&buf);
}

TEST("a cleared buffer keeps its memory and begins anew")
{
    ix_buf buf = {0};
    ix_buf_clear(&buf);
    ix_buf_text(&buf, "something");
    ix_buf_clear(&buf);
    CHECK_TEXT(ix_buf_cstr(&buf), "");
    CHECK(buf.size > 0);
    ix_buf_text(&buf, "else");
    CHECK_TEXT(ix_buf_cstr(&buf), "else");
    ix_buf_done(&buf);
}

TEST("after a failed growth nothing is added, and nothing is given away")
{
    ix_buf buf = {0};
    ix_buf_text(&buf, "before");
    CHECK(!ix_buf_reserve(&buf, SIZE_MAX / 2));
    CHECK(buf.failed);
    ix_buf_text(&buf, "after");
    ix_buf_char(&buf, '!');
    ix_buf_int(&buf, 1);
    ix_buf_format(&buf, "%d", 1);
    ix_buf_percent(&buf, IX_STR("a"));
    CHECK_TEXT(ix_buf_cstr(&buf), "before");
    CHECK(!ix_buf_take(&buf, NULL));
    CHECK(!buf.at && !buf.failed);
}

TEST("all but unreserved characters are percent-encoded")
{
    ix_buf buf = {0};
    ix_buf_percent(&buf, IX_STR("az AZ/09-._~+%\xC3\xB6"));
    CHECK_TEXT(ix_buf_cstr(&buf), "az%20AZ%2F09-._~%2B%25%C3%B6");
    ix_buf_done(&buf);
}

TEST("the bytes can be taken, even if there are none")
{
    ix_buf buf = {0};
    size_t len = 9;
    char *bytes = ix_buf_take(&buf, &len);
    CHECK_TEXT(bytes, "");
    CHECK_INT(len, 0);
    free(bytes);
    ix_buf_text(&buf, "abc");
    bytes = ix_buf_take(&buf, &len);
    CHECK_TEXT(bytes, "abc");
    CHECK_INT(len, 3);
    CHECK(!buf.at && buf.len == 0);
    free(bytes);
}

TEST("a text moves into cx, with every byte and a zero behind it")
{
    ix_buf buf = {0};
    ix_str text;
    ix_buf_add(&buf, "a\0b", 3);
    CHECK_OK(cx, ix_buf_take_in(cx, &buf, &text));
    CHECK_INT(text.len, 3);
    CHECK(memcmp(text.at, "a\0b", 4) == 0);
    CHECK(!buf.at);

    CHECK_OK(cx, ix_buf_take_in(cx, &buf, &text));
    CHECK_TEXT(text.at, "");
    CHECK_INT(text.len, 0);
}

TEST("of a buffer that ran out of memory nothing moves, and cx has the reason")
{
    ix_buf buf = {0};
    ix_str text = IX_STR("before");
    ix_buf_text(&buf, "half");
    buf.failed = true;
    CHECK_FAILS(cx, ix_buf_take_in(cx, &buf, &text), IOTS_NO_MEMORY);
    CHECK(!text.at);
    CHECK_INT(text.len, 0);
    CHECK(!buf.at);
}
