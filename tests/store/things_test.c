/* SPDX-License-Identifier: Apache-2.0 */
/* Categories and things: kept, found, listed, sorted, paged, removed. */
#include "store/store_test.h"

/* ---- words ---- */

static const char *text_of(ix_ctx *cx, ix_str text)
{
    return ix_strndup(cx, text.at, text.len);
}

static thing_view found_thing(ix_ctx *cx, store_handle *store, int number)
{
    thing_view view;
    bool found;
    CHECK_OK(cx,
             store_thing_find(cx, store, "farm", NULL, uid_of(cx, number), false, &view, &found));
    CHECK(found);
    return view;
}

static bool exists(ix_ctx *cx, store_handle *store, const char *category, int number)
{
    bool found;
    CHECK_OK(cx, store_thing_exists(cx, store, "farm", category, uid_of(cx, number), &found));
    return found;
}

static void set_thing(ix_ctx *cx, store_handle *store, int number, bool keep_categories,
                      const char *text)
{
    thing_row row = row_of(cx, number, text);
    row.keep_categories = keep_categories;
    CHECK_OK(cx, store_thing_set(cx, store, "farm", &row));
}

static void set_values(ix_ctx *cx, store_handle *store, int number, const char *values)
{
    CHECK_OK(cx, store_values_set(cx, store, "farm", uid_of(cx, number), json_of(cx, values), NULL,
                                  1, true));
}

static const thing_filter anything;

/* A walk over all pages of this size, first page to last and back again: pages in brackets. */
static const char *walk(ix_ctx *cx, store_handle *store, const char *sort_by, int limit)
{
    heard heard = {.cx = cx};
    ix_buf pages = {0};
    sort_list sort = {0};
    const ix_pair pair = {.value = ix_str_of(sort_by)};
    page_range page = {.limit = limit};
    bool more;
    if (*sort_by)
        CHECK_OK(cx, sort_parse(cx, &pair, &sort));

    for (int backward = 0; backward <= 1; backward++) {
        page.is_backward = backward;
        do {
            CHECK_OK(cx, store_things_list(cx, store, "farm", &anything, &sort, &page, hear_thing,
                                           &heard, &more));
            page.boundary = backward || more ? heard.last : heard.first;
            ix_buf_format(&pages, "[%s]", words_of_page(cx, &heard, &page));
        } while (more);
        ix_buf_text(&pages, backward ? "" : " ");
    }
    const char *text = ix_strdup(cx, ix_buf_cstr(&pages));
    ix_buf_done(&pages);
    return text;
}

/* ---- Categories ---- */

static bool hear_category(void *arg, const category_row *row)
{
    return hear_word(arg, row->name);
}

static const char *categories(ix_ctx *cx, store_handle *store, const page_range *page)
{
    heard heard = {.cx = cx};
    bool more;
    CHECK_OK(cx, store_categories_list(cx, store, "farm", page, hear_category, &heard, &more));
    return ix_format(cx, "%s%s", words_of_page(cx, &heard, page), more ? " ..." : "");
}

TEST("a Category is kept, changed and found")
{
    store_handle *store = fresh_store(cx);
    category_row row = {.name = "A", .description = "d", .created_us = 5, .modified_us = 6};
    category_row got;
    bool found;
    CHECK_OK(cx, store_category_add(cx, store, "farm", &row));
    row.model = "M";
    row.version = 3;
    CHECK_OK(cx, store_category_set(cx, store, "farm", &row));
    CHECK_OK(cx, store_category_find(cx, store, "farm", "A", &got, &found));
    CHECK(found && got.version == 3 && got.created_us == 5 && got.modified_us == 6);
    CHECK_TEXT(got.description, "d");
    CHECK_TEXT(got.model, "M");
    CHECK_REFUSED(cx, store, store_category_add(cx, store, "farm", &row), IOTS_CONFLICT);
    CHECK_OK(cx, store_category_find(cx, store, "farm", "a", &got, &found));
    CHECK(!found);
    CHECK_OK(cx, store_category_find(cx, store, "field", "A", &got, &found));
    CHECK(!found);
}

