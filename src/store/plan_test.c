/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the database go by an index wherever a store may be large?
 *
 * The store's driver is replaced by one that asks SQLite for the plan of every statement before it
 * runs it, and remembers plans that scan a table or sort what should come sorted.
 */
#include "store/store_test.h"
#include "store/thing_key.h"

typedef struct watcher {
    db_conn base;
    db_conn *inner;
    ix_ctx *cx;
    ix_buf complaints;
} watcher;

static watcher watcher_of; /* of the test that runs */

static bool is_bad(const char *sql, const char *step)
{
    /* What is scanned after these words is not a table. */
    if (strstr(step, "json_each") || strstr(step, "SCAN CONSTANT ROW") ||
        strstr(step, "VIRTUAL TABLE INDEX 0:M1") || strstr(step, "SCAN few") ||
        strcmp(step, "SCAN d") == 0 || strcmp(step, "SCAN names") == 0 ||
        strcmp(step, "SCAN keys") == 0)
        return false;
    if (strcmp(step, "SCAN t") == 0 && strstr(sql, " LIMIT 50) t WHERE "))
        return false; /* a look at the next few things */
    if (strncmp(step, "SCAN", 4) == 0)
        return true;
    /* All of a space is as good as the whole table, but for things that come in order, the least or
     * largest of all, and an index in which there is next to nothing. */
    if (strstr(step, "(space=?)") && strncmp(step, "SEARCH t ", 9) != 0 && !strstr(sql, "max(") &&
        !strstr(step, "things_with_dots"))
        return true;
    /* The next series is a single row. */
    if (strstr(sql, "ORDER BY space, thing, name, at LIMIT 1"))
        return strncmp(step, "USE TEMP B-TREE", 15) == 0;
    /* Nor are values asked for thing by thing, unless it is known which, or a few of them in order. */
    if (strstr(step, "thing>?") || strstr(step, "thing<?"))
        return !strstr(step, "name=?") && !strstr(step, "type=?") && !strstr(step, "category=?") &&
               !strstr(sql, "ORDER BY thing, name LIMIT");
    /* All entries of a space are as good as the whole table. */
    if (strstr(step, " entries USING PRIMARY KEY") && !strstr(step, "id=?"))
        return true;
    /* Where few things lead, the table of things is asked for each of them, and not gone through. */
    if (strstr(sql, "CROSS JOIN") && strncmp(step, "SEARCH t ", 9) == 0)
        return !strstr(step, "uid=?");
    if (strstr(sql, "SELECT DISTINCT thing") || strstr(sql, "LIMIT 5000) d") ||
        strstr(sql, ") d WHERE 1 = 1") || strstr(sql, ") parts ORDER BY thing"))
        return false; /* few things are put in order */
    return strncmp(step, "USE TEMP B-TREE", 15) == 0;
}

static void ask_plan(const char *sql, const db_value *args, size_t nargs)
{
    const db_driver *driver = watcher_of.inner->driver;
    ix_ctx *cx = watcher_of.cx;
    db_rows *rows;
    if (!driver->run_once(cx, watcher_of.inner, ix_format(cx, "EXPLAIN QUERY PLAN %s", sql), args,
                          nargs, &rows))
        return;
    while (driver->next(cx, rows)) {
        const ix_str step = driver->column(rows, 3).text;
        if (is_bad(sql, ix_strndup(cx, step.at, step.len)))
            ix_buf_format(&watcher_of.complaints, "%s\n    %.*s\n", sql, (int)step.len, step.at);
    }
    driver->done(rows);
}

static bool watched_run(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args,
                        size_t nargs, db_rows **ret)
{
    (void)db;
    ask_plan(sql, args, nargs);
    return watcher_of.inner->driver->run(cx, watcher_of.inner, sql, args, nargs, ret);
}

static bool watched_run_once(ix_ctx *cx, db_conn *db, const char *sql, const db_value *args,
                             size_t nargs, db_rows **ret)
{
    (void)db;
    ask_plan(sql, args, nargs);
    return watcher_of.inner->driver->run_once(cx, watcher_of.inner, sql, args, nargs, ret);
}

