/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What if the database goes away here? Every function of the store is run again and again, each time
 * with a later call to the database failing, until none is left to fail. Each time it must say so,
 * and after rolling back nothing half-done may be seen.
 */
#include "base/crypto.h"
#include "store/store_test.h"

/* ---- a store whose database can fail ---- */

static store_handle *faulty_store(ix_ctx *cx)
{
    store_handle *store = fresh_store(cx);
    store->db = db_faulty_new(store->db);
    CHECK(store->db != NULL);
    return store;
}

/* Everything there is, as text. */
static const char *everything(ix_ctx *cx, store_handle *store)
{
    static const char *const tables[] = {
        "SELECT name FROM spaces",
        "SELECT id || ' ' || coalesce(secret, '-') || ' ' || scopes || ' ' || spaces FROM clients",
        "SELECT client || ' ' || scopes || ' ' || spaces FROM tokens ORDER BY expires",
        "SELECT name || password || scopes || ' ' || spaces FROM users",
        "SELECT id || client || username || spaces || redeemed || expires FROM grants",
        "SELECT space || ' ' || name || ' ' || description || ' ' || modified FROM categories",
        "SELECT space || id || name || description || modified FROM models",
        "SELECT space || model || version || title || template FROM versions",
        "SELECT space || kind || owner || id || username || password || enabled || description"
        " FROM credentials",
        "SELECT uid || ' ' || title || categories || coalesce(model, '-') || version"
        " || coalesce(client_id, '-') || modified || doc FROM things",
        "SELECT space || ' ' || category || ' ' || thing FROM members",
        "SELECT type || ' ' || thing FROM types",
        "SELECT space || ' ' || thing || ' ' || text FROM search_texts",
        "SELECT thing || ord || coalesce(rel, '-') || coalesce(href, '-') FROM links",
        "SELECT thing || name || ord || value || affordance || coalesce(at, 0) || ' '"
        " || coalesce(at_floor, 0) FROM properties",
        "SELECT thing || ' ' || name || ' ' || at || ' ' || value FROM history",
        "SELECT thing || ' ' || kind || ' ' || name || ' ' || affordance FROM affordances",
        "SELECT id || ' ' || thing || ' ' || kind || ' ' || name || ' ' || doc FROM entries",
        "SELECT space || id || ' ' || due || ' ' || attempts || recipients || doc FROM mail",
    };
    ix_buf all = {0};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        db_rows *rows;
        CHECK_OK(cx, sql_rows(cx, store, tables[i], NULL, 0, &rows));
        while (sql_next(cx, store, rows)) {
            ix_buf_str(&all, sql_str(store, rows, 0));
            ix_buf_char(&all, '\n');
        }
        sql_done(store, rows);
        CHECK(!ix_failed(cx));
    }
    const char *text = ix_strdup(cx, ix_buf_cstr(&all));
    ix_buf_done(&all);
    return text;
}

static const char digest[IX_DIGEST_LEN] = "0123456789abcdef0123456789abcdef";

static grant_row grant_of(const char *id)
{
    return (grant_row){.id = id,
                       .client = "farm::1",
                       .user = "ada",
                       .scopes = "thing",
                       .spaces = "farm",
                       .redirect = "https://app.example/",
                       .secret = digest,
                       .expires_us = 7};
}

static credentials_row credentials_of(ix_ctx *cx, const char *category)
{
    return (credentials_row){
        .owner = {.space = "farm", .thing = category ? NULL : uid_of(cx, 1), .category = category},
        .id = "1",
        .username = category ? "a@farm" : "1@farm",
        .password_hash = "h",
        .description = "",
    };
}

/* The events "e" of the first thing: as many as are kept. */
static interaction_key events_of(ix_ctx *cx)
{
    return (interaction_key){"farm", uid_of(cx, 1), INTERACTION_EVENT, "e"};
}

static void add_events(ix_ctx *cx, store_handle *store)
{
    const interaction_key key = events_of(cx);
    for (int i = 0; i < INTERACTIONS_KEPT; i++)
        CHECK_OK(cx, store_interaction_add(cx, store, &key, uid_of(cx, i), "{}"));
}

