/* SPDX-License-Identifier: Apache-2.0 */
/* Things and spaces that are removed at once and deleted little by little. */
#include "store/store_test.h"

enum { VALUES = 25 }; /* of each of two properties */

static void add_history(ix_ctx *cx, store_handle *store, int number)
{
    static const char *const names[] = {"a", "b"};
    for (int i = 0; i < 2 * VALUES; i++) {
        bool taken;
        CHECK_OK(cx, store_history_add(cx, store, "farm", uid_of(cx, number), names[i % 2], i,
                                       ix_json_new_int(cx, i), &taken));
    }
}

static int count_of(ix_ctx *cx, store_handle *store, const char *sql)
{
    db_rows *row;
    CHECK_OK(cx, sql_first(cx, store, sql, NULL, 0, &row));
    const int count = (int)sql_int(store, row, 0);
    sql_done(store, row);
    return count;
}

static int history_rows(ix_ctx *cx, store_handle *store)
{
    return count_of(cx, store, "SELECT count(*) FROM history");
}

static int interaction_rows(ix_ctx *cx, store_handle *store)
{
    return count_of(cx, store, "SELECT count(*) FROM entries");
}

static int removals(ix_ctx *cx, store_handle *store)
{
    return count_of(cx, store, "SELECT count(*) FROM removals");
}

/* A thing with history and an event that occurred three times. */
static void add_full_thing(ix_ctx *cx, store_handle *store, int number)
{
    const interaction_key key = {"farm", uid_of(cx, number), INTERACTION_EVENT, "e"};
    add_thing(cx, store, number, JSON({"properties" : {"a" : {}}, "events" : {"e" : {}}}));
    add_history(cx, store, number);
    for (int i = 0; i < 3; i++)
        CHECK_OK(cx, store_interaction_add(cx, store, &key, uid_of(cx, 10 * number + i), "{}"));
}

static void remove_thing(ix_ctx *cx, store_handle *store, int number)
{
    bool found;
    CHECK_OK(cx, store_thing_remove(cx, store, "farm", uid_of(cx, number), &found));
    CHECK(found);
}

/* What was committed is there after a restart. */
static store_handle *opened_again(ix_ctx *cx, store_handle *store, const char *url)
{
    struct store_handle *again;
    CHECK_OK(cx, store_commit(cx, store));
    again = open_store(cx, url, STORE_WRITE);
    CHECK_OK(cx, store_begin(cx, again));
    return again;
}

TEST("the history of a thing that is removed is deleted so many rows at a time, and nobody else's")
{
    store_handle *store = fresh_store(cx);
    bool more = true;
    add_full_thing(cx, store, 1);
    add_full_thing(cx, store, 2);
    CHECK(!store_removals_noted(store));
    remove_thing(cx, store, 1);
    CHECK(store_removals_noted(store) && !store_removals_noted(store));
    CHECK_INT(history_rows(cx, store), 4 * VALUES);
    int left = history_rows(cx, store) + interaction_rows(cx, store);
    for (int steps = 0; more; steps++) {
        CHECK_OK(cx, store_removals_purge(cx, store, 10, &more));
        CHECK_OK(cx, store_check(cx, store));
        const int now = history_rows(cx, store) + interaction_rows(cx, store);
        CHECK(now >= left - 10 && steps < 10);
        left = now;
    }
    CHECK_INT(history_rows(cx, store), 2 * VALUES);
    CHECK_INT(interaction_rows(cx, store), 3);
    CHECK_INT(removals(cx, store), 0);
}

TEST("a thing that had no history leaves nothing to be deleted")
{
    store_handle *store = fresh_store(cx);
    add_thing(cx, store, 1, "{}");
    remove_thing(cx, store, 1);
    CHECK_INT(removals(cx, store), 0);
    CHECK(!store_removals_noted(store));
}