TEST("Categories are paged both ways by name")
{
    store_handle *store = fresh_store(cx);
    const char *names[] = {"b", "a", "C", "e", "d"};
    for (size_t i = 0; i < 5; i++)
        add_category(cx, store, names[i]);
    const ix_json *b = json_of(cx, "[\"b\"]");

    CHECK_TEXT(categories(cx, store, &(page_range){.limit = 5}), "C a b d e");
    CHECK_TEXT(categories(cx, store, &(page_range){.limit = 2}), "C a ...");
    CHECK_TEXT(categories(cx, store, &(page_range){.limit = 2, .boundary = b}), "d e");
    CHECK_TEXT(categories(cx, store, &(page_range){.limit = 2, .boundary = b, .is_backward = true}),
               "C a");
    CHECK_TEXT(categories(cx, store, &(page_range){.limit = 1, .boundary = b, .is_backward = true}),
               "a ...");
    CHECK_TEXT(categories(cx, store, &(page_range){.limit = 2, .is_backward = true}), "d e ...");
}

TEST("a Category goes and its things stay, with the Model they had")
{
    store_handle *store = fresh_store(cx);
    bool found, more;
    add_category(cx, store, "A");
    add_category(cx, store, "B");
    add_model(cx, store, "M", 1, "{}");
    add_thing(cx, store, 1,
              JSON({"categories" : [ "A", "B" ], "model" : {"name" : "M", "version" : 1}}));
    add_thing(cx, store, 2, JSON({"categories" : ["A"]}));

    CHECK_OK(cx, store_category_remove(cx, store, "farm", "A", 100, &found, &more));
    CHECK(found && !more);
    CHECK_TEXT(text_of(cx, found_thing(cx, store, 1).categories), "[\"B\"]");
    CHECK_TEXT(text_of(cx, found_thing(cx, store, 1).model), "M");
    CHECK_TEXT(text_of(cx, found_thing(cx, store, 2).categories), "[]");
    CHECK(!exists(cx, store, "A", 1) && exists(cx, store, "B", 1));
    CHECK_OK(cx, store_check(cx, store));
    CHECK_OK(cx, store_category_remove(cx, store, "farm", "A", 100, &found, &more));
    CHECK(!found);
}

TEST("a Category with many things loses so many at a time, and goes with the last of them")
{
    store_handle *store = fresh_store(cx);
    const credentials_owner owner = {.space = "farm", .category = "A"};
    const credentials_row credentials = {
        .owner = owner, .id = "1", .username = "a@farm", .password_hash = "h", .description = ""};
    credentials_row kept;
    category_row row;
    bool found, more;
    add_category(cx, store, "A");
    CHECK_OK(cx, store_credentials_put(cx, store, &credentials));
    for (int i = 1; i <= 5; i++)
        add_thing(cx, store, i, JSON({"categories" : ["A"]}));

    for (int left = 3; left >= 1; left -= 2) {
        int count = 0;
        CHECK_OK(cx, store_category_remove(cx, store, "farm", "A", 2, &found, &more));
        CHECK(found && more);
        for (int i = 1; i <= 5; i++)
            count += exists(cx, store, "A", i);
        CHECK_INT(count, left);
        CHECK_OK(cx, store_category_find(cx, store, "farm", "A", &row, &found));
        CHECK(found);
        CHECK_OK(cx, store_credentials_find(cx, store, &owner, &kept, &found));
        CHECK(found);
    }
    CHECK_OK(cx, store_category_remove(cx, store, "farm", "A", 2, &found, &more));
    CHECK(found && !more);
    CHECK_OK(cx, store_category_find(cx, store, "farm", "A", &row, &found));
    CHECK(!found);
    CHECK_OK(cx, store_credentials_find(cx, store, &owner, &kept, &found));
    CHECK(!found);
    CHECK_TEXT(text_of(cx, found_thing(cx, store, 5).categories), "[]");
}

