/* SPDX-License-Identifier: Apache-2.0 */
/* The rate limit and the login throttle as clients meet them. The clock of the first stands still unless
 * a test moves it. */
#include <stdatomic.h>

#include "api/throttle.h"
#include "net/net_test.h"
#include "net/rate.h"

static _Atomic int64_t test_clock_us;

static int64_t read_clock(void)
{
    return atomic_load(&test_clock_us);
}

static void pass_ms(int64_t ms)
{
    atomic_fetch_add(&test_clock_us, ms * 1000);
}

enum { LIMIT = 2, AT_ONCE = LIMIT * RATE_BURST_S };

/* Serves with a limit of LIMIT requests a second. */
static phone serve_limited(ix_ctx *cx)
{
    atomic_store(&test_clock_us, 0);
    serve_with(cx, (http_settings){.rate_limit = LIMIT, .monotonic_us = read_clock});
    return dial();
}

static answer ask(phone *phone, const char *text)
{
    CHECK(say(phone, text));
    return hear(phone);
}

/* Asks until everything there was is used up. */
static void use_up(phone *phone, const char *text, int status)
{
    for (int i = 0; i < AT_ONCE; i++)
        CHECK_INT(ask(phone, text).status, status);
}

#define NOWHERE   "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
#define BAD_TOKEN "GET " PLACE " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer guessed\r\n\r\n"

TEST("who asks too often hears when to come back, and may go on then")
{
    phone phone = serve_limited(cx);
    use_up(&phone, GET_PROPERTY, 200);
    const answer refused = ask(&phone, GET_PROPERTY);
    CHECK_INT(refused.status, 429);
    CHECK_TEXT(header_of(&refused, "Retry-After"), "1");
    CHECK_TEXT(header_of(&refused, "Content-Type"), "application/json");
    CHECK_TEXT(refused.body, "{\"error\":{\"status\":429,\"message\":\"Too many requests\"}}");
    pass_ms(500);
    CHECK_INT(ask(&phone, GET_PROPERTY).status, 200);
    CHECK_INT(ask(&phone, GET_PROPERTY).status, 429);
    hang_up(&phone);
}

TEST("a refused request changes nothing, and its body is read")
{
    phone phone = serve_limited(cx);
    CHECK_INT(ask(&phone, put_request("1")).status, 200);
    for (int i = 1; i < AT_ONCE; i++)
        CHECK_INT(ask(&phone, GET_PROPERTY).status, 200);
    CHECK_INT(ask(&phone, put_request("2")).status, 429);
    CHECK_TEXT(stored(cx), "1");
    CHECK_INT(ask(&phone, GET_HEALTH).status, 200);
    hang_up(&phone);
}

TEST("a token counts for its client, wherever he calls from; everything else for the address")
{
    phone phone = serve_limited(cx), other = dial();
    use_up(&phone, GET_PROPERTY, 200);
    CHECK_INT(ask(&other, GET_PROPERTY).status, 429);
    use_up(&other, BAD_TOKEN, 401);
    CHECK_INT(ask(&other, BAD_TOKEN).status, 429);
    CHECK_INT(ask(&phone, NOWHERE).status, 429);
    CHECK_INT(ask(&phone, "GET /openapi.json HTTP/1.1\r\n" BEARER "\r\n").status, 429);
    hang_up(&phone);
    hang_up(&other);
}

TEST("one client more is not slowed down by others")
{
    phone phone = serve_limited(cx);
    use_up(&phone, BAD_TOKEN, 401);
    CHECK_INT(ask(&phone, BAD_TOKEN).status, 429);
    CHECK_INT(ask(&phone, GET_PROPERTY).status, 200);
    hang_up(&phone);
}

