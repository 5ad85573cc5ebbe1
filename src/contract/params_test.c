/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/params.h"

#include "base/test.h"
#include "contract/ops.h"

/* ---- words ---- */

typedef struct arguments {
    ix_arg of[IX_PARAM_COUNT];
} arguments;

static bool read(ix_ctx *cx, const char *query, arguments *ret)
{
    return ix_args_parse(cx, UINT64_MAX, ix_str_of(query), ret->of);
}

static arguments args_of(ix_ctx *cx, const char *query)
{
    arguments args;
    CHECK_OK(cx, read(cx, query, &args));
    return args;
}

static bool reads(ix_ctx *cx, const char *query)
{
    arguments args;
    return read(cx, query, &args);
}

/* "name=value;name=value" */
static const char *pairs_text(ix_ctx *cx, const ix_pair *pair)
{
    const char *text = "";
    for (; pair; pair = pair->next)
        text = ix_format(cx, "%s%s%.*s=%s", text, *text ? ";" : "", (int)pair->name.len,
                         pair->name.at, pair->value.at);
    return text;
}

static const char *pairs_of(ix_ctx *cx, const char *query)
{
    ix_pair *pairs;
    CHECK_OK(cx, ix_pairs_parse(cx, ix_str_of(query), &pairs));
    return pairs_text(cx, pairs);
}

/* ---- the table ---- */

TEST("every parameter has a name, a flag of its own and a meaning")
{
    for (int i = 0; i < IX_PARAM_COUNT; i++) {
        const ix_param_row *row = &ix_params[i];
        CHECK(*row->name && row->doc[strlen(row->doc) - 1] == '.');
        CHECK(strspn(row->flag, "abcdefghijklmnopqrstuvwxyz-") == strlen(row->flag));
        CHECK(row->type != IX_PARAM_INT || row->min < row->max);
        for (int j = 0; j < i; j++) {
            CHECK(strcmp(row->name, ix_params[j].name) != 0);
            CHECK(strcmp(row->flag, ix_params[j].flag) != 0);
        }
    }
}

/* ---- pairs ---- */

TEST("pairs are decoded and come in order")
{
    CHECK_TEXT(pairs_of(cx, "a=1&b=2&a=3"), "a=1;b=2;a=3");
    CHECK_TEXT(pairs_of(cx, "a+b=c+d&%26=%3D"), "a b=c d;&==");
    CHECK_TEXT(pairs_of(cx, "property%3Amoisture=lt%3A25"), "property:moisture=lt:25");
    CHECK_TEXT(pairs_of(cx, "a=b=c"), "a=b=c");
}

TEST("pieces without = are names without a value, empty pieces are nothing")
{
    CHECK_TEXT(pairs_of(cx, "a&b&c"), "a=;b=;c=");
    CHECK_TEXT(pairs_of(cx, "&&a=&&"), "a=");
    CHECK_TEXT(pairs_of(cx, "=x"), "=x");
    CHECK_TEXT(pairs_of(cx, ""), "");
}

TEST("bad escapes, NUL and what is not UTF-8 are refused")
{
    static const char *const bad[] = {"a=%",   "a=%4",  "a=%zz",     "%=1",
                                      "a=%00", "a=%ff", "x=1&a=\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ix_pair *pairs;
        CHECK_FAILS(cx, ix_pairs_parse(cx, ix_str_of(bad[i]), &pairs), IOTS_INVALID);
    }
}

TEST("there is a limit to how many pairs there are")
{
    char query[2 * (IX_PAIRS_MAX + 1)];
    for (size_t i = 0; i < sizeof query; i++)
        query[i] = i % 2 ? '&' : 'a';
    ix_pair *pairs;
    CHECK_OK(cx, ix_pairs_parse(cx, (ix_str){query, sizeof query - 2}, &pairs));
    CHECK_FAILS(cx, ix_pairs_parse(cx, (ix_str){query, sizeof query}, &pairs), IOTS_INVALID);
}

/* ---- arguments ---- */

TEST("what is not given has its default")
{
    const arguments got = args_of(cx, "");
    CHECK(!got.of[IX_PARAM_limit].given);
    CHECK_INT(got.of[IX_PARAM_limit].number, 50);
    CHECK(got.of[IX_PARAM_update_history].flag);
    CHECK(!got.of[IX_PARAM_group].flag);
    CHECK(!got.of[IX_PARAM_title].text.at);
    CHECK(!got.of[IX_PARAM_sort].list);
}

TEST("the last of a repeated scalar wins, a list keeps all")
{
    const arguments got =
        args_of(cx, "limit=5&limit=7&thingID%5B%5D=A&thingID[]=B&title=x&title=y%20z");
    CHECK_INT(got.of[IX_PARAM_limit].number, 7);
    CHECK_TEXT(got.of[IX_PARAM_title].text.at, "y z");
    CHECK_TEXT(pairs_text(cx, got.of[IX_PARAM_thing_ids].list), "thingID[]=A;thingID[]=B");
}