/* ---- one thing ---- */

TEST("a thing is found as it was added")
{
    store_handle *store = fresh_store(cx);
    add_category(cx, store, "A");
    add_thing(cx, store, 7, JSON({
                  "title" : "one",
                  "categories" : ["A"],
                  "model" : {"name" : "M", "version" : 2},
                  "properties" : {"b" : {"type" : "number"}, "a" : {}}
              }));
    const thing_view view = found_thing(cx, store, 7);

    CHECK_TEXT(text_of(cx, view.uid), uid_of(cx, 7));
    CHECK_TEXT(text_of(cx, view.doc),
               "\"title\":\"one\",\"properties\":{\"b\":{\"type\":\"number\"},\"a\":{}}");
    CHECK_TEXT(text_of(cx, view.categories), "[\"A\"]");
    CHECK_TEXT(text_of(cx, view.model), "M");
    CHECK_TEXT(text_of(cx, view.status), "{\"b\":null,\"a\":null}");
    CHECK_INT(view.version, 2);
    CHECK_INT(view.client_id.len, 0);
    CHECK(view.created_us == 7 && view.modified_us == 7);
}

TEST("a thing is not in another space or Category")
{
    store_handle *store = fresh_store(cx);
    thing_view view;
    bool found;
    add_category(cx, store, "A");
    add_category(cx, store, "B");
    add_thing(cx, store, 1, JSON({"categories" : ["A"]}));

    CHECK(exists(cx, store, "A", 1) && exists(cx, store, NULL, 1));
    CHECK(!exists(cx, store, "B", 1) && !exists(cx, store, "A", 2));
    CHECK_OK(cx, store_thing_find(cx, store, "farm", "B", uid_of(cx, 1), false, &view, &found));
    CHECK(!found);
    CHECK_OK(cx, store_thing_find(cx, store, "field", NULL, uid_of(cx, 1), false, &view, &found));
    CHECK(!found);
}

TEST("a uid is taken once in a space")
{
    store_handle *store = fresh_store(cx);
    add_thing(cx, store, 1, "{}");
    const thing_row row = row_of(cx, 1, "{}");
    CHECK_REFUSED(cx, store, store_thing_add(cx, store, "farm", &row), IOTS_CONFLICT);
}

TEST("properties that stay keep their values, those that vanish lose them")
{
    store_handle *store = fresh_store(cx);
    add_thing(cx, store, 1, JSON({"properties" : {"a" : {}, "b" : {}, "c" : {}}}));
    set_values(cx, store, 1, JSON({"a" : 1, "b" : 2, "c" : 3}));
    set_thing(cx, store, 1, false, JSON({"properties" : {"d" : {}, "c" : {}, "a" : {"x" : 1}}}));
    CHECK_TEXT(text_of(cx, found_thing(cx, store, 1).status), "{\"d\":null,\"c\":3,\"a\":1}");

    set_thing(cx, store, 1, false, JSON({"properties" : {"b" : {}}}));
    CHECK_TEXT(text_of(cx, found_thing(cx, store, 1).status), "{\"b\":null}");
    set_thing(cx, store, 1, false, "{}");
    CHECK_TEXT(text_of(cx, found_thing(cx, store, 1).status), "{}");
}

