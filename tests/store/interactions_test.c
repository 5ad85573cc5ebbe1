/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of actions and occurrences of events: kept, found, listed, the oldest let go. */
#include "store/sql/migrate.h"
#include "store/store_test.h"

/* ---- words ---- */

static interaction_key key_of(ix_ctx *cx, int thing, interaction_kind kind, const char *name)
{
    return (interaction_key){"farm", uid_of(cx, thing), kind, name};
}

static store_handle *store_with_things(ix_ctx *cx)
{
    store_handle *store = fresh_store(cx);
    add_category(cx, store, "Pumps");
    add_category(cx, store, "Fans");
    for (int i = 1; i <= 2; i++)
        add_thing(cx, store, i, JSON({
                      "categories" : ["Pumps"],
                      "actions" : {"go" : {"input" : {"type" : "integer"}}, "stop" : {}},
                      "events" : {"go" : {"data" : {}}}
                  }));
    return store;
}

static void add(ix_ctx *cx, store_handle *store, const interaction_key *key, int id)
{
    CHECK_OK(cx, store_interaction_add(cx, store, key, uid_of(cx, id),
                                       ix_format(cx, "{\"n\":%d}", id)));
}

/* The text of an interaction; NULL if it is not there. */
static const char *interaction_text(ix_ctx *cx, store_handle *store, const interaction_key *key,
                                    const char *category, int id)
{
    ix_str text;
    bool found;
    CHECK_OK(cx, store_interaction_find(cx, store, key, category, uid_of(cx, id), &text, &found));
    return found ? ix_strndup(cx, text.at, text.len) : NULL;
}

static const char *affordance(ix_ctx *cx, store_handle *store, const interaction_key *key,
                              const char *category)
{
    ix_str text;
    bool found;
    CHECK_OK(cx, store_affordance_find(cx, store, key, category, &text, &found));
    return found ? ix_strndup(cx, text.at, text.len) : "none";
}

static bool hear_interaction(void *arg, ix_str id, ix_str name, ix_str doc)
{
    heard *heard = arg;
    const int number = atoi(id.at + 20);
    CHECK_TEXT(ix_format(heard->cx, "{\"n\":%d}", number), ix_strndup(heard->cx, doc.at, doc.len));
    return hear_word(heard, ix_format(heard->cx, "%.*s%d", (int)name.len, name.at, number));
}

/* A page from after (or before) the interaction `boundary`, 0: from the start; "+" if there are more. */
static const char *page_of(ix_ctx *cx, store_handle *store, const interaction_key *key, int limit,
                           int boundary, bool backward)
{
    heard heard = {.cx = cx};
    ix_json *marks = ix_json_new_array(cx);
    CHECK(ix_json_append(cx, marks, ix_json_new_string(cx, uid_of(cx, boundary))));
    const page_range page = {.limit = limit,
                             .is_backward = backward,
                             .boundary = boundary ? marks : NULL};
    bool more;
    CHECK_OK(cx, store_interactions_list(cx, store, key, &page, hear_interaction, &heard, &more));
    return ix_format(cx, "%s%s", words_of_page(cx, &heard, &page), more ? "+" : "");
}

static const char *all_of(ix_ctx *cx, store_handle *store, const interaction_key *key)
{
    return page_of(cx, store, key, 1000, 0, false);
}

/* ---- affordances ---- */

TEST("an affordance is found by kind and name, in the Category of the route")
{
    store_handle *store = store_with_things(cx);
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    const interaction_key event = key_of(cx, 1, INTERACTION_EVENT, "go");
    const interaction_key stop = key_of(cx, 1, INTERACTION_EVENT, "stop");
    CHECK_TEXT(affordance(cx, store, &go, NULL), "{\"input\":{\"type\":\"integer\"}}");
    CHECK_TEXT(affordance(cx, store, &go, "Pumps"), "{\"input\":{\"type\":\"integer\"}}");
    CHECK_TEXT(affordance(cx, store, &go, "Fans"), "none");
    CHECK_TEXT(affordance(cx, store, &event, NULL), "{\"data\":{}}");
    CHECK_TEXT(affordance(cx, store, &stop, NULL), "none");
}