TEST("a prefix takes the rest as a name")
{
    const arguments got = args_of(cx, "property:temp=gt:20&property:a.b=x&property:temp=lt:30");
    CHECK_TEXT(pairs_text(cx, got.of[IX_PARAM_property].list), "temp=gt:20;a.b=x;temp=lt:30");
    CHECK_FAILS(cx, reads(cx, "property:=1"), IOTS_INVALID);
}

TEST("booleans are true, false, 1 and 0 in any letter case")
{
    CHECK(args_of(cx, "group=True").of[IX_PARAM_group].flag);
    CHECK(args_of(cx, "group=1").of[IX_PARAM_group].flag);
    CHECK(!args_of(cx, "update_history=FALSE").of[IX_PARAM_update_history].flag);
    CHECK(!args_of(cx, "update_history=0").of[IX_PARAM_update_history].flag);
    CHECK(args_of(cx, "in_category=0").of[IX_PARAM_in_category].given);
    CHECK_FAILS(cx, reads(cx, "group=yes"), IOTS_INVALID);
    CHECK_FAILS(cx, reads(cx, "group="), IOTS_INVALID);
}

TEST("integers outside their range are refused by name")
{
    static const char *const bad[] = {"0", "1001", "-1", "x", "", "1.5", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!reads(cx, ix_format(cx, "limit=%s", bad[i])));
        CHECK_TEXT(cx->error.message, "invalid limit");
        CHECK_TEXT(cx->error.field, "limit");
        CHECK(cx->error.reason);
        ix_ctx_clear_error(cx);
    }
    CHECK_INT(args_of(cx, "limit=1000").of[IX_PARAM_limit].number, 1000);
}

TEST("a word is one of its row's, the first unless another is given")
{
    CHECK(ix_str_is(args_of(cx, "").of[IX_PARAM_order].text, "desc"));
    CHECK(ix_str_is(args_of(cx, "order=asc").of[IX_PARAM_order].text, "asc"));
    CHECK(ix_str_is(args_of(cx, "order=asc&order=desc").of[IX_PARAM_order].text, "desc"));
    static const char *const bad[] = {"", "ASC", "des", "desc|asc", "asc%20"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!reads(cx, ix_format(cx, "order=%s", bad[i])));
        CHECK_TEXT(cx->error.message, "invalid order");
        CHECK_TEXT(cx->error.reason, "expected desc or asc");
        ix_ctx_clear_error(cx);
    }
}

TEST("an empty cursor is not a cursor")
{
    const arguments got = args_of(cx, "next_cursor=&previous_cursor=abc");
    CHECK(!got.of[IX_PARAM_next_cursor].given);
    CHECK(got.of[IX_PARAM_previous_cursor].given);
}

TEST("a list may number its items")
{
    const ix_pair *item =
        args_of(cx, "thingID[0]=A&thingID%5B12%5D=B&thingID[]=C").of[IX_PARAM_thing_ids].list;
    CHECK(ix_str_is(item->value, "A"));
    CHECK(ix_str_is(item->next->value, "B"));
    CHECK(ix_str_is(item->next->next->value, "C") && !item->next->next->next);
    static const char *const others[] = {"thingID",     "thingID[x]",  "thingID[0",   "thingID0]",
                                         "thingID[0]x", "thingID[-1]", "thingIDs[0]", "sort[0]"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const arguments got = args_of(cx, ix_format(cx, "%s=A", others[i]));
        CHECK(!got.of[IX_PARAM_thing_ids].given && !got.of[IX_PARAM_sort].given);
    }
}

TEST("where it matters a parameter that is unknown is named")
{
    const uint64_t known = IX_PARAM_BIT(thing_ids) | IX_PARAM_BIT(property) | IX_PARAM_BIT(type);
    CHECK_OK(cx, ix_args_check_known(cx, known, IX_STR("")));
    CHECK_OK(cx, ix_args_check_known(cx, known,
                                     IX_STR("thingID[7]=x&@type=a&%40type=b&property:x.y=1&")));
    static const char *const bad[] = {"thingID=1", "type=a", "title=a", "=", "property=1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!ix_args_check_known(cx, known, ix_str_of(bad[i])));
        CHECK_TEXT(cx->error.message, "invalid query");
        ix_ctx_clear_error(cx);
    }
    CHECK(!ix_args_check_known(cx, known, IX_STR("@type=a&thing%49D=1")));
    CHECK_TEXT(cx->error.field, "thingID");
}

TEST("what an operation does not know is ignored, even if it is bad")
{
    const uint64_t params = ix_op_params(ix_op_find("properties_update"));
    arguments got;
    CHECK_OK(cx, ix_args_parse(cx, params, IX_STR("limit=x&group=x&update_history=false&foo=1"),
                               got.of));
    CHECK(!got.of[IX_PARAM_limit].given);
    CHECK(!got.of[IX_PARAM_update_history].flag);
}

TEST("a page of a list knows limit and cursors, and what is not a list does not")
{
    CHECK(ix_op_params(ix_op_find("categories_list")) & IX_PARAM_BIT(limit));
    CHECK(ix_op_params(ix_op_find("things_list")) & IX_PARAM_BIT(next_cursor));
    CHECK(!(ix_op_params(ix_op_find("thing_get")) & IX_PARAM_BIT(limit)));
}
