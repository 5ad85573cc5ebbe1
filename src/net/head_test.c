/* SPDX-License-Identifier: Apache-2.0 */
#include "net/head.h"

#include "base/test.h"

/* ---- the words in which the tests are said ---- */

#define GET(target)  "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"
#define WITH(fields) "PUT /a HTTP/1.1\r\nHost: x\r\n" fields "\r\n\r\n"

static head read_head(const char *text)
{
    head head;
    head_read(&head, ix_str_of(text), false);
    return head;
}

static const char *text_of(ix_ctx *cx, ix_str text)
{
    return ix_strndup(cx, text.at ? text.at : "(none)", text.at ? text.len : 6);
}

/* Where a head ends, if all of `text` comes at once. */
static head_found find(const char *text, size_t *ret_len, head *fault)
{
    head_search search = {0};
    return head_find(&search, ix_str_of(text), ret_len, fault);
}

/* ---- where it ends ---- */

TEST("a head ends with its empty line, however it comes in")
{
    const char *text = "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nGET";
    const size_t end = strlen(text) - 3;
    head fault;
    size_t len;
    CHECK(find(text, &len, &fault) == HEAD_WHOLE);
    CHECK_INT(len, end);

    head_search search = {0};
    for (size_t n = 0; n < end; n++)
        CHECK(head_find(&search, (ix_str){text, n}, &len, &fault) == HEAD_MORE);
    CHECK(head_find(&search, (ix_str){text, end}, &len, &fault) == HEAD_WHOLE);
    CHECK_INT(len, end);
}

TEST("what cannot become a head is known at once")
{
    static const char *const cases[] = {
        "\x16\x03\x01\x02",
        " GET / HTTP/1.1\r\n",
        "hello\r\n",
        "GET\r\n",
        "G\x01",
        "{\"a\":1}",
        "\r\n\n",
        "\n",
        "GET / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/1.1\r\nHost: x\n",
        "AMETHODOFTHIRTYTHREELETTERSANDMOR",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        head fault = {0};
        size_t len;
        CHECK(find(cases[i], &len, &fault) == HEAD_FAULTY);
        CHECK_INT(fault.status, 400);
    }
}

TEST("a first line without end is 414, headers without end are 431")
{
    char *text = ix_alloc(cx, 2 * HEAD_BYTES_MAX);
    head fault;
    size_t len;
    memset(text, 'x', HEAD_BYTES_MAX);
    memcpy(text, "GET /", 5);
    CHECK(find(text, &len, &fault) == HEAD_FAULTY);
    CHECK_INT(fault.status, 414);
    memcpy(text, "GET / HTTP/1.1\r\nA: ", 19);
    CHECK(find(text, &len, &fault) == HEAD_FAULTY);
    CHECK_INT(fault.status, 431);
    /* Also if the end is there as well. */
    strcpy(text + HEAD_BYTES_MAX, "\r\n\r\n");
    CHECK(find(text, &len, &fault) == HEAD_FAULTY);
    CHECK_INT(fault.status, 431);
}

TEST("a head of the largest size is read")
{
    char *text = ix_alloc(cx, HEAD_BYTES_MAX + 1);
    memset(text, 'x', HEAD_BYTES_MAX);
    const char *start = "GET / HTTP/1.1\r\nHost: y\r\nA: ";
    memcpy(text, start, strlen(start));
    memcpy(text + HEAD_BYTES_MAX - 4, "\r\n\r\n", 4);
    head fault;
    size_t len;
    CHECK(find(text, &len, &fault) == HEAD_WHOLE);
    CHECK_INT(len, HEAD_BYTES_MAX);
    CHECK_INT(read_head(text).status, 0);
}

/* ---- targets ---- */

