/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ulid.h"

#include "base/test.h"

static const uint8_t zeros[10];
static const uint8_t ones[10] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255};

static bool is_ulid(const char *text)
{
    ix_ulid id;
    return ix_ulid_parse(ix_str_of(text), &id);
}

static ix_ulid ulid_of(const char *text)
{
    ix_ulid id;
    CHECK(ix_ulid_parse(ix_str_of(text), &id));
    return id;
}

TEST("an identifier is its time and its chance in base 32")
{
    ix_ulid_maker maker = {{0}};
    /* The example of the ULID specification. */
    const ix_ulid id = ix_ulid_next(&maker, INT64_C(1469918176385) * 1000 + 999, zeros);
    CHECK_TEXT(id.text, "01ARYZ6S410000000000000000");
    CHECK(ix_ulid_time_us(&id) == INT64_C(1469918176385) * 1000);
}

TEST("every bit of chance is written")
{
    ix_ulid_maker maker = {{0}};
    const uint8_t chance[10] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x55, 0xAA};
    CHECK_TEXT(ix_ulid_next(&maker, 1000, chance).text, "000000000104HMASW9NF6YYNDA");
    CHECK_TEXT(ix_ulid_next(&maker, 2000, ones).text, "0000000002ZZZZZZZZZZZZZZZZ");
}

TEST("identifiers only grow, whatever the clock does")
{
    ix_ulid_maker maker = {{0}};
    ix_ulid last = ix_ulid_next(&maker, 5000000, ones);
    for (int i = 0; i < 1000; i++) {
        const ix_ulid id = ix_ulid_next(&maker, 5000000 - i * 100, i % 2 ? ones : zeros);
        CHECK(strcmp(id.text, last.text) > 0);
        last = id;
    }
    CHECK(ix_ulid_time_us(&last) == 5001000);
}

TEST("identifiers grow beyond those seen")
{
    ix_ulid_maker maker = {{0}};
    const ix_ulid seen = ulid_of("01GQ2E9M2Y45BX9EW0F2BM032Q");
    ix_ulid_seen(&maker, &seen);
    CHECK_TEXT(ix_ulid_next(&maker, 1000, ones).text, "01GQ2E9M2Y45BX9EW0F2BM032R");
    const ix_ulid earlier = ulid_of("00GQ2E9M2Y45BX9EW0F2BM032Q");
    ix_ulid_seen(&maker, &earlier);
    CHECK_TEXT(ix_ulid_next(&maker, 1000, ones).text, "01GQ2E9M2Y45BX9EW0F2BM032S");
}

TEST("the largest identifier is the end")
{
    ix_ulid_maker maker = {{0}};
    const ix_ulid largest = ulid_of("7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    ix_ulid_seen(&maker, &largest);
    CHECK_TEXT(ix_ulid_next(&maker, 1000, zeros).text, largest.text);
}

TEST("a clock before 1970 counts as 1970")
{
    ix_ulid_maker maker = {{0}};
    CHECK_TEXT(ix_ulid_next(&maker, -5, ones).text, "0000000000ZZZZZZZZZZZZZZZZ");
}

TEST("identifiers are read in any letter case and written in upper case")
{
    CHECK_TEXT(ulid_of("01gq2e9m2y45bx9ew0f2bm032q").text, "01GQ2E9M2Y45BX9EW0F2BM032Q");
}

TEST("what is not an identifier is refused")
{
    CHECK(!is_ulid(""));
    CHECK(!is_ulid("01GQ2E9M2Y45BX9EW0F2BM032"));
    CHECK(!is_ulid("01GQ2E9M2Y45BX9EW0F2BM032QQ"));
    CHECK(!is_ulid("81GQ2E9M2Y45BX9EW0F2BM032Q"));
    CHECK(!is_ulid("01GQ2E9M2Y45BX9EW0F2BM032I"));
    CHECK(!is_ulid("01GQ2E9M2Y45BX9EW0F2BM032u"));
    CHECK(!is_ulid("01GQ2E9M2Y45BX9EW0F2BM03-Q"));
    ix_ulid id;
    CHECK(!ix_ulid_parse((ix_str){"01GQ2E9M2Y45BX9EW0F2BM03\0Q", 26}, &id));
    CHECK(!ix_ulid_parse((ix_str){NULL, 0}, &id));
}
