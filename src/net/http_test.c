/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "net/gzip.h"
#include "net/net_test.h"

/* Says this and hears the answer on a connection of its own. */
static answer ask(const char *text)
{
    phone phone = dial();
    say(&phone, text);
    const answer answer = hear(&phone);
    hang_up(&phone);
    return answer;
}

/* A body of `len` letters. */
static const char *letters(size_t len)
{
    char *text = ix_alloc(scene.cx, len + 1);
    CHECK(text != NULL);
    return text ? memset(text, 'a', len) : "";
}

/* ---- replies ---- */

TEST("a request has a reply with its type and its length, and no Server")
{
    serve(cx);
    const answer answer = ask(GET_HEALTH);
    CHECK_INT(answer.status, 200);
    CHECK_TEXT(header_of(&answer, "Content-Type"), "application/json");
    CHECK_TEXT(header_of(&answer, "Content-Length"), "15");
    CHECK(header_of(&answer, "Date") != NULL);
    CHECK(header_of(&answer, "Server") == NULL);
    CHECK_TEXT(answer.body, "{\"status\":\"ok\"}");
}

TEST("what was answered with 200 is on disk")
{
    serve(cx);
    const answer put = ask(put_request("21.5"));
    CHECK_INT(put.status, 200);
    CHECK_TEXT(stored(cx), "21.5");
    CHECK_TEXT(ask(GET_PROPERTY).body, "{\"t\":21.5}");
}

TEST("a connection serves one request after the other")
{
    serve(cx);
    phone phone = dial();
    for (int i = 0; i < 20; i++) {
        CHECK(say(&phone, put_request(i % 2 ? "1" : "2")));
        CHECK_INT(hear(&phone).status, 200);
        CHECK(say(&phone, GET_PROPERTY));
        CHECK_TEXT(hear(&phone).body, i % 2 ? "{\"t\":1}" : "{\"t\":2}");
    }
    hang_up(&phone);
}

TEST("requests that come all at once are answered in their order")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, ix_format(cx, "%s%s%s%s", put_request("7"), GET_PROPERTY,
                                "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", GET_HEALTH)));
    CHECK_TEXT(hear(&phone).body, "{\"t\":7}");
    CHECK_TEXT(hear(&phone).body, "{\"t\":7}");
    CHECK_INT(hear(&phone).status, 404);
    CHECK_INT(hear(&phone).status, 200);
    hang_up(&phone);
}

TEST("HEAD gives the length of what GET would send")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, "HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n"));
    const answer answer = hear_answer(&phone, false);
    CHECK_INT(answer.status, 200);
    CHECK_TEXT(header_of(&answer, "Content-Length"), "15");
    CHECK(say(&phone, GET_HEALTH));
    CHECK_TEXT(hear(&phone).body, "{\"status\":\"ok\"}");
    hang_up(&phone);
}

TEST("a reply without a body has no type")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, "OPTIONS /health HTTP/1.1\r\nHost: x\r\n\r\n" GET_HEALTH));
    const answer answer = hear(&phone);
    CHECK_INT(answer.status, 204);
    CHECK(header_of(&answer, "Content-Type") == NULL);
    CHECK(header_of(&answer, "Allow") != NULL);
    CHECK_INT(hear(&phone).status, 200);
    hang_up(&phone);
}

TEST("the target reaches the router as it came")
{
    serve(cx);
    CHECK_INT(
        ask("GET /spaces/farm/things/" THING "/properties/%74 HTTP/1.1\r\n" BEARER "\r\n").status,
        200);
    CHECK_INT(
        ask("GET /spaces/farm%2Fthings/" THING "/properties/t HTTP/1.1\r\n" BEARER "\r\n").status,
        404);
    CHECK_INT(ask("GET /spaces/farm/things?limit=%31 HTTP/1.1\r\n" BEARER "\r\n").status, 200);
    CHECK_INT(ask("GET /spaces/farm/things?limit=%3 HTTP/1.1\r\n" BEARER "\r\n").status, 400);
    CHECK_INT(ask("GET /spaces/farm/things?limit=1&limit=2+3 HTTP/1.1\r\n" BEARER "\r\n").status,
              400);
}

TEST("every address of listen answers")
{
    static const char *const two[] = {"127.0.0.1:0", "127.0.0.1:0"};
    serve_with(cx, (http_settings){.listen = two, .listen_count = 2});
    const char *first = service_address(scene.service, 0);
    const char *second = service_address(scene.service, 1);
    CHECK(strcmp(first, second) != 0);
    CHECK(service_address(scene.service, 2) == NULL);
    phone phone = dial_to(second);
    CHECK(say(&phone, GET_HEALTH));
    CHECK_INT(hear(&phone).status, 200);
    hang_up(&phone);
}

