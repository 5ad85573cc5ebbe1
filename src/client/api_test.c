/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "client/fake_transport_test.h"

TEST("a host gets https:// if it has no scheme, and loses its trailing slashes")
{
    static const struct {
        const char *given, *host;
    } cases[] = {
        {NULL, "https://api.swx.altairone.com"},
        {"iots.example.org", "https://iots.example.org"},
        {"http://localhost:8080//", "http://localhost:8080"},
        {"https://example.org/base/", "https://example.org/base"},
        {"[::1]:8443", "https://[::1]:8443"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        iots_api *api = iots_api_new(IOTS_API_OPTS(.host = cases[i].given));
        CHECK_TEXT(iots_api_error(api), "");
        CHECK_TEXT(iots_api_host(api), cases[i].host);
        iots_api_free(api);
    }
    iots_api_free(iots_api_new(NULL));
    iots_api_free(NULL);
}

TEST("an API that could not be made gives replies that say why")
{
    static const char *const hosts[] = {"",           "ftp://x",    "http://",
                                        "http://a b", "http://u@h", "http://h?x"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        iots_api *api = iots_api_new(IOTS_API_OPTS(.host = hosts[i]));
        CHECK(*iots_api_error(api));
        CHECK_INT(iots_api_set_token(api, "t"), IOTS_USAGE);
        CHECK_INT(iots_api_set_credentials(api, "i", "s", NULL, NULL), IOTS_USAGE);
        CHECK_INT(iots_api_set_header(api, "X-A", "1"), IOTS_USAGE);
        CHECK_INT(code_of(iots_api_revoke_token(api, NULL, NULL)), IOTS_USAGE);
        iots_reply *reply = iots_health_get(api, NULL);
        CHECK_INT(iots_reply_code(reply), IOTS_USAGE);
        CHECK_TEXT(iots_error(reply), iots_api_error(api));
        iots_pager *pager = iots_spaces_list(api, NULL);
        CHECK(!iots_pager_next(pager));
        CHECK_TEXT(iots_error(iots_pager_reply(pager)), iots_api_error(api));
        iots_pager_free(pager);
        iots_reply_free(reply);
        iots_api_free(api);
    }
}

TEST("an API made with a strategy, or unable to take one, releases it")
{
    iots_api_free(iots_api_new(IOTS_API_OPTS(.host = "h", .security = iots_access_token_new("t"))));
    iots_api_free(iots_api_new(IOTS_API_OPTS(.host = "", .security = iots_access_token_new("t"))));
    const iots_api_opts unstamped = {.host = "h"};
    iots_api *api = iots_api_new(&unstamped);
    CHECK_TEXT(iots_api_error(api), "iots_api_opts: .size is not set");
    iots_api_free(api);
}

TEST("default headers win over those of a call, and can change")
{
    fake fake = FAKE(SAYS(200, "{}"), SAYS(200, "{}"), SAYS(200, "{}"));
    iots_api *api =
        fake_api_with(&fake,
                      (iots_api_opts){.headers = IOTS_PARAMS({"X-A", "api"}, {"x-b", "api"})});
    const iots_call_opts *opts =
        IOTS_CALL(.headers = IOTS_PARAMS({"x-a", "call"}, {"X-C", "call"}));
    iots_reply_free(iots_health_get(api, opts));
    CHECK(sent_header(&fake, 0, "x-a: api"));
    CHECK(sent_header(&fake, 0, "x-b: api"));
    CHECK(sent_header(&fake, 0, "X-C: call"));
    CHECK(sent_header(&fake, 0, "Accept: application/json"));
    CHECK(sent_header(&fake, 0, "User-Agent: libiots/" IOTS_VERSION));

    CHECK_INT(iots_api_set_header(api, "x-a", "new"), IOTS_OK);
    CHECK_INT(iots_api_set_header(api, "X-B", NULL), IOTS_OK);
    CHECK_INT(iots_api_set_header(api, "accept", "application/td+json"), IOTS_OK);
    iots_reply_free(iots_health_get(api, opts));
    CHECK(sent_header(&fake, 1, "x-a: new"));
    CHECK(!strstr(fake.headers[1], "x-b"));
    CHECK(sent_header(&fake, 1, "accept: application/td+json"));
    CHECK(!strstr(fake.headers[1], "application/json"));

    CHECK_INT(iots_api_set_header(api, "X A", "1"), IOTS_USAGE);
    CHECK_INT(iots_api_set_header(api, "", "1"), IOTS_USAGE);
    CHECK_INT(iots_api_set_header(api, NULL, NULL), IOTS_USAGE);
    CHECK_INT(iots_api_set_header(api, "X-A", "a\nb"), IOTS_USAGE);
    CHECK_INT(iots_api_set_header(NULL, "X-A", "a"), IOTS_USAGE);
    fake_done(&fake);
}

TEST("replies outlive their API")
{
    fake fake = FAKE(SAYS(200, "{\"a\": \"b\"}"));
    iots_reply *reply = iots_health_get(fake_api(&fake), NULL);
    fake_done(&fake);
    CHECK_TEXT(iots_json_string(iots_reply_body(reply), "/a"), "b");
    iots_reply_free(reply);
}

TEST("a reply that is not there can be looked at as well")
{
    CHECK(!iots_ok(NULL));
    CHECK_INT(iots_reply_code(NULL), IOTS_USAGE);
    CHECK_TEXT(iots_error(NULL), "no reply at all");
    CHECK_TEXT(iots_error_report(NULL), "no reply at all");
    CHECK(!iots_reply_body(NULL));
    CHECK(!iots_error_details(NULL));
    CHECK(!iots_error_field(NULL));
    CHECK(!iots_reply_header(NULL, "A"));
    CHECK_INT(iots_reply_status(NULL), 0);
    CHECK_TEXT(iots_reply_bytes(NULL, NULL), "");
    iots_reply_free(NULL);
}

TEST("a failure of one's own has a code and a sentence")
{
    iots_reply *reply = iots_failure(IOTS_FORBIDDEN, "no %s", "way");
    CHECK_INT(iots_reply_code(reply), IOTS_FORBIDDEN);
    CHECK_TEXT(iots_error(reply), "no way");
    iots_reply_free(reply);
    reply = iots_failure(IOTS_FORBIDDEN, NULL);
    CHECK_TEXT(iots_error(reply), "Unauthorized");
    iots_reply_free(reply);
    CHECK_TEXT(iots_code_name(IOTS_FORBIDDEN), "IOTS_FORBIDDEN");
    CHECK_TEXT(iots_code_text(IOTS_NO_MEMORY), "Out of memory");
}