static bool add_mail(ix_ctx *cx, store_handle *store, const char *id)
{
    const mail_row row = {.space = "farm", .id = id, .recipients = "[]", .doc = "{}"};
    return store_mail_add(cx, store, &row);
}

/* A store with something of everything. */
static store_handle *full_store(ix_ctx *cx)
{
    store_handle *store = faulty_store(cx);
    const client_row client = {
        .id = "farm::1", .scopes = "thing", .spaces = "farm", .thing = uid_of(cx, 1)};
    const token_row token = {.digest = digest,
                             .client = "farm::1",
                             .scopes = "thing",
                             .spaces = "farm",
                             .grant = "1",
                             .expires_us = 5};
    add_category(cx, store, "A");
    add_category(cx, store, "B");
    add_model(cx, store, "M", 2, "{}");
    for (int i = 1; i <= 3; i++) {
        add_thing(cx, store, i, JSON({
                      "title" : "thing",
                      "@type" : [ "T", "U" ],
                      "categories" : [ "A", "B" ],
                      "properties" : {"a" : {}, "b" : {}, "c" : {}},
                      "actions" : {"f" : {}},
                      "events" : {"e" : {}},
                      "links" : [ {"rel" : "r", "href" : "h"}, {} ]
                  }));
        CHECK_OK(cx, store_values_set(cx, store, "farm", uid_of(cx, i),
                                      json_of(cx, JSON({"a" : 1, "b" : "x", "c" : [ 1, 2 ]})), NULL,
                                      10, true));
    }
    add_events(cx, store);
    CHECK_OK(cx, store_client_put(cx, store, &client));
    CHECK_OK(cx, store_token_add(cx, store, &token));
    const user_row user = {.name = "ada", .password_hash = "h", .scopes = "", .spaces = "farm"};
    const grant_row grant = grant_of("1");
    CHECK_OK(cx, store_user_put(cx, store, &user));
    CHECK_OK(cx, store_grant_add(cx, store, &grant));
    CHECK_OK(cx, store_thing_set_client(cx, store, "farm", uid_of(cx, 1), "farm::1"));
    const credentials_row of_thing = credentials_of(cx, NULL),
                          of_category = credentials_of(cx, "A");
    CHECK_OK(cx, store_credentials_put(cx, store, &of_thing));
    CHECK_OK(cx, store_credentials_put(cx, store, &of_category));
    CHECK_OK(cx, add_mail(cx, store, "1"));
    CHECK_OK(cx, store_commit(cx, store));
    return store;
}

/* ---- what can be asked of a store ---- */

static bool hear_anything(void *arg, ix_str text)
{
    (void)arg;
    (void)text;
    return true;
}

static bool do_space_add(ix_ctx *cx, store_handle *store)
{
    return store_space_add(cx, store, "field", 1);
}

static bool do_space_remove(ix_ctx *cx, store_handle *store)
{
    bool found;
    return store_space_remove(cx, store, "farm", &found);
}

static bool do_client_put(ix_ctx *cx, store_handle *store)
{
    const client_row client = {.id = "farm::1", .scopes = "x", .spaces = "farm"};
    return store_client_put(cx, store, &client);
}

static bool do_client_remove(ix_ctx *cx, store_handle *store)
{
    bool found;
    return store_client_remove(cx, store, "farm::1", &found);
}

static bool do_token_add(ix_ctx *cx, store_handle *store)
{
    const token_row token = {.digest = "fedcba9876543210fedcba9876543210",
                             .client = "farm::1",
                             .scopes = "x",
                             .spaces = "farm",
                             .expires_us = 6};
    return store_token_add(cx, store, &token);
}

static bool do_token_remove(ix_ctx *cx, store_handle *store)
{
    bool found;
    return store_token_remove(cx, store, digest, &found);
}

static bool do_tokens_remove_of(ix_ctx *cx, store_handle *store)
{
    return store_tokens_remove_of(cx, store, "farm::1");
}

static bool do_tokens_purge(ix_ctx *cx, store_handle *store)
{
    bool more;
    return store_tokens_purge(cx, store, 100, 10, &more);
}

