/* SPDX-License-Identifier: Apache-2.0 */
#include "net/chunks.h"

#include "base/test.h"

/* ---- the words in which the tests are said ---- */

/* The body that comes of these bytes when they arrive `piece` at a time, then "|" and what is left
 * over; "faulty" or "more". */
static const char *body_in(ix_ctx *cx, ix_str bytes, size_t piece)
{
    chunks chunks = {0};
    ix_buf body = {0};
    for (size_t at = 0; at < bytes.len;) {
        const size_t len = bytes.len - at < piece ? bytes.len - at : piece;
        ix_str part = {bytes.at + at, len}, data;
        chunks_step step;
        while ((step = chunks_next(&chunks, &part, &data)) == CHUNKS_DATA)
            ix_buf_str(&body, data);
        if (step == CHUNKS_FAULTY) {
            CHECK(chunks.fault != NULL);
            ix_buf_done(&body);
            return "faulty";
        }
        at += len - part.len;
        if (step == CHUNKS_ENDED) {
            ix_buf_format(&body, "|%.*s", (int)(bytes.len - at), bytes.at + at);
            const char *text = ix_strdup(cx, ix_buf_cstr(&body));
            ix_buf_done(&body);
            return text;
        }
        CHECK_INT(part.len, 0);
    }
    ix_buf_done(&body);
    return "more";
}

static const char *body_of(ix_ctx *cx, const char *text)
{
    const char *whole = body_in(cx, ix_str_of(text), strlen(text) + 1);
    for (size_t piece = 1; piece < 8; piece++) {
        const char *same = body_in(cx, ix_str_of(text), piece);
        if (strchr(whole, '|')) /* what comes behind is not there yet */
            CHECK(strncmp(whole, same, strcspn(whole, "|") + 1) == 0);
        else
            CHECK_TEXT(same, whole);
    }
    return whole;
}

TEST("chunks are put together, and what follows the last one is not theirs")
{
    CHECK_TEXT(body_of(cx, "0\r\n\r\n"), "|");
    CHECK_TEXT(body_of(cx, "5\r\nhello\r\n0\r\n\r\nGET"), "hello|GET");
    CHECK_TEXT(body_of(cx, "1\r\na\r\n0000A\r\n0123456789\r\n000\r\n\r\n"), "a0123456789|");
    CHECK_TEXT(body_of(cx, "2\r\n\r\n\r\n0\r\n\r\n"), "\r\n|");
}

TEST("extensions and trailers are passed over")
{
    CHECK_TEXT(body_of(cx, "1;a=b;c=\"d;\\\"\"\r\nx\r\n0 ;e\r\n\r\n"), "x|");
    CHECK_TEXT(body_of(cx, "1 \t\r\nx\r\n0\r\nA: b\r\nC:\r\n\r\n/"), "x|/");
}

TEST("chunks that are not at their end want more")
{
    static const char *const cases[] = {
        "5",     "5\r",     "5\r\n",         "5\r\nhel",       "5\r\nhello", "5\r\nhello\r\n",
        "0\r\n", "0\r\n\r", "0\r\nA: b\r\n", "0\r\nA: b\r\n\r"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(body_of(cx, cases[i]), "more");
}

TEST("what the standard does not allow is an error")
{
    static const char *const cases[] = {
        "\r\n",
        "x\r\n",
        "-1\r\n",
        "+1\r\n",
        " 1\r\n",
        "0x1\r\n",
        "1\n",
        "1;a\nx",
        "1;a\rx",
        "1;\x01\r\n",
        "1,2\r\n",
        "1\r\nxx",
        "1\r\nx\n",
        "1\r\nx\rx",
        "0\r\nA: b\n",
        "0\r\nA\r:",
        "0\r\nA: \x7f\r\n",
        "0\r\n\rx",
        "10000000000000000\r\n",
        "ffffffffffffffff\r\n",
        "7fffffffffffffff\r\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(body_of(cx, cases[i]), "faulty") != 0)
            print_error("%s: %s\n", cases[i], body_of(cx, cases[i]));
        CHECK_TEXT(body_of(cx, cases[i]), "faulty");
    }
}

/* `head`, `count` times `part`, `tail`; only whether it is taken. */
static const char *outcome(ix_ctx *cx, const char *head, const char *part, size_t count,
                           const char *tail)
{
    ix_buf text = {0};
    ix_buf_text(&text, head);
    while (count-- > 0)
        ix_buf_text(&text, part);
    ix_buf_text(&text, tail);
    const char *body = body_in(cx, (ix_str){text.at, text.len}, text.len);
    ix_buf_done(&text);
    return strchr(body, '|') ? "taken" : body;
}

TEST("extensions and trailers have their limits")
{
    CHECK_TEXT(outcome(cx, "1;", "a", CHUNKS_LINE_MAX - 3, "\r\nx\r\n0\r\n\r\n"), "taken");
    CHECK_TEXT(outcome(cx, "1;", "a", CHUNKS_LINE_MAX, "\r\nx\r\n0\r\n\r\n"), "faulty");
    CHECK_TEXT(outcome(cx, "0\r\nA: ", "a", CHUNKS_EXTRA_MAX - 3, "\r\n\r\n"), "taken");
    CHECK_TEXT(outcome(cx, "0\r\nA: ", "a", CHUNKS_EXTRA_MAX - 2, "\r\n\r\n"), "faulty");
    CHECK_TEXT(outcome(cx, "", "1;abcdefg\r\nx\r\n", CHUNKS_EXTRA_MAX / 8, "0\r\n\r\n"), "taken");
    CHECK_TEXT(outcome(cx, "", "1;abcdefg\r\nx\r\n", CHUNKS_EXTRA_MAX / 8 + 1, "0\r\n\r\n"),
               "faulty");
}

TEST("once faulty, always faulty")
{
    chunks chunks = {0};
    ix_str bytes = IX_STR("x"), more = IX_STR("0\r\n\r\n"), data;
    CHECK(chunks_next(&chunks, &bytes, &data) == CHUNKS_FAULTY);
    CHECK(chunks_next(&chunks, &more, &data) == CHUNKS_FAULTY);
}
