/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"

#include "domain/patch.h"

/* The document after the operations, as text; NULL if they are refused. */
static const char *patched(ix_ctx *cx, const char *doc, const char *operations)
{
    ix_json *after;
    if (!patch_apply(cx, json_of(cx, doc), json_of(cx, operations), &after))
        return NULL;
    return ix_json_text(cx, after);
}

static const char *merged(ix_ctx *cx, const char *doc, const char *patch)
{
    ix_json *after;
    return patch_merge(cx, json_of(cx, doc), json_of(cx, patch), &after) ? ix_json_text(cx, after)
                                                                         : NULL;
}

// clang-format off
/* RFC 6902 appendix A and what follows from its rules. Result NULL: refused. */
static const struct patch_case {
    const char *what, *doc, *operations, *result;
} patch_cases[] = {
    {"a member is added",       JSON({"a":1}), "[{\"op\":\"add\",\"path\":\"/b\",\"value\":2}]", "{\"a\":1,\"b\":2}"},
    {"an item is inserted",     "[1,3]", "[{\"op\":\"add\",\"path\":\"/1\",\"value\":2}]", "[1,2,3]"},
    {"an item is appended",     "[1]", "[{\"op\":\"add\",\"path\":\"/-\",\"value\":2}]", "[1,2]"},
    {"beyond the end",          "[1]", "[{\"op\":\"add\",\"path\":\"/2\",\"value\":2}]", NULL},
    {"a leading zero",          "[1,2]", "[{\"op\":\"add\",\"path\":\"/01\",\"value\":2}]", NULL},
    {"add replaces a member",   JSON({"a":1}), "[{\"op\":\"add\",\"path\":\"/a\",\"value\":[2]}]", "{\"a\":[2]}"},
    {"no value is null",        JSON({"a":1}), "[{\"op\":\"add\",\"path\":\"/a\"}]", "{\"a\":null}"},
    {"the parent is missing",   JSON({"a":1}), "[{\"op\":\"add\",\"path\":\"/b/c\",\"value\":2}]", NULL},
    {"a member is removed",     JSON({"a":1,"b":2}), "[{\"op\":\"remove\",\"path\":\"/a\"}]", "{\"b\":2}"},
    {"an item is removed",      "[1,2,3]", "[{\"op\":\"remove\",\"path\":\"/1\"}]", "[1,3]"},
    {"nothing to remove",       JSON({"a":1}), "[{\"op\":\"remove\",\"path\":\"/b\"}]", NULL},
    {"the end cannot go",       "[1]", "[{\"op\":\"remove\",\"path\":\"/-\"}]", NULL},
    {"a value is replaced",     JSON({"a":1}), "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":2}]", "{\"a\":2}"},
    {"an item is replaced",     "[1,2]", "[{\"op\":\"replace\",\"path\":\"/0\",\"value\":9}]", "[9,2]"},
    {"nothing to replace",      JSON({"a":1}), "[{\"op\":\"replace\",\"path\":\"/b\",\"value\":2}]", NULL},
    {"the whole is replaced",   JSON({"a":1}), "[{\"op\":\"replace\",\"path\":\"\",\"value\":{}}]", "{}"},
    {"a value moves",           JSON({"a":{"b":1},"c":{}}), "[{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/c/d\"}]", "{\"a\":{},\"c\":{\"d\":1}}"},
    {"an item moves",           "[1,2,3]", "[{\"op\":\"move\",\"from\":\"/0\",\"path\":\"/2\"}]", "[2,3,1]"},
    {"not into itself",         JSON({"a":{"b":1}}), "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]", NULL},
    {"onto itself",             JSON({"a":1}), "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]", "{\"a\":1}"},
    {"a value is copied",       JSON({"a":{"b":1}}), "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"},{\"op\":\"add\",\"path\":\"/c/b\",\"value\":2}]", "{\"a\":{\"b\":1},\"c\":{\"b\":2}}"},
    {"a source called from_",   JSON({"a":1,"b":2}), "[{\"op\":\"copy\",\"from\":null,\"from_\":\"/a\",\"path\":\"/c\"},{\"op\":\"move\",\"from_\":\"/b\",\"path\":\"/a\"}]", "{\"a\":2,\"c\":1}"},
    {"from_ beside from",       JSON({"a":1,"b":2}), "[{\"op\":\"copy\",\"from\":\"/a\",\"from_\":\"/b\",\"path\":\"/c\"}]", "{\"a\":1,\"b\":2,\"c\":1}"},
    {"from_ for a bad from",    JSON({"a":1}), "[{\"op\":\"copy\",\"from\":7,\"from_\":\"/a\",\"path\":\"/c\"}]", NULL},
    {"a test that holds",       JSON({"a":[1,{"b":2}]}), "[{\"op\":\"test\",\"path\":\"/a\",\"value\":[1.0,{\"b\":2}]}]", "{\"a\":[1,{\"b\":2}]}"},
    {"a test that fails",       JSON({"a":1}), "[{\"op\":\"test\",\"path\":\"/a\",\"value\":\"1\"}]", NULL},
    {"escaped names",           JSON({"a/b":1,"m~n":2}), "[{\"op\":\"replace\",\"path\":\"/a~1b\",\"value\":3},{\"op\":\"remove\",\"path\":\"/m~0n\"}]", "{\"a/b\":3}"},
    {"a bad escape",            JSON({"a":1}), "[{\"op\":\"add\",\"path\":\"/~2\",\"value\":3}]", NULL},
    {"no slash in front",       JSON({"a":1}), "[{\"op\":\"add\",\"path\":\"a\",\"value\":3}]", NULL},
    {"the empty name",          JSON({"":1}), "[{\"op\":\"replace\",\"path\":\"/\",\"value\":3}]", "{\"\":3}"},
    {"no operations",           JSON({"a":1}), "[]", "{\"a\":1}"},
    {"unknown members",         JSON({"a":1}), "[{\"op\":\"remove\",\"path\":\"/a\",\"xyz\":3}]", "{}"},
    {"an unknown operation",    JSON({"a":1}), "[{\"op\":\"frob\",\"path\":\"/a\"}]", NULL},
    {"no path",                 JSON({"a":1}), "[{\"op\":\"remove\"}]", NULL},
    {"no list",                 JSON({"a":1}), "{\"op\":\"remove\",\"path\":\"/a\"}", NULL},
};

