/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "api/api_test.h"
#include "api/name_list.h"

static token_row row_of(const char *name, const char *client, int64_t expires_us, uint8_t *digest)
{
    ix_digest(ix_str_of(name), digest);
    return (token_row){digest, client, "thing.read", "farm mill", NULL, NULL, expires_us};
}

static void remove_client(api_auth *auth, const char *client)
{
    ix_map *ids = ix_map_new();
    CHECK(ids && ix_map_put(ids, ix_str_of(client), auth));
    auth_clients_removed(auth, ids);
    ix_map_free(ids);
}

static bool is_let_in(ix_ctx *cx, api_auth *auth, const char *name, int64_t now_us)
{
    api_caller who;
    const bool ok = auth_check(cx, auth, ix_str_of(ix_format(cx, "Bearer %s", name)), now_us, &who);
    ix_ctx_clear_error(cx);
    return ok;
}

TEST("a caller has the client, scopes, spaces and Thing of the token")
{
    farm(cx);
    token_for("t", "app::a", "thing.read offline", "farm mill", "01JM000000000000000000ZZZZ");
    api_caller who;
    CHECK_OK(cx, auth_check(cx, world.api->auth, IX_STR("Bearer t"), 0, &who));
    CHECK_TEXT(who.client, "app::a");
    CHECK_TEXT(who.spaces, "farm mill");
    CHECK_TEXT(who.thing, "01JM000000000000000000ZZZZ");
    CHECK(who.scopes == (IX_SCOPE_BIT(thing_read) | IX_SCOPE_BIT(offline)));
}

TEST("a token is good until the moment at which it expires")
{
    farm(cx);
    uint8_t digest[IX_DIGEST_LEN];
    const token_row row = row_of("t", "app::a", 1000, digest);
    CHECK(auth_token_added(world.api->auth, &row, 0));
    CHECK(is_let_in(cx, world.api->auth, "t", 999));
    CHECK(!is_let_in(cx, world.api->auth, "t", 1000));
}

TEST("a revoked token is refused at once, and so are all of a removed client")
{
    farm(cx);
    api_auth *auth = world.api->auth;
    uint8_t one[IX_DIGEST_LEN], two[IX_DIGEST_LEN], other[IX_DIGEST_LEN];
    const token_row rows[] = {row_of("one", "app::a", 9, one), row_of("two", "app::a", 9, two),
                              row_of("other", "app::b", 9, other)};
    for (size_t i = 0; i < 3; i++)
        CHECK(auth_token_added(auth, &rows[i], 0));

    auth_token_removed(auth, one);
    CHECK(!is_let_in(cx, auth, "one", 0));
    CHECK(is_let_in(cx, auth, "two", 0));
    remove_client(auth, "app::a");
    CHECK(!is_let_in(cx, auth, "two", 0));
    CHECK(is_let_in(cx, auth, "other", 0));
    auth_token_removed(auth, one);
}

TEST("a load knows what the store knows: tokens and spaces come and go with it")
{
    farm(cx);
    api_auth *auth = world.api->auth;
    uint8_t stored[IX_DIGEST_LEN], unknown[IX_DIGEST_LEN];
    const token_row row = row_of("stored", "app::a", INT64_MAX, stored);
    const token_row never = row_of("unknown", "app::a", INT64_MAX, unknown);
    CHECK(auth_token_added(auth, &never, 0));
    CHECK_OK(cx, store_begin(cx, world.store));
    CHECK_OK(cx, store_token_add(cx, world.store, &row));
    CHECK_OK(cx, store_space_add(cx, world.store, "attic", 1));
    CHECK_OK(cx, store_commit(cx, world.store));
    CHECK(!is_let_in(cx, auth, "stored", 0));
    CHECK(!auth_has_space(auth, "attic"));

    CHECK_OK(cx, api_refresh(cx, world.api, world.store));
    CHECK(is_let_in(cx, auth, "stored", 0));
    CHECK(!is_let_in(cx, auth, "unknown", 0));
    CHECK(auth_has_space(auth, "attic"));
    CHECK(!auth_has_space(auth, "att"));
}

TEST("expired tokens do not stay in memory, and loads leave them where they are")
{
    farm(cx);
    api_auth *auth = world.api->auth;
    uint8_t old[IX_DIGEST_LEN], new[IX_DIGEST_LEN];
    const token_row rows[] = {row_of("old", "app::a", 10, old),
                              row_of("new", "app::a", INT64_MAX, new)};
    CHECK(auth_token_added(auth, &rows[0], 0));
    CHECK(auth_token_added(auth, &rows[1], 100 * IX_SECOND_US));
    const char *client;
    CHECK_OK(cx, auth_find_client(cx, auth, old, &client));
    CHECK(!client);
    CHECK_OK(cx, auth_find_client(cx, auth, new, &client));
    CHECK_TEXT(client, "app::a");
}

/* ---- threads ---- */

enum { ROUNDS = 300, WATCHERS = 3 };

