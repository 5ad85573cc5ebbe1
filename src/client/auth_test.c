/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "base/time.h"
#include "client/fake_transport_test.h"

/* ---- the clocks, which the linker puts in the place of the usual ones (see CMakeLists.txt) ---- */

static int64_t wall_ahead_us, uptime_ahead_us;

int64_t __real_ix_now_us(void);
int64_t __wrap_ix_now_us(void);

int64_t __wrap_ix_now_us(void)
{
    return __real_ix_now_us() + wall_ahead_us;
}

int64_t __real_ix_uptime_us(void);
int64_t __wrap_ix_uptime_us(void);

int64_t __wrap_ix_uptime_us(void)
{
    return __real_ix_uptime_us() + uptime_ahead_us;
}

#define TOKEN(text, life) "{\"access_token\": \"" text "\", \"expires_in\": " #life "}"

/* An API with credentials; the first answers on fake are for the token server. */
static iots_api *client_api(fake *fake, const iots_oauth2_opts *opts)
{
    iots_api *api = fake_api_with(fake, (iots_api_opts){0});
    iots_api_set_credentials(api, "app::1", "p&ss", "thing category.read", opts);
    return api;
}

static iots_code get(iots_api *api, const char *path)
{
    return code_of(iots_api_request(api, "GET", path, iots_none(), NULL));
}

TEST("a token that one has is sent with each request, and not where it is not wanted")
{
    fake fake = FAKE(SAYS(200, "{}"), SAYS(200, "{}"), SAYS(200, "{}"));
    iots_api *api = fake_api(&fake);
    get(api, "/a");
    iots_reply_free(iots_api_request(api, "GET", "/b", iots_none(), IOTS_CALL(.auth = IOTS_NO)));
    iots_reply_free(iots_health_get(api, NULL));
    CHECK(sent_header(&fake, 0, "Authorization: Bearer secret-token"));
    CHECK(!strstr(fake.headers[1], "Authorization"));
    CHECK(!strstr(fake.headers[2], "Authorization"));
    fake_done(&fake);
}

TEST("an empty token sends no header")
{
    fake fake = FAKE(SAYS(200, "{}"));
    iots_api *api = fake_api_with(&fake, (iots_api_opts){0});
    CHECK_INT(iots_api_set_token(api, ""), IOTS_OK);
    CHECK_INT(get(api, "/a"), IOTS_OK);
    CHECK(!strstr(fake.headers[0], "Authorization"));
    fake_done(&fake);
}

TEST("without a strategy a call says so, and why the one wanted is not there")
{
    fake fake = FAKE(SAYS(200, "{}"));
    iots_api *api = fake_api_with(&fake, (iots_api_opts){0});
    iots_reply *reply = iots_api_request(api, "GET", "/", iots_none(), NULL);
    CHECK_TEXT(iots_error(reply), "No security strategy has been set");
    iots_reply_free(reply);

    CHECK_INT(iots_api_set_credentials(api, NULL, "secret", NULL, NULL), IOTS_USAGE);
    CHECK_TEXT(iots_api_error(api), "client_id: missing");
    reply = iots_api_request(api, "GET", "/", iots_none(), NULL);
    CHECK_TEXT(iots_error(reply), "No security strategy has been set: client_id: missing");
    iots_reply_free(reply);
    CHECK_INT(fake.count, 0);
    fake_done(&fake);
}

TEST("credentials are exchanged at once, and the token is used until it ends")
{
    fake fake = FAKE(SAYS(200, TOKEN("T1", 3600)), SAYS(200, "{}"), SAYS(200, "{}"));
    iots_api *api = client_api(&fake, NULL);
    CHECK_TEXT(iots_api_error(api), "");
    CHECK_TEXT(asked(&fake, 0), "POST http://iots.test/oauth2/token");
    CHECK_TEXT(sent_body(&fake, 0), "grant_type=client_credentials&client_id=app%3A%3A1"
                                    "&client_secret=p%26ss&scope=thing%20category.read");
    CHECK(sent_header(&fake, 0, "Content-Type: application/x-www-form-urlencoded"));
    CHECK(!strstr(fake.headers[0], "Authorization"));
    get(api, "/a");
    get(api, "/b");
    CHECK_INT(fake.count, 3);
    CHECK(sent_header(&fake, 1, "Authorization: Bearer T1"));
    CHECK(sent_header(&fake, 2, "Authorization: Bearer T1"));
    fake_done(&fake);
}

