/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "client/fake_transport_test.h"

/* One try, one millisecond of waiting before the next. */
static iots_api *retrying_api(fake *fake, int retries)
{
    iots_api *api = fake_api_with(fake, (iots_api_opts){.retries = retries, .retry_wait_ms = 1});
    iots_api_set_token(api, "t");
    return api;
}

static iots_reply *ask(iots_api *api, const char *method)
{
    return iots_api_request(api, method, "/a/b?c", iots_none(), NULL);
}

#define GO_TO(status, where) SAYS_WITH(status, NULL, .header = {"Location", where})

TEST("a redirect within the host is followed, with the token")
{
    fake fake = FAKE(GO_TO(302, "/x"), GO_TO(308, "y?z"), SAYS(200, "{\"a\": 1}"));
    iots_reply *reply = ask(fake_api(&fake), "GET");
    CHECK(iots_ok(reply));
    CHECK_TEXT(asked(&fake, 1), "GET http://iots.test/x");
    CHECK_TEXT(asked(&fake, 2), "GET http://iots.test/y?z");
    CHECK(sent_header(&fake, 2, "Authorization: Bearer secret-token"));
    CHECK_TEXT(iots_reply_url(reply), "http://iots.test/y?z");
    CHECK_INT(iots_reply_requests(reply), 3);
    iots_reply_free(reply);
    fake_done(&fake);
}

TEST("a redirect to another host is not followed, and says so")
{
    fake fake = FAKE(GO_TO(302, "http://evil.test/x"));
    iots_reply *reply = ask(fake_api(&fake), "GET");
    CHECK_INT(iots_reply_code(reply), IOTS_UNEXPECTED);
    CHECK_TEXT(iots_error(reply),
               "Redirected to another host, which is not followed: http://evil.test/x");
    CHECK_INT(iots_reply_status(reply), 302);
    CHECK_INT(fake.count, 1);
    iots_reply_free(reply);
    fake_done(&fake);
}

TEST("a redirect of anything but GET and HEAD is not followed")
{
    fake fake = FAKE(GO_TO(307, "/x"), GO_TO(301, "/x"), SAYS(200, "{}"));
    iots_api *api = fake_api(&fake);
    CHECK_INT(code_of(iots_categories_create(iots_api_space(api, "farm"), iots_raw("{}"), NULL)),
              IOTS_UNEXPECTED);
    CHECK_INT(fake.count, 1);
    CHECK_INT(code_of(ask(api, "HEAD")), IOTS_OK);
    CHECK_INT(fake.count, 3);
    fake_done(&fake);
}

TEST("redirects that go in circles end")
{
    fake fake = FAKE(GO_TO(302, "/x"), GO_TO(302, "/x"), GO_TO(302, "/x"), GO_TO(302, "/x"),
                     GO_TO(302, "/x"), GO_TO(302, "/x"), GO_TO(302, "/x"));
    iots_reply *reply = ask(fake_api(&fake), "GET");
    CHECK_TEXT(iots_error(reply), "More than 5 redirects");
    CHECK_INT(fake.count, 6);
    iots_reply_free(reply);
    fake_done(&fake);
}

TEST("nothing is tried again unless asked for")
{
    fake fake = FAKE(SAYS(503, NULL), SAYS(200, "{}"));
    CHECK_INT(code_of(ask(fake_api(&fake), "GET")), IOTS_UNAVAILABLE);
    CHECK_INT(fake.count, 1);
    fake_done(&fake);
}

TEST("harmless methods are tried again after passing trouble, as often as asked for")
{
    fake fake =
        FAKE(SAYS(503, NULL), FAILS(IOTS_TRANSPORT), SAYS(429, NULL), SAYS(200, "{\"a\": 1}"));
    iots_reply *reply = ask(retrying_api(&fake, 3), "PUT");
    CHECK(iots_ok(reply));
    CHECK_INT(iots_reply_requests(reply), 4);
    CHECK_INT(iots_json_integer(iots_reply_body(reply), "/a", 0), 1);
    iots_reply_free(reply);
    fake_done(&fake);
}

TEST("the last failure is passed on when the tries are used up")
{
    fake fake = FAKE(SAYS(502, NULL), SAYS(503, NULL), SAYS(200, "{}"));
    CHECK_INT(code_of(ask(retrying_api(&fake, 1), "GET")), IOTS_UNAVAILABLE);
    CHECK_INT(fake.count, 2);
    fake_done(&fake);
}