/* RFC 7396 appendix A. */
static const char *const merge_cases[][3] = {
    {JSON({"a":"b"}),            JSON({"a":"c"}),          "{\"a\":\"c\"}"},
    {JSON({"a":"b"}),            JSON({"b":"c"}),          "{\"a\":\"b\",\"b\":\"c\"}"},
    {JSON({"a":"b"}),            JSON({"a":null}),         "{}"},
    {JSON({"a":["b"]}),          JSON({"a":"c"}),          "{\"a\":\"c\"}"},
    {JSON({"a":"c"}),            JSON({"a":["b"]}),        "{\"a\":[\"b\"]}"},
    {JSON({"a":{"b":"c"}}),      JSON({"a":{"b":"d","c":null}}), "{\"a\":{\"b\":\"d\"}}"},
    {JSON({"a":[{"b":"c"}]}),    JSON({"a":[1]}),          "{\"a\":[1]}"},
    {JSON({"e":null}),           JSON({"a":1}),            "{\"e\":null,\"a\":1}"},
    {"[1,2]",                    JSON({"a":"b","c":null}), "{\"a\":\"b\"}"},
    {"{}",                       JSON({"a":{"bb":{"ccc":null}}}), "{\"a\":{\"bb\":{}}}"},
};
// clang-format on

TEST("each operation does what RFC 6902 says")
{
    for (size_t i = 0; i < sizeof patch_cases / sizeof *patch_cases; i++) {
        const struct patch_case *row = &patch_cases[i];
        const char *got = patched(cx, row->doc, row->operations);
        if ((got == NULL) != (row->result == NULL) || (got && strcmp(got, row->result) != 0))
            fail_msg("%s: got %s, want %s", row->what, got ? got : "(refused)",
                     row->result ? row->result : "(refused)");
        ix_ctx_clear_error(cx);
    }
}