static bool do_credentials_put(ix_ctx *cx, store_handle *store)
{
    credentials_row row = credentials_of(cx, NULL);
    row.description = "new";
    return store_credentials_put(cx, store, &row);
}

static bool do_credentials_remove(ix_ctx *cx, store_handle *store)
{
    const credentials_row row = credentials_of(cx, NULL);
    bool found;
    return store_credentials_remove(cx, store, &row.owner, &found);
}

static bool do_user_put(ix_ctx *cx, store_handle *store)
{
    const user_row user = {.name = "ada", .password_hash = "i", .scopes = "x", .spaces = ""};
    return store_user_put(cx, store, &user);
}

static bool do_user_remove(ix_ctx *cx, store_handle *store)
{
    bool found;
    return store_user_remove(cx, store, "ada", &found);
}

static bool do_grant_add(ix_ctx *cx, store_handle *store)
{
    const grant_row grant = grant_of("2");
    return store_grant_add(cx, store, &grant);
}

static bool do_grant_exchange(ix_ctx *cx, store_handle *store)
{
    const grant_row grant = {.id = "1", .is_redeemed = true, .expires_us = 8};
    bool found;
    return store_grant_exchange(cx, store, &grant, digest, &found);
}

static bool hear_digest(void *arg, const void *heard)
{
    (void)arg;
    (void)heard;
    return true;
}

static bool do_grant_remove(ix_ctx *cx, store_handle *store)
{
    return store_grant_remove(cx, store, "1", hear_digest, NULL);
}

static bool do_grants_remove_of(ix_ctx *cx, store_handle *store)
{
    return store_grants_remove_of(cx, store, "ada");
}

static bool do_category_add(ix_ctx *cx, store_handle *store)
{
    const category_row row = {.name = "C", .description = ""};
    return store_category_add(cx, store, "farm", &row);
}

static bool do_category_set(ix_ctx *cx, store_handle *store)
{
    const category_row row = {.name = "A", .description = "new"};
    return store_category_set(cx, store, "farm", &row);
}

static bool do_category_remove(ix_ctx *cx, store_handle *store)
{
    bool found, more;
    return store_category_remove(cx, store, "farm", "A", 100, &found, &more);
}

static bool do_model_add(ix_ctx *cx, store_handle *store)
{
    const model_row row = {.id = "2", .name = "N", .description = ""};
    return store_model_add(cx, store, "farm", &row);
}

static bool do_model_set(ix_ctx *cx, store_handle *store)
{
    const model_row row = {.name = "M", .description = "new"};
    return store_model_set(cx, store, "farm", &row);
}

static bool do_model_remove(ix_ctx *cx, store_handle *store)
{
    return store_model_remove(cx, store, "farm", "M");
}

static bool do_version_add(ix_ctx *cx, store_handle *store)
{
    const version_row row = {
        .version = 3, .title = IX_STR("new"), .description = IX_STR(""), .template = IX_STR("{}")};
    return store_version_add(cx, store, "farm", "M", &row);
}

static bool do_thing_add(ix_ctx *cx, store_handle *store)
{
    const thing_row row = row_of(cx, 4, JSON({
                                     "@type" : "T",
                                     "categories" : ["A"],
                                     "properties" : {"a" : {}, "b" : {}},
                                     "actions" : {"f" : {}},
                                     "events" : {"e" : {}},
                                     "links" : [ {} ]
                                 }));
    return store_thing_add(cx, store, "farm", &row);
}

static bool do_thing_set(ix_ctx *cx, store_handle *store)
{
    const thing_row row = row_of(cx, 1, JSON({
                                     "title" : "new",
                                     "@type" : ["V"],
                                     "categories" : ["B"],
                                     "properties" : {"b" : {}, "d" : {}},
                                     "actions" : {"f" : {}, "g" : {}},
                                     "links" : [ {} ]
                                 }));
    return store_thing_set(cx, store, "farm", &row);
}

static bool do_thing_set_client(ix_ctx *cx, store_handle *store)
{
    return store_thing_set_client(cx, store, "farm", uid_of(cx, 2), "farm::2");
}