TEST("what may have had an effect is not repeated, nor is a refusal")
{
    static const struct {
        const char *method;
        answer first;
    } cases[] = {
        {"POST", SAYS(503, NULL)}, {"PATCH", FAILS(IOTS_TRANSPORT)}, {"GET", SAYS(404, NULL)},
        {"GET", SAYS(500, NULL)},  {"GET", FAILS(IOTS_TIMEOUT)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake fake = {.answers = {cases[i].first, SAYS(200, "{}")}};
        CHECK(code_of(ask(retrying_api(&fake, 5), cases[i].method)) != IOTS_OK);
        CHECK_INT(fake.count, 1);
        fake_done(&fake);
    }
}

TEST("what a proxy says that had no answer leaves the outcome of a POST unknown, not that of a GET")
{
    static const struct {
        int status;
        const char *method;
        iots_code code;
        const char *sentence;
    } cases[] = {
        {502, "POST", IOTS_OUTCOME_UNKNOWN,
         "It is not known whether the server did it: a proxy answers 502"},
        {504, "PATCH", IOTS_OUTCOME_UNKNOWN,
         "It is not known whether the server did it: a proxy answers 504"},
        {502, "GET", IOTS_UNEXPECTED, "Unexpected response status code (502)"},
        {503, "POST", IOTS_UNAVAILABLE, "Service unavailable"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake fake = FAKE(SAYS(cases[i].status, NULL), SAYS(200, "{}"));
        iots_reply *reply = ask(fake_api(&fake), cases[i].method);
        CHECK_INT(iots_reply_code(reply), cases[i].code);
        CHECK_TEXT(iots_error(reply), cases[i].sentence);
        CHECK_INT(iots_reply_status(reply), cases[i].status);
        CHECK_INT(fake.count, 1);
        iots_reply_free(reply);
        fake_done(&fake);
    }
}

static iots_reply *apply_unknown(iots_security *security, iots_api *api, iots_request *request)
{
    (void)security, (void)request;
    return iots_api_request(api, "POST", "/token", iots_none(), IOTS_CALL(.auth = IOTS_NO));
}

TEST("an unknown outcome of what a strategy asked is not that of the call, which was not sent")
{
    iots_security security = {.size = sizeof security, .apply = apply_unknown};
    fake fake = FAKE(FAILS(IOTS_OUTCOME_UNKNOWN), SAYS(200, "{}"));
    iots_api *api = fake_api_with(&fake, (iots_api_opts){.security = &security});
    iots_reply *reply = ask(api, "POST");
    CHECK_INT(iots_reply_code(reply), IOTS_TRANSPORT);
    CHECK_TEXT(iots_error(reply), "Nothing was sent, for lack of a token: it did not work");
    iots_reply_free(reply);
    CHECK_INT(fake.count, 1);
    fake_done(&fake);
}

TEST("a call may have retries of its own, or none")
{
    fake fake = FAKE(SAYS(503, NULL), SAYS(503, NULL), SAYS(200, "{}"));
    iots_api *api = retrying_api(&fake, 5);
    CHECK_INT(code_of(iots_health_get(api, IOTS_CALL(.retries = -1))), IOTS_UNAVAILABLE);
    CHECK_INT(code_of(iots_health_get(api, IOTS_CALL(.retries = 1))), IOTS_OK);
    CHECK_INT(fake.count, 3);
    fake_done(&fake);
}

TEST("Retry-After is obeyed, in seconds or as a date, unless it asks for too much")
{
    static const struct {
        const char *text;
        size_t requests;
    } cases[] = {{"0", 2},
                 {"Sun, 06 Nov 1994 08:49:37 GMT", 2},
                 {"86400", 1},
                 {"Fri, 31 Dec 9998 23:59:59 GMT", 1},
                 {"soon", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake fake =
            FAKE(SAYS_WITH(503, NULL, .header = {"Retry-After", cases[i].text}), SAYS(200, "{}"));
        iots_reply_free(ask(retrying_api(&fake, 1), "GET"));
        CHECK_INT(fake.count, cases[i].requests);
        fake_done(&fake);
    }
}