TEST("what a thing was found by is forgotten when it changes")
{
    store_handle *store = fresh_store(cx);
    add_category(cx, store, "A");
    add_category(cx, store, "B");
    add_thing(cx, store, 1, JSON({
                  "title" : "old",
                  "@type" : "Pump",
                  "categories" : ["A"],
                  "links" : [ {"rel" : "r", "href" : "/x"} ]
              }));
    set_thing(cx, store, 1, false,
              JSON({"title" : "new", "@type" : ["Fan"], "categories" : ["B"], "links" : []}));

#define MATCHING(...) things_matching(cx, store, &(thing_filter){__VA_ARGS__}, "")
    CHECK_TEXT(MATCHING(.title = "old"), "");
    CHECK_TEXT(MATCHING(.title = "new"), "1");
    CHECK_TEXT(MATCHING(.type = "Pump"), "");
    CHECK_TEXT(MATCHING(.type = "Fan"), "1");
    CHECK_TEXT(MATCHING(.links_rel = "r"), "");
    CHECK_TEXT(MATCHING(.route_category = "A"), "");
    CHECK_TEXT(MATCHING(.route_category = "B"), "1");
    set_thing(cx, store, 1, true, JSON({"title" : "newer"}));
    CHECK_TEXT(MATCHING(.route_category = "B", .title = "newer"), "1");
#undef MATCHING
    CHECK_TEXT(text_of(cx, found_thing(cx, store, 1).categories), "[\"B\"]");
    CHECK_OK(cx, store_check(cx, store));
}

TEST("a thing goes with its values, history, client and tokens")
{
    store_handle *store = fresh_store(cx);
    const client_row client = {
        .id = "farm::1", .scopes = "thing", .spaces = "farm", .thing = uid_of(cx, 1)};
    client_row got;
    bool found;
    add_thing(cx, store, 1, JSON({"properties" : {"a" : {}}, "@type" : "T", "links" : [ {} ]}));
    set_values(cx, store, 1, JSON({"a" : 1}));
    CHECK_OK(cx, store_client_put(cx, store, &client));
    CHECK_OK(cx, store_thing_set_client(cx, store, "farm", uid_of(cx, 1), "farm::1"));
    CHECK_TEXT(text_of(cx, found_thing(cx, store, 1).client_id), "farm::1");

    CHECK_OK(cx, store_thing_remove(cx, store, "farm", uid_of(cx, 1), &found));
    CHECK(found && !exists(cx, store, NULL, 1));
    CHECK_OK(cx, store_client_find(cx, store, "farm::1", &got, &found));
    CHECK(!found);
    CHECK_OK(cx, store_check(cx, store));
    delete_removed(cx, store);
    CHECK_OK(cx, store_history_any(cx, store, "farm", uid_of(cx, 1), "a", &found));
    CHECK(!found);
    CHECK_OK(cx, store_check(cx, store));
    CHECK_OK(cx, store_thing_remove(cx, store, "farm", uid_of(cx, 1), &found));
    CHECK(!found);
}

TEST("a thing whose client went has none")
{
    store_handle *store = fresh_store(cx);
    const client_row client = {
        .id = "farm::1", .scopes = "thing", .spaces = "farm", .thing = uid_of(cx, 1)};
    bool found;
    add_thing(cx, store, 1, "{}");
    CHECK_OK(cx, store_client_put(cx, store, &client));
    CHECK_OK(cx, store_thing_set_client(cx, store, "farm", uid_of(cx, 1), "farm::1"));
    CHECK_OK(cx, store_client_remove(cx, store, "farm::1", &found));
    CHECK_INT(found_thing(cx, store, 1).client_id.len, 0);
}

TEST("the last uid is the largest of all spaces")
{
    store_handle *store = fresh_store(cx);
    ix_ulid last;
    bool found;
    CHECK_OK(cx, store_last_uid(cx, store, INT64_C(4102444800000000), &last, &found));
    CHECK(!found);
    CHECK_OK(cx, store_space_add(cx, store, "zoo", 1));
    add_thing(cx, store, 9, "{}");
    const thing_row row = row_of(cx, 3, "{}");
    CHECK_OK(cx, store_thing_add(cx, store, "zoo", &row));
    CHECK_OK(cx, store_last_uid(cx, store, INT64_C(4102444800000000), &last, &found));
    CHECK_TEXT(last.text, uid_of(cx, 9));
}

/* ---- lists ---- */