static bool watched_stream(ix_ctx *cx, db_conn *db, const char *sql, bool is_kept,
                           const db_value *args, size_t nargs, db_rows **ret)
{
    return (is_kept ? watched_run : watched_run_once)(cx, db, sql, args, nargs, ret);
}

static bool watched_in_transaction(db_conn *db)
{
    (void)db;
    return true;
}

static int64_t watched_changes(db_conn *db)
{
    (void)db;
    return watcher_of.inner->driver->changes(watcher_of.inner);
}

/* A store like `store`, in its transaction, whose statements are watched. */
static store_handle watch(ix_ctx *cx, store_handle *store)
{
    static db_driver driver;
    driver = *store->db->driver;
    driver.run = watched_run;
    driver.run_once = watched_run_once;
    driver.stream = watched_stream;
    driver.in_transaction = watched_in_transaction;
    driver.changes = watched_changes;
    watcher_of = (watcher){.base.driver = &driver, .inner = store->db, .cx = cx};
    return (struct store_handle){.db = &watcher_of.base};
}

static void check_plans(void)
{
    fputs(ix_buf_cstr(&watcher_of.complaints), stderr);
    const bool ok = watcher_of.complaints.len == 0;
    ix_buf_done(&watcher_of.complaints);
    CHECK(ok);
}

/* Enough things that none of these values is rare, but `title`. */
static store_handle *large_store(ix_ctx *cx)
{
    store_handle *store = fresh_store(cx);
    add_category(cx, store, "A");
    for (int i = 1; i <= 5100; i++) {
        const char *doc = ix_format(cx, JSON({
                                        "title" : "Thing %d",
                                        "@type" : "Pump",
                                        "categories" : ["A"],
                                        "model" : {"name" : "M", "version" : 1},
                                        "properties" : {"p" : {}, "q" : {}},
                                        "links" : [ {"rel" : "r", "href" : "h"} ]
                                    }),
                                    i);
        add_thing(cx, store, i, doc);
        CHECK_OK(cx, store_values_set(cx, store, "farm", uid_of(cx, i),
                                      json_of(cx, JSON({"p" : 1, "q" : "on"})), NULL, i, true));
    }
    return store;
}

