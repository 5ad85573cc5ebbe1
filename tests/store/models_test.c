/* SPDX-License-Identifier: Apache-2.0 */
/* Models and their versions: kept, found, listed, removed. */
#include "store/store_test.h"

static bool hear_model(void *arg, const model_row *row)
{
    return hear_word(arg, row->name);
}

static bool hear_version(void *arg, const version_row *row)
{
    char number[24];
    snprintf(number, sizeof(number), "%lld", (long long)row->version);
    return hear_word(arg, number);
}

static const char *models(ix_ctx *cx, store_handle *store, const page_range *page)
{
    heard heard = {.cx = cx};
    bool more;
    CHECK_OK(cx, store_models_list(cx, store, "farm", page, hear_model, &heard, &more));
    return ix_format(cx, "%s%s", words_of_page(cx, &heard, page), more ? " ..." : "");
}

static const char *versions(ix_ctx *cx, store_handle *store, const page_range *page)
{
    heard heard = {.cx = cx};
    bool more;
    CHECK_OK(cx, store_versions_list(cx, store, "farm", "M", page, hear_version, &heard, &more));
    return ix_format(cx, "%s%s", words_of_page(cx, &heard, page), more ? " ..." : "");
}

TEST("a Model is found as it was added, and as it was changed")
{
    store_handle *store = fresh_store(cx);
    const model_row row = {.id = "01JM2Q8V5T7XK3E9A4B6000001",
                           .name = "M",
                           .description = "one",
                           .created_us = 5,
                           .modified_us = 6};
    model_row found_row;
    bool found;
    CHECK_OK(cx, store_model_find(cx, store, "farm", "M", &found_row, &found));
    CHECK(!found);
    CHECK_OK(cx, store_model_add(cx, store, "farm", &row));
    CHECK_OK(cx,
             store_model_set(cx, store, "farm",
                             &(model_row){.name = "M", .description = "two", .modified_us = 7}));
    CHECK_OK(cx, store_model_find(cx, store, "farm", "M", &found_row, &found));
    CHECK(found);
    CHECK_TEXT(found_row.id, row.id);
    CHECK_TEXT(found_row.name, "M");
    CHECK_TEXT(found_row.description, "two");
    CHECK(found_row.created_us == 5 && found_row.modified_us == 7);
    CHECK_FAILS(cx, store_model_add(cx, store, "farm", &row), IOTS_CONFLICT);
}

TEST("Models are listed by name, in pages both ways")
{
    store_handle *store = fresh_store(cx);
    static const char *const names[] = {"d", "C", "a", "e", "b"};
    for (size_t i = 0; i < 5; i++)
        add_model(cx, store, names[i], 0, "{}");
    const ix_json *b = json_of(cx, "[\"b\"]");
    const ix_json *e = json_of(cx, "[\"e\"]");
    CHECK_TEXT(models(cx, store, &(page_range){.limit = 10}), "C a b d e");
    CHECK_TEXT(models(cx, store, &(page_range){.limit = 2}), "C a ...");
    CHECK_TEXT(models(cx, store, &(page_range){.limit = 2, .boundary = b}), "d e");
    CHECK_TEXT(models(cx, store, &(page_range){.limit = 2, .boundary = e, .is_backward = true}),
               "b d ...");
    CHECK_TEXT(models(cx, store, &(page_range){.limit = 2, .boundary = b, .is_backward = true}),
               "C a");

    heard heard = {.cx = cx, .limit = 2};
    bool more;
    CHECK_OK(cx, store_models_list(cx, store, "farm", &(page_range){.limit = 9}, hear_model, &heard,
                                   &more));
    CHECK_TEXT(words_of(cx, &heard), "C a");
    CHECK(more);
    CHECK_FAILS(cx,
                store_models_list(cx, store, "farm",
                                  &(page_range){.limit = 2, .boundary = json_of(cx, "[7]")},
                                  hear_model, &heard, &more),
                IOTS_INVALID);
}

TEST("versions are numbered from 1, and each keeps what it was made of")
{
    store_handle *store = fresh_store(cx);
    version_row version;
    int64_t newest;
    bool found;
    add_model(cx, store, "M", 0, "{}");
    CHECK_OK(cx, store_version_newest(cx, store, "farm", "M", &newest));
    CHECK_INT(newest, 0);
    const version_row row = {.version = 1,
                             .title = IX_STR("first"),
                             .description = IX_STR(""),
                             .template = IX_STR("{\"title\":\"T\"}"),
                             .created_us = 9};
    CHECK_OK(cx, store_version_add(cx, store, "farm", "M", &row));
    CHECK_OK(cx, store_version_newest(cx, store, "farm", "M", &newest));
    CHECK_INT(newest, 1);
    CHECK_OK(cx, store_version_find(cx, store, "farm", "M", 1, &version, &found));
    CHECK(found);
    CHECK(ix_str_is(version.title, "first") && version.description.len == 0);
    CHECK(ix_str_is(version.template, "{\"title\":\"T\"}"));
    CHECK(version.created_us == 9);
    CHECK_OK(cx, store_version_find(cx, store, "farm", "M", 2, &version, &found));
    CHECK(!found);
}