TEST("a thing written anew has the affordances of its new description only")
{
    store_handle *store = store_with_things(cx);
    const thing_row row = row_of(cx, 1, JSON({"actions" : {"go" : {"title" : "Go"}}}));
    CHECK_OK(cx, store_thing_set(cx, store, "farm", &row));
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    const interaction_key stop = key_of(cx, 1, INTERACTION_ACTION, "stop");
    const interaction_key event = key_of(cx, 1, INTERACTION_EVENT, "go");
    const interaction_key other = key_of(cx, 2, INTERACTION_ACTION, "stop");
    CHECK_TEXT(affordance(cx, store, &go, NULL), "{\"title\":\"Go\"}");
    CHECK_TEXT(affordance(cx, store, &stop, NULL), "none");
    CHECK_TEXT(affordance(cx, store, &event, NULL), "none");
    CHECK_TEXT(affordance(cx, store, &other, NULL), "{}");
}

/* ---- interactions ---- */

TEST("an interaction is found by its thing, kind, name and ID, in the Category of the route")
{
    store_handle *store = store_with_things(cx);
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    const interaction_key others[] = {
        key_of(cx, 2, INTERACTION_ACTION, "go"),
        key_of(cx, 1, INTERACTION_EVENT, "go"),
        key_of(cx, 1, INTERACTION_ACTION, "stop"),
    };
    add(cx, store, &go, 7);
    CHECK_TEXT(interaction_text(cx, store, &go, NULL, 7), "{\"n\":7}");
    CHECK_TEXT(interaction_text(cx, store, &go, "Pumps", 7), "{\"n\":7}");
    CHECK(!interaction_text(cx, store, &go, "Fans", 7));
    CHECK(!interaction_text(cx, store, &go, NULL, 8));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CHECK(!interaction_text(cx, store, &others[i], NULL, 7));
        CHECK_OK(cx, store_interaction_set(cx, store, &others[i], uid_of(cx, 7), "{}"));
        CHECK_OK(cx, store_interaction_remove(cx, store, &others[i], uid_of(cx, 7)));
    }
    CHECK_TEXT(interaction_text(cx, store, &go, NULL, 7), "{\"n\":7}");

    CHECK_OK(cx, store_interaction_set(cx, store, &go, uid_of(cx, 7), "{\"n\":\"new\"}"));
    CHECK_TEXT(interaction_text(cx, store, &go, NULL, 7), "{\"n\":\"new\"}");
    CHECK_OK(cx, store_interaction_remove(cx, store, &go, uid_of(cx, 7)));
    CHECK(!interaction_text(cx, store, &go, NULL, 7));
}

TEST("whether there is any interaction is asked of one name")
{
    store_handle *store = store_with_things(cx);
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    const interaction_key stop = key_of(cx, 1, INTERACTION_ACTION, "stop");
    bool found;
    add(cx, store, &go, 7);
    CHECK_OK(cx, store_interactions_any(cx, store, &go, &found));
    CHECK(found);
    CHECK_OK(cx, store_interactions_any(cx, store, &stop, &found));
    CHECK(!found);
}

/* Known: at most 100 per name and thing. */
TEST("of more than 100 interactions of a name the oldest goes, and no other")
{
    store_handle *store = store_with_things(cx);
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    const interaction_key kept[] = {
        key_of(cx, 2, INTERACTION_ACTION, "go"),
        key_of(cx, 1, INTERACTION_EVENT, "go"),
        key_of(cx, 1, INTERACTION_ACTION, "stop"),
    };
    for (int i = 0; i < 3; i++)
        add(cx, store, &kept[i], 1 + i);
    for (int i = 10; i < 10 + INTERACTIONS_KEPT; i++)
        add(cx, store, &go, i);
    CHECK_TEXT(page_of(cx, store, &go, 1, 0, false), "go10+");
    add(cx, store, &go, 10 + INTERACTIONS_KEPT);
    CHECK_TEXT(page_of(cx, store, &go, 2, 0, false), "go11 go12+");
    CHECK_TEXT(page_of(cx, store, &go, 2, 9 + INTERACTIONS_KEPT, false), "go110");
    for (int i = 0; i < 3; i++)
        CHECK(interaction_text(cx, store, &kept[i], NULL, 1 + i));
}

/* ---- lists ---- */

TEST("a list is oldest first, of one name or of all names of one kind")
{
    store_handle *store = store_with_things(cx);
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    const interaction_key stop = key_of(cx, 1, INTERACTION_ACTION, "stop");
    const interaction_key event = key_of(cx, 1, INTERACTION_EVENT, "go");
    const interaction_key other = key_of(cx, 2, INTERACTION_ACTION, "go");
    const interaction_key all = key_of(cx, 1, INTERACTION_ACTION, NULL);
    add(cx, store, &stop, 3);
    add(cx, store, &go, 4);
    add(cx, store, &event, 5);
    add(cx, store, &other, 6);
    add(cx, store, &stop, 7);
    CHECK_TEXT(all_of(cx, store, &stop), "stop3 stop7");
    CHECK_TEXT(all_of(cx, store, &all), "stop3 go4 stop7");
    CHECK_TEXT(all_of(cx, store, &event), "go5");
}