TEST("pages of things go by an index, whatever is asked for")
{
    static const bool yes = true;
    static const char *const conditions[][2] = {
        {"p", "1"},       {"p", "gt:0"},       {"p", "lt:0"}, {"q", "on"},
        {"q", "gt:a"},    {"q", "neq:x"},      {"q", "rare"}, {"p", "true"},
        {"p", "eq:null"}, {"q", "contains:o"}, {"p.a", "1"},  {"p", "eq:[1]"},
    };
    store_handle *store = large_store(cx);
    struct store_handle watched = watch(cx, store);
    const char *ids[] = {uid_of(cx, 2), uid_of(cx, 4)};
    const char *categories[] = {"A", "B"};
    const thing_filter filters[] = {
        {0},
        {.title = "Thing 7"},
        {.type = "Pump"},
        {.type = "Fan"},
        {.model = "M"},
        {.model = "M", .version = 1},
        {.ids = ids, .id_count = 2},
        {.categories = categories, .category_count = 1},
        {.categories = categories, .category_count = 2},
        {.route_category = "A"},
        {.route_category = "A", .type = "Pump"},
        {.route_category = "A", .title = "Thing 9"},
        {.in_category = &yes},
        {.search = "g 70"},
        {.search = "thing"},
        {.search = "thing", .type = "Fan"},
        {.search = "nowhere"},
        {.search = "t"},
        {.search = "zz"},
        {.links_rel = "r"},
        {.links_href = "h"},
        {.links_rel = "r", .links_href = "h"},
    };
    const sort_list by_uid = {0};
    heard heard = {.cx = cx};
    bool more;

    for (int backward = 0; backward <= 1; backward++) {
        ix_json *boundary = ix_json_new_array(cx);
        CHECK(ix_json_append(cx, boundary, ix_json_new_string(cx, uid_of(cx, 1000))));
        const page_range page = {.limit = 10, .is_backward = backward, .boundary = boundary};
        for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
            CHECK_OK(cx, store_things_list(cx, &watched, "farm", &filters[i], &by_uid, &page,
                                           hear_thing, &heard, &more));
        for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
            filter_condition condition;
            CHECK_OK(cx, condition_parse(cx, ix_str_of(conditions[i][0]),
                                         ix_str_of(conditions[i][1]), &condition));
            const thing_filter filter = {.conditions = &condition};
            CHECK_OK(cx, store_things_list(cx, &watched, "farm", &filter, &by_uid, &page,
                                           hear_thing, &heard, &more));
        }
        static const char *const times[] = {"lt:1970-01-01T00:00:00.001Z",
                                            "gt:1970-01-01T00:00:00.001Z",
                                            "eq:2024-01-01T00:00:00Z", "lt:2024-01-01T00:00:00Z"};
        for (size_t i = 0; i < 2 * sizeof(times) / sizeof(times[0]); i++) {
            filter_condition rare, time;
            CHECK_OK(cx, condition_parse_time(cx, IX_STR("p"), ix_str_of(times[i / 2]), &time));
            CHECK_OK(cx, condition_parse(cx, IX_STR("q"), IX_STR("rare"), &rare));
            if (i % 2)
                time.next = &rare;
            const thing_filter filter = {.conditions = &time, .any_of = true};
            CHECK_OK(cx, store_things_list(cx, &watched, "farm", &filter, &by_uid, &page,
                                           hear_thing, &heard, &more));
        }
    }
    words_of(cx, &heard);
    check_plans();
}

/* The keys of a thing in the middle of what is sorted. */
static const ix_json *boundary_of(ix_ctx *cx, const sort_key *sort)
{
    ix_buf first = {0};
    if (strcmp(sort->path, "title") == 0)
        thing_key_add_text(&first, IX_STR("Thing 3"), sort->descending);
    else if (strcmp(sort->path, "status.p") == 0)
        thing_key_add(&first, value_key(cx, json_of(cx, "1")), sort->descending);
    else if (strcmp(sort->path, "status.q") == 0)
        thing_key_add_none(&first);
    else
        thing_key_add_int(&first, 1000, sort->descending);
    const thing_key key = {.first = {ix_buf_cstr(&first), first.len},
                           .uid = ix_str_of(uid_of(cx, 1000))};
    const ix_str keys = thing_key_write(cx, &key);
    ix_buf_done(&first);
    return json_of(cx, ix_format(cx, "[%s]", keys.at));
}

TEST("sorted pages come from an index, filtered or not, both ways")
{
    static const bool yes = true;
    static const char *const paths[] = {"title", "created", "modified", "status.p", "status.q"};
    store_handle *store = large_store(cx);
    struct store_handle watched = watch(cx, store);
    filter_condition gt, rare;
    CHECK_OK(cx, condition_parse(cx, IX_STR("p"), IX_STR("gt:0"), &gt));
    CHECK_OK(cx, condition_parse(cx, IX_STR("q"), IX_STR("rare"), &rare));
    const thing_filter filters[] = {
        {0}, {.conditions = &gt}, {.conditions = &rare}, {.type = "Pump"}, {.in_category = &yes},
    };
    heard heard = {.cx = cx};
    bool more;
    for (size_t i = 0; i < 5 * 8; i++) {
        const char *path = paths[i / 8];
        const sort_list sort = {.keys = {{path, i & 1}}, .count = 1};
        const page_range page = {.limit = 10,
                                 .is_backward = i & 2,
                                 .boundary = i & 4 ? boundary_of(cx, &sort.keys[0]) : NULL};
        for (size_t k = 0; k < sizeof(filters) / sizeof(filters[0]); k++)
            CHECK_OK(cx, store_things_list(cx, &watched, "farm", &filters[k], &sort, &page,
                                           hear_thing, &heard, &more));
    }
    /* All have the first key in common, so the second one is gone along. */
    for (size_t i = 0; i < 5 * 2; i++) {
        const sort_list sort = {.keys = {{i & 1 ? "status.q" : "status.none", false},
                                         {paths[i / 2], i % 3 == 0}},
                                .count = 2};
        const page_range page = {.limit = 10, .is_backward = i % 4 == 3};
        CHECK_OK(cx, store_things_list(cx, &watched, "farm", &filters[i & 1], &sort, &page,
                                       hear_thing, &heard, &more));
    }
    words_of(cx, &heard);
    check_plans();
}

