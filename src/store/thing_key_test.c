/* SPDX-License-Identifier: Apache-2.0 */
#include "store/thing_key.h"

#include "base/test.h"
#include "domain/page.h"

static ix_str bytes_of(ix_ctx *cx, ix_buf *buf)
{
    CHECK(!buf->failed);
    const ix_str bytes = {ix_strndup(cx, ix_buf_cstr(buf), buf->len), buf->len};
    ix_buf_done(buf);
    return bytes;
}

/* The component of a value; NULL: there is none. */
static ix_str of_value(ix_ctx *cx, const char *json, bool is_descending)
{
    ix_buf buf = {0};
    if (json)
        thing_key_add(&buf, value_key(cx, json_of(cx, json)), is_descending);
    else
        thing_key_add_none(&buf);
    return bytes_of(cx, &buf);
}

static int order_of(ix_str a, ix_str b)
{
    return thing_key_compare(&(thing_key){.first = a}, &(thing_key){.first = b});
}

TEST(
    "components have the order of their values, or the other one, and what is not there comes last")
{
    static const char *const values[] = {"false",  "-5", "0",   "2.5", "\"\"", "\"a\"",
                                         "\"aa\"", "[]", "[1]", "{}",  NULL};
    enum { VALUES = sizeof(values) / sizeof(values[0]) };
    for (int i = 0; i < VALUES; i++) {
        for (int k = 0; k < VALUES; k++) {
            const int up = (i > k) - (i < k);
            const int down = values[i] && values[k] ? -up : up;
            CHECK_INT(order_of(of_value(cx, values[i], false), of_value(cx, values[k], false)), up);
            CHECK_INT(order_of(of_value(cx, values[i], true), of_value(cx, values[k], true)), down);
        }
    }
}

TEST("what a component was made of can be had back")
{
    for (int down = 0; down <= 1; down++) {
        ix_buf text = {0}, number = {0};
        ix_str got;
        int64_t back;
        thing_key_add_text(&text, IX_STR("Grün"), down);
        CHECK(thing_key_text(cx, bytes_of(cx, &text), down, &got));
        CHECK_TEXT(ix_strndup(cx, got.at, got.len), "Grün");
        thing_key_add_int(&number, INT64_MIN, down);
        CHECK(thing_key_int(cx, bytes_of(cx, &number), down, &back));
        CHECK(back == INT64_MIN);
        CHECK(thing_key_value(cx, of_value(cx, "\"x\"", down), down, &got));
        CHECK(ix_str_equal(got, value_key(cx, json_of(cx, "\"x\""))));
    }
}

TEST("whole numbers have their order, negative ones first")
{
    static const int64_t numbers[] = {INT64_MIN, -1, 0, 1, 255, 256, INT64_MAX};
    for (int i = 0; i + 1 < 7; i++) {
        ix_buf a = {0}, b = {0};
        thing_key_add_int(&a, numbers[i], false);
        thing_key_add_int(&b, numbers[i + 1], false);
        CHECK_INT(order_of(bytes_of(cx, &a), bytes_of(cx, &b)), -1);
    }
}

/* A key whose first component has `first` bytes, and the others `rest`. */
static thing_key long_key(ix_ctx *cx, size_t first, size_t rest, char last)
{
    ix_buf one = {0}, others = {0};
    while (one.len < first)
        ix_buf_char(&one, 'f');
    while (others.len < rest)
        ix_buf_char(&others, 'r');
    if (rest > 0)
        others.at[rest - 1] = last;
    thing_key_cut(&others, first);
    return (thing_key){bytes_of(cx, &one), bytes_of(cx, &others),
                       IX_STR("01JM2Q8V5T7XK3E9A4B6C8D0EF")};
}

TEST("however long keys are, a cursor has room for them, and keys that differ stay different")
{
    static const size_t lengths[] = {0, 1, 10, 500, THING_KEY_FIRST_MAX, 5000, 100000};
    const char *tag = ix_format(cx, "things:%02000d", 7);
    for (size_t first = 1; first <= THING_KEY_FIRST_MAX; first += 58) {
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            const thing_key a = long_key(cx, first, lengths[i], 'a');
            const thing_key b = long_key(cx, first, lengths[i], 'b');
            CHECK(thing_key_compare(&a, &b) != 0 || lengths[i] == 0);
            const ix_str keys = thing_key_write(cx, &a);
            const char *cursor = page_cursor(cx, tag, keys);
            CHECK(strlen(cursor) <= CURSOR_MAX);

            thing_key read;
            CHECK_OK(cx,
                     thing_key_read(cx, json_of(cx, ix_format(cx, "[%s]", keys.at)), true, &read));
            CHECK_INT(thing_key_compare(&read, &a), 0);
        }
    }
}