TEST("an address in use is reported in one sentence")
{
    serve(cx);
    const char *taken[] = {service_address(scene.service, 0)};
    service_settings settings = scene.settings;
    settings.http.listen = taken;
    CHECK(service_open(cx, &settings) == NULL);
    CHECK_TEXT(cx->error.message,
               ix_format(cx, "cannot listen on %s: Address already in use", taken[0]));
    ix_ctx_clear_error(cx);
}

/* ---- bodies ---- */

TEST("a body may come in chunks")
{
    serve(cx);
    const answer answer =
        ask("PUT " PLACE " HTTP/1.1\r\n" BEARER "Transfer-Encoding: chunked\r\n\r\n"
            "3\r\n{\"t\r\n5;x=y\r\n\":33}\r\n0\r\n\r\n");
    CHECK_INT(answer.status, 200);
    CHECK_TEXT(stored(cx), "33");
}

TEST("a client that asks before it sends its body is asked to go on")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER
                      "Expect: 100-continue\r\nContent-Length: 7\r\n\r\n"));
    answer answer = {0};
    CHECK(hear_head(&phone, &answer));
    CHECK_INT(answer.status, 100);
    CHECK(say(&phone, "{\"t\":4}"));
    CHECK_INT(hear(&phone).status, 200);
    hang_up(&phone);
}

TEST("a client that asks before it sends what is not wanted is refused at once")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER
                      "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"));
    CHECK_INT(hear(&phone).status, 413);
    CHECK(is_hung_up(&phone));

    phone = dial();
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\nHost: x\r\n"
                      "Expect: 100-continue\r\nContent-Length: 7\r\n\r\n"));
    CHECK_INT(hear(&phone).status, 401);
    CHECK(is_hung_up(&phone));
}

TEST("the body of a refused request is read, and the connection goes on")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n"));
    CHECK(say_bytes(&phone, letters(300000), 300000));
    CHECK(say(&phone, GET_HEALTH));
    CHECK_INT(hear(&phone).status, 401);
    CHECK_INT(hear(&phone).status, 200);
    hang_up(&phone);
}

TEST("a body up to the limit is taken, one byte more is refused")
{
    serve(cx);
    phone phone = dial();
    const size_t most = 1 << 20;
    /* Blanks around JSON are JSON. */
    char *body = ix_alloc(cx, most + 1);
    memset(body, ' ', most + 1);
    memcpy(body, "{\"t\":5}", 7);
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: 1048576\r\n\r\n"));
    CHECK(say_bytes(&phone, body, most));
    CHECK_INT(hear(&phone).status, 200);
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: 1048577\r\n\r\n"));
    CHECK(say_bytes(&phone, body, most + 1));
    const answer answer = hear(&phone);
    CHECK_INT(answer.status, 413);
    CHECK_TEXT(answer.body, "{\"error\":{\"status\":413,\"message\":\"Payload too large\"}}");
    CHECK(is_hung_up(&phone));
}

TEST("a body that grows beyond the limit in chunks is refused")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Transfer-Encoding: chunked\r\n\r\n"));
    for (int i = 0; i < 20; i++) {
        CHECK(say(&phone, "10000\r\n"));
        CHECK(say_bytes(&phone, letters(65536), 65536));
        CHECK(say(&phone, "\r\n"));
    }
    CHECK(say(&phone, "0\r\n\r\n"));
    CHECK_INT(hear(&phone).status, 413);
    CHECK(is_hung_up(&phone));
}

TEST("nobody reads an endless body")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Transfer-Encoding: chunked\r\n\r\n"));
    size_t said = 0;
    while (say(&phone, "10000\r\n") && say_bytes(&phone, letters(65536), 65536) &&
           say(&phone, "\r\n"))
        CHECK((said += 65536) < 64 << 20);
    hang_up(&phone);

    phone = dial();
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: 9000000000\r\n\r\n"));
    CHECK_INT(hear(&phone).status, 413);
    CHECK(is_hung_up(&phone));

    CHECK_INT(ask("PUT " PLACE " HTTP/1.1\r\n" BEARER
                  "Content-Length: 99999999999999999999\r\n\r\n")
                  .status,
              413);
}