TEST("a token about to end is renewed first")
{
    fake fake = FAKE(SAYS(200, TOKEN("T1", 10)), SAYS(200, TOKEN("T2", 3600)), SAYS(200, "{}"),
                     SAYS(200, "{}"));
    iots_api *api = client_api(&fake, NULL);
    get(api, "/a");
    get(api, "/b");
    CHECK_TEXT(asked(&fake, 1), "POST http://iots.test/oauth2/token");
    CHECK(sent_header(&fake, 2, "Authorization: Bearer T2"));
    CHECK(sent_header(&fake, 3, "Authorization: Bearer T2"));
    fake_done(&fake);
}

TEST("a clock that is set changes nothing about a token; time that passes ends it")
{
    static const int64_t years_us = INT64_C(10) * 365 * 24 * 3600 * IX_SECOND_US;
    fake fake = FAKE(SAYS(200, TOKEN("T1", 3600)), SAYS(200, "{}"), SAYS(200, "{}"),
                     SAYS(200, TOKEN("T2", 3600)), SAYS(200, "{}"));
    wall_ahead_us = -years_us; /* a machine that begins in the past, until it hears the time */
    iots_api *api = client_api(&fake, NULL);
    get(api, "/a");
    wall_ahead_us = years_us;
    get(api, "/b");
    CHECK_INT(fake.count, 3);
    CHECK(sent_header(&fake, 2, "Authorization: Bearer T1"));
    wall_ahead_us = -years_us;
    uptime_ahead_us = INT64_C(3595) * IX_SECOND_US; /* some of it asleep, perhaps */
    get(api, "/c");
    CHECK_TEXT(asked(&fake, 3), "POST http://iots.test/oauth2/token");
    CHECK(sent_header(&fake, 4, "Authorization: Bearer T2"));
    wall_ahead_us = uptime_ahead_us = 0;
    fake_done(&fake);
}

TEST("without expires_in a token lives an hour; the threshold is the program's to choose")
{
    fake fake = FAKE(SAYS(200, "{\"access_token\": \"T1\"}"), SAYS(200, "{}"),
                     SAYS(200, TOKEN("T2", 30)), SAYS(200, TOKEN("T3", 3600)), SAYS(200, "{}"));
    iots_api *api = client_api(&fake, NULL);
    get(api, "/a");
    CHECK(sent_header(&fake, 1, "Authorization: Bearer T1"));
    iots_api_set_credentials(api, "app::1", "x", NULL, IOTS_OAUTH2(.refresh_threshold_s = 40));
    CHECK(!strstr(sent_body(&fake, 2), "scope"));
    get(api, "/b");
    CHECK(sent_header(&fake, 4, "Authorization: Bearer T3"));
    fake_done(&fake);
}

TEST("bad credentials show when they are set, and the next call tries again")
{
    fake fake = FAKE(SAYS(401, "{\"error\": \"invalid_client\"}"), SAYS(200, TOKEN("T", 3600)),
                     SAYS(200, "{}"));
    iots_api *api = fake_api_with(&fake, (iots_api_opts){0});
    CHECK_INT(iots_api_set_credentials(api, "id", "wrong", NULL, NULL), IOTS_UNAUTHENTICATED);
    CHECK_TEXT(iots_api_error(api), "Failed to refresh token: {\"error\": \"invalid_client\"}");
    CHECK_INT(get(api, "/a"), IOTS_OK);
    CHECK_INT(fake.count, 3);
    fake_done(&fake);
}