static bool hear_nothing(void *arg, int64_t at_us, ix_str name, ix_str values)
{
    (void)arg;
    (void)at_us;
    (void)name;
    (void)values;
    return true;
}

static bool hear_category(void *arg, const category_row *row)
{
    (void)arg;
    (void)row;
    return true;
}

static bool hear_interaction(void *arg, ix_str id, ix_str name, ix_str doc)
{
    (void)arg;
    (void)id;
    (void)name;
    (void)doc;
    return true;
}

TEST("actions and events go by an index")
{
    store_handle *store = large_store(cx);
    struct store_handle watched = watch(cx, store);
    const interaction_key of_name = {"farm", uid_of(cx, 7), INTERACTION_EVENT, "e"};
    const interaction_key of_all = {"farm", uid_of(cx, 7), INTERACTION_EVENT, NULL};
    const thing_row row = row_of(cx, 7, JSON({"actions" : {"a" : {}}, "events" : {"e" : {}}}));
    const char *id = uid_of(cx, 5000);
    ix_json *boundary = ix_json_new_array(cx);
    CHECK(ix_json_append(cx, boundary, ix_json_new_string(cx, id)));
    ix_str text;
    ix_ulid last;
    bool found, more;

    CHECK_OK(cx, store_thing_set(cx, &watched, "farm", &row));
    CHECK_OK(cx, store_affordance_find(cx, &watched, &of_name, "A", &text, &found));
    CHECK_OK(cx, store_interaction_add(cx, &watched, &of_name, id, "{}"));
    CHECK_OK(cx, store_interaction_set(cx, &watched, &of_name, id, "{}"));
    CHECK_OK(cx, store_interaction_find(cx, &watched, &of_name, "A", id, &text, &found));
    CHECK_OK(cx, store_interactions_any(cx, &watched, &of_name, &found));
    for (int backward = 0; backward <= 1; backward++) {
        const page_range page = {.limit = 10, .is_backward = backward, .boundary = boundary};
        CHECK_OK(cx, store_interactions_list(cx, &watched, &of_name, &page, hear_interaction, NULL,
                                             &more));
        CHECK_OK(cx, store_interactions_list(cx, &watched, &of_all, &page, hear_interaction, NULL,
                                             &more));
    }
    CHECK_OK(cx, store_interaction_remove(cx, &watched, &of_name, id));
    CHECK_OK(cx, store_last_uid(cx, &watched, INT64_C(4102444800000000), &last, &found));
    CHECK_OK(cx, store_thing_remove(cx, &watched, "farm", uid_of(cx, 7), &found));
    check_plans();
}

static bool hear_digest(void *arg, const void *digest)
{
    (void)arg;
    (void)digest;
    return true;
}

static bool hear_model(void *arg, const model_row *row)
{
    (void)arg;
    (void)row;
    return true;
}

static bool hear_version(void *arg, const version_row *row)
{
    (void)arg;
    (void)row;
    return true;
}

static bool hear_text(void *arg, ix_str text)
{
    (void)arg;
    (void)text;
    return true;
}