static bool do_thing_remove(ix_ctx *cx, store_handle *store)
{
    bool found;
    return store_thing_remove(cx, store, "farm", uid_of(cx, 1), &found);
}

static bool do_things_remove(ix_ctx *cx, store_handle *store)
{
    const thing_filter filter = {.type = "T"};
    return store_things_remove(cx, store, "farm", &filter, hear_anything, NULL);
}

static bool do_values_set(ix_ctx *cx, store_handle *store)
{
    return store_values_set(cx, store, "farm", uid_of(cx, 1),
                            json_of(cx, JSON({"b" : 2, "a" : "y"})), NULL, 10, true);
}

static bool do_value_time_set(ix_ctx *cx, store_handle *store)
{
    return store_value_time_set(cx, store, "farm", uid_of(cx, 1), "a", 5);
}

static bool do_history_add(ix_ctx *cx, store_handle *store)
{
    bool taken;
    return store_history_add(cx, store, "farm", uid_of(cx, 1), "a", 5, json_of(cx, "1"), &taken);
}

static bool do_history_remove(ix_ctx *cx, store_handle *store)
{
    const time_span all = {true, ix_time_first_us, ix_time_last_us};
    const char **names;
    size_t count, next = 0;
    int done;
    return store_history_names(cx, store, "farm", uid_of(cx, 1), &names, &count) &&
           store_history_remove(cx, store, "farm", uid_of(cx, 1), names, count, &all, 100, &next,
                                &done);
}

static bool do_removals_purge(ix_ctx *cx, store_handle *store)
{
    bool found, more = true;
    bool ok = store_thing_remove(cx, store, "farm", uid_of(cx, 1), &found) &&
              store_space_remove(cx, store, "farm", &found);
    while (ok && more)
        ok = store_removals_purge(cx, store, 1, &more);
    return ok;
}

static bool do_removal_finish(ix_ctx *cx, store_handle *store)
{
    bool found, more;
    return store_thing_remove(cx, store, "farm", uid_of(cx, 1), &found) &&
           store_removal_finish(cx, store, "farm", uid_of(cx, 1), 100, &more);
}

static bool do_history_purge(ix_ctx *cx, store_handle *store)
{
    int64_t removed;
    bool more;
    return store_history_purge(cx, store, 100, 100, &removed, &more);
}

static bool do_interaction_add(ix_ctx *cx, store_handle *store)
{
    const interaction_key key = events_of(cx);
    return store_interaction_add(cx, store, &key, uid_of(cx, 1000), "{}");
}

static bool do_interaction_set(ix_ctx *cx, store_handle *store)
{
    const interaction_key key = events_of(cx);
    return store_interaction_set(cx, store, &key, uid_of(cx, 1), "{\"data\":1}");
}

static bool do_interaction_remove(ix_ctx *cx, store_handle *store)
{
    const interaction_key key = events_of(cx);
    return store_interaction_remove(cx, store, &key, uid_of(cx, 1));
}

static bool do_mail_add(ix_ctx *cx, store_handle *store)
{
    return add_mail(cx, store, "2");
}

static bool do_mail_take(ix_ctx *cx, store_handle *store)
{
    mail_row row;
    bool found;
    return store_mail_take(cx, store, 5, 9, &row, &found);
}

static bool do_mail_postpone(ix_ctx *cx, store_handle *store)
{
    return store_mail_postpone(cx, store, "farm", "1", "[1]", 7);
}

static bool do_mail_remove(ix_ctx *cx, store_handle *store)
{
    return store_mail_remove(cx, store, "farm", "1");
}

static bool do_mail_hurry(ix_ctx *cx, store_handle *store)
{
    return store_mail_hurry(cx, store, -1);
}