/* A request to set t, with a body in gzip, of which the last bytes are left out. */
static void say_packed(phone *phone, const char *headers, const char *body, size_t drop)
{
    ix_buf packed = {0};
    CHECK(gzip_write(ix_str_of(body), &packed));
    say(phone,
        ix_format(scene.cx, "PUT " PLACE " HTTP/1.1\r\n" BEARER "%sContent-Length: %zu\r\n\r\n",
                  headers, packed.len - drop));
    say_bytes(phone, packed.at, packed.len - drop);
    ix_buf_done(&packed);
}

TEST("a body may come in gzip, and its limit is for what comes out")
{
    serve(cx);
    phone phone = dial();
    const char *body = ix_format(cx, "{\"t\":\"%s\"}", letters(1000));
    const char *large = ix_format(cx, "{\"t\":\"%s\"}", letters(1 << 20));
    say_packed(&phone, "Content-Encoding: gzip\r\n", body, 0);
    CHECK_INT(hear(&phone).status, 200);
    CHECK_TEXT(stored(cx), ix_format(cx, "\"%s\"", letters(1000)));
    say_packed(&phone, "Content-Encoding: x-gzip\r\n", large, 0);
    CHECK_INT(hear(&phone).status, 413);
    say_packed(&phone, "Content-Encoding: gzip\r\n", body, 5);
    CHECK_INT(hear(&phone).status, 400);
    say_packed(&phone, "Content-Encoding: br\r\n", body, 0);
    const answer other = hear(&phone);
    CHECK_INT(other.status, 415);
    CHECK_TEXT(header_of(&other, "Accept-Encoding"), "gzip");
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER
                      "Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\n{\"t\":6}"));
    CHECK_INT(hear(&phone).status, 400);
    CHECK(say(&phone, GET_HEALTH)); /* the connection goes on after each of them */
    CHECK_INT(hear(&phone).status, 200);
    hang_up(&phone);
}