TEST("Models go by an index")
{
    store_handle *store = large_store(cx);
    struct store_handle watched = watch(cx, store);
    const ix_json *name = json_of(cx, "[\"M\"]"), *number = json_of(cx, "[2]");
    model_row model;
    version_row version;
    int64_t newest;
    bool found, more, by_categories;
    add_model(cx, &watched, "M", 3, "{}");
    CHECK_OK(cx, store_model_find(cx, &watched, "farm", "M", &model, &found));
    CHECK_OK(cx, store_model_set(cx, &watched, "farm", &model));
    CHECK_OK(cx, store_model_used(cx, &watched, "farm", "M", &by_categories, &found));
    CHECK_OK(cx, store_version_newest(cx, &watched, "farm", "M", &newest));
    CHECK_OK(cx, store_version_find(cx, &watched, "farm", "M", 2, &version, &found));
    for (int backward = 0; backward <= 1; backward++) {
        const page_range by_name = {.limit = 2, .boundary = name, .is_backward = backward};
        const page_range by_number = {.limit = 2, .boundary = number, .is_backward = backward};
        CHECK_OK(cx, store_models_list(cx, &watched, "farm", &by_name, hear_model, NULL, &more));
        CHECK_OK(cx, store_versions_list(cx, &watched, "farm", "M", &by_number, hear_version, NULL,
                                         &more));
        CHECK_OK(cx,
                 store_categories_list(cx, &watched, "farm", &by_name, hear_category, NULL, &more));
    }
    CHECK_OK(cx, store_members_each(cx, &watched, "farm", "A", hear_text, NULL));
    CHECK_OK(cx, store_model_remove(cx, &watched, "farm", "M"));
    check_plans();
}