TEST("versions are listed by number, in pages both ways")
{
    store_handle *store = fresh_store(cx);
    add_model(cx, store, "M", 12, "{}");
    const ix_json *at_5 = json_of(cx, "[5]");
    CHECK_TEXT(versions(cx, store, &(page_range){.limit = 20}), "1 2 3 4 5 6 7 8 9 10 11 12");
    CHECK_TEXT(versions(cx, store, &(page_range){.limit = 2}), "1 2 ...");
    CHECK_TEXT(versions(cx, store, &(page_range){.limit = 2, .boundary = at_5}), "6 7 ...");
    CHECK_TEXT(versions(cx, store, &(page_range){.limit = 7, .boundary = at_5}),
               "6 7 8 9 10 11 12");
    CHECK_TEXT(versions(cx, store,
                        &(page_range){.limit = 2, .boundary = at_5, .is_backward = true}),
               "3 4 ...");
    CHECK_TEXT(versions(cx, store,
                        &(page_range){.limit = 4, .boundary = at_5, .is_backward = true}),
               "1 2 3 4");
    CHECK_TEXT(versions(cx, store, &(page_range){.limit = 3, .is_backward = true}), "10 11 12 ...");
    CHECK_TEXT(versions(cx, store, &(page_range){.limit = 12, .is_backward = true}),
               "1 2 3 4 5 6 7 8 9 10 11 12");

    static const char *const not_ours[] = {"[\"x\"]", "[0]", "[-3]", "[9.5]"};
    heard heard = {.cx = cx};
    bool more;
    for (size_t i = 0; i < 4; i++)
        CHECK_FAILS(cx,
                    store_versions_list(cx, store, "farm", "M",
                                        &(page_range){.limit = 2,
                                                      .boundary = json_of(cx, not_ours[i])},
                                        hear_version, &heard, &more),
                    IOTS_INVALID);
}

TEST("it is known whether Categories or things have a Model")
{
    store_handle *store = fresh_store(cx);
    bool by_categories, by_things;
    add_model(cx, store, "M", 1, "{}");
    CHECK_OK(cx, store_model_used(cx, store, "farm", "M", &by_categories, &by_things));
    CHECK(!by_categories && !by_things);
    add_thing(cx, store, 1, JSON({"model" : {"name" : "M", "version" : 1}}));
    CHECK_OK(cx, store_model_used(cx, store, "farm", "M", &by_categories, &by_things));
    CHECK(!by_categories && by_things);
    const category_row row = {.name = "A", .description = "", .model = "M"};
    CHECK_OK(cx, store_category_add(cx, store, "farm", &row));
    CHECK_OK(cx, store_model_used(cx, store, "farm", "M", &by_categories, &by_things));
    CHECK(by_categories && by_things);
    CHECK_OK(cx, store_check(cx, store));
}

TEST("a Model goes with its versions, and with its space")
{
    store_handle *store = fresh_store(cx);
    int64_t newest;
    bool found;
    model_row row;
    add_model(cx, store, "M", 2, "{}");
    add_model(cx, store, "N", 2, "{}");
    CHECK_OK(cx, store_model_remove(cx, store, "farm", "M"));
    CHECK_OK(cx, store_model_find(cx, store, "farm", "M", &row, &found));
    CHECK(!found);
    CHECK_OK(cx, store_version_newest(cx, store, "farm", "M", &newest));
    CHECK_INT(newest, 0);
    CHECK_OK(cx, store_version_newest(cx, store, "farm", "N", &newest));
    CHECK_INT(newest, 2);
    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    delete_removed(cx, store);
    CHECK_OK(cx, store_space_add(cx, store, "farm", 1));
    CHECK_TEXT(models(cx, store, &(page_range){.limit = 2}), "");
    CHECK_OK(cx, store_version_newest(cx, store, "farm", "N", &newest));
    CHECK_INT(newest, 0);
}

TEST("the things in a Category are reported in order")
{
    store_handle *store = fresh_store(cx);
    heard heard = {.cx = cx};
    add_category(cx, store, "A");
    add_category(cx, store, "B");
    add_thing(cx, store, 3, JSON({"categories" : [ "A", "B" ]}));
    add_thing(cx, store, 1, JSON({"categories" : ["A"]}));
    add_thing(cx, store, 2, JSON({"categories" : ["B"]}));
    CHECK_OK(cx, store_members_each(cx, store, "farm", "A", hear_uid, &heard));
    CHECK_TEXT(words_of(cx, &heard), "1 3");
}

TEST("a store with a thing or a Category of no Model is damaged")
{
    store_handle *store = fresh_store(cx);
    add_model(cx, store, "M", 1, "{}");
    add_thing(cx, store, 1, JSON({"model" : {"name" : "M", "version" : 1}}));
    CHECK_OK(cx, store_check(cx, store));
    CHECK_OK(cx, store_model_remove(cx, store, "farm", "M"));
    CHECK_FAILS(cx, store_check(cx, store), IOTS_INTERNAL);
}
