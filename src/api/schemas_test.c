/* SPDX-License-Identifier: Apache-2.0 */
#include "api/schemas.h"

#include <string.h>

#include "base/test.h"

static void end(void *made)
{
    schemas_free(made);
}

static schemas *fresh(ix_ctx *cx)
{
    schemas *made = schemas_new(cx);
    CHECK(made != NULL);
    ix_arena_defer(cx->arena, end, made);
    return made;
}

TEST("a text that was read lately is not read again")
{
    schemas *schemas = fresh(cx);
    const char again[] = "{\"type\":\"number\"}";
    const ix_json *one = schemas_get(cx, schemas, IX_STR("{\"type\":\"number\"}"));
    const ix_json *other = schemas_get(cx, schemas, IX_STR("{\"type\":\"string\"}"));
    CHECK_TEXT(ix_json_text(cx, one), again);
    CHECK_TEXT(ix_json_text(cx, other), "{\"type\":\"string\"}");
    CHECK(schemas_get(cx, schemas, ix_str_of(again)) == one);
}

TEST("what is held stays, however many others are read after it")
{
    schemas *schemas = fresh(cx);
    ix_json *holder = ix_json_new_object(cx);
    const ix_json *first = schemas_get(cx, schemas, IX_STR("{\"minimum\":-1}"));
    CHECK(ix_json_set(cx, holder, "p", first));
    for (int i = 0; i < 3 * SCHEMAS_MAX; i++) {
        const char *text = ix_format(cx, "{\"minimum\":%d}", i);
        CHECK_TEXT(ix_json_text(cx, schemas_get(cx, schemas, ix_str_of(text))), text);
    }
    CHECK_TEXT(ix_json_text(cx, ix_json_member(holder, "p")), "{\"minimum\":-1}");
}

TEST("a long text is read each time, and lives as long as who asked")
{
    schemas *schemas = fresh(cx);
    char *text = ix_new(cx, char, SCHEMA_TEXT_MAX + 3);
    memset(text, 'x', SCHEMA_TEXT_MAX + 2);
    text[0] = text[SCHEMA_TEXT_MAX + 1] = '"';
    const ix_json *one = schemas_get(cx, schemas, ix_str_of(text));
    const ix_json *other = schemas_get(cx, schemas, ix_str_of(text));
    CHECK(one && other && one != other);
    CHECK_INT(ix_json_str(one).len, SCHEMA_TEXT_MAX);
}

TEST("a text that is no JSON is refused each time")
{
    schemas *schemas = fresh(cx);
    for (int i = 0; i < 2; i++) {
        CHECK_FAILS(cx, schemas_get(cx, schemas, IX_STR("{")) != NULL, IOTS_INVALID);
    }
    CHECK(schemas_get(cx, schemas, IX_STR("{}")) != NULL);
}
