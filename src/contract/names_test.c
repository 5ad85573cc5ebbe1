/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/names.h"

#include "base/test.h"

typedef struct name_case {
    const char *text;
    bool is_valid;
} name_case;

static void check_names(const name_case *cases, size_t count, bool (*is_valid)(ix_str))
{
    for (size_t i = 0; i < count; i++) {
        print_message("%s\n", cases[i].text);
        CHECK(is_valid(ix_str_of(cases[i].text)) == cases[i].is_valid);
    }
}

#define CHECK_NAMES(cases, is_valid) \
    check_names((cases), sizeof(cases) / sizeof((cases)[0]), is_valid)

#define LETTERS_26 "abcdefghijklmnopqrstuvwxyz"
#define LETTERS_62 LETTERS_26 LETTERS_26 "abcdefghij"

TEST("a Category's or Model's name has 1 to 26 letters, digits, _ : or -")
{
    static const name_case cases[] = {
        {"a", true},    {"Z9_:-", true},      {LETTERS_26, true}, {LETTERS_26 "a", false},
        {"", false},    {"has blank", false}, {"über", false},    {"a.b", false},
        {"a/b", false}, {"a\n", false},
    };
    CHECK_NAMES(cases, ix_name_is_valid);
}

TEST("a space's name is lower case and begins with a letter or digit")
{
    static const name_case cases[] = {
        {"farm", true},  {"1", true},      {"a-b_c", true}, {LETTERS_62 "a", true},
        {"-a", false},   {"_a", false},    {"", false},     {LETTERS_62 "ab", false},
        {"Farm", false}, {"fa rm", false},
    };
    CHECK_NAMES(cases, ix_space_is_valid);
}

TEST("an affordance's name is UTF-8 without control characters")
{
    static const name_case cases[] = {
        {"temperature", true},
        {"größe", true},
        {"a b", true},
        {".", true},
        {"~%&?", true},
        {"温度", true},
        {"\xc2\xa0", true},
        {"", false},
        {"a/b", true},
        {"a+b", true},
        {"a#b", true},
        {"a\tb", false},
        {"a\x7f", false},
        {"\xc2\x85", false},
        {"\xff", false},
        {"\xc2", false},
        {LETTERS_62 LETTERS_62 "abcd", true},
        {LETTERS_62 LETTERS_62 "abcde", false},
    };
    CHECK_NAMES(cases, ix_affordance_is_valid);
}

TEST("an e-mail address is a mailbox, or a name and a mailbox in angle brackets")
{
    static const name_case cases[] = {
        {"a@b", true},
        {"first.last+tag@mail.example.org", true},
        {"Jane Doe <jane@example.org>", true},
        {"<jane@example.org>", true},
        {"jane@bücher.example", true},
        {"", false},
        {"jane", false},
        {"@example.org", false},
        {"jane@", false},
        {"jane@@example.org", false},
        {"a@b@c", false},
        {".jane@example.org", false},
        {"ja..ne@example.org", false},
        {"jane@-example.org", false},
        {"jane doe@example.org", false},
        {"Jane <jane@example.org", false},
        {"Jane <jane@example.org> x", false},
        {"Jane\r\nBcc: x@y <jane@example.org>", false},
        {"jane@example.org\n", false},
    };
    CHECK_NAMES(cases, ix_address_is_valid);
}

TEST("the mailbox of an address is what stands in angle brackets")
{
    CHECK(ix_str_is(ix_address_mailbox(IX_STR("Jane <jane@example.org>")), "jane@example.org"));
    CHECK(ix_str_is(ix_address_mailbox(IX_STR(" a@b ")), "a@b"));
}

TEST("a user's name may be an e-mail address")
{
    static const name_case cases[] = {
        {"ada", true},       {"Ada.Lovelace+x@mail.example", true},
        {"a_b-1", true},     {LETTERS_62 "ab", true},
        {"", false},         {"a b", false},
        {"a\n", false},      {"<b>", false},
        {"\xc3\xa4", false}, {LETTERS_62 "abc", false},
    };
    CHECK_NAMES(cases, ix_user_is_valid);
}

TEST("a redirect URI is absolute, plain, and runs nothing")
{
    static const name_case cases[] = {
        {"https://app.example/callback", true},
        {"https://app.example", true},
        {"HTTPS://app.example:8443/cb?x=1&y=%20", true},
        {"http://127.0.0.1:5000/cb", true},
        {"http://[::1]:5000/cb", true},
        {"com.example.app:/callback", true},
        {"com.example.app://callback", true},
        {"urn:ietf:wg:oauth:2.0:oob", true},
        {"", false},
        {"/callback", false},
        {"callback", false},
        {"://app.example", false},
        {"1s://app.example/", false},
        {"https:", false},
        {"https:/app.example", false},
        {"https://", false},
        {"https:///cb", false},
        {"https://:80/cb", false},
        {"https://user@app.example/", false},
        {"https://app.example;x/", false},
        {"https://app.example/cb#part", false},
        {"https://app.example/c b", false},
        {"https://app.example/\n", false},
        {"https://app.example/\"", false},
        {"https://b\xc3\xbc"
         "cher.example/",
         false},
        {"javascript:alert(1)", false},
        {"JavaScript:alert(1)", false},
        {"data:text/html,x", false},
        {"file:///etc/passwd", false},
        {"app:", false},
    };
    CHECK_NAMES(cases, ix_redirect_is_valid);
}

TEST("a redirect URI has at most 2000 characters")
{
    char uri[IX_REDIRECT_MAX + 2];
    memset(uri, 'a', sizeof uri);
    memcpy(uri, "https://app.example/", 20);
    CHECK(ix_redirect_is_valid((ix_str){uri, IX_REDIRECT_MAX}));
    CHECK(!ix_redirect_is_valid((ix_str){uri, IX_REDIRECT_MAX + 1}));
}

TEST("the origin of a redirect URI is its scheme and host")
{
    static const char *const cases[][2] = {
        {"https://app.example:8443/cb?x=1", "https://app.example:8443"},
        {"https://app.example?x=1", "https://app.example"},
        {"http://[::1]:5000/cb", "http://[::1]:5000"},
        {"com.example.app:/callback", "com.example.app:"},
        {"com.example.app://callback/x", "com.example.app://callback"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK(ix_str_is(ix_redirect_origin(ix_str_of(cases[i][0])), cases[i][1]));
}

TEST("the name of an address is what stands before the angle brackets")
{
    CHECK(ix_str_is(ix_address_name(IX_STR("Jane Doe <jane@example.org>")), "Jane Doe"));
    CHECK(ix_str_is(ix_address_name(IX_STR("<a@b>")), ""));
    CHECK(ix_str_is(ix_address_name(IX_STR("a@b")), ""));
}