TEST("pages meet without gap or overlap, both ways")
{
    store_handle *store = fresh_store(cx);
    for (int i = 1; i <= 5; i++)
        add_thing(cx, store, i, "{}");
    CHECK_TEXT(walk(cx, store, "", 2), "[1 2][3 4][5] [3 4][1 2]");
    CHECK_TEXT(walk(cx, store, "-uid", 2), "[5 4][3 2][1] [3 2][5 4]");
    CHECK_TEXT(walk(cx, store, "uid,title", 5), "[1 2 3 4 5] []");
    CHECK_TEXT(walk(cx, store, "", 1), "[1][2][3][4][5] [4][3][2][1]");
}

TEST("things sort by their columns, ties by uid")
{
    store_handle *store = fresh_store(cx);
    add_thing(cx, store, 1, JSON({"title" : "b"}));
    add_thing(cx, store, 2, JSON({"title" : "a"}));
    add_thing(cx, store, 3, JSON({"title" : "b"}));
    add_thing(cx, store, 4, JSON({"title" : "C"}));
    add_thing(cx, store, 5, JSON({"title" : "b"}));

    CHECK_TEXT(walk(cx, store, "title", 2), "[4 2][1 3][5] [1 3][4 2]");
    CHECK_TEXT(walk(cx, store, "-title", 2), "[1 3][5 2][4] [5 2][1 3]");
    CHECK_TEXT(walk(cx, store, "title,-uid", 2), "[4 2][5 3][1] [5 3][4 2]");
    CHECK_TEXT(walk(cx, store, "-title,-created", 2), "[5 3][1 2][4] [1 2][5 3]");
    CHECK_TEXT(walk(cx, store, "-modified", 3), "[5 4 3][2 1] [5 4 3]");
}

TEST("things sort by what is inside them, what lacks the key last")
{
    store_handle *store = fresh_store(cx);
    add_values(cx, store, 1, JSON({"t" : 2}));
    add_values(cx, store, 2, JSON({"t" : null}));
    add_values(cx, store, 3, JSON({"t" : "x"}));
    add_values(cx, store, 4, JSON({"u" : 1}));
    add_values(cx, store, 5, JSON({"t" : true}));
    add_values(cx, store, 6, JSON({"t" : 2.0}));
    add_values(cx, store, 7, JSON({"t" : -1}));

    CHECK_TEXT(walk(cx, store, "status.t", 3), "[5 7 1][6 3 2][4] [6 3 2][5 7 1]");
    CHECK_TEXT(walk(cx, store, "-status.t", 3), "[3 1 6][7 5 2][4] [7 5 2][3 1 6]");
    CHECK_TEXT(walk(cx, store, "-status.t,-uid", 3), "[3 6 1][7 5 4][2] [7 5 4][3 6 1]");
    CHECK_TEXT(walk(cx, store, "status.t", 1), "[5][7][1][6][3][2][4] [2][3][6][1][7][5]");
}

TEST("things sort by Model, description and definitions")
{
    store_handle *store = fresh_store(cx);
    add_thing(cx, store, 1, JSON({"model" : {"name" : "M", "version" : 2}, "description" : "x"}));
    add_thing(cx, store, 2, JSON({"model" : {"name" : "L", "version" : 9}, "description" : "z"}));
    add_thing(cx, store, 3, JSON({"properties" : {"t" : {"type" : "number"}}}));
    CHECK_TEXT(walk(cx, store, "model.name", 9), "[2 1 3] []");
    CHECK_TEXT(walk(cx, store, "model.version", 9), "[1 2 3] []");
    CHECK_TEXT(walk(cx, store, "-description", 9), "[2 1 3] []");
    CHECK_TEXT(walk(cx, store, "properties.t.type,-uid", 9), "[3 2 1] []");
    CHECK_TEXT(walk(cx, store, "title,properties.t.type", 9), "[3 1 2] []");
    CHECK_TEXT(walk(cx, store, "-nothing", 9), "[1 2 3] []");
}