TEST("a large answer is in gzip where that is wanted, and says that it depends on that")
{
    serve(cx);
    const char *get = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n";
    const answer plain = ask(ix_format(cx, "%s\r\n", get));
    CHECK_INT(plain.status, 200);
    CHECK_TEXT(header_of(&plain, "Vary"), "Accept-Encoding");
    CHECK(header_of(&plain, "Content-Encoding") == NULL);
    const answer refused = ask(ix_format(cx, "%sAccept-Encoding: gzip;q=0\r\n\r\n", get));
    CHECK(header_of(&refused, "Content-Encoding") == NULL);
    const answer tiny = ask("GET /health HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
    CHECK(header_of(&tiny, "Content-Encoding") == NULL);
    CHECK(header_of(&tiny, "Vary") == NULL);

    phone phone = dial();
    CHECK(say(&phone, ix_format(cx, "%sAccept-Encoding: br, gzip\r\n\r\n", get)));
    answer packed = {0};
    CHECK(hear_head(&phone, &packed));
    CHECK_TEXT(header_of(&packed, "Content-Encoding"), "gzip");
    CHECK_TEXT(header_of(&packed, "Vary"), "Accept-Encoding");
    const size_t len = (size_t)atoi(header_of(&packed, "Content-Length"));
    CHECK(len < strlen(plain.body) / 4);
    while (phone.len < len)
        CHECK(hear_more(&phone));
    gzip_reader *reader = gzip_reader_new();
    ix_buf out = {0};
    CHECK(gzip_read(reader, (ix_str){phone.bytes, len}, &out, 1 << 20) == GZIP_OK);
    CHECK(gzip_is_whole(reader));
    CHECK_TEXT(ix_buf_cstr(&out), plain.body);
    gzip_reader_free(reader);
    ix_buf_done(&out);
    hang_up(&phone);
}

/* Waits until so much memory is in use for bodies, as the metrics tell. */
static bool are_held(size_t bytes)
{
    static const char name[] = "iotsd_http_buffer_bytes{buffer=\"bodies\"} ";
    for (int i = 0; i < TEST_WAIT_S * 100; i++) {
        const answer metrics = ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        const char *at = strstr(metrics.body, name);
        if (at && strtoull(at + strlen(name), NULL, 10) >= bytes)
            return true;
        usleep(10000);
    }
    return false;
}

TEST("bodies under way share a memory, of which large ones leave something to small ones")
{
    enum { HELD = 3, LEN = 1000000 };
    phone phones[HELD];
    serve_with(cx, (http_settings){.threads = 1, .bodies_max = 4 << 20});
    const char *head = "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: 1000000\r\n\r\n";
    for (int i = 0; i < HELD; i++) {
        phones[i] = dial();
        CHECK(say(&phones[i], head));
        CHECK(say_bytes(&phones[i], letters(LEN - 1), LEN - 1));
        CHECK(are_held((size_t)(i + 1) * (LEN - 1)));
    }
    phone large = dial();
    CHECK(say(&large, head));
    CHECK(say_bytes(&large, letters(LEN), LEN));
    CHECK_INT(hear(&large).status, 503);
    CHECK_INT(ask(put_request("7")).status, 200);
    for (int i = 0; i < HELD; i++) {
        CHECK(say(&phones[i], "a"));
        CHECK_INT(hear(&phones[i]).status, 400);
        hang_up(&phones[i]);
    }
    CHECK(say(&large, head)); /* it goes on, and there is room again */
    CHECK(say_bytes(&large, letters(LEN), LEN));
    CHECK_INT(hear(&large).status, 400);
    hang_up(&large);
}

TEST("large replies share a memory; what was done is reported all the same")
{
    serve_with(cx, (http_settings){.replies_max = 100 << 10});
    phone phone = dial();
    CHECK(say(&phone, ix_format(cx,
                                "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: 200008\r\n\r\n"
                                "{\"t\":\"%s\"}",
                                letters(200000))));
    CHECK_INT(hear(&phone).status, 200);
    CHECK(say(&phone, GET_PROPERTY));
    CHECK_INT(hear(&phone).status, 503);
    CHECK(say(&phone, put_request("1")));
    CHECK_INT(hear(&phone).status, 200);
    CHECK(say(&phone, GET_PROPERTY));
    CHECK_INT(hear(&phone).status, 200);
    hang_up(&phone);
}

TEST("whatever is refused before its body, the connection goes on")
{
    static const struct {
        const char *request;
        int status;
    } cases[] = {
        {"GET " PLACE " HTTP/1.1\r\nHost: x\r\n\r\n", 401},
        {"GET " PLACE " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer no\r\n\r\n", 401},
        {"GET /nowhere HTTP/1.1\r\n" BEARER "\r\n", 404},
        {"BREW /health HTTP/1.1\r\nHost: x\r\n\r\n", 405},
        {"PUT /nowhere HTTP/1.1\r\n" BEARER "Content-Length: 2\r\n\r\n{}", 404},
        {"PUT " PLACE " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 401},
        {"PUT " PLACE " HTTP/1.1\r\n" BEARER
         "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
         415},
        {"PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: 1\r\n\r\n{", 400},
    };
    serve(cx);
    ix_log_set_level(IX_LOG_ERROR);
    phone phone = dial();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK(say(&phone, cases[i].request));
        CHECK_INT(hear(&phone).status, cases[i].status);
        CHECK(say(&phone, GET_HEALTH));
        CHECK_INT(hear(&phone).status, 200);
    }
    hang_up(&phone);
}

/* ---- framing ---- */

TEST("a request whose end two readers might see in two places is refused")
{
    static const char *const cases[] = {
        "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        "Content-Length: 7\r\nContent-Length: 8\r\n",
        "Content-Length: 0x7\r\n",
        "Content-Length: 7\nX: y\r\n",
        "Content-Length : 7\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    };
    serve(cx);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        phone phone = dial();
        CHECK(say(&phone, ix_format(cx, "PUT " PLACE " HTTP/1.1\r\n" BEARER "%s\r\n{\"t\":1}%s",
                                    cases[i], GET_HEALTH)));
        const answer answer = hear(&phone);
        CHECK_INT(answer.status, 400);
        CHECK_TEXT(header_of(&answer, "Content-Type"), "application/json");
        CHECK_TEXT(header_of(&answer, "Connection"), "close");
        CHECK(is_hung_up(&phone));
        hang_up(&phone);
    }
    CHECK_TEXT(stored(cx), "null");
}

TEST("what is refused for its framing hears why")
{
    serve(cx);
    CHECK_TEXT(ask("PUT " PLACE " HTTP/1.1\r\n" BEARER
                   "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n")
                   .body,
               "{\"error\":{\"status\":400,\"message\":\"both Content-Length and "
               "Transfer-Encoding\"}}");
}

TEST("a length that is said twice is still one length")
{
    serve(cx);
    CHECK_INT(ask("PUT " PLACE " HTTP/1.1\r\n" BEARER
                  "Content-Length: 7\r\nContent-Length: 7\r\n\r\n{\"t\":8}")
                  .status,
              200);
}

TEST("a malformed chunk ends the connection and writes nothing")
{
    static const char *const cases[] = {"zz\r\n{\"t\":1}\r\n0\r\n\r\n", "7\n{\"t\":1}\r\n0\r\n\r\n",
                                        "7\r\n{\"t\":1}0\r\n\r\n"};
    serve(cx);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        phone phone = dial();
        say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Transfer-Encoding: chunked\r\n\r\n");
        say(&phone, cases[i]);
        const answer answer = hear(&phone);
        CHECK_INT(answer.status, 400);
        CHECK_INT(ix_json_int(ix_json_at(json_of(cx, answer.body), "/error/status"), 0), 400);
        CHECK(is_hung_up(&phone));
        hang_up(&phone);
    }
    CHECK_TEXT(stored(cx), "null");
}

