/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "base/test.h"

static ix_str key_of(char text[24], int i)
{
    return (ix_str){text, (size_t)snprintf(text, 24, "key %d", i)};
}

/* Removes odd values, counts the others. */
static bool is_odd(ix_str key, void *value, void *arg)
{
    (void)key;
    const int *number = value;
    if (*number % 2 != 0)
        return true;
    ++*(size_t *)arg;
    return false;
}

TEST("what was put is found, and nothing else")
{
    ix_map *map = ix_map_new();
    int one = 1, two = 2;
    CHECK(ix_map_put(map, IX_STR("a"), &one));
    CHECK(ix_map_put(map, IX_STR(""), &two));
    CHECK(ix_map_find(map, IX_STR("a")) == &one);
    CHECK(ix_map_find(map, IX_STR("")) == &two);
    CHECK(ix_map_find(map, (ix_str){NULL, 0}) == &two);
    CHECK(!ix_map_find(map, IX_STR("b")));
    CHECK_INT(ix_map_count(map), 2);
    ix_map_free(map);
}

TEST("putting again replaces")
{
    ix_map *map = ix_map_new();
    int one = 1, two = 2;
    ix_map_put(map, IX_STR("a"), &one);
    ix_map_put(map, IX_STR("a"), &two);
    CHECK(ix_map_find(map, IX_STR("a")) == &two);
    CHECK_INT(ix_map_count(map), 1);
    ix_map_free(map);
}

TEST("keys are bytes, and are copied")
{
    ix_map *map = ix_map_new();
    int one = 1, two = 2;
    char key[] = "ab\0cdefghijk";
    ix_map_put(map, (ix_str){key, 12}, &one);
    ix_map_put(map, (ix_str){key, 4}, &two);
    key[0] = 'X';
    CHECK(ix_map_find(map, (ix_str){"ab\0cdefghijk", 12}) == &one);
    CHECK(ix_map_find(map, (ix_str){"ab\0c", 4}) == &two);
    CHECK(!ix_map_find(map, (ix_str){"ab\0", 3}));
    ix_map_free(map);
}

TEST("thousands come and go")
{
    ix_map *map = ix_map_new();
    static int values[5000];
    char text[24];
    for (int i = 0; i < 5000; i++) {
        values[i] = i;
        CHECK(ix_map_put(map, key_of(text, i), &values[i]));
    }
    CHECK_INT(ix_map_count(map), 5000);
    for (int i = 0; i < 5000; i += 3)
        CHECK(ix_map_take(map, key_of(text, i)) == &values[i]);
    for (int i = 0; i < 5000; i++)
        CHECK(ix_map_find(map, key_of(text, i)) == (i % 3 == 0 ? NULL : &values[i]));
    CHECK(!ix_map_take(map, key_of(text, 0)));
    ix_map_free(map);
}

TEST("each entry is visited once, and may be removed then")
{
    ix_map *map = ix_map_new();
    static int values[1000];
    char text[24];
    for (int i = 0; i < 1000; i++) {
        values[i] = i;
        ix_map_put(map, key_of(text, i), &values[i]);
    }
    size_t even = 0;
    ix_map_each(map, is_odd, &even);
    CHECK_INT(even, 500);
    CHECK_INT(ix_map_count(map), 500);
    CHECK(!ix_map_find(map, IX_STR("key 7")));
    CHECK(ix_map_find(map, IX_STR("key 8")) == &values[8]);
    ix_map_free(map);
}

TEST("there may be no map to free")
{
    ix_map_free(NULL);
}
