/* SPDX-License-Identifier: Apache-2.0 */
#include "net/cors.h"

#include "base/test.h"

static const char *complaint(ix_ctx *cx, const char *text)
{
    CHECK(!cors_origin_check(cx, text));
    CHECK_INT(cx->error.code, IOTS_USAGE);
    const char *sentence = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    return sentence;
}

/* The headers of a reply as lines "Name: value|", for rules and a request without a call. */
static const char *headers(ix_ctx *cx, const char *const *origins, size_t count, const char *origin)
{
    const cors_rules rules = {origins, count};
    const cors_request request = {.origin = origin};
    call_header found[CORS_HEADERS_MAX];
    const size_t found_count = cors_headers(&rules, &request, NULL, found);
    const char *text = "";
    for (size_t i = 0; i < found_count; i++)
        text = ix_format(cx, "%s%s: %s|", text, found[i].name, found[i].value);
    return text;
}

#define EXPOSED "Access-Control-Expose-Headers: Location, Retry-After, WWW-Authenticate|"

TEST("an origin is a scheme, a host and a port if it is not the scheme's own")
{
    static const char *const good[] = {"*",
                                       "https://app.example",
                                       "http://localhost:5173",
                                       "https://app.example:80",
                                       "http://[::1]:8080",
                                       "http://[2001:db8::80]"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK_OK(cx, cors_origin_check(cx, good[i]));

    static const char *const bad[] = {"",           "null",         "app.example", "ftp://a",
                                      "https://",   "https://:443", "https://a/",  "https://a/b",
                                      "http://a?b", "http://u@a",   "http://a b",  "**"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_TEXT(complaint(cx, bad[i]),
                   ix_format(cx, "'%s' is not an origin (https://host:port)", bad[i]));

    CHECK_TEXT(complaint(cx, "https://a:443"), "'https://a:443': browsers leave out :443");
    CHECK_TEXT(complaint(cx, "http://a:80"), "'http://a:80': browsers leave out :80");
}

TEST("without origins no reply says anything")
{
    CHECK_TEXT(headers(cx, NULL, 0, NULL), "");
    CHECK_TEXT(headers(cx, NULL, 0, "https://app.example"), "");
}

TEST("any origin hears so, and the answer is the same for all")
{
    static const char *const any[] = {"https://app.example", "*"};
    CHECK_TEXT(headers(cx, any, 2, "https://evil.example"),
               "Access-Control-Allow-Origin: *|" EXPOSED);
    CHECK_TEXT(headers(cx, any, 2, NULL), "");
}

TEST("an origin of the list hears its name, as the browser wrote it")
{
    static const char *const two[] = {"https://app.example", "http://localhost:5173"};
    CHECK_TEXT(headers(cx, two, 2, "http://localhost:5173"),
               "Vary: Origin|Access-Control-Allow-Origin: http://localhost:5173|" EXPOSED);
    CHECK_TEXT(headers(cx, two, 2, "https://APP.example"),
               "Vary: Origin|Access-Control-Allow-Origin: https://APP.example|" EXPOSED);
}

TEST("nobody else hears anything, but caches hear that it depends on the origin")
{
    static const char *const one[] = {"https://app.example"};
    static const char *const others[] = {"https://evil.example",
                                         "http://app.example",
                                         "https://app.example:8443",
                                         "https://app.example.evil",
                                         "https://app.exampl",
                                         "null",
                                         "",
                                         NULL};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        CHECK_TEXT(headers(cx, one, 1, others[i]), "Vary: Origin|");
}