TEST("extensions of chunks without measure are refused")
{
    serve(cx);
    phone phone = dial();
    say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Transfer-Encoding: chunked\r\n\r\n1;");
    say_bytes(&phone, letters(20000), 20000);
    const answer answer = hear(&phone);
    CHECK_INT(answer.status, 400);
    CHECK_TEXT(answer.body, "{\"error\":{\"status\":400,\"message\":\"the extensions of a chunk "
                            "are too large\"}}");
    CHECK(is_hung_up(&phone));
    hang_up(&phone);
}

/* ---- heads ---- */

TEST("a head of 16 KiB is read, one without end is not")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, ix_format(cx, "GET /health?%s HTTP/1.1\r\nHost: x\r\nX-Y: %s\r\n\r\n",
                                letters(8000), letters(8000))));
    CHECK_INT(hear(&phone).status, 200);
    CHECK(say(&phone, "GET /spaces/farm/things?limit=1"));
    for (int i = 0; i < 400; i++)
        CHECK(say(&phone, "&thingID[]=" THING));
    CHECK(say(&phone, " HTTP/1.1\r\n" BEARER "\r\n"));
    CHECK_INT(hear(&phone).status, 200);
    say(&phone, "GET /health HTTP/1.1\r\nHost: x\r\nX-Y: ");
    say_bytes(&phone, letters(200000), 200000);
    const answer large = hear(&phone);
    CHECK_INT(large.status, 431);
    CHECK_TEXT(large.body,
               "{\"error\":{\"status\":431,\"message\":\"the headers are too large\"}}");
    CHECK(is_hung_up(&phone));

    phone = dial();
    say(&phone, "GET /");
    say_bytes(&phone, letters(200000), 200000);
    const answer longer = hear(&phone);
    CHECK_INT(longer.status, 414);
    CHECK_TEXT(longer.body, "{\"error\":{\"status\":414,\"message\":\"the target is too long\"}}");
    CHECK(is_hung_up(&phone));
}

TEST("what is not HTTP hears so and hung up on")
{
    static const char *const cases[] = {
        "\x16\x03\x01\x02 hello?\r\n\r\n",
        "hello\r\n\r\n",
        "GET \r\n\r\n",
        "GET  \r\n\r\n",
        " / HTTP/1.1\r\n\r\n",
        "{\"t\":1}",
        "GET / HTTP/1.1\nHost: x\n\n",
    };
    serve(cx);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        phone phone = dial();
        say(&phone, cases[i]);
        const answer answer = hear(&phone);
        CHECK_INT(answer.status, 400);
        CHECK_TEXT(header_of(&answer, "Content-Type"), "application/json");
        CHECK(is_hung_up(&phone));
        hang_up(&phone);
    }
    CHECK_INT(ask(GET_HEALTH).status, 200);
}

TEST("a target may be an address, and its host counts")
{
    serve(cx);
    const answer thing =
        ask("GET http://other:81/spaces/farm/things/" THING " HTTP/1.1\r\n" BEARER "\r\n");
    CHECK_INT(thing.status, 200);
    CHECK(strstr(thing.body, "\"id\":\"http://other:81/spaces/farm/things/" THING "\"") != NULL);
    CHECK_INT(ask("GET https://x/health HTTP/1.1\r\nHost: x\r\n\r\n").status, 421);
}

TEST("OPTIONS of * says the methods that there are")
{
    serve(cx);
    const answer answer = ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_INT(answer.status, 204);
    CHECK_TEXT(header_of(&answer, "Allow"), "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS");
}

TEST("HTTP/1.0 is answered, and goes on if it asks to")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, "GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    answer answer = hear(&phone);
    CHECK_INT(answer.status, 200);
    CHECK_TEXT(header_of(&answer, "Connection"), "keep-alive");
    CHECK(say(&phone, "GET /health HTTP/1.0\r\n\r\n"));
    answer = hear(&phone);
    CHECK_INT(answer.status, 200);
    CHECK_TEXT(header_of(&answer, "Connection"), "close");
    CHECK(is_hung_up(&phone));
    hang_up(&phone);
}