TEST("a merge patch does what RFC 7396 says")
{
    for (size_t i = 0; i < sizeof merge_cases / sizeof *merge_cases; i++)
        CHECK_TEXT(merged(cx, merge_cases[i][0], merge_cases[i][1]), merge_cases[i][2]);
}

TEST("the document that was given is never changed")
{
    ix_json *doc = json_of(cx, JSON({"a" : {"b" : [1]}})), *after;
    const ix_json *list = json_of(cx, JSON([ {"op" : "add", "path" : "/a/b/-", "value" : 2} ]));
    CHECK_OK(cx, patch_apply(cx, doc, list, &after));
    CHECK_TEXT(ix_json_text(cx, doc), "{\"a\":{\"b\":[1]}}");
    CHECK_TEXT(ix_json_text(cx, after), "{\"a\":{\"b\":[1,2]}}");
}

TEST("a refusal says which operation failed and where")
{
    const char *list =
        JSON([ {"op" : "test", "path" : "/a", "value" : 1}, {"op" : "remove", "path" : "/nope"} ]);
    CHECK(!patched(cx, JSON({"a" : 1}), list));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    CHECK_INT(ix_json_int(ix_json_member(cx->error.details, "index"), -1), 1);
    CHECK_TEXT(ix_json_string(ix_json_member(cx->error.details, "op")), "remove");
    CHECK_TEXT(ix_json_string(ix_json_member(cx->error.details, "path")), "/nope");
    CHECK_TEXT(ix_json_string(ix_json_member(cx->error.details, "reason")), "path not found");
}

TEST("a list that is not a patch is malformed, whatever its first operations are")
{
    CHECK(!patched(cx, "{}", JSON([ {"op" : "remove", "path" : "/x"}, {"op" : "add"} ])));
    CHECK_TEXT(cx->error.message, "malformed body");
    CHECK_TEXT(cx->error.field, "1/path");
}

/* `[operation, operation, ...]`, n times the same. */
static const ix_json *repeated(ix_ctx *cx, size_t n, const char *operation)
{
    ix_json *list = ix_json_new_array(cx);
    const ix_json *item = json_of(cx, operation);
    for (size_t i = 0; i < n; i++)
        CHECK(ix_json_append(cx, list, item));
    return list;
}

TEST("a document does not grow deeper than any may be")
{
    const ix_json *doc = json_of(cx, JSON({"a" : {"b" : 1}}));
    const char *deeper = JSON({"op" : "copy", "from" : "/a", "path" : "/a/b"});
    ix_json *after;
    CHECK_OK(cx, patch_apply(cx, doc, repeated(cx, 5, deeper), &after));
    CHECK_FAILS(cx, patch_apply(cx, doc, repeated(cx, 64, deeper), &after), IOTS_INVALID);

    ix_buf deep = {0};
    ix_buf_text(&deep, "[{\"op\":\"add\",\"path\":\"/a/b\",\"value\":");
    for (int i = 0; i < 62; i++)
        ix_buf_char(&deep, '[');
    for (int i = 0; i < 62; i++)
        ix_buf_char(&deep, ']');
    ix_buf_text(&deep, "}]");
    CHECK_OK(cx, patch_apply(cx, doc, json_of(cx, ix_buf_cstr(&deep)), &after));
    CHECK_FAILS(cx,
                patch_apply(cx, after,
                            json_of(cx, JSON([ {"op" : "copy", "from" : "/a", "path" : "/a/c"} ])),
                            &after),
                IOTS_INVALID);
    ix_buf_done(&deep);
}

TEST("copies of copies come to an end")
{
    ix_json *after;
    CHECK(!patch_apply(cx, json_of(cx, "[[0]]"),
                       repeated(cx, 40, JSON({"op" : "copy", "from" : "/0", "path" : "/0/-"})),
                       &after));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    CHECK_TEXT(cx->error.message, "too much is copied");
}
