/* SPDX-License-Identifier: Apache-2.0 */
#include "client/gzip.h"

#include <zlib.h>

#include "base/test.h"
#include "client/fake_transport_test.h"
#include "client/http_server_test.h"

enum { TEST_TIMEOUT_MS = 60000, LARGE = 300000 };

/* A JSON text of so many bytes, which compresses well. */
static char *large_text(size_t size)
{
    char *text = malloc(size + 1);
    memset(text, 'x', size);
    text[0] = text[size - 1] = '"';
    text[size] = '\0';
    return text;
}

/* What is in gzip, in cx. */
static const char *unpacked(ix_ctx *cx, const char *bytes, size_t size)
{
    char *text = ix_alloc(cx, LARGE + 1);
    ix_str from = {bytes, size};
    z_stream stream = {0};
    CHECK_INT(inflateInit2(&stream, 15 + 16), Z_OK);
    union {
        const char *from;
        Bytef *to;
    } hold = {.from = from.at};
    stream.next_in = hold.to;
    stream.avail_in = (uInt)from.len;
    stream.next_out = (Bytef *)text;
    stream.avail_out = LARGE;
    CHECK_INT(inflate(&stream, Z_FINISH), Z_STREAM_END);
    text[stream.total_out] = '\0';
    inflateEnd(&stream);
    return text;
}

/* A server whose /packed is this text in gzip. */
static test_server *packed_start(ix_ctx *cx, const char *text, size_t size)
{
    test_server *server = test_server_start();
    ix_str packed;
    CHECK(gzip_body(cx, (ix_str){text, size}, &packed));
    CHECK(packed.at);
    server->packed = packed.at;
    server->packed_size = packed.len;
    return server;
}

static iots_reply *get_packed(const test_server *server, size_t reply_max_bytes,
                              const iots_param *headers)
{
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = server->host, .timeout_ms = TEST_TIMEOUT_MS,
                                               .reply_max_bytes = reply_max_bytes));
    iots_reply *reply = iots_api_request(api, "GET", "/packed", iots_none(),
                                         IOTS_CALL(.auth = IOTS_NO, .headers = headers));
    iots_api_free(api);
    return reply;
}

TEST("a body in gzip comes out of it as it was, and one that gains nothing is left alone")
{
    char *text = large_text(LARGE);
    ix_str packed;
    CHECK(gzip_body(cx, (ix_str){text, LARGE}, &packed));
    CHECK(packed.at && packed.len < LARGE / 100);
    CHECK_TEXT(unpacked(cx, packed.at, packed.len), text);
    CHECK(gzip_body(cx, IX_STR("a7Gq0p"), &packed));
    CHECK(!packed.at);
    free(text);
}

TEST("an answer in gzip is read as if it were not, and the server hears that it may send one")
{
    char *text = large_text(LARGE);
    test_server *server = packed_start(cx, text, LARGE);
    iots_reply *reply = get_packed(server, 0, NULL);
    size_t size;
    CHECK_INT(iots_reply_code(reply), IOTS_OK);
    CHECK_TEXT(iots_reply_bytes(reply, &size), text);
    CHECK_INT(size, LARGE);
    CHECK(iots_json_string(iots_reply_body(reply), ""));
    CHECK_TEXT(iots_reply_header(reply, "Content-Encoding"), "gzip");
    iots_reply_free(reply);
    test_server_stop(server);
    free(text);
}

TEST("the limit of an answer is for what comes out of gzip")
{
    char *text = large_text(LARGE);
    test_server *server = packed_start(cx, text, LARGE);
    CHECK(server->packed_size < 10000);
    iots_reply *reply = get_packed(server, 10000, NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_UNEXPECTED);
    CHECK(strstr(iots_error(reply), "larger than 10000 bytes"));
    iots_reply_free(reply);
    reply = get_packed(server, LARGE, NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_OK);
    iots_reply_free(reply);
    test_server_stop(server);
    free(text);
}

TEST("a program can ask for answers as they are")
{
    char *text = large_text(LARGE);
    test_server *server = packed_start(cx, text, LARGE);
    iots_reply *reply = get_packed(server, 0, IOTS_PARAMS({"Accept-Encoding", "identity"}));
    CHECK_TEXT(iots_json_string(iots_reply_body(reply), "/hello"), "world");
    CHECK(!iots_reply_header(reply, "Content-Encoding"));
    iots_reply_free(reply);
    test_server_stop(server);
    free(text);
}

TEST("an answer that says gzip and is not is an error")
{
    test_server *server = test_server_start();
    server->packed = "{\"hello\": \"world\"}";
    server->packed_size = strlen(server->packed);
    iots_reply *reply = get_packed(server, 0, NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_TRANSPORT);
    iots_reply_free(reply);
    test_server_stop(server);
}

TEST("a body goes out in gzip if it is long enough, gains by it, and has no coding already")
{
    char *text = large_text(2000);
    const struct {
        size_t min_bytes;
        iots_value body;
        iots_param coding;
        bool is_packed;
    } cases[] = {
        {1024, iots_raw(text), {NULL, NULL}, true},
        {2000, iots_raw(text), {NULL, NULL}, true},
        {2001, iots_raw(text), {NULL, NULL}, false},
        {0, iots_raw(text), {NULL, NULL}, false},
        {1, iots_raw("1"), {NULL, NULL}, false},
        {1, iots_raw(text), {"Content-Encoding", "identity"}, false},
        {1, iots_none(), {NULL, NULL}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake fake = FAKE(SAYS(200, "{}"));
        fake.transport = (iots_transport){.send = fake_send, .self = &fake};
        iots_api *api =
            iots_api_new(IOTS_API_OPTS(.host = "http://iots.test", .transport = &fake.transport,
                                       .gzip_body_min_bytes = cases[i].min_bytes));
        const iots_param headers[] = {cases[i].coding, {NULL, NULL}};
        iots_reply_free(iots_api_request(api, "PUT", "/x", cases[i].body,
                                         IOTS_CALL(.auth = IOTS_NO, .headers = headers)));
        CHECK_INT(strstr(fake.headers[0], "Content-Encoding: gzip\n") != NULL, cases[i].is_packed);
        if (cases[i].is_packed)
            CHECK_TEXT(unpacked(cx, fake.bodies[0], fake.last.body_size), text);
        iots_api_free(api);
        fake_done(&fake);
    }
    free(text);
}