static const struct {
    const char *name;
    bool (*run)(ix_ctx *cx, store_handle *store);
} writes[] = {
    {"space_add", do_space_add},
    {"space_remove", do_space_remove},
    {"client_put", do_client_put},
    {"client_remove", do_client_remove},
    {"token_add", do_token_add},
    {"token_remove", do_token_remove},
    {"tokens_remove_of", do_tokens_remove_of},
    {"tokens_purge", do_tokens_purge},
    {"user_put", do_user_put},
    {"user_remove", do_user_remove},
    {"grant_add", do_grant_add},
    {"grant_exchange", do_grant_exchange},
    {"grant_remove", do_grant_remove},
    {"grants_remove_of", do_grants_remove_of},
    {"credentials_put", do_credentials_put},
    {"credentials_remove", do_credentials_remove},
    {"category_add", do_category_add},
    {"category_set", do_category_set},
    {"category_remove", do_category_remove},
    {"model_add", do_model_add},
    {"model_set", do_model_set},
    {"model_remove", do_model_remove},
    {"version_add", do_version_add},
    {"thing_add", do_thing_add},
    {"thing_set", do_thing_set},
    {"thing_set_client", do_thing_set_client},
    {"thing_remove", do_thing_remove},
    {"removals_purge", do_removals_purge},
    {"removal_finish", do_removal_finish},
    {"things_remove", do_things_remove},
    {"values_set", do_values_set},
    {"value_time_set", do_value_time_set},
    {"history_add", do_history_add},
    {"history_remove", do_history_remove},
    {"history_purge", do_history_purge},
    {"interaction_add", do_interaction_add},
    {"interaction_set", do_interaction_set},
    {"interaction_remove", do_interaction_remove},
    {"mail_add", do_mail_add},
    {"mail_take", do_mail_take},
    {"mail_postpone", do_mail_postpone},
    {"mail_remove", do_mail_remove},
    {"mail_hurry", do_mail_hurry},
};

static bool hear_client_row(void *arg, const client_row *row)
{
    (void)arg;
    (void)row;
    return true;
}

static bool hear_user_row(void *arg, const user_row *row)
{
    (void)arg;
    (void)row;
    return true;
}

static bool hear_token_row(void *arg, const token_row *row)
{
    (void)arg;
    (void)row;
    return true;
}

static bool hear_category_row(void *arg, const category_row *row)
{
    (void)arg;
    (void)row;
    return true;
}

static bool hear_view(void *arg, const thing_view *view, ix_str keys)
{
    (void)arg;
    (void)view;
    (void)keys;
    return true;
}

static bool hear_item(void *arg, int64_t at_us, ix_str name, ix_str values)
{
    (void)arg;
    (void)at_us;
    (void)name;
    (void)values;
    return true;
}

static bool list_spaces(ix_ctx *cx, store_handle *store)
{
    return store_spaces_each(cx, store, hear_anything, NULL);
}

static bool list_clients(ix_ctx *cx, store_handle *store)
{
    return store_clients_each(cx, store, hear_client_row, NULL);
}

static bool list_tokens(ix_ctx *cx, store_handle *store)
{
    return store_tokens_each(cx, store, hear_token_row, NULL);
}

static bool list_users(ix_ctx *cx, store_handle *store)
{
    return store_users_each(cx, store, hear_user_row, NULL);
}

static bool list_categories(ix_ctx *cx, store_handle *store)
{
    const page_range page = {.limit = 10, .is_backward = true};
    bool more;
    return store_categories_list(cx, store, "farm", &page, hear_category_row, NULL, &more);
}

static bool hear_model_row(void *arg, const model_row *row)
{
    (void)arg;
    (void)row;
    return true;
}

static bool hear_version_row(void *arg, const version_row *row)
{
    (void)arg;
    (void)row;
    return true;
}

static bool list_models(ix_ctx *cx, store_handle *store)
{
    const page_range page = {.limit = 10};
    bool more;
    return store_models_list(cx, store, "farm", &page, hear_model_row, NULL, &more) &&
           store_versions_list(cx, store, "farm", "M", &page, hear_version_row, NULL, &more);
}

static bool find_model(ix_ctx *cx, store_handle *store)
{
    model_row model;
    version_row version;
    int64_t newest;
    bool found, by_categories;
    return store_model_find(cx, store, "farm", "M", &model, &found) &&
           store_version_newest(cx, store, "farm", "M", &newest) &&
           store_version_find(cx, store, "farm", "M", 1, &version, &found) &&
           store_model_used(cx, store, "farm", "M", &by_categories, &found) &&
           store_members_each(cx, store, "farm", "A", hear_anything, NULL);
}