TEST("an answer that is not a token is an error with the answer in it, not a crash")
{
    static const struct {
        answer answer;
        iots_code code;
        const char *sentence;
    } cases[] = {
        {SAYS_WITH(200, "<html>", .type = "text/html"), IOTS_UNEXPECTED,
         "Failed to refresh token: <html>"},
        {SAYS(200, "{oops"), IOTS_UNEXPECTED, "Failed to refresh token: {oops"},
        {SAYS(200, "{}"), IOTS_UNEXPECTED, "Failed to refresh token: {}"},
        {SAYS(200, "{\"access_token\": 5}"), IOTS_UNEXPECTED,
         "Failed to refresh token: {\"access_token\": 5}"},
        {SAYS(200, NULL), IOTS_UNEXPECTED,
         "Failed to refresh token: The answer has no access_token"},
        {FAILS(IOTS_TIMEOUT), IOTS_TIMEOUT, "Failed to refresh token: it did not work"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake fake = {.answers = {cases[i].answer, cases[i].answer}};
        iots_api *api = client_api(&fake, NULL);
        CHECK_TEXT(iots_api_error(api), cases[i].sentence);
        iots_reply *reply = iots_api_request(api, "GET", "/a", iots_none(), NULL);
        CHECK_INT(iots_reply_code(reply), cases[i].code);
        CHECK_TEXT(iots_error(reply), cases[i].sentence);
        iots_reply_free(reply);
        fake_done(&fake);
    }
}

TEST("a 401 to a token obtained by exchange is answered once with a fresh one")
{
    fake fake = FAKE(SAYS(200, TOKEN("T1", 3600)), SAYS(401, "{}"), SAYS(200, TOKEN("T2", 3600)),
                     SAYS(201, "{\"a\": 1}"));
    iots_api *api = client_api(&fake, NULL);
    iots_reply *reply = iots_api_request(api, "POST", "/a", iots_raw("{\"b\":2}"), NULL);
    CHECK(iots_ok(reply));
    CHECK_INT(iots_reply_requests(reply), 2);
    CHECK_TEXT(sent_body(&fake, 3), "{\"b\":2}");
    CHECK(sent_header(&fake, 3, "Authorization: Bearer T2"));
    iots_reply_free(reply);
    fake_done(&fake);
}

TEST("a second 401 is passed on, and so is the first to a token that one has")
{
    fake fake = FAKE(SAYS(200, TOKEN("T1", 3600)), SAYS(401, "{}"), SAYS(200, TOKEN("T2", 3600)),
                     SAYS(401, "{}"), SAYS(401, "{}"));
    iots_api *api = client_api(&fake, NULL);
    CHECK_INT(get(api, "/a"), IOTS_UNAUTHENTICATED);
    CHECK_INT(fake.count, 4);
    iots_api_set_token(api, "mine");
    CHECK_INT(get(api, "/a"), IOTS_UNAUTHENTICATED);
    CHECK_INT(fake.count, 5);
    fake_done(&fake);
}

TEST("ending the API revokes a token obtained by exchange, in the client's name")
{
    fake fake = FAKE(SAYS(200, TOKEN("T 1", 3600)), SAYS(200, NULL));
    iots_reply *end = iots_api_close(client_api(&fake, NULL));
    fake.api = NULL;
    CHECK(iots_ok(end));
    CHECK_TEXT(asked(&fake, 1), "POST http://iots.test/oauth2/revoke");
    CHECK_TEXT(sent_body(&fake, 1), "token=T%201&client_id=app%3A%3A1&client_secret=p%26ss");
    iots_reply_free(end);
    fake_done(&fake);
}

TEST("a failed revocation is reported by close, and the token is kept by revoke_token")
{
    fake fake = FAKE(SAYS(200, TOKEN("T1", 3600)), SAYS(400, "{\"error\": \"invalid_request\"}"),
                     SAYS(200, "{}"), SAYS(503, NULL));
    iots_api *api = client_api(&fake, NULL);
    iots_reply *reply = iots_api_revoke_token(api, NULL, NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_INVALID);
    CHECK_TEXT(iots_error(reply), "Failed to revoke token: {\"error\": \"invalid_request\"}");
    iots_reply_free(reply);
    get(api, "/a");
    CHECK(sent_header(&fake, 2, "Authorization: Bearer T1"));

    reply = iots_api_close(api);
    fake.api = NULL;
    CHECK_INT(iots_reply_code(reply), IOTS_UNAVAILABLE);
    CHECK_TEXT(iots_error(reply), "Failed to revoke token: Service unavailable");
    iots_reply_free(reply);
    fake_done(&fake);
}

TEST("after revoke_token the next call fetches another; without a URL it is only forgotten")
{
    fake fake = FAKE(SAYS(200, TOKEN("T1", 3600)), SAYS(200, NULL), SAYS(200, TOKEN("T2", 3600)),
                     SAYS(200, "{}"), SAYS(200, TOKEN("T3", 3600)), SAYS(200, TOKEN("T4", 3600)),
                     SAYS(200, "{}"));
    iots_api *api = client_api(&fake, NULL);
    CHECK_INT(code_of(iots_api_revoke_token(api, NULL, NULL)), IOTS_OK);
    get(api, "/a");
    CHECK(sent_header(&fake, 3, "Authorization: Bearer T2"));

    iots_api_set_credentials(api, "id", "s", NULL, IOTS_OAUTH2(.revoke_token_url = ""));
    CHECK_INT(code_of(iots_api_revoke_token(api, NULL, NULL)), IOTS_OK);
    get(api, "/b");
    CHECK(sent_header(&fake, 6, "Authorization: Bearer T4"));
    CHECK_INT(fake.count, 7);
    fake_done(&fake);
    CHECK_INT(fake.count, 7); /* and nothing at the end */
}

TEST("a token that one has is revoked only in a client's name")
{
    fake fake = FAKE(SAYS(200, NULL));
    iots_api *api = fake_api(&fake);
    CHECK_INT(code_of(iots_api_revoke_token(api, NULL, NULL)), IOTS_OK);
    CHECK_INT(fake.count, 0);
    CHECK_INT(code_of(iots_api_revoke_token(api, "app", "s")), IOTS_OK);
    CHECK_TEXT(sent_body(&fake, 0), "token=secret-token&client_id=app&client_secret=s");
    fake_done(&fake);
    CHECK_INT(fake.count, 1);
}

TEST("the token server may be another host, which sees no header of the API's")
{
    fake fake = FAKE(SAYS(200, TOKEN("T1", 3600)), SAYS(200, "{}"));
    iots_api *api =
        fake_api_with(&fake, (iots_api_opts){.headers = IOTS_PARAMS({"X-Gateway-Key", "k"})});
    CHECK_INT(iots_api_set_credentials(api, "id", "s", NULL,
                                       IOTS_OAUTH2(.token_url = "https://login.test/token",
                                                   .revoke_token_url = "", .verify = IOTS_NO)),
              IOTS_OK);
    CHECK(!fake.last.verify);
    CHECK_TEXT(asked(&fake, 0), "POST https://login.test/token");
    CHECK(!strstr(fake.headers[0], "X-Gateway-Key"));
    get(api, "/a");
    CHECK(fake.last.verify);
    CHECK(sent_header(&fake, 1, "X-Gateway-Key: k"));
    fake_done(&fake);
}

TEST("a strategy for credentials can be handed over; without a URL to revoke at, it only forgets")
{
    fake fake = FAKE(SAYS(200, TOKEN("T1", 3600)), SAYS(200, "{}"));
    iots_api *api = fake_api_with(&fake, (iots_api_opts){0});
    iots_security *security = iots_oauth2_client_credentials_new(
        "app::1", "p", "thing", IOTS_OAUTH2(.token_url = "/token", .refresh_threshold_s = 5));
    CHECK_INT(iots_api_with_security(api, security), IOTS_OK);
    CHECK_TEXT(asked(&fake, 0), "POST http://iots.test/token");
    CHECK_INT(get(api, "/a"), IOTS_OK);
    CHECK(sent_header(&fake, 1, "Authorization: Bearer T1"));
    fake_done(&fake);
    CHECK_INT(fake.count, 2);
}

/* ---- a strategy of one's own ---- */

typedef struct key {
    iots_security base;
    int applied, cleaned, freed, refused;
    bool saw_given; /* the header of the call */
} key;

static iots_reply *key_apply(iots_security *security, iots_api *api, iots_request *request)
{
    (void)api;
    key *key = security->self;
    key->applied++;
    if (key->applied > 2)
        return iots_failure(IOTS_FORBIDDEN, "the key is worn out");
    const char *given = iots_request_header(request, "X-KEY");
    key->saw_given = key->saw_given || (given && strcmp(given, "mine") == 0);
    iots_request_set_header(request, "x-key", "k1");
    iots_request_add_param(request, "key", "k 2");
    return NULL;
}

static bool key_refused(iots_security *security, const iots_request *request)
{
    (void)request;
    ((key *)security->self)->refused++;
    return true;
}

static iots_reply *key_clean(iots_security *security, iots_api *api)
{
    (void)api;
    ((key *)security->self)->cleaned++;
    return NULL;
}

static void key_free(iots_security *security)
{
    ((key *)security->self)->freed++;
}

static key key_make(void)
{
    return (key){.base = {.size = sizeof(iots_security),
                          .apply = key_apply,
                          .refused = key_refused,
                          .clean = key_clean,
                          .free = key_free}};
}

TEST("a program's own strategy adds headers and parameters, and may refuse")
{
    fake fake = FAKE(SAYS(401, NULL), SAYS(200, "{}"));
    iots_api *api = fake_api_with(&fake, (iots_api_opts){0});
    key key = key_make();
    key.base.self = &key;
    CHECK_INT(iots_api_with_security(api, &key.base), IOTS_OK);
    CHECK_INT(code_of(iots_api_request(api, "GET", "/a?b=c", iots_none(),
                                       IOTS_CALL(.headers = IOTS_PARAMS({"X-Key", "mine"})))),
              IOTS_OK);
    CHECK_INT(key.refused, 1);
    CHECK(key.saw_given);
    CHECK_TEXT(asked(&fake, 1), "GET http://iots.test/a?b=c&key=k%202"); /* once, not twice */
    CHECK(sent_header(&fake, 1, "X-Key: k1"));

    iots_reply *reply = iots_api_request(api, "GET", "/a", iots_none(), NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_FORBIDDEN);
    CHECK_TEXT(iots_error(reply), "the key is worn out");
    iots_reply_free(reply);
    fake_done(&fake);
    CHECK_INT(key.cleaned, 1);
    CHECK_INT(key.freed, 1);
}

TEST("a strategy that is replaced is released, but not cleaned up")
{
    fake fake = FAKE(SAYS(200, "{}"));
    iots_api *api = fake_api_with(&fake, (iots_api_opts){0});
    key key = key_make();
    key.base.self = &key;
    iots_api_with_security(api, &key.base);
    iots_api_set_token(api, "t");
    CHECK_INT(key.freed, 1);
    CHECK_INT(key.cleaned, 0);
    fake_done(&fake);
}

TEST("a strategy that is none is refused, and what was there before is gone")
{
    fake fake = FAKE(SAYS(200, "{}"));
    iots_api *api = fake_api(&fake);
    iots_security empty = {.size = sizeof empty};
    CHECK_INT(iots_api_with_security(api, &empty), IOTS_USAGE);
    CHECK_TEXT(iots_api_error(api), "iots_security: .size or .apply is not set");
    CHECK_INT(get(api, "/a"), IOTS_USAGE);
    CHECK_INT(iots_api_with_security(api, NULL), IOTS_USAGE);
    CHECK_INT(iots_api_set_token(api, NULL), IOTS_USAGE);
    CHECK_INT(fake.count, 0);
    fake_done(&fake);
}