/* Asks all the time for a token that is always good. */
static void *watch(void *arg)
{
    api_auth *auth = arg;
    size_t refused = 0;
    for (int i = 0; i < ROUNDS * 3; i++) {
        ix_ctx cx;
        if (!ix_ctx_init(&cx, 0))
            return NULL;
        refused += !is_let_in(&cx, auth, "everything", 0);
        refused += !auth_has_space(auth, "farm");
        ix_ctx_done(&cx);
    }
    return refused ? NULL : auth;
}

/* Adds and removes others meanwhile. */
static void *change_tokens(void *arg)
{
    api_auth *auth = arg;
    for (int i = 0; i < ROUNDS; i++) {
        char name[32];
        uint8_t digest[IX_DIGEST_LEN];
        snprintf(name, sizeof name, "token %d", i);
        const token_row row = row_of(name, i % 2 ? "app::odd" : "app::even", INT64_MAX, digest);
        if (!auth_token_added(auth, &row, (int64_t)i * 70 * IX_SECOND_US))
            return NULL;
        if (i % 3 == 0)
            auth_token_removed(auth, digest);
        if (i % 50 == 0)
            remove_client(auth, "app::odd");
    }
    return auth;
}

TEST("expired tokens do not stay in memory after the clock was set back")
{
    farm(cx);
    api_auth *auth = world.api->auth;
    const int64_t later_us = INT64_C(2000000000) * IX_SECOND_US, now_us = later_us / 2;
    uint8_t digest[IX_DIGEST_LEN];
    const token_row first = row_of("first", "app::a", INT64_MAX, digest);
    CHECK(auth_token_added(auth, &first, later_us));
    const token_row expired = row_of("expired", "app::a", now_us - 1, digest);
    CHECK(auth_token_added(auth, &expired, now_us - 2));
    const size_t before = auth_token_count(auth);
    const token_row next = row_of("next", "app::a", INT64_MAX, digest);
    CHECK(auth_token_added(auth, &next, now_us + 61 * IX_SECOND_US));
    CHECK_INT(auth_token_count(auth), before);
}

TEST("tokens are checked, changed and loaded from several threads at a time")
{
    farm(cx);
    pthread_t watchers[WATCHERS], changer;
    for (size_t i = 0; i < WATCHERS; i++)
        CHECK(pthread_create(&watchers[i], NULL, watch, world.api->auth) == 0);
    CHECK(pthread_create(&changer, NULL, change_tokens, world.api->auth) == 0);
    for (int i = 0; i < ROUNDS; i++)
        CHECK_OK(cx, auth_load(cx, world.api->auth, world.store, 0));

    void *ok;
    for (size_t i = 0; i < WATCHERS; i++) {
        pthread_join(watchers[i], &ok);
        CHECK(ok != NULL);
    }
    pthread_join(changer, &ok);
    CHECK(ok != NULL);
}

static void *take_ids(void *arg)
{
    ix_ulid *last = arg;
    for (int i = 0; i < ROUNDS; i++) {
        const ix_ulid id = api_id_next(world.api, 1);
        if (strcmp(id.text, last->text) <= 0)
            return NULL;
        *last = id;
    }
    return last;
}

TEST("identifiers only grow, in every thread")
{
    farm(cx);
    ix_ulid last[WATCHERS] = {{{0}}};
    pthread_t threads[WATCHERS];
    for (size_t i = 0; i < WATCHERS; i++)
        CHECK(pthread_create(&threads[i], NULL, take_ids, &last[i]) == 0);
    for (size_t i = 0; i < WATCHERS; i++) {
        void *ok;
        pthread_join(threads[i], &ok);
        CHECK(ok != NULL);
    }
}

/* ---- words ---- */

TEST("words are what stands between blanks")
{
    ix_str rest = IX_STR(" farm  mill "), word;
    CHECK(name_list_next(&rest, &word) && ix_str_is(word, "farm"));
    CHECK(name_list_next(&rest, &word) && ix_str_is(word, "mill"));
    CHECK(!name_list_next(&rest, &word));
    rest = IX_STR("");
    CHECK(!name_list_next(&rest, &word));
}

TEST("a space that is removed lets nobody in, not even when there is one of its name again")
{
    farm(cx);
    api_auth *auth = world.api->auth;
    uint8_t digest[IX_DIGEST_LEN];
    const token_row row = row_of("t", "app::a", 9, digest);
    CHECK(auth_token_added(auth, &row, 0));
    CHECK(auth_space_added(auth, "mill"));
    CHECK(auth_has_space(auth, "mill"));
    auth_space_removed(auth, "farm");
    CHECK(!auth_has_space(auth, "farm"));
    CHECK(auth_space_added(auth, "farm"));
    api_caller who;
    CHECK_OK(cx, auth_check(cx, auth, IX_STR("Bearer t"), 0, &who));
    CHECK_TEXT(who.spaces, "mill");
}

TEST("a word is taken out of a list wherever it stands")
{
    static const char *const cases[][2] = {
        {"farm", ""},
        {"farm mill", "mill"},
        {"mill farm", "mill"},
        {"a farm b", "a b"},
        {"farms  farm a", "farms a"},
        {"", ""},
        {"farm farm", ""},
        {"mill", "mill"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *list = ix_strdup(cx, cases[i][0]);
        name_list_remove(list, IX_STR("farm"));
        CHECK_TEXT(list, cases[i][1]);
    }
}