TEST("whoever watches the server may do so as often as he likes")
{
    phone phone = serve_limited(cx);
    use_up(&phone, NOWHERE, 404);
    CHECK_INT(ask(&phone, NOWHERE).status, 429);
    for (int i = 0; i < 3 * AT_ONCE; i++) {
        CHECK_INT(ask(&phone, GET_HEALTH).status, 200);
        CHECK_INT(ask(&phone, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
    }
    hang_up(&phone);
}

TEST("what a browser asks first does not count, unless there is nothing to ask for")
{
    phone phone = serve_limited(cx);
    for (int i = 0; i < 3 * AT_ONCE; i++)
        CHECK_INT(ask(&phone, "OPTIONS " PLACE " HTTP/1.1\r\nHost: x\r\n\r\n").status, 204);
    use_up(&phone, "OPTIONS /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 404);
    CHECK_INT(ask(&phone, "OPTIONS /nowhere HTTP/1.1\r\nHost: x\r\n\r\n").status, 429);
    CHECK_INT(ask(&phone, "OPTIONS " PLACE " HTTP/1.1\r\nHost: x\r\n\r\n").status, 204);
    hang_up(&phone);
}

TEST("the OAuth2 routes say it in their own words")
{
    phone phone = serve_limited(cx);
    use_up(&phone, NOWHERE, 404);
    static const char *const routes[] = {"/oauth2/token", "/oauth2/revoke"};
    for (int i = 0; i < 2; i++) {
        const answer refused =
            ask(&phone,
                ix_format(cx,
                          "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: "
                          "application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b",
                          routes[i]));
        CHECK_INT(refused.status, 429);
        CHECK_TEXT(header_of(&refused, "Retry-After"), "1");
        CHECK_TEXT(header_of(&refused, "Cache-Control"), "no-store");
        CHECK_TEXT(refused.body,
                   "{\"error\":\"slow_down\",\"error_description\":\"Too many requests\"}");
    }
    const answer page = ask(&phone, "GET /oauth2/auth?client_id=x HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_INT(page.status, 429);
    CHECK_TEXT(header_of(&page, "Retry-After"), "1");
    CHECK(strstr(page.body, "Too many requests") != NULL);
    hang_up(&phone);
}

TEST("without a limit there is none")
{
    atomic_store(&test_clock_us, 0);
    serve_with(cx, (http_settings){.monotonic_us = read_clock});
    phone phone = dial();
    for (int i = 0; i < 100; i++)
        CHECK_INT(ask(&phone, BAD_TOKEN).status, 401);
    hang_up(&phone);
}

TEST("a page from elsewhere may read that it asks too often, and when to come back")
{
    static const char *const any[] = {"*"};
    atomic_store(&test_clock_us, 0);
    serve_with(cx,
               (http_settings){.rate_limit = LIMIT, .monotonic_us = read_clock, .cors = {any, 1}});
    phone phone = dial();
    use_up(&phone, NOWHERE, 404);
    const answer refused =
        ask(&phone, "GET /nowhere HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example\r\n\r\n");
    CHECK_INT(refused.status, 429);
    CHECK_TEXT(header_of(&refused, "Access-Control-Allow-Origin"), "*");
    CHECK(strstr(header_of(&refused, "Access-Control-Expose-Headers"), "Retry-After") != NULL);
    hang_up(&phone);
}

TEST("wrong secrets are counted where they come from")
{
    serve(cx);
    phone phone = dial();
    struct phone other = dial_from_to("127.0.0.2", service_address(scene.service, 0));
    static const char form[] =
        "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 76\r\n\r\n"
        "grant_type=client_credentials&client_id=app%%3A%%3Atester&client_secret=wrong%d";
    for (int i = 0; i < THROTTLE_PAIR_FREE; i++)
        CHECK_INT(ask(&phone, ix_format(cx, form, i)).status, 401);
    CHECK_INT(ask(&phone, ix_format(cx, form, 9)).status, 429);
    CHECK_INT(ask(&other, ix_format(cx, form, 9)).status, 401);
    hang_up(&phone);
    hang_up(&other);
}
