/* SPDX-License-Identifier: Apache-2.0 */
#include "store/key.h"

#include "base/test.h"
#include "store/store.h"
#include "store/store_test.h"

/* So many bytes of one letter, and then what follows. */
static const char *long_text(ix_ctx *cx, int len, const char *tail)
{
    return ix_format(cx, "%s%s",
                     (const char *)memset(ix_alloc(cx, (size_t)len + 1), 'x', (size_t)len), tail);
}

static const char *key(ix_ctx *cx, const char *text)
{
    const ix_str made = key_of(cx, ix_str_of(text));
    CHECK_OK(cx, made.at != NULL);
    return ix_strndup(cx, made.at, made.len);
}

TEST("a short text is its own key")
{
    CHECK_TEXT(key(cx, ""), "");
    CHECK_TEXT(key(cx, long_text(cx, KEY_MAX, "")), long_text(cx, KEY_MAX, ""));
    CHECK(key_arg(cx, NULL).type == DB_NULL);
}

TEST("the key of a long text is longer than any short text, and as long as all others")
{
    const size_t len = strlen(key(cx, long_text(cx, KEY_MAX + 1, "")));
    CHECK(len > KEY_MAX);
    CHECK(strlen(key(cx, long_text(cx, 100000, ""))) == len);
}

TEST("texts that differ have keys that differ, in the same order unless they begin alike")
{
    const char *one = long_text(cx, 2000, "a");
    const char *other = long_text(cx, 2000, "b");
    CHECK(strcmp(key(cx, one), key(cx, other)) != 0);
    CHECK(strcmp(key(cx, one), key(cx, long_text(cx, KEY_MAX - 4, ""))) > 0);
    CHECK(strcmp(key(cx, one), key(cx, long_text(cx, KEY_MAX - 5, "y"))) < 0);
}

TEST("a letter is not cut in two")
{
    for (int i = 0; i < 4; i++) {
        const char *text =
            ix_format(cx, "%s%s", long_text(cx, KEY_MAX - i, ""), "\xF0\x9F\x8C\xB1 and more");
        const char *made = key(cx, text);
        CHECK(ix_str_is_utf8(ix_str_of(made)));
        CHECK(strncmp(made, text, (size_t)(KEY_MAX - i)) == 0);
    }
}

TEST("keys of values are in the order of values, and equal only if they are")
{
    static const char *const values[] = {
        "null",
        "false",
        "true",
        "-1e308",
        "-9223372036854775808",
        "-9007199254740993",
        "-9007199254740992.0",
        "-1.5",
        "-1",
        "-5e-324",
        "-0.0",
        "0",
        "5e-324",
        "1",
        "1.0",
        "1.5",
        "255",
        "256",
        "9007199254740991",
        "9007199254740992.0",
        "9007199254740993",
        "9007199254740994",
        "9223372036854774784.0",
        "9223372036854775807",
        "9223372036854775808.0",
        "1e308",
        "\"\"",
        "\"\\u0001\"",
        "\"a\"",
        "\"a\\u0001\"",
        "\"aa\"",
        "\"b\"",
        "\"\\u00e9\"",
        "\"\\ud83c\\udf31\"",
        "[]",
        "[null]",
        "[[]]",
        "[1]",
        "[1,null]",
        "[1.0,2]",
        "[9007199254740993]",
        "[\"a\"]",
        "[\"a\",1]",
        "[\"aa\"]",
        "[{}]",
        "{}",
        "{\"\":1}",
        "{\"a\":1}",
        "{\"a\":1,\"b\":0}",
        "{\"b\":0,\"a\":1.0}",
        "{\"a\":2}",
        "{\"aa\":1}",
        "{\"b\":{\"c\":[]}}",
    };
    enum { VALUES = sizeof(values) / sizeof(values[0]) };
    size_t wrong = 0;
    for (size_t i = 0; i < VALUES; i++) {
        for (size_t k = 0; k < VALUES; k++) {
            const ix_json *a = json_of(cx, values[i]), *b = json_of(cx, values[k]);
            const ix_str x = value_key(cx, a), y = value_key(cx, b);
            const int first = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);
            const int order = first ? (first > 0) - (first < 0) : (x.len > y.len) - (x.len < y.len);
            if (order != ix_json_compare(a, b))
                print_error("%zu: %s and %s\n", ++wrong, values[i], values[k]);
        }
    }
    CHECK_INT(wrong, 0);
}