TEST("a thing that is made again has nothing of the one before, however much of that is deleted")
{
    for (int steps = 0; steps <= 7; steps++) {
        store_handle *store = fresh_store(cx);
        const interaction_key key = {"farm", uid_of(cx, 1), INTERACTION_EVENT, "e"};
        bool more, found;
        ix_str text;
        add_full_thing(cx, store, 1);
        remove_thing(cx, store, 1);
        for (int i = 0; i < steps; i++)
            CHECK_OK(cx, store_removals_purge(cx, store, 10, &more));
        add_thing(cx, store, 1, JSON({"properties" : {"a" : {}}, "events" : {"e" : {}}}));
        CHECK_OK(cx, store_history_any(cx, store, "farm", uid_of(cx, 1), "a", &found));
        CHECK(!found);
        CHECK_OK(cx, store_interaction_find(cx, store, &key, NULL, uid_of(cx, 10), &text, &found));
        CHECK(!found);
        add_history(cx, store, 1);
        delete_removed(cx, store);
        CHECK_INT(history_rows(cx, store), 2 * VALUES);
        CHECK_OK(cx, store_check(cx, store));
    }
}

TEST("nothing that a removed thing had is found before it is deleted")
{
    store_handle *store = fresh_store(cx);
    const interaction_key key = {"farm", uid_of(cx, 1), INTERACTION_EVENT, "e"};
    bool found;
    ix_str text;
    add_full_thing(cx, store, 1);
    CHECK_OK(cx, store_interaction_find(cx, store, &key, NULL, uid_of(cx, 10), &text, &found));
    CHECK(found);
    remove_thing(cx, store, 1);
    CHECK_OK(cx, store_interaction_find(cx, store, &key, NULL, uid_of(cx, 10), &text, &found));
    CHECK(!found);
    CHECK_OK(cx, store_thing_exists(cx, store, "farm", NULL, uid_of(cx, 1), &found));
    CHECK(!found);
}

TEST("what one uid has left is deleted before others' where a thing is to be made again")
{
    store_handle *store = fresh_store(cx);
    bool more = true;
    add_full_thing(cx, store, 1);
    add_full_thing(cx, store, 2);
    remove_thing(cx, store, 1);
    remove_thing(cx, store, 2);
    int steps = 0;
    for (; more; steps++)
        CHECK_OK(cx, store_removal_finish(cx, store, "farm", uid_of(cx, 2), 10, &more));
    CHECK_INT(steps, 6);
    CHECK_INT(history_rows(cx, store), 2 * VALUES);
    CHECK_INT(removals(cx, store), 1);
    CHECK_OK(cx, store_removal_finish(cx, store, "farm", uid_of(cx, 3), 10, &more));
    CHECK(!more);
}

TEST("deleting goes on after a restart, in the middle of a space")
{
    const char *url = fresh_url(cx);
    store_handle *store = open_store(cx, url, STORE_CREATE);
    bool found, more = true;
    CHECK_OK(cx, store_begin(cx, store));
    CHECK_OK(cx, store_space_add(cx, store, "farm", 1));
    CHECK_OK(cx, store_space_add(cx, store, "mill", 1));
    add_category(cx, store, "A");
    add_model(cx, store, "M", 2, "{}");
    for (int i = 1; i <= 3; i++)
        add_full_thing(cx, store, i);
    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    CHECK(found);

    int left = history_rows(cx, store), steps = 0;
    for (; more; steps++) {
        if (removals(cx, store) > 0)
            CHECK_FAILS(cx, store_space_add(cx, store, "farm", 1), IOTS_UNAVAILABLE);
        CHECK_OK(cx, store_removals_purge(cx, store, 10, &more));
        CHECK_OK(cx, store_check(cx, store));
        const int now = history_rows(cx, store);
        CHECK(now >= left - 10 && steps < 40);
        left = now;
        store = opened_again(cx, store, url);
    }
    CHECK(steps > 15);
    CHECK_INT(left + interaction_rows(cx, store) + removals(cx, store), 0);
    CHECK_OK(cx, store_space_add(cx, store, "farm", 1));
    CHECK_TEXT(things_matching(cx, store, &(thing_filter){0}, ""), "");
}
