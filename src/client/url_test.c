/* SPDX-License-Identifier: Apache-2.0 */
#include "client/url.h"

#include "base/test.h"

static bool same(ix_ctx *cx, const char *a, const char *b)
{
    client_url left, right;
    CHECK_OK(cx, url_parse(cx, a, &left));
    CHECK_OK(cx, url_parse(cx, b, &right));
    return url_same_origin(&left, &right);
}

TEST("scheme, host and port make an origin, in any letter case")
{
    CHECK(same(cx, "https://iots.example.org", "HTTPS://IOTS.example.org:443/a/path?q"));
    CHECK(same(cx, "http://[::1]:8080", "http://[::1]:8080/x"));
    CHECK(!same(cx, "https://iots.example.org", "http://iots.example.org"));
    CHECK(!same(cx, "https://iots.example.org", "https://iots.example.org:8443"));
    CHECK(!same(cx, "https://iots.example.org", "https://iots.example.org.evil.example"));
}

TEST("what could lead elsewhere than it seems is not a URL of ours")
{
    static const char *const odd[] = {
        "ftp://example.org/",
        "https:/example.org/",
        "https://",
        "https://good.example@evil.example/",
        "https://good.example\\@evil.example/",
        "https://good.example:99999/",
        "https://good.example:80x/",
        "https://[::1/",
        "https://a b/",
        "javascript:alert(1)",
        "/spaces/farm",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        client_url ret;
        CHECK_FAILS(cx, url_parse(cx, odd[i], &ret), IOTS_USAGE);
    }
}

TEST("joining encodes what may not stand in a URL, and drops a fragment")
{
    CHECK_TEXT(url_join(cx, IX_STR("http://h"), IX_STR("/a b/\xC3\xA9?x=1|2&y=%20#part")),
               "http://h/a%20b/%C3%A9?x=1%7C2&y=%20");
}

TEST("a redirect is followed within the host")
{
    static const struct {
        const char *from, *location, *to;
    } cases[] = {
        {"http://h:1/a/b?c", "/x?y", "http://h:1/x?y"},
        {"http://h:1/a/b?c", "d", "http://h:1/a/d"},
        {"http://h:1/a/b?c/d", "e", "http://h:1/a/e"},
        {"http://h:1/a/b?c", "?d", "http://h:1/a/b?d"},
        {"http://h:1", "d", "http://h:1/d"},
        {"http://h:1/a", "//H:1/z", "http://h:1/z"},
        {"http://h:1/a", "http://h:1/z", "http://h:1/z"},
        {"https://h/a", "https://h:443/z#part", "https://h/z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(url_follow(cx, cases[i].from, cases[i].location), cases[i].to);
}

TEST("a redirect to another host, port or scheme is not followed")
{
    static const char *const away[] = {"http://evil.example/", "//evil.example/", "http://h:2/",
                                       "https://h:1/", "ftp://h:1/"};
    for (size_t i = 0; i < sizeof away / sizeof *away; i++)
        CHECK_FAILS(cx, url_follow(cx, "http://h:1/a", away[i]) != NULL, IOTS_UNEXPECTED);
}
