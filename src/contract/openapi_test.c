/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"

#include "contract/openapi.h"
#include "contract/ops.h"

static bool is_first_row(size_t op)
{
    return op == 0;
}

/* Every "$ref" below `json` leads somewhere in `whole`. Returns how many there are. */
static int check_references(const ix_json *whole, const ix_json *json)
{
    int count = 0;
    for (ix_member m = ix_members(json); m.name; m = ix_members_next(m)) {
        const char *target = strcmp(m.name, "$ref") == 0 ? ix_json_string(m.value) : NULL;
        if (target) {
            if (!ix_json_at(whole, target + 1))
                fail_msg("%s leads nowhere", target);
            count++;
        }
        count += check_references(whole, m.value);
    }
    for (size_t i = 0; ix_json_kind(json) == IX_ARRAY && i < ix_json_count(json); i++)
        count += check_references(whole, ix_json_item(json, i));
    return count;
}

/* Operations of the document, over all paths. */
static size_t count_operations(const ix_json *document)
{
    size_t count = 0;
    for (ix_member m = ix_members(ix_json_member(document, "paths")); m.name;
         m = ix_members_next(m))
        count += ix_json_count(m.value);
    return count;
}

TEST("every row of the API is an operation, with a second one under a Category")
{
    size_t want = 0;
    for (size_t i = 0; i < IX_OP_COUNT; i++)
        if (!(ix_ops[i].flags & IX_OPERATOR))
            want += ix_ops[i].flags & IX_ALSO_IN_CATEGORY ? 2 : 1;
    CHECK_INT(count_operations(ix_openapi(cx, NULL)), want);
    CHECK_INT(count_operations(ix_openapi(cx, is_first_row)), want - 1);
}

TEST("every reference in the document leads somewhere")
{
    const ix_json *document = ix_openapi(cx, NULL);
    CHECK_OK(cx, document != NULL);
    CHECK(check_references(document, document) > 100);
}

TEST("an operation lists its parameters, its body, its replies and what allows it")
{
    const ix_json *document = ix_openapi(cx, NULL);
    const ix_json *put = ix_json_at(
        document,
        "/paths/~1spaces~1{space}~1categories~1{category}~1things~1{thing}~1properties~1{property}"
        "/put");
    CHECK_TEXT(ix_json_string(ix_json_at(put, "/operationId")), "property_update_in_category");
    CHECK_TEXT(ix_json_string(ix_json_at(put, "/parameters/1/name")), "category");
    CHECK_TEXT(ix_json_string(ix_json_at(put, "/parameters/4/name")), "update_history");
    CHECK(ix_json_bool(ix_json_at(put, "/parameters/4/schema/default"), false));
    CHECK_TEXT(ix_json_string(ix_json_at(put, "/security/0/oauth2/0")), "thing.create");
    CHECK(ix_json_at(put, "/requestBody/content/application~1json/schema/$ref") != NULL);
    CHECK(ix_json_at(put, "/responses/404/$ref") != NULL);
    CHECK(ix_json_at(put, "/responses/429/$ref") != NULL);
}

TEST("a parameter that is one of a few words names them all, and the one that it is by itself")
{
    const ix_json *list =
        ix_json_at(ix_openapi(cx, NULL),
                   "/paths/~1spaces~1{space}~1things~1{thing}~1properties-history/get/parameters");
    const ix_json *order = NULL;
    for (size_t i = 0; i < ix_json_count(list); i++) {
        const ix_json *one = ix_json_item(list, i);
        if (ix_str_is(ix_json_str(ix_json_member(one, "name")), "order"))
            order = ix_json_member(one, "schema");
    }
    CHECK_TEXT(ix_json_text(cx, order),
               "{\"type\":\"string\",\"default\":\"desc\",\"enum\":[\"desc\",\"asc\"]}");
}

TEST("an operation lists the failures that it may have, and no others")
{
    const ix_json *categories =
        ix_json_at(ix_openapi(cx, NULL), "/paths/~1spaces~1{space}~1categories");
    CHECK(ix_json_at(categories, "/post/responses/409/$ref") != NULL);
    CHECK(ix_json_at(categories, "/post/responses/415/$ref") != NULL);
    CHECK(ix_json_at(categories, "/get/responses/400/$ref") != NULL);
    CHECK(!ix_json_at(categories, "/get/responses/409"));
    CHECK(!ix_json_at(categories, "/get/responses/415"));
}

TEST("a list is a page of its items")
{
    const ix_json *list =
        ix_json_at(ix_openapi(cx, NULL),
                   "/paths/~1spaces~1{space}~1things/get/responses/200/content/application~1json"
                   "/schema/properties");
    CHECK_TEXT(ix_json_string(ix_json_at(list, "/data/items/$ref")), "#/components/schemas/Thing");
    CHECK_TEXT(ix_json_string(ix_json_at(list, "/paging/$ref")), "#/components/schemas/Paging");
}
