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

TEST("an affordance's name is UTF-8 without / + # and control characters")
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
        {"a/b", false},
        {"a+b", false},
        {"a#b", false},
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