TEST("pages of interactions meet without gap or overlap, in both directions")
{
    store_handle *store = store_with_things(cx);
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    const interaction_key all = key_of(cx, 1, INTERACTION_ACTION, NULL);
    for (int i = 1; i <= 5; i++)
        add(cx, store, &go, i);

    const interaction_key *const keys[] = {&go, &all};
    for (size_t i = 0; i < 2; i++) {
        CHECK_TEXT(page_of(cx, store, keys[i], 2, 0, false), "go1 go2+");
        CHECK_TEXT(page_of(cx, store, keys[i], 2, 2, false), "go3 go4+");
        CHECK_TEXT(page_of(cx, store, keys[i], 2, 4, false), "go5");
        CHECK_TEXT(page_of(cx, store, keys[i], 2, 5, true), "go3 go4+");
        CHECK_TEXT(page_of(cx, store, keys[i], 2, 3, true), "go1 go2");
        CHECK_TEXT(page_of(cx, store, keys[i], 3, 3, true), "go1 go2");
        CHECK_TEXT(page_of(cx, store, keys[i], 2, 1, true), "");
        CHECK_TEXT(page_of(cx, store, keys[i], 2, 0, true), "go4 go5+");
        CHECK_TEXT(page_of(cx, store, keys[i], 5, 0, false), "go1 go2 go3 go4 go5");
    }
}

TEST("a boundary is good after its interaction is gone; one that is not text is not ours")
{
    store_handle *store = store_with_things(cx);
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    for (int i = 1; i <= 3; i++)
        add(cx, store, &go, i);
    CHECK_OK(cx, store_interaction_remove(cx, store, &go, uid_of(cx, 2)));
    CHECK_TEXT(page_of(cx, store, &go, 2, 2, false), "go3");
    CHECK_TEXT(page_of(cx, store, &go, 2, 2, true), "go1");

    heard heard = {.cx = cx};
    const page_range page = {.limit = 1, .boundary = json_of(cx, "[7]")};
    bool more;
    CHECK_FAILS(cx, store_interactions_list(cx, store, &go, &page, hear_interaction, &heard, &more),
                IOTS_INVALID);
}

TEST("whoever hears enough may stop, and hears that there is more")
{
    store_handle *store = store_with_things(cx);
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    for (int i = 1; i <= 3; i++)
        add(cx, store, &go, i);
    for (int backward = 0; backward <= 1; backward++) {
        heard heard = {.cx = cx, .limit = 2};
        const page_range page = {.limit = 3, .is_backward = backward};
        bool more;
        CHECK_OK(cx,
                 store_interactions_list(cx, store, &go, &page, hear_interaction, &heard, &more));
        CHECK_TEXT(words_of(cx, &heard), backward ? "go3 go2" : "go1 go2");
        CHECK(more);
    }
}

/* ---- their life ---- */

TEST("interactions and affordances go with their thing, and with their space")
{
    store_handle *store = store_with_things(cx);
    const interaction_key one = key_of(cx, 1, INTERACTION_ACTION, "go");
    const interaction_key two = key_of(cx, 2, INTERACTION_ACTION, "go");
    bool found;
    add(cx, store, &one, 7);
    add(cx, store, &two, 8);
    CHECK_OK(cx, store_thing_remove(cx, store, "farm", uid_of(cx, 1), &found));
    CHECK(!interaction_text(cx, store, &one, NULL, 7));
    CHECK_TEXT(affordance(cx, store, &one, NULL), "none");
    CHECK_TEXT(all_of(cx, store, &two), "go8");
    CHECK_OK(cx, store_check(cx, store));
    delete_removed(cx, store);
    CHECK_OK(cx, store_check(cx, store));
    CHECK_TEXT(all_of(cx, store, &one), "");

    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    CHECK_OK(cx, store_check(cx, store));
    delete_removed(cx, store);
    CHECK_TEXT(all_of(cx, store, &two), "");
    CHECK_TEXT(affordance(cx, store, &two, NULL), "none");
    CHECK_OK(cx, store_check(cx, store));
}