/* ---- the slow and the silent ---- */

TEST("a silent client is hung up on")
{
    serve_with(cx, (http_settings){.idle_s = 1, .stalled_s = 1});
    phone silent = dial();
    phone begun = dial();
    phone between = dial();
    CHECK(say(&begun, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: 7\r\n\r\n{\"t\""));
    CHECK(say(&between, GET_HEALTH));
    CHECK_INT(hear(&between).status, 200);
    CHECK(is_hung_up(&silent));
    CHECK(is_hung_up(&begun));
    CHECK(is_hung_up(&between));
    CHECK_TEXT(stored(cx), "null");
}

/* Says one letter now and then until the other side hangs up. False if it does not. */
static bool is_cut_off(phone *phone, const char *letter)
{
    struct pollfd poll_fd = {.fd = phone->fd, .events = POLLIN};
    for (int i = 0; i < TEST_WAIT_S * 50; i++) {
        if (poll(&poll_fd, 1, 20) > 0)
            return true;
        say(phone, letter);
    }
    return false;
}

TEST("a client that sends a byte now and then is hung up on")
{
    serve_with(cx, (http_settings){.progress_ms = 200});
    phone phone = dial();
    CHECK(say(&phone, "GET /health HTTP/1.1\r\nHost: x\r\nX-Y: "));
    CHECK(is_cut_off(&phone, "a"));
    hang_up(&phone);

    phone = dial();
    CHECK(say(&phone, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: 100000\r\n\r\n"));
    CHECK(is_cut_off(&phone, " "));
    hang_up(&phone);
}

TEST("who waits for us is not hung up on")
{
    serve_with(cx, (http_settings){.idle_s = 1, .stalled_s = 1, .progress_ms = 200});
    hold_writes();
    phone waiting = dial();
    CHECK(say(&waiting, put_request("9")));
    /* By the time the silent one is hung up on, the other has waited for longer than either. */
    phone silent = dial();
    CHECK(is_hung_up(&silent));
    let_write();
    CHECK_INT(hear(&waiting).status, 200);
    CHECK_TEXT(stored(cx), "9");
    hang_up(&waiting);
}

/* ---- many ---- */

TEST("many connections are served side by side")
{
    enum { MANY = 300 };
    static phone phones[MANY];
    serve(cx);
    for (int i = 0; i < MANY; i++)
        phones[i] = dial();
    for (int i = 0; i < MANY; i++)
        CHECK(say(&phones[i], i % 3 ? put_request("6") : GET_PROPERTY));
    for (int i = 0; i < MANY; i++) {
        CHECK_INT(hear(&phones[i]).status, 200);
        hang_up(&phones[i]);
    }
}

TEST("who comes when all places are taken gets that of the connection that is idle for longest")
{
    serve_with(cx, (http_settings){.connections_max = 2, .threads = 1});
    phone first = dial();
    phone second = dial();
    for (int i = 0; i < 2; i++) {
        CHECK(say(&first, GET_HEALTH));
        CHECK_INT(hear(&first).status, 200);
        CHECK(say(&second, GET_HEALTH));
        CHECK_INT(hear(&second).status, 200);
    }
    phone third = dial();
    CHECK(say(&third, GET_HEALTH));
    CHECK_INT(hear(&third).status, 200);
    CHECK(is_hung_up(&first));
    CHECK(say(&second, GET_HEALTH));
    CHECK_INT(hear(&second).status, 200);
    hang_up(&first);
    hang_up(&second);
    hang_up(&third);
}

TEST("half a request makes room like none at all")
{
    serve_with(cx, (http_settings){.connections_max = 2});
    phone half = dial();
    CHECK(say(&half, "GET /health HTTP/1.1\r\nHost"));
    phone second = dial();
    CHECK(say(&second, GET_HEALTH));
    CHECK_INT(hear(&second).status, 200);
    phone third = dial();
    CHECK(say(&third, GET_HEALTH));
    CHECK_INT(hear(&third).status, 200);
    CHECK(is_hung_up(&half));
    hang_up(&half);
    hang_up(&second);
    hang_up(&third);
}

TEST("a request that is under way keeps its place, and who comes waits")
{
    serve_with(cx, (http_settings){.connections_max = 2});
    hold_writes();
    phone first = dial();
    phone second = dial();
    CHECK(say(&first, put_request("1")));
    CHECK(say(&second, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: 7\r\n\r\n{\"t\""));
    phone third = dial();
    CHECK(say(&third, GET_HEALTH));
    struct pollfd poll_fd = {.fd = third.fd, .events = POLLIN};
    CHECK_INT(poll(&poll_fd, 1, 100), 0);
    let_write();
    CHECK_INT(hear(&first).status, 200);
    CHECK_INT(hear(&third).status, 200);
    CHECK(say(&second, ":2}"));
    CHECK_INT(hear(&second).status, 200);
    hang_up(&first);
    hang_up(&second);
    hang_up(&third);
}

/* ---- those who take their time ---- */

/* Threads that are held up where a call is handled, which asks for the time. */
static struct holdup {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t loop; /* goes on */
    bool is_loop_known, is_on;
    int held;
} holdup = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int64_t hold_up(void)
{
    pthread_mutex_lock(&holdup.lock);
    if (!holdup.is_on) {
        holdup.loop = pthread_self();
        holdup.is_loop_known = true;
    } else if (!pthread_equal(holdup.loop, pthread_self())) {
        holdup.held++;
        pthread_cond_broadcast(&holdup.changed);
        while (holdup.is_on)
            pthread_cond_wait(&holdup.changed, &holdup.lock);
    }
    pthread_mutex_unlock(&holdup.lock);
    return ix_now_us();
}

/* Holds up all threads but the one that serves connections, which has asked for the time last. */
static void begin_holdup(void)
{
    pthread_mutex_lock(&holdup.lock);
    CHECK(holdup.is_loop_known);
    holdup.is_on = true;
    pthread_mutex_unlock(&holdup.lock);
}

static void await_held(int count)
{
    int late = 0;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += TEST_WAIT_S;
    pthread_mutex_lock(&holdup.lock);
    while (late == 0 && holdup.held < count)
        late = pthread_cond_timedwait(&holdup.changed, &holdup.lock, &until);
    pthread_mutex_unlock(&holdup.lock);
    CHECK_INT(late, 0);
}

static void end_holdup(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&holdup.lock);
    holdup.is_on = false;
    pthread_cond_broadcast(&holdup.changed);
    pthread_mutex_unlock(&holdup.lock);
    scene_now_us = NULL;
}

TEST("lists that keep every thread busy that there is for them hold up nobody else")
{
    enum { LISTS = WORKERS_READERS + 1 };
    phone lists[LISTS];
    scene_now_us = hold_up;
    serve_with(cx, (http_settings){.threads = 1});
    ix_arena_defer(cx->arena, end_holdup, NULL);
    CHECK_INT(ask(GET_HEALTH).status, 200);
    begin_holdup();
    for (int i = 0; i < LISTS; i++) {
        lists[i] = dial();
        CHECK(say(&lists[i], "GET /spaces/farm/things?property:t=gt:1 HTTP/1.1\r\n" BEARER "\r\n"));
    }
    await_held(WORKERS_READERS);
    CHECK_INT(ask(GET_HEALTH).status, 200);
    CHECK_INT(ask(GET_PROPERTY).status, 200);
    for (int i = 0; i < LISTS; i++) {
        struct pollfd poll_fd = {.fd = lists[i].fd, .events = POLLIN};
        CHECK_INT(poll(&poll_fd, 1, 0), 0); /* all of this while the lists are under way */
    }
    end_holdup(NULL);
    for (int i = 0; i < LISTS; i++) {
        CHECK_INT(hear(&lists[i]).status, 200);
        hang_up(&lists[i]);
    }
}

/* ---- those who leave ---- */

/* Waits until so many connections are open, as the metrics say, with the one that asks. */
static bool are_open(int count)
{
    const char *line = ix_format(scene.cx, "\niotsd_http_connections %d\n", count);
    for (int i = 0; i < TEST_WAIT_S * 100; i++) {
        const answer metrics = ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        if (strstr(metrics.body, line))
            return true;
        usleep(10000);
    }
    return false;
}

TEST("whoever goes away in the middle of a request leaves his place at once")
{
    enum { MANY = 50 };
    static const char *const beginnings[] = {"", "GE", "GET /health HTTP/1.1\r\nHo",
                                             "PUT " PLACE " HTTP/1.1\r\n" BEARER
                                             "Content-Length: 7\r\n\r\n{",
                                             "PUT " PLACE " HTTP/1.1\r\n" BEARER
                                             "Transfer-Encoding: chunked\r\n\r\n5\r\n{"};
    serve(cx); /* with time-outs that the test does not wait for */
    for (int i = 0; i < MANY; i++) {
        phone phone = dial();
        CHECK(say(&phone, beginnings[i % 5]));
        hang_up(&phone);
    }
    CHECK(are_open(1));
    CHECK_TEXT(stored(cx), "null");
}

TEST("who has said all there is to say and listens is answered")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, ix_format(cx, "%s%s", put_request("5"), GET_PROPERTY)));
    CHECK(shutdown(phone.fd, SHUT_WR) == 0);
    CHECK_TEXT(hear(&phone).body, "{\"t\":5}");
    CHECK_TEXT(hear(&phone).body, "{\"t\":5}");
    CHECK(is_hung_up(&phone));
    hang_up(&phone);
}