static bool list_things(ix_ctx *cx, store_handle *store, const char *key, bool backward)
{
    const sort_list sort = {.keys = {{key, false}}, .count = key ? 1 : 0};
    const page_range page = {.limit = 10, .is_backward = backward};
    bool more;
    filter_condition condition;
    CHECK_OK(cx, condition_parse(cx, IX_STR("c"), IX_STR("contains:1"), &condition));
    const thing_filter filter = {.type = "T", .title = "thing", .conditions = &condition};
    return store_things_list(cx, store, "farm", &filter, &sort, &page, hear_view, NULL, &more);
}

static bool list_found(ix_ctx *cx, store_handle *store)
{
    const sort_list sort = {.keys = {{"title", false}}, .count = 1};
    const page_range page = {.limit = 10};
    const thing_filter filter = {.search = "01jm2"};
    bool more;
    return store_things_list(cx, store, "farm", &filter, &sort, &page, hear_view, NULL, &more);
}

static bool list_by_uid(ix_ctx *cx, store_handle *store)
{
    return list_things(cx, store, NULL, false);
}

static bool list_by_title(ix_ctx *cx, store_handle *store)
{
    return list_things(cx, store, "title", true);
}

static bool list_by_value(ix_ctx *cx, store_handle *store)
{
    return list_things(cx, store, "status.a", false);
}

static bool list_history(ix_ctx *cx, store_handle *store)
{
    const history_query query = {.group = true};
    const page_range page = {.limit = 10};
    bool more;
    return store_history_list(cx, store, "farm", uid_of(cx, 1), &query, &page, hear_item, NULL,
                              &more);
}

static bool hear_interaction(void *arg, ix_str id, ix_str name, ix_str doc)
{
    (void)arg;
    (void)id;
    (void)name;
    (void)doc;
    return true;
}

static bool list_interactions(ix_ctx *cx, store_handle *store)
{
    const interaction_key key = events_of(cx);
    ix_json *boundary = ix_json_new_array(cx);
    CHECK(ix_json_append(cx, boundary, ix_json_new_string(cx, uid_of(cx, 50))));
    const page_range page = {.limit = 10, .is_backward = true, .boundary = boundary};
    bool more;
    return store_interactions_list(cx, store, &key, &page, hear_interaction, NULL, &more);
}

static bool find_interaction(ix_ctx *cx, store_handle *store)
{
    const interaction_key key = events_of(cx);
    ix_str text;
    bool found;
    return store_affordance_find(cx, store, &key, "A", &text, &found) &&
           store_interaction_find(cx, store, &key, "A", uid_of(cx, 1), &text, &found) &&
           store_interactions_any(cx, store, &key, &found);
}

static bool find_thing(ix_ctx *cx, store_handle *store)
{
    thing_view view;
    bool found;
    return store_thing_find(cx, store, "farm", "A", uid_of(cx, 1), true, &view, &found);
}

static bool find_the_rest(ix_ctx *cx, store_handle *store)
{
    client_row client;
    user_row user;
    grant_row grant;
    credentials_row credentials = credentials_of(cx, NULL);
    category_row category;
    property_row property;
    ix_str values;
    ix_ulid last;
    int64_t due_us;
    bool found;
    return store_client_find(cx, store, "farm::1", &client, &found) &&
           store_user_find(cx, store, "ada", &user, &found) &&
           store_grant_find(cx, store, "1", &grant, &found) &&
           store_credentials_find(cx, store, &credentials.owner, &credentials, &found) &&
           store_credentials_find_user(cx, store, "farm", "1@farm", &credentials, &found) &&
           store_category_find(cx, store, "farm", "A", &category, &found) &&
           store_property_find(cx, store, "farm", "A", uid_of(cx, 1), "a", &property, &found) &&
           store_thing_exists(cx, store, "farm", "A", uid_of(cx, 1), &found) &&
           store_values_get(cx, store, "farm", uid_of(cx, 1), VALUES_ONLY, &values) &&
           store_history_any(cx, store, "farm", uid_of(cx, 1), "a", &found) &&
           store_history_has(cx, store, "farm", uid_of(cx, 1), "a", 5, json_of(cx, "1"), &found) &&
           store_last_uid(cx, store, INT64_C(4102444800000000), &last, &found) &&
           store_mail_due(cx, store, &due_us, &found) &&
           store_mail_is_full(cx, store, 10, &found) && store_check(cx, store);
}

