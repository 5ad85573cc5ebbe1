/* SPDX-License-Identifier: Apache-2.0 */
#include "api/schema_cache.h"

#include <string.h>

#include "base/test.h"

static void end(void *made)
{
    schema_cache_free(made);
}

static schema_cache *fresh(ix_ctx *cx)
{
    schema_cache *made = schema_cache_new(cx);
    CHECK(made != NULL);
    ix_arena_defer(cx->arena, end, made);
    return made;
}

TEST("a text that was read lately is not read again")
{
    schema_cache *schema_cache = fresh(cx);
    const char again[] = "{\"type\":\"number\"}";
    const ix_json *one = schema_cache_get(cx, schema_cache, IX_STR("{\"type\":\"number\"}"));
    const ix_json *other = schema_cache_get(cx, schema_cache, IX_STR("{\"type\":\"string\"}"));
    CHECK_TEXT(ix_json_text(cx, one), again);
    CHECK_TEXT(ix_json_text(cx, other), "{\"type\":\"string\"}");
    CHECK(schema_cache_get(cx, schema_cache, ix_str_of(again)) == one);
}

TEST("what is held stays, however many others are read after it")
{
    schema_cache *schema_cache = fresh(cx);
    ix_json *holder = ix_json_new_object(cx);
    const ix_json *first = schema_cache_get(cx, schema_cache, IX_STR("{\"minimum\":-1}"));
    CHECK(ix_json_set(cx, holder, "p", first));
    for (int i = 0; i < 3 * SCHEMA_CACHE_MAX; i++) {
        const char *text = ix_format(cx, "{\"minimum\":%d}", i);
        CHECK_TEXT(ix_json_text(cx, schema_cache_get(cx, schema_cache, ix_str_of(text))), text);
    }
    CHECK_TEXT(ix_json_text(cx, ix_json_member(holder, "p")), "{\"minimum\":-1}");
}

TEST("a long text is read each time, and lives as long as who asked")
{
    schema_cache *schema_cache = fresh(cx);
    char *text = ix_new(cx, char, SCHEMA_CACHE_TEXT_MAX + 3);
    memset(text, 'x', SCHEMA_CACHE_TEXT_MAX + 2);
    text[0] = text[SCHEMA_CACHE_TEXT_MAX + 1] = '"';
    const ix_json *one = schema_cache_get(cx, schema_cache, ix_str_of(text));
    const ix_json *other = schema_cache_get(cx, schema_cache, ix_str_of(text));
    CHECK(one && other && one != other);
    CHECK_INT(ix_json_str(one).len, SCHEMA_CACHE_TEXT_MAX);
}

TEST("a text that is not JSON is refused each time")
{
    schema_cache *schema_cache = fresh(cx);
    for (int i = 0; i < 2; i++) {
        CHECK_FAILS(cx, schema_cache_get(cx, schema_cache, IX_STR("{")) != NULL, IOTS_INVALID);
    }
    CHECK(schema_cache_get(cx, schema_cache, IX_STR("{}")) != NULL);
}