TEST("a client that leaves while its request is worked on leaves nothing behind")
{
    serve(cx);
    hold_writes();
    for (int i = 0; i < 10; i++) {
        phone phone = dial();
        CHECK(say(&phone, put_request("3")));
        hang_up(&phone);
    }
    let_write();
    CHECK_INT(ask(put_request("4")).status, 200);
}

/* ---- a store that cannot grow ---- */

/* No file of this process may grow beyond this. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = bytes;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* Sets t to a text of this length; the status. */
static int put_text(size_t len)
{
    phone phone = dial();
    say(&phone, ix_format(scene.cx,
                          "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: %zu\r\n\r\n"
                          "{\"t\":\"%s\"}",
                          len + 8, letters(len)));
    const int status = hear(&phone).status;
    hang_up(&phone);
    return status;
}

TEST("a store that cannot grow refuses writes, keeps what it has, and works again when it can")
{
    serve(cx);
    ix_log_set_level(IX_LOG_ERROR);
    signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(ask(put_request("1")).status, 200);
    limit_files(1 << 20);
    int status, writes = 0;
    while ((status = put_text(100000 + (size_t)writes)) == 200)
        CHECK(++writes < 100);
    CHECK(status == 503 || status == 507);
    /* A smaller one may find room that the failed one gave back; one of the limit's size cannot. */
    status = put_text((1 << 20) - 1000);
    CHECK(status == 503 || status == 507);
    const answer kept = ask(GET_PROPERTY);
    CHECK_INT(kept.status, 200);
    CHECK_INT(strlen(kept.body), 100000 + (size_t)writes - 1 + 8);

    limit_files(RLIM_INFINITY);
    CHECK_INT(put_text(100000), 200);
    CHECK_INT(ask(put_request("2")).status, 200);
    CHECK_TEXT(stored(cx), "2");
}