TEST("everything else goes by an index too")
{
    store_handle *store = large_store(cx);
    struct store_handle watched = watch(cx, store);
    const char *uid = uid_of(cx, 7);
    const ix_json *values = json_of(cx, JSON({"p" : 2, "q" : "off"}));
    const time_span all = {true, ix_time_first_us, ix_time_last_us};
    const time_span then = {false, 7, 7};
    const page_range page = {.limit = 10};
    const category_row category = {.name = "B", .description = ""};
    const thing_row row = row_of(cx, 7, JSON({"properties" : {"p" : {}}}));
    const token_row token = {.digest = "01234567890123456789012345678901",
                             .client = "app::1",
                             .scopes = "thing",
                             .spaces = "farm",
                             .expires_us = 7};
    const client_row client = {.id = "app::1", .scopes = "thing", .spaces = "farm"};
    const credentials_row credentials = {.owner = {.space = "farm", .thing = uid},
                                         .id = "1",
                                         .username = "a@farm",
                                         .password_hash = "h",
                                         .description = ""};
    const user_row user = {.name = "ada", .password_hash = "h", .scopes = "", .spaces = ""};
    const grant_row grant = {
        .id = "1", .client = "app::1", .user = "ada", .scopes = "", .spaces = "", .redirect = ""};
    credentials_row found_credentials;
    user_row found_user;
    grant_row found_grant;
    mail_row mail = {.space = "farm", .id = "1", .recipients = "[]", .doc = "{}"};
    client_row found_client;
    category_row found_category;
    thing_view view;
    property_row property;
    ix_str text;
    ix_ulid last;
    int64_t removed, due_us;
    const char **names;
    size_t count, next = 0;
    int done;
    bool found, more;

    CHECK_OK(cx, store_thing_find(cx, &watched, "farm", "A", uid, false, &view, &found));
    CHECK_OK(cx, store_thing_exists(cx, &watched, "farm", "A", uid, &found));
    CHECK_OK(cx, store_property_find(cx, &watched, "farm", "A", uid, "p", &property, &found));
    CHECK_OK(cx, store_values_get(cx, &watched, "farm", uid, VALUES_ONLY, &text));
    CHECK_OK(cx, store_values_set(cx, &watched, "farm", uid, values, NULL, 9, true));
    CHECK_OK(cx, store_value_time_set(cx, &watched, "farm", uid, "p", 9));
    CHECK_OK(cx, store_thing_set(cx, &watched, "farm", &row));
    CHECK_OK(cx, store_thing_set_client(cx, &watched, "farm", uid, "farm::7"));
    for (int i = 0; i < 8; i++) {
        const history_query query = {.name = i & 1 ? "p" : NULL,
                                     .at = i & 2 ? &all : &then,
                                     .group = !(i & 1) && i & 4};
        CHECK_OK(cx, store_history_list(cx, &watched, "farm", uid, &query, &page, hear_nothing,
                                        NULL, &more));
    }
    CHECK_OK(cx, store_history_any(cx, &watched, "farm", uid, "p", &found));
    CHECK_OK(cx, store_history_purge(cx, &watched, 5, 100, &removed, &more));
    CHECK_OK(cx, store_history_purge_narrower(cx, &watched, 5, 100, &removed, &more));
    CHECK_OK(cx, store_history_names(cx, &watched, "farm", uid, &names, &count));
    CHECK_OK(cx,
             store_history_remove(cx, &watched, "farm", uid, names, count, &all, 10, &next, &done));
    CHECK_OK(cx, store_category_add(cx, &watched, "farm", &category));
    CHECK_OK(cx, store_category_find(cx, &watched, "farm", "B", &found_category, &found));
    CHECK_OK(cx, store_category_set(cx, &watched, "farm", &category));
    CHECK_OK(cx, store_categories_list(cx, &watched, "farm", &page, hear_category, NULL, &more));
    CHECK_OK(cx, store_credentials_put(cx, &watched, &credentials));
    CHECK_OK(cx,
             store_credentials_find(cx, &watched, &credentials.owner, &found_credentials, &found));
    CHECK_OK(cx, store_credentials_find_user(cx, &watched, "farm", "a@farm", &found_credentials,
                                             &found));
    CHECK_OK(cx, store_credentials_remove(cx, &watched, &credentials.owner, &found));
    CHECK_OK(cx, store_category_remove(cx, &watched, "farm", "A", 10, &found, &more));
    CHECK_OK(cx, store_client_put(cx, &watched, &client));
    CHECK_OK(cx, store_token_add(cx, &watched, &token));
    CHECK_OK(cx, store_client_find(cx, &watched, "app::1", &found_client, &found));
    CHECK_OK(cx, store_user_put(cx, &watched, &user));
    CHECK_OK(cx, store_user_find(cx, &watched, "ada", &found_user, &found));
    CHECK_OK(cx, store_grant_add(cx, &watched, &grant));
    CHECK_OK(cx, store_grant_exchange(cx, &watched, &grant, token.digest, &found));
    CHECK_OK(cx, store_grant_find(cx, &watched, "1", &found_grant, &found));
    CHECK_OK(cx, store_grant_remove(cx, &watched, "1", hear_digest, NULL));
    CHECK_OK(cx, store_user_remove(cx, &watched, "ada", &found));
    CHECK_OK(cx, store_tokens_purge(cx, &watched, 9, 10, &more));
    CHECK_OK(cx, store_token_remove(cx, &watched, token.digest, &found));
    CHECK_OK(cx, store_client_remove(cx, &watched, "app::1", &found));
    CHECK_OK(cx, store_thing_remove(cx, &watched, "farm", uid, &found));
    CHECK_OK(cx, store_removal_finish(cx, &watched, "farm", uid, 10, &more));
    CHECK_OK(cx, store_removals_purge(cx, &watched, 10, &more));
    CHECK_OK(cx, store_last_uid(cx, &watched, INT64_C(4102444800000000), &last, &found));
    CHECK_OK(cx, store_mail_add(cx, &watched, &mail));
    CHECK_OK(cx, store_mail_is_full(cx, &watched, 10, &found));
    CHECK_OK(cx, store_mail_due(cx, &watched, &due_us, &found));
    CHECK_OK(cx, store_mail_take(cx, &watched, 5, 9, &mail, &found));
    CHECK_OK(cx, store_mail_postpone(cx, &watched, "farm", "1", "[]", 7));
    CHECK_OK(cx, store_mail_hurry(cx, &watched, 6));
    CHECK_OK(cx, store_mail_remove(cx, &watched, "farm", "1"));
    check_plans();
}