TEST("the first of many things are kept when each is better than the last")
{
    store_handle *store = fresh_store(cx);
    for (int i = 1; i <= 60; i++)
        add_values(cx, store, i, ix_format(cx, "{\"t\":%d}", -i));
    const page_range page = {.limit = 3};
    const sort_list sort = {.keys = {{"status.t", false}}, .count = 1};
    heard heard = {.cx = cx};
    bool more;
    CHECK_OK(cx, store_things_list(cx, store, "farm", &anything, &sort, &page, hear_thing, &heard,
                                   &more));
    CHECK_TEXT(words_of(cx, &heard), "60 59 58");
    CHECK(more);
}

typedef struct statuses {
    ix_ctx *cx;
    const char *uids[300], *texts[300];
    size_t count;
} statuses;

static bool hear_status(void *arg, const thing_view *view, ix_str keys)
{
    statuses *statuses = arg;
    (void)keys;
    statuses->uids[statuses->count] = text_of(statuses->cx, view->uid);
    statuses->texts[statuses->count++] = text_of(statuses->cx, view->status);
    return true;
}

TEST("each thing of a list comes with all of its own values, and with no others")
{
    enum { THINGS = 200, WIDE = 600 };
    static const sort_list by_uid;
    store_handle *store = fresh_store(cx);
    ix_json *wide = ix_json_new_object(cx);
    for (int i = 0; i < WIDE; i++)
        CHECK(ix_json_set(cx, wide, ix_format(cx, "p%d", i), ix_json_new_int(cx, i)));
    for (int i = 1; i <= THINGS; i++) {
        const bool is_bare = i % 7 == 0 || i == THINGS;
        add_values(cx, store, i,
                   i == 90   ? ix_json_text(cx, wide)
                   : is_bare ? "{}"
                             : ix_format(cx, "{\"z\":%d,\"a\":%d,\"m\":\"x\"}", i, -i));
    }
    for (int backward = 0; backward <= 1; backward++) {
        const page_range page = {.limit = THINGS, .is_backward = backward};
        statuses heard = {.cx = cx};
        bool more;
        CHECK_OK(cx, store_things_list(cx, store, "farm", &anything, &by_uid, &page, hear_status,
                                       &heard, &more));
        CHECK_INT(heard.count, THINGS);
        for (size_t i = 0; i < heard.count; i++) {
            ix_str values;
            CHECK_OK(cx, store_values_get(cx, store, "farm", heard.uids[i], VALUES_ONLY, &values));
            CHECK_TEXT(heard.texts[i], text_of(cx, values));
        }
    }
}

TEST("a listener may stop early")
{
    store_handle *store = fresh_store(cx);
    const sort_list by_uid = {0};
    const sort_list by_value = {.keys = {{"status.t", false}}, .count = 1};
    const page_range page = {.limit = 10};
    heard heard = {.cx = cx, .limit = 2};
    bool more = false;
    for (int i = 1; i <= 5; i++)
        add_thing(cx, store, i, "{}");

    CHECK_OK(cx, store_things_list(cx, store, "farm", &anything, &by_uid, &page, hear_thing, &heard,
                                   &more));
    CHECK(more);
    CHECK_TEXT(words_of(cx, &heard), "1 2");
    CHECK_OK(cx, store_things_list(cx, store, "farm", &anything, &by_value, &page, hear_thing,
                                   &heard, &more));
    CHECK(more);
    CHECK_TEXT(words_of(cx, &heard), "1 2");
}