/* ---- the end ---- */

static void *stop_service(void *arg)
{
    *(bool *)arg = service_stop(scene.service);
    scene.service = NULL;
    return NULL;
}

TEST("a stop finishes what is under way")
{
    serve_with(cx, (http_settings){.threads = 1}); /* one way for both connections */
    hold_writes();
    phone waiting = dial();
    phone idle = dial();
    CHECK(say(&idle, GET_HEALTH));
    CHECK_INT(hear(&idle).status, 200);
    CHECK(say(&waiting, ix_format(cx, "%s", put_request("12"))));
    /* One that comes later on the same thread's way was read later: the first is under way. */
    CHECK(say(&idle, GET_HEALTH));
    CHECK_INT(hear(&idle).status, 200);

    pthread_t thread;
    bool all_done = false;
    const char *address = ix_strdup(cx, service_address(scene.service, 0));
    CHECK(pthread_create(&thread, NULL, stop_service, &all_done) == 0);
    let_write();
    const answer answer = hear(&waiting);
    CHECK(is_hung_up(&waiting));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(all_done);
    CHECK_INT(answer.status, 200);
    CHECK_TEXT(stored(cx), "12");
    CHECK(is_hung_up(&idle));
    CHECK(address != NULL);
}

TEST("who connects before the store is there waits")
{
    make_scene(cx);
    static const char *const one[] = {"127.0.0.1:0"};
    scene.settings = (service_settings){
        .store_url = scene.url,
        .http = {.listen = one, .listen_count = 1, .threads = 1},
    };
    scene.service = service_open(cx, &scene.settings);
    CHECK_OK(cx, scene.service != NULL);
    phone phone = dial();
    CHECK(say(&phone, GET_HEALTH));
    CHECK_OK(cx, service_serve(cx, scene.service));
    CHECK_INT(hear(&phone).status, 200);
    hang_up(&phone);
}

TEST("a service that never served stops")
{
    serve(cx);
    CHECK(service_stop(scene.service));
    scene.service = NULL;
}