TEST("a target is a path, or an address that wins over Host")
{
    static const struct {
        const char *head, *target, *authority;
    } cases[] = {
        {GET("/a/b?c=d"), "/a/b?c=d", "x"},
        {GET("http://h/a?b"), "/a?b", "h"},
        {GET("http://h:80/a"), "/a", "h:80"},
        {GET("HTTP://[::1]:8080/a"), "/a", "[::1]:8080"},
        {GET("http://h"), "/", "h"},
        {GET("http://h?a=b"), "?a=b", "h"},
        {GET("//a"), "//a", "x"},
        {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "*", "x"},
        {"OPTIONS http://h HTTP/1.1\r\nHost: x\r\n\r\n", "/", "h"},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "/", ""},
        {"GET / HTTP/1.0\r\n\r\n", "/", "(none)"},
        {"GET /a%00 HTTP/1.1\r\nHost:  x:1 \t\r\n\r\n", "/a%00", "x:1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const head head = read_head(cases[i].head);
        CHECK_INT(head.status, 0);
        CHECK_TEXT(text_of(cx, head.target), cases[i].target);
        CHECK_TEXT(text_of(cx, head.authority), cases[i].authority);
    }
}

TEST("an https address is for a connection with TLS")
{
    head head = read_head(GET("https://h/a"));
    CHECK_INT(head.status, 421);
    CHECK(head_read(&head, IX_STR(GET("https://h/a")), true));
    CHECK_TEXT(text_of(cx, head.target), "/a");
    CHECK(!head_read(&head, IX_STR(GET("http://h/a")), true));
    CHECK_INT(head.status, 421);
}

/* ---- what is refused ---- */