TEST("a cursor that is not ours is refused, whatever is in it")
{
    static const char *const boundaries[] = {
        "[]",
        "[1]",
        "[5,\"\",\"x\"]",
        "[\"\",\"\",\"x\"]",
        "[\"*\",\"\",\"x\"]",
        "[\"BQ\",5,\"x\"]",
        "[\"BQ\",\"\",5]",
        "[\"AA\",\"\",\"x\"]",       /* no kind */
        "[\"BWE\",\"\",\"x\"]",      /* a text without its end */
        "[\"Bf8A\",\"\",\"x\"]",     /* not UTF-8 */
        "[\"BQBhAA\",\"\",\"x\"]",   /* a zero inside */
        "[\"AwA\",\"\",\"x\"]",      /* a number that is cut short */
        "[\"-v__\",\"\",\"x\"]",     /* the same, turned */
        "[\"Aw\",\"\",\"x\",\"y\"]", /* one value too many */
    };
    enum { BOUNDARIES = sizeof(boundaries) / sizeof(boundaries[0]) };
    static const sort_list sorts[] = {
        {.keys = {{"title", false}}, .count = 1},    {.keys = {{"title", true}}, .count = 1},
        {.keys = {{"created", false}}, .count = 1},  {.keys = {{"modified", true}}, .count = 1},
        {.keys = {{"status.t", false}}, .count = 1}, {.keys = {{"status.t", true}}, .count = 1},
        {.keys = {{"n", false}}, .count = 1},        {.count = 0},
    };
    enum { COLUMNS = 4 }; /* whose keys are of one kind */
    store_handle *store = fresh_store(cx);
    add_values(cx, store, 1, JSON({"t" : 1}));
    heard heard = {.cx = cx};
    bool more;
    for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
        for (size_t k = 0; k < 2 * BOUNDARIES; k++) {
            const page_range page = {.limit = 10,
                                     .boundary = json_of(cx, boundaries[k / 2]),
                                     .is_backward = k % 2};
            const bool ok = store_things_list(cx, store, "farm", &anything, &sorts[i], &page,
                                              hear_thing, &heard, &more);
            CHECK(!ok || i >= COLUMNS);
            if (!ok) {
                CHECK_INT(cx->error.code, IOTS_INVALID);
                CHECK_TEXT(cx->error.message, "invalid cursor");
            }
            ix_ctx_clear_error(cx);
            words_of(cx, &heard);
        }
    }
}

TEST("filtered things are paged as all are")
{
    store_handle *store = fresh_store(cx);
    filter_condition condition;
    const sort_list by_uid = {0};
    page_range page = {.limit = 2};
    heard heard = {.cx = cx};
    bool more;
    for (int i = 1; i <= 9; i++)
        add_values(cx, store, i,
                   i % 2 ? JSON({"p" : {"a" : [ 1, 2 ]}}) : JSON({"p" : {"a" : [3]}}));
    CHECK_OK(cx, condition_parse(cx, IX_STR("p.a"), IX_STR("contains:2"), &condition));
    const thing_filter filter = {.conditions = &condition};

    const char *expected[] = {"1 3", "5 7", "9"};
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(cx, store_things_list(cx, store, "farm", &filter, &by_uid, &page, hear_thing,
                                       &heard, &more));
        page.boundary = heard.last;
        CHECK_TEXT(words_of(cx, &heard), expected[i]);
        CHECK(more == (i < 2));
    }
    page.is_backward = true;
    CHECK_OK(cx, store_things_list(cx, store, "farm", &filter, &by_uid, &page, hear_thing, &heard,
                                   &more));
    CHECK_TEXT(words_of_page(cx, &heard, &page), "5 7");
}

TEST("things that match are removed, ascending, and no others")
{
    store_handle *store = fresh_store(cx);
    filter_condition condition;
    heard heard = {.cx = cx};
    for (int i = 1; i <= 6; i++)
        add_values(cx, store, i, i % 2 ? JSON({"p" : "on"}) : JSON({"p" : "off"}));
    CHECK_OK(cx, condition_parse(cx, IX_STR("p"), IX_STR("contains:ff"), &condition));
    const thing_filter filter = {.conditions = &condition};

    CHECK_OK(cx, store_things_remove(cx, store, "farm", &filter, hear_uid, &heard));
    CHECK_TEXT(words_of(cx, &heard), "2 4 6");
    CHECK_TEXT(things_matching(cx, store, &anything, ""), "1 3 5");
    CHECK_OK(cx, store_check(cx, store));
    CHECK_OK(cx, store_things_remove(cx, store, "farm", &filter, hear_uid, &heard));
    CHECK_TEXT(words_of(cx, &heard), "");
}