TEST("long values have keys of one length, each of them its own")
{
    const char *texts[] = {ix_format(cx, "\"%s\"", long_text(cx, 2000, "a")),
                           ix_format(cx, "\"%s\"", long_text(cx, 2000, "b")),
                           ix_format(cx, "\"%s\"", long_text(cx, 2000, "c"))};
    for (int i = 0; i < 3; i++) {
        const ix_json *a = json_of(cx, texts[i]), *b = json_of(cx, texts[(i + 1) % 3]);
        const ix_str x = value_key(cx, a), y = value_key(cx, b);
        CHECK(x.len > KEY_MAX && x.len == y.len);
        CHECK(memcmp(x.at, y.at, x.len) != 0);
    }
}

/* ---- what is found by long texts ---- */

static const char *found(ix_ctx *cx, store_handle *store, const char *condition_text)
{
    filter_condition condition;
    CHECK_OK(cx, condition_parse(cx, IX_STR("s"), ix_str_of(condition_text), &condition));
    const thing_filter filter = {.conditions = &condition};
    return things_matching(cx, store, &filter, "");
}

static store_handle *store_of_long(ix_ctx *cx)
{
    store_handle *store = fresh_store(cx);
    const char *values[] = {"a", long_text(cx, 5000, "a"), long_text(cx, 5000, "b"), "y"};
    for (int i = 0; i < 4; i++)
        add_values(cx, store, i + 1, ix_format(cx, "{\"s\":\"%s\"}", values[i]));
    return store;
}

TEST("long values are found exactly, whatever the operator")
{
    store_handle *store = store_of_long(cx);
    CHECK_TEXT(found(cx, store, long_text(cx, 5000, "a")), "2");
    CHECK_TEXT(found(cx, store, ix_format(cx, "neq:%s", long_text(cx, 5000, "a"))), "1 3 4");
    CHECK_TEXT(found(cx, store, ix_format(cx, "gt:%s", long_text(cx, 5000, "a"))), "3 4");
    CHECK_TEXT(found(cx, store, ix_format(cx, "gte:%s", long_text(cx, 5000, "a"))), "2 3 4");
    CHECK_TEXT(found(cx, store, ix_format(cx, "lt:%s", long_text(cx, 5000, "b"))), "1 2");
    CHECK_TEXT(found(cx, store, ix_format(cx, "lte:%s", long_text(cx, 4000, "y"))), "1 2 3");
    CHECK_TEXT(found(cx, store, "gt:xx"), "2 3 4");
    CHECK_TEXT(found(cx, store, "contains:xb"), "3");
    CHECK_TEXT(found(cx, store, ix_format(cx, "contains:%s", long_text(cx, 4000, ""))), "2 3");
}

TEST("things are found by a long title, type or link")
{
    store_handle *store = fresh_store(cx);
    for (int i = 1; i <= 2; i++) {
        const char *text = long_text(cx, 5000, i == 1 ? "a" : "b");
        add_thing(cx, store, i,
                  ix_format(cx,
                            "{\"title\":\"%s\",\"@type\":[\"%s\"],"
                            "\"links\":[{\"rel\":\"%s\",\"href\":\"%s\"}]}",
                            text, text, text, text));
    }
    const char *text = long_text(cx, 5000, "b");
    CHECK_TEXT(things_matching(cx, store, &(thing_filter){.title = text}, ""), "2");
    CHECK_TEXT(things_matching(cx, store, &(thing_filter){.type = text}, ""), "2");
    CHECK_TEXT(things_matching(cx, store, &(thing_filter){.links_rel = text}, ""), "2");
    CHECK_TEXT(things_matching(cx, store, &(thing_filter){.links_href = text}, ""), "2");
}

/* Letters by chance, which no database can make shorter. */
static const char *noise(ix_ctx *cx, int len)
{
    char *text = ix_alloc(cx, (size_t)len + 1);
    uint32_t state = 1;
    for (int i = 0; i < len; i++) {
        state = state * 1664525 + 1013904223;
        text[i] = (char)('a' + (state >> 24) % 26);
    }
    return text;
}

TEST("no text is too long to be found by")
{
    store_handle *store = fresh_store(cx);
    const char *text = noise(cx, 100000);
    add_thing(cx, store, 1,
              ix_format(cx,
                        "{\"title\":\"%s\",\"@type\":\"%s\",\"links\":[{\"rel\":\"%s\","
                        "\"href\":\"%s\"}],\"properties\":{\"s\":{}}}",
                        text, text, text, text));
    CHECK_OK(cx,
             store_values_set(cx, store, "farm", uid_of(cx, 1),
                              json_of(cx, ix_format(cx, "{\"s\":\"%s\"}", text)), NULL, 1, true));
    CHECK_TEXT(found(cx, store, text), "1");
}