TEST("what the standard calls an error is one")
{
    static const struct {
        const char *head;
        int status;
    } cases[] = {
        {"GET /\r\nHost: x\r\n\r\n", 400},
        {"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
        {"GET / HTTP/1.1 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET / http/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET / HTTP/1.10\r\nHost: x\r\n\r\n", 400},
        {"GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505},
        {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\n", 505},
        {"GET /\t HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET /a\rb HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {GET("a"), 400},
        {GET("/a#b"), 400},
        {GET("http://h#b"), 400},
        {GET("*"), 400},
        {GET("ftp://x/a"), 400},
        {GET("http:///a"), 400},
        {GET("http://u@h/a"), 400},
        {GET("http://u:p@h/a"), 400},
        {"CONNECT h:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET http://h/ HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n", 400},
        {"GET http://h/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {WITH("no header"), 400},
        {WITH(": x"), 400},
        {WITH("A : x"), 400},
        {WITH(" A: x"), 400},
        {WITH("A: x\r\n y"), 400},
        {WITH("A: x\r\n\ty"), 400},
        {WITH("A: x\ry"), 400},
        {WITH("A: x\x01"), 400},
        {WITH("A\xc3: x"), 400},
        {WITH("Content-Length: 7\r\nTransfer-Encoding: chunked"), 400},
        {WITH("Content-Length: 7\r\nContent-Length: 8"), 400},
        {WITH("Content-Length: 7, 7"), 400},
        {WITH("Content-Length: -7"), 400},
        {WITH("Content-Length: +7"), 400},
        {WITH("Content-Length: 0x7"), 400},
        {WITH("Content-Length: 7 7"), 400},
        {WITH("Content-Length:"), 400},
        {WITH("Transfer-Encoding: gzip"), 400},
        {WITH("Transfer-Encoding: chunked, gzip"), 400},
        {WITH("Transfer-Encoding: xchunked"), 400},
        {WITH("Transfer-Encoding:"), 400},
        {WITH("Transfer-Encoding: gzip, chunked"), 501},
        {WITH("Transfer-Encoding: chunked, chunked"), 501},
        {WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
        {"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {WITH("Authorization: a\r\nAuthorization: b"), 400},
        {WITH("Content-Encoding: gzip\r\nContent-Encoding: gzip"), 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const head head = read_head(cases[i].head);
        if (head.status != cases[i].status)
            print_error("%s: %d\n", cases[i].head, head.status);
        CHECK_INT(head.status, cases[i].status);
        CHECK(head.fault != NULL);
    }
}

TEST("a zero is a control character like any other")
{
    static const char in_header[] = "GET / HTTP/1.1\r\nHost: x\r\nA: x\0y\r\n\r\n";
    static const char in_target[] = "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n";
    head head;
    CHECK(!head_read(&head, (ix_str){in_header, sizeof in_header - 1}, false));
    CHECK_INT(head.status, 400);
    CHECK(!head_read(&head, (ix_str){in_target, sizeof in_target - 1}, false));
    CHECK_INT(head.status, 400);
}

TEST("a hundred headers are read, one more is 431")
{
    ix_buf text = {0};
    ix_buf_text(&text, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 1; i < HEAD_FIELDS_MAX; i++)
        ix_buf_text(&text, "A: b\r\n");
    ix_buf_text(&text, "\r\n");
    CHECK_INT(read_head(ix_buf_cstr(&text)).status, 0);
    text.len -= 2;
    ix_buf_text(&text, "A: b\r\n\r\n");
    CHECK_INT(read_head(ix_buf_cstr(&text)).status, 431);
    ix_buf_done(&text);
}

/* ---- what is understood ---- */

TEST("every value that is interpreted is without the blanks around it")
{
    static const char *const names[] = {
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Connection",
        "Content-Encoding",
        "Content-Length",
        "Content-Type",
        "Cookie",
        "Expect",
        "Host",
        "Origin",
        "Access-Control-Request-Method",
        "Transfer-Encoding",
    };
    CHECK_INT(sizeof names / sizeof names[0], HEAD_FIELD_COUNT);
    for (int i = 0; i < HEAD_FIELD_COUNT; i++) {
        const char *value = i == HEAD_CONTENT_LENGTH      ? "12"
                            : i == HEAD_TRANSFER_ENCODING ? "chunked"
                                                          : "a-value";
        const char *host = i == HEAD_HOST ? "" : "Host: x\r\n";
        const head head = read_head(
            ix_format(cx, "GET / HTTP/1.1\r\n%s%s: \t %s\t \r\n\r\n", host, names[i], value));
        CHECK_INT(head.status, 0);
        CHECK_TEXT(text_of(cx, head.values[i]), value);
    }
}

TEST("names of headers are known in any letter case, also without a blank behind the colon")
{
    const head head = read_head(WITH("aUTHORIZATION:Bearer x\r\ncontent-TYPE:a/b"));
    CHECK_TEXT(text_of(cx, head.values[HEAD_AUTHORIZATION]), "Bearer x");
    CHECK_TEXT(text_of(cx, head.values[HEAD_CONTENT_TYPE]), "a/b");
}

TEST("a body has a length, or chunks, or is not there")
{
    CHECK_INT(read_head(GET("/")).framing, HEAD_NO_BODY);
    CHECK_INT(read_head(WITH("Content-Length: 0")).framing, HEAD_NO_BODY);
    CHECK_INT(read_head(WITH("Content-Length: 00012")).length, 12);
    CHECK_INT(read_head(WITH("Content-Length: 12\r\nContent-Length: 12")).length, 12);
    CHECK_INT(read_head(WITH("Content-Length: 99999999999999999999")).framing, HEAD_LENGTH);
    CHECK_INT(read_head(WITH("Content-Length: 99999999999999999999")).length, INT64_MAX);
    CHECK_INT(read_head(WITH("Transfer-Encoding: Chunked")).framing, HEAD_CHUNKED);
}

TEST("a connection goes on as its version and its headers say")
{
    CHECK(read_head(GET("/")).is_persistent);
    CHECK(!read_head(WITH("Connection: Close")).is_persistent);
    CHECK(!read_head(WITH("Connection: te, close")).is_persistent);
    CHECK(!read_head(WITH("Connection: close\r\nConnection: te")).is_persistent);
    CHECK(!read_head("GET / HTTP/1.0\r\n\r\n").is_persistent);
    CHECK(read_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").is_persistent);
    CHECK(!read_head("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").is_persistent);
}

TEST("who asks whether to go on is HTTP/1.1")
{
    CHECK(read_head(WITH("Expect: 100-Continue")).expects_continue);
    CHECK(!read_head(WITH("Expect: wonders")).expects_continue);
    CHECK(!read_head("PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expects_continue);
}

TEST("a later minor version is read as 1.1")
{
    const head head = read_head("GET / HTTP/1.7\r\nHost: x\r\n\r\n");
    CHECK_INT(head.status, 0);
    CHECK(!head.is_1_0);
}
