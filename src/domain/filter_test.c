/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/filter.h"

#include "base/test.h"
#include "base/time.h"
#include "contract/ops.h"
#include "domain/dotted.h"
#include "domain/filter_cases.h"

/* ---- words ---- */

/* The things whose status is `status`: kept by one property filter? */
static bool keeps(ix_ctx *cx, const char *status, const char *name, const char *text)
{
    filter_condition condition;
    CHECK_OK(cx, condition_parse(cx, ix_str_of(name), ix_str_of(text), &condition));
    return conditions_hold(&condition, json_of(cx, status));
}

static bool read(ix_ctx *cx, const char *query, const char *category, thing_filter *ret)
{
    ix_arg args[IX_PARAM_COUNT];
    CHECK_OK(cx,
             ix_args_parse(cx, ix_op_params(&ix_ops[IX_OP_things_list]), ix_str_of(query), args));
    return filter_parse(cx, args, category, ret);
}

static thing_filter filter_of(ix_ctx *cx, const char *query)
{
    thing_filter filter;
    CHECK_OK(cx, read(cx, query, NULL, &filter));
    return filter;
}

/* The sentence with which a query is refused. */
static const char *refusal(ix_ctx *cx, const char *query)
{
    thing_filter filter;
    CHECK(!read(cx, query, NULL, &filter));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    const char *message = ix_strdup(cx, cx->error.message);
    CHECK(cx->error.field && cx->error.reason);
    ix_ctx_clear_error(cx);
    return message;
}

/* ---- conditions ---- */

TEST("a condition keeps what its table says")
{
    for (size_t i = 0; i < FILTER_CASES; i++) {
        const filter_case *row = &filter_cases[i];
        print_message("%s: %s=%s of %s\n", row->what, row->name, row->text, row->status);
        CHECK(keeps(cx, row->status, row->name, row->text) == row->holds);
    }
}

TEST("all conditions must hold, several of one property as well")
{
    const thing_filter filter = filter_of(cx, "property:p=gt:1&property:p=lt:3&property:q=x");
    CHECK(conditions_hold(filter.conditions, json_of(cx, JSON({"p" : 2, "q" : "x"}))));
    CHECK(!conditions_hold(filter.conditions, json_of(cx, JSON({"p" : 3, "q" : "x"}))));
    CHECK(!conditions_hold(filter.conditions, json_of(cx, JSON({"p" : 2, "q" : "y"}))));
    CHECK(!conditions_hold(filter.conditions, json_of(cx, JSON({"p" : 2}))));
    CHECK(conditions_hold(NULL, json_of(cx, "{}")));
}

TEST("a condition may be percent-encoded")
{
    const thing_filter filter = filter_of(cx, "property%3Amoisture=lt%3A25");
    CHECK_TEXT(filter.conditions->name, "moisture");
    CHECK_INT(filter.conditions->op, FILTER_LT);
    CHECK_TEXT(filter.conditions->text.at, "25");
}

TEST("text that is not JSON leaves no failure behind")
{
    filter_condition condition;
    CHECK_OK(cx, condition_parse(cx, IX_STR("p"), IX_STR("eq:[1,"), &condition));
    CHECK(!condition.json);
    CHECK(!ix_failed(cx));
}