static bool (*const reads[])(ix_ctx *cx, store_handle *store) = {
    list_spaces,   list_users,    list_clients, list_tokens,  list_categories,   list_by_uid,
    list_by_title, list_by_value, list_found,   list_history, list_interactions, find_interaction,
    find_thing,    find_the_rest, list_models,  find_model,
};

/* ---- the tests ---- */

enum { CALLS_MAX = 1000 }; /* no function asks the database more often than that here */

TEST("a write that fails anywhere says so, and rolling back leaves nothing of it")
{
    store_handle *store = full_store(cx);
    const char *before = everything(cx, store);
    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        int nth = 1;
        for (;; nth++) {
            CHECK(nth < CALLS_MAX);
            CHECK_OK(cx, store_begin(cx, store));
            db_faulty_set(store->db, nth, IOTS_UNAVAILABLE);
            const bool ok = writes[i].run(cx, store);
            db_faulty_set(store->db, 0, IOTS_OK);
            store_rollback(store);
            CHECK_INT(cx->error.code, ok ? IOTS_OK : IOTS_UNAVAILABLE);
            ix_ctx_clear_error(cx);
            if (strcmp(everything(cx, store), before) != 0)
                fail_msg("%s leaves something when call %d fails", writes[i].name, nth);
            if (ok)
                break;
        }
        CHECK(nth > 1);
    }
}

TEST("what others did in the same transaction stays when one write fails")
{
    store_handle *store = full_store(cx);
    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        CHECK_OK(cx, store_begin(cx, store));
        CHECK_OK(cx, store_space_add(cx, store, "barn", 1));
        const char *before = everything(cx, store);
        for (int nth = 1;; nth++) {
            CHECK_OK(cx, store_savepoint(cx, store));
            db_faulty_set(store->db, nth, IOTS_NO_ROOM);
            const bool ok = writes[i].run(cx, store);
            db_faulty_set(store->db, 0, IOTS_OK);
            store_rollback_to(store);
            CHECK_INT(cx->error.code, ok ? IOTS_OK : IOTS_NO_ROOM);
            ix_ctx_clear_error(cx);
            CHECK_TEXT(everything(cx, store), before);
            if (ok)
                break;
        }
        store_rollback(store);
    }
}

TEST("a read that fails anywhere says so, and the next one works")
{
    store_handle *store = full_store(cx);
    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
        for (int nth = 1;; nth++) {
            CHECK(nth < CALLS_MAX);
            db_faulty_set(store->db, nth, IOTS_UNAVAILABLE);
            const bool ok = reads[i](cx, store);
            db_faulty_set(store->db, 0, IOTS_OK);
            CHECK(!store_in_transaction(store));
            if (ok)
                break;
            CHECK_INT(cx->error.code, IOTS_UNAVAILABLE);
            ix_ctx_clear_error(cx);
        }
        CHECK_OK(cx, reads[i](cx, store));
    }
}

TEST("a commit that fails commits nothing")
{
    store_handle *store = full_store(cx);
    const char *before = everything(cx, store);
    CHECK_OK(cx, store_begin(cx, store));
    CHECK_OK(cx, do_values_set(cx, store));
    db_faulty_set(store->db, 1, IOTS_UNAVAILABLE);
    CHECK_FAILS(cx, store_commit(cx, store), IOTS_UNAVAILABLE);
    store_rollback(store);
    CHECK_TEXT(everything(cx, store), before);
    db_faulty_set(store->db, 1, IOTS_UNAVAILABLE);
    CHECK_FAILS(cx, store_begin(cx, store), IOTS_UNAVAILABLE);
}