TEST("the last ID of a store is that of an interaction, if that is larger")
{
    store_handle *store = store_with_things(cx);
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    ix_ulid last;
    bool found;
    CHECK_OK(cx, store_last_uid(cx, store, INT64_C(4102444800000000), &last, &found));
    CHECK(found);
    CHECK_TEXT(last.text, uid_of(cx, 2));
    add(cx, store, &go, 7);
    CHECK_OK(cx, store_last_uid(cx, store, INT64_C(4102444800000000), &last, &found));
    CHECK_TEXT(last.text, uid_of(cx, 7));
}

/* A database as iotsd left it before there were interactions. */
static db_conn *db_of_schema_1(ix_ctx *cx)
{
    const char *place;
    const db_driver *driver = db_driver_for(fresh_url(cx), &place);
    db_conn *db;
    CHECK_OK(cx, driver->open(cx, place, DB_CREATE, &db));
    CHECK_OK(cx, migrate_to(cx, db, "here", 1));
    CHECK_OK(cx, driver->begin(cx, db));
    return db;
}

TEST("a store from before there was a search finds its things by their texts")
{
    db_conn *db = db_of_schema_1(cx);
    struct store_handle store = {.db = db};
    CHECK_OK(cx, sql_do(cx, &store, "INSERT INTO spaces VALUES ('farm', 1)", NULL, 0));
    for (int i = 0; i < 250; i++) {
        static const char sql[] = "INSERT INTO things (space, uid, title, categories, version,"
                                  " created, modified, doc)"
                                  " VALUES ('farm', $1, '', '[]', 0, 1, 1, $2)";
        const char *doc =
            ix_format(cx, "\"title\":\"Pump %d.\",\"description\":\"\\u00c4h\",\"@type\":[\"T%d\"]",
                      i, i);
        CHECK_OK(cx, sql_do(cx, &store, sql, ARGS(db_text(uid_of(cx, i)), db_text(doc))));
    }
    CHECK_OK(cx, store_commit(cx, &store));

    CHECK_OK(cx, migrate_run(cx, db, "here"));
    CHECK_TEXT(things_matching(cx, &store, &(thing_filter){.search = "pump 249."}, ""), "249");
    CHECK_TEXT(things_matching(cx, &store, &(thing_filter){.search = "t123"}, ""), "123");
    CHECK_TEXT(things_matching(cx, &store,
                               &(thing_filter){.search = "\xC3\xA4h",
                                               .ids = (const char *[]){uid_of(cx, 99)},
                                               .id_count = 1},
                               ""),
               "99");
    db->driver->close(db);
}

TEST("a store from before there were interactions knows the actions and events of its things")
{
    static const char *const docs[] = {
        "\"title\":\"\",\"actions\":{},\"events\":{}",
        ("\"actions\":{\"go\":{\"input\":{\"const\":5.0}},\"s \\\"t\\\"\":{}},"
         "\"events\":{\"go\":{\"title\":\"\\u00fc\"}}"),
        "\"title\":\"no more\"",
    };
    db_conn *db = db_of_schema_1(cx);
    struct store_handle store = {.db = db};
    CHECK_OK(cx, sql_do(cx, &store, "INSERT INTO spaces VALUES ('farm', 1)", NULL, 0));
    for (int i = 0; i < 3; i++) {
        static const char sql[] = "INSERT INTO things (space, uid, title, categories, version,"
                                  " created, modified, doc)"
                                  " VALUES ('farm', $1, '', '[]', 0, 1, 1, $2)";
        CHECK_OK(cx, sql_do(cx, &store, sql, ARGS(db_text(uid_of(cx, i)), db_text(docs[i]))));
    }
    CHECK_OK(cx, store_commit(cx, &store));

    CHECK_OK(cx, migrate_run(cx, db, "here"));
    const interaction_key go = key_of(cx, 1, INTERACTION_ACTION, "go");
    const interaction_key quoted = key_of(cx, 1, INTERACTION_ACTION, "s \"t\"");
    const interaction_key event = key_of(cx, 1, INTERACTION_EVENT, "go");
    const interaction_key others = key_of(cx, 0, INTERACTION_ACTION, "go");
    CHECK_TEXT(affordance(cx, &store, &go, NULL), "{\"input\":{\"const\":5.0}}");
    CHECK_TEXT(affordance(cx, &store, &quoted, NULL), "{}");
    CHECK_TEXT(ix_json_string(
                   ix_json_member(json_of(cx, affordance(cx, &store, &event, NULL)), "title")),
               "\xc3\xbc");
    CHECK_TEXT(affordance(cx, &store, &others, NULL), "none");
    CHECK_OK(cx, store_check(cx, &store));
    db->driver->close(db);
}