TEST("a time is a time, or how long ago")
{
    thing_filter filter =
        filter_of(cx,
                  "property_at:p=lt:-10m&property_at:q=2024-01-02T03:04:05Z&property_at:p=neq:-2w");
    filter_set_now(&filter, 3600 * IX_SECOND_US);
    const filter_condition *one = filter.conditions, *two = one->next, *three = two->next;
    CHECK(one->is_time && one->op == FILTER_LT && one->at_us == 3000 * IX_SECOND_US);
    CHECK(two->is_time && two->op == FILTER_EQ && two->at_us == INT64_C(1704164645000000));
    CHECK(three->at_us == (3600 - 14 * 86400) * IX_SECOND_US);

    static const char *const bad[] = {"10m",          "-m",        "-10",  "--1m", "-1.5h",
                                      "contains:-1m", "yesterday", "-10y", "",     "-99999999999d"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_TEXT(refusal(cx, ix_format(cx, "property_at:p=%s", bad[i])), "invalid property_at:");
}

TEST("one condition is enough if any of them is")
{
    thing_filter filter =
        filter_of(cx, "any_of=true&property:p=1&property:q=2&property_at:r=lt:-1s");
    filter_set_now(&filter, 10 * IX_SECOND_US);
    const ix_json *then = json_of(cx, JSON({"r" : "1970-01-01T00:00:08Z"}));
    const ix_json *late = json_of(cx, JSON({"r" : "1970-01-01T00:00:09Z"}));
    CHECK(filter_holds(&filter, json_of(cx, JSON({"p" : 1, "q" : 1})), late));
    CHECK(filter_holds(&filter, json_of(cx, JSON({"p" : 2, "q" : 2})), late));
    CHECK(filter_holds(&filter, json_of(cx, JSON({"p" : 2})), then));
    CHECK(!filter_holds(&filter, json_of(cx, JSON({"p" : 2})), late));
    CHECK(!filter_holds(&filter, json_of(cx, JSON({"p" : 2})), json_of(cx, JSON({"r" : null}))));
    filter.any_of = false;
    CHECK(!filter_holds(&filter, json_of(cx, JSON({"p" : 1, "q" : 1})), then));
    CHECK(filter_holds(&filter, json_of(cx, JSON({"p" : 1, "q" : 2})), then));
    CHECK(filter_holds(&(thing_filter){.any_of = true}, json_of(cx, "{}"), NULL));
}

/* ---- whole filters ---- */

TEST("what is not asked for is NULL")
{
    const thing_filter filter = filter_of(cx, "limit=5");
    CHECK(!filter.title && !filter.type && !filter.model && !filter.version && !filter.ids &&
          !filter.categories && !filter.in_category && !filter.links_rel && !filter.links_href &&
          !filter.conditions && !filter.route_category);
}

TEST("what is asked for is taken over")
{
    const thing_filter filter = filter_of(
        cx, "title=T&@type=S&model=M&version=2&thingID[]=01jm2q8v5t7xk3e9a4b6c8d0ef&category[]=A&"
            "category[]=B&in_category=true&links.rel=r&links.href=h");
    CHECK_TEXT(filter.title, "T");
    CHECK_TEXT(filter.type, "S");
    CHECK_TEXT(filter.model, "M");
    CHECK_INT(filter.version, 2);
    CHECK_INT(filter.id_count, 1);
    CHECK_TEXT(filter.ids[0], "01JM2Q8V5T7XK3E9A4B6C8D0EF");
    CHECK_INT(filter.category_count, 2);
    CHECK_TEXT(filter.categories[1], "B");
    CHECK(*filter.in_category);
    CHECK_TEXT(filter.links_rel, "r");
    CHECK_TEXT(filter.links_href, "h");
}

TEST("a version needs a model, and 0 is the version of nothing")
{
    CHECK_TEXT(refusal(cx, "version=2"), "invalid version");
    CHECK_INT(filter_of(cx, "model=M&version=0").version, -1);
}

TEST("IDs must be ULIDs")
{
    CHECK_TEXT(refusal(cx, "thingID[]=01JM2Q8V5T7XK3E9A4B6C8D0EF&thingID[]=x"),
               "invalid thingID[]");
    CHECK_TEXT(refusal(cx, "thingID[]="), "invalid thingID[]");
}

TEST("there are limits to how much is asked for")
{
    ix_buf query = {0};
    for (int i = 0; i <= FILTER_CONDITIONS_MAX; i++)
        ix_buf_text(&query, "&property:p=1");
    CHECK_TEXT(refusal(cx, ix_buf_cstr(&query)), "invalid property:");
    ix_buf_clear(&query);
    for (int i = 0; i <= FILTER_IDS_MAX; i++)
        ix_buf_text(&query, "&category[]=A");
    CHECK_TEXT(refusal(cx, ix_buf_cstr(&query)), "invalid category[]");
    ix_buf_done(&query);

    char name[DOTTED_MAX + 1];
    memset(name, 'a', sizeof name);
    filter_condition condition;
    CHECK_FAILS(cx, condition_parse(cx, (ix_str){name, sizeof name}, IX_STR("1"), &condition),
                IOTS_INVALID);
}

TEST("below a Category, filters by Category are ignored")
{
    thing_filter filter;
    CHECK_OK(cx, read(cx, "category[]=A&in_category=false&title=T", "Boilers", &filter));
    CHECK(!filter.categories && !filter.in_category);
    CHECK_TEXT(filter.title, "T");
    CHECK_TEXT(filter.route_category, "Boilers");
    CHECK(!filter_may_delete(&filter));
}

TEST("only some filters are enough to delete by")
{
    static const char *const enough[] = {"@type=x", "thingID[]=01JM2Q8V5T7XK3E9A4B6C8D0EF",
                                         "category[]=A", "property:p=1"};
    static const char *const too_little[] = {"", "title=x", "model=M", "in_category=true",
                                             "links.rel=x"};
    for (size_t i = 0; i < sizeof enough / sizeof enough[0]; i++) {
        const thing_filter filter = filter_of(cx, enough[i]);
        CHECK(filter_may_delete(&filter));
    }
    for (size_t i = 0; i < sizeof too_little / sizeof too_little[0]; i++) {
        const thing_filter filter = filter_of(cx, too_little[i]);
        CHECK(!filter_may_delete(&filter));
    }
}
